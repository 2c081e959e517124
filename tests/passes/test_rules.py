"""The rules before a pass may exist: what they allow, what they say, when it works again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.accounts.models import PassAccount
from corridor.passes import rules
from corridor.passes.apart import let_together
from corridor.passes.cards import PassCard, Person, Place
from corridor.passes.refusals import NeedsOverride, NotAllowed, NotFound, Refused
from corridor.passes.standing import Standing, Used
from corridor.passes.words import SENTENCES, rules_overridden, sentence
from corridor.roster import absences
from corridor.roster.absences import Absence
from corridor.roster.bells import AroundBell, Bells, Period, Schedule
from corridor.roster.changes import freeze_school, unfreeze_school
from corridor.roster.settings import BlockingWindow, Freeze, Limits
from tests.school import School

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
ROOM, NURSE = Place(1, "Room 204", "Ms. Rivera"), Place(2, "Nurse", "Nurse Ito")
ANA = Person(7, "Ana Lopez", "Lopez Ana", "9")

NEXT_WEEK = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)

FREE = Standing(
    at=AT, kind="student", by_admin=False, frozen=None, student=ANA, origin=ROOM,
    origin_has_adult=True, destination=NURSE, trip_type="layover", reason_mode="optional",
    reason="", open_pass=None, blocked_by="", blocked_until=None, takes_passes=True,
    absent_until=None, absence_text="", open_to_student=True, open_again_at=None, kept_apart=False,
    period="", period_ends=None, used=Used(0, 0, 0), limits=Limits(), tomorrow=MIDNIGHT,
    next_week=NEXT_WEEK,
    free_after_cooldown=None, in_building=0, building_limit=None, building_override="adult",
    building_free_by=None, out_of_room=0, room_limit=None, room_free_by=None, at_destination=0,
    capacity=None, destination_free_by=None, queueing=False, in_line=0,
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
    rules.school_not_frozen: ("frozen", but(frozen=Freeze(AT, "Dana", "")), FREE),
    rules.places_differ: ("same_place", but(destination=ROOM), FREE),
    rules.somebody_answers: ("nobody_there", but(origin_has_adult=False), FREE),
    rules.reason_given: (
        "reason_missing", but(reason_mode="mandatory"),
        but(reason_mode="mandatory", reason="Headache"),
    ),
    rules.reason_fits: ("reason_too_long", but(reason="x" * 201), but(reason="x" * 200)),
    rules.not_already_out: ("already_out", but(open_pass=A_PASS), FREE),
    rules.outside_blocked_times: ("blocked", but(blocked_by="Test", blocked_until=SOON), FREE),
    rules.destination_takes_passes: ("takes_no_passes", but(takes_passes=False), FREE),
    rules.destination_is_in: ("out_of_office", but(absent_until=SOON), FREE),
    rules.open_to_the_student: (
        "not_open_to_you", but(open_to_student=False, open_again_at=MIDNIGHT), FREE
    ),
    rules.within_period_limit: (
        "period_limit", but(used=Used(1, 1, 1, 1), limits=Limits(period=1), period_ends=SOON),
        but(used=Used(9, 9, 9), limits=Limits(period=0)),
    ),
    rules.within_daily_limit: (
        "daily_limit", but(used=Used(3, 3, 3), limits=Limits(day=3)),
        but(used=Used(2, 9, 9), limits=Limits(day=3)),
    ),
    rules.within_weekly_limit: (
        "weekly_limit", but(used=Used(0, 5, 5), limits=Limits(week=5)),
        but(used=Used(0, 4, 9), limits=Limits(week=5)),
    ),
    rules.within_term_limit: (
        "term_limit", but(used=Used(0, 0, 9), limits=Limits(term=9)),
        but(used=Used(0, 0, 8), limits=Limits(term=9)),
    ),
    rules.after_cooldown: (
        "cooldown", but(free_after_cooldown=SOON), but(free_after_cooldown=AT),
    ),
    rules.not_kept_apart: ("kept_apart", but(kept_apart=True), FREE),
    rules.building_has_room: (
        "building_full", but(in_building=5, building_limit=5, building_free_by=SOON),
        but(in_building=4, building_limit=5),
    ),
    rules.origin_has_room: (
        "room_limit", but(out_of_room=2, room_limit=2, room_free_by=SOON),
        but(out_of_room=1, room_limit=2),
    ),
    rules.destination_has_room: (
        "destination_full", but(at_destination=1, capacity=1, destination_free_by=SOON),
        but(at_destination=0, capacity=1),
    ),
}  # fmt: skip


def test_every_rule_is_asked_and_tested() -> None:
    assert tuple(EDGES) == rules.IN_ORDER
    codes = {code for code, _, _ in EDGES.values()}
    elsewhere = {"too_few_apart", "apart_over", "apart_already", "comment_missing",
                 "comment_too_long", "time_outside_pass", "words_too_long", "has_pass",
                 "answer_missing", "back_outside_pass", "correction_too_old",
                 "corrections_used_up", "request_reused"}  # fmt: skip
    elsewhere |= {"place_closed", "auto_off", "stop_off", "auto_full", "auto_nowhere", "line_full"}
    of_appointments = {"nobody_chosen", "time_missing", "no_such_period", "until_missing",
                       "not_ahead", "too_far_ahead", "too_many_appointments", "no_requests_here",
                       "takes_no_requests", "asked_too_often", "too_late_to_take_back",
                           "daily_series_stays", "no_school_then", "too_near",
                           "day_without_school", "nobody_lets_go",
                       "too_soon_to_confirm"}  # fmt: skip
    elsewhere |= of_appointments
    assert codes | elsewhere == set(SENTENCES)


@pytest.mark.parametrize("rule", rules.IN_ORDER)
def test_the_edge_of_each_rule(rule: rules.Rule) -> None:
    code, breaks, keeps = EDGES[rule]
    refusal = rule(breaks)
    assert refusal is not None
    assert (refusal.code, rule(keeps)) == (code, None)
    assert rules.first_refusal(keeps) is None


@pytest.mark.parametrize("rule", [rules.origin_has_room, rules.destination_has_room])
def test_it_is_foretold_only_where_the_next_place_that_is_free_is_enough(
    rule: rules.Rule,
) -> None:
    """More may be there than a limit allows: it was lowered, or an adult has overridden it."""
    full = EDGES[rule][1]
    names = {"out_of_room": full.out_of_room + 1, "at_destination": full.at_destination + 1}
    fuller = msgspec.structs.replace(full, **names)
    told = [no and no.again_at for no in (rule(full), rule(fuller))]
    assert told == [SOON, None]


def test_the_first_rule_in_order_refuses() -> None:
    """Everything is wrong at once; each repair uncovers the next rule."""
    wrong: dict[str, object] = {
        "frozen": Freeze(AT, "Dana", ""), "destination": ROOM, "origin_has_adult": False,
        "reason_mode": "mandatory", "open_pass": A_PASS, "blocked_until": SOON,
        "takes_passes": False, "absent_until": SOON, "open_to_student": False,
        "limits": Limits(day=0), "free_after_cooldown": SOON, "kept_apart": True,
        "building_limit": 0, "room_limit": 0, "capacity": 0,
    }  # fmt: skip
    found = []
    for name in [*wrong, None]:
        refusal = rules.first_refusal(but(**wrong))
        found.append(refusal and refusal.code)
        wrong.pop(name or "", None)
    assert found == [
        "frozen", "same_place", "nobody_there", "reason_missing", "already_out", "blocked",
        "takes_no_passes", "out_of_office", "not_open_to_you", "daily_limit", "cooldown",
        "kept_apart", "building_full", "room_limit", "destination_full", None,
    ]  # fmt: skip


def test_a_limit_of_nought_allows_nothing() -> None:
    for limits in (Limits(day=0), Limits(week=0), Limits(term=0)):
        assert rules.first_refusal(but(limits=limits)) is not None
    for name in ("building_limit", "room_limit", "capacity"):
        assert rules.first_refusal(but(**{name: 0})) is not None


def test_an_adult_is_warned_of_what_may_be_broken_and_of_nothing_else() -> None:
    for rule, (code, breaks, _) in EDGES.items():
        warned = [refusal.code for refusal in rules.broken(breaks)]
        firm = rules.firm_refusal(breaks)
        assert warned == ([] if rule in (*rules.FIRM, *rules.STUDENTS_ONLY) else [code])
        assert (firm is not None) == (rule in rules.FIRM)


@pytest.mark.parametrize("code", ["building_full", "kept_apart"])
def test_the_buildings_limit_and_contact_control_may_be_the_admins_to_override(code: str) -> None:
    full, apart = {"building_limit": 0}, {"building_limit": 9, "kept_apart": True}
    broken = but(**(full if code == "building_full" else apart), building_override="admin")
    firm = rules.firm_refusal(broken)
    assert firm is not None
    assert firm.code == code
    by_admin = msgspec.structs.replace(broken, by_admin=True)
    assert rules.firm_refusal(by_admin) is None
    assert [no.code for no in rules.broken(by_admin)] == [code]


def test_contact_control_is_only_a_warning_where_no_building_limit_could_be_meant() -> None:
    """An adult is stopped by it only where a full building would stop them in the same words."""
    apart = but(kept_apart=True, building_limit=None, building_override="admin")
    assert rules.firm_refusal(apart) is None
    assert [no.code for no in rules.broken(apart)] == ["kept_apart"]


COUNTED = ("building_limit", "room_limit", "capacity")
_limit, _count = st.none() | st.integers(0, 4), st.integers(0, 5)
_standings = st.builds(
    but,
    frozen=st.sampled_from([None, None, Freeze(AT, "Dana", "")]),
    used=st.builds(Used, day=_count, week=_count, term=_count, period=st.none() | _count),
    limits=st.builds(Limits, day=_limit, week=_limit, term=_limit, period=_limit),
    period=st.sampled_from(["", "Period 2"]), period_ends=st.sampled_from([None, SOON]),
    in_building=_count, out_of_room=_count, at_destination=_count,
    building_limit=_limit, room_limit=_limit, capacity=_limit,
    blocked_until=st.sampled_from([None, None, SOON]), takes_passes=st.booleans(),
    absent_until=st.sampled_from([None, None, SOON]), open_to_student=st.booleans(),
    free_after_cooldown=st.sampled_from([None, AT, SOON]), kept_apart=st.booleans(),
    open_pass=st.sampled_from([None, None, A_PASS]), reason=st.sampled_from(["", "x"]),
    reason_mode=st.sampled_from(["optional", "mandatory"]), origin_has_adult=st.booleans(),
)  # fmt: skip


def tightened(standing: Standing, name: str, limit: int) -> Standing:
    """The standing with this limit new or lower, or with this one thing no longer possible."""
    if name in ("period", "day", "week", "term"):
        known = getattr(standing.limits, name)
        lower = limit if known is None else min(known, limit)
        limits = msgspec.structs.replace(standing.limits, **{name: lower})
        return msgspec.structs.replace(standing, limits=limits)
    if name in COUNTED:
        known = getattr(standing, name)
        lower = limit if known is None else min(known, limit)
        return msgspec.structs.replace(standing, **{name: lower})
    return msgspec.structs.replace(standing, **{name: FORBIDS[name]})


FORBIDS: dict[str, object] = {
    "frozen": Freeze(AT, "Dana", ""), "blocked_until": SOON, "takes_passes": False,
    "absent_until": SOON, "open_to_student": False, "kept_apart": True,
    "free_after_cooldown": SOON,
}  # fmt: skip


@given(
    standing=_standings,
    name=st.sampled_from(["period", "day", "week", "term", *COUNTED, *FORBIDS]),
    limit=st.integers(0, 4),
)
def test_a_rule_more_or_a_lower_limit_never_allows_more(
    standing: Standing, name: str, limit: int
) -> None:
    tighter = tightened(standing, name, limit)
    if rules.first_refusal(standing) is not None:
        assert rules.first_refusal(tighter) is not None
    assert len(rules.broken(standing)) <= len(rules.broken(tighter))


@given(standing=_standings)
def test_kept_apart_looks_like_a_full_building_to_the_student(standing: Standing) -> None:
    """Whatever else is true: the same words and the same time, so nothing can be told from them."""
    apart = msgspec.structs.replace(standing, kept_apart=True, building_limit=None)
    full = msgspec.structs.replace(standing, kept_apart=False, in_building=1, building_limit=1)
    one, other = rules.first_refusal(apart), rules.first_refusal(full)
    assert one is not None
    assert other is not None
    assert sentence(one, for_adult=False) == sentence(other, for_adult=False)
    assert one.again_at == other.again_at


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


def ask_in_an_emergency(school: School) -> None:
    school.do(freeze_school, text="Doors locked.", by=school.dana.who)
    school.ask()


def ask_in_a_blocked_time(school: School) -> None:
    test = BlockingWindow(name="State test", begins=time(9), ends=time(10, 30))
    school.decide(blocking=(test,))
    school.ask()


def ask_for_a_closed_place(school: School) -> None:
    school.ask(to=school.open_place("Pool", takes_passes=False))


def ask_for_somebody_out_of_office(school: School) -> None:
    absence = Absence(day=date(2026, 3, 2), begins=time(9), ends=time(10, 20), text="At a meeting.")
    school.change_place(school.nurse, absences=absences.write((absence,)))
    school.ask()


def ask_for_a_place_of_others(school: School) -> None:
    school.ask(to=school.open_place("Robotics", access="listed"))


def ask_while_another_is_out(school: School) -> None:
    school.keep_apart(school.ana, school.cam)
    school.out(school.cam, school.library)
    school.ask()


def ask_too_often_in_a_week(school: School) -> None:
    school.decide(weekly_limit=1)
    school.end(school.ask())
    school.ask()


def ask_too_often_in_a_term(school: School) -> None:
    school.decide(term_limit=1, term_begins=date(2026, 1, 5))
    school.end(school.ask())
    school.ask()


def ask_again_at_once(school: School) -> None:
    school.decide(cooldown=15)
    school.end(school.ask())
    school.ask()


def ask_from_an_empty_room(school: School) -> None:
    school.change_place(school.room_204, room_limit=1)
    school.ask(school.cam)
    school.ask()


def ask_too_often_in_a_period(school: School) -> None:
    periods = (Period("2", time(9, 20), time(10, 30)), Period("3", time(10, 36), time(11)))
    bells = Bells(schedules=(Schedule("Regular", periods),), week=("Regular",) * 7)
    school.decide(bells=bells, period_limit=1)
    school.end(school.ask())
    school.ask()


def ask_when_the_bell_has_just_rung(school: School) -> None:
    periods = (Period("2", time(9, 20), time(10, 5)), Period("3", time(10, 5), time(11)))
    bells = Bells(schedules=(Schedule("Regular", periods),), week=("Regular",) * 7)
    around = AroundBell(name="First and last ten minutes", first_minutes=10, last_minutes=10)
    school.decide(bells=bells, around_bell=(around,))
    school.ask()


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
        "You already have a pass to Nurse. Withdraw it first.",
        "Ana Lopez already has a pass to Nurse. End or cancel that one first.", 9,
    ),
    ask_while_out: Told(
        "You already have a pass to Nurse. It has to be over first.",
        "Ana Lopez already has a pass to Nurse. End or cancel that one first.", 29,
    ),
    ask_once_too_often: Told(
        "You have used 1 of your 1 passes today.",
        "Ben Carter has used 1 of 1 passes today.", 14 * 60,
    ),
    ask_when_the_building_is_full: Told(
        "This pass is not possible right now. Try again in a few minutes.",
        "2 passes are out; the building's limit is 2.", 5,
    ),
    ask_for_a_full_room: Told(
        "Restroom A is full right now.", "Restroom A is full: 1 of 1 places are taken.", 30,
    ),
    ask_in_an_emergency: Told(
        "The school is frozen. Stay where you are. Doors locked.",
        "The school is frozen. Doors locked.", None,
    ),
    ask_in_a_blocked_time: Told(
        "No passes now: State test.", "Passes are blocked now: State test.", 30,
    ),
    ask_for_a_closed_place: Told(
        "Pool takes no passes.", "Pool takes no passes.", None,
    ),
    ask_for_somebody_out_of_office: Told(
        "Nurse is out of office. At a meeting.", "Nurse is out of office. At a meeting.", 20,
    ),
    ask_for_a_place_of_others: Told(
        "Robotics is not open to you right now. Ask your teacher.",
        "Robotics is not open to Ana Lopez.", None,
    ),
    ask_while_another_is_out: Told(
        "This pass is not possible right now. Try again in a few minutes.",
        "Ana Lopez must not be out now: another student who is kept apart is out.", 5,
    ),
    ask_too_often_in_a_period: Told(
        "You have used 1 of your 1 passes this period.",
        "Ana Lopez has used 1 of 1 passes this period.", 30,
    ),
    ask_when_the_bell_has_just_rung: Told(
        "No passes now: First and last ten minutes.",
        "Passes are blocked now: First and last ten minutes.", 15,
    ),
    ask_too_often_in_a_week: Told(
        "You have used 1 of your 1 passes this week.",
        "Ana Lopez has used 1 of 1 passes this week.", 14 * 60 + 6 * 24 * 60 - 60,
    ),
    ask_too_often_in_a_term: Told(
        "You have used 1 of your 1 passes this term.",
        "Ana Lopez has used 1 of 1 passes this term.", None,
    ),
    ask_again_at_once: Told(
        "You have just been out. Wait a little before the next pass.",
        "Ana Lopez has just been out; the cooldown is not over.", 15,
    ),
    ask_from_an_empty_room: Told(
        "1 students are already out of Room 204.",
        "1 students are out of Room 204; its limit is 1.", 10,
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


# Neutral words name a time at which to try, not one at which it will work.
PROMISES = [
    asking
    for asking, told in TOLD.items()
    if told.again and asking not in (ask_when_the_building_is_full, ask_while_another_is_out)
]


@pytest.mark.parametrize("asking", PROMISES, ids=lambda asking: asking.__name__)
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
    [ask_in_an_emergency, ask_where_ana_is, ask_with_a_novel, ask_while_out],
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


# Overridden by an adult

NEVER = (
    ask_in_an_emergency, ask_where_ana_is, ask_with_a_novel, ask_while_waiting, ask_while_out,
    ask_from_the_yard, ask_without_a_reason,
)  # fmt: skip


@pytest.mark.parametrize(
    "asking", [asking for asking in TOLD if asking not in NEVER], ids=lambda asking: asking.__name__
)
def test_an_adult_overrides_and_the_pass_says_so(
    a_school: School, asking: Callable[[School], None]
) -> None:
    with pytest.raises(Refused):
        asking(a_school)
    told = a_school.log()[-1]
    student = a_school.ben if asking is ask_once_too_often else a_school.ana
    code = told.refusal.code
    with pytest.raises(NeedsOverride) as question:
        a_school.give(student, told.destination_id, by=a_school.dana)
    assert code in [no.code for no in question.value.broken]
    codes = frozenset(no.code for no in question.value.broken)
    card = a_school.give(student, told.destination_id, override=codes, by=a_school.dana)
    assert card.marks == ("overridden",)
    assert len(rules_overridden(card.overridden, by_admin=True)) == len(codes)
    assert code in card.overridden


def test_a_student_is_told_only_what_a_student_can_do(a_school: School) -> None:
    def told() -> str:
        with pytest.raises(Refused, match="already_out") as no:
            a_school.ask(to=a_school.library)
        return sentence(no.value.refusal, for_adult=False)

    place = a_school.open_place("Single", capacity=1, queueing=True)
    held = a_school.out(a_school.cam, place)
    card = a_school.queue(a_school.ana, place)
    assert told() == "You are in line for Single. Leave the line first."
    a_school.press("end", held, a_school.rivera)
    assert told() == "You already have a pass to Single. Withdraw it first."
    a_school.press("approve", card, a_school.rivera)
    assert told() == "You already have a pass to Single. It has to be over first."


def test_only_an_admin_exceeds_the_building_where_the_school_says_so(a_school: School) -> None:
    a_school.decide(building_limit=0, building_override="admin")
    override = frozenset({"building_full"})
    for request_id in (None, ids := uuid4(), ids):  # the same again too
        with pytest.raises(Refused, match="building_full") as no:
            a_school.give(override=override, request_id=request_id)
        assert (no.value.refusal.facts, no.value.refusal.again_at) == ({}, None)
    assert a_school.give(override=override, by=a_school.dana).overridden == ("building_full",)


def test_nothing_is_approved_in_an_emergency(a_school: School) -> None:
    card = a_school.ask()
    a_school.do(freeze_school, text="", by=a_school.dana.who)
    with pytest.raises(Refused, match="frozen"):
        a_school.press("approve", card, a_school.rivera)
    a_school.do(unfreeze_school, by=a_school.dana.who)
    assert a_school.press("approve", card, a_school.rivera).state == "on_the_way"


def test_whoever_is_out_in_an_emergency_still_comes_back(a_school: School) -> None:
    card = a_school.out()
    a_school.do(freeze_school, text="", by=a_school.dana.who)
    assert a_school.press("end", card, a_school.rivera).state == "ended"


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


# Kept apart


def test_kept_apart_counts_only_who_is_out_and_only_until_the_last_day(a_school: School) -> None:
    a_school.keep_apart(a_school.ana, a_school.cam, last_day=date(2026, 3, 2))
    a_school.end(a_school.ask(a_school.cam))
    a_school.press("withdraw", a_school.ask(), a_school.ana)
    a_school.ask(a_school.cam)
    with pytest.raises(Refused, match="kept_apart"):
        a_school.ask()
    a_school.wait(days=1)
    a_school.ask(a_school.cam)
    assert a_school.ask().state == "waiting"


def test_whoever_is_let_together_again_may_be_out_together(a_school: School) -> None:
    group = a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.ask(a_school.cam)
    a_school.do(let_together, group_id=group, by=a_school.dana)
    assert a_school.ask().state == "waiting"


def test_the_groups_of_another_school_bind_nobody_here(a_school: School) -> None:
    with pytest.raises(NotFound):
        a_school.keep_apart(a_school.ana, a_school.eli)
    with pytest.raises(NotFound):
        a_school.keep_apart(a_school.ana, a_school.rivera)
    with pytest.raises(Refused, match="too_few_apart"):
        a_school.keep_apart(a_school.ana)


def test_only_an_admin_keeps_apart(a_school: School) -> None:
    group = a_school.keep_apart(a_school.ana, a_school.cam)
    for by in (a_school.rivera, a_school.ana):
        with pytest.raises(NotAllowed):
            a_school.keep_apart(a_school.ana, a_school.cam, by=by)
        with pytest.raises(NotAllowed):
            a_school.do(let_together, group_id=group, by=by)
    with pytest.raises(NotFound):
        a_school.do(let_together, group_id=group, by=a_school.otto)


def test_a_refusal_of_contact_control_names_nobody(a_school: School) -> None:
    a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.out(a_school.cam)
    with pytest.raises(Refused) as no:
        a_school.ask()
    assert "Cam" not in str(no.value.refusal.facts)


# Whose list, whose limits, which kinds

DAY = Schedule("Regular", (Period("1", time(9), time(15)),))


def test_a_listed_student_passes_where_others_do_not(a_school: School) -> None:
    club = a_school.open_place("Robotics", access="listed")
    a_school.list_student(club, a_school.ana, first_day=date(2026, 3, 2))
    a_school.press("withdraw", a_school.ask(to=club), a_school.ana)
    with pytest.raises(Refused, match="not_open_to_you"):
        a_school.ask(a_school.cam, club)
    a_school.change_place(club, access="not_listed")
    with pytest.raises(Refused, match="not_open_to_you"):
        a_school.ask(to=club)
    assert a_school.ask(a_school.cam, club).state == "waiting"


def test_a_listing_holds_on_its_days_only(a_school: School) -> None:
    club = a_school.open_place("Robotics", access="listed")
    a_school.list_student(club, a_school.ana, last_day=date(2026, 3, 1))
    a_school.list_student(club, a_school.cam, first_day=date(2026, 3, 3))
    for student in (a_school.ana, a_school.cam):
        with pytest.raises(Refused, match="not_open_to_you"):
            a_school.ask(student, club)


@pytest.mark.parametrize(
    ("access", "days", "again"),
    [
        ("not_listed", {"last_day": date(2026, 3, 4)}, date(2026, 3, 5)),
        ("not_listed", {"first_day": date(2026, 3, 2)}, None),
        ("not_listed", {"last_day": date(2026, 3, 6)}, date(2026, 3, 9)),  # the weekend is between
        ("not_listed", {"last_day": date.max}, None),  # somebody's "for ever"
        ("listed", {"first_day": date(2026, 3, 4)}, date(2026, 3, 4)),
        ("listed", {"last_day": date(2026, 3, 1)}, None),
        ("listed", None, None),
    ],
)
def test_the_student_reads_from_which_day_a_list_lets_them_in(
    a_school: School, access: str, days: dict[str, date] | None, again: date | None
) -> None:
    a_school.decide(bells=Bells(schedules=(DAY,), week=("Regular",) * 5 + ("",) * 2))
    a_school.change_place(a_school.library, access=access)
    if days is not None:
        a_school.list_student(a_school.library, a_school.ana, **days)
    with pytest.raises(Refused, match="not_open_to_you") as no:
        a_school.ask(to=a_school.library)
    at = None if again is None else datetime.combine(again, time(), a_school.zone)
    assert no.value.refusal.again_at == at
    if at is not None:
        a_school.clock.move(seconds=(at - a_school.clock.at).total_seconds())
        assert a_school.ask(to=a_school.library).state == "waiting"


def test_a_room_with_more_out_than_it_allows_foretells_nothing(a_school: School) -> None:
    a_school.out(a_school.cam, a_school.library)
    a_school.out(a_school.add_student("dee", "Dee Diaz"), a_school.library)
    for capacity, is_told in ((2, True), (1, False)):
        a_school.change_place(a_school.library, capacity=capacity)
        with pytest.raises(Refused, match="destination_full") as no:
            a_school.ask(to=a_school.library)
        assert (no.value.refusal.again_at is not None) is is_told


def test_person_beats_grade_beats_school(a_school: School) -> None:
    a_school.decide(daily_limit=0, grade_limits={"10": Limits(day=1)})
    with pytest.raises(Refused, match="daily_limit"):
        a_school.ask()
    assert a_school.ask(a_school.cam).state == "waiting"
    a_school.limit(a_school.ana, 1)
    assert a_school.ask().state == "waiting"


def test_whoever_is_unlimited_has_no_limit(a_school: School) -> None:
    a_school.decide(daily_limit=0, weekly_limit=0, term_limit=0)
    PassAccount.objects.filter(pk=a_school.id_of(a_school.ana)).update(unlimited=True)
    assert a_school.ask().state == "waiting"


@pytest.mark.parametrize("counts", [("student",), ("teacher",)])
def test_only_the_kinds_that_count_fill_and_obey_the_building(
    a_school: School, counts: tuple[str, ...]
) -> None:
    a_school.decide(building_limit=1, building_counts=counts)
    a_school.give(a_school.cam)
    if counts == ("student",):
        a_school.limit(a_school.ben, None)
        assert a_school.ask().state == "waiting"
        with pytest.raises(Refused, match="building_full"):
            a_school.ask(a_school.ben)
    else:
        assert a_school.ask().state == "waiting"
        with pytest.raises(NeedsOverride):
            a_school.give(a_school.ben)
