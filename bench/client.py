"""A light HTTP client: it shares two cores with the server that it loads, so it does little."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, cast
from urllib.parse import urlencode
from uuid import uuid4

import httptools

SESSION_COOKIE = "corridor-session"
CSRF_COOKIE = "corridor-csrf"
# Any secret of this length will do: the form repeats what the cookie says.
CSRF_SECRET = "loadloadloadloadloadloadloadload"
_EVENT = re.compile(rb"event: (\w+)\n(?:id: (\d+)\n)?((?:data: [^\n]*\n)*)\n|: beat\n\n")


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    location: str = ""


class Cut(ConnectionError):
    """The connection ended before the answer was whole: nobody knows whether it was done."""


class Connection(asyncio.Protocol):
    """One connection that is kept: one request after the other."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._location = ""

    @property
    def is_open(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def send(self, request: bytes) -> Answer:
        """Send a whole request, wait for the whole answer. Raises `Cut`."""
        if self._transport is None or self._transport.is_closing():
            raise Cut
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiter

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    # What asyncio and httptools call

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(Cut())

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._parts, self._location = [], ""

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"location":
            self._location = value.decode()

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            status = self._parser.get_status_code()
            self._waiter.set_result(Answer(status, b"".join(self._parts), self._location))


class Client:
    """A browser's connection, used by one person after another."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = Connection()
        self._always = (
            f"Host: localhost:{port}\r\n"
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench\r\n"
            "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
            "Accept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate\r\n"
        )

    async def open(self) -> None:
        """Connect, unless connected. Raises `ConnectionError`."""
        if not self._connection.is_open:
            loop = asyncio.get_running_loop()
            _, self._connection = await loop.create_connection(Connection, "127.0.0.1", self.port)

    async def get(self, path: str, session: str) -> Answer:
        """Load a page. Raises `ConnectionError`."""
        await self.open()
        head = f"GET {path} HTTP/1.1\r\n{self._always}Cookie: {SESSION_COOKIE}={session}\r\n\r\n"
        return await self._connection.send(head.encode())

    async def post(
        self, path: str, session: str, fields: dict[str, str], *, live: bool = False
    ) -> Answer:
        """Send a form; `live` as htmx sends a press. Raises `ConnectionError`."""
        return await self.post_pairs(path, session, list(fields.items()), live=live)

    async def post_pairs(
        self, path: str, session: str, fields: list[tuple[str, str]], *, live: bool = False
    ) -> Answer:
        """As `post`, where a field may come several times."""
        await self.open()
        body = urlencode(fields)
        head = (
            f"POST {path} HTTP/1.1\r\n{self._always}"
            f"Cookie: {SESSION_COOKIE}={session}; {CSRF_COOKIE}={CSRF_SECRET}\r\n"
            f"X-CSRFToken: {CSRF_SECRET}\r\nOrigin: http://localhost:{self.port}\r\n"
            f"{'HX-Request: true' + chr(13) + chr(10) if live else ''}"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        return await self._connection.send(head.encode())

    async def ask(
        self, session: str, origin: int, destination: int, request_id: str = ""
    ) -> Answer:
        """A student asks for a pass."""
        fields = {
            "origin": str(origin),
            "destination": str(destination),
            "reason": "",
            "request_id": request_id or str(uuid4()),
        }
        return await self.post("/student/passes", session, fields)

    async def press(self, session: str, pass_id: int, move: str, request_id: str = "") -> Answer:
        """An adult presses the button of a move."""
        fields = {"request_id": request_id or str(uuid4())}
        return await self.post(f"/staff/passes/{pass_id}/{move}", session, fields, live=True)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Told(NamedTuple):
    """One event of a stream."""

    kind: str
    number: int | None
    data: bytes


class Console(asyncio.Protocol):
    """An open stream; `told` is called with each event. `ready` is done at the first bytes."""

    def __init__(self, told: Callable[[Told], None] = lambda event: None) -> None:
        self.told = told
        self.ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.status = 0
        self._parser = httptools.HttpResponseParser(self)
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def listen(
        cls,
        port: int,
        face: str,
        session: str,
        after: int,
        *,
        scope: str = "mine",
        resume: bool = False,
        told: Callable[[Told], None] = lambda event: None,
    ) -> "Console":
        """Open the stream of a page drawn at a number (or `resume` after it, as after a cut)."""
        loop = asyncio.get_running_loop()
        _, console = await loop.create_connection(lambda: cls(told), "127.0.0.1", port)
        begin, last = (0, f"Last-Event-ID: {after}\r\n") if resume else (after, "")
        assert console._transport is not None
        console._transport.write(
            f"GET /stream/{face}?scope={scope}&lang=en&after={begin} HTTP/1.1\r\n"
            f"Host: localhost:{port}\r\nAccept: text/event-stream\r\n{last}"
            f"Cookie: {SESSION_COOKIE}={session}\r\n\r\n".encode()
        )
        await console.ready
        return console

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    # What asyncio and httptools call

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(Cut())
        if not self.ended.done():
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        if not self.ready.done():
            self.ready.set_result(self._parser.get_status_code())
        self._rest += body
        used = 0
        for found in _EVENT.finditer(self._rest):
            used = found.end()
            if found[1] is not None:
                number = None if found[2] is None else int(found[2])
                self.told(Told(found[1].decode(), number, found[3]))
        self._rest = self._rest[used:]


class Waiting:
    """Numbers of passes by name of the student, as a console learns them."""

    _ROW = re.compile(rb'id="pass-(\d+)" data-id="\d+" data-version="(\d+)" data-section="waiting"')

    def __init__(self) -> None:
        self._come: deque[int] = deque()
        self._waiter: asyncio.Future[int] | None = None

    def told(self, event: Told) -> None:
        """Note the pass of a row that waits for an answer."""
        found = self._ROW.search(event.data) if event.kind == "card" else None
        if found is None or found[1] != found[2]:
            return
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(int(found[1]))
        else:
            self._come.append(int(found[1]))

    async def next(self) -> int:
        """The next pass that somebody asks for."""
        if self._come:
            return self._come.popleft()
        self._waiter = asyncio.get_running_loop().create_future()
        return await asyncio.wait_for(self._waiter, 10)
