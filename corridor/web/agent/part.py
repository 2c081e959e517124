"""A student's part in the class that runs, as it follows from the events. Pure."""

from datetime import datetime
from functools import lru_cache

from django.utils import translation

from corridor.classroom import events
from corridor.classroom.cards import (
    PENDING,
    CommandCard,
    Lease,
    Message,
    ParticipantCard,
    SessionCard,
)
from corridor.live.events import Who
from corridor.web.agent import messages as say
from corridor.web.templatetags.corridor import acted_by


class Part:
    """The session that holds a student, if one does, and the student's card in it."""

    def __init__(self, student_id: int) -> None:
        self.student_id = student_id
        self.session: SessionCard | None = None
        self.row: ParticipantCard | None = None

    @property
    def is_known(self) -> bool:
        """Whether the session of the student's card was heard of; else it must be read."""
        if self.row is None:
            return True
        return self.session is not None and self.session.id == self.row.session_id

    @property
    def is_in(self) -> bool:
        """Whether a class holds the student."""
        return self.row is not None

    def is_asked(self, card: CommandCard) -> bool:
        """Whether the class that holds the student waits for an answer to this command of its
        own."""
        is_of_it = self.row is not None and self.row.session_id == card.session_id
        return is_of_it and pending(card, self.student_id)

    def read(self, found: tuple[SessionCard, ParticipantCard] | None) -> None:
        """What was read from the database is newer than everything heard."""
        self.session, self.row = found if found is not None else (None, None)

    def hear(self, event: events.ClassroomEvent) -> None:
        """What the event says of this student: first what lets go, then what holds."""
        own = [row for row in event.participants if row.student.id == self.student_id]
        for row in sorted(own, key=lambda row: row.is_in):
            self._take(row)
        if isinstance(event, events.SessionEvent):
            self._take_session(event.card)

    def desired(self, at: datetime, language: str) -> say.Desired:
        """How the student's device should be, for a reader of this language."""
        row, session = self.row, self.session
        if row is None or session is None or not self.is_known:
            return say.Desired(at)
        return say.Desired(
            now=at,
            class_session=_running(session, row, language),
            hand_raised=row.hand_raised_at is not None,
            restrictions=tuple(_restriction(lease, language) for lease in row.restrictions),
        )

    def _take(self, row: ParticipantCard) -> None:
        if row.is_in:
            if self.row is None or row.version >= self.row.version:
                self.row = row
        elif self.row is not None and self.row.session_id == row.session_id:
            # Whoever comes back into the class reads it anew: it may end at another time.
            self.row = self.session = None

    def _take_session(self, card: SessionCard) -> None:
        if self.row is None or self.row.session_id != card.id:
            return
        self.session = card
        if not card.is_running:
            self.row = None


def pending(card: CommandCard, student_id: int) -> bool:
    """Whether this student's device has not answered the command."""
    return any(one.student.id == student_id and one.result == PENDING for one in card.recipients)


def command(card: CommandCard, language: str) -> str:
    """The command as it is sent; written once for a whole class and a language."""
    return _command((card.school_id, card.id, card.at), language, _Held(card))


def wrote(message: Message) -> say.Wrote:
    """What the student wrote."""
    return say.Wrote(message.text, message.at)


def _named(who: Who, language: str) -> str:
    """Who did it: under both names where an admin acted as this person."""
    if not who.acted_by:
        return who.name
    with translation.override(language):
        return acted_by(who.name, who.acted_by)


def _running(session: SessionCard, row: ParticipantCard, language: str) -> say.Running:
    return say.Running(
        id=session.id,
        name=session.class_name,
        period=session.period,
        led_by=_named(session.led_by, language),
        started_at=session.started_at,
        ends_at=session.ends_at,
        hands=session.options.hands,
        may_write=session.options.students_write or row.written_to,
    )


def _restriction(lease: Lease, language: str) -> say.Restriction:
    return say.Restriction(
        kind=lease.kind,
        until=lease.until,
        by=_named(lease.by, language),
        text=lease.text,
        sites=lease.sites,
        blocks=lease.blocks,
        number=lease.number,
    )


class _Held:
    """Carries the card past the cache's key, which names it."""

    __slots__ = ("card",)

    def __init__(self, card: CommandCard) -> None:
        self.card = card

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _command(key: tuple[int, int, datetime], language: str, held: _Held) -> str:
    card, says = held.card, held.card.arguments
    return say.written(
        say.Command(
            id=card.id, kind=card.kind, by=_named(card.by, language), at=card.at, text=says.text,
            url=says.url, undoes=says.command_id,
        )
    )  # fmt: skip
