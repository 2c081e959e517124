"""One open connection of a device: what it may say, and what it is told."""

import asyncio
import itertools
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec

from corridor import clock
from corridor.accounts.devices import Owner, Permit, still_permitted
from corridor.classroom import events
from corridor.classroom.answers import Said
from corridor.classroom.cards import CommandCard
from corridor.classroom.pictures import BadPicture, Look, pictures
from corridor.classroom.presence import DeviceState, connection, presences
from corridor.classroom.sites import sites
from corridor.integration.hearing import switched_in
from corridor.live.events import Logged
from corridor.live.hub import Subscription
from corridor.live.wakeup import THIS_PROCESS
from corridor.web import numbers
from corridor.web.agent import messages as say
from corridor.web.agent import part
from corridor.web.agent.asked import Asked
from corridor.web.agent.part import Part
from corridor.web.stream import Listening, Send

_numbers = itertools.count(1)
# So many of its last answers a device says again when another one, for which they waited, is gone.
_MOST_WAITING: Final = 20
_NOT_SHOWN: Final[dict[str, Any]] = {"title": "", "url": "", "tabs": None}


class Left(Exception):
    """The device closed the connection; `is_clean`: in good order."""

    def __init__(self, is_clean: bool) -> None:
        super().__init__(is_clean)
        self.is_clean = is_clean


class House(Protocol):
    """What a device needs of all devices together."""

    def ask(self, device: "Device", asked: Asked) -> None:
        """Do what the student asks, and tell the device."""

    def read(self, device: "Device", was_in: bool) -> None:
        """Read the student's part in the class anew, and tell the device, which was in one before
        or not."""

    def answered(self, device: "Device", command_id: int, said: Said) -> None:
        """Report what became of a command."""

    def joined(self, device: "Device") -> None:
        """Report that the device is there, in a class."""


class Device(Listening):
    """A device that was let in: a queue of messages to it, and what it may say."""

    permit: Permit
    subscription: Subscription | None = None

    def __init__(
        self, owner: Owner, language: str, every_seconds: int, house: House,
        state: DeviceState,
    ) -> None:  # fmt: skip
        super().__init__(owner.permit)
        self.owner = owner
        self.language = language
        self.part = Part(owner.student_id)
        self.number = next(_numbers)
        self.pinged_at = self.heard_at = asyncio.get_running_loop().time()
        self.bye: say.Bye | None = None
        self.one_at_a_time = asyncio.Lock()
        self.state = self.believed(state)
        self._every_seconds = every_seconds
        self._house = house
        self._left = float(say.AT_ONCE)
        self._bad = 0
        self._told: say.Desired | None = None
        self._held_by: int | None = None  # the session that was told of it last
        self.heard_number = 0  # of the last event
        self._asked: set[int] = set()
        self._answers: dict[int, str] = {}
        # Of these commands: beside which of the school's devices it was answered.
        self._beside: dict[int, frozenset[str]] = {}
        self._mark = ""  # of the picture that it sent last

    @property
    def is_page(self) -> bool:
        """It is a page of this server, and no device of the school."""
        return self.owner.permit.is_page

    @staticmethod
    def still_good(permits: Collection[Permit], at: datetime) -> Collection[Permit]:
        """Those of these permits that are still good."""
        return still_permitted(permits, at)

    # Telling

    def tell(self, message: say.ToDevice) -> None:
        """Queue a message."""
        self.push(say.written(message).encode())

    def part_with(self, code: say.Code, text: str, again_in: int | None = None) -> None:
        """Say why, and close."""
        if self.bye is None:
            self.bye = say.Bye(code, text, again_in)
            self.tell(self.bye)
            self.close()

    def dismiss(self) -> None:
        """The permit is over."""
        self.part_with("signed_out", "The sign-in, the key or the account is not good any more.")

    def hear_event(self, logged: Logged) -> None:
        """Tell what an event means for this device; called by the hub in the order of numbers."""
        self.heard_number = logged.number
        shown = switched_in(logged)
        if shown is not None:
            self.tell(say.Passes(shown))
        event = events.decode_logged(logged)
        if event is None:
            return
        was_in = self.part.is_in
        self.part.hear(event)
        if not self.part.is_known:
            self._house.read(self, was_in)
            return
        self.tell_desired(was_in)
        if isinstance(event, events.CommandSent):
            if self.part.is_asked(event.card):
                self.tell_command(event.card)
        elif isinstance(event, events.ClassMessageSent):
            self._tell_wrote(event)

    def tell_desired(self, was_in: bool) -> None:
        """How the device should be, when that is not what it was told last."""
        desired = self.part.desired(clock.now(), self.language)
        before = self._told
        if before is None or msgspec.structs.replace(desired, now=before.now) != before:
            self._told = desired
            self.tell(desired)
        if was_in != self.part.is_in:
            presences.says(self.owner.student_id, self.number, self.shown)
        if was_in and not self.part.is_in:
            sites.over(self.number, desired.now)
            self._beside.clear()
        self._note_site(desired.now)
        # One event may take a student from one class to another: there, too, the device is new.
        held_by = None if self.part.row is None else self.part.row.session_id
        if held_by is not None and held_by != self._held_by:
            self._house.joined(self)
        self._held_by = held_by

    def tell_command(self, card: CommandCard) -> None:
        """A command that waits for this student's answer, once."""
        if card.id not in self._asked:
            self._asked.add(card.id)
            self.push(part.command(card, self.language).encode())

    def tell_commands(self, cards: Iterable[CommandCard]) -> None:
        """Those that wait for an answer; what a page answered is asked of the school's device."""
        for card in cards:
            if self.part.is_asked(card) or not self.is_page:
                self.tell_command(card)

    def tell_look(self, look: Look) -> None:
        """Somebody looks at the screen; a page, which has none to show, says nothing of it."""
        if self.part.is_in and self.state.can_show:
            whole = self._kept_mark() is None
            self.tell(say.LookedAt(look.names, look.until, self._every_seconds, whole=whole))

    def _tell_wrote(self, event: events.ClassMessageSent) -> None:
        if event.message.student.id == self.owner.student_id:
            self.tell(part.wrote(event.message))

    async def _give(self, taken: list[bytes], send: Send) -> None:
        for message in taken:
            await send({"type": "websocket.send", "text": message.decode()})

    # Hearing

    def hear(self, text: str) -> None:
        """Do what the device says, or say why not. Raises `Left`."""
        if not self._may_speak():
            self.part_with("too_many", "More messages than a device needs.", 30)
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
            case say.Ack(command_id, why):
                self._ack(command_id, why)
            case say.Hand() | say.Write():
                self._house.ask(self, message)
            case say.Shot(data):
                self._picture(data)
            case say.Leave():
                raise Left(is_clean=True)
            case say.Hello():
                self._not_understood("hello is said once")

    def _beat(self, state: DeviceState | None) -> None:
        numbers.SIGNS_OF_LIFE.inc()
        at, student_id = clock.now(), self.owner.student_id
        if state is None:
            presences.alive(student_id, self.number, at)
            sites.alive(self.number, at)
        else:
            self.state = self.believed(state)
            presences.beat(student_id, self.number, self.shown, at, is_page=self.is_page)
            self._note_site(at)

    def believed(self, state: DeviceState) -> DeviceState:
        """What counts of what the device says of itself."""
        return say.of_page(state) if self.is_page else say.kept(state)

    @property
    def shown(self) -> DeviceState:
        """What others may know of the device: what is open on it only while a class holds the
        student."""
        return self.state if self.part.is_in else msgspec.structs.replace(self.state, **_NOT_SHOWN)

    def _note_site(self, at: datetime) -> None:
        """What is open now is noted for the history of the class that holds the student."""
        session, owner = self.part.session, self.owner
        if not self.part.is_in or session is None or not self.part.is_known:
            sites.left(self.number, at)
            return
        where = (session.id, owner.student_id)
        sites.seen(self.number, owner.school_id, where, self.state.url, self.state.title, at)

    def _ack(self, command_id: int, why: str) -> None:
        before = self._answers.get(command_id)
        # One that could not may find later that it can, and nothing else.
        if command_id not in self._asked or before == "" or (before and why):
            return
        self._answers[command_id] = why
        self._report(command_id, self._those_beside())

    def report_again(self) -> None:
        """Say once more what was answered beside devices of the school that are gone or lost."""
        if not self._beside:
            return
        beside = self._those_beside()
        for command_id, before in tuple(self._beside.items()):
            if before - beside:
                self._report(command_id, beside)

    def _those_beside(self) -> frozenset[str]:
        return presences.beside(self.owner.student_id, self.number, clock.now())

    def _report(self, command_id: int, beside: frozenset[str]) -> None:
        self._beside.pop(command_id, None)
        if beside:
            self._beside[command_id] = beside
            if len(self._beside) > _MOST_WAITING:
                del self._beside[min(self._beside)]
        said = Said(
            self._answers[command_id], connection(THIS_PROCESS, self.number), self.is_page, beside
        )
        self._house.answered(self, command_id, said)

    def _picture(self, data: bytes | None) -> None:
        at, student_id = clock.now(), self.owner.student_id
        if self.is_page or not self.part.is_in:
            return
        if data is None:
            mark = self._kept_mark()
            if mark is None and (look := pictures.looked_at(student_id, at)) is not None:
                self.tell_look(look)
        else:
            try:
                mark = pictures.put(student_id, data, at)
            except BadPicture as bad:
                self._not_understood(str(bad))
                return
        if mark is not None:
            self._mark = mark
            presences.pictured(student_id, self.number, mark, at)

    def _kept_mark(self) -> str | None:
        """The mark of the picture that this device sent last, if it is the one that is kept."""
        newest = pictures.of(self.owner.student_id)
        return self._mark if newest is not None and newest.mark == self._mark else None

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
            self.part_with("bad_message", f"Too many messages were not understood: {why}", 60)
        else:
            self.tell(say.Error("bad_message", f"Not understood: {why}"))


async def text_of(receive: Callable[[], Any]) -> str:
    """The next message. Raises `Left`; a frame that is not text counts as nothing."""
    event = await receive()
    if event["type"] == "websocket.disconnect":
        raise Left(is_clean=event.get("code") in (1000, 1001))
    return event.get("text") or ""
