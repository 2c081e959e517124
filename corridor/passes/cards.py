"""The card of a pass: everything a screen shows of it, in one frozen value.

A card is what an event carries, what the row keeps and what a page draws, so the three can never
disagree. Changing a pass means making the next card.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from corridor.accounts.actors import Actor
from corridor.live.events import Who
from corridor.passes import states
from corridor.passes.dates import SURFACES_BEFORE


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


# What an edit of an appointment changed, each a step; older cards say only that it was changed.
CHANGED: Final = ("time_changed", "place_changed", "reason_changed", "rescheduled")


class Comment(msgspec.Struct, frozen=True):
    """What an adult wrote beside the pass."""

    at: datetime
    by: Who
    text: str


class Correction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a student says of the end of a closed pass, and what an adult answered.

    `back_at` is when the student says they were back, `at` when they said so. `state` is one of
    open, confirmed, declined, withdrawn; `answer` are the words of whoever declined.
    """

    back_at: datetime
    note: str
    at: datetime
    by: Who
    state: str = "open"
    answer: str = ""
    answered_at: datetime | None = None
    answered_by: Who | None = None


class InLine(msgspec.Struct, frozen=True):
    """A place in the line of a full location: 1 is next. `about` is when it may be called."""

    place: int
    about: datetime | None


class Appointment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a pass was arranged to take place, on the school's wall clock, and with which others.

    On `day` at `wall`, which is when `period` begins if one is named; `begins_at` is that moment
    (aware UTC) by the zone and the bell as they are now. `series` is the id of the first pass that
    was made together with this one, `students` for how many it was made; `repeat` is none, daily,
    weekly or monthly, until the day `until`. `held` says that its time has come but the student
    has another pass. `why` are the words with which it was called off; the student reads them.
    """

    day: date
    wall: time
    period: str = ""
    begins_at: datetime
    series: int
    students: int = 1
    repeat: str = "none"
    until: date | None = None
    held: bool = False
    why: str = ""


class PassCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pass. `id` is the number of the event that began it, `version` that of its last one.

    All times are aware UTC. `due_at` is when the clock will next act on it (None: never), and
    `over_at` the moment by which the clock will have closed it if nobody else does.
    `period` is the name of the one in which it was asked for, empty between periods.
    `minutes_waiting`, `minutes_to_long` and `minutes_to_end` are the thresholds in force when the
    pass was made. `auto` is what Auto Pass lets the student do by themselves: start, stop.
    `line` is the place of a queued pass. `appointment` stands on a pass that was arranged for a
    time: it is the same pass, with the same id, before it surfaces and after.
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
    period: str = ""
    started_at: datetime | None = None
    arrived_at: datetime | None = None
    returning_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    over_at: datetime | None = None
    marks: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    auto: tuple[str, ...] = ()
    line: InLine | None = None
    appointment: Appointment | None = None
    stamps: tuple[Stamp, ...] = ()
    comments: tuple[Comment, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def is_open(self) -> bool:
        """Waiting or out; a student has at most one such pass."""
        return self.state in states.OPEN

    @property
    def is_coming(self) -> bool:
        """An appointment that has not surfaced yet."""
        return self.state in states.COMING

    @property
    def has_surfaced(self) -> bool:
        """An appointment whose time has come: from then on it is like any pass."""
        return any(stamp.what == "surfaced" for stamp in self.stamps)

    @property
    def never_surfaced(self) -> bool:
        """An appointment that is over and never was a pass: nobody waited or was out."""
        return self.appointment is not None and not (self.is_coming or self.has_surfaced)

    @property
    def is_acknowledged(self) -> bool:
        """An adult has said that they know of the appointment as it stands now."""
        told = [s.what for s in self.stamps if s.what == "acknowledged" or s.what in CHANGED]
        return bool(told) and told[-1] == "acknowledged"

    @property
    def made_by(self) -> Who:
        """Who began it."""
        return self.stamps[0].by

    def is_listed_for(self, location_ids: Collection[int], account_id: int | None) -> bool:
        """Whether it stands on the board of an adult of these locations.

        An appointment also on that of the adult who made it, until it surfaces.
        """
        if self.origin.id in location_ids or self.destination.id in location_ids:
            return True
        return self.is_coming and account_id is not None and self.made_by.account_id == account_id

    @property
    def is_out(self) -> bool:
        """The student is out of the room."""
        return self.state in states.OUT

    @property
    def holds_place(self) -> bool:
        """Takes one of the destination's places."""
        return self.state in states.AT_DESTINATION

    @property
    def is_long_running(self) -> bool:
        """Out for longer than the school's first threshold."""
        return states.LONG_RUNNING in self.marks

    @property
    def closed_by(self) -> Who | None:
        """Who ended, cancelled or withdrew it (the clock too); None while it is open."""
        if self.is_open or self.is_coming:
            return None
        return next(stamp.by for stamp in reversed(self.stamps) if stamp.what not in _BESIDE)

    @property
    def let_go(self) -> Who | None:
        """The adult who approved it or gave it pre-approved, and did not take that back."""
        approved = [
            stamp.by
            for stamp, after in zip(self.stamps, (*self.stamps[1:], None), strict=True)
            if stamp.what == "approved" and (after is None or after.what != "undone")
        ]
        return approved[0] if approved else None

    @property
    def let_go_by(self) -> int | None:
        """The account of the adult who let the student go."""
        return self.let_go.account_id if self.let_go else None

    @property
    def correction(self) -> Correction | None:
        """The correction that waits for an answer; a pass has one at most."""
        last = self.corrections[-1] if self.corrections else None
        return last if last is not None and last.state == "open" else None


# Steps of the story that change neither the state nor a time.
_BESIDE = frozenset({"correction_asked", "correction_declined", "correction_withdrawn"})
_BEGINS_WAITING = frozenset({"requested", "called", "surfaced"})
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
    elif state not in states.OPEN | states.COMING:
        changes |= {"ended_at": at, "due_at": None, "over_at": None}
    return msgspec.structs.replace(card, **changes)


def undone(card: PassCard, *, by: Actor, at: datetime) -> PassCard:
    """The card as it was before its last step, which somebody took back at once.

    A request that waits again has at least a minute left for the answer.
    """
    last, stamps = card.stamps[-1], (*card.stamps, Stamp("undone", at, by.who))
    if last.what == "ended" and card.started_at is not None:
        over_at = card.started_at + timedelta(minutes=card.minutes_to_end)
        long_at = card.started_at + timedelta(minutes=card.minutes_to_long)
        return msgspec.structs.replace(
            card, state=_where(card), ended_at=None, stamps=stamps, over_at=over_at,
            due_at=over_at if card.is_long_running else long_at,
        )  # fmt: skip
    until = max(waits_until(card), at + timedelta(minutes=1))
    return msgspec.structs.replace(
        card, state=states.WAITING, started_at=None, ended_at=None, stamps=stamps, due_at=until,
        over_at=until,
    )  # fmt: skip


def waits_until(card: PassCard) -> datetime:
    """Until when a request waits for an answer; an appointment that was moved, by its new time."""
    began = next(stamp.at for stamp in reversed(card.stamps) if stamp.what in _BEGINS_WAITING)
    if card.appointment is not None:
        began = max(began, card.appointment.begins_at - SURFACES_BEFORE)
    return began + timedelta(minutes=card.minutes_waiting)


def _where(card: PassCard) -> str:
    """Where the student of a pass was that has just been ended."""
    if card.returning_at is not None:
        return states.RETURNING
    return states.ARRIVED if card.arrived_at is not None else states.ON_THE_WAY


def called_off(
    card: PassCard, what: str, state: str, why: str, *, by: Actor, at: datetime
) -> PassCard:
    """The appointment after an adult cancelled it, or the student took the request back."""
    assert card.appointment is not None
    appointment = msgspec.structs.replace(card.appointment, why=why, held=False)
    card = stepped(card, what, state, by=by, at=at)
    return msgspec.structs.replace(card, appointment=appointment)


def marked(card: PassCard, mark: str) -> PassCard:
    """The card with this mark beside its state."""
    return msgspec.structs.replace(card, marks=(*card.marks, mark))


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
    return _ended_then(card, "edited", ended_at, by=by, at=at)


def asked_to_correct(
    card: PassCard, back_at: datetime, note: str, *, by: Actor, at: datetime
) -> PassCard:
    """The card with one more correction, which waits for an answer."""
    correction = Correction(back_at=back_at, note=note, at=at, by=by.who)
    return msgspec.structs.replace(
        card,
        corrections=(*card.corrections, correction),
        stamps=(*card.stamps, Stamp("correction_asked", at, by.who)),
    )


def correction_answered(
    card: PassCard, state: str, answer: str = "", *, by: Actor, at: datetime
) -> PassCard:
    """The card whose open correction was confirmed, declined or withdrawn.

    A confirmed one changes the end of the pass, as an adult's edit does.
    """
    *before, last = card.corrections
    answered = msgspec.structs.replace(
        last, state=state, answer=answer, answered_at=at, answered_by=by.who
    )
    card = msgspec.structs.replace(card, corrections=(*before, answered))
    what = f"correction_{state}"
    if state == "confirmed":
        return _ended_then(card, what, last.back_at, by=by, at=at)
    return msgspec.structs.replace(card, stamps=(*card.stamps, Stamp(what, at, by.who)))


def _ended_then(
    card: PassCard, what: str, ended_at: datetime, *, by: Actor, at: datetime
) -> PassCard:
    marks = card.marks if states.EDITED in card.marks else (*card.marks, states.EDITED)
    return msgspec.structs.replace(
        card,
        state=states.ENDED,
        ended_at=ended_at,
        marks=marks,
        stamps=(*card.stamps, Stamp(what, at, by.who)),
    )
