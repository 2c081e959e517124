"""A light device: its WebSocket client shares two cores with the server that it loads."""

import asyncio
import base64
import json
import os
import struct
from collections.abc import Callable
from typing import Any, cast

from bench.client import Cut

Said = dict[str, Any]


class Device(asyncio.Protocol):
    """One connection; `told` is called with each message but ping, which it answers itself."""

    def __init__(self, told: Callable[[Said], None] = lambda said: None) -> None:
        self.told = told
        self.welcome: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(
        cls, port: int, key: str, email: str, told: Callable[[Said], None] = lambda said: None
    ) -> "Device":
        """Connect and say hello with the school's key. Raises `Cut`."""
        loop = asyncio.get_running_loop()
        _, device = await loop.create_connection(lambda: cls(told), "127.0.0.1", port)
        assert device._transport is not None
        device._transport.write(
            f"GET /agent/v1 HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode()
        )
        await device._opened
        sign_in = {"by": "key", "key": key, "email": email}
        state = {"title": "Reading", "url": "https://example.org/book", "tabs": 3, "can_show": True}
        device.say({"type": "hello", "version": 1, "sign_in": sign_in, "state": state})
        await device.welcome
        return device

    def say(self, message: Said) -> None:
        """Send a message."""
        self.send(framed(message))

    def send(self, frame: bytes) -> None:
        """Send a message that was framed before."""
        if self._transport is not None:
            self._transport.write(frame)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        for waited in (self._opened, self.welcome):
            if not waited.done():
                waited.set_exception(Cut())

    def data_received(self, data: bytes) -> None:
        self._rest += data
        if not self._opened.done():
            head, _, rest = self._rest.partition(b"\r\n\r\n")
            if not rest and not self._rest.endswith(b"\r\n\r\n"):
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise Cut(head[:100])
            self._rest = rest
            self._opened.set_result(None)
        while (frame := self._frame()) is not None:
            self._hear(frame)

    def _frame(self) -> bytes | None:
        """The next whole frame of the server, which masks nothing."""
        if len(self._rest) < 2:
            return None
        size, begin = self._rest[1] & 127, 2
        if size == 126:
            if len(self._rest) < 4:
                return None
            size, begin = struct.unpack("!H", self._rest[2:4])[0], 4
        if len(self._rest) < begin + size:
            return None
        opcode, found = self._rest[0] & 15, self._rest[begin : begin + size]
        self._rest = self._rest[begin + size :]
        return found if opcode == 1 else b"{}"

    def _hear(self, frame: bytes) -> None:
        message = json.loads(frame)
        kind = message.get("type", "")
        if kind == "ping":
            self.send(BEAT)
        elif kind == "welcome":
            self.welcome.set_result(message)
        elif kind == "bye" and not self.welcome.done():
            self.welcome.set_exception(Cut(message["code"]))
        else:
            self.told(message)


def framed(message: Said) -> bytes:
    """A text frame. Masked with zeros: the server undoes it all the same."""
    text = json.dumps(message).encode()
    size = len(text)
    if size < 126:
        head = struct.pack("!BB", 0x81, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x81, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x81, 0x80 | 127, size)
    return head + b"\0\0\0\0" + text


BEAT = framed({"type": "beat"})
