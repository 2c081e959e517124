"""The clock as an actor: restrictions end, and classes end at their time.

A step has the time at which it was due, not the time at which a server got round to it, so a
server that was stopped catches up once and to the same result.

A step that changes nothing would be due for ever. It is told in the log and left until the next
time, so that it holds up neither the other classes nor whoever presses.
"""

import logging
from collections import defaultdict
from datetime import datetime

from corridor.accounts.actors import clock_of
from corridor.classroom import events, leases, shelf
from corridor.classroom.cards import ParticipantCard, SessionCard, renewed
from corridor.classroom.ending import end_session
from corridor.live.log import Turn, record, turn
from corridor.live.sql import moment, rows

# Steps of one turn at most, so that presses get their turn in between.
_AT_ONCE = 20

# What the clock could change nothing about: sessions, and students of a session.
Left = set[tuple[int, int | None]]

log = logging.getLogger(__name__)


def run_due(at: datetime) -> int:
    """Let the clock act on everything that is due, in all schools; how many steps it took."""
    done, quiet = 0, set[int]()
    left: defaultdict[int, Left] = defaultdict(set)
    while due := [school_id for school_id in _schools_due(at) if school_id not in quiet]:
        for school_id in due:
            left_before = len(left[school_id])
            with turn(school_id) as tx:
                done += settle(tx, at=at, at_most=_AT_ONCE, left=left[school_id])
            if not tx.recorded and len(left[school_id]) == left_before:
                # Whatever is due there, another turn would do as little.
                quiet.add(school_id)
    return done


def settle(tx: Turn, *, at: datetime, at_most: int | None = None, left: Left | None = None) -> int:
    """What is due in this school has happened, step by step in the order of time; how many steps.

    But for what is `left`, and what is added to it, because the clock could change nothing.
    """
    done, left = 0, set() if left is None else left
    while (at_most is None or done < at_most) and _step(tx, at, left):
        done += 1
    return done


def _step(tx: Turn, at: datetime, left: Left) -> bool:
    freed = shelf.due_participants(tx, at, but=left)
    over = shelf.due_session(tx, at, but=left)
    if over is not None and not (freed and _due(freed) < over.ends_at):
        _end(tx, over, left)
    elif freed:
        _release(tx, freed, left)
    return bool(over or freed)


def _end(tx: Turn, card: SessionCard, left: Left) -> None:
    number = tx.number
    after = end_session(tx, card, by=clock_of(tx.school_id), at=card.ends_at)
    if after.is_running or tx.number == number:
        _leave(card.id, None, card.school_id, left)


def _release(tx: Turn, cards: list[ParticipantCard], left: Left) -> None:
    at, number = _due(cards), tx.number
    after = [renewed(c, number, restrictions=leases.still_held(c, at)) for c in cards]
    for card in after:
        if card.due_at is not None and card.due_at <= at:
            _leave(card.session_id, card.student.id, card.school_id, left)
    freed = tuple(card for card in after if (card.session_id, card.student.id) not in left)
    if not freed:
        return
    shelf.keep_participants(freed)
    by = clock_of(tx.school_id).who
    record(tx, events.ParticipantsReleased(participants=freed, by=by, at=at))


def _leave(session_id: int, student_id: int | None, school_id: int, left: Left) -> None:
    """Look at it no more this time: the next step would find it as it was, and so for ever."""
    left.add((session_id, student_id))
    log.error(
        "Class session %s (student %s) of school %s is due, and the clock can change nothing",
        session_id, student_id, school_id,
    )  # fmt: skip


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
