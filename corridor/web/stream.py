"""The streams: server-sent events from the log to one page.

A page carries the number it was drawn at; its stream begins there, or at `Last-Event-ID` after a
cut. What a stream sends: `card` (a drawn piece, with the number as its id), `tiles`, `own` (a drawn
piece) and `word` (without a number, lost on purpose), `reload` (load the page afresh) and `bye`
(signed out).
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Hashable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec
from django.conf import settings
from django.db import connections
from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import get_supported_language_variant
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from corridor import clock
from corridor.accounts.signins import SignedIn, forget, signed_in, still_signed_in
from corridor.integration.hearing import card_in
from corridor.live import topics
from corridor.live.events import Logged
from corridor.live.hub import Hub, Subscription, TooFarBehind
from corridor.passes import events, moves, queries
from corridor.passes.cards import PassCard
from corridor.passes.proof import word_of_the_minute
from corridor.roster.schools import settings_of
from corridor.web import fragments
from corridor.web.forms import id_in
from corridor.web.hall.live import HallFace

log = logging.getLogger(__name__)
T = TypeVar("T")
Send = Callable[[dict[str, Any]], Awaitable[None]]

LIFETIME_SECONDS = 600
BEAT_SECONDS = 20
CHECK_SECONDS = 3
# A reader this far behind, or one that takes nothing for so long, is cut off; it comes back with
# its last number.
_MAX_WAITING = 1000
TAKEN_WITHIN_SECONDS = 30
# More open pages of one sign-in than any browser shows at once.
MOST_OF_A_SESSION = 30
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
BEAT = b": beat\n\n"


def message(kind: str, data: str, number: int | None = None) -> bytes:
    """One server-sent event; data may have several lines."""
    head = f"event: {kind}\n" if number is None else f"event: {kind}\nid: {number}\n"
    lines = data.split("\n") if "\r" not in data else re.split(r"\r\n|\r|\n", data)
    return (head + "".join([f"data: {line}\n" for line in lines]) + "\n").encode()


class Face(Protocol):
    """What a kind of page hears and how it draws it."""

    def topics(self, signed: SignedIn, scope: str) -> frozenset[str]:
        """The topics of this person's page."""

    def draw(self, stream: "Stream", card: PassCard) -> str | None:
        """The piece to push for a card, or None when it is nothing for this page."""


class StudentFace:
    """The student's own pass."""

    def topics(self, signed: SignedIn, scope: str) -> frozenset[str]:
        """The student's own passes."""
        return frozenset({topics.student(signed.account_id), *_page_topics(signed)})

    def draw(self, stream: "Stream", card: PassCard) -> str | None:
        """The ticket; whoever is out also gets the word of each minute."""
        if card.appointment is not None and not card.has_surfaced:
            return fragments.coming(card, stream.signed.settings, stream.language)
        # A comment on an older pass says nothing about the one that is open.
        if card.is_open or card.id == stream.newest_pass:
            stream.newest_pass, stream.shows_word = card.id, card.is_out
        word = word_of_the_minute(card.school_id, clock.now(), settings.SECRET_KEY)
        return fragments.ticket(card, word, stream.signed.settings, stream.language)


class StaffFace:
    """The staff dashboard."""

    def topics(self, signed: SignedIn, scope: str) -> frozenset[str]:
        """The adult's locations, or the whole building."""
        own = _page_topics(signed)
        if scope == "all":
            return frozenset(own | {topics.school(signed.school_id)})
        return frozenset(own | {topics.location(found) for found in signed.location_ids})

    def draw(self, stream: "Stream", card: PassCard) -> str | None:
        """The row, as it looks to people who are this to the pass."""
        if not stream.may_read(card):
            return fragments.gone(card, stream.signed.settings, stream.language)
        who, actor = moves.relations(card, stream.actor), stream.actor
        return fragments.row(
            card, who, stream.signed.settings, stream.language,
            is_listed=stream.scope == "all"
            or card.is_listed_for(actor.location_ids, actor.account_id),
        )  # fmt: skip


class PageFace:
    """Any other page of somebody signed in: only what every page must hear."""

    def topics(self, signed: SignedIn, scope: str) -> frozenset[str]:
        """The person's account, and what everybody must hear."""
        return frozenset(_page_topics(signed))

    def draw(self, stream: "Stream", card: PassCard) -> str | None:
        """No pass is shown."""
        return None


def _page_topics(signed: SignedIn) -> set[str]:
    return {topics.account(signed.account_id), topics.everybody(signed.school_id)}


FACES: dict[str, tuple[Face, Callable[[SignedIn], bool]]] = {
    "student": (StudentFace(), lambda signed: signed.role == "student"),
    "staff": (StaffFace(), lambda signed: signed.is_adult),
    "hall": (HallFace(), lambda signed: signed.is_adult),
    "page": (PageFace(), lambda signed: True),
}


class Asking:
    """Blocking questions to the database, in a few threads that only these questions have."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def __call__(self, question: Callable[[], T]) -> T:
        """The answer; raises what the question raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._asked, question)

    def close(self) -> None:
        """No more questions."""
        self._pool.shutdown()

    @staticmethod
    def _asked(question: Callable[[], T]) -> T:
        try:
            return question()
        except (OperationalError, InterfaceError):
            # This thread's connection may be dead; the next question opens a new one.
            connections.close_all()
            raise


class NoStream(Exception):
    """Why there is no stream: the answer to give instead."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class TooManyOpen(Exception):
    """As many streams as one permit may have are open."""


class Listening:
    """One open connection: a queue of bytes, filled by the hub, emptied into the connection.

    `permit` is by what it was allowed, and asked again every few seconds.
    """

    def __init__(self, permit: Hashable) -> None:
        self.permit = permit
        self.closes_at = asyncio.get_running_loop().time() + LIFETIME_SECONDS
        self._waiting: list[bytes] = []
        self._wake: asyncio.Future[None] | None = None
        self._closed = False

    @staticmethod
    def still_good(permits: Collection[Any], at: datetime) -> Collection[Any]:
        """Those of these permits that are still good; asks the database."""
        raise NotImplementedError

    def dismiss(self) -> None:
        """The permit is over: say so, and close."""
        self.push(message("bye", ""))
        self.close()

    def push(self, data: bytes) -> None:
        """Queue bytes for the connection, unless it is closing."""
        if self._closed:
            return
        self._waiting.append(data)
        if len(self._waiting) > _MAX_WAITING:
            self._closed = True
        self._stir()

    def close(self) -> None:
        """End after what is queued."""
        self._closed = True
        self._stir()

    def _stir(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def pour(self, send: Send) -> None:
        """Send what is queued until the stream is closed.

        Raises `TimeoutError` for a reader that takes nothing.
        """
        loop = asyncio.get_running_loop()
        while True:
            if self._waiting:
                taken, self._waiting = self._waiting, []
                async with asyncio.timeout(TAKEN_WITHIN_SECONDS):
                    await self._give(taken, send)
            elif self._closed:
                return
            else:
                self._wake = loop.create_future()
                await self._wake
                self._wake = None

    async def _give(self, taken: list[bytes], send: Send) -> None:
        await send({"type": "http.response.body", "body": b"".join(taken), "more_body": True})


class Listener(Listening):
    """An open connection that hears events of one school."""

    def __init__(self, permit: Hashable, school_id: int) -> None:
        super().__init__(permit)
        self.school_id = school_id

    def hear(self, event: Logged) -> None:
        """Called by the hub with each event that concerns it, in the order of numbers."""
        raise NotImplementedError


class Stream(Listener):
    """One open page of somebody signed in."""

    def __init__(self, face: Face, signed: SignedIn, language: str, scope: str = "") -> None:
        permit = (signed.session_key, signed.account_id, signed.role)
        super().__init__(permit, signed.school_id)
        self.signed = signed
        self.actor = signed.acting("stream")
        self.language = language
        self.scope = scope
        self.shows_word = signed.is_adult
        self.newest_pass = 0
        self.tiles: queries.Tiles | None = None  # those told last
        # Nothing of a person's own is told to an admin who acts as them.
        self.shows_own = isinstance(face, StaffFace) and signed.acted_by is None
        self._own: queries.Own | None = None  # told last
        self._face = face
        self._missed: list[Logged] | None = []  # what was heard before it began to draw

    @staticmethod
    def still_good(permits: Collection[tuple[str, int, str]], at: datetime) -> Collection[Any]:
        """The sessions not over, not closed, and still with the page's account in its role."""
        return still_signed_in({session_key for session_key, *_ in permits}, at)

    def dismiss(self) -> None:
        """The sign-in is over; the page that is told must not be believed once more."""
        forget(self.signed.session_key)
        super().dismiss()

    def may_read(self, card: PassCard) -> bool:
        """Whether this adult may read the pass as it is on this card."""
        sees_all = self.signed.settings.shows_ended_to(self.signed.role)
        return moves.may_read(card, self.actor, sees_all_ended=sees_all)

    def begin(self) -> None:
        """Draw what the page has missed, and from now on what happens.

        Whoever may not read a pass any more is told only that it is gone, and nothing of before.
        """
        missed, self._missed = self._missed or [], None
        since: dict[int, int] = {}  # pass → from which event on this page is told of it
        if self.signed.is_adult and not self.signed.settings.shows_ended_to(self.signed.role):
            newest = {card.id: (event, card) for event in missed if (card := card_in(event))}
            since = {
                card.id: event.number for event, card in newest.values() if not self.may_read(card)
            }
        for event in missed:
            card = card_in(event) if since else None
            if card is None or event.number >= since.get(card.id, 0):
                self.hear(event)

    def tell_own(self, places: queries.InPlaces) -> None:
        """The numbers of this adult's own places, if they changed."""
        own = places.of(self.signed.location_ids, self.signed.personal_location_id)
        if own != self._own:
            self._own = own
            self.push(message("own", fragments.own(own, self.language)))

    def hear(self, event: Logged) -> None:
        """Draw what concerns this page; called by the hub in the order of numbers."""
        if self._missed is not None:
            self._missed.append(event)
            return
        told = events.decode_logged(event)
        if told is None:
            # About the account or the whole school: the page must be drawn (or refused) afresh,
            # from what is true now.
            forget()
            self.push(message("reload", "", event.number))
        elif isinstance(told, events.PassEvent):
            piece = self._face.draw(self, told.card)
            if piece is not None:
                self.push(message("card", piece, event.number))
        elif isinstance(told, events.StudentSeenWithoutPass):
            self.push(message("card", fragments.sighting(told, self.language), event.number))


Begun = tuple[Listening, Subscription | None]
Begin = Callable[["Streams", Request], Awaitable[Begun]]


class Streams:
    """All open streams of this process, and what is done for all of them together."""

    def __init__(self) -> None:
        # Threads of the streams' own, so that presses never wait for them.
        self.in_database = Asking(2, "streams")
        self._open: set[Listening] = set()
        self._by_permit: Counter[Hashable] = Counter()
        self._tiles_wanted: set[int] = set()
        self.hub = Hub(self.in_database, self._tiles_wanted.add)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start the hub and the common chores."""
        await self.hub.start()
        for chore in (self._beat, self._check, self._tell_word, self._tell_tiles):
            self._tasks.append(asyncio.create_task(chore()))

    async def stop(self) -> None:
        """The opposite of `start`."""
        self.close_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hub.stop()
        self.in_database.close()

    def close_all(self) -> None:
        """End every stream; pages come back when there is a server again."""
        for stream in tuple(self._open):
            stream.close()

    def all(self) -> set[Listening]:
        """The open streams."""
        return self._open

    async def listen(
        self, stream: Listener, most: int, heard: frozenset[str], after: int
    ) -> Subscription:
        """Let the stream hear these topics of its school; from now on it counts as open.

        Raises `TooManyOpen` when its permit has so many already, and what the hub raises. Counted
        in the step that checks: streams opened in the same instant find each other.
        """
        if self._by_permit[stream.permit] >= most:
            raise TooManyOpen
        self._by_permit[stream.permit] += 1
        self._open.add(stream)
        try:
            return await self.hub.subscribe(stream.school_id, heard, after, stream.hear)
        except BaseException:
            self._let_go(stream)
            raise

    def hang_up(self, stream: Listening, subscription: Subscription | None) -> None:
        """The stream is over: it counts no more, and hears no more."""
        self._let_go(stream)
        if subscription is not None:
            self.hub.unsubscribe(subscription)

    def _let_go(self, stream: Listening) -> None:
        if stream in self._open:
            self._open.discard(stream)
            self._by_permit[stream.permit] -= 1
            if not self._by_permit[stream.permit]:
                del self._by_permit[stream.permit]

    def pages(self) -> list[Stream]:
        """The open streams that are of pages."""
        return [stream for stream in self._open if isinstance(stream, Stream)]

    async def serve(self, begin: Begin, scope: Any, receive: Any, send: Any) -> None:
        """Begin the stream, or say why not; then pour."""
        try:
            stream, subscription = await begin(self, Request(scope, receive))
        except NoStream as no:
            await no.answer(scope, receive, send)
            return
        gone = asyncio.create_task(_disconnected(receive))
        gone.add_done_callback(lambda _: stream.close())
        if isinstance(stream, Stream) and stream.signed.is_adult:
            self._tiles_wanted.add(stream.signed.school_id)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await stream.pour(send)
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            # Without a last body: the server drops the connection of whoever does not read.
            log.info("A stream was cut off: its reader took nothing")
        finally:
            self.hang_up(stream, subscription)
            gone.cancel()

    async def _beat(self) -> None:
        """Keep idle connections from being taken for dead, a few at a time."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            for count, stream in enumerate(tuple(self._open)):
                stream.push(BEAT)
                if count % 200 == 199:
                    await asyncio.sleep(0.01)

    async def _check(self) -> None:
        """Every few seconds: end what is over, and what belongs to nobody any more."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            now = asyncio.get_running_loop().time()
            for kind in {type(stream) for stream in self._open}:
                await self._check_kind(kind)
            for stream in tuple(self._open):
                if stream.closes_at < now:
                    stream.close()

    async def _check_kind(self, kind: type[Listening]) -> None:
        permits = {stream.permit for stream in self._open if type(stream) is kind}
        try:
            good = await self.in_database(partial(kind.still_good, permits, clock.now()))
        except (OperationalError, InterfaceError):
            return
        over = permits.difference(good)
        for stream in tuple(self._open):
            if type(stream) is kind and stream.permit in over:
                stream.dismiss()

    async def _tell_word(self) -> None:
        """At each full minute: the new word, to adults and to whoever is out on a pass."""
        told = _minute(clock.now())
        while True:
            now = clock.now()
            # Never long asleep: a machine that was suspended is right again within a second.
            await asyncio.sleep(min(1.0, 60.02 - now.second - now.microsecond / 1e6))
            at = clock.now()
            if _minute(at) == told:
                continue
            told = _minute(at)
            drawn: dict[int, bytes] = {}
            for stream in self.pages():
                if stream.shows_word:
                    school_id = stream.signed.school_id
                    if school_id not in drawn:
                        drawn[school_id] = _word_message(school_id, at)
                    stream.push(drawn[school_id])

    async def _tell_tiles(self) -> None:
        """At most twice a second and school: the numbers above the boards, if they changed."""
        while True:
            await asyncio.sleep(0.5)
            for school_id in tuple(self._tiles_wanted):
                self._tiles_wanted.discard(school_id)
                adults = [
                    stream
                    for stream in self.pages()
                    if stream.signed.school_id == school_id and stream.signed.is_adult
                ]
                if not adults:
                    continue
                try:
                    numbers = await self.in_database(partial(_tiles, school_id, clock.now()))
                    await self._tell_own(school_id, [one for one in adults if one.shows_own])
                except (OperationalError, InterfaceError):
                    self._tiles_wanted.add(school_id)
                    continue
                data = message("tiles", _told(msgspec.to_builtins(numbers), clock.now()))
                for stream in adults:
                    if stream.tiles != numbers:
                        stream.tiles = numbers
                        stream.push(data)

    async def _tell_own(self, school_id: int, boards: Collection[Stream]) -> None:
        """The numbers of their own places to these boards: one question for all of them."""
        if boards:
            asked = partial(queries.in_places, school_id, clock.now())
            places = await self.in_database(asked)
            for stream in boards:
                stream.tell_own(places)


class Endpoint:
    """A stream as an ASGI application; `guard` says who may use it."""

    def __init__(self, streams: Streams, begin: Begin, guard: str) -> None:
        self.guard = guard
        self._streams = streams
        self._begin = begin

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._streams.serve(self._begin, scope, receive, send)


def page_stream(streams: Streams, name: str) -> Endpoint:
    """The ASGI endpoint of a face's stream."""
    guard = {"student": "student", "staff": "adult", "hall": "adult", "page": "signed in"}[name]
    return Endpoint(streams, partial(_begin_page, name), guard)


async def _begin_page(name: str, streams: Streams, request: Request) -> Begun:
    """Who is it, which face, from which number."""
    try:
        return await _begun_page(name, streams, request)
    except (OperationalError, InterfaceError):
        text = "The database does not answer. Try again in a moment."
        raise NoStream(PlainTextResponse(text, 503, {"Retry-After": "1"})) from None


async def _begun_page(name: str, streams: Streams, request: Request) -> Begun:
    face, allowed = FACES[name]
    after = id_in(request.headers.get("last-event-id") or request.query_params.get("after"))
    if after is None:
        raise _no(400, "The stream needs the number of the page: ?after=…")
    key = request.cookies.get(settings.SESSION_COOKIE_NAME, "")
    signed = await streams.in_database(lambda: signed_in(key, clock.now())) if key else None
    if signed is None:
        raise _no(401, "Sign in first.")
    if not allowed(signed):
        raise _no(403, "This stream is not for your account.")
    scope = request.query_params.get("scope", "")
    stream = Stream(face, signed, language_of(request), scope)
    stream.push(BEAT)
    if not signed.is_adult:
        card = await streams.in_database(lambda: queries.open_pass_of(signed.account_id))
        stream.shows_word = card is not None and card.is_out
        stream.newest_pass = card.id if card is not None else 0
    if stream.shows_word:
        # A page that comes back may show the word of an earlier minute.
        stream.push(_word_message(signed.school_id, clock.now()))
    subscribed = face.topics(signed, scope)
    if signed.acted_by is not None:
        # Nothing that is told to this person is told to an admin who acts as them.
        subscribed = frozenset({topics.everybody(signed.school_id)})
    try:
        subscription = await streams.listen(stream, MOST_OF_A_SESSION, subscribed, after)
    except TooManyOpen:
        raise _no(429, "Too many pages of this sign-in are open. Close some.") from None
    except TooFarBehind:
        stream.push(message("reload", ""))
        stream.close()
        return stream, None
    try:
        stream.begin()
    except BaseException:
        streams.hang_up(stream, subscription)
        raise
    return stream, subscription


def _no(status: int, text: str) -> NoStream:
    return NoStream(PlainTextResponse(text, status))


def language_of(request: Request) -> str:
    """The page's language: the stream's address names it, so that the two agree."""
    try:
        return get_supported_language_variant(request.query_params.get("lang", ""))
    except LookupError:
        return str(settings.LANGUAGE_CODE)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _word_message(school_id: int, at: datetime) -> bytes:
    word = fragments.told(word_of_the_minute(school_id, at, settings.SECRET_KEY))
    return message("word", _told(word, at))


def _tiles(school_id: int, at: datetime) -> queries.Tiles:
    # By the settings as they are now: an open page knows those of when it was opened.
    return queries.tiles(school_id, settings_of(school_id), at)


def _told(facts: dict[str, Any], at: datetime) -> str:
    """Facts as JSON, with the server's time, by which a long-open page sets its clocks right."""
    return msgspec.json.encode(facts | {"now": at}).decode()


async def _disconnected(receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
