"""Auto Pass: two keys, one room, Start and Stop by the student, the letter A."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import NamedTuple

import msgspec
import pytest

from corridor.accounts.people import close_account
from corridor.passes import events, moves, queries, rules
from corridor.passes.auto import choose_auto, follow, room_of
from corridor.passes.cards import PassCard
from corridor.passes.refusals import NotAllowed, NotFound, Refused, Stale
from corridor.passes.standing import Departure
from corridor.passes.words import sentence
from corridor.roster import absences, auto
from corridor.roster.absences import Absence
from corridor.roster.changes import archive_location, freeze_school
from corridor.roster.models import Location
from corridor.roster.settings import BlockingWindow, Freeze
from tests.passes.test_rules import ANA, AT, NURSE, ROOM, SOON
from tests.school import School

pytestmark = pytest.mark.django_db

FREE = Departure(
    at=AT, frozen=None, student=ANA, origin=ROOM, destination=NURSE, blocked_by="",
    blocked_until=None, takes_passes=True, absent_until=None, absence_text="",
    open_to_student=True, open_again_at=None, is_archived=False, auto=("start", "stop"),
    out_on_auto=0, auto_limit=None, auto_free_by=None,
)  # fmt: skip


def but(**changed: object) -> Departure:
    return msgspec.structs.replace(FREE, **changed)


# rule: (code, what breaks it, what just does not)
EDGES: dict[rules.StartRule, tuple[str, Departure, Departure]] = {
    rules.school_not_frozen: ("frozen", but(frozen=Freeze(AT, "Dana", "")), FREE),
    rules.destination_is_there: ("place_closed", but(is_archived=True), FREE),
    rules.outside_blocked_times: ("blocked", but(blocked_by="Test", blocked_until=SOON), FREE),
    rules.destination_takes_passes: ("takes_no_passes", but(takes_passes=False), FREE),
    rules.destination_is_in: ("out_of_office", but(absent_until=SOON), FREE),
    rules.open_to_the_student: ("not_open_to_you", but(open_to_student=False), FREE),
    rules.auto_pass_is_on: ("auto_off", but(auto=("stop",)), but(auto=("start",))),
    rules.auto_pass_has_room: (
        "auto_full", but(out_on_auto=2, auto_limit=2, auto_free_by=SOON),
        but(out_on_auto=1, auto_limit=2),
    ),
}  # fmt: skip


def test_every_rule_of_start_is_asked_and_tested() -> None:
    assert set(rules.START_IN_ORDER) == set(EDGES)
    assert rules.refusal_to_start(FREE) is None


@pytest.mark.parametrize("rule", EDGES, ids=lambda rule: rule.__name__)
def test_the_edge_of_each_rule(rule: rules.StartRule) -> None:
    code, breaks, just_not = EDGES[rule]
    assert rules.refusal_to_start(just_not) is None
    refusal = rules.refusal_to_start(breaks)
    assert refusal is not None
    assert refusal.code == code
    assert sentence(refusal, for_adult=True) and sentence(refusal, for_adult=False)


# The life of an Auto Pass


def test_start_and_stop_leave_their_marks(a_school: School) -> None:
    a_school.allow_auto(a_school.nurse)
    before = a_school.last
    card = a_school.ask()
    assert card.auto == ("start", "stop")
    card = a_school.press("start", card, a_school.ana)
    assert (card.state, card.marks) == ("on_the_way", ("auto_start",))
    card = a_school.press("stop", card, a_school.ana)
    assert (card.state, card.marks) == ("ended", ("auto_start", "auto_stop"))
    assert [(stamp.what, stamp.by.name) for stamp in card.stamps] == [
        ("requested", "Ana Lopez"), ("auto_started", "Ana Lopez"), ("auto_stopped", "Ana Lopez"),
    ]  # fmt: skip
    assert a_school.names(before) == ["pass.requested", "pass.auto_started", "pass.auto_stopped"]


def test_the_adults_start_is_an_ordinary_one(a_school: School) -> None:
    a_school.allow_auto(a_school.nurse)
    card = a_school.press("approve", a_school.ask(), a_school.rivera)
    assert (card.state, card.marks) == ("on_the_way", ())
    card = a_school.press("stop", card, a_school.ana)
    assert card.marks == ("auto_stop",)
    other = a_school.ask()
    assert a_school.press("cancel", other, a_school.rivera).state == "cancelled"
    with pytest.raises(Stale):
        a_school.press("start", other, a_school.ana)


@pytest.mark.parametrize(
    ("mode", "drawn"),
    [("start_stop", [{"start", "withdraw"}, {"stop"}]), ("start", [{"start", "withdraw"}, set()]),
     ("stop", [{"withdraw"}, {"stop"}])],
)  # fmt: skip
def test_the_buttons_are_what_the_adult_chose(
    a_school: School, mode: str, drawn: list[set[str]]
) -> None:
    a_school.allow_auto(a_school.nurse, mode=mode)
    card = a_school.ask()
    for expected in drawn:
        who = moves.relations(card, a_school.ana)
        assert {move.name for move in moves.possible(card, who)} == expected
        card = a_school.press("approve", card, a_school.rivera) if card.state == "waiting" else card


def test_stop_only_and_start_only_hold(a_school: School) -> None:
    a_school.allow_auto(a_school.nurse, mode="stop")
    card = a_school.ask()
    with pytest.raises(Refused, match="auto_off"):
        a_school.press("start", card, a_school.ana)
    a_school.press("approve", card, a_school.rivera)
    a_school.press("stop", card, a_school.ana)
    a_school.allow_auto(a_school.nurse, mode="start")
    card = a_school.press("start", a_school.ask(), a_school.ana)
    with pytest.raises(Refused, match="stop_off"):
        a_school.press("stop", card, a_school.ana)


def test_a_stop_that_is_allowed_no_more_is_said_as_such(a_school: School) -> None:
    """Nobody was faster: the student is still out, and reads who ends the pass."""
    a_school.allow_auto(a_school.nurse)
    card = a_school.press("start", a_school.ask(), a_school.ana)
    a_school.do(choose_auto, modes={}, limit=None, by=a_school.rivera)
    before = a_school.last
    with pytest.raises(Refused) as no:
        a_school.press("stop", card, a_school.ana)
    assert sentence(no.value.refusal, for_adult=False) == (
        "You cannot stop this pass yourself now. Ask Ms. Rivera to end it."
    )
    assert a_school.last == before
    a_school.press("end", card, a_school.rivera)
    with pytest.raises(Stale):
        a_school.press("stop", card, a_school.ana)


def test_nobody_starts_or_stops_the_pass_of_another(a_school: School) -> None:
    a_school.allow_auto(a_school.nurse)
    card = a_school.ask()
    for name in ("start", "stop"):
        for student in (a_school.cam, a_school.eli):
            with pytest.raises(NotFound):
                a_school.press(name, card, student)
        for adult in (a_school.rivera, a_school.ito, a_school.dana):
            with pytest.raises(NotAllowed):
                a_school.press(name, card, adult)


# The two keys


def test_both_keys_are_needed(a_school: School) -> None:
    a_school.do(choose_auto, modes={a_school.nurse: "start"}, limit=None, by=a_school.rivera)
    assert a_school.ask().auto == ()  # the adult alone
    a_school.press("withdraw", a_school.log()[-1].card, a_school.ana)
    a_school.change_place(a_school.nurse, may_be_auto=True)
    assert a_school.ask().auto == ()  # the choice was made for a place that was not offered
    a_school.press("withdraw", a_school.log()[-1].card, a_school.ana)
    a_school.allow_auto(a_school.nurse)
    assert a_school.ask().auto == ("start", "stop")


def test_never_from_a_room_that_is_not_the_adults_own(a_school: School) -> None:
    """Mr. Okafor looks after the library; it is shared, so his choice is for room 118 alone."""
    a_school.allow_auto(a_school.nurse, by=a_school.okafor)
    assert a_school.ask(origin=a_school.library).auto == ()
    a_school.press("withdraw", a_school.log()[-1].card, a_school.ana)
    # Not even if somebody wrote a choice beside a shared place.
    Location.objects.filter(pk=a_school.library).update(
        auto_passes=f'{{"{a_school.nurse}":"start"}}'
    )
    assert a_school.ask(origin=a_school.library).auto == ()
    a_school.press("withdraw", a_school.log()[-1].card, a_school.ana)
    assert a_school.ask().auto == ()  # nor from another adult's
    a_school.press("withdraw", a_school.log()[-1].card, a_school.ana)
    assert a_school.ask(origin=a_school.room_118).auto == ("start", "stop")


def test_a_teacher_pass_is_no_auto_pass(a_school: School) -> None:
    a_school.allow_auto(a_school.nurse)
    card = a_school.give()
    assert card.auto == ()
    with pytest.raises(Refused, match="auto_off"):
        a_school.press("start", card, a_school.ana)


def test_open_passes_follow_at_once(a_school: School) -> None:
    a_school.change_place(a_school.nurse, may_be_auto=True)
    card, before = a_school.ask(), a_school.last
    a_school.allow_auto(a_school.nurse)
    a_school.allow_auto(a_school.nurse)  # twice is once
    assert a_school.names(before) == ["pass.auto_changed"]
    event = a_school.log()[-1]
    assert f"student:{a_school.id_of(a_school.ana)}" in event.topics()
    assert (event.by.name, event.card.auto) == ("Ms. Rivera", ("start", "stop"))
    a_school.allow_auto()
    with pytest.raises(Refused, match="auto_off"):
        a_school.press("start", card, a_school.ana)
    a_school.allow_auto(a_school.nurse, mode="stop")
    a_school.change_place(a_school.nurse, may_be_auto=False)
    assert a_school.do(follow, by=a_school.dana) == 1
    assert queries.pass_of_school(a_school.id, card.id).auto == ()


def test_a_choice_holds_again_when_the_place_comes_back(a_school: School) -> None:
    a_school.allow_auto(a_school.nurse, a_school.restroom, mode="start")
    a_school.change_place(a_school.nurse, may_be_auto=False)
    a_school.do(choose_auto, modes={a_school.restroom: "stop"}, limit=2, by=a_school.rivera)
    a_school.change_place(a_school.nurse, may_be_auto=True)
    room = room_of(a_school.id, a_school.rivera.account_id, a_school.clock.at)
    assert room is not None
    assert {c.name: c.mode for c in room.choices} == {"Nurse": "start", "Restroom B": "stop"}
    assert (room.name, room.limit, room.on) == ("Room 204", 2, 2)


def test_who_has_a_choice(a_school: School) -> None:
    with pytest.raises(NotAllowed):
        a_school.do(choose_auto, modes={}, limit=1, by=a_school.ana)
    roomless = msgspec.structs.replace(a_school.rivera, account_id=None)
    with pytest.raises(Refused, match="auto_nowhere"):
        a_school.do(choose_auto, modes={}, limit=1, by=roomless)
    assert room_of(a_school.id, None, a_school.clock.at) is None
    # Their own room, a place of another school and a word that is no mode are left out.
    a_school.change_place(a_school.room_204, may_be_auto=True)
    modes = {a_school.room_204: "start", a_school.other_room: "start", a_school.nurse: "fly"}
    a_school.do(choose_auto, modes=modes, limit=1, by=a_school.rivera)
    assert auto.read(Location.objects.get(pk=a_school.room_204).auto_passes) == {}


# What has changed between asking and starting


class Late(NamedTuple):
    """The code, what the student reads, and after how many minutes it works."""

    code: str
    student: str
    again: int | None = None


def frozen(school: School) -> None:
    school.do(freeze_school, text="Doors locked.", by=school.dana.who)


def archived(school: School) -> None:
    school.do(archive_location, Location.objects.get(pk=school.nurse), by=school.dana.who)


def blocked(school: School) -> None:
    window = BlockingWindow(name="State test", begins=time(9), ends=time(10, 30))
    school.decide(blocking=(window,))


def closed(school: School) -> None:
    school.change_place(school.nurse, takes_passes=False)


def away(school: School) -> None:
    absence = Absence(day=date(2026, 3, 2), begins=time(9), ends=time(10, 20), text="Back soon.")
    school.change_place(school.nurse, absences=absences.write((absence,)))


def listed(school: School) -> None:
    school.change_place(school.nurse, access="listed")


def listed_today(school: School) -> None:
    school.change_place(school.nurse, access="not_listed")
    school.list_student(school.nurse, school.ana, last_day=date(2026, 3, 2))


def adult_gone(school: School) -> None:
    school.do(close_account, account_id=school.rivera.account_id, by=school.dana)


def full(school: School) -> None:
    school.allow_auto(school.nurse, limit=1)
    school.press("start", school.ask(school.cam), school.cam)


LATE: dict[Callable[[School], None], Late] = {
    frozen: Late("frozen", "The school is frozen. Stay where you are. Doors locked."),
    archived: Late(
        "place_closed", "Nurse has been closed. Withdraw this pass and choose another place."
    ),
    blocked: Late("blocked", "No passes now: State test.", 30),
    closed: Late("takes_no_passes", "Nurse takes no passes."),
    away: Late("out_of_office", "Nurse is out of office. Back soon.", 20),
    listed: Late("not_open_to_you", "Nurse is not open to you right now. Ask your teacher."),
    # Until midnight in New York.
    listed_today: Late(
        "not_open_to_you", "Nurse is not open to you right now. Ask your teacher.", 14 * 60
    ),
    adult_gone: Late("auto_off", "You cannot start this pass yourself now. Wait for Ms. Rivera."),
    full: Late(
        "auto_full",
        "Auto Pass from Room 204: 1 of 1 are out. Start when one is back, or wait for Ms. Rivera.",
        30,
    ),
}


@pytest.mark.parametrize("change", LATE, ids=lambda change: change.__name__)
def test_what_has_changed_since_is_said_and_changes_nothing(
    a_school: School, change: Callable[[School], None]
) -> None:
    a_school.allow_auto(a_school.nurse)
    card = a_school.ask()
    change(a_school)
    before = a_school.last
    with pytest.raises(Refused) as no:
        a_school.press("start", card, a_school.ana)
    refusal, expected = no.value.refusal, LATE[change]
    assert (refusal.code, sentence(refusal, for_adult=False)) == (expected.code, expected.student)
    again = None if expected.again is None else AT + timedelta(minutes=expected.again)
    assert refusal.again_at == again
    assert a_school.last == before
    if change is not frozen:
        assert a_school.press("approve", card, a_school.rivera).state == "on_the_way"


def test_the_clock_is_faster_than_a_late_start(a_school: School) -> None:
    a_school.allow_auto(a_school.nurse)
    card = a_school.ask()
    a_school.wait(minutes=10, timer=False)
    with pytest.raises(Stale) as late:
        a_school.press("start", card, a_school.ana)
    assert late.value.card.state == "expired"


def test_the_same_start_twice_is_one(a_school: School) -> None:
    from uuid import uuid4

    a_school.allow_auto(a_school.nurse)
    card, press = a_school.ask(), uuid4()
    first = a_school.press("start", card, a_school.ana, request_id=press)
    before = a_school.last
    assert a_school.press("start", card, a_school.ana, request_id=press) == first
    with pytest.raises(Stale):
        a_school.press("start", card, a_school.ana)
    assert a_school.last == before


# The cap


def test_the_cap_counts_auto_passes_out_of_this_room_only(a_school: School) -> None:
    a_school.allow_auto(a_school.nurse, a_school.library, limit=1)
    a_school.allow_auto(a_school.nurse, by=a_school.okafor)
    ben = a_school.add_student("dee", "Dee Fox") or a_school.ben
    approved = a_school.press("approve", a_school.ask(a_school.cam), a_school.rivera)
    elsewhere = a_school.ask(ben, origin=a_school.room_118)
    a_school.press("start", elsewhere, ben)
    # One approved and one of another room are out: neither counts.
    card = a_school.press("start", a_school.ask(), a_school.ana)
    a_school.press("end", approved, a_school.rivera)
    waiting = a_school.ask(a_school.cam, a_school.library)
    with pytest.raises(Refused, match="auto_full"):
        a_school.press("start", waiting, a_school.cam)
    a_school.press("send_back", card, a_school.ito)
    with pytest.raises(Refused, match="auto_full"):  # returning is still out of the room
        a_school.press("start", waiting, a_school.cam)
    a_school.press("stop", card, a_school.ana)
    assert a_school.press("start", waiting, a_school.cam).marks == ("auto_start",)


def test_whose_time_is_over_holds_no_place_of_the_cap(a_school: School) -> None:
    a_school.allow_auto(a_school.nurse, limit=1)
    a_school.press("start", a_school.ask(), a_school.ana)
    a_school.wait(minutes=30, timer=False)
    assert a_school.press("start", a_school.ask(a_school.cam), a_school.cam).is_out


def test_every_event_of_auto_pass_is_of_one_pass() -> None:
    kinds = (events.PassAutoStarted, events.PassAutoStopped, events.PassAutoChanged)
    assert [kind.name for kind in kinds] == [
        "pass.auto_started", "pass.auto_stopped", "pass.auto_changed",
    ]  # fmt: skip
    assert PassCard.__struct_config__.frozen
