"""psql: its own commands, cursors behind FETCH_COUNT, \\copy."""

import subprocess
from pathlib import Path

from place import NUMBERS, TABLES, Place, same, same_numbers


def version() -> str:
    return subprocess.run(["psql", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def psql(place: Place, script: str, *options: str, fails: bool = False) -> str:
    """What psql prints for a script."""
    path = place.folder / "script.sql"
    path.write_text(script)
    command = ["psql", "--no-psqlrc", "--no-password", "-v", "ON_ERROR_STOP=1", *options, "-f", str(path)]
    done = subprocess.run(command, env=place.environment(), capture_output=True, text=True)
    assert (done.returncode != 0) == fails, f"{script!r}: {done.stderr.strip()}"
    return done.stderr if fails else done.stdout


def check_numbers(place: Place) -> None:
    printed = psql(place, f"{NUMBERS};\n", "-At", "-F", "\t")
    same_numbers(place, [line.split("\t") for line in printed.splitlines()])


def check_commands_that_describe(place: Place) -> None:
    # Ctrl-C and a server's list apart, these are the commands of the manual of psql about tables, types and roles.
    commands = [
        r"\d", r"\d+", r"\dt", r"\dt+", r"\dtv", r"\dv", r"\di", r"\ds", r"\dm", r"\dE", r"\l", r"\l+", r"\du", r"\du+", r"\dg",
        r"\df", r"\df+", r"\df to_char", r"\dn", r"\dn+", r"\dT", r"\dT+", r"\dx", r"\dp", r"\z", r"\ddp", r"\db", r"\dL", r"\dd",
        r"\dD", r"\dC", r"\dO", r"\do", r"\drds", r"\dF", r"\dy", r"\des", r"\deu", r"\dew", r"\det", r"\dRp", r"\dRs", r"\dX",
        r"\d sessions", r"\d+ sessions", r"\d public.events", r"\d s*", r"\dt s*", r"\dS pg_class", r"\sv+ nothing",
        r"\conninfo", r"\encoding",
    ]  # fmt: skip
    failed = []
    for command in [each for each in commands if "nothing" not in each]:
        try:
            psql(place, f"{command}\n")
        except AssertionError as error:
            failed.append(str(error))
    assert not failed, "; ".join(failed)


def check_descriptions_tell_tables_columns_types_and_comments(place: Place) -> None:
    tables = psql(place, "\\dt+\n", "-At", "-F", ",").splitlines()
    same([line.split(",")[:3] for line in tables], [["public", name, "table"] for name in TABLES], "\\dt+")
    columns = psql(place, "\\d+ sessions\n", "-At", "-F", "\t")
    by_name = {line.split("\t")[0]: line.split("\t") for line in columns.splitlines()}
    for name, kind in {"session_id": "text", "started_at": "timestamp with time zone", "content_time_spent": "double precision",
                       "ad_count": "bigint", "content_start": "boolean", "day": "date", "diagnoses": "text[]"}.items():  # fmt: skip
        same(by_name[name][1], kind, f"\\d+ of {name}")
    assert "64 hexadecimal digits" in columns, "the comments of columns are missing"
    assert "playhead" in psql(place, "\\l\n", "-At"), "\\l does not name the database"
    [user] = psql(place, "select current_user;\n", "-At").split()
    assert user in psql(place, "\\du\n", "-At"), "\\du does not name the user"


def check_fetch_count_reads_through_a_cursor(place: Place) -> None:
    rows = psql(place, "\\set FETCH_COUNT 100\nselect g from generate_series(1, 1234) as t(g) order by g;\n", "-At")
    same(rows.split(), [str(number) for number in range(1, 1235)], "FETCH_COUNT")
    rows = psql(place, f"\\set FETCH_COUNT 2\n{NUMBERS};\n", "-At", "-F", "\t")
    same_numbers(place, [line.split("\t") for line in rows.splitlines()])


def check_copy_writes_files(place: Place) -> None:
    file = place.folder / "copied.csv"
    psql(place, f"\\copy (select session_id, ad_count from sessions order by 1) to '{file}' with (format csv, header)\n")
    lines = file.read_text().splitlines()
    rows = place.http("select session_id, ad_count from sessions order by 1")
    same(lines, ["session_id,ad_count", *(f"{name},{count}" for name, count in rows)], "\\copy of a query")
    for table in TABLES:
        psql(place, f"\\copy {table} to '{file}'\n")
        same(len(Path(file).read_text().splitlines()), place.count(table), f"\\copy {table}")
    text = psql(place, "copy (select E'a\\tb\\\\c' as x, null as y) to stdout;\n")
    same(text, "a\\tb\\\\c\t\\N\n", "copy as text")


def check_columns_of_a_statement_that_did_not_run(place: Place) -> None:
    described = psql(place, "select session_id, ad_count, started_at from sessions \\gdesc\n", "-At", "-F", ",")
    same(described.splitlines(), ["session_id,text", "ad_count,bigint", "started_at,timestamp with time zone"], "\\gdesc")


def check_transactions_cursors_and_errors(place: Place) -> None:
    printed = psql(
        place,
        "begin;\ndeclare c cursor for select g from generate_series(1, 10) as t(g) order by g;\nfetch 3 from c;\nmove 2 in c;\n"
        "fetch all from c;\nclose c;\nsavepoint s;\nrelease s;\ncommit;\n",
        "-qAt",
    )
    same(printed.split(), ["1", "2", "3", "6", "7", "8", "9", "10"], "a cursor")
    script = "\\set VERBOSITY verbose\n\\set ON_ERROR_STOP 0\nbegin;\nselect nothing from sessions;\nselect 1;\nrollback;\n"
    done = subprocess.run(
        ["psql", "--no-psqlrc", "-qAt"], input=f"{script}select 'goes on';\n", env=place.environment(), capture_output=True, text=True
    )
    assert "42703" in done.stderr and "25P02" in done.stderr and "goes on" in done.stdout, done.stderr


def check_tls_is_used_and_verified(place: Place) -> None:
    environment = place.environment() | {"PGSSLMODE": "verify-full"}
    done = subprocess.run(["psql", "--no-psqlrc", "-c", "\\conninfo"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "SSL connection" in done.stdout, done.stdout + done.stderr
    environment["PGSSLROOTCERT"] = str(place.other_authority)
    done = subprocess.run(["psql", "--no-psqlrc", "-c", "select 1"], env=environment, capture_output=True, text=True)
    assert "certificate verify failed" in done.stderr, done.stderr
