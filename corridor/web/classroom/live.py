"""The stream of any page of Classroom: what of Pass concerns its person, and the switch."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
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
from corridor.classroom import events
from corridor.integration.hearing import Hearing, card_in, changes_all, hearing_of
from corridor.live import topics
from corridor.live.events import Logged
from corridor.live.hub import TooFarBehind
from corridor.passes import moves
from corridor.passes.cards import PassCard
from corridor.web import fragments
from corridor.web.classroom import notes
from corridor.web.forms import id_in
from corridor.web.stream import (
    BEAT,
    MOST_OF_A_SESSION,
    Begin,
    Begun,
    Endpoint,
    Listener,
    NoStream,
    Streams,
    TooManyOpen,
    language_of,
    message,
)


class ClassroomStream(Listener):
    """One open page of an adult in Classroom."""

    def __init__(self, signed: ClassroomSignedIn, hearing: Hearing, language: str) -> None:
        permit = (signed.session_key, signed.account_id, signed.role)
        super().__init__(permit, signed.school_id)
        self.signed = signed
        self.hearing = hearing
        self.language = language
        own = {topics.classroom_account(signed.account_id), topics.settings(signed.school_id)}
        self._own = frozenset(own | hearing.topics)
        if signed.acted_by is not None:
            # Nothing that is told to this person is told to an admin who acts as them.
            self._own = frozenset({topics.everybody(signed.school_id)})

    @staticmethod
    def still_good(permits: Collection[tuple[str, int, str]], at: datetime) -> Collection[Any]:
        """The sessions not over, not closed, and still with the page's account in its role."""
        return still_in_classroom({session_key for session_key, *_ in permits}, at)

    def dismiss(self) -> None:
        """The sign-in is over; the page that is told must not be believed once more."""
        forget(self.signed.session_key)
        super().dismiss()

    @property
    def topics(self) -> frozenset[str]:
        """The person's account, the school's settings, and what of Pass is theirs."""
        return self._own

    def hear(self, event: Logged) -> None:
        """Draw what concerns this page; called by the hub in the order of numbers."""
        card = card_in(event)
        pieces = self.pieces(event) if card is None else self.pieces_of_pass(card)
        if card is not None and self._has_left(card, event):
            # It names none of this person's places any more: it leaves the panel.
            nobody: frozenset[str] = frozenset()
            pieces = [
                *pieces, fragments.in_classroom(card, nobody, self.signed.settings, self.language),
            ]  # fmt: skip
        if pieces:
            self.push(message("card", "\n".join(pieces), event.number))
        elif card is None and (changes_all(event) or self.is_another(event)):
            # Who this is, what they may do or see: the page is drawn (or refused) afresh.
            forget()
            self.push(message("reload", "", event.number))

    def _has_left(self, card: PassCard, event: Logged) -> bool:
        """Whether the pass was of this person's places, and is not any more."""
        actor = self.hearing.actor
        if actor is None or {card.origin.id, card.destination.id} & actor.location_ids:
            return False
        return any(topics.location(place) in event.topics for place in actor.location_ids)

    def changes_others(self, event: Logged) -> bool:
        """Whether somebody else's address is another one, so that others may be in Pass."""
        return topics.ADDRESSES in event.topics and not self._own.intersection(event.topics)

    def begin_anew(self, event: Logged) -> None:
        """Let the page come back at once: whom this stream hears of is asked again."""
        self.push(message("again", "", event.number))
        self.close()

    def pieces(self, event: Logged) -> list[str]:
        """What else this page shows of what happens: that another class has one's students."""
        told = events.decode_logged(event)
        return [] if told is None else self.notes_of(told)

    def notes_of(self, told: events.ClassroomEvent, but: int = 0) -> list[str]:
        """Who was taken over from this teacher's classes, all but session `but`, or is back."""
        return notes.of_page(told, self.signed, clock.now(), self.language, but)

    def pieces_of_pass(self, card: PassCard) -> list[str]:
        """The row of the panel and what pops up, for whoever has a part in this pass."""
        if self.hearing.actor is None:
            return []
        who = moves.relations(card, self.hearing.actor)
        if not who & {moves.FROM_ADULT, moves.TO_ADULT}:
            return []
        return [fragments.in_classroom(card, who, self.signed.settings, self.language)]

    def is_another(self, event: Logged) -> bool:
        """Whether the page must be drawn afresh for a reason of its own."""
        return event.name.startswith("classroom_account.")


def classroom_stream(streams: Streams) -> Endpoint:
    """The ASGI endpoint of the stream of Classroom's pages."""
    return Endpoint(streams, partial(answering, _begun), "classroom adult")


async def answering(begun: Begin, streams: Streams, request: Request) -> Begun:
    """Begin, or say that the database does not answer."""
    try:
        return await begun(streams, request)
    except (OperationalError, InterfaceError):
        text = "The database does not answer. Try again in a moment."
        raise NoStream(PlainTextResponse(text, 503, {"Retry-After": "1"})) from None


async def _begun(streams: Streams, request: Request) -> Begun:
    after = after_in(request)
    if after is None:
        raise no(400, "The stream needs the number of the page: ?after=…")
    signed = await who_listens(streams, request)
    hearing = await streams.in_database(partial(hearing_of, signed))
    return await subscribed(streams, ClassroomStream(signed, hearing, language_of(request)), after)


def after_in(request: Request) -> int | None:
    """From which number on the page wants to hear."""
    return id_in(request.headers.get("last-event-id") or request.query_params.get("after"))


async def who_listens(streams: Streams, request: Request) -> ClassroomSignedIn:
    """The adult of Classroom whose page this is. Raises `NoStream`."""
    key = request.cookies.get(settings.SESSION_COOKIE_NAME, "")
    found = await streams.in_database(lambda: signed_in_to_classroom(key, clock.now()))
    if found is None:
        raise no(401, "Sign in first.")
    if not found.is_adult:
        raise no(403, "This stream is not for your account.")
    return found


async def subscribed(streams: Streams, stream: ClassroomStream, after: int) -> Begun:
    """The stream, hearing its topics from this number on."""
    stream.push(BEAT)
    try:
        return stream, await streams.listen(stream, MOST_OF_A_SESSION, stream.topics, after)
    except TooManyOpen:
        raise no(429, "Too many pages of this sign-in are open. Close some.") from None
    except TooFarBehind:
        stream.push(message("reload", ""))
        stream.close()
        return stream, None


def no(status: int, text: str) -> NoStream:
    """No stream, and why."""
    return NoStream(PlainTextResponse(text, status))
