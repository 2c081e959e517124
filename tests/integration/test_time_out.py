"""The minutes that a student was out on passes, and those in which they took part."""

from datetime import UTC, datetime, timedelta

import msgspec

from corridor.classroom.cards import Exclusion, Options, ParticipantCard, SessionCard, Span, Student
from corridor.integration.time_out import out_of, there, told_of
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
    return out_of(ANA, passes, CLASS) / timedelta(minutes=1)


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


def told(row: ParticipantCard, *passes: PassCard) -> list[tuple[float | None, float | None]]:
    """From which minute to which the class tells of the passes; as many minutes are counted."""
    found = [(minute(one.started_at), minute(one.ended_at)) for one in told_of(row, passes, CLASS)]
    inside = sum(min(until or 50, 50) - max(since or 0, 0) for since, until in found)
    assert out_of(row, passes, CLASS) == timedelta(minutes=inside)
    return found


def minute(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - TEN) / timedelta(minutes=1)


def test_a_class_tells_of_passes_while_the_student_took_part_in_it() -> None:
    """Ana was taken over by another class after ten minutes, and was back after thirty."""
    spans = (Span(at(0), at(10)), Span(at(30), at(50)))
    row = msgspec.structs.replace(ANA, took_part=spans)
    assert told(row, a_pass(-5, 3), a_pass(12, 20), a_pass(40, 60)) == [(-5, 3), (40, 60)]
    assert told(row, a_pass(8, 35)) == [(8, 10), (30, 35)]
    assert told(row, a_pass(45)) == [(45, None)]
    assert told(ANA, a_pass(12, 20)) == [(12, 20)]


def test_a_class_tells_no_passes_of_whom_it_never_had() -> None:
    excluded = msgspec.structs.replace(ANA, excluded=Exclusion(TEN, BY))
    assert told(excluded, a_pass(10, 20)) == []
