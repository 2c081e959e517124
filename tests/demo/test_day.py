"""The day that plays itself, beside somebody who tries the demonstration."""

import threading
import time
from datetime import datetime
from random import Random

import pytest

from corridor.clock import TestClock
from corridor.demo import day
from corridor.demo.building import Building
from corridor.demo.seed import seed
from corridor.live.log import last_number, read_log, turn
from corridor.passes import events, queries, states, timers
from corridor.passes.cards import PassCard
from corridor.passes.refusals import Refused, Stale
from corridor.passes.requests import request_pass
from corridor.passes.trips import move_pass
from tests.demo.conftest import Seed
from tests.demo.looking import EMAIL, account, lincoln, log_and_table_agree, nobody_is_out_twice

pytestmark = pytest.mark.thorough


class Day:
    """The day as a test lets it pass: two seconds at a time, with the timers."""

    def __init__(self, clock: TestClock) -> None:
        self.clock = clock
        self.player = day.Player(lincoln(), Random(1))
        self.out: list[int] = []

    def go_on(self, minutes: float) -> None:
        for _ in range(int(minutes * 30)):
            at = self.clock.move(seconds=2)
            timers.run_due(at)
            self.player.look(at)
            cards = queries.open_passes(lincoln())
            self.out.append(sum(card.is_out for card in cards))

    def ask(self, key: str) -> PassCard:
        building = Building(lincoln())
        with turn(lincoln()) as tx:
            return request_pass(
                tx,
                origin_id=building.place_named["Ms. Rivera, 204"].pk,
                destination_id=building.place_named["Nurse"].pk,
                by=building.pupil(EMAIL[key]).actor,
                at=self.clock.at,
            )


@pytest.fixture
def a_day(seeded: Seed, clock: TestClock) -> Day:
    seeded(students=80)
    return Day(clock)


def told_since(number: int) -> list[events.PassEvent]:
    rows = read_log(lincoln(), number, limit=100_000)
    told = (events.decode(row.name, row.body) for row in rows)
    return [event for event in told if isinstance(event, events.PassEvent)]


def test_the_boards_move_about_25_are_out_and_ms_rivera_is_asked(a_day: Day) -> None:
    before = last_number(lincoln())
    a_day.go_on(15)
    told = told_since(before)
    asked = [event for event in told if event.name in ("pass.requested", "pass.surfaced")]

    settled = a_day.out[len(a_day.out) // 4 :]
    assert 17 <= sum(settled) / len(settled) <= 30
    assert max(a_day.out) <= 34
    assert 10 <= sum(e.card.origin.name == "Ms. Rivera, 204" for e in asked) <= 28
    assert {event.name for event in told} >= {
        "pass.requested", "pass.given", "pass.approved", "pass.arrived", "pass.sent_back",
        "pass.ended", "pass.cancelled",
    }  # fmt: skip
    log_and_table_agree(lincoln())
    nobody_is_out_twice(lincoln())


def test_ana_finds_room_and_her_pass_is_left_alone(a_day: Day) -> None:
    ana = Building(lincoln()).pupil(EMAIL["ana"]).actor
    before = last_number(lincoln())
    for _ in range(4):
        card = a_day.ask("ana")
        a_day.go_on(2)
        assert queries.pass_of_school(lincoln(), card.id) == card
        with turn(lincoln()) as tx:
            move_pass(tx, "withdraw", pass_id=card.id, by=ana, at=a_day.clock.at)

    students = [event.card.student.id for event in told_since(before)]
    assert students.count(account("ana").pk) == 8
    assert {account("ben").pk, account("cam").pk}.isdisjoint(students)


def test_somebody_else_may_press_first(a_day: Day) -> None:
    random = Random(3)
    building = Building(lincoln())
    for _ in range(60):
        a_day.go_on(0.1)
        card = random.choice(queries.open_passes(lincoln()))
        move = "approve" if card.state == states.WAITING else "end"
        by = building.adult_at(card.origin.id, random)
        assert by is not None
        with turn(lincoln()) as tx:
            move_pass(tx, move, pass_id=card.id, by=by, at=a_day.clock.at)
    log_and_table_agree(lincoln())


def test_too_late_and_refused_are_part_of_a_day(
    a_day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(*args: object, pass_id: int, **kwargs: object) -> PassCard:
        raise Stale(queries.pass_of_school(lincoln(), pass_id))

    def refused(*args: object, at: datetime, **kwargs: object) -> PassCard:
        from corridor.passes.refusals import Refusal

        raise Refused(Refusal("building_full"))

    monkeypatch.setattr(day, "move_pass", too_late)
    monkeypatch.setattr(day, "request_pass", refused)
    a_day.go_on(2)


@pytest.mark.django_db(transaction=True)
def test_it_plays_in_a_thread_and_stops_at_once(clock: TestClock) -> None:
    seed(students=45, school_days=1, zone="America/New_York")
    before = last_number(lincoln())
    stop = threading.Event()
    thread = threading.Thread(target=day.play, args=(stop,))
    thread.start()
    for _ in range(100):
        time.sleep(0.05)
        clock.move(seconds=10)
        if last_number(lincoln()) > before + 5:
            break
    stop.set()
    thread.join(timeout=2)

    assert not thread.is_alive()
    assert last_number(lincoln()) > before + 5
