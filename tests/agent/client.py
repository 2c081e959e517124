"""A device for tests: speaks `docs/device-protocol.md`, and forty of them play a class.

It answers `ping` by itself, keeps what it was told, and lets a test wait for what comes next.
"""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SESSION_COOKIE = "corridor-session"
Said = dict[str, Any]


class Device:
    """One connection of a device of a student."""

    def __init__(self, socket: ClientConnection, state: Said) -> None:
        self.socket = socket
        self.state = state
        self.is_silent = False
        self.told: list[Said] = []
        self.welcome: Said = {}
        self.bye: Said = {}
        self._seen = 0
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls, url: str, sign_in: Said, *, session: str = "", origin: str = "", **hello: Any
    ) -> "Device":
        """Connect, say hello and wait for the answer: `welcome` or `bye`."""
        state = hello.pop("state", {"title": "Reading", "url": "https://example.org/book"})
        device = cls(await opened(url, session=session, origin=origin), state)
        await device.say("hello", **{"version": 1, "sign_in": sign_in, "state": state, **hello})
        first = await device.hears()
        if first["type"] == "welcome":
            device.welcome = first
        return device

    @classmethod
    async def page(cls, url: str, account: int, session: str, **hello: Any) -> "Device":
        """The Classroom page of a student, with the cookie of a sign-in."""
        sign_in = {"by": "page", "account": account}
        return await cls.connect(url, sign_in, session=session, origin=url, **hello)

    async def say(self, kind: str, **fields: Any) -> None:
        """Send a message."""
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def beat(self, **state: Any) -> None:
        """A sign of life with what has changed."""
        self.state = {**self.state, **state}
        await self.say("beat", state=self.state)

    async def hears(self, kind: str = "", seconds: float = 10) -> Said:
        """The next message (of this kind; others are passed over)."""
        end = time.monotonic() + seconds
        while True:
            while self._seen < len(self.told):
                self._seen += 1
                found = self.told[self._seen - 1]
                if kind in ("", found["type"]):
                    return found
            self._news.clear()
            async with asyncio.timeout(max(end - time.monotonic(), 0.01)):
                await self._news.wait()

    async def hears_nothing(self, kind: str, seconds: float = 0.5) -> bool:
        """Whether no message of this kind comes for so long."""
        try:
            await self.hears(kind, seconds)
        except TimeoutError:
            return True
        return False

    async def is_closed(self, seconds: float = 10) -> int | None:
        """Wait until the server has closed the connection: with which number."""
        async with asyncio.timeout(seconds):
            await asyncio.shield(self._reading)
        return self.socket.close_code

    async def close(self) -> None:
        """Close in good order."""
        await self.socket.close()
        await self._reading

    def cut(self) -> None:
        """As when the Wi-Fi goes: no word, no closing."""
        self.socket.transport.abort()

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self.socket:
                self._hear(json.loads(text))
                if self.told[-1]["type"] == "ping" and not self.is_silent:
                    await self.say("beat")
        self._news.set()

    def _hear(self, message: Said) -> None:
        self.told.append(message)
        if message["type"] == "bye":
            self.bye = message
        self._news.set()


async def opened(url: str, *, session: str = "", origin: str = "") -> ClientConnection:
    """A connection that has not said hello."""
    headers = {"Cookie": f"{SESSION_COOKIE}={session}"} if session else {}
    return await connect(
        url.replace("http", "ws", 1) + "/agent/v1",
        origin=origin or None,  # type: ignore[arg-type]
        additional_headers=headers,
        compression=None,
        ping_interval=None,
        proxy=None,
    )


async def forty(connect_one: Callable[[int], Any], count: int = 40) -> list[Device]:
    """So many devices at once."""
    return list(await asyncio.gather(*(connect_one(number) for number in range(count))))
