"""Who is given the picture of a student's screen: whoever leads the class and may look."""

import asyncio
import base64

import httpx
import pytest

from corridor.classroom.pictures import LOOKED_AT_FOR, BadPicture, Pictures, kind_of
from tests.accounts.pictures import picture
from tests.agent.test_class import Class, class_
from tests.conftest import MONDAY_10

pytestmark = pytest.mark.thorough

__all__ = ["class_"]

EVERYBODY = {
    "nobody": 401, "ana": 403, "ben": 403, "rivera": 200, "okafor": 200, "dana": 200, "park": 200,
    "tia": 403, "stone": 404, "otto": 404, "eli": 403,
}  # fmt: skip


async def shown(class_: Class, student: int) -> None:
    """Ana's device has sent a picture, because Ms. Rivera looks."""
    device = await class_.by_key("ana", state={"can_show": True})
    await device.hears("desired")
    await class_.do("look", student=student)
    await device.hears("look")
    data = base64.b64encode(picture(size=(480, 270))).decode()
    await device.say("picture", data=data)
    await class_.until(lambda: class_.do("picture", student=student))
    for name, status in EVERYBODY.items():
        answer = await asyncio.to_thread(asked, class_, name, student)
        assert (name, answer.status_code) == (name, status)
        assert (answer.headers["content-type"] == "image/jpeg") == (status == 200)
    answer = await asyncio.to_thread(asked, class_, "rivera", class_.accounts["ben"])
    assert answer.status_code == 404  # of his there is none
    answer = await asyncio.to_thread(asked, class_, "rivera", class_.accounts["eli"])
    assert answer.status_code == 404  # another school's
    await device.close()


def asked(class_: Class, name: str, student: int, **more: str) -> httpx.Response:
    cookies = {} if name == "nobody" else {"corridor-session": class_.sessions[name]}
    params: dict[str, str | int] = {"session": class_.session, "student": student, **more}
    with httpx.Client(base_url=class_.url, cookies=cookies) as client:
        return client.get("/classroom/picture", params=params)


def test_who_is_given_a_picture(class_: Class) -> None:
    student = class_.accounts["ana"]

    async def story() -> None:
        await class_.start()
        try:
            await shown(class_, student)
        finally:
            await class_.stop()
        await asyncio.sleep(3.2)  # what was believed of the class is asked again
        answer = await asyncio.to_thread(asked, class_, "rivera", student)
        assert answer.status_code == 404

    asyncio.run(story())


def test_a_picture_is_in_no_cache_and_runs_nothing(class_: Class) -> None:
    answer = asked(class_, "rivera", 1, session="x")
    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"


ANA = 7


@pytest.fixture
def pictures() -> Pictures:
    found = Pictures()
    found.look(1, "Ms. Rivera", [ANA], MONDAY_10)
    return found


def test_looking_is_a_lease(pictures: Pictures) -> None:
    look = pictures.looked_at(ANA, MONDAY_10)
    assert look is not None
    assert (look.names, look.until) == (("Ms. Rivera",), MONDAY_10 + LOOKED_AT_FOR)
    assert pictures.looked_at(ANA, MONDAY_10 + LOOKED_AT_FOR) is None


def test_what_nobody_looks_at_is_forgotten(pictures: Pictures) -> None:
    pictures.put(ANA, picture(size=(480, 270)), MONDAY_10)
    assert pictures.sweep(MONDAY_10) == []
    assert pictures.of(ANA) is not None
    assert pictures.sweep(MONDAY_10 + LOOKED_AT_FOR) == [ANA]
    assert pictures.of(ANA) is None
    assert pictures.put(ANA, picture(size=(480, 270)), MONDAY_10 + LOOKED_AT_FOR) is None


def test_two_who_look_are_both_named(pictures: Pictures) -> None:
    pictures.look(2, "Mr. Okafor", [ANA], MONDAY_10)
    look = pictures.looked_at(ANA, MONDAY_10)
    assert look is not None
    assert look.names == ("Mr. Okafor", "Ms. Rivera")


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"<svg/>", picture(size=(481, 10)), picture(size=(10, 1201))]
)
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(BadPicture):
        kind_of(data)
