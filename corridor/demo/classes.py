"""The demonstration's timetable as classes of Classroom: a class for each room and period."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from corridor.accounts.actors import Actor
from corridor.accounts.classes import change_roster, keep_group, open_class, set_teachers
from corridor.accounts.classroom_people import change_classroom_account
from corridor.accounts.models import ClassroomAccount, ClassroomRole, LocationLink
from corridor.demo import plan
from corridor.demo.building import Building
from corridor.demo.timetable import PERIODS
from corridor.live.log import Turn
from corridor.roster.changes import change_classroom
from corridor.roster.models import SchoolClass
from corridor.web.cast import CAST

_SUBJECTS: Final = (
    "English 2", "Algebra 1", "Biology", "US History", "Spanish 1", "Geometry", "Chemistry",
    "World History", "English 3", "Art", "Physics", "Algebra 2", "French 1", "Economics", "Music",
)  # fmt: skip
_CAST: Final = {member.key: member.email for member in CAST}
# Where the students of the cast sit, so that both teachers of the cast have them.
_CAST_IN: Final = ((plan.RIVERA, 3), (plan.OKAFOR, 5))


def fill(tx: Turn, *, at: datetime) -> None:
    """Open the school's classes, with rosters; Ms. Rivera's period 3 has co-teacher and groups.

    Passes are shown in Classroom: that is what there is to try.
    """
    by = Actor(None, tx.school_id, "admin", "Dana Whitfield", "setup")
    change_classroom(tx, {"pass_integration": True}, by=by.who, at=at)
    building = Building(tx.school_id)
    ids = dict(ClassroomAccount.objects.filter(school_id=tx.school_id).values_list("email", "pk"))
    _promote_dana(tx, by=by, at=at)
    rosters, leads = _rosters(building), _leads(tx.school_id)
    for number, room in enumerate(building.classrooms):
        subject = _SUBJECTS[number % len(_SUBJECTS)]
        for period in range(1, PERIODS + 1):
            students = [ids[email] for email in rosters.get((room, period), [])]
            if students:
                made = open_class(
                    tx, name=subject, period=str(period), code=f"{number + 1:02}-{period}",
                    lead_id=ids[leads[room]], by=by, at=at,
                )  # fmt: skip
                change_roster(tx, made, add=students, by=by, at=at)
                if building.places[room].name == plan.RIVERA and period == 3:
                    _share(tx, made, students, ids, by=by, at=at)


def _rosters(building: Building) -> dict[tuple[int, int], list[str]]:
    """The addresses of the students of each room and period."""
    cast_in = {
        period: building.place_named[name].pk
        for name, period in _CAST_IN
        if name in building.place_named
    }
    rosters: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for pupil in building.pupils:
        for period in range(1, PERIODS + 1):
            room = building.room_of(pupil, period - 1)  # the timetable counts from 0
            if pupil.is_cast:
                room = cast_in.get(period, room)
            rosters[room, period].append(pupil.email)
    return rosters


def _leads(school_id: int) -> dict[int, str]:
    """Whose each teacher's room is."""
    links = LocationLink.objects.filter(
        is_personal=True, account__school_id=school_id, account__role="teacher"
    )
    return dict(links.values_list("location_id", "account__email"))


def _share(
    tx: Turn, made: SchoolClass, students: list[int], ids: Mapping[str, int], *, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    rivera, okafor = ids[_CAST["rivera"]], ids[_CAST["okafor"]]
    set_teachers(tx, made, lead_id=rivera, co_teacher_ids=[okafor], by=by, at=at)
    for name, part in (("Window table", students[0::3]), ("Door table", students[1::3])):
        keep_group(tx, made, name=name, student_ids=part, by=by, at=at)


def _promote_dana(tx: Turn, *, by: Actor, at: datetime) -> None:
    dana = ClassroomAccount.objects.get(school_id=tx.school_id, email=_CAST["dana"])
    role = {"role": ClassroomRole.ORGANISATION_ADMIN}
    change_classroom_account(tx, dana, role, by=by, at=at)
