"""Five minutes before its time an appointment surfaces: it becomes a pass that waits for approval.

A student has one open pass at most. A request of the student's own that nobody has answered gives
way to the appointment. Any other pass holds it back: the appointment surfaces when that pass is
over, if that is before its window ends; else it is missed.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from corridor.accounts.actors import clock_of
from corridor.live.log import Turn
from corridor.live.sql import moment, moment_read, rows
from corridor.passes import events, queueing, shelf, states
from corridor.passes.arranging import person_of
from corridor.passes.cards import PassCard, Person, Place, called_off, stepped
from corridor.passes.dates import surfaces_until
from corridor.passes.standing import thresholds
from corridor.roster.bells import ringing
from corridor.roster.settings import settings_in

Settle = Callable[..., PassCard]

# The few rows first, then what is true of them: where thousands are due in one minute, it would
# otherwise be asked of all of them before the first is known.
_FOUND: Final = """
    SELECT a.card, s.id, s.display_name, s.family_name, s.given_name, s.grade, i.mark,
        o.name, o.adult_name, d.name, d.adult_name, d.trip_type, d.extended_minutes,
        s.closed_at IS NULL AND o.archived_at IS NULL AND d.archived_at IS NULL,
        (SELECT h.card FROM passes_hallpass h WHERE h.student_id = a.student_id AND h.is_open),
        (SELECT max(h.ended_at) FROM (SELECT ended_at FROM passes_hallpass
            WHERE student_id = a.student_id ORDER BY requested_at DESC LIMIT 5) h),
        (SELECT b.id FROM passes_comingpass b WHERE b.student_id = a.student_id AND b.held
            AND b.id <> a.id ORDER BY b.due_at, b.id LIMIT 1)
    FROM (SELECT a.* FROM passes_comingpass a WHERE a.school_id = %s AND WHICH) a
    JOIN accounts_passaccount s ON s.id = a.student_id
    LEFT JOIN accounts_photo i ON i.account_id = s.id
    JOIN roster_location o ON o.id = a.origin_id
    JOIN roster_location d ON d.id = a.destination_id
    ORDER BY a.due_at, a.id"""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment that is due, and what is true now of its student and its places.

    `last_over` is when the student's last pass was over, `held_before` the id of another of the
    student's appointments that is held back.
    """

    card: PassCard
    student: Person
    origin: Place
    destination: Place
    trip_type: str
    extended: int | None
    takes_place: bool
    open_pass: PassCard | None
    last_over: datetime | None
    held_before: int | None


def due(tx: Turn, at: datetime, limit: int, *, but: Collection[int] = ()) -> list[Found]:
    """The appointments of the school that are due, without these, in the order of their times."""
    without = "".join(f" AND a.id <> {found:d}" for found in sorted(but))
    return _found(tx, f"a.due_at <= %s{without}", (moment(at),), limit)


def step(tx: Turn, card: PassCard, *, settle: Settle) -> PassCard:
    """What the clock owes this appointment at its `due_at`; `settle` brings a pass up to a time."""
    assert card.due_at is not None
    (found,) = _found(tx, "a.id = %s", (card.id,), 1)
    return surface(tx, found, at=card.due_at, settle=settle)


def surface(tx: Turn, found: Found, *, at: datetime, settle: Settle) -> PassCard:
    """The appointment after its moment: waiting, held back, missed, expired or fallen through."""
    card, clock = found.card, clock_of(tx.school_id)
    if card.state == states.AWAITING:
        return _closed(tx, events.PassExpired, "expired", states.EXPIRED, card, at)
    if not found.takes_place:
        card = called_off(card, "cancelled", states.CANCELLED, "", by=clock, at=at)
        return _kept(tx, events.PassCancelled, card)
    if found.held_before is not None and not _is_held(card):
        found = _after_the_one_before(tx, found, at, settle)
    other = found.open_pass
    if other is not None:
        other = settle(tx, other, at=at)
    until = window_end(tx, card)
    at = _moment(found, other, at)
    if at >= until:
        return _closed(tx, events.PassMissed, "missed", states.MISSED, card, max(until, _due(card)))
    if other is not None and other.is_open:
        if not _gives_way(other):
            return card if _is_held(card) else _hold(tx, card, until, at)
        _give_way(tx, other, at)
    return _waits(tx, found, at)


def surface_together(tx: Turn, found: Sequence[Found]) -> int:
    """Those before the first that something stands in the way of, written at once; how many.

    The same as `surface` of each: in a school where thousands are due, statements are what costs.
    """
    made: list[events.PassEvent] = []
    for one in found:
        at = _moment(one, None, _due(one.card))
        if not _is_plain(one) or at >= window_end(tx, one.card):
            break
        card = msgspec.structs.replace(_waiting(tx, one, at), version=tx.number + len(made))
        made.append(events.PassSurfaced(card=card, by=clock_of(tx.school_id).who, at=at))
    if made:
        shelf.change_coming(tx, made)
    return len(made)


def _is_plain(found: Found) -> bool:
    """It is arranged, its student is free, and nothing was ever in its way."""
    return (
        found.card.state == states.SCHEDULED
        and found.takes_place
        and found.open_pass is None
        and found.held_before is None
        and not _is_held(found.card)
    )


def _after_the_one_before(tx: Turn, found: Found, at: datetime, settle: Settle) -> Found:
    """What is true once the student's appointment that has waited longer had its turn."""
    for before in _found(tx, "a.id = %s", (found.held_before,), 1):
        card = surface(tx, before, at=at, settle=settle)
        if card.is_open:
            settle(tx, card, at=at)
    return _found(tx, "a.id = %s", (found.card.id,), 1)[0]


def window_end(tx: Turn, card: PassCard) -> datetime:
    """Until when this appointment may surface.

    For one that is held back as it was when it had to wait, whatever the school has decided since:
    else it would be due with nothing to be done about it.
    """
    assert card.appointment is not None
    if _is_held(card):
        return _due(card)
    return surfaces_until(card.appointment.begins_at, settings_in(tx))


# Held back no more: what the student may have asked for since gives way, as `_gives_way` says.
_FREED: Final = (
    "a.held AND NOT EXISTS (SELECT 1 FROM passes_hallpass h WHERE h.student_id = a.student_id"
    " AND h.is_open AND NOT (h.kind = 'student' AND h.state IN ('waiting', 'queued')))"
)


def schools_holding(at: datetime) -> list[int]:
    """The schools with appointments that were held back by a pass that is over."""
    found = rows(f"SELECT DISTINCT a.school_id FROM passes_comingpass a WHERE {_FREED}")
    return [school_id for (school_id,) in found]


def release(tx: Turn, at: datetime, limit: int, *, settle: Settle) -> int:
    """Let appointments surface whose student is back, at the moment of coming back.

    How many it has let.
    """
    freed = _found(tx, _FREED, (), limit)
    return sum(
        surface(tx, found, at=at, settle=settle).version != found.card.version
        for found in each_student_once(freed)
    )


def each_student_once(found: Sequence[Found]) -> Iterator[Found]:
    """Those up to the first whose student was among them: what was read of that one is old."""
    seen: set[int] = set()
    for one in found:
        if one.student.id in seen:
            return
        seen.add(one.student.id)
        yield one


def _found(tx: Turn, where: str, params: tuple[Any, ...], limit: int) -> list[Found]:
    which = f"{where} ORDER BY a.due_at, a.id LIMIT {limit:d}"
    found = rows(_FOUND.replace("WHICH", which), (tx.school_id, *params))
    return [_read(*row) for row in found]


def _read(
    text: str, student_id: int, name: str, family: str, given: str, grade: str, photo: str | None,
    origin: str, origin_adult: str, destination: str, destination_adult: str, trip_type: str,
    extended: int | None, takes_place: object, open_card: str | None, last_over: object,
    held_before: int | None,
) -> Found:  # fmt: skip
    card = shelf.read(text)
    return Found(
        card=card,
        student=person_of(student_id, name, family, given, grade, photo),
        origin=Place(card.origin.id, origin, origin_adult),
        destination=Place(card.destination.id, destination, destination_adult),
        trip_type=trip_type,
        extended=extended,
        takes_place=bool(takes_place),
        open_pass=None if open_card is None else shelf.read(open_card),
        last_over=moment_read(last_over),
        held_before=held_before,
    )


def _moment(found: Found, other: PassCard | None, at: datetime) -> datetime:
    """When it surfaces: at its time, or at the end of the pass that was in the way.

    Where the student has asked for another one since, when that was. A clock that stood still gets
    to it later, and to the same moment.
    """
    held_since = next((s.at for s in found.card.stamps[::-1] if s.what == "held_back"), at)
    if other is not None and other.is_open:
        if _is_held(found.card) and _gives_way(other):
            return max(held_since, other.stamps[-1].at)
        return max(at, other.requested_at)
    over = other.ended_at if other is not None else found.last_over
    return max(held_since if _is_held(found.card) else at, over or held_since)


def _is_held(card: PassCard) -> bool:
    return card.appointment is not None and card.appointment.held


def _due(card: PassCard) -> datetime:
    assert card.due_at is not None
    return card.due_at


def _gives_way(other: PassCard) -> bool:
    """A student's own request that nobody has answered yet."""
    return other.kind == "student" and other.state in (states.WAITING, states.QUEUED)


def _give_way(tx: Turn, other: PassCard, at: datetime) -> None:
    clock = clock_of(tx.school_id)
    other = queueing.out_of_line(stepped(other, "gave_way", states.CANCELLED, by=clock, at=at))
    other = msgspec.structs.replace(other, version=tx.number)
    if shelf.change_and_look(tx, events.PassGaveWay(card=other, by=clock.who, at=at)):
        queueing.advance(tx, other.destination.id, at=at)


def _hold(tx: Turn, card: PassCard, until: datetime, at: datetime) -> PassCard:
    assert card.appointment is not None
    appointment = msgspec.structs.replace(card.appointment, held=True)
    card = stepped(card, "held_back", card.state, by=clock_of(tx.school_id), at=at)
    card = msgspec.structs.replace(card, appointment=appointment, due_at=until)
    return _kept(tx, events.PassHeldBack, card)


def _waits(tx: Turn, found: Found, at: datetime) -> PassCard:
    return _kept(tx, events.PassSurfaced, _waiting(tx, found, at))


def _waiting(tx: Turn, found: Found, at: datetime) -> PassCard:
    """The appointment as a pass that waits, with what is true now of student and places."""
    settings, card = settings_in(tx), found.card
    appointment = card.appointment
    assert appointment is not None
    to_long, to_end = thresholds(settings, found.extended)
    until = at + timedelta(minutes=settings.appointment_waits)
    period = ringing(settings.bells, settings.zone, at)
    card = stepped(card, "surfaced", states.WAITING, by=clock_of(tx.school_id), at=at)
    return msgspec.structs.replace(
        card,
        student=found.student,
        origin=found.origin,
        destination=found.destination,
        trip_type=found.trip_type,
        minutes_waiting=settings.appointment_waits,
        minutes_to_long=to_long,
        minutes_to_end=to_end,
        requested_at=at,
        period=period.name if period else "",
        due_at=until,
        over_at=until,
        appointment=msgspec.structs.replace(appointment, held=False),
    )


def _closed(
    tx: Turn, kind: type[events.PassEvent], what: str, state: str, card: PassCard, at: datetime
) -> PassCard:
    card = called_off(card, what, state, "", by=clock_of(tx.school_id), at=at)
    return _kept(tx, kind, card)


def _kept(tx: Turn, kind: type[events.PassEvent], card: PassCard) -> PassCard:
    card = msgspec.structs.replace(card, version=tx.number)
    event = kind(card=card, by=clock_of(tx.school_id).who, at=card.stamps[-1].at)
    return shelf.change_coming(tx, [event])[0]
