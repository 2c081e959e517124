"""A class begins, ends later, ends; students are taken over from another class, and given back."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor, ClassroomActor
from corridor.classroom import events, holding, kinds, shelf, timers
from corridor.classroom.asking import MOST_TABS
from corridor.classroom.cards import (
    PLAN,
    RUNNING,
    TAB_LIMIT,
    Arguments,
    Exclusion,
    Options,
    ParticipantCard,
    SessionCard,
    dated,
)
from corridor.classroom.commands import send_command
from corridor.classroom.ending import end_session, move_end
from corridor.classroom.hours import check_hours
from corridor.classroom.leading import led, taken_down
from corridor.classroom.refusals import NotAllowed, Refused
from corridor.classroom.standing import ClassRoster, OnRoster, roster_of
from corridor.classroom.taking_over import lost_by
from corridor.live.log import Turn, record
from corridor.roster.settings import settings_in

LONGEST: Final = timedelta(hours=12)


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What the start dialog says of the students; whoever is not named is in.

    `left_out` do not take part. `take_over` are had from the class they are in now; those of
    another class who are not named here stay there. `when_back` get their place later.
    """

    left_out: frozenset[int] = frozenset()
    take_over: frozenset[int] = frozenset()
    when_back: frozenset[int] = frozenset()


def start_session(
    tx: Turn,
    *,
    class_id: int,
    ends_at: datetime,
    options: Options,
    chosen: Chosen,
    by: ClassroomActor,
    at: datetime,
    request_id: UUID | None = None,
) -> SessionCard:
    """An adult of the class starts it. It holds the students until it ends.

    What it begins with is asked of devices as any command is: tab limit and access plan also of
    those who come later, the closing of open tabs of those whom it holds. Raises `NotAllowed`,
    `NotFound`, `Refused` (already running, no students, a plan that is gone, a time that is over
    or outside the school's hours).
    """
    if not by.leads(class_id) or (options.restricts and not by.may(kinds.RESTRICT)):
        raise NotAllowed
    before = shelf.answered(tx, by, request_id)
    if isinstance(before, events.ClassSessionStarted):
        return before.card
    timers.settle(tx, at=at)
    roster = roster_of(tx.school_id, class_id)
    _may_start(tx, roster, ends_at, options, at)
    had = shelf.open_rows(tx.school_id, [one.student.id for one in roster.students])
    wanted = chosen.take_over - chosen.left_out - chosen.when_back
    taken = [row for row in had if row.is_in and row.student.id in wanted]
    card = _new_session(tx, roster, ends_at, options, number=tx.number + bool(taken), by=by, at=at)
    if taken:
        _tell_others(tx, had, taken, to=card, by=by, at=at)
    begun = tuple(
        dated(_begun(one, card, chosen, had, taken, by, at), at) for one in roster.students
    )
    shelf.add_session(card)
    shelf.keep_participants(begun)
    event = events.ClassSessionStarted(card=card, participants=begun, by=by.who, at=at)
    record(tx, event, request_id=request_id)
    _ask_at_first(tx, card, begun, by=by, at=at)
    return card


def extend_session(
    tx: Turn,
    *,
    session_id: int,
    ends_at: datetime,
    by: ClassroomActor,
    at: datetime,
    request_id: UUID | None = None,
) -> SessionCard:
    """The class ends at another time, later or earlier; what lasts to its end goes along.

    Raises `NotFound`, `NotAllowed`, `Stale` when it is over, `Refused` for a time that is over,
    too far away, or outside the school's hours.
    """
    card = led(tx, session_id, by=by, at=at)
    before = shelf.answered(tx, by, request_id)
    if isinstance(before, events.ClassSessionExtended):
        return before.card
    if ends_at == card.ends_at:
        return card
    _may_end(tx, card.started_at, ends_at, at)
    return move_end(tx, card, ends_at=ends_at, by=by, at=at, request_id=request_id)


def stop_session(
    tx: Turn,
    *,
    session_id: int,
    by: ClassroomActor,
    at: datetime,
    request_id: UUID | None = None,
) -> SessionCard:
    """An adult of the class, or an admin, ends it now. Twice is once.

    Raises `NotFound`, `NotAllowed`.
    """
    card = taken_down(tx, session_id, by=by)
    timers.settle(tx, at=at)
    card = shelf.session(tx.school_id, session_id)
    return end_session(tx, card, by=by, at=at, request_id=request_id) if card.is_running else card


def stop_class(tx: Turn, *, class_id: int, by: Actor, at: datetime) -> SessionCard | None:
    """The class goes to the archive: if it runs, it is over, whoever leads it.

    Nobody would be left who may let its students go.
    """
    timers.settle(tx, at=at)
    card = shelf.running_session_of(tx.school_id, class_id)
    return None if card is None else end_session(tx, card, by=by, at=at)


# Starting


def _may_start(
    tx: Turn, roster: ClassRoster, ends_at: datetime, options: Options, at: datetime
) -> None:
    if (running := shelf.running_session_of(tx.school_id, roster.class_id)) is not None:
        raise Refused("already_running", adult=running.led_by.name, session_id=running.id)
    if not roster.students:
        raise Refused("nobody_on_roster")
    if options.tab_limit is not None and not 1 <= options.tab_limit <= MOST_TABS:
        raise Refused("tab_limit_impossible", most=MOST_TABS)
    _may_end(tx, at, ends_at, at)


def _may_end(tx: Turn, began: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= at:
        raise Refused("end_is_over")
    if ends_at - began > LONGEST:
        raise Refused("too_long", hours=LONGEST // timedelta(hours=1))
    check_hours(settings_in(tx), ends_at, at)


def _new_session(
    tx: Turn, roster: ClassRoster, ends_at: datetime, options: Options, *, number: int,
    by: ClassroomActor, at: datetime,
) -> SessionCard:  # fmt: skip
    return SessionCard(
        id=number, version=number, school_id=tx.school_id, class_id=roster.class_id,
        class_name=roster.name, period=roster.period, led_by=by.who,
        teacher_ids=roster.teacher_ids, state=RUNNING, started_at=at, ends_at=ends_at,
        options=options,
    )  # fmt: skip


def _tell_others(
    tx: Turn, had: list[ParticipantCard], taken: list[ParticipantCard], *, to: SessionCard,
    by: ClassroomActor, at: datetime,
) -> None:  # fmt: skip
    """The sessions that lose students know it, and so do their teachers."""
    ids = {row.student.id for row in taken}
    concerned = [row for row in had if row.student.id in ids]
    after = tuple(holding.handed_over(concerned, to, number=tx.number, at=at))
    shelf.keep_participants(after)
    event = events.ParticipantsTakenOver(
        participants=after, teacher_ids=lost_by(tx.school_id, after), by=by.who, at=at
    )
    record(tx, event)


def _begun(
    one: OnRoster, card: SessionCard, chosen: Chosen, had: list[ParticipantCard],
    taken: list[ParticipantCard], by: ClassroomActor, at: datetime,
) -> ParticipantCard:  # fmt: skip
    row = ParticipantCard(
        session_id=card.id, school_id=card.school_id, version=card.id,
        student=one.student, group_ids=one.group_ids,
    )  # fmt: skip
    student_id = one.student.id
    if student_id in chosen.left_out:
        return msgspec.structs.replace(row, excluded=Exclusion(at, by.who))
    if student_id in chosen.when_back:
        row = msgspec.structs.replace(row, include_when_back=True)
    holder = next((h for h in had if h.student.id == student_id and h.is_in), None)
    if holder is None:
        return row
    session = shelf.session(card.school_id, holder.session_id)
    if holder in taken:
        undo_until = at + holding.UNDO_FOR
        return msgspec.structs.replace(row, taken_from=holding.place_in(session, at, undo_until))
    return msgspec.structs.replace(row, elsewhere=holding.place_in(session, at))


def _ask_at_first(
    tx: Turn, card: SessionCard, begun: tuple[ParticipantCard, ...], *, by: ClassroomActor,
    at: datetime,
) -> None:  # fmt: skip
    """The tab limit, the access plan and the closing of tabs that the class begins with."""
    options, everybody = card.options, [row.student.id for row in begun]
    ask = partial(send_command, tx, session_id=card.id, by=by, at=at)
    if options.tab_limit is not None:
        says = Arguments(number=options.tab_limit)
        ask(TAB_LIMIT, student_ids=everybody, says=says, also_later=True)
    if options.plan_id is not None:
        says = Arguments(plan_id=options.plan_id)
        ask(PLAN, student_ids=everybody, says=says, also_later=True)
    held = [row.student.id for row in begun if row.is_in]
    if options.close_tabs and held:
        ask(kinds.CLOSE_TABS, student_ids=held)
