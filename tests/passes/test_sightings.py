"""Students seen without a pass: who may write it, who reads it, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from corridor.live.log import read_log
from corridor.passes.events import StudentSeenWithoutPass
from corridor.passes.refusals import NotAllowed, NotFound, Refused
from corridor.passes.sightings import (
    note_without_pass,
    seen_of_rooms,
    seen_of_student,
    seen_without_pass,
)
from tests.school import School


def note(school: School, by: str = "okafor", **more: Any) -> StudentSeenWithoutPass:
    """Mr. Okafor met Ana."""
    more.setdefault("student_id", school.id_of(school.ana))
    return school.do(note_without_pass, by=getattr(school, by), **more)


def read(school: School, by: str = "", days: float = 1) -> list[str]:
    """The words of what this adult (an admin) reads of the last days."""
    since, until = school.clock.at - timedelta(days=days), school.clock.at + timedelta(seconds=1)
    if not by:
        return [found.text for found in seen_without_pass(school.id, since, until)]
    adult = getattr(school, by)
    found = seen_of_rooms(
        adult.school_id, since, until, location_ids=adult.location_ids,
        account_id=school.id_of(adult),
    )  # fmt: skip
    return [one.text for one in found]


def test_it_is_an_event_of_its_own(a_school: School) -> None:
    event = note(
        a_school, room_id=a_school.room_204, place_id=a_school.library, text=" By the bins "
    )
    assert event == a_school.log()[-1]
    assert (event.student.name, event.text) == ("Ana Lopez", "By the bins")
    assert event.place is not None and event.place.name == "Library"
    assert event.room is not None and event.room.adult_name == "Ms. Rivera"
    (logged,) = read_log(a_school.id, a_school.last - 1)
    assert set(logged.topics) == {f"sightings:{a_school.id}", f"location:{a_school.room_204}"}


def test_all_that_was_written_of_one_student(a_school: School) -> None:
    note(a_school, text="First")
    note(a_school, student_id=a_school.id_of(a_school.cam), text="Of Cam")
    a_school.wait(days=400)
    note(a_school, by="ito", text="Second")
    ana = a_school.id_of(a_school.ana)
    assert [one.text for one in seen_of_student(a_school.id, ana)] == ["Second", "First"]
    assert seen_of_student(a_school.other_id, ana) == []


def test_without_a_room_only_admins_hear_of_it(a_school: School) -> None:
    note(a_school)
    (logged,) = read_log(a_school.id, a_school.last - 1)
    assert logged.topics == (f"sightings:{a_school.id}",)


def test_it_is_read_by_admins_by_whoever_wrote_it_and_by_the_adults_of_the_room(
    a_school: School,
) -> None:
    note(a_school, text="204", room_id=a_school.room_204)
    a_school.wait(minutes=1)
    note(a_school, text="nowhere")
    assert read(a_school) == ["nowhere", "204"]
    assert read(a_school, "okafor") == ["nowhere", "204"]
    assert read(a_school, "rivera") == ["204"]
    assert read(a_school, "ito") == []
    assert read(a_school, "otto") == read(a_school, "stone") == []


def test_it_is_found_by_its_day(a_school: School) -> None:
    note(a_school, text="old")
    a_school.wait(days=3)
    note(a_school, text="new")
    assert (read(a_school), read(a_school, days=4)) == (["new"], ["new", "old"])
    long_ago, tomorrow = datetime(2020, 1, 1, tzinfo=UTC), a_school.clock.at + timedelta(days=1)
    assert len(seen_without_pass(a_school.id, long_ago, tomorrow, limit=1)) == 1


def test_a_press_repeated_is_written_once(a_school: School) -> None:
    request_id = uuid4()
    first = note(a_school, request_id=request_id)
    before = a_school.last
    assert note(a_school, request_id=request_id) == first
    assert a_school.last == before
    card = a_school.ask(a_school.cam)
    a_school.press("approve", card, a_school.rivera, request_id=request_id)
    with pytest.raises(NotFound):  # an id that was something else's
        note(a_school, by="rivera", request_id=request_id)


def test_who_is_out_on_a_live_pass_is_not_without_one(a_school: School) -> None:
    card = a_school.out()
    with pytest.raises(Refused, match="has_pass"):
        note(a_school)
    a_school.wait(minutes=31, timer=False)  # the clock owes it its end
    assert note(a_school).student.id == card.student.id
    assert a_school.names()[-3:] == [
        "pass.ran_long", "pass.system_ended", "student.seen_without_pass",
    ]  # fmt: skip


def test_who_only_waits_for_an_answer_has_no_pass(a_school: School) -> None:
    a_school.ask()
    assert note(a_school).student.name == "Ana Lopez"


def test_a_student_writes_nothing(a_school: School) -> None:
    with pytest.raises(NotAllowed):
        note(a_school, by="cam")


@pytest.mark.parametrize(
    "facts",
    [{"student_id": "eli"}, {"student_id": "rivera"}, {"place_id": "other"}, {"room_id": "other"}],
)
def test_only_people_and_places_of_the_school(a_school: School, facts: dict[str, str]) -> None:
    of: dict[str, Any] = {
        "eli": a_school.eli.account_id, "rivera": a_school.rivera.account_id,
        "other": a_school.other_room,
    }  # fmt: skip
    before = a_school.last
    with pytest.raises(NotFound):
        note(a_school, **{name: of[who] for name, who in facts.items()})
    assert a_school.last == before


def test_words_have_an_end(a_school: School) -> None:
    with pytest.raises(Refused, match="words_too_long"):
        note(a_school, text="x" * 201)
