"""All open devices of this process: let in, heard, checked, closed."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from functools import partial
from typing import Any

import msgspec
from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from starlette.requests import cookie_parser

from corridor import clock
from corridor.accounts.devices import Owner
from corridor.classroom import notices
from corridor.classroom.answers import Said
from corridor.classroom.pictures import Look, pictures
from corridor.classroom.presence import Change, Presence, presences
from corridor.classroom.sites import sites
from corridor.live import topics
from corridor.live.hub import Hub, TooFarBehind
from corridor.live.log import NoSuchSchool
from corridor.web.agent import messages as say
from corridor.web.agent.admission import Admitted, NotAdmitted, Visitor, admit
from corridor.web.agent.asked import Asked, answer, language_of
from corridor.web.agent.beginning import Beginning, beginning
from corridor.web.agent.device import Device, Left, text_of
from corridor.web.agent.reports import Reports
from corridor.web.stream import CHECK_SECONDS, Asking, Send

# Connections that have not said who they are: more than a school that comes back at once has.
MOST_UNKNOWN = 2000
# A page that is loaded again is away for a moment; nobody's card should blink for it.
_COMES_BACK_WITHIN_SECONDS = 3
# So long after a start whoever was there before has come back, or was away already.
_BACK_AT_LAST_SECONDS = 90
_TELLS_EVERY_SECONDS = 0.3


class Devices:
    """The devices' door, as an ASGI application for WebSockets."""

    guard = "device"

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.in_database = Asking(2, "devices")
        self.reports = Reports(self.in_database)
        self._open: set[Device] = set()
        self._of_student: defaultdict[int, set[Device]] = defaultdict(set)
        self._schools: dict[int, int] = {}  # of the students who are or were here
        self._unknown = 0
        self._notices = notices.Notices(presences)
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Start the common chores."""
        self._loop = asyncio.get_running_loop()
        presences.listen(self._moved)
        pictures.listen(self._looked)
        for chore in (self._each_second(), self._check(), self.reports.run(), self._absent()):
            self._spawn(chore)

    async def stop(self) -> None:
        """The opposite of `start`."""
        self.close_all()
        presences.stop_listening(self._moved)
        pictures.stop_listening(self._looked)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.reports.keep_sites()
        self.in_database.close()

    def close_all(self) -> None:
        """End every connection; devices come back when there is a server again."""
        for device in tuple(self._open):
            device.part_with("restart", "The server is being restarted.", 2)

    def all(self) -> set[Device]:
        """The open devices."""
        return self._open

    def tell_other_processes(self) -> None:
        """From now on: on one database with others, who is here is told and heard."""
        self._spawn(self._tell_others())

    def hear_other_process(self, text: str) -> None:
        """Another process says who is there."""
        self._notices.hear(text, clock.now())

    # What a device needs of all together

    def ask(self, device: Device, asked: Asked) -> None:
        """Do what the student asks, one after the other, and tell the device."""
        self._spawn(self._ask(device, asked))

    def read(self, device: Device, was_in: bool) -> None:
        """Read the student's part in the class anew, and tell the device."""
        self._spawn(self._read(device, was_in))

    def answered(self, device: Device, command_id: int, said: Said) -> None:
        """Report what became of a command."""
        owner = device.owner
        self.reports.answered(owner.school_id, command_id, owner.student_id, said)

    def joined(self, device: Device) -> None:
        """Report that the device is there, in a class, if it gives signs of life (else when it does
        again); tell it who looks already."""
        owner = device.owner
        if not presences.has_lost(owner.student_id):
            self.reports.came(owner.school_id, owner.student_id)
        look = pictures.looked_at(owner.student_id, clock.now())
        if look is not None:
            device.tell_look(look)

    # One connection

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """One connection, from its first message to its end."""
        await receive()
        if self._unknown >= MOST_UNKNOWN:
            await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept"})
        try:
            device = await self._let_in(_visitor(scope), receive)
        except NotAdmitted as no:
            await _part(no.bye, send)
        except Left:
            pass
        else:
            await self._serve(device, receive, send)

    async def _let_in(self, visitor: Visitor, receive: Any) -> Device:
        """The device behind the first message. Raises `NotAdmitted`, `Left`."""
        self._unknown += 1
        try:
            async with asyncio.timeout(say.HELLO_WITHIN_SECONDS):
                hello = _hello(await text_of(receive))
            admitted = await admit(hello, visitor, self.in_database)
        except TimeoutError:
            raise NotAdmitted("hello_too_late", "Nobody said hello.", 5) from None
        finally:
            self._unknown -= 1
        try:
            return await self._begun(admitted, hello)
        except (OperationalError, InterfaceError, NoSuchSchool, TooFarBehind):
            text = "The database does not answer. Try again in a moment."
            raise NotAdmitted("unavailable", text, 5) from None

    async def _begun(self, admitted: Admitted, hello: say.Hello) -> Device:
        owner = admitted.owner
        school_id, student_id = owner.school_id, owner.student_id
        begun = await self.in_database(partial(beginning, school_id, student_id))
        self._part_from_older(owner)
        if self._has_enough(owner):
            text = "This student is connected with too many devices or pages. Close some."
            raise NotAdmitted("too_many", text, 60)
        language = language_of(hello.language)
        device = Device(owner, language, begun.picture_seconds, self, hello.state)
        self._open.add(device)
        self._of_student[student_id].add(device)
        self._schools[student_id] = school_id
        device.part.read(begun.found)
        presences.beat(student_id, device.number, device.shown, clock.now(), is_page=device.is_page)
        device.tell(_welcome(admitted.secret, device, begun))
        device.tell_desired(was_in=False)
        device.tell_commands(begun.commands)
        try:
            device.subscription = await self.hub.subscribe(
                school_id, _topics(owner), begun.number, device.hear_event
            )
        except BaseException:
            self._part_from(device, is_clean=False)
            raise
        return device

    def _has_enough(self, owner: Owner) -> bool:
        """Whether the student is there with as many devices, or pages, as may be. Each have their
        own number: however many pages somebody opens, the school's device is let in."""
        of_student = self._of_student.get(owner.student_id, ())
        alike = [one for one in of_student if one.is_page == owner.permit.is_page]
        return len(alike) >= say.MOST_OF_A_STUDENT

    def _part_from_older(self, owner: Owner) -> None:
        """A paired device that comes again left its connection behind. A key or a sign-in tells
        nothing: several devices or pages may have it."""
        if owner.permit.by != "device":
            return
        for older in tuple(self._of_student.get(owner.student_id, ())):
            if older.permit == owner.permit:
                older.part_with("replaced", "This device has connected again.")
                self._of_student[owner.student_id].discard(older)
                presences.cut(owner.student_id, older.number)

    async def _serve(self, device: Device, receive: Any, send: Send) -> None:
        """Hear and tell until either side ends it."""
        pouring = asyncio.create_task(device.pour(send))
        hearing = asyncio.create_task(_hear(device, receive))
        is_clean = False
        try:
            await asyncio.wait((pouring, hearing), return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                is_clean = hearing.result()
            elif pouring.exception() is None and device.bye is not None:
                await _close(device.bye, send)
        finally:
            pouring.cancel()
            hearing.cancel()
            await asyncio.gather(pouring, hearing, return_exceptions=True)
            self._part_from(device, is_clean)

    def _part_from(self, device: Device, is_clean: bool) -> None:
        if device.subscription is not None:
            self.hub.unsubscribe(device.subscription)
        self._open.discard(device)
        of_student = self._of_student[device.owner.student_id]
        of_student.discard(device)
        if not of_student:
            del self._of_student[device.owner.student_id]
        student_id, number = device.owner.student_id, device.number
        if is_clean:
            presences.alive(student_id, number, clock.now())
        presences.cut(student_id, number)
        sites.left(number, clock.now())
        if is_clean or (device.bye is not None and device.bye.code == "signed_out"):
            asyncio.get_running_loop().call_later(
                _COMES_BACK_WITHIN_SECONDS, presences.gone, student_id, number
            )

    async def _ask(self, device: Device, asked: Asked) -> None:
        async with device.one_at_a_time:
            question = partial(answer, asked, device.owner, device.language)
            device.tell(await self.in_database(question))

    async def _read(self, device: Device, was_in: bool) -> None:
        owner = device.owner
        question = partial(beginning, owner.school_id, owner.student_id)
        try:
            begun = await self.in_database(question)
            # It hears on meanwhile, and of two that read neither knows which is done first.
            while begun.number < device.heard_number:
                begun = await self.in_database(question)
        except (OperationalError, InterfaceError):
            device.part_with("unavailable", "The database does not answer.", 5)
            return
        device.part.read(begun.found)
        device.tell_desired(was_in)
        # It is there already, and new in this class: what waited for it is asked now.
        device.tell_commands(begun.commands)

    # What all have in common

    def _moved(self, presence: Presence, change: Change) -> None:
        """Somebody of this process or another came or went; the last one out is gone. Whoever is
        lost may be gone: the class may be over before anybody knows. That somebody is lost is said
        where they were heard last; that they are back, by everybody: it does no harm twice."""
        student_id = presence.student_id
        school_id = self._schools.get(student_id)
        if change == "gone":
            pictures.forget(student_id)
            self._schools.pop(student_id, None)
        if school_id is None:
            return
        if change == "gone" or (change == "lost" and presences.is_heard_here(student_id)):
            self.reports.went(school_id, student_id, presence.last_heartbeat_at)
        elif change == "back" and not presence.is_lost(clock.now()):
            # What another process says of a lost device seems a sign of life, and is an old one.
            self.reports.came(school_id, student_id)

    def _looked(self, student_id: int, look: Look) -> None:
        """Somebody looks; called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._tell_look, student_id, look)

    def _tell_look(self, student_id: int, look: Look) -> None:
        for device in tuple(self._of_student.get(student_id, ())):
            device.tell_look(look)

    async def _each_second(self) -> None:
        """Ask for signs of life, close who gives none, tell who fell silent."""
        while True:
            await asyncio.sleep(1)
            now, ping = asyncio.get_running_loop().time(), say.written(say.Ping(clock.now()))
            for device in tuple(self._open):
                if now - device.heard_at > say.SILENT_SECONDS:
                    device.part_with("silent", "No sign of life.", 1)
                elif now - device.pinged_at >= say.PING_SECONDS:
                    device.pinged_at = now
                    device.push(ping.encode())
                device.report_again()
            presences.look(clock.now())
            for student_id in pictures.sweep(clock.now()):
                presences.not_pictured(student_id)

    async def _absent(self) -> None:
        """Once, when those who come back have done so."""
        since = clock.now()
        await asyncio.sleep(_BACK_AT_LAST_SECONDS)
        while True:
            try:
                await self.reports.notice_absent(since)
                return
            except (OperationalError, InterfaceError):
                await asyncio.sleep(CHECK_SECONDS)

    async def _check(self) -> None:
        """Every few seconds: end what belongs to nobody any more."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            permits = {device.permit for device in self._open}
            try:
                good = await self.in_database(partial(Device.still_good, permits, clock.now()))
            except (OperationalError, InterfaceError):
                continue
            for device in tuple(self._open):
                if device.permit in permits and device.permit not in good:
                    device.dismiss()

    async def _tell_others(self) -> None:
        while True:
            await asyncio.sleep(_TELLS_EVERY_SECONDS)
            at = clock.now()
            self._notices.look(at)
            if due := self._notices.due(at):
                try:
                    await self.in_database(partial(notices.send, due))
                except (OperationalError, InterfaceError):
                    self._notices.say_all_again()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _topics(owner: Owner) -> frozenset[str]:
    """The student's own card and account, the classes of the school (one that ends later), and
    what the school decides."""
    return frozenset({
        topics.classroom_student(owner.student_id), topics.classroom_account(owner.student_id),
        topics.classes(owner.school_id), topics.settings(owner.school_id),
    })  # fmt: skip


async def _hear(device: Device, receive: Any) -> bool:
    """Hear the device until it goes; whether it went in good order."""
    try:
        while True:
            device.hear(await text_of(receive))
    except Left as left:
        return left.is_clean


def _hello(text: str) -> say.Hello:
    try:
        message = say.read(text)
    except msgspec.MsgspecError as error:
        raise NotAdmitted("bad_message", f"Not understood: {error}", 60) from None
    if not isinstance(message, say.Hello):
        raise NotAdmitted("hello_first", "The first message is hello.", 60)
    return message


def _welcome(secret: str | None, device: Device, begun: Beginning) -> say.Welcome:
    owner = device.owner
    return say.Welcome(
        owner.student_id,
        owner.name,
        owner.school_name,
        clock.now(),
        begun.kept_days,
        secret=secret,
        passes=begun.shows_passes,
    )


def _visitor(scope: Any) -> Visitor:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    cookies = cookie_parser(headers.get(b"cookie", ""))
    return Visitor(
        source=(scope.get("client") or ("", 0))[0],
        origin=headers.get(b"origin", "").lower(),
        host=headers.get(b"host", "").lower(),
        session_key=cookies.get(settings.SESSION_COOKIE_NAME, ""),
    )


async def _part(bye: say.Bye, send: Send) -> None:
    await send({"type": "websocket.send", "text": say.written(bye)})
    await _close(bye, send)


async def _close(bye: say.Bye, send: Send) -> None:
    await send({"type": "websocket.close", "code": say.CLOSE_CODES[bye.code], "reason": bye.code})
