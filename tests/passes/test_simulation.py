"""Past passes asked again under other limits."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from corridor.passes.simulation import Past, replay, try_settings
from corridor.roster.schools import settings_of
from corridor.roster.settings import Limits, SchoolSettings
from tests.school import School

MONDAY = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
SINCE = date(2026, 3, 2)


def past(minute: int, *, student: int = 1, minutes: int = 5, limits: Limits, **more: Any) -> Past:
    at = MONDAY + timedelta(minutes=minute)
    return Past(
        student, f"Student {student}", limits, more.get("kind", "student"), "ended", at, at,
        at + timedelta(minutes=minutes),
    )  # fmt: skip


def test_a_daily_limit_refuses_the_third() -> None:
    tried = SchoolSettings(daily_limit=2)
    trial = replay([past(n * 30, limits=Limits(day=2)) for n in range(4)], tried, since=SINCE)
    assert (trial.asked, trial.refused) == (4, 2)
    assert trial.days[0].by_code == {"daily_limit": 2}
    assert [(s.name, s.asked, s.refused) for s in trial.students] == [("Student 1", 4, 2)]


def test_a_week_and_a_day_begin_anew() -> None:
    passes = [past(n * 24 * 60, limits=Limits(day=1, week=3)) for n in range(10)]
    trial = replay(passes, SchoolSettings(), since=SINCE)
    assert [day.refused for day in trial.days] == [0, 0, 0, 1, 1, 1, 1, 0, 0, 0]


def test_a_refused_pass_takes_no_place_and_starts_no_cooldown() -> None:
    tried = SchoolSettings(cooldown=20)
    passes = [past(minute, limits=Limits()) for minute in (0, 10, 26)]
    assert [day.by_code for day in replay(passes, tried, since=SINCE).days] == [{"cooldown": 1}]


def test_teacher_passes_fill_the_building_but_are_not_refused() -> None:
    tried = SchoolSettings(building_limit=1)
    passes = [
        past(0, student=1, limits=Limits(), kind="teacher"),
        past(1, student=2, limits=Limits()),
        past(2, student=3, limits=Limits(), kind="teacher"),
        past(8, student=4, limits=Limits()),
    ]
    trial = replay(passes, tried, since=SINCE)
    assert (trial.asked, trial.refused) == (2, 1)
    only = SchoolSettings(building_limit=1, building_counts=("student",))
    assert replay(passes, only, since=SINCE).refused == 0


def test_a_term_that_has_not_begun_has_used_nothing() -> None:
    tried = SchoolSettings(term_begins=date(2026, 3, 4))
    passes = [past(day * 24 * 60, limits=Limits(term=1)) for day in range(4)]
    trial = replay(passes, tried, since=SINCE)
    assert [day.refused for day in trial.days] == [0, 0, 0, 1]


def test_who_stands_in_line_takes_no_place(a_school: School) -> None:
    """Dee is in the one place of Single, Cam stands in line for it; each in turn Ana asks."""
    single = a_school.open_place("Single", capacity=1, queueing=True)
    dee = a_school.add_student("dee", "Dee Fox", "10")
    inside = a_school.out(dee, single)
    a_school.queue(a_school.cam, single)
    a_school.wait(minutes=2)
    a_school.end(a_school.ask())
    tried = msgspec.structs.replace(settings_of(a_school.id), building_limit=2)
    assert try_settings(a_school.id, tried, weeks=1, at=a_school.clock.at).refused == 0
    a_school.press("end", inside, a_school.rivera)  # Cam is called
    a_school.wait(minutes=1)
    a_school.out(dee, a_school.library)
    a_school.wait(minutes=1)
    a_school.end(a_school.ask())
    assert try_settings(a_school.id, tried, weeks=1, at=a_school.clock.at).refused == 1


def test_what_was_before_the_weeks_counts_to_the_term_but_is_not_shown() -> None:
    tried = SchoolSettings(term_begins=date(2026, 2, 2))
    passes = [past(day * 24 * 60, limits=Limits(term=2)) for day in (-10, -5, 0)]
    trial = replay(passes, tried, since=SINCE)
    assert [(day.date, day.refused) for day in trial.days] == [(SINCE, 1)]


@given(
    minutes=st.lists(st.integers(0, 600), max_size=12, unique=True),
    limit=st.integers(0, 4),
)
def test_a_lower_daily_limit_never_refuses_less(minutes: list[int], limit: int) -> None:
    def refused(day: int) -> int:
        passes = [past(minute, limits=Limits(day=day)) for minute in sorted(minutes)]
        return replay(passes, SchoolSettings(), since=SINCE).refused

    assert refused(limit) >= refused(limit + 1)


def test_the_schools_own_passes_under_the_limits_in_force_were_allowed(a_school: School) -> None:
    a_school.decide(daily_limit=2, cooldown=5, building_limit=2)
    for _ in range(2):
        a_school.end(a_school.ask())
        a_school.wait(minutes=6)
    a_school.out(a_school.cam)
    settings = settings_of(a_school.id)
    trial = try_settings(a_school.id, settings, weeks=1, at=a_school.clock.at)
    assert (trial.asked, trial.refused) == (4, 0)
    tighter = msgspec.structs.replace(settings, daily_limit=1)
    trial = try_settings(a_school.id, tighter, weeks=1, at=a_school.clock.at)
    assert [(s.name, s.refused) for s in trial.students] == [("Ana Lopez", 1)]
