"""At the same instant: threads with connections of their own, on a real database."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import time
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from corridor.accounts.actors import Actor
from corridor.live.log import read_log
from corridor.passes import queries, timers
from corridor.passes.appointments import call_off, reschedule, take_back
from corridor.passes.cards import PassCard
from corridor.passes.models import HallPass
from corridor.passes.refusals import Refused, Stale
from tests.school import School

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]
THREADS = 8
# How often a crowd of 200 races; `RACE_TIMES=100` is the long run.
TIMES = int(os.environ.get("RACE_TIMES", "3"))
Answer = PassCard | Exception


class Crowd:
    """People who press at once."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS)

    def all_at_once(self, *presses: Callable[[], Any]) -> list[Any]:
        """Start together (as many as there are threads); what each got, a no included."""
        start = threading.Barrier(min(len(presses), THREADS))
        waiting = iter(range(start.parties))

        def press(one: Callable[[], Any]) -> Any:
            if next(waiting, None) is not None:
                start.wait(10)
            try:
                return one()
            except (Refused, Stale) as no:
                return no

        return list(self._pool.map(press, presses))

    def leave(self) -> None:
        together = threading.Barrier(THREADS)

        def close() -> None:
            together.wait(10)
            connections.close_all()

        for done in [self._pool.submit(close) for _ in range(THREADS)]:
            done.result()
        self._pool.shutdown()


@pytest.fixture
def crowd(a_school: School) -> Iterator[Crowd]:
    found = Crowd()
    yield found
    found.leave()


def cards(answers: list[Answer]) -> list[PassCard]:
    return [answer for answer in answers if isinstance(answer, PassCard)]


def codes(answers: list[Answer]) -> set[str]:
    return {answer.refusal.code for answer in answers if isinstance(answer, Refused)}


def many_students(school: School, count: int, name: str = "Student") -> list[Actor]:
    return [school.add_student(f"{name}{n}", f"{name} Number{n}") for n in range(count)]


def numbers_have_no_gap(school: School) -> bool:
    log = read_log(school.id, 0, 100_000)
    return [event.number for event in log] == list(range(1, school.last + 1))


@pytest.mark.parametrize(
    ("limit", "code"), [(2, "building_full"), (None, "destination_full")], ids=["building", "room"]
)
@pytest.mark.parametrize(("crowd_size", "times"), [(200, TIMES), (16, 50)])
def test_everybody_asks_for_the_last_place_and_one_gets_it_time_after_time(
    a_school: School, crowd: Crowd, crowd_size: int, times: int, limit: int | None, code: str
) -> None:
    """Each time the place comes free, all of them ask for it again.

    It is the last place of the building, or that of the room.
    """
    students = many_students(a_school, crowd_size)
    single = a_school.open_place("Restroom A", capacity=1)
    a_school.decide(building_limit=limit)
    a_school.ask(a_school.cam)
    for _ in range(times):
        answers = crowd.all_at_once(*(partial(a_school.ask, one, single) for one in students))
        (card,) = cards(answers)
        assert len(answers) == crowd_size
        assert codes(answers) == {code}
        assert HallPass.objects.filter(destination_id=single, is_open=True).count() == 1
        a_school.press("cancel", card, a_school.dana)
    assert numbers_have_no_gap(a_school)


def test_a_double_press_makes_one_pass(a_school: School, crowd: Crowd) -> None:
    for _ in range(10):
        before = a_school.last
        answers = crowd.all_at_once(*[a_school.ask] * THREADS)
        (card,) = cards(answers)
        assert codes(answers) == {"already_out"}
        assert a_school.names(before).count("pass.requested") == 1
        a_school.press("withdraw", card, a_school.ana)


def test_the_same_request_id_at_once_is_one_event(a_school: School, crowd: Crowd) -> None:
    for _ in range(10):
        before, press = a_school.last, uuid4()
        answers = crowd.all_at_once(*[partial(a_school.ask, request_id=press)] * THREADS)
        assert len(answers) == THREADS
        assert len(set(cards(answers))) == 1 and a_school.last == before + 1
        (card, *_), press = answers, uuid4()
        cancel = partial(a_school.press, "cancel", card, a_school.rivera, request_id=press)
        answers = crowd.all_at_once(*[cancel] * THREADS)
        assert len(set(cards(answers))) == 1 and a_school.last == before + 2


def test_the_same_refused_request_at_once_is_one_refusal(a_school: School, crowd: Crowd) -> None:
    press, before = uuid4(), a_school.last
    answers = crowd.all_at_once(*[lambda: a_school.ask(a_school.ben, request_id=press)] * THREADS)
    assert (len(cards(answers)), codes(answers)) == (0, {"daily_limit"})
    assert a_school.names(before) == ["pass.refused"]


def test_two_tabs_approve_and_the_student_leaves_once(a_school: School, crowd: Crowd) -> None:
    for _ in range(10):
        card, before = a_school.ask(), a_school.last
        answers = crowd.all_at_once(
            *[partial(a_school.press, "approve", card, a_school.rivera)] * 2
        )
        assert len(cards(answers)) == 1
        assert a_school.names(before) == ["pass.approved"]
        a_school.press("end", card, a_school.rivera)


def test_approve_cancel_and_withdraw_at_once_have_one_outcome(
    a_school: School, crowd: Crowd
) -> None:
    for _ in range(10):
        card, before = a_school.ask(), a_school.last
        answers = crowd.all_at_once(
            partial(a_school.press, "approve", card, a_school.rivera),
            partial(a_school.press, "withdraw", card, a_school.ana),
        )
        first = cards(answers)[0]
        assert len(a_school.names(before)) == len(cards(answers)) == 1
        found = queries.pass_of_school(a_school.id, card.id)
        assert found == first
        if found.is_out:
            a_school.press("end", card, a_school.rivera)


def test_adult_against_clock_has_one_outcome(a_school: School, crowd: Crowd) -> None:
    """At the very deadline the clock wins, from whichever side it is seen, and acts once."""
    for _ in range(10):
        card, before = a_school.ask(), a_school.last
        a_school.wait(minutes=10, timer=False)
        answers = crowd.all_at_once(
            partial(a_school.press, "approve", card, a_school.rivera),
            lambda: timers.run_due(a_school.clock.at),
            lambda: timers.run_due(a_school.clock.at),
        )
        assert isinstance(answers[0], Stale)
        assert answers[0].card.state == "expired"
        assert a_school.names(before) == ["pass.expired"]


@pytest.mark.parametrize("cap", [1, 3])
def test_a_race_for_the_cap_of_auto_pass_gives_exactly_the_cap(
    a_school: School, crowd: Crowd, cap: int
) -> None:
    students = many_students(a_school, 24)
    a_school.allow_auto(a_school.nurse, limit=cap)
    waiting = [(a_school.ask(student), student) for student in students]
    for _ in range(TIMES):
        before = a_school.last
        answers = crowd.all_at_once(
            *(partial(a_school.press, "start", card, student) for card, student in waiting)
        )
        started = cards(answers)
        assert (len(started), codes(answers)) == (cap, {"auto_full"})
        assert a_school.names(before) == ["pass.auto_started"] * cap
        for card in started:
            a_school.press("end", card, a_school.rivera)
        gone = {card.id for card in started}
        waiting = [(card, student) for card, student in waiting if card.id not in gone]
    assert numbers_have_no_gap(a_school)


def test_a_race_into_the_line_gives_every_place_once(a_school: School, crowd: Crowd) -> None:
    students = many_students(a_school, 16)
    single = a_school.open_place("Single", capacity=1, queueing=True)
    inside = a_school.out(a_school.cam, single)
    joined = cards(crowd.all_at_once(*(partial(a_school.queue, one, single) for one in students)))
    in_order = sorted(card.id for card in joined)
    assert [c.line.place for c in sorted(joined, key=lambda c: c.id) if c.line] == [*range(1, 17)]
    # Its place comes free while others ask for it, and two timers run.
    late = many_students(a_school, 4, "Late")
    answers = crowd.all_at_once(
        partial(a_school.press, "end", inside, a_school.rivera),
        *(partial(a_school.ask, one, single) for one in late),
        lambda: timers.run_due(a_school.clock.at), lambda: timers.run_due(a_school.clock.at),
    )  # fmt: skip
    assert codes(answers) == {"destination_full"}
    at_single = HallPass.objects.filter(destination_id=single, is_open=True)
    assert [card.id for card in at_single.filter(state="waiting")] == in_order[:1]
    # They leave the line at once, the one who was called too: whoever stays is called.
    leave = [card for card in joined if card.id != in_order[7]]
    people = {a_school.id_of(student): student for student in students}
    crowd.all_at_once(
        *(partial(a_school.press, "withdraw", c, people[c.student.id]) for c in leave)
    )
    assert [(card.id, card.state) for card in at_single] == [(in_order[7], "waiting")]
    assert numbers_have_no_gap(a_school)


def test_start_and_approve_at_once_send_the_student_once(a_school: School, crowd: Crowd) -> None:
    a_school.allow_auto(a_school.nurse)
    for _ in range(10):
        card, before = a_school.ask(), a_school.last
        answers = crowd.all_at_once(
            partial(a_school.press, "start", card, a_school.ana),
            partial(a_school.press, "approve", card, a_school.rivera),
        )
        assert len(cards(answers)) == len(a_school.names(before)) == 1
        found = queries.pass_of_school(a_school.id, card.id)
        assert found == cards(answers)[0]
        a_school.press("stop", card, a_school.ana)


def test_several_timers_close_every_pass_once(a_school: School, crowd: Crowd) -> None:
    students = many_students(a_school, 20)
    for student in students:
        a_school.ask(student)
    before = a_school.last
    a_school.wait(minutes=10, timer=False)
    crowd.all_at_once(*[lambda: timers.run_due(a_school.clock.at)] * THREADS)
    assert a_school.names(before) == ["pass.expired"] * 20


def test_two_schools_have_their_turns_at_the_same_time(a_school: School, crowd: Crowd) -> None:
    eli = a_school.eli

    def theirs() -> PassCard:
        card = a_school.ask(eli, a_school.other_office, origin=a_school.other_room)
        return a_school.press("withdraw", card, eli)

    def ours() -> PassCard:
        return a_school.press("withdraw", a_school.ask(), a_school.ana)

    for _ in range(10):
        assert [a.state for a in crowd.all_at_once(theirs, ours)] == ["withdrawn"] * 2
    assert numbers_have_no_gap(a_school)


@pytest.mark.parametrize("how", ["kept_apart", "building_full"])
def test_of_students_kept_apart_and_of_a_full_building_one_goes(
    a_school: School, crowd: Crowd, how: str
) -> None:
    students = many_students(a_school, THREADS)
    if how == "kept_apart":
        a_school.keep_apart(*students)
    else:
        a_school.decide(building_limit=1)
    for _ in range(TIMES):
        answers = crowd.all_at_once(*(partial(a_school.ask, student) for student in students))
        assert (len(cards(answers)), codes(answers)) == (1, {how})
        a_school.press("cancel", cards(answers)[0], a_school.rivera)


def test_confirm_cancel_and_take_back_at_once_each_see_what_was_before(
    a_school: School, crowd: Crowd
) -> None:
    """A confirmed appointment may still be called off; one that is off is confirmed by nobody."""
    a_school.decide(student_appointments=True)
    for _ in range(10):
        card, before = a_school.ask_appointment(), a_school.last
        crowd.all_at_once(
            partial(a_school.press, "confirm", card, a_school.ito),
            partial(a_school.do, call_off, pass_id=card.id, text="Ill.", by=a_school.rivera),
            partial(a_school.do, take_back, pass_id=card.id, text="Ill.", by=a_school.ana),
        )
        names = a_school.names(before)
        assert names in (
            ["pass.cancelled"], ["pass.withdrawn"],
            ["pass.confirmed", "pass.cancelled"], ["pass.confirmed", "pass.withdrawn"],
        )  # fmt: skip
    assert numbers_have_no_gap(a_school)


def test_two_clocks_and_a_change_at_the_moment_of_surfacing_have_one_outcome(
    a_school: School, crowd: Crowd
) -> None:
    """It surfaces once, at its time; who changes it then comes too late."""
    for _ in range(10):
        (card,) = a_school.arrange(minutes=6)
        before = a_school.last
        a_school.wait(minutes=1, timer=False)
        change = partial(a_school.do, reschedule, pass_id=card.id, wall=time(23), by=a_school.ito)
        answers = crowd.all_at_once(
            change,
            lambda: timers.run_due(a_school.clock.at),
            lambda: timers.run_due(a_school.clock.at),
        )
        assert isinstance(answers[0], Stale)
        assert a_school.names(before) == ["pass.surfaced"]
        a_school.press("cancel", card, a_school.rivera)


def test_the_same_appointment_made_at_once_is_made_once(a_school: School, crowd: Crowd) -> None:
    for _ in range(10):
        before, press = a_school.last, uuid4()
        make = partial(a_school.arrange, a_school.ana, a_school.cam, request_id=press)
        answers = crowd.all_at_once(*[make] * THREADS)
        assert len(answers) == THREADS and len({made[0].id for made in answers}) == 1
        assert a_school.names(before) == ["pass.scheduled"] * 2
