"""When the school day is: eight periods of 46 minutes from 8:10 to 15:00, six minutes between.

The demonstration's bell schedules say so too, with the days that differ.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from corridor.roster.bells import NO_SCHOOL, Bells, Period, Schedule

PERIODS: Final = 8
_FIRST_BELL: Final = time(8, 10)
_PERIOD: Final = timedelta(minutes=46)
BELL_TO_BELL: Final = timedelta(minutes=52)
LENGTH: Final = PERIODS * BELL_TO_BELL - timedelta(minutes=6)

# How many passes each period sees beside the others: most around lunch.
_WEIGHTS: Final = (8, 11, 12, 15, 16, 14, 11, 7)


def _schedule(name: str, first: str, minutes: int, between: int, names: Iterable[str]) -> Schedule:
    begins, periods = datetime.combine(date.min, time.fromisoformat(first)), []
    for period in names:
        ends = begins + timedelta(minutes=minutes)
        periods.append(Period(period, begins.time(), ends.time()))
        begins = ends + timedelta(minutes=between)
    return Schedule(name, tuple(periods))


_NAMES: Final = tuple(f"Period {number}" for number in range(1, PERIODS + 1))
REGULAR: Final = _schedule("Regular", f"{_FIRST_BELL}", 46, 6, _NAMES)
BELLS: Final = Bells(
    schedules=(
        REGULAR,
        _schedule("Two-hour delay", "10:10", 31, 6, _NAMES),
        _schedule("Early release", "08:10", 27, 5, _NAMES),
        _schedule("Assembly", "08:10", 40, 5, ("Assembly", *_NAMES)),
    ),
    week=("Regular",) * 5 + (NO_SCHOOL,) * 2,
)


def is_school_day(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first bell of this day."""
    return datetime.combine(day, _FIRST_BELL, zone).astimezone(UTC)


def start_for(at: datetime, zone: ZoneInfo) -> datetime:
    """The first bell of the day that is on at this time, whatever the hour.

    In school hours it is the true one. At other hours the demonstration's day began a good three
    hours ago, but not before midnight, so that it is still today.
    """
    local = at.astimezone(zone)
    true_start = start_of(local.date(), zone)
    if is_school_day(local.date()) and timedelta(minutes=30) <= at - true_start <= LENGTH:
        return true_start
    midnight = datetime.combine(local.date(), time(), zone)
    return max(midnight.astimezone(UTC), at - timedelta(hours=3, minutes=20))


def period_at(at: datetime, start: datetime) -> int:
    """Which period is on, 0 to 7; before the first and after the last it goes round."""
    return (at - start) // BELL_TO_BELL % PERIODS


def moment_in_day(start: datetime, random: Random) -> datetime:
    """A time at which a student may want to leave: seldom when a lesson has just begun."""
    period = random.choices(range(PERIODS), _WEIGHTS)[0]
    minute = random.triangular(1, _PERIOD.total_seconds() / 60, 20)
    return start + period * BELL_TO_BELL + timedelta(minutes=minute)


def school_days_before(day: date, count: int) -> list[date]:
    """The last so many school days before this one, oldest first."""
    days: list[date] = []
    while len(days) < count:
        day -= timedelta(days=1)
        if is_school_day(day):
            days.append(day)
    return days[::-1]
