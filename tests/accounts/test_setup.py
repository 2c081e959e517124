"""The first school of a new installation, and the link that opens it once."""

from typing import Any

import pytest
from django.contrib.auth import authenticate

from corridor.accounts.models import ClassroomAccount, PassAccount
from corridor.accounts.people import has_admin
from corridor.accounts.setup import is_setup_token, open_first_school, setup_token
from corridor.clock import TestClock
from corridor.roster.schools import settings_of

SECRET = "a-secret-of-the-installation"


@pytest.fixture
def opened(db: None, clock: TestClock) -> Any:
    return open_first_school(
        school_name="Lakeside High", time_zone="America/Chicago", given_name="Dana",
        family_name="Whitfield", email="Dana@Example.org", password="a long password",
        at=clock.at,
    )  # fmt: skip


def test_the_link_is_good_until_there_is_an_admin(db: None) -> None:
    assert not has_admin()
    assert is_setup_token(setup_token(SECRET), SECRET)
    assert not is_setup_token(setup_token("another"), SECRET)
    assert not is_setup_token("", SECRET)


def test_the_link_works_once(opened: PassAccount) -> None:
    assert has_admin()
    assert not is_setup_token(setup_token(SECRET), SECRET)


def test_the_first_admin_is_in_pass_and_in_classroom(opened: PassAccount) -> None:
    assert (opened.role, opened.display_name) == ("admin", "Dana Whitfield")
    classroom = ClassroomAccount.objects.get(school_id=opened.school_id)
    assert (classroom.role, classroom.identity_id) == ("organisation_admin", opened.identity_id)
    assert settings_of(opened.school_id).time_zone == "America/Chicago"


def test_the_first_admin_can_sign_in(opened: PassAccount) -> None:
    found = authenticate(None, email="dana@example.org", password="a long password")
    assert found == opened.identity
