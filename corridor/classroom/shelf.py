"""Put the cards of running classes on the shelf and take them down: the only writer of the tables.

Everything of one school, so that no query crosses schools.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from corridor.accounts.actors import Actor
from corridor.classroom import events
from corridor.classroom.cards import CommandCard, ParticipantCard, SessionCard
from corridor.classroom.refusals import NotFound
from corridor.live.log import Turn
from corridor.live.sql import moment, one, rows, run, uuid

_OF_A_SESSION = (
    "classroom_participant", "classroom_command", "classroom_classmessage", "classroom_classsite",
)  # fmt: skip

_encode = msgspec.json.Encoder().encode
_decode_session = msgspec.json.Decoder(SessionCard).decode
_decode_participant = msgspec.json.Decoder(ParticipantCard).decode
_decode_command = msgspec.json.Decoder(CommandCard).decode


@lru_cache(maxsize=1024)
def read_session(text: str) -> SessionCard:
    """The card behind the stored text."""
    return _decode_session(text)


@lru_cache(maxsize=8192)
def read_participant(text: str) -> ParticipantCard:
    """The card behind the stored text."""
    return _decode_participant(text)


@lru_cache(maxsize=512)
def read_command(text: str) -> CommandCard:
    """The card behind the stored text."""
    return _decode_command(text)


# Sessions


def add_session(card: SessionCard) -> None:
    """Keep a new session."""
    run(
        "INSERT INTO classroom_classsession (class_id, led_by, started_at, is_running, ends_at,"
        " ended_at, version, card, school_id, id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (card.class_id, card.led_by.account_id, moment(card.started_at), *_changing(card)),
    )


def keep_session(card: SessionCard) -> None:
    """Keep the next card of a session."""
    run(
        "UPDATE classroom_classsession SET is_running = %s, ends_at = %s, ended_at = %s,"
        " version = %s, card = %s WHERE school_id = %s AND id = %s",
        _changing(card),
    )


def session(school_id: int, session_id: int) -> SessionCard:
    """The session. Raises `NotFound` when this school has none such."""
    row = one(
        "SELECT card FROM classroom_classsession WHERE school_id = %s AND id = %s",
        (school_id, session_id),
    )
    if row is None:
        raise NotFound("class session")
    return read_session(row[0])


def running_session_of(school_id: int, class_id: int) -> SessionCard | None:
    """The class's running session, if there is one."""
    row = one(
        "SELECT card FROM classroom_classsession"
        " WHERE class_id = %s AND is_running AND school_id = %s",
        (class_id, school_id),
    )
    return None if row is None else read_session(row[0])


def due_session(
    tx: Turn, at: Any, *, but: Iterable[tuple[int, int | None]] = ()
) -> SessionCard | None:
    """The running session that should have ended first, without these."""
    without = "".join(f" AND id <> {found:d}" for found, student_id in but if student_id is None)
    row = one(
        "SELECT card FROM classroom_classsession WHERE school_id = %s AND is_running"
        f" AND ends_at <= %s{without} ORDER BY ends_at, id LIMIT 1",
        (tx.school_id, moment(at)),
    )
    return None if row is None else read_session(row[0])


def forget_sessions(tx: Turn, cards: Sequence[SessionCard]) -> None:
    """Put nameless cards in the place of sessions that are over; the rest of them goes."""
    ids = tuple(card.id for card in cards)
    marks = ", ".join(["%s"] * len(ids))
    for table in _OF_A_SESSION:
        run(
            f"DELETE FROM {table} WHERE school_id = %s AND session_id IN ({marks})",
            (tx.school_id, *ids),
        )
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE classroom_classsession SET card = %s, led_by = NULL, is_forgotten = true"
            " WHERE school_id = %s AND id = %s AND NOT is_running",
            [(_encode(card).decode(), tx.school_id, card.id) for card in cards],
        )


# Participants


def keep_participants(cards: Iterable[ParticipantCard]) -> None:
    """Keep these students' next cards, or first ones."""
    # Whoever is let go comes first: a student is in one session at most at every moment.
    ordered = sorted(cards, key=lambda card: card.is_in)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO classroom_participant"
            " (school_id, session_id, student_id, is_in, is_over, due_at, version, card)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (school_id, session_id, student_id) DO UPDATE SET is_in = excluded.is_in,"
            " is_over = excluded.is_over, due_at = excluded.due_at, version = excluded.version,"
            " card = excluded.card",
            [_participant_row(card) for card in ordered],
        )


def participants(school_id: int, session_id: int) -> list[ParticipantCard]:
    """The students of a session, whatever they are to it."""
    return _participants("session_id = %s", (school_id, session_id))


def open_rows(
    school_id: int, student_ids: Collection[int], *, but: int = 0
) -> list[ParticipantCard]:
    """These students in all running sessions but one."""
    marks = ", ".join(["%s"] * len(student_ids))
    if not student_ids:
        return []
    return _participants(
        f"NOT is_over AND session_id <> %s AND student_id IN ({marks})",
        (school_id, but, *student_ids),
    )


def due_participants(
    tx: Turn, at: Any, *, but: Iterable[tuple[int, int | None]] = ()
) -> list[ParticipantCard]:
    """The students of whom a restriction ended first, all of that moment, without these."""
    without = "".join(
        f" AND NOT (session_id = {session_id:d} AND student_id = {student_id:d})"
        for session_id, student_id in but
        if student_id is not None
    )
    return _participants(
        "due_at = (SELECT min(due_at) FROM classroom_participant"
        f" WHERE school_id = %s AND due_at <= %s{without}){without}",
        (tx.school_id, tx.school_id, moment(at)),
    )


def _participants(where: str, params: tuple[Any, ...]) -> list[ParticipantCard]:
    found = rows(
        f"SELECT card FROM classroom_participant WHERE school_id = %s AND {where}"
        " ORDER BY session_id, student_id",
        params,
    )
    return [read_participant(text) for (text,) in found]


# Commands


def keep_command(card: CommandCard) -> None:
    """Keep a new command, or its next card."""
    run(
        "INSERT INTO classroom_command (school_id, id, session_id, version, card)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (school_id, id)"
        " DO UPDATE SET version = excluded.version, card = excluded.card",
        (card.school_id, card.id, card.session_id, card.version, _encode(card).decode()),
    )


def command(school_id: int, command_id: int) -> CommandCard:
    """The command. Raises `NotFound` when this school has none such."""
    row = one(
        "SELECT card FROM classroom_command WHERE school_id = %s AND id = %s",
        (school_id, command_id),
    )
    if row is None:
        raise NotFound("command")
    return read_command(row[0])


def commands(school_id: int, session_id: int) -> list[CommandCard]:
    """What was asked in a session, oldest first."""
    found = rows(
        "SELECT card FROM classroom_command WHERE school_id = %s AND session_id = %s ORDER BY id",
        (school_id, session_id),
    )
    return [read_command(text) for (text,) in found]


# Presses that come again


def answered(tx: Turn, by: Actor, request_id: UUID | None) -> events.ClassroomEvent | None:
    """The event by which this request of this person was answered before."""
    if request_id is None or by.account_id is None:
        return None
    row = one(
        "SELECT name, body FROM live_event"
        " WHERE school_id = %s AND account_id = %s AND request_id = %s",
        (tx.school_id, by.account_id, uuid(request_id)),
    )
    return None if row is None else events.decode(*row)


def _changing(card: SessionCard) -> tuple[Any, ...]:
    return (
        card.is_running,
        moment(card.ends_at),
        moment(card.ended_at),
        card.version,
        _encode(card).decode(),
        card.school_id,
        card.id,
    )


def _participant_row(card: ParticipantCard) -> tuple[Any, ...]:
    return (
        card.school_id,
        card.session_id,
        card.student.id,
        card.is_in,
        card.is_over,
        moment(card.due_at),
        card.version,
        _encode(card).decode(),
    )
