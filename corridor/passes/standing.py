"""Know before you judge: one query fetches everything a rule may ask."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor
from corridor.live.log import Turn
from corridor.live.sql import day, day_read, moment, moment_read, one, uuid
from corridor.passes import shelf, states
from corridor.passes.blocking import blocked_at
from corridor.passes.cards import PassCard, Person, Place
from corridor.passes.refusals import NotFound
from corridor.roster import absences, auto
from corridor.roster.bells import ringing
from corridor.roster.models import Access, is_open_to
from corridor.roster.settings import LAST_DAY, Freeze, Limits, SchoolSettings, settings_in


class Used(msgspec.Struct, frozen=True):
    """How many of the student's passes count in this day, this week, this term and this period.

    `period` is None when none is on.
    """

    day: int
    week: int
    term: int
    period: int | None = None


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of a student, a way and a school at this moment, whatever is wanted there.

    `open_again_at` is when the destination's list lets this student in again; None: it says no day.
    """

    at: datetime
    frozen: Freeze | None
    student: Person
    origin: Place
    destination: Place
    blocked_by: str
    blocked_until: datetime | None
    takes_passes: bool
    absent_until: datetime | None
    absence_text: str
    open_to_student: bool
    open_again_at: datetime | None


class Departure(Circumstances, frozen=True, kw_only=True):
    """What is true when a student starts a waiting pass by Auto Pass.

    `auto` is what both keys allow now, `out_on_auto` how many are out of the origin by Auto Pass.
    """

    is_archived: bool
    auto: tuple[str, ...]
    out_on_auto: int
    auto_limit: int | None
    auto_free_by: datetime | None


class Standing(Circumstances, frozen=True, kw_only=True):
    """What is true at the moment of asking. Rules read this and nothing else.

    Counts include requests that wait, because each holds a place, and leave out what the clock
    should have closed by now. `…_free_by` is the moment by which the first of those places is free
    at the latest; `tomorrow` and `next_week` are midnights of the school's wall clock, of days that
    have school where the bell calendar knows. A limit of None does not exist. `period` is the name
    of the period that is on, with its end; empty and None between periods. `kind` is what is asked
    for, `by_admin` whether an admin asks.
    """

    kind: str
    by_admin: bool
    origin_has_adult: bool
    trip_type: str
    reason_mode: str
    reason: str
    open_pass: PassCard | None
    kept_apart: bool
    period: str
    period_ends: datetime | None
    used: Used
    limits: Limits
    tomorrow: datetime
    next_week: datetime
    free_after_cooldown: datetime | None
    in_building: int
    building_limit: int | None
    building_override: str
    building_free_by: datetime | None
    out_of_room: int
    room_limit: int | None
    room_free_by: datetime | None
    at_destination: int
    capacity: int | None
    destination_free_by: datetime | None
    queueing: bool
    in_line: int


class Asked(msgspec.Struct, frozen=True):
    """What the one query gives: the standing, the destination's thresholds, what may be auto."""

    standing: Standing
    minutes_to_long: int
    minutes_to_end: int
    auto: tuple[str, ...]


class AnsweredBefore(Exception):
    """This request was answered before, by the event with this name and body."""

    def __init__(self, name: str, body: str) -> None:
        super().__init__(name)
        self.name = name
        self.body = body


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


# Withdrawn, cancelled and expired requests do not count to the student's limit: nobody went out.
# Nor does who stands in line, until a place is free.
COUNTED: Final = states.OPEN - {states.QUEUED} | {states.ENDED, states.SYSTEM_ENDED}

# What the adult of the origin `o` allows on the way to `d`: only from their own personal location,
# while their account is open, and where the admin allows it for the destination.
AUTO_PASSES: Final = """
        CASE WHEN d.may_be_auto AND EXISTS (SELECT 1 FROM accounts_locationlink k
            JOIN accounts_passaccount own ON own.id = k.account_id AND own.closed_at IS NULL
            WHERE k.location_id = o.id AND k.is_personal) THEN o.auto_passes ELSE '{}' END"""

_QUERY: Final = f"""
    SELECT s.display_name, s.family_name, s.given_name, s.grade, i.mark,
        s.period_limit, s.daily_limit, s.weekly_limit, s.term_limit, s.unlimited,
        o.name, o.adult_name, o.room_limit,
        EXISTS (SELECT 1 FROM accounts_locationlink WHERE location_id = o.id),
        d.name, d.adult_name, d.trip_type, d.reason_mode, d.capacity, d.extended_minutes,
        d.takes_passes, d.absences, d.access,
        l.id IS NOT NULL, l.first_day, l.last_day,
        EXISTS (SELECT 1 FROM passes_contactmember me
            JOIN passes_contactgroup g ON g.id = me.group_id AND g.school_id = s.school_id
                AND (g.last_day IS NULL OR g.last_day >= %s)
            JOIN passes_contactmember other
                ON other.group_id = g.id AND other.student_id <> s.id
            JOIN passes_hallpass p ON p.student_id = other.student_id AND p.is_open
                AND p.over_at > %s AND p.state IN ({_listed(states.IN_BUILDING)})
            WHERE me.student_id = s.id),
        (SELECT card FROM passes_hallpass WHERE student_id = s.id AND is_open),
        u.period, u.day, u.week, u.term, u.last_back,
        b.students, b.teachers, b.free_by, r.taken, r.free_by, t.taken, t.free_by,
        {AUTO_PASSES}, d.queueing,
        (SELECT count(*) FROM passes_hallpass q
            WHERE q.destination_id = d.id AND q.state = 'queued'),
        e.name, e.body
    FROM accounts_passaccount s
    LEFT JOIN accounts_photo i ON i.account_id = s.id
    LEFT JOIN roster_location o
        ON o.id = %s AND o.school_id = s.school_id AND o.archived_at IS NULL
    LEFT JOIN roster_location d
        ON d.id = %s AND d.school_id = s.school_id AND d.archived_at IS NULL
    LEFT JOIN accounts_locationlisting l ON l.location_id = d.id AND l.account_id = s.id
    CROSS JOIN (SELECT
            count(*) FILTER (WHERE requested_at >= %s AND kind = 'student'
                AND state IN ({_listed(COUNTED)})) AS period,
            count(*) FILTER (WHERE requested_at >= %s AND kind = 'student'
                AND state IN ({_listed(COUNTED)})) AS day,
            count(*) FILTER (WHERE requested_at >= %s AND kind = 'student'
                AND state IN ({_listed(COUNTED)})) AS week,
            count(*) FILTER (WHERE requested_at >= %s AND kind = 'student'
                AND state IN ({_listed(COUNTED)})) AS term,
            max(ended_at) FILTER (WHERE started_at IS NOT NULL) AS last_back
        FROM passes_hallpass WHERE student_id = %s AND requested_at >= %s) u
    CROSS JOIN (SELECT count(*) FILTER (WHERE kind = 'student') AS students,
            count(*) FILTER (WHERE kind = 'teacher') AS teachers, min(over_at) AS free_by
        FROM passes_hallpass
        WHERE school_id = %s AND is_open AND over_at > %s
        AND state IN ({_listed(states.IN_BUILDING)})) b
    CROSS JOIN (SELECT count(*) AS taken, min(over_at) AS free_by FROM passes_hallpass
        WHERE origin_id = %s AND is_open AND over_at > %s
        AND state IN ({_listed(states.IN_BUILDING)})) r
    CROSS JOIN (SELECT count(*) AS taken, min(over_at) AS free_by FROM passes_hallpass
        WHERE destination_id = %s AND is_open AND over_at > %s
        AND state IN ({_listed(states.AT_DESTINATION)})) t
    LEFT JOIN live_event e
        ON e.school_id = s.school_id AND e.account_id = %s AND e.request_id = %s
    WHERE s.id = %s AND s.school_id = %s AND s.closed_at IS NULL AND s.role = 'student'
"""


def ask(
    tx: Turn,
    *,
    student_id: int,
    origin_id: int,
    destination_id: int,
    reason: str,
    kind: str,
    by: Actor,
    request_id: UUID | None,
    at: datetime,
) -> Asked:
    """Everything the rules may ask about this request, in one query.

    Raises `AnsweredBefore`, whatever has become of the places since; `NotFound` for a student or a
    location that this school does not have (or has closed).
    """
    return look(
        tx.school_id, settings_in(tx), student_id=student_id, origin_id=origin_id,
        destination_id=destination_id, reason=reason, kind=kind, by=by, request_id=request_id,
        at=at,
    )  # fmt: skip


def look(
    school_id: int,
    settings: SchoolSettings,
    *,
    student_id: int,
    origin_id: int,
    destination_id: int,
    reason: str = "",
    kind: str,
    by: Actor,
    request_id: UUID | None = None,
    at: datetime,
) -> Asked:
    """As `ask`, outside a turn: what is true now, to be told and not to be relied on."""
    local = at.astimezone(settings.zone)
    today, tomorrow = day_of(at, settings)
    monday, next_week = week_of(at, settings)
    term = first_of_term(at, settings)
    # Far enough back for every count, and for a pass that began before midnight.
    since = min(today, monday, term) - timedelta(days=1)
    period = ringing(settings.bells, settings.zone, at)
    row = one(
        _QUERY,
        (
            day(local.date()), moment(at), origin_id, destination_id,
            moment(period.begins if period else tomorrow),
            moment(today), moment(monday), moment(term), student_id, moment(since),
            school_id, moment(at), origin_id, moment(at), destination_id, moment(at),
            by.account_id, uuid(request_id), student_id, school_id,
        ),
    )  # fmt: skip
    if row is None:
        raise NotFound("student")
    (
        student_name, family_name, given_name, grade, photo,
        period_limit, daily_limit, weekly_limit, term_limit, unlimited,
        origin_name, origin_adult, room_limit, origin_has_adult,
        destination_name, destination_adult, trip_type, reason_mode, capacity, extended,
        takes_passes, stored_absences, access, is_listed, first_day, last_day, kept_apart,
        open_card, used_period, used_day, used_week, used_term, last_back,
        students_out, teachers_out, building_free_by, out_of_room, room_free_by,
        at_destination, destination_free_by, auto_passes, queueing, in_line,
        answer_name, answer_body,
    ) = row  # fmt: skip
    if answer_name is not None:
        raise AnsweredBefore(answer_name, answer_body)
    if origin_name is None:
        raise NotFound("origin")
    if destination_name is None:
        raise NotFound("destination")
    own = Limits(period=period_limit, day=daily_limit, week=weekly_limit, term=term_limit)
    counted = {"student": students_out, "teacher": teachers_out}
    back = moment_read(last_back)
    standing = Standing(
        **circumstances(settings, stored_absences, at),
        **openness(settings, access, bool(is_listed), first_day, last_day, at),
        kind=kind,
        by_admin=by.role == "admin",
        student=Person(
            student_id, student_name, f"{family_name} {given_name}".strip(), grade, photo or ""
        ),
        origin=Place(origin_id, origin_name, origin_adult),
        origin_has_adult=bool(origin_has_adult),
        destination=Place(destination_id, destination_name, destination_adult),
        trip_type=trip_type,
        reason_mode=reason_mode,
        reason=reason,
        open_pass=None if open_card is None else shelf.read(open_card),
        takes_passes=bool(takes_passes),
        kept_apart=bool(kept_apart),
        period=period.name if period else "",
        period_ends=period.ends if period else None,
        used=Used(used_day, used_week, used_term, used_period if period else None),
        limits=limits_for(settings, grade, own, unlimited=bool(unlimited)),
        tomorrow=with_school(tomorrow, settings),
        next_week=with_school(next_week, settings),
        free_after_cooldown=back + timedelta(minutes=settings.cooldown) if back else None,
        in_building=sum(counted[found] for found in settings.building_counts),
        building_limit=settings.building_limit if kind in settings.building_counts else None,
        building_override=settings.building_override,
        building_free_by=moment_read(building_free_by),
        out_of_room=out_of_room,
        room_limit=room_limit,
        room_free_by=moment_read(room_free_by),
        at_destination=at_destination,
        capacity=capacity,
        destination_free_by=moment_read(destination_free_by),
        queueing=bool(queueing),
        in_line=in_line,
    )
    to_long, to_end = thresholds(settings, extended)
    may = auto.allowed(auto_passes, destination_id, may_be_auto=kind == "student")
    return Asked(standing, to_long, to_end, may)


def circumstances(settings: SchoolSettings, stored_absences: str, at: datetime) -> dict[str, Any]:
    """What the school's settings and the destination's out-of-office times say of this moment."""
    local, blocked = at.astimezone(settings.zone), blocked_at(settings, at)
    known = absences.read(stored_absences)
    return {
        "at": at,
        "frozen": settings.frozen,
        "blocked_by": blocked.name if blocked else "",
        "blocked_until": blocked.until if blocked else None,
        "absent_until": absences.back_at(known, local),
        "absence_text": next((found.text for found in known if found.holds(local)), ""),
    }


def openness(
    settings: SchoolSettings, access: str, is_listed: bool, first_day: Any, last_day: Any,
    at: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Whether a location is open to a student, who may be on its list from a day to a day, and else
    from which midnight on it will be."""
    today = at.astimezone(settings.zone).date()
    first, last = day_read(first_day), day_read(last_day)
    holds = (first is None or first <= today) and (last is None or today <= last)
    if is_open_to(access, listed=is_listed and holds):
        return {"open_to_student": True, "open_again_at": None}
    again, again_at = None, None
    if access == Access.LISTED:
        again = first if first is not None and today < first else None
    elif last is not None and last < LAST_DAY:
        again = last + timedelta(days=1)
    if again is not None and again <= LAST_DAY:
        again_at = with_school(_midnight(again, settings), settings)
    return {"open_to_student": False, "open_again_at": again_at}


def limits_for(
    settings: SchoolSettings, grade: str, own: Limits, *, unlimited: bool = False
) -> Limits:
    """The limits that bind a student: their own beat the grade's, the grade's the school's."""
    if unlimited:
        return Limits()
    of_grade = settings.grade_limits.get(grade, Limits())
    layers = (own, of_grade, settings.limits)
    return Limits(
        period=next((found.period for found in layers if found.period is not None), None),
        day=next((found.day for found in layers if found.day is not None), None),
        week=next((found.week for found in layers if found.week is not None), None),
        term=next((found.term for found in layers if found.term is not None), None),
    )


def counts_to_limit(card: PassCard) -> bool:
    """Whether this pass is one of those that a student's limit counts."""
    return card.kind == "student" and card.state in COUNTED


def day_of(at: datetime, settings: SchoolSettings) -> tuple[datetime, datetime]:
    """The school's day that holds this time: its two midnights on the school's wall clock."""
    date = at.astimezone(settings.zone).date()
    return _midnight(date, settings), _midnight(date + timedelta(days=1), settings)


def week_of(at: datetime, settings: SchoolSettings) -> tuple[datetime, datetime]:
    """The school's week that holds this time: from Monday's midnight to the next one."""
    date = at.astimezone(settings.zone).date()
    monday = date - timedelta(days=date.weekday())
    return _midnight(monday, settings), _midnight(monday + timedelta(days=7), settings)


def first_of_term(at: datetime, settings: SchoolSettings) -> datetime:
    """The midnight from which the term's passes count; today's when the school names no day."""
    begins = settings.term_begins
    return day_of(at, settings)[0] if begins is None else _midnight(begins, settings)


def with_school(midnight: datetime, settings: SchoolSettings) -> datetime:
    """This midnight, or that of the next day with school, as far as a bell schedule knows."""
    bells, first = settings.bells, midnight.astimezone(settings.zone).date()
    if not bells.schedules:
        return midnight
    ahead = (first + timedelta(days=n) for n in range(_LOOK_AHEAD_DAYS))
    found = next((day for day in ahead if bells.schedule_on(day)), None)
    return midnight if found is None else _midnight(found, settings)


# No holidays are longer; after them nobody knows.
_LOOK_AHEAD_DAYS = 100


def _midnight(date: date, settings: SchoolSettings) -> datetime:
    return datetime.combine(date, time(), settings.zone)


def thresholds(settings: SchoolSettings, extended_minutes: int | None) -> tuple[int, int]:
    """Minutes to long running and to system end for a destination.

    Extended time replaces the system end and stretches the first threshold in proportion, so that
    a 45-minute meeting does not turn yellow after ten. The first is never after the second.
    """
    if extended_minutes is None:
        return min(settings.long_running, settings.system_end), settings.system_end
    stretched = settings.long_running * extended_minutes // max(settings.system_end, 1)
    return min(max(stretched, 1), extended_minutes), extended_minutes
