"""Which running class holds a student: one at most, and every other one knows which.

A class that wanted a student whom another one has keeps the student's card with `elsewhere`, so
that it gets the student as soon as nobody else has them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from corridor.classroom import shelf
from corridor.classroom.cards import Elsewhere, ParticipantCard, SessionCard, dated, left, renewed
from corridor.live.log import Turn

UNDO_FOR = timedelta(seconds=30)


def place_in(card: SessionCard, since: datetime, undo_until: datetime | None = None) -> Elsewhere:
    """How another class's card names this session."""
    return Elsewhere(
        session_id=card.id, class_name=card.class_name, adult_name=card.led_by.name,
        since=since, undo_until=undo_until,
    )  # fmt: skip


def handed_over(
    rows: Sequence[ParticipantCard], to: SessionCard, *, number: int, at: datetime
) -> list[ParticipantCard]:
    """These students' cards in other sessions, now that this session has them."""
    return [
        dated(
            renewed(
                row, number, elsewhere=place_in(to, at, at + UNDO_FOR if row.is_in else None),
                taken_from=None, hand_raised_at=None, there=left(row.there, at),
            ),
            at,
        )
        for row in rows
        if row.is_in or row.elsewhere is not None
    ]  # fmt: skip


def let_go(
    tx: Turn, student_ids: Collection[int], *, number: int, but: int, at: datetime
) -> list[ParticipantCard]:
    """The cards in other sessions of students whom session `but` holds no more.

    Of the classes that wait for a student, the one that began last has them; the rest wait on.
    """
    waiting: dict[int, list[ParticipantCard]] = {}
    for row in shelf.open_rows(tx.school_id, student_ids, but=but):
        waiting.setdefault(row.student.id, []).append(row)
    changed: list[ParticipantCard] = []
    for found in waiting.values():
        changed += _next_holder(tx, found, number, at)
    return [dated(row, at) for row in changed]


def _next_holder(
    tx: Turn, found: list[ParticipantCard], number: int, at: datetime
) -> list[ParticipantCard]:
    if any(row.is_in for row in found):
        return []
    free = [renewed(row, number, elsewhere=None) for row in found if row.elsewhere is not None]
    back = max((row for row in free if row.is_in), key=lambda row: row.session_id, default=None)
    if back is None:
        return free
    where = place_in(shelf.session(tx.school_id, back.session_id), at)
    rest = [row for row in free if row is not back]
    return [back, *(msgspec.structs.replace(row, elsewhere=where) for row in rest)]
