"""Know before you judge: one query fetches everything a rule may ask."""

from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

import msgspec

from corridor.live.log import Turn
from corridor.live.sql import moment, moment_read, one, uuid
from corridor.passes import shelf, states
from corridor.passes.cards import PassCard, Person, Place
from corridor.passes.refusals import NotFound
from corridor.roster.settings import SchoolSettings, settings_in


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is true at the moment of asking. Rules read this and nothing else.

    Counts include requests that wait, because each holds a place, and leave out what the clock
    should have closed by now. `…_free_by` is the moment by which the first of those places is
    free at the latest; `tomorrow` is the school's next midnight. A limit of None does not exist.
    """

    at: datetime
    student: Person
    origin: Place
    origin_has_adult: bool
    destination: Place
    trip_type: str
    reason_mode: str
    reason: str
    open_pass: PassCard | None
    used_today: int
    daily_limit: int | None
    tomorrow: datetime
    in_building: int
    building_limit: int | None
    building_free_by: datetime | None
    at_destination: int
    capacity: int | None
    destination_free_by: datetime | None


class Asked(msgspec.Struct, frozen=True):
    """What the one query gives beside the standing: thresholds, and an earlier answer."""

    standing: Standing
    minutes_to_long: int
    minutes_to_end: int
    answered: tuple[str, str] | None


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


# Withdrawn, cancelled and expired requests do not count to the student's limit: nobody went out.
_COUNTED: Final = states.OPEN | {states.ENDED, states.SYSTEM_ENDED}

_QUERY: Final = f"""
    SELECT s.display_name, s.family_name, s.given_name, s.grade, s.daily_limit,
        o.name, o.adult_name,
        EXISTS (SELECT 1 FROM accounts_locationlink WHERE location_id = o.id),
        d.name, d.adult_name, d.trip_type, d.reason_mode, d.capacity, d.extended_minutes,
        (SELECT card FROM passes_hallpass WHERE student_id = s.id AND is_open),
        (SELECT count(*) FROM passes_hallpass WHERE student_id = s.id AND requested_at >= %s
            AND requested_at < %s AND kind = 'student' AND state IN ({_listed(_COUNTED)})),
        b.taken, b.free_by, t.taken, t.free_by, e.name, e.body
    FROM accounts_passaccount s
    LEFT JOIN roster_location o
        ON o.id = %s AND o.school_id = s.school_id AND o.archived_at IS NULL
    LEFT JOIN roster_location d
        ON d.id = %s AND d.school_id = s.school_id AND d.archived_at IS NULL
    CROSS JOIN (SELECT count(*) AS taken, min(over_at) AS free_by FROM passes_hallpass
        WHERE school_id = %s AND is_open AND over_at > %s
        AND state IN ({_listed(states.IN_BUILDING)})) b
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
    by_account: int | None,
    request_id: UUID | None,
    at: datetime,
) -> Asked:
    """Everything the rules may ask about this request, in one query.

    Raises `NotFound` for a student or a location that this school does not have (or has closed).
    """
    settings = settings_in(tx)
    today, tomorrow = day_of(at, settings)
    row = one(
        _QUERY,
        (
            moment(today), moment(tomorrow), origin_id, destination_id, tx.school_id, moment(at),
            destination_id, moment(at), by_account, uuid(request_id), student_id, tx.school_id,
        ),
    )  # fmt: skip
    if row is None:
        raise NotFound("student")
    (
        student_name, family_name, given_name, grade, own_limit,
        origin_name, origin_adult, origin_has_adult,
        destination_name, destination_adult, trip_type, reason_mode, capacity, extended,
        open_card, used_today,
        in_building, building_free_by, at_destination, destination_free_by,
        answer_name, answer_body,
    ) = row  # fmt: skip
    if origin_name is None:
        raise NotFound("origin")
    if destination_name is None:
        raise NotFound("destination")
    standing = Standing(
        at=at,
        student=Person(student_id, student_name, f"{family_name} {given_name}".strip(), grade),
        origin=Place(origin_id, origin_name, origin_adult),
        origin_has_adult=bool(origin_has_adult),
        destination=Place(destination_id, destination_name, destination_adult),
        trip_type=trip_type,
        reason_mode=reason_mode,
        reason=reason,
        open_pass=None if open_card is None else shelf.read(open_card),
        used_today=used_today,
        daily_limit=settings.daily_limit if own_limit is None else own_limit,
        tomorrow=tomorrow,
        in_building=in_building,
        building_limit=settings.building_limit,
        building_free_by=moment_read(building_free_by),
        at_destination=at_destination,
        capacity=capacity,
        destination_free_by=moment_read(destination_free_by),
    )
    to_long, to_end = thresholds(settings, extended)
    answered = None if answer_name is None else (answer_name, answer_body)
    return Asked(standing, to_long, to_end, answered)


def counts_to_limit(card: PassCard) -> bool:
    """Whether this pass is one of those that a student's limit counts."""
    return card.kind == "student" and card.state in _COUNTED


def day_of(at: datetime, settings: SchoolSettings) -> tuple[datetime, datetime]:
    """The school's day that holds this time: its two midnights on the school's wall clock."""
    date = at.astimezone(settings.zone).date()
    midnight = datetime.combine(date, time(), settings.zone)
    following = datetime.combine(date + timedelta(days=1), time(), settings.zone)
    return midnight, following


def thresholds(settings: SchoolSettings, extended_minutes: int | None) -> tuple[int, int]:
    """Minutes to long running and to system end for a destination.

    Extended time replaces the system end and stretches the first threshold in proportion, so that
    a 45-minute meeting does not turn yellow after ten. The first is never after the second.
    """
    if extended_minutes is None:
        return min(settings.long_running, settings.system_end), settings.system_end
    stretched = settings.long_running * extended_minutes // max(settings.system_end, 1)
    return min(max(stretched, 1), extended_minutes), extended_minutes
