"""History after years: `python -m bench.history [--database postgres|sqlite] [--passes 5000000]`.

A school of 10,000 students with millions of passes that are over; each filter of the history, the
counts, the reports and the API's filters are asked for 40 times, each time with other values where
there are others. Times are those of the questions themselves, without drawing the page. Figures and
plans go to `history-<database>.json`.
"""

import argparse
import json
import os
import re
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

import httpx
import psycopg

from bench import machine
from bench.client import SESSION_COOKIE
from bench.target import Target, started

RUNS: Final = 40
DAYS: Final = 300
FIRST: Final = datetime(2025, 1, 6, tzinfo=UTC)

# Pass g of so many: who, from where, to where, what became of it. {g} is its number.
_STUDENT: Final = "{first} + ({g} * 7919) % {students}"
_FROM: Final = "{room} + ({g} * 31) % {rooms}"
_TO: Final = (
    "CASE WHEN {g} % 10 < 7 THEN {place} + ({g} * 17) % {places}"
    " ELSE {room} + ({g} * 13 + 7) % {rooms} END"
)
_STATE: Final = (
    "CASE WHEN {g} % 100 < 85 THEN 'ended' WHEN {g} % 100 < 88 THEN 'system_ended'"
    " WHEN {g} % 100 < 93 THEN 'cancelled' WHEN {g} % 100 < 96 THEN 'withdrawn'"
    " ELSE 'expired' END"
)
_CARD: Final = (
    '{{"id":%s,"version":%s,"school_id":{school},"kind":"%s","state":"%s","student":{{"id":%s,'
    '"name":"Student Number %s","sort_name":"Number Student %s","grade":"9"}},"origin":{{"id":%s,'
    '"name":"Room %s","adult_name":"Teacher Number %s"}},"destination":{{"id":%s,"name":'
    '"Restroom %s","adult_name":""}},"trip_type":"roundtrip","reason":"","minutes_waiting":10,'
    '"minutes_to_long":10,"minutes_to_end":30,"requested_at":"%s","started_at":"%s","ended_at":'
    '"%s","stamps":[{{"what":"requested","at":"%s","by":{{"account_id":%s,"name":"Student Number '
    '%s","kind":"student","face":"student"}}}},{{"what":"approved","at":"%s","by":{{"account_id":'
    '%s,"name":"Teacher Number 1","kind":"adult","face":"staff"}}}},{{"what":"ended","at":"%s",'
    '"by":{{"account_id":%s,"name":"Teacher Number 1","kind":"adult","face":"staff"}}}}]}}'
)
_COLUMNS: Final = (
    "school_id, id, student_id, origin_id, destination_id, kind, requested_at, state, is_open,"
    " started_at, ended_at, version, let_go_by, was_long, was_overridden, was_edited,"
    " asks_correction, card"
)


def rows_of(words: dict[str, Any], dialect: dict[str, str]) -> str:
    """The statement that makes all the passes."""

    def put(text: str) -> str:
        return text.format(g="g", **words)

    out = f"({put(_STATE)}) IN ('ended', 'system_ended')"
    at, ended, text = dialect["at"], dialect["ended"], dialect["text"]
    values = ", ".join(
        [
            "id", "id", "kind", "state", "student", "student", "student", "origin", "origin",
            "origin", "destination", "destination", text.format(at="at"), text.format(at="at"),
            text.format(at="ended"), text.format(at="at"), "student", "student",
            text.format(at="at"), "adult", text.format(at="ended"), "adult",
        ]
    )  # fmt: skip
    card = f"{dialect['format']}('{put(_CARD)}', {values})"
    return (
        f"INSERT INTO passes_hallpass ({_COLUMNS}) SELECT {words['school']}, id, student, origin,"
        f" destination, kind, at, state, {dialect['no']}, CASE WHEN went THEN at END, ended, id,"
        f" CASE WHEN went THEN adult END, went AND g % 10 = 1, g % 500 = 1, g % 1000 = 1,"
        f" {dialect['no']}, {card} FROM (SELECT g, {words['last']} + g AS id,"
        f" {put(_STUDENT)} AS student, {put(_FROM)} AS origin, {put(_TO)} AS destination,"
        f" {put('{adult} + ({g} * 31) % {rooms}')} AS adult,"
        f" CASE WHEN g % 7 = 0 THEN 'teacher' ELSE 'student' END AS kind, {put(_STATE)} AS state,"
        f" {out} AS went, {at} AS at, {ended} AS ended FROM {dialect['numbers']}) made"
    )


def refusals_of(words: dict[str, Any], dialect: dict[str, str]) -> tuple[str, str]:
    """The statements that make a tenth as many refusals."""
    codes = "CASE g % 3 WHEN 0 THEN 'daily_limit' WHEN 1 THEN 'building_full' ELSE 'cooldown' END"
    student, place = (text.format(g="g", **words) for text in (_STUDENT, _TO))
    origin = _FROM.format(g="g", **words)
    body = (
        '{"at":"2025-01-06T15:00:00Z","by":{"account_id":1,"name":"S","kind":"student","face":'
        '"student"},"school_id":1,"student_id":1,"origin_id":1,"destination_id":1,"refusal":'
        '{"code":"cooldown","facts":{"student":"S","place":"P"},"again_at":null}}'
    )
    number = f"{words['last']} + {words['count']} + g"
    numbers = dialect["tenth"]
    return (
        "INSERT INTO live_event (school_id, number, name, at, topics, body) SELECT"
        f" {words['school']}, {number}, 'pass.refused', {dialect['at_tenth']}, 'student:1',"
        f" '{body}' FROM {numbers}",
        "INSERT INTO passes_refusal (school_id, number, at, student_id, origin_id, destination_id,"
        f" code) SELECT {words['school']}, {number}, {dialect['at_tenth']}, {student}, {origin},"
        f" {place}, {codes} FROM {numbers}",
    )


def fill(target: Target, school: dict[str, Any], count: int) -> None:
    """So many passes over `DAYS` days, and a tenth as many refusals."""
    words = {
        "school": school["school"], "last": target.last_number(school["school"]),
        "first": school["students"][0]["id"], "students": len(school["students"]),
        "room": school["adults"][0]["room"], "rooms": len(school["adults"]),
        "adult": school["adults"][0]["id"], "place": school["places"][0],
        "places": len(school["places"]), "count": count,
    }  # fmt: skip
    last = words["last"] + count + count // 10
    turn = f"UPDATE live_schoolturn SET last_number = {last} WHERE school_id = {words['school']}"
    if target.postgres is None:
        _fill_sqlite(target, words, turn)
        return
    dialect = {
        "at": f"timestamptz '{FIRST:%Y-%m-%d}' + g * interval '{DAYS} days' / {count}",
        "at_tenth": f"timestamptz '{FIRST:%Y-%m-%d}' + g * interval '{DAYS} days' / {count // 10}",
        "ended": (
            f"timestamptz '{FIRST:%Y-%m-%d}' + g * interval '{DAYS} days' / {count}"
            " + (g % 29 + 1) * interval '1 minute'"
        ),
        "text": "to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
        "format": "format", "no": "false",
        "numbers": f"generate_series(1::bigint, {count}) g",
        "tenth": f"generate_series(1::bigint, {count // 10}) g",
    }  # fmt: skip
    with psycopg.connect(target.url, autocommit=True) as connection:
        for setting in ("max_wal_size = '16GB'", "maintenance_work_mem = '1GB'"):
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("SET synchronous_commit = off")
        # Built at once an index is written in a fraction of the time.
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'passes_hallpass'"
            " AND indexname LIKE 'passes\\_%' AND indexname NOT LIKE '%pkey'"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        connection.execute(turn.encode())
        connection.execute(rows_of(words, dialect).encode())
        for _, definition in indexes:
            connection.execute(definition.encode())
        for statement in refusals_of(words, dialect):
            connection.execute(statement.encode())
        connection.execute("VACUUM (ANALYZE) passes_hallpass, passes_refusal, live_event")
        connection.execute("CHECKPOINT")


def _fill_sqlite(target: Target, words: dict[str, Any], turn: str) -> None:
    def at(count: int, minutes: str = "0") -> str:
        days = f"(g * {DAYS}.0 / {count} + ({minutes}) / 1440.0)"
        return f"datetime('{FIRST:%Y-%m-%d}', {days} || ' days') || '.000000'"

    def numbers(count: int) -> str:
        return (
            f"(WITH RECURSIVE n(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM n WHERE g < {count})"
            " SELECT g FROM n)"
        )

    count = words["count"]
    dialect = {
        "at": at(count), "at_tenth": at(count // 10), "ended": at(count, "g % 29 + 1"),
        "text": "replace(substr({at}, 1, 19), ' ', 'T') || 'Z'", "format": "printf", "no": "0",
        "numbers": numbers(count), "tenth": numbers(count // 10),
    }  # fmt: skip
    path = target.server.data / "corridor.sqlite3"
    with sqlite3.connect(path, isolation_level=None, timeout=60) as plain:
        plain.execute("PRAGMA synchronous=OFF")
        plain.execute("PRAGMA cache_size=-400000")
        indexes = plain.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            " AND tbl_name = 'passes_hallpass' AND name LIKE 'passes\\_%' ESCAPE '\\'"
        ).fetchall()
        plain.execute("BEGIN IMMEDIATE")
        for name, _ in indexes:
            plain.execute(f"DROP INDEX {name}")
        for statement in (turn, rows_of(words, dialect), *refusals_of(words, dialect)):
            plain.execute(statement)
        for _, definition in indexes:
            plain.execute(definition)
        plain.execute("COMMIT")
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()


# Beside the server: ask, measure, explain


def questions(school: dict[str, Any]) -> Iterator[tuple[str, Callable[[int], Any]]]:
    """Every question by its name; the number makes its values others each time."""
    from corridor.passes import history
    from corridor.passes.history import Wanted
    from corridor.reports import absences
    from corridor.reports.absences import Period

    school_id, adults = school["school"], school["adults"]
    end = FIRST + timedelta(days=DAYS)

    def student(n: int) -> int:
        return int(school["students"][n * 37 % len(school["students"])]["id"])

    def room(n: int) -> int:
        return int(adults[n * 7 % len(adults)]["room"])

    def place(n: int) -> int:
        return int(school["places"][n % len(school["places"])])

    def asks(**parts: Any) -> Callable[[int], Any]:
        def ask(n: int) -> Any:
            after = parts.get("after")
            more = {k: v(n) if callable(v) else v for k, v in parts.items() if k != "after"}
            return history.passes(
                school_id, Wanted(**more), after=after(n) if after else None, limit=51
            )

        return ask

    def counts(**parts: Any) -> Callable[[int], Any]:
        def ask(n: int) -> Any:
            more = {k: v(n) if callable(v) else v for k, v in parts.items()}
            return history.count(school_id, Wanted(**more), 10_001)

        return ask

    def middle(n: int) -> tuple[datetime, int]:
        return FIRST + timedelta(days=n * 7 % DAYS), 2**60

    def week(n: int) -> datetime:
        return end - timedelta(days=7 + n % 200)

    def before(n: int) -> datetime:
        return end - timedelta(days=n % 200)

    def only(n: int) -> frozenset[int]:
        return frozenset({room(n), place(n), place(n + 1)})

    filters: dict[str, dict[str, Any]] = {
        "nothing": {},
        "student": {"student": student},
        "student, to": {"student": student, "destination": place},
        "adult": {"adult": lambda n: int(adults[n % len(adults)]["id"])},
        "adult, to": {
            "adult": lambda n: int(adults[n % len(adults)]["id"]), "destination": place,
        },
        "from": {"origin": room},
        "to a room": {"destination": room},
        "to a restroom": {"destination": place},
        "from, to": {"origin": room, "destination": place},
        "from, to, never": {"origin": room, "destination": room},
        "kind": {"kind": "teacher"},
        **{f"what: {what}": {"what": what} for what in history.WHATS},
        **{f"mark: {mark}": {"mark": mark} for mark in history.MARKS},
        **{
            f"what: {what}, to": {"what": what, "destination": place} for what in history.WHATS
        },
        **{
            f"what: {what}, kind": {"what": what, "kind": "teacher"} for what in history.WHATS
        },
        "kind, from, to": {"kind": "teacher", "origin": room, "destination": place},
        "week": {"since": week, "before": before},
        "week, to": {"since": week, "before": before, "destination": place},
        "week, from, what: cancelled": {
            "since": week, "before": before, "origin": room, "what": "cancelled",
        },
        "week, kind, what: overridden": {
            "since": week, "before": before, "kind": "teacher", "what": "overridden",
        },
        "own locations only": {"only": only},
        "own locations only, what: edited": {"only": only, "what": "edited"},
        "own locations only, week": {"only": only, "since": week, "before": before},
        "student, own locations only": {"student": student, "only": only},
    }  # fmt: skip
    for name, found in filters.items():
        yield f"page, {name}", asks(**found)
    for name in ("nothing", "to a restroom", "what: edited", "what: edited, to", "student"):
        yield f"page in the middle, {name}", asks(**filters[name], after=middle)
    for name in ("nothing", "student", "to a restroom", "from, to", "what: expired", "kind",
                 "what: edited, to", "own locations only", "week, to"):  # fmt: skip
        yield f"count, {name}", counts(**filters[name])
    for name, more in {
        "API, location": {"location": place}, "API, requested_before": {"before": before},
        "API, location, requested_from and before": {
            "location": room, "since": week, "before": before,
        },
    }.items():  # fmt: skip
        yield (
            name,
            lambda n, more=more: history.passes(
                school_id,
                Wanted(**{k: v(n) for k, v in more.items()}),  # type: ignore[arg-type]
                limit=51,
                is_open=None,
            ),
        )
    refused: dict[str, dict[str, Any]] = {
        "nothing": {}, "student": {"student": student}, "rule": {"code": "cooldown"},
        "to": {"destination": room}, "rule, to, week": {
            "code": "building_full", "destination": place, "since": week, "before": before,
        },
    }  # fmt: skip
    for name, more in refused.items():
        yield (
            f"refusals, {name}",
            lambda n, more=more: history.refusals(
                school_id,
                Wanted(**{k: v(n) if callable(v) else v for k, v in more.items()}),
                limit=51,
            ),
        )
    for days in (7, 30, 90):
        period = Period(school_id, end - timedelta(days=days), end)
        yield f"report of {days} days, students", lambda _, p=period: absences.students(p, "often")
        yield f"report of {days} days, places", lambda _, p=period: absences.places(p)
        yield f"report of {days} days, hours", lambda _, p=period: absences.hours(p, UTC)
        yield (
            f"report of {days} days, refused",
            lambda _, p=period: absences.refusals(p, by_admin=True),
        )


def measure() -> None:
    """Ask every question (beside the server); figures and plans into the file named last."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
    django.setup()

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from corridor.live.sql import rows

    school = json.loads(Path(sys.argv[2]).read_text())
    explain = (
        "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) "
        if connection.vendor == "postgresql"
        else "EXPLAIN QUERY PLAN "
    )
    found: dict[str, Any] = {}
    for name, ask in questions(school):
        runs = 5 if name.startswith("report") else RUNS
        took = []
        for n in range(runs):
            begun = time.perf_counter()
            answer = ask(n)
            took.append((time.perf_counter() - begun) * 1000)
        with CaptureQueriesContext(connection) as said:
            ask(3)
        plan = "\n".join(str(row[-1]) for row in rows(explain + said.captured_queries[-1]["sql"]))
        cuts = quantiles(took, n=20)
        found[name] = {
            "p50": round(cuts[9], 1), "p95": round(cuts[18], 1), "most": round(max(took), 1),
            "rows": len(answer) if isinstance(answer, list) else answer,
            "indexes": sorted(set(re.findall(r"(?:passes|refusals)_(?!hallpass)\w+", plan))
                              - {"passes_refusal"}),
            "plan": plan,
        }  # fmt: skip
        shown = {k: v for k, v in found[name].items() if k != "plan"}
        print(name, json.dumps(shown), flush=True)
    Path(sys.argv[3]).write_text(json.dumps(found, indent=1) + "\n")


def export(target: Target, school: dict[str, Any], most: int) -> dict[str, Any]:
    """The CSV file of so many passes over HTTP: seconds, and what the server's memory grew by."""
    server = target.server_process
    before = server.memory_info().rss
    largest, lines, size, begun = before, 0, 0, time.monotonic()
    cookies = {SESSION_COOKIE: school["adults"][-1]["session"]}
    address = f"{target.server.url}/staff/history/export.csv"
    with httpx.stream("GET", address, cookies=cookies, timeout=60) as answer:
        for piece in answer.iter_bytes():
            lines += piece.count(b"\n")
            size += len(piece)
            largest = max(largest, server.memory_info().rss)
            if lines >= most:
                break
    return {
        "lines": lines, "megabytes": round(size / 1e6), "seconds": round(time.monotonic() - begun),
        "memory_before_mb": round(before / 1e6), "memory_grew_mb": round((largest - before) / 1e6),
    }  # fmt: skip


def main() -> int:
    """Fill a school, ask every question beside the server, keep what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--passes", type=int, default=5_000_000)
    chosen = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with started(chosen.database) as target:
        school = target.add_school(10_000, 100)
        begun = time.monotonic()
        fill(target, school, chosen.passes)
        print(f"filled in {time.monotonic() - begun:.0f} s", flush=True)
        data = target.server.data
        made = machine.described(data)
        (data / "school.json").write_text(json.dumps(school))
        told = target.server.run(
            "bench.history", "measure", str(data / "school.json"), str(data / "history.json")
        )
        print(told)
        found = {
            "machine": made, "passes": chosen.passes,
            "questions": json.loads((data / "history.json").read_text()),
            "export": export(target, school, 1_000_000),
        }  # fmt: skip
    kept = Path(__file__).with_name(f"history-{chosen.database}.json")
    kept.write_text(json.dumps(found, indent=1) + "\n")
    print("export:", json.dumps(found["export"]))
    slow = {n: q["p95"] for n, q in found["questions"].items() if q["p95"] > 300}
    print("over 300 ms:", json.dumps(slow))
    return 0


if __name__ == "__main__":
    sys.exit(measure() if sys.argv[1:2] == ["measure"] else main())
