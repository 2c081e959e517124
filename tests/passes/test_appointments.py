"""Appointments: made, asked for, confirmed, changed and called off, until they surface."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from corridor.accounts.actors import Actor
from corridor.live.log import turn
from corridor.passes import arranging, queries
from corridor.passes.appointments import (
    call_off,
    call_off_without_school,
    follow_bell,
    left_behind,
    make_appointments,
    reschedule,
    take_back,
    without_school,
)
from corridor.passes.arranging import MOST_ASKED, MOST_AT_ONCE
from corridor.passes.cards import PassCard
from corridor.passes.dates import SURFACES_BEFORE
from corridor.passes.refusals import NotAllowed, NotFound, Refused, Stale
from corridor.passes.sightings import note_without_pass
from corridor.passes.trips import comment_on_pass, move_pass
from corridor.passes.undoing import undo
from corridor.roster.bells import NO_SCHOOL, Period, Schedule
from corridor.roster.changes import keep_schedule, set_days, set_week
from corridor.roster.schools import settings_of
from tests.school import School

MONDAY = date(2026, 3, 2)
# The code by which each rule refuses; `docs/rules.md` is made from it.
CODES: dict[arranging.Rule, str] = {
    arranging.school_lets_students_ask: "no_requests_here",
    arranging.location_may_be_asked: "takes_no_requests",
    arranging.adult_may_be_asked: "takes_no_requests",
    arranging.somebody_confirms: "takes_no_requests",
    arranging.open_to_the_student: "not_open_to_you",
    arranging.is_a_school_day: "day_without_school",
    arranging.reason_given: "reason_missing",
    arranging.has_not_asked_too_often: "asked_too_often",
    arranging.is_not_too_near: "too_near",
    arranging.can_be_confirmed: "too_soon_to_confirm",
    arranging.places_differ: "same_place",
    arranging.somebody_lets_go: "nobody_lets_go",
    arranging.somebody_goes: "nobody_chosen",
    arranging.reason_fits: "reason_too_long",
    arranging.repeats_until_a_day: "until_missing",
    arranging.has_a_time: "time_missing",
    arranging.is_ahead: "not_ahead",
    arranging.is_within_a_year: "too_far_ahead",
    arranging.is_not_too_much: "too_many_appointments",
}


@pytest.fixture
def asking(a_school: School) -> School:
    """The school lets students ask for appointments."""
    a_school.decide(student_appointments=True)
    return a_school


@pytest.fixture
def ringing(a_school: School) -> School:
    """A school with a bell: period 3 begins at 10:30, or at 11:30 when school begins late."""
    for name, hour in (("Regular", 10), ("Delay", 11)):
        periods = (Period("3", time(hour, 30), time(hour, 50)),)
        a_school.do(keep_schedule, Schedule(name, periods), by=a_school.dana.who)
    a_school.do(set_week, ("Regular",) * 5 + (NO_SCHOOL,) * 2, by=a_school.dana.who)
    return a_school


but = msgspec.structs.replace


def on(cards: tuple[PassCard, ...]) -> list[str]:
    """The days of these appointments."""
    return [f"{card.appointment.day:%m-%d}" for card in cards if card.appointment]


def at_wall(card: PassCard) -> str:
    """When it begins, on the wall clock of its moment."""
    assert card.appointment is not None
    return f"{card.appointment.wall:%H:%M} {card.appointment.begins_at:%H:%M}"


# Made by an adult


def test_an_adult_makes_an_appointment(a_school: School) -> None:
    (card,) = a_school.arrange(reason="Talk about <b>maths</b>\u202e")
    assert (card.state, card.kind, card.is_open) == ("scheduled", "appointment", False)
    assert (card.student.name, card.reason) == ("Ana Lopez", "Talk about <b>maths</b>")
    assert at_wall(card) == "11:00 16:00"
    assert a_school.names(card.id - 1) == ["pass.scheduled"]
    assert queries.coming_passes(a_school.id) == [card]
    assert queries.coming_passes_of(a_school.id_of(a_school.ana)) == [card]
    assert queries.open_pass_of(a_school.id_of(a_school.ana)) is None


def test_for_several_students_and_repeated(a_school: School) -> None:
    cards = a_school.arrange(
        a_school.ana, a_school.cam, repeat="weekly", until=MONDAY + timedelta(days=14)
    )
    assert on(cards) == ["03-02", "03-02", "03-09", "03-09", "03-16", "03-16"]
    assert [card.student.name for card in cards[:2]] == ["Ana Lopez", "Cam Nguyen"]
    assert {card.appointment.series for card in cards if card.appointment} == {cards[0].id}
    assert [card.id for card in cards] == list(range(cards[0].id, cards[0].id + 6))
    # The clocks go forward on March 8: the wall clock stays.
    assert [at_wall(card) for card in cards[::2]] == ["11:00 16:00", "11:00 15:00", "11:00 15:00"]


@pytest.mark.parametrize(
    ("repeat", "first", "days"),
    [
        ("daily", "03-05", ["03-05", "03-06", "03-09", "03-10"]),
        ("daily", "03-07", ["03-07", "03-09", "03-10"]),  # a Saturday was chosen
        ("weekly", "02-24", ["02-24", "03-03", "03-10"]),
        ("monthly", "01-31", ["01-31", "02-28"]),
        ("none", "03-05", ["03-05"]),
    ],
)
def test_which_days_a_series_has(
    a_school: School, repeat: str, first: str, days: list[str]
) -> None:
    a_school.clock.move(days=-60)
    cards = a_school.arrange(
        day=date.fromisoformat(f"2026-{first}"), wall=time(12), repeat=repeat,
        until=date(2026, 3, 10),
    )  # fmt: skip
    assert on(cards) == days


def test_a_period_resolves_by_the_bell_of_each_day(ringing: School) -> None:
    ringing.do(set_days, date(2026, 3, 3), date(2026, 3, 3), "Delay", by=ringing.dana.who)
    ringing.do(set_days, date(2026, 3, 4), date(2026, 3, 4), NO_SCHOOL, by=ringing.dana.who)
    cards = ringing.arrange(period="3", repeat="daily", until=date(2026, 3, 5))
    assert on(cards) == ["03-02", "03-03", "03-05"]
    assert [at_wall(card) for card in cards] == ["10:30 15:30", "11:30 16:30", "10:30 15:30"]


def test_the_same_request_again_makes_nothing_more(a_school: School) -> None:
    again = uuid4()
    first = a_school.arrange(a_school.ana, a_school.cam, request_id=again)
    assert a_school.arrange(a_school.ana, a_school.cam, request_id=again) == first
    assert len(queries.coming_passes(a_school.id)) == 2


def test_the_id_of_a_request_is_of_that_request_only(a_school: School) -> None:
    again = uuid4()
    about: dict[str, Any] = {
        "repeat": "daily", "until": date(2026, 3, 4), "reason": "Talk", "request_id": again,
    }  # fmt: skip
    first = a_school.arrange(a_school.ana, a_school.cam, **about)
    assert a_school.arrange(a_school.cam, a_school.ana, **about) == first
    before = a_school.last
    others: list[tuple[list[Actor], dict[str, Any]]] = [
        ([a_school.ana], {}), ([a_school.ana, a_school.ben], {}),
        ([a_school.ana, a_school.cam], {"reason": "Eyes"}),
        ([a_school.ana, a_school.cam], {"minutes": 90}),
        ([a_school.ana, a_school.cam], {"to": a_school.library}),
        ([a_school.ana, a_school.cam], {"until": date(2026, 3, 5)}),
    ]  # fmt: skip
    for students, other in others:
        with pytest.raises(Refused, match="request_reused"):
            a_school.arrange(*students, **(about | other))
    assert a_school.last == before


def test_the_id_of_a_period_is_of_that_period_only(ringing: School) -> None:
    again = uuid4()
    first = ringing.arrange(day=date(2026, 3, 3), period="3", request_id=again)
    assert ringing.arrange(day=date(2026, 3, 3), period="3", request_id=again) == first
    others: list[tuple[int, dict[str, Any]]] = [(4, {"period": "3"}), (3, {"wall": time(10, 30)})]
    for day, when in others:
        with pytest.raises(Refused, match="request_reused"):
            ringing.arrange(day=date(2026, 3, day), request_id=again, **when)


def test_the_id_of_a_refused_pass_is_no_id_of_an_appointment(asking: School) -> None:
    """Nor is that of a student who was seen the id of a pass."""
    refused, seen = uuid4(), uuid4()
    with pytest.raises(Refused, match="daily_limit"):
        asking.ask(asking.ben, request_id=refused)
    with pytest.raises(Refused, match="request_reused"):
        asking.ask_appointment(asking.ben, request_id=refused)
    asking.do(
        note_without_pass, student_id=asking.id_of(asking.ben), by=asking.ito, request_id=seen
    )
    for again in (asking.arrange, asking.give):
        with pytest.raises(Refused, match="request_reused"):
            again(by=asking.ito, request_id=seen)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"minutes": -1}, "not_ahead"),
        ({"minutes": 0}, "not_ahead"),
        ({"minutes": 60 * 24 * 400}, "too_far_ahead"),
        ({"wall": None}, "time_missing"),
        ({"period": "9"}, "no_such_period"),
        ({"repeat": "weekly"}, "until_missing"),
        ({"repeat": "daily", "until": date(2026, 3, 1)}, "until_missing"),
        ({"repeat": "daily", "until": date(2028, 3, 1)}, "too_far_ahead"),
        ({"reason": "x" * 201}, "reason_too_long"),
    ],
)
def test_what_makes_no_sense_is_refused(
    a_school: School, wish: dict[str, object], code: str
) -> None:
    before = a_school.last
    with pytest.raises(Refused, match=code):
        a_school.arrange(**wish)  # type: ignore[arg-type]
    assert a_school.last == before


def test_each_rule_refuses_by_its_code(a_school: School) -> None:
    """Each alone, of an appointment that all the others let through."""
    found = arranging.asked(
        a_school.id, settings_of(a_school.id), a_school.wish(minutes=60),
        a_school.id_of(a_school.ana), at=a_school.clock.at,
    )  # fmt: skip
    good = msgspec.structs.replace(found, school_lets_ask=True)
    assert arranging.refusal_to_ask(good) is None
    (other,) = a_school.arrange(minutes=90)
    way, wish = good.way, good.wish
    edges: dict[arranging.Rule, arranging.Arranged] = {
        arranging.school_lets_students_ask: found,
        arranging.location_may_be_asked: but(good, way=but(way, may_be_asked=False)),
        arranging.adult_may_be_asked: but(good, way=but(way, adult_may_be_asked=False)),
        arranging.somebody_confirms: but(good, way=but(way, has_adult=False)),
        arranging.open_to_the_student: but(good, open_to_student=False),
        arranging.is_a_school_day: but(good, has_school=False),
        arranging.is_not_too_near: but(good, near=other),
        arranging.can_be_confirmed: but(good, at=good.times[0][2] - SURFACES_BEFORE),
        arranging.reason_given: but(good, way=but(way, reason_mode="mandatory")),
        arranging.has_not_asked_too_often: but(good, asked_already=MOST_ASKED),
        arranging.places_differ: but(good, way=but(way, destination=way.origin)),
        arranging.somebody_lets_go: but(good, way=but(way, origin_has_adult=False)),
        arranging.somebody_goes: but(good, students=()),
        arranging.reason_fits: but(good, wish=but(wish, reason="x" * 201)),
        arranging.repeats_until_a_day: but(good, wish=but(wish, repeat="daily")),
        arranging.has_a_time: but(good, times=()),
        arranging.is_ahead: but(good, at=good.times[0][2]),
        arranging.is_within_a_year: but(good, wish=but(wish, until=date(2028, 1, 1))),
        arranging.is_not_too_much: but(good, students=good.students * (MOST_AT_ONCE + 1)),
    }
    for rule in (*arranging.ASKED_IN_ORDER, *arranging.IN_ORDER):
        refusal = rule(edges[rule])
        assert refusal is not None and refusal.code == CODES[rule]
        assert arranging.refusal_to_ask(edges[rule]) == refusal


def test_from_a_place_to_itself_or_for_nobody_or_too_many_is_refused(a_school: School) -> None:
    with pytest.raises(Refused, match="same_place"):
        a_school.arrange(to=a_school.room_204)
    with pytest.raises(Refused, match="nobody_chosen"):
        a_school.do(make_appointments, a_school.wish(), student_ids=[], by=a_school.ito)
    crowd = [a_school.add_student(f"s{n}", f"S{n} T") for n in range(10)]
    with pytest.raises(Refused, match="too_many_appointments") as refused:
        a_school.arrange(*crowd, repeat="daily", until=date(2027, 3, 1))
    assert refused.value.refusal.facts["limit"] == MOST_AT_ONCE


def test_from_a_place_where_nobody_works_is_refused(asking: School) -> None:
    """Nobody could approve it: it would be missed, whoever made it."""
    attic = asking.open_place("Attic")
    (card,) = asking.arrange()
    for way in (
        lambda: asking.arrange(origin=attic),
        lambda: asking.ask_appointment(origin=attic, minutes=120),
        lambda: asking.do(reschedule, pass_id=card.id, origin_id=attic, by=asking.ito),
    ):
        with pytest.raises(Refused, match="nobody_lets_go"):
            way()
    asking.okafor = asking.with_locations(asking.okafor, attic)
    assert asking.do(reschedule, pass_id=card.id, origin_id=attic, by=asking.ito)


def test_nobody_makes_one_for_another_school(a_school: School) -> None:
    with pytest.raises(NotFound):
        a_school.arrange(a_school.eli)
    with pytest.raises(NotFound):
        a_school.arrange(to=a_school.other_room)
    with pytest.raises(NotFound):
        a_school.arrange(origin=a_school.other_room)
    with pytest.raises(NotAllowed):
        a_school.arrange(by=a_school.ana)


# Asked for by a student


def test_a_student_asks_and_only_an_adult_of_the_destination_confirms(asking: School) -> None:
    card = asking.ask_appointment(reason="Talk")
    assert (card.state, asking.names(card.id - 1)) == (
        "awaiting_confirmation", ["pass.appointment_asked"],
    )  # fmt: skip
    for nobody in (asking.rivera, asking.dana, asking.okafor):
        with pytest.raises(NotAllowed):
            asking.press("confirm", card, nobody)
    with pytest.raises(NotFound):
        asking.press("confirm", card, asking.ana)
    assert asking.press("confirm", card, asking.ito).state == "scheduled"
    with pytest.raises(Stale):
        asking.press("confirm", card, asking.ito)


@pytest.mark.parametrize("switch", ["school", "location", "adult", "nobody there", "listed"])
def test_each_switch_refuses(asking: School, switch: str) -> None:
    to, code = asking.nurse, "takes_no_requests"
    if switch == "school":
        asking.decide(student_appointments=False)
        code = "no_requests_here"
    elif switch == "location":
        asking.change_place(to, may_be_asked=False)
    elif switch == "adult":
        asking.change_place(to, adult_may_be_asked=False)
    elif switch == "nobody there":
        to = asking.open_place("Attic")
    else:
        asking.change_place(to, access="listed")
        code = "not_open_to_you"
    with pytest.raises(Refused, match=code):
        asking.ask_appointment(to=to)
    assert asking.arrange(to=to)[0].state == "scheduled"  # an adult may


def test_a_mandatory_reason_is_asked_of_a_student_only(asking: School) -> None:
    asking.change_place(asking.nurse, reason_mode="mandatory")
    with pytest.raises(Refused, match="reason_missing"):
        asking.ask_appointment()
    assert asking.ask_appointment(reason="Talk").reason == "Talk"
    asking.arrange()


def test_a_student_has_five_requests_that_wait_at_most(asking: School) -> None:
    for hours in range(MOST_ASKED):
        asking.ask_appointment(minutes=60 + 60 * hours)
    with pytest.raises(Refused, match="asked_too_often"):
        asking.ask_appointment(minutes=30)


def test_the_same_is_not_asked_for_twice_nor_what_is_too_near(asking: School) -> None:
    """Too near is less than an appointment waits: 15 minutes."""
    asking.ask_appointment()
    asking.arrange(minutes=180)
    for minutes, to in ((60, None), (74, None), (46, asking.library), (170, None)):
        with pytest.raises(Refused, match="too_near") as refused:
            asking.ask_appointment(to=to, minutes=minutes)
    assert refused.value.refusal.facts["wall"] == "13:00:00"
    for minutes in (45, 75):
        asking.ask_appointment(minutes=minutes)
    asking.ask_appointment(asking.cam)
    asking.arrange()  # an adult is told, and may


def test_no_student_asks_for_a_day_without_school(ringing: School) -> None:
    ringing.decide(student_appointments=True)
    for asks in ({"wall": time(9)}, {"period": "3"}):
        with pytest.raises(Refused, match="day_without_school"):
            ringing.ask_appointment(day=date(2026, 3, 7), **asks)
    assert ringing.ask_appointment(day=date(2026, 3, 6), wall=time(9))
    assert ringing.arrange(day=date(2026, 3, 7), wall=time(9))


def test_only_students_ask_and_never_a_series(asking: School) -> None:
    with pytest.raises(NotAllowed):
        asking.ask_appointment(asking.rivera)
    with pytest.raises(NotAllowed):
        asking.ask_appointment(repeat="daily", until=date(2026, 3, 5))


def test_a_request_that_nobody_confirms_expires_when_it_would_surface(asking: School) -> None:
    card = asking.ask_appointment()
    asking.wait(minutes=54)
    assert asking.now_is(card.id).state == "awaiting_confirmation"
    asking.wait(minutes=5)
    after = asking.now_is(card.id)
    assert (after.state, after.ended_at) == ("expired", card.due_at)


def test_nobody_asks_for_what_nobody_has_time_to_confirm(asking: School) -> None:
    for minutes in (1, 4, 5):
        with pytest.raises(Refused, match="too_soon_to_confirm"):
            asking.ask_appointment(minutes=minutes)
    with pytest.raises(Refused, match="not_ahead"):
        asking.ask_appointment(minutes=0)
    card = asking.ask_appointment(minutes=6)
    assert asking.press("confirm", card, asking.ito).state == "scheduled"


def test_no_request_is_moved_to_where_nobody_has_time_to_confirm_it(asking: School) -> None:
    card = asking.ask_appointment()
    soon = asking.wish(minutes=5)
    with pytest.raises(Refused, match="too_soon_to_confirm"):
        asking.do(reschedule, pass_id=card.id, wall=soon.wall, by=asking.ito)
    (moved,) = asking.do(
        reschedule, pass_id=card.id, wall=asking.wish(minutes=6).wall, by=asking.ito
    )
    asking.wait(seconds=30)
    (other,) = asking.do(reschedule, pass_id=card.id, reason="Talk", by=asking.ito)
    assert (other.state, other.appointment) == ("awaiting_confirmation", moved.appointment)
    asking.press("confirm", other, asking.ito)
    (sooner,) = asking.do(reschedule, pass_id=card.id, wall=soon.wall, by=asking.ito)
    assert sooner.state == "scheduled"


# Acknowledge, comment, change


def test_an_acknowledgement_lapses_when_the_appointment_is_changed(a_school: School) -> None:
    (card,) = a_school.arrange()
    card = a_school.press("acknowledge", card, a_school.rivera)
    assert card.is_acknowledged
    with pytest.raises(Stale):
        a_school.press("acknowledge", card, a_school.rivera)
    (card,) = a_school.do(reschedule, pass_id=card.id, wall=time(12), by=a_school.ito)
    assert not card.is_acknowledged
    a_school.do(move_pass, "acknowledge", pass_id=card.id, by=a_school.rivera)


def test_an_edit_that_changes_nothing_is_none(a_school: School) -> None:
    """No event, and the acknowledgement stays; else the story says what was changed."""
    (card,) = a_school.arrange(reason="Talk")
    card, before = a_school.press("acknowledge", card, a_school.rivera), a_school.last
    form = {"day": MONDAY, "wall": time(11), "period": "", "reason": " Talk ",
            "origin_id": card.origin.id, "destination_id": card.destination.id}  # fmt: skip
    same = a_school.do(reschedule, pass_id=card.id, by=a_school.ito, series="all", **form)
    assert (same, a_school.last) == ((card,), before)
    assert a_school.now_is(card.id).is_acknowledged
    form |= {"wall": time(12), "destination_id": a_school.library, "reason": "Read"}
    (other,) = a_school.do(reschedule, pass_id=card.id, by=a_school.ito, **form)
    assert [stamp.what for stamp in other.stamps[-3:]] == [
        "time_changed", "place_changed", "reason_changed",
    ]  # fmt: skip
    assert not other.is_acknowledged and a_school.last == before + 1


def test_of_a_series_only_what_becomes_another_is_changed(a_school: School) -> None:
    cards = a_series(a_school)
    (alone,) = a_school.do(reschedule, pass_id=cards[4].id, wall=time(13), by=a_school.ito)
    before = a_school.last
    changed = a_school.do(
        reschedule, pass_id=cards[0].id, wall=time(13), series="all", by=a_school.ito
    )
    assert [at_wall(card)[:2] for card in changed] == ["13"] * 3
    assert changed[2] == alone and a_school.last == before + 2


def test_who_made_it_may_change_it_whatever_its_places(a_school: School) -> None:
    (card,) = a_school.arrange(by=a_school.okafor)
    a_school.do(comment_on_pass, pass_id=card.id, text="For Ito.", by=a_school.okafor)
    a_school.do(reschedule, pass_id=card.id, reason="Other", by=a_school.okafor)
    (off,) = a_school.do(call_off, pass_id=card.id, text="Ill.", by=a_school.okafor)
    assert (off.state, off.appointment and off.appointment.why) == ("cancelled", "Ill.")
    (other,) = a_school.arrange()
    with pytest.raises(NotAllowed):
        a_school.do(call_off, pass_id=other.id, text="Ill.", by=a_school.okafor)


def test_a_changed_appointment_surfaces_at_its_new_time(a_school: School) -> None:
    (card,) = a_school.arrange()
    (card,) = a_school.do(
        reschedule, pass_id=card.id, day=date(2026, 3, 9), wall=time(9),
        destination_id=a_school.exit, by=a_school.rivera,
    )  # fmt: skip
    assert (at_wall(card), card.trip_type, card.destination.name) == (
        "09:00 13:00", "one_way", "Going home",
    )  # fmt: skip
    assert a_school.log()[-1].location_ids == (a_school.nurse,)
    a_school.wait(minutes=120)
    assert a_school.now_is(card.id).state == "scheduled"
    with pytest.raises(Refused, match="not_ahead"):
        a_school.do(reschedule, pass_id=card.id, day=MONDAY, by=a_school.rivera)


def a_series(school: School) -> list[PassCard]:
    """Ana and Cam on three Mondays."""
    return list(school.arrange(school.ana, school.cam, repeat="weekly", until=date(2026, 3, 16)))


@pytest.mark.parametrize(
    ("series", "everyone", "which"),
    [("one", False, [2]), ("later", False, [2, 4]), ("all", False, [0, 2, 4]),
     ("one", True, [2, 3]), ("later", True, [2, 3, 4, 5]), ("all", True, [0, 1, 2, 3, 4, 5])],
)  # fmt: skip
def test_one_occurrence_or_the_series(
    a_school: School, series: str, everyone: bool, which: list[int]
) -> None:
    cards = a_series(a_school)
    about = {"pass_id": cards[2].id, "series": series, "everyone": everyone, "by": a_school.ito}
    a_school.do(reschedule, wall=time(13), **about)
    walls = {n for n, c in enumerate(cards) if at_wall(a_school.now_is(c.id))[:2] == "13"}
    assert walls == set(which)
    off = a_school.do(call_off, text="Ill.", **about)
    assert {card.id for card in off} == {cards[n].id for n in which}
    left = {card.id for card in queries.coming_passes(a_school.id)}
    assert left == {card.id for n, card in enumerate(cards) if n not in which}


def test_a_series_takes_along_only_what_the_adult_may_change(a_school: School) -> None:
    """Ms. Rivera's room was the way out of all three; the second departs from Mr. Okafor's now."""
    cards = a_school.arrange(repeat="weekly", until=date(2026, 3, 16))
    about = {"series": "all", "by": a_school.rivera}
    a_school.do(reschedule, pass_id=cards[1].id, origin_id=a_school.room_118, by=a_school.ito)
    changed = a_school.do(reschedule, pass_id=cards[0].id, wall=time(13), **about)
    assert [card.id for card in changed] == [cards[0].id, cards[2].id]
    off = a_school.do(call_off, pass_id=cards[0].id, text="Ill.", **about)
    assert [card.id for card in off] == [cards[0].id, cards[2].id]
    assert a_school.now_is(cards[1].id).state == "scheduled"


def test_another_day_moves_each_of_a_series_by_as_many_days(ringing: School) -> None:
    cards = ringing.arrange(repeat="weekly", until=date(2026, 3, 16))
    about = {"pass_id": cards[1].id, "by": ringing.ito}
    changed = ringing.do(reschedule, day=date(2026, 3, 11), series="later", **about)
    assert on(changed) == ["03-11", "03-18"]
    assert [c.appointment and c.appointment.until for c in changed] == [date(2026, 3, 18)] * 2
    changed = ringing.do(reschedule, day=date(2026, 3, 12), series="all", **about)
    assert sorted(on(changed)) == ["03-03", "03-12", "03-19"]
    before = ringing.last
    with pytest.raises(Refused, match="no_school_then"):  # a Saturday
        ringing.do(reschedule, day=date(2026, 3, 14), series="later", **about)
    with pytest.raises(Refused, match="not_ahead"):
        ringing.do(reschedule, day=date(2026, 3, 10), series="all", **about)
    assert ringing.last == before
    (card,) = ringing.do(reschedule, day=date(2026, 3, 14), **about)  # alone, as it was chosen
    assert on((card,)) == ["03-14"]


def test_a_daily_series_has_no_other_days(ringing: School) -> None:
    cards = ringing.arrange(repeat="daily", until=date(2026, 3, 6))
    about = {"pass_id": cards[1].id, "day": date(2026, 3, 4), "by": ringing.ito}
    with pytest.raises(Refused, match="daily_series_stays"):
        ringing.do(reschedule, series="later", **about)
    assert on(ringing.do(reschedule, **about)) == ["03-04"]


def test_what_one_of_a_series_has_of_its_own_stays(a_school: School) -> None:
    """The form says everything of the one that was pressed; only what changed goes to others."""
    cards = a_school.arrange(reason="Talk", repeat="weekly", until=date(2026, 3, 16))
    a_school.do(
        reschedule, pass_id=cards[1].id, wall=time(14), origin_id=a_school.room_118,
        by=a_school.ito,
    )  # fmt: skip
    form = {"day": MONDAY, "wall": time(11), "period": "", "origin_id": a_school.room_204,
            "destination_id": a_school.nurse}  # fmt: skip
    changed = a_school.do(
        reschedule, pass_id=cards[0].id, reason="Read", series="all", by=a_school.ito, **form
    )
    assert [card.reason for card in changed] == ["Read"] * 3
    assert [at_wall(card)[:5] for card in changed] == ["11:00", "14:00", "11:00"]
    assert changed[1].origin.id == a_school.room_118


def test_a_change_that_one_of_the_series_cannot_take_changes_none(ringing: School) -> None:
    cards = ringing.arrange(repeat="weekly", until=date(2026, 3, 16))
    ringing.do(set_days, date(2026, 3, 16), date(2026, 3, 16), NO_SCHOOL, by=ringing.dana.who)
    before = ringing.last
    with pytest.raises(Refused, match="no_such_period"):
        ringing.do(reschedule, pass_id=cards[0].id, period="3", series="later", by=ringing.ito)
    assert ringing.last == before


def test_whose_appointments_a_list_has(a_school: School) -> None:
    """Those of the places, and what the adult has made; of others nothing is read."""
    (made,) = a_school.arrange(origin=a_school.room_118, by=a_school.rivera)
    (from_here,) = a_school.arrange(minutes=90)
    a_school.arrange(origin=a_school.room_118, minutes=120)
    rivera = a_school.id_of(a_school.rivera)
    mine = a_school.rivera.location_ids
    assert queries.coming_passes(a_school.id, location_ids=mine) == [from_here]
    found = queries.coming_passes(a_school.id, location_ids=mine, made_by=rivera)
    assert found == [made, from_here]
    assert queries.coming_passes(a_school.id, location_ids=mine, made_by=rivera, limit=1) == [made]
    assert queries.coming_passes(a_school.id, location_ids=(), made_by=rivera) == [made]
    assert queries.coming_passes(a_school.id, location_ids=()) == []


# Called off


def test_cancelling_needs_words(a_school: School) -> None:
    (card,) = a_school.arrange()
    for text, code in (("", "comment_missing"), (" \n", "comment_missing"),
                       ("x" * 201, "comment_too_long")):  # fmt: skip
        with pytest.raises(Refused, match=code):
            a_school.do(call_off, pass_id=card.id, text=text, by=a_school.ito)


def test_the_from_adult_may_cancel_what_a_student_asked_for(asking: School) -> None:
    card = asking.ask_appointment()
    (off,) = asking.do(call_off, pass_id=card.id, text="A test.", by=asking.rivera)
    assert (off.state, off.closed_by and off.closed_by.name) == ("cancelled", "Ms. Rivera")
    assert queries.passes_of(asking.id_of(asking.ana))[0] == off


def test_a_student_takes_back_an_own_request_until_thirty_minutes_before(asking: School) -> None:
    card = asking.press("confirm", asking.ask_appointment(), asking.ito)
    other = asking.ask_appointment(minutes=45)
    with pytest.raises(Refused, match="comment_missing"):
        asking.do(take_back, pass_id=card.id, text="", by=asking.ana)
    asking.wait(minutes=30)
    assert asking.do(take_back, pass_id=card.id, text="Well.", by=asking.ana).state == "withdrawn"
    asking.wait(seconds=1)
    with pytest.raises(Refused, match="too_late_to_take_back"):
        asking.do(take_back, pass_id=other.id, text="Well.", by=asking.ana)


def test_a_student_cannot_take_back_what_an_adult_made(asking: School) -> None:
    (card,) = asking.arrange(minutes=120)
    for student in (asking.ana, asking.cam, asking.eli):
        with pytest.raises(NotFound):
            asking.do(take_back, pass_id=card.id, text="No.", by=student)
    asking.wait(minutes=116)
    with pytest.raises(Stale):
        asking.press("withdraw", card, asking.ana)


def test_the_same_press_again_gives_the_first_answer(asking: School) -> None:
    again = uuid4()
    card = asking.ask_appointment(request_id=again)
    assert asking.ask_appointment(request_id=again) == card
    press = uuid4()
    first = asking.press("confirm", card, asking.ito, request_id=press)
    assert asking.press("confirm", card, asking.ito, request_id=press) == first
    off = uuid4()
    about = {"pass_id": card.id, "text": "Ill.", "by": asking.ito, "request_id": off}
    assert asking.do(call_off, **about)[0] == asking.do(call_off, **about)[0]


# The bell and the zone


def test_today_is_different_moves_the_appointments_of_a_period(ringing: School) -> None:
    (card,) = ringing.arrange(period="3")
    ringing.arrange(wall=time(10, 30))
    ringing.do(set_days, MONDAY, MONDAY, "Delay", by=ringing.dana.who)
    assert ringing.do(follow_bell, by=ringing.dana) == 1
    moved = ringing.now_is(card.id)
    assert (at_wall(moved), moved.stamps[-1].by.name) == ("11:30 16:30", "Dana Whitfield")
    ringing.do(set_days, MONDAY, MONDAY, NO_SCHOOL, by=ringing.dana.who)
    assert ringing.do(follow_bell, by=ringing.dana) == 0  # no such period: it keeps its time


def test_what_the_bell_puts_into_the_past_stays_at_its_time(ringing: School) -> None:
    """It is 10:00; by "Early" period 3 was at 8:30. Whoever was asked for 10:30 comes at 10:30."""
    early = Schedule("Early", (Period("3", time(8, 30), time(8, 50)),))
    ringing.do(keep_schedule, early, by=ringing.dana.who)
    (card,), before = ringing.arrange(period="3"), settings_of(ringing.id).bells
    ringing.do(set_days, MONDAY, MONDAY, "Early", by=ringing.dana.who)
    with turn(ringing.id) as tx:
        assert left_behind(tx, before, at=ringing.clock.at) == [card]
        assert follow_bell(tx, by=ringing.dana, at=ringing.clock.at) == 0
        # Another change of that day says nothing new about it.
        assert left_behind(tx, settings_of(ringing.id).bells, at=ringing.clock.at) == []
    ringing.wait(minutes=24)
    assert ringing.now_is(card.id) == card
    ringing.wait(minutes=1)
    assert ringing.now_is(card.id).state == "waiting"


def test_a_period_that_has_just_begun_is_not_over(ringing: School) -> None:
    """Its appointment moves and surfaces at once: its window is open."""
    just = Schedule("Just", (Period("3", time(9, 55), time(10, 20)),))
    ringing.do(keep_schedule, just, by=ringing.dana.who)
    (card,), before = ringing.arrange(period="3"), settings_of(ringing.id).bells
    ringing.do(set_days, MONDAY, MONDAY, "Just", by=ringing.dana.who)
    with turn(ringing.id) as tx:
        assert left_behind(tx, before, at=ringing.clock.at) == []
    assert ringing.do(follow_bell, by=ringing.dana) == 1
    ringing.wait(seconds=1)
    assert ringing.now_is(card.id).state == "waiting"


def test_an_edit_that_leaves_the_time_alone_never_fails_for_its_sake(ringing: School) -> None:
    (of_period,), (of_time,) = ringing.arrange(period="3"), ringing.arrange(wall=time(10, 30))
    ringing.do(set_days, MONDAY, MONDAY, NO_SCHOOL, by=ringing.dana.who)
    for card, wall, period in ((of_period, None, "3"), (of_time, time(10, 30), "")):
        (new,) = ringing.do(
            reschedule, pass_id=card.id, day=MONDAY, wall=wall, period=period, reason="Read",
            by=ringing.ito,
        )  # fmt: skip
        assert (new.reason, new.appointment, new.due_at) == ("Read", card.appointment, card.due_at)
    with pytest.raises(Refused, match="no_such_period"):
        ringing.do(reschedule, pass_id=of_time.id, period="3", by=ringing.ito)


def test_what_is_held_back_is_changed_without_another_time(a_school: School) -> None:
    (card,) = a_school.arrange(minutes=20)
    a_school.wait(minutes=14)
    a_school.out()
    a_school.wait(minutes=7)  # its time is over, its window is not
    (new,) = a_school.do(reschedule, pass_id=card.id, reason="Read", by=a_school.ito)
    assert new.appointment and new.appointment.held and new.reason == "Read"


def test_appointments_on_a_day_that_loses_its_school_are_cancelled(ringing: School) -> None:
    cards = ringing.arrange(ringing.ana, ringing.cam, repeat="daily", until=date(2026, 3, 3))
    before = settings_of(ringing.id).bells
    ringing.do(set_days, MONDAY, MONDAY, NO_SCHOOL, by=ringing.dana.who)
    with turn(ringing.id) as tx:
        lost = without_school(tx, before, at=ringing.clock.at)
        call_off_without_school(tx, lost, by=ringing.dana, at=ringing.clock.at)
    assert {card.id for card in lost} == {card.id for card in cards[:2]}
    off = ringing.now_is(cards[0].id)
    assert (off.state, off.closed_by and off.closed_by.name) == ("cancelled", "Dana Whitfield")
    assert off.stamps[-1].what == "no_school"
    assert queries.coming_passes(ringing.id) == list(cards[2:])
    with turn(ringing.id) as tx:
        assert without_school(tx, before, at=ringing.clock.at) == []


def surfaced_of(school: School, period: str) -> PassCard:
    """One of this period, which waits for approval since a minute."""
    (card,) = school.arrange(period=period)
    school.wait(minutes=26)
    card = school.now_is(card.id)
    assert card.state == "waiting"
    return card


def test_what_has_surfaced_moves_with_the_bell_and_is_missed_by_its_new_time(
    ringing: School,
) -> None:
    card, dana = surfaced_of(ringing, "3"), ringing.dana
    ringing.do(set_days, MONDAY, MONDAY, "Delay", by=dana.who)
    assert ringing.do(follow_bell, by=dana) == 1
    assert ringing.do(follow_bell, by=dana) == 0
    moved = ringing.now_is(card.id)
    assert (moved.state, at_wall(moved)) == ("waiting", "11:30 16:30")
    assert (moved.requested_at, moved.stamps[-1].what) == (card.requested_at, "time_changed")
    # Approved by mistake, and undone: it still waits for its new time.
    ringing.press("approve", moved, ringing.rivera)
    back = ringing.do(undo, pass_id=card.id, by=ringing.rivera)
    ringing.wait(minutes=73)  # 11:39
    assert (ringing.now_is(card.id).state, back.due_at) == ("waiting", moved.due_at)
    ringing.wait(minutes=1)
    missed = ringing.now_is(card.id)
    assert (missed.state, missed.ended_at) == ("missed", moved.due_at)


def test_what_has_surfaced_waits_no_shorter_because_its_bell_rings_earlier(ringing: School) -> None:
    """And stays at its time where that period is over, as if it were still to come."""
    card, dana = surfaced_of(ringing, "3"), ringing.dana
    for name, begins, follows in (("Over", time(10, 15), 0), ("Earlier", time(10, 28), 1)):
        ringing.do(keep_schedule, Schedule(name, (Period("3", begins, time(10, 50)),)), by=dana.who)
        before = settings_of(ringing.id).bells
        ringing.do(set_days, MONDAY, MONDAY, name, by=dana.who)
        with turn(ringing.id) as tx:
            late = [] if follows else [card]
            assert left_behind(tx, before, at=ringing.clock.at) == late
            assert follow_bell(tx, by=dana, at=ringing.clock.at) == follows
    moved = ringing.now_is(card.id)
    assert moved.appointment and moved.appointment.wall == time(10, 28)
    assert moved.due_at == card.due_at


def test_what_has_surfaced_is_cancelled_with_its_day(ringing: School) -> None:
    card, before = surfaced_of(ringing, "3"), settings_of(ringing.id).bells
    out = ringing.arrange(ringing.cam, minutes=6)[0]
    ringing.wait(minutes=2)
    ringing.press("approve", ringing.now_is(out.id), ringing.rivera)
    ringing.do(set_days, MONDAY, MONDAY, NO_SCHOOL, by=ringing.dana.who)
    with turn(ringing.id) as tx:
        lost = without_school(tx, before, at=ringing.clock.at)
        call_off_without_school(tx, lost, by=ringing.dana, at=ringing.clock.at)
    assert lost == [card]  # who is out already comes back by the usual moves
    off = ringing.now_is(card.id)
    assert (off.state, off.stamps[-1].what, off.ended_at) == (
        "cancelled", "no_school", ringing.clock.at,
    )  # fmt: skip
    assert ringing.ask().state == "waiting"


def test_another_zone_moves_the_appointments_with_the_wall(a_school: School) -> None:
    (card,) = a_school.arrange(minutes=60 * 24)
    a_school.decide(time_zone="America/Denver")
    assert a_school.do(follow_bell, by=a_school.dana) == 1
    assert at_wall(a_school.now_is(card.id)) == "10:00 17:00"
    assert a_school.do(follow_bell, by=a_school.dana) == 0


def test_what_another_zone_puts_into_the_past_is_missed(a_school: School) -> None:
    (card,) = a_school.arrange(minutes=60)
    a_school.decide(time_zone="Europe/Berlin")
    a_school.do(follow_bell, by=a_school.dana)
    a_school.wait(seconds=1)
    after = a_school.now_is(card.id)
    assert (after.state, after.ended_at) == ("missed", a_school.clock.at - timedelta(seconds=1))
