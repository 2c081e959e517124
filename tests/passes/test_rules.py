"""The rules before a pass may exist: what they allow, what they say, when it works again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.passes import rules
from corridor.passes.cards import PassCard, Person, Place
from corridor.passes.refusals import Refused
from corridor.passes.standing import Standing
from corridor.passes.words import SENTENCES, sentence
from tests.school import School

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
ROOM, NURSE = Place(1, "Room 204", "Ms. Rivera"), Place(2, "Nurse", "Nurse Ito")
ANA = Person(7, "Ana Lopez", "Lopez Ana", "9")

FREE = Standing(
    at=AT, student=ANA, origin=ROOM, origin_has_adult=True, destination=NURSE,
    trip_type="layover", reason_mode="optional", reason="", open_pass=None, used_today=0,
    daily_limit=None, tomorrow=MIDNIGHT, in_building=0, building_limit=None,
    building_free_by=None, at_destination=0, capacity=None, destination_free_by=None,
)  # fmt: skip
A_PASS = PassCard(
    id=1, version=1, school_id=1, kind="student", state="waiting", student=ANA, origin=ROOM,
    destination=NURSE, trip_type="layover", reason="", minutes_waiting=10, minutes_to_long=10,
    minutes_to_end=30, requested_at=AT, over_at=AT + timedelta(minutes=10),
)  # fmt: skip
SOON = AT + timedelta(minutes=4)


def but(**changed: object) -> Standing:
    return msgspec.structs.replace(FREE, **changed)


# rule: (code, what breaks it, what just does not)
EDGES: dict[rules.Rule, tuple[str, Standing, Standing]] = {
    rules.places_differ: ("same_place", but(destination=ROOM), FREE),
    rules.somebody_answers: ("nobody_there", but(origin_has_adult=False), FREE),
    rules.reason_given: (
        "reason_missing", but(reason_mode="mandatory"),
        but(reason_mode="mandatory", reason="Headache"),
    ),
    rules.reason_fits: ("reason_too_long", but(reason="x" * 201), but(reason="x" * 200)),
    rules.not_already_out: ("already_out", but(open_pass=A_PASS), FREE),
    rules.within_daily_limit: (
        "daily_limit", but(used_today=3, daily_limit=3), but(used_today=2, daily_limit=3),
    ),
    rules.building_has_room: (
        "building_full", but(in_building=5, building_limit=5, building_free_by=SOON),
        but(in_building=4, building_limit=5),
    ),
    rules.destination_has_room: (
        "destination_full", but(at_destination=1, capacity=1, destination_free_by=SOON),
        but(at_destination=0, capacity=1),
    ),
}  # fmt: skip


def test_every_rule_is_asked_and_tested() -> None:
    assert tuple(EDGES) == rules.IN_ORDER
    codes = {code for code, _, _ in EDGES.values()}
    assert codes | {"comment_missing", "comment_too_long", "time_outside_pass"} == set(SENTENCES)


@pytest.mark.parametrize("rule", rules.IN_ORDER)
def test_the_edge_of_each_rule(rule: rules.Rule) -> None:
    code, breaks, keeps = EDGES[rule]
    refusal = rule(breaks)
    assert refusal is not None
    assert (refusal.code, rule(keeps)) == (code, None)
    assert rules.first_refusal(keeps) is None


def test_the_first_rule_in_order_refuses() -> None:
    """Everything is wrong at once; each repair uncovers the next rule."""
    wrong: dict[str, object] = {
        "destination": ROOM, "origin_has_adult": False, "reason_mode": "mandatory",
        "open_pass": A_PASS, "daily_limit": 0, "building_limit": 0, "capacity": 0,
    }  # fmt: skip
    found = []
    for name in [*wrong, None]:
        refusal = rules.first_refusal(but(**wrong))
        found.append(refusal and refusal.code)
        wrong.pop(name or "", None)
    assert found == [
        "same_place", "nobody_there", "reason_missing", "already_out", "daily_limit",
        "building_full", "destination_full", None,
    ]  # fmt: skip


def test_a_limit_of_nought_allows_nothing() -> None:
    assert rules.first_refusal(but(daily_limit=0)) is not None
    assert rules.first_refusal(but(building_limit=0)) is not None
    assert rules.first_refusal(but(capacity=0)) is not None


def test_an_adult_is_warned_of_what_may_be_broken_and_of_nothing_else() -> None:
    for rule, (code, breaks, _) in EDGES.items():
        warned = [refusal.code for refusal in rules.broken(breaks)]
        firm = rules.firm_refusal(breaks)
        assert warned == ([] if rule in (*rules.FIRM, *rules.STUDENTS_ONLY) else [code])
        assert (firm is not None) == (rule in rules.FIRM)


LIMITS = ("daily_limit", "building_limit", "capacity")
_limit = st.none() | st.integers(0, 4)
_standings = st.builds(
    but,
    used_today=st.integers(0, 5), in_building=st.integers(0, 5), at_destination=st.integers(0, 5),
    daily_limit=_limit, building_limit=_limit, capacity=_limit,
    open_pass=st.sampled_from([None, None, A_PASS]), reason=st.sampled_from(["", "x"]),
    reason_mode=st.sampled_from(["optional", "mandatory"]), origin_has_adult=st.booleans(),
)  # fmt: skip


@given(standing=_standings, name=st.sampled_from(LIMITS), limit=st.integers(0, 4))
def test_a_new_or_a_lower_limit_never_allows_more(
    standing: Standing, name: str, limit: int
) -> None:
    known = getattr(standing, name)
    tighter = msgspec.structs.replace(
        standing, **{name: limit if known is None else min(known, limit)}
    )
    if rules.first_refusal(standing) is not None:
        assert rules.first_refusal(tighter) is not None
    assert {no.code for no in rules.broken(standing)} <= {no.code for no in rules.broken(tighter)}


# The words, and when it works again, by operations


class Told(NamedTuple):
    """What a refusal says to the student, to the adult, and after how many minutes it works."""

    student: str
    adult: str
    again: int | None


def ask_where_ana_is(school: School) -> None:
    school.ask(to=school.room_204)


def ask_from_the_yard(school: School) -> None:
    school.ask(origin=school.open_place("Yard"))


def ask_without_a_reason(school: School) -> None:
    school.ask(to=school.open_place("Counsellor", reason_mode="mandatory"))


def ask_with_a_novel(school: School) -> None:
    school.ask(reason="x" * 201)


def ask_while_waiting(school: School) -> None:
    school.ask()
    school.wait(minutes=1)
    school.ask(to=school.library)


def ask_while_out(school: School) -> None:
    school.out()
    school.wait(minutes=1)
    school.ask(to=school.library)


def ask_once_too_often(school: School) -> None:
    school.ask(school.ben)


def ask_when_the_building_is_full(school: School) -> None:
    school.decide(building_limit=2)
    school.out(school.cam)
    school.wait(minutes=25)
    school.limit(school.ben, None)
    school.out(school.ben)
    school.ask()


def ask_for_a_full_room(school: School) -> None:
    single = school.open_place("Restroom A", capacity=1)
    school.out(school.cam, single)
    school.ask(to=single)


TOLD: dict[Callable[[School], None], Told] = {
    ask_where_ana_is: Told(
        "You are already at Room 204. Choose another destination.",
        "Origin and destination are both Room 204. Choose another destination.", None,
    ),
    ask_from_the_yard: Told(
        "Nobody can answer at Yard. Choose where you are now.",
        "No adult works at Yard, so nobody could answer.", None,
    ),
    ask_without_a_reason: Told(
        "Counsellor asks for a reason. Write one and ask again.",
        "Counsellor asks for a reason.", None,
    ),
    ask_with_a_novel: Told(
        "The reason has 201 characters; at most 200 fit. Shorten it.",
        "The reason has 201 characters; at most 200 fit. Shorten it.", None,
    ),
    ask_while_waiting: Told(
        "You already have a pass to Nurse. End that one first.",
        "Ana Lopez already has a pass to Nurse. End or cancel that one first.", 9,
    ),
    ask_while_out: Told(
        "You already have a pass to Nurse. End that one first.",
        "Ana Lopez already has a pass to Nurse. End or cancel that one first.", 29,
    ),
    ask_once_too_often: Told(
        "You have used 1 of your 1 passes today.",
        "Ben Carter has used 1 of 1 passes today.", 14 * 60,
    ),
    ask_when_the_building_is_full: Told(
        "As many passes are out as the school allows right now.",
        "2 passes are out; the building's limit is 2.", 5,
    ),
    ask_for_a_full_room: Told(
        "Restroom A is full right now.", "Restroom A is full: 1 of 1 places are taken.", 30,
    ),
}  # fmt: skip


@pytest.mark.parametrize("asking", TOLD, ids=lambda asking: asking.__name__)
def test_what_a_refusal_says(a_school: School, asking: Callable[[School], None]) -> None:
    with pytest.raises(Refused) as no:
        asking(a_school)
    refusal, told = no.value.refusal, TOLD[asking]
    assert sentence(refusal, for_adult=False) == told.student
    assert sentence(refusal, for_adult=True) == told.adult
    again = told.again and a_school.clock.at + timedelta(minutes=told.again)
    assert refusal.again_at == again


@pytest.mark.parametrize(
    "asking", [asking for asking, told in TOLD.items() if told.again], ids=lambda a: a.__name__
)
def test_it_works_again_when_it_was_said_to(
    a_school: School, asking: Callable[[School], None]
) -> None:
    with pytest.raises(Refused) as no:
        asking(a_school)
    told = a_school.log()[-1]
    assert no.value.refusal.again_at is not None
    student = a_school.ben if asking is ask_once_too_often else a_school.ana
    a_school.clock.at = no.value.refusal.again_at - timedelta(microseconds=1)
    with pytest.raises(Refused):
        a_school.ask(student, told.destination_id)
    a_school.clock.at = no.value.refusal.again_at
    assert a_school.ask(student, told.destination_id).state == "waiting"


@pytest.mark.parametrize(
    "asking",
    [ask_where_ana_is, ask_with_a_novel, ask_while_out],
    ids=lambda asking: asking.__name__,
)
def test_what_cannot_be_nobody_overrides(
    a_school: School, asking: Callable[[School], None]
) -> None:
    with pytest.raises(Refused) as no:
        asking(a_school)
    told, everything = a_school.log()[-1], frozenset(SENTENCES)
    reason = "x" * 201 if asking is ask_with_a_novel else ""
    with pytest.raises(Refused) as firm:
        a_school.give(to=told.destination_id, override=everything, reason=reason)
    assert firm.value.refusal.code == no.value.refusal.code


# What the counts count


def test_the_students_own_limit_beats_the_schools(a_school: School) -> None:
    a_school.decide(daily_limit=1)
    a_school.limit(a_school.cam, 2)
    for student in (a_school.ana, a_school.cam):
        a_school.end(a_school.ask(student))
    assert a_school.ask(a_school.cam).state == "waiting"
    with pytest.raises(Refused, match="daily_limit"):
        a_school.ask(a_school.ana)


@pytest.mark.parametrize(("name", "who"), [("withdraw", "ana"), ("cancel", "rivera")])
def test_a_request_that_led_nowhere_is_not_counted(a_school: School, name: str, who: str) -> None:
    a_school.limit(a_school.ana, 1)
    a_school.press(name, a_school.ask(), getattr(a_school, who))
    assert a_school.ask().state == "waiting"


def test_an_expired_request_is_not_counted_but_a_forgotten_pass_is(a_school: School) -> None:
    a_school.limit(a_school.ana, 1)
    a_school.ask()
    a_school.wait(minutes=10)
    a_school.out()
    a_school.wait(minutes=30)
    with pytest.raises(Refused, match="daily_limit"):
        a_school.ask()


def test_a_returning_student_has_left_the_room_but_not_the_building(a_school: School) -> None:
    nurse_of_one = a_school.open_place("Ice", trip_type="layover", capacity=1)
    a_school.decide(building_limit=2)
    by = msgspec.structs.replace(a_school.ito, location_ids=frozenset({nurse_of_one}))
    a_school.press("send_back", a_school.out(to=nurse_of_one), by)
    a_school.ask(a_school.cam, nurse_of_one)
    a_school.limit(a_school.ben, None)
    with pytest.raises(Refused, match="building_full"):
        a_school.ask(a_school.ben)


def test_the_other_school_takes_no_places_here(a_school: School) -> None:
    a_school.decide(building_limit=1)
    a_school.ask(a_school.eli, a_school.other_office, origin=a_school.other_room)
    assert a_school.ask().state == "waiting"
