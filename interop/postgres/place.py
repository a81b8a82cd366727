"""A server with the documented sessions, as clients of its PostgreSQL port see it, and the same numbers over HTTP."""

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
TLS = ROOT / "testdata" / "tls"
TIMELINES = [ROOT / "testdata" / "timelines" / f"{name}.json" for name in ("1-view-to-end", "2-user-abandons", "3-chapters")]
# Enough rows for a client to read them in more than one page.
REPLAYS = 4
DEADLINE_S = 60
TOKEN = "token-of-the-tests"

TABLES = ["ads", "chapters", "errors", "events", "exclusions", "sessions"]
# What each client asks, and HTTP as well.
NUMBERS = (
    "select close_reason, count(*) as sessions, sum(content_time_spent) as seconds, sum(ad_count) as ads,"
    " avg(content_time_spent) as mean from sessions group by close_reason order by close_reason"
)
# Works for longer than any test.
ENDLESS = (
    "select count(*) from generate_series(1, 300000) as a(x), generate_series(1, 300000) as b(y) where x % 7 = y % 11"
)


@dataclass(frozen=True)
class Place:
    """Where the server is."""

    base: str
    port: int
    folder: Path
    host: str = "localhost"
    user: str = "anybody"
    database: str = "playhead"
    token: str = TOKEN
    authority: Path = TLS / "ca.pem"
    other_authority: Path = TLS / "other-ca.pem"

    def libpq(self, **more: object) -> str:
        """A connection string of libpq."""
        words = {"host": self.host, "port": self.port, "user": self.user, "dbname": self.database, "password": self.token}
        return " ".join(f"{name}={value}" for name, value in {**words, **more}.items())

    def environment(self) -> dict[str, str]:
        """The environment of a program that reads it as libpq does."""
        names = {
            "PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": self.user, "PGPASSWORD": self.token,
            "PGDATABASE": self.database, "PGCONNECT_TIMEOUT": "30", "PGSSLROOTCERT": str(self.authority),
        }  # fmt: skip
        return {**os.environ, **names}

    def http(self, query: str) -> list[list[Any]]:
        """The rows of a statement over HTTP."""
        request = urllib.request.Request(
            f"{self.base}/reports/v1/sql",
            data=json.dumps({"query": query}).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as response:
            return json.load(response)["rows"]

    def numbers(self) -> list[list[Any]]:
        """What each client must get for `NUMBERS`."""
        rows = self.http(NUMBERS)
        assert len(rows) > 1, f"too little to compare: {rows}"
        return rows

    def count(self, table: str) -> int:
        return int(self.http(f"select count(*) from {table}")[0][0])


def same(found: object, expected: object, what: str = "") -> None:
    """Fails in words unless both are equal."""
    assert found == expected, f"{what or 'it'} gave {found!r}; {expected!r} is right"


def same_numbers(place: Place, rows: Iterator) -> None:
    """Compares the rows of `NUMBERS`, whatever a client makes of their types, with those over HTTP."""
    plain = [[row[0], int(row[1]), float(row[2]), int(row[3]), float(row[4])] for row in rows]
    expected = [[row[0], int(row[1]), float(row[2]), int(row[3]), float(row[4])] for row in place.numbers()]
    same(plain, expected, "the numbers")


@contextlib.contextmanager
def served(playhead: Path, folder: Path) -> Iterator[Place]:
    """A server with sessions that have closed, some of them in the tables and some in the journal."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLAYHEAD_")}
    environment |= {"PLAYHEAD_ADMIN_TOKEN": TOKEN, "PLAYHEAD_TOKEN": TOKEN}
    command = [playhead, "serve", "--listen", "127.0.0.1:0", "--postgres-listen", "127.0.0.1:0", "--data", folder / "data"]
    command += ["--idle-timeout", "1500ms", "--reorder-window", "200ms", "--query-timeout", "50s"]
    command += ["--postgres-tls-certificate", TLS / "server.pem", "--postgres-tls-key", TLS / "server.key"]
    log = (folder / "server.log").open("w")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as server:
        try:
            banner = ""
            while "curl " not in banner:
                line = server.stdout.readline()
                if not line:
                    raise RuntimeError(f"the server did not start: {banner}{(folder / 'server.log').read_text()}")
                banner += line
            base = banner.split("collection", 1)[1].split("/api/v1/sessions")[0].strip()
            port = int(banner.split("host=127.0.0.1 port=", 1)[1].split()[0])
            place = Place(base, port, folder)
            first, rest = TIMELINES[:1], TIMELINES[1:]
            for count, timelines in ((1, first), (1 + REPLAYS * len(rest), rest * REPLAYS)):
                for timeline in timelines:
                    command = [playhead, "replay", timeline, "--to", base]
                    subprocess.run(command, env=environment, check=True, capture_output=True)
                wait_until_closed(place, count)
                if timelines == first:
                    command = [playhead, "maintain", "--server", base]
                    subprocess.run(command, env=environment, check=True, capture_output=True)
            yield place
        finally:
            server.send_signal(signal.SIGTERM)
            server.stdout.read()
            log.close()


def wait_until_closed(place: Place, count: int) -> None:
    began = time.monotonic()
    while time.monotonic() - began < DEADLINE_S:
        if place.http("select count(*) from sessions where not is_open") == [[count]]:
            return
        time.sleep(0.1)
    raise RuntimeError("the sessions did not close")
