"""Which sites were open in a class: gathered while it runs, kept as a short list."""

from datetime import timedelta

import pytest

from corridor.classroom.sites import MOST, MOST_PAGES, Found, Site, Sites, keep_sites, sites_of
from corridor.live.log import read_log
from tests.conftest import MONDAY_10
from tests.school import School

BOOK, GAMES = "https://www.example.org/book?page=7#top", "https://games.example.com/"
DEVICE = 1


class Room:
    """Ana (7) in session 5, with one device, at the test's clock."""

    def __init__(self, school: School) -> None:
        self.school, self.sites, self.at = school, Sites(), MONDAY_10

    def shows(self, url: str, title: str, *, device: int = DEVICE, session: int = 5) -> None:
        self.sites.seen(device, self.school.id, (session, 7), url, title, self.at)

    def wait(self, seconds: float, *, beating: bool = True) -> None:
        """Time passes; the device gives a sign of life every 20 seconds."""
        while beating and seconds > 20:
            self.wait(20, beating=False)
            self.sites.alive(DEVICE, self.at)
            seconds -= 20
        self.at += timedelta(seconds=seconds)

    def keep(self) -> None:
        for school_id, found in self.sites.take():
            keep_sites(school_id, found)

    def kept(self, session: int = 5) -> list[tuple[str, str, float]]:
        found = sites_of(self.school.id, session).get(7, [])
        return [(site.host, site.title, site.seconds) for site in found]


@pytest.fixture
def room(a_school: School) -> Room:
    return Room(a_school)


def test_each_page_stands_once_with_its_whole_time(room: Room) -> None:
    room.shows(BOOK, "Reading")
    room.wait(50)
    room.shows(GAMES, "Games")
    room.wait(10)
    room.shows(BOOK, "Reading")
    room.keep()
    room.wait(30)
    room.sites.left(DEVICE, room.at)
    room.keep()
    assert room.kept() == [("example.org", "Reading", 80), ("games.example.com", "Games", 10)]
    first = sites_of(room.school.id, 5)[7][0]
    assert (first.first_at, first.last_at) == (MONDAY_10, room.at)


def test_nobody_knows_what_was_open_while_a_device_was_silent(room: Room) -> None:
    room.shows(BOOK, "Reading")
    room.wait(15)
    room.sites.alive(DEVICE, room.at)
    room.wait(600, beating=False)
    room.sites.alive(DEVICE, room.at)
    room.wait(5)
    room.sites.left(DEVICE, room.at)
    room.keep()
    assert room.kept() == [("example.org", "Reading", 20)]


def test_what_has_no_web_address_is_not_noted(room: Room) -> None:
    room.shows("", "New tab")
    room.wait(30)
    room.sites.over(DEVICE, room.at)
    assert (room.sites.is_due, room.sites.take()) == (False, [])


def test_the_end_of_the_class_is_kept_at_once(room: Room) -> None:
    room.shows(BOOK, "Reading")
    assert not room.sites.is_due
    room.sites.over(DEVICE, room.at)
    assert room.sites.is_due
    room.sites.take()
    assert not room.sites.is_due


def test_each_class_has_its_own(room: Room) -> None:
    room.shows(BOOK, "Reading")
    room.wait(10)
    room.shows(BOOK, "Reading", session=6)
    room.wait(20)
    room.keep()
    room.sites.left(DEVICE, room.at)
    room.keep()
    assert (room.kept(5), room.kept(6)) == (
        [("example.org", "Reading", 10)], [("example.org", "Reading", 20)],
    )  # fmt: skip


def test_a_page_that_renames_itself_does_not_push_the_others_out(room: Room) -> None:
    for number in range(MOST_PAGES + 50):
        room.shows(GAMES, f"{number} seconds left")
        room.wait(1)
    room.keep()
    room.shows(BOOK, "Reading")
    room.wait(10)
    room.shows(GAMES, "0 seconds left")
    room.wait(10)
    room.sites.left(DEVICE, room.at)
    room.keep()
    kept = {(host, title): seconds for host, title, seconds in room.kept()}
    assert len(kept) == MOST_PAGES + 2
    assert kept["games.example.com", ""] == 50
    assert kept["games.example.com", "0 seconds left"] == 11
    assert kept["example.org", ""] == 10  # after so many pages, the site alone


def test_the_list_of_a_student_has_an_end(room: Room) -> None:
    for number in range(MOST + 40):
        room.shows(f"https://{number}.example.org/", "A page")
        room.wait(1)
    room.keep()
    assert len(room.kept()) == MOST


def test_what_could_not_be_kept_is_kept_later(room: Room) -> None:
    room.shows(BOOK, "Reading")
    room.wait(10)
    room.sites.alive(DEVICE, room.at)
    taken = room.sites.take()
    room.wait(10)
    for school_id, found in taken:
        room.sites.give_back(school_id, found)
    room.sites.left(DEVICE, room.at)
    room.keep()
    assert room.kept() == [("example.org", "Reading", 20)]


def test_it_is_kept_in_short_parts(room: Room) -> None:
    for device in range(7):
        for page in range(100):
            where, title = (5, device), f"Page {page}"
            room.sites.seen(device, room.school.id, where, BOOK, title, room.at)
    parts = [found for _, found in room.sites.take()]
    assert [sum(map(len, found.values())) for found in parts] == [300, 300, 100]
    assert sorted(where[1] for found in parts for where in found) == list(range(7))


def test_nothing_of_it_is_in_the_log(room: Room) -> None:
    before = room.school.last
    site = Site("example.org", "Reading", MONDAY_10, MONDAY_10, 1)
    found: Found = {(5, 7): {("example.org", "Reading"): site}}
    keep_sites(room.school.id, found)
    assert room.school.last == before
    assert not any("example.org/book" in row.body for row in read_log(room.school.id, 0))
