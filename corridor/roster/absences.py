"""Out of office: the times in which a location takes no passes."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import msgspec

# A day has no later end than this in a form: it is midnight that is meant.
LAST_MINUTE: Final = time(23, 59)
# So many that follow each other without a gap are looked through: a year of whole days, and more.
_MOST: Final = 400


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """One out-of-office time on the school's wall clock.

    From `begins` up to but not including `ends` (23:59 is midnight), on `day`, or each week on
    `weekdays` (0 is Monday) from `day` until `last_day` (None: for ever). `text` is what students
    read. `by` and `account_id` are who said so; with `only_theirs` nobody else of the location may
    end it, but admins.
    """

    day: date
    begins: time
    ends: time
    weekdays: tuple[int, ...] = ()
    last_day: date | None = None
    text: str = ""
    by: str = ""
    account_id: int | None = None
    only_theirs: bool = False

    def may_be_ended_by(self, account_id: int | None, *, is_admin: bool) -> bool:
        """Whether this adult of the location may end it."""
        return is_admin or not self.only_theirs or account_id == self.account_id

    def holds(self, local: datetime) -> bool:
        """Whether the location is out of office at this moment of the wall clock."""
        today = local.date()
        if not holds_between(self.begins, self.ends, local.time()):
            return False
        if not self.weekdays:
            return today == self.day
        return (
            today.weekday() in self.weekdays
            and self.day <= today
            and (self.last_day is None or today <= self.last_day)
        )


def holds_between(begins: time, ends: time, at: time) -> bool:
    """Whether this time lies between them; an end in the day's last minute is midnight."""
    return begins <= at and (at < ends or ends >= LAST_MINUTE)


def rest_of_the_day(local: datetime, text: str) -> Absence:
    """Out of office from now to midnight."""
    return Absence(day=local.date(), begins=local.time(), ends=time.max, text=text)


def for_minutes(local: datetime, minutes: int, text: str) -> Absence:
    """Out of office from now for so many minutes, at most to midnight."""
    ends = local + timedelta(minutes=minutes)
    if ends.date() != local.date():
        return rest_of_the_day(local, text)
    return Absence(day=local.date(), begins=local.time(), ends=ends.time(), text=text)


def is_over(absence: Absence, local: datetime) -> bool:
    """Whether it will never hold again."""
    last = absence.last_day if absence.weekdays else absence.day
    if last is None:
        return False
    if absence.ends >= LAST_MINUTE:
        return last < local.date()
    return (last, absence.ends) <= (local.date(), local.time())


_decode = msgspec.json.Decoder(tuple[Absence, ...]).decode


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[Absence, ...]:
    """The absences behind the stored text."""
    return _decode(text)


def write(absences: tuple[Absence, ...]) -> str:
    """The text to store."""
    return msgspec.json.encode(absences).decode()


def back_at(absences: tuple[Absence, ...], local: datetime) -> datetime | None:
    """When the location is back, on the wall clock of `local`; None when it is there now.

    Absences that follow each other without a gap count as one.
    """
    moment = local
    for _ in range(_MOST):
        current = next((found for found in absences if found.holds(moment)), None)
        if current is None:
            break
        if current.ends >= LAST_MINUTE:
            moment = datetime.combine(moment.date() + timedelta(days=1), time(), local.tzinfo)
            continue
        ends = datetime.combine(moment.date(), current.ends, local.tzinfo)
        moment = ends if ends > moment else moment + timedelta(minutes=1)
    return None if moment == local else moment
