"""psycopg 2: what SQLAlchemy, Superset, Redash and many scripts talk through."""

import io
import threading

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from place import ENDLESS, NUMBERS, TABLES, Place, same, same_numbers


def version() -> str:
    return f"psycopg2 {psycopg2.__version__.split()[0]}"


def rows_of(connection: psycopg2.extensions.connection, query: str, parameters: object = None) -> list:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def check_numbers(place: Place) -> None:
    with psycopg2.connect(place.libpq()) as connection:
        same_numbers(place, rows_of(connection, NUMBERS))


def check_all_columns_of_all_tables(place: Place) -> None:
    with psycopg2.connect(place.libpq(), cursor_factory=psycopg2.extras.RealDictCursor) as connection:
        for table in TABLES:
            same(len(rows_of(connection, f"select * from {table}")), place.count(table), f"select * from {table}")
        [row] = rows_of(connection, "select custom_metadata, diagnoses, active_spans, started_at from sessions limit 1")
        kinds = {name: type(value).__name__ for name, value in row.items()}
        same(kinds, {"custom_metadata": "dict", "diagnoses": "list", "active_spans": "list", "started_at": "datetime"}, "types")


def check_parameters(place: Place) -> None:
    [[first]] = place.http("select session_id from sessions order by session_id limit 1")
    with psycopg2.connect(place.libpq()) as connection:
        same(rows_of(connection, "select session_id from sessions where session_id = %s", [first]), [(first,)])
        same(rows_of(connection, "select count(*) from sessions where session_id in %s", [(first, "x")]), [(1,)])
        same(rows_of(connection, "select count(*) from sessions where session_id = any(%s)", [[first, "it's"]]), [(1,)])
        same(rows_of(connection, "select %(a)s, %(b)s", {"a": "back\\slash", "b": 1.5}), [("back\\slash", 1.5)], "quoted values")


def check_named_cursors_read_all_rows(place: Place) -> None:
    with psycopg2.connect(place.libpq()) as connection:
        with connection.cursor("rows") as cursor:
            cursor.itersize = 100
            cursor.execute("select g from generate_series(1, 1050) as t(g) order by g")
            same([row[0] for row in cursor], list(range(1, 1051)), "a named cursor")
        with connection.cursor("held", withhold=True) as cursor:
            cursor.execute(NUMBERS)
            connection.commit()
            same_numbers(place, cursor.fetchall())


def check_copy_expert(place: Place) -> None:
    with psycopg2.connect(place.libpq()) as connection, connection.cursor() as cursor:
        for form in ("csv", "text", "binary"):
            file = io.BytesIO()
            cursor.copy_expert(f"copy (select session_id from sessions order by 1) to stdout with (format {form})", file)
            rows = place.http("select session_id from sessions order by 1")
            if form == "binary":
                assert file.getvalue().startswith(b"PGCOPY\n\xff\r\n\0"), file.getvalue()[:20]
            else:
                same(file.getvalue().decode().split(), [row[0] for row in rows], f"copy as {form}")


def check_sessions_and_transactions(place: Place) -> None:
    connection = psycopg2.connect(place.libpq())
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    same(rows_of(connection, "select 1"), [(1,)])
    connection.rollback()
    connection.set_session(isolation_level="DEFAULT", readonly=False, autocommit=True)
    same(rows_of(connection, "select 2"), [(2,)])
    connection.autocommit = False
    try:
        rows_of(connection, "select nothing from sessions")
    except psycopg2.errors.UndefinedColumn:
        pass
    try:
        rows_of(connection, "select 1")
    except psycopg2.errors.InFailedSqlTransaction:
        pass
    connection.reset()
    same(rows_of(connection, "select 3"), [(3,)], "after reset")
    same(connection.get_parameter_status("server_encoding"), "UTF8")
    connection.close()


def check_cancelling(place: Place) -> None:
    connection = psycopg2.connect(place.libpq())
    timer = threading.Timer(0.5, connection.cancel)
    timer.start()
    try:
        rows_of(connection, ENDLESS)
        raise AssertionError("it was not cancelled")
    except psycopg2.errors.QueryCanceled:
        connection.rollback()
    timer.join()
    same(rows_of(connection, "select 1"), [(1,)], "after a cancelled query")
    connection.close()


def check_tls(place: Place) -> None:
    with psycopg2.connect(place.libpq(sslmode="verify-full", sslrootcert=place.authority)) as connection:
        assert connection.info.ssl_in_use
        same_numbers(place, rows_of(connection, NUMBERS))
