"""The clock as an actor: requests expire, appointments surface, passes run long and are ended.

A step has the time at which it was due, not the time at which a server got round to it, so a
server that was stopped catches up once and to the same result.
"""

import time
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


def catch_up(tx: Turn, card: PassCard, *, at: datetime) -> PassCard:
    """The pass after everything the clock owed it up to this time, each step recorded."""
    while card.due_at is not None and card.due_at <= at:
        card = _step(tx, card, card.due_at)
    return card


def run_due(at: datetime) -> int:
    """Let the clock act on every pass that is due, in all schools; how many passes it took."""
    done = 0
    while due := _schools_due(at):
        for school_id in due:
            with turn(school_id) as tx:
                surfaced = _surface(tx, at)
                done += surfaced
                until = _next_surfacing(tx, at)
                done += _settle_lines(tx, until)
                # Read inside the turn: another process may have been faster.
                for (text,) in rows(
                    "SELECT card FROM passes_hallpass WHERE school_id = %s AND due_at <= %s"
                    " ORDER BY due_at, id LIMIT %s",
                    (school_id, moment(until), _AT_ONCE),
                ):
                    catch_up(tx, shelf.read(text), at=until)
                    done += 1
            if surfaced:
                time.sleep(_BREATH_SECONDS)
    done += _cancel_for_closed(at)
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
    while card := _next_due(tx, at, f" AND destination_id = {destination_id:d}"):
        _step(tx, card, card.due_at or at)
    queueing.advance(tx, destination_id, at=at)


def _next_surfacing(tx: Turn, at: datetime) -> datetime:
    """Up to when passes may be settled: an appointment must find them as they were at its time."""
    row = one(
        "SELECT min(due_at) FROM passes_comingpass WHERE school_id = %s AND due_at <= %s",
        (tx.school_id, moment(at)),
    )
    return (moment_read(row[0]) if row else None) or at


def _surface(tx: Turn, at: datetime) -> int:
    """Some of the appointments that are due, in the order of their times."""
    due = list(surfacing.each_student_once(surfacing.due(tx, at, _SURFACE_AT_ONCE)))
    for found in due[surfacing.surface_together(tx, due) :]:
        surfacing.surface(tx, found, at=found.card.due_at or at, settle=catch_up)
    return len(due)


def _release(at: datetime) -> int:
    """Appointments surface that were held back by a pass which is over now."""
    done = 0
    for school_id in surfacing.schools_holding(at):
        with turn(school_id) as tx:
            done += surfacing.release(tx, at, _SURFACE_AT_ONCE, settle=catch_up)
    # What surfaced late may be due already, or more may be to be released.
    return done + run_due(at) if done else 0


def _settle_lines(tx: Turn, at: datetime) -> int:
    """Where students stand in line one pass waits for another: step by step, in order of time."""
    done = 0
    lines = (
        " AND destination_id IN (SELECT destination_id FROM passes_hallpass WHERE state = 'queued')"
    )
    while done < _AT_ONCE and (card := _next_due(tx, at, lines)):
        _step(tx, card, card.due_at or at)
        done += 1
    return done


def _next_due(tx: Turn, at: datetime, where: str) -> PassCard | None:
    row = one(
        f"SELECT card FROM passes_hallpass WHERE school_id = %s AND due_at <= %s{where}"
        " ORDER BY due_at, id LIMIT 1",
        (tx.school_id, moment(at)),
    )
    return None if row is None else shelf.read(row[0])


def _schools_due(at: datetime) -> list[int]:
    return [
        school_id
        for (school_id,) in rows(
            "SELECT school_id FROM passes_hallpass WHERE due_at <= %s"
            " UNION SELECT school_id FROM passes_comingpass WHERE due_at <= %s",
            (moment(at), moment(at)),
        )
    ]


def _step(tx: Turn, card: PassCard, at: datetime) -> PassCard:
    if card.is_coming:
        return surfacing.step(tx, card, settle=catch_up)
    clock = clock_of(tx.school_id)
    kind: type[events.PassEvent]
    if card.state == states.QUEUED:
        return queueing.cleared(tx, card, states.EXPIRED, by=clock, at=at)
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
