"""Out of office on the wall clock: once, every week, one after the other."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.roster import absences
from corridor.roster.absences import Absence, back_at, for_minutes, is_over, rest_of_the_day
from corridor.roster.changes import Impossible, add_absence, end_absence, key_of
from corridor.roster.models import Location
from tests.school import School

WALL = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=WALL)
FIRST = Absence(day=MONDAY.date(), begins=time(9), ends=time(10, 20))
SECOND = Absence(day=MONDAY.date(), begins=time(10, 20), ends=time(11))
WEEKLY = Absence(day=date(2026, 2, 1), begins=time(9), ends=time(11), weekdays=(0, 2))


def test_back_when_it_ends_and_there_when_none_holds() -> None:
    assert back_at((FIRST,), MONDAY) == MONDAY.replace(minute=20)
    assert back_at((FIRST,), MONDAY.replace(minute=20)) is None
    assert back_at((), MONDAY) is None


def test_what_follows_without_a_gap_counts_as_one() -> None:
    assert back_at((SECOND, FIRST), MONDAY) == MONDAY.replace(hour=11)


def test_every_week_on_its_days_until_the_last() -> None:
    assert back_at((WEEKLY,), MONDAY) == MONDAY.replace(hour=11)
    assert back_at((WEEKLY,), MONDAY + timedelta(days=1)) is None
    assert back_at((WEEKLY,), MONDAY + timedelta(days=2)) is not None
    ended = Absence(**{n: getattr(WEEKLY, n) for n in ("day", "begins", "ends", "weekdays")},
                    last_day=date(2026, 3, 1))  # fmt: skip
    assert back_at((ended,), MONDAY) is None
    assert is_over(ended, MONDAY)
    assert not is_over(WEEKLY, MONDAY)


def test_presets_end_at_midnight_at_the_latest() -> None:
    assert for_minutes(MONDAY, 45, "").ends == time(10, 45)
    late = MONDAY.replace(hour=23, minute=30)
    assert for_minutes(late, 45, "") == rest_of_the_day(late, "")
    back = back_at((rest_of_the_day(MONDAY, ""),), MONDAY)
    assert back == datetime.combine(MONDAY.date() + timedelta(days=1), time(), WALL)
    assert back_at((rest_of_the_day(MONDAY, ""),), MONDAY + timedelta(hours=14)) is None


def test_whole_days_one_after_the_other_are_one_absence() -> None:
    days = Absence(
        day=MONDAY.date(), begins=time(), ends=time(23, 59), weekdays=(0, 1, 2, 3, 4, 5, 6),
        last_day=date(2026, 3, 18),
    )  # fmt: skip
    assert back_at((days,), MONDAY) == datetime(2026, 3, 19, tzinfo=WALL)


@given(
    begins=st.integers(0, 1438), length=st.integers(1, 600), at=st.integers(0, 3 * 1440),
    weekdays=st.sets(st.integers(0, 6)).map(tuple),
)  # fmt: skip
def test_whoever_is_away_is_back_when_it_says(
    begins: int, length: int, at: int, weekdays: tuple[int, ...]
) -> None:
    ends = min(begins + length, 1439)
    absence = Absence(
        day=MONDAY.date(), begins=time(begins // 60, begins % 60), ends=time(ends // 60, ends % 60),
        weekdays=weekdays,
    )  # fmt: skip
    local = MONDAY.replace(hour=0) + timedelta(minutes=at)
    back = back_at((absence,), local)
    assert (back is not None) == absence.holds(local)
    if back is not None:
        assert not absence.holds(back)
        assert absence.holds(back - timedelta(minutes=1))


def test_an_absence_is_added_told_once_and_ended(a_school: School) -> None:
    nurse = Location.objects.get(pk=a_school.nurse)
    local = a_school.clock.at.astimezone(WALL)
    away = rest_of_the_day(local, "At home")
    before = a_school.last
    for _ in range(2):
        a_school.do(add_absence, nurse, away, by=a_school.ito.who)
    assert a_school.last == before + 1
    (kept,) = absences.read(nurse.absences)
    assert (kept.by, kept.account_id) == ("Nurse Ito", a_school.ito.account_id)
    a_school.do(end_absence, nurse, key_of(kept), by=a_school.ito.who)
    assert absences.read(Location.objects.get(pk=nurse.pk).absences) == ()


def test_two_adults_of_a_room_at_the_same_moment_lose_nothing(a_school: School) -> None:
    """Each has read the room before the other wrote."""
    mornings, noons, ends = (Location.objects.get(pk=a_school.nurse) for _ in range(3))
    day = date(2026, 3, 9)
    morning = Absence(day=day, begins=time(9), ends=time(10), text="Dentist")
    noon = Absence(day=day, begins=time(12), ends=time(13), text="Lunch")
    a_school.do(add_absence, mornings, morning, by=a_school.ito.who)
    a_school.do(add_absence, noons, noon, by=a_school.dana.who)
    kept = absences.read(Location.objects.get(pk=a_school.nurse).absences)
    assert [one.text for one in kept] == ["Dentist", "Lunch"]
    a_school.do(end_absence, ends, key_of(kept[0]), by=a_school.ito.who)
    kept = absences.read(Location.objects.get(pk=a_school.nurse).absences)
    assert [one.text for one in kept] == ["Lunch"]


def test_what_never_holds_is_refused(a_school: School) -> None:
    nurse = Location.objects.get(pk=a_school.nurse)
    over = Absence(day=date(2026, 3, 1), begins=time(9), ends=time(10))
    backwards = Absence(day=date(2026, 3, 9), begins=time(10), ends=time(9))
    for absence in (over, backwards):
        with pytest.raises(Impossible):
            a_school.do(add_absence, nurse, absence, by=a_school.ito.who)
