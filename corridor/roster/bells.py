"""The bell: periods, named schedules, which day has which, and which period is on.

Times are on the school's wall clock, so a schedule survives daylight-saving changes and a change of
the school's zone. Everything stands in the school's settings: whoever has the turn knows it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

NO_SCHOOL: Final = ""


class Period(msgspec.Struct, frozen=True, array_like=True):
    """From `begins` up to but not including `ends`, on the wall clock of one day."""

    name: str
    begins: time
    ends: time


class Schedule(msgspec.Struct, frozen=True):
    """A named order of periods ("Regular", "Two-hour delay"): each begins when the last is over."""

    name: str
    periods: tuple[Period, ...]


class Days(msgspec.Struct, frozen=True, array_like=True):
    """From one day to another, both included, with a schedule's name, or `NO_SCHOOL`."""

    first: date
    last: date
    schedule: str


class AroundBell(msgspec.Struct, frozen=True, kw_only=True):
    """Students get no passes in the first and the last minutes of each period."""

    name: str
    first_minutes: int = 0
    last_minutes: int = 0


class Bells(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A school's schedules, the one of each weekday (Monday first), and the days that differ.

    `days` are in order and do not overlap; what they say beats the week.
    """

    schedules: tuple[Schedule, ...] = ()
    week: tuple[str, ...] = (NO_SCHOOL,) * 7
    days: tuple[Days, ...] = ()

    def named(self, name: str) -> Schedule | None:
        """The schedule of this name."""
        return next((found for found in self.schedules if found.name == name), None)

    def differs_on(self, day: date) -> bool:
        """Whether the calendar says something about this day that beats the week."""
        return any(found.first <= day <= found.last for found in self.days)

    def schedule_on(self, day: date) -> Schedule | None:
        """The schedule of a day, None when there is no school."""
        named = (found.schedule for found in self.days if found.first <= day <= found.last)
        return self.named(next(named, self.week[day.weekday()]))

    def rings(self, day: date, period: str) -> bool:
        """Whether the schedule of a day has a period of this name."""
        schedule = self.schedule_on(day)
        return schedule is not None and any(found.name == period for found in schedule.periods)

    def period_at(self, local: datetime) -> Period | None:
        """The period that is on at this moment of the wall clock."""
        schedule, now = self.schedule_on(local.date()), local.time()
        if schedule is None:
            return None
        return next((found for found in schedule.periods if found.begins <= now < found.ends), None)


class Ringing(msgspec.Struct, frozen=True):
    """A period that is on: since when and until when (aware UTC)."""

    name: str
    begins: datetime
    ends: datetime


def ringing(bells: Bells, zone: ZoneInfo, at: datetime) -> Ringing | None:
    """The period that is on at this time.

    On a night on which the clocks change, a period can be cut short, or be on twice: this is the
    stretch of time that holds `at`.
    """
    local = at.astimezone(zone)
    period = bells.period_at(local)
    if period is None:
        return None
    day = local.date()
    # Between two neighbours of these the period is on all the time, or never.
    edges = {*_moments_of(day, period.begins, zone), *_moments_of(day, period.ends, zone)}
    begins = None
    for edge in sorted({*edges, *_hinges_of(day, zone)}):
        wall = edge.astimezone(zone)
        if wall.date() == day and bells.period_at(wall) == period:
            begins = begins or edge
        elif begins is not None and at < edge:
            return Ringing(period.name, begins, edge)
        else:
            begins = None
    raise AssertionError(f"{period} is on at {at}, but never begins or ends")


def ringing_on(bells: Bells, zone: ZoneInfo, day: date) -> tuple[Ringing, ...]:
    """The periods of a day in their order; one that the clocks jump over is left out."""
    schedule = bells.schedule_on(day)
    found = []
    for period in schedule.periods if schedule else ():
        begins = min(_moments_of(day, period.begins, zone))
        for at in sorted({begins, *_hinges_of(day, zone)}):
            on = ringing(bells, zone, at)
            if on is not None and on.name == period.name:
                found.append(on)
                break
    return tuple(found)


def with_days(bells: Bells, first: date, last: date, schedule: str | None) -> Bells:
    """These days have this schedule from now on; None: what the week says."""
    kept: list[Days] = []
    for found in bells.days:
        if found.first < first:
            before = min(found.last, first - timedelta(days=1))
            kept.append(Days(found.first, before, found.schedule))
        if found.last > last:
            after = max(found.first, last + timedelta(days=1))
            kept.append(Days(after, found.last, found.schedule))
    if schedule is not None:
        kept.append(Days(first, last, schedule))
    return msgspec.structs.replace(bells, days=tuple(sorted(kept, key=lambda one: one.first)))


def _moments_of(day: date, wall: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the wall clock shows this: mostly twice the same; two times when it is set back."""
    first = datetime.combine(day, wall, zone)
    return first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)


def _hinges_of(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """The first moment of this day, and the one at which the clocks change, if they do."""
    early = datetime.combine(day, time(), zone).astimezone(UTC)
    yield early
    late = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    if early.astimezone(zone).utcoffset() == late.astimezone(zone).utcoffset():
        return
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle <= early:
            break
        same = middle.astimezone(zone).utcoffset() == early.astimezone(zone).utcoffset()
        early, late = (middle, late) if same else (early, middle)
    yield late
