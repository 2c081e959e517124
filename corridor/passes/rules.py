"""The rules before a pass may exist: pure functions of one `Standing`, asked in one order.

`docs/rules.md` is compared with this file by a test: the docstrings are the documentation.
"""

from collections.abc import Callable
from typing import Final

from corridor.passes.refusals import Refusal
from corridor.passes.standing import Standing

Rule = Callable[[Standing], Refusal | None]

MAX_TEXT: Final = 200


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
    """A student has one open pass at most."""
    if standing.open_pass is None:
        return None
    facts: dict[str, str | int] = {
        "student": standing.student.name,
        "place": standing.open_pass.destination.name,
    }
    return Refusal("already_out", facts, standing.open_pass.over_at)


def within_daily_limit(standing: Standing) -> Refusal | None:
    """A student makes at most as many passes a day as their own limit says, or the school's."""
    if standing.daily_limit is None or standing.used_today < standing.daily_limit:
        return None
    facts: dict[str, str | int] = {
        "student": standing.student.name,
        "used": standing.used_today,
        "limit": standing.daily_limit,
    }
    return Refusal("daily_limit", facts, standing.tomorrow)


def building_has_room(standing: Standing) -> Refusal | None:
    """At most as many passes are open in the building as the school allows."""
    if standing.building_limit is None or standing.in_building < standing.building_limit:
        return None
    facts: dict[str, str | int] = {"taken": standing.in_building, "limit": standing.building_limit}
    return Refusal("building_full", facts, standing.building_free_by)


def destination_has_room(standing: Standing) -> Refusal | None:
    """At most as many passes are waiting for, on the way to or at a location as it holds."""
    if standing.capacity is None or standing.at_destination < standing.capacity:
        return None
    facts: dict[str, str | int] = {
        "place": standing.destination.name,
        "taken": standing.at_destination,
        "limit": standing.capacity,
    }
    return Refusal("destination_full", facts, standing.destination_free_by)


# What makes no sense or cannot be (the database holds it too): nobody can override these.
FIRM: Final[tuple[Rule, ...]] = (places_differ, reason_fits, not_already_out)

# What is asked of a student only: an adult need not say why, nor wait for an answer.
STUDENTS_ONLY: Final[tuple[Rule, ...]] = (somebody_answers, reason_given)

IN_ORDER: Final[tuple[Rule, ...]] = (
    places_differ,
    somebody_answers,
    reason_given,
    reason_fits,
    not_already_out,
    within_daily_limit,
    building_has_room,
    destination_has_room,
)


def first_refusal(standing: Standing) -> Refusal | None:
    """What a student is told: the first rule in order that says no."""
    return next((no for rule in IN_ORDER if (no := rule(standing)) is not None), None)


def firm_refusal(standing: Standing) -> Refusal | None:
    """What even an adult cannot override."""
    return next((no for rule in FIRM if (no := rule(standing)) is not None), None)


def broken(standing: Standing) -> tuple[Refusal, ...]:
    """What an adult is warned of: the rules of the student that this pass would break."""
    return tuple(
        no
        for rule in IN_ORDER
        if rule not in (*FIRM, *STUDENTS_ONLY) and (no := rule(standing)) is not None
    )
