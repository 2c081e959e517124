"""The made-up schools after some weeks: who is there, what has happened."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from corridor.accounts.models import ClassroomAccount, PassAccount
from corridor.accounts.signins import open_accounts
from corridor.demo import plan
from corridor.passes import queries, states
from corridor.passes.apart import groups_of
from corridor.web.cast import CAST
from tests.demo.looking import (
    EMAIL,
    account,
    all_cards,
    lincoln,
    log_and_table_agree,
    school_id_of,
)
from tests.signed_in import sign_in

NEW_YORK = ZoneInfo("America/New_York")

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]


def test_there_are_forty_adults_and_the_students(grown: datetime) -> None:
    people = PassAccount.objects.filter(school_id=lincoln())

    assert people.exclude(role="student").count() == 40
    assert people.filter(role="student").count() == 150
    assert {p.grade for p in people.filter(role="student")} == {"9", "10", "11", "12"}
    assert not people.exclude(role="student").filter(links=None).exists()
    assert ClassroomAccount.objects.filter(school_id=lincoln(), role="teacher").count() == 31


def test_the_nurse_is_in_classroom_without_a_class(grown: datetime) -> None:
    """So that there, too, she can be shown who is on the way to her."""
    nurse = ClassroomAccount.objects.get(school_id=lincoln(), email=EMAIL["ito"])
    assert (nurse.display_name, nurse.role) == ("Nurse Ito", "teacher")
    assert nurse.identity_id == account("ito").identity_id
    client = Client()
    sign_in(client, nurse.identity)
    assert client.get("/classroom/passes", headers={"HX-Request": "true"}).status_code == 200


def test_students_have_numbers_and_two_are_kept_apart(grown: datetime) -> None:
    numbers = PassAccount.objects.filter(school_id=lincoln(), role="student").values_list("number")
    assert len({number for (number,) in numbers if number}) == 150
    (group,) = groups_of(lincoln())
    cast = {account(key).pk for key in ("ana", "ben", "cam")}
    assert len(group.students) == 2 and not cast & {one.id for one in group.students}


def test_the_cast_is_who_the_sign_in_page_says(grown: datetime) -> None:
    shown = {m.key: PassAccount.objects.filter(email=m.email)[0].display_name for m in CAST}

    assert shown == {member.key: member.name for member in CAST}
    assert account("ana").grade == "9"
    assert account("dana").role == "admin"
    assert account("ito").links.get(is_personal=True).location.name == "Nurse"
    assert account("rivera").links.get(is_personal=True).location.name == "Ms. Rivera, 204"
    assert account("eli", school_id_of("Roosevelt Middle School")).role == "student"


def test_dana_works_in_both_schools(grown: datetime) -> None:
    offered = open_accounts(account("dana").identity_id)

    assert [a.school.name for a in offered] == ["Lincoln High School", "Roosevelt Middle School"]


def test_anas_page_knows_her_room_and_the_nurse(grown: datetime) -> None:
    past = queries.passes_of(account("ana").pk)

    assert past[0].origin.name == "Ms. Rivera, 204"
    assert "Nurse" in {card.destination.name for card in past}


def test_weeks_have_passed_with_all_that_happens_in_a_school(grown: datetime) -> None:
    cards = list(all_cards(lincoln()).values())
    ends = {card.state for card in cards}
    days = {card.requested_at.astimezone(NEW_YORK).date() for card in cards}

    assert len(cards) > 400
    assert ends >= {states.ENDED, states.EXPIRED, states.CANCELLED, states.WITHDRAWN}
    assert any(card.comments for card in cards)
    assert any(card.kind == "teacher" for card in cards)
    assert len(days) == 11
    assert all(day.weekday() < 5 for day in days)


def test_students_start_and_stop_passes_where_their_teacher_lets_them(grown: datetime) -> None:
    """The letter A is to be seen: in the history, and of somebody who is out or waits right now."""
    cards = list(all_cards(lincoln()).values())
    started = [card for card in cards if states.AUTO_START in card.marks]
    stopped = [card for card in cards if states.AUTO_STOP in card.marks]

    assert len(started) >= 10 and len(stopped) >= 5
    assert {card.origin.name for card in started} <= {
        name for name, (mode, _) in plan.AUTO.items() if mode != "stop"
    }
    assert any(card.auto for card in cards if card.is_open)


def test_nothing_happens_in_the_future(grown: datetime) -> None:
    for card in all_cards(lincoln()).values():
        times = [card.requested_at, card.ended_at, *(stamp.at for stamp in card.stamps)]
        assert max(time for time in times if time is not None) <= grown
        assert sorted(stamp.at for stamp in card.stamps) == [stamp.at for stamp in card.stamps]


@pytest.mark.parametrize("name", plan.SCHOOLS)
def test_the_log_told_again_is_the_table(grown: datetime, name: str) -> None:
    log_and_table_agree(school_id_of(name))


def test_the_other_school_is_small_and_knows_nobody_of_this_one(grown: datetime) -> None:
    other = school_id_of("Roosevelt Middle School")

    assert PassAccount.objects.filter(school_id=other, role="student").count() == 12
    assert {card.school_id for card in all_cards(other).values()} == {other}
