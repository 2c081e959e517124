"""Who was out how often and how long, where, at which hours, and why others were refused.

Counted by the database from one index (`passes_over`), without reading a card, but for overrides.
"""

from collections import Counter
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from corridor.live.sql import is_postgres, moment, moment_read, rows
from corridor.passes import shelf
from corridor.passes.words import NEUTRAL_CODES, codes_told

SHOWN: Final = 25
Order = Literal["often", "long"]


class Period(msgspec.Struct, frozen=True):
    """The passes asked for from one time to another one, perhaps of the students of one grade."""

    school_id: int
    since: datetime
    before: datetime
    grade: str = ""


class Absent(msgspec.Struct, frozen=True):
    """How often and how long a student was out; seconds."""

    student_id: int
    name: str
    grade: str
    times: int
    total: int
    longest: int


class Visited(msgspec.Struct, frozen=True):
    """How often students went to a location, and for how long on average; seconds."""

    location_id: int
    name: str
    times: int
    average: int


class Hour(msgspec.Struct, frozen=True):
    """An hour of the school's day: how many passes began in it."""

    hour: int
    times: int


def students(period: Period, order: Order) -> list[Absent]:
    """The students who were out most often, or longest in all."""
    asked, values = _out(period)
    by = "times DESC, total DESC" if order == "often" else "total DESC, times DESC"
    found = rows(
        "SELECT p.student_id, a.display_name, a.grade, p.times, p.total, p.longest FROM"
        f" (SELECT student_id, count(*) AS times, {_seconds('sum')} AS total,"
        f" {_seconds('max')} AS longest FROM passes_hallpass WHERE {asked} GROUP BY student_id) p"
        " JOIN accounts_passaccount a ON a.id = p.student_id"
        f" ORDER BY {by}, a.id LIMIT %s",
        (*values, SHOWN),
    )
    return [
        Absent(student_id, name, grade, times, int(total), int(longest))
        for student_id, name, grade, times, total, longest in found
    ]


def places(period: Period) -> list[Visited]:
    """The locations to which most students went."""
    asked, values = _out(period)
    found = rows(
        "SELECT p.destination_id, l.name, p.times, p.average FROM"
        f" (SELECT destination_id, count(*) AS times, {_seconds('avg')} AS average"
        f" FROM passes_hallpass WHERE {asked} GROUP BY destination_id) p"
        " JOIN roster_location l ON l.id = p.destination_id"
        " ORDER BY times DESC, l.id LIMIT %s",
        (*values, SHOWN),
    )
    return [
        Visited(location, name, times, round(average)) for location, name, times, average in found
    ]


def hours(period: Period, zone: Any) -> list[Hour]:
    """The hours of the school's day in which students left, from the first to the last."""
    asked, values = _out(period)
    # No zone is off by anything but quarters of an hour; so the database need not know zones.
    quarter = (
        "date_bin(interval '15 minutes', started_at, timestamptz '2000-01-01 00:00Z')"
        if is_postgres()
        else "datetime(CAST(strftime('%%s', started_at) AS INTEGER) / 900 * 900, 'unixepoch')"
    )
    found = rows(
        f"SELECT {quarter}, count(*) FROM passes_hallpass WHERE {asked} GROUP BY 1", values
    )
    counted: Counter[int] = Counter()
    for quarter_began, times in found:
        began = moment_read(quarter_began)
        assert began is not None
        counted[began.astimezone(zone).hour] += times
    if not counted:
        return []
    return [Hour(hour, counted[hour]) for hour in range(min(counted), max(counted) + 1)]


def refusals(period: Period, *, by_admin: bool) -> list[tuple[str, int]]:
    """How many requests each rule refused, most first.

    That somebody is kept apart is read by admins only; others read of a full building.
    """
    asked, values = _of_grade(period)
    found = rows(
        "SELECT code, count(*) FROM passes_refusal WHERE school_id = %s AND at >= %s AND at < %s"
        f"{asked} GROUP BY code",
        (period.school_id, moment(period.since), moment(period.before), *values),
    )
    counted: Counter[str] = Counter()
    for code, times in found:
        counted["building_full" if code in NEUTRAL_CODES and not by_admin else code] += times
    return counted.most_common()


def overridden(period: Period, *, by_admin: bool) -> list[tuple[str, int]]:
    """How many passes were made against each rule, most first; codes as this reader may know them.

    These passes are rare and have an index of their own, so their cards are read.
    """
    asked, values = _of_grade(period)
    found = rows(
        "SELECT card FROM passes_hallpass WHERE school_id = %s AND NOT is_open AND was_overridden"
        f" AND requested_at >= %s AND requested_at < %s{asked}",
        (period.school_id, moment(period.since), moment(period.before), *values),
    )
    counted: Counter[str] = Counter()
    for (text,) in found:
        counted.update(codes_told(shelf.read_once(text).overridden, by_admin=by_admin))
    return counted.most_common()


def _out(period: Period) -> tuple[str, tuple[Any, ...]]:
    """What asks for the passes of the period on which somebody went out."""
    asked, values = _of_grade(period)
    text = (
        "school_id = %s AND NOT is_open AND requested_at >= %s AND requested_at < %s"
        f" AND started_at IS NOT NULL{asked}"
    )
    return text, (period.school_id, moment(period.since), moment(period.before), *values)


def _of_grade(period: Period) -> tuple[str, tuple[Any, ...]]:
    if not period.grade:
        return "", ()
    of_grade = "SELECT id FROM accounts_passaccount WHERE school_id = %s AND grade = %s"
    return f" AND student_id IN ({of_grade})", (period.school_id, period.grade)


def _seconds(of_all: str) -> str:
    """The sum, the longest or the average of the times out, in seconds."""
    if is_postgres():
        return f"extract(epoch FROM {of_all}(ended_at - started_at))"
    return f"{of_all}(strftime('%%s', ended_at) - strftime('%%s', started_at))"
