"""Reminders by e-mail: 20 and 5 minutes before, as each adult chooses."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.core import mail

from corridor.accounts.actors import Actor
from corridor.accounts.people import close_account
from corridor.passes.appointments import call_off, reschedule
from corridor.passes.models import Reminder
from corridor.passes.refusals import NotAllowed
from corridor.passes.reminders import choose_reminders
from corridor.roster.changes import archive_location
from corridor.roster.models import Location
from corridor.web.post import remind_due
from tests.school import School


def choose(school: School, adult: Actor, *minutes: int) -> None:
    school.do(choose_reminders, minutes=minutes, may_be_asked=True, by=adult)


def passes_time(school: School, minutes: int) -> list[str]:
    """Minute by minute, with the post looking; to whom it wrote at which minute."""
    told = []
    for minute in range(1, minutes + 1):
        school.wait(minutes=1)
        before = len(mail.outbox)
        while remind_due(school.clock.at):
            pass
        told += [f"{minute} {letter.to[0].split('@')[0]}" for letter in mail.outbox[before:]]
    return told


@pytest.mark.parametrize(
    ("chosen", "told"),
    [((), []), ((20,), ["40 ito"]), ((5,), ["55 ito"]), ((20, 5), ["40 ito", "55 ito"])],
)
def test_as_the_adult_chooses(a_school: School, chosen: tuple[int, ...], told: list[str]) -> None:
    choose(a_school, a_school.ito, *chosen)
    a_school.arrange(a_school.ana, a_school.cam)
    assert passes_time(a_school, 70) == told
    assert not Reminder.objects.exists()


def test_one_letter_names_all_of_the_same_time(a_school: School) -> None:
    for adult in (a_school.ito, a_school.rivera):
        choose(a_school, adult, 20)
    a_school.arrange(a_school.ana, a_school.cam, reason="Eye <test>")
    assert sorted(passes_time(a_school, 41)) == ["40 ito", "40 rivera"]
    letter = mail.outbox[-1]
    assert letter.subject == "2 appointments at 11:00 AM"
    assert "Ana Lopez: Room 204 → Nurse (Eye <test>)" in letter.body
    assert "Cam Nguyen" in letter.body


def test_a_letter_leads_to_where_the_appointment_stands(a_school: School) -> None:
    """Five minutes before it has surfaced, and waits among the passes."""
    choose(a_school, a_school.rivera, 20, 5)
    a_school.arrange()
    passes_time(a_school, 60)
    assert [re.findall(r"http\S+(/staff\S*)", str(letter.body)) for letter in mail.outbox] == [
        ["/staff?tab=appointments"], ["/staff"],
    ]  # fmt: skip


def test_what_was_called_off_or_moved_is_not_told(a_school: School) -> None:
    choose(a_school, a_school.ito, 20, 5)
    (off,) = a_school.arrange()
    (moved,) = a_school.arrange(a_school.cam)
    assert passes_time(a_school, 41) == ["40 ito"]
    a_school.do(call_off, pass_id=off.id, text="Ill.", by=a_school.ito)
    a_school.do(reschedule, pass_id=moved.id, wall=time(12), by=a_school.ito)
    # Of the new time it reminds anew: at 11:40 and 11:55.
    assert passes_time(a_school, 80) == ["59 ito", "74 ito"]


def test_the_adult_of_another_place_is_reminded_too(a_school: School) -> None:
    """Whoever it was taken from is not; the one that stays is told where to, while it is time."""
    for adult in (a_school.ito, a_school.okafor, a_school.rivera):
        choose(a_school, adult, 20, 5)
    (card,) = a_school.arrange()
    assert sorted(passes_time(a_school, 42)) == ["40 ito", "40 rivera"]
    a_school.do(reschedule, pass_id=card.id, destination_id=a_school.library, by=a_school.ito)
    assert sorted(passes_time(a_school, 1)) == ["1 okafor", "1 rivera"]
    assert "Ana Lopez: Room 204 → Library" in mail.outbox[-1].body
    a_school.do(reschedule, pass_id=card.id, reason="Books", by=a_school.okafor)
    assert sorted(passes_time(a_school, 20)) == ["12 okafor", "12 rivera"]


def test_after_another_place_at_the_last_moment_only_what_is_still_to_come(
    a_school: School,
) -> None:
    choose(a_school, a_school.okafor, 20, 5)
    (card,) = a_school.arrange()
    passes_time(a_school, 50)
    a_school.do(reschedule, pass_id=card.id, destination_id=a_school.library, by=a_school.ito)
    assert passes_time(a_school, 10) == ["5 okafor"]


@pytest.mark.parametrize("lost", ["student", "origin", "destination"])
def test_what_the_clock_will_cancel_is_not_told(a_school: School, lost: str) -> None:
    choose(a_school, a_school.ito, 20)
    a_school.ito = a_school.with_locations(a_school.ito, a_school.library, a_school.room_118)
    (card,) = a_school.arrange(to=a_school.library, origin=a_school.room_118)
    (other,) = a_school.arrange(a_school.cam)
    if lost == "student":
        a_school.do(close_account, account_id=card.student.id, by=a_school.dana)
    else:
        place = Location.objects.get(pk=getattr(card, lost).id)
        a_school.do(archive_location, place, by=a_school.dana.who)
    assert passes_time(a_school, 41) == ["40 ito"]
    assert "Cam Nguyen" in mail.outbox[-1].body
    assert "Ana Lopez" not in mail.outbox[-1].body
    assert a_school.now_is(other.id).state == "scheduled"


def test_a_reminder_that_would_come_too_late_is_left_out(a_school: School) -> None:
    choose(a_school, a_school.ito, 20, 5)
    a_school.arrange(minutes=10)
    assert passes_time(a_school, 12) == ["5 ito"]
    a_school.arrange(a_school.cam, minutes=30)
    a_school.wait(minutes=60)
    assert not remind_due(a_school.clock.at)


def test_a_mail_server_that_is_away_is_tried_again(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(a_school, a_school.ito, 20)
    a_school.arrange()
    a_school.wait(minutes=40)

    def away(*args: Any, **kwargs: Any) -> int:
        raise OSError("away")

    with monkeypatch.context() as gone:
        gone.setattr("django.core.mail.EmailMessage.send", away)
        assert remind_due(a_school.clock.at) == 1
    assert remind_due(a_school.clock.at + timedelta(seconds=5)) == 0
    assert passes_time(a_school, 3) == ["1 ito"]


def test_only_adults_choose(a_school: School) -> None:
    with pytest.raises(NotAllowed):
        choose(a_school, a_school.ana, 20)
