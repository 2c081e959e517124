"""The gates of a session: it is there, this person leads its class, and it still runs.

And who reads of one that is over.
"""

from datetime import datetime

from corridor.accounts.actors import ClassroomActor
from corridor.accounts.permissions import ALL_HISTORY
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


def sees_console(card: SessionCard, by: ClassroomActor) -> bool:
    """Whether this person sees the session's console: leads its class, or may read of it if it is
    over."""
    return by.leads(card.class_id) if card.is_running else reads_past(card, by)


def reads_past(card: SessionCard, by: ClassroomActor) -> bool:
    """Whether this person may read what was in a session that is over.

    It was of a class that they teach, or led by them; or they read the history of every class.
    """
    led_it = by.account_id is not None and card.led_by.account_id == by.account_id
    return card.class_id in by.class_ids or led_it or by.may(ALL_HISTORY)
