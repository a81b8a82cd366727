"""What programs that cannot run here send by themselves: each statement must be answered, in both forms of the protocol."""

import re
from pathlib import Path

import psycopg

from place import Place

FOLDER = Path(__file__).parent.parent / "recorded"
PROGRAMS = sorted(path.stem for path in FOLDER.glob("*.sql"))


def version() -> str:
    return f"recorded statements of {', '.join(PROGRAMS)}"


def statements(program: str) -> list[tuple[str, str]]:
    """The statements of a program, each with how many rows it must give."""
    found = []
    for part in (FOLDER / f"{program}.sql").read_text().strip().split("\n\n"):
        rows = re.match(r"-- rows (\S+)\n", part)
        statement = "\n".join(line for line in part.splitlines() if not line.startswith("--"))
        if statement:
            found.append((rows[1] if rows else "", statement))
    return found


def faults(place: Place, program: str) -> list[str]:
    found = []
    with psycopg.connect(place.libpq(), autocommit=True) as connection:
        names = {}
        try:
            names["{sessions}"] = str(connection.execute("select 'public.sessions'::regclass::oid::int8").fetchone()[0])
            names["{public}"] = str(connection.execute("select oid::int8 from pg_namespace where nspname = 'public'").fetchone()[0])
        except psycopg.Error as error:
            return [f"the tables are not found: {error}"]
        for wanted, statement in statements(program):
            for name, value in names.items():
                statement = statement.replace(name, value)
            has_many = ";" in statement.rstrip(";")
            # Only the simple form takes several statements at once; a cursor or a transaction is begun once.
            once = has_many or re.match(r"(?i)(begin|declare|fetch|close|commit)\b", statement)
            for prepared in (False,) if once else (False, True):
                fault = fault_of(connection, statement, wanted, prepared)
                if fault:
                    found.append(f"{' '.join(statement.split())[:90]}...: {fault}")
                    break
    return found


def fault_of(connection: psycopg.Connection, statement: str, wanted: str, prepared: bool) -> str:
    try:
        cursor = connection.execute(statement, prepare=prepared)
        if not wanted:
            return ""
        count = len(cursor.fetchall())
    except psycopg.Error as error:
        return f"{error.sqlstate} {error}".strip().splitlines()[0]
    least = int(wanted.rstrip("+"))
    is_right = count >= least if wanted.endswith("+") else count == least
    return "" if is_right else f"{count} rows; {wanted} are right"


def check(place: Place, program: str) -> None:
    found = faults(place, program)
    assert not found, "\n       ".join(found)


def check_datagrip(place: Place) -> None:
    check(place, "datagrip")


def check_dbeaver(place: Place) -> None:
    check(place, "dbeaver")


def check_grafana(place: Place) -> None:
    check(place, "grafana")


def check_metabase(place: Place) -> None:
    check(place, "metabase")


def check_npgsql(place: Place) -> None:
    check(place, "npgsql")


def check_pgadmin(place: Place) -> None:
    check(place, "pgadmin")


def check_powerbi(place: Place) -> None:
    check(place, "powerbi")


def check_tableau(place: Place) -> None:
    check(place, "tableau")


def check_every_file_is_tried(_: Place) -> None:
    tried = sorted(name.removeprefix("check_") for name in globals() if name.startswith("check_") and name != "check_every_file_is_tried")
    assert tried == PROGRAMS, f"{tried} are tried, and there are {PROGRAMS}"
