"""What students do in a class: raise a hand, write; and what is done about them one by one."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from corridor.accounts.actors import Actor, ClassroomActor
from corridor.classroom import events, shelf, timers
from corridor.classroom.cards import (
    Message,
    ParticipantCard,
    SessionCard,
    Span,
    dated,
    left,
    renewed,
)
from corridor.classroom.holding import place_in
from corridor.classroom.leading import led
from corridor.classroom.refusals import NotAllowed, NotFound, Refused
from corridor.classroom.texts import said
from corridor.live.log import Turn, record


def raise_hand(tx: Turn, *, by: ClassroomActor, at: datetime) -> ParticipantCard:
    """The student raises a hand, once. Raises `NotFound` when in no class, `Refused`."""
    row, session = _own(tx, by, at)
    if not session.options.hands:
        raise Refused("no_hands")
    if row.hand_raised_at is not None:
        return row
    row = renewed(row, tx.number, hand_raised_at=at)
    shelf.keep_participants([row])
    record(tx, events.HandRaised(participants=(row,), by=by.who, at=at))
    return row


def lower_hand(tx: Turn, *, by: ClassroomActor, at: datetime) -> ParticipantCard:
    """The student takes the hand down. Raises `NotFound` when in no class."""
    row, _ = _own(tx, by, at)
    if row.hand_raised_at is None:
        return row
    row = renewed(row, tx.number, hand_raised_at=None)
    shelf.keep_participants([row])
    record(tx, events.HandLowered(participants=(row,), by=by.who, at=at))
    return row


def write_message(
    tx: Turn, *, text: str, by: ClassroomActor, at: datetime, request_id: UUID | None = None
) -> Message:
    """The student writes to the teachers of the class.

    Raises `NotFound` when in no class, `Refused` for an empty or too long text, and where students
    may not write before a teacher has.
    """
    row, session = _own(tx, by, at)
    before = shelf.answered(tx, by, request_id)
    if isinstance(before, events.ClassMessageSent):
        return before.message
    text = said(text)
    if not (session.options.students_write or row.written_to):
        raise Refused("teacher_writes_first")
    row = renewed(row, tx.number, unread=row.unread + 1)
    message = Message(session_id=session.id, student=row.student, text=text, at=at)
    shelf.keep_participants([row])
    event = events.ClassMessageSent(message=message, participants=(row,), by=by.who, at=at)
    record(tx, event, request_id=request_id)
    return message


def read_messages(
    tx: Turn, *, session_id: int, student_id: int, by: ClassroomActor, at: datetime
) -> ParticipantCard:
    """A teacher has seen what the student wrote. Raises `NotFound`, `NotAllowed`, `Stale`."""
    card = led(tx, session_id, by=by, at=at)
    row = _row(tx, card, student_id)
    if not row.unread:
        return row
    row = renewed(row, tx.number, unread=0)
    shelf.keep_participants([row])
    record(tx, events.MessagesRead(participants=(row,), by=by.who, at=at))
    return row


def let_in(
    tx: Turn, *, session_id: int, student_id: int, by: Actor, at: datetime
) -> ParticipantCard | None:
    """A student for whom a place was kept is back, and in the class; None when there is none.

    Whom another class has meanwhile, that class keeps.
    """
    timers.settle(tx, at=at)
    card = shelf.session(tx.school_id, session_id)
    row = _row(tx, card, student_id)
    if not row.include_when_back or row.is_over:
        return None
    held = [one for one in shelf.open_rows(tx.school_id, [student_id], but=session_id) if one.is_in]
    where = place_in(shelf.session(tx.school_id, held[0].session_id), at) if held else None
    row = dated(renewed(row, tx.number, include_when_back=False, elsewhere=where), at)
    shelf.keep_participants([row])
    record(tx, events.ParticipantsIncluded(participants=(row,), by=by.who, at=at))
    return row


def notice_devices(
    tx: Turn,
    *,
    came: Collection[int] = (),
    went: Mapping[int, datetime] = MappingProxyType({}),
    by: Actor,
    at: datetime,
) -> tuple[ParticipantCard, ...]:
    """Devices of these students came, or went or were lost, at the time when each was last known to
    be there: for the history of who was there."""
    number = tx.number
    changed = []
    for row in shelf.open_rows(tx.school_id, {*came, *went}):
        if row.student.id in came and row.is_in:
            there = _came(row.there, at)
        else:
            there = _went(row.there, went.get(row.student.id, at))
        if there != row.there:
            changed.append(renewed(row, number, there=there))
    if changed:
        shelf.keep_participants(changed)
        record(tx, events.ParticipantsNoticed(participants=tuple(changed), by=by.who, at=at))
    return tuple(changed)


def _came(there: tuple[Span, ...], at: datetime) -> tuple[Span, ...]:
    is_there = bool(there) and there[-1].until is None
    return there if is_there else (*there, Span(at))


def _went(there: tuple[Span, ...], at: datetime) -> tuple[Span, ...]:
    """A device is written down a moment after it came: it may have been heard last before that."""
    return left(there, max(at, there[-1].since)) if there else there


def _own(tx: Turn, by: ClassroomActor, at: datetime) -> tuple[ParticipantCard, SessionCard]:
    """The student's card in the session that holds them, and that session."""
    if by.is_adult or by.account_id is None:
        raise NotAllowed
    timers.settle(tx, at=at)
    rows = shelf.open_rows(tx.school_id, [by.account_id])
    row = next((one for one in rows if one.is_in), None)
    if row is None:
        raise NotFound("class session")
    return row, shelf.session(tx.school_id, row.session_id)


def _row(tx: Turn, card: SessionCard, student_id: int) -> ParticipantCard:
    rows = shelf.participants(tx.school_id, card.id)
    row = next((one for one in rows if one.student.id == student_id), None)
    if row is None:
        raise NotFound("student")
    return row
