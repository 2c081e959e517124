"""The line before a full location: who is called when a place comes free, and how long it takes.

A line is the queued passes of a location in the order in which they joined. Whoever is called waits
for an answer like any request and holds a place while the claim window lasts. Whom the rules refuse
at that moment (kept apart, a full building …) is passed over and keeps the place in line.
"""

import heapq
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import takewhile
from typing import Final
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor, clock_of
from corridor.live.log import Turn, read_log
from corridor.live.sql import one, rows
from corridor.passes import events, shelf, states
from corridor.passes.cards import InLine, PassCard, Stamp, stepped
from corridor.passes.refusals import NotAllowed, NotFound, Refusal, Refused
from corridor.passes.rules import refusal_to_call
from corridor.passes.standing import Asked, look
from corridor.roster.schools import settings_of
from corridor.roster.settings import SchoolSettings, settings_in

# So many passes tell how long a place is taken, and fewer than the least tell nothing.
_LATELY: Final = 15
_LEAST: Final = 3
# Whoever stays longer than usual may leave at any moment; nobody is promised a shorter wait.
_SOONEST: Final = timedelta(minutes=1)


class Outlook(msgspec.Struct, frozen=True):
    """What whoever would join a line now is told: how many are ahead, and when it may be over."""

    ahead: int
    about: datetime | None


def cleared_at(at: datetime, settings: SchoolSettings) -> datetime:
    """When the clock will clear a line that is joined now: at the next set time, or at midnight.

    Times are of the school's wall clock.
    """
    local = at.astimezone(settings.zone)
    for moment_of_day in sorted(settings.queue_cleared_at):
        found = datetime.combine(local.date(), moment_of_day, settings.zone)
        if found > at:
            return found
    return datetime.combine(local.date() + timedelta(days=1), time(), settings.zone)


def join(tx: Turn, card: PassCard, *, by: Actor, at: datetime, request_id: UUID | None) -> PassCard:
    """The new request stands in line instead of waiting."""
    until = cleared_at(at, settings_in(tx))
    outlook = outlook_at(tx.school_id, card.destination.id, at)
    card = msgspec.structs.replace(
        card,
        state=states.QUEUED,
        line=InLine(outlook.ahead + 1, outlook.about),
        due_at=until,
        over_at=until,
        stamps=(Stamp("queued", at, by.who),),
    )
    return shelf.add(tx, events.PassQueued(card=card, by=by.who, at=at), request_id=request_id)


def advance(tx: Turn, destination_id: int, *, at: datetime) -> None:
    """Call whoever is first in line for each place that is free now; who is behind moves up."""
    cards = _open_at(destination_id)
    line = [card for card in cards if card.state == states.QUEUED]
    if not line:
        return
    settings, capacity = settings_in(tx), _capacity(destination_id)
    there = [card for card in cards if _holds_place(card, settings, at)]
    free = _free(cards, capacity, settings, at)
    for card in tuple(line):
        if not free:
            break
        asked = _may_be_called(tx, card, at)
        if asked is None:
            continue
        there.append(_call(tx, card, asked, settings, at))
        line.remove(card)
        free -= 1
    _move_up(tx, line, there, capacity, at)


def clear_line(
    tx: Turn, *, location_id: int, by: Actor, at: datetime, request_id: UUID | None = None
) -> int:
    """An adult of the location, or an admin, sends everybody in its line away; how many.

    The same `request_id` again gives the first answer, and whoever has joined since stays; but for
    an empty line, which leaves nothing that could keep the answer. Raises
    `NotFound` for a location of another school, `NotAllowed`, `Refused`.
    """
    if one("SELECT 1 FROM roster_location WHERE id = %s AND school_id = %s",
           (location_id, tx.school_id)) is None:  # fmt: skip
        raise NotFound("location")
    if not by.is_adult or (location_id not in by.location_ids and by.role != "admin"):
        raise NotAllowed
    first = shelf.answered(tx, by, request_id)
    if first is not None:
        return _cleared_with(first, location_id)
    line = [card for card in _open_at(location_id) if card.state == states.QUEUED]
    for number, card in enumerate(line):
        of_request = request_id if number == 0 else None
        cleared(tx, card, states.CANCELLED, by=by, at=at, request_id=of_request)
    return len(line)


def _cleared_with(first: shelf.Answered, location_id: int) -> int:
    """How many one press cleared: the first and those right after it in the log."""
    event = first.event
    if not isinstance(event, events.PassCleared) or event.card.destination.id != location_id:
        raise Refused(Refusal("request_reused"))
    log = read_log(event.card.school_id, first.number - 1)
    told = (events.decode(row.name, row.body) for row in log)
    same = takewhile(lambda one: isinstance(one, events.PassCleared) and one.at == event.at, told)
    return len(list(same))


def cleared(
    tx: Turn, card: PassCard, state: str, *, what: str = "cleared", by: Actor, at: datetime,
    request_id: UUID | None = None,
) -> PassCard:  # fmt: skip
    """The queued pass after its line was cleared, or closed."""
    card = out_of_line(stepped(card, what, state, by=by, at=at))
    card = msgspec.structs.replace(card, version=tx.number)
    event = events.PassCleared(card=card, by=by.who, at=at)
    return shelf.change(tx, event, request_id=request_id)


def cleared_at_its_time(tx: Turn, card: PassCard, *, at: datetime) -> PassCard:
    """As `cleared`, by the clock; the last one lets those move up who joined after that time."""
    card = cleared(tx, card, states.EXPIRED, by=clock_of(tx.school_id), at=at)
    line = [other for other in _open_at(card.destination.id) if other.state == states.QUEUED]
    if all(other.due_at is None or other.due_at > at for other in line):
        since = max((other.requested_at for other in line), default=at)
        advance(tx, card.destination.id, at=max(since, at))
    return card


# Where students stand in line though there is none any more.
_CLOSED: Final = (
    "FROM passes_hallpass p JOIN roster_location d ON d.id = p.destination_id"
    " WHERE p.state = 'queued'"
    " AND (d.archived_at IS NOT NULL OR NOT d.queueing OR NOT d.takes_passes)"
)


def schools_with_closed_lines() -> list[int]:
    """The schools where students stand in line for a place that calls nobody any more."""
    return [school_id for (school_id,) in rows(f"SELECT DISTINCT p.school_id {_CLOSED}")]


def close_lines(tx: Turn, *, at: datetime) -> int:
    """Send those away whose place was archived, takes no passes or has no line; how many."""
    found = rows(f"SELECT p.card {_CLOSED} AND p.school_id = %s ORDER BY p.id", (tx.school_id,))
    clock = clock_of(tx.school_id)
    for (text,) in found:
        cleared(tx, shelf.read(text), states.CANCELLED, what="line_closed", by=clock, at=at)
    return len(found)


def out_of_line(card: PassCard) -> PassCard:
    """The card without its place in line."""
    return card if card.line is None else msgspec.structs.replace(card, line=None)


def outlook_at(school_id: int, destination_id: int, at: datetime) -> Outlook:
    """How many are in line there, and about when somebody who joins now would be called."""
    cards = _open_at(destination_id)
    ahead = sum(card.state == states.QUEUED for card in cards)
    there = [card for card in cards if card.state in states.AT_DESTINATION]
    capacity = _capacity(destination_id)
    usual = _usual(school_id, destination_id)
    return Outlook(ahead, _expected(there, capacity, ahead + 1, usual, at)[-1])


def rooms_with_a_line(at: datetime) -> list[tuple[int, int]]:
    """Schools and locations with a line and a free place, which nobody could take when it came."""
    lines = rows(
        "SELECT DISTINCT school_id, destination_id FROM passes_hallpass WHERE state = 'queued'"
    )
    return [
        (school_id, destination_id)
        for school_id, destination_id in lines
        if _free(_open_at(destination_id), _capacity(destination_id), settings_of(school_id), at)
    ]


def _free(
    cards: Sequence[PassCard], capacity: int | None, settings: SchoolSettings, at: datetime
) -> int:
    """How many places are free for those in line; as many as there are without a capacity."""
    if capacity is None:
        return len(cards)
    return max(capacity - sum(_holds_place(card, settings, at) for card in cards), 0)


def _open_at(destination_id: int) -> list[PassCard]:
    found = rows(
        "SELECT card FROM passes_hallpass WHERE destination_id = %s AND is_open ORDER BY id",
        (destination_id,),
    )
    return [shelf.read(text) for (text,) in found]


def _capacity(destination_id: int) -> int | None:
    row = one("SELECT capacity FROM roster_location WHERE id = %s", (destination_id,))
    return None if row is None else row[0]


def _holds_place(card: PassCard, settings: SchoolSettings, at: datetime) -> bool:
    if card.state not in states.AT_DESTINATION or (card.over_at and card.over_at <= at):
        return False
    return not (settings.queue_overrun and card.is_long_running)


def _may_be_called(tx: Turn, card: PassCard, at: datetime) -> Asked | None:
    try:
        asked = look(
            tx.school_id, settings_in(tx), student_id=card.student.id,
            origin_id=card.origin.id, destination_id=card.destination.id, reason=card.reason,
            kind=card.kind, by=clock_of(tx.school_id), at=at,
        )  # fmt: skip
    except NotFound:  # the place or the room has been closed: nobody goes there
        return None
    return asked if refusal_to_call(asked.standing) is None else None


def _call(
    tx: Turn, card: PassCard, asked: Asked, settings: SchoolSettings, at: datetime
) -> PassCard:
    clock, until = clock_of(tx.school_id), at + timedelta(minutes=settings.queue_claim)
    card = msgspec.structs.replace(
        out_of_line(card),
        state=states.WAITING,
        version=tx.number,
        minutes_waiting=settings.queue_claim,
        due_at=until,
        over_at=until,
        auto=asked.auto,
        stamps=(*card.stamps, Stamp("called", at, clock.who)),
    )
    return shelf.change(tx, events.PassCalled(card=card, by=clock.who, at=at))


def _move_up(
    tx: Turn,
    line: Sequence[PassCard],
    there: Sequence[PassCard],
    capacity: int | None,
    at: datetime,
) -> None:
    """Tell everybody whose place in line has changed the new one."""
    if all(card.line and card.line.place == n for n, card in enumerate(line, start=1)):
        return
    clock = clock_of(tx.school_id)
    about = _expected(there, capacity, len(line), _usual(tx.school_id, line[0].destination.id), at)
    for place, (card, when) in enumerate(zip(line, about, strict=True), start=1):
        if card.line is None or card.line.place != place:
            moved = msgspec.structs.replace(card, line=InLine(place, when), version=tx.number)
            shelf.change(tx, events.PassMovedUp(card=moved, by=clock.who, at=at))


def _usual(school_id: int, destination_id: int) -> timedelta | None:
    """How long a place there is taken, from the answer being asked for to leaving: the median."""
    found = rows(
        "SELECT card FROM passes_hallpass WHERE school_id = %s AND destination_id = %s"
        " AND NOT is_open AND state = 'ended' AND started_at IS NOT NULL"
        " ORDER BY requested_at DESC, id DESC LIMIT %s",
        (school_id, destination_id, _LATELY),
    )
    lately = sorted(_taken_for(shelf.read(text)) for (text,) in found)
    return lately[len(lately) // 2] if len(lately) >= _LEAST else None


def _taken_for(card: PassCard) -> timedelta:
    left = card.returning_at or card.ended_at
    assert left is not None
    return max(left - _taken_since(card), timedelta())


def _taken_since(card: PassCard) -> datetime:
    return next((s.at for s in card.stamps if s.what == "called"), card.requested_at)


def _expected(
    there: Sequence[PassCard],
    capacity: int | None,
    places: int,
    usual: timedelta | None,
    at: datetime,
) -> list[datetime | None]:
    """About when each of the first in line is called, if everybody stays as long as usual."""
    if usual is None or not capacity:
        return [None] * places
    free = [max(_taken_since(card) + usual, at + _SOONEST) for card in there]
    free += [at] * (capacity - len(free))
    # More are there than it holds: that many must leave before anybody is called.
    free = sorted(free)[max(len(free) - capacity, 0) :]
    heapq.heapify(free)
    called: list[datetime | None] = []
    for _ in range(places):
        called.append(free[0])
        heapq.heapreplace(free, free[0] + usual)
    return called
