"""The classes that an adult of Pass teaches in Classroom, and who of them is in Pass."""

import msgspec

from corridor.accounts.models import Enrolment
from corridor.integration.people import classroom_ids_of, is_on, pass_ids_of
from corridor.passes.refusals import NotFound
from corridor.roster.models import SchoolClass
from corridor.roster.settings import SchoolSettings


class ClassInPass(msgspec.Struct, frozen=True):
    """Students of a class by their accounts in Pass, and how many of the class have none."""

    name: str
    student_ids: tuple[int, ...]
    missing: int


def classes_of(school_id: int, account_id: int, settings: SchoolSettings) -> list[SchoolClass]:
    """The classes that this adult of Pass teaches in Classroom, by period and name.

    None where the school does not show Pass in Classroom.
    """
    known = classroom_ids_of(school_id, [account_id]) if is_on(settings) else {}
    found = SchoolClass.objects.filter(
        school_id=school_id, archived_at=None, teachers__account_id=known.get(account_id, 0)
    )
    return list(found.order_by("period", "name", "id"))


def class_in_pass(
    school_id: int, account_id: int, settings: SchoolSettings, class_id: int
) -> ClassInPass:
    """The students of a class that this adult teaches. Raises `NotFound` for any other class."""
    mine = {found.pk: found for found in classes_of(school_id, account_id, settings)}
    if class_id not in mine:
        raise NotFound("class")
    enrolled = Enrolment.objects.filter(school_class_id=class_id, account__closed_at=None)
    ids = list(enrolled.values_list("account_id", flat=True))
    in_pass = pass_ids_of(school_id, ids)
    return ClassInPass(mine[class_id].name, tuple(in_pass.values()), len(ids) - len(in_pass))
