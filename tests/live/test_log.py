"""A school's turn and its log: numbers without a gap, and nothing half done."""

from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection

from corridor.live import log, topics, wakeup
from corridor.live.events import Event, Logged
from corridor.live.log import NoSuchSchool, StillRecorded, read_log, record, turn
from corridor.live.models import SchoolTurn
from corridor.roster.models import Location
from tests.school import School


class BellRang(Event, frozen=True, kw_only=True):
    """Something that happens."""

    location_id: int = 0

    def topics(self) -> tuple[str, ...]:
        return (topics.location(self.location_id), topics.school(1))


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """The numbers that were announced in this process."""
    numbers: list[int] = []

    def listen(_: int, events: Sequence[Logged]) -> None:
        numbers.extend(event.number for event in events)

    wakeup.listen(listen)
    yield numbers
    wakeup.stop_listening(listen)


def a_ring(school: School) -> BellRang:
    return BellRang(by=school.dana.who, at=school.clock.at)


def ring(school: School, times: int = 1) -> None:
    with turn(school.id) as tx:
        for _ in range(times):
            record(tx, a_ring(school))


def numbers(school: School) -> list[int]:
    return [event.number for event in read_log(school.id, 0)]


def test_a_name_is_the_subject_and_what_became_of_it() -> None:
    assert BellRang.name == "bell.rang"


def test_numbers_count_from_one_without_a_gap(a_school: School) -> None:
    ring(a_school)
    ring(a_school, 3)
    ring(a_school)
    assert numbers(a_school) == list(range(1, a_school.last + 1))
    assert log.last_number(a_school.id) == a_school.last


def test_each_school_has_its_own_numbers(a_school: School) -> None:
    before = log.last_number(a_school.other_id)
    ring(a_school)
    assert log.last_number(a_school.other_id) == before


def test_a_turn_that_fails_changes_nothing_and_leaves_no_gap(
    a_school: School, heard: list[int]
) -> None:
    before = a_school.last
    with pytest.raises(ZeroDivisionError), turn(a_school.id) as tx:
        Location.objects.create(school_id=a_school.id, name="Half a room")
        record(tx, a_ring(a_school))
        1 / 0
    assert not Location.objects.filter(name="Half a room").exists()
    assert (a_school.last, heard) == (before, [])
    ring(a_school)
    assert numbers(a_school)[-1] == before + 1


def test_a_turn_that_records_nothing_changes_nothing(a_school: School, heard: list[int]) -> None:
    before = a_school.last
    with turn(a_school.id):
        Location.objects.create(school_id=a_school.id, name="Unrecorded room")
    assert not Location.objects.filter(name="Unrecorded room").exists()
    assert (a_school.last, heard) == (before, [])


def test_what_was_recorded_before_a_no_is_kept(a_school: School, heard: list[int]) -> None:
    before = a_school.last
    with pytest.raises(StillRecorded, match="too late"), turn(a_school.id) as tx:
        record(tx, a_ring(a_school))
        record(tx, a_ring(a_school))
        raise StillRecorded("too late")
    assert heard == [before + 1, before + 2] == numbers(a_school)[-2:]


def test_a_no_with_nothing_recorded_is_still_a_no(a_school: School, heard: list[int]) -> None:
    with pytest.raises(StillRecorded), turn(a_school.id):
        raise StillRecorded("no")
    assert heard == []


def test_what_was_committed_is_announced_in_order(a_school: School, heard: list[int]) -> None:
    before = a_school.last
    ring(a_school, 2)
    ring(a_school)
    assert heard == [before + 1, before + 2, before + 3]


def test_a_turn_knows_the_number_of_its_next_event(a_school: School) -> None:
    before = a_school.last
    with turn(a_school.id) as tx:
        assert tx.number == before + 1
        assert record(tx, a_ring(a_school)).number == before + 1
        assert tx.number == before + 2


def test_the_log_gives_back_what_was_recorded(a_school: School) -> None:
    before = a_school.last
    with turn(a_school.id) as tx:
        logged = record(tx, BellRang(by=a_school.dana.who, at=a_school.clock.at, location_id=7))
    assert read_log(a_school.id, before) == [logged]
    assert logged.topics == ("location:7", "school:1")


def test_the_log_is_read_in_parts(a_school: School) -> None:
    ring(a_school, 5)
    last = a_school.last
    assert [e.number for e in read_log(a_school.id, last - 5, 2)] == [last - 4, last - 3]
    assert read_log(a_school.id, last) == []


def test_a_school_that_was_never_opened_has_no_turn(db: None) -> None:
    with pytest.raises(NoSuchSchool), turn(4711):
        raise AssertionError
    with pytest.raises(NoSuchSchool):
        log.last_number(4711)


def test_one_answer_per_account_and_request_is_held_by_the_database(a_school: School) -> None:
    request_id, before = uuid4(), a_school.last
    with turn(a_school.id) as tx:
        record(tx, a_ring(a_school), request_id=request_id)
    with pytest.raises(IntegrityError), turn(a_school.id) as tx:
        record(tx, a_ring(a_school), request_id=request_id)
    assert a_school.last == before + 1


def test_the_turn_brings_the_settings(a_school: School) -> None:
    a_school.decide(daily_limit=4)
    with turn(a_school.id) as tx:
        assert '"daily_limit":4' in tx.settings


@pytest.mark.django_db(transaction=True)
def test_the_school_is_free_again_after_a_failure(a_school: School) -> None:
    """Neither the lock of this process nor the one of the database is kept."""
    with pytest.raises(ZeroDivisionError), turn(a_school.id):
        1 / 0
    connection.close()
    SchoolTurn.objects.filter(school_id=a_school.id).update(last_number=99)
    ring(a_school)
    assert a_school.last == 100


@pytest.mark.django_db(transaction=True)
def test_a_turn_in_a_transaction_is_a_mistake(a_school: School) -> None:
    """Its commit would not be a commit: what was announced could still be undone."""
    from django.db import transaction

    with pytest.raises(RuntimeError), transaction.atomic(), turn(a_school.id):
        raise AssertionError
