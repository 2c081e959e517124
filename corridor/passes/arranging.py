"""Know and judge before an appointment exists: who, from where, to where, when, and why not.

Limits, blocked times, the building, out of office and capacities do not bind appointments: they are
arranged, and an adult approves each at departure. The rules are pure functions of an `Arranged`;
`docs/rules.md` lists them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final

import msgspec

from corridor.live.sql import day as day_in_sql
from corridor.live.sql import moment, one, rows
from corridor.passes import shelf
from corridor.passes.cards import PassCard, Person, Place
from corridor.passes.dates import (
    LONGEST,
    REPEATS,
    SURFACES_BEFORE,
    begins,
    days_of,
    has_school,
)
from corridor.passes.refusals import NotFound, Refusal
from corridor.passes.rules import MAX_TEXT
from corridor.passes.standing import thresholds
from corridor.roster.models import is_open_to
from corridor.roster.settings import SchoolSettings

# One press makes at most so many appointments: the school waits for nobody's turn too long.
MOST_AT_ONCE: Final = 2000
# A student waits for the answer to at most so many requests.
MOST_ASKED: Final = 5
TAKEN_BACK_BEFORE: Final = timedelta(minutes=30)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted: from, to, a day, a time or a period, why, and how it repeats."""

    origin_id: int
    destination_id: int
    day: date
    wall: time | None = None
    period: str = ""
    reason: str = ""
    repeat: str = "none"
    until: date | None = None


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """The two places of an appointment, and what going there means."""

    origin: Place
    destination: Place
    trip_type: str
    reason_mode: str
    minutes_to_long: int
    minutes_to_end: int
    origin_has_adult: bool
    has_adult: bool
    may_be_asked: bool
    adult_may_be_asked: bool
    access: str


class Arranged(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules of an appointment may ask.

    `times` are the day, the wall clock and the moment of each occurrence; days that lack the period
    are left out. The last five are about a student's request; `near` is another one of theirs, made
    or asked for, that is too near to it by time.
    """

    wish: Wish
    way: Way
    students: tuple[Person, ...]
    times: tuple[tuple[date, time, datetime], ...]
    at: datetime
    school_lets_ask: bool = True
    open_to_student: bool = True
    has_school: bool = True
    asked_already: int = 0
    near: PassCard | None = None


class Clash(msgspec.Struct, frozen=True):
    """An appointment at `begins_at` would be too near to `other`, which the student has."""

    student: Person
    begins_at: datetime
    other: PassCard


class TooNear(Exception):
    """What would be moved is too near to other appointments: somebody should look at it first."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__(f"{len(clashes)} too near")
        self.clashes = clashes


def mark_of(clashes: Sequence[Clash]) -> str:
    """What somebody has seen who looked at these: other clashes have another mark."""
    seen = [
        (c.student.id, c.begins_at.isoformat(), c.other.id, _begins_at(c.other)) for c in clashes
    ]
    return _mark(seen)


def _begins_at(card: PassCard) -> str:
    return card.appointment.begins_at.isoformat() if card.appointment is not None else ""


def mark_of_plan(found: Arranged, clashes: Sequence[Clash]) -> str:
    """What somebody has seen who looked at what would be made: another plan has another mark.

    The reason is nothing that one would look at again for.
    """
    moments = [begins_at.isoformat() for _day, _wall, begins_at in found.times]
    way = (found.way.origin.id, found.way.destination.id)
    return _mark([way, moments, [one.id for one in found.students], mark_of(clashes)])


def _mark(seen: object) -> str:
    return sha256(repr(seen).encode()).hexdigest()[:16]


Rule = Callable[[Arranged], Refusal | None]


def places_differ(arranged: Arranged) -> Refusal | None:
    """An appointment leads from one place to another one."""
    way = arranged.way
    if way.origin.id != way.destination.id:
        return None
    return Refusal("same_place", {"place": way.origin.name})


def somebody_lets_go(arranged: Arranged) -> Refusal | None:
    """An adult works at the origin who can let the student go."""
    if arranged.way.origin_has_adult:
        return None
    return Refusal("nobody_lets_go", {"place": arranged.way.origin.name})


def reason_fits(arranged: Arranged) -> Refusal | None:
    """A reason has at most 200 characters."""
    length = len(arranged.wish.reason)
    if length <= MAX_TEXT:
        return None
    return Refusal("reason_too_long", {"length": length, "limit": MAX_TEXT})


def somebody_goes(arranged: Arranged) -> Refusal | None:
    """An appointment is for at least one student."""
    return None if arranged.students else Refusal("nobody_chosen")


def has_a_time(arranged: Arranged) -> Refusal | None:
    """There is a time, or a period that the bell schedule of that day has."""
    wish = arranged.wish
    if arranged.times and arranged.times[0][0] == wish.day:
        return None
    if not wish.period:
        return Refusal("time_missing")
    return Refusal("no_such_period", {"period": wish.period, "day": wish.day.isoformat()})


def repeats_until_a_day(arranged: Arranged) -> Refusal | None:
    """What repeats names a last day, which is not before the first."""
    wish = arranged.wish
    if wish.repeat == "none" or (wish.until is not None and wish.until >= wish.day):
        return None
    return Refusal("until_missing")


def is_ahead(arranged: Arranged) -> Refusal | None:
    """An appointment lies ahead."""
    return None if arranged.times[0][2] > arranged.at else Refusal("not_ahead")


def is_within_a_year(arranged: Arranged) -> Refusal | None:
    """An appointment lies within a year."""
    last = max(arranged.times[-1][0], arranged.wish.until or arranged.wish.day)
    return None if last - arranged.at.date() <= LONGEST else Refusal("too_far_ahead")


def is_not_too_much(arranged: Arranged) -> Refusal | None:
    """At most 2000 appointments are made at once."""
    count = len(arranged.students) * len(arranged.times)
    if count <= MOST_AT_ONCE:
        return None
    return Refusal("too_many_appointments", {"count": count, "limit": MOST_AT_ONCE})


def school_lets_students_ask(arranged: Arranged) -> Refusal | None:
    """The school lets students ask for appointments."""
    return None if arranged.school_lets_ask else Refusal("no_requests_here")


def location_may_be_asked(arranged: Arranged) -> Refusal | None:
    """The location takes students' requests for appointments: the admin's switch."""
    return None if arranged.way.may_be_asked else _takes_no_requests(arranged)


def adult_may_be_asked(arranged: Arranged) -> Refusal | None:
    """The adult takes students' requests for appointments: the switch of whose room it is."""
    return None if arranged.way.adult_may_be_asked else _takes_no_requests(arranged)


def somebody_confirms(arranged: Arranged) -> Refusal | None:
    """An adult works at the destination who can confirm."""
    return None if arranged.way.has_adult else _takes_no_requests(arranged)


def open_to_the_student(arranged: Arranged) -> Refusal | None:
    """The location is open to this student on that day."""
    if arranged.open_to_student:
        return None
    facts = {"student": arranged.students[0].name, "place": arranged.way.destination.name}
    return Refusal("not_open_to_you", {**facts})


def reason_given(arranged: Arranged) -> Refusal | None:
    """Where the destination asks for a reason, a student gives one."""
    if arranged.way.reason_mode != "mandatory" or arranged.wish.reason:
        return None
    return Refusal("reason_missing", {"place": arranged.way.destination.name})


def has_not_asked_too_often(arranged: Arranged) -> Refusal | None:
    """At most 5 requests of a student await confirmation."""
    if arranged.asked_already < MOST_ASKED:
        return None
    return Refusal("asked_too_often", {"count": arranged.asked_already})


def is_a_school_day(arranged: Arranged) -> Refusal | None:
    """A student asks for a day with school, where the bell calendar knows."""
    if arranged.has_school:
        return None
    return Refusal("day_without_school", {"day": arranged.wish.day.isoformat()})


def is_not_too_near(arranged: Arranged) -> Refusal | None:
    """A student asks for none too near to another one that they have or have asked for."""
    near = arranged.near
    if near is None or near.appointment is None:
        return None
    facts = {"student": near.student.name, "place": near.destination.name}
    return Refusal("too_near", {**facts, "wall": near.appointment.wall.isoformat()})


def can_be_confirmed(arranged: Arranged) -> Refusal | None:
    """Somebody has time to confirm a request: it expires 5 minutes before it begins."""
    begins_at = arranged.times[0][2] if arranged.times else None
    if begins_at is None or not arranged.at < begins_at <= arranged.at + SURFACES_BEFORE:
        return None  # what has no time, or lies behind, has rules of its own
    return Refusal("too_soon_to_confirm")


# What is asked of every appointment; nobody can override it.
IN_ORDER: Final[tuple[Rule, ...]] = (
    places_differ,
    somebody_lets_go,
    somebody_goes,
    reason_fits,
    repeats_until_a_day,
    has_a_time,
    is_ahead,
    is_within_a_year,
    is_not_too_much,
)
_OF_TIME: Final = frozenset({has_a_time, is_ahead, is_within_a_year, can_be_confirmed})
# What is asked of a student's request before.
ASKED_IN_ORDER: Final[tuple[Rule, ...]] = (
    school_lets_students_ask,
    location_may_be_asked,
    adult_may_be_asked,
    somebody_confirms,
    open_to_the_student,
    is_a_school_day,
    reason_given,
    has_not_asked_too_often,
    is_not_too_near,
    can_be_confirmed,
)


def refusal_to_make(
    arranged: Arranged, *, keeps_time: bool = False, awaits: bool = False
) -> Refusal | None:
    """Why an adult cannot make these appointments, or change one.

    With `keeps_time` nothing is asked of its day and its time: they are as they were. With `awaits`
    it is a student's request that nobody has confirmed.
    """
    asked = (*IN_ORDER, can_be_confirmed) if awaits else IN_ORDER
    rules = [rule for rule in asked if not (keeps_time and rule in _OF_TIME)]
    return next((no for rule in rules if (no := rule(arranged)) is not None), None)


def refusal_to_ask(arranged: Arranged) -> Refusal | None:
    """Why a student cannot ask for this appointment."""
    rules = (*ASKED_IN_ORDER, *IN_ORDER)
    return next((no for rule in rules if (no := rule(arranged)) is not None), None)


# Know


def arranged(
    school_id: int,
    settings: SchoolSettings,
    wish: Wish,
    students: Sequence[Person],
    *,
    at: datetime,
    times: tuple[tuple[date, time, datetime], ...] | None = None,
) -> Arranged:
    """What is true of a wish, at `times` if it has them already.

    Raises `NotFound` for a place that this school does not have.
    """
    if wish.repeat not in REPEATS:
        raise NotFound("repeat")
    return Arranged(
        wish=wish,
        way=way_between(school_id, settings, wish.origin_id, wish.destination_id),
        students=tuple(students),
        times=_times(settings, wish) if times is None else times,
        at=at,
    )


def asked(
    school_id: int, settings: SchoolSettings, wish: Wish, student_id: int, *, at: datetime
) -> Arranged:
    """As `arranged`, for a student's own request."""
    found = arranged(school_id, settings, wish, persons(school_id, [student_id]), at=at)
    listed = one(
        "SELECT 1 FROM accounts_locationlisting WHERE location_id = %s AND account_id = %s"
        " AND (first_day IS NULL OR first_day <= %s) AND (last_day IS NULL OR last_day >= %s)",
        (wish.destination_id, student_id, day_in_sql(wish.day), day_in_sql(wish.day)),
    )
    waiting = one(
        "SELECT count(*) FROM passes_comingpass WHERE student_id = %s"
        " AND state = 'awaiting_confirmation'",
        (student_id,),
    )
    near = clashes(msgspec.structs.replace(found, times=found.times[:1]), settings)
    return msgspec.structs.replace(
        found,
        school_lets_ask=settings.student_appointments,
        open_to_student=is_open_to(found.way.access, listed=listed is not None),
        has_school=has_school(wish.day, wish.repeat, settings.bells),
        asked_already=int(waiting[0]) if waiting else 0,
        near=near[0].other if near else None,
    )


def clashes(found: Arranged, settings: SchoolSettings) -> list[Clash]:
    """Where what would be made is too near to an appointment that the student has, by time.

    Too near is less than an appointment waits for an answer: both would wait at the same moment,
    but a student has one open pass.
    """
    moments = [begins_at for _day, _wall, begins_at in found.times]
    return _too_near(dict.fromkeys(found.students, moments), settings, but=())


def clashes_moved(moved: Sequence[PassCard], settings: SchoolSettings) -> list[Clash]:
    """As `clashes`, of appointments that would be moved to where these cards say."""
    wanted = dict[Person, list[datetime]]()
    for card in moved:
        if card.appointment is not None:
            wanted.setdefault(card.student, []).append(card.appointment.begins_at)
    return _too_near(wanted, settings, but={card.id for card in moved})


def _too_near(
    wanted: Mapping[Person, Sequence[datetime]], settings: SchoolSettings, *, but: Collection[int]
) -> list[Clash]:
    near = timedelta(minutes=settings.appointment_waits)
    moments = [when for some in wanted.values() for when in some]
    if not moments:
        return []
    first, last = moment(min(moments) - near), moment(max(moments) + near)
    by_id = {student.id: student for student in wanted}
    ids, there = sorted(by_id), list[PassCard]()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        marks = ", ".join(["%s"] * len(some))
        there += shelf.coming(
            f"student_id IN ({marks}) AND begins_at > %s AND begins_at < %s", (*some, first, last)
        )
    return sorted(
        (
            Clash(by_id[card.student.id], begins_at, card)
            for card in there
            if card.appointment is not None and card.id not in but
            for begins_at in wanted[by_id[card.student.id]]
            if abs(card.appointment.begins_at - begins_at) < near
        ),
        key=lambda clash: (clash.begins_at, clash.student.sort_name.casefold()),
    )


def persons(school_id: int, student_ids: Collection[int]) -> list[Person]:
    """These students as cards name them, by name. Raises `NotFound` if one is not there."""
    found = persons_there(school_id, student_ids)
    if len(found) != len(set(student_ids)):
        raise NotFound("student")
    return found


def persons_there(school_id: int, student_ids: Collection[int]) -> list[Person]:
    """As `persons`, without those who are not there."""
    wanted, found = sorted(set(student_ids)), list[Person]()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        marks = ", ".join(["%s"] * len(some))
        found += [
            person_of(*row)
            for row in rows(
                "SELECT s.id, s.display_name, s.family_name, s.given_name, s.grade, i.mark"
                " FROM accounts_passaccount s LEFT JOIN accounts_photo i ON i.account_id = s.id"
                f" WHERE s.school_id = %s AND s.id IN ({marks}) AND s.role = 'student'"
                " AND s.closed_at IS NULL",
                (school_id, *some),
            )
        ]
    return sorted(found, key=lambda one: (one.sort_name.casefold(), one.id))


def person_of(
    account_id: int, name: str, family: str, given: str, grade: str, photo: str | None
) -> Person:
    """A student as the card names them."""
    return Person(account_id, name, f"{family} {given}".strip(), grade, photo or "")


def way_between(
    school_id: int, settings: SchoolSettings, origin_id: int, destination_id: int
) -> Way:
    """The places and what going there means. Raises `NotFound`."""
    origin, destination = _place(school_id, origin_id), _place(school_id, destination_id)
    if origin is None:
        raise NotFound("origin")
    if destination is None:
        raise NotFound("destination")
    (
        name, adult_name, trip_type, reason_mode, extended, access, may_be_asked, adult_asked,
        has_adult,
    ) = destination  # fmt: skip
    to_long, to_end = thresholds(settings, extended)
    return Way(
        origin=Place(origin_id, origin[0], origin[1]),
        destination=Place(destination_id, name, adult_name),
        trip_type=trip_type,
        reason_mode=reason_mode,
        minutes_to_long=to_long,
        minutes_to_end=to_end,
        origin_has_adult=bool(origin[-1]),
        has_adult=bool(has_adult),
        may_be_asked=bool(may_be_asked),
        adult_may_be_asked=bool(adult_asked),
        access=access,
    )


def _place(school_id: int, location_id: int) -> tuple[Any, ...] | None:
    return one(
        "SELECT l.name, l.adult_name, l.trip_type, l.reason_mode, l.extended_minutes, l.access,"
        " l.may_be_asked, l.adult_may_be_asked, EXISTS (SELECT 1 FROM accounts_locationlink k"
        " JOIN accounts_passaccount a ON a.id = k.account_id AND a.closed_at IS NULL"
        " WHERE k.location_id = l.id)"
        " FROM roster_location l WHERE l.id = %s AND l.school_id = %s AND l.archived_at IS NULL",
        (location_id, school_id),
    )


def _times(settings: SchoolSettings, wish: Wish) -> tuple[tuple[date, time, datetime], ...]:
    found = []
    for day in days_of(wish.day, wish.repeat, wish.until, settings.bells):
        when = begins(settings, day, wish.wall, wish.period)
        if when is not None:
            found.append((day, *when))
    return tuple(found)


def _takes_no_requests(arranged: Arranged) -> Refusal:
    return Refusal("takes_no_requests", {"place": arranged.way.destination.name})
