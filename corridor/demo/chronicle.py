"""Play planned passes in the order of time, through the operations, with times in the past."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from random import Random
from typing import Final, NamedTuple

from corridor.accounts.actors import Actor
from corridor.demo.building import Building, Pupil
from corridor.demo.stories import Step, Story
from corridor.live.log import Turn, turn
from corridor.passes import queries, timers
from corridor.passes.auto import start_pass
from corridor.passes.cards import PassCard
from corridor.passes.refusals import NeedsOverride, Refused, Stale
from corridor.passes.requests import give_pass, request_pass
from corridor.passes.trips import PRESSES, comment_on_pass, edit_times, move_pass


class Trip(NamedTuple):
    """A pass that is planned. `given` is a teacher pass; `yields` leaves the last places free."""

    pupil: Pupil
    origin_id: int
    destination_id: int
    reason: str
    story: Story
    given: bool = False
    pre_approved: bool = False
    yields: bool = False


# How often a student presses Start or Stop where Auto Pass allows it.
_BY_THEMSELVES: Final = 0.8

Act = Callable[[Turn, datetime], None]


class Chronicle:
    """A school's agenda: what somebody does when; the clock's steps come in between."""

    def __init__(self, building: Building, random: Random) -> None:
        self.building = building
        self._random = random
        self._agenda: list[tuple[datetime, int, Act]] = []
        self._planned = 0
        self._open = {c.student.id: c for c in queries.open_passes(building.school_id)}

    def plan(self, at: datetime, trip: Trip) -> None:
        """The trip's pass is asked for at this time."""
        self.add(at, partial(self._begin, trip))

    def add(self, at: datetime, act: Act) -> None:
        """Somebody does this at this time."""
        self._planned += 1
        heappush(self._agenda, (at, self._planned, act))

    def play(self, until: datetime) -> None:
        """Everything that happens up to this time, in one turn."""
        with turn(self.building.school_id) as tx:
            while self._agenda and self._agenda[0][0] <= until:
                at, _, act = heappop(self._agenda)
                act(tx, at)

    def _begin(self, trip: Trip, tx: Turn, at: datetime) -> None:
        if trip.pupil.id in self._open or (trip.yields and not self._has_room(trip)):
            return
        try:
            card = self._give(trip, tx, at) if trip.given else self._request(trip, tx, at)
        except Refused as no:
            if no.refusal.code == "daily_limit" and self._random.random() < 0.8:
                self._plead(trip, at)
            return
        if card is not None:
            self._keep(card)
            self._follow(card, trip.story.steps, at)

    def _request(self, trip: Trip, tx: Turn, at: datetime) -> PassCard:
        return request_pass(
            tx,
            origin_id=trip.origin_id,
            destination_id=trip.destination_id,
            reason=trip.reason,
            by=trip.pupil.actor,
            at=at,
        )

    def _give(self, trip: Trip, tx: Turn, at: datetime) -> PassCard | None:
        by = self.building.adult_at(trip.origin_id, self._random)
        assert by is not None
        give = partial(
            give_pass,
            tx,
            student_id=trip.pupil.id,
            origin_id=trip.origin_id,
            destination_id=trip.destination_id,
            reason=trip.reason,
            pre_approved=trip.pre_approved,
            by=by,
            at=at,
        )
        try:
            return give()
        except NeedsOverride as warned:
            if self._random.random() < 0.3:
                return None  # the adult thinks better of it
            return give(override=frozenset(refusal.code for refusal in warned.broken))

    def _plead(self, trip: Trip, at: datetime) -> None:
        """The student's passes are used up: the teacher lets them go all the same."""
        steps = trip.story.steps
        if steps and steps[0].move == "approve":
            story = trip.story._replace(steps=steps[1:])
            given = trip._replace(given=True, pre_approved=True, story=story)
            self.plan(at + timedelta(seconds=50), given)

    def _follow(self, card: PassCard, steps: tuple[Step, ...], at: datetime) -> None:
        if steps:
            then = at + timedelta(seconds=steps[0].after)
            self.add(then, partial(self._step, card, steps))

    def _step(self, card: PassCard, steps: tuple[Step, ...], tx: Turn, at: datetime) -> None:
        step, pass_id = steps[0], card.id
        by = self._who(step, card)
        try:
            started = self._start(card, tx, at) if step.move == "approve" else None
            if started is not None:
                card = started
            elif step.move == "end" and self._stops(card):
                student = self._pupil(card.student.id).actor
                card = move_pass(tx, "stop", pass_id=pass_id, by=student, at=at)
            elif step.move in PRESSES:
                card = move_pass(tx, step.move, pass_id=pass_id, by=by, at=at)
            elif step.move == "comment":
                card = comment_on_pass(tx, pass_id=pass_id, text=step.text, by=by, at=at)
            else:
                # Found out later: the student had been back after some minutes.
                back = (card.started_at or card.requested_at) + timedelta(minutes=7)
                card = edit_times(tx, pass_id=pass_id, ended_at=back, by=by, at=at)
        except Stale as late:
            self._keep(late.card)
            return
        self._keep(card)
        self._follow(card, steps[1:], at)

    def _start(self, card: PassCard, tx: Turn, at: datetime) -> PassCard | None:
        """Where Auto Pass lets the student start, mostly nobody waits for the adult."""
        if "start" not in card.auto or self._random.random() > _BY_THEMSELVES:
            return None
        try:
            return start_pass(tx, pass_id=card.id, by=self._pupil(card.student.id).actor, at=at)
        except Refused:
            return None

    def _stops(self, card: PassCard) -> bool:
        return "stop" in card.auto and self._random.random() < _BY_THEMSELVES

    def _who(self, step: Step, card: PassCard) -> Actor:
        if step.move == "withdraw":
            return self._pupil(card.student.id).actor
        if step.move in ("arrive", "send_back", "end_and_keep"):
            there = self.building.adult_at(card.destination.id, self._random)
        elif step.move == "end" and self._random.random() < 0.03:
            there = self._random.choice(self.building.admins)
        else:
            there = self.building.adult_at(card.origin.id, self._random)
        assert there is not None
        return there

    def _pupil(self, student_id: int) -> Pupil:
        return next(pupil for pupil in self.building.pupils if pupil.id == student_id)

    def _keep(self, card: PassCard) -> None:
        if not card.is_open:
            self._open.pop(card.student.id, None)
            return
        self._open[card.student.id] = card
        if card.due_at is not None:
            self.add(card.due_at, partial(self._clock, card))

    def _clock(self, card: PassCard, tx: Turn, at: datetime) -> None:
        if self._open.get(card.student.id) is card:
            self._keep(timers.catch_up(tx, card, at=at))

    def _has_room(self, trip: Trip) -> bool:
        capacity = self.building.places[trip.destination_id].capacity
        taken = sum(c.destination.id == trip.destination_id for c in self._open.values())
        return capacity is None or taken + 3 <= capacity
