"""The clock as an actor: requests expire, passes run long, and the clock ends them.

A step has the time at which it was due, not the time at which a server got round to it, so a
server that was stopped catches up once and to the same result.
"""

from datetime import datetime

import msgspec

from corridor.accounts.actors import clock_of
from corridor.live.log import Turn, turn
from corridor.live.sql import moment, rows
from corridor.passes import events, shelf, states
from corridor.passes.cards import PassCard, long_running, stepped

# A turn for this many passes at most, so that requests get their turn in between.
_AT_ONCE = 100


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
                # Read inside the turn: another process may have been faster.
                for (text,) in rows(
                    "SELECT card FROM passes_hallpass WHERE school_id = %s AND due_at <= %s"
                    " ORDER BY due_at, id LIMIT %s",
                    (school_id, moment(at), _AT_ONCE),
                ):
                    catch_up(tx, shelf.read(text), at=at)
                    done += 1
    return done


def _schools_due(at: datetime) -> list[int]:
    return [
        school_id
        for (school_id,) in rows(
            "SELECT DISTINCT school_id FROM passes_hallpass WHERE due_at <= %s", (moment(at),)
        )
    ]


def _step(tx: Turn, card: PassCard, at: datetime) -> PassCard:
    clock = clock_of(tx.school_id)
    kind: type[events.PassEvent]
    if card.state == states.WAITING:
        kind, card = events.PassExpired, stepped(card, "expired", states.EXPIRED, by=clock, at=at)
    elif not card.is_long_running:
        kind, card = events.PassRanLong, long_running(card)
    else:
        kind = events.PassSystemEnded
        card = stepped(card, "system_ended", states.SYSTEM_ENDED, by=clock, at=at)
    card = msgspec.structs.replace(card, version=tx.number)
    return shelf.change(tx, kind(card=card, by=clock.who, at=at))
