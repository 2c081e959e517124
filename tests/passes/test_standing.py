"""The school's day and the thresholds, against slow and obvious references."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.passes.standing import day_of, thresholds
from corridor.roster.settings import SchoolSettings

ZONES = (
    "America/New_York", "America/Phoenix", "America/St_Johns", "Europe/Berlin", "Asia/Kolkata",
    "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut",
)  # fmt: skip
HALF_HOUR = timedelta(minutes=30)


def first_moments(zone: str) -> dict[date, datetime]:
    """The first moment of every date from 2026 to 2031: walk by half hours and look at the wall."""
    wall, at = ZoneInfo(zone), datetime(2025, 12, 30, tzinfo=UTC)
    found: dict[date, datetime] = {}
    while at.year < 2032:
        found.setdefault(at.astimezone(wall).date(), at)
        at += HALF_HOUR
    return dict(list(found.items())[1:])


@pytest.mark.parametrize("zone", ZONES)
def test_the_day_is_right_on_every_date(zone: str) -> None:
    settings, moments = SchoolSettings(time_zone=zone), first_moments(zone)
    assert len(moments) > 6 * 365
    for today, tomorrow in pairwise(moments.values()):
        for at in (today, today + 3 * HALF_HOUR, tomorrow - timedelta(microseconds=1)):
            assert tuple(end.astimezone(UTC) for end in day_of(at, settings)) == (today, tomorrow)


def test_the_zones_change_their_clocks_at_midnight_by_half_an_hour_or_never() -> None:
    """So that the test above meets the nights that are hard."""
    lengths = {zone: {b - a for a, b in pairwise(first_moments(zone).values())} for zone in ZONES}
    assert len(lengths["America/Phoenix"]) == len(lengths["Asia/Kolkata"]) == 1
    assert timedelta(hours=24.5) in lengths["Australia/Lord_Howe"]
    beirut = ZoneInfo("Asia/Beirut")
    assert any(m.astimezone(beirut).hour == 1 for m in first_moments("Asia/Beirut").values())


def test_extended_time_keeps_the_proportion() -> None:
    settings = SchoolSettings(long_running=10, system_end=30)
    assert thresholds(settings, None) == (10, 30)
    assert thresholds(settings, 45) == (15, 45)
    assert thresholds(settings, 1) == (1, 1)


@given(long=st.integers(0, 600), end=st.integers(0, 600), extended=st.none() | st.integers(0, 600))
def test_a_pass_runs_long_before_it_is_ended(long: int, end: int, extended: int | None) -> None:
    to_long, to_end = thresholds(SchoolSettings(long_running=long, system_end=end), extended)
    assert to_long <= to_end
