"""Put cards on the shelf and take them down: the only writer of the tables of passes.

Appointments lie on a shelf of their own (`ComingPass`) until they surface or are called off, so
that what is asked of passes with every press never walks past what is weeks away.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from corridor.accounts.actors import Actor
from corridor.live.events import Event
from corridor.live.log import Turn, record, record_all
from corridor.live.sql import moment, one, rows, run, uuid
from corridor.passes import states
from corridor.passes.cards import PassCard
from corridor.passes.events import PassEvent, decode
from corridor.passes.refusals import NotFound

# A pass, and the event by which this request was answered before (name, body) or None.
Taken = tuple[PassCard, tuple[str, str] | None]


class Answered(NamedTuple):
    """The event that answered a request, with its number; None for one that is not of passes."""

    number: int
    event: Event | None


# When the post begins to look after the reminders of an appointment.
REMINDED_BEFORE: Final = timedelta(minutes=20)

_INSERT: Final = (
    "INSERT INTO passes_hallpass (student_id, origin_id, destination_id, kind,"
    " requested_at, state, is_open, started_at, ended_at, due_at, over_at, version,"
    " let_go_by, was_long, was_overridden, was_edited, was_auto, asks_correction, card,"
    " school_id, id)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
    " %s)"
)
_INSERT_COMING: Final = (
    "INSERT INTO passes_comingpass (student_id, origin_id, destination_id, state, series,"
    " begins_at, due_at, remind_at, held, version, card, school_id, id)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_UPDATE_COMING: Final = (
    "UPDATE passes_comingpass SET student_id = %s, origin_id = %s, destination_id = %s,"
    " state = %s, series = %s, begins_at = %s, due_at = %s,"
    " remind_at = CASE WHEN begins_at = %s AND origin_id = %s AND destination_id = %s"
    " THEN remind_at ELSE %s END,"
    " held = %s, version = %s, card = %s WHERE school_id = %s AND id = %s"
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(PassCard).decode


@lru_cache(maxsize=4096)
def read(text: str) -> PassCard:
    """The card behind the stored text."""
    return _decode(text)


def read_once(text: str) -> PassCard:
    """As `read`, for a long walk through cards that nobody will ask for again soon."""
    return _decode(text)


def add(tx: Turn, event: PassEvent, *, request_id: UUID | None = None) -> PassCard:
    """Keep a new pass and record the event that begins it."""
    run(_INSERT, _all_of(event.card))
    record(tx, event, request_id=request_id)
    return event.card


def add_coming(
    tx: Turn, events: Sequence[PassEvent], *, request_id: UUID | None = None
) -> tuple[PassCard, ...]:
    """Keep new appointments and record the events that begin them."""
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT_COMING, [_all_of_coming(event.card) for event in events])
    record_all(tx, events, request_id=request_id)
    return tuple(event.card for event in events)


def change_coming(
    tx: Turn, events: Sequence[PassEvent], *, request_id: UUID | None = None
) -> tuple[PassCard, ...]:
    """Keep the next cards of appointments, all of them still to come, or none any more."""
    cards = [event.card for event in events]
    with connection.cursor() as cursor:
        if all(card.is_coming for card in cards):
            cursor.executemany(_UPDATE_COMING, [_changing_coming(card) for card in cards])
        else:
            cursor.executemany(_INSERT, [_all_of(card) for card in cards])
            cursor.executemany(
                "DELETE FROM passes_comingpass WHERE school_id = %s AND id = %s",
                [(tx.school_id, card.id) for card in cards],
            )
    record_all(tx, events, request_id=request_id)
    return tuple(cards)


def change(tx: Turn, event: PassEvent, *, request_id: UUID | None = None) -> PassCard:
    """Keep the next card of a pass and record the event that made it."""
    change_and_look(tx, event, request_id=request_id)
    return event.card


def change_and_look(tx: Turn, event: PassEvent, *, request_id: UUID | None = None) -> bool:
    """As `change`; whether somebody stands in line for the destination, in the same statement."""
    if event.card.is_coming:
        change_coming(tx, [event], request_id=request_id)
        return False
    row = one(
        "UPDATE passes_hallpass SET state = %s, is_open = %s, started_at = %s, ended_at = %s,"
        " due_at = %s, over_at = %s, version = %s, let_go_by = %s, was_long = %s,"
        " was_overridden = %s, was_edited = %s, was_auto = %s, asks_correction = %s, card = %s"
        " WHERE school_id = %s AND id = %s RETURNING EXISTS (SELECT 1 FROM passes_hallpass q"
        " WHERE q.destination_id = passes_hallpass.destination_id AND q.state = 'queued')",
        _changing(event.card),
    )
    if row is None:  # it was still to come
        change_coming(tx, [event], request_id=request_id)
        return False
    record(tx, event, request_id=request_id)
    return bool(row[0])


def forget(tx: Turn, cards: Sequence[PassCard]) -> None:
    """Put nameless cards in the place of closed ones; no event, because nothing happened."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE passes_hallpass SET student_id = %s, let_go_by = %s, card = %s"
            " WHERE school_id = %s AND id = %s AND NOT is_open",
            [(c.student.id, c.let_go_by, _encode(c).decode(), tx.school_id, c.id) for c in cards],
        )


def forget_found(tx: Turn, first: int, last: int) -> None:
    """The rows by which refusals and looks of these numbers are found name nobody any more."""
    old = "WHERE school_id = %s AND number BETWEEN %s AND %s"
    run(f"UPDATE passes_refusal SET student_id = 0 {old}", (tx.school_id, first, last))
    run(f"DELETE FROM passes_look {old}", (tx.school_id, first, last))


def take_down(tx: Turn, pass_id: int, *, account_id: int | None, request_id: UUID | None) -> Taken:
    """The pass, and by which event this request was answered before.

    Raises `NotFound` when this school has no such pass.
    """
    row = one(_TAKE, (account_id, uuid(request_id), tx.school_id, pass_id))
    if row is None:
        row = one(_TAKE_COMING, (account_id, uuid(request_id), tx.school_id, pass_id))
    if row is None:
        raise NotFound("pass")
    return read(row[0]), None if row[1] is None else (row[1], row[2])


def answered(tx: Turn, by: Actor, request_id: UUID | None) -> Answered | None:
    """What answered this request of this person before; None for one that is new, or has no id."""
    if request_id is None:
        return None
    row = one(
        "SELECT number, name, body FROM live_event WHERE school_id = %s AND account_id = %s"
        " AND request_id = %s",
        (tx.school_id, by.account_id, uuid(request_id)),
    )
    return None if row is None else Answered(row[0], decode(row[1], row[2]))


_TAKE: Final = (
    "SELECT p.card, e.name, e.body FROM passes_hallpass p"
    " LEFT JOIN live_event e ON e.school_id = p.school_id AND e.account_id = %s"
    " AND e.request_id = %s WHERE p.school_id = %s AND p.id = %s"
)
_TAKE_COMING: Final = _TAKE.replace("passes_hallpass", "passes_comingpass")


def coming(where: str, params: Iterable[Any], limit: int | None = None) -> list[PassCard]:
    """The appointments still to come for which this holds, in the order of their times."""
    some = "" if limit is None else f" LIMIT {limit:d}"
    found = rows(
        f"SELECT card FROM passes_comingpass WHERE {where} ORDER BY begins_at, id{some}",
        tuple(params),
    )
    return [read(text) for (text,) in found]


def _all_of(card: PassCard) -> tuple[Any, ...]:
    return (
        card.student.id,
        card.origin.id,
        card.destination.id,
        card.kind,
        moment(card.requested_at),
        *_changing(card),
    )


def _times_of_coming(card: PassCard) -> tuple[datetime, datetime]:
    assert card.appointment is not None and card.due_at is not None
    return card.appointment.begins_at, card.due_at


def _all_of_coming(card: PassCard) -> tuple[Any, ...]:
    begins_at, due_at = _times_of_coming(card)
    assert card.appointment is not None
    return (
        card.student.id, card.origin.id, card.destination.id, card.state,
        card.appointment.series, moment(begins_at), moment(due_at),
        moment(begins_at - REMINDED_BEFORE), card.appointment.held, card.version,
        _encode(card).decode(), card.school_id, card.id,
    )  # fmt: skip


def _changing_coming(card: PassCard) -> tuple[Any, ...]:
    values = _all_of_coming(card)
    _student, origin_id, destination_id, _state, _series, begins_at, *_ = values
    # A new time is reminded of anew, and so is a new place: its adults do not know of it.
    return (*values[:7], begins_at, origin_id, destination_id, *values[7:])


def _changing(card: PassCard) -> tuple[Any, ...]:
    return (
        card.state,
        card.is_open,
        moment(card.started_at),
        moment(card.ended_at),
        moment(card.due_at),
        moment(card.over_at),
        card.version,
        card.let_go_by,
        states.LONG_RUNNING in card.marks,
        states.OVERRIDDEN in card.marks,
        states.EDITED in card.marks,
        states.AUTO_START in card.marks,
        card.correction is not None,
        _encode(card).decode(),
        card.school_id,
        card.id,
    )
