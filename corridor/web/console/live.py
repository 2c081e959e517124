"""The stream of a console: what happens in the class, and what is seen of its students.

What happens comes from the log, in the order of numbers. What is seen (who is online, what is
open) comes from `corridor.classroom.presence` and is lost on purpose: it has no number.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from corridor import clock
from corridor.accounts.believed import forget
from corridor.accounts.classroom_signins import (
    ClassroomSignedIn,
    signed_in_to_classroom,
    still_in_classroom,
)
from corridor.classroom import events, queries
from corridor.classroom.cards import ParticipantCard, SessionCard
from corridor.classroom.presence import Change, Presence, presences
from corridor.classroom.refusals import NotFound
from corridor.live import topics
from corridor.live.events import Logged
from corridor.live.hub import TooFarBehind
from corridor.web.console import drawing
from corridor.web.forms import id_in
from corridor.web.stream import (
    BEAT,
    MOST_OF_A_SESSION,
    Begun,
    Endpoint,
    Listening,
    NoStream,
    Streams,
    language_of,
    message,
)

_LOOK_SECONDS = 1.0
_OF_COMMANDS = (events.CommandSent, events.CommandAnswered)


class ConsoleStream(Listening):
    """One open console."""

    def __init__(
        self, signed: ClassroomSignedIn, session: SessionCard, cards: Collection[ParticipantCard],
        language: str,
    ) -> None:  # fmt: skip
        super().__init__((signed.session_key, signed.account_id))
        self.signed = signed
        self.session = session
        self.cards = {card.student.id: card for card in cards}
        self.language = language
        self._shown: dict[int, drawing.Look] = {}

    @staticmethod
    def still_good(permits: Collection[tuple[str, int]], at: datetime) -> Collection[Any]:
        """The sessions that are not over, not closed, and still with the account of the page."""
        return still_in_classroom({session_key for session_key, _ in permits}, at)

    def dismiss(self) -> None:
        """The sign-in is over; the page that is told must not be believed once more."""
        forget(self.signed.session_key)
        super().dismiss()

    @property
    def topics(self) -> frozenset[str]:
        """The class, the person's account, the school's classes and settings."""
        school_id = self.signed.school_id
        return frozenset(
            {
                topics.class_session(self.session.id),
                topics.classroom_account(self.signed.account_id),
                topics.classes(school_id),
                topics.settings(school_id),
            }
        )

    def hear(self, event: Logged) -> None:
        """Draw what concerns this class; called by the hub in the order of numbers."""
        told = events.decode_logged(event)
        if told is not None:
            pieces = self._pieces(told)
            if pieces:
                self.push(message("card", "\n".join(pieces), event.number))
        elif self._changes_all(event):
            # Who may lead the class, or how it is shown: the page is drawn (or refused) afresh.
            forget()
            self.push(message("reload", "", event.number))

    def look(self, at: datetime, student_ids: Collection[int] | None = None) -> None:
        """Push the cards of students who look otherwise than they were shown last."""
        wanted = self.cards if student_ids is None else self.cards.keys() & set(student_ids)
        seen = presences.of(wanted)
        pieces = []
        for student_id in wanted:
            look = self._look_of(student_id, seen.get(student_id), at)
            if self._shown.get(student_id) != look:
                pieces.append(self._draw(student_id, look))
        if pieces:
            self.push(message("card", "\n".join(pieces)))

    def _pieces(self, told: events.ClassroomEvent) -> list[str]:
        mine = [card for card in told.participants if card.session_id == self.session.id]
        pieces = [self._changed(card) for card in mine]
        known = self.signed.settings
        if isinstance(told, events.SessionEvent) and told.card.id == self.session.id:
            self.session = told.card
            pieces.append(drawing.bar(told.card, known, self.language))
        elif isinstance(told, _OF_COMMANDS) and told.card.session_id == self.session.id:
            pieces.append(drawing.results(told.card, known, self.language))
        note = drawing.taken_over(mine, self.session, clock.now(), self.language)
        return [*pieces, note] if note else pieces

    def _changed(self, card: ParticipantCard) -> str:
        student_id = card.student.id
        self.cards[student_id] = card
        seen = presences.of([student_id]).get(student_id)
        return self._draw(student_id, self._look_of(student_id, seen, clock.now()))

    def _look_of(self, student_id: int, seen: Presence | None, at: datetime) -> drawing.Look:
        return drawing.look_of(self.cards[student_id], seen, at, self.signed.settings)

    def _draw(self, student_id: int, look: drawing.Look) -> str:
        self._shown[student_id] = look
        return drawing.student(self.cards[student_id], look, self.signed.settings, self.language)

    def _changes_all(self, event: Logged) -> bool:
        if event.name == "settings.changed":
            return '"classroom"' in event.body
        if event.name.startswith("school_class."):
            return f'"class_id":{self.session.class_id},' in event.body
        return event.name.startswith("classroom_account.")


class Consoles:
    """The open consoles of this process, and what is done for all of them together."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._looking: asyncio.Task[None] | None = None
        self._news: defaultdict[int, set[int]] = defaultdict(set)

    async def start(self) -> None:
        """Hear of devices, and look once a second at what only time changes."""
        presences.listen(self._noticed)
        self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """The opposite of `start`."""
        presences.stop_listening(self._noticed)
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _open(self) -> list[ConsoleStream]:
        return [one for one in self._streams.all() if isinstance(one, ConsoleStream)]

    def _noticed(self, presence: Presence, change: Change) -> None:
        for console in self._open():
            if presence.student_id in console.cards:
                console.look(clock.now(), [presence.student_id])

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            at = clock.now()
            for console in self._open():
                console.look(at)


def console_stream(streams: Streams) -> Endpoint:
    """The ASGI endpoint of the consoles' stream."""
    return Endpoint(streams, _begin, "classroom adult")


async def _begin(streams: Streams, request: Request) -> Begun:
    """Who is it, which class, from which number."""
    try:
        return await _begun(streams, request)
    except (OperationalError, InterfaceError):
        text = "The database does not answer. Try again in a moment."
        raise NoStream(PlainTextResponse(text, 503, {"Retry-After": "1"})) from None


async def _begun(streams: Streams, request: Request) -> Begun:
    after = id_in(request.headers.get("last-event-id") or request.query_params.get("after"))
    session_id = id_in(request.query_params.get("session"))
    if after is None or session_id is None:
        raise _no(400, "The stream needs the class and the number: ?session=…&after=…")
    key = request.cookies.get(settings.SESSION_COOKIE_NAME, "")
    signed = await streams.in_database(lambda: _signed(key)) if key else None
    if signed is None:
        raise _no(401, "Sign in first.")
    try:
        found = await streams.in_database(lambda: queries.console(signed.school_id, session_id))
    except NotFound:
        raise _no(404, "There is no such class in this school.") from None
    if not signed.acting("stream").leads(found.session.class_id):
        raise _no(403, "This class is not yours to lead.")
    if streams.open_with((key, signed.account_id)) >= MOST_OF_A_SESSION:
        raise _no(429, "Too many pages of this sign-in are open. Close some.")
    stream = ConsoleStream(signed, found.session, found.participants, language_of(request))
    stream.push(BEAT)
    try:
        subscription = await streams.hub.subscribe(
            signed.school_id, stream.topics, after, stream.hear
        )
    except TooFarBehind:
        stream.push(message("reload", ""))
        stream.close()
        return stream, None
    # Whatever was seen since the page was drawn, or while it was cut off.
    stream.look(clock.now())
    return stream, subscription


def _signed(key: str) -> ClassroomSignedIn | None:
    return signed_in_to_classroom(key, clock.now())


def _no(status: int, text: str) -> NoStream:
    return NoStream(PlainTextResponse(text, status))
