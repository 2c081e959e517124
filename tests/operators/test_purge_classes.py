"""Forgetting classes: after their own time, whole, with a proof, and nothing else."""

import pytest
from django.db import connection

from corridor.classroom import events, queries
from corridor.classroom.answers import Said
from corridor.classroom.cards import SessionCard
from corridor.classroom.commands import answer_command
from corridor.classroom.models import ClassMessage, ClassSession, ClassSite, Command, Participant
from corridor.classroom.participants import write_message
from corridor.classroom.sites import Found, Site, keep_sites
from corridor.live.log import read_log
from corridor.operators import purge
from corridor.operators.purge_classes import last_class_proof
from corridor.operators.verify import wrong_in_all
from corridor.roster.schools import settings_of
from tests.classroom.running import Classes, ids
from tests.school import School


@pytest.fixture
def classes(a_school: School) -> Classes:
    return Classes(a_school)


def a_class(classes: Classes) -> SessionCard:
    """Ana is locked and writes; she is taken over, and her device answers."""
    session, ana = classes.start(), classes.people.ana
    lock = classes.ask("lock", session, ana, text="Eyes on me, Ana")
    classes.school.do(write_message, text="It was Ben", by=ana)
    algebra = classes.algebra(take_over=(ana,))
    classes.school.do(
        answer_command, command_id=lock.id, by=classes.people.rivera,
        said={min(ids(ana)): [Said("Ana's screen", "Ana's")]},
    )  # fmt: skip
    classes.stop(session)
    classes.stop(algebra, classes.people.okafor)
    at = classes.school.clock.at
    for one in (session, algebra):
        page = Site("example.org", "Ana's page", at, at, 60)
        found: Found = {(one.id, min(ids(ana))): {(page.host, page.title): page}}
        keep_sites(classes.school.id, found)
    return session


def everything(classes: Classes) -> str:
    """All that the tables and the log hold of classes, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT card FROM classroom_classsession UNION ALL SELECT card FROM"
            " classroom_participant UNION ALL SELECT card FROM classroom_command"
        )
        kept = [text for (text,) in cursor.fetchall()]
    ours = {kind.name for kind in events.ALL}
    rows = read_log(classes.school.id, 0)
    return "\n".join(kept + [row.body for row in rows if row.name in ours])


def purge_now(classes: Classes) -> None:
    purge.purge(classes.school.id, classes.school.clock.at)


def test_after_thirty_days_nothing_of_a_class_names_anybody(classes: Classes) -> None:
    a_class(classes)
    assert "Ana's screen" in everything(classes)
    before = [row.name for row in read_log(classes.school.id, 0)]
    classes.wait(days=31)
    assert purge.would_go(classes.school.id, classes.school.clock.at).sessions == 2
    purge_now(classes)
    left = everything(classes)
    for name in ("Ana", "Ben", "Lou", "Mia", "Rivera", "Okafor", "Eyes on me"):
        assert name not in left
    assert not Participant.objects.exists()
    assert not Command.objects.exists()
    assert not ClassMessage.objects.exists()
    assert not ClassSite.objects.exists()
    assert ClassSession.objects.filter(is_forgotten=True, led_by=None).count() == 2
    assert [row.name for row in read_log(classes.school.id, 0)][: len(before)] == before
    assert list(wrong_in_all(connection)) == []


def test_the_proof_says_how_many_and_twice_is_once(classes: Classes) -> None:
    a_class(classes)
    classes.wait(days=31)
    purge_now(classes)
    proof = last_class_proof(classes.school.id)
    assert proof is not None
    assert (proof.sessions, proof.keep_days) == (2, 30)
    assert proof.events == 8
    last = classes.school.last
    purge_now(classes)
    assert classes.school.last == last


def test_a_younger_class_and_a_running_one_stay(classes: Classes) -> None:
    a_class(classes)
    classes.wait(days=20)
    young = classes.start()
    classes.wait(minutes=60)
    classes.wait(days=11)
    running = classes.start()
    purge_now(classes)
    for session in (young, running):
        found = queries.console(classes.school.id, session.id)
        assert found.session.led_by.name == "Ms. Rivera"
        assert len(found.participants) == 4


def test_the_school_decides_how_long(classes: Classes) -> None:
    classes.stop(classes.start())
    classes.school.do(
        purge.change_retention, keep_passes_days=400, keep_accounts_days=90, keep_classes_days=100,
        by=classes.school.dana.who,
    )  # fmt: skip
    assert settings_of(classes.school.id).keep_classes_days == 100
    classes.wait(days=99)
    purge_now(classes)
    assert last_class_proof(classes.school.id) is None
    classes.wait(days=2)
    purge_now(classes)
    assert last_class_proof(classes.school.id) is not None
