"""Apache Superset: the release of SQLAlchemy that it talks through, in a process of its own, and its time grains."""

import json
import os
import subprocess
import sys
from pathlib import Path

from place import NUMBERS, ROOT, TABLES, Place, same, same_numbers

# Where scripts/clients puts it.
LIBRARIES = Path(os.environ.get("SUPERSET_LIBRARIES", ROOT / "target" / "clients-superset"))

INSPECTS = """
import json, sys
import sqlalchemy
from sqlalchemy import inspect, text
engine = sqlalchemy.create_engine(sys.argv[1])
inspector = inspect(engine)
asked = json.loads(sys.argv[2])
result = {
    "version": sqlalchemy.__version__,
    "schemas": inspector.get_schema_names(),
    "tables": sorted(inspector.get_table_names("public")),
    "views": inspector.get_view_names("public"),
    "columns": {c["name"]: str(c["type"]) for c in inspector.get_columns("sessions", "public")},
    "indexes": inspector.get_indexes("sessions", "public"),
    "key": inspector.get_pk_constraint("sessions", "public")["constrained_columns"],
    "foreign": inspector.get_foreign_keys("sessions", "public"),
    "unique": inspector.get_unique_constraints("sessions", "public"),
    "comment": inspector.get_table_comment("sessions", "public")["text"],
    "has": [inspector.has_table("sessions", "public"), inspector.has_table("nothing", "public")],
}
with engine.connect() as connection:
    result["rows"] = [[list(map(str, row)) for row in connection.execute(text(query))] for query in asked]
    connection.execute(text("select 1"))
print(json.dumps(result))
"""

# How its engine for PostgreSQL writes a time by grain.
GRAINS = [
    "DATE_TRUNC('second', {})", "DATE_TRUNC('second', {}) - make_interval(secs => EXTRACT(SECOND FROM {})::int % 5)",
    "DATE_TRUNC('minute', {})", "DATE_TRUNC('minute', {}) - make_interval(mins => EXTRACT(MINUTE FROM {})::int % 5)",
    "DATE_TRUNC('hour', {})", "DATE_TRUNC('day', {})", "DATE_TRUNC('week', {})", "DATE_TRUNC('month', {})",
    "DATE_TRUNC('quarter', {})", "DATE_TRUNC('year', {})",
]  # fmt: skip


def version() -> str:
    return "SQLAlchemy 1.4, as Apache Superset uses it"


def ask(place: Place, queries: list[str]) -> dict:
    url = f"postgresql+psycopg2://{place.user}:{place.token}@{place.host}:{place.port}/{place.database}"
    environment = {**os.environ, "PYTHONPATH": str(LIBRARIES)}
    command = [sys.executable, "-c", INSPECTS, url, json.dumps(queries)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, next((line for line in done.stderr.splitlines() if 'Error' in line), done.stderr)
    return json.loads(done.stdout)


def check_it_finds_tables_and_numbers(place: Place) -> None:
    found = ask(place, [NUMBERS, "SELECT datname FROM pg_database WHERE NOT datistemplate", "EXPLAIN SELECT count(*) FROM sessions"])
    assert found["version"].startswith("1.4."), found["version"]
    same_numbers(place, found["rows"][0])
    same(found["rows"][1], [[place.database]], "databases")
    assert found["rows"][2], "nothing explained"
    same(found["tables"], TABLES, "tables")
    same(found["has"], [True, False], "whether tables exist")
    for name in ("views", "indexes", "key", "foreign", "unique"):
        same(found[name], [], name)
    for name, kind in {"session_id": "TEXT", "started_at": "TIMESTAMP", "content_time_spent": "DOUBLE_PRECISION", "day": "DATE"}.items():
        same(found["columns"][name], kind, f"the type of {name}")


def check_its_time_grains(place: Place) -> None:
    column = "started_at"
    grains = [grain.format(*[column] * grain.count("{}")) for grain in GRAINS]
    query = "SELECT {0} AS __timestamp, COUNT(*) AS count FROM public.sessions WHERE started_at >= '1990-01-01 00:00:00.000000'" \
        " AND started_at < TO_TIMESTAMP('2100-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY {0} ORDER BY count DESC LIMIT 10000"  # fmt: skip
    for grain, rows in zip(grains, ask(place, [query.format(grain) for grain in grains])["rows"]):
        same(sum(int(row[1]) for row in rows), place.count("sessions"), grain)
