"""Contact control: students who are kept apart. Told to admins only."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

import msgspec

from corridor.accounts.actors import Actor
from corridor.accounts.models import PassAccount, Role
from corridor.live.log import Turn, record
from corridor.passes import events
from corridor.passes.models import ContactGroup, ContactMember
from corridor.passes.refusals import NotAllowed, NotFound, Refusal, Refused
from corridor.roster.settings import settings_in


class Member(msgspec.Struct, frozen=True):
    """A student of a group."""

    id: int
    name: str


class Group(msgspec.Struct, frozen=True):
    """A contact group as admins see it; students by name."""

    id: int
    students: tuple[Member, ...]
    note: str
    last_day: date | None

    @property
    def names(self) -> list[str]:
        """The students' names."""
        return [student.name for student in self.students]

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.last_day is not None and self.last_day < today


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

    Raises `NotAllowed` for anybody but an admin, `Refused` for fewer than two students, for a last
    day that is over and for students whom another group keeps apart already, and `NotFound` for one
    who is no student of this school.
    """
    group = ContactGroup(school_id=tx.school_id)
    return _keep(tx, group, student_ids, note, last_day, by=by, at=at)


def change_group(
    tx: Turn,
    *,
    group_id: int,
    student_ids: Collection[int],
    note: str = "",
    last_day: date | None = None,
    by: Actor,
    at: datetime,
) -> ContactGroup:
    """Other students, another note or last day for a contact group. Raises as `keep_apart`."""
    group = _group(tx, group_id, by)
    return _keep(tx, group, student_ids, note, last_day, by=by, at=at)


def _keep(
    tx: Turn, group: ContactGroup, student_ids: Collection[int], note: str,
    last_day: date | None, *, by: Actor, at: datetime,
) -> ContactGroup:  # fmt: skip
    if by.role != "admin":
        raise NotAllowed
    wanted, today = set(student_ids), at.astimezone(settings_in(tx).zone).date()
    if len(wanted) < 2:
        raise Refused(Refusal("too_few_apart"))
    if last_day is not None and last_day < today:
        raise Refused(Refusal("apart_over"))
    _refuse_kept_already(tx, group, wanted, today)
    # Somebody archived may stay in a group, and is kept apart again when they come back.
    there = set(group.members.values_list("student_id", flat=True)) if group.pk else set()
    known = PassAccount.objects.filter(school_id=tx.school_id, pk__in=wanted, role=Role.STUDENT)
    if set(known.filter(closed_at__isnull=True).values_list("pk", flat=True)) < wanted - there:
        raise NotFound("student")
    group.note, group.last_day = note.strip()[:400], last_day
    group.save()
    ContactMember.objects.filter(group=group).exclude(student_id__in=wanted).delete()
    for student_id in sorted(wanted - there):
        ContactMember.objects.create(group=group, student_id=student_id)
    record(
        tx, events.StudentsKeptApart(school_id=tx.school_id, group_id=group.pk, by=by.who, at=at)
    )
    return group


def _refuse_kept_already(tx: Turn, group: ContactGroup, wanted: set[int], today: date) -> None:
    """A second group of the same students would say nothing, and outlive the first one's end."""
    for other in groups_of(tx.school_id):
        if other.id == group.pk or other.is_over(today):
            continue
        if wanted <= {student.id for student in other.students}:
            raise Refused(Refusal("apart_already", {"students": ", ".join(other.names)}))


def let_together(tx: Turn, *, group_id: int, by: Actor, at: datetime) -> None:
    """Remove a contact group. Raises `NotAllowed`, `NotFound`."""
    _group(tx, group_id, by).delete()
    record(
        tx, events.StudentsLetTogether(school_id=tx.school_id, group_id=group_id, by=by.who, at=at)
    )


def _group(tx: Turn, group_id: int, by: Actor) -> ContactGroup:
    if by.role != "admin":
        raise NotAllowed
    group = ContactGroup.objects.filter(pk=group_id, school_id=tx.school_id).first()
    if group is None:
        raise NotFound("group")
    return group


def groups_of(school_id: int) -> list[Group]:
    """The groups of a school with their students, those that hold longest first."""
    found = ContactGroup.objects.filter(school_id=school_id).prefetch_related("members")
    groups = sorted(found, key=lambda group: (group.last_day or date.max, group.pk), reverse=True)
    ids = {member.student_id for group in groups for member in group.members.all()}
    names = students_by_id(school_id, ids)
    return [
        Group(
            group.pk,
            members_of(names, (member.student_id for member in group.members.all())),
            group.note,
            group.last_day,
        )
        for group in groups
    ]


def some_apart(school_id: int, student_ids: Collection[int], day: date) -> bool:
    """Whether two of these students are kept apart on that day."""
    wanted = set(student_ids)
    return any(
        len(wanted & {student.id for student in group.students}) > 1
        for group in groups_of(school_id)
        if not group.is_over(day)
    )


def members_of(names: Mapping[int, str], ids: Iterable[int]) -> tuple[Member, ...]:
    """These students by name."""
    return tuple(sorted((Member(one, names.get(one, "")) for one in ids), key=lambda m: m.name))


def students_by_id(school_id: int, ids: Collection[int]) -> dict[int, str]:
    """The names of these of the school's students, by id."""
    found = PassAccount.objects.filter(school_id=school_id, pk__in=ids, role=Role.STUDENT)
    return dict(found.values_list("pk", "display_name"))
