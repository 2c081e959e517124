"""Whoever looks at one student's history is recorded; the student and admins read who it was."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from corridor.accounts.actors import Actor
from corridor.live.log import Turn, record, turn
from corridor.live.sql import moment, one, rows
from corridor.passes.events import HistoryExported, HistoryViewed, PassesExported

# Turning pages, or coming back in the same hour, is the same look.
AGAIN_AFTER: Final = timedelta(hours=1)


def look_at_history(*, student_id: int, by: Actor, at: datetime) -> None:
    """An adult or a program looks at one student's history: recorded once an hour for the two."""
    if _looked_lately(student_id, by, at):
        return
    with turn(by.school_id) as tx:
        # Asked again inside the turn: two pages may have been opened at once.
        if not _looked_lately(student_id, by, at):
            seen = HistoryViewed(school_id=tx.school_id, student_id=student_id, by=by.who, at=at)
            record(tx, seen)


def export_history(tx: Turn, *, student_id: int, by: Actor, at: datetime) -> None:
    """An adult exports one student's data or history: recorded each time."""
    record(tx, HistoryExported(school_id=tx.school_id, student_id=student_id, by=by.who, at=at))


def export_passes(tx: Turn, *, filters: str, by: Actor, at: datetime) -> None:
    """An adult exports passes of the school: recorded each time, with what was asked for."""
    record(tx, PassesExported(school_id=tx.school_id, filters=filters, by=by.who, at=at))


def _looked_lately(student_id: int, by: Actor, at: datetime) -> bool:
    asked = (student_id, by.school_id, moment(at - AGAIN_AFTER))
    if by.account_id is None:  # a program that acts as nobody is known by its name
        found = rows(
            "SELECT e.body FROM passes_look l"
            " JOIN live_event e ON e.school_id = l.school_id AND e.number = l.number"
            " WHERE l.student_id = %s AND l.school_id = %s AND l.at > %s AND l.account_id IS NULL",
            asked,
        )
        return any(msgspec.json.decode(body)["by"]["name"] == by.name for (body,) in found)
    row = one(
        "SELECT 1 FROM passes_look WHERE student_id = %s AND school_id = %s AND at > %s"
        " AND account_id = %s LIMIT 1",
        (*asked, by.account_id),
    )
    return row is not None
