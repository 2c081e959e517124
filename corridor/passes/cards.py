"""The card of a pass: everything a screen shows of it, in one frozen value.

A card is what an event carries, what the row keeps and what a page draws, so the three can never
disagree. Changing a pass means making the next card.
"""

from datetime import datetime, timedelta

import msgspec

from corridor.accounts.actors import Actor
from corridor.live.events import Who
from corridor.passes import states


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """The student as the card names them; `photo` is the mark of their picture, or empty."""

    id: int
    name: str
    sort_name: str
    grade: str
    photo: str = ""


class Place(msgspec.Struct, frozen=True):
    """A location as the card names it; `adult_name` is empty for a room shared by many."""

    id: int
    name: str
    adult_name: str


class Stamp(msgspec.Struct, frozen=True):
    """One step of the pass: what became of it, when, by whom."""

    what: str
    at: datetime
    by: Who


class Comment(msgspec.Struct, frozen=True):
    """What an adult wrote beside the pass."""

    at: datetime
    by: Who
    text: str


class PassCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pass. `id` is the number of the event that began it, `version` that of its last one.

    All times are aware UTC. `due_at` is when the clock will next act on it (None: never), and
    `over_at` the moment by which the clock will have closed it if nobody else does.
    `minutes_waiting`, `minutes_to_long` and `minutes_to_end` are the thresholds in force when the
    pass was made.
    """

    id: int
    version: int
    school_id: int
    kind: str
    state: str
    student: Person
    origin: Place
    destination: Place
    trip_type: str
    reason: str
    minutes_waiting: int
    minutes_to_long: int
    minutes_to_end: int
    requested_at: datetime
    started_at: datetime | None = None
    arrived_at: datetime | None = None
    returning_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    over_at: datetime | None = None
    marks: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    comments: tuple[Comment, ...] = ()

    @property
    def is_open(self) -> bool:
        """Waiting or out; a student has at most one such pass."""
        return self.state in states.OPEN

    @property
    def is_out(self) -> bool:
        """The student is out of the room."""
        return self.state in states.OUT

    @property
    def is_long_running(self) -> bool:
        """Out for longer than the school's first threshold."""
        return states.LONG_RUNNING in self.marks

    @property
    def closed_by(self) -> Who | None:
        """Who ended, cancelled or withdrew it (the clock too); None while it is open."""
        return None if self.is_open else self.stamps[-1].by


_TIME_OF = {
    states.ON_THE_WAY: "started_at",
    states.ARRIVED: "arrived_at",
    states.RETURNING: "returning_at",
}


def stepped(card: PassCard, what: str, state: str, *, by: Actor, at: datetime) -> PassCard:
    """The card after a step into a state: its time, its stamp, its next threshold."""
    changes: dict[str, object] = {
        "state": state,
        "stamps": (*card.stamps, Stamp(what, at, by.who)),
    }
    if state in _TIME_OF:
        changes[_TIME_OF[state]] = at
    if state == states.ON_THE_WAY:
        changes["due_at"] = at + timedelta(minutes=card.minutes_to_long)
        changes["over_at"] = at + timedelta(minutes=card.minutes_to_end)
    elif state not in states.OPEN:
        changes |= {"ended_at": at, "due_at": None, "over_at": None}
    return msgspec.structs.replace(card, **changes)


def long_running(card: PassCard) -> PassCard:
    """The card once the first threshold has passed: marked, and due at the second."""
    return msgspec.structs.replace(
        card, marks=(*card.marks, states.LONG_RUNNING), due_at=card.over_at
    )


def commented(card: PassCard, text: str, *, by: Actor, at: datetime) -> PassCard:
    """The card with one more comment."""
    return msgspec.structs.replace(card, comments=(*card.comments, Comment(at, by.who, text)))


def edited(card: PassCard, ended_at: datetime, *, by: Actor, at: datetime) -> PassCard:
    """The system-ended card with the time at which the student was really back."""
    return msgspec.structs.replace(
        card,
        state=states.ENDED,
        ended_at=ended_at,
        marks=(*card.marks, states.EDITED),
        stamps=(*card.stamps, Stamp("edited", at, by.who)),
    )
