"""Anything in any order before one full place, against a small and obvious model of its line."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from corridor.clock import TestClock
from corridor.live.log import read_log
from corridor.passes import queries, shelf
from corridor.passes.models import HallPass
from corridor.passes.queueing import clear_line
from corridor.passes.refusals import Refused, Stale
from tests.school import School

pytestmark = pytest.mark.thorough

STUDENTS = ("ana", "ben", "cam", "dee", "ed")
APART = {"ana": "ben", "ben": "ana"}
CLAIM, LONG, END = 4, 10, 30
HOLDS = ("waiting", "on_the_way")
PRESSES = {
    "approve": ("waiting", "on_the_way"), "start": ("waiting", "on_the_way"),
    "cancel": ("waiting queued", "cancelled"), "withdraw": ("waiting queued", "withdrawn"),
    "end": ("on_the_way", "ended"), "stop": ("on_the_way", "ended"),
}  # fmt: skip


@dataclass
class Pass:
    """What the model knows of a student's last pass."""

    id: int
    state: str
    due: int  # minutes since the start
    is_long: bool = False


class LifeInLine(RuleBasedStateMachine):
    """Five students, one place, an afternoon; every minute the timer runs."""

    @initialize(
        overrun=st.booleans(), capacity=st.sampled_from([1, 2]),
        first=st.one_of(st.just(("cam", "dee", "ana", "ben", "ed")), st.permutations(STUDENTS)),
    )  # fmt: skip
    def open_the_school(self, overrun: bool, capacity: int, first: list[str]) -> None:
        self.school = School(TestClock(datetime(2026, 3, 2, 15, 0, tzinfo=UTC)))
        for key in ("dee", "ed"):
            self.school.add_student(key, f"{key.title()} Fox")
        self.school.limit(self.school.ben, None)
        self.school.keep_apart(self.school.ana, self.school.ben)
        self.place = self.school.open_place("Single", capacity=capacity, queueing=True)
        self.school.allow_auto(self.place)
        self.school.decide(queue_claim=CLAIM, queue_overrun=overrun, cooldown=0)
        self.overrun, self.capacity, self.minute = overrun, capacity, 0
        self.model: dict[str, Pass] = {}
        for key in first:
            self.asks(key, join=True)
        self.presses(first[0], "approve")

    # The model

    def line(self) -> list[str]:
        queued = [key for key, found in self.model.items() if found.state == "queued"]
        return sorted(queued, key=lambda key: self.model[key].id)

    def is_open(self, key: str) -> bool:
        return self.model[key].state in (*HOLDS, "queued")

    def is_apart(self, key: str) -> bool:
        other = self.model.get(APART.get(key, ""))
        return other is not None and other.state in HOLDS

    def free(self, *, generous: bool) -> int:
        taken = sum(
            p.state in HOLDS and not (generous and self.overrun and p.is_long)
            for p in self.model.values()
        )
        return self.capacity - taken

    def call(self) -> None:
        free = self.free(generous=True)
        for key in self.line():
            if free > 0 and not self.is_apart(key):
                found = self.model[key]
                found.state, found.due = "waiting", self.minute + CLAIM
                free -= 1

    def clock_acts(self) -> None:
        while True:
            due = [p for p in self.model.values() if p.due <= self.minute and p.state in
                   (*HOLDS, "queued")]  # fmt: skip
            if not due:
                break
            found = min(due, key=lambda p: (p.due, p.id))
            if found.state == "waiting":
                found.state = "expired"
            elif not found.is_long:
                found.is_long, found.due = True, found.due + END - LONG
            else:
                found.state = "system_ended"
            self.call()
        self.call()

    # What may happen

    @rule(data=st.data(), join=st.sampled_from([True, True, False]))
    def a_student_asks(self, data: st.DataObject, join: bool) -> None:
        over = [k for k in STUDENTS if k not in self.model or not self.is_open(k)]
        self.asks(data.draw(st.sampled_from(over or STUDENTS)), join)

    @rule(key=st.sampled_from(STUDENTS), join=st.booleans())
    def anybody_asks(self, key: str, join: bool) -> None:
        self.asks(key, join)

    def asks(self, key: str, join: bool) -> None:
        student = getattr(self.school, key)
        no = ""
        if key in self.model and self.is_open(key):
            no = "already_out"
        elif self.is_apart(key):
            no = "kept_apart"
        elif self.free(generous=False) <= 0 and not join:
            no = "destination_full"
        if no:
            with pytest.raises(Refused, match=no):
                self.school.ask(student, self.place, join_line=join)
            return
        card = self.school.ask(student, self.place, join_line=join)
        queued = self.free(generous=False) <= 0
        due = self.minute + (10_000 if queued else 10)
        self.model[key] = Pass(card.id, "queued" if queued else "waiting", due)
        assert card.state == self.model[key].state

    @rule(data=st.data())
    def the_right_person_presses(self, data: st.DataObject) -> None:
        right = [
            (key, name)
            for key, found in sorted(self.model.items())
            for name, (states, _) in PRESSES.items()
            if found.state in states.split()
        ]
        if right:
            self.presses(*data.draw(st.sampled_from(right)))

    @rule(data=st.data(), name=st.sampled_from([*PRESSES]))
    def somebody_presses(self, data: st.DataObject, name: str) -> None:
        self.presses(data.draw(st.sampled_from(sorted(self.model))), name)

    def presses(self, key: str, name: str) -> None:
        found = self.model[key]
        student = getattr(self.school, key)
        by = student if name in ("start", "stop", "withdraw") else self.school.rivera
        card = queries.pass_of_school(self.school.id, found.id)
        states, to = PRESSES[name]
        if found.state not in states.split():
            with pytest.raises(Stale):
                self.school.press(name, card, by)
            return
        assert self.school.press(name, card, by).state == to
        was_in_line = found.state == "queued"
        found.state = to
        if to == "on_the_way":
            found.due = self.minute + LONG
        elif not was_in_line or self.line():
            self.call()

    @precondition(lambda self: len(self.line()) > 2)
    @rule()
    def the_line_is_cleared(self) -> None:
        count = self.school.do(clear_line, location_id=self.place, by=self.school.dana)
        assert count == len(self.line())
        for key in self.line():
            self.model[key].state = "cancelled"

    @rule(capacity=st.sampled_from([1, 2, 2, 0, 3]))
    def the_place_grows_or_shrinks(self, capacity: int) -> None:
        self.school.change_place(self.place, capacity=capacity)
        self.capacity = capacity
        self.time_passes(1)

    @rule(minutes=st.sampled_from([1, 2, CLAIM, 10, 21]))
    def time_passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.minute += 1
            self.school.wait(minutes=1)
            self.clock_acts()

    # What always holds

    @invariant()
    def the_table_is_the_model(self) -> None:
        if not hasattr(self, "school"):
            return
        for found in self.model.values():
            card = queries.pass_of_school(self.school.id, found.id)
            assert card.state == found.state
            assert card.is_long_running == found.is_long

    @invariant()
    def the_line_counts_from_one_and_nobody_overtakes_unnoticed(self) -> None:
        if not hasattr(self, "school"):
            return
        cards = [card for card in queries.open_passes(self.school.id) if card.line]
        line = sorted(cards, key=lambda card: card.id)
        assert [card.id for card in line] == [self.model[key].id for key in self.line()]
        assert [card.line.place for card in line if card.line] == [*range(1, len(line) + 1)]
        assert all(card.state == "queued" for card in cards)

    @invariant()
    def the_log_replayed_is_the_table_without_a_gap(self) -> None:
        if not hasattr(self, "school"):
            return
        numbers = [event.number for event in read_log(self.school.id, 0, 100_000)]
        assert numbers == [*range(1, self.school.last + 1)]
        told = {e.card.id: e.card for e in self.school.log() if hasattr(e, "card")}
        texts = HallPass.objects.filter(school_id=self.school.id).values_list("card", flat=True)
        table = [shelf.read(text) for text in texts]
        assert told == {card.id: card for card in table}

    def teardown(self) -> None:
        """In the end the clock has closed everything."""
        if hasattr(self, "school"):
            self.school.wait(hours=24)
            assert not HallPass.objects.filter(school_id=self.school.id, is_open=True)
            assert self.school.clock.at > datetime(2026, 3, 3, tzinfo=UTC) - timedelta(days=1)


@pytest.mark.stateful
@pytest.mark.django_db
def test_the_life_of_a_line() -> None:
    run_state_machine_as_test(
        LifeInLine,
        settings=settings(
            max_examples=40 * settings().max_examples // 100, stateful_step_count=30,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )  # fmt: skip
