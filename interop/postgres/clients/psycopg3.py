"""psycopg 3: parameters, binary results, server-side cursors, pipelines, COPY, cancelling."""

import asyncio
import threading
from datetime import UTC, datetime

import psycopg
from psycopg.rows import dict_row
from psycopg.types import TypeInfo

from place import ENDLESS, NUMBERS, TABLES, Place, same, same_numbers


def version() -> str:
    return f"psycopg {psycopg.__version__} (libpq {psycopg.pq.version()})"


def connect(place: Place, **more: object) -> psycopg.Connection:
    return psycopg.connect(place.libpq(), **more)


def check_numbers_in_text_and_binary(place: Place) -> None:
    with connect(place) as connection:
        same_numbers(place, connection.execute(NUMBERS).fetchall())
        same_numbers(place, connection.execute(NUMBERS, binary=True).fetchall())


def check_all_columns_of_all_tables(place: Place) -> None:
    with connect(place, row_factory=dict_row) as connection:
        for table in TABLES:
            rows = {}
            for binary in (False, True):
                rows[binary] = connection.execute(f"select * from {table} order by 2, 1", binary=binary).fetchall()
                same(len(rows[binary]), place.count(table), f"select * from {table}")
            texts = [sorted(map(repr, rows[binary])) for binary in (False, True)]
            assert texts[0] == texts[1], f"{table}: text and binary differ: {first_difference(rows[False], rows[True])}"


def first_difference(one: list[dict], other: list[dict]) -> str:
    for row, twin in zip(one, other):
        for name, value in row.items():
            if value != twin[name]:
                return f"{name} is {value!r} and {twin[name]!r}"
    return "in their order"


def check_values_have_their_types(place: Place) -> None:
    query = "select started_at, day, content_time_spent, ad_count, content_start, diagnoses, custom_metadata, active_spans from sessions"
    with connect(place) as connection:
        for binary in (False, True):
            row = connection.execute(query, binary=binary).fetchone()
            kinds = [type(value).__name__ for value in row]
            same(kinds, ["datetime", "date", "float", "int", "bool", "list", "dict", "list"], f"types (binary: {binary})")
            assert row[0].tzinfo is not None, "a moment without a time zone"


def check_parameters(place: Place) -> None:
    [[first, count]] = place.http("select session_id, ad_count from sessions order by session_id limit 1")
    with connect(place) as connection:
        one = "select ad_count from sessions where session_id = %s"
        for options in ({}, {"binary": True}, {"prepare": True}):
            same(connection.execute(one, [first], **options).fetchall(), [(count,)], f"a text {options}")
        query = "select count(*) from sessions where ad_count >= %s and content_time_spent > %s and started_at < %s"
        moment = datetime(2100, 1, 1, tzinfo=UTC)
        same(connection.execute(query, [0, -1.5, moment]).fetchone(), (place.count("sessions"),), "numbers and a moment")
        same(connection.execute("select count(*) from sessions where session_id = any(%s)", [[first, "x"]]).fetchone(), (1,), "a list")
        same(connection.execute("select %s::int + 1, %s::text || 'b', %s::text is null", [1, "a", None]).fetchone(), (2, "ab", True))
        same(connection.execute("select count(*) from sessions limit %s", [5]).fetchone(), (place.count("sessions"),), "a limit")


def check_server_side_cursors_read_all_rows(place: Place) -> None:
    with connect(place) as connection:
        with connection.cursor(name="rows") as cursor:
            cursor.itersize = 100
            cursor.execute("select g from generate_series(1, 1050) as t(g) order by g")
            same([row[0] for row in cursor], list(range(1, 1051)), "a named cursor")
        with connection.cursor(name="held", withhold=True) as cursor:
            cursor.execute(NUMBERS)
            connection.commit()
            same_numbers(place, cursor.fetchall())
        with connection.cursor(name="binary", binary=True, scrollable=False) as cursor:
            cursor.execute(NUMBERS)
            same_numbers(place, [*cursor.fetchmany(1), *cursor.fetchall()])


def check_streams_and_pipelines(place: Place) -> None:
    with connect(place, autocommit=True) as connection:
        with connection.cursor() as cursor:
            same(sum(1 for _ in cursor.stream("select * from generate_series(1, 5000)")), 5000, "a stream")
    with connect(place, autocommit=True) as connection:
        with connection.pipeline():
            cursors = [connection.execute("select %s::int", [number]) for number in range(20)]
            same([cursor.fetchone()[0] for cursor in cursors], list(range(20)), "a pipeline")


def check_copy_to(place: Place) -> None:
    rows = [tuple(row) for row in place.http("select session_id, ad_count from sessions order by 1")]
    statement = "copy (select session_id, ad_count from sessions order by 1) to stdout"
    with connect(place) as connection:
        cursor = connection.cursor()
        for form in ("", " (format binary)"):
            with cursor.copy(statement + form) as copy:
                copy.set_types(["text", "int8"])
                same(list(copy.rows()), rows, f"copy{form}")
        with cursor.copy("copy sessions to stdout (format csv, header)") as copy:
            text = b"".join(copy).decode()
        same(text.count("\n"), place.count("sessions") + 1, "lines of a table")


def check_transactions_and_savepoints(place: Place) -> None:
    with connect(place) as connection:
        with connection.transaction():
            same(connection.execute("select 1").fetchone(), (1,))
            try:
                with connection.transaction():
                    connection.execute("select nothing from sessions")
            except psycopg.errors.UndefinedColumn:
                pass
            same(connection.execute("select 2").fetchone(), (2,), "after a savepoint")
        connection.execute("select 1")
        connection.rollback()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        same(connection.execute("select 3").fetchone(), (3,), "in a read-only transaction")


def check_errors_are_those_of_their_kind(place: Place) -> None:
    errors = psycopg.errors
    mistakes = {
        "select nothing from sessions": errors.UndefinedColumn,
        "select * from nothing": errors.UndefinedTable,
        "selec 1": errors.SyntaxError,
        "select 1 / 0": errors.DivisionByZero,
        "select 'x'::int": errors.InvalidTextRepresentation,
        "select nothing(1)": errors.UndefinedFunction,
    }
    with connect(place, autocommit=True) as connection:
        for statement, kind in mistakes.items():
            for binary in (False, True):
                try:
                    connection.execute(statement, binary=binary)
                except psycopg.Error as error:
                    assert isinstance(error, kind), f"{statement}: {type(error).__name__} {error.sqlstate}: {error}"
                else:
                    raise AssertionError(f"{statement} was taken")
        for statement in ("create table x (a int)", "insert into sessions (session_id) values ('x')", "drop table sessions"):
            try:
                connection.execute(statement)
            except psycopg.errors.ReadOnlySqlTransaction:
                continue
            raise AssertionError(f"{statement} was taken")
    with connect(place) as connection:
        for statement in ("select nothing from sessions", "select 1"):
            try:
                connection.execute(statement)
            except psycopg.Error as error:
                last = error
        assert isinstance(last, errors.InFailedSqlTransaction), f"after an error: {last!r}"


def check_cancelling_and_timeouts(place: Place) -> None:
    for mode in ("disable", "require"):
        with psycopg.connect(place.libpq(sslmode=mode), autocommit=True) as connection:
            timer = threading.Timer(0.5, connection.cancel)
            timer.start()
            expect_cancelled(connection, ENDLESS)
            timer.join()
            same(connection.execute("select 1").fetchone(), (1,), "after a cancelled query")
    with connect(place, autocommit=True) as connection:
        connection.execute("set statement_timeout to '300ms'")
        expect_cancelled(connection, ENDLESS)
        connection.execute("reset statement_timeout")
        connection.execute("select set_config('statement_timeout', '300ms', false)")
        expect_cancelled(connection, ENDLESS)


def expect_cancelled(connection: psycopg.Connection, statement: str) -> None:
    try:
        connection.execute(statement)
    except psycopg.errors.QueryCanceled:
        return
    raise AssertionError("it was not cancelled")


def check_what_it_knows_about_the_server(place: Place) -> None:
    with connect(place) as connection:
        assert connection.info.server_version >= 90_600, connection.info.server_version
        same(connection.info.encoding, "utf-8")
        same(connection.info.parameter_status("integer_datetimes"), "on")
        same(connection.info.parameter_status("standard_conforming_strings"), "on")
        for name, oid in {"text": 25, "jsonb": 3802, "timestamptz": 1184, "int8": 20}.items():
            same(TypeInfo.fetch(connection, name).oid, oid, f"the type {name}")
        same(TypeInfo.fetch(connection, "nothing"), None, "a type that is missing")


def check_time_zone_of_the_session(place: Place) -> None:
    query = "select to_char(timestamptz '2026-11-30 23:30:00+00', 'YYYY-MM-DD HH24:MI'), timestamptz '2026-11-30 23:30:00+00'"
    with connect(place) as connection:
        connection.execute("set time zone 'Asia/Tokyo'")
        text, moment = connection.execute(query).fetchone()
        same(text, "2026-12-01 08:30", "to_char in Tokyo")
        same(moment.isoformat(), "2026-12-01T08:30:00+09:00", "a moment in Tokyo")


def check_asynchronous_connections(place: Place) -> None:
    async def ask() -> list:
        async with await psycopg.AsyncConnection.connect(place.libpq(sslmode="verify-full", sslrootcert=place.authority)) as connection:
            cursors = [await connection.execute(NUMBERS) for _ in range(3)]
            return await cursors[-1].fetchall()

    same_numbers(place, asyncio.run(ask()))
