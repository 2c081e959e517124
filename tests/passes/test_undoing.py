"""Undo: within seconds, by whoever made the step, where nothing has followed."""

from datetime import timedelta
from uuid import uuid4

import pytest

from corridor.passes.appointments import call_off
from corridor.passes.cards import PassCard
from corridor.passes.corrections import ask_correction
from corridor.passes.queries import pass_of_school
from corridor.passes.refusals import NotAllowed, NotFound, Refusal, Refused, Stale
from corridor.passes.undoing import offered_for, undo
from tests.school import School


def take_back(school: School, card: PassCard, by: object = None, **more: object) -> PassCard:
    return school.do(undo, pass_id=card.id, by=by or school.rivera, **more)


def test_an_approved_request_waits_again_for_as_long_as_before(a_school: School) -> None:
    asked = a_school.ask()
    a_school.wait(minutes=2)
    approved = a_school.press("approve", asked, a_school.rivera)
    assert approved.let_go_by == a_school.rivera.account_id
    a_school.wait(seconds=5)
    back = take_back(a_school, approved)
    assert (back.state, back.started_at, back.let_go_by) == ("waiting", None, None)
    assert back.due_at == asked.due_at
    assert [stamp.what for stamp in back.stamps] == ["requested", "approved", "undone"]
    assert a_school.names()[-1] == "pass.undone"
    again = a_school.press("approve", back, a_school.rivera)
    assert (again.state, again.let_go_by) == ("on_the_way", a_school.rivera.account_id)


def test_a_request_that_waits_again_has_a_minute_left(a_school: School) -> None:
    asked = a_school.ask()
    a_school.wait(minutes=9, seconds=58)
    approved = a_school.press("approve", asked, a_school.rivera)
    a_school.wait(seconds=5)
    back = take_back(a_school, approved)
    assert back.due_at == a_school.clock.at + timedelta(minutes=1)


def test_a_cancelled_request_waits_again(a_school: School) -> None:
    asked = a_school.ask()
    back = take_back(a_school, a_school.press("cancel", asked, a_school.rivera))
    assert (back.state, back.ended_at, back.due_at) == ("waiting", None, asked.due_at)


@pytest.mark.parametrize("before", ["on_the_way", "arrived", "returning"])
def test_an_ended_pass_goes_on_where_it_was(a_school: School, before: str) -> None:
    card = a_school.out()
    for move in {"on_the_way": (), "arrived": ("arrive",), "returning": ("send_back",)}[before]:
        card = a_school.press(move, card, a_school.ito)
    a_school.wait(minutes=12)
    long = pass_of_school(a_school.id, card.id)
    back = take_back(a_school, a_school.press("end", long, a_school.rivera))
    assert (back.state, back.marks) == (before, ("long_running",))
    assert (back.due_at, back.over_at, back.ended_at) == (long.due_at, long.over_at, None)
    a_school.wait(minutes=18)
    assert pass_of_school(a_school.id, card.id).state == "system_ended"


def test_only_whoever_made_the_step(a_school: School) -> None:
    card = a_school.press("cancel", a_school.ask(), a_school.rivera)
    with pytest.raises(Stale):
        take_back(a_school, card, a_school.dana)
    with pytest.raises(NotAllowed):
        take_back(a_school, card, a_school.okafor)
    for stranger in (a_school.ana, a_school.stone, a_school.eli):
        with pytest.raises(NotFound):
            take_back(a_school, card, stranger)
    assert pass_of_school(a_school.id, card.id).state == "cancelled"


def test_too_late_is_too_late(a_school: School) -> None:
    card = a_school.press("end", a_school.out(), a_school.rivera)
    assert offered_for(card, a_school.rivera, a_school.clock.at) == 10
    assert offered_for(card, a_school.dana, a_school.clock.at) == 0
    a_school.wait(seconds=10)
    assert offered_for(card, a_school.rivera, a_school.clock.at) == 0
    a_school.wait(seconds=6)
    with pytest.raises(Stale):
        take_back(a_school, card)


def test_what_has_followed_is_not_undone(a_school: School) -> None:
    arrived = a_school.press("arrive", a_school.out(), a_school.ito)
    with pytest.raises(Stale):  # Ms. Rivera approved, but the student has arrived
        take_back(a_school, arrived)
    a_school.wait(minutes=2)
    ended = a_school.press("end", arrived, a_school.rivera)
    a_school.do(ask_correction, pass_id=ended.id, back_at=ended.started_at, by=a_school.ana)
    with pytest.raises(Stale):
        take_back(a_school, ended)


def test_a_new_request_of_the_student_has_followed(a_school: School) -> None:
    ended = a_school.press("end", a_school.out(), a_school.rivera)
    a_school.ask()
    with pytest.raises(Stale):
        take_back(a_school, ended)


def test_a_place_given_away_is_not_taken_back(a_school: School) -> None:
    a_school.change_place(a_school.nurse, capacity=1)
    cancelled = a_school.press("cancel", a_school.ask(), a_school.rivera)
    a_school.ask(a_school.cam)
    with pytest.raises(Refused) as caught:
        take_back(a_school, cancelled)
    assert caught.value.refusal.code == "destination_full"


def test_a_room_lets_no_more_out_by_an_undo(a_school: School) -> None:
    a_school.change_place(a_school.room_204, room_limit=1)
    ended = a_school.press("end", a_school.out(), a_school.rivera)
    a_school.out(a_school.cam, a_school.library)
    with pytest.raises(Refused) as caught:
        take_back(a_school, ended)
    assert caught.value.refusal.code == "room_limit"


def test_what_was_so_before_the_step_is_in_nobodys_way(a_school: School) -> None:
    """Dana has let one more out of the room than it allows, before Ana's pass was ended."""
    a_school.change_place(a_school.room_204, room_limit=1)
    out = a_school.out()
    a_school.give(
        a_school.cam, pre_approved=True, override=frozenset({"room_limit"}), by=a_school.dana
    )
    a_school.wait(seconds=1)
    ended = a_school.press("end", out, a_school.rivera)
    a_school.wait(seconds=1)
    a_school.limit(a_school.ben, None)
    a_school.ask(a_school.ben, a_school.library, origin=a_school.room_118)
    assert take_back(a_school, ended).state == "on_the_way"


def test_students_who_are_kept_apart_do_not_meet_by_an_undo(a_school: School) -> None:
    """Admins read why; other adults what they would read of a full building, without numbers."""
    a_school.keep_apart(a_school.ana, a_school.cam)
    cancelled = a_school.press("cancel", a_school.ask(), a_school.rivera)
    a_school.ask(a_school.cam, a_school.library)
    with pytest.raises(Refused) as caught:
        take_back(a_school, cancelled)
    apart = caught.value.refusal
    mine = a_school.give(a_school.ana, override=frozenset({"kept_apart"}), by=a_school.dana)
    ended = a_school.press("cancel", mine, a_school.dana)
    assert take_back(a_school, ended, a_school.dana).state == "waiting"
    assert apart == Refusal("building_full")


def test_a_full_building_is_told_without_numbers(a_school: School) -> None:
    cancelled = a_school.press("cancel", a_school.ask(), a_school.rivera)
    theirs = a_school.press("cancel", a_school.ask(), a_school.dana)
    a_school.ask(a_school.cam, a_school.library)
    a_school.decide(building_limit=1)
    for card, by, facts in (
        (cancelled, a_school.rivera, {}),
        (theirs, a_school.dana, {"student": "Ana Lopez", "taken": 1, "limit": 1}),
    ):
        with pytest.raises(Refused) as caught:
            take_back(a_school, card, by)
        assert caught.value.refusal.code == "building_full"
        assert caught.value.refusal.facts == facts


def test_who_was_on_the_way_back_needs_no_place(a_school: School) -> None:
    a_school.change_place(a_school.nurse, capacity=1)
    card = a_school.press("send_back", a_school.out(), a_school.ito)
    a_school.ask(a_school.cam)
    back = take_back(a_school, a_school.press("end", card, a_school.rivera))
    assert back.state == "returning"


def test_what_was_overridden_stays_so(a_school: School) -> None:
    a_school.change_place(a_school.nurse, capacity=1)
    a_school.ask(a_school.cam)
    card = a_school.give(pre_approved=True, override=frozenset({"destination_full"}))
    back = take_back(a_school, a_school.press("end", card, a_school.rivera))
    assert (back.state, back.overridden) == ("on_the_way", ("destination_full",))


def test_whoever_was_called_from_the_line_keeps_the_place(a_school: School) -> None:
    a_school.change_place(a_school.nurse, capacity=1, queueing=True)
    ended = a_school.out()
    waiting = a_school.queue(a_school.cam, a_school.nurse)
    ended = a_school.press("end", ended, a_school.rivera)
    assert pass_of_school(a_school.id, waiting.id).state == "waiting"
    with pytest.raises(Refused):
        take_back(a_school, ended)


def test_a_place_in_line_does_not_come_back(a_school: School) -> None:
    a_school.change_place(a_school.nurse, capacity=1, queueing=True)
    a_school.out()
    waiting = a_school.queue(a_school.cam, a_school.nurse)
    with pytest.raises(Stale):
        take_back(a_school, a_school.press("cancel", waiting, a_school.rivera))


def test_an_appointment_that_is_called_off_stays_so(a_school: School) -> None:
    """Once it has surfaced it is a pass like any."""
    (card,) = a_school.arrange()
    (off,) = a_school.do(call_off, pass_id=card.id, text="Ill.", by=a_school.rivera)
    assert offered_for(off, a_school.rivera, a_school.clock.at) == 0
    with pytest.raises(Stale):
        take_back(a_school, off)
    (card,) = a_school.arrange(minutes=6)
    a_school.wait(minutes=2)
    back = take_back(a_school, a_school.press("cancel", card, a_school.rivera))
    assert (back.state, back.ended_at) == ("waiting", None)


def test_the_second_press_is_the_first(a_school: School) -> None:
    card, request_id = a_school.press("cancel", a_school.ask(), a_school.rivera), uuid4()
    first = take_back(a_school, card, request_id=request_id)
    before = a_school.last
    assert take_back(a_school, card, request_id=request_id) == first
    with pytest.raises(Stale):
        take_back(a_school, card)  # undoing is not undone
    assert a_school.last == before
