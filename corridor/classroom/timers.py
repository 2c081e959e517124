"""The clock as an actor: restrictions end, and classes end at their time.

A step has the time at which it was due, not the time at which a server got round to it, so a
server that was stopped catches up once and to the same result.
"""

from datetime import datetime

from corridor.accounts.actors import clock_of
from corridor.classroom import events, leases, shelf
from corridor.classroom.cards import ParticipantCard, renewed
from corridor.classroom.ending import end_session
from corridor.live.log import Turn, record, turn
from corridor.live.sql import moment, rows

# Steps of one turn at most, so that presses get their turn in between.
_AT_ONCE = 20


def run_due(at: datetime) -> int:
    """Let the clock act on everything that is due, in all schools; how many steps it took."""
    done = 0
    while due := _schools_due(at):
        for school_id in due:
            with turn(school_id) as tx:
                done += settle(tx, at=at, at_most=_AT_ONCE)
    return done


def settle(tx: Turn, *, at: datetime, at_most: int | None = None) -> int:
    """What is due in this school has happened, step by step in the order of time."""
    done = 0
    while (at_most is None or done < at_most) and _step(tx, at):
        done += 1
    return done


def _step(tx: Turn, at: datetime) -> bool:
    freed = shelf.due_participants(tx, at)
    over = shelf.due_session(tx, at)
    if over is not None and not (freed and _due(freed) < over.ends_at):
        end_session(tx, over, by=clock_of(tx.school_id), at=over.ends_at)
    elif freed:
        _release(tx, freed)
    return bool(over or freed)


def _release(tx: Turn, cards: list[ParticipantCard]) -> None:
    at, number = _due(cards), tx.number
    after = tuple(renewed(c, number, restrictions=leases.still_held(c, at)) for c in cards)
    shelf.keep_participants(after)
    by = clock_of(tx.school_id).who
    record(tx, events.ParticipantsReleased(participants=after, by=by, at=at))


def _due(cards: list[ParticipantCard]) -> datetime:
    due = cards[0].due_at
    assert due is not None
    return due


def _schools_due(at: datetime) -> list[int]:
    found = rows(
        "SELECT school_id FROM classroom_classsession WHERE is_running AND ends_at <= %s"
        " UNION SELECT school_id FROM classroom_participant WHERE due_at <= %s",
        (moment(at), moment(at)),
    )
    return [school_id for (school_id,) in found]
