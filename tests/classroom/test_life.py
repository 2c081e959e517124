"""Anything in any order, time included, against a small and obvious model of running classes."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from corridor.classroom import queries, shelf
from corridor.classroom.cards import SessionCard
from corridor.classroom.refusals import NotFound, Refused, Stale
from corridor.classroom.sessions import extend_session
from corridor.classroom.taking_over import undo_take_over
from corridor.clock import TestClock
from corridor.live.log import read_log
from tests.classroom.running import Classes, ids
from tests.conftest import MONDAY_10
from tests.school import School

ROSTERS = {"english": {"ana", "ben", "cam", "mia"}, "algebra": {"ana", "lou"}}
NAMES = st.sampled_from(["ana", "ben", "cam", "mia", "lou"])
SOME = st.frozensets(NAMES)


class Model:
    """A running class as the model sees it: when it ends, whom it wants, whom it left out."""

    def __init__(self, session_id: int, name: str, ends: datetime, out: set[str]) -> None:
        self.id, self.name, self.ends, self.out = session_id, name, ends, out
        self.locks: dict[str, datetime] = {}


class Life(RuleBasedStateMachine):
    """Two classes that share Ana, started, extended, stopped, in any order."""

    @initialize()
    def open_the_school(self) -> None:
        self.school = School(TestClock(MONDAY_10))
        self.classes = Classes(self.school)
        self.running: dict[str, Model] = {}
        self.last: dict[str, Model] = {}
        self.holder: dict[str, str] = {}  # which class has a student
        self.taken: dict[str, tuple[int, str, datetime]] = {}  # from which session, to, when
        self.timer_is_late = False

    @property
    def now(self) -> datetime:
        return self.school.clock.at

    def free(self, student: str) -> None:
        """The class that began last among those that want the student has them."""
        self.holder.pop(student, None)
        wanting = [m for m in self.running.values() if self.wants(m, student)]
        if wanting:
            self.holder[student] = max(wanting, key=lambda m: m.id).name

    @staticmethod
    def wants(model: Model, student: str) -> bool:
        return student in ROSTERS[model.name] and student not in model.out

    def end(self, name: str) -> None:
        del self.running[name]
        for student in [s for s, c in self.holder.items() if c == name]:
            self.free(student)

    def pass_time(self) -> None:
        for model in sorted(self.running.values(), key=lambda m: (m.ends, m.id)):
            if model.ends <= self.now:
                self.end(model.name)
            else:
                model.locks = {s: t for s, t in model.locks.items() if t > self.now}

    # What may happen

    @rule(
        name=st.sampled_from([*ROSTERS]), out=SOME, take=SOME,
        minutes=st.sampled_from([1, 10, 50]),
    )  # fmt: skip
    def a_class_starts(
        self, name: str, out: frozenset[str], take: frozenset[str], minutes: int
    ) -> None:
        by = self.classes.people.rivera if name == "english" else self.classes.people.okafor
        people = {n: getattr(self.classes.people, n) for n in (*out, *take)}

        def start() -> int:
            return self.classes.start(
                getattr(self.classes.people, name), by=by, minutes=minutes,
                left_out=tuple(people[n] for n in out), take_over=tuple(people[n] for n in take),
            ).id  # fmt: skip

        if name in self.running:
            with pytest.raises(Refused, match="already_running"):
                start()
            return
        ends, out_here = self.now + timedelta(minutes=minutes), set(out) & ROSTERS[name]
        self.running[name] = self.last[name] = Model(start(), name, ends, out_here)
        for student in ROSTERS[name] - out:
            before = self.holder.get(student)
            if before is None or student in take:
                self.holder[student] = name
                self.taken.pop(student, None)
                if before is not None:
                    self.taken[student] = (self.running[before].id, name, self.now)

    @rule(name=st.sampled_from([*ROSTERS]), by=st.sampled_from(["okafor", "dana"]))
    def a_class_is_stopped(self, name: str, by: str) -> None:
        if name in self.running:
            session = self.classes.now(self.card(name))
            self.classes.stop(session, getattr(self.classes.people, by))
            self.end(name)

    @rule(name=st.sampled_from([*ROSTERS]), minutes=st.sampled_from([0, 1, 30, 60]))
    def a_class_is_extended(self, name: str, minutes: int) -> None:
        if name not in self.running:
            return
        model, ends = self.running[name], self.now + timedelta(minutes=minutes)

        def extend() -> None:
            self.school.do(
                extend_session, session_id=model.id, ends_at=ends, by=self.classes.people.dana
            )

        if not minutes or ends - self.card(name).started_at > timedelta(hours=12):
            with pytest.raises(Refused):
                extend()
            return
        extend()
        model.locks = {s: ends if t == model.ends else min(t, ends) for s, t in model.locks.items()}
        model.ends = ends

    @rule(
        name=st.sampled_from([*ROSTERS]), student=NAMES,
        kind=st.sampled_from(["lock", "unlock", "exclude", "include"]),
        minutes=st.sampled_from([None, 1, 20]),
    )  # fmt: skip
    def a_command_is_sent(self, name: str, student: str, kind: str, minutes: int | None) -> None:
        who = getattr(self.classes.people, student)
        if (model := self.last.get(name)) is None:
            return
        session = shelf.session(self.school.id, model.id)
        until = None if minutes is None else self.now + timedelta(minutes=minutes)

        def ask() -> None:
            self.classes.ask(kind, session, who, by=self.classes.people.dana, until=until)

        if self.running.get(name) is not model:
            with pytest.raises(Stale):
                ask()
            return
        if student not in ROSTERS[name]:
            with pytest.raises(NotFound):
                ask()
            return
        ask()
        self.apply(self.running[name], student, kind, until)

    def apply(self, model: Model, student: str, kind: str, until: datetime | None) -> None:
        is_in = self.holder.get(student) == model.name
        if kind == "lock" and is_in:
            model.locks[student] = min(until or model.ends, model.ends)
        elif kind == "unlock" and is_in:
            model.locks.pop(student, None)
        elif kind == "exclude":
            if student not in model.out:
                model.locks.pop(student, None)
            model.out.add(student)
            if is_in:
                self.free(student)
        elif kind == "include" and not is_in:
            model.out.discard(student)
            before = self.holder.get(student)
            self.holder[student] = model.name
            self.taken.pop(student, None)
            if before is not None:
                self.taken[student] = (self.running[before].id, model.name, self.now)

    @rule(student=NAMES)
    def taking_over_is_undone(self, student: str) -> None:
        origin, to, since = self.taken.get(student, (0, "", self.now))
        if to not in self.running:
            return
        home = next((m for m in self.running.values() if m.id == origin), None)
        here = self.holder.get(student) == to and self.now <= since + timedelta(seconds=30)

        def undo() -> None:
            self.school.do(
                undo_take_over, session_id=self.running[to].id, by=self.classes.people.dana,
                student_ids=ids(getattr(self.classes.people, student)),
            )  # fmt: skip

        if here and home is not None and self.wants(home, student):
            undo()
            self.holder[student] = home.name
            del self.taken[student]
        else:
            with pytest.raises(Refused, match="undo_over"):
                undo()

    @rule(seconds=st.sampled_from([1, 29, 31, 60, 600, 3000, 20000]), timer=st.booleans())
    def time_passes(self, seconds: int, timer: bool) -> None:
        self.classes.wait(seconds=seconds, timer=timer)
        self.timer_is_late = not timer
        self.pass_time()

    # What always holds

    def card(self, name: str) -> SessionCard:
        return shelf.session(self.school.id, self.running[name].id)

    @invariant()
    def numbers_have_no_gap(self) -> None:
        if hasattr(self, "school"):
            log = read_log(self.school.id, 0)
            assert [event.number for event in log] == list(range(1, len(log) + 1))

    @invariant()
    def the_classes_are_as_the_model_says_once_the_clock_has_acted(self) -> None:
        if not hasattr(self, "school") or self.timer_is_late:
            return
        found = {card.id for card in queries.running_sessions(self.school.id)}
        assert found == {model.id for model in self.running.values()}
        for name, model in self.running.items():
            card = self.card(name)
            assert card.ends_at == model.ends
            held = {s for s, c in self.holder.items() if c == name}
            assert {n.lower() for n in self.classes.held(card)} == held
            for row in shelf.participants(self.school.id, model.id):
                student = row.student.name.split()[0].lower()
                lease = row.lease("lock")
                assert (lease and lease.until) == model.locks.get(student)
                where = row.elsewhere and row.elsewhere.session_id
                other = self.holder.get(student)
                if where is not None:
                    assert other is not None and where == self.running[other].id


@pytest.mark.stateful
@pytest.mark.django_db
def test_running_classes_agree_with_the_model() -> None:
    chosen = settings(
        max_examples=12 * settings().max_examples // 100, stateful_step_count=25,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_machine(Life, settings=chosen)
