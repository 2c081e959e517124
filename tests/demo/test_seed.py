"""The made-up schools: who is there, what has happened, who is out right now."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client

from corridor import clock as corridor_clock
from corridor.accounts.actors import Actor
from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.accounts.signins import open_accounts
from corridor.clock import TestClock
from corridor.demo import plan
from corridor.demo.building import Building
from corridor.demo.seed import seed, wake
from corridor.live.log import last_number, turn
from corridor.passes import queries, states
from corridor.passes.apart import groups_of
from corridor.passes.cards import PassCard
from corridor.passes.refusals import Refused
from corridor.passes.requests import request_pass
from corridor.passes.trips import move_pass
from corridor.roster.models import School
from corridor.roster.schools import settings_of
from corridor.web.cast import CAST
from tests.demo.conftest import Seed
from tests.demo.looking import (
    EMAIL,
    account,
    all_cards,
    lincoln,
    log_and_table_agree,
    nobody_is_out_twice,
    school_id_of,
)

pytestmark = pytest.mark.thorough

NEW_YORK = ZoneInfo("America/New_York")

# One after the other: an ordinary morning, midnight, a weekend, both changes of the clocks.
ANY_HOUR = (
    datetime(2026, 3, 3, 8, 12, tzinfo=NEW_YORK),
    datetime(2026, 3, 3, 10, 40, tzinfo=NEW_YORK),
    datetime(2026, 3, 4, 0, 2, tzinfo=NEW_YORK),
    datetime(2026, 3, 7, 22, 30, tzinfo=NEW_YORK),
    datetime(2026, 3, 8, 3, 5, tzinfo=NEW_YORK),
    datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1),
)


def test_there_are_forty_adults_and_the_students(grown: datetime) -> None:
    people = PassAccount.objects.filter(school_id=lincoln())

    assert people.exclude(role="student").count() == 40
    assert people.filter(role="student").count() == 150
    assert {p.grade for p in people.filter(role="student")} == {"9", "10", "11", "12"}
    assert not people.exclude(role="student").filter(links=None).exists()
    assert ClassroomAccount.objects.filter(school_id=lincoln(), role="teacher").count() == 30


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


def test_whatever_the_hour_the_school_is_alive(seeded: Seed, clock: TestClock) -> None:
    seeded()
    _is_alive(clock.at)
    for at in ANY_HOUR:
        clock.at = at.astimezone(UTC)
        wake()
        _is_alive(clock.at)


def test_a_demonstration_may_begin_at_midnight(seeded: Seed) -> None:
    at = datetime(2026, 3, 4, 5, 0, 20, tzinfo=UTC)
    seeded(at)
    _is_alive(at)


def _is_alive(at: datetime) -> None:
    cards = queries.open_passes(lincoln())
    cast = set(PassAccount.objects.filter(email__in=EMAIL.values()).values_list("pk", flat=True))

    assert sum(card.is_out for card in cards) == 14, at
    assert {card.state for card in cards} == states.OPEN - {states.QUEUED}
    assert sum(card.is_long_running for card in cards) == 2
    assert all(at - card.requested_at < timedelta(minutes=20) for card in cards)
    waiting = [card.origin.adult_name for card in cards if card.state == states.WAITING]
    assert sorted(waiting) == ["Mr. Okafor", "Ms. Iyer", "Ms. Rivera", "Ms. Rivera"]
    assert not cast & {card.student.id for card in cards}
    log_and_table_agree(lincoln())
    nobody_is_out_twice(lincoln())
    _only_ben_has_used_his_passes(at)


def _only_ben_has_used_his_passes(now: datetime) -> None:
    ben, ana = (Building(lincoln()).pupil(EMAIL[key]).actor for key in ("ben", "ana"))
    used = queries.used_today(queries.passes_of(account("ben").pk), settings_of(lincoln()), now)

    assert used == 4
    with pytest.raises(Refused, match="daily_limit"):
        _ask_for_the_nurse(ben, now)
    card = _ask_for_the_nurse(ana, now)
    with turn(lincoln()) as tx:
        move_pass(tx, "withdraw", pass_id=card.id, by=ana, at=now)


def _ask_for_the_nurse(by: Actor, at: datetime) -> PassCard:
    places = Building(lincoln()).place_named
    with turn(lincoln()) as tx:
        return request_pass(
            tx,
            origin_id=places["Ms. Rivera, 204"].pk,
            destination_id=places["Nurse"].pk,
            by=by,
            at=at,
        )


def test_everybody_of_the_cast_signs_in(seeded: Seed, client: Client) -> None:
    corridor_clock.set_clock(None)  # sign-in sessions run by the machine's clock
    seeded()
    for email in EMAIL.values():
        client.force_login(Identity.objects.get(email=email))
        page = client.get("/", follow=True)

        assert page.status_code == 200
        assert page.redirect_chain


def test_the_same_time_gives_the_same_school(seeded: Seed) -> None:
    def told(school_id: int) -> list[tuple[str, str, str]]:
        cards = sorted(all_cards(school_id).items())
        return [(c.student.name, c.destination.name, c.state) for _, c in cards]

    seeded()
    first = told(lincoln())
    with transaction.atomic():
        School.objects.update(name="Another")
        for kept in (Identity, PassAccount, ClassroomAccount):
            kept.objects.update(email=Concat(Value("was."), "email"))
    seeded()

    assert told(lincoln()) == first


def test_a_school_that_is_awake_is_left_alone(seeded: Seed, clock: TestClock) -> None:
    seeded()
    before = last_number(lincoln())
    clock.move(seconds=20)
    wake()

    assert last_number(lincoln()) == before


def test_it_tells_how_far_it_is(db: None, clock: TestClock) -> None:
    told: list[str] = []
    seed(told.append, students=20, school_days=7, zone="America/New_York")

    assert told[0] == "Lincoln High School: 40 adults and 20 students."
    assert "Lincoln High School: 7 of 7 school days." in told
    assert any(line.endswith("students are out right now.") for line in told)
