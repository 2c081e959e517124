"""Appointments as people meet them on pages: made, changed, and why they did not take place."""

import re
from datetime import date, time
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from corridor.accounts.signins import forget
from corridor.passes.appointments import call_off
from corridor.passes.cards import PassCard
from corridor.passes.queries import coming_passes
from corridor.passes.refusals import Refused
from corridor.roster.bells import NO_SCHOOL, Bells, Period, Schedule
from corridor.roster.changes import archive_location
from corridor.roster.classroom_settings import ClassroomSettings
from corridor.roster.models import Location
from corridor.web.forms import PassForm
from tests.flows.test_hall import text
from tests.flows.test_school_pages import students_in
from tests.flows.test_sweep import client_of
from tests.school import School

TUESDAY = date(2026, 3, 3)
NEW = "/staff/appointments/new"
OWN = "/student/appointments"


@pytest.fixture
def ito(a_school: School) -> Client:
    """The nurse at the dashboard, on Monday, March 2, at ten."""
    return client_of(a_school, "ito")


def days_of(school: School) -> list[str]:
    """When the appointments to come are."""
    found = [card.appointment for card in coming_passes(school.id)]
    return [f"{one.day:%m-%d} {one.wall:%H:%M}" for one in found if one is not None]


def form_of(card: PassCard, **more: Any) -> dict[str, Any]:
    """What the dialog of an appointment sends when nothing was changed in it."""
    assert card.appointment is not None
    return {
        "request_id": str(uuid4()), "origin": card.origin.id, "destination": card.destination.id,
        "day": f"{card.appointment.day}", "wall": f"{card.appointment.wall:%H:%M}", "period": "",
        "reason": card.reason, **more,
    }  # fmt: skip


def wish(school: School, **more: Any) -> dict[str, Any]:
    """The form of a new appointment: Ana to the nurse, on Tuesday at nine."""
    return {
        "request_id": str(uuid4()), "origin": school.room_204, "destination": school.nurse,
        "day": "2026-03-03", "wall": "09:00", "repeat": "none", "student": school.ana.account_id,
        **more,
    }  # fmt: skip


def mark_in(answer: Any) -> str:
    """What the press that makes a plan sends."""
    found = re.search(r'name="sure" value="(.*?)"', answer.content.decode())
    assert found is not None, text(answer)
    return found[1]


# To make one


def test_a_time_or_a_period_and_not_both(a_school: School) -> None:
    """Nobody guesses which is meant: in all three forms nothing is done, and nothing lost."""
    regular = Schedule(
        "Regular", (Period("3", time(10), time(11)), Period("4", time(11), time(12)))
    )
    bells = Bells(schedules=(regular,), week=("Regular",) * 5 + (NO_SCHOOL,) * 2)
    a_school.decide(bells=bells, student_appointments=True)
    both, told = {"wall": "09:00", "period": "4"}, "Choose a time or a period, not both."
    ito, ana = client_of(a_school, "ito"), client_of(a_school, "ana")
    for client, address in ((ito, NEW), (ana, OWN)):
        answer = client.post(address, wish(a_school, reason="Eyes", **both))
        page = answer.content.decode()
        assert answer.status_code == 400 and told in text(answer)
        assert 'aria-invalid="true" aria-describedby="period-error"' in page
        assert 'name="wall" value="09:00"' in page and '<option value="4" selected>' in page
        assert 'value="Eyes"' in page
    assert days_of(a_school) == []
    (card,) = a_school.arrange(day=TUESDAY, period="4")
    change, live = f"/staff/appointments/{card.id}/change", {"HX-Request": "true"}
    answer = ito.post(change, form_of(card, period="4", wall="11:30"), headers=live)
    assert answer.status_code == 400 and told in text(answer)
    assert days_of(a_school) == ["03-03 11:00"]


def test_an_edit_begins_with_the_period_alone_and_ends_with_a_time(
    ito: Client, a_school: School
) -> None:
    regular = Schedule("Regular", (Period("4", time(11), time(12)),))
    a_school.decide(bells=Bells(schedules=(regular,), week=("Regular",) * 5 + (NO_SCHOOL,) * 2))
    (card,) = a_school.arrange(day=TUESDAY, period="4")
    answer = ito.get(reverse("staff:pass", args=[card.id]))
    page = answer.content.decode()
    assert 'name="wall" value=""' in page and '<option value="4" selected>' in page
    assert "It takes place at 11:00 AM" in text(answer)
    ito.post(f"/staff/appointments/{card.id}/change", form_of(card, wall="11:30"))
    (now,) = coming_passes(a_school.id)
    assert now.appointment and (now.appointment.period, now.appointment.wall) == ("", time(11, 30))
    again = ito.get(reverse("staff:pass", args=[card.id])).content.decode()
    assert 'name="wall" value="11:30"' in again and "It takes place at" not in again


def test_what_is_too_near_to_another_one_is_told_before(ito: Client, a_school: School) -> None:
    assert ito.post(NEW, wish(a_school)).status_code == 302
    answer = ito.post(NEW, wish(a_school, wall="09:14"))
    assert answer.status_code == 200 and len(days_of(a_school)) == 1
    assert "1 is too near to an appointment that the student has" in text(answer)
    assert "Ana Lopez : Tuesday, 03/03/2026 9:00 AM, Nurse" in text(answer)
    made = ito.post(NEW, wish(a_school, wall="09:14", sure=mark_in(answer)))
    assert made.status_code == 302
    assert ito.post(NEW, wish(a_school, wall="09:29")).status_code == 302  # a window later
    assert days_of(a_school) == ["03-03 09:00", "03-03 09:14", "03-03 09:29"]
    other = wish(a_school, wall="09:14", student=a_school.cam.account_id)
    assert ito.post(NEW, other).status_code == 302


def test_the_same_press_once_more_is_the_same_answer(ito: Client, a_school: School) -> None:
    """Back, then “Make” again: what was made is too near to itself and asks nothing."""
    form = wish(a_school, repeat="weekly", until="2026-03-17")
    form["sure"] = mark_in(ito.post(NEW, form))
    assert ito.post(NEW, form).status_code == 302
    assert ito.post(NEW, form).status_code == 302
    assert len(days_of(a_school)) == 3
    other = form | {"request_id": str(uuid4())}
    assert "This is not what you have looked at" in text(ito.post(NEW, other))


def test_an_edit_leaves_a_period_that_no_bell_has_any_more(ito: Client, a_school: School) -> None:
    regular = Schedule("Regular", (Period("3", time(10), time(11)),))
    a_school.decide(bells=Bells(schedules=(regular,), week=("Regular",) * 5 + (NO_SCHOOL,) * 2))
    (card,) = a_school.arrange(day=TUESDAY, period="3")
    renamed = Schedule("Regular", (Period("Third", time(10), time(11)),))
    for bells in (Bells(schedules=(renamed,), week=("Regular",) * 5 + (NO_SCHOOL,) * 2), Bells()):
        a_school.decide(bells=bells)
        page = ito.get(reverse("staff:pass", args=[card.id])).content.decode()
        assert "<option selected>3</option>" in page


def test_what_would_be_moved_too_near_is_told_before(ito: Client, a_school: School) -> None:
    """Nothing is asked of an edit that leaves the time."""
    a_school.arrange(day=TUESDAY, wall=time(9))
    a_school.arrange(a_school.cam, day=TUESDAY, wall=time(9, 5))
    (ten,) = a_school.arrange(day=TUESDAY, wall=time(10))
    change = f"/staff/appointments/{ten.id}/change"
    answer = ito.post(change, form_of(ten, wall="09:05"), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "1 is too near to an appointment that the student has" in text(answer)
    assert "Nothing is changed yet" in text(answer)
    assert 'name="wall" value="09:05"' in answer.content.decode()  # what was written stays
    assert days_of(a_school) == ["03-03 09:00", "03-03 09:05", "03-03 10:00"]
    sure = form_of(ten, wall="09:05", sure=mark_in(answer))
    saved = ito.post(change, sure, headers={"HX-Request": "true"})
    assert "too near" not in text(saved)
    assert days_of(a_school) == ["03-03 09:00", "03-03 09:05", "03-03 09:05"]
    moved = next(c for c in coming_passes(a_school.id) if c.id == ten.id)
    again = form_of(moved, reason="Eyes")
    assert "too near" not in text(ito.post(change, again, headers={"HX-Request": "true"}))


def test_a_plan_that_has_become_another_is_shown_again(ito: Client, a_school: School) -> None:
    weeks = {"repeat": "weekly", "until": "2026-03-17"}
    answer = ito.post(NEW, wish(a_school, **weeks))
    assert "3 appointments would be made" in text(answer)
    a_school.arrange(day=date(2026, 3, 10), wall=time(9, 5))
    again = ito.post(NEW, wish(a_school, sure=mark_in(answer), **weeks))
    assert "Tuesday, 03/10/2026 9:05 AM, Nurse" in text(again)
    assert ito.post(NEW, wish(a_school, sure=mark_in(again), **weeks)).status_code == 302
    assert len(days_of(a_school)) == 4


@pytest.mark.parametrize(
    "change", [{"wall": "14:45"}, {"destination": "library"}, {"student": "cam and ben"}]
)
def test_what_was_not_looked_at_is_not_made(
    ito: Client, a_school: School, change: dict[str, str]
) -> None:
    """As many, with as many clashes, but another time, place or student."""
    ana, cam, ben = (who.account_id for who in (a_school.ana, a_school.cam, a_school.ben))
    both = wish(a_school, student=f"{ana} {cam}", wall="09:15", reason="Eyes")
    sure = mark_in(ito.post(NEW, both))
    known = {"library": a_school.library, "cam and ben": f"{cam} {ben}"}
    other = {name: known.get(value, value) for name, value in change.items()}
    answer = ito.post(NEW, both | {"sure": sure} | other)
    assert "This is not what you have looked at: nothing is made yet." in text(answer)
    assert days_of(a_school) == []
    assert ito.post(NEW, both | {"sure": sure, "reason": "Eye test"}).status_code == 302
    assert days_of(a_school) == ["03-03 09:15"] * 2


def test_a_day_without_school_is_told_before(ito: Client, a_school: School) -> None:
    regular = Schedule("Regular", (Period("1", time(8), time(9)),))
    a_school.decide(bells=Bells(schedules=(regular,), week=("Regular",) * 5 + (NO_SCHOOL,) * 2))
    assert ito.post(NEW, wish(a_school)).status_code == 302
    answer = ito.post(NEW, wish(a_school, day="2026-03-07"))
    assert "There is no school on the first of these days." in text(answer)
    sure = {"day": "2026-03-07", "sure": mark_in(answer)}
    assert ito.post(NEW, wish(a_school, **sure)).status_code == 302


def test_only_an_admin_reads_that_some_are_kept_apart(ito: Client, a_school: School) -> None:
    """Whoever is no admin reads the same whether they are or not: pairs could be tried."""
    both = wish(a_school, student=f"{a_school.ana.account_id} {a_school.cam.account_id}")
    before = text(ito.post(NEW, both))
    a_school.keep_apart(a_school.ana, a_school.cam, last_day=TUESDAY)
    a_school.keep_apart(a_school.ben, a_school.cam)
    assert text(ito.post(NEW, both)) == before
    dana, told = client_of(a_school, "dana"), "Some of these students are kept apart"
    answer = dana.post(NEW, both)
    assert told in text(answer)
    assert told not in text(dana.post(NEW, both | {"day": "2026-03-04"}))
    assert dana.post(NEW, both | {"sure": mark_in(answer)}).status_code == 302  # never stopped


def test_a_class_of_the_adult_is_a_group(a_school: School) -> None:
    """Ms. Rivera's English 2 has Mia, who is not in Pass; the nurse teaches nobody."""
    rivera, ito = client_of(a_school, "rivera"), client_of(a_school, "ito")
    assert "class of yours" not in text(rivera.get(NEW))
    a_school.decide(classroom=ClassroomSettings(pass_integration=True))
    forget()
    assert "Everybody of a class of yours No class English 2 · 3 " in text(rivera.get(NEW))
    assert "class of yours" not in text(ito.get(NEW))
    group = wish(a_school, student="", school_class=a_school.classroom.english)
    answer = rivera.post(NEW, group)
    assert "3 appointments would be made" in text(answer)
    assert "1 student of English 2 has no account in Pass and is left out." in text(answer)
    ids = students_in(answer.content.decode())
    assert len(ids) == 3 and "selected>English 2" not in answer.content.decode()
    fewer = rivera.post(NEW, wish(a_school, student=ids[:2], sure=mark_in(answer)))
    assert "2 appointments would be made" in text(fewer) and "left out" not in text(fewer)
    sure = {"student": ids[:2], "sure": mark_in(fewer)}
    assert rivera.post(NEW, wish(a_school, **sure)).status_code == 302
    assert len(days_of(a_school)) == 2
    for client, found in ((ito, a_school.classroom.english), (rivera, a_school.classroom.algebra)):
        answer = client.post(NEW, wish(a_school, school_class=found))
        assert answer.status_code == 404
        assert "This class is none of yours any more." in text(answer)


def test_each_student_stands_in_the_form_once_and_may_be_removed(
    ito: Client, a_school: School
) -> None:
    ana, cam = a_school.ana.account_id, a_school.cam.account_id
    page = ito.get(f"{NEW}?student={ana}").content.decode()
    assert students_in(page) == [ana] and page.count("Ana Lopez") == 2  # and in a button's name
    plan = ito.post(NEW, wish(a_school, student=f"{ana} {cam} {ana}"))
    assert "2 appointments would be made" in text(plan)
    assert students_in(plan.content.decode()) == [ana, cam]
    assert ito.post(NEW, wish(a_school, sure=mark_in(plan), student=f"{ana} ")).status_code == 302
    assert [card.student.name for card in coming_passes(a_school.id)] == ["Ana Lopez"]


def test_a_whole_grade_of_300_is_made(ito: Client, a_school: School) -> None:
    """In one field: a server reads at most 200 fields of a form."""
    for number in range(300):
        a_school.add_student(f"student{number}", f"Student {number:03}", "12")
    plan = ito.post(NEW, wish(a_school, student="", grade="12"))
    assert "300 appointments would be made" in text(plan)
    page = plan.content.decode()
    ids, fields = students_in(page), re.findall(r'name="\w+"', page)
    assert len(ids) == 300 and len(fields) < 100 and "<option selected>12" not in page
    sure = wish(a_school, student=" ".join(map(str, ids)), sure=mark_in(plan))
    assert ito.post(NEW, sure).status_code == 302
    assert len(days_of(a_school)) == 300


def test_only_places_where_somebody_works_are_departed_from(ito: Client, a_school: School) -> None:
    attic = a_school.open_place("Attic")
    page, (card,) = ito.get(NEW).content.decode(), a_school.arrange()
    detail = ito.get(reverse("staff:pass", args=[card.id])).content.decode()
    for found in (page, detail):
        origins, destinations = re.findall(r"<select[^>]*name=\"(?:origin|destination)\".*", found)
        assert "Attic" not in origins and "Attic" in destinations and "Library" in origins
    answer = ito.post(NEW, wish(a_school, origin=attic))
    assert answer.status_code == 422
    assert "No adult works at Attic, so nobody could let the student go." in text(answer)


def test_an_archived_place_is_not_exchanged_in_silence(ito: Client, a_school: School) -> None:
    """A browser sends the first of a list in which nothing is chosen."""
    (card,) = a_school.arrange(to=a_school.library)
    a_school.do(archive_location, Location.objects.get(pk=a_school.library), by=a_school.dana.who)
    detail = ito.get(reverse("staff:pass", args=[card.id])).content.decode()
    origins, destinations = re.findall(r"<select[^>]*name=\"(?:origin|destination)\".*", detail)
    assert '<option value="" selected disabled>Library (archived): choose another' in destinations
    assert 'value="" selected' not in origins and " required>" in destinations
    change = reverse("staff:change_appointment", args=[card.id])
    answer = ito.post(change, form_of(card, destination="", reason="Books"))
    assert answer.status_code == 400
    assert a_school.now_is(card.id).reason == card.reason
    ito.post(change, form_of(card, destination=a_school.nurse, reason="Books"))
    assert a_school.now_is(card.id).destination.name == "Nurse"


def test_who_is_not_there_any_more_is_named_as_such(ito: Client, a_school: School) -> None:
    answer = ito.post(NEW, wish(a_school, student=[a_school.ana.account_id, 10**6]))
    assert answer.status_code == 404
    assert "One of the students is not here any more" in text(answer)
    answer = ito.post(NEW, wish(a_school, origin=a_school.other_room))
    assert str(PassForm.UNKNOWN_PLACE) in text(answer)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"number,email\n,ana@example.org\n,ben@example.org\n", "2 appointments would be made"),
        (b"ana@example.org;9\r\nben@example.org;10\r\n", "2 appointments would be made"),
        (b"name,grade\nAna Lopez,9\nBen Carter,10\n", "No column is called “number” or “email”."),
        (b"email\nana@example.org\nno@example.org\n", "Row 3: No student has the number"),
        (b"email\n", "The list names no student."),
        (b" \n", "The file is empty."),
        (b"PK\x03\x04 and so on", "This is a spreadsheet or another packed file."),
        (b'email\n"ana@example.org\n', "In row 2 a cell goes on in the next line."),
        (b"x" * 1_000_001, "The file is larger than 1 MB."),
    ],
)
def test_a_file_of_students(ito: Client, a_school: School, sent: bytes, told: str) -> None:
    file = SimpleUploadedFile("students.csv", sent)
    answer = ito.post(NEW, wish(a_school, student="", file=file))
    assert answer.status_code == (200 if "would" in told else 400)
    assert told in text(answer)
    assert days_of(a_school) == []


def test_a_file_and_a_list_are_both_meant(ito: Client, a_school: School) -> None:
    file = SimpleUploadedFile("students.csv", b"email\nben@example.org\n")
    listed = wish(a_school, student="", listed="cam@example.org", file=file)
    assert "2 appointments would be made" in text(ito.post(NEW, listed))


def seen_in(answer: Any) -> str:
    """What the form of an edit knows of what it was drawn from."""
    found = re.search(r'name="seen" value="(.*?)"', answer.content.decode())
    assert found is not None, text(answer)
    return unescape(found[1])


def test_an_older_dialog_undoes_nothing_that_somebody_else_has_changed(
    ito: Client, a_school: School
) -> None:
    (card,) = a_school.arrange(day=TUESDAY, wall=time(11))
    old = seen_in(ito.get(reverse("staff:pass", args=[card.id])))
    change, live = f"/staff/appointments/{card.id}/change", {"HX-Request": "true"}
    rivera = client_of(a_school, "rivera")
    rivera.post(change, form_of(card, wall="13:00", seen=old), headers=live)
    answer = ito.post(change, form_of(card, reason="Eyes", seen=old), headers=live)
    assert "Somebody has changed this appointment since you opened it" in text(answer)
    assert days_of(a_school) == ["03-03 13:00"]
    page = answer.content.decode()
    assert 'name="wall" value="13:00"' in page  # theirs
    assert 'name="reason" maxlength="200" autocomplete="off" value="Eyes"' in page  # one's own
    again = form_of(card, wall="13:00", reason="Eyes", seen=seen_in(answer))
    assert "Somebody has changed" not in text(ito.post(change, again, headers=live))
    (now,) = coming_passes(a_school.id)
    assert (days_of(a_school), now.reason) == (["03-03 13:00"], "Eyes")


def test_what_others_write_or_acknowledge_is_in_nobodys_way(ito: Client, a_school: School) -> None:
    (card,) = a_school.arrange(day=TUESDAY, wall=time(11))
    old = seen_in(ito.get(reverse("staff:pass", args=[card.id])))
    a_school.press("acknowledge", card, a_school.rivera)
    ito.post(f"/staff/appointments/{card.id}/change", form_of(card, wall="12:00", seen=old))
    assert days_of(a_school) == ["03-03 12:00"]
    wrong = form_of(card, seen='{"day": 3}')
    assert ito.post(f"/staff/appointments/{card.id}/change", wrong).status_code == 400


def test_what_never_surfaced_has_no_clock(ito: Client, a_school: School) -> None:
    """It never was a pass: the time that counts is the one that it was for."""
    (off,) = a_school.arrange(day=TUESDAY, wall=time(11))
    ito.post(f"/staff/appointments/{off.id}/cancel", {"request_id": uuid4(), "text": "Ill."})
    detail = reverse("staff:pass", args=[off.id])
    assert "<pass-clock" not in ito.get(detail).content.decode()
    assert "Tuesday, March 3, 11:00 AM" in text(ito.get(detail))
    ended = ito.get("/staff?tab=ended")
    row = ended.content.decode().partition(f'id="pass-{off.id}"')[2].partition("</li>")[0]
    assert row and "<pass-clock" not in row
    assert "March 3, 11:00 AM by Nurse Ito" in text(ended)
    # Nobody closed what fell through by itself.
    a_school.decide(student_appointments=True)
    asked = a_school.ask_appointment()
    a_school.wait(minutes=90)
    assert a_school.now_is(asked.id).state == "expired"
    board = ito.get("/staff?tab=ended").content.decode()
    row = board.partition(f'id="pass-{asked.id}"')[2].partition("</li>")[0]
    assert "March 2, 11:00 AM</span></span>" in row
    # What has surfaced waited; its clock says for how long.
    (missed,) = a_school.arrange(minutes=6)
    a_school.wait(minutes=30)
    assert a_school.now_is(missed.id).state == "missed"
    assert "<pass-clock" in ito.get(reverse("staff:pass", args=[missed.id])).content.decode()


# A series


def test_calling_off_is_not_undone(ito: Client, a_school: School) -> None:
    """Nor is it offered to whoever then presses on a row that has not followed yet."""
    (card,) = a_school.arrange()
    a_school.do(call_off, pass_id=card.id, text="Ill.", by=a_school.ito)
    live = {"HX-Request": "true"}
    late = ito.post(f"/staff/passes/{card.id}/acknowledge", headers=live)
    assert late.status_code == 409 and 'class="undo"' not in late.content.decode()
    assert "Cancelled" in text(late)
    assert ito.post(f"/staff/passes/{card.id}/undo", headers=live).status_code == 409


def test_a_series_is_changed_and_cancelled_as_a_whole(ito: Client, a_school: School) -> None:
    cards = a_school.arrange(day=TUESDAY, wall=time(9), repeat="weekly", until=date(2026, 3, 17))
    page = text(ito.get(reverse("staff:pass", args=[cards[1].id])))
    assert "Only this one This one and the later ones All that are still to come" in page
    change = reverse("staff:change_appointment", args=[cards[1].id])
    ito.post(change, form_of(cards[1], day="2026-03-11", series="all"))
    assert days_of(a_school) == ["03-04 09:00", "03-11 09:00", "03-18 09:00"]
    ito.post(change, form_of(cards[1], day="2026-03-11", wall="10:00"))
    ito.post(change, form_of(cards[1], day="2026-03-11", wall="10:00", series="nonsense"))
    assert days_of(a_school) == ["03-04 09:00", "03-11 10:00", "03-18 09:00"]
    off = {"text": "Ill.", "request_id": str(uuid4()), "series": "all"}
    ito.post(reverse("staff:cancel_appointment", args=[cards[1].id]), off)
    assert days_of(a_school) == []


# The three lists


def sections_of(client: Client, address: str) -> dict[str, int]:
    """How many rows each of the lists has; the one that is shown first."""
    page = client.get(address).content.decode()
    panels = re.findall(
        r'<div role="tabpanel" id="list-(\w+)".*?( hidden)?>(.*?)</div>', page, re.S
    )
    shown = sorted(panels, key=lambda panel: bool(panel[1]))
    return {name: rows.count("data-version") for name, _hidden, rows in shown}


def test_what_awaits_an_answer_is_never_cut_off(
    ito: Client, a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corridor.web.staff.dashboard._MOST_COMING", 4)
    a_school.decide(student_appointments=True)
    a_school.arrange(a_school.ana, a_school.cam)
    a_school.arrange(repeat="weekly", until=date(2026, 3, 16), day=TUESDAY)
    a_school.ask_appointment(minutes=60 * 24 * 30)
    asked = "/staff?tab=appointments&when=future"
    found = sections_of(ito, asked)
    assert found == {"future": 1, "today": 2, "awaiting": 1} and next(iter(found)) == "future"
    assert "Only the next 4 are listed." in text(ito.get(asked))
    assert next(iter(sections_of(ito, "/staff?tab=appointments&when=nonsense"))) == "today"


def test_whoever_makes_one_comes_to_the_list_that_has_it(ito: Client, a_school: School) -> None:
    made = ito.post(NEW, wish(a_school))
    assert made.headers["Location"] == "/staff?tab=appointments&when=future"
    made = ito.post(NEW, wish(a_school, day="2026-03-02", wall="14:00"))
    assert made.headers["Location"] == "/staff?tab=appointments&when=today"


# The student's own list


def test_a_request_can_be_withdrawn_until_a_time_that_the_page_knows(a_school: School) -> None:
    a_school.decide(student_appointments=True)
    a_school.ask_appointment(minutes=60)
    ana = client_of(a_school, "ana")
    page = ana.get(OWN).content.decode()
    assert (
        'data-until="2026-03-02T10:30:00-05:00"' in page
        and '<p class="quiet small" hidden>' in page
    )
    a_school.wait(minutes=31)
    page = ana.get(OWN).content.decode()
    assert "data-until" not in page and "If you cannot come, talk to the adult." in page


def test_a_second_press_does_not_ask_for_the_same_again(a_school: School) -> None:
    a_school.decide(student_appointments=True)
    ana, asks = client_of(a_school, "ana"), wish(a_school)
    assert ana.post(OWN, asks).status_code == 302
    answer = ana.post(OWN, asks | {"request_id": str(uuid4()), "reason": "Eyes"})
    assert answer.status_code == 422
    told = "You already have an appointment at Nurse at 9:00 AM, or have asked for it."
    assert told in text(answer) and 'value="Eyes"' in answer.content.decode()
    assert days_of(a_school) == ["03-03 09:00"]


def test_what_was_sent_before_as_another_request_is_told(ito: Client, a_school: School) -> None:
    """Also where that was a pass, and was refused: each is told, and none is a fault of ours."""
    a_school.decide(student_appointments=True)
    told = "This was sent before as another request."
    ben, press = client_of(a_school, "ben"), uuid4()
    with pytest.raises(Refused, match="daily_limit"):
        a_school.ask(a_school.ben, request_id=press)
    answer = ben.post(OWN, wish(a_school, request_id=str(press)))
    assert (answer.status_code, told in text(answer)) == (422, True)
    makes = wish(a_school)
    assert ito.post(NEW, makes).status_code == 302
    answer = ito.post(NEW, makes | {"wall": "10:00"})
    assert (answer.status_code, told in text(answer)) == (422, True)
    assert f'value="{makes["request_id"]}"' not in answer.content.decode()
    assert ito.post(NEW, makes).status_code == 302
    assert days_of(a_school) == ["03-03 09:00"]


def test_what_is_held_back_says_so_to_both(ito: Client, a_school: School) -> None:
    a_school.arrange(minutes=8)
    a_school.out(to=a_school.library)
    a_school.wait(minutes=4)
    assert "It waits until you are back" in text(client_of(a_school, "ana").get(OWN))
    assert "Waits until the student is back" in text(ito.get("/staff?tab=appointments"))


# Why not


def test_a_student_reads_that_a_request_gave_way_to_an_appointment(a_school: School) -> None:
    a_school.arrange(minutes=8)
    request = a_school.ask(to=a_school.library)
    a_school.wait(minutes=4)
    why = "Your appointment came before this request."
    assert why in text(client_of(a_school, "ana").get(reverse("student:history")))
    assert why in text(client_of(a_school, "rivera").get(reverse("staff:pass", args=[request.id])))
