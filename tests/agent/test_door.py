"""The devices' door of a real server: who is let in, what is heard, what is cut off."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.agent.client import Device, forty, opened
from tests.flows.test_streams import Server

pytestmark = pytest.mark.thorough

Story = Callable[["Door"], Coroutine[Any, Any, None]]


class Door:
    """A server, and short ways to connect to it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = server.url
        self.accounts: dict[str, int] = server.school["classroom"]
        self.sessions: dict[str, str] = server.school["classroom_sessions"]
        self.key: str = server.school["device_key"]

    async def page(self, name: str = "ana", **more: Any) -> Device:
        return await Device.page(self.url, self.accounts[name], self.sessions[name], **more)

    async def by_key(self, name: str = "ana", key: str = "", **more: Any) -> Device:
        sign_in = {"by": "key", "key": key or self.key, "email": f"{name}@example.org"}
        return await Device.connect(self.url, sign_in, **more)

    async def refuses(self, sign_in: dict[str, Any], **more: Any) -> tuple[str, int | None]:
        """The code and the number with which a sign-in is refused."""
        device = await Device.connect(self.url, sign_in, **more)
        number = await device.is_closed()
        return device.bye.get("code", "let in"), number


@pytest.fixture(scope="module")
def door(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Door]:
    database = ""
    if request.config.getoption("--database") == "postgres":
        database = request.getfixturevalue("postgres").new_database()
    server = Server(tmp_path_factory.mktemp("devices"), database, "tests.agent.beside")
    yield Door(server)
    server.stop()


def told(story: Story) -> Callable[[Door], None]:
    """A story that is told in an event loop."""

    def test(door: Door) -> None:
        asyncio.run(story(door))

    test.__name__, test.__doc__ = story.__name__, story.__doc__
    return test


@told
async def test_a_student_joins_by_the_own_sign_in(door: Door) -> None:
    ana = await door.page()
    assert ana.welcome["student_name"] == "Ana Lopez"
    assert ana.welcome["student_id"] == door.accounts["ana"]
    assert ana.welcome["secret"] is None
    await ana.close()


@told
async def test_a_managed_device_joins_by_the_schools_key(door: Door) -> None:
    ana = await door.by_key()
    assert ana.welcome["student_id"] == door.accounts["ana"]
    await ana.close()


@pytest.mark.parametrize(
    ("name", "account", "outcome"),
    [
        ("nobody", "ana", "not_signed_in"),
        ("ben", "ana", "not_signed_in"),  # another student
        ("eli", "ana", "not_signed_in"),  # of another school
        ("ana", "eli", "not_signed_in"),
        ("rivera", "ana", "not_signed_in"),  # the teacher
        ("rivera", "rivera", "not_signed_in"),  # adults have no device here
    ],
)
def test_nobody_claims_to_be_another(door: Door, name: str, account: str, outcome: str) -> None:
    sign_in = {"by": "page", "account": door.accounts[account]}
    session = door.sessions.get(name, "")
    found = asyncio.run(door.refuses(sign_in, session=session, origin=door.url))
    assert found == (outcome, 4401)


@pytest.mark.parametrize(
    "origin", ["", "https://evil.example", "http://127.0.0.1:1", "null", "chrome-extension://abc"]
)
def test_a_cookie_counts_only_on_a_page_of_ours(door: Door, origin: str) -> None:
    sign_in = {"by": "page", "account": door.accounts["ana"]}
    found = asyncio.run(door.refuses(sign_in, session=door.sessions["ana"], origin=origin))
    assert found == ("wrong_origin", 4403)


def test_a_cookie_does_not_help_a_wrong_key(door: Door) -> None:
    sign_in = {"by": "key", "key": "corridor-devices_00_00", "email": "ana@example.org"}
    found = asyncio.run(door.refuses(sign_in, session=door.sessions["ana"], origin=door.url))
    assert found == ("wrong_key", 4401)


@pytest.mark.parametrize("email", ["eli@example.org", "nobody@example.org", "rivera@example.org"])
def test_a_key_lets_in_students_of_its_school_only(door: Door, email: str) -> None:
    found = asyncio.run(door.refuses({"by": "key", "key": door.key, "email": email}))
    assert found == ("wrong_key", 4401)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("hello", "bad_message"),
        ("{}", "bad_message"),
        ('{"type": "beat"}', "hello_first"),
        ('{"type": "hello", "version": 2, "sign_in": {"by": "page", "account": 1}}', "version"),
        ('{"type": "hello", "version": 1, "sign_in": {"by": "magic"}}', "bad_message"),
        ('{"type": "hello", "version": 1, "sign_in": {"by": "page", "account": "x"}}',
         "bad_message"),
        ('{"type": "hello", "version": 1, "sign_in": {"by": "device", "secret": "\\u0000"}}',
         "wrong_device"),
        ('{"type": "hello", "version": 1, "sign_in": {"by": "code", "code": "\\u0000"}}',
         "wrong_code"),
    ],
)  # fmt: skip
def test_whoever_cannot_say_hello_is_told_why(door: Door, first: str, code: str) -> None:
    async def story() -> None:
        socket = await opened(door.url)
        await socket.send(first)
        assert json.loads(await socket.recv())["code"] == code
        with pytest.raises(ConnectionClosed):
            await socket.recv()

    asyncio.run(story())


@told
async def test_no_other_address_speaks_websocket(door: Door) -> None:
    with pytest.raises(InvalidStatus):
        await opened(door.url + "/other")


@told
async def test_what_is_not_understood_is_told_and_then_too_much(door: Door) -> None:
    ana = await door.page()
    for number in range(4):
        await ana.say("dance", step=number)
        assert (await ana.hears("error"))["code"] == "bad_message"
    await ana.socket.send(b"\x00\x01")
    assert await ana.is_closed() == 4400
    assert ana.bye["code"] == "bad_message"


@told
async def test_whoever_speaks_all_the_time_is_cut_off(door: Door) -> None:
    ana = await door.page()
    for _ in range(60):
        await ana.say("beat")
    assert await ana.is_closed() == 4429
    assert ana.bye["again_in"] == 30


@told
async def test_a_message_that_is_too_large_ends_the_connection(door: Door) -> None:
    ana = await door.page()
    await ana.beat(title="x" * 70_000)
    assert await ana.is_closed() == 1009


@told
async def test_one_student_has_five_devices_at_most(door: Door) -> None:
    five = await forty(lambda _: door.by_key("cam"), 5)
    assert all(device.welcome for device in five)
    sixth = await door.by_key("cam")
    assert (sixth.bye["code"], await sixth.is_closed()) == ("too_many", 4429)
    await five[0].close()
    again = await door.by_key("cam")
    assert again.welcome
    for device in (*five[1:], again):
        await device.close()


@told
async def test_no_number_of_pages_keeps_the_schools_device_out(door: Door) -> None:
    pages = await forty(lambda _: door.page("cam"), 5)
    assert all(page.welcome for page in pages)
    sixth = await door.page("cam")
    assert (sixth.bye["code"], await sixth.is_closed()) == ("too_many", 4429)
    device = await door.by_key("cam")
    assert device.welcome
    for one in (*pages, device):
        await one.close()


@told
async def test_a_pairing_code_brings_a_secret_that_lets_in(door: Door) -> None:
    code = door.server.school["pairing_code"]
    sign_in = {"by": "code", "code": code}
    ben = await Device.connect(door.url, sign_in, device="Laptop")
    secret = ben.welcome["secret"]
    assert ben.welcome["student_id"] == door.accounts["ben"]
    await ben.close()
    again = await Device.connect(door.url, {"by": "device", "secret": secret})
    assert again.welcome["student_id"] == door.accounts["ben"]
    # Another network: it comes by a new connection before anybody knows that the old one is dead.
    roamed = await Device.connect(door.url, {"by": "device", "secret": secret})
    assert (await again.is_closed(), again.bye["code"]) == (4409, "replaced")
    assert roamed.socket.close_code is None
    await roamed.close()
    assert await door.refuses(sign_in) == ("wrong_code", 4401)


@told
async def test_forty_devices_are_let_in_and_stay(door: Door) -> None:
    class_ = await forty(lambda n: door.by_key(f"student{n}"))
    assert all(device.welcome for device in class_)
    assert len({device.welcome["student_id"] for device in class_}) == 40
    for device in class_:
        await device.beat(title="Working")
    for device in class_:
        await device.close()


@told
async def test_a_revoked_key_ends_its_devices_within_five_seconds(door: Door) -> None:
    dana = door.server.person("dana")
    page = await asyncio.to_thread(dana.post, "/classroom/settings/devices/keys", name="Lent")
    secret = re.findall(r'value="(corridor-devices_[^"]+)"', page.text)[0]
    key_id = re.findall(r"/classroom/settings/devices/keys/(\d+)/revoke", page.text)[0]
    ana, other = await door.by_key("ana", secret), await door.by_key("cam")
    begun = time.monotonic()
    await asyncio.to_thread(dana.post, f"/classroom/settings/devices/keys/{key_id}/revoke")
    assert await ana.is_closed(5) == 4401
    assert time.monotonic() - begun < 5
    assert ana.bye == {
        "type": "bye", "code": "signed_out", "again_in": None,
        "text": "The sign-in, the key or the account is not good any more.",
    }  # fmt: skip
    assert other.socket.close_code is None
    assert await door.refuses({"by": "key", "key": secret, "email": "ana@example.org"}) == (
        "wrong_key",
        4401,
    )
    await other.close()
    dana.close()


@told
async def test_whoever_signs_out_is_cut_off_and_nobody_else(door: Door) -> None:
    mia, cam = await door.page("mia"), await door.page("cam")
    person = door.server.person("mia", session=door.sessions["mia"])
    await asyncio.to_thread(person.post, "/account/sign-out")
    assert await mia.is_closed(6) == 4401
    assert cam.socket.close_code is None
    await cam.close()
    person.close()


@told
async def test_an_adult_makes_a_code_and_the_device_is_paired(door: Door) -> None:
    dana = door.server.person("dana")
    page = await asyncio.to_thread(
        dana.post, "/classroom/settings/devices/codes", email="lou@example.org"
    )
    code = re.findall(r'class="pairing-code">([^<]+)<', page.text)[0]
    lou = await Device.connect(door.url, {"by": "code", "code": code}, device="<b>Lou's</b>")
    assert lou.welcome["student_id"] == door.accounts["lou"]
    page = await asyncio.to_thread(dana.http.get, "/classroom/settings/devices")
    assert "&lt;b&gt;Lou&#x27;s&lt;/b&gt;" in page.text
    await lou.close()
    dana.close()
