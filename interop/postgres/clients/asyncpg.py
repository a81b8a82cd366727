"""asyncpg: prepared statements and binary values only, COPY, pools."""

import asyncio
import io
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

import asyncpg

from place import ENDLESS, NUMBERS, TABLES, Place, same, same_numbers


def version() -> str:
    return f"asyncpg {asyncpg.__version__}"


def run(place: Place, work: Callable[[asyncpg.Connection], Awaitable[None]], **more: object) -> None:
    async def connected() -> None:
        connection = await asyncpg.connect(**address(place), **{"ssl": False, **more})
        try:
            await work(connection)
        finally:
            await connection.close()

    asyncio.run(connected())


def address(place: Place) -> dict[str, object]:
    return {
        "host": place.host, "port": place.port, "user": place.user, "password": place.token, "database": place.database,
    }  # fmt: skip


def check_numbers(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        same_numbers(place, await connection.fetch(NUMBERS))

    run(place, work)


def check_all_columns_of_all_tables(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        for table in TABLES:
            same(len(await connection.fetch(f"select * from {table}")), place.count(table), f"select * from {table}")
        row = await connection.fetchrow("select started_at, day, diagnoses, ad_count, content_time_spent, content_start from sessions")
        same([type(value).__name__ for value in row], ["datetime", "date", "list", "int", "float", "bool"], "types")

    run(place, work)


def check_parameters(place: Place) -> None:
    [[first]] = place.http("select session_id from sessions order by session_id limit 1")

    async def work(connection: asyncpg.Connection) -> None:
        same(await connection.fetchval("select session_id from sessions where session_id = $1", first), first, "a text")
        same(await connection.fetchval("select count(*) from sessions where ad_count >= $1", 0), place.count("sessions"), "a number")
        moment = datetime(2100, 1, 1, tzinfo=UTC)
        same(await connection.fetchval("select count(*) from sessions where started_at < $1", moment), place.count("sessions"), "a moment")
        same(await connection.fetchval("select count(*) from sessions where day < $1", date(2100, 1, 1)), place.count("sessions"), "a day")
        same(await connection.fetchval("select count(*) from sessions where session_id = any($1::text[])", [first, "x"]), 1, "a list")
        statement = await connection.prepare("select $1::int8 + 1 as next, $2::text as word")
        same([each.name for each in statement.get_attributes()], ["next", "word"], "names of columns")
        same([tuple(await statement.fetchrow(number, "w")) for number in (1, 2)], [(2, "w"), (3, "w")], "a prepared statement")

    run(place, work)


def check_cursors_in_a_transaction(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        async with connection.transaction(readonly=True):
            query = "select g from generate_series(1, 1050) as t(g) order by g"
            same([row[0] async for row in connection.cursor(query, prefetch=100)], list(range(1, 1051)), "a cursor")
            async with connection.transaction():
                same(await connection.fetchval("select 1"), 1, "a savepoint")

    run(place, work)


def check_copy(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        for form in ("csv", "text", "binary"):
            file = io.BytesIO()
            await connection.copy_from_query("select session_id from sessions order by 1", output=file, format=form)
            assert place.http("select session_id from sessions order by 1")[0][0].encode() in file.getvalue(), form
        file = io.BytesIO()
        await connection.copy_from_table("sessions", columns=["session_id", "ad_count"], output=file, format="csv", header=True)
        same(file.getvalue().decode().splitlines()[0], "session_id,ad_count", "the head of a table")

    run(place, work)


def check_pools_reset_their_connections(place: Place) -> None:
    async def work() -> None:
        async with asyncpg.create_pool(**address(place), ssl=False, min_size=1, max_size=2) as pool:
            for _ in range(4):
                same(await pool.fetchval("select 1"), 1)

    asyncio.run(work())


def check_types_that_it_asks_for(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=lambda text: ("mine", text))
        value = await connection.fetchval("select custom_metadata from sessions limit 1")
        same(value[0], "mine", "a codec of its own")

    run(place, work)


def check_lists_whose_types_it_looks_up(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        numbers = [value for [value] in place.http("select distinct ad_count from sessions order by 1")]
        for given in ([1, 2], []):
            same(await connection.fetchval("select $1::int8[]", given), given, "a list of whole numbers")
        same(await connection.fetchval("select array[1.5, null]::float8[]"), [1.5, None], "a list of floats")
        same(await connection.fetchval("select array_agg(distinct ad_count order by ad_count) from sessions"), numbers, "a list of a column")
        same(await connection.fetchval("select array[true, false]"), [True, False], "a list of booleans")
        found = await connection.fetchval("select count(*) from sessions where ad_count = any($1::int8[])", numbers)
        same(found, place.count("sessions"), "a list to look in")

    run(place, work)


def check_parameters_of_series(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        same(await connection.fetchval("select sum(n) from generate_series(1, $1) n", 4), 10, "the end of a series")
        same(await connection.fetchval("select sum(n) from generate_series($1::int, $2::int, $3::int) as s(n)", 1, 9, 4), 15, "all of it")
        days = "select count(*) from generate_series($1::timestamptz, $2::timestamptz, interval '1 day') day"
        first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)
        same(await connection.fetchval(days, first, last), 5, "days")

    run(place, work)


def check_cancelling(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        try:
            await connection.fetch(ENDLESS, timeout=3)
            raise AssertionError("it was not cancelled")
        except TimeoutError:
            pass
        same(await connection.fetchval("select 1"), 1, "after a cancelled query")

    for how in ({"ssl": False}, {"ssl": verified(place)}):
        run(place, work, **how)


def check_errors_are_those_of_their_kind(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        for statement, kind in {
            "select nothing from sessions": asyncpg.UndefinedColumnError,
            "select * from nothing": asyncpg.UndefinedTableError,
            "selec 1": asyncpg.PostgresSyntaxError,
            "select 1 / 0": asyncpg.DivisionByZeroError,
        }.items():
            try:
                await connection.fetch(statement)
            except kind:
                continue
            raise AssertionError(f"{statement} was taken")

    run(place, work)


def verified(place: Place) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(place.authority))


def check_tls_with_and_without_asking_for_it(place: Place) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        same_numbers(place, await connection.fetch(NUMBERS))

    run(place, work, ssl=verified(place))
    directly = verified(place)
    directly.set_alpn_protocols(["postgresql"])
    run(place, work, ssl=directly, direct_tls=True)
