"""Which period is it: against a slow reference, on every date, in hard zones, on hard nights."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.roster.bells import (
    NO_SCHOOL,
    Bells,
    Days,
    Period,
    Ringing,
    Schedule,
    ringing,
    ringing_on,
    with_days,
)

ZONES = (
    "America/New_York", "America/Phoenix", "America/St_Johns", "Europe/Berlin", "Asia/Kolkata",
    "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut",
)  # fmt: skip
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def at(text: str) -> time:
    return time.fromisoformat(text)


REGULAR = Schedule(
    "Regular",
    (
        Period("1", at("08:10"), at("08:56")),
        Period("2", at("09:02"), at("09:48")),
        Period("Lunch", at("09:48"), at("10:30")),
        Period("3", at("10:30"), at("12:05")),
    ),
)
DELAY = Schedule(
    "Delay", (Period("1", at("10:10"), at("10:40")), Period("2", at("10:46"), at("12")))
)
# Nobody has lessons at night; the clocks change then, so this is what is hard.
NIGHT = Schedule(
    "Night",
    (
        Period("Late", at("00:00"), at("00:45")),
        Period("A", at("00:45"), at("01:20")),
        Period("B", at("01:30"), at("02:15")),
        Period("C", at("02:15"), at("03:30")),
        Period("D", at("23:10"), at("23:50")),
    ),
)
WEEK = ("Regular",) * 4 + ("Delay", NO_SCHOOL, NO_SCHOOL)
SCHOOL = Bells(
    schedules=(REGULAR, DELAY, NIGHT),
    week=WEEK,
    days=(
        Days(date(2026, 12, 21), date(2027, 1, 3), NO_SCHOOL),
        Days(date(2028, 2, 29), date(2028, 2, 29), "Delay"),
        Days(date(2029, 6, 1), date(2029, 8, 31), NO_SCHOOL),
        Days(date(2030, 9, 7), date(2030, 9, 7), "Regular"),  # a Saturday
    ),
)
NIGHTS = Bells(schedules=(NIGHT,), week=("Night",) * 7)


@cache
def calendar(days: tuple[Days, ...]) -> dict[date, str]:
    """Every day that differs, one by one."""
    found, one = {}, timedelta(days=1)
    for span in days:
        day = span.first
        while day <= span.last:
            found[day] = span.schedule
            day += one
    return found


def on_the_wall(bells: Bells, zone: str, moment: datetime) -> str:
    """The reference: look at the wall clock, look at the calendar, look at the timetable."""
    wall = moment.astimezone(ZoneInfo(zone))
    schedule = calendar(bells.days).get(wall.date(), bells.week[wall.weekday()])
    for known in bells.schedules:
        if known.name == schedule:
            for period in known.periods:
                if f"{period.begins}" <= f"{wall.time()}" < f"{period.ends}":
                    return period.name
    return ""


def on(bells: Bells, zone: str, moment: datetime) -> str:
    """What the product says."""
    found = ringing(bells, ZoneInfo(zone), moment)
    return found.name if found else ""


def nights(zone: str) -> list[datetime]:
    """The moments from 2026 to 2031 at which this zone's clocks change: walk by half hours."""
    wall, moment, found = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC), []
    before = moment.astimezone(wall).utcoffset()
    while moment.year < 2032:
        moment += 30 * MINUTE
        offset = moment.astimezone(wall).utcoffset()
        if offset != before:
            found.append(moment)
        before = offset
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.thorough
def test_the_period_is_right_on_every_date(zone: str) -> None:
    """At each bell and the second before it: 2026 to 2031."""
    times = sorted(
        {edge for s in (REGULAR, DELAY) for p in s.periods for edge in (p.begins, p.ends)}
    )
    day = date(2026, 1, 1)
    while day.year < 2032:
        for wall in times:
            moment = datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)
            for near in (moment - timedelta(seconds=1), moment):
                assert on(SCHOOL, zone, near) == on_the_wall(SCHOOL, zone, near), near
        day += DAY


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.thorough
def test_the_period_and_its_ends_are_right_on_every_night_the_clocks_change(zone: str) -> None:
    """Minute by minute: the stretch told begins and ends where the reference changes."""
    for change in nights(zone):
        minutes = [change.replace(minute=0) + n * MINUTE for n in range(-6 * 60, 6 * 60)]
        names = [on_the_wall(NIGHTS, zone, minute) for minute in minutes]
        for number, minute in enumerate(minutes):
            found = ringing(NIGHTS, ZoneInfo(zone), minute + timedelta(seconds=30))
            assert (found.name if found else "") == names[number], minute
            if found is None or not 120 < number < len(minutes) - 120:
                continue
            first = last = number
            # Of two periods of one name on two days the reference cannot tell; here are none.
            while names[first - 1] == found.name:
                first -= 1
            while names[last + 1] == found.name:
                last += 1
            assert found == Ringing(found.name, minutes[first], minutes[last] + MINUTE)


@pytest.mark.thorough
def test_these_zones_have_the_nights_that_are_hard() -> None:
    count = {zone: len(nights(zone)) for zone in ZONES}
    assert count["America/Phoenix"] == count["Asia/Kolkata"] == 0
    assert all(found >= 12 for zone, found in count.items() if zone not in ZONES[1:5:3])


def test_a_school_that_changes_its_zone_keeps_its_wall_clock() -> None:
    moment = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # ten in New York, nine in Chicago
    assert on(SCHOOL, "America/New_York", moment) == "Lunch"
    assert on(SCHOOL, "America/Chicago", moment) == on_the_wall(SCHOOL, "America/Chicago", moment)
    assert on(SCHOOL, "America/Chicago", moment) == ""
    assert on(SCHOOL, "America/Chicago", moment + 2 * MINUTE) == "2"


def test_the_periods_of_a_day() -> None:
    zone, monday = ZoneInfo("America/New_York"), date(2026, 3, 2)
    told = ringing_on(SCHOOL, zone, monday)
    assert [(r.name, r.begins.astimezone(zone).time()) for r in told] == [
        (p.name, p.begins) for p in REGULAR.periods
    ]
    assert ringing_on(SCHOOL, zone, date(2026, 3, 7)) == ()
    spring = ringing_on(NIGHTS, zone, date(2026, 3, 8))  # from 2:00 to 3:00 the clocks jump
    assert [r.name for r in spring] == ["Late", "A", "B", "C", "D"]
    hours = {r.name: (r.ends - r.begins) for r in spring}
    assert (hours["B"], hours["C"]) == (30 * MINUTE, 30 * MINUTE)


# The calendar

days = st.dates(date(2026, 1, 1), date(2026, 3, 1))
choices = st.sampled_from(["Regular", "Delay", NO_SCHOOL, None])


@given(st.lists(st.tuples(days, st.integers(0, 20), choices), max_size=12))
def test_what_was_said_last_of_a_day_holds(said: list[tuple[date, int, str | None]]) -> None:
    bells, reference = Bells(schedules=(REGULAR, DELAY), week=WEEK), dict[date, str | None]()
    for first, length, schedule in said:
        last = first + length * DAY
        bells = with_days(bells, first, last, schedule)
        reference |= {first + n * DAY: schedule for n in range(length + 1)}
    for day in (date(2025, 12, 20) + n * DAY for n in range(100)):
        name = reference.get(day)
        expected = WEEK[day.weekday()] if name is None else name
        found = bells.schedule_on(day)
        assert (found.name if found else NO_SCHOOL) == expected
        assert bells.differs_on(day) == (name is not None)
    assert list(bells.days) == sorted(bells.days, key=lambda one: one.first)
    assert all(one.first <= one.last for one in bells.days)


def test_a_whole_school_year_stays_small() -> None:
    """It is read with every turn."""
    year = SCHOOL
    for number in range(30):
        year = with_days(
            year, date(2026, 9, 1) + 9 * number * DAY, date(2026, 9, 2) + 9 * number * DAY, ""
        )
    assert len(msgspec.json.encode(year)) < 3000
