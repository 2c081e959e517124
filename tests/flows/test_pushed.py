"""What the stream of a page of Pass pushes to it, from the events that it hears."""

import asyncio
import re

import pytest

from corridor.accounts.models import PassAccount
from corridor.accounts.signins import SignedIn, signed_in
from corridor.live.log import read_log
from corridor.passes import moves, queries
from corridor.web import fragments
from corridor.web.stream import FACES, Stream
from tests.flows.signing_in import sign_in
from tests.passes.test_replay import STORIES
from tests.school import School


def signed(school: School, person: str) -> SignedIn:
    account = PassAccount.objects.get(pk=school.id_of(getattr(school, person)))
    found = signed_in(sign_in(account), school.clock.at)
    assert found is not None
    return found


def pushed(
    school: School, who: SignedIn, face: str, after: int, scope: str = "", *, late: bool = False
) -> list[str]:
    """The rows that this person's page is sent for everything it hears since, in order.

    `late`: it was cut off meanwhile, and hears all of it when it comes back.
    """
    topics = FACES[face][0].topics(who, scope)
    events = [event for event in read_log(school.id, after) if topics.intersection(event.topics)]

    async def listen() -> bytes:
        stream, told = Stream(FACES[face][0], who, "en", scope), list[bytes]()
        if not late:
            stream.begin()
        for event in events:
            stream.hear(event)
        stream.begin()
        stream.close()

        async def send(message: dict[str, bytes]) -> None:
            told.append(message["body"])

        await stream.pour(send)
        return b"".join(told)

    messages = asyncio.run(listen()).decode().split("\n\n")
    cards = [found for found in messages if found.startswith("event: card")]
    return [re.sub(r"^data: ", "", found.split("\n", 2)[2], flags=re.M) for found in cards]


def named(row: str, what: str) -> str:
    """What a row says of itself: its id, its section."""
    found = re.search(rf'^<li [^>]* {what}="([^"]*)"', row)
    assert found is not None
    return found[1]


def out_now(school: School, who: SignedIn) -> dict[str, str]:
    """The rows of the hall's list as the page loads it."""
    return {
        f"pass-{card.id}": fragments.hall_row(
            card, moves.relations(card, who.acting("hall"), hall_ends=who.settings.hall_ends),
            who.settings, "en",
        )
        for card in queries.open_passes(school.id)
        if card.is_out
    }  # fmt: skip


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("face", ["staff", "hall"])
def test_who_may_not_read_it_any_more_is_told_that_it_is_gone(
    a_school: School, face: str, late: bool
) -> None:
    """Mr. Okafor has no part in Ana's pass; Ms. Rivera and an admin go on reading it."""
    a_school.decide(ended_shown_to="concerned")
    after = a_school.last
    card = a_school.give(reason="Headache", pre_approved=True)
    a_school.press("end", card, a_school.rivera)
    *before, row = pushed(a_school, signed(a_school, "okafor"), face, after, "all", late=late)
    assert len(before) == (0 if late else 1)
    assert (named(row, "id"), named(row, "data-section")) == (f"pass-{card.id}", "")
    for name in ("Ana", "Room 204", "Nurse", "Headache", "Rivera"):
        assert name not in row
    for other in ("rivera", "dana"):
        rows = pushed(a_school, signed(a_school, other), face, after, "all", late=late)
        assert [named(row, "data-section") for row in rows] == ["out", "ended"]
        assert all("Ana Lopez" in row for row in rows)


@pytest.mark.parametrize("late", [False, True])
def test_what_is_gone_and_comes_back_is_whole(a_school: School, late: bool) -> None:
    a_school.decide(ended_shown_to="concerned")
    after = a_school.last
    STORIES["undo, ended"](a_school)
    *_, row = pushed(a_school, signed(a_school, "okafor"), "hall", after, late=late)
    assert named(row, "data-section") == "out" and "Ana Lopez" in row


@pytest.mark.parametrize("story", STORIES)
def test_the_hall_before_and_the_rows_pushed_is_the_hall_loaded_again(
    a_school: School, story: str
) -> None:
    a_school.out(a_school.cam, a_school.library)
    before, after = out_now(a_school, signed(a_school, "okafor")), a_school.last
    STORIES[story](a_school)
    who = signed(a_school, "okafor")
    for row in pushed(a_school, who, "hall", after):
        before.pop(named(row, "id"), None)
        if named(row, "data-section") == "out":
            before[named(row, "id")] = row
    assert before == out_now(a_school, who)


@pytest.mark.parametrize("then", ["cancel", "withdraw", "expire"])
def test_an_approval_taken_back_is_out_of_the_hall_whatever_follows(
    a_school: School, then: str
) -> None:
    """A phone that lost its connection for the moment of the undo hears of it afterwards."""
    STORIES["undo"](a_school)
    (card,), after = queries.open_passes(a_school.id), a_school.last
    if then == "expire":
        a_school.wait(minutes=11)
    else:
        a_school.press(then, card, a_school.ana if then == "withdraw" else a_school.rivera)
    (row,) = pushed(a_school, signed(a_school, "okafor"), "hall", after)
    assert named(row, "data-section") == "ended"


@pytest.mark.parametrize("undone", ["undo", "undo, cancelled"])
def test_a_request_that_waits_again_asks_nobody_in_the_hall(a_school: School, undone: str) -> None:
    """It is put into no list there, so it neither rings nor is counted."""
    after = a_school.last
    STORIES[undone](a_school)
    *_, row = pushed(a_school, signed(a_school, "okafor"), "hall", after)
    assert named(row, "data-section") == ""
