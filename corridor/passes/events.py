"""What can happen to a pass. Each event carries the whole new card.

`docs/events.md` is compared with this file by a test: the docstrings are the documentation.
"""

from functools import lru_cache
from typing import Final

import msgspec

from corridor.live import topics
from corridor.live.events import Event, Found, Logged
from corridor.passes.cards import PassCard, Person, Place
from corridor.passes.refusals import Refusal


class PassEvent(Event, frozen=True, kw_only=True):
    """Base of the events of one pass."""

    card: PassCard

    def topics(self) -> tuple[str, ...]:
        """The student, both locations, the building; of an appointment also who made it."""
        card = self.card
        return (
            topics.student(card.student.id),
            topics.location(card.origin.id),
            topics.location(card.destination.id),
            topics.school(card.school_id),
            *self._maker(),
        )

    def _maker(self) -> tuple[str, ...]:
        """Perhaps an adult of neither place, with the appointment on the board until it surfaces.

        Surfacing is the last of it that adult hears.
        """
        card, by = self.card, self.card.made_by.account_id
        if card.appointment is None or by is None or by == card.student.id:
            return ()
        if card.has_surfaced and card.stamps[-1].what != "surfaced":
            return ()
        return (topics.account(by),)


class PassRequested(PassEvent, frozen=True, kw_only=True):
    """A student asks to leave, or an adult asks for a student: the pass waits for approval."""


class PassQueued(PassEvent, frozen=True, kw_only=True):
    """A student joined the line of a location that is full."""


class PassMovedUp(PassEvent, frozen=True, kw_only=True):
    """Somebody ahead in line was called or has left it: the place in line is another one."""


class PassCalled(PassEvent, frozen=True, kw_only=True):
    """A place came free for somebody in line: the pass waits for approval, or for its Start."""


class PassCleared(PassEvent, frozen=True, kw_only=True):
    """The line was cleared by an adult of the location, an admin or the clock, or is no more."""


class PassGiven(PassEvent, frozen=True, kw_only=True):
    """An adult made a pre-approved pass for a student, who is on the way at once."""


class PassApproved(PassEvent, frozen=True, kw_only=True):
    """An adult of the origin approved: the student is on the way."""


class PassAutoStarted(PassEvent, frozen=True, kw_only=True):
    """The student started the pass by Auto Pass: on the way, marked A."""


class PassAutoStopped(PassEvent, frozen=True, kw_only=True):
    """The student stopped the pass by Auto Pass: it has ended, marked A."""


class PassAutoChanged(PassEvent, frozen=True, kw_only=True):
    """An adult changed what Auto Pass lets the student of an open pass do by themselves."""


class PassCancelled(PassEvent, frozen=True, kw_only=True):
    """An adult said no, or cancelled an appointment; or the clock: its people are gone."""


class PassWithdrawn(PassEvent, frozen=True, kw_only=True):
    """The student took the request back."""


class PassExpired(PassEvent, frozen=True, kw_only=True):
    """Nobody answered in time; the clock closed the request."""


class PassArrived(PassEvent, frozen=True, kw_only=True):
    """An adult of the destination saw the student arrive. A One-way pass ends with it."""


class PassSentBack(PassEvent, frozen=True, kw_only=True):
    """An adult of the destination sent the student back: returning."""


class PassKept(PassEvent, frozen=True, kw_only=True):
    """An adult of the destination ended the pass and keeps the student."""


class PassEnded(PassEvent, frozen=True, kw_only=True):
    """An adult of the origin, or an admin, ended the pass: the student is back."""


class PassUndone(PassEvent, frozen=True, kw_only=True):
    """Whoever approved, cancelled or ended the pass took it back within seconds."""


class PassRanLong(PassEvent, frozen=True, kw_only=True):
    """The first threshold passed: the pass is long running; its clock goes on."""


class PassSystemEnded(PassEvent, frozen=True, kw_only=True):
    """The second threshold passed and nobody had ended the pass; the clock closed it."""


class PassEdited(PassEvent, frozen=True, kw_only=True):
    """An adult corrected the end of a system-ended pass."""


class PassCommented(PassEvent, frozen=True, kw_only=True):
    """An adult of the pass, or an admin, wrote a comment."""


class PassCorrectionAsked(PassEvent, frozen=True, kw_only=True):
    """A student says when they were really back from a pass that is over; an adult answers."""


class PassCorrectionConfirmed(PassEvent, frozen=True, kw_only=True):
    """An adult of the pass, or an admin, confirmed a correction: the end of the pass is that."""


class PassCorrectionDeclined(PassEvent, frozen=True, kw_only=True):
    """An adult of the pass, or an admin, said no to a correction, in words."""


class PassCorrectionWithdrawn(PassEvent, frozen=True, kw_only=True):
    """The student took a correction back."""


class PassScheduled(PassEvent, frozen=True, kw_only=True):
    """An adult made an appointment for a student: it surfaces five minutes before its time."""


class PassAppointmentAsked(PassEvent, frozen=True, kw_only=True):
    """A student asked for an appointment: it awaits an adult of the destination."""


class PassConfirmed(PassEvent, frozen=True, kw_only=True):
    """An adult of the destination confirmed the appointment that a student asked for."""


class PassAcknowledged(PassEvent, frozen=True, kw_only=True):
    """An adult of the appointment knows of it. It takes place without that too."""


class PassRescheduled(PassEvent, frozen=True, kw_only=True):
    """An adult changed an appointment, or the bell or zone that it follows.

    `location_ids` are those that it does not name any more.
    """

    location_ids: tuple[int, ...] = ()

    def topics(self) -> tuple[str, ...]:
        """As every event of a pass, and the locations that it left."""
        return (*super().topics(), *map(topics.location, self.location_ids))


class PassHeldBack(PassEvent, frozen=True, kw_only=True):
    """An appointment's time has come while the student has a pass: it surfaces after that."""


class PassGaveWay(PassEvent, frozen=True, kw_only=True):
    """A student's request that was not answered was closed, because an appointment surfaced."""


class PassSurfaced(PassEvent, frozen=True, kw_only=True):
    """Five minutes before its time an appointment became a pass that waits for approval."""


class PassMissed(PassEvent, frozen=True, kw_only=True):
    """Nobody approved the appointment while it waited, or the student was out all that time."""


class PassRefused(Event, frozen=True, kw_only=True):
    """The rules refused a request; nothing else changed. Only the student's screens hear it."""

    school_id: int
    student_id: int
    origin_id: int
    destination_id: int
    refusal: Refusal

    def topics(self) -> tuple[str, ...]:
        """Only the student: nobody else waits for it; reports read it from the log."""
        return (topics.student(self.student_id),)

    def found_by(self) -> Found:
        """The history of refusals looks by student, places and rule."""
        return Found(
            "passes_refusal",
            {
                "student_id": self.student_id,
                "origin_id": self.origin_id,
                "destination_id": self.destination_id,
                "code": self.refusal.code,
            },
        )


class HistoryEvent(Event, frozen=True, kw_only=True):
    """Base of what is recorded of whoever looks at one student's history."""

    school_id: int
    student_id: int

    def topics(self) -> tuple[str, ...]:
        """Nobody listens: the student's own page and the adults' show it when they are loaded."""
        return (topics.looks(self.student_id),)

    def found_by(self) -> Found:
        """A student's page lists who looked."""
        return Found(
            "passes_look",
            {
                "student_id": self.student_id,
                "account_id": self.by.account_id,
                "exported": isinstance(self, HistoryExported),
            },
        )


class HistoryViewed(HistoryEvent, frozen=True, kw_only=True):
    """An adult or a program looked at one student's history: told once an hour for the two."""


class HistoryExported(HistoryEvent, frozen=True, kw_only=True):
    """An adult exported one student's data or history."""


class PassesExported(Event, frozen=True, kw_only=True):
    """An adult exported passes of the school: `filters` are those of the page, as an address."""

    school_id: int
    filters: str

    def topics(self) -> tuple[str, ...]:
        """Nobody's screen changes; whoever asks reads it in the log."""
        return (topics.records(self.school_id),)


class StudentSeenWithoutPass(Event, frozen=True, kw_only=True):
    """An adult met a student who had no live pass: perhaps where, in whose room they should be."""

    school_id: int
    student: Person
    place: Place | None
    room: Place | None
    text: str

    def topics(self) -> tuple[str, ...]:
        """The room where the student should be, if known, and admins."""
        admins = topics.sightings(self.school_id)
        return (admins,) if self.room is None else (admins, topics.location(self.room.id))


class StudentsKeptApart(Event, frozen=True, kw_only=True):
    """An admin keeps students apart, or changes whom. The event names nobody: the group does."""

    school_id: int
    group_id: int

    def topics(self) -> tuple[str, ...]:
        """Nobody listens: an admin's page shows it when it is loaded."""
        return (topics.contact_groups(self.school_id),)


class StudentsLetTogether(Event, frozen=True, kw_only=True):
    """An admin removed a contact group."""

    school_id: int
    group_id: int

    def topics(self) -> tuple[str, ...]:
        """Nobody listens: an admin's page shows it when it is loaded."""
        return (topics.contact_groups(self.school_id),)


ALL: Final[tuple[type[Event], ...]] = (
    PassRequested, PassQueued, PassMovedUp, PassCalled, PassCleared, PassGiven, PassApproved,
    PassAutoStarted, PassAutoStopped, PassAutoChanged, PassCancelled, PassWithdrawn, PassExpired,
    PassArrived, PassSentBack, PassKept, PassEnded, PassUndone, PassRanLong, PassSystemEnded,
    PassEdited, PassCommented, PassCorrectionAsked, PassCorrectionConfirmed, PassCorrectionDeclined,
    PassCorrectionWithdrawn, PassScheduled, PassAppointmentAsked, PassConfirmed,
    PassAcknowledged, PassRescheduled, PassHeldBack, PassGaveWay, PassSurfaced, PassMissed,
    PassRefused, HistoryViewed, HistoryExported, PassesExported,
    StudentSeenWithoutPass, StudentsKeptApart, StudentsLetTogether,
)  # fmt: skip

_DECODERS: Final = {kind.name: msgspec.json.Decoder(kind) for kind in ALL}
# The event of a step is found by its stamp: `approved` → `pass.approved`.
OF_STAMP: Final = {
    kind.name.removeprefix("pass."): kind for kind in ALL if issubclass(kind, PassEvent)
}


def decode_logged(logged: Logged) -> Event | None:
    """As `decode`, for what the hub passes on: decoded once, however many listeners hear it."""
    return _decoded(logged.name, logged.body)


@lru_cache(maxsize=256)
def _decoded(name: str, body: str) -> Event | None:
    return decode(name, body)


def decode(name: str, body: str) -> Event | None:
    """The event behind a row of the log, or None when it is not about passes."""
    decoder = _DECODERS.get(name)
    return None if decoder is None else decoder.decode(body)
