"""The people of Classroom: open, change, close, reopen, join from Pass."""

import pytest

from corridor.accounts import classroom_people as people
from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.accounts.people import EmailTaken, close_account, open_account
from tests.school import School


def account(key: str) -> ClassroomAccount:
    return ClassroomAccount.objects.get(email=f"{key}@example.org")


def test_one_address_has_one_account_and_one_identity(a_school: School) -> None:
    dana = a_school.classroom.dana
    with pytest.raises(EmailTaken):
        a_school.do(
            people.open_classroom_account, email="ANA@example.org", role="student",
            given_name="Ana", by=dana,
        )  # fmt: skip
    made = a_school.do(
        people.open_classroom_account, email="ito@example.org", role="teacher",
        given_name="Ikuko", family_name="Ito", by=dana,
    )  # fmt: skip
    assert made.identity_id == PassAccount.objects.get(email="ito@example.org").identity_id


def test_a_new_address_of_somebody_in_classroom_only_goes_with_the_sign_in(
    a_school: School,
) -> None:
    park = account("park")
    a_school.do(
        people.change_classroom_account, park, {"email": "jin@example.org"},
        by=a_school.classroom.dana,
    )  # fmt: skip
    assert Identity.objects.get(pk=park.identity_id).email == "jin@example.org"


def test_a_new_address_of_somebody_in_both_leaves_pass_alone(a_school: School) -> None:
    ana = account("ana")
    a_school.do(
        people.change_classroom_account, ana, {"email": "ana.l@example.org"},
        by=a_school.classroom.dana,
    )  # fmt: skip
    in_pass = PassAccount.objects.get(email="ana@example.org")
    assert in_pass.identity_id != account("ana.l").identity_id
    assert in_pass.identity.email == "ana@example.org"


def test_whoever_is_archived_while_an_admin_saves_stays_archived(a_school: School) -> None:
    room, read_before = a_school.classroom, account("ben")
    a_school.do(people.close_classroom_account, account_id=read_before.pk, by=room.dana)
    a_school.do(
        people.change_classroom_account, read_before, {"given_name": "Benjamin"}, by=room.dana
    )
    ben = account("ben")
    assert (ben.display_name, ben.closed_at) == ("Benjamin Carter", a_school.clock.at)
    assert "benjamin" in ben.search


def test_closing_and_reopening_twice_is_once(a_school: School) -> None:
    room = a_school.classroom
    about = {"account_id": room.ben.account_id, "by": room.dana}
    for operation in (people.close_classroom_account, people.reopen_classroom_account):
        a_school.do(operation, **about)
        before = a_school.last
        a_school.do(operation, **about)
        assert a_school.last == before
    assert account("ben").closed_at is None


def test_another_schools_people_are_out_of_reach(a_school: School) -> None:
    room, before = a_school.classroom, a_school.last
    a_school.do(people.close_classroom_account, account_id=room.eli.account_id, by=room.dana)
    assert (account("eli").closed_at, a_school.last) == (None, before)


def test_everybody_of_pass_joins_with_one_press_and_the_second_changes_nothing(
    a_school: School,
) -> None:
    for key, role in (("noa", "student"), ("vera", "teacher"), ("olu", "admin"), ("hal", "staff")):
        a_school.do(
            open_account, email=f"{key}@example.org", role=role, given_name=key.title(),
            by=a_school.dana,
        )  # fmt: skip
    dana = a_school.classroom.dana
    assert a_school.do(people.join_classroom, by=dana) == 3
    roles = [account(key).role for key in ("noa", "vera", "olu")]
    assert roles == ["student", "teacher", "school_admin"]
    before = a_school.last
    assert a_school.do(people.join_classroom, by=dana) == 0
    assert a_school.last == before


def test_who_was_archived_in_classroom_does_not_join_again_with_the_others(
    a_school: School,
) -> None:
    room = a_school.classroom
    a_school.do(people.close_classroom_account, account_id=room.ben.account_id, by=room.dana)
    assert a_school.do(people.join_classroom, by=room.dana) == 0


def test_closing_the_pass_account_leaves_classroom_open(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.id_of(a_school.ana), by=a_school.dana)
    assert account("ana").closed_at is None


@pytest.mark.parametrize(
    ("wanted", "count"),
    [({"text": "lop"}, 2), ({"role": "student"}, 5), ({"text": "ana@"}, 1), ({"text": "?!"}, 0)],
)
def test_people_are_found(a_school: School, wanted: dict[str, str], count: int) -> None:
    assert people.classroom_people(a_school.id, **wanted).count() == count
