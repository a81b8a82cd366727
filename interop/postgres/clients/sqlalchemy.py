"""SQLAlchemy 2 over psycopg 3, psycopg 2 and asyncpg, and pandas: connect, reflect, stream, read."""

import asyncio

import pandas
import sqlalchemy
from sqlalchemy import MetaData, Table, func, inspect, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from place import NUMBERS, TABLES, Place, same, same_numbers

DRIVERS = ["psycopg", "psycopg2"]


def version() -> str:
    return f"SQLAlchemy {sqlalchemy.__version__} (pandas {pandas.__version__})"


def url(place: Place, driver: str) -> str:
    return f"postgresql+{driver}://{place.user}:{place.token}@{place.host}:{place.port}/{place.database}"


def check_numbers(place: Place) -> None:
    for driver in DRIVERS:
        with sqlalchemy.create_engine(url(place, driver)).connect() as connection:
            same_numbers(place, connection.execute(text(NUMBERS)))

    async def asynchronous() -> list:
        engine = create_async_engine(url(place, "asyncpg"))
        async with engine.connect() as connection:
            rows = (await connection.execute(text(NUMBERS))).all()
        await engine.dispose()
        return rows

    same_numbers(place, asyncio.run(asynchronous()))


def check_it_inspects_what_there_is(place: Place) -> None:
    for driver in DRIVERS:
        inspector = inspect(sqlalchemy.create_engine(url(place, driver)))
        same(sorted(inspector.get_table_names()), TABLES, "tables")
        same(sorted(inspector.get_table_names(schema="public")), TABLES, "tables of public")
        same(inspector.get_view_names(), [], "views")
        same(inspector.get_materialized_view_names(), [], "materialized views")
        assert "public" in inspector.get_schema_names(), inspector.get_schema_names()
        same(inspector.default_schema_name, "public", "the usual schema")
        assert inspector.has_table("sessions") and not inspector.has_table("nothing")
        same(inspector.get_sequence_names(), [], "sequences")
        same(inspector.get_enums(), [], "enums")
        for name in TABLES:
            kinds = {column["name"]: str(column["type"]) for column in inspector.get_columns(name)}
            same(kinds["session_id"], "TEXT", "the type of session_id")
            same(inspector.get_pk_constraint(name)["constrained_columns"], [], "the primary key")
            for found in (inspector.get_foreign_keys, inspector.get_indexes, inspector.get_unique_constraints, inspector.get_check_constraints):
                same(found(name), [], found.__name__)
        columns = {column["name"]: column for column in inspector.get_columns("sessions")}
        same(columns["started_at"]["type"].timezone, True, "started_at has a time zone")
        for name, kind in {"content_time_spent": "DOUBLE PRECISION", "ad_count": "BIGINT", "day": "DATE", "content_start": "BOOLEAN",
                           "diagnoses": "ARRAY", "custom_metadata": "JSONB"}.items():  # fmt: skip
            same(str(columns[name]["type"]), kind, f"the type of {name}")
        assert columns["session_id"]["comment"], "the comments of columns are missing"
        inspector.get_table_comment("sessions")


def check_it_reflects_and_builds_queries(place: Place) -> None:
    for driver in DRIVERS:
        engine = sqlalchemy.create_engine(url(place, driver))
        metadata = MetaData()
        metadata.reflect(engine)
        same(sorted(metadata.tables), TABLES, "reflected tables")
        sessions = Table("sessions", MetaData(), autoload_with=engine, schema="public")
        query = (
            select(
                sessions.c.close_reason, func.count(), func.sum(sessions.c.content_time_spent), func.sum(sessions.c.ad_count),
                func.avg(sessions.c.content_time_spent),
            ).where(sessions.c.ad_count >= 0, sessions.c.close_reason.in_([row[0] for row in place.numbers()]))
            .group_by(sessions.c.close_reason).order_by(sessions.c.close_reason).limit(100)
        )  # fmt: skip
        with engine.connect() as connection:
            same_numbers(place, connection.execute(query))
            same(len(connection.execute(select(sessions)).all()), place.count("sessions"), "all columns")
            by_day = select(func.date_trunc("day", sessions.c.started_at).label("moment"), func.count()).group_by("moment")
            same(sum(row[1] for row in connection.execute(by_day)), place.count("sessions"), "by day")


def check_it_streams(place: Place) -> None:
    for driver in DRIVERS:
        with sqlalchemy.create_engine(url(place, driver)).connect() as connection:
            query = text("select g from generate_series(1, 1050) as t(g) order by g")
            rows = connection.execution_options(stream_results=True, yield_per=100).execute(query)
            same([row[0] for row in rows], list(range(1, 1051)), f"a stream over {driver}")


def check_pandas_reads(place: Place) -> None:
    for driver in DRIVERS:
        engine = sqlalchemy.create_engine(url(place, driver))
        frame = pandas.read_sql(NUMBERS, engine)
        same_numbers(place, frame.itertuples(index=False))
        same(len(pandas.read_sql_table("sessions", engine)), place.count("sessions"), "a table")
        with engine.connect() as connection:
            streamed = connection.execution_options(stream_results=True)
            parts = pandas.read_sql_query("select * from events", streamed, chunksize=7)
            same(sum(len(part) for part in parts), place.count("events"), "parts of a table")
        times = pandas.read_sql("select started_at from sessions", engine)["started_at"]
        assert str(times.dtype).startswith("datetime64"), times.dtype
