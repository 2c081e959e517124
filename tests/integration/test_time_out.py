"""The minutes that a student was out on passes, and those in which they took part."""

from datetime import UTC, datetime, timedelta

import msgspec

from corridor.classroom.cards import Options, ParticipantCard, SessionCard, Span, Student
from corridor.integration.time_out import out_during, there
from corridor.live.events import Who
from corridor.passes.cards import PassCard, Person, Place

BY = Who(1, "Ms. Rivera", "adult", "console")
TEN = datetime(2026, 3, 2, 15, tzinfo=UTC)
CLASS = SessionCard(
    id=1, version=1, school_id=1, class_id=1, class_name="English 2", led_by=BY, teacher_ids=(1,),
    state="running", started_at=TEN, ends_at=TEN + timedelta(minutes=50), options=Options(),
)  # fmt: skip
ANA = ParticipantCard(session_id=1, school_id=1, version=1, student=Student(7, "Ana", "Ana"))


def at(minute: float) -> datetime:
    return TEN + timedelta(minutes=minute)


def a_pass(since: float | None, until: float | None = None) -> PassCard:
    return PassCard(
        id=1, version=1, school_id=1, kind="student", state="ended",
        student=Person(7, "Ana", "A", "9"),
        origin=Place(1, "204", ""), destination=Place(2, "Nurse", ""), trip_type="roundtrip",
        reason="", minutes_waiting=10, minutes_to_long=10, minutes_to_end=30, requested_at=TEN,
        started_at=None if since is None else at(since),
        ended_at=None if until is None else at(until),
    )  # fmt: skip


def out(*passes: PassCard) -> float:
    return out_during(passes, at(0), at(50)) / timedelta(minutes=1)


def took_part(*passes: PassCard, spans: tuple[tuple[float, float | None], ...]) -> float:
    found = tuple(Span(at(since), None if until is None else at(until)) for since, until in spans)
    row = msgspec.structs.replace(ANA, there=found)
    return there(row, passes, CLASS) / timedelta(minutes=1)


def test_only_what_lies_in_the_class_counts() -> None:
    assert out(a_pass(10, 14)) == 4
    assert out(a_pass(-5, 3), a_pass(45, 70)) == 8
    assert out(a_pass(-9, -1), a_pass(50, 60)) == 0


def test_a_request_that_nobody_approved_is_no_time_out() -> None:
    assert out(a_pass(None, 5)) == 0


def test_who_is_still_out_is_out_to_the_end() -> None:
    assert out(a_pass(40)) == 10


def test_two_passes_of_one_moment_count_once() -> None:
    # As after a correction: the end of the first was moved behind the start of the second.
    assert out(a_pass(10, 20), a_pass(15, 25)) == 15


def test_time_out_is_no_time_in_class() -> None:
    assert took_part(a_pass(10, 14), spans=((0, 50),)) == 46
    assert took_part(a_pass(10, 14), a_pass(30, 36), spans=((0, 50),)) == 40


def test_time_out_without_a_device_is_not_subtracted_twice() -> None:
    assert took_part(a_pass(10, 20), spans=((0, 12), (18, 50))) == 40
    assert took_part(a_pass(10, 20), spans=((0, 10), (20, 50))) == 40


def test_a_device_that_is_still_there_is_there_to_the_end() -> None:
    assert took_part(spans=((20, None),)) == 30
    assert took_part(spans=()) == 0
