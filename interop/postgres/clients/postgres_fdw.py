"""A real PostgreSQL that reads the tables as foreign tables, joined with its own."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from place import NUMBERS, TABLES, Place, same, same_numbers

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def version() -> str:
    done = subprocess.run([PROGRAMS[-1] / "postgres", "--version"], capture_output=True, text=True, check=True)
    return f"postgres_fdw of {done.stdout.strip()}"


@contextlib.contextmanager
def postgresql(place: Place, locale: str = "C") -> Iterator[psycopg.Connection]:
    """A PostgreSQL of its own, reachable through a socket only, with the tables imported."""
    # It refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="fdw-"))
    try:
        authority = shutil.copy(place.authority, folder)
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        as_user = {"user": user, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "cwd": folder,
                   "env": {**os.environ, "HOME": str(folder)}}  # fmt: skip
        if os.geteuid() != 0:
            del as_user["user"]
        command = [PROGRAMS[-1] / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", f"--locale={locale}"]
        done = subprocess.run(command, **as_user)
        assert done.returncode == 0, done.stdout
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c shared_buffers=16MB"
        command = [PROGRAMS[-1] / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options]
        done = subprocess.run([*command, "start"], **(as_user | {"stdout": subprocess.DEVNULL}))
        assert done.returncode == 0, (folder / "log").read_text()
        try:
            with psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True) as connection:
                attach(connection, place, authority)
                yield connection
        finally:
            subprocess.run([*command, "-m", "immediate", "stop"], **(as_user | {"stdout": subprocess.DEVNULL}))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def attach(connection: psycopg.Connection, place: Place, authority: str) -> None:
    connection.execute("create extension postgres_fdw")
    connection.execute(
        f"create server playhead foreign data wrapper postgres_fdw options (host '{place.host}', port '{place.port}',"
        f" dbname '{place.database}', fetch_size '3', sslmode 'verify-full', sslrootcert '{authority}')"
    )
    connection.execute(f"create user mapping for postgres server playhead options (user '{place.user}', password '{place.token}')")
    connection.execute("create schema playhead")
    connection.execute("import foreign schema public from server playhead into playhead")
    connection.execute("set search_path = playhead")


def check_tables_are_imported_and_read(place: Place) -> None:
    with postgresql(place) as connection:
        names = connection.execute("select table_name from information_schema.tables where table_schema = 'playhead' order by 1")
        same([row[0] for row in names], TABLES, "imported tables")
        same_numbers(place, connection.execute(NUMBERS).fetchall())
        for table in TABLES:
            same(len(connection.execute(f"select * from {table}").fetchall()), place.count(table), f"select * from {table}")
        compare_conditions(connection, place)
        compare_joins(connection, place)
        with connection.transaction():
            same(connection.execute("select count(*) from sessions").fetchone(), (place.count("sessions"),), "in a transaction")
            same(connection.execute("select count(*) from ads").fetchone(), (place.count("ads"),), "in the same transaction")


def compare_conditions(connection: psycopg.Connection, place: Place) -> None:
    for condition in (
        "ad_count > 0", "content_name like 'Click%'", "started_at < timestamptz '2100-01-01 00:00:00+00'", "day < date '2100-01-01'",
        "content_start", "content_time_spent between 1.5 and 1e6", "ad_count is not null and session_id is distinct from 'x'",
    ):  # fmt: skip
        query = f"select count(*) from sessions where {condition}"
        same([list(connection.execute(query).fetchone())], place.http(query), condition)


def compare_joins(connection: psycopg.Connection, place: Place) -> None:
    join = "select count(*) from sessions s join ads a on a.session_id = s.session_id where a.ad_number = 1"
    same([list(connection.execute(join).fetchone())], place.http(join), "a join at the server")
    connection.execute("create table public.owners as select distinct content_name, 'owner of ' || content_name as owner from sessions")
    own = "select count(*) from sessions s join public.owners o on o.content_name = s.content_name"
    same(connection.execute(own).fetchone(), (place.count("sessions"),), "a join with a table of its own")
    ordered = connection.execute("select session_id from sessions order by session_id collate \"C\" limit 5").fetchall()
    same([list(row) for row in ordered], place.http("select session_id from sessions order by session_id limit 5"), "the first five")
