"""Who is who in both products, by the e-mail addresses as they are now."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corridor.accounts.classroom_people import open_classroom_account
from corridor.accounts.models import ClassroomAccount, PassAccount
from corridor.accounts.people import close_account
from corridor.integration import hearing
from corridor.integration.people import (
    PassFailure,
    classroom_ids_of,
    in_pass,
    pass_actor_of,
    pass_ids_of,
)
from corridor.live import topics
from corridor.roster.schools import settings_of
from tests.integration.people import signed, switch
from tests.school import School


def test_an_adult_of_classroom_is_the_same_adult_in_pass(a_school: School) -> None:
    okafor = signed(a_school, "okafor")
    with CaptureQueriesContext(connection) as asked:
        actor = pass_actor_of(okafor)
    assert len(asked) == 1
    assert actor is not None
    assert actor.account_id == a_school.okafor.account_id
    assert actor.location_ids == {a_school.room_118, a_school.library, a_school.exit}
    assert (actor.face, actor.role) == ("classroom", "teacher")


def test_case_and_space_do_not_matter_and_one_letter_does(a_school: School) -> None:
    """Rows 3 and 19."""
    account = PassAccount.objects.get(email="rivera@example.org")
    for email, is_matched in (
        (" Rivera@Example.ORG ", True),
        ("rivers@example.org", False),
        ("rivera@example.org", True),
    ):
        account.email = email
        account.save()
        assert (pass_actor_of(signed(a_school, "rivera")) is not None) is is_matched


def test_another_school_is_no_match(a_school: School) -> None:
    PassAccount.objects.filter(email="rivera@example.org").update(school_id=a_school.other_id)
    assert pass_actor_of(signed(a_school, "rivera")) is None


def test_a_closed_account_on_either_side_is_no_match(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.id_of(a_school.okafor), by=a_school.dana)
    assert pass_actor_of(signed(a_school, "okafor")) is None
    rivera = ClassroomAccount.objects.filter(email="rivera@example.org")
    before = signed(a_school, "rivera")
    rivera.update(closed_at=a_school.clock.at)
    assert pass_actor_of(before) is None
    assert classroom_ids_of(a_school.id, [a_school.id_of(a_school.rivera)]) == {}


def test_an_adult_is_never_matched_to_a_student(a_school: School) -> None:
    a_school.do(
        open_classroom_account, email="eli.adult@example.org", role="teacher", given_name="E",
        family_name="M", display_name="", by=a_school.classroom.dana,
    )  # fmt: skip
    PassAccount.objects.filter(email="cam@example.org").update(email="eli.adult@example.org")
    assert pass_actor_of(signed(a_school, "eli.adult")) is None


def test_without_a_match_the_attempt_is_a_pass_failure(a_school: School) -> None:
    """Row 18."""
    with pytest.raises(PassFailure) as caught:
        in_pass(signed(a_school, "park"))
    assert caught.value.email == "park@example.org"


def test_students_are_found_in_both_directions_in_one_question_each(a_school: School) -> None:
    room = a_school.classroom
    students = [room.ana.account_id, room.ben.account_id, room.lou.account_id, room.eli.account_id]
    ids = [one for one in students if one is not None]
    with CaptureQueriesContext(connection) as asked:
        found = pass_ids_of(a_school.id, ids)
    assert len(asked) == 1
    # Lou has no account in Pass, Eli's are in another school.
    assert found == {
        room.ana.account_id: a_school.ana.account_id,
        room.ben.account_id: a_school.ben.account_id,
    }
    back = classroom_ids_of(a_school.id, list(found.values()))
    assert back == {there: here for here, there in found.items()}
    assert pass_ids_of(a_school.id, []) == {}


def test_a_page_hears_the_places_of_its_person_only_where_the_school_says_so(
    a_school: School,
) -> None:
    """Row 1."""
    assert hearing.hearing_of(signed(a_school, "rivera")).topics == frozenset()
    switch(a_school, on=True)
    heard = hearing.hearing_of(signed(a_school, "rivera"))
    assert heard.topics == {
        topics.location(a_school.room_204), topics.account(a_school.id_of(a_school.rivera)),
    }  # fmt: skip
    assert hearing.hearing_of(signed(a_school, "park")).topics == frozenset()


def test_off_by_default_and_for_one_school_only(a_school: School) -> None:
    assert not settings_of(a_school.id).classroom.pass_integration
    switch(a_school, on=True)
    assert settings_of(a_school.id).classroom.pass_integration
    assert not settings_of(a_school.other_id).classroom.pass_integration
