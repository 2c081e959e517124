"""A school's settings: one JSON text beside its turn, so every operation has them for nothing."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from corridor.live.log import Turn
from corridor.roster.absences import holds_between
from corridor.roster.bells import AroundBell, Bells
from corridor.roster.classroom_settings import ClassroomSettings

# The days that anybody may name. Python's calendar ends at both ends: there is no day before its
# first, and none after its last.
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How many passes a student may make in a period, a day, a week (from Monday) and a term."""

    period: int | None = None
    day: int | None = None
    week: int | None = None
    term: int | None = None


class BlockingWindow(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which students get no passes ("first period", "state test").

    On the school's wall clock, from `begins` up to but not including `ends` (23:59 is midnight), on
    these weekdays (0 is Monday), from `first_day` to `last_day`, both included (None: no bound).
    """

    name: str
    begins: time
    ends: time
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    first_day: date | None = None
    last_day: date | None = None

    def holds(self, local: datetime) -> bool:
        """Whether this moment of the school's wall clock is blocked."""
        return (
            local.weekday() in self.weekdays
            and holds_between(self.begins, self.ends, local.time())
            and (self.first_day is None or self.first_day <= local.date())
            and (self.last_day is None or local.date() <= self.last_day)
        )


class Freeze(msgspec.Struct, frozen=True):
    """The school is frozen: since when (aware UTC), by whom, and what everybody is told."""

    at: datetime
    by: str
    text: str


class LastChange(msgspec.Struct, frozen=True):
    """Who changed a setting last, and when (aware UTC)."""

    by: str
    at: datetime


_decode_changes: Final = msgspec.json.Decoder(dict[str, LastChange]).decode


def last_changes(text: str) -> dict[str, LastChange]:
    """Who changed which field last, behind the text that a location or an account keeps."""
    return _decode_changes(text)


def with_changes(text: str, names: Iterable[str], *, by: str, at: datetime) -> str:
    """The text to keep after this person has changed these fields."""
    return msgspec.json.encode(
        last_changes(text) | dict.fromkeys(names, LastChange(by, at))
    ).decode()


class SchoolSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a school decides for itself. Minutes unless said otherwise; None means no limit.

    `keep_passes_days`, `keep_accounts_days` and `keep_classes_days` say for how long names stay
    after a pass has ended, an account was closed, a class was over: see `corridor.operators.purge`.
    `limits` are the school's, `grade_limits` those of a grade, which beat them; a student's own
    limits stand at the account and beat both. `building_counts` are the kinds of passes that the
    building limit counts and binds; `building_override` says which adults may exceed it,
    and override contact control;
    `appointment_waits` is how long a surfaced appointment waits before it is missed,
    `student_appointments` whether students may ask for one;
    `queue_claim` is how long a place is kept for whoever is called from a line, `queue_longest` how
    many may stand in one, `queue_overrun` whether a long-running pass gives its place to them, and
    `queue_cleared_at` when lines are cleared on the wall clock (at midnight anyway);
    `ended_shown_to` whether all adults see ended passes, or only those of the pass and admins;
    `hall_ends` who may end a pass in the corridor beside the adults of its origin and admins: every
    adult, whoever is staff (hall monitors are), or nobody else.
    """

    time_zone: str = "America/New_York"
    request_waits: int = 10
    long_running: int = 10
    system_end: int = 30
    building_limit: int | None = None
    building_counts: tuple[str, ...] = ("student", "teacher")
    building_override: Literal["adult", "admin"] = "adult"
    period_limit: int | None = None
    daily_limit: int | None = None
    weekly_limit: int | None = None
    term_limit: int | None = None
    grade_limits: dict[str, Limits] = {}
    term_begins: date | None = None
    cooldown: int = 0
    blocking: tuple[BlockingWindow, ...] = ()
    around_bell: tuple[AroundBell, ...] = ()
    bells: Bells = Bells()
    appointment_waits: int = 15
    student_appointments: bool = False
    queue_claim: int = 5
    queue_longest: int = 20
    queue_overrun: bool = False
    queue_cleared_at: tuple[time, ...] = ()
    ended_shown_to: Literal["adults", "concerned"] = "adults"
    hall_ends: Literal["adults", "staff", "concerned"] = "adults"
    keep_passes_days: int = 730
    keep_accounts_days: int = 365
    keep_classes_days: int = 30
    frozen: Freeze | None = None
    classroom: ClassroomSettings = ClassroomSettings()
    changed: dict[str, LastChange] = {}

    @property
    def classes_kept_days(self) -> int:
        """For how long what happened in a class is kept: never longer than passes are, because what
        names nobody in the log may name nobody beside it."""
        return min(self.keep_classes_days, self.keep_passes_days)

    def classes_kept_since(self, at: datetime) -> datetime:
        """What ended before this is shown to nobody any more, purged or not."""
        return at - timedelta(days=self.classes_kept_days)

    @property
    def zone(self) -> ZoneInfo:
        """The school's wall clock."""
        return ZoneInfo(self.time_zone)

    def shows_ended_to(self, role: str) -> bool:
        """Whether an adult of this role sees the ended passes of the whole school."""
        return role == "admin" or self.ended_shown_to == "adults"

    @property
    def limits(self) -> Limits:
        """The limits of a student for whom nothing else is said."""
        return Limits(
            period=self.period_limit,
            day=self.daily_limit,
            week=self.weekly_limit,
            term=self.term_limit,
        )


_decode: Final = msgspec.json.Decoder(SchoolSettings).decode


@lru_cache(maxsize=1024)
def decode(text: str) -> SchoolSettings:
    """The settings behind the stored text."""
    return _decode(text)


def encode(settings: SchoolSettings) -> str:
    """The text to store."""
    return msgspec.json.encode(settings).decode()


def settings_in(tx: Turn) -> SchoolSettings:
    """The settings of the school whose turn it is."""
    return decode(tx.settings)
