"""A school's locations and settings."""

import pytest

from corridor.live.log import read_log, turn
from corridor.roster import places
from corridor.roster.models import Location
from corridor.roster.places import NameTaken
from corridor.roster.schools import settings_of
from corridor.roster.settings import SchoolSettings, decode, encode, settings_in
from tests.school import School


def test_a_new_location_is_recorded_and_listed_by_name(a_school: School) -> None:
    a_school.open_place("Auditorium", capacity=3)
    assert read_log(a_school.id, a_school.last - 1)[0].name == "location.opened"
    names = [place.name for place in places.open_locations(a_school.id)]
    assert names == sorted(names)
    assert names[0] == "Auditorium"


@pytest.mark.parametrize("name", ["Library", "LIBRARY", "room 204"])
def test_a_name_is_used_once_in_a_school(a_school: School, name: str) -> None:
    before = a_school.last
    with pytest.raises(NameTaken):
        a_school.open_place(name)
    assert a_school.last == before


def test_the_name_of_an_archived_location_is_free_again(a_school: School) -> None:
    Location.objects.filter(pk=a_school.library).update(archived_at=a_school.clock.at)
    again = a_school.open_place("Library")
    assert again != a_school.library
    assert a_school.library not in [place.pk for place in places.open_locations(a_school.id)]


def test_another_school_sees_none_of_it(a_school: School) -> None:
    names = {place.name for place in places.open_locations(a_school.other_id)}
    assert names == {"Room 1", "Main office"}


def test_adults_answer_at_their_rooms_and_where_they_linked_themselves(a_school: School) -> None:
    yard = a_school.open_place("Yard")
    answered = places.with_adults(a_school.id)
    assert {a_school.room_204, a_school.library, a_school.restroom} <= answered
    assert yard not in answered


def test_settings_survive_being_written_down() -> None:
    settings = SchoolSettings(time_zone="Asia/Kolkata", daily_limit=3, building_limit=0)
    assert decode(encode(settings)) == settings
    assert decode("{}") == SchoolSettings()


def test_settings_are_the_same_inside_and_outside_a_turn(a_school: School) -> None:
    a_school.decide(request_waits=7)
    with turn(a_school.id) as tx:
        assert settings_in(tx) == settings_of(a_school.id)
    assert settings_of(a_school.id).request_waits == 7
