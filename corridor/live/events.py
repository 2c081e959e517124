"""What an event is: a frozen fact in the past tense that carries the whole new card."""

import re
from datetime import datetime
from typing import Any, ClassVar

import msgspec


class Who(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who acted, as it is told later: account (None for the clock), name, kind and face.

    `kind` is one of student, adult, clock, program (a key that acts as nobody); `face` is the part
    of the product the press came from (student, staff, demo, api, clock …; console, classroom and
    agent are of Classroom, whose accounts are numbered for themselves). `acted_by` is the name of
    the organisation admin who really pressed, acting as this person, and `acted_by_id` their
    Classroom account.
    """

    account_id: int | None
    name: str
    kind: str
    face: str
    acted_by: str = ""
    acted_by_id: int | None = None


class Found(msgspec.Struct, frozen=True):
    """A row by which an event is looked for otherwise than by its number: table and columns.

    School, number and time of the event are kept with them.
    """

    table: str
    columns: dict[str, int | str | bool | None]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every event. `at` is aware UTC, `by` is who acted (the clock is an actor)."""

    at: datetime
    by: Who

    name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        words = re.findall(r"[A-Z][a-z]*", cls.__name__)
        subject, verb = words[: cls.words_in_subject], words[cls.words_in_subject :]
        cls.name = "_".join(subject).lower() + "." + "_".join(verb).lower()

    words_in_subject: ClassVar[int] = 1

    def topics(self) -> tuple[str, ...]:
        """The topics this event is announced on, built with `corridor.live.topics`."""
        raise NotImplementedError

    def found_by(self) -> Found | None:
        """The row that is written with the event, for lists that look for it; mostly none."""
        return None


class Logged(msgspec.Struct, frozen=True):
    """An event as it stands in the log: the number is the school's, the body is JSON."""

    school_id: int
    number: int
    name: str
    topics: tuple[str, ...]
    body: str
