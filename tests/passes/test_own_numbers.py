"""The numbers of an adult's own places: what the lists show and the limits judge, of them only."""

from typing import NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corridor.accounts.actors import Actor
from corridor.passes import queries
from corridor.passes.auto import choose_auto
from corridor.passes.refusals import Refused
from tests.school import School

pytestmark = pytest.mark.django_db


class Numbers(NamedTuple):
    out: int
    uses: dict[tuple[str, str], tuple[int, int | None, bool]]


def numbers(school: School, adult: Actor, own_room: int | None = None) -> Numbers:
    """As the adult's dashboard tells them, now."""
    own = queries.in_places(adult.school_id, school.clock.at).of(adult.location_ids, own_room)
    uses = {(use.name, use.what): (use.taken, use.limit, use.is_full) for use in own.uses}
    return Numbers(own.out, uses)


def test_mine_is_what_my_passes_list_as_out(a_school: School) -> None:
    """A request is not out yet; one between two of my own places is one pass."""
    okafor = a_school.okafor
    a_school.ask(a_school.ana, a_school.library)
    assert numbers(a_school, okafor).out == 0
    a_school.out(a_school.cam, a_school.library)
    way = a_school.give(
        a_school.ben, a_school.library, origin=a_school.room_118, by=okafor, pre_approved=True,
        override=frozenset({"daily_limit"}),
    )  # fmt: skip
    listed = queries.open_passes(a_school.id, okafor.location_ids)
    assert numbers(a_school, okafor).out == sum(card.is_out for card in listed) == 2
    a_school.press("end", way, okafor)
    assert numbers(a_school, okafor).out == 1


def test_a_place_is_full_when_the_next_one_is_refused(a_school: School) -> None:
    """A request that waits holds a place; whoever returns has left it."""
    a_school.change_place(a_school.nurse, capacity=1)
    nurse = ("Nurse", "capacity")
    assert numbers(a_school, a_school.ito).uses == {nurse: (0, 1, False)}
    card = a_school.ask(a_school.ana, a_school.nurse)
    assert numbers(a_school, a_school.ito).uses[nurse] == (1, 1, True)
    with pytest.raises(Refused, match="destination_full"):
        a_school.ask(a_school.cam, a_school.nurse)
    a_school.press("approve", card, a_school.rivera)
    a_school.press("send_back", card, a_school.ito)
    assert numbers(a_school, a_school.ito).uses[nurse] == (0, 1, False)
    a_school.ask(a_school.cam, a_school.nurse)


def test_a_room_is_full_when_nobody_more_may_leave_it(a_school: School) -> None:
    """Whoever returns is still out of it."""
    a_school.change_place(a_school.room_204, room_limit=1)
    room = ("Room 204", "room")
    card = a_school.out(a_school.ana, a_school.nurse)
    a_school.press("send_back", card, a_school.ito)
    assert numbers(a_school, a_school.rivera).uses == {room: (1, 1, True)}
    with pytest.raises(Refused, match="room_limit"):
        a_school.ask(a_school.cam, a_school.library)
    a_school.press("end", card, a_school.rivera)
    assert numbers(a_school, a_school.rivera).uses == {room: (0, 1, False)}


def test_what_the_clock_owes_is_not_counted(a_school: School) -> None:
    """As the rules leave out what should have been closed by now."""
    a_school.change_place(a_school.nurse, capacity=2)
    a_school.change_place(a_school.room_204, room_limit=2)
    a_school.allow_auto(a_school.nurse, limit=2)
    a_school.press("start", a_school.ask(), a_school.ana)
    before = numbers(a_school, a_school.rivera, a_school.room_204).uses
    assert before == {("Room 204", "auto"): (1, 2, False), ("Room 204", "room"): (1, 2, False)}
    a_school.wait(hours=3, timer=False)
    after = numbers(a_school, a_school.rivera, a_school.room_204).uses
    assert {taken for taken, _, _ in after.values()} == {0}
    assert numbers(a_school, a_school.ito).uses == {("Nurse", "capacity"): (0, 2, False)}


def test_auto_pass_counts_whom_the_adult_let_go_without_a_press(a_school: School) -> None:
    """Where it is on, in the adult's own room; full when the next one cannot start."""
    a_school.allow_auto(a_school.nurse, limit=1)
    auto = ("Room 204", "auto")
    other = a_school.ask(a_school.cam)
    a_school.press("start", a_school.ask(), a_school.ana)
    assert numbers(a_school, a_school.rivera, a_school.room_204).uses == {auto: (1, 1, True)}
    with pytest.raises(Refused, match="auto_full"):
        a_school.press("start", other, a_school.cam)
    # Approved by the adult it is no Auto Pass; without a limit it is never full.
    a_school.press("approve", other, a_school.rivera)
    a_school.allow_auto(a_school.nurse)
    assert numbers(a_school, a_school.rivera, a_school.room_204).uses == {auto: (1, None, False)}
    # A place that the admin took back is on no more, whatever the adult chose.
    a_school.change_place(a_school.nurse, may_be_auto=False)
    assert not numbers(a_school, a_school.rivera, a_school.room_204).uses
    a_school.change_place(a_school.nurse, may_be_auto=True)
    a_school.do(choose_auto, modes={}, limit=1, by=a_school.rivera)
    assert not numbers(a_school, a_school.rivera, a_school.room_204).uses


def test_nobody_is_told_of_places_that_are_not_theirs(a_school: School) -> None:
    """Nor of another school, nor of what another adult lets students do by themselves."""
    for place in (a_school.nurse, a_school.room_204, a_school.library, a_school.restroom):
        a_school.change_place(place, capacity=5, room_limit=5)
    a_school.allow_auto(a_school.nurse, limit=3)
    a_school.out(a_school.ana, a_school.nurse)
    assert {name for name, _ in numbers(a_school, a_school.okafor).uses} == {"Library"}
    assert {name for name, _ in numbers(a_school, a_school.ito).uses} == {"Nurse", "Restroom B"}
    assert numbers(a_school, a_school.dana) == Numbers(0, {})
    assert numbers(a_school, a_school.stone) == Numbers(0, {})
    assert numbers(a_school, a_school.otto) == Numbers(0, {})
    whats = {what for _, what in numbers(a_school, a_school.rivera, a_school.room_118).uses}
    assert whats == {"capacity", "room"}


def test_however_many_adults_it_is_asked_once(a_school: School) -> None:
    """Everybody's numbers come from the same two statements."""
    a_school.out(a_school.ana, a_school.nurse)
    with CaptureQueriesContext(connection) as asked:
        found = queries.in_places(a_school.id, a_school.clock.at)
        told = [found.of(adult.location_ids, None).out for adult in (
            a_school.rivera, a_school.ito, a_school.okafor, a_school.dana,
        )]  # fmt: skip
    assert (len(asked.captured_queries), told) == (2, [1, 1, 0, 0])
