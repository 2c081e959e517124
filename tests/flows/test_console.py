"""The console's stream on a real server: who may listen, and what a real device shows there."""

import asyncio
import re
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.agent.client import Device
from tests.agent.test_class import Class, a_picture
from tests.flows.test_streams import Page, Person, Server

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def class_(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Class]:
    database = ""
    if request.config.getoption("--database") == "postgres":
        database = request.getfixturevalue("postgres").new_database()
    server = Server(tmp_path_factory.mktemp("console"), database, "tests.agent.beside")
    found = Class(server)
    asyncio.run(found.start())
    yield found
    for one in _people.values():
        one.close()
    _people.clear()
    server.stop()


_people: dict[str, Person] = {}


def person(class_: Class, name: str) -> Person:
    """Somebody with a browser, closed with the server."""
    if name not in _people:
        _people[name] = class_.server.person(name, class_.sessions.get(name, "none"))
    return _people[name]


def listen(class_: Class, name: str = "rivera") -> Page:
    """The console of somebody who leads the class, from the number of its page on."""
    one = person(class_, name)
    html = one.http.get(f"/classroom/sessions/{class_.session}").text
    after = re.search(r'after="(\d+)"', html)
    assert after is not None
    return Page(one, "console", int(after[1]), {"session": class_.session})


def card_of(page: Page, student_id: int, seconds: float = 5) -> str:
    """The next card that comes of this student, whole."""
    end = time.monotonic() + seconds
    while True:
        _, data = page.hears(seconds=max(end - time.monotonic(), 0.01))
        for piece in data.split('<li class="student ')[1:]:
            if f'id="student-{student_id}"' in piece:
                return piece


def test_who_may_listen(class_: Class) -> None:
    expected = {
        "nobody": 401, "ito": 401, "ana": 403, "lou": 403, "tia": 403, "stone": 404, "otto": 404,
        "eli": 403, "rivera": 200, "okafor": 200, "park": 200, "dana": 200,
    }  # fmt: skip
    found = {
        name: person(class_, name).status_of_stream("console", session=class_.session, after=1)
        for name in expected
    }
    assert found == expected


def test_not_another_class_and_not_without_a_number(class_: Class) -> None:
    algebra = asyncio.run(class_.do("start", class_="algebra"))
    rivera = person(class_, "rivera")
    assert rivera.status_of_stream("console", session=algebra, after=1) == 403
    assert rivera.status_of_stream("console", session=10**9, after=1) == 404
    assert rivera.status_of_stream("console", session=class_.session) == 400
    assert rivera.status_of_stream("console", session="x", after=1) == 400
    assert rivera.http.get(f"/classroom/sessions/{algebra}").status_code == 403
    # A substitute leads it as long as it runs, and reads nothing of it afterwards.
    park, dana = person(class_, "park"), person(class_, "dana")
    assert park.status_of_stream("console", session=algebra, after=1) == 200
    dana.post(f"/classroom/sessions/{algebra}/stop")
    assert park.status_of_stream("console", session=algebra, after=1) == 403
    assert dana.status_of_stream("console", session=algebra, after=1) == 200


def test_a_device_is_seen_as_it_comes_speaks_and_goes(class_: Class) -> None:
    ben = class_.accounts["ben"]
    page = listen(class_)
    assert "Not online" in card_of(page, ben)

    async def story() -> None:
        device: Device = await class_.by_key("ben", state={
            "title": "<b>Essay</b>", "url": "https://www.example.org/essay", "can_show": True,
        })  # fmt: skip
        here = await heard(page, ben)
        assert "Active" in here
        assert "&lt;b&gt;Essay&lt;/b&gt;" in here and "example.org" in here
        await device.beat(title="Game", idle_seconds=400)
        assert "Inactive" in await heard(page, ben, "Game")
        await device.say("hand", raised=True, request_id=str(uuid4()))
        assert "is-hand" in await heard(page, ben, "is-hand")
        await device.say("leave")
        await device.close()
        assert "Game" not in await heard(page, ben, "Not online", seconds=8)

    asyncio.run(story())
    page.close()


async def heard(page: Page, student_id: int, text: str = "", seconds: float = 5) -> str:
    """The next card of the student that says this."""
    end = time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        found = await asyncio.to_thread(card_of, page, student_id, left)
        if text in found:
            return found


def test_a_forgotten_picture_is_a_sentence_until_the_next_one(class_: Class) -> None:
    mia = class_.accounts["mia"]
    page = listen(class_)

    async def story() -> None:
        device: Device = await class_.by_key("mia", state={"title": "Map", "can_show": True})
        assert "No picture yet." in await heard(page, mia, "Map")
        for _ in range(2):
            await class_.do("look", student=mia)
            await device.say("picture", data=a_picture())
            assert "No picture yet." not in await heard(page, mia, "<img src=")
            await class_.do("look_away", student=mia)
            assert "<img src=" not in await heard(page, mia, "No picture yet.")
        await device.close()

    asyncio.run(story())
    page.close()


def test_a_command_and_its_answer_come_to_every_console(class_: Class) -> None:
    pages = [listen(class_, name) for name in ("rivera", "okafor")]

    async def story() -> None:
        device = await class_.page("cam")
        await class_.ask("lock", "cam", text="Eyes on me")
        told = await device.hears("command")
        await device.say("ack", command=told["id"])
        for page in pages:
            while "is-applied" not in (await asyncio.to_thread(page.hears))[1]:
                pass
        await device.close()

    asyncio.run(story())
    for page in pages:
        page.close()


def test_an_admin_who_acts_as_the_teacher_is_told_nothing(class_: Class) -> None:
    dana = person(class_, "dana")
    dana.post("/acting/begin", account=f"classroom-{class_.accounts['rivera']}")
    dana.http.cookies.delete("corridor-session", domain="")  # the answer brought it again
    page, beside = listen(class_, "dana"), listen(class_, "okafor")
    card_of(beside, class_.accounts["ben"])

    async def story() -> None:
        device = await class_.page("ben")
        await device.say("hand", raised=True, request_id=str(uuid4()))
        assert "is-hand" in await heard(beside, class_.accounts["ben"], "is-hand")
        await class_.ask("announcement", "ben", text="Two minutes left")
        await device.say("leave")
        await device.close()

    asyncio.run(story())
    assert page.hears_no_card()
    page.close()
    beside.close()
    dana.post("/acting/end")


def test_a_lock_that_failed_stands_on_the_card(class_: Class) -> None:
    mia = class_.accounts["mia"]
    page = listen(class_)

    async def story() -> None:
        device: Device = await class_.page("mia")
        await class_.ask("site_lock", "mia", sites=["example.org"])
        told = await device.hears("command")
        assert "is-failed" not in await heard(page, mia, "Site lock")
        await device.say("ack", command=told["id"], why="not_supported")
        assert "is-failed" in await heard(page, mia, "Site lock failed")
        await device.close()

    asyncio.run(story())
    page.close()
    one = person(class_, "rivera").http.get(f"/classroom/sessions/{class_.session}/students/{mia}")
    assert "Site lock failed" in one.text and "This device cannot do that" in one.text


def test_the_stream_ends_with_the_sign_in(class_: Class) -> None:
    page = listen(class_, "park")
    park = person(class_, "park")
    park.post("/account/sign-out")
    page.hears("bye", seconds=8)
    page.close()


def test_a_removed_co_teacher_is_told_to_load_afresh_and_may_not(class_: Class) -> None:
    page, okafor = listen(class_, "okafor"), person(class_, "okafor")
    here = f"/classroom/sessions/{class_.session}"
    assert okafor.http.get(here).status_code == 200
    start = okafor.http.get("/classroom/classes").text
    english = re.search(r"/classroom/classes/(\d+)\"[^>]*><bdi>English 2", start)
    assert english is not None
    dana, lead = person(class_, "dana"), class_.accounts["rivera"]
    dana.post(f"/classroom/classes/{english[1]}/teachers", lead=lead)
    page.hears("reload")
    page.close()
    assert okafor.http.get(here).status_code == 403
    assert okafor.status_of_stream("console", session=class_.session, after=1) == 403
