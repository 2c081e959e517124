"""Acting as another user: banner, 15 minutes, one press, read-only for passes, both names."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from corridor.accounts import signins
from corridor.accounts.classes import students_of
from corridor.accounts.classroom_people import change_classroom_account, close_classroom_account
from corridor.accounts.classroom_signins import signed_in_to_classroom, still_in_classroom
from corridor.accounts.models import ClassroomAccount, Identity
from corridor.classroom import queries
from corridor.classroom.pictures import pictures
from corridor.classroom.presence import DeviceState, presences
from corridor.integration.hearing import hearing_of
from corridor.live import topics
from corridor.live.log import read_log
from corridor.web.agent.part import Part, command
from corridor.web.classroom.live import ClassroomStream
from corridor.web.console.picture import who_is_seen
from corridor.web.stream import StaffFace, Stream
from tests.classroom.running import Classes, ids
from tests.school import School
from tests.signed_in import sign_in


def client_of(key: str) -> Client:
    client = Client()
    sign_in(client, Identity.objects.get(email=f"{key}@example.org"))
    return client


def acting_as(school: School, key: str, client: Client | None = None) -> Client:
    """Dana's browser, in which she acts as this person."""
    client = client or client_of("dana")
    named = f"classroom-{getattr(school.classroom, key).account_id}"
    assert client.post(reverse("begin_acting"), {"account": named}).status_code == 302
    return client


def key_of(client: Client) -> str:
    return str(client.session.session_key)


def last_event(school: School) -> tuple[str, Any]:
    row = read_log(school.id, school.last - 1)[0]
    return row.name, msgspec.json.decode(row.body)


BANNER = "Dana Whitfield, you act as Ms. Rivera"


def test_both_products_are_the_persons_and_every_page_says_so(a_school: School) -> None:
    dana = acting_as(a_school, "rivera")
    for path in ("/staff", "/staff/history", "/hall", "/classroom/classes", "/classroom/plans"):
        page = dana.get(path).content.decode()
        assert BANNER in page, path
        assert "Ms. Rivera" in page
    assert "Algebra 1" not in dana.get("/classroom/classes").content.decode()


def test_it_goes_on_in_the_product_on_whose_page_it_was_pressed(a_school: School) -> None:
    in_classroom = f"classroom-{a_school.classroom.rivera.account_id}"
    in_pass = str(a_school.rivera.account_id)
    for named, leads_to in ((in_classroom, "/classroom"), (in_pass, "/")):
        answer = client_of("dana").post(reverse("begin_acting"), {"account": named})
        assert answer.headers["Location"] == leads_to


def test_a_page_that_says_no_has_the_banner_too(a_school: School) -> None:
    dana = acting_as(a_school, "rivera")
    for path in ("/admin/people", "/classroom/settings"):
        answer = dana.get(path)
        assert (answer.status_code, BANNER in answer.content.decode()) == (403, True)


def test_one_press_ends_it_and_a_second_is_harmless(a_school: School) -> None:
    dana = acting_as(a_school, "rivera")
    for _ in range(2):
        assert dana.post(reverse("end_acting")).status_code == 302
        assert BANNER not in dana.get("/staff").content.decode()
    assert "Dana Whitfield" in dana.get("/staff").content.decode()
    ended = [row.name for row in read_log(a_school.id, 0) if row.name == "acting.ended"]
    assert len(ended) == 1


def test_it_ends_in_the_product_in_which_it_began(a_school: School) -> None:
    dana = acting_as(a_school, "rivera")
    assert dana.post(reverse("end_acting"))["Location"] == reverse("classroom:home")
    in_pass = {"account": a_school.rivera.account_id}
    assert dana.post(reverse("begin_acting"), in_pass)["Location"] == reverse("home")
    assert dana.post(reverse("end_acting"))["Location"] == reverse("home")


def test_it_ends_by_itself_after_fifteen_minutes(a_school: School) -> None:
    dana = acting_as(a_school, "rivera")
    a_school.clock.move(minutes=14, seconds=59)
    signins.forget()
    assert BANNER in dana.get("/staff").content.decode()
    a_school.clock.move(seconds=1)
    signins.forget()
    page = dana.get("/staff").content.decode()
    assert BANNER not in page and "Dana Whitfield" in page


def test_after_its_time_the_admin_can_go_on_and_act_again(a_school: School) -> None:
    dana = acting_as(a_school, "rivera")
    a_school.clock.move(minutes=16)
    signins.forget()
    room = ClassroomAccount.objects.get(email="dana@example.org")
    there = dana.post(reverse("switch"), {"account": f"classroom-{room.pk}"})
    assert there.status_code == 302
    acting_as(a_school, "okafor", dana)
    assert "you act as Mr. Okafor" in dana.get("/classroom/classes").content.decode()


def test_passes_are_only_looked_at(a_school: School) -> None:
    card = a_school.ask()
    dana, before = acting_as(a_school, "rivera"), a_school.last
    answer = dana.post(reverse("staff:move", args=[card.id, "approve"]))
    assert answer.status_code == 403
    assert "can only be looked at" in answer.content.decode()
    gives = {"student": a_school.ana.account_id, "origin": a_school.room_204}
    assert dana.post(reverse("staff:teacher_pass"), gives).status_code == 403
    assert a_school.last == before


def test_as_a_student_nothing_is_done_at_all(a_school: School) -> None:
    dana = acting_as(a_school, "ana")
    way = {"origin": a_school.room_204, "destination": a_school.nurse}
    assert dana.get("/student").status_code == 200
    assert dana.post(reverse("student:request"), way).status_code == 403


def test_what_is_done_in_classroom_is_recorded_under_both_names(a_school: School) -> None:
    room, dana = a_school.classroom, acting_as(a_school, "rivera")
    address = reverse("classroom:roster", args=[room.english])
    assert dana.post(address, {"student": [room.lou.account_id]}).status_code == 302
    assert len(students_of(room.english)) == 5
    name, told = last_event(a_school)
    assert name == "school_class.roster_changed"
    assert (told["by"]["name"], told["by"]["acted_by"]) == ("Ms. Rivera", "Dana Whitfield")
    assert told["by"]["acted_by_id"] == room.dana.account_id


def test_that_somebody_acts_is_recorded_with_whom_and_until_when(a_school: School) -> None:
    acting_as(a_school, "rivera")
    name, told = last_event(a_school)
    assert (name, told["name_shown"], told["by"]["name"]) == (
        "acting.begun", "Ms. Rivera", "Dana Whitfield",
    )  # fmt: skip
    until = a_school.clock.at + timedelta(minutes=15)
    assert told["until"] == msgspec.to_builtins(until)


def test_what_was_done_in_a_class_is_shown_under_both_names(a_school: School) -> None:
    dana, both = acting_as(a_school, "rivera"), "Dana Whitfield as Ms. Rivera"
    rivera, english = client_of("rivera"), a_school.classroom.english

    def page(name: str, *numbers: Any, client: Client = rivera) -> str:
        return client.get(reverse(f"classroom:{name}", args=numbers)).content.decode()

    def press(name: str, *words: Any, **data: Any) -> None:
        answer = dana.post(reverse(f"classroom:{name}", args=words), data)
        assert answer.status_code in (200, 302)

    ben, cam = a_school.classroom.ben.account_id, a_school.classroom.cam.account_id
    press("start", english, minutes=50, offered=[ben, cam], students=[ben, cam])
    session = queries.running_sessions(a_school.id)[0].id
    assert f"led by {both}" in page("console", session)
    assert both in page("active")
    press("write", session, ben, text="Page 12")
    assert both in page("student_of", session, ben)
    press("send", session, "exclude", students=[cam])
    sent = queries.console(a_school.id, session).commands[-1].id
    assert both in page("results", session, sent)
    press("stop", session)
    assert both in page("history")
    told = page("past", session)
    assert f"led by {both}" in told and f"ended by {both}" in told
    assert f"left out by {both}" in told and told.count(both) == 5


def test_students_are_told_both_names_of_who_leads_writes_and_locks(a_school: School) -> None:
    room, dana, both = (
        a_school.classroom,
        acting_as(a_school, "rivera"),
        "Dana Whitfield as Ms. Rivera",
    )
    ben = min(ids(room.ben))

    def press(name: str, *words: Any, **data: Any) -> None:
        answer = dana.post(reverse(f"classroom:{name}", args=words), data)
        assert answer.status_code in (200, 302)

    press("start", room.english, minutes=50, offered=[ben], students=[ben])
    session = queries.running_sessions(a_school.id)[0].id
    press("write", session, ben, text="Page 12")
    press("send", session, "lock", students=[ben], text="Eyes up here")
    page = client_of("ben").get("/classroom/student").content.decode()
    assert f"<bdi>{both}</bdi>" in page and f'data-fill="led_by">{both}' in page

    found = queries.session_of_student(a_school.id, ben)
    assert found is not None
    part = Part(ben)
    part.read(found)
    desired = part.desired(a_school.clock.at, "en")
    assert desired.class_session is not None
    assert {desired.class_session.led_by, desired.restrictions[0].by} == {both}
    assert {one.by for one in part.desired(a_school.clock.at, "es").restrictions} == {
        "Dana Whitfield como Ms. Rivera"
    }
    for card in queries.console(a_school.id, session).commands:
        assert f'"by":"{both}"' in command(card, "en")
        assert '"by":"Dana Whitfield como Ms. Rivera"' in command(card, "es")


def test_no_screen_is_looked_at_under_another_name(a_school: School) -> None:
    session = Classes(a_school).start()
    ana = ClassroomAccount.objects.get(email="ana@example.org").pk
    presences.beat(ana, 1, DeviceState("Essay", can_show=True), a_school.clock.at)
    presences.pictured(ana, 1, "mark", a_school.clock.at)
    console, look = (reverse(f"classroom:{one}", args=[session.id]) for one in ("console", "look"))
    okafor, dana = client_of("okafor"), acting_as(a_school, "rivera")

    page = dana.get(console).content.decode()
    assert "No screens while you act as somebody else." in page
    assert "data-look" not in page and "/classroom/picture" not in page
    assert dana.post(look, {"students": [ana]}).status_code == 403
    assert who_is_seen(key_of(dana), session.id) == 403
    assert pictures.looked_at(ana, a_school.clock.at) is None

    assert "/classroom/picture" in okafor.get(console).content.decode()
    assert okafor.post(look, {"students": [ana]}).status_code == 204
    presences.gone(ana, 1)


def test_an_ordinary_event_says_nothing_of_acting(a_school: School) -> None:
    a_school.ask()
    assert "acted_by" not in last_event(a_school)[1]["by"]


def test_a_look_at_a_student_has_both_names(a_school: School) -> None:
    dana = acting_as(a_school, "rivera")
    dana.get(reverse("staff:student", args=[a_school.ana.account_id]))
    name, told = last_event(a_school)
    assert (name, told["by"]["acted_by"]) == ("history.viewed", "Dana Whitfield")


def test_somebody_of_pass_only_can_be_acted_as(a_school: School) -> None:
    dana = client_of("dana")
    page = dana.get(reverse("admin:person", args=[a_school.ito.account_id])).content.decode()
    assert "Act as Nurse Ito" in page
    data = {"account": a_school.ito.account_id, "page_account": str(a_school.dana.account_id)}
    assert dana.post(reverse("begin_acting"), data).status_code == 302
    assert "you act as Nurse Ito" in dana.get("/staff").content.decode()
    assert dana.get("/classroom/classes").status_code == 403


@pytest.mark.parametrize("key", ["dana", "nobody"])
def test_nobody_acts_as_themselves_or_as_nobody(a_school: School, key: str) -> None:
    account = ClassroomAccount.objects.filter(email=f"{key}@example.org").first()
    named = f"classroom-{account.pk if account else 10**9}"
    assert client_of("dana").post(reverse("begin_acting"), {"account": named}).status_code == 404


def test_acting_does_not_begin_while_acting(a_school: School) -> None:
    room = a_school.classroom
    admin = ClassroomAccount.objects.get(email="park@example.org")
    a_school.do(change_classroom_account, admin, {"role": "organisation_admin"}, by=room.dana)
    dana = acting_as(a_school, "park")
    named = f"classroom-{room.rivera.account_id}"
    assert dana.post(reverse("begin_acting"), {"account": named}).status_code == 404


def test_acting_reaches_the_schools_of_the_organisation_and_no_others(a_school: School) -> None:
    dana = acting_as(a_school, "stone")
    assert "you act as Ms. Stone" in dana.get("/staff").content.decode()
    from corridor.roster.models import District
    from corridor.roster.models import School as OneSchool

    dana.post(reverse("end_acting"))
    other = District.objects.create(name="Elsewhere")
    OneSchool.objects.filter(pk=a_school.other_id).update(district=other)
    named = f"classroom-{a_school.classroom.stone.account_id}"
    assert dana.post(reverse("begin_acting"), {"account": named}).status_code == 404


def test_one_does_not_go_on_as_somebody_else_from_there(a_school: School) -> None:
    dana = acting_as(a_school, "rivera")
    named = f"classroom-{a_school.classroom.rivera.account_id}"
    assert dana.post(reverse("switch"), {"account": named}).status_code == 403


@pytest.mark.parametrize("what", ["role", "account", "identity"])
def test_an_admin_who_is_none_any_more_acts_no_more(a_school: School, what: str) -> None:
    room, dana = a_school.classroom, acting_as(a_school, "rivera")
    mine = ClassroomAccount.objects.get(email="dana@example.org")
    if what == "role":
        a_school.do(change_classroom_account, mine, {"role": "teacher"}, by=room.otto)
    elif what == "account":
        a_school.do(close_classroom_account, account_id=mine.pk, by=room.dana)
    else:
        Identity.objects.filter(pk=mine.identity_id).update(is_active=False)
        signins.forget()
    assert dana.get("/staff").status_code == 302
    dana.get("/")  # where whoever still has an account goes on as themselves
    page = dana.get("/classroom/classes", follow=True).content.decode()
    assert BANNER not in page
    if what == "role":
        assert "Dana Whitfield" in page


def test_the_persons_account_pages_are_not_reached(a_school: School) -> None:
    """Whoever acts as somebody cannot give them another password."""
    dana = acting_as(a_school, "rivera")
    answer = dana.get(reverse("account_change_password"))
    assert answer.wsgi_request.user == Identity.objects.get(email="dana@example.org")


def test_streams_know_whose_page_it_is_until_it_ends(a_school: School) -> None:
    dana = acting_as(a_school, "rivera")
    key, room = key_of(dana), a_school.classroom
    at = a_school.clock.at
    rivera, dana_here = a_school.rivera.account_id, a_school.dana.account_id
    assert signins.still_signed_in([key], at) == {(key, rivera, "teacher")}
    assert still_in_classroom([key], at) == {(key, room.rivera.account_id, "teacher")}
    later = a_school.clock.move(minutes=15)
    assert signins.still_signed_in([key], later) == {(key, dana_here, "admin")}
    assert still_in_classroom([key], later) == {(key, room.dana.account_id, "organisation_admin")}


def test_a_page_of_classroom_hears_nothing_of_the_persons(a_school: School) -> None:
    key = key_of(acting_as(a_school, "rivera"))
    signed = signed_in_to_classroom(key, a_school.clock.at)
    assert signed is not None
    hearing = hearing_of(signed)

    async def heard() -> frozenset[str]:
        return ClassroomStream(signed, hearing, "en").topics

    assert asyncio.run(heard()) == {topics.everybody(a_school.id)}


def test_a_board_is_told_nothing_of_the_persons_places(a_school: School) -> None:
    def is_told(client: Client) -> bool:
        signed = signins.signed_in(key_of(client), a_school.clock.at)
        assert signed is not None

        async def shows() -> bool:
            return Stream(StaffFace(), signed, "en").shows_own

        return asyncio.run(shows())

    assert not is_told(acting_as(a_school, "rivera"))
    assert is_told(client_of("rivera"))


def test_an_ordinary_sign_in_costs_no_more(a_school: School) -> None:
    key = key_of(client_of("rivera"))
    with CaptureQueriesContext(connection) as queries:
        signins.signed_in(key, a_school.clock.at)
        signed_in_to_classroom(key, a_school.clock.at)
    assert len(queries) == 2
