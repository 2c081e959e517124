"""One open connection of a device."""

import asyncio
import itertools
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import msgspec

from corridor import clock
from corridor.accounts.devices import Owner, Permit, still_permitted
from corridor.classroom.presence import presences
from corridor.web.agent import messages as say
from corridor.web.stream import Listening, Send

_numbers = itertools.count(1)


class Left(Exception):
    """The device closed the connection; `is_clean`: in good order."""

    def __init__(self, is_clean: bool) -> None:
        super().__init__(is_clean)
        self.is_clean = is_clean


class Device(Listening):
    """A device that was let in: a queue of messages to it, and what it may say."""

    permit: Permit

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner.permit)
        self.owner = owner
        self.number = next(_numbers)
        self.pinged_at = self.heard_at = asyncio.get_running_loop().time()
        self.bye: say.Bye | None = None
        self._left = float(say.AT_ONCE)
        self._bad = 0

    @staticmethod
    def still_good(permits: Collection[Permit], at: datetime) -> Collection[Permit]:
        """Those of these permits that are still good."""
        return still_permitted(permits, at)

    def tell(self, message: say.ToDevice) -> None:
        """Queue a message."""
        self.push(say.written(message).encode())

    def part(self, code: say.Code, text: str, again_in: int | None = None) -> None:
        """Say why, and close."""
        if self.bye is None:
            self.bye = say.Bye(code, text, again_in)
            self.tell(self.bye)
            self.close()

    def dismiss(self) -> None:
        """The permit is over."""
        self.part("signed_out", "The sign-in, the key or the account is not good any more.")

    async def _give(self, taken: list[bytes], send: Send) -> None:
        for message in taken:
            await send({"type": "websocket.send", "text": message.decode()})

    def hear(self, text: str) -> None:
        """Do what the device says, or say why not."""
        if not self._may_speak():
            self.part("too_many", "More messages than a device needs.", 30)
            return
        try:
            message = say.read(text)
        except msgspec.MsgspecError as error:
            self._not_understood(str(error))
            return
        self._do(message)

    def _do(self, message: say.Heard) -> None:
        match message:
            case say.Beat(state):
                self._beat(state)
            case say.Leave():
                raise Left(is_clean=True)
            case say.Hello():
                self._not_understood("hello is said once")

    def _beat(self, state: Any) -> None:
        at, student_id = clock.now(), self.owner.student_id
        if state is None:
            presences.alive(student_id, self.number, at)
        else:
            presences.beat(student_id, self.number, say.kept(state), at)

    def _may_speak(self) -> bool:
        """A bucket that fills evenly; it also notes when the device was heard last."""
        now = asyncio.get_running_loop().time()
        self._left = min(say.AT_ONCE, self._left + (now - self.heard_at) * say.A_SECOND)
        self.heard_at = now
        self._left -= 1
        return self._left >= 0

    def _not_understood(self, why: str) -> None:
        self._bad += 1
        if self._bad >= say.MOST_BAD:
            self.part("bad_message", f"Too many messages were not understood: {why}", 60)
        else:
            self.tell(say.Error("bad_message", f"Not understood: {why}"))


async def text_of(receive: Callable[[], Any]) -> str:
    """The next message. Raises `Left`; a frame that is not text counts as nothing."""
    event = await receive()
    if event["type"] == "websocket.disconnect":
        raise Left(is_clean=event.get("code") in (1000, 1001))
    return event.get("text") or ""
