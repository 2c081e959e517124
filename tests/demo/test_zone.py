"""The time zone of the made-up school."""

import pytest

from corridor.demo.zone import time_zone


@pytest.mark.parametrize(
    ("machine", "school"),
    [
        ("America/Los_Angeles", "America/Los_Angeles"),
        (":Europe/Berlin", "Europe/Berlin"),
        ("UTC", "America/New_York"),
        ("Etc/UTC", "America/New_York"),
        ("../../etc/passwd", "America/New_York"),
        ("Moon/Crater", "America/New_York"),
    ],
)
def test_it_is_the_machines_where_it_has_one(
    monkeypatch: pytest.MonkeyPatch, machine: str, school: str
) -> None:
    monkeypatch.setenv("TZ", machine)

    assert time_zone() == school
