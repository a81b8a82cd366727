"""pgjdbc, PostgreSQL's driver for Java: what DBeaver, DataGrip, Metabase, Tableau and Looker talk through."""

import threading
from pathlib import Path
from typing import Any

import jpype
import jpype.imports

from place import ENDLESS, NUMBERS, TABLES, Place, same, same_numbers

DRIVER = Path("/usr/share/java/postgresql.jar")


def start() -> None:
    if not jpype.isJVMStarted():
        jpype.startJVM("-Xmx256m", "-Djava.awt.headless=true", classpath=[str(DRIVER)], convertStrings=True)


def version() -> str:
    start()
    return f"pgjdbc {jpype.JClass('org.postgresql.Driver')().getMajorVersion()}, {jpype.JClass('org.postgresql.util.DriverInfo').DRIVER_VERSION}"


def connect(place: Place, **more: str) -> Any:
    start()
    properties = jpype.JClass("java.util.Properties")()
    for name, value in {"user": place.user, "password": place.token, "sslmode": "disable", **more}.items():
        properties.setProperty(name, value)
    driver = jpype.JClass("org.postgresql.Driver")()
    return driver.connect(f"jdbc:postgresql://{place.host}:{place.port}/{place.database}", properties)


def rows_of(results: Any) -> list[list[Any]]:
    count = results.getMetaData().getColumnCount()
    rows = []
    while results.next():
        rows.append([results.getObject(column) for column in range(1, count + 1)])
    results.close()
    return rows


def query(connection: Any, statement: str) -> list[list[Any]]:
    return rows_of(connection.createStatement().executeQuery(statement))


def check_numbers_in_all_modes(place: Place) -> None:
    for mode in ("simple", "extended", "extendedForPrepared", "extendedCacheEverything"):
        with connect(place, preferQueryMode=mode) as connection:
            same_numbers(place, query(connection, NUMBERS))
    with connect(place, prepareThreshold="-1") as connection:
        prepared = connection.prepareStatement(NUMBERS)
        for _ in range(3):
            same_numbers(place, rows_of(prepared.executeQuery()))


def check_all_columns_of_all_tables(place: Place) -> None:
    for threshold in ("0", "-1"):
        with connect(place, prepareThreshold=threshold) as connection:
            for table in TABLES:
                prepared = connection.prepareStatement(f"select * from {table}")
                same(len(rows_of(prepared.executeQuery())), place.count(table), f"select * from {table}")


def check_tables_and_columns(place: Place) -> None:
    with connect(place) as connection:
        about = connection.getMetaData()
        same(about.getDatabaseProductName(), "PostgreSQL")
        results = about.getTables(None, "public", "%", jpype.JArray(jpype.JString)(["TABLE"]))
        same([row[2] for row in rows_of(results)], TABLES, "tables")
        same([row[3] for row in rows_of(about.getTables(None, None, "session_", None))], ["TABLE"], "a pattern")
        columns = {row[3]: row for row in rows_of(about.getColumns(None, "public", "sessions", "%"))}
        for name, kind in {"session_id": "text", "started_at": "timestamptz", "content_time_spent": "float8", "ad_count": "int8",
                           "content_start": "bool", "day": "date", "diagnoses": "_text", "custom_metadata": "jsonb"}.items():  # fmt: skip
            same(columns[name][5], kind, f"the type of {name}")
        same([int(row[16]) for row in columns.values()], list(range(1, len(columns) + 1)), "places of columns")
        assert columns["session_id"][11], "the comments of columns are missing"
        same([row[0] for row in rows_of(about.getCatalogs())], [place.database], "databases")
        assert "public" in [row[0] for row in rows_of(about.getSchemas())]
        assert "text" in [row[0] for row in rows_of(about.getTypeInfo())]


def check_metadata_that_is_empty(place: Place) -> None:
    with connect(place) as connection:
        about = connection.getMetaData()
        one = (None, "public", "sessions")
        calls = {
            "getPrimaryKeys": one, "getImportedKeys": one, "getExportedKeys": one, "getIndexInfo": (*one, False, True),
            "getCrossReference": (*one, *one), "getVersionColumns": None, "getUDTs": (None, None, "%", None),
            "getBestRowIdentifier": (*one, 2, True), "getProcedures": (None, "public", "%"), "getFunctions": (None, "public", "%"),
            "getProcedureColumns": (None, "public", "%", "%"), "getFunctionColumns": (None, "public", "%", "%"),
        }  # fmt: skip
        for name, arguments in calls.items():
            if arguments is not None:
                same(rows_of(getattr(about, name)(*arguments)), [], name)
        # These have rows, or not, by what rights are shown.
        rows_of(about.getTablePrivileges(None, "public", "%"))
        rows_of(about.getColumnPrivileges(None, "public", "sessions", "%"))
        rows_of(about.getTableTypes())
        rows_of(about.getClientInfoProperties())
        assert about.getSQLKeywords() is not None
        assert about.getMaxColumnNameLength() > 0


def check_metadata_of_results(place: Place) -> None:
    with connect(place) as connection:
        about = connection.createStatement().executeQuery("select session_id, ad_count from sessions limit 1").getMetaData()
        same([about.getColumnName(1), about.getColumnTypeName(2)], ["session_id", "int8"])
        about.getTableName(1), about.isNullable(1), about.isAutoIncrement(1), about.getSchemaName(1), about.getBaseColumnName(1)
        about = connection.prepareStatement("select started_at from sessions where ad_count > ?").getMetaData()
        same(about.getColumnTypeName(1), "timestamptz")


def check_parameters(place: Place) -> None:
    [[first]] = place.http("select session_id from sessions order by session_id limit 1")
    for mode in ({"prepareThreshold": "5"}, {"prepareThreshold": "-1"}, {"preferQueryMode": "simple"}):
        with connect(place, **mode) as connection:
            statement = connection.prepareStatement("select count(*) from sessions where session_id = ? and ad_count >= ? and content_time_spent > ?")
            statement.setString(1, first)
            statement.setInt(2, 0)
            statement.setDouble(3, -1.5)
            same(rows_of(statement.executeQuery())[0][0], 1, f"texts and numbers {mode}")
            statement = connection.prepareStatement("select count(*) from sessions where started_at < ?")
            statement.setTimestamp(1, jpype.JClass("java.sql.Timestamp").valueOf("2100-01-01 00:00:00"))
            same(rows_of(statement.executeQuery())[0][0], place.count("sessions"), f"moments {mode}")
            for sign, count in (("<", place.count("sessions")), (">=", 0), ("=", 0)):
                statement = connection.prepareStatement(f"select count(*) from sessions where day {sign} ?")
                statement.setDate(1, jpype.JClass("java.sql.Date").valueOf("2100-01-01"))
                same(rows_of(statement.executeQuery())[0][0], count, f"days {sign} {mode}")
            [[today, moment]] = place.http("select day::text, started_at::text from sessions order by session_id limit 1")
            statement = connection.prepareStatement("select count(*) from sessions where day = ?")
            statement.setDate(1, jpype.JClass("java.sql.Date").valueOf(today))
            same(rows_of(statement.executeQuery())[0][0] > 0, True, f"a day {mode}")
            statement = connection.prepareStatement("select count(*) from sessions where started_at = ?")
            statement.setTimestamp(1, jpype.JClass("java.sql.Timestamp").valueOf(moment.removesuffix("+00")))
            same(rows_of(statement.executeQuery())[0][0] > 0, True, f"a moment {mode}")
            statement = connection.prepareStatement("select count(*) from sessions where session_id = any(?)")
            statement.setArray(1, connection.createArrayOf("text", jpype.JArray(jpype.JString)([first, "x"])))
            same(rows_of(statement.executeQuery())[0][0], 1, f"a list {mode}")


def check_fetch_size_reads_pages(place: Place) -> None:
    with connect(place) as connection:
        connection.setAutoCommit(False)
        statement = connection.createStatement()
        statement.setFetchSize(100)
        rows = rows_of(statement.executeQuery("select g from generate_series(1, 1050) as t(g) order by g"))
        same([int(row[0]) for row in rows], list(range(1, 1051)), "pages of 100 rows")
        limited = connection.createStatement()
        limited.setMaxRows(7)
        same(len(rows_of(limited.executeQuery("select * from generate_series(1, 1000)"))), 7, "at most 7 rows")
        connection.commit()


def check_cancelling_and_timeouts(place: Place) -> None:
    for mode in ("disable", "require"):
        with connect(place, sslmode=mode) as connection:
            statement = connection.createStatement()
            timer = threading.Timer(0.5, statement.cancel)
            timer.start()
            expect_state("57014", lambda: statement.executeQuery(ENDLESS))
            timer.join()
            statement.setQueryTimeout(1)
            expect_state("57014", lambda: statement.executeQuery(ENDLESS))
            same(int(query(connection, "select 1")[0][0]), 1, "after a cancelled query")


def expect_state(state: str, work: Any) -> None:
    try:
        work()
    except jpype.JClass("java.sql.SQLException") as error:
        same(str(error.getSQLState()), state, str(error.getMessage()))
        return
    raise AssertionError(f"no error with {state}")


def check_connections_as_pools_use_them(place: Place) -> None:
    with connect(place, ApplicationName="a pool", readOnly="true", currentSchema="public") as connection:
        assert connection.isValid(5)
        connection.setReadOnly(True)
        connection.setTransactionIsolation(4)
        connection.setAutoCommit(False)
        same(int(query(connection, "select 1")[0][0]), 1)
        point = connection.setSavepoint("before")
        expect_state("42703", lambda: query(connection, "select nothing from sessions"))
        expect_state("25P02", lambda: query(connection, "select 1"))
        connection.rollback(point)
        same(int(query(connection, "select 2")[0][0]), 2, "after a savepoint")
        connection.rollback()
        connection.setSchema("public")
        same(connection.getSchema(), "public")
        same(connection.getCatalog(), place.database)
        connection.getTransactionIsolation()
        connection.setAutoCommit(True)
        connection.createStatement().execute("DISCARD ALL")


def check_copy(place: Place) -> None:
    with connect(place) as connection:
        manager = connection.unwrap(jpype.JClass("org.postgresql.PGConnection")).getCopyAPI()
        out = jpype.JClass("java.io.StringWriter")()
        manager.copyOut("copy (select session_id from sessions order by 1) to stdout with (format csv)", out)
        same(str(out).split(), [row[0] for row in place.http("select session_id from sessions order by 1")], "copy")


def check_tls(place: Place) -> None:
    with connect(place, sslmode="verify-full", sslrootcert=str(place.authority)) as connection:
        same_numbers(place, query(connection, NUMBERS))
    try:
        connect(place, sslmode="verify-full", sslrootcert=str(place.other_authority))
    except jpype.JClass("java.sql.SQLException"):
        return
    raise AssertionError("a certificate of another authority was taken")
