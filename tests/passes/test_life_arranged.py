"""Appointments among passes, in any order and with a clock as late as it likes, against a model.

The model goes minute by minute; the product may be left alone for hours and must tell the same.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

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
from corridor.live.log import read_log, turn
from corridor.passes import queries
from corridor.passes.appointments import (
    call_off,
    call_off_without_school,
    follow_bell,
    reschedule,
    take_back,
    without_school,
)
from corridor.passes.cards import PassCard
from corridor.passes.refusals import Refused, Stale
from corridor.roster.bells import NO_SCHOOL, Bells, Period, Schedule
from corridor.roster.changes import set_days
from corridor.roster.schools import settings_of
from tests.school import School

# In the afternoon, and in the hours before the clocks go forward and back.
STARTS = (
    datetime(2026, 3, 2, 15, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 5, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 30, tzinfo=UTC),
)
STUDENTS = ("ana", "cam")
EXPIRES, WAITS, LONG, END, BEFORE = 10, 15, 10, 30, 5
OPEN = ("waiting", "on_the_way")
# Every day has a period in each hour; "Late" rings it 25 minutes later.
MINUTE = {"Early": 10, "Late": 35}
BELLS = Bells(
    schedules=tuple(
        Schedule(
            name,
            tuple(
                Period(str(hour), time(hour, minute), time(hour, minute + 20))
                for hour in range(24)
            ),
        )
        for name, minute in MINUTE.items()
    ),
    week=("Early",) * 7,
)  # fmt: skip
COMING = ("awaiting_confirmation", "scheduled")
FOLLOWS = (*COMING, "waiting")


@dataclass
class Pass:
    """What the model knows of a pass; times are minutes since the start."""

    id: int
    student: str
    kind: str
    state: str
    asked: bool = False
    begins: int = 0
    due: int = 0
    held: bool = False
    is_long: bool = False
    started: int | None = None
    surfaced: int | None = None
    ended: int | None = None
    day: date = date.min
    wall: time = time()
    period: str = ""
    series: int = 0
    acknowledged: bool = False
    reason: str = ""

    @property
    def surfaces(self) -> int:
        """When it should surface."""
        return self.begins - BEFORE

    def close(self, state: str, now: int) -> None:
        """It is over."""
        self.state, self.ended, self.held = state, now, False


def some_coming(life: "LifeArranged") -> bool:
    """There is an appointment to change."""
    return bool(life.coming())


class LifeArranged(RuleBasedStateMachine):
    """Two students with requests and appointments, on three hard days."""

    @initialize(start=st.sampled_from(STARTS))
    def open_the_school(self, start: datetime) -> None:
        self.start, self.now = start, 0
        self.school = School(TestClock(start))
        self.different = (date.min, "Early")
        self.school.decide(student_appointments=True, bells=BELLS)
        self.passes: list[Pass] = []
        for student in STUDENTS:
            self.make_series(student, 90)
            self.make_of_period(student, 2)

    # The model's clock

    def minute(self) -> None:
        """What the clock does in this minute."""
        self.now += 1
        for found in self.passes:
            self.on_its_way(found)
        for found in sorted(self.coming(), key=lambda one: (one.due, one.id)):
            if found.held and self.open_of(found.student) is None and self.now < found.due:
                self.surface(found)
        for found in sorted(self.coming(), key=lambda one: (one.due, one.id)):
            if found.due <= self.now:
                self.its_time_has_come(found)

    def on_its_way(self, found: Pass) -> None:
        if found.state == "waiting" and found.due == self.now:
            found.close("missed" if found.kind == "appointment" else "expired", self.now)
        elif found.state == "on_the_way" and found.started is not None:
            found.is_long = found.is_long or self.now >= found.started + LONG
            if self.now == found.started + END:
                found.close("system_ended", self.now)

    def its_time_has_come(self, found: Pass) -> None:
        other = self.open_of(found.student)
        if found.state == "awaiting_confirmation":
            found.close("expired", self.now)
        elif self.now >= found.surfaces + WAITS:
            found.close("missed", self.now)
        elif other is not None and (other.kind == "appointment" or other.state != "waiting"):
            found.held, found.due = True, found.surfaces + WAITS
        else:
            if other is not None:
                other.close("cancelled", self.now)
            self.surface(found)

    def surface(self, found: Pass) -> None:
        found.state, found.held = "waiting", False
        found.surfaced, found.due = self.now, self.now + WAITS

    def coming(self) -> list[Pass]:
        return [found for found in self.passes if found.state in COMING]

    def open_of(self, student: str) -> Pass | None:
        return next((p for p in self.passes if p.student == student and p.state in OPEN), None)

    # What may happen

    @rule(minutes=st.sampled_from([1, 2, 3, 5, 9, 14, 31, 90]))
    def time_passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.minute()
        self.school.wait(minutes=minutes)

    @rule(student=st.sampled_from(STUDENTS))
    def a_student_asks(self, student: str) -> None:
        if self.open_of(student) is not None:
            with pytest.raises(Refused, match="already_out"):
                self.school.ask(getattr(self.school, student), self.school.library)
            return
        card = self.school.ask(getattr(self.school, student), self.school.library)
        self.passes.append(
            Pass(card.id, student, "student", "waiting", due=self.now + EXPIRES, surfaced=self.now)
        )

    @rule(
        student=st.sampled_from(STUDENTS), minutes=st.sampled_from([6, 8, 10, 12, 20, 40]),
        asks=st.booleans(),
    )  # fmt: skip
    def an_appointment_is_made(self, student: str, minutes: int, asks: bool) -> None:
        person, begins = getattr(self.school, student), self.now + minutes
        if self.moment(begins) != self.wall_then(begins):
            return  # the wall clock would say another moment: see test_surfacing
        if not asks:
            (card,) = self.school.arrange(person, minutes=minutes)
        elif sum(p.student == student and p.state == COMING[0] for p in self.passes) == 5:
            return
        elif any(p.student == student and abs(p.begins - begins) < WAITS for p in self.coming()):
            with pytest.raises(Refused, match="too_near"):
                self.school.ask_appointment(person, minutes=minutes)
            return
        else:
            card = self.school.ask_appointment(person, minutes=minutes)
        self.passes.append(self.arranged(card, student, begins, asks=asks))

    @rule(student=st.sampled_from(STUDENTS), hours=st.sampled_from([0, 1, 2]))
    def one_of_a_period_is_made(self, student: str, hours: int) -> None:
        self.make_of_period(student, hours)

    def make_of_period(self, student: str, hours: int) -> None:
        local = self.moment(self.now).astimezone(self.school.zone)
        name, begins = (
            str((local.hour + hours) % 24),
            self.bell_of(local.date(), local.hour + hours),
        )
        if begins is None or begins < self.now + 6:
            return
        (card,) = self.school.arrange(getattr(self.school, student), day=local.date(), period=name)
        found = self.arranged(card, student, begins)
        found.period = name
        self.passes.append(found)

    @rule(student=st.sampled_from(STUDENTS), minutes=st.sampled_from([10, 60]))
    def a_series_is_made(self, student: str, minutes: int) -> None:
        self.make_series(student, minutes)

    def make_series(self, student: str, minutes: int) -> None:
        local = self.moment(self.now + minutes).astimezone(self.school.zone)
        days = [local.date() + timedelta(days=number) for number in range(3)]
        begins = [self.minute_of(day, local.time()) for day in days]
        if None in begins or begins[0] != self.now + minutes:
            return
        cards = self.school.arrange(
            getattr(self.school, student), minutes=minutes, repeat="daily", until=days[-1]
        )
        for card, minute in zip(cards, begins, strict=True):
            assert minute is not None
            self.passes.append(self.arranged(card, student, minute))

    @precondition(some_coming)
    @rule(
        data=st.data(), minutes=st.sampled_from([-20, 7, 45]),
        series=st.sampled_from(["one", "later", "all"]),
    )  # fmt: skip
    def a_series_is_changed(self, data: st.DataObject, minutes: int, series: str) -> None:
        """The wall clock of one, and of those of its series that go along."""
        found = data.draw(st.sampled_from(self.coming()))
        wall = (datetime.combine(found.day, found.wall) + timedelta(minutes=minutes)).time()
        changed = self.going_along(found, series)
        begins = {one.id: self.minute_of(one.day, wall) for one in changed}
        if None in begins.values():
            return
        about = {"pass_id": found.id, "wall": wall, "series": series, "by": self.school.ito}
        if any(minute <= self.now for minute in begins.values() if minute is not None):
            with pytest.raises(Refused, match="not_ahead"):
                self.school.do(reschedule, **about)
            return
        if found.state == COMING[0] and (begins[found.id] or 0) <= self.now + BEFORE:
            with pytest.raises(Refused, match="too_soon_to_confirm"):
                self.school.do(reschedule, **about)
            return
        cards = self.school.do(reschedule, **about)
        assert sorted(card.id for card in cards) == sorted(begins)
        for one in changed:
            self.moved(one, begins[one.id] or 0, wall)
        self.at_once()

    @precondition(some_coming)
    @rule(data=st.data(), series=st.sampled_from(["one", "later", "all"]))
    def a_reason_is_changed(self, data: st.DataObject, series: str) -> None:
        """Whatever the bell and the clock say of its time. The others follow what changes in it."""
        found = data.draw(st.sampled_from(self.coming()))
        form = {"day": found.day, "wall": found.wall, "period": found.period}
        self.school.do(
            reschedule, pass_id=found.id, reason="Read", series=series, by=self.school.ito, **form
        )
        if found.reason == "Read":
            return
        for one in self.going_along(found, series):
            one.acknowledged = one.acknowledged and one.reason == "Read"
            one.reason = "Read"

    @precondition(lambda self: any(one.state == "scheduled" for one in self.coming()))
    @rule(data=st.data())
    def somebody_acknowledges(self, data: st.DataObject) -> None:
        able = [found for found in self.coming() if found.state == "scheduled"]
        found = data.draw(st.sampled_from(able))
        card = self.school.now_is(found.id)
        if found.acknowledged:
            with pytest.raises(Stale):
                self.school.press("acknowledge", card, self.school.rivera)
        else:
            self.school.press("acknowledge", card, self.school.rivera)
        found.acknowledged = True

    @precondition(lambda self: any(one.period for one in self.passes if one.state in FOLLOWS))
    @rule(bell=st.sampled_from(["Early", "Late"]))
    def today_is_different(self, bell: str) -> None:
        """What has a period follows it, unless that is over; what has a time stays."""
        today = self.moment(self.now).astimezone(self.school.zone).date()
        self.school.do(set_days, today, today, bell, by=self.school.dana.who)
        self.school.do(follow_bell, by=self.school.dana)
        self.different = (today, bell)
        for found in self.coming():
            begins = self.bell_of(found.day, int(found.period)) if found.period else None
            if begins is None or begins - BEFORE + WAITS <= self.now:
                continue
            if found.day == today and begins != found.begins:
                self.moved(found, begins, time(int(found.period), MINUTE[bell]))
                found.period = str(found.wall.hour)
        for found in self.waiting_by_the_bell(today):
            begins = self.bell_of(found.day, int(found.period))
            if begins is not None and begins - BEFORE + WAITS > self.now and begins != found.begins:
                assert found.surfaced is not None
                found.begins, found.wall = begins, time(int(found.period), MINUTE[bell])
                found.due = max(found.surfaced, found.surfaces) + WAITS
        self.at_once()

    def waiting_by_the_bell(self, day: date) -> list[Pass]:
        """Those of a period that have surfaced and wait for an answer."""
        return [
            one for one in self.passes
            if (one.kind, one.state, one.day) == ("appointment", "waiting", day) and one.period
        ]  # fmt: skip

    @precondition(lambda self: len(self.coming()) >= 5)
    @rule()
    def today_loses_its_school(self) -> None:
        """By mistake: it is taken back at once, and what was cancelled stays so."""
        today = self.moment(self.now).astimezone(self.school.zone).date()
        before = settings_of(self.school.id).bells
        dana = self.school.dana
        self.school.do(set_days, today, today, NO_SCHOOL, by=dana.who)
        with turn(self.school.id) as tx:
            lost = without_school(tx, before, at=self.school.clock.at)
            call_off_without_school(tx, lost, by=dana, at=self.school.clock.at)
        self.school.decide(bells=before)
        gone = [
            one for one in self.passes
            if one.kind == "appointment" and one.day == today and one.state in FOLLOWS
        ]  # fmt: skip
        assert sorted(card.id for card in lost) == sorted(found.id for found in gone)
        for found in gone:
            found.close("cancelled", self.now)
        for student in STUDENTS:
            self.let_go(student)

    @rule(data=st.data(), press=st.sampled_from(["approve", "end", "cancel", "confirm"]))
    def somebody_presses(self, data: st.DataObject, press: str) -> None:
        who, state, to = {
            "approve": ("rivera", "waiting", "on_the_way"),
            "end": ("rivera", "on_the_way", "ended"),
            "cancel": ("rivera", "waiting", "cancelled"),
            "confirm": ("ito", "awaiting_confirmation", "scheduled"),
        }[press]
        able = [found for found in self.passes if found.state == state]
        if not able:
            return
        found = data.draw(st.sampled_from(able))
        self.school.press(press, self.school.now_is(found.id), getattr(self.school, who))
        if press == "approve":
            found.started = self.now
        if to in (*OPEN, *COMING):
            found.state = to
        else:
            found.close(to, self.now)
            self.let_go(found.student)

    def let_go(self, student: str) -> None:
        """The clock looks once a second: whoever is held back surfaces at that moment."""
        self.school.wait(seconds=0)
        held = sorted((p for p in self.coming() if p.held), key=lambda one: (one.due, one.id))
        for found in held:
            if found.student == student and self.open_of(student) is None:
                self.surface(found)

    @precondition(some_coming)
    @rule(data=st.data(), minutes=st.sampled_from([7, 15, 45]))
    def an_adult_changes_one(self, data: st.DataObject, minutes: int) -> None:
        begins = self.now + minutes
        able = self.coming()
        if self.moment(begins) != self.wall_then(begins):
            return
        found = data.draw(st.sampled_from(able))
        wish = self.school.wish(minutes=minutes)
        (card,) = self.school.do(
            reschedule, pass_id=found.id, day=wish.day, wall=wish.wall, by=self.school.ito
        )
        assert card.state == found.state
        assert wish.wall is not None
        found.day = wish.day
        self.moved(found, begins, wish.wall)

    @precondition(some_coming)
    @rule(data=st.data(), series=st.sampled_from(["one", "later", "all"]))
    def some_are_called_off(self, data: st.DataObject, series: str) -> None:
        found = data.draw(st.sampled_from(self.coming()))
        self.school.do(call_off, pass_id=found.id, text="Ill.", series=series, by=self.school.ito)
        for one in self.going_along(found, series):
            one.close("cancelled", self.now)

    @precondition(lambda self: any(one.asked for one in self.coming()))
    @rule(data=st.data())
    def a_student_takes_one_back(self, data: st.DataObject) -> None:
        mine = [found for found in self.coming() if found.asked]
        found = data.draw(st.sampled_from(mine))
        about = {"pass_id": found.id, "text": "No.", "by": getattr(self.school, found.student)}
        if self.now > found.begins - 30:
            with pytest.raises(Refused, match="too_late"):
                self.school.do(take_back, **about)
        else:
            self.school.do(take_back, **about)
            found.close("withdrawn", self.now)

    @rule(data=st.data())
    def somebody_is_too_late(self, data: st.DataObject) -> None:
        gone = [p for p in self.passes if p.kind == "appointment" and p.state not in COMING]
        if gone:
            found = data.draw(st.sampled_from(gone))
            with pytest.raises(Stale) as late:
                self.school.do(call_off, pass_id=found.id, text="Ill.", by=self.school.ito)
            assert late.value.card.state == found.state

    # What always holds

    @invariant()
    def everything_is_as_in_the_model(self) -> None:
        if not hasattr(self, "school"):
            return
        for found in self.passes:
            card = self.school.now_is(found.id)
            assert self.of(card) == (
                found.state, found.is_long, found.held, self.at(found.started), self.at(found.ended)
            ), (found, card)  # fmt: skip
            if found.state in COMING:
                assert card.is_acknowledged == found.acknowledged
            if found.state in FOLLOWS and card.appointment is not None:
                assert (card.appointment.begins_at, card.appointment.period) == (
                    self.moment(found.begins), found.period
                ), (found, card)  # fmt: skip
            if found.surfaced is not None:
                assert card.requested_at == self.at(found.surfaced)

    def teardown(self) -> None:
        """The log replayed is the tables."""
        if not hasattr(self, "school"):
            return
        numbers = [event.number for event in read_log(self.school.id, 0)]
        assert numbers == list(range(1, self.school.last + 1))
        cards = {e.card.id: e.card for e in self.school.log() if hasattr(e, "card")}
        assert all(self.school.now_is(found) == card for found, card in cards.items())
        coming = {card.id for card in queries.coming_passes(self.school.id)}
        assert coming == {found for found, card in cards.items() if card.is_coming}

    @staticmethod
    def of(card: PassCard) -> tuple[object, ...]:
        held = card.appointment is not None and card.appointment.held
        return card.state, card.is_long_running, held, card.started_at, card.ended_at

    # What the model knows of times and series

    def arranged(self, card: PassCard, student: str, begins: int, *, asks: bool = False) -> Pass:
        assert card.appointment is not None
        local = self.moment(begins).astimezone(self.school.zone)
        return Pass(
            card.id, student, "appointment", card.state, asks, begins, begins - BEFORE,
            day=local.date(), wall=local.time(), series=card.appointment.series,
        )  # fmt: skip

    def moved(self, found: Pass, begins: int, wall: time) -> None:
        if (found.begins, found.wall, found.period) == (begins, wall, ""):
            return  # as it was
        found.begins, found.wall, found.period = begins, wall, ""
        found.due, found.held, found.acknowledged = max(begins - BEFORE, self.now), False, False

    def at_once(self) -> None:
        """What is due by now has its time now, not in a minute."""
        self.school.wait(seconds=0)
        for found in sorted(self.coming(), key=lambda one: (one.due, one.id)):
            if found.due <= self.now:
                self.its_time_has_come(found)

    def going_along(self, found: Pass, series: str) -> list[Pass]:
        return [
            one for one in self.coming()
            if one is found or (one.series == found.series and series != "one"
                                and (series == "all" or one.begins >= found.begins))
        ]  # fmt: skip

    def bell_of(self, day: date, hour: int) -> int | None:
        """When the period of this hour rings on the day, if no clock changes then."""
        different, bell = self.different
        minute = MINUTE[bell if day == different else "Early"]
        return self.minute_of(day, time(hour, minute)) if hour < 24 else None

    def minute_of(self, day: date, wall: time) -> int | None:
        """The minute that the wall clock names, if there is just one."""
        zone = self.school.zone
        moments = {
            datetime.combine(day, wall, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)
        }
        if len(moments) != 1:
            return None
        return int((moments.pop() - self.start).total_seconds() // 60)

    def at(self, minutes: int | None) -> datetime | None:
        return None if minutes is None else self.start + timedelta(minutes=minutes)

    def moment(self, minutes: int) -> datetime:
        return self.start + timedelta(minutes=minutes)

    def wall_then(self, minutes: int) -> datetime:
        """The moment that the wall clock of then names: another one in an hour that comes twice."""
        wall = self.moment(minutes).astimezone(self.school.zone)
        return wall.replace(fold=0).astimezone(UTC)


@pytest.mark.thorough
@pytest.mark.stateful
@pytest.mark.django_db
def test_the_life_of_appointments() -> None:
    run_state_machine_as_test(
        LifeArranged,
        settings=settings(
            max_examples=30 * settings().max_examples // 100, stateful_step_count=40,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )  # fmt: skip
