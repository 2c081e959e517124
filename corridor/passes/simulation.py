"""Try other limits against the passes that were: who would have been refused, and how often."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import msgspec

from corridor.live.sql import moment, moment_read, rows
from corridor.passes import events, rules, shelf, states
from corridor.passes.blocking import blocked_at
from corridor.passes.cards import Person, Place
from corridor.passes.standing import COUNTED, Standing, Used, limits_for
from corridor.roster.bells import Ringing, ringing
from corridor.roster.settings import Limits, SchoolSettings

# The rules that another number changes, in the order in which they are asked.
TRIED: Final = tuple(
    rule
    for rule in rules.IN_ORDER
    if rule
    in (
        rules.outside_blocked_times,
        rules.within_period_limit,
        rules.within_daily_limit,
        rules.within_weekly_limit,
        rules.within_term_limit,
        rules.after_cooldown,
        rules.building_has_room,
    )
)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Past(msgspec.Struct, frozen=True):
    """One pass as it was; `limits` are those that would bind its student.

    `queued` is of those who stood in line; they hold a place from `called_at` on, if ever.
    """

    student_id: int
    name: str
    limits: Limits
    kind: str
    state: str
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    queued: bool = False
    called_at: datetime | None = None

    @property
    def holds_from(self) -> datetime | None:
        """From when it takes a place in the building; None is never."""
        return self.called_at if self.queued else self.requested_at


class Day(msgspec.Struct, frozen=True):
    """A school day: how many students asked, how many would have been refused, by which rule."""

    date: date
    asked: int
    refused: int
    by_code: dict[str, int]


class Concerned(msgspec.Struct, frozen=True):
    """A student who would have been refused."""

    student_id: int
    name: str
    asked: int
    refused: int


class Trial(msgspec.Struct, frozen=True):
    """What would have been: each day with passes in order, and the students most refused first."""

    days: tuple[Day, ...]
    students: tuple[Concerned, ...]

    @property
    def asked(self) -> int:
        """How many passes students asked for."""
        return sum(day.asked for day in self.days)

    @property
    def refused(self) -> int:
        """How many of them would have been refused."""
        return sum(day.refused for day in self.days)


def try_settings(school_id: int, tried: SchoolSettings, *, weeks: int, at: datetime) -> Trial:
    """The passes of the past weeks, asked again under these settings.

    Teacher passes are never refused here, but they count to a building limit that counts them. A
    pass that would have been refused takes no place and is not used up.
    """
    monday = at.astimezone(tried.zone).date()
    monday -= timedelta(days=monday.weekday(), weeks=weeks)
    first = min(monday, tried.term_begins or monday)
    passes = _passes_since(school_id, datetime.combine(first, time(), tried.zone), tried)
    return replay(passes, tried, since=monday)


def replay(passes: Iterable[Past], tried: SchoolSettings, *, since: date) -> Trial:
    """As `try_settings`, for these passes in the order of their requests."""
    asked: dict[date, int] = defaultdict(int)
    refused: dict[date, Counter[str]] = defaultdict(Counter)
    asked_by: Counter[int] = Counter()
    refused_by: Counter[int] = Counter()
    names: dict[int, str] = {}
    replayed = _Replay(tried)
    for found in passes:
        on = found.requested_at.astimezone(tried.zone).date()
        code = replayed.code_for(found, on)
        if on < since or found.kind != "student":
            continue
        asked[on] += 1
        asked_by[found.student_id] += 1
        if code is not None:
            refused[on][code] += 1
            refused_by[found.student_id] += 1
            names[found.student_id] = found.name
    days = (Day(on, asked[on], refused[on].total(), dict(refused[on])) for on in sorted(asked))
    most = sorted(refused_by, key=lambda found: (-refused_by[found], names[found]))
    students = (Concerned(s, names[s], asked_by[s], refused_by[s]) for s in most)
    return Trial(tuple(days), tuple(students))


class _Replay:
    """The school on its way through the passes: what is used, who is out."""

    def __init__(self, tried: SchoolSettings) -> None:
        self._tried = tried
        self._used: dict[int, tuple[date, datetime | None, Used]] = {}
        self._back: dict[int, datetime] = {}
        self._out: list[datetime] = []  # until when each holds a place
        self._in_line: list[tuple[datetime, datetime]] = []  # from when, until when

    def code_for(self, found: Past, on: date) -> str | None:
        """The code of the rule that would have refused this pass; else it takes its places."""
        self._move_on(found.requested_at)
        if found.kind == "student":
            tried, at = self._tried, found.requested_at
            period = ringing(tried.bells, tried.zone, at)
            used = self._used_by(found.student_id, on, period)
            standing = self._standing(found, used, period)
            no = next((no for rule in TRIED if (no := rule(standing)) is not None), None)
            if no is not None:
                return no.code
            if found.state in COUNTED:
                more = Used(used.day + 1, used.week + 1, used.term + 1, (used.period or 0) + 1)
                self._used[found.student_id] = (on, period.begins if period else None, more)
        if found.kind in self._tried.building_counts:
            self._take_place(found)
        if found.started_at is not None and found.ended_at is not None:
            self._back[found.student_id] = found.ended_at
        return None

    def _take_place(self, found: Past) -> None:
        since, until = found.holds_from, found.ended_at or _NEVER
        if since is not None:
            heapq.heappush(self._in_line, (since, until))
            self._move_on(found.requested_at)

    def _move_on(self, at: datetime) -> None:
        """Who was called by then has a place, who was back has none any more."""
        while self._in_line and self._in_line[0][0] <= at:
            heapq.heappush(self._out, heapq.heappop(self._in_line)[1])
        while self._out and self._out[0] <= at:
            heapq.heappop(self._out)

    def _used_by(self, student_id: int, on: date, period: Ringing | None) -> Used:
        last, began, used = self._used.get(student_id, (on, None, Used(0, 0, 0)))
        begins, same_week = self._tried.term_begins, last.isocalendar()[:2] == on.isocalendar()[:2]
        # As the standing counts them: without a first day of the term, from today; before it, none.
        same_term = last == on if begins is None else begins <= min(last, on)
        return Used(
            used.day if last == on else 0,
            used.week if same_week else 0,
            used.term if same_term else 0,
            None if period is None else (used.period or 0) * (began == period.begins),
        )

    def _standing(self, found: Past, used: Used, period: Ringing | None) -> Standing:
        blocked = blocked_at(self._tried, found.requested_at)
        tried, back = self._tried, self._back.get(found.student_id)
        counts = found.kind in tried.building_counts
        return msgspec.structs.replace(
            _NOBODY,
            at=found.requested_at,
            blocked_by=blocked.name if blocked else "",
            blocked_until=blocked.until if blocked else None,
            period_ends=period.ends if period else None,
            used=used,
            limits=found.limits,
            free_after_cooldown=back + timedelta(minutes=tried.cooldown) if back else None,
            in_building=len(self._out),
            building_limit=tried.building_limit if counts else None,
        )


_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)
_NOBODY: Final = Standing(
    at=_AT, kind="student", by_admin=False, frozen=None, student=Person(0, "", "", ""),
    origin=Place(0, "", ""), origin_has_adult=True, destination=Place(0, "", ""),
    trip_type="roundtrip", reason_mode="optional", reason="", open_pass=None, blocked_by="",
    blocked_until=None, takes_passes=True, absent_until=None, absence_text="",
    open_to_student=True, open_again_at=None, kept_apart=False, period="", period_ends=None,
    used=Used(0, 0, 0), limits=Limits(), tomorrow=_AT, next_week=_AT,
    free_after_cooldown=None, in_building=0, building_limit=None, building_override="adult",
    building_free_by=None, out_of_room=0, room_limit=None,
    room_free_by=None, at_destination=0, capacity=None, destination_free_by=None,
    queueing=False, in_line=0,
)  # fmt: skip


def _passes_since(school_id: int, since: datetime, tried: SchoolSettings) -> Iterable[Past]:
    # Whoever was asked for since then has ended since then or is open: both have an index.
    found = rows(
        "SELECT p.student_id, a.display_name, a.grade, a.period_limit, a.daily_limit,"
        " a.weekly_limit, a.term_limit, a.unlimited, p.kind, p.state, p.requested_at,"
        " p.started_at, p.ended_at, CASE WHEN q.number IS NOT NULL THEN p.card END"
        " FROM passes_hallpass p JOIN accounts_passaccount a ON a.id = p.student_id"
        # A pass has the number of the event that began it; only of those in line is the card read.
        " LEFT JOIN live_event q ON q.school_id = p.school_id AND q.number = p.id AND q.name = %s"
        " WHERE p.school_id = %s AND (p.ended_at >= %s OR p.is_open) AND p.requested_at >= %s"
        " ORDER BY p.requested_at, p.id",
        (events.PassQueued.name, school_id, moment(since), moment(since)),
    )
    return (_past(row, tried) for row in found)


def _past(row: tuple[Any, ...], tried: SchoolSettings) -> Past:
    student_id, name, grade, period, day, week, term, unlimited, kind, state, *times, line = row
    own = Limits(period=period, day=day, week=week, term=term)
    requested, started, ended = (moment_read(found) for found in times)
    assert requested is not None
    ended = None if state in states.OPEN else ended
    limits = limits_for(tried, grade, own, unlimited=bool(unlimited))
    called = (
        next((s.at for s in shelf.read(line).stamps if s.what == "called"), None) if line else None
    )
    return Past(
        student_id, name, limits, kind, state, requested, started, ended, line is not None, called
    )
