"""Years of past events and passes in a school, by bulk SQL, as if they had happened."""

import sqlite3
from typing import Any

import psycopg

from bench.target import Target

# Every fourth event begins a pass; all of them are over. Bodies are shorter than real ones
# (which are about 900 bytes), because nothing that is measured reads them.
_BODY = '{"at":"2025-01-06T15:00:00Z","by":{"account_id":1,"name":"Past","kind":"student"}}'

_EVENTS = """
    INSERT INTO live_event (school_id, number, name, at, topics, account_id, request_id, body)
    SELECT {school}, {last} + g, 'pass.requested', {at}, 'student:1 location:2 school:{school}',
        {first} + g * {students} / {count}, {uuid}, '{body}'
    FROM {numbers}
"""
_PASSES = """
    INSERT INTO passes_hallpass (school_id, id, student_id, origin_id, destination_id, kind,
        requested_at, state, is_open, started_at, ended_at, due_at, over_at, version, card)
    SELECT {school}, {last} + g, {first} + g * {students} / {count}, {room}, {place}, 'student',
        {at}, 'ended', {no}, {at}, {at}, NULL, NULL, {last} + g + 2, '{body}'
    FROM {numbers} WHERE g % 4 = 1
"""


def add(target: Target, school: dict[str, Any], count: int) -> None:
    """So many events, and a quarter as many passes, of a past school year."""
    words = {
        "school": school["school"],
        "last": target.last_number(school["school"]),
        "first": school["students"][0]["id"],
        "students": len(school["students"]) - 1,
        "room": school["adults"][0]["room"],
        "place": school["places"][0],
        "count": count,
        "body": _BODY,
    }
    last = words["last"] + count
    turn = f"UPDATE live_schoolturn SET last_number = {last} WHERE school_id = {words['school']}"
    if target.postgres is not None:
        words |= {
            "at": f"timestamptz '2025-01-06' + g * interval '300 days' / {count}",
            "uuid": "gen_random_uuid()",
            "no": "false",
            "numbers": f"generate_series(1::bigint, {count}) g",
        }
        with psycopg.connect(target.url, autocommit=True) as connection:
            connection.execute("SET synchronous_commit = off")
            connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
            connection.execute("SELECT pg_reload_conf()")
            for statement in (turn, _EVENTS.format(**words), _PASSES.format(**words)):
                connection.execute(statement.encode())
            connection.execute("VACUUM (ANALYZE) live_event, passes_hallpass")
            connection.execute("CHECKPOINT")
            connection.execute("ALTER SYSTEM RESET max_wal_size")
            connection.execute("SELECT pg_reload_conf()")
        return
    words |= {
        "at": f"datetime('2025-01-06', (g * 300.0 / {count}) || ' days') || '.000000'",
        "uuid": "lower(hex(randomblob(16)))",
        "no": "0",
        "numbers": (
            f"(WITH RECURSIVE n(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM n WHERE g < {count})"
            " SELECT g FROM n)"
        ),
    }
    path = target.server.data / "corridor.sqlite3"
    with sqlite3.connect(path, isolation_level=None, timeout=60) as plain:
        plain.execute("PRAGMA synchronous=OFF")
        plain.execute("PRAGMA cache_size=-400000")
        plain.execute("BEGIN IMMEDIATE")
        for statement in (turn, _EVENTS.format(**words), _PASSES.format(**words)):
            plain.execute(statement)
        plain.execute("COMMIT")
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()
