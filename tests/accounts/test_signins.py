"""Who is signed in: one query, believed for seconds, and over when it should be."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corridor.accounts import signins
from corridor.accounts.actors import Actor
from corridor.accounts.models import Identity, PassAccount, SignIn
from corridor.accounts.people import close_account, link_locations
from corridor.accounts.sessions import ACCOUNT, SessionStore
from tests.accounts.importing import imported
from tests.school import School


def sign_in(person: Actor, account_id: int | None = None) -> str:
    account = PassAccount.objects.get(pk=School.id_of(person))
    session = SessionStore()
    session[SESSION_KEY] = str(account.identity_id)
    session[ACCOUNT] = account_id or account.pk
    session.create()
    return str(session.session_key)


def over(school: School) -> None:
    """The sessions' time is up."""
    SignIn.objects.update(expire_date=school.clock.at)
    signins.forget()


def test_a_session_tells_who_it_is_and_where_they_work(a_school: School) -> None:
    found = signins.signed_in(sign_in(a_school.okafor), a_school.clock.at)
    assert found is not None
    assert (found.name, found.role, found.school_id) == ("Mr. Okafor", "teacher", a_school.id)
    assert found.personal_location_id == a_school.room_118
    assert found.acting("staff") == a_school.okafor


def test_it_costs_one_query_and_then_none_for_some_seconds(a_school: School) -> None:
    key = sign_in(a_school.rivera)
    with CaptureQueriesContext(connection) as queries:
        assert signins.signed_in(key, a_school.clock.at) == signins.signed_in(
            key, a_school.clock.at
        )
    assert len(queries) == 1


def test_nobody_for_an_unknown_or_an_old_session(a_school: School) -> None:
    key = sign_in(a_school.ana)
    assert signins.signed_in("x" * 32, a_school.clock.at) is None
    over(a_school)
    assert signins.signed_in(key, a_school.clock.at) is None
    assert signins.still_signed_in([key], a_school.clock.at) == set()


def test_an_account_of_somebody_else_in_the_session_is_nobody(a_school: School) -> None:
    key = sign_in(a_school.ana, a_school.dana.account_id)
    assert signins.signed_in(key, a_school.clock.at) is None


@pytest.mark.parametrize("what", ["account", "identity"])
def test_closing_ends_every_session_at_once(a_school: School, what: str) -> None:
    keys = [sign_in(a_school.cam), sign_in(a_school.cam)]
    assert signins.still_signed_in([*keys, "nobody"], a_school.clock.at) == {
        (key, a_school.cam.account_id, "student") for key in keys
    }
    if what == "account":
        a_school.do(close_account, account_id=a_school.cam.account_id, by=a_school.dana)
    else:
        Identity.objects.filter(email="cam@example.org").update(is_active=False)
        signins.forget()
    assert signins.still_signed_in(keys, a_school.clock.at) == set()
    assert [signins.signed_in(key, a_school.clock.at) for key in keys] == [None, None]


def test_another_role_ends_what_was_opened_in_the_old_one(a_school: School) -> None:
    """By a file nobody is told alone: pages that are open ask."""
    key, okafor = sign_in(a_school.okafor), a_school.okafor.account_id
    was = signins.still_signed_in([key], a_school.clock.at)
    assert was == {(key, okafor, "teacher")}
    head = "id,first name,last name,email,role,grade\n"
    imported(a_school, f"{head},Obi,Okafor,okafor@example.org,student,9\n")
    assert signins.still_signed_in([key], a_school.clock.at) == {(key, okafor, "student")}


def test_what_is_believed_is_asked_again_after_some_seconds(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = sign_in(a_school.ana)
    assert signins.signed_in(key, a_school.clock.at) is not None
    SignIn.objects.all().delete()  # as another process does
    assert signins.signed_in(key, a_school.clock.at) is not None
    later = time.monotonic() + signins.BELIEVED_SECONDS + 0.1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert signins.signed_in(key, a_school.clock.at) is None
    assert timedelta(seconds=signins.BELIEVED_SECONDS) <= timedelta(seconds=5)


def test_new_locations_count_from_the_next_press_on(a_school: School) -> None:
    key = sign_in(a_school.rivera)
    signins.signed_in(key, a_school.clock.at)
    a_school.do(link_locations, location_ids=(a_school.library,), by=a_school.rivera)
    found = signins.signed_in(key, a_school.clock.at)
    assert found is not None
    assert a_school.library in found.location_ids


def test_the_switcher_offers_open_accounts_only(a_school: School) -> None:
    account = PassAccount.objects.get(pk=School.id_of(a_school.ana))
    assert signins.open_accounts(account.identity_id) == [account]
    a_school.do(close_account, account_id=account.pk, by=a_school.dana)
    assert signins.open_accounts(account.identity_id) == []
