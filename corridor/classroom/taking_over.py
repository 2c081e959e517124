"""Students of one running class are taken over by another, and given back."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from corridor.accounts.actors import ClassroomActor
from corridor.classroom import events, holding, shelf, timers
from corridor.classroom.cards import Elsewhere, ParticipantCard, SessionCard, dated, left, renewed
from corridor.classroom.refusals import NotAllowed, Refused, Stale
from corridor.live.log import Turn, record


def brought_in(
    tx: Turn,
    rows: list[ParticipantCard],
    card: SessionCard,
    *,
    at: datetime,
    number: int,
) -> list[ParticipantCard]:
    """These students' cards when this session has them from now on, wherever they were.

    The cards of the sessions that lose them are among them.
    """
    had = shelf.open_rows(tx.school_id, [row.student.id for row in rows], but=card.id)
    here = [
        dated(
            renewed(
                row, number, elsewhere=None, excluded=None, include_when_back=False,
                taken_from=_taken_from(row, had, at),
            ),
            at,
        )
        for row in rows
    ]  # fmt: skip
    return [*here, *holding.handed_over(had, card, number=number, at=at)]


def lost_by(school_id: int, rows: Iterable[ParticipantCard]) -> tuple[int, ...]:
    """Whose students these were until now: the teachers of the classes from which they went.

    `rows` are the cards after it; those that only wait for a student have lost nobody.
    """
    went = {row.session_id for row in rows if row.elsewhere and row.elsewhere.undo_until}
    return _teachers(school_id, went)


def undo_take_over(
    tx: Turn,
    *,
    session_id: int,
    student_ids: Collection[int],
    by: ClassroomActor,
    at: datetime,
    request_id: UUID | None = None,
) -> tuple[ParticipantCard, ...]:
    """Within 30 seconds: students whom this session took over are where they were before.

    Whoever leads this class may do it, and of each student whoever leads the class from which they
    went. Students who are not here any more, whom their class would not have, or of whom this
    person may not say so, stay. Raises `NotFound`, `NotAllowed`, `Stale`, and `Refused` when it is
    too late for all of them.
    """
    before = shelf.answered(tx, by, request_id)
    if isinstance(before, events.ParticipantsGivenBack):
        return before.participants
    timers.settle(tx, at=at)
    card = shelf.session(tx.school_id, session_id)
    if not card.is_running:
        raise Stale(card)
    rows = shelf.participants(tx.school_id, session_id)
    here = [row for row in rows if row.student.id in student_ids]
    had = shelf.open_rows(tx.school_id, [row.student.id for row in here], but=session_id)
    own = _of_whom_it_is_for(tx, card, here, by)
    taken = {row.student.id: row for row in own if _can_undo(row, at)}
    homes = {
        row.student.id: row
        for row in had
        if row.student.id in taken and _is_home(row, taken[row.student.id])
    }
    if not homes:
        raise _too_late(tx, card, own, had, by)
    changed = _given_back(tx, [*here, *had], homes, at)
    shelf.keep_participants(changed)
    back_with = _teachers(tx.school_id, {home.session_id for home in homes.values()})
    event = events.ParticipantsGivenBack(
        participants=changed, teacher_ids=back_with, by=by.who, at=at
    )
    record(tx, event, request_id=request_id)
    return changed


def _teachers(school_id: int, session_ids: Iterable[int]) -> tuple[int, ...]:
    """The adults of these classes: who teaches one, and who leads it today."""
    found = set[int]()
    for card in (shelf.session(school_id, one) for one in session_ids):
        found |= {*card.teacher_ids} | {card.led_by.account_id or 0}
    return tuple(sorted(found - {0}))


def _of_whom_it_is_for(
    tx: Turn, card: SessionCard, rows: list[ParticipantCard], by: ClassroomActor
) -> list[ParticipantCard]:
    """Those of these students of a session whom this person may send back, were it in time."""
    if by.leads(card.class_id):
        return rows
    led = _led_of(tx, (row.taken_from.session_id for row in rows if row.taken_from), by)
    return [row for row in rows if row.taken_from and row.taken_from.session_id in led]


def _led_of(tx: Turn, session_ids: Iterable[int], by: ClassroomActor) -> set[int]:
    """Those of these sessions whose class this person leads."""
    wanted = {one: shelf.session(tx.school_id, one) for one in set(session_ids)}
    return {one for one, card in wanted.items() if by.leads(card.class_id)}


def _too_late(
    tx: Turn, card: SessionCard, own: list[ParticipantCard], had: list[ParticipantCard],
    by: ClassroomActor,
) -> Exception:  # fmt: skip
    """Why nobody goes back: it is over, also for whose class has the student again or waits for
    them; nobody else is told anything."""
    is_theirs = by.leads(card.class_id) or own or _led_of(tx, (row.session_id for row in had), by)
    return Refused("undo_over") if is_theirs else NotAllowed()


def _can_undo(row: ParticipantCard, at: datetime) -> bool:
    origin = row.taken_from
    return row.is_in and bool(origin and origin.undo_until and at <= origin.undo_until)


def _is_home(row: ParticipantCard, taken: ParticipantCard) -> bool:
    """This card is of the class that had the student, and would have them again."""
    origin = taken.taken_from
    return (
        origin is not None
        and row.session_id == origin.session_id
        and msgspec.structs.replace(row, elsewhere=None).is_in
    )


def _given_back(
    tx: Turn, rows: list[ParticipantCard], homes: dict[int, ParticipantCard], at: datetime
) -> tuple[ParticipantCard, ...]:
    """The students are at home, and every other card that wants them says so."""
    sessions = {h.session_id: shelf.session(tx.school_id, h.session_id) for h in homes.values()}
    changed = []
    for row in rows:
        home = homes.get(row.student.id)
        if home is row:
            changed.append(renewed(row, tx.number, elsewhere=None))
        elif home is not None and (row.is_in or row.elsewhere is not None):
            where = holding.place_in(sessions[home.session_id], at)
            changed.append(
                renewed(
                    row, tx.number, elsewhere=where, taken_from=None, hand_raised_at=None,
                    there=left(row.there, at),
                )
            )  # fmt: skip
    return tuple(dated(row, at) for row in changed)


def _taken_from(row: ParticipantCard, had: list[ParticipantCard], at: datetime) -> Elsewhere | None:
    """The session that has the student until now."""
    holder = next((one for one in had if one.student.id == row.student.id and one.is_in), None)
    if holder is None:
        return None
    session = shelf.session(holder.school_id, holder.session_id)
    return holding.place_in(session, at, at + holding.UNDO_FOR)
