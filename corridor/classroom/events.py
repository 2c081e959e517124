"""What can happen to a running class. Each event carries the whole new cards.

`docs/events.md` is compared with this file by a test: the docstrings are the documentation.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec

from corridor.classroom.cards import CommandCard, Message, ParticipantCard, SessionCard
from corridor.live import topics
from corridor.live.events import Event, Found, Logged


class ClassroomEvent(Event, frozen=True, kw_only=True):
    """Base of the events of Classroom: the students whose card became another one."""

    participants: tuple[ParticipantCard, ...] = ()

    def topics(self) -> tuple[str, ...]:
        """The sessions of these students, and each student's device."""
        return _told(self.participants)


class SessionEvent(ClassroomEvent, frozen=True, kw_only=True):
    """Base of the events of one session."""

    words_in_subject = 2
    card: SessionCard

    def topics(self) -> tuple[str, ...]:
        """The session, its students' devices, and every list of the school's running classes."""
        card = self.card
        own = topics.class_session(card.id)
        return _told(self.participants, own, topics.classes(card.school_id))


class ClassSessionStarted(SessionEvent, frozen=True, kw_only=True):
    """A class began, with these students."""


class ClassSessionExtended(SessionEvent, frozen=True, kw_only=True):
    """The class ends at another time now; what lasts to its end ends with it."""


class ClassSessionEnded(SessionEvent, frozen=True, kw_only=True):
    """The class is over, by an adult or by its time: nobody is held to anything any more."""


class ParticipantsTakenOver(ClassroomEvent, frozen=True, kw_only=True):
    """Another class took these students over; `teacher_ids` are told whose students they were."""

    teacher_ids: tuple[int, ...]

    def topics(self) -> tuple[str, ...]:
        """The classes that lost students, their teachers, the students' devices."""
        return _told(self.participants, *_accounts(self.teacher_ids))


class ParticipantsGivenBack(ClassroomEvent, frozen=True, kw_only=True):
    """Taking over was undone: the students are where they were before, with these teachers."""

    teacher_ids: tuple[int, ...] = ()

    def topics(self) -> tuple[str, ...]:
        """The sessions of these students, their teachers, the students' devices."""
        return _told(self.participants, *_accounts(self.teacher_ids))


class ParticipantsCameBack(ClassroomEvent, frozen=True, kw_only=True):
    """Another class let these students go: the class that waited for them has them again."""


class ParticipantsIncluded(ClassroomEvent, frozen=True, kw_only=True):
    """Students for whom a place was kept are back, and in the class now."""


class ParticipantsReleased(ClassroomEvent, frozen=True, kw_only=True):
    """A restriction ended by its time: the devices had let go by themselves."""


class ParticipantsNoticed(ClassroomEvent, frozen=True, kw_only=True):
    """Devices of students came, went or were lost; for the history of the class."""


class HandRaised(ClassroomEvent, frozen=True, kw_only=True):
    """A student raised a hand."""


class HandLowered(ClassroomEvent, frozen=True, kw_only=True):
    """A student took the hand down again."""


class MessagesRead(ClassroomEvent, frozen=True, kw_only=True):
    """A teacher looked at what a student wrote."""


class CommandSent(ClassroomEvent, frozen=True, kw_only=True):
    """A teacher asked something of students' devices; `participants` are those it changes.

    `teacher_ids` are told that students of theirs were taken over by it.
    """

    card: CommandCard
    teacher_ids: tuple[int, ...] = ()

    def topics(self) -> tuple[str, ...]:
        """The session, the device of each recipient, the teachers who lost students."""
        card = self.card
        devices = (topics.classroom_student(one.student.id) for one in card.recipients)
        own = (topics.class_session(card.session_id), *devices)
        return _told(self.participants, *own, *_accounts(self.teacher_ids))


class CommandAnswered(ClassroomEvent, frozen=True, kw_only=True):
    """Devices answered a command: it was applied, or failed and why; `participants` are those who
    are held to something that failed, or that did and holds now."""

    card: CommandCard

    def topics(self) -> tuple[str, ...]:
        """The session, and the devices of whose card says otherwise now."""
        return _told(self.participants, topics.class_session(self.card.session_id))


class ClassMessageSent(ClassroomEvent, frozen=True, kw_only=True):
    """A student wrote to the teachers of the class."""

    words_in_subject = 2
    message: Message

    def found_by(self) -> Found:
        """What was written in a session is looked for by student."""
        return Found(
            "classroom_classmessage",
            {"session_id": self.message.session_id, "student_id": self.message.student.id},
        )


ALL: Final[tuple[type[Event], ...]] = (
    ClassSessionStarted, ClassSessionExtended, ClassSessionEnded, ParticipantsTakenOver,
    ParticipantsGivenBack, ParticipantsCameBack, ParticipantsIncluded, ParticipantsReleased,
    ParticipantsNoticed, HandRaised, HandLowered, MessagesRead, CommandSent, CommandAnswered,
    ClassMessageSent,
)  # fmt: skip

_DECODERS: Final = {kind.name: msgspec.json.Decoder(kind) for kind in ALL}


def decode_logged(logged: Logged) -> ClassroomEvent | None:
    """As `decode`, for what the hub passes on: decoded once, however many listeners hear it."""
    return _decoded(logged.name, logged.body)


@lru_cache(maxsize=256)
def _decoded(name: str, body: str) -> ClassroomEvent | None:
    return decode(name, body)


def decode(name: str, body: str) -> ClassroomEvent | None:
    """The event behind a row of the log, or None when it is not about Classroom."""
    decoder = _DECODERS.get(name)
    return None if decoder is None else decoder.decode(body)  # type: ignore[return-value]


def _accounts(account_ids: Iterable[int]) -> tuple[str, ...]:
    return tuple(topics.classroom_account(account_id) for account_id in account_ids)


def _told(participants: Iterable[ParticipantCard], *more: str) -> tuple[str, ...]:
    """The topics, each once, in a steady order."""
    told = dict.fromkeys(more)
    for card in participants:
        told |= {topics.class_session(card.session_id): None}
        told |= {topics.classroom_student(card.student.id): None}
    return tuple(told)
