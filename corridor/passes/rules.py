"""The rules before a pass may exist: pure functions of one `Standing`, asked in one order.

`docs/rules.md` is compared with this file by a test: the docstrings are the documentation.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from corridor.passes import moves
from corridor.passes.cards import PassCard
from corridor.passes.refusals import Refusal
from corridor.passes.standing import Circumstances, Departure, Standing
from corridor.roster.auto import START

Rule = Callable[[Standing], Refusal | None]
StartRule = Callable[[Departure], Refusal | None]

MAX_TEXT: Final = 200
# What a student is told who is refused for the building's sake, or to be kept apart.
SOON: Final = timedelta(minutes=5)


def school_not_frozen(standing: Circumstances) -> Refusal | None:
    """No passes while the school is frozen (an emergency)."""
    if standing.frozen is None:
        return None
    return Refusal("frozen", {"text": standing.frozen.text})


def places_differ(standing: Standing) -> Refusal | None:
    """A pass leads from one place to another one."""
    if standing.origin.id != standing.destination.id:
        return None
    return Refusal("same_place", {"place": standing.origin.name})


def somebody_answers(standing: Standing) -> Refusal | None:
    """A student asks where an adult works who can answer."""
    if standing.origin_has_adult:
        return None
    return Refusal("nobody_there", {"place": standing.origin.name})


def reason_given(standing: Standing) -> Refusal | None:
    """Where the destination asks for a reason, one is given."""
    if standing.reason_mode != "mandatory" or standing.reason:
        return None
    return Refusal("reason_missing", {"place": standing.destination.name})


def reason_fits(standing: Standing) -> Refusal | None:
    """A reason has at most 200 characters."""
    if len(standing.reason) <= MAX_TEXT:
        return None
    return Refusal("reason_too_long", {"length": len(standing.reason), "limit": MAX_TEXT})


def not_already_out(standing: Standing) -> Refusal | None:
    """A student has one open pass at most.

    The fact `state` is told where the student can take the pass back, which is not so of one that
    is under way or was arranged.
    """
    card = standing.open_pass
    if card is None:
        return None
    facts: dict[str, str | int] = {
        "student": standing.student.name,
        "place": card.destination.name,
    }
    if moves.may(moves.BY_NAME["withdraw"], card, frozenset({moves.STUDENT})):
        facts["state"] = card.state
    return Refusal("already_out", facts, card.over_at)


def outside_blocked_times(standing: Circumstances) -> Refusal | None:
    """No passes in a blocked time window."""
    if standing.blocked_until is None:
        return None
    return Refusal("blocked", {"window": standing.blocked_by}, standing.blocked_until)


def destination_takes_passes(standing: Circumstances) -> Refusal | None:
    """The destination takes passes at all."""
    if standing.takes_passes:
        return None
    return Refusal("takes_no_passes", {"place": standing.destination.name})


def destination_is_in(standing: Circumstances) -> Refusal | None:
    """The destination is not out of office."""
    if standing.absent_until is None:
        return None
    facts: dict[str, str | int] = {
        "place": standing.destination.name,
        "text": standing.absence_text,
    }
    return Refusal("out_of_office", facts, standing.absent_until)


def open_to_the_student(standing: Circumstances) -> Refusal | None:
    """The location is open to this student: to everyone, to its list, or to all but its list."""
    if standing.open_to_student:
        return None
    return Refusal("not_open_to_you", _names(standing), standing.open_again_at)


def within_period_limit(standing: Standing) -> Refusal | None:
    """A student makes at most so many passes in a period of the bell schedule."""
    used, limit = standing.used.period, standing.limits.period
    if used is None:
        return None
    return _over("period_limit", standing, used, limit, standing.period_ends)


def within_daily_limit(standing: Standing) -> Refusal | None:
    """A student makes at most so many passes a day: their own limit, the grade's, the school's."""
    return _over("daily_limit", standing, standing.used.day, standing.limits.day, standing.tomorrow)


def within_weekly_limit(standing: Standing) -> Refusal | None:
    """As the daily limit, from Monday to Sunday."""
    return _over(
        "weekly_limit", standing, standing.used.week, standing.limits.week, standing.next_week
    )


def within_term_limit(standing: Standing) -> Refusal | None:
    """As the daily limit, since the term began."""
    return _over("term_limit", standing, standing.used.term, standing.limits.term, None)


def after_cooldown(standing: Standing) -> Refusal | None:
    """Between two passes of a student lies the school's cooldown."""
    free = standing.free_after_cooldown
    if free is None or free <= standing.at:
        return None
    return Refusal("cooldown", _names(standing), free)


def not_kept_apart(standing: Standing) -> Refusal | None:
    """Students who are kept apart are never out at the same time.

    Asked right before `building_has_room`, with its words and its time: nobody who is refused can
    tell that somebody is kept apart from them, or from whom.
    """
    if not standing.kept_apart:
        return None
    return Refusal("kept_apart", _names(standing), standing.at + SOON)


def building_has_room(standing: Standing) -> Refusal | None:
    """At most as many passes are open in the building as the school allows."""
    if standing.building_limit is None or standing.in_building < standing.building_limit:
        return None
    facts: dict[str, str | int] = {
        "student": standing.student.name,
        "taken": standing.in_building,
        "limit": standing.building_limit,
    }
    return Refusal("building_full", facts, standing.at + SOON)


def origin_has_room(standing: Standing) -> Refusal | None:
    """At most as many students are out of a room as it allows."""
    if standing.room_limit is None or standing.out_of_room < standing.room_limit:
        return None
    facts: dict[str, str | int] = {
        "place": standing.origin.name,
        "taken": standing.out_of_room,
        "limit": standing.room_limit,
    }
    return Refusal("room_limit", facts, _freed(standing.room_free_by, facts))


def destination_has_room(standing: Standing) -> Refusal | None:
    """At most as many passes are waiting for, on the way to or at a location as it holds."""
    if standing.capacity is None or standing.at_destination < standing.capacity:
        return None
    facts: dict[str, str | int] = {
        "place": standing.destination.name,
        "taken": standing.at_destination,
        "limit": standing.capacity,
    }
    return Refusal("destination_full", facts, _freed(standing.destination_free_by, facts))


def destination_is_there(standing: Departure) -> Refusal | None:
    """The destination has not been taken out of use since the student asked."""
    if not standing.is_archived:
        return None
    return Refusal("place_closed", _names(standing))


def auto_pass_is_on(standing: Departure) -> Refusal | None:
    """The adult allows it from their own room, an admin for the destination."""
    if START in standing.auto:
        return None
    return Refusal("auto_off", _of_room(standing))


def auto_pass_has_room(standing: Departure) -> Refusal | None:
    """At most as many students are out of the room by Auto Pass as its adult allows."""
    if standing.auto_limit is None or standing.out_on_auto < standing.auto_limit:
        return None
    facts = _of_room(standing)
    facts |= {"taken": standing.out_on_auto, "limit": standing.auto_limit}
    return Refusal("auto_full", facts, _freed(standing.auto_free_by, facts))


# An emergency, and what makes no sense or cannot be (the database holds it too): nobody can
# override these.
FIRM: Final[tuple[Rule, ...]] = (school_not_frozen, places_differ, reason_fits, not_already_out)

# What only admins override where the school says so. Both or none: they are told in the same words,
# and who could override one of them would know which it is.
RESERVED: Final[tuple[Rule, ...]] = (not_kept_apart, building_has_room)

# What is asked of a student only: an adult need not say why, nor wait for an answer.
STUDENTS_ONLY: Final[tuple[Rule, ...]] = (somebody_answers, reason_given)

IN_ORDER: Final[tuple[Rule, ...]] = (
    school_not_frozen,
    places_differ,
    somebody_answers,
    reason_given,
    reason_fits,
    not_already_out,
    outside_blocked_times,
    destination_takes_passes,
    destination_is_in,
    open_to_the_student,
    within_period_limit,
    within_daily_limit,
    within_weekly_limit,
    within_term_limit,
    after_cooldown,
    not_kept_apart,
    building_has_room,
    origin_has_room,
    destination_has_room,
)


# What is asked when a student starts a waiting pass by Auto Pass. The request was judged by the
# rules above; asked again is what nobody but the adult who would approve could otherwise notice.
START_IN_ORDER: Final[tuple[StartRule, ...]] = (
    school_not_frozen,
    destination_is_there,
    outside_blocked_times,
    destination_takes_passes,
    destination_is_in,
    open_to_the_student,
    auto_pass_is_on,
    auto_pass_has_room,
)


# What is asked again when a place comes free for somebody in line. The student stood there with
# the request; the place is the one that has come free.
CALLED_IN_ORDER: Final[tuple[Rule, ...]] = tuple(
    rule
    for rule in IN_ORDER
    if rule
    not in (
        places_differ,
        somebody_answers,
        reason_given,
        reason_fits,
        not_already_out,
        destination_has_room,
    )
)


def refusal_to_call(standing: Standing) -> Refusal | None:
    """Why somebody in line is passed over now and keeps the place."""
    return next((no for rule in CALLED_IN_ORDER if (no := rule(standing)) is not None), None)


def line_has_room(standing: Standing, longest: int) -> Refusal | None:
    """A line is at most as long as the school allows."""
    if standing.in_line < longest:
        return None
    return Refusal("line_full", _names(standing) | {"count": standing.in_line})


def refusal_to_start(departure: Departure) -> Refusal | None:
    """Why the student cannot start the pass now: the first rule in order that says no."""
    return next((no for rule in START_IN_ORDER if (no := rule(departure)) is not None), None)


def refusal_to_stop(card: PassCard) -> Refusal:
    """Why the student cannot stop the pass now: Auto Pass was switched off meanwhile."""
    adult = card.origin.adult_name or card.origin.name
    facts = {"room": card.origin.name, "place": card.destination.name, "adult": adult}
    return Refusal("stop_off", {**facts})


def first_refusal(standing: Standing) -> Refusal | None:
    """What a student is told: the first rule in order that says no."""
    return next((no for rule in IN_ORDER if (no := rule(standing)) is not None), None)


def firm_refusal(standing: Standing) -> Refusal | None:
    """What this adult cannot override."""
    firm = FIRM
    reserved = standing.building_override == "admin" and standing.building_limit is not None
    if reserved and not standing.by_admin:
        firm = (*FIRM, *RESERVED)
    return next((no for rule in firm if (no := rule(standing)) is not None), None)


def broken(standing: Standing) -> tuple[Refusal, ...]:
    """What an adult is warned of: the rules that this pass would break."""
    return tuple(
        no
        for rule in IN_ORDER
        if rule not in (*FIRM, *STUDENTS_ONLY) and (no := rule(standing)) is not None
    )


def _names(standing: Circumstances) -> dict[str, str | int]:
    return {"student": standing.student.name, "place": standing.destination.name}


def _of_room(standing: Circumstances) -> dict[str, str | int]:
    origin = standing.origin
    return _names(standing) | {"room": origin.name, "adult": origin.adult_name or origin.name}


def _freed(free_by: datetime | None, facts: dict[str, str | int]) -> datetime | None:
    """When there is a place again: with the first that is free, unless more are there than fit."""
    return free_by if facts["taken"] == facts["limit"] else None


def _over(
    code: str, standing: Standing, used: int, limit: int | None, again_at: datetime | None
) -> Refusal | None:
    if limit is None or used < limit:
        return None
    facts: dict[str, str | int] = {
        "student": standing.student.name,
        "used": used,
        "limit": limit,
    }
    return Refusal(code, facts, again_at)
