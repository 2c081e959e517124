"""The stream of a console: what happens in the class, and what is seen of its students.

What happens comes from the log, in the order of numbers. What is seen (who is online, what is
open) comes from `corridor.classroom.presence` and is lost on purpose: it has no number.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from functools import partial

from starlette.requests import Request

from corridor import clock
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.accounts.permissions import SCREENS
from corridor.classroom import events, queries
from corridor.classroom.cards import ParticipantCard, SessionCard
from corridor.classroom.leading import sees_console
from corridor.classroom.presence import Change, Presence, presences
from corridor.classroom.refusals import NotFound
from corridor.integration import freshness
from corridor.integration.hearing import Hearing, hearing_of
from corridor.integration.people import is_on
from corridor.integration.whereabouts import NOBODY, ClassWhereabouts
from corridor.live import topics
from corridor.live.events import Logged
from corridor.passes.cards import PassCard
from corridor.web.classroom import notes
from corridor.web.classroom.live import (
    ClassroomStream,
    after_in,
    answering,
    no,
    subscribed,
    who_listens,
)
from corridor.web.console import drawing
from corridor.web.console.passes import whereabouts
from corridor.web.forms import id_in
from corridor.web.stream import Begun, Endpoint, Streams, language_of, message

_LOOK_SECONDS = 1.0
_OF_COMMANDS = (events.CommandSent, events.CommandAnswered)


class ConsoleStream(ClassroomStream):
    """One open console."""

    def __init__(
        self, signed: ClassroomSignedIn, hearing: Hearing, session: SessionCard,
        cards: Collection[ParticipantCard], language: str, passes: ClassWhereabouts = NOBODY,
    ) -> None:  # fmt: skip
        super().__init__(signed, hearing, language)
        self.session = session
        self.cards = {card.student.id: card for card in cards}
        self.passes = passes
        self._began = clock.now()
        self._shown: dict[int, drawing.Look] = {}

    @property
    def topics(self) -> frozenset[str]:
        """Those of every page of Classroom; the class, its students' passes, all classes."""
        own = {topics.class_session(self.session.id), topics.classes(self.signed.school_id)}
        who_is_who = {topics.ADDRESSES} if is_on(self.signed.settings) else set()
        return super().topics | own | who_is_who | self.passes.topics

    def hear(self, event: Logged) -> None:
        """Also that a student may be another one in Pass, or nobody any more."""
        if not self.session.is_running or not self.changes_others(event):
            super().hear(event)
        elif event.number > self.passes.asked_at:
            self.begin_anew(event)

    def pieces(self, event: Logged) -> list[str]:
        """What happens in the class, and what any page says of others."""
        told = events.decode_logged(event)
        return [] if told is None else [*self._pieces(told), *self.notes_of(told, self.session.id)]

    def pieces_of_pass(self, card: PassCard) -> list[str]:
        """Also the card of the class's student who is out, or back."""
        pieces, student_id = super().pieces_of_pass(card), self.passes.hear(card)
        if student_id is None or not self.session.is_running:
            return pieces
        return [*pieces, self._drawn(student_id)]

    def look(self, at: datetime, student_ids: Collection[int] | None = None) -> None:
        """Push the cards of students who look otherwise than they were shown last.

        Once the class is over, where its students are is nothing to it any more.
        """
        if not self.session.is_running:
            return
        wanted = self.cards if student_ids is None else self.cards.keys() & set(student_ids)
        seen = presences.of(wanted)
        pieces = []
        for student_id in wanted:
            look = self._look_of(student_id, seen.get(student_id), at)
            if self._shown.get(student_id) != look:
                pieces.append(self._draw(student_id, look))
        if pieces:
            self.push(message("card", "\n".join(pieces)))

    def misses_passes(self) -> bool:
        """Pass could not be asked when this began, and answers again."""
        is_unknown = self.session.is_running and not self.passes.is_known
        return is_unknown and freshness.passes.answered_after(self._began)

    def _pieces(self, told: events.ClassroomEvent) -> list[str]:
        mine = [card for card in told.participants if card.session_id == self.session.id]
        pieces = [self._changed(card) for card in mine]
        known = self.signed.settings
        if isinstance(told, events.SessionEvent) and told.card.id == self.session.id:
            self.session = told.card
            pieces.append(
                drawing.bar(told.card, self.signed.acting("stream"), known, self.language)
            )
        elif isinstance(told, _OF_COMMANDS) and told.card.session_id == self.session.id:
            pieces.append(drawing.results(told.card, known, self.language))
        note = notes.of_console(mine, self.session, clock.now(), self.language)
        return [*pieces, note] if note else pieces

    def _changed(self, card: ParticipantCard) -> str:
        student_id = card.student.id
        self.cards[student_id] = card
        return self._drawn(student_id)

    def _drawn(self, student_id: int) -> str:
        seen = presences.of([student_id]).get(student_id)
        return self._draw(student_id, self._look_of(student_id, seen, clock.now()))

    def _look_of(self, student_id: int, seen: Presence | None, at: datetime) -> drawing.Look:
        where = self.passes.of(student_id, freshness.passes.as_of)
        return drawing.look_of(
            self.cards[student_id], seen, at, self.signed.settings, where,
            may_look=self.signed.may(SCREENS),
        )  # fmt: skip

    def _draw(self, student_id: int, look: drawing.Look) -> str:
        self._shown[student_id] = look
        return drawing.student(self.cards[student_id], look, self.signed.settings, self.language)

    def is_another(self, event: Logged) -> bool:
        """Also by who may lead the class, and how it is shown."""
        if event.name == "settings.changed":
            return '"classroom.' in event.body
        if event.name.startswith("school_class."):
            return f'"class_id":{self.session.class_id},' in event.body
        return super().is_another(event)


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
                if console.misses_passes():
                    console.push(message("reload", ""))
                    console.close()


def console_stream(streams: Streams) -> Endpoint:
    """The ASGI endpoint of the consoles' stream."""
    return Endpoint(streams, partial(answering, _begun), "classroom adult")


async def _begun(streams: Streams, request: Request) -> Begun:
    after, session_id = after_in(request), id_in(request.query_params.get("session"))
    if after is None or session_id is None:
        raise no(400, "The stream needs the class and the number: ?session=…&after=…")
    signed = await who_listens(streams, request)
    try:
        since = signed.settings.classes_kept_since(clock.now())
        find = partial(queries.console, signed.school_id, session_id, kept_since=since)
        found = await streams.in_database(find)
    except NotFound:
        raise no(404, "There is no such class in this school.") from None
    if not sees_console(found.session, signed.acting("stream")):
        raise no(403, "This class is not yours to lead.")
    hearing = await streams.in_database(partial(hearing_of, signed))
    language = language_of(request)
    if signed.acted_by is not None:
        # The class goes on untold, and so do its devices: the page does not move by itself.
        return await subscribed(streams, ClassroomStream(signed, hearing, language), after)
    ids = [card.student.id for card in found.participants]
    passes = NOBODY
    if found.session.is_running:
        passes = await streams.in_database(partial(whereabouts, signed, ids))
    console = ConsoleStream(signed, hearing, found.session, found.participants, language, passes)
    stream, subscription = await subscribed(streams, console, after)
    if subscription is not None:
        # Whatever was seen since the page was drawn, or while it was cut off.
        console.look(clock.now())
    return stream, subscription
