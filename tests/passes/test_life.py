"""Anything in any order, time included, against a small and obvious model of the life of a pass."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

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

from corridor.accounts.actors import Actor
from corridor.clock import TestClock
from corridor.live.log import read_log
from corridor.passes import shelf
from corridor.passes.appointments import call_off, reschedule, take_back
from corridor.passes.auto import choose_auto, start_pass
from corridor.passes.cards import PassCard
from corridor.passes.corrections import ask_correction, decline_correction
from corridor.passes.models import HallPass
from corridor.passes.refusals import NeedsOverride, NotAllowed, NotFound, Refused, Stale
from corridor.passes.trips import comment_on_pass, edit_times, move_pass
from tests.passes.test_moves import ANSWERS, SPEC, may, people
from tests.school import School

pytestmark = pytest.mark.thorough

WALL = ZoneInfo("America/New_York")
# A Monday, and the evenings before the clocks go forward and back.
STARTS = (
    datetime(2026, 3, 2, 15, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 4, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 3, 30, tzinfo=UTC),
)
WHO = ("student", "from", "to", "admin", "nobody", "another student")
BUILDING, CAP, OUT = 2, 1, ("on_the_way", "arrived", "returning")
TRIPS = {"single": "roundtrip", "nurse": "layover", "exit": "one_way"}
AUTO = {"single": "start stop", "nurse": "stop", "exit": ""}
TO = {"approve": "on_the_way", "start": "on_the_way", "stop": "ended",
      "cancel": "cancelled", "withdraw": "withdrawn",
      "arrive": "arrived", "send_back": "returning", "end_and_keep": "ended", "end": "ended",
      "edit_times": "ended", "confirm_correction": "ended"}  # fmt: skip


@dataclass
class Pass:
    """What the model knows of a pass."""

    student: str
    place: str
    kind: str
    requested: datetime
    state: str = "waiting"
    started: datetime | None = None
    ended: datetime | None = None
    marks: list[str] = field(default_factory=list)
    comments: int = 0
    asked: int = 0
    asking: datetime | None = None

    @property
    def key(self) -> str:
        """The state, and whether a correction waits for an answer."""
        return self.state if self.asking is None else f"{self.state} asked"

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", *OUT)

    @property
    def auto(self) -> str:
        return AUTO[self.place] if self.kind == "student" else ""

    def pass_time(self, now: datetime) -> int:
        """What the clock does until now; how many steps."""
        steps = 0
        if self.state == "waiting" and now >= self.requested + timedelta(minutes=10):
            self.state, self.ended = "expired", self.requested + timedelta(minutes=10)
            steps += 1
        if self.state in OUT and self.started is not None:
            if now >= self.started + timedelta(minutes=10) and "long_running" not in self.marks:
                self.marks.append("long_running")
                steps += 1
            if now >= self.started + timedelta(minutes=30):
                self.state, self.ended = "system_ended", self.started + timedelta(minutes=30)
                steps += 1
        return steps


class Life(RuleBasedStateMachine):
    """Four students, three places and a day or two."""

    @initialize(start=st.sampled_from(STARTS))
    def open_the_school(self, start: datetime) -> None:
        self.school = School(TestClock(start))
        self.school.decide(building_limit=BUILDING)
        self.school.limit(self.school.cam, 2)
        self.places = {
            "single": self.school.open_place("Restroom A", capacity=1),
            "nurse": self.school.nurse,
            "exit": self.school.exit,
        }
        self.school.ito = self.school.with_locations(
            self.school.ito, self.school.restroom, self.places["single"]
        )
        self.school.allow_auto(*(self.places[place] for place in AUTO))
        modes = {self.places["single"]: "start_stop", self.places["nurse"]: "stop"}
        self.school.do(choose_auto, modes=modes, limit=CAP, by=self.school.rivera)
        ben = HallPass.objects.get(school_id=self.school.id)
        self.model = {ben.id: Pass("ben", "nurse", "student", start, "ended", start, start)}
        self.limits = {"ana": None, "ben": 1, "cam": 2}
        self.number = self.school.last
        self.timer_is_late = False
        self.answered: list[tuple[Callable[[], PassCard], PassCard | str]] = []

    # What the model expects

    @property
    def now(self) -> datetime:
        return self.school.clock.at

    def by_the_clock(self) -> list[Pass]:
        """The passes as they are by the clock, whether or not the timer has run."""
        now = [replace(found, marks=[]) for found in self.model.values()]
        for found in now:
            found.pass_time(self.now)
        return now

    def expected_no(self, student: str, place: str) -> list[str]:
        """The codes of all the rules that say no, in their order."""
        passes, today = self.by_the_clock(), self.now.astimezone(WALL).date()
        used = sum(
            p.student == student and p.kind == "student"
            and p.requested.astimezone(WALL).date() == today
            and (p.is_open or p.state in ("ended", "system_ended"))
            for p in passes
        )  # fmt: skip
        limit = self.limits[student]
        there = ("waiting", "on_the_way", "arrived")
        at_single = sum(p.place == "single" and p.state in there for p in passes)
        no = {
            "already_out": any(p.student == student and p.is_open for p in passes),
            "daily_limit": limit is not None and used >= limit,
            "building_full": sum(p.is_open for p in passes) >= BUILDING,
            "destination_full": place == "single" and at_single >= 1,
        }
        return [code for code, says in no.items() if says]

    def clock_acts(self, *passes: Pass) -> None:
        """The clock's steps on these passes, each an event."""
        self.number += sum(found.pass_time(self.now) for found in passes)

    def settle(self, student: str) -> None:
        """Asking settles what the clock owes the student's own pass."""
        self.clock_acts(*(p for p in self.model.values() if p.student == student))

    # What may happen

    @rule(
        student=st.sampled_from(["ana", "ben", "cam"]), place=st.sampled_from([*TRIPS]),
        request_id=st.uuids(),
    )  # fmt: skip
    def a_student_asks(self, student: str, place: str, request_id: UUID) -> None:
        self.settle(student)
        no = self.expected_no(student, place)

        def ask() -> PassCard:
            return self.school.ask(
                getattr(self.school, student), self.places[place], request_id=request_id
            )

        self.number += 1
        if no:
            with pytest.raises(Refused) as refused:
                ask()
            assert refused.value.refusal.code == no[0]
            self.answered.append((ask, no[0]))
        else:
            card = ask()
            assert card.id == self.number
            self.model[card.id] = Pass(student, place, "student", self.now)
            self.answered.append((ask, card))

    @rule(
        student=st.sampled_from(["ana", "ben", "cam"]), place=st.sampled_from([*TRIPS]),
        pre_approved=st.booleans(), boldly=st.booleans(),
    )  # fmt: skip
    def an_adult_gives(self, student: str, place: str, pre_approved: bool, boldly: bool) -> None:
        no = self.expected_no(student, place)
        override = frozenset(no) if boldly else frozenset()

        def give() -> PassCard:
            return self.school.give(
                getattr(self.school, student), self.places[place],
                pre_approved=pre_approved, override=override,
            )  # fmt: skip

        if "already_out" in no:
            self.settle(student)
            self.number += 1
            with pytest.raises(Refused, match="already_out"):
                give()
        elif set(no) - override:
            with pytest.raises(NeedsOverride) as question:
                give()
            assert [broken.code for broken in question.value.broken] == no
        else:
            self.settle(student)
            self.number += 1
            card = give()
            assert (card.id, list(card.overridden)) == (self.number, no)
            new = Pass(student, place, "teacher", self.now, marks=["overridden"] if no else [])
            if pre_approved:
                new.state, new.started = "on_the_way", self.now
            self.model[card.id] = new

    @rule(
        data=st.data(), who=st.sampled_from([*WHO]), name=st.sampled_from([*SPEC])
    )  # fmt: skip
    def somebody_presses(self, data: st.DataObject, who: str, name: str) -> None:
        self.presses(data.draw(st.sampled_from([*self.model])), who, name)

    @rule(data=st.data())
    def the_right_person_presses(self, data: st.DataObject) -> None:
        pass_id = max(self.model)  # the newest: most likely open
        found = self.model[pass_id]
        right = [
            (who, name)
            for who in WHO
            for name in SPEC
            if may(name, who, TRIPS[found.place], found.key, found.auto)
        ]  # fmt: skip
        self.presses(pass_id, *data.draw(st.sampled_from(right)))

    def presses(self, pass_id: int, who: str, name: str) -> None:
        found = self.model[pass_id]
        trip = TRIPS[found.place]
        cast = people(self.school, trip) | {
            "student": getattr(self.school, found.student),
            "another student": self.school.ana if found.student != "ana" else self.school.ben,
        }
        by, press_id = cast[who], uuid4()

        def press() -> PassCard:
            return self.press(name, pass_id, by, press_id)

        is_others = name == "take_back" and found.kind == "teacher"
        if is_others or who not in SPEC[name].who.split():
            with pytest.raises((NotAllowed, NotFound)):
                press()
            return
        self.clock_acts(found)
        if (name, found.state) == ("start", "waiting") and (no := self.no_start(found)):
            with pytest.raises(Refused, match=no):
                press()
            return
        if name == "stop" and found.state in OUT and "stop" not in found.auto:
            with pytest.raises(Refused, match="stop_off"):
                press()
            return
        if not may(name, who, trip, found.key, found.auto):
            with pytest.raises(Stale) as stale:
                press()
            assert stale.value.card.state == found.state
            return
        if name == "ask_correction" and (code := self.no_to_asking(found)):
            with pytest.raises(Refused, match=code):
                press()
            return
        self.number += 1
        card = press()
        self.answered.append((press, card))
        found.comments += name == "comment"
        found.state = TO.get(name, found.state)
        if (name, trip) == ("arrive", "one_way"):
            found.state = "ended"
        if name in ("edit_times", "confirm_correction") and "edited" not in found.marks:
            found.marks.append("edited")
        if name in ("start", "stop"):
            found.marks.append(f"auto_{name}")
        if name == "ask_correction":
            found.asking, found.asked = self.half_way(found), found.asked + 1
        elif name.endswith("_correction"):
            found.ended = found.asking if name == "confirm_correction" else found.ended
            found.asking = None
        elif name in ("approve", "start"):
            found.started = self.now
        elif name != "comment" and not found.is_open:
            found.ended = self.now
        assert (card.state, card.version) == (found.state, self.number)

    def no_to_asking(self, found: Pass) -> str:
        """Why a student cannot ask for a correction of this pass now; empty when they can."""
        assert found.started is not None and found.ended is not None
        if found.ended < self.now - timedelta(days=14):
            return "correction_too_old"
        if found.asked >= 3:
            return "corrections_used_up"
        return "" if found.started < found.ended else "back_outside_pass"

    @staticmethod
    def half_way(found: Pass) -> datetime:
        """A time within the pass."""
        if found.started is None or found.ended is None:
            return found.requested  # nobody may ask
        return found.started + (found.ended - found.started) / 2

    def no_start(self, found: Pass) -> str:
        """Why the student cannot start the waiting pass."""
        if "start" not in found.auto:
            return "auto_off"
        out = [replace(p) for p in self.model.values() if "auto_start" in p.marks]
        for other in out:
            other.marks = [*other.marks]
            other.pass_time(self.now)
        return "auto_full" if sum(p.state in OUT for p in out) >= CAP else ""

    def press(self, name: str, pass_id: int, by: Actor, request_id: UUID) -> PassCard:
        about: dict[str, Any] = {"pass_id": pass_id, "by": by, "request_id": request_id}
        if name == "comment":
            return self.school.do(comment_on_pass, text="Seen.", **about)
        if name == "edit_times":
            return self.school.do(edit_times, ended_at=self.now, **about)
        if name == "ask_correction":
            back_at = self.half_way(self.model[pass_id])
            return self.school.do(ask_correction, back_at=back_at, **about)
        if name == "decline_correction":
            return self.school.do(decline_correction, answer="No.", **about)
        if name in ANSWERS:
            return self.school.do(ANSWERS[name], **about)
        if name in ("reschedule", "call_off", "take_back"):
            # None of these passes is an appointment: see test_life_arranged.
            ways: dict[str, Callable[..., Any]]
            ways = {"reschedule": reschedule, "call_off": call_off, "take_back": take_back}
            words = {} if name == "reschedule" else {"text": "Ill."}
            off: PassCard = self.school.do(ways[name], **about, **words)
            return off
        if name == "start":
            return self.school.do(start_pass, **about)
        return self.school.do(move_pass, name, **about)

    @precondition(lambda self: bool(getattr(self, "answered", None)))
    @rule(data=st.data())
    def a_request_comes_again(self, data: st.DataObject) -> None:
        again, first = data.draw(st.sampled_from(self.answered))
        if isinstance(first, str):
            with pytest.raises(Refused, match=first):
                again()
        else:
            assert again() == first

    @rule(minutes=st.sampled_from([0.5, 3, 9, 10, 20, 29, 30, 45, 60 * 5, 60 * 24]))
    def time_passes(self, minutes: float) -> None:
        self.school.wait(minutes=minutes)
        self.clock_acts(*self.model.values())
        self.timer_is_late = False

    @rule(minutes=st.sampled_from([3, 10, 30, 60 * 5]))
    def time_passes_while_the_timer_stands_still(self, minutes: float) -> None:
        self.school.wait(minutes=minutes, timer=False)
        self.timer_is_late = True

    # What always holds

    @invariant()
    def numbers_have_no_gap(self) -> None:
        if hasattr(self, "school"):
            log = read_log(self.school.id, 0)
            assert [event.number for event in log] == list(range(1, self.number + 1))
            assert self.school.last == self.number

    @invariant()
    def the_log_replayed_is_the_table(self) -> None:
        if hasattr(self, "school"):
            cards = {e.card.id: e.card for e in self.school.log() if hasattr(e, "card")}
            assert cards == self.table()

    @invariant()
    def the_table_is_the_model(self) -> None:
        if not hasattr(self, "school") or self.timer_is_late:
            return
        table = self.table()
        assert table.keys() == self.model.keys()
        for pass_id, found in self.model.items():
            card = table[pass_id]
            assert (
                card.state, card.is_open, card.requested_at, card.started_at, card.ended_at,
                list(card.marks), len(card.comments), len(card.corrections),
                card.correction.back_at if card.correction else None,
            ) == (
                found.state, found.is_open, found.requested, found.started, found.ended,
                found.marks, found.comments, found.asked, found.asking,
            )  # fmt: skip

    def table(self) -> dict[int, PassCard]:
        rows = HallPass.objects.filter(school_id=self.school.id).values_list("card", flat=True)
        cards = [shelf.read(text) for text in rows]
        assert len({c.student.id for c in cards if c.is_open}) == sum(c.is_open for c in cards)
        return {card.id: card for card in cards}

    def teardown(self) -> None:
        """In the end the clock has closed everything."""
        if hasattr(self, "school"):
            self.time_passes(60)
            self.the_table_is_the_model()
            assert not any(card.is_open for card in self.table().values())
            assert not HallPass.objects.filter(school_id=self.school.id, due_at__isnull=False)


@pytest.mark.stateful
@pytest.mark.django_db
def test_the_life_of_a_pass() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25 * settings().max_examples // 100, stateful_step_count=25,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )  # fmt: skip
