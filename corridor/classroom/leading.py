"""The one gate of a session: it is there, this person leads its class, and it still runs."""

from datetime import datetime

from corridor.accounts.actors import ClassroomActor
from corridor.classroom import shelf, timers
from corridor.classroom.cards import SessionCard
from corridor.classroom.refusals import NotAllowed, Stale
from corridor.live.log import Turn


def led(tx: Turn, session_id: int, *, by: ClassroomActor, at: datetime) -> SessionCard:
    """The running session, for somebody who leads it.

    Raises `NotFound`, `NotAllowed`, and `Stale` when it is over by the clock.
    """
    taken_down(tx, session_id, by=by)
    timers.settle(tx, at=at)
    card = shelf.session(tx.school_id, session_id)
    if not card.is_running:
        raise Stale(card)
    return card


def taken_down(tx: Turn, session_id: int, *, by: ClassroomActor) -> SessionCard:
    """The session, for somebody who leads its class. Raises `NotFound`, `NotAllowed`."""
    card = shelf.session(tx.school_id, session_id)
    if not by.leads(card.class_id):
        raise NotAllowed
    return card
