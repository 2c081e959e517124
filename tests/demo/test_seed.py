"""The made-up schools as they are made: at any hour, alive, always the same."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client

from corridor import clock as corridor_clock
from corridor.accounts.actors import Actor
from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.classroom.sites import sites_of
from corridor.clock import TestClock
from corridor.demo.building import Building
from corridor.demo.seed import seed, wake
from corridor.live.log import last_number, turn
from corridor.operators.purge import purge
from corridor.operators.verify import wrong_in_all
from corridor.passes import queries, states
from corridor.passes.cards import PassCard
from corridor.passes.refusals import Refused
from corridor.passes.requests import request_pass
from corridor.passes.trips import move_pass
from corridor.roster.models import School
from corridor.roster.schools import settings_of
from tests.demo.conftest import Seed
from tests.demo.looking import (
    EMAIL,
    account,
    all_cards,
    classes_over,
    lincoln,
    log_and_table_agree,
    nobody_is_out_twice,
)
from tests.signed_in import sign_in

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
        sign_in(client, Identity.objects.get(email=email))
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


def test_a_school_that_slept_has_held_its_classes_and_forgets_the_old(
    seeded: Seed, clock: TestClock
) -> None:
    seeded()
    first = {card.id for card in classes_over(clock.at)}
    clock.move(days=31)
    wake()
    purge(lincoln(), clock.at)
    held = classes_over(clock.at)

    assert first and held and not first & {card.id for card in held}
    assert all(clock.at - card.started_at < timedelta(days=6) for card in held)
    assert not any(sites_of(lincoln(), number) for number in first)
    assert list(wrong_in_all(connection)) == []


def test_it_tells_how_far_it_is(db: None, clock: TestClock) -> None:
    told: list[str] = []
    seed(told.append, students=20, school_days=7, zone="America/New_York")

    assert told[0] == "Lincoln High School: 40 adults and 20 students."
    assert "Lincoln High School: 7 of 7 school days." in told
    assert any(line.endswith("students are out right now.") for line in told)
