"""The clock as an actor: requests expire, appointments surface, passes run long and are ended.

A step has the time at which it was due, not the time at which a server got round to it, so a
server that was stopped catches up once and to the same result.

A step that changes nothing would be due for ever. It is told in the log and left until the next
time, so that it holds up neither the other passes nor whoever presses.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

import msgspec

from corridor.accounts.actors import clock_of
from corridor.live.log import Turn, turn
from corridor.live.sql import moment, moment_read, one, rows
from corridor.passes import events, queueing, shelf, states, surfacing
from corridor.passes.cards import PassCard, long_running, stepped

# A turn for this many passes at most, so that requests get their turn in between.
_AT_ONCE = 100
# So many appointments surface in one turn: with 25 most of the time went to getting the next turn
# (`bench.appointments`), with more whoever asks waits too long.
_SURFACE_AT_ONCE = 100
# Between two turns of many: a lock that is released and taken again at once goes to nobody else.
_BREATH_SECONDS = 0.004

log = logging.getLogger(__name__)


def catch_up(tx: Turn, card: PassCard, *, at: datetime) -> PassCard:
    """The pass after everything the clock owed it up to this time, each step recorded."""
    while card.due_at is not None and card.due_at <= at:
        after = _moved(tx, card)
        if after is None:
            break
        card = after
    return card


def run_due(at: datetime) -> int:
    """Let the clock act on every pass that is due, in all schools; how many passes it took."""
    done, quiet = 0, set[int]()
    stuck: defaultdict[int, set[int]] = defaultdict(set)
    while due := [school_id for school_id in _schools_due(at) if school_id not in quiet]:
        for school_id in due:
            left = stuck[school_id]
            left_before = len(left)
            with turn(school_id) as tx:
                surfaced = _surface(tx, at, left)
                done += surfaced
                until = _next_surfacing(tx, at, left)
                done += _settle_lines(tx, until, left)
                # Read inside the turn: another process may have been faster.
                for (text,) in rows(
                    "SELECT card FROM passes_hallpass WHERE school_id = %s AND due_at <= %s"
                    f"{_but(left)} ORDER BY due_at, id LIMIT %s",
                    (school_id, moment(until), _AT_ONCE),
                ):
                    card = catch_up(tx, shelf.read(text), at=until)
                    if card.due_at is not None and card.due_at <= until:
                        left.add(card.id)
                    done += 1
            if not tx.recorded and len(left) == left_before:
                # Whatever is due there, another turn would do as little.
                quiet.add(school_id)
            if surfaced:
                time.sleep(_BREATH_SECONDS)
    done += _cancel_for_closed(at)
    for school_id in queueing.schools_with_closed_lines():
        with turn(school_id) as tx:
            done += queueing.close_lines(tx, at=at)
    for school_id, destination_id in queueing.rooms_with_a_line(at):
        with turn(school_id) as tx:
            queueing.advance(tx, destination_id, at=at)
            done += len(tx.recorded)
    return done + _release(at)


_OF_CLOSED = (
    "FROM passes_hallpass p JOIN accounts_passaccount a ON a.id = p.student_id"
    " WHERE p.is_open AND p.state IN ('waiting', 'queued') AND a.closed_at IS NOT NULL"
)


def _cancel_for_closed(at: datetime) -> int:
    """Whoever was archived goes nowhere: what they asked for is cancelled, by a file of people too.

    Who is out comes back by the usual moves.
    """
    done = 0
    for (school_id,) in rows(f"SELECT DISTINCT p.school_id {_OF_CLOSED}"):
        with turn(school_id) as tx:
            found = rows(f"SELECT p.card {_OF_CLOSED} AND p.school_id = %s", (school_id,))
            for (text,) in found:
                _cancel(tx, shelf.read(text), at)
                done += 1
    return done


def _cancel(tx: Turn, card: PassCard, at: datetime) -> None:
    clock = clock_of(tx.school_id)
    card = queueing.out_of_line(stepped(card, "cancelled", states.CANCELLED, by=clock, at=at))
    card = msgspec.structs.replace(card, version=tx.number)
    if shelf.change_and_look(tx, events.PassCancelled(card=card, by=clock.who, at=at)):
        queueing.advance(tx, card.destination.id, at=at)


def settle(tx: Turn, destination_id: int, *, at: datetime) -> None:
    """What is due at a location has happened, and whoever is next in its line has been called."""
    left = set[int]()
    while card := _next_due(tx, at, f" AND destination_id = {destination_id:d}{_but(left)}"):
        if _moved(tx, card) is None:
            left.add(card.id)
    queueing.advance(tx, destination_id, at=at)


def _next_surfacing(tx: Turn, at: datetime, left: Collection[int]) -> datetime:
    """Up to when passes may be settled: an appointment must find them as they were at its time."""
    row = one(
        "SELECT min(due_at) FROM passes_comingpass WHERE school_id = %s AND due_at <= %s"
        f"{_but(left)}",
        (tx.school_id, moment(at)),
    )
    return (moment_read(row[0]) if row else None) or at


def _surface(tx: Turn, at: datetime, left: set[int]) -> int:
    """Some of the appointments that are due, in the order of their times."""
    some = surfacing.due(tx, at, _SURFACE_AT_ONCE, but=left)
    due = list(surfacing.each_student_once(some))
    surfaced = surfacing.surface_together(tx, due)
    for found in due[surfaced:]:
        card, number = found.card, tx.number
        after = surfacing.surface(tx, found, at=card.due_at or at, settle=catch_up)
        if _has_moved(tx, card, after, number):
            surfaced += 1
        else:
            left.add(card.id)
    return surfaced


def _release(at: datetime) -> int:
    """Appointments surface that were held back by a pass which is over now."""
    done = 0
    for school_id in surfacing.schools_holding(at):
        with turn(school_id) as tx:
            done += surfacing.release(tx, at, _SURFACE_AT_ONCE, settle=catch_up)
    # What surfaced late may be due already, or more may be to be released.
    return done + run_due(at) if done else 0


def _settle_lines(tx: Turn, at: datetime, left: set[int]) -> int:
    """Where students stand in line one pass waits for another: step by step, in order of time."""
    done = 0
    lines = (
        " AND destination_id IN (SELECT destination_id FROM passes_hallpass WHERE state = 'queued')"
    )
    while done < _AT_ONCE and (card := _next_due(tx, at, lines + _but(left))):
        if _moved(tx, card) is None:
            left.add(card.id)
        done += 1
    return done


def _next_due(tx: Turn, at: datetime, where: str) -> PassCard | None:
    row = one(
        f"SELECT card FROM passes_hallpass WHERE school_id = %s AND due_at <= %s{where}"
        " ORDER BY due_at, id LIMIT 1",
        (tx.school_id, moment(at)),
    )
    return None if row is None else shelf.read(row[0])


def _but(left: Collection[int]) -> str:
    """A condition: none of these."""
    return "".join(f" AND id <> {found:d}" for found in sorted(left))


def _schools_due(at: datetime) -> list[int]:
    return [
        school_id
        for (school_id,) in rows(
            "SELECT school_id FROM passes_hallpass WHERE due_at <= %s"
            " UNION SELECT school_id FROM passes_comingpass WHERE due_at <= %s",
            (moment(at), moment(at)),
        )
    ]


def _moved(tx: Turn, card: PassCard) -> PassCard | None:
    """The pass after what the clock owed it at its `due_at`; None where that changes nothing."""
    assert card.due_at is not None
    number = tx.number
    after = _step(tx, card, card.due_at)
    return after if _has_moved(tx, card, after, number) else None


def _has_moved(tx: Turn, card: PassCard, after: PassCard, number: int) -> bool:
    """Whether a step, before which the log stood at this number, changed the pass; else it is told.

    The next step would find it as it was, and so for ever.
    """
    owed = (card.state, card.due_at, card.marks)
    if tx.number > number and (after.state, after.due_at, after.marks) != owed:
        return True
    log.error(
        "Pass %s of school %s is due since %s, and the clock can change nothing about it",
        card.id, card.school_id, card.due_at,
    )  # fmt: skip
    return False


def _step(tx: Turn, card: PassCard, at: datetime) -> PassCard:
    if card.is_coming:
        return surfacing.step(tx, card, settle=catch_up)
    if card.state == states.QUEUED:
        return queueing.cleared_at_its_time(tx, card, at=at)
    clock = clock_of(tx.school_id)
    kind: type[events.PassEvent]
    if card.state == states.WAITING and card.kind == "appointment":
        kind, card = events.PassMissed, stepped(card, "missed", states.MISSED, by=clock, at=at)
    elif card.state == states.WAITING:
        kind, card = events.PassExpired, stepped(card, "expired", states.EXPIRED, by=clock, at=at)
    elif not card.is_long_running:
        kind, card = events.PassRanLong, long_running(card)
    else:
        kind = events.PassSystemEnded
        card = stepped(card, "system_ended", states.SYSTEM_ENDED, by=clock, at=at)
    card = msgspec.structs.replace(card, version=tx.number)
    has_line = shelf.change_and_look(tx, kind(card=card, by=clock.who, at=at))
    # A pass that runs long may give its place to the next.
    if has_line and (not card.holds_place or kind is events.PassRanLong):
        queueing.advance(tx, card.destination.id, at=at)
    return card
