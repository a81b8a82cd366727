"""The tables of a lake as DuckDB, chDB and Playhead read them: every column of every table, summed up in each.

A column is summed up so that a value that is lost, doubled or changed shows: how many values there are, their sum, their
lowest and highest.
"""

import contextlib
import json
import math
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chdb
import duckdb

from engines import ACCESS_KEY, SECRET_KEY, TABLES, duckdb_connection, views_over_delta, with_object_store

# A prime: sums of moments modulo it stay small and still distinguish moments.
MODULUS = 1_000_003


@dataclass
class Lake:
    """The location of a lake: a directory, or a prefix in a bucket of an object store."""

    url: str
    endpoint: str | None = None
    environment: dict[str, str] | None = None


@dataclass
class Column:
    """One number or text about a column, in the SQL of each reader."""

    name: str
    duckdb: str
    chdb: str
    playhead: str


def same(name: str, sql: str) -> Column:
    return Column(name, sql, sql, sql)


def summed_up(name: str, kind: str) -> list[Column]:
    """The numbers to compare of a column of this type (DuckDB's name)."""
    column = f'"{name}"'
    count = same(f"{name}: count", f"count({column})")
    if kind == "VARCHAR":
        lengths = Column(f"{name}: bytes", f"sum(strlen({column}))", f"sum(length({column}))", f"sum(octet_length({column}))")
        return [count, lengths, same(f"{name}: lowest", f"min({column})"), same(f"{name}: highest", f"max({column})")]
    if kind == "BOOLEAN":
        return [count, same(f"{name}: true", f"sum(case when {column} then 1 else 0 end)")]
    if kind in ("BIGINT", "DOUBLE"):
        # The sum of 64-bit fingerprints overflows 64 bits.
        value = f"{column} % {MODULUS}" if name == "visitor_key" else column
        return [count, same(f"{name}: sum", f"sum({value})"), same(f"{name}: highest", f"max({column})")]
    if kind == "DATE":
        return [count, Column(f"{name}: lowest", f"min({column})::varchar", f"toString(min({column}))", f"cast(min({column}) as varchar)")]
    if kind.startswith("TIMESTAMP"):
        us = f"epoch_us({column})", f"toUnixTimestamp64Micro({column})", f"cast({column} as bigint)"
        return [
            count,
            Column(f"{name}: lowest", *(f"min({each})" for each in us)),
            Column(f"{name}: sum", *(f"sum({each} % {MODULUS})" for each in us)),
        ]
    if kind.startswith("MAP"):
        values = (
            f"sum(list_sum(list_transform(map_values({column}), lambda v: strlen(v))))",
            f"sum(arraySum(arrayMap(v -> ifNull(length(v), 0), mapValues({column}))))",
            f"sum(octet_length(array_to_string(map_values({column}), '')))",
        )
        return [
            Column(f"{name}: entries", f"sum(cardinality({column}))", f"sum(length({column}))", f"sum(cardinality({column}))"),
            Column(f"{name}: bytes", *values),
        ]
    lengths = Column(
        f"{name}: items", f"sum(len({column}))", f"sum(length({column}))", f"sum(coalesce(array_length({column}), 0))"
    )
    if kind == "VARCHAR[]":
        texts = (
            f"sum(strlen(array_to_string({column}, '')))",
            f"sum(length(arrayStringConcat(arrayMap(v -> ifNull(v, ''), {column}))))",
            f"sum(octet_length(array_to_string({column}, '')))",
        )
        return [lengths, Column(f"{name}: bytes", *texts)]
    return [lengths]


def span_sums(name: str, kind: str) -> list[str] | None:
    """Queries for both numbers of all items of a column of spans or states, one for each reader."""
    if not kind.startswith("STRUCT"):
        return None
    fields = ("count", "time") if '"count"' in kind or "count BIGINT" in kind else ("from", "to")
    is_of_moments = "TIMESTAMP" in kind

    def both(field: str, as_us: str) -> str:
        values = [field.format(name=each) for each in fields]
        return ", ".join(f"sum({as_us.format(value)} % {MODULUS})" if is_of_moments else f"sum({value})" for value in values)

    items = '(select {unnest}("{name}") as item from {{table}})'
    sums = {
        "unnest": [both('item."{name}"', "epoch_us({})"), both("item['{name}']", "cast({} as bigint)")],
        "arrayJoin": [both("tupleElement(item, '{name}')", "toUnixTimestamp64Micro({})")],
    }
    in_duckdb, in_playhead = (f"select {each} from {items.format(unnest='unnest', name=name)}" for each in sums["unnest"])
    in_chdb = f"select {sums['arrayJoin'][0]} from {items.format(unnest='arrayJoin', name=name)}"
    return [in_duckdb, in_chdb, in_playhead]


def compare_tables(lake: Lake, bench: Path, tables: list[str] = TABLES) -> list[str]:
    """The differences between the readers. Prints a line for each table."""
    connection = duckdb_connection(["delta"] if lake.endpoint is None else ["delta", "httpfs"])
    if lake.endpoint is not None:
        with_object_store(connection, lake.endpoint)
    views_over_delta(connection, lake.url, tables)
    queries: list[tuple[str, str, list, list]] = []
    faults: list[str] = []
    for table in tables:
        described = connection.execute(f"describe {table}").fetchall()
        kinds = {row[0]: row[1] for row in described}
        columns = [same("rows", "count(*)")]
        for name, kind in kinds.items():
            columns += summed_up(name, kind)
        names = [column.name for column in columns]
        statements = [
            f"select {', '.join(getattr(column, reader) for column in columns)} from {{table}}"
            for reader in ("duckdb", "chdb", "playhead")
        ]
        requests = [(names, *statements)]
        for name, kind in kinds.items():
            spans = span_sums(name, kind)
            if spans is not None:
                requests.append(([f"{name}: first", f"{name}: second"], *spans))
        for names, in_duckdb, in_chdb, in_playhead in requests:
            by_duckdb = list(connection.execute(in_duckdb.format(table=table)).fetchone())
            by_chdb = query_chdb(lake, in_chdb, table)
            queries.append((table, in_playhead.format(table=table), names, by_duckdb))
            faults += differences(f"{table}, DuckDB and chDB", names, by_duckdb, by_chdb)
        rows = connection.execute(f"select count(*) from {table}").fetchone()[0]
        print(f"     {table}: {rows} rows, {len(kinds)} columns")
        if rows == 0:
            faults.append(f"{table}: there is nothing to compare")
    responses = query_playhead(lake, bench, [statement for _, statement, _, _ in queries])
    for (table, _, names, by_duckdb), response in zip(queries, responses, strict=True):
        if response["error"] is not None:
            faults.append(f"{table}: {response['error']}")
            continue
        faults += differences(f"{table}, DuckDB and Playhead", names, by_duckdb, response["response"][0])
    return faults


def query_chdb(lake: Lake, statement: str, table: str) -> list:
    if lake.endpoint is None:
        source, folder = f"deltaLakeLocal('{lake.url}/{table}')", lake.url
    else:
        folder = "."
        path = lake.url.removeprefix("s3://")
        source = f"deltaLake('http://{lake.endpoint}/{path}/{table}', '{ACCESS_KEY}', '{SECRET_KEY}')"
    try:
        # chDB reads only files below the current directory.
        with contextlib.chdir(folder):
            response = chdb.query(statement.format(table=source), "JSONCompactEachRow")
    except Exception as error:
        # The message repeats the long statement.
        raise SystemExit(f"chDB cannot read {table}: {str(error)[:300]}") from None
    return json.loads(str(response).splitlines()[0])


def query_playhead(lake: Lake, bench: Path, statements: list[str]) -> list[Any]:
    requests = [{"name": str(place), "kind": "sql", "query": statement} for place, statement in enumerate(statements)]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(requests, file)
        file.flush()
        command = [str(bench), "reports", "--lake", lake.url, "--queries", file.name, "--turns", "1"]
        done = subprocess.run(command, capture_output=True, text=True, env=lake.environment)
    if done.returncode != 0:
        raise SystemExit(f"playhead-bench failed: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def differences(what: str, names: list[str], found: list, expected: list) -> list[str]:
    pairs = zip(names, found, expected, strict=True)
    return [f"{what}: {name}: {one} and {other}" for name, one, other in pairs if not is_same(one, other)]


def is_same(one: Any, other: Any) -> bool:
    # A sum over no rows is null in one engine and 0 in another.
    one, other = (None if value in (0, "0", "0.0", "") else value for value in (one, other))
    if one is None or other is None:
        return one == other
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-6)
    except ValueError:
        return str(one) == str(other)
