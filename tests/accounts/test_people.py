"""The people of a school: accounts opened and closed, locations chosen, students found."""

from datetime import timedelta
from typing import Any

import pytest

from corridor.accounts import people
from corridor.accounts.models import Identity, LocationLink, PassAccount, SignIn
from corridor.accounts.people import EmailTaken, close_account, link_locations, open_account
from corridor.live.log import read_log
from corridor.roster.models import Location
from tests.school import School


def open_one(school: School, **more: Any) -> PassAccount:
    facts = {"email": "gus@example.org", "role": "student", "given_name": "Gus"} | more
    return school.do(open_account, by=school.dana, **facts)


def test_an_account_comes_with_an_identity_keyed_by_address(a_school: School) -> None:
    account = open_one(a_school, email=" Gus@Example.ORG ", family_name="Hall")
    assert (account.email, account.display_name) == ("gus@example.org", "Gus Hall")
    assert not account.identity.has_usable_password()
    assert read_log(a_school.id, a_school.last - 1)[0].name == "account.opened"


def test_a_person_in_two_schools_is_one_identity(a_school: School) -> None:
    here = open_one(a_school)
    there = a_school.do(
        open_account, email="GUS@example.org", role="teacher", given_name="Gus", by=a_school.otto
    )
    assert here.identity_id == there.identity_id
    assert Identity.objects.filter(email="gus@example.org").count() == 1


def test_an_adult_gets_a_room_of_their_own_and_a_student_none(a_school: School) -> None:
    adult = open_one(a_school, role="teacher", location_name="Room 301")
    link = LocationLink.objects.get(account=adult)
    assert (link.is_personal, link.location.name, link.location.trip_type) == (
        True, "Room 301", "layover",
    )  # fmt: skip
    assert not LocationLink.objects.filter(account=open_one(a_school, email="s@x.org")).exists()


def test_a_second_room_of_the_same_name_is_numbered(a_school: School) -> None:
    adult = open_one(a_school, role="teacher", location_name="room 204")
    assert LocationLink.objects.get(account=adult).location.name == "room 204 (2)"


def test_an_address_is_taken_once_per_school(a_school: School) -> None:
    before = a_school.last
    with pytest.raises(EmailTaken):
        open_one(a_school, email="Ana@example.org")
    assert a_school.last == before


def test_a_closed_account_opens_again_as_itself(a_school: School) -> None:
    ben = a_school.id_of(a_school.ben)
    a_school.do(close_account, account_id=ben, by=a_school.dana)
    assert people.student_or_none(a_school.id, ben) is None
    again = open_one(a_school, email="ben@example.org", given_name="Benjamin")
    assert (again.pk, again.closed_at) == (ben, None)


def test_an_account_of_another_school_cannot_be_closed_from_here(a_school: School) -> None:
    eli, before = PassAccount.objects.get(email="eli@example.org"), a_school.last
    session = SignIn.objects.create(
        session_key="k", expire_date=a_school.clock.at, account=eli, identity=eli.identity
    )
    a_school.do(close_account, account_id=eli.pk, by=a_school.dana)
    eli.refresh_from_db()
    assert (eli.closed_at, a_school.last) == (None, before)
    assert SignIn.objects.filter(pk=session.pk).exists()


def test_closing_twice_is_closing_once(a_school: School) -> None:
    for _ in range(2):
        a_school.do(close_account, account_id=a_school.cam.account_id, by=a_school.dana)
        closed_at = PassAccount.objects.get(email="cam@example.org").closed_at
        a_school.clock.move(minutes=1)
    assert closed_at is not None
    assert closed_at < a_school.clock.at - timedelta(minutes=1)
    told = [event.name for event in read_log(a_school.id, 0)]
    assert told.count("account.closed") == 1


def test_whoever_is_archived_while_an_admin_saves_stays_archived(a_school: School) -> None:
    """With the room; and what an import wrote meanwhile is not written back."""
    read_before = PassAccount.objects.get(email="okafor@example.org")
    a_school.do(
        people.change_account, PassAccount.objects.get(pk=read_before.pk),
        {"email": "obi@example.org"}, by=a_school.dana,
    )  # fmt: skip
    a_school.do(close_account, account_id=read_before.pk, by=a_school.dana)
    a_school.do(people.change_account, read_before, {"number": "T7"}, by=a_school.dana)
    okafor = PassAccount.objects.get(pk=read_before.pk)
    assert (okafor.number, okafor.email) == ("T7", "obi@example.org")
    assert okafor.identity.email == "obi@example.org"
    assert okafor.closed_at == Location.objects.get(pk=a_school.room_118).archived_at
    assert okafor.closed_at is not None and "t7" in okafor.search


def test_my_locations_are_shared_ones_of_my_school(a_school: School) -> None:
    wanted = (a_school.library, a_school.room_118, a_school.other_room)
    linked = a_school.do(link_locations, location_ids=wanted, by=a_school.rivera)
    assert linked == {a_school.room_204, a_school.library}
    assert a_school.do(link_locations, location_ids=(), by=a_school.rivera) == {a_school.room_204}


def test_an_archived_location_cannot_be_chosen(a_school: School) -> None:
    Location.objects.filter(pk=a_school.library).update(archived_at=a_school.clock.at)
    linked = a_school.do(link_locations, location_ids=(a_school.library,), by=a_school.rivera)
    assert linked == {a_school.room_204}


@pytest.mark.parametrize(
    ("typed", "found"),
    [("an", ["Ana Lopez"]), ("LOP", ["Ana Lopez"]), ("ana lo", ["Ana Lopez"]), ("c", ["Ben Carter",
     "Cam Nguyen"]), ("", []), ("  ", []), ("rivera", []), ("eli", []), ("%", []), ("opez", [])],
)  # fmt: skip
def test_students_are_found_by_the_beginnings_of_their_names(
    a_school: School, typed: str, found: list[str]
) -> None:
    names = [account.display_name for account in people.students_named(a_school.id, typed)]
    assert names == found


def test_a_closed_student_is_not_found(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.ana.account_id, by=a_school.dana)
    assert people.students_named(a_school.id, "Ana") == []


def test_whole_words_come_first(a_school: School) -> None:
    for key, name in (("a1", "Anabel Adams"), ("a2", "Maria Anand"), ("a3", "Zoe Ana")):
        a_school.add_student(key, name)
    found = [account.display_name for account in people.students_named(a_school.id, "ana")]
    assert found == ["Zoe Ana", "Ana Lopez", "Anabel Adams", "Maria Anand"]
    assert people.students_named(a_school.id, "ana", limit=1)[0].display_name == "Zoe Ana"
