"""Two processes tell each other who is there."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.classroom.notices import Notice, Notices, _pieces
from corridor.classroom.presence import Device, DeviceState, Presence, Presences

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
ANA, BEN = 7, 8
READING = DeviceState(title="Reading", url="https://example.org/book", can_show=True)


class Process:
    """One process and its store."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.presences = Presences()
        self.notices = Notices(self.presences, name)

    def beat(self, student: int = ANA, seconds: float = 0, state: DeviceState = READING) -> None:
        self.presences.beat(student, 1, state, AT + timedelta(seconds=seconds), self.name)

    def tell(self, other: "Process", seconds: float = 0) -> int:
        """Send what is due; how many notices it was."""
        at = AT + timedelta(seconds=seconds)
        texts = self.notices.due(at)
        for text in texts:
            other.notices.hear(text, at)
        return len(texts)

    def sees(self, student: int = ANA) -> Presence | None:
        return self.presences.of([student]).get(student)

    def shows(self, student: int = ANA) -> str:
        """The title on the student's card; empty when nobody is there."""
        found = self.sees(student)
        return found.active_title if found is not None else ""


@pytest.fixture
def two() -> tuple[Process, Process]:
    """Two that have met."""
    one, other = Process("one"), Process("other")
    for _ in range(2):
        one.tell(other)
        other.tell(one)
    return one, other


def test_a_change_is_told_at_once_and_once(two: tuple[Process, Process]) -> None:
    one, other = two
    one.beat()
    assert one.tell(other) == 1
    assert other.sees() == one.sees()
    assert one.tell(other, 1) == 0


def test_a_sign_of_life_is_told_every_five_seconds(two: tuple[Process, Process]) -> None:
    one, other = two
    one.beat()
    one.tell(other)
    one.beat(seconds=3)
    assert one.tell(other, 3) == 0
    assert one.tell(other, 5) == 1
    found = other.sees()
    assert found is not None
    assert found.last_heartbeat_at == AT + timedelta(seconds=3)


def test_whoever_is_cut_off_is_lost_there_as_early_as_here(two: tuple[Process, Process]) -> None:
    one, other = two
    one.beat()
    one.tell(other)
    one.presences.cut(ANA, 1, "one")
    one.tell(other, 20)
    found = other.sees()
    assert found is not None
    assert found.is_lost(AT + timedelta(seconds=30))


def test_a_picture_is_told_to_nobody(two: tuple[Process, Process]) -> None:
    one, other = two
    one.beat()
    known = msgspec.structs.replace(
        next(one.presences.devices("one"))[2], picture_at=AT, picture_mark="first"
    )
    one.presences.put(ANA, 1, known, "one")
    one.tell(other)
    found = other.sees()
    assert found is not None
    assert (found.picture_at, found.picture_mark, found.is_here) == (None, "", False)


def test_whoever_is_gone_here_is_gone_there(two: tuple[Process, Process]) -> None:
    one, other = two
    one.beat()
    one.tell(other)
    one.presences.gone(ANA, 1, "one")
    one.tell(other, 1)
    assert other.shows() == ""


def test_a_process_that_starts_is_told_everything() -> None:
    one, late = Process("one"), Process("late")
    one.beat()
    one.tell(late)
    late.presences.all_gone("one")
    late.tell(one, 1)
    one.tell(late, 1)
    assert late.shows() == "Reading"


def test_a_process_that_missed_something_asks_for_it(two: tuple[Process, Process]) -> None:
    one, other = two
    one.beat()
    one.notices.due(AT)  # lost on the way
    one.beat(seconds=20)
    one.tell(other, 20)
    assert other.shows() == ""
    other.tell(one, 21)
    one.tell(other, 21)
    assert other.shows() == "Reading"


def test_the_devices_of_a_process_that_ended_are_gone(two: tuple[Process, Process]) -> None:
    one, other = two
    one.beat()
    one.tell(other)
    other.notices.look(AT + timedelta(seconds=30))
    assert other.shows() == "Reading"
    other.notices.look(AT + timedelta(seconds=31))
    assert other.shows() == ""


def test_what_a_process_says_itself_it_does_not_hear(two: tuple[Process, Process]) -> None:
    one, _ = two
    one.beat()
    for text in one.notices.due(AT):
        one.notices.hear(text, AT + timedelta(seconds=9))
    found = one.sees()
    assert found is not None
    assert found.last_heartbeat_at == AT


def test_a_student_with_a_device_at_each_is_there_until_both_are_gone(
    two: tuple[Process, Process],
) -> None:
    one, other = two
    one.beat()
    other.beat(state=DeviceState(title="Page"))
    one.tell(other)
    other.tell(one)
    assert one.shows() == other.shows() == "Reading"
    one.presences.gone(ANA, 1, "one")
    one.tell(other, 1)
    assert other.shows() == "Page"


@given(st.lists(st.text(max_size=200), max_size=60))
def test_notices_are_small_enough_and_lose_nothing(titles: list[str]) -> None:
    device = Device(DeviceState(), AT, AT)
    changed = tuple(
        (n, 1, Device(DeviceState(title=title), AT, AT)) for n, title in enumerate(titles)
    )
    alive = tuple((n, 1, 5, 60) for n in range(1000))
    whole = Notice("process", AT, (*changed, (BEN, 2, device)), alive, ((ANA, 1),), asks=True)
    pieces = list(_pieces(whole))
    assert all(len(msgspec.json.encode(piece)) < 8000 for piece in pieces)
    assert sum((piece.changed for piece in pieces), ()) == whole.changed
    assert sum((piece.alive for piece in pieces), ()) == whole.alive
    assert sum((piece.gone for piece in pieces), ()) == whole.gone
    assert [piece.asks for piece in pieces] == [True] + [False] * (len(pieces) - 1)
