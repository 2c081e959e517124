"""Who is there: signs of life, silence, several devices, and what is worth telling."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from corridor.classroom.presence import DeviceState, Presence, Presences

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
ANA, BEN = 7, 8
READING = DeviceState(title="Reading", url="https://example.org/book", tabs=2, can_show=True)


class Room:
    """A store and what it told."""

    def __init__(self) -> None:
        self.presences = Presences()
        self.told: list[tuple[int, str]] = []
        self.presences.listen(lambda presence, change: self.told.append((
            presence.student_id, change
        )))  # fmt: skip

    def beat(self, seconds: float = 0, state: DeviceState = READING, number: int = 1) -> None:
        self.presences.beat(ANA, number, state, AT + timedelta(seconds=seconds))

    def look(self, seconds: float) -> None:
        self.presences.look(AT + timedelta(seconds=seconds))

    @property
    def ana(self) -> Presence:
        return self.presences.of([ANA])[ANA]

    @property
    def is_there(self) -> bool:
        return bool(self.presences.of([ANA]))

    @property
    def heard(self) -> list[str]:
        """What was told of Ana since the last time."""
        found = [change for student, change in self.told if student == ANA]
        self.told.clear()
        return found


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    room.beat()
    assert room.heard == ["connected"]
    yield room


def test_nobody_is_there_who_never_came() -> None:
    assert Presences().of([BEN]) == {}


def test_a_device_says_what_it_shows(room: Room) -> None:
    assert room.ana == Presence(
        ANA, AT, AT, active_title="Reading", active_url="https://example.org/book", tabs=2,
        can_show=True,
    )  # fmt: skip


def test_a_sign_of_life_is_no_news(room: Room) -> None:
    room.beat(20)
    room.presences.alive(ANA, 1, AT + timedelta(seconds=40))
    assert room.heard == []
    assert room.ana.last_heartbeat_at == AT + timedelta(seconds=40)


@pytest.mark.parametrize(
    "state",
    [
        DeviceState(title="Games", url=READING.url, tabs=2, can_show=True),
        DeviceState(title="Reading", url="https://example.org/", tabs=2, can_show=True),
        DeviceState(title="Reading", url=READING.url, tabs=3, can_show=True),
        DeviceState(title="Reading", url=READING.url, tabs=2, why_nothing="protected"),
        DeviceState(title="Reading", url=READING.url, tabs=2, can_show=True, idle_seconds=90),
    ],
)
def test_what_a_card_shows_is_news_once(room: Room, state: DeviceState) -> None:
    room.beat(5, state)
    room.beat(6, state)
    assert room.heard == ["active"]


def test_somebody_is_lost_after_thirty_seconds_and_told_once(room: Room) -> None:
    room.look(29.9)
    assert not room.ana.is_lost(AT + timedelta(seconds=29.9))
    assert room.heard == []
    room.look(30)
    room.look(31)
    assert room.heard == ["lost"]
    room.beat(32)
    assert room.heard == ["back"]
    assert not room.ana.is_lost(AT + timedelta(seconds=33))


def test_whoever_leaves_is_gone_at_once(room: Room) -> None:
    room.presences.gone(ANA, 1)
    assert room.heard == ["gone"]
    assert not room.is_there
    room.look(31)
    assert room.heard == []


def test_whoever_is_cut_off_is_lost_and_not_gone(room: Room) -> None:
    room.presences.cut(ANA, 1)
    assert room.heard == []
    room.look(31)
    assert room.heard == ["lost"]


def test_whoever_comes_back_after_a_cut_is_there_once(room: Room) -> None:
    room.presences.cut(ANA, 1)
    room.beat(5, DeviceState(title="Again"), number=2)
    assert room.ana.active_title == "Again"
    assert [number for _, number, _ in room.presences.devices()] == [2]
    room.presences.gone(ANA, 1)  # what the cut connection says last
    assert room.is_there


def test_whoever_is_silent_for_ten_minutes_is_gone(room: Room) -> None:
    room.look(31)
    room.look(599)
    assert room.heard == ["lost"]
    room.look(601)
    assert room.heard == ["gone"]
    assert room.presences.count() == 0


def test_of_two_devices_the_one_that_can_show_something_is_shown(room: Room) -> None:
    room.beat(1, DeviceState(title="The class's page"), number=2)
    assert room.ana.active_title == "Reading"
    room.presences.gone(ANA, 1)
    assert room.ana.active_title == "The class's page"
    room.presences.gone(ANA, 2)
    assert not room.is_there


def test_a_page_stands_before_no_device_of_the_school(room: Room) -> None:
    """Not even while the device has nothing to show, and the page is the one that is used."""
    room.beat(1, DeviceState(title="Game shop", why_nothing="protected", idle_seconds=60))
    seconds = timedelta(seconds=2)
    room.presences.beat(ANA, 2, DeviceState(why_nothing="page"), AT + seconds, is_page=True)
    assert (room.ana.active_title, room.ana.why_nothing) == ("Game shop", "protected")
    assert room.ana.last_active_at == AT + seconds
    room.presences.gone(ANA, 1)
    assert (room.ana.active_title, room.ana.why_nothing) == ("", "page")


def test_a_device_of_another_process_is_known_as_one(room: Room) -> None:
    later = AT + timedelta(seconds=1)
    room.presences.beat(ANA, 1, READING, later, "another process")  # used last
    assert (room.ana.is_here, room.heard) == (False, ["active"])
    room.beat(2)
    assert (room.ana.is_here, room.heard) == (True, ["active"])


def test_of_two_alike_the_one_used_last_is_shown(room: Room) -> None:
    room.beat(1, DeviceState(title="Idle", can_show=True, idle_seconds=60), number=2)
    assert room.ana.active_title == "Reading"
    room.beat(2, DeviceState(title="Typing", can_show=True), number=2)
    assert room.ana.active_title == "Typing"


def test_beside_a_device_are_the_schools_others_that_give_signs_of_life(room: Room) -> None:
    for number in (2, 3):
        room.beat(20, number=number)
    room.presences.beat(ANA, 4, READING, AT + timedelta(seconds=20), is_page=True)

    def beside(seconds: float) -> set[str]:
        found = room.presences.beside(ANA, 3, AT + timedelta(seconds=seconds))
        return {name.partition("/")[2] for name in found}

    assert beside(29.9) == {"1", "2"}
    assert beside(30) == {"2"}  # it sleeps, or has another connection by now
    room.presences.alive(ANA, 1, AT + timedelta(seconds=31))
    assert beside(32) == {"1", "2"}
    room.presences.cut(ANA, 1)
    assert beside(33) == {"2"}


def test_a_new_picture_is_told(room: Room) -> None:
    room.presences.pictured(ANA, 1, "first", AT + timedelta(seconds=3))
    assert room.heard == ["picture"]
    assert (room.ana.picture_at, room.ana.picture_mark) == (AT + timedelta(seconds=3), "first")
    room.beat(20)
    assert room.ana.picture_at == AT + timedelta(seconds=3)


def test_a_picture_that_was_forgotten_is_told(room: Room) -> None:
    room.presences.pictured(ANA, 1, "first", AT + timedelta(seconds=3))
    room.told.clear()
    room.presences.not_pictured(ANA)
    room.presences.not_pictured(ANA)
    room.presences.not_pictured(BEN)
    assert room.heard == ["picture"]
    assert (room.ana.picture_at, room.ana.picture_mark) == (None, "")
