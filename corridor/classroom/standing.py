"""Who and what a class is, for whoever starts it: read in the turn, from the rosters."""

import msgspec

from corridor.classroom.cards import Student
from corridor.classroom.refusals import NotFound
from corridor.live.sql import one, rows


class OnRoster(msgspec.Struct, frozen=True):
    """A student of the class, with the groups they are in."""

    student: Student
    group_ids: tuple[int, ...]


class ClassRoster(msgspec.Struct, frozen=True):
    """A class of the school, its teachers and its students by name."""

    class_id: int
    name: str
    period: str
    teacher_ids: tuple[int, ...]
    students: tuple[OnRoster, ...]


def roster_of(school_id: int, class_id: int) -> ClassRoster:
    """The class. Raises `NotFound` when this school has none such, or it is in the archive."""
    found = one(
        "SELECT name, period FROM roster_schoolclass"
        " WHERE id = %s AND school_id = %s AND archived_at IS NULL",
        (class_id, school_id),
    )
    if found is None:
        raise NotFound("class")
    teachers = rows(
        "SELECT account_id FROM accounts_classteacher WHERE school_class_id = %s"
        " ORDER BY is_lead DESC, account_id",
        (class_id,),
    )
    name, period = found
    taught_by = tuple(t for (t,) in teachers)
    return ClassRoster(class_id, name, period, taught_by, _students(class_id))


def _students(class_id: int) -> tuple[OnRoster, ...]:
    found = rows(
        "SELECT a.id, a.display_name, a.family_name, a.given_name, m.group_id"
        " FROM accounts_enrolment e JOIN accounts_classroomaccount a ON a.id = e.account_id"
        " AND a.closed_at IS NULL LEFT JOIN accounts_classgroupmember m ON m.enrolment_id = e.id"
        " WHERE e.school_class_id = %s ORDER BY a.family_name, a.given_name, a.id, m.group_id",
        (class_id,),
    )
    students: dict[int, Student] = {}
    groups: dict[int, list[int]] = {}
    for account_id, name, family, given, group_id in found:
        sort_name = f"{family} {given}".strip() or name
        students[account_id] = Student(account_id, name, sort_name)
        groups.setdefault(account_id, []).extend([] if group_id is None else [group_id])
    return tuple(OnRoster(one, tuple(groups[key])) for key, one in students.items())
