"""Questions about passes: lists for boards, one pass, a student's history, the numbers of a day."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from corridor.live.sql import moment, one, rows
from corridor.passes import shelf, states
from corridor.passes.cards import PassCard
from corridor.passes.refusals import NotFound
from corridor.passes.standing import (
    COUNTED,
    Used,
    counts_to_limit,
    day_of,
    first_of_term,
    limits_for,
    week_of,
)
from corridor.passes.states import AT_DESTINATION
from corridor.roster import auto
from corridor.roster.bells import ringing
from corridor.roster.settings import Limits, SchoolSettings


class Tiles(msgspec.Struct, frozen=True):
    """The numbers above a board: out now, waiting, long running, today, and the limit.

    `in_building` is what the building limit is compared with: requests that wait hold a place too,
    and passes of kinds that the school does not count hold none.
    """

    out_now: int
    in_building: int
    waiting: int
    long_running: int
    today: int
    building_limit: int | None


class Use(msgspec.Struct, frozen=True):
    """How much of a limit of a place is used, as the rules count it.

    `what` is "capacity" (of a destination), "room" (how many may be out of a room) or "auto" (how
    many may be out of an adult's own room on Auto Pass). A limit of None does not exist.
    """

    what: str
    location_id: int
    name: str
    taken: int
    limit: int | None

    @property
    def is_full(self) -> bool:
        """The next one would be refused, or would have to wait."""
        return self.limit is not None and self.taken >= self.limit


class Own(msgspec.Struct, frozen=True):
    """The numbers of one adult's places: who is out from or to them, and their limits by name."""

    out: int
    uses: tuple[Use, ...]


class Way(msgspec.Struct, frozen=True):
    """How many open passes lead from one place to another, as the lists and each limit count."""

    origin_id: int
    destination_id: int
    out: int
    of_room: int
    at_destination: int
    on_auto: int


class Limited(msgspec.Struct, frozen=True):
    """A place that has limits; `is_auto` says that Auto Pass is on for some way from it."""

    id: int
    name: str
    capacity: int | None
    room_limit: int | None
    auto_limit: int | None
    is_auto: bool


class InPlaces(msgspec.Struct, frozen=True):
    """What is used of every place of a school: asked once, told to each adult of their own."""

    ways: tuple[Way, ...]
    limited: tuple[Limited, ...]

    def of(self, location_ids: Collection[int], own_room: int | None) -> Own:
        """The numbers of an adult of these locations, whose personal one is `own_room`."""
        out = sum(
            way.out
            for way in self.ways
            if way.origin_id in location_ids or way.destination_id in location_ids
        )
        uses = [
            use
            for place in self.limited
            if place.id in location_ids
            for use in self._uses(place, is_own_room=place.id == own_room)
        ]
        # Auto Pass is of the adult, not of one place among others: it stands first.
        return Own(out, tuple(sorted(uses, key=lambda use: use.what != "auto")))

    def _uses(self, place: Limited, *, is_own_room: bool) -> Iterator[Use]:
        from_there = [way for way in self.ways if way.origin_id == place.id]
        to_there = [way for way in self.ways if way.destination_id == place.id]
        counted = (
            ("auto", sum(way.on_auto for way in from_there), place.auto_limit),
            ("capacity", sum(way.at_destination for way in to_there), place.capacity),
            ("room", sum(way.of_room for way in from_there), place.room_limit),
        )
        for what, taken, limit in counted:
            is_told = is_own_room and place.is_auto if what == "auto" else limit is not None
            if is_told:
                yield Use(what, place.id, place.name, taken, limit)


def open_passes(school_id: int, location_ids: Collection[int] | None = None) -> list[PassCard]:
    """The open passes of a school, oldest first; only from or to these locations if given."""
    found = rows(
        "SELECT card FROM passes_hallpass WHERE school_id = %s AND is_open"
        " ORDER BY requested_at, id",
        (school_id,),
    )
    cards = [shelf.read(text) for (text,) in found]
    if location_ids is None:
        return cards
    return [c for c in cards if c.origin.id in location_ids or c.destination.id in location_ids]


def open_by_location(school_id: int) -> Counter[int]:
    """How many open passes depart from or go to each location of the school."""
    found = rows(
        "SELECT origin_id, destination_id FROM passes_hallpass WHERE school_id = %s AND is_open",
        (school_id,),
    )
    return Counter(place for row in found for place in set(row))


def ended_passes(
    school_id: int,
    since: datetime,
    location_ids: Collection[int] | None = None,
    limit: int = 100,
) -> list[PassCard]:
    """The passes that closed since a time, newest first; of these locations only if given."""
    where, params = "", tuple[int, ...]()
    if location_ids is not None:
        if not location_ids:
            return []
        marks = ", ".join(["%s"] * len(location_ids))
        where = f" AND (origin_id IN ({marks}) OR destination_id IN ({marks}))"
        params = (*location_ids, *location_ids)
    found = rows(
        f"SELECT card FROM passes_hallpass WHERE school_id = %s AND ended_at >= %s{where}"
        " ORDER BY ended_at DESC, id DESC LIMIT %s",
        (school_id, moment(since), *params, limit),
    )
    return [shelf.read(text) for (text,) in found]


def pass_of_school(school_id: int, pass_id: int) -> PassCard:
    """One pass, or appointment. Raises `NotFound` when this school has no such pass."""
    row = one(
        "SELECT card FROM passes_hallpass WHERE school_id = %s AND id = %s"
        " UNION ALL SELECT card FROM passes_comingpass WHERE school_id = %s AND id = %s",
        (school_id, pass_id, school_id, pass_id),
    )
    if row is None:
        raise NotFound("pass")
    return shelf.read(row[0])


def open_pass_of(student_id: int) -> PassCard | None:
    """The student's open pass, if there is one."""
    row = one("SELECT card FROM passes_hallpass WHERE student_id = %s AND is_open", (student_id,))
    return None if row is None else shelf.read(row[0])


def coming_passes(
    school_id: int,
    until: datetime | None = None,
    location_ids: Collection[int] | None = None,
    made_by: int | None = None,
    state: str | None = None,
    limit: int | None = None,
) -> list[PassCard]:
    """The appointments that have not surfaced, in the order of their times.

    Up to a time; of these locations, or made by this adult, only; in this state only.
    """
    where, params = "school_id = %s", list[Any]([school_id])
    if until is not None:
        where, params = f"{where} AND begins_at < %s", [*params, moment(until)]
    if state is not None:
        where, params = f"{where} AND state = %s", [*params, state]
    if location_ids is None:
        return shelf.coming(where, params, limit)
    # A school may have ten thousand ahead: only what may be meant is read. Who made one stands in
    # its card alone; the pattern finds a few more, which are left out below.
    marks = ", ".join(["%s"] * len(location_ids)) or "NULL"
    pattern = "" if made_by is None else f'%"account_id":{made_by:d}%'
    where = f"{where} AND (origin_id IN ({marks}) OR destination_id IN ({marks}) OR card LIKE %s)"
    cards = shelf.coming(where, [*params, *location_ids, *location_ids, pattern])
    mine = [card for card in cards if card.is_listed_for(location_ids, made_by)]
    return mine if limit is None else mine[:limit]


def next_appointments(
    school_id: int,
    location_ids: Collection[int] | None,
    *,
    made_by: int | None = None,
    most: int,
) -> tuple[list[PassCard], bool]:
    """The appointments of these locations, and of this adult, that have not surfaced.

    What awaits an answer first, whenever it is: it must not be cut off. Also whether something was.
    """
    found = [
        card
        for state in (states.AWAITING, states.SCHEDULED)
        for card in coming_passes(
            school_id, location_ids=location_ids, made_by=made_by, state=state, limit=most + 1
        )
    ]
    return found[:most], len(found) > most


def coming_passes_of(student_id: int, limit: int = 100) -> list[PassCard]:
    """The student's appointments that have not surfaced, in the order of their times."""
    return shelf.coming("student_id = %s", (student_id,), limit)


def passes_of(student_id: int, limit: int = 200) -> list[PassCard]:
    """The student's passes, newest first."""
    found = rows(
        "SELECT card FROM passes_hallpass WHERE student_id = %s"
        " ORDER BY requested_at DESC LIMIT %s",
        (student_id, limit),
    )
    return [shelf.read(text) for (text,) in found]


def passes_during(
    school_id: int, student_ids: Collection[int], since: datetime, until: datetime
) -> list[PassCard]:
    """The passes on which these students were out between two moments, oldest first."""
    if not student_ids:
        return []
    marks = ", ".join(["%s"] * len(student_ids))
    found = rows(
        f"SELECT card FROM passes_hallpass WHERE school_id = %s AND student_id IN ({marks})"
        " AND started_at < %s AND (ended_at IS NULL OR ended_at > %s) ORDER BY started_at, id",
        (school_id, *student_ids, moment(until), moment(since)),
    )
    return [shelf.read(text) for (text,) in found]


def most_used(ids: Iterable[int], count: int) -> set[int]:
    """The ids that occur most often."""
    return {found for found, _ in Counter(ids).most_common(count)}


def full_locations(school_id: int, at: datetime) -> set[int]:
    """The locations where every place is taken at this time."""
    taken = ", ".join(f"'{state}'" for state in sorted(AT_DESTINATION))
    found = rows(
        "SELECT l.id FROM roster_location l JOIN passes_hallpass p"
        " ON p.destination_id = l.id AND p.is_open AND p.over_at > %s"
        " WHERE l.school_id = %s AND l.capacity IS NOT NULL"
        f" AND p.state IN ({taken})"
        " GROUP BY l.id, l.capacity HAVING count(*) >= l.capacity",
        (moment(at), school_id),
    )
    return {location_id for (location_id,) in found}


def limits_of(student_id: int, settings: SchoolSettings) -> Limits:
    """The limits that bind this student now."""
    row = one(
        "SELECT grade, period_limit, daily_limit, weekly_limit, term_limit, unlimited"
        " FROM accounts_passaccount WHERE id = %s",
        (student_id,),
    )
    if row is None:
        return settings.limits
    grade, period, day, week, term, unlimited = row
    own = Limits(period=period, day=day, week=week, term=term)
    return limits_for(settings, grade, own, unlimited=bool(unlimited))


def used_by(student_id: int, settings: SchoolSettings, at: datetime) -> Used:
    """How many of a student's passes count to the limits of now, today, this week, this term."""
    period = ringing(settings.bells, settings.zone, at)
    (today, tomorrow), (monday, _) = day_of(at, settings), week_of(at, settings)
    term = first_of_term(at, settings)
    counted = ", ".join(f"'{state}'" for state in sorted(COUNTED))
    row = one(
        "SELECT count(*) FILTER (WHERE requested_at >= %s),"
        " count(*) FILTER (WHERE requested_at >= %s), count(*) FILTER (WHERE requested_at >= %s),"
        " count(*) FILTER (WHERE requested_at >= %s)"
        " FROM passes_hallpass WHERE student_id = %s AND requested_at >= %s"
        f" AND kind = 'student' AND state IN ({counted})",
        (
            *map(moment, (today, monday, term, period.begins if period else tomorrow)),
            student_id,
            moment(min(today, monday, term)),
        ),
    )
    assert row is not None
    in_day, in_week, in_term, in_period = row
    return Used(in_day, in_week, in_term, in_period if period else None)


def binding(limits: Limits, used: Used) -> tuple[str, int, int] | None:
    """The limit that binds first: its span ("period" … "term"), what is left, of how many."""
    left = [
        (max(limit - count, 0), span, limit)
        for span, limit, count in (
            ("period", limits.period, used.period),
            ("day", limits.day, used.day),
            ("week", limits.week, used.week),
            ("term", limits.term, used.term),
        )
        if limit is not None and count is not None
    ]
    if not left:
        return None
    # Of two that leave as much, the longer one: it binds tomorrow too.
    fewest = min(found[0] for found in left)
    least, span, limit = [found for found in left if found[0] == fewest][-1]
    return span, least, limit


def out_now(school_id: int) -> int:
    """How many students are out of their rooms."""
    out = ", ".join(f"'{state}'" for state in sorted(states.OUT))
    row = one(
        "SELECT count(*) FROM passes_hallpass WHERE school_id = %s AND is_open"
        f" AND state IN ({out})",
        (school_id,),
    )
    return int(row[0]) if row else 0


def used_today(past: Iterable[PassCard], settings: SchoolSettings, at: datetime) -> int:
    """How many of a student's passes count to today's limit."""
    today, _ = day_of(at, settings)
    return sum(card.requested_at >= today and counts_to_limit(card) for card in past)


def tiles(school_id: int, settings: SchoolSettings, at: datetime) -> Tiles:
    """The numbers above the board of a school."""
    out = ", ".join(f"'{state}'" for state in sorted(states.OUT))
    inside = ", ".join(f"'{state}'" for state in sorted(states.IN_BUILDING))
    holds = f"over_at > %s AND state IN ({inside})"
    counted = one(
        f"SELECT count(*) FILTER (WHERE kind = 'student' AND {holds}),"
        f" count(*) FILTER (WHERE kind = 'teacher' AND {holds}),"
        f" count(*) FILTER (WHERE state IN ({out})),"
        " count(*) FILTER (WHERE state = 'waiting'),"
        f" count(*) FILTER (WHERE was_long AND state IN ({out})) FROM passes_hallpass"
        " WHERE school_id = %s AND is_open",
        (moment(at), moment(at), school_id),
    )
    students, teachers, out_now, waiting, long_running = counted or (0, 0, 0, 0, 0)
    holding = {"student": students, "teacher": teachers}
    today, _ = day_of(at, settings)
    row = one(
        "SELECT count(*) FROM passes_hallpass WHERE school_id = %s AND ended_at >= %s"
        " AND started_at IS NOT NULL",
        (school_id, moment(today)),
    )
    return Tiles(
        out_now=out_now,
        in_building=sum(holding[kind] for kind in settings.building_counts),
        waiting=waiting,
        long_running=long_running,
        today=out_now + (row[0] if row else 0),
        building_limit=settings.building_limit,
    )


def in_places(school_id: int, at: datetime) -> InPlaces:
    """What is used of each place of a school now: what the rules would count."""
    out = ", ".join(f"'{state}'" for state in sorted(states.OUT))
    inside = ", ".join(f"'{state}'" for state in sorted(states.IN_BUILDING))
    there = ", ".join(f"'{state}'" for state in sorted(AT_DESTINATION))
    ways = rows(
        f"SELECT origin_id, destination_id, count(*) FILTER (WHERE state IN ({out})),"
        f" count(*) FILTER (WHERE over_at > %s AND state IN ({inside})),"
        f" count(*) FILTER (WHERE over_at > %s AND state IN ({there})),"
        f" count(*) FILTER (WHERE was_auto AND over_at > %s AND state IN ({out}))"
        " FROM passes_hallpass WHERE school_id = %s AND is_open"
        " GROUP BY origin_id, destination_id",
        (moment(at), moment(at), moment(at), school_id),
    )
    places = rows(
        "SELECT id, name, capacity, room_limit, auto_limit, auto_passes, may_be_auto"
        " FROM roster_location WHERE school_id = %s AND archived_at IS NULL"
        " AND (may_be_auto OR capacity IS NOT NULL OR room_limit IS NOT NULL"
        " OR auto_passes <> '{}') ORDER BY name",
        (school_id,),
    )
    auto_places = {found for found, *_, may_be_auto in places if may_be_auto}
    return InPlaces(
        tuple(Way(*row) for row in ways),
        tuple(
            Limited(
                found, name, capacity, room_limit, auto_limit,
                is_auto=any(to in auto_places and to != found for to in auto.read(modes)),
            )
            for found, name, capacity, room_limit, auto_limit, modes, _ in places
        ),
    )  # fmt: skip


def named_since(school_id: int, number: int) -> tuple[frozenset[int], frozenset[int]]:
    """The students and the locations of the passes that began after this event.

    With them whoever is under contact control: nobody must lose it unseen.
    """
    found = [
        row
        for table in ("passes_hallpass", "passes_comingpass")
        for row in rows(
            f"SELECT DISTINCT student_id, origin_id, destination_id FROM {table}"
            " WHERE school_id = %s AND id > %s",
            (school_id, number),
        )
    ]
    places = {place for row in found for place in row[1:]}
    apart = rows(
        "SELECT m.student_id FROM passes_contactmember m"
        " JOIN passes_contactgroup g ON g.id = m.group_id WHERE g.school_id = %s",
        (school_id,),
    )
    return frozenset(row[0] for row in (*found, *apart)), frozenset(places)
