"""Forgetting: names go, numbers and counts stay, and a proof is recorded."""

from datetime import timedelta

import pytest
from django.db import connection

from corridor.accounts.classroom_people import close_classroom_account
from corridor.accounts.models import (
    AccessPlan,
    ClassroomAccount,
    Identity,
    LocationListing,
    PassAccount,
)
from corridor.accounts.people import close_account
from corridor.accounts.plans import keep_plan
from corridor.live.forgetting import forgotten_to
from corridor.live.log import read_log
from corridor.operators import purge
from corridor.operators.events import AccountsPurged, RecordsPurged
from corridor.operators.verify import wrong_in_all
from corridor.passes import queries
from corridor.passes.apart import groups_of
from corridor.passes.appointments import call_off
from corridor.passes.models import HallPass
from corridor.passes.trips import comment_on_pass
from corridor.roster.schools import settings_of
from tests.school import School


def everything(school: School) -> str:
    """All that the tables of passes and events hold, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT card FROM passes_hallpass UNION ALL SELECT body FROM live_event")
        return "\n".join(text for (text,) in cursor.fetchall())


def years_pass(school: School, days: int = 800) -> None:
    school.wait(days=days)


@pytest.fixture
def old(a_school: School) -> School:
    """A school whose passes are over two years old, and one of today."""
    card = a_school.end(a_school.ask(reason="Ana's own words"))
    a_school.do(comment_on_pass, pass_id=card.id, text="Ana looked pale.", by=a_school.dana)
    with pytest.raises(Exception, match="daily_limit"):
        a_school.ask(a_school.ben)
    years_pass(a_school)
    return a_school


def purge_now(school: School) -> None:
    purge.purge(school.id, school.clock.at)


def test_old_passes_and_events_name_nobody(old: School) -> None:
    before = everything(old)
    assert "Ana Lopez" in before
    assert "Ana looked pale" in before
    purge_now(old)
    purge.purge(old.other_id, old.clock.at)
    left = everything(old)
    for name in ("Ana", "Ben", "Cam", "Rivera", "Okafor", "Ito", "Dana", "Stone", "Otto", "Eli"):
        assert name not in left
    assert not HallPass.objects.exclude(student_id=0).exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM live_event WHERE name <> 'records.purged'"
            " AND (account_id IS NOT NULL OR topics LIKE %s)",
            (f"%student:{old.id_of(old.ana)}%",),
        )
        assert cursor.fetchone() == (0,)


def test_numbers_and_counts_stay_and_the_log_agrees(old: School) -> None:
    last, passes = old.last, HallPass.objects.count()
    names = [row.name for row in read_log(old.id, 0)]
    purge_now(old)
    assert [row.name for row in read_log(old.id, 0)][:last] == names
    assert HallPass.objects.count() == passes
    assert list(wrong_in_all(connection)) == []


def test_the_proof_says_what_went(old: School) -> None:
    last, would = old.last, purge.would_go(old.id, old.clock.at)
    purge_now(old)
    proof = purge.last_proof(old.id)
    assert proof is not None
    assert (proof.first, proof.last, proof.keep_days) == (1, last, 730)
    assert proof.passes == would.passes == 2
    assert would.count == last
    assert would.events["pass.refused"] == 1
    assert forgotten_to(old.id) == last
    assert purge.would_go(old.id, old.clock.at).is_nothing


def test_looking_changes_nothing(old: School) -> None:
    before, last = everything(old), old.last
    purge.would_go(old.id, old.clock.at)
    assert (everything(old), old.last) == (before, last)


def test_what_is_young_stays(old: School) -> None:
    card = old.end(old.ask())
    purge_now(old)
    kept = queries.pass_of_school(old.id, card.id)
    assert (kept.student.name, kept.origin.adult_name) == ("Ana Lopez", "Ms. Rivera")
    years_pass(old)
    purge_now(old)
    assert queries.pass_of_school(old.id, card.id).student.name == "—"
    assert list(wrong_in_all(connection)) == []


def events_as_text(school: School) -> str:
    """All that the log holds, without the tables of passes."""
    return "\n".join(row.body for row in read_log(school.id, 0))


def test_an_open_pass_keeps_its_card_and_not_the_log(a_school: School) -> None:
    card = a_school.ask(reason="Ana's own words")
    a_school.wait(days=800, timer=False)  # the server was stopped for two years
    would = purge.would_go(a_school.id, a_school.clock.at)
    purge_now(a_school)
    assert forgotten_to(a_school.id) == card.id
    proof = purge.last_proof(a_school.id)
    assert proof is not None and proof.passes == would.passes == 1  # the one of the fixture
    assert "own words" not in events_as_text(a_school)
    assert queries.pass_of_school(a_school.id, card.id) == card
    assert list(wrong_in_all(connection)) == []
    a_school.wait()
    years_pass(a_school)
    purge_now(a_school)
    assert "own words" not in everything(a_school)
    assert list(wrong_in_all(connection)) == []


def test_an_appointment_far_ahead_keeps_no_names_of_others(a_school: School) -> None:
    """In September a series until June is made; passes are kept for a month."""
    a_school.decide(keep_passes_days=30)
    series = a_school.arrange(
        a_school.cam, minutes=60 * 24 * 10, repeat="weekly",
        until=a_school.clock.at.date() + timedelta(days=280),
    )  # fmt: skip
    other = a_school.end(a_school.ask(reason="Ana's own words"))
    a_school.do(comment_on_pass, pass_id=other.id, text="Ana looked pale.", by=a_school.dana)
    a_school.wait(days=40)
    would = purge.would_go(a_school.id, a_school.clock.at)
    assert would.events["pass.commented"] == 1
    purge_now(a_school)
    assert forgotten_to(a_school.id) == would.last > other.id
    left = everything(a_school)
    assert "own words" not in left
    assert "looked pale" not in left
    assert "Cam Nguyen" not in "".join(row.body for row in read_log(a_school.id, 0, would.last))
    coming = queries.pass_of_school(a_school.id, series[-1].id)
    assert coming == series[-1]
    assert list(wrong_in_all(connection)) == []
    assert purge.would_go(a_school.id, a_school.clock.at).is_nothing


def test_an_appointment_whose_event_went_takes_place_and_is_forgotten_then(
    a_school: School,
) -> None:
    a_school.decide(keep_passes_days=30)
    (card,) = a_school.arrange(a_school.cam, minutes=60 * 24 * 60)
    a_school.wait(days=50)
    purge_now(a_school)
    a_school.wait(days=15)
    assert queries.pass_of_school(a_school.id, card.id).student.name == "Cam Nguyen"
    assert list(wrong_in_all(connection)) == []
    a_school.wait(days=31)
    purge_now(a_school)
    assert "Cam" not in everything(a_school)
    assert list(wrong_in_all(connection)) == []


def test_appointments_are_kept_while_they_are_to_come_and_forgotten_after(
    a_school: School,
) -> None:
    """One was missed long ago, one was called off, one is still to come."""
    a_school.arrange(reason="Ana's own words")
    (off,) = a_school.arrange(a_school.ben)
    a_school.do(call_off, pass_id=off.id, text="Ben is ill.", by=a_school.ito)
    a_school.wait(days=700)
    (coming,) = a_school.arrange(a_school.cam, minutes=60 * 24 * 200)
    a_school.wait(days=100)
    purge_now(a_school)
    left = everything(a_school)
    assert "own words" not in left
    assert "is ill" not in left
    kept = queries.pass_of_school(a_school.id, coming.id)
    assert kept.student.name == "Cam Nguyen"
    assert list(wrong_in_all(connection)) == []
    a_school.wait(days=1000)
    purge_now(a_school)
    assert "Cam" not in everything(a_school)
    assert list(wrong_in_all(connection)) == []


def test_a_pass_commented_lately_keeps_its_names_as_long(old: School) -> None:
    (first, *_) = HallPass.objects.filter(school_id=old.id).order_by("id")
    old.do(comment_on_pass, pass_id=first.id, text="Ben was seen.", by=old.dana)
    purge_now(old)
    assert queries.pass_of_school(old.id, first.id).student.name == "Ben Carter"
    assert list(wrong_in_all(connection)) == []


def test_a_purge_goes_in_batches_each_with_its_proof(
    old: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "BATCH", 5)
    last, done = old.last, list[int]()
    purge.purge(old.id, old.clock.at, done.append)
    proofs = [row for row in read_log(old.id, last) if row.name == RecordsPurged.name]
    assert sum(done) == last
    assert len(proofs) == len(done) == -(-last // 5)
    assert list(wrong_in_all(connection)) == []


def test_a_school_keeps_for_as_long_as_it_wants(old: School) -> None:
    old.do(purge.change_retention, keep_passes_days=900, keep_accounts_days=60, by=old.dana.who)
    assert settings_of(old.id).keep_passes_days == 900
    assert purge.would_go(old.id, old.clock.at).is_nothing
    assert not purge.would_go(old.id, old.clock.at + timedelta(days=101)).is_nothing


def test_an_account_closed_long_ago_names_nobody(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.id_of(a_school.ito), by=a_school.dana)
    a_school.wait(days=364)
    assert purge.would_go(a_school.id, a_school.clock.at).accounts == ()
    a_school.wait(days=2)
    assert purge.would_go(a_school.id, a_school.clock.at).accounts == ("Nurse Ito",)
    purge_now(a_school)
    account = PassAccount.objects.get(pk=a_school.id_of(a_school.ito))
    assert (account.given_name, account.display_name) == ("—", "—")
    assert account.email == f"pass-{account.pk}@gone.invalid"
    assert account.links.get(is_personal=True).location.adult_name == "—"
    assert not Identity.objects.filter(email="ito@example.org").exists()
    assert not Identity.objects.get(pk=account.identity_id).is_active
    assert AccountsPurged.name in [row.name for row in read_log(a_school.id, 0)]
    assert purge.would_go(a_school.id, a_school.clock.at).accounts == ()


def test_with_an_account_go_its_lists_and_the_notes_about_it(a_school: School) -> None:
    a_school.keep_apart(a_school.ana, a_school.cam, note="Ana and Cam, since October")
    a_school.list_student(a_school.library, a_school.ana)
    a_school.do(close_account, account_id=a_school.id_of(a_school.ana), by=a_school.dana)
    a_school.wait(days=400)
    purge_now(a_school)
    assert groups_of(a_school.id) == []
    assert not LocationListing.objects.exists()


def test_an_identity_that_is_used_elsewhere_stays(a_school: School) -> None:
    otto = PassAccount.objects.get(pk=a_school.id_of(a_school.otto))
    ana = PassAccount.objects.get(pk=a_school.id_of(a_school.ana))
    PassAccount.objects.filter(pk=ana.pk).update(identity=otto.identity)
    a_school.do(close_account, account_id=ana.pk, by=a_school.dana)
    a_school.wait(days=400)
    purge_now(a_school)
    otto.identity.refresh_from_db()
    assert (otto.identity.email, otto.identity.is_active) == ("otto@example.org", True)


def test_an_event_of_a_kind_from_the_future_stops_the_purge(old: School) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE live_event SET name = 'pass.teleported' WHERE number = 14")
    with pytest.raises(purge.UnknownEvent, match=r"Event 14 of school \d+ is “pass.teleported”"):
        purge_now(old)
    assert forgotten_to(old.id) == 0


def test_a_classroom_account_closed_long_ago_names_nobody(a_school: School) -> None:
    room = a_school.classroom
    plan = {"name": "Tia's", "blocks": False, "sites": ["example.org"]}
    a_school.do(keep_plan, **plan, by=room.tia)
    a_school.do(close_classroom_account, account_id=room.tia.account_id, by=room.dana)
    a_school.wait(days=364)
    purge_now(a_school)
    assert Identity.objects.filter(email="tia@example.org").exists()
    a_school.wait(days=2)
    assert purge.would_go(a_school.id, a_school.clock.at).accounts == ("Tia Novak",)
    purge_now(a_school)
    account = ClassroomAccount.objects.get(pk=School.id_of(room.tia))
    assert (account.display_name, account.search) == ("—", "")
    assert not Identity.objects.filter(email="tia@example.org").exists()
    assert not AccessPlan.objects.exists()
    assert purge.would_go(a_school.id, a_school.clock.at).accounts == ()


def test_whoever_is_still_in_the_other_product_can_sign_in(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.id_of(a_school.rivera), by=a_school.dana)
    a_school.wait(days=400)
    purge_now(a_school)
    assert Identity.objects.filter(email="rivera@example.org", is_active=True).exists()
    assert ClassroomAccount.objects.get(email="rivera@example.org").display_name == "Ms. Rivera"
