"""A school day that plays itself, for `corridor demo --busy`: faster than life, never the cast.

Whoever tries the demonstration acts at the same time. So nothing is remembered but what is next
for each pass as it was last seen; a pass that somebody else has moved is thought about anew.
"""

import logging
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from threading import Event
from typing import Final, NamedTuple

from django.db import DatabaseError, connection, connections

from corridor import clock
from corridor.accounts.actors import Actor
from corridor.accounts.models import PassAccount
from corridor.demo import plan, timetable
from corridor.demo.building import Building, Pupil
from corridor.demo.stories import reason_for
from corridor.live.log import turn
from corridor.passes import queries, states
from corridor.passes.cards import PassCard
from corridor.passes.models import HallPass
from corridor.passes.refusals import NeedsOverride, NotAllowed, NotFound, Refused, Stale
from corridor.passes.requests import give_pass, request_pass
from corridor.passes.standing import day_of
from corridor.passes.trips import move_pass
from corridor.roster.models import Location
from corridor.roster.schools import settings_of
from corridor.web.cast import CAST

log = logging.getLogger(__name__)

# Between two looks at the school; also how long stopping takes at most.
_LOOK: Final = 0.4
_MANY_OUT: Final = 27
_FEW_OUT: Final = 18
# The rest of the building's places are for whoever tries the demonstration.
_MANY_OPEN: Final = 34
_READ_AGAIN: Final = timedelta(minutes=1)
_TOO_LATE: Final = (NeedsOverride, NotAllowed, NotFound, Refused, Stale)

_CAST: Final = {member.key: member.email for member in CAST}


class _Next(NamedTuple):
    """What somebody will do with a pass, when; None leaves it to the clock."""

    version: int
    at: datetime
    move: str | None


def play(stop: Event | None = None) -> None:
    """Play the high school's day in this thread until told to stop."""
    stop = stop or Event()
    try:
        _play(stop)
    finally:
        connections.close_all()


def _play(stop: Event) -> None:
    player: Player | None = None
    while not stop.wait(_LOOK):
        try:
            player = player or Player(_school_of_the_cast(), Random(204))  # noqa: S311
            player.look(clock.now())
        except DatabaseError as problem:
            # Busy or away for a moment; the school goes on when it is back.
            log.warning("The school day pauses: %s", problem)
            connection.close()
            stop.wait(2)


def _school_of_the_cast() -> int:
    return PassAccount.objects.values_list("school_id", flat=True).get(email=_CAST["rivera"])


class Player:
    """Everybody in the school but the cast's students."""

    def __init__(self, school_id: int, random: Random) -> None:
        self._random = random
        self._school_id = school_id
        self._next: dict[int, _Next] = {}
        self._read_at: datetime | None = None
        self._somebody_asks: datetime | None = None
        self._rivera_is_asked: datetime | None = None

    def look(self, at: datetime) -> None:
        """Do what is due by now, and let the next students ask."""
        if self._read_at is None or abs(at - self._read_at) > _READ_AGAIN:
            self._read(at)
        cards = queries.open_passes(self._school_id)
        ours = [card for card in cards if card.student.id not in self._cast]
        self._think(ours, at)
        for card in ours:
            following = self._next[card.id]
            if following.move is not None and following.at <= at:
                self._move(card, following.move, at)
        self._ask(cards, at)

    def _read(self, at: datetime) -> None:
        """Who works and learns here now, and how often each has been out today."""
        self._read_at = at
        self._building = Building(self._school_id)
        self._cast = {pupil.id for pupil in self._building.pupils if pupil.is_cast}
        self._limit = settings_of(self._school_id).daily_limit or 99
        of_the_cast = PassAccount.objects.filter(
            school_id=self._school_id, email__in=_CAST.values()
        ).exclude(role="student")
        self._slow = set(
            of_the_cast.filter(links__is_personal=True).values_list("links__location_id", flat=True)
        )
        today, _ = day_of(at, settings_of(self._school_id))
        self._used = Counter(
            HallPass.objects.filter(
                school_id=self._school_id, requested_at__gte=today, kind="student"
            ).values_list("student_id", flat=True)
        )

    def _think(self, cards: list[PassCard], at: datetime) -> None:
        """Decide about what is new or has changed; forget what is over."""
        following: dict[int, _Next] = {}
        for card in cards:
            known = self._next.get(card.id)
            if known is None or known.version != card.version:
                seconds, move = self._decide(card)
                known = _Next(card.version, at + timedelta(seconds=seconds), move)
            following[card.id] = known
        self._next = following

    def _decide(self, card: PassCard) -> tuple[float, str | None]:
        """After how many seconds which move follows.

        The cast's own adults are slow: the press is left to whoever plays them.
        """
        between, chance = self._random.uniform, self._random.random()
        slow = 2 if card.destination.id in self._slow else 1
        if card.state == states.WAITING:
            seconds = between(50, 150) if card.origin.id in self._slow else between(3, 40)
            if chance < 0.02:
                return 0, None
            if chance < 0.06:
                return seconds, "cancel"
            return seconds, "withdraw" if chance < 0.08 else "approve"
        if card.is_long_running:
            return between(90, 400), "end"
        if chance < 0.02:
            return between(800, 1500), "end"  # dawdles
        if card.state == states.RETURNING:
            return between(20, 60), "end"
        if card.state == states.ARRIVED:
            return slow * between(40, 120), "end_and_keep" if chance > 0.86 else "send_back"
        if card.trip_type == "roundtrip":
            return between(60, 170), "end"
        return slow * between(25, 75), "arrive"

    def _move(self, card: PassCard, move: str, at: datetime) -> None:
        if move == "withdraw":
            by = self._student(card.student.id)
        else:
            there = move in ("arrive", "send_back", "end_and_keep")
            place = card.destination if there else card.origin
            by = self._building.adult_at(place.id, self._random)
        if by is None:  # nobody works there any more: an admin ends it
            move, by = "end", next(iter(self._building.admins), None)
        if by is None:
            return
        try:
            with turn(self._school_id) as tx:
                move_pass(tx, move, pass_id=card.id, by=by, at=at)
        except _TOO_LATE:
            self._next[card.id] = _Next(card.version, at, None)

    def _student(self, student_id: int) -> Actor | None:
        return next((p.actor for p in self._building.pupils if p.id == student_id), None)

    def _ask(self, cards: list[PassCard], at: datetime) -> None:
        """Let students ask: one every few seconds, and Ms. Rivera's now and then."""
        rivera = self._building.place_named.get(plan.RIVERA)
        if rivera is not None and self._is_time(self._rivera_is_asked, at):
            self._rivera_is_asked = at + timedelta(seconds=self._random.uniform(35, 55))
            if sum(c.state == states.WAITING and c.origin.id == rivera.pk for c in cards) < 4:
                self._somebody_wants_out(cards, rivera.pk, at)
        if self._is_time(self._somebody_asks, at):
            out = sum(card.is_out for card in cards)
            longest = 3.5 if out < _FEW_OUT else 6
            self._somebody_asks = at + timedelta(seconds=self._random.uniform(2, longest))
            if out < _MANY_OUT and len(cards) < _MANY_OPEN:
                self._somebody_wants_out(cards, None, at)

    def _is_time(self, due: datetime | None, at: datetime) -> bool:
        # A clock that was set back must not leave the school waiting for hours.
        return due is None or due <= at or due - at > timedelta(minutes=5)

    def _somebody_wants_out(
        self, cards: list[PassCard], origin_id: int | None, at: datetime
    ) -> None:
        building, random = self._building, self._random
        out = {card.student.id for card in cards}
        pupil = random.choice(building.classes)
        if pupil.id in out:
            return
        start = timetable.start_of(at.astimezone(building.zone).date(), building.zone)
        origin = origin_id or building.room_of(pupil, timetable.period_at(at, start))
        place = building.destination_from(origin, random)
        if self._is_nearly_full(place, cards):
            return
        self._used[pupil.id] += 1
        try:
            if random.random() < 0.15 or self._used[pupil.id] > self._limit:
                self._give(pupil, origin, place, at)
            else:
                self._request(pupil, origin, place, at)
        except _TOO_LATE:
            return

    def _request(self, pupil: Pupil, origin_id: int, place: Location, at: datetime) -> None:
        with turn(self._school_id) as tx:
            request_pass(
                tx,
                origin_id=origin_id,
                destination_id=place.pk,
                reason=reason_for(place, self._random),
                by=pupil.actor,
                at=at,
            )

    def _give(self, pupil: Pupil, origin_id: int, place: Location, at: datetime) -> None:
        by = self._building.adult_at(origin_id, self._random)
        if by is None:
            return
        with turn(self._school_id) as tx:
            give_pass(
                tx,
                student_id=pupil.id,
                origin_id=origin_id,
                destination_id=place.pk,
                reason=reason_for(place, self._random),
                pre_approved=True,
                override=frozenset({"daily_limit"}),
                by=by,
                at=at,
            )

    def _is_nearly_full(self, place: Location, cards: list[PassCard]) -> bool:
        taken = sum(
            c.destination.id == place.pk and c.state in states.AT_DESTINATION for c in cards
        )
        return place.capacity is not None and taken + 1 >= place.capacity
