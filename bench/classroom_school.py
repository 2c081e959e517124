"""A school in which every student sits in a running class and has a Pass account too.

Run beside a server (`python -m bench.classroom_school students teachers cards file`): each teacher
leads a class of so many students, which runs; Pass in Classroom is on.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.school import fill  # sets Django up
from corridor import clock
from corridor.accounts.actors import Actor, ClassroomActor
from corridor.accounts.models import ClassroomAccount, ClassTeacher, Enrolment, PassAccount, SignIn
from corridor.accounts.permissions import permissions_of
from corridor.classroom.cards import Options
from corridor.classroom.sessions import Chosen, start_session
from corridor.live.log import turn
from corridor.roster.changes import change_classroom
from corridor.roster.classroom_settings import ClassroomSettings
from corridor.roster.models import SchoolClass


def fill_classes(students: int, teachers: int, cards: int) -> dict[str, Any]:
    """The school as `fill` tells it; each adult also with the running class and its students."""
    school = fill(students, teachers)
    number_of = _in_classroom(school["school"])
    *adults, office = school["adults"]
    pupils = school["students"]
    _switch_on(school["school"])
    for n, adult in enumerate(adults):
        own = pupils[n * cards : (n + 1) * cards]
        SignIn.objects.filter(session_key=adult["session"]).update(
            classroom_account_id=number_of[adult["id"]]
        )
        adult["students"] = own
        adult["class_session"] = _running_class(
            school["school"], number_of[adult["id"]], [number_of[one["id"]] for one in own], n
        )
    return school | {"adults": adults, "office": office}


def _in_classroom(school_id: int) -> dict[int, int]:
    """A Classroom account for every Pass account; their numbers by those in Pass."""
    people = list(PassAccount.objects.filter(school_id=school_id))
    made = ClassroomAccount.objects.bulk_create(
        [
            ClassroomAccount(
                school_id=school_id, identity_id=one.identity_id, email=one.email,
                role="student" if one.role == "student" else "teacher",
                given_name=one.given_name, family_name=one.family_name,
                display_name=one.display_name, search=one.search,
            )
            for one in people
        ],
        batch_size=500,
    )  # fmt: skip
    return {one.pk: account.pk for one, account in zip(people, made, strict=True)}


def _switch_on(school_id: int) -> None:
    office = Actor(None, school_id, "admin", "Office", "bench")
    with turn(school_id) as tx:
        change_classroom(tx, {"pass_integration": True}, by=office.who, at=clock.now())


def _running_class(school_id: int, teacher: int, students: list[int], number: int) -> int:
    """A class of this teacher with these students that runs; the session's number."""
    made = SchoolClass.objects.create(school_id=school_id, name=f"Class {number}")
    ClassTeacher.objects.create(school_class=made, account_id=teacher, is_lead=True)
    Enrolment.objects.bulk_create(
        Enrolment(school_class=made, account_id=student) for student in students
    )
    by = ClassroomActor(
        teacher, school_id, "teacher", f"Teacher {number}", "bench",
        class_ids=frozenset({made.pk}),
        permissions=permissions_of("teacher", ClassroomSettings()),
    )  # fmt: skip
    at = clock.now()
    with turn(school_id) as tx:
        return start_session(
            tx, class_id=made.pk, ends_at=at + timedelta(hours=2), options=Options(),
            chosen=Chosen(), by=by, at=at,
        ).id  # fmt: skip


if __name__ == "__main__":
    school = fill_classes(*(int(text) for text in sys.argv[1:-1]))
    Path(sys.argv[-1]).write_text(json.dumps(school))
