"""psqlODBC: what Excel, Power BI, Tableau and QlikView talk through on many machines."""

from datetime import datetime
from pathlib import Path

import pyodbc

from place import NUMBERS, TABLES, Place, same, same_numbers

DRIVERS = sorted(Path("/usr/lib").glob("*/odbc/psqlodbcw.so"))
# As it is, with each statement for itself, through cursors, and with statements prepared at the server or not.
MODES = {
    "default": "", "cursors": "UseDeclareFetch=1;Fetch=100;", "cursors in a transaction": "UseDeclareFetch=1;Fetch=7;Protocol=7.4-1;",
    "unprepared": "UseServerSidePrepare=0;", "savepoints": "Protocol=7.4-2;",
}  # fmt: skip


def version() -> str:
    return f"psqlODBC (pyodbc {pyodbc.version})"


def connect(place: Place, mode: str = "default", autocommit: bool = False, more: str = "") -> pyodbc.Connection:
    words = (
        f"Driver={DRIVERS[0]};Server={place.host};Port={place.port};Database={place.database};Uid={place.user};"
        f"Pwd={place.token};SSLmode=disable;{MODES[mode]}{more}"
    )
    return pyodbc.connect(words, autocommit=autocommit)


def check_numbers_in_all_modes(place: Place) -> None:
    for mode in MODES:
        for autocommit in (False, True):
            connection = connect(place, mode, autocommit)
            same_numbers(place, connection.execute(NUMBERS).fetchall())
            connection.close()


def check_it_reads_all_rows(place: Place) -> None:
    for mode in MODES:
        for autocommit in (False, True):
            connection = connect(place, mode, autocommit)
            rows = connection.execute("select g from generate_series(1, 1050) as t(g) order by g").fetchall()
            same([row[0] for row in rows], list(range(1, 1051)), f"rows ({mode}, autocommit: {autocommit})")
            for table in TABLES:
                same(len(connection.execute(f"select * from {table}").fetchall()), place.count(table), f"{table} ({mode})")
            connection.close()


def check_parameters(place: Place) -> None:
    [[first]] = place.http("select session_id from sessions order by session_id limit 1")
    for mode in MODES:
        connection = connect(place, mode)
        query = "select session_id from sessions where session_id = ? and ad_count >= ? and started_at < ?"
        rows = connection.execute(query, first, 0, datetime(2100, 1, 1)).fetchall()
        same([row[0] for row in rows], [first], f"parameters ({mode})")
        connection.close()


def check_catalogue(place: Place) -> None:
    for mode in ("default", "cursors"):
        connection = connect(place, mode, True)
        cursor = connection.cursor()
        same([row.table_name for row in cursor.tables(schema="public", tableType="TABLE")], TABLES, "tables")
        columns = {row.column_name: row for row in cursor.columns(table="sessions", schema="public")}
        for name, kind in {"session_id": "text", "started_at": "timestamptz", "content_time_spent": "float8", "ad_count": "int8",
                           "day": "date", "content_start": "bool"}.items():  # fmt: skip
            same(columns[name].type_name, kind, f"the type of {name}")
        same([row.ordinal_position for row in columns.values()], list(range(1, len(columns) + 1)), "places of columns")
        same(cursor.primaryKeys(table="sessions", schema="public").fetchall(), [], "the primary key")
        same(cursor.foreignKeys(table="sessions", schema="public").fetchall(), [], "foreign keys")
        cursor.statistics(table="sessions", schema="public").fetchall()
        cursor.rowIdColumns(table="sessions", schema="public").fetchall()
        cursor.procedures().fetchall()
        assert cursor.getTypeInfo().fetchall(), "no types"
        connection.close()


def check_transactions_and_errors(place: Place) -> None:
    for mode in MODES:
        connection = connect(place, mode)
        try:
            connection.execute("select nothing from sessions")
            raise AssertionError("a column that is missing was taken")
        except pyodbc.Error as error:
            same(error.args[0], "42703" if "42703" in str(error) else "42S22", f"{mode}: {error}")
        connection.rollback()
        same(connection.execute("select 1").fetchval(), 1, f"after an error ({mode})")
        connection.commit()
        connection.close()


def check_tls(place: Place) -> None:
    connection = pyodbc.connect(
        f"Driver={DRIVERS[0]};Server={place.host};Port={place.port};Database={place.database};Uid={place.user};"
        f"Pwd={place.token};SSLmode=require"
    )
    same_numbers(place, connection.execute(NUMBERS).fetchall())
    connection.close()
