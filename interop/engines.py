"""DuckDB and chDB over the tables of a lake, on disk or on an object store."""

import importlib
import os
from pathlib import Path

import duckdb

from delta_log import active_files

TABLES = ["sessions", "ads", "chapters", "errors", "events"]

# For object stores on loopback.
ACCESS_KEY = "interop"
SECRET_KEY = "interop-secret"
REGION = "us-east-1"
BUCKET = "lake"


def extension(name: str) -> Path:
    """The file of an extension of DuckDB that came as a package."""
    package = importlib.import_module(f"duckdb_extension_{name}")
    folder = Path(package.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    return folder / f"{name}.duckdb_extension"


def duckdb_connection(extensions: list[str], threads: int = 2) -> duckdb.DuckDBPyConnection:
    """DuckDB with extensions; it does not download any."""
    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    connection = duckdb.connect(config=config)
    connection.execute(f"set threads = {threads}")
    for name in extensions:
        connection.execute(f"load '{extension(name)}'")
    connection.execute("set TimeZone = 'UTC'")
    return connection


def with_object_store(connection: duckdb.DuckDBPyConnection, endpoint: str) -> None:
    connection.execute(
        f"create secret (type s3, key_id '{ACCESS_KEY}', secret '{SECRET_KEY}', region '{REGION}',"
        f" endpoint '{endpoint}', url_style 'path', use_ssl false)"
    )


def views_over_delta(connection: duckdb.DuckDBPyConnection, lake: str, tables: list[str] = TABLES) -> None:
    """The tables of a lake through the extension for Delta tables."""
    for table in tables:
        connection.execute(f"create or replace view {table} as select * from delta_scan('{lake}/{table}')")


def views_over_files(connection: duckdb.DuckDBPyConnection, lake: Path, tables: list[str] = TABLES) -> None:
    """The tables of a lake as the Parquet files that their logs name."""
    for table in tables:
        files = ", ".join(f"'{file.path}'" for file in active_files(lake / table))
        connection.execute(
            f"create or replace view {table} as select * from read_parquet([{files}], hive_partitioning = true)"
        )


def object_store_environment(endpoint: str) -> dict[str, str]:
    """The environment variables that point programs to an object store on loopback."""
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": f"http://{endpoint}",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_ALLOW_HTTP": "true",
        "PLAYHEAD_TEST_S3_ENDPOINT": f"http://{endpoint}",
        "PLAYHEAD_TEST_S3_BUCKET": BUCKET,
        "PLAYHEAD_TEST_S3_ACCESS_KEY": ACCESS_KEY,
        "PLAYHEAD_TEST_S3_SECRET_KEY": SECRET_KEY,
    }
