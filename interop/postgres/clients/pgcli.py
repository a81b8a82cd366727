"""pgcli: what it asks for its completion, and its own commands."""

from importlib.metadata import version as version_of

from pgcli.pgexecute import PGExecute
from pgspecial.main import PGSpecial

from place import NUMBERS, TABLES, Place, same, same_numbers


def version() -> str:
    return f"pgcli {version_of('pgcli')}"


def connect(place: Place) -> PGExecute:
    return PGExecute(place.database, place.user, place.token, place.host, place.port, sslmode="require")


def check_what_it_completes(place: Place) -> None:
    client = connect(place)
    same(sorted(name for schema, name in client.tables() if schema == "public"), TABLES, "tables")
    columns = [column for column in client.table_columns() if column[0] == "public"]
    same([column[3] for column in columns if column[1:3] == ("sessions", "started_at")], ["timestamp with time zone"], "a column")
    same(list(client.views()), [view for view in client.views() if view[0] != "public"], "views")
    list(client.view_columns())
    same(list(client.foreignkeys()), [], "foreign keys")
    assert place.database in list(client.databases())
    list(client.datatypes()), list(client.functions()), client.get_timezone()
    assert "public" in list(client.schemata()) and "public" in client.search_path()
    assert client.full_databases()
    client.set_timezone("Asia/Tokyo")


def check_numbers_and_commands(place: Place) -> None:
    client, commands = connect(place), PGSpecial()
    [(_, rows, *_)] = list(client.run(NUMBERS, commands))
    same_numbers(place, list(rows))
    for command in [r"\l", r"\dt", r"\d sessions", r"\d+ sessions", r"\du", r"\df", r"\dn", r"\dv", r"\di", r"\ds", r"\dT", r"\dx", r"\dp", r"\db"]:
        for _, rows, _, status, _, success, _ in client.run(command, commands):
            assert success, f"{command}: {status}"
            list(rows or [])
