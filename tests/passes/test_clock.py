"""The clock as an actor: requests expire, passes run long, the clock ends them."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from corridor.accounts.people import close_account
from corridor.live.log import Turn, turn
from corridor.passes import queries, surfacing, timers
from corridor.passes.cards import PassCard
from corridor.passes.refusals import NotAllowed, Stale
from corridor.passes.trips import comment_on_pass
from tests.school import School


def now(school: School, card: PassCard) -> PassCard:
    return queries.pass_of_school(school.id, card.id)


def test_a_request_that_nobody_answers_expires_after_ten_minutes(a_school: School) -> None:
    card = a_school.ask()
    a_school.wait(minutes=9, seconds=59)
    assert now(a_school, card).state == "waiting"
    a_school.wait(seconds=1)
    expired = now(a_school, card)
    assert (expired.state, expired.ended_at) == ("expired", card.requested_at + minutes(10))
    assert expired.closed_by is not None
    assert (expired.closed_by.kind, expired.started_at) == ("clock", None)


def test_a_pass_runs_long_after_ten_minutes_and_goes_on(a_school: School) -> None:
    a_school.wait(minutes=3)
    card = a_school.out()
    a_school.wait(minutes=9, seconds=59)
    assert now(a_school, card).marks == ()
    a_school.wait(seconds=1)
    long = now(a_school, card)
    assert (long.marks, long.state, long.is_open) == (("long_running",), "on_the_way", True)
    assert a_school.names()[-1] == "pass.ran_long"


def test_the_clock_ends_what_nobody_ends_after_thirty_minutes(a_school: School) -> None:
    card = a_school.out()
    a_school.wait(minutes=29, seconds=59)
    assert now(a_school, card).is_open
    a_school.wait(seconds=1)
    ended = now(a_school, card)
    assert (ended.state, ended.marks) == ("system_ended", ("long_running",))
    assert a_school.names()[-2:] == ["pass.ran_long", "pass.system_ended"]


def test_arriving_and_returning_do_not_start_the_clock_anew(a_school: School) -> None:
    card = a_school.out()
    a_school.wait(minutes=5)
    a_school.press("arrive", card, a_school.ito)
    a_school.wait(minutes=20)
    back = a_school.press("send_back", card, a_school.ito)
    assert back.marks == ("long_running",)
    a_school.wait(minutes=5)
    assert now(a_school, card).state == "system_ended"


def test_a_stopped_server_catches_up_once_with_the_times_it_should_have_had(
    a_school: School,
) -> None:
    waiting, out, before = a_school.ask(), a_school.out(a_school.cam), a_school.last
    a_school.wait(hours=8, timer=False)
    assert timers.run_due(a_school.clock.at) == 2
    assert timers.run_due(a_school.clock.at) == 0
    told = {event.name: event.at - out.requested_at for event in a_school.log(before)}
    assert told == {
        "pass.expired": minutes(10), "pass.ran_long": minutes(10), "pass.system_ended": minutes(30),
    }  # fmt: skip
    assert now(a_school, waiting).ended_at == waiting.requested_at + minutes(10)
    assert now(a_school, out).ended_at == out.requested_at + minutes(30)


def test_the_timer_takes_any_number_of_passes_in_all_schools(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "_AT_ONCE", 2)
    for student in (a_school.ana, a_school.cam):
        a_school.ask(student)
    a_school.limit(a_school.ben, None)
    a_school.ask(a_school.ben)
    a_school.ask(a_school.eli, a_school.other_office, origin=a_school.other_room)
    a_school.wait(minutes=10, timer=False)
    assert timers.run_due(a_school.clock.at) == 4
    assert queries.open_passes(a_school.id) == queries.open_passes(a_school.other_id) == []


# The clock wins from its deadline on, whether or not the timer has run.


def test_after_the_deadline_a_press_is_too_late_even_if_the_timer_has_not_run(
    a_school: School,
) -> None:
    card = a_school.ask()
    a_school.wait(minutes=10, timer=False)
    with pytest.raises(Stale) as no:
        a_school.press("approve", card, a_school.rivera)
    assert no.value.card.state == "expired"
    # The step of the clock is kept although the press is refused, and made once.
    assert now(a_school, card) == no.value.card
    assert timers.run_due(a_school.clock.at) == 0


def test_a_press_after_the_first_threshold_leaves_its_mark(a_school: School) -> None:
    card = a_school.out()
    a_school.wait(minutes=10, timer=False)
    ended = a_school.press("end", card, a_school.rivera)
    assert (ended.state, ended.marks) == ("ended", ("long_running",))
    assert a_school.names()[-2:] == ["pass.ran_long", "pass.ended"]


def test_a_comment_finds_the_pass_as_the_clock_left_it(a_school: School) -> None:
    card = a_school.ask()
    a_school.wait(minutes=11, timer=False)
    said = a_school.do(comment_on_pass, pass_id=card.id, text="Too late.", by=a_school.rivera)
    assert (said.state, said.ended_at) == ("expired", card.requested_at + minutes(10))


def test_who_may_not_press_does_not_move_the_clock(a_school: School) -> None:
    card, before = a_school.ask(), a_school.last
    a_school.wait(minutes=10, timer=False)
    with pytest.raises(NotAllowed):
        a_school.press("approve", card, a_school.okafor)
    assert a_school.last == before


def test_a_request_that_should_have_expired_does_not_stop_the_next_one(a_school: School) -> None:
    first = a_school.ask()
    a_school.wait(minutes=10, timer=False)
    second = a_school.ask()
    assert (now(a_school, first).state, second.state) == ("expired", "waiting")
    assert a_school.names()[-2:] == ["pass.expired", "pass.requested"]


def test_a_pass_that_should_have_ended_does_not_stop_a_teacher_pass(a_school: School) -> None:
    first = a_school.out()
    a_school.wait(minutes=31, timer=False)
    assert a_school.give(pre_approved=True).state == "on_the_way"
    assert now(a_school, first).state == "system_ended"


def test_places_of_passes_that_should_have_ended_are_free(a_school: School) -> None:
    a_school.decide(building_limit=1)
    single = a_school.open_place("Restroom A", capacity=1)
    a_school.out(to=single)
    a_school.wait(minutes=30, timer=False)
    assert a_school.ask(a_school.cam, single).state == "waiting"


def test_the_thresholds_of_a_pass_are_those_in_force_when_it_was_made(a_school: School) -> None:
    card = a_school.out()
    a_school.decide(long_running=1, system_end=2, request_waits=1)
    a_school.wait(minutes=9)
    assert now(a_school, card).marks == ()
    assert a_school.ask(a_school.cam).due_at == a_school.clock.at + minutes(1)


def test_extended_time_replaces_the_system_end_and_stretches_the_first_threshold(
    a_school: School,
) -> None:
    meeting = a_school.open_place("Counsellor", trip_type="layover", extended_minutes=45)
    card = a_school.out(to=meeting)
    assert card.due_at == card.requested_at + minutes(15)
    assert card.over_at == card.requested_at + minutes(45)


# A step that changes nothing is told and left, and everything else goes on.


def test_a_pass_about_which_the_clock_can_do_nothing_holds_nobody_up(
    a_school: School, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, other = a_school.ask(), a_school.ask(a_school.cam)
    there = a_school.ask(a_school.eli, a_school.other_office, origin=a_school.other_room)
    step = timers._step

    def nothing_for_one(tx: Turn, card: PassCard, at: datetime) -> PassCard:
        return card if card.id == stuck.id else step(tx, card, at)

    monkeypatch.setattr(timers, "_step", nothing_for_one)
    a_school.wait(minutes=10)
    assert now(a_school, stuck).state == "waiting"
    assert now(a_school, other).state == "expired"
    assert queries.pass_of_school(a_school.other_id, there.id).state == "expired"
    assert f"Pass {stuck.id} of school {a_school.id} is due" in caplog.text
    assert a_school.press("approve", stuck, a_school.rivera).state == "on_the_way"


def test_nor_one_in_line(a_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    a_school.decide(request_waits=60, queue_cleared_at=(time(10, 20),))
    tiny = a_school.open_place("Tiny", capacity=1, queueing=True)
    a_school.limit(a_school.ben, None)
    a_school.ask(a_school.cam, tiny)
    stuck, behind = a_school.queue(a_school.ana, tiny), a_school.queue(a_school.ben, tiny)
    step = timers._step

    def nothing_for_one(tx: Turn, card: PassCard, at: datetime) -> PassCard:
        return card if card.id == stuck.id else step(tx, card, at)

    monkeypatch.setattr(timers, "_step", nothing_for_one)
    a_school.wait(minutes=30)
    assert now(a_school, stuck).is_open
    assert now(a_school, behind).state == "expired"
    with turn(a_school.id) as tx:
        timers.settle(tx, tiny, at=a_school.clock.at)


def test_nor_an_appointment(a_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next of the same student surfaces, and so does everybody else's."""
    (stuck,) = a_school.arrange(minutes=20)
    (next_one,) = a_school.arrange(minutes=40)
    (other,) = a_school.arrange(a_school.cam, minutes=45)
    surface = surfacing.surface

    def nothing_for_one(tx: Turn, found: surfacing.Found, **more: Any) -> PassCard:
        return found.card if found.card.id == stuck.id else surface(tx, found, **more)

    monkeypatch.setattr(surfacing, "surface", nothing_for_one)
    monkeypatch.setattr(surfacing, "surface_together", lambda tx, found: 0)
    a_school.wait(hours=24)
    assert now(a_school, stuck).state == "scheduled"
    assert [now(a_school, card).state for card in (next_one, other)] == ["missed", "missed"]


def test_nor_one_whose_student_is_back(a_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    out = a_school.out(to=a_school.library)
    (held,) = a_school.arrange(minutes=8)
    a_school.wait(minutes=3)
    a_school.press("end", out, a_school.rivera)
    monkeypatch.setattr(surfacing, "surface", lambda tx, found, **more: found.card)
    a_school.wait(minutes=1)
    assert now(a_school, held).state == "scheduled"


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def test_what_somebody_archived_has_asked_for_is_cancelled(a_school: School) -> None:
    tiny = a_school.open_place("Tiny", capacity=1, queueing=True)
    a_school.limit(a_school.ben, None)
    first, second = a_school.ask(a_school.cam, tiny), a_school.queue(a_school.ana, tiny)
    third, out = a_school.queue(a_school.ben, tiny), a_school.add_student("dee", "Dee Down")
    gone = a_school.out(out)
    for student in (a_school.cam, a_school.ana, out):
        a_school.do(close_account, account_id=student.account_id, by=a_school.dana)
    before = a_school.last
    a_school.wait(seconds=1)
    assert a_school.names(before).count("pass.cancelled") == 2
    for card in (first, second):
        found = now(a_school, card)
        assert (found.state, found.line) == ("cancelled", None)
        assert found.closed_by is not None and found.closed_by.kind == "clock"
    assert now(a_school, third).state == "waiting"
    assert now(a_school, gone).is_out
    assert timers.run_due(a_school.clock.at) == 0
