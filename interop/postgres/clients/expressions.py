"""Scalar expressions here and in a real PostgreSQL: values that differ without a word are faults."""

import os
import random
import subprocess
from pathlib import Path

import psycopg

from clients.postgres_fdw import PROGRAMS, postgresql
from place import Place

FILE = Path(__file__).parent.parent / "expressions.txt"
DRAWN = 300
# How an expression is marked that is refused here in words, and one that has another value here, as docs/reports.md tells.
REFUSED, DIFFERENT = "! ", "~ "

# Expressions with places for values: a day, a moment without and with a zone, a length of time, a whole number, a number, a text.
TEMPLATES = [
    "{d} + {n}", "{d} - {d}", "{d} - {n}", "{m} - {m}", "{z} - {z}", "{m} + {l}", "{m} - {l}", "{z} + {l}", "{l} + {l}", "{l} - {l}",
    "{l} * {n}", "{l} / {p}", "{l} < {l}", "{l} = {l}", "{l} >= {l}", "{m} - {m} > {l}", "-{l}", "age({m}, {m})",
    "extract(epoch from {m})", "extract(epoch from {l})", "extract(day from {m} - {m})", "extract(hour from {m} - {m})",
    "extract(hour from {m}) / {p}", "extract(dow from {d})", "extract(week from {d})", "extract(isoyear from {d})", "extract(doy from {m})",
    "extract(second from {m})", "date_part('month', {m})", "date_trunc('week', {m})", "date_trunc('quarter', {m})", "date_trunc('hour', {z})",
    "date_trunc('day', {z} at time zone 'Asia/Tokyo')", "{m} at time zone 'America/New_York'", "{z} at time zone 'Europe/Paris'",
    "date_bin('15 minutes', {m}, timestamp '2001-01-01')", "{z}::date", "{m}::date", "{m}::time", "{d}::timestamp", "{m}::text", "{z}::text",
    "{l}::text", "{d}::text", "to_char({m}, 'YYYY-MM-DD HH24:MI:SS.MS')", "to_char({m}, 'FMDay, FMDDth FMMonth YYYY')",
    "to_char({m}, 'HH12:MI AM')", "to_char({m}, 'IYYY-IW-ID DDD Q')", "to_char({d}, 'YY/MM/DD')", "to_char({l}, 'DD HH24:MI:SS')",
    "to_char({n}, '9,999')", "to_char({f}, 'FM9,990.00')", "to_char({f}, '000.0')", "to_date({d}::text, 'YYYY-MM-DD')",
    "to_timestamp(extract(epoch from {z}))", "round({f}, 1)", "round({f})", "trunc({f})", "ceil({f})", "floor({f})", "{n} / {p}", "{n} % {p}",
    "mod({n}, {p})", "div({n}, {p})", "{n} / {f}", "{n} * {f} - {f}", "abs({n})", "sign({f})", "power({p}, 2)", "sqrt({p})", "{f}::int", "{f}::bigint",
    "{f}::text", "{n}::text", "{n}::float8 / {p}", "{f}::numeric(10,1)", "({f} > 0)::int", "greatest({n}, {p})", "least({n}, null, {p})",
    "coalesce({t}, 'none')", "nullif({n}, {p})", "{t} || {n}", "{t} || {m}", "{t} || {l}", "concat({t}, {n}, {m})", "concat_ws('-', {t}, null, {t})",
    "left({t}, {k})", "right({t}, {k})", "substr({t}, {k}, 3)", "substring({t} from 2 for 3)", "lpad({t}, 8, '*')", "rpad({t}, 8)", "length({t})",
    "upper({t})", "initcap({t})", "reverse({t})", "repeat({t}, {k})", "split_part({t}, ' ', 2)", "strpos({t}, 'a')", "replace({t}, 'a', 'bb')",
    "translate({t}, 'abc', 'xy')", "btrim({t}, 'a ')", "regexp_replace({t}, '[aeiou]', '_', 'g')", "{t} like '%a%'", "{t} ~ '^[a-f]'", "{t} < {t}",
    "{t}::varchar(3)", "md5({t})", "ascii({t})", "quote_literal({t})", "string_to_array({t}, ' ')", "{n} between {k} and {p}", "{n} in ({k}, {p})",
    "{n} not in ({k}, null)", "{n} is distinct from {p}", "case when {n} > {p} then {t} else 'x' end", "{n} > {p} and {t} is null",
]  # fmt: skip
TEXTS = ["abc def", "Foo bar", "", "a", "naïve café", "it''s", "日本 語", " x ", "ABC", "a,b"]


def version() -> str:
    done = subprocess.run([PROGRAMS[-1] / "postgres", "--version"], capture_output=True, text=True, check=True)
    return f"expressions beside {done.stdout.strip()}"


def value(kind: str, chance: random.Random) -> str:
    """A constant of a kind."""
    day = f"{chance.randint(1971, 2036)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    clock = f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:{chance.randint(0, 59):02}{chance.choice(['', '.5', '.123456'])}"
    is_null = chance.random() < 0.05
    match kind:
        case "d":
            return "null::date" if is_null else f"date '{day}'"
        case "m":
            return "null::timestamp" if is_null else f"timestamp '{day} {clock}'"
        case "z":
            return "null::timestamptz" if is_null else f"timestamptz '{day} {clock}{chance.choice(['+00', '+05:30', '-08'])}'"
        case "l":
            units = ["2 days", "1 month", "90 minutes", "1 day 02:03:04.5", "1 year 1 day", "-3 hours", "1 week", "00:00:00", "45 days", "24 hours"]
            return "null::interval" if is_null else f"interval '{chance.choice(units)}'"
        case "n":
            return "null::int" if is_null else str(chance.randint(-5000, 5000))
        case "p":
            return str(chance.choice([1, 2, 3, 7, 10, 60, 1000]))
        case "k":
            return str(chance.randint(-2, 4))
        case "f":
            return "null::numeric" if is_null else f"{chance.randint(-99999, 99999) / 100:.2f}"
        case _:
            return "null::text" if is_null else f"'{chance.choice(TEXTS)}'"


def drawn() -> list[str]:
    """Expressions at random; the same each time unless SEED says another."""
    seed = int(os.environ.get("SEED", "20261130"))
    chance = random.Random(seed)
    found = []
    for number in range(DRAWN):
        template = TEMPLATES[number] if number < len(TEMPLATES) else chance.choice(TEMPLATES)
        text = ""
        while "{" in template:
            before, rest = template.split("{", 1)
            kind, template = rest.split("}", 1)
            given = value(kind, chance)
            # A number below zero is not a part of what stands before it.
            text += before + (f"({given})" if given.startswith("-") else given)
        found.append(text + template)
    print(f"     SEED={seed} draws these expressions again")
    return found


class Both:
    """PostgreSQL and Playhead, in the same time zone."""

    def __init__(self, place: Place, real: psycopg.Connection) -> None:
        self.place, self.real = place, real
        self.real.execute("set timezone = 'UTC'")
        self.own: psycopg.Connection | None = None

    def connected(self) -> psycopg.Connection:
        if self.own is None or self.own.closed:
            self.own = psycopg.connect(self.place.libpq(), autocommit=True)
            self.own.execute("set timezone = 'UTC'")
        return self.own

    def difference(self, expression: str) -> tuple[str, str]:
        """How the value here differs, if it does: its mark, and in words."""
        real, own = ask(self.real, expression), ask(self.connected(), expression)
        if isinstance(own, psycopg.Error):
            if isinstance(real, psycopg.Error):
                return "", ""
            is_fault = (own.sqlstate or "").startswith(("XX", "58"))
            return ("" if is_fault else REFUSED), f"{expression} is refused: {own.sqlstate} {str(own).splitlines()[0]}"
        if isinstance(real, psycopg.Error):
            return DIFFERENT, f"{expression} gives {own!r}, and PostgreSQL {real.sqlstate} {str(real).splitlines()[0]}"
        if is_same(real, own):
            return "", ""
        return DIFFERENT, f"{expression} gives {own!r}, and PostgreSQL {real!r}"


def ask(connection: psycopg.Connection, expression: str) -> str | None | psycopg.Error:
    """The value as text, or the error."""
    try:
        result = connection.execute(f"select {expression}".encode()).pgresult
        found = result.get_value(0, 0)
        return None if found is None else found.decode()
    except psycopg.Error as error:
        return error


def is_same(real: str | None, own: str | None) -> bool:
    """Numbers of any precision are floats here, so the digits after the fifteenth do not count, nor zeros at the end."""
    if real == own or real is None or own is None:
        return real == own
    try:
        wanted, found = float(real), float(own)
    except ValueError:
        return False
    return wanted == found or abs(wanted - found) <= 1e-14 * max(abs(wanted), abs(found))


def check_written_expressions(place: Place) -> None:
    lines = [line for line in FILE.read_text().splitlines() if line and not line.startswith("# ")]
    faults = []
    with postgresql(place, locale="C.UTF-8") as real:
        both = Both(place, real)
        for line in lines:
            mark = next((mark for mark in (REFUSED, DIFFERENT) if line.startswith(mark)), "")
            found, words = both.difference(line.removeprefix(mark))
            if (found, bool(words)) != (mark, bool(mark)):
                faults.append(words or f"{line.removeprefix(mark)} is as in PostgreSQL, and is not to be marked")
    assert not faults, "\n       ".join(faults)


def check_drawn_expressions(place: Place) -> None:
    with postgresql(place, locale="C.UTF-8") as real:
        both = Both(place, real)
        faults = [words for expression in drawn() if (words := both.difference(expression)[1])]
    assert not faults, "\n       ".join(faults)
