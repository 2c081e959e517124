"""What the school decides: changed, told, and told when it makes no sense."""

from datetime import date, time
from typing import Any

import pytest

from corridor.live.log import read_log
from corridor.roster.changes import (
    Impossible,
    archive_location,
    block_time,
    change_location,
    change_settings,
    conflicts,
    freeze_school,
    key_of,
    unblock_time,
    unfreeze_school,
)
from corridor.roster.models import Location
from corridor.roster.places import NameTaken, open_locations
from corridor.roster.schools import settings_of
from corridor.roster.settings import FIRST_DAY, BlockingWindow, Limits, SchoolSettings, last_changes
from tests.school import School


def test_who_changed_a_setting_last_is_kept_with_it(a_school: School) -> None:
    a_school.do(change_settings, {"daily_limit": 3, "cooldown": 0}, by=a_school.dana.who)
    settings = settings_of(a_school.id)
    assert settings.daily_limit == 3
    assert (settings.changed["daily_limit"].by, "cooldown" in settings.changed) == (
        "Dana Whitfield", False,
    )  # fmt: skip


def test_what_is_there_already_changes_nothing(a_school: School) -> None:
    before = a_school.last
    a_school.do(change_settings, {"daily_limit": None}, by=a_school.dana.who)
    a_school.do(unfreeze_school, by=a_school.dana.who)
    assert a_school.last == before


def test_less_than_nothing_is_refused(a_school: School) -> None:
    with pytest.raises(Impossible):
        a_school.do(change_settings, {"cooldown": -1}, by=a_school.dana.who)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_term_begins_in_the_years_of_the_calendar(a_school: School, day: date) -> None:
    """At its end there is no day before: every request of the school would fail."""
    with pytest.raises(Impossible, match="between 2000 and 2199"):
        a_school.do(change_settings, {"term_begins": day}, by=a_school.dana.who)
    a_school.do(change_settings, {"term_begins": FIRST_DAY}, by=a_school.dana.who)
    assert a_school.ask()


def test_what_somebody_changed_since_the_place_was_read_is_told_as_it_was(
    a_school: School,
) -> None:
    read_before = Location.objects.get(pk=a_school.library)
    a_school.change_place(a_school.library, capacity=10)
    before = a_school.last
    a_school.do(change_location, read_before, {"capacity": 10}, by=a_school.dana.who)
    assert a_school.last == before
    changed = a_school.do(change_location, read_before, {"name": "Media"}, by=a_school.dana.who)
    assert last_changes(changed.changed).keys() == {"capacity", "name"}


def test_everybody_hears_the_freeze_and_its_end_once(a_school: School) -> None:
    before = a_school.last
    for operation in (freeze_school, freeze_school, unfreeze_school, unfreeze_school):
        more = {"text": "Fire."} if operation is freeze_school else {}
        a_school.do(operation, by=a_school.dana.who, **more)
    told = read_log(a_school.id, before)
    assert [(row.name, row.topics) for row in told] == [
        ("school.frozen", (f"everybody:{a_school.id}",)),
        ("school.unfrozen", (f"everybody:{a_school.id}",)),
    ]


def test_a_name_is_taken_whatever_its_case(a_school: School) -> None:
    library = Location.objects.get(pk=a_school.library)
    with pytest.raises(NameTaken):
        a_school.do(change_location, library, {"name": "RESTROOM b"}, by=a_school.dana.who)
    a_school.do(change_location, library, {"name": "library"}, by=a_school.dana.who)
    assert Location.objects.get(pk=a_school.library).name == "library"


def test_an_archived_location_leaves_its_name_free(a_school: School) -> None:
    library = Location.objects.get(pk=a_school.library)
    a_school.do(archive_location, library, by=a_school.dana.who)
    assert "Library" not in [place.name for place in open_locations(a_school.id)]
    assert a_school.open_place("Library") != library.pk


def test_a_time_is_blocked_once_and_unblocked(a_school: School) -> None:
    window = BlockingWindow(name="Test", begins=time(9), ends=time(10))
    for _ in range(2):
        a_school.do(block_time, window, by=a_school.dana.who)
    assert settings_of(a_school.id).blocking == (window,)
    a_school.do(unblock_time, key_of(window), by=a_school.dana.who)
    assert settings_of(a_school.id).blocking == ()
    with pytest.raises(Impossible):
        backwards = BlockingWindow(name="Test", begins=time(10), ends=time(9))
        a_school.do(block_time, backwards, by=a_school.dana.who)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"long_running": 30}, "Long running"),
        ({"daily_limit": 5, "weekly_limit": 3}, "never counts"),
        ({"grade_limits": {"9": Limits(day=9, week=2)}}, "Grade 9"),
        ({"term_limit": 9}, "first day of the term"),
        ({"building_limit": 0}, "no student can ask"),
        ({"building_limit": 5, "building_counts": ()}, "no kind"),
        ({"cooldown": 2000}, "longer than a day"),
        ({"blocking": (BlockingWindow(
            name="Test", begins=time(9), ends=time(10), first_day=date(2026, 2, 2),
            last_day=date(2026, 1, 1)),)}, "before its first"),
    ],
)  # fmt: skip
def test_settings_that_work_against_each_other_are_told(
    settings: dict[str, Any], words: str
) -> None:
    told = conflicts(SchoolSettings(**settings))
    assert len(told) == 1
    assert words in told[0]


def test_the_defaults_have_no_conflict() -> None:
    assert conflicts(SchoolSettings()) == []
