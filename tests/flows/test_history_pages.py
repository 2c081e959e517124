"""History, reports, one student's page and corrections, as people meet them."""

import csv
import html
import io
import json
import re
from base64 import b64decode
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from corridor.accounts import photos
from corridor.accounts.actors import Actor
from corridor.accounts.models import PassAccount
from corridor.accounts.names import BadName, clean_name
from corridor.accounts.people import open_account
from corridor.classroom.cards import SessionCard
from corridor.classroom.participants import write_message
from corridor.classroom.sites import Site, keep_sites
from corridor.passes import history
from corridor.passes.appointments import call_off
from corridor.passes.cards import PassCard
from corridor.passes.corrections import DAYS, ask_correction
from corridor.passes.queries import pass_of_school
from corridor.passes.queueing import clear_line
from corridor.passes.refusals import Refused
from corridor.passes.sightings import note_without_pass
from corridor.passes.texts import one_line
from corridor.passes.trips import comment_on_pass
from corridor.passes.undoing import undo
from corridor.reports import table
from corridor.roster.bells import Bells, Period, Schedule
from tests.accounts.pictures import picture
from tests.classroom.running import Classes, ids
from tests.hostile import MARKUP, TEXTS
from tests.school import School
from tests.signed_in import sign_in


def client_of(school: School, person: str) -> Client:
    client = Client()
    actor = getattr(school, person)
    sign_in(client, PassAccount.objects.get(pk=actor.account_id).identity)
    return client


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return html.unescape(answer.content.decode())


def names_in(text: str) -> list[str]:
    """Whose passes stand in the list."""
    return re.findall(r'aria-haspopup="dialog"><bdi>(.*?)</bdi>', text)


def forgotten(school: School) -> PassCard:
    """Ana's pass to the nurse, which the clock ended."""
    school.out()
    school.wait(minutes=40)
    card: PassCard = school.log()[-1].card
    return card


# Filters


def test_filters_are_chips_that_can_be_removed(a_school: School) -> None:
    forgotten(a_school)
    a_school.end(a_school.ask(a_school.cam, a_school.library))
    dana = client_of(a_school, "dana")
    assert names_in(page(dana, "staff:history")) == ["Cam Nguyen", "Ana Lopez", "Ben Carter"]
    told = page(dana, "staff:history", to=a_school.nurse, what="system_ended")
    assert names_in(told) == ["Ana Lopez"]
    assert "1 pass" in told
    chips = re.findall(r'filter-chip" href="\?(.*?)".*?<bdi>(.*?)</bdi>', told)
    assert chips == [("what=system_ended", "Nurse"), (f"to={a_school.nurse}", "System ended")]


def test_the_address_says_what_is_asked_and_nothing_else(a_school: School) -> None:
    dana, address = client_of(a_school, "dana"), reverse("staff:history")
    answer = dana.get(address, {"what": "expired", "kind": "", "q": "", "unknown": "1"})
    assert answer.headers["Location"] == f"{address}?what=expired"
    answer = dana.get(address, {"what": "edited"})  # an address of an older Corridor
    assert answer.headers["Location"] == f"{address}?mark=edited"
    answer = dana.get(address, {"q": "ana l", "student": ""})
    assert answer.headers["Location"] == f"{address}?student={a_school.ana.account_id}"


@pytest.mark.parametrize(
    "query",
    [{"student": "ana"}, {"student": 10**30}, {"what": "lost"}, {"since": "yesterday"},
     {"q": "nobody"}, {"from": "-1"}, {"kind": "kiosk"}, {"when": "ever"}],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(a_school: School, query: dict[str, str]) -> None:
    answer = client_of(a_school, "dana").get(reverse("staff:history"), query)
    assert answer.status_code == 400
    assert "Please look again" in answer.content.decode()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("name", ["staff:history", "staff:refusals", "staff:reports"])
def test_the_ends_of_the_calendar_are_no_days_of_a_school(
    a_school: School, name: str, day: str
) -> None:
    for end in ("since", "until"):
        answer = client_of(a_school, "dana").get(reverse(name), {end: day})
        assert answer.status_code == 400
        assert f"“{day}” is no day between 2000 and 2199." in answer.content.decode()


def test_days_are_those_of_the_school(a_school: School) -> None:
    a_school.end(a_school.ask())  # Monday, 2 March 2026, ten o'clock in New York
    dana = client_of(a_school, "dana")
    assert len(names_in(page(dana, "staff:history", since="2026-03-02"))) == 2
    assert names_in(page(dana, "staff:history", since="2026-03-03")) == []
    assert len(names_in(page(dana, "staff:history", until="2026-03-02"))) == 2
    assert names_in(page(dana, "staff:history", until="2026-03-01")) == []
    a_school.wait(days=1)
    assert names_in(page(dana, "staff:history", when="today")) == []
    assert len(names_in(page(dana, "staff:history", when="week"))) == 2


def test_pages_lead_on_to_the_oldest(a_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corridor.web.staff.history.PAGE", 2)
    cards = [a_school.end(a_school.ask(a_school.ana)) for _ in range(4)]
    dana, query, seen = client_of(a_school, "dana"), "", list[str]()
    while True:
        told = html.unescape(dana.get(f"{reverse('staff:history')}?{query}").content.decode())
        seen += re.findall(r'hx-get="/staff/passes/(\d+)"', told)
        older = re.search(r'href="\?(\S*)" rel="next"', told)
        if older is None:
            break
        query = older[1]
    assert seen[:4] == [str(card.id) for card in reversed(cards)]
    assert len(seen) == len(set(seen)) == 5


def test_a_large_count_is_not_counted_out(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corridor.web.staff.history.COUNTED", 2)
    for _ in range(3):
        a_school.end(a_school.ask())
    assert "More than 2, newest first" in page(client_of(a_school, "dana"), "staff:history")


def test_whoever_sees_only_their_own_passes_finds_only_those(a_school: School) -> None:
    a_school.end(a_school.ask(a_school.ana, a_school.restroom))
    a_school.decide(ended_shown_to="concerned")
    assert names_in(page(client_of(a_school, "okafor"), "staff:history")) == []
    assert len(names_in(page(client_of(a_school, "ito"), "staff:history"))) == 2
    assert len(names_in(page(client_of(a_school, "dana"), "staff:history"))) == 2
    okafor = client_of(a_school, "okafor")
    assert okafor.get(reverse("staff:reports")).status_code == 403
    assert names_in(page(okafor, "staff:student", a_school.ana.account_id)) == []


def test_refusals_tell_why_and_never_who_is_kept_apart(a_school: School) -> None:
    a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.out(a_school.ana)
    for student in (a_school.cam, a_school.ben):
        with pytest.raises(Refused):
            a_school.ask(student)
    dana, rivera = client_of(a_school, "dana"), client_of(a_school, "rivera")
    told = page(dana, "staff:refusals")
    assert "Ben Carter has used 1 of 1 passes today." in told
    assert "</svg>Contact control</span>" in told
    told = page(rivera, "staff:refusals")
    assert "Contact control" not in told and "kept apart" not in told
    assert "</svg>Building limit</span>" in told
    assert "Contact control" in page(dana, "staff:reports")
    assert "Contact control" not in page(rivera, "staff:reports")


def test_overrides_are_counted_by_rule_as_the_reader_may_know_them(a_school: School) -> None:
    a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.out(a_school.cam)
    a_school.decide(daily_limit=0, building_limit=1)
    for student in (a_school.ana, a_school.ben):
        override = frozenset({"building_full", "daily_limit"})
        card = a_school.give(student, override=override, pre_approved=True)
        a_school.press("end", card, a_school.rivera)

    def told(person: str, **query: Any) -> list[tuple[str, str]]:
        text = page(client_of(a_school, person), "staff:reports", **query)
        table = text.split('id="overridden-title"')[1] if "overridden-title" in text else ""
        row = r'<tr><th scope="row">(.*?)</th><td class="number">(\d+)</td>'
        return sorted(re.findall(row, table))

    assert told("rivera") == [("Building limit", "2"), ("Daily limit", "2")]
    assert told("dana") == [
        ("Building limit", "2"), ("Contact control", "1"), ("Daily limit", "2"),
    ]  # fmt: skip
    assert told("rivera", grade="10") == [("Building limit", "1"), ("Daily limit", "1")]
    shown = page(client_of(a_school, "rivera"), "staff:reports")
    (address,) = re.findall(r'"(/staff/history\?mark=overridden&[^"]+)"', shown)
    listed = client_of(a_school, "rivera").get(address, follow=True)
    assert len(names_in(listed.content.decode())) == 2
    assert told("rivera", when="today", until="2026-02-01", since="2026-01-01") == []


# Looks


def test_the_student_reads_who_looked(a_school: School) -> None:
    forgotten(a_school)
    ana, rivera = client_of(a_school, "ana"), client_of(a_school, "rivera")
    assert "Nobody looked yet." in page(ana, "student:history")
    page(rivera, "staff:student", a_school.ana.account_id)
    page(client_of(a_school, "ito"), "staff:history", student=a_school.ana.account_id)
    page(rivera, "staff:refusals", student=a_school.ana.account_id)
    told = page(ana, "student:history")
    looks = re.findall(r"<li><bdi>(.*?)</bdi> <span", told)
    assert looks == ["Nurse Ito", "Ms. Rivera"]
    assert "Who looked" not in page(rivera, "staff:student", a_school.ana.account_id)
    told = page(client_of(a_school, "dana"), "staff:student", a_school.ana.account_id)
    assert re.findall(r"<li><bdi>(.*?)</bdi> <span", told)[1:] == looks


def a_class_with_sites(school: School) -> SessionCard:
    """Ana writes in English 2, and reads; Mia plays. It is over."""
    classes, people, at = Classes(school), school.classroom, school.clock.at
    session = classes.start()
    school.do(write_message, text="Which page?", by=people.ana)
    ana, mia = min(ids(people.ana)), min(ids(people.mia))
    pages = {ana: Site("example.org", "Reading", at, at, 754), mia: Site("a.org", "", at, at, 7)}
    keep_sites(
        school.id,
        {(session.id, who): {(page.host, page.title): page} for who, page in pages.items()},
    )
    return classes.stop(session)


def test_the_history_of_a_class_shows_the_sites(a_school: School) -> None:
    session = a_class_with_sites(a_school)
    told = page(client_of(a_school, "okafor"), "classroom:past", session.id)
    assert "Kept for 30 days, then deleted." in told
    ana, mia = re.findall(r"<li><details><summary><strong>.*?</details>", told, re.DOTALL)
    assert "Ana Lopez" in ana and "example.org" in ana and "Reading" in ana and ">12:34<" in ana
    assert "a.org" in mia and "without a title" in mia and ">0:07<" in mia
    nobody = Classes(a_school)
    told = page(client_of(a_school, "okafor"), "classroom:past", nobody.stop(nobody.start()).id)
    assert "No device said which sites were open." in told


def test_a_student_reads_that_sites_are_kept(a_school: School) -> None:
    Classes(a_school).start()
    told = page(client_of(a_school, "ana"), "classroom:student")
    assert "is kept for 30 days, then deleted. Pictures of your screen are never kept." in told


def test_all_data_of_a_student_in_one_file(a_school: School) -> None:
    a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.out(a_school.cam)
    with pytest.raises(Refused):
        a_school.ask()
    card = a_school.give(override=frozenset({"building_full"}), pre_approved=True)
    assert card.overridden == ("kept_apart",)
    a_school.do(comment_on_pass, pass_id=card.id, text="Seen.", by=a_school.ito)
    dana = client_of(a_school, "dana")
    session = a_class_with_sites(a_school)
    answer = dana.post(reverse("admin:student_data", args=[a_school.ana.account_id]))
    assert "attachment" in answer.headers["Content-Disposition"]
    data = json.loads(answer.content)
    assert data["account"]["email"] == "ana@example.org"
    assert [one["id"] for one in data["passes"]] == [card.id]
    assert data["passes"][0]["comments"][0]["text"] == "Seen."
    assert [one["rule"] for one in data["refusals"]] == ["building_full"]
    assert data["passes"][0]["overridden"] == ["building_full"]
    assert b"kept_apart" not in answer.content and b"Nguyen" not in answer.content
    assert data["looked_at_by"][0]["exported"] is True
    classes = [(one["name"], one["period"]) for one in data["classroom"]["classes"]]
    assert classes == [("English 2", "3"), ("Algebra 1", "5")]
    (held,) = data["classroom"]["sessions"]
    assert (held["class"], held["started_at"]) == ("English 2", f"{session.started_at:%FT%TZ}")
    assert [line["text"] for line in held["written"]] == ["Which page?"]
    assert [(one["host"], one["title"]) for one in held["sites"]] == [("example.org", "Reading")]
    told = page(client_of(a_school, "ana"), "student:history")
    assert "exported" in told


def test_the_file_has_what_is_still_to_come_and_what_adults_wrote_down(a_school: School) -> None:
    ana = a_school.id_of(a_school.ana)
    PassAccount.objects.filter(pk=ana).update(number="A-17")
    shown = photos.shrunk(picture())
    a_school.do(photos.put_photo, account_id=ana, picture=shown, by=a_school.dana)
    coming, *_others = a_school.arrange(a_school.ana, a_school.cam, reason="Eye test")
    met = {"place_id": a_school.library, "by": a_school.okafor}
    a_school.do(note_without_pass, student_id=ana, text="By the bins", **met)
    cam = a_school.id_of(a_school.cam)
    a_school.do(note_without_pass, student_id=cam, text="Of Cam", **met)
    answer = client_of(a_school, "dana").post(reverse("admin:student_data", args=[ana]))
    data = json.loads(answer.content)
    assert data["account"]["number"] == "A-17"
    assert b64decode(data["account"]["photo"]["base64"]) == shown
    (appointment,) = data["appointments_to_come"]
    assert (appointment["id"], appointment["reason"]) == (coming.id, "Eye test")
    (seen,) = data["seen_without_pass"]
    assert (seen["text"], seen["place"]["name"]) == ("By the bins", "Library")
    assert (seen["by"]["name"], seen["at"]) == ("Mr. Okafor", f"{a_school.clock.at:%FT%TZ}")


# Own data


def test_own_limits_in_plain_words(a_school: School) -> None:
    free = page(client_of(a_school, "ana"), "student:history")
    assert "Nothing limits how many passes you may ask for." in free
    a_school.decide(daily_limit=1, weekly_limit=3, term_limit=9, cooldown=5)
    a_school.end(a_school.ask())
    told = page(client_of(a_school, "ana"), "student:history")
    assert "0 of 1 left today" in told
    assert "It works again tomorrow, Tuesday, March 3." in told
    assert "2 of 3 left this week" in told and "on Monday" not in told
    assert "8 of 9 left this term" in told
    assert "5 minutes between two passes" in told


def test_a_used_limit_works_again_on_the_next_day_with_school(a_school: School) -> None:
    day = Schedule(name="Regular", periods=(Period(name="1", begins=time(9), ends=time(10)),))
    a_school.decide(bells=Bells(schedules=(day,), week=("Regular",) * 5 + ("",) * 2))
    a_school.decide(daily_limit=1)
    a_school.wait(days=4)  # Friday
    a_school.end(a_school.ask())
    ana = client_of(a_school, "ana")
    assert "It works again on Monday, March 9." in page(ana, "student:history")
    asked = ana.post(
        reverse("student:request"), {"origin": a_school.room_204, "destination": a_school.nurse}
    )
    assert "It will work again on Monday." in asked.content.decode()


def test_a_correction_from_the_students_page_to_the_answer(a_school: School) -> None:
    card = forgotten(a_school)
    ana, rivera = client_of(a_school, "ana"), client_of(a_school, "rivera")
    assert "The time is wrong" in page(ana, "student:history")
    answer = ana.post(
        reverse("student:correct", args=[card.id]), {"back_at": "10:04", "note": "I was early."}
    )
    assert answer.status_code == 302
    assert "Waits for an answer" in page(ana, "student:history")
    assert "1 correction to confirm" in page(rivera, "staff:dashboard")
    assert "Correction asked" in page(rivera, "staff:dashboard", tab="ended")
    assert "I was early." in page(rivera, "staff:corrections")
    assert "Nothing waits for you." in page(client_of(a_school, "okafor"), "staff:corrections")
    answer = rivera.post(reverse("staff:correction", args=[card.id]), {"answer": "confirm"})
    assert answer.headers["Location"] == reverse("staff:corrections")
    told = page(rivera, "staff:pass", card.id)
    assert "Correction confirmed" in told and "Ms. Rivera" in told and "student’s page" in told
    assert "Confirmed" in page(ana, "student:history")
    done = history.passes(a_school.id, history.Wanted(mark="edited"), limit=5)[0]
    assert done.started_at is not None
    assert done.ended_at == done.started_at.replace(minute=4, second=0)


def test_a_declined_correction_tells_why(a_school: School) -> None:
    card = forgotten(a_school)
    a_school.do(ask_correction, pass_id=card.id, back_at=card.started_at, by=a_school.ana)
    live = {"HX-Request": "true"}
    rivera, address = client_of(a_school, "rivera"), reverse("staff:correction", args=[card.id])
    answer = rivera.post(address, {"answer": "decline", "words": ""}, headers=live)
    assert answer.status_code == 422
    answer = rivera.post(address, {"answer": "decline", "words": "With the bell."}, headers=live)
    assert "data-detail" in answer.content.decode()
    told = page(client_of(a_school, "ana"), "student:history")
    assert "Declined" in told and "With the bell." in told


@pytest.mark.parametrize(("typed", "status"), [("", 400), ("25:00", 400), ("09:00", 422)])
def test_a_time_that_cannot_be_is_told_where_it_was_written(
    a_school: School, typed: str, status: int
) -> None:
    """The form of that pass stands open with all that was written; the others are closed."""
    forgotten(a_school)
    card = forgotten(a_school)
    ana = client_of(a_school, "ana")
    address = reverse("student:correct", args=[card.id])
    answer = ana.post(address, {"back_at": typed, "note": "I was early."})
    assert answer.status_code == status
    first, *others = answer.content.decode().split("<details ")[-2:]
    assert f'action="{address}"' in first and " open>" in first
    assert f'value="{typed}"' in first and 'value="I was early."' in first
    assert 'role="alert"' in first
    assert all(" open>" not in other and "I was early." not in other for other in others)


def test_a_wrong_time_on_a_later_page_is_told_there(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corridor.web.student.history.PAGE", 1)
    card = forgotten(a_school)
    forgotten(a_school)
    ana = client_of(a_school, "ana")
    older = re.search(r'\?after=[^"]+', page(ana, "student:history"))
    assert older is not None
    later = ana.get(reverse("student:history") + older[0]).content.decode()
    action = re.search(rf'action="(/student/passes/{card.id}/correction[^"]*)"', later)
    assert action is not None
    answer = ana.post(html.unescape(action[1]), {"back_at": "09:00", "note": "I was early."})
    assert 'value="I was early."' in answer.content.decode()


def test_a_correction_that_comes_too_late_is_told_at_the_head(a_school: School) -> None:
    card = forgotten(a_school)
    a_school.wait(days=DAYS + 1)
    answer = client_of(a_school, "ana").post(
        reverse("student:correct", args=[card.id]), {"back_at": "10:04"}
    )
    assert answer.status_code == 422
    head, _, rest = answer.content.decode().partition('class="day"')
    assert 'role="alert"' in head and "<details " not in rest


def test_the_minute_in_which_it_began_is_its_beginning(a_school: School) -> None:
    a_school.clock.move(seconds=42)
    card = forgotten(a_school)
    client_of(a_school, "ana").post(
        reverse("student:correct", args=[card.id]), {"back_at": "10:00"}
    )
    asked = history.asking(a_school.id, None)[0].correction
    assert asked is not None and asked.back_at == card.started_at


def test_a_student_reads_later_why_an_appointment_was_cancelled(a_school: School) -> None:
    (card,) = a_school.arrange(minutes=60)
    a_school.do(call_off, pass_id=card.id, text="The nurse is ill", by=a_school.ito)
    told = page(client_of(a_school, "ana"), "student:history")
    assert "The nurse is ill" in told and "11:00 AM" in told
    line = table.lines([pass_of_school(a_school.id, card.id)], a_school.zone, by_admin=False)
    assert "2026-03-02 11:00:00,The nurse is ill" in line


def test_the_file_names_who_let_the_student_go_in_the_end(a_school: School) -> None:
    """As the filter of the history does: an approval that was taken back is none."""

    def told(card: PassCard) -> str:
        lines = table.head() + table.lines([card], a_school.zone, by_admin=False)
        return next(csv.DictReader(io.StringIO(lines)))["Let go by"]

    gym = a_school.open_place("Gym")
    okafor, rivera = (a_school.with_locations(a, gym) for a in (a_school.okafor, a_school.rivera))
    card = a_school.press("approve", a_school.ask(origin=gym), okafor)
    back = a_school.do(undo, pass_id=card.id, by=okafor)
    assert (told(card), told(back)) == ("Mr. Okafor", "")
    again = a_school.press("approve", back, rivera)
    assert (told(again), again.let_go_by) == ("Ms. Rivera", rivera.account_id)


def test_a_student_reads_why_the_place_in_line_is_gone(a_school: School) -> None:
    """Ana let her turn go by, Cam's line was cleared."""
    single = a_school.open_place("Single", capacity=1, queueing=True)
    a_school.ito = a_school.with_locations(a_school.ito, single)
    first = a_school.out(a_school.add_student("dee", "Dee One"), single)
    a_school.queue(a_school.ana, single)
    a_school.press("end", first, a_school.rivera)
    a_school.wait(minutes=10)
    why = "Your turn is over: the place was kept for a while and now goes to others."
    assert why in page(client_of(a_school, "ana"), "student:history")
    a_school.out(a_school.add_student("ed", "Ed Two"), single)
    a_school.queue(a_school.cam, single)
    a_school.do(clear_line, location_id=single, by=a_school.ito)
    why = "The line was cleared: everybody in it may ask again."
    assert why in page(client_of(a_school, "cam"), "student:history")


def test_each_mark_has_its_symbol(a_school: School) -> None:
    """A for what the student did by Auto Pass; one of the two passes was arranged."""
    a_school.allow_auto(a_school.nurse)
    card = a_school.press("start", a_school.ask(), a_school.ana)
    a_school.wait(minutes=12)
    a_school.press("stop", card, a_school.ana)
    a_school.arrange(minutes=5)
    a_school.wait(minutes=16)
    told = page(client_of(a_school, "rivera"), "staff:history").split('class="past-row')
    _, arranged, asked, *_ = told
    assert re.findall(r'auto-mark" title="(.*?)"', asked) == [
        "Started by Auto Pass", "Stopped by Auto Pass",
    ]  # fmt: skip
    assert re.findall(r'#(\w+)"/></svg>([\w ]+)', asked) == [
        ("check", "Pass ended"), ("exclamation", "Long running"),
    ]  # fmt: skip
    assert 'aria-label="Appointment"' in arranged and "auto-mark" not in arranged
    assert "Appointment" not in asked


def test_a_pass_over_midnight(a_school: School) -> None:
    a_school.clock.move(hours=13, minutes=45)  # a quarter to midnight
    card = forgotten(a_school)
    client_of(a_school, "ana").post(
        reverse("student:correct", args=[card.id]), {"back_at": "00:05"}
    )
    asked = history.asking(a_school.id, None)[0].correction
    assert asked is not None and card.started_at is not None
    assert asked.back_at == card.started_at + timedelta(minutes=20)


# Reports


def test_reports_in_numbers(a_school: School) -> None:
    for student, minutes in ((a_school.ana, 6), (a_school.ana, 2), (a_school.cam, 9)):
        card = a_school.out(student)
        a_school.wait(minutes=minutes)
        a_school.press("end", card, a_school.rivera)
    with pytest.raises(Refused):
        a_school.ask(a_school.ben)

    def students(text: str) -> list[tuple[str, ...]]:
        row = r'<bdi>([^<]*)</bdi></a> <span class="quiet small">\d+</span></td>' + (
            r'<td class="number">(\d+)</td>' * 3
        )
        return re.findall(row, text)

    dana = client_of(a_school, "dana")
    told = page(dana, "staff:reports")
    assert students(told) == [
        ("Ana Lopez", "2", "8", "6"), ("Cam Nguyen", "1", "9", "9"), ("Ben Carter", "1", "0", "0"),
    ]  # fmt: skip
    assert students(page(dana, "staff:reports", order="long"))[0][0] == "Cam Nguyen"
    assert [row[0] for row in students(page(dana, "staff:reports", grade="9"))] == ["Ana Lopez"]
    assert '<th scope="row">10:00 AM – 11:00 AM</th><td class="number">4</td>' in told
    assert "Daily limit" in told
    assert "Nothing happened in these days." in page(dana, "staff:reports", until="2025-01-01")


def test_a_rule_of_the_report_lists_as_many_as_it_counts(a_school: School) -> None:
    """To admins contact control and a full building are two rules, to others one."""
    a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.out(a_school.cam)
    a_school.decide(building_limit=1)
    for student in (a_school.ana, a_school.add_student("dee", "Dee Diaz"), a_school.ana):
        with pytest.raises(Refused):
            a_school.ask(student)

    def told(person: str) -> dict[str, tuple[int, int]]:
        """How often each rule refused, and how many requests its link lists."""
        client = client_of(a_school, person)
        row = r'<a href="([^"]*rule=[^"]*)">([^<]*)</a></td><td class="number">(\d+)<'
        return {
            word: (int(times), client.get(address).content.decode().count("is-refused"))
            for address, word, times in re.findall(row, page(client, "staff:reports"))
        }

    assert told("dana") == {"Contact control": (2, 2), "Building limit": (1, 1)}
    assert told("rivera") == {"Building limit": (3, 3)}


# Hostile texts


@pytest.mark.thorough
def test_two_hundred_hostile_texts_break_nothing(a_school: School) -> None:
    cards = []
    for number, text in enumerate(TEXTS):
        name = re.sub(r"\s+", " ", text).strip()[:60] or "x"
        try:
            clean_name(name)
        except BadName:  # refused as a name; as a reason and a place it goes on below
            name = f"Student {number}"
        place = a_school.open_place(f"{number} {name}"[:80], trip_type="layover")
        student = a_school.do(
            open_account, email=f"s{number}@example.org", role="student", given_name=name,
            by=a_school.dana,
        )  # fmt: skip
        pupil = Actor(student.pk, a_school.id, "student", name, "student")
        card = a_school.give(
            pupil, place,
            reason=text[:200], pre_approved=True,
        )  # fmt: skip
        if one_line(text):
            a_school.do(comment_on_pass, pass_id=card.id, text=text[:200], by=a_school.rivera)
        a_school.wait(minutes=5)
        card = a_school.press("end", card, a_school.rivera)
        if number % 10 == 0:
            about = {"pass_id": card.id, "note": text[:200], "back_at": card.started_at}
            a_school.do(ask_correction, by=pupil, **about)
        cards.append(card)
    client = client_of(a_school, "dana")
    after = "?"
    for _ in range(5):
        answer = client.get(reverse("staff:history") + after)
        check_page(answer)
        found = re.search(r'href="(\?\S*)" rel="next"', html.unescape(answer.content.decode()))
        after = found[1] if found else "?"
    for path in ("staff:reports", "staff:refusals", "staff:corrections"):
        check_page(client.get(reverse(path)))
    for card in cards[::7]:
        check_page(client.get(reverse("staff:pass", args=[card.id])))
        check_page(client.get(reverse("staff:student", args=[card.student.id])))
        check_page(client.get(reverse("staff:history"), {"to": card.destination.id}))
    for text in TEXTS[::5]:
        check_page(client.get(reverse("staff:history"), {"q": text}, follow=True))
        check_page(client.get(reverse("staff:reports"), {"grade": text}))
    check_table(table.lines(cards, ZoneInfo("UTC"), by_admin=True))


@pytest.mark.parametrize("text", TEXTS)
def test_no_cell_of_a_file_is_a_formula(text: str) -> None:
    cell = table.safe(text)
    assert not cell.startswith(tuple("=+-@＝＋－＠\t\r\n "))
    assert len(cell.splitlines()) <= 1


def check_page(answer: Any) -> None:
    assert answer.status_code in (200, 400)
    text = answer.content.decode()
    assert "<script>" not in text and " onerror=" not in re.sub(r"&lt;[^<]*", "", text)
    for markup in MARKUP:
        assert markup not in text


def check_table(text: str) -> None:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == len(TEXTS)
    (names,) = csv.reader(io.StringIO(table.head(), newline=""))
    assert {len(row) for row in rows} == {len(names)}
    for row in rows:
        for cell in row:
            assert not cell.startswith(tuple("=+-@＝＋－＠\t\r\n ")), cell
            assert "\n" not in cell and "\r" not in cell
