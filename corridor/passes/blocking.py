"""When students get no passes: blocked times, and the minutes around the bell."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from corridor.roster.absences import LAST_MINUTE
from corridor.roster.bells import AroundBell, ringing
from corridor.roster.settings import BlockingWindow, SchoolSettings

# So many that follow each other without a gap make one; more than any school day has, and a year
# of whole days.
_MOST: Final = 400


class Blocked(msgspec.Struct, frozen=True):
    """What blocks now, by its name, and when nothing will any more (aware UTC)."""

    name: str
    until: datetime


def blocked_at(settings: SchoolSettings, at: datetime) -> Blocked | None:
    """What blocks passes at this time; what follows without a gap counts as one."""
    first = _one_at(settings, at)
    if first is None:
        return None
    until = first.until
    for _ in range(_MOST):
        following = _one_at(settings, until)
        if following is None:
            break
        until = following.until
    return Blocked(first.name, until)


def _one_at(settings: SchoolSettings, at: datetime) -> Blocked | None:
    local = at.astimezone(settings.zone)
    for window in settings.blocking:
        if window.holds(local):
            return Blocked(window.name, _end_of(window, local))
    if not settings.around_bell:
        return None
    on = ringing(settings.bells, settings.zone, at)
    if on is None:
        return None
    for around in settings.around_bell:
        until = _until(around, on.begins, on.ends, at)
        if until is not None:
            return Blocked(around.name, until)
    return None


def _until(around: AroundBell, begins: datetime, ends: datetime, at: datetime) -> datetime | None:
    after_begin = begins + timedelta(minutes=around.first_minutes)
    if at < after_begin:
        return min(after_begin, ends)
    return ends if at >= ends - timedelta(minutes=around.last_minutes) else None


def _end_of(window: BlockingWindow, local: datetime) -> datetime:
    """The end of the window that holds now; where the clocks are set back, the one to come."""
    if window.ends >= LAST_MINUTE:
        midnight = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
        return midnight.astimezone(UTC)
    ends = datetime.combine(local.date(), window.ends, local.tzinfo)
    later = ends.replace(fold=1).astimezone(UTC)
    ends = ends.astimezone(UTC)
    return ends if ends > local.astimezone(UTC) else max(later, local.astimezone(UTC) + _A_MINUTE)


_A_MINUTE: Final = timedelta(minutes=1)
