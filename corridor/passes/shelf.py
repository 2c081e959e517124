"""Put cards on the shelf and take them down: the only writer of the table of passes."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from corridor.live.log import Turn, record
from corridor.live.sql import moment, one, run, uuid
from corridor.passes import states
from corridor.passes.cards import PassCard
from corridor.passes.events import PassEvent
from corridor.passes.refusals import NotFound

# A pass, and the event by which this request was answered before (name, body) or None.
Taken = tuple[PassCard, tuple[str, str] | None]

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
    card = event.card
    run(
        "INSERT INTO passes_hallpass (student_id, origin_id, destination_id, kind,"
        " requested_at, state, is_open, started_at, ended_at, due_at, over_at, version,"
        " let_go_by, was_long, was_overridden, was_edited, was_auto, asks_correction, card,"
        " school_id, id)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
        " %s)",
        (
            card.student.id,
            card.origin.id,
            card.destination.id,
            card.kind,
            moment(card.requested_at),
            *_changing(card),
        ),
    )
    record(tx, event, request_id=request_id)
    return card


def change(tx: Turn, event: PassEvent, *, request_id: UUID | None = None) -> PassCard:
    """Keep the next card of a pass and record the event that made it."""
    change_and_look(tx, event, request_id=request_id)
    return event.card


def change_and_look(tx: Turn, event: PassEvent, *, request_id: UUID | None = None) -> bool:
    """As `change`; whether somebody stands in line for the destination, in the same statement."""
    row = one(
        "UPDATE passes_hallpass SET state = %s, is_open = %s, started_at = %s, ended_at = %s,"
        " due_at = %s, over_at = %s, version = %s, let_go_by = %s, was_long = %s,"
        " was_overridden = %s, was_edited = %s, was_auto = %s, asks_correction = %s, card = %s"
        " WHERE school_id = %s AND id = %s RETURNING EXISTS (SELECT 1 FROM passes_hallpass q"
        " WHERE q.destination_id = passes_hallpass.destination_id AND q.state = 'queued')",
        _changing(event.card),
    )
    record(tx, event, request_id=request_id)
    return row is not None and bool(row[0])


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
    row = one(
        "SELECT p.card, e.name, e.body FROM passes_hallpass p"
        " LEFT JOIN live_event e ON e.school_id = p.school_id AND e.account_id = %s"
        " AND e.request_id = %s WHERE p.school_id = %s AND p.id = %s",
        (account_id, uuid(request_id), tx.school_id, pass_id),
    )
    if row is None:
        raise NotFound("pass")
    return read(row[0]), None if row[1] is None else (row[1], row[2])


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
