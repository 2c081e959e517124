"""What the stream of a page of Classroom pushes: to whom, and what draws the page afresh."""

import asyncio

import pytest

from corridor.accounts.people import link_locations
from corridor.integration.hearing import hearing_of
from corridor.live.log import read_log
from corridor.roster.changes import change_settings
from corridor.web.classroom.live import ClassroomStream
from tests.integration.people import signed, switch
from tests.school import School


def pushed(school: School, key: str, after: int) -> str:
    """What this person's page is told of everything that was announced on its topics since."""
    who = signed(school, key)
    hearing, events = hearing_of(who), read_log(school.id, after)

    async def listen() -> str:
        stream = ClassroomStream(who, hearing, "en")
        for event in events:
            if stream.topics.intersection(event.topics):
                stream.hear(event)
        stream.close()
        told: list[bytes] = []

        async def send(message: dict[str, object]) -> None:
            body = message["body"]
            assert isinstance(body, bytes)
            told.append(body)

        await stream.pour(send)
        return b"".join(told).decode()

    return asyncio.run(listen())


@pytest.fixture
def integrated(a_school: School) -> School:
    """The school shows Pass in Classroom."""
    switch(a_school, on=True)
    return a_school


def test_row_6_a_request_pops_up_for_the_from_teacher_alone(integrated: School) -> None:
    """Mr. Okafor is the to-teacher and the co-teacher of Ana's class, Dana an admin."""
    after = integrated.last
    card = integrated.ask(to=integrated.room_118)
    told = pushed(integrated, "rivera", after)
    assert f'id="popup-{card.id}"' in told and 'data-pops="request"' in told
    for key in ("okafor", "dana", "park", "tia"):
        assert 'data-pops="request"' not in pushed(integrated, key, after), key
    for key in ("dana", "park", "tia"):
        assert pushed(integrated, key, after) == ""


def test_row_9_who_is_on_the_way_pops_up_for_the_to_teacher_alone(integrated: School) -> None:
    integrated.change_place(integrated.room_118, trip_type="layover")
    card = integrated.ask(to=integrated.room_118)
    after = integrated.last
    integrated.press("approve", card, integrated.rivera)
    told = pushed(integrated, "okafor", after)
    assert 'data-pops="coming"' in told
    for move in ("arrive", "send_back", "end_and_keep"):
        assert f'/classroom/passes/{card.id}/{move}"' in told
    ended = pushed(integrated, "rivera", after)
    assert 'data-pops=""' in ended and 'data-pops="coming"' not in ended


@pytest.mark.parametrize("move", ["approve", "cancel", "withdraw", "expire"])
def test_row_5_whatever_decides_it_ends_the_popup(integrated: School, move: str) -> None:
    card, after = integrated.ask(), integrated.last
    if move == "expire":
        integrated.wait(minutes=11)
    else:
        integrated.press(move, card, integrated.ana if move == "withdraw" else integrated.rivera)
    assert f'id="popup-{card.id}"' in pushed(integrated, "rivera", after)
    assert 'data-pops="request"' not in pushed(integrated, "rivera", after)


def test_row_1_the_switch_draws_every_page_afresh_at_once(integrated: School) -> None:
    for on in (False, True):
        after = integrated.last
        switch(integrated, on=on)
        for key in ("rivera", "park"):
            assert "event: reload" in pushed(integrated, key, after)


def test_other_settings_do_not(integrated: School) -> None:
    after = integrated.last
    integrated.do(change_settings, {"long_running": 7}, by=integrated.dana.who)
    assert pushed(integrated, "rivera", after) == ""


def test_other_locations_of_the_person_do(integrated: School) -> None:
    after = integrated.last
    integrated.do(link_locations, location_ids=[integrated.library], by=integrated.rivera)
    assert "event: reload" in pushed(integrated, "rivera", after)
    assert pushed(integrated, "okafor", after) == ""
