"""Make the demonstration's district: two schools, their people, weeks of passes, right now."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

import msgspec
from django.db.models import Max

from corridor import clock
from corridor.demo import classes, people, plan, teaching, timetable
from corridor.demo.appointments import arrange
from corridor.demo.building import Building
from corridor.demo.history import LINCOLN_NOW, ROOSEVELT_NOW, History
from corridor.demo.zone import time_zone
from corridor.live.log import turn
from corridor.passes import queries, timers
from corridor.passes.models import HallPass
from corridor.roster.models import District, School
from corridor.roster.schools import open_school
from corridor.roster.settings import SchoolSettings

Report = Callable[[str], None]

_NOW: Final = {plan.LINCOLN.name: LINCOLN_NOW, plan.ROOSEVELT.name: ROOSEVELT_NOW}
_MOST_DAYS: Final = 26
# So many days show the classes that were held: the session history has enough of them.
_DAYS_OF_CLASSES: Final = 3


def seed(
    report: Report | None = None,
    *,
    students: int = 600,
    school_days: int = _MOST_DAYS,
    zone: str | None = None,
) -> None:
    """Make both schools in an empty database, up to this moment.

    `students` are those of the high school, `school_days` those before today; tests take fewer.
    `zone` names the schools' time zone, which otherwise is the machine's.
    """
    settings = SchoolSettings(
        time_zone=zone or time_zone(), building_limit=40, daily_limit=4, bells=timetable.BELLS,
        student_appointments=True,
    )  # fmt: skip
    today = clock.now().astimezone(settings.zone).date()
    days = timetable.school_days_before(today, school_days)
    settings = msgspec.structs.replace(settings, term_begins=days[0])
    term = datetime.combine(days[0] - timedelta(days=5), time(9), settings.zone)
    district = District.objects.create(name="Lakeside Unified School District")
    for number, school_plan in enumerate(plan.SCHOOLS.values()):
        is_big = school_plan is plan.LINCOLN
        size = students if is_big else max(students // 12, 12)
        school = open_school(district=district, name=school_plan.name, settings=settings)
        with turn(school.pk) as tx:
            people.fill(tx, school_plan, size, Random(number), at=term)  # noqa: S311
            classes.fill(tx, at=term)
            teaching.keep_ready(tx, at=term)
        _tell(report, f"{school.name}: {len(school_plan.adults)} adults and {size} students.")
        lived = days if is_big else days[-7:]
        _live_through(lived, Building(school.pk), number, report, school.name)
        if is_big and size > 100:
            with turn(school.pk) as tx:
                people.keep_two_apart(tx, at=clock.now())
    wake(report)


def wake(report: Report | None = None) -> None:
    """Bring the schools up to this moment: the days since, today so far, who is out right now.

    A school where enough students are out is left alone.
    """
    timers.run_due(clock.now())
    for school in School.objects.filter(name__in=_NOW).order_by("pk"):
        building, scenes = Building(school.pk), _NOW[school.name]
        if _out(school.pk) < len(scenes) // 2:
            _wake(building, clock.now(), school.name, report)
        arrange(building, clock.now())
        _tell(report, f"{school.name}: {_out(school.pk)} students are out right now.")


def _wake(building: Building, at: datetime, name: str, report: Report | None) -> None:
    today = at.astimezone(building.zone).date()
    last = HallPass.objects.filter(school_id=building.school_id).aggregate(last=Max("requested_at"))
    since: datetime = last["last"] or at
    seen = since.astimezone(building.zone).date()
    days = [d for d in timetable.school_days_before(today, _MOST_DAYS) if d > seen]
    _live_through(days, building, today.toordinal(), report, name)
    history = History(building, today.toordinal())
    history.right_now(at, _NOW[name])
    history.today_until(at, since)
    history.play(at)


def _live_through(
    days: list[date], building: Building, seed: int, report: Report | None, name: str
) -> None:
    history = History(building, seed)
    for number, day in enumerate(days, start=1):
        if day == days[-1]:
            history.cast_was_here(day)
        if day in days[-_DAYS_OF_CLASSES:]:
            history.lessons.school_day(day)
        history.school_day(day)
        if number % 7 == 0:
            _tell(report, f"{name}: {number} of {len(days)} school days.")


def _out(school_id: int) -> int:
    return sum(card.is_out for card in queries.open_passes(school_id))


def _tell(report: Report | None, line: str) -> None:
    if report is not None:
        report(line)
