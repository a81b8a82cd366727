#!/usr/bin/env python3
"""Runs the same queries on Playhead and DuckDB over the same files, checks that the results agree, and prints the times.

    compare.py --bench target/release/playhead-bench --lake DIR --days 365
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from delta_log import active_files
from engines import TABLES, duckdb_connection, views_over_delta, views_over_files
from queries import Query, all_queries, as_json, top_content_sql

MEBIBYTE = 1024 * 1024


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", type=Path, required=True, help="the program playhead-bench")
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--days", type=int, required=True, help="days of the lake, from 2026-01-01 on")
    parser.add_argument("--turns", type=int, default=5, help="how often each query runs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--through-delta", action="store_true", help="DuckDB reads through its Delta extension")
    parser.add_argument("--only", default="", help="queries whose names have this part")
    call = parser.parse_args()
    call.bench, call.lake = call.bench.resolve(), call.lake.resolve()

    connection = duckdb_connection(["delta"] if call.through_delta else [], call.threads)
    if call.through_delta:
        views_over_delta(connection, str(call.lake))
    else:
        views_over_files(connection, call.lake)
    top_content = connection.execute(top_content_sql(call.days)).fetchone()
    queries = [each for each in all_queries(call.days, top_content) if call.only in each.name]

    responses = query_playhead(call, queries)
    print(f"DuckDB {duckdb.__version__}, {call.threads} threads each, medians of {call.turns}; {sizes(call.lake)}\n")
    print("| query | Playhead ms | DuckDB ms | Playhead : DuckDB |")
    print("|---|---:|---:|---:|")
    faults = []
    for query in queries:
        response = responses[query.name]
        rows, duckdb_ms = query_duckdb(connection, query, call.turns)
        if response["error"] is not None:
            faults.append(f"{query.name}: {response['error']}")
            continue
        fault = difference(query, query.rows(response["response"]), rows)
        if query.also is not None and fault is None:
            fault = difference(query, connection.execute(query.also).fetchall(), rows)
        if fault is not None:
            faults.append(f"{query.name}: {fault}")
        playhead_ms = response["median_ms"]
        print(f"| {query.name} | {playhead_ms:.1f} | {duckdb_ms:.1f} | {playhead_ms / duckdb_ms:.2f} |")
    print()
    for fault in faults:
        print(f"DISAGREES  {fault}")
    print(f"{len(queries) - len(faults)} of {len(queries)} results agree")
    return 1 if faults else 0


def query_playhead(call: argparse.Namespace, queries: list[Query]) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(as_json(queries))
        file.flush()
        command = [call.bench, "reports", "--lake", call.lake, "--queries", file.name]
        command += ["--turns", call.turns, "--threads", call.threads]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"playhead-bench failed: {done.stderr}")
    responses = [json.loads(line) for line in done.stdout.splitlines()]
    return {response["name"]: response for response in responses}


def query_duckdb(connection: duckdb.DuckDBPyConnection, query: Query, turns: int) -> tuple[list, float]:
    times = []
    for _ in range(max(turns, 1)):
        rows = []
        began = time.perf_counter()
        for statement in query.sql:
            rows += connection.execute(statement).fetchall()
        times.append((time.perf_counter() - began) * 1_000)
    return rows, statistics.median(times)


def difference(query: Query, found: list, expected: list) -> str | None:
    """The first difference; `None` without any."""
    if not expected:
        return "the query has no rows, so nothing was compared"
    found, expected = [list(row) for row in found], [list(row) for row in expected]
    if not query.ordered:
        found.sort(key=sort_key)
        expected.sort(key=sort_key)
    if len(found) != len(expected):
        return f"{len(found)} rows, {len(expected)} in DuckDB; {found[:2]} and {expected[:2]}"
    for one, other in zip(found, expected, strict=True):
        if not agree(one, other, query.tolerance):
            return f"{one}, in DuckDB {other}"
    return None


def sort_key(row: list) -> list:
    # Texts and whole numbers identify rows; computed numbers may differ in their last digits.
    return [str(value) for value in row if value is None or isinstance(value, str)] + [
        f"{value:020}" for value in row if isinstance(value, int)
    ]


def agree(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(agree(a, b, tolerance) for a, b in zip(one, other, strict=True))
    if one is None or other is None or isinstance(one, str) or isinstance(other, str):
        return one == other
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=tolerance)


def sizes(lake: Path) -> str:
    parts = []
    for table in TABLES:
        files = active_files(lake / table)
        size_bytes, rows = sum(file.size_bytes for file in files), sum(file.rows for file in files)
        each = size_bytes / max(rows, 1)
        parts.append(f"{table}: {rows:,} rows in {len(files)} files, {size_bytes / MEBIBYTE:,.0f} MiB, {each:.0f} bytes a row")
    return "; ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
