"""Ask something of students' devices, and hear what became of it at each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor, ClassroomActor
from corridor.classroom import answers, events, kinds, leases, shelf
from corridor.classroom.answers import Said
from corridor.classroom.asking import checked
from corridor.classroom.cards import (
    APPLIED,
    FAILED,
    LOCK,
    PENDING,
    PLAN,
    Arguments,
    CommandCard,
    Exclusion,
    Lease,
    ParticipantCard,
    Recipient,
    SessionCard,
    dated,
    left,
    renewed,
)
from corridor.classroom.ending import come_back
from corridor.classroom.kinds import Kind
from corridor.classroom.leading import led
from corridor.classroom.plan_leases import plan_lease
from corridor.classroom.refusals import NotAllowed, NotFound, Refused
from corridor.classroom.taking_over import brought_in, lost_by
from corridor.live.log import Turn, record


def send_command(
    tx: Turn,
    kind_name: str,
    *,
    session_id: int,
    student_ids: Sequence[int],
    says: Arguments = Arguments(),  # noqa: B008
    by: ClassroomActor,
    at: datetime,
    request_id: UUID | None = None,
    also_later: bool = False,
) -> CommandCard:
    """Ask it of exactly these students, who were chosen when the dialog opened.

    Whoever is in another class or left out by now is told as failed, with the reason; `also_later`
    has them held to it and asked once they are in, and told as pending until then. A plan or
    a tab limit for everybody who is in does so for the others of the class, too, and its end lets
    go of them. Raises `NotFound` for an unknown command or student, and for undoing what closed no
    tabs here; `NotAllowed`, `Stale` when the class is over, `Refused` for what the command cannot
    say.
    """
    kind = kinds.BY_NAME.get(kind_name)
    if kind is None:
        raise NotFound("command")
    card = led(tx, session_id, by=by, at=at)
    if not by.may(kind.needs):
        raise NotAllowed
    before = shelf.answered(tx, by, request_id)
    if isinstance(before, events.CommandSent):
        return before.card
    wanted, says = says.until, checked(kind.name, says, card, at)
    if kind.name == kinds.UNDO_CLOSE:
        _may_undo(tx, card, says.command_id)
    rows = asked = _chosen(tx, card, student_ids)
    if kind.name in kinds.OF_THE_CLASS and not also_later:
        rows, also_later = _with_others(tx, card, rows)
    if kinds.holds(kind, says):
        asked = rows
    sent = _command(tx, kind, card, says, asked, by, at, also_later=also_later)
    lease = _lease(tx, kind, says, wanted, sent, by)
    if lease is not None and lease.kind == PLAN:
        says = msgspec.structs.replace(says, plan_name=lease.text)
        sent = msgspec.structs.replace(sent, arguments=says)
    changed = _changed(tx, kind, card, rows, lease, by, at, also_later=also_later)
    shelf.keep_command(sent)
    shelf.keep_participants(changed)
    told = lost_by(tx.school_id, changed) if kind.name == kinds.INCLUDE else ()
    event = events.CommandSent(
        card=sent, participants=tuple(changed), teacher_ids=told, by=by.who, at=at
    )
    record(tx, event, request_id=request_id)
    if kind.name == kinds.EXCLUDE:
        freed = [row.student.id for row in rows if row.is_in]
        come_back(tx, freed, but=card.id, by=by, at=at)
    return sent


def _may_undo(tx: Turn, card: SessionCard, command_id: int | None) -> None:
    """Only a closing of tabs in this class. Raises `NotFound`."""
    undone = None if command_id is None else shelf.command(tx.school_id, command_id)
    if undone is None or (undone.session_id, undone.kind) != (card.id, kinds.CLOSE_TABS):
        raise NotFound("command")


def answer_command(
    tx: Turn, *, command_id: int, said: Mapping[int, Sequence[Said]], by: Actor, at: datetime
) -> CommandCard:
    """Devices answer: what those of each student say, in their order.

    A student's card says so too when the device does not hold to what it was asked, and no longer
    when it does. An answer of somebody who was not asked changes nothing, nor does one after the
    class: what its history says stays. Raises `NotFound`.
    """
    before = shelf.command(tx.school_id, command_id)
    after = tuple(_answered(one, said.get(one.student.id, ()), at) for one in before.recipients)
    if after == before.recipients or _is_over(tx, before.session_id, at):
        return before
    card = msgspec.structs.replace(before, recipients=after, version=tx.number)
    changed = _held_or_not(tx, before, card)
    shelf.keep_command(card)
    shelf.keep_participants(changed)
    record(tx, events.CommandAnswered(card=card, participants=changed, by=by.who, at=at))
    return card


def _is_over(tx: Turn, session_id: int, at: datetime) -> bool:
    session = shelf.session(tx.school_id, session_id)
    return not session.is_running or at >= session.ends_at


def _held_or_not(tx: Turn, before: CommandCard, card: CommandCard) -> tuple[ParticipantCard, ...]:
    """The next cards of whom this command holds, whose device says now that it does not, or that
    it does after all."""
    whys = {
        one.student.id: one.why
        for was, one in zip(before.recipients, card.recipients, strict=True)
        if FAILED in (was.result, one.result) and was != one
    }
    if not whys or not kinds.BY_NAME[card.kind].lease:
        return ()
    rows = shelf.participants(tx.school_id, card.session_id)
    after = [
        (row, leases.failed(row, card.id, whys[row.student.id]))
        for row in rows
        if row.student.id in whys
    ]
    return tuple(
        renewed(row, tx.number, restrictions=held)
        for row, held in after
        if held != row.restrictions
    )


def _answered(one: Recipient, said: Sequence[Said], at: datetime) -> Recipient:
    for answer in said:
        one = answers.after(one, answer, at)
    return one


def _chosen(tx: Turn, card: SessionCard, student_ids: Sequence[int]) -> list[ParticipantCard]:
    """The students' cards in the order asked. Raises `NotFound`, and `Refused` for nobody."""
    rows = {row.student.id: row for row in shelf.participants(tx.school_id, card.id)}
    wanted = list(dict.fromkeys(student_ids))
    if not wanted:
        raise Refused("nobody_chosen")
    if any(one not in rows for one in wanted):
        raise NotFound("student")
    return [rows[one] for one in wanted]


def _with_others(
    tx: Turn, card: SessionCard, rows: list[ParticipantCard]
) -> tuple[list[ParticipantCard], bool]:
    """Whom it is for, and whether later, too: if everybody who is in was chosen, whoever is not in
    yet is not to be held to what the class began with."""
    chosen = {row.student.id for row in rows}
    others = [r for r in shelf.participants(tx.school_id, card.id) if r.student.id not in chosen]
    if any(row.is_in for row in others) or not any(row.is_in for row in rows):
        return rows, False
    return [*rows, *others], True


def _command(
    tx: Turn, kind: Kind, card: SessionCard, says: Arguments, rows: list[ParticipantCard],
    by: ClassroomActor, at: datetime, *, also_later: bool,
) -> CommandCard:  # fmt: skip
    asked = tuple(_asked(kind, row, at, also_later=also_later) for row in rows)
    return CommandCard(
        id=tx.number, version=tx.number, school_id=tx.school_id, session_id=card.id,
        kind=kind.name, arguments=says, recipients=asked, by=by.who, at=at,
    )  # fmt: skip


def _asked(kind: Kind, row: ParticipantCard, at: datetime, *, also_later: bool) -> Recipient:
    """What is known at once: done by being sent, impossible, or up to the device."""
    if kind.name in (kinds.EXCLUDE, kinds.INCLUDE):
        return Recipient(student=row.student, result=APPLIED, answered_at=at)
    if not row.is_in and not also_later:
        why = "in_another_class" if row.elsewhere is not None else "not_in_class"
        return Recipient(student=row.student, result=FAILED, why=why, answered_at=at)
    if not kind.on_device:
        return Recipient(student=row.student, result=APPLIED, answered_at=at)
    return Recipient(student=row.student, result=PENDING)


def _lease(
    tx: Turn, kind: Kind, says: Arguments, wanted: datetime | None, sent: CommandCard,
    by: ClassroomActor,
) -> Lease | None:  # fmt: skip
    """What the command holds devices to; None when it only lets go, or does neither."""
    if says.until is None or not kinds.holds(kind, says):
        return None
    if says.plan_id is not None:
        return plan_lease(
            tx.school_id, says.plan_id, until=says.until, wanted=wanted, by=by, command_id=sent.id
        )
    return Lease(
        kind=kind.lease, until=says.until, wanted=wanted, by=by.who, command_id=sent.id,
        text=says.text, sites=says.sites, number=says.number,
    )  # fmt: skip


def _changed(
    tx: Turn, kind: Kind, card: SessionCard, rows: list[ParticipantCard], lease: Lease | None,
    by: ClassroomActor, at: datetime, *, also_later: bool,
) -> list[ParticipantCard]:  # fmt: skip
    """The next cards of whom the command changes."""
    number, here = tx.number, [row for row in rows if row.is_in]
    held = rows if also_later else here
    if lease is not None:
        return [renewed(r, number, restrictions=leases.held_to(r, lease)) for r in held]
    if kind.ends:
        freed = [row for row in held if row.lease(kind.ends)]
        return [renewed(r, number, restrictions=leases.without(r, kind.ends)) for r in freed]
    if kind.name == kinds.ACKNOWLEDGE_HAND:
        return [renewed(r, number, hand_raised_at=None) for r in here if r.hand_raised_at]
    if kind.name in (kinds.SAY, kinds.ANNOUNCE):
        return [renewed(row, number, written_to=True) for row in here if not row.written_to]
    if kind.name == kinds.EXCLUDE:
        return [_excluded(row, number, by, at) for row in rows if row.excluded is None]
    if kind.name == kinds.INCLUDE:
        missing = [row for row in rows if not row.is_in]
        return brought_in(tx, missing, card, at=at, number=number)
    return []


def _excluded(
    row: ParticipantCard, number: int, by: ClassroomActor, at: datetime
) -> ParticipantCard:
    after = renewed(
        row, number, excluded=Exclusion(at, by.who), restrictions=leases.without(row, LOCK),
        hand_raised_at=None, include_when_back=False, there=left(row.there, at),
    )  # fmt: skip
    return dated(after, at)
