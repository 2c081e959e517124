"""Forget who was in classes that ended long ago: schools keep that for a shorter time.

A session that is too old loses its names everywhere: in its row, in its events, and its students,
commands, messages and sites go altogether. That it ran, when, and how many events it had stays.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from corridor.accounts.actors import clock_of
from corridor.classroom import events as classroom
from corridor.classroom.cards import SessionCard
from corridor.classroom.shelf import forget_sessions
from corridor.live.events import Event, Logged
from corridor.live.forgetting import rewrite
from corridor.live.log import record, turn
from corridor.live.sql import is_postgres, moment, one, rows, run
from corridor.operators.events import ClassSessionsPurged
from corridor.operators.nameless import nameless
from corridor.roster.schools import settings_of
from corridor.roster.settings import SchoolSettings

# Sessions of one turn: each has some hundreds of events.
BATCH: Final = 10

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(SessionCard).decode
_decode_proof: Final = msgspec.json.Decoder(ClassSessionsPurged).decode


def old_sessions(school_id: int, settings: SchoolSettings, at: datetime) -> int:
    """How many sessions the next purge takes."""
    found = one(
        f"SELECT count(*) FROM classroom_classsession WHERE {_OLD}",
        (school_id, moment(settings.classes_kept_since(at))),
    )
    return int(found[0]) if found else 0


def purge_classes(school_id: int, at: datetime) -> None:
    """Forget the sessions that are older than the school keeps them; each batch has a proof."""
    if not is_postgres():
        run("PRAGMA secure_delete = ON", ())  # overwrites what it replaces
    settings = settings_of(school_id)
    while old := _oldest(school_id, settings, at):
        first, last = _reach(school_id, old)
        ids = {card.id for card in old}
        with turn(school_id) as tx:
            gone = [
                _nameless_row(school_id, number, event)
                for number, event in _events(school_id, first, last)
                if ids & _sessions_of(event)
            ]
            rewrite(tx, gone)
            forget_sessions(tx, [nameless(card) for card in old])
            proof = ClassSessionsPurged(
                school_id=school_id, first=first, last=last, sessions=len(old),
                events=len(gone), keep_days=settings.classes_kept_days,
                by=clock_of(school_id).who, at=at,
            )  # fmt: skip
            record(tx, proof)


def last_class_proof(school_id: int) -> ClassSessionsPurged | None:
    """The proof of the last purge of sessions."""
    row = one(
        "SELECT body FROM live_event WHERE school_id = %s AND name = %s"
        " ORDER BY number DESC LIMIT 1",
        (school_id, ClassSessionsPurged.name),
    )
    return None if row is None else _decode_proof(row[0])


_OLD: Final = "school_id = %s AND NOT is_running AND NOT is_forgotten AND ended_at < %s"


def _oldest(school_id: int, settings: SchoolSettings, at: datetime) -> list[SessionCard]:
    found = rows(
        f"SELECT card FROM classroom_classsession WHERE {_OLD} ORDER BY ended_at, id LIMIT %s",
        (school_id, moment(settings.classes_kept_since(at)), BATCH),
    )
    return [_decode(text) for (text,) in found]


def _reach(school_id: int, old: list[SessionCard]) -> tuple[int, int]:
    """From the first to the last number that may be about these sessions.

    Taking over is told just before the session that takes begins; an older log may hold what a
    device answered after the end.
    """
    marks = ", ".join(["%s"] * len(old))
    late = one(
        "SELECT max(version) FROM classroom_command"
        f" WHERE school_id = %s AND session_id IN ({marks})",
        (school_id, *(card.id for card in old)),
    )
    last = max(card.version for card in old)
    return min(card.id for card in old) - 1, max(last, (late and late[0]) or 0)


def _events(school_id: int, first: int, last: int) -> Iterable[tuple[int, Event]]:
    for number, name, body in rows(
        "SELECT number, name, body FROM live_event"
        " WHERE school_id = %s AND number BETWEEN %s AND %s ORDER BY number",
        (school_id, first, last),
    ):
        event = classroom.decode(name, body)
        if event is not None:
            yield number, event


def _sessions_of(event: Event) -> set[int]:
    """The sessions that an event is about."""
    assert isinstance(event, classroom.ClassroomEvent)
    found = {card.session_id for card in event.participants}
    if isinstance(event, classroom.SessionEvent):
        found.add(event.card.id)
    elif isinstance(event, classroom.CommandSent | classroom.CommandAnswered):
        found.add(event.card.session_id)
    return found


def _nameless_row(school_id: int, number: int, event: Event) -> Logged:
    event = nameless(event)
    return Logged(school_id, number, event.name, event.topics(), _encode(event).decode())
