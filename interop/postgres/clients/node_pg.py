"""node-postgres with pg-cursor, in a program of Node.js."""

import json
import os
import subprocess
from pathlib import Path

from place import ENDLESS, NUMBERS, ROOT, TABLES, Place, same, same_numbers

# Where scripts/clients installs the packages.
FOLDER = Path(os.environ.get("NODE_CLIENT", ROOT / "target" / "clients-node"))


def version() -> str:
    packages = [json.loads((FOLDER / "node_modules" / name / "package.json").read_text()) for name in ("pg", "pg-cursor")]
    return "node " + ", ".join(f"{package['name']} {package['version']}" for package in packages)


def session(place: Place) -> dict:
    asked = {
        "host": place.host, "port": place.port, "user": place.user, "password": place.token, "database": place.database,
        "ca": place.authority.read_text(), "numbers": NUMBERS, "tables": TABLES, "endless": ENDLESS,
    }  # fmt: skip
    done = subprocess.run(["node", FOLDER / "session.mjs"], input=json.dumps(asked), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr.strip()[:1_000]
    return json.loads(done.stdout)


def check_a_session(place: Place) -> None:
    found = session(place)
    same_numbers(place, found["numbers"])
    same_numbers(place, found["numbers_over_tls"])
    same_numbers(place, found["numbers_of_pool"])
    same(found["counts"], {table: place.count(table) for table in TABLES}, "rows of tables")
    same(found["cursor"], list(range(1, 1051)), "a cursor")
    same(found["parameters"], [7, "b", None, True], "parameters")
    same(found["types"], ["object", "object", "number", "string", "boolean"], "types")
    same(found["mistakes"], ["42703", "42P01", "42601", "22012"], "codes of errors")
    same(found["timed_out"], "57014", "statement_timeout")
