"""What the made-up school shows of Classroom: classes of the last days, plans, links."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from corridor.accounts.models import AccessPlan, ClassroomAccount
from corridor.accounts.plans import links_for, plans_for
from corridor.classroom import queries
from corridor.classroom.cards import APPLIED, FAILED
from corridor.classroom.sites import sites_of
from corridor.operators.verify import wrong_in_all
from tests.demo.looking import EMAIL, classes_over, lincoln, school_id_of

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]


def in_classroom(key: str) -> ClassroomAccount:
    """An adult of the cast."""
    return ClassroomAccount.objects.get(school_id=lincoln(), email=EMAIL[key])


def test_classes_of_the_last_days_are_in_the_history(grown: datetime) -> None:
    held = classes_over(grown)

    assert [card.led_by.name for card in held] == ["Ms. Rivera", "Mr. Okafor", "Ms. Rivera"] * 3
    assert len({card.started_at.date() for card in held}) == 3
    assert all(timedelta() < grown - card.started_at < timedelta(days=6) for card in held)
    assert {card.ended_by.kind for card in held if card.ended_by} == {"adult", "clock"}
    assert queries.running_sessions(lincoln()) == []


def test_a_class_shows_who_was_there_and_what_was_asked(grown: datetime) -> None:
    lesson = next(card for card in classes_over(grown) if card.period == "3")
    found = queries.console(lincoln(), lesson.id)
    here = [row for row in found.participants if row.excluded is None]

    assert len(here) == len(found.participants) - 1
    assert all(row.there[-1].until == lesson.ended_at for row in here)
    assert sorted(row.there[0].since - lesson.started_at for row in here)[-1] == timedelta(
        minutes=9
    )
    assert [one.kind for one in found.commands] == [
        "open_site", "lock", "plan", "acknowledge_hand", "message",
    ]  # fmt: skip
    results = {one.result for command in found.commands for one in command.recipients}
    assert results == {APPLIED, FAILED}
    pupil = found.commands[-1].recipients[0].student.id
    assert [line.by_student for line in queries.conversation(lincoln(), lesson.id, pupil)] == [
        True, False,
    ]  # fmt: skip
    assert set(sites_of(lincoln(), lesson.id)) == {row.student.id for row in here}


def test_plans_and_links_are_ready_and_some_are_the_schools(grown: datetime) -> None:
    rivera, okafor = in_classroom("rivera"), in_classroom("okafor")

    assert [plan.name for plan in plans_for(lincoln(), rivera.pk)] == [
        "No games, no video", "Writing an essay",
    ]  # fmt: skip
    assert [link.name for link in links_for(lincoln(), okafor.pk)] == [
        "Graphing calculator", "School library",
    ]  # fmt: skip
    other = school_id_of("Roosevelt Middle School")
    assert {plan.owner.email for plan in AccessPlan.objects.filter(school_id=other)} == {
        EMAIL["dana"]
    }


def test_the_log_has_it_all(grown: datetime) -> None:
    assert list(wrong_in_all(connection)) == []
