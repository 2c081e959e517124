"""Who is signed in to Classroom: one query, believed for seconds, and over when it should be."""

from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corridor.accounts import signins
from corridor.accounts.actors import ClassroomActor
from corridor.accounts.classes import archive_class
from corridor.accounts.classroom_people import change_classroom_account, close_classroom_account
from corridor.accounts.classroom_signins import signed_in_to_classroom, still_in_classroom
from corridor.accounts.models import ClassroomAccount, PassAccount, SignIn
from corridor.accounts.people import change_account
from corridor.accounts.sessions import ACCOUNT, CLASSROOM_ACCOUNT, SessionStore
from corridor.roster.models import SchoolClass
from tests.school import School


def sign_in(person: ClassroomActor, *, as_account: int | None = None) -> str:
    account = ClassroomAccount.objects.get(pk=School.id_of(person))
    session = SessionStore()
    session[SESSION_KEY] = str(account.identity_id)
    session[CLASSROOM_ACCOUNT] = as_account or account.pk
    in_pass = account.identity.pass_accounts.first()
    session[ACCOUNT] = in_pass.pk if in_pass else None
    session.create()
    return str(session.session_key)


def test_a_session_tells_who_it_is_and_what_they_teach(a_school: School) -> None:
    room = a_school.classroom
    found = signed_in_to_classroom(sign_in(room.okafor), a_school.clock.at)
    assert found is not None
    assert (found.name, found.role, found.school_id) == ("Mr. Okafor", "teacher", a_school.id)
    assert (found.email, found.school_name) == ("okafor@example.org", "Lakeside High")
    assert found.class_ids == {room.english, room.algebra}
    assert found.acting("console") == room.okafor


def test_it_costs_one_query_and_then_none_for_some_seconds(a_school: School) -> None:
    key = sign_in(a_school.classroom.rivera)
    with CaptureQueriesContext(connection) as queries:
        first = signed_in_to_classroom(key, a_school.clock.at)
        assert first == signed_in_to_classroom(key, a_school.clock.at)
    assert len(queries) == 1


def test_who_is_in_classroom_only_is_nobody_in_pass(a_school: School) -> None:
    key = sign_in(a_school.classroom.park)
    assert signed_in_to_classroom(key, a_school.clock.at) is not None
    assert signins.signed_in(key, a_school.clock.at) is None


def test_an_account_of_somebody_else_in_the_session_is_nobody(a_school: School) -> None:
    key = sign_in(a_school.classroom.ana, as_account=a_school.classroom.dana.account_id)
    assert signed_in_to_classroom(key, a_school.clock.at) is None


def test_a_class_in_the_archive_is_nobodys(a_school: School) -> None:
    room = a_school.classroom
    key = sign_in(room.okafor)
    a_school.do(archive_class, SchoolClass.objects.get(pk=room.english), by=room.dana)
    found = signed_in_to_classroom(key, a_school.clock.at)
    assert found is not None
    assert found.class_ids == {room.algebra}


def test_closing_in_classroom_ends_classroom_at_once_and_leaves_pass(a_school: School) -> None:
    room = a_school.classroom
    key = sign_in(room.okafor)
    good = still_in_classroom([key, "nobody"], a_school.clock.at)
    assert good == {(key, room.okafor.account_id, "teacher")}
    a_school.do(close_classroom_account, account_id=room.okafor.account_id, by=room.dana)
    assert signed_in_to_classroom(key, a_school.clock.at) is None
    assert still_in_classroom([key], a_school.clock.at) == set()
    assert signins.signed_in(key, a_school.clock.at) is not None


def test_another_role_ends_what_was_opened_in_the_old_one(a_school: School) -> None:
    room = a_school.classroom
    key, account = sign_in(room.okafor), ClassroomAccount.objects.get(pk=School.id_of(room.okafor))
    a_school.do(change_classroom_account, account, {"role": "substitute"}, by=room.dana)
    assert still_in_classroom([key], a_school.clock.at) == {(key, account.pk, "substitute")}


def test_closing_the_last_account_ends_the_session(a_school: School) -> None:
    room = a_school.classroom
    key = sign_in(room.park)
    a_school.do(close_classroom_account, account_id=room.park.account_id, by=room.dana)
    assert not SignIn.objects.filter(session_key=key).exists()


def test_a_new_address_that_nobody_had_leaves_its_person_signed_in(a_school: School) -> None:
    """The sign-in goes on in both products, also after the page has kept something in it."""
    room = a_school.classroom
    key, other = sign_in(room.okafor), sign_in(room.rivera)
    account = ClassroomAccount.objects.get(pk=School.id_of(room.okafor))
    change = {"email": "okafor-new@example.org"}
    a_school.do(change_classroom_account, account, change, by=room.dana)
    session = SessionStore(key)
    session["anything"] = 1
    session.save()
    signins.forget()
    found = signed_in_to_classroom(key, a_school.clock.at)
    assert found is not None
    assert found.email == "okafor-new@example.org"
    assert signins.signed_in(key, a_school.clock.at) is not None
    assert SignIn.objects.get(session_key=other).also_identity_id is None
    # Pass follows: whoever has the address signs in with it, and this sign-in is theirs.
    elsewhere = SessionStore()
    in_pass = PassAccount.objects.get(email="okafor@example.org")
    elsewhere[SESSION_KEY], elsewhere[ACCOUNT] = str(in_pass.identity_id), in_pass.pk
    elsewhere.create()
    a_school.do(change_account, in_pass, change, by=a_school.dana)
    assert signed_in_to_classroom(key, a_school.clock.at) is not None
    assert signins.signed_in(key, a_school.clock.at) is not None
    assert not SignIn.objects.filter(session_key=elsewhere.session_key).exists()


def test_a_new_password_ends_sign_ins_that_were_carried_on_too(a_school: School) -> None:
    """Somebody else may have begun one before the address had an identity of its own."""
    room = a_school.classroom
    key = sign_in(room.okafor)
    account = ClassroomAccount.objects.get(pk=School.id_of(room.okafor))
    change = {"email": "okafor-new@example.org"}
    a_school.do(change_classroom_account, account, change, by=room.dana)
    account.refresh_from_db()
    signins.end_sessions_of(account.identity_id)
    assert not SignIn.objects.filter(session_key=key).exists()


def test_a_new_address_of_somebody_else_is_theirs(a_school: School) -> None:
    room = a_school.classroom
    key = sign_in(room.okafor)
    account = ClassroomAccount.objects.get(pk=School.id_of(room.okafor))
    a_school.do(change_classroom_account, account, {"email": "ito@example.org"}, by=room.dana)
    assert signed_in_to_classroom(key, a_school.clock.at) is None
