"""When an appointment takes place: from a day and a time on the school's wall clock to a moment.

A time that the clocks jump over is as long after the jump as it would have been without it: where
2:00 is followed by 3:00, 2:30 is 3:30. A time that comes twice is meant the first time.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from corridor.roster.bells import Bells, ringing_on
from corridor.roster.settings import SchoolSettings

REPEATS: Final = ("none", "daily", "weekly", "monthly")
# An appointment is made, and repeated, for a year at most.
LONGEST: Final = timedelta(days=366)
SURFACES_BEFORE: Final = timedelta(minutes=5)


def begins(
    settings: SchoolSettings, day: date, wall: time | None, period: str = ""
) -> tuple[time, datetime] | None:
    """The time on the wall clock and the moment (UTC) of a time, or of a period's bell, on a day.

    None where that day has no such period, or neither is named.
    """
    if period:
        on = ringing_on(settings.bells, settings.zone, day)
        at = next((found.begins for found in on if found.name == period), None)
        return None if at is None else (at.astimezone(settings.zone).time(), at)
    if wall is None:
        return None
    return wall, datetime.combine(day, wall, settings.zone).astimezone(UTC)


def surfaces_until(begins_at: datetime, settings: SchoolSettings) -> datetime:
    """Until when an appointment may surface: for as long as it would wait for an answer.

    Until it begins at least: it may be made a moment before.
    """
    waits = timedelta(minutes=settings.appointment_waits)
    return begins_at + max(waits - SURFACES_BEFORE, timedelta())


def days_of(first: date, repeat: str, until: date | None, bells: Bells) -> Iterator[date]:
    """The days of a series, the first one included whatever it is.

    Daily is every school day: a day with a bell schedule, or Monday to Friday where there is none.
    Weekly and monthly leave out days without school, too; the 31st is the last of a shorter month.
    """
    yield first
    if repeat == "none" or until is None:
        return
    for day in _following(first, repeat):
        if day > until:
            return
        if has_school(day, repeat, bells):
            yield day


def _following(first: date, repeat: str) -> Iterator[date]:
    step, day = {"daily": 1, "weekly": 7}.get(repeat), first
    month = first.year * 12 + first.month - 1
    while day - first <= LONGEST:
        if step is not None:
            day += timedelta(days=step)
        else:
            month += 1
            year, index = divmod(month, 12)
            day = date(year, index + 1, min(first.day, monthrange(year, index + 1)[1]))
        yield day


def has_school(day: date, repeat: str, bells: Bells) -> bool:
    """Whether a series that repeats like this may fall on the day."""
    if bells.schedules:
        return bells.schedule_on(day) is not None
    return repeat != "daily" or day.weekday() < 5
