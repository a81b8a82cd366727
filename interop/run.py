#!/usr/bin/env python3
"""The checks of scripts/interop: other engines and object stores over tables that Playhead wrote. Exits 1 on a difference."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engines import BUCKET, object_store_environment
from object_stores import STORES
from read_tables import Lake, compare_tables
from timelines import compare_timelines

ROOT = Path(__file__).resolve().parent.parent
# Enough sessions on each day for rollups.
DISK_SESSIONS, DISK_DAYS = 15_000, 5
STORE_SESSIONS, STORE_DAYS = 1_500, 2
# Enough for playheads to move.
LEAST_EVENTS = 10_000


class Checks:
    """The checks and their results."""

    def __init__(self) -> None:
        self.summary: list[str] = []
        self.has_failed = False

    def run(self, name: str, check: Callable[[], list[str]]) -> None:
        print(f"---- {name}", flush=True)
        began = time.monotonic()
        try:
            faults = check()
        except (Exception, SystemExit) as error:
            faults = [f"{type(error).__name__}: {error}"]
        for fault in faults[:20]:
            print(f"     {fault}")
        self.has_failed |= bool(faults)
        self.summary.append(f"{'FAILED' if faults else 'ok':<7}{name} ({time.monotonic() - began:.0f} s)")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", type=Path, required=True, help="the program playhead-bench")
    parser.add_argument("--playhead", type=Path, required=True, help="the program playhead")
    parser.add_argument("--only", default="", help="checks whose names have this part")
    call = parser.parse_args()
    bench, playhead = call.bench.resolve(), call.playhead.resolve()
    checks = Checks()

    def check(name: str, what: Callable[[], list[str]]) -> None:
        if call.only in name:
            checks.run(name, what)

    with tempfile.TemporaryDirectory(prefix="playhead-interop-") as folder:
        timelines = lambda: compare_timelines(playhead, Path(folder) / "timelines")
        check("DuckDB and chDB read the documented sessions, with no server running", timelines)
        lake = f"{folder}/lake"
        checks.run("generate a lake on disk", lambda: generate(bench, lake, DISK_SESSIONS, DISK_DAYS, dict(os.environ)))
        check("DuckDB, chDB and Playhead read it alike", lambda: compare_tables(Lake(lake), bench))
        check("results agree with SQL in DuckDB", lambda: compare_responses(bench, lake))
        for name, store in STORES.items():
            if call.only not in f"{name} lake tests, tables":
                continue
            with store() as endpoint:
                environment = object_store_environment(endpoint)
                check(f"{name}: lake tests", lambda: lake_tests(environment))
                url = f"s3://{BUCKET}/generated"
                generated = lambda: generate(bench, url, STORE_SESSIONS, STORE_DAYS, environment)
                check(f"{name}: generate a lake", generated)
                tables = lambda: compare_tables(Lake(url, endpoint, environment), bench)
                check(f"{name}: DuckDB, chDB and Playhead read it alike", tables)
    print("\n" + "\n".join(checks.summary))
    return 1 if checks.has_failed else 0


def generate(bench: Path, out: str, sessions: int, days: int, environment: dict[str, str]) -> list[str]:
    command = [str(bench), "lake", f"--sessions={sessions}", f"--days={days}", f"--events={max(sessions, LEAST_EVENTS)}", f"--out={out}"]
    return failure(subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True))


def compare_responses(bench: Path, lake: str) -> list[str]:
    script = str(ROOT / "interop" / "compare.py")
    command = [sys.executable, script, "--bench", str(bench), "--lake", lake, f"--days={DISK_DAYS}", "--turns=1", "--through-delta"]
    return failure(subprocess.run(command, stderr=subprocess.PIPE, text=True))


def lake_tests(environment: dict[str, str]) -> list[str]:
    # Built with the features of all packages, as for the other tests; no other package has tests of that name.
    command = ["cargo", "test", "--locked", "--workspace", "--test", "all", "--", "object_store::", "--include-ignored"]
    return failure(subprocess.run(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True))


def failure(done: subprocess.CompletedProcess) -> list[str]:
    return [] if done.returncode == 0 else [f"exit code {done.returncode}", *done.stderr.splitlines()[-15:]]


if __name__ == "__main__":
    sys.exit(main())
