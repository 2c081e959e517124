"""The first school of an installation."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.accounts.setup import (
    AlreadySetUp,
    is_setup_token,
    open_first_school,
    setup_token,
)
from corridor.live.models import SchoolTurn
from corridor.roster.models import District, School
from tests.conftest import MONDAY_10

SECRET = "a secret of this installation"
FIRST = {
    "school_name": "Lakeside High",
    "time_zone": "America/Chicago",
    "given_name": "Dana",
    "family_name": "Whitfield",
    "email": "Dana@Example.org ",
    "password": "a-quiet-corridor-7",
}


@pytest.mark.django_db
def test_the_first_school_has_an_admin_in_both_products() -> None:
    account = open_first_school(**FIRST, at=MONDAY_10)
    assert (account.role, account.email) == ("admin", "dana@example.org")
    assert Identity.objects.get().check_password("a-quiet-corridor-7")
    assert ClassroomAccount.objects.get().role == "organisation_admin"


@pytest.mark.django_db
def test_the_link_dies_with_the_first_admin() -> None:
    token = setup_token(SECRET)
    assert is_setup_token(token, SECRET)
    assert not is_setup_token(token[:-1] + "x", SECRET)
    open_first_school(**FIRST, at=MONDAY_10)
    assert not is_setup_token(token, SECRET)


@pytest.mark.django_db(transaction=True)
def test_a_double_press_opens_one_school() -> None:
    def press(_: int) -> PassAccount | AlreadySetUp:
        try:
            return open_first_school(**FIRST, at=MONDAY_10)
        except AlreadySetUp as late:
            return late
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))
    assert sum(isinstance(answer, PassAccount) for answer in answers) == 1
    assert (School.objects.count(), District.objects.count()) == (1, 1)
    assert SchoolTurn.objects.count() == 1
