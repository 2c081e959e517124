"""The end of a class: everybody is let go of everything, by whomever and whenever it ends.

And another end for one that runs.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor
from corridor.classroom import events, holding, leases, shelf
from corridor.classroom.cards import ENDED, ParticipantCard, SessionCard, dated, left, renewed
from corridor.live.log import Turn, record


def end_session(
    tx: Turn, card: SessionCard, *, by: Actor, at: datetime, request_id: UUID | None = None
) -> SessionCard:
    """The running session is over; students who are wanted by another class are in that one."""
    number = tx.number
    card = msgspec.structs.replace(
        card, state=ENDED, ended_at=at, ended_by=by.who, version=number
    )  # fmt: skip
    own = shelf.participants(tx.school_id, card.id)
    over = tuple(_over(row, number, at) for row in own)
    shelf.keep_session(card)
    shelf.keep_participants(over)
    event = events.ClassSessionEnded(card=card, participants=over, by=by.who, at=at)
    record(tx, event, request_id=request_id)
    come_back(tx, [row.student.id for row in own if row.is_in], but=card.id, by=by, at=at)
    return card


def move_end(
    tx: Turn, card: SessionCard, *, ends_at: datetime, by: Actor, at: datetime,
    request_id: UUID | None = None,
) -> SessionCard:  # fmt: skip
    """The running session ends at another time, and what lasts to its end goes along."""
    number, old_end = tx.number, card.ends_at
    card = msgspec.structs.replace(card, ends_at=ends_at, version=number)
    # Every student's device is told: it shows until when the class lasts.
    moved = tuple(
        renewed(row, number, restrictions=leases.prolonged(row.restrictions, old_end, ends_at))
        for row in shelf.participants(tx.school_id, card.id)
    )
    shelf.keep_session(card)
    shelf.keep_participants(moved)
    event = events.ClassSessionExtended(card=card, participants=moved, by=by.who, at=at)
    record(tx, event, request_id=request_id)
    return card


def come_back(tx: Turn, student_ids: list[int], *, but: int, by: Actor, at: datetime) -> None:
    """Students whom a session let go are in the class that waited for them."""
    back = tuple(holding.let_go(tx, student_ids, number=tx.number, but=but, at=at))
    if back:
        shelf.keep_participants(back)
        record(tx, events.ParticipantsCameBack(participants=back, by=by.who, at=at))


def _over(row: ParticipantCard, number: int, at: datetime) -> ParticipantCard:
    after = renewed(
        row, number, is_over=True, restrictions=(), hand_raised_at=None, there=left(row.there, at)
    )
    return dated(after, at)
