"""The first school of a new installation, and the link that opens it once."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.test import Client

from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.accounts.names import BadName
from corridor.accounts.people import has_admin
from corridor.accounts.setup import is_setup_token, open_first_school, setup_token
from corridor.clock import TestClock
from corridor.live.models import SchoolTurn
from corridor.roster.models import District, School
from corridor.roster.schools import settings_of

SECRET = "a-secret-of-the-installation"


@pytest.fixture
def opened(db: None, clock: TestClock) -> Any:
    return open_first_school(
        school_name="Lakeside High", time_zone="America/Chicago", given_name="Dana",
        family_name="Whitfield", email="Dana@Example.org", password="a long password",
        at=clock.at,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("names", "field"),
    [
        ({"given_name": "\u2800"}, "given_name"),
        ({"family_name": "\u2800"}, "family_name"),
        ({"school_name": "\u2800"}, "school_name"),
        ({"given_name": "x" * 50, "family_name": "y" * 50}, "family_name"),
    ],
)
def test_a_name_that_is_refused_is_said_at_its_field(
    client: Client, names: dict[str, str], field: str
) -> None:
    form = {
        "school_name": "Lakeside High", "time_zone": "America/Chicago", "given_name": "Dana",
        "family_name": "Whitfield", "email": "dana@example.org", "password": "a long password",
    }  # fmt: skip
    answer = client.post(f"/setup/{setup_token(settings.SECRET_KEY)}", form | names)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert not School.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["\u2800", "x" * 50])
def test_a_set_up_that_is_refused_leaves_nothing(clock: TestClock, name: str) -> None:
    with pytest.raises(BadName):
        open_first_school(
            school_name="Lakeside High", time_zone="America/Chicago", given_name=name,
            family_name="y" * 50, email="dana@example.org", password="a long password",
            at=clock.at,
        )  # fmt: skip
    assert not any(kind.objects.exists() for kind in (District, School, SchoolTurn, Identity))


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
