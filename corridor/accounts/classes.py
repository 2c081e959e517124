"""The classes of a school: open, change and archive them; who teaches them, who is in them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import LPad
from django.utils.translation import gettext as _

from corridor.accounts.actors import Actor
from corridor.accounts.classroom_events import (
    GroupCard,
    SchoolClassArchived,
    SchoolClassChanged,
    SchoolClassGroupsChanged,
    SchoolClassOpened,
    SchoolClassReopened,
    SchoolClassRosterChanged,
    SchoolClassTeachersChanged,
)
from corridor.accounts.models import (
    ClassGroup,
    ClassGroupMember,
    ClassroomAccount,
    ClassroomRole,
    ClassTeacher,
    Enrolment,
)
from corridor.accounts.names import BadName, clean_name
from corridor.accounts.signins import forget
from corridor.live.log import Turn, record
from corridor.roster.models import SchoolClass

CHANGEABLE: Final = ("name", "period", "code")
LONGEST: Final = {"name": 80, "period": 40, "code": 40}


class CodeTaken(Exception):
    """Another class of this school has this code."""


class GroupTaken(Exception):
    """The class has a group of this name."""


def open_class(
    tx: Turn,
    *,
    name: str,
    period: str = "",
    code: str = "",
    lead_id: int | None = None,
    by: Actor,
    at: datetime,
) -> SchoolClass:
    """A class begins to be, led by an adult of this school. Raises `CodeTaken` and `BadName`."""
    _refuse_taken_code(tx.school_id, code)
    made = SchoolClass.objects.create(
        school_id=tx.school_id, name=_name(name), period=clean_name(period, 40), code=code
    )
    record(tx, SchoolClassOpened(**_about(made), by=by.who, at=at))
    if lead_id is not None:
        set_teachers(tx, made, lead_id=lead_id, co_teacher_ids=(), by=by, at=at)
    return made


def change_class(
    tx: Turn, found: SchoolClass, changes: Mapping[str, Any], *, by: Actor, at: datetime
) -> SchoolClass:
    """Change name, period or code of a class. Raises `CodeTaken` and `BadName`."""
    wanted = {name: clean_name(v, LONGEST[name]) for name, v in changes.items()}
    if "name" in wanted:
        _name(wanted["name"])
    different = {name: v for name, v in wanted.items() if getattr(found, name) != v}
    if not different:
        return found
    if "code" in different:
        _refuse_taken_code(tx.school_id, different["code"])
    told = {name: (getattr(found, name), v) for name, v in different.items()}
    for name, value in different.items():
        setattr(found, name, value)
    found.save(update_fields=list(different))
    record(tx, SchoolClassChanged(**_about(found), changes=told, by=by.who, at=at))
    return found


def archive_class(tx: Turn, found: SchoolClass, *, by: Actor, at: datetime) -> None:
    """A class is over for good; who was in it stays on record. Twice is once."""
    if found.archived_at is None:
        found.archived_at = at
        found.save(update_fields=["archived_at"])
        forget()
        record(tx, SchoolClassArchived(**_about(found), by=by.who, at=at))


def reopen_class(tx: Turn, found: SchoolClass, *, by: Actor, at: datetime) -> None:
    """An archived class is in use again. Twice is once."""
    if found.archived_at is not None:
        found.archived_at = None
        found.save(update_fields=["archived_at"])
        forget()
        record(tx, SchoolClassReopened(**_about(found), by=by.who, at=at))


def set_teachers(
    tx: Turn,
    found: SchoolClass,
    *,
    lead_id: int | None,
    co_teacher_ids: Collection[int],
    by: Actor,
    at: datetime,
) -> None:
    """The adults of a class are these from now on. People of other schools are left out."""
    adults = _open_accounts(tx.school_id, {*co_teacher_ids, lead_id or 0}).exclude(
        role=ClassroomRole.STUDENT
    )
    wanted = {pk: pk == lead_id for pk in adults.values_list("pk", flat=True)}
    before = dict(found.teachers.values_list("account_id", "is_lead"))
    if wanted == before:
        return
    found.teachers.all().delete()
    ClassTeacher.objects.bulk_create(
        ClassTeacher(school_class=found, account_id=pk, is_lead=is_lead)
        for pk, is_lead in wanted.items()
    )
    forget()
    changed = SchoolClassTeachersChanged(
        **_about(found),
        lead_id=lead_id if lead_id in wanted else None,
        co_teacher_ids=tuple(sorted(pk for pk, is_lead in wanted.items() if not is_lead)),
        by=by.who,
        at=at,
    )
    record(tx, changed)


def change_roster(
    tx: Turn,
    found: SchoolClass,
    *,
    add: Collection[int] = (),
    remove: Collection[int] = (),
    by: Actor,
    at: datetime,
) -> None:
    """Put students on the roster of a class, or take them off it and its groups.

    People of other schools and adults are left out; who is on it already stays.
    """
    students = _open_accounts(tx.school_id, add).filter(role=ClassroomRole.STUDENT)
    there = set(found.enrolments.values_list("account_id", flat=True))
    added = sorted(set(students.values_list("pk", flat=True)) - there)
    removed = sorted(there & set(remove) - set(added))
    if not added and not removed:
        return
    Enrolment.objects.bulk_create(Enrolment(school_class=found, account_id=pk) for pk in added)
    found.enrolments.filter(account_id__in=removed).delete()
    changed = SchoolClassRosterChanged(
        **_about(found), added_ids=tuple(added), removed_ids=tuple(removed), by=by.who, at=at
    )
    record(tx, changed)


def keep_group(
    tx: Turn,
    found: SchoolClass,
    *,
    name: str,
    student_ids: Collection[int],
    group_id: int | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Make a group of students of the class, or change the one with this id.

    Who is not on the roster is left out. Raises `GroupTaken` and `BadName`.
    """
    name = _name(name, 40)
    group = found.groups.filter(pk=group_id).first() if group_id else None
    if found.groups.filter(name=name).exclude(pk=group.pk if group else 0).exists():
        raise GroupTaken(name)
    before = groups_of(found)
    group = group or ClassGroup(school_class=found)
    group.name = name
    group.save()
    group.members.all().delete()
    ClassGroupMember.objects.bulk_create(
        ClassGroupMember(group=group, enrolment=one)
        for one in found.enrolments.filter(account_id__in=student_ids)
    )
    _tell_groups(tx, found, before, by=by, at=at)


def remove_group(tx: Turn, found: SchoolClass, *, group_id: int, by: Actor, at: datetime) -> None:
    """Remove a group; its students stay in the class. Twice is once."""
    before = groups_of(found)
    found.groups.filter(pk=group_id).delete()
    _tell_groups(tx, found, before, by=by, at=at)


# Asking


class Member(msgspec.Struct, frozen=True):
    """Somebody of a class: the Classroom account's id, the name, and what it is sorted by."""

    id: int
    name: str
    given_name: str
    family_name: str
    email: str


def students_of(class_id: int) -> list[Member]:
    """The students on the roster of a class, by name."""
    return _members(ClassroomAccount.objects.filter(enrolments__school_class_id=class_id))


def teachers_of(class_id: int) -> list[Member]:
    """The adults of a class, whose class it is first."""
    found = ClassroomAccount.objects.filter(teaches__school_class_id=class_id)
    return _members(found, "-teaches__is_lead")


def groups_of(found: SchoolClass) -> tuple[GroupCard, ...]:
    """The groups of a class by name, each whole."""
    groups = found.groups.order_by("name").prefetch_related("members__enrolment")
    return tuple(
        GroupCard(
            group.pk,
            group.name,
            tuple(sorted(member.enrolment.account_id for member in group.members.all())),
        )
        for group in groups
    )


def class_of_school(school_id: int, class_id: int) -> SchoolClass | None:
    """The class with this id in this school, archived or not."""
    return SchoolClass.objects.filter(school_id=school_id, pk=class_id).first()


def classes_of_school(
    school_id: int, *, text: str = "", of_teacher: int | None = None, archived: bool = False
) -> "QuerySet[SchoolClass]":
    """The classes of a school by period and name, each with `student_count`.

    `text` is looked for in name, period, code and the adults' names; `of_teacher` narrows to the
    classes of one adult.
    """
    found = SchoolClass.objects.filter(
        school_id=school_id, archived_at__isnull=not archived
    ).annotate(student_count=Count("enrolments", distinct=True))
    if of_teacher is not None:
        found = found.filter(teachers__account_id=of_teacher)
    for word in text.split()[:5]:
        taught = ClassTeacher.objects.filter(account__display_name__icontains=word)
        found = found.filter(
            Q(name__icontains=word)
            | Q(period__icontains=word)
            | Q(code__icontains=word)
            | Q(pk__in=taught.values("school_class"))
        )
    # Period 10 comes after period 2.
    return found.order_by(LPad("period", 40, Value(" ")), "name", "pk")


def _members(found: "QuerySet[ClassroomAccount]", *first: str) -> list[Member]:
    columns = ("pk", "display_name", "given_name", "family_name", "email")
    rows = found.order_by(*first, "family_name", "given_name", "pk").values_list(*columns)
    return [Member(*row) for row in rows]


def _open_accounts(school_id: int, ids: Collection[int]) -> "QuerySet[ClassroomAccount]":
    return ClassroomAccount.objects.filter(
        school_id=school_id, closed_at__isnull=True, pk__in=list(ids)
    )


def _name(text: str, longest: int = LONGEST["name"]) -> str:
    name = clean_name(text, longest)
    if not name:
        raise BadName(_("A name is missing."))
    return name


def _about(found: SchoolClass) -> dict[str, Any]:
    return {"school_id": found.school_id, "class_id": found.pk, "name_shown": found.name}


def _refuse_taken_code(school_id: int, code: str) -> None:
    if code and SchoolClass.objects.filter(school_id=school_id, code=code).exists():
        raise CodeTaken(code)


def _tell_groups(
    tx: Turn, found: SchoolClass, before: tuple[GroupCard, ...], *, by: Actor, at: datetime
) -> None:
    after = groups_of(found)
    if after != before:
        record(tx, SchoolClassGroupsChanged(**_about(found), groups=after, by=by.who, at=at))
