"""Contact control: students who are kept apart. Told to admins only."""

from collections.abc import Collection
from datetime import date, datetime

import msgspec

from corridor.accounts.actors import Actor
from corridor.accounts.models import PassAccount, Role
from corridor.live.log import Turn, record
from corridor.passes import events
from corridor.passes.models import ContactGroup, ContactMember
from corridor.passes.refusals import NotAllowed, NotFound, Refusal, Refused


class Group(msgspec.Struct, frozen=True):
    """A contact group as admins see it."""

    id: int
    students: tuple[str, ...]
    note: str
    last_day: date | None


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


def groups_of(school_id: int) -> list[Group]:
    """The groups of a school with their students' names, those that hold longest first."""
    found = ContactGroup.objects.filter(school_id=school_id).prefetch_related("members")
    groups = sorted(found, key=lambda group: (group.last_day or date.max, group.pk), reverse=True)
    ids = {member.student_id for group in groups for member in group.members.all()}
    names = dict(
        PassAccount.objects.filter(pk__in=ids, school_id=school_id).values_list(
            "pk", "display_name"
        )
    )
    return [
        Group(
            group.pk,
            tuple(sorted(names.get(member.student_id, "") for member in group.members.all())),
            group.note,
            group.last_day,
        )
        for group in groups
    ]
