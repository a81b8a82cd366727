"""Replays the documented sessions to a server, ends it, and reads its tables with other engines."""

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import chdb
import duckdb

from engines import duckdb_connection, views_over_delta

ROOT = Path(__file__).resolve().parent.parent
TIMELINES = sorted((ROOT / "testdata" / "timelines").glob("*[a-z].json"))
DEADLINE_S = 60
TOKEN = "token-of-the-tests"
# Columns of the documented rows with a plain type in every engine.
COLUMNS = [
    "media_start", "content_resume", "content_start", "content_complete", "drop_before_start", "content_time_spent",
    "ad_time_spent", "media_time_spent", "unique_time_played", "total_pause_duration", "total_buffer_duration",
    "total_stall_duration", "pause_events", "buffer_events", "stall_events", "error_events", "bitrate_changes", "ad_count",
    "ad_completes", "chapter_count", "chapter_completes", "progress_10", "progress_25", "progress_50", "progress_75",
    "progress_95", "content_segment", "estimated_streams", "close_reason",
]  # fmt: skip


def compare_timelines(playhead: Path, data: Path) -> list[str]:
    """The differences between the documented rows and the tables."""
    timelines = [path for path in TIMELINES if not path.name.endswith(".expected.json")]
    documented = [json.loads(path.with_name(f"{path.stem}.expected.json").read_text()) for path in timelines]
    replay(playhead, data, timelines)
    expected = sorted(([row[column] for column in COLUMNS] for row in documented), key=str)
    views = sum(len(row["ads"]) for row in documented), sum(len(row["chapters"]) for row in documented)
    faults = []
    for name, (rows, found_views) in {"DuckDB": by_duckdb(data / "lake"), "chDB": by_chdb(data / "lake")}.items():
        rows = sorted(rows, key=str)
        faults += [f"{name}: {row}, documented {wanted}" for row, wanted in zip(rows, expected) if row != wanted]
        if len(rows) != len(expected) or found_views != views:
            faults.append(f"{name}: {len(rows)} sessions, {found_views} ads and chapters; {len(expected)}, {views} documented")
    return faults


def replay(playhead: Path, data: Path, timelines: list[Path]) -> None:
    """A server accepts the sessions, lets them time out, and moves them into the tables when it is told to end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLAYHEAD_")}
    environment["PLAYHEAD_ADMIN_TOKEN"] = TOKEN
    command = [playhead, "serve", "--listen", "127.0.0.1:0", "--data", data, "--idle-timeout", "1500ms"]
    command += ["--reorder-window", "200ms"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            banner = ""
            while "/api/v1/sessions" not in banner:
                line = server.stdout.readline()
                if not line:
                    raise RuntimeError(f"the server did not start: {banner}")
                banner += line
            address = banner.split("collection", 1)[1].split("/api/v1/sessions")[0].strip()
            subprocess.run([playhead, "replay", *timelines, "--to", address], env=environment, check=True, capture_output=True)
            wait_until_closed(address, len(timelines))
        finally:
            server.send_signal(signal.SIGTERM)
            server.stdout.read()


def wait_until_closed(address: str, count: int) -> None:
    """Asks the server itself: a reader of its directory would close due sessions without waiting for the server."""
    request = urllib.request.Request(f"{address}/reports/v1/sessions?open=false", headers={"Authorization": f"Bearer {TOKEN}"})
    began = time.monotonic()
    while time.monotonic() - began < DEADLINE_S:
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as response:
            if len(json.load(response)["sessions"]) == count:
                return
        time.sleep(0.1)
    raise RuntimeError("the sessions did not close")


def by_duckdb(lake: Path) -> tuple[list[list[Any]], tuple[int, int]]:
    connection: duckdb.DuckDBPyConnection = duckdb_connection(["delta"])
    views_over_delta(connection, str(lake), ["sessions", "ads", "chapters"])
    rows = connection.execute(f"select {', '.join(COLUMNS)} from sessions").fetchall()
    count = lambda table: connection.execute(f"select count(*) from {table}").fetchone()[0]
    return [list(row) for row in rows], (count("ads"), count("chapters"))


def by_chdb(lake: Path) -> tuple[list[list[Any]], tuple[int, int]]:
    def read(statement: str) -> list[list[Any]]:
        # chDB reads only files below the current directory.
        with contextlib.chdir(lake):
            lines = str(chdb.query(statement, "JSONCompactEachRow")).splitlines()
        return [json.loads(line) for line in lines]

    source = lambda table: f"deltaLakeLocal('{lake / table}')"
    rows = read(f"select {', '.join(COLUMNS)} from {source('sessions')} settings output_format_json_quote_64bit_integers = 0")
    counts = [read(f"select toInt32(count()) from {source(table)}")[0][0] for table in ("ads", "chapters")]
    return rows, (counts[0], counts[1])
