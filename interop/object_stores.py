"""Object stores on loopback, for as long as a test needs them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from engines import ACCESS_KEY, BUCKET, SECRET_KEY

READY_SECONDS = 60
STOP_SECONDS = 10


def free_ports(count: int) -> list[int]:
    """Free ports. Those 10,000 above are free as well, because SeaweedFS uses them."""
    ports: list[int] = []
    for port in range(20_000 + os.getpid() % 5_000, 40_000):
        if all(is_free(each) for each in (port, port + 10_000)):
            ports.append(port)
        if len(ports) == count:
            return ports
    sys.exit("no free ports")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def running(command: list[str], log: Path, environment: dict[str, str], folder: str) -> Iterator[subprocess.Popen]:
    """A process that ends with the context, with its output in a file."""
    with log.open("w") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT, env=environment, cwd=folder)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(process: subprocess.Popen, endpoint: str, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"http://{endpoint}/", timeout=1).close()
            return
        except urllib.error.HTTPError:
            # Any response will do, also a refusal.
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"an object store does not respond:\n{log.read_text()[-3_000:]}")


@contextlib.contextmanager
def seaweedfs() -> Iterator[str]:
    """SeaweedFS with a bucket; yields its endpoint."""
    with tempfile.TemporaryDirectory() as folder:
        master, volume, filer, s3, admin = free_ports(5)
        command = [
            str(Path(sys.executable).parent / "weed"), "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-bucket={BUCKET}", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}",
            f"-s3.port={s3}", f"-admin.port={admin}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false",
            "-admin.ui=false", "-master.telemetry=false", f"-s3.localSocket={folder}/s3.sock",
            f"-filer.localSocket={folder}/filer.sock",
        ]
        environment = {**os.environ, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        log = Path(folder) / "printed.log"
        with running(command, log, environment, folder) as process:
            wait_until_ready(process, f"127.0.0.1:{s3}", log)
            wait_for_bucket(process, log)
            yield f"127.0.0.1:{s3}"


def wait_for_bucket(process: subprocess.Popen, log: Path) -> None:
    # The program creates the bucket last and prints it.
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if "ready to use" in log.read_text(errors="replace"):
            return
        time.sleep(0.1)
    sys.exit(f"SeaweedFS does not get ready:\n{log.read_text(errors='replace')[-3_000:]}")


@contextlib.contextmanager
def moto() -> Iterator[str]:
    """Moto with a bucket; yields its endpoint."""
    with tempfile.TemporaryDirectory() as folder:
        [port] = free_ports(1)
        endpoint = f"127.0.0.1:{port}"
        command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        log = Path(folder) / "printed.log"
        with running(command, log, dict(os.environ), folder) as process:
            wait_until_ready(process, endpoint, log)
            request = urllib.request.Request(f"http://{endpoint}/{BUCKET}", method="PUT")
            urllib.request.urlopen(request, timeout=10).close()
            yield endpoint


STORES = {"SeaweedFS": seaweedfs, "moto": moto}
