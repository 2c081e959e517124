"""A class with devices: what they are told, what they answer, what is known of them."""

import asyncio
import base64
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from django.db.utils import OperationalError
from PIL import Image

from corridor import clock
from corridor.accounts.actors import clock_of
from corridor.accounts.devices import Owner, Permit
from corridor.classroom import queries
from corridor.classroom.participants import notice_devices
from corridor.classroom.presence import DeviceState, Presences, presences
from corridor.live.hub import Hub
from corridor.web.agent import devices
from corridor.web.agent.beginning import Beginning
from corridor.web.agent.device import Device
from corridor.web.agent.reports import Reports
from tests.agent.client import Said, forty
from tests.agent.test_door import Door
from tests.agent.test_owners import account
from tests.classroom.running import Classes
from tests.flows.test_streams import Server
from tests.school import School

pytestmark = pytest.mark.thorough

T = TypeVar("T")


class Class(Door):
    """The server's school while a class is led in it."""

    session = 0

    async def do(self, name: str, **arguments: Any) -> Any:
        """Let the server do something; what it says."""
        return await asyncio.to_thread(self._do, name, arguments)

    def _do(self, name: str, arguments: dict[str, Any]) -> Any:
        process = self.server.process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([name, arguments]) + "\n")
        process.stdin.flush()
        found = json.loads(process.stdout.readline())
        assert not (isinstance(found, str) and "(" in found), found
        return found

    async def start(self, **more: Any) -> int:
        self.session = await self.do("start", **more)
        return self.session

    async def stop(self) -> None:
        await self.do("stop", session=self.session)

    async def ask(self, kind: str, *names: str, **says: Any) -> int:
        ids = [self.accounts[name] for name in names or ("ana",)]
        return int(await self.do("ask", session=self.session, kind=kind, students=ids, **says))

    async def result(self, command: int, name: str = "ana", *, not_: str = "pending") -> list[str]:
        """What became of a command at a student, once it is something else than this."""
        for _ in range(50):
            found = (await self.do("results", command=command))[str(self.accounts[name])]
            if found[0] != not_:
                return list(found)
            await asyncio.sleep(0.1)
        return list(found)

    async def until(self, probe: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the probe finds, once it finds something; for ten seconds."""
        end = time.monotonic() + 10
        while not (found := await probe()):
            assert time.monotonic() < end, "It did not happen."
            await asyncio.sleep(0.1)
        return found

    async def is_gone(self, name: str = "ana") -> bool:
        return await self.presence(name) is None

    async def presence(self, name: str = "ana") -> Any:
        return await self.do("presence", student=self.accounts[name])

    async def is_written_down(self, name: str = "ana", *, until: bool) -> Any:
        """When the student was there, once it is written down that it is over, or goes on."""
        there = (await self.row(name)).get("there", [])
        return there if there and bool(there[-1].get("until")) == until else None

    async def row(self, name: str = "ana") -> Any:
        return await self.do("row", session=self.session, student=self.accounts[name])


@pytest.fixture(scope="module")
def class_(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Class]:
    database = ""
    if request.config.getoption("--database") == "postgres":
        database = request.getfixturevalue("postgres").new_database()
    server = Server(tmp_path_factory.mktemp("class"), database, "tests.agent.beside")
    yield Class(server)
    server.stop()


def led(story: Callable[[Class], Coroutine[Any, Any, None]]) -> Callable[[Class], None]:
    """A story in a class that begins before it and is over after it."""

    async def whole(class_: Class) -> None:
        await class_.start()
        try:
            await story(class_)
        finally:
            await class_.stop()

    def test(class_: Class) -> None:
        asyncio.run(whole(class_))

    test.__name__, test.__doc__ = story.__name__, story.__doc__
    return test


def until(said: Said) -> datetime:
    return datetime.fromisoformat(said["until"])


@led
async def test_whoever_comes_is_told_which_class_runs(class_: Class) -> None:
    ana = await class_.page()
    desired = await ana.hears("desired")
    assert desired["class_session"]["name"] == "English 2"
    assert desired["class_session"]["led_by"] == "Ms. Rivera"
    assert (desired["restrictions"], desired["hand_raised"]) == ([], False)
    await ana.close()


def test_whoever_is_there_is_told_when_a_class_begins_and_ends(class_: Class) -> None:
    async def story() -> None:
        ana, lou = await class_.page("ana"), await class_.page("lou")
        assert (await ana.hears("desired"))["class_session"] is None
        assert (await lou.hears("desired"))["class_session"] is None
        await class_.start()
        assert (await ana.hears("desired"))["class_session"]["id"] == class_.session
        await class_.stop()
        assert (await ana.hears("desired"))["class_session"] is None
        assert await lou.hears_nothing("desired")  # not in that class
        await ana.close()
        await lou.close()

    asyncio.run(story())


@led
async def test_a_command_reaches_those_it_is_for_and_their_answers_come_back(
    class_: Class,
) -> None:
    ana, ben = await class_.page("ana"), await class_.page("ben")
    command = await class_.ask("open_site", url="https://example.org/book")
    heard = await ana.hears("command")
    assert (heard["id"], heard["kind"], heard["by"]) == (command, "open_site", "Ms. Rivera")
    assert heard["url"] == "https://example.org/book"
    await ana.say("ack", command=command)
    assert await class_.result(command) == ["applied", ""]
    assert await ben.hears_nothing("command")
    await ana.close()
    await ben.close()


def test_a_class_that_begins_with_closed_tabs_says_so_to_devices(class_: Class) -> None:
    async def story() -> None:
        ana = await class_.by_key("ana")
        await class_.start(close_tabs=True)
        try:
            told = await ana.hears("command")
            assert told["kind"] == "close_tabs"
            await ana.say("ack", command=told["id"])
            assert await class_.result(told["id"]) == ["applied", ""]
        finally:
            await class_.stop()
            await ana.close()

    asyncio.run(story())


def test_whoever_comes_into_a_class_with_a_limit_is_asked_then(class_: Class) -> None:
    """The device was there before: it is told of the limit, and says whether it holds."""

    async def story() -> None:
        await class_.start(left_out=[class_.accounts["ana"]], tab_limit=3)
        try:
            ana, ben = await class_.by_key("ana"), await class_.page("ben")
            limit = (await ben.hears("command"))["id"]
            await ana.hears("desired")
            assert await ana.hears_nothing("command")
            await class_.ask("include", "ana")
            assert [one["kind"] for one in (await ana.hears("desired"))["restrictions"]] == [
                "tab_limit"
            ]
            assert (await ana.hears("command"))["id"] == limit
            await ana.say("ack", command=limit, why="not_supported")
            assert await class_.result(limit) == ["failed", "not_supported"]
            await ana.close()
            await ben.close()
        finally:
            await class_.stop()

    asyncio.run(story())


@led
async def test_a_failure_says_why(class_: Class) -> None:
    ana = await class_.page()
    command = await class_.ask("close_tabs")
    await ana.hears("command")
    await ana.say("ack", command=command, why="not_supported")
    assert await class_.result(command) == ["failed", "not_supported"]
    await ana.close()


async def comes_and_cannot(class_: Class, command: int) -> None:
    """The school's device is asked what only a page has answered; its failure counts."""
    extension = await class_.by_key()
    assert (await extension.hears("command"))["id"] == command
    await extension.say("ack", command=command, why="Blocked by policy")
    assert await class_.result(command, not_="applied") == ["failed", "Blocked by policy"]
    await extension.close()


@led
async def test_a_page_does_not_answer_for_the_schools_device(class_: Class) -> None:
    page, extension = await class_.page(), await class_.by_key()
    for of_page, of_extension in (("", "Blocked by policy"), ("not_supported", "")):
        command = await class_.ask("site_lock", sites=["example.org"])
        await page.hears("command")
        await page.say("ack", command=command, why=of_page)
        await extension.hears("command")
        await asyncio.sleep(1.5)
        assert await class_.result(command, not_="") == ["pending", ""]
        await extension.say("ack", command=command, why=of_extension)
        result = ["failed", of_extension] if of_extension else ["applied", ""]
        assert await class_.result(command) == result
    await page.close()
    await extension.close()


@led
async def test_a_page_answers_once_the_schools_device_is_gone(class_: Class) -> None:
    page, extension = await class_.page(), await class_.by_key()
    command = await class_.ask("lock")
    await page.hears("command")
    await page.say("ack", command=command)
    await extension.close()
    assert await class_.result(command) == ["applied", ""]
    await comes_and_cannot(class_, command)  # it is asked whether it holds to it, too
    await page.close()


@led
async def test_a_device_between_two_connections_opens_what_a_page_was_shown(class_: Class) -> None:
    page = await class_.page()
    command = await class_.ask("open_site", url="https://example.org/book")
    await page.hears("command")
    await page.say("ack", command=command)
    assert await class_.result(command) == ["applied", ""]
    await comes_and_cannot(class_, command)
    await page.close()


@led
async def test_a_device_that_could_not_says_later_that_it_can(class_: Class) -> None:
    extension = await class_.by_key()
    command = await class_.ask("lock")
    await extension.hears("command")
    await extension.say("ack", command=command, why="Blocked by policy")
    assert await class_.result(command) == ["failed", "Blocked by policy"]
    assert (await class_.row())["restrictions"][0]["failed"] == "Blocked by policy"
    await extension.say("ack", command=command)
    assert await class_.result(command, not_="failed") == ["applied", ""]
    assert "failed" not in (await class_.row())["restrictions"][0]
    await extension.say("ack", command=command, why="Not any more")  # done is done
    await asyncio.sleep(0.5)
    assert await class_.result(command) == ["applied", ""]
    await extension.close()


@led
async def test_nobody_answers_a_command_that_was_not_for_them(class_: Class) -> None:
    ana, ben = await class_.page("ana"), await class_.page("ben")
    command = await class_.ask("open_site", url="https://example.org")
    await ana.hears("command")
    await ben.say("ack", command=command)
    await ben.say("ack", command=1)
    await asyncio.sleep(0.5)
    assert await class_.result(command, not_="pending") == ["pending", ""]
    await ana.close()
    await ben.close()


@led
async def test_what_nobody_answered_waits_for_the_device(class_: Class) -> None:
    command = await class_.ask("message", text="Page 12, please.")
    ana = await class_.page()
    heard = await ana.hears("command")
    assert (heard["kind"], heard["text"]) == ("message", "Page 12, please.")
    await ana.say("ack", command=command)
    assert await class_.result(command) == ["applied", ""]
    await ana.close()


@led
async def test_whoever_comes_back_to_a_class_is_asked_what_waits_there(class_: Class) -> None:
    command = await class_.ask("open_site", url="https://example.org/book")  # her device sleeps
    algebra = await class_.do("start", class_="algebra")
    ana = await class_.by_key()
    assert (await ana.hears("desired"))["class_session"]["id"] == algebra
    await class_.do("stop", session=algebra)
    assert (await ana.hears("desired"))["class_session"] is None
    assert (await ana.hears("desired"))["class_session"]["id"] == class_.session
    assert (await ana.hears("command"))["id"] == command
    await ana.say("ack", command=command)
    assert await class_.result(command) == ["applied", ""]
    await ana.close()


def test_what_was_read_before_the_last_event_is_read_again(a_school: School) -> None:
    """Of two that read at once the one that began first may be done last."""
    classes = Classes(a_school)
    session, ana = classes.start(), account(a_school, "ana")
    now = (session, classes.row(session, a_school.classroom.ana))
    readings = [Beginning(8, None, (), 10, 30, False), Beginning(9, now, (), 10, 30, False)]

    async def in_database(question: Any) -> Beginning:
        return readings.pop(0)

    async def story() -> Any:
        house = devices.Devices(Hub(in_database))
        house.in_database = in_database  # type: ignore[assignment]
        owner = Owner(ana.pk, "Ana Lopez", a_school.id, "Lakeside", Permit("key", "1", ana.pk))
        device = Device(owner, "en", 10, house, DeviceState())
        device.heard_number = 9
        await house._read(device, was_in=False)
        return device.part.session

    assert asyncio.run(story()) == session


@led
async def test_a_lock_is_desired_until_its_time_and_for_whom_it_is(class_: Class) -> None:
    ana, ben = await class_.page("ana"), await class_.page("ben")
    await ana.hears("desired")
    await ben.hears("desired")
    await class_.ask("lock", text="Eyes up here", minutes=5)
    desired = await ana.hears("desired")
    [lock] = desired["restrictions"]
    assert (lock["kind"], lock["text"], lock["by"]) == ("lock", "Eyes up here", "Ms. Rivera")
    assert 295 < (until(lock) - datetime.fromisoformat(desired["now"])).total_seconds() <= 300
    assert await ben.hears_nothing("desired")
    await class_.ask("unlock")
    assert (await ana.hears("desired"))["restrictions"] == []
    await ana.close()
    await ben.close()


@led
async def test_a_lock_ends_with_its_lease(class_: Class) -> None:
    ana = await class_.page()
    await ana.hears("desired")
    await class_.ask("lock", minutes=0.03)
    assert (await ana.hears("desired"))["restrictions"]
    assert (await ana.hears("desired"))["restrictions"] == []
    await ana.close()


@led
async def test_a_hand_is_raised_once_and_taken_down(class_: Class) -> None:
    ana = await class_.page()
    await ana.hears("desired")
    asked = str(uuid4())
    await ana.say("hand", raised=True, request_id=asked)
    answered = await ana.hears("answered")
    assert answered == {"type": "answered", "request_id": asked, "code": "", "text": ""}
    assert (await class_.row())["hand_raised_at"]
    await ana.say("hand", raised=False, request_id=asked)
    await ana.hears("answered")
    assert not (await class_.row()).get("hand_raised_at")
    assert [one["hand_raised"] for one in ana.told if one["type"] == "desired"] == [
        False, True, False,
    ]  # fmt: skip
    await ana.close()


@led
async def test_a_message_goes_to_the_teachers_and_to_the_students_other_page(
    class_: Class,
) -> None:
    ana, other, ben = [await class_.page(name) for name in ("ana", "ana", "ben")]
    asked = str(uuid4())
    for _ in range(2):  # pressed twice
        await ana.say("write", text="  May I use a\n dictionary? ", request_id=asked)
        assert (await ana.hears("answered"))["code"] == ""
    assert (await other.hears("wrote"))["text"] == "May I use a\ndictionary?"
    assert (await class_.row())["unread"] == 1
    assert await other.hears_nothing("wrote")
    assert await ben.hears_nothing("wrote")
    for device in (ana, other, ben):
        await device.close()


@led
async def test_what_is_refused_is_told_in_the_students_language(class_: Class) -> None:
    ana = await class_.page(language="es")
    await ana.say("write", text=" ", request_id=str(uuid4()))
    answered = await ana.hears("answered")
    assert answered["code"] == "text_missing"
    assert answered["text"].startswith("No hay texto")
    await ana.close()


@led
async def test_in_no_class_there_is_nobody_to_write_to(class_: Class) -> None:
    lou = await class_.page("lou")
    await lou.say("write", text="Hello?", request_id=str(uuid4()))
    assert (await lou.hears("answered"))["code"] == "no_class"
    await lou.close()


@led
async def test_signs_of_life_are_seen_and_no_longer_once_the_device_left(class_: Class) -> None:
    ana = await class_.by_key()
    await ana.beat(title="Games", url="https://example.org/games#top", tabs=3)

    async def plays() -> Any:
        known = await class_.presence()
        return known if known["active_title"] == "Games" else None

    known = await class_.until(plays)
    assert (known["active_url"], known["tabs"]) == ("https://example.org/games", 3)
    await ana.say("leave")
    await class_.until(class_.is_gone)
    await class_.until(lambda: class_.is_written_down(until=True))


def test_whoever_is_let_in_later_is_written_down_as_there(class_: Class) -> None:
    """The page was open before; the history says from when on the student was in the class."""

    async def story() -> None:
        await class_.start(left_out=[class_.accounts["ana"]])
        ana = await class_.page()
        assert (await ana.hears("desired"))["class_session"] is None
        await class_.ask("include", "ana")
        assert (await ana.hears("desired"))["class_session"]["id"] == class_.session
        await class_.until(lambda: class_.is_written_down(until=False))
        await ana.close()
        await class_.stop()

    asyncio.run(story())


@led
async def test_a_page_is_not_told_that_its_screen_is_looked_at(class_: Class) -> None:
    """It has none to show; a device of the same student is told."""
    page = await class_.page()
    device = await class_.by_key(state={"can_show": True})
    await page.hears("desired")
    await device.hears("desired")
    await class_.do("look", student=class_.accounts["ana"])
    assert (await device.hears("look"))["by"] == ["Ms. Rivera"]
    assert await page.hears_nothing("look")
    await page.close()
    await device.close()


@led
async def test_a_page_does_not_pose_as_the_schools_device(class_: Class) -> None:
    """Whoever sits there may let its script say anything."""
    student = class_.accounts["ana"]
    device = await class_.by_key(
        state={"title": "Games", "url": "https://games.example.com/", "can_show": True}
    )
    essay = {"title": "Essay", "url": "https://docs.example.org/", "can_show": True, "tabs": 1}
    page = await class_.page(state=essay)
    await page.hears("desired")
    await class_.do("look", student=student)
    await device.hears("look")
    await device.say("picture", data=a_picture())
    await class_.until(lambda: class_.do("picture", student=student))
    first = await class_.presence()
    await page.beat(**essay, idle_seconds=0)
    await page.say("picture", data=a_picture(colour="green"))
    await page.say("picture")
    await page.say("hand", raised=True, request_id=str(uuid4()))  # all that a page has is heard
    await page.hears("answered")
    second = await class_.presence()
    assert (second["active_title"], second["can_show"]) == ("Games", True)
    assert second["picture_mark"] == first["picture_mark"] != ""
    assert await page.hears_nothing("look")
    await device.say("leave")

    async def is_by_page() -> Any:
        found = await class_.presence()
        return found if found["why_nothing"] == "page" else None

    alone = await class_.until(is_by_page)
    assert (alone["active_title"], alone["active_url"], alone["tabs"]) == ("", "", None)
    assert not alone["can_show"]
    await class_.do("look_away", student=student)
    await class_.stop()
    kept = await class_.until(lambda: class_.do("sites", session=class_.session, student=student))
    assert [site[0] for site in kept] == ["games.example.com"]
    await page.close()
    await device.close()
    await class_.until(class_.is_gone)


@led
async def test_a_page_loaded_again_never_looks_gone(class_: Class) -> None:
    ana = await class_.page()
    await ana.close()
    ana = await class_.page()
    await asyncio.sleep(3.5)
    assert (await class_.presence())["connected"]
    await ana.close()


@led
async def test_whoever_is_cut_off_is_not_gone(class_: Class) -> None:
    ana = await class_.page()
    ana.cut()
    await asyncio.sleep(3.5)
    assert (await class_.presence())["connected"]


@led
async def test_whoever_is_lost_was_there_until_the_last_sign_of_life(class_: Class) -> None:
    """The class may be over before ten minutes are; a device that comes back was away between."""
    ana = await class_.by_key()
    await class_.until(lambda: class_.is_written_down(until=False))
    await ana.beat(title="The last thing")
    await asyncio.sleep(0.5)
    heard = (await class_.presence())["last_heartbeat_at"]
    ana.cut()
    await asyncio.sleep(0.5)
    await class_.do("half_a_minute_later")
    [span] = await class_.until(lambda: class_.is_written_down(until=True))
    assert span["until"] == heard > span["since"]
    ana = await class_.by_key()
    there = await class_.until(lambda: class_.is_written_down(until=False))
    assert len(there) == 2
    await ana.close()


@led
async def test_whoever_did_not_come_back_after_a_start_went_with_the_server(
    class_: Class,
) -> None:
    await class_.do("came", student=class_.accounts["ben"])
    ana = await class_.by_key()
    await class_.until(lambda: class_.is_written_down(until=False))
    await class_.do("notice_absent")
    await class_.until(lambda: class_.is_written_down("ben", until=True))
    assert await class_.is_written_down("ana", until=False)
    await ana.close()


def test_whoever_is_connected_to_another_process_is_not_absent(a_school: School) -> None:
    classes = Classes(a_school)
    session, at = classes.start(), a_school.clock.at
    ana, ben = account(a_school, "ana").pk, account(a_school, "ben").pk
    a_school.do(notice_devices, came=[ana, ben], by=clock_of(a_school.id))
    found = queries.there_before(a_school.clock.move(minutes=1))

    async def in_database(work: Callable[[], Any]) -> Any:
        return found

    reports = Reports(in_database)
    presences.beat(ana, 1, DeviceState(), at, "another process")
    asyncio.run(reports.notice_absent(a_school.clock.at))
    presences.gone(ana, 1, "another process")
    assert {row.student.id for row, _ in found} == {ana, ben}
    assert reports._moves == {session.school_id: {ben: at}}


ANA = 7


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Presences:
    """Where nobody is yet."""
    room = Presences()
    monkeypatch.setattr(devices, "presences", room)
    return room


@pytest.fixture
def house(room: Presences) -> devices.Devices:
    """A process to which Ana was connected."""
    house = devices.Devices(Hub(asyncio.to_thread))
    room.listen(house._moved)
    house._schools[ANA] = 1
    return house


def test_who_is_lost_is_said_where_the_device_is(room: Presences, house: devices.Devices) -> None:
    """Of a device of another process only notices tell, and they may stall."""
    at, lost, moves = clock.now(), timedelta(seconds=30), house.reports._moves
    room.beat(ANA, 1, DeviceState(), at, "another process")
    room.look(at + lost)
    assert moves == {}
    room.beat(ANA, 2, DeviceState(), at + lost)
    room.look(at + lost + lost)
    assert moves == {1: {ANA: at + lost}}


def test_whoever_is_back_at_another_process_is_written_down_as_there(
    room: Presences, house: devices.Devices
) -> None:
    """This one may have said that they were lost."""
    at, moves = clock.now() - timedelta(seconds=40), house.reports._moves
    room.beat(ANA, 1, DeviceState(), at, "another process")
    room.look(at + timedelta(seconds=30))
    room.alive(ANA, 1, at + timedelta(seconds=1), "another process")
    assert moves == {}  # rounded otherwise, and as old as before
    room.look(at + timedelta(seconds=31))
    room.alive(ANA, 1, at + timedelta(seconds=35), "another process")
    assert moves == {1: {ANA: None}}


def test_whoever_is_lost_when_a_class_begins_is_not_written_down_as_there(
    room: Presences, house: devices.Devices
) -> None:
    """The lid was shut before; the connection does not know it yet."""
    at, moves = clock.now(), house.reports._moves
    owner = Owner(ANA, "Ana Lopez", 1, "Lakeside", Permit("key", "1", ANA))

    async def begin() -> None:
        house.joined(Device(owner, "en", 10, house, DeviceState()))

    room.beat(ANA, 1, DeviceState(), at)
    room.look(at + timedelta(seconds=30))
    moves.clear()
    asyncio.run(begin())
    assert moves == {}
    room.beat(ANA, 1, DeviceState(), at + timedelta(seconds=40))
    assert moves == {1: {ANA: None}}
    moves.clear()
    asyncio.run(begin())
    assert moves == {1: {ANA: None}}


def test_a_server_that_starts_looks_once_who_did_not_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[datetime] = []

    async def note(since: datetime) -> None:
        looked.append(since)
        if len(looked) == 1:
            raise OperationalError

    async def story() -> None:
        house = devices.Devices(Hub(asyncio.to_thread))
        monkeypatch.setattr(house.reports, "notice_absent", note)
        await house.start()
        await asyncio.sleep(0.1)
        await house.stop()

    monkeypatch.setattr(devices, "_BACK_AT_LAST_SECONDS", 0)
    monkeypatch.setattr(devices, "CHECK_SECONDS", 0.01)
    asyncio.run(story())
    assert len(looked) == 2  # the database did not answer the first time


def a_picture(width: int = 480, colour: str = "navy", kind: str = "WEBP") -> str:
    file = BytesIO()
    Image.new("RGB", (width, 270), colour).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


@led
async def test_pictures_are_taken_while_somebody_looks_and_kept_while_they_do(
    class_: Class,
) -> None:
    ana = await class_.by_key(state={"can_show": True})
    student = class_.accounts["ana"]
    await ana.hears("desired")
    await ana.say("picture", data=a_picture())  # nobody looks
    await class_.do("look", student=student)
    look = await ana.hears("look")
    assert look["by"] == ["Ms. Rivera"]
    assert (look["every_seconds"], look["widest"]) == (10, 480)
    assert await class_.do("picture", student=student) is None
    await ana.say("picture", data=a_picture())
    kept = await class_.until(lambda: class_.do("picture", student=student))
    assert kept[0] == "image/webp"
    first = await class_.presence()
    await ana.say("picture")

    async def came_again() -> Any:
        second = await class_.presence()
        return second if second["picture_at"] > first["picture_at"] else None

    assert (await class_.until(came_again))["picture_mark"] == first["picture_mark"]
    await ana.say("leave")
    await class_.until(class_.is_gone)
    assert await class_.do("picture", student=student) is None


@led
async def test_a_picture_that_was_forgotten_is_asked_for_whole(class_: Class) -> None:
    cam = await class_.by_key("cam", state={"can_show": True})
    student = class_.accounts["cam"]

    async def not_pictured() -> bool:
        return (await class_.presence("cam"))["picture_at"] is None

    async def is_kept() -> Any:
        return await class_.do("picture", student=student)

    await cam.hears("desired")
    await class_.do("look", student=student)
    assert (await cam.hears("look"))["whole"]
    await cam.say("picture", data=a_picture())
    await class_.until(is_kept)
    await class_.do("look", student=student)
    assert not (await cam.hears("look"))["whole"]
    await class_.do("look_away", student=student)
    await cam.hears("look")
    await class_.until(not_pictured)
    assert (await class_.presence("cam"))["picture_mark"] == ""
    await cam.say("picture")  # nobody looks
    assert await cam.hears_nothing("look")
    await class_.do("look", student=student)
    assert (await cam.hears("look"))["whole"]
    await cam.say("picture")  # as before, which nobody has any more
    assert (await cam.hears("look"))["whole"]
    assert await not_pictured()
    await cam.say("picture", data=a_picture())
    await class_.until(is_kept)
    await class_.do("look_away", student=student)
    await cam.close()


@led
async def test_what_is_no_picture_is_not_kept(class_: Class) -> None:
    ana = await class_.by_key(state={"can_show": True})
    await ana.hears("desired")
    await class_.do("look", student=class_.accounts["ana"])
    await ana.hears("look")
    text = base64.b64encode(b"<svg onload='alert(1)'>").decode()
    for data in (text, a_picture(481), a_picture(kind="GIF"), ""):
        await ana.say("picture", data=data)
        assert (await ana.hears("error"))["code"] == "bad_message"
    assert await class_.do("picture", student=class_.accounts["ana"]) is None
    await ana.close()


def test_sites_are_kept_while_a_class_runs_and_shown_when_it_is_over(class_: Class) -> None:
    async def story() -> None:
        cam = await class_.by_key("cam", state={"title": "Before", "url": "https://example.org/a"})
        assert cam.welcome["sites_kept_days"] == 30
        assert (await cam.hears("desired"))["class_session"] is None
        await cam.beat(title="Still before", url="https://example.org/b", can_show=True)

        async def can_show() -> Any:
            return (await class_.presence("cam"))["can_show"]

        await class_.until(can_show)
        assert (await class_.presence("cam"))["active_title"] == ""
        await class_.start()
        await cam.hears("desired")
        assert (await class_.presence("cam"))["active_title"] == "Still before"
        await asyncio.sleep(0.3)
        await cam.beat(title="Ga\x00mes", url="https://www.games.example.com/?q=1")
        await asyncio.sleep(0.3)
        await cam.beat(title="Nothing", url="chrome://newtab/")
        session, student = class_.session, class_.accounts["cam"]
        await class_.stop()
        await cam.beat(title="After", url="https://example.org/c")
        assert (await class_.presence("cam"))["active_title"] == ""
        kept = await class_.until(lambda: class_.do("sites", session=session, student=student))
        assert [site[:2] for site in kept] == [
            ["example.org", "Still before"], ["games.example.com", "Ga mes"],
        ]  # fmt: skip
        assert all(0.2 < site[2] < 5 for site in kept)
        await cam.close()

    asyncio.run(story())


@led
async def test_forty_devices_hear_a_command_and_answer_it(class_: Class) -> None:
    names = [f"student{number}" for number in range(40)]
    devices = await forty(lambda number: class_.by_key(names[number]))
    command = await class_.ask("announcement", *names, text="Five minutes left.")
    for device in devices:
        assert (await device.hears("command"))["id"] == command
        await device.say("ack", command=command)
    await class_.result(command, names[-1])
    results = await class_.do("results", command=command)
    assert list(results.values()) == [["applied", ""]] * 40
    for device in devices:
        await device.close()
