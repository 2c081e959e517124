"""Contact control: students who are kept apart. Told to admins only."""

from collections.abc import Collection
from datetime import date, datetime

from corridor.accounts.actors import Actor
from corridor.accounts.models import PassAccount, Role
from corridor.live.log import Turn, record
from corridor.passes import events
from corridor.passes.models import ContactGroup, ContactMember
from corridor.passes.refusals import NotAllowed, NotFound, Refusal, Refused


def keep_apart(
    tx: Turn,
    *,
    student_ids: Collection[int],
    note: str = "",
    last_day: date | None = None,
    by: Actor,
    at: datetime,
) -> ContactGroup:
    """From now on no two of these students are out at the same time, until the last day.

    Raises `NotAllowed` for anybody but an admin, `Refused` for fewer than two students, and
    `NotFound` for one who is no student of this school.
    """
    if by.role != "admin":
        raise NotAllowed
    wanted = set(student_ids)
    if len(wanted) < 2:
        raise Refused(Refusal("too_few_apart"))
    known = PassAccount.objects.filter(
        school_id=tx.school_id, pk__in=wanted, role=Role.STUDENT, closed_at__isnull=True
    ).count()
    if known != len(wanted):
        raise NotFound("student")
    group = ContactGroup.objects.create(
        school_id=tx.school_id, note=note.strip()[:400], last_day=last_day
    )
    for student_id in sorted(wanted):
        ContactMember.objects.create(group=group, student_id=student_id)
    record(
        tx, events.StudentsKeptApart(school_id=tx.school_id, group_id=group.pk, by=by.who, at=at)
    )
    return group


def let_together(tx: Turn, *, group_id: int, by: Actor, at: datetime) -> None:
    """Remove a contact group. Raises `NotAllowed`, `NotFound`."""
    if by.role != "admin":
        raise NotAllowed
    group = ContactGroup.objects.filter(pk=group_id, school_id=tx.school_id).first()
    if group is None:
        raise NotFound("group")
    group.delete()
    record(
        tx, events.StudentsLetTogether(school_id=tx.school_id, group_id=group_id, by=by.who, at=at)
    )
