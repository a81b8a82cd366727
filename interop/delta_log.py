"""The Parquet files of a Delta table, read from its log: the last checkpoint and the versions after it."""

import json
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import duckdb


class DataFile(NamedTuple):
    """A file of a table's latest version."""

    path: str
    size_bytes: int
    rows: int


def active_files(table: Path) -> list[DataFile]:
    """The data files of the table's latest version."""
    log = table / "_delta_log"
    files: dict[str, DataFile] = {}
    version = -1
    last_checkpoint = log / "_last_checkpoint"
    if last_checkpoint.exists():
        version = json.loads(last_checkpoint.read_text())["version"]
        for checkpoint in log.glob(f"{version:020}.checkpoint*.parquet"):
            adds = duckdb.sql(
                f"select add.path, add.size, add.stats from read_parquet('{checkpoint}') where add.path is not null"
            ).fetchall()
            for path, size_bytes, stats in adds:
                files[path] = data_file(table, path, size_bytes, stats)
    for commit in sorted(log.glob("*.json")):
        if not commit.stem.isdigit() or int(commit.stem) <= version:
            continue
        for line in commit.read_text().splitlines():
            action = json.loads(line)
            if "remove" in action:
                files.pop(action["remove"]["path"], None)
            if "add" in action:
                add = action["add"]
                files[add["path"]] = data_file(table, add["path"], add["size"], add.get("stats"))
    return list(files.values())


def data_file(table: Path, path: str, size_bytes: int, stats: str | None) -> DataFile:
    rows = json.loads(stats)["numRecords"] if stats else 0
    return DataFile(str(table / unquote(path)), size_bytes, rows)
