#!/usr/bin/env python3
"""Real clients against the PostgreSQL port of a real server. Prints a line for each client; exits 1 if one fails.

    run.py --playhead target/debug/playhead [--only psql]
"""

import argparse
import importlib
import inspect
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from place import Place, served

CLIENTS = sorted(path.stem for path in (Path(__file__).parent / "clients").glob("*.py"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--playhead", type=Path, required=True, help="the program playhead")
    parser.add_argument("--only", default="", help="clients, or checks of clients, whose names have this part")
    call = parser.parse_args()
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory(prefix="playhead-clients-") as folder:
        with served(call.playhead.resolve(), Path(folder)) as place:
            for name in CLIENTS:
                good, bad = run_client(name, place, call.only)
                passed, failed = passed + good, failed + bad
        log = (Path(folder) / "server.log").read_text()
    panics = [line for line in log.splitlines() if "panicked" in line]
    for line in panics:
        print(f"FAILED the server: {line}")
    failed += len(panics)
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def run_client(name: str, place: Place, only: str) -> tuple[int, int]:
    """Runs all checks of a client; how many passed and failed."""
    began = time.monotonic()
    client = importlib.import_module(f"clients.{name}")
    wanted = [check for check in checks_of(client) if only in name or only in check.__name__]
    if not wanted:
        return 0, 0
    faults = [(check.__name__, fault) for check in wanted if (fault := fault_of(check, place))]
    state = "FAILED" if faults else "ok"
    print(f"{state:<7}{client.version()}: {len(wanted)} checks ({time.monotonic() - began:.1f} s)", flush=True)
    for check, fault in faults:
        print(f"     {check}: {fault}", flush=True)
    return len(wanted) - len(faults), len(faults)


def checks_of(client: ModuleType) -> list[Callable[[Place], None]]:
    """The functions of a client that check something, in their order."""
    found = [each for name, each in inspect.getmembers(client, inspect.isfunction) if name.startswith("check_")]
    return sorted(found, key=lambda each: each.__code__.co_firstlineno)


def fault_of(check: Callable[[Place], None], place: Place) -> str:
    try:
        check(place)
    except AssertionError as error:
        return str(error) or traceback.format_exc(limit=-1)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in where if "clients" in frame.filename]
        line = own[-1].lineno if own else 0
        return f"line {line}: {type(error).__name__}: {str(error).strip()}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
