"""Passes on the console: the badge, its dialog, the start dialog, a pass from the card."""

import html
import re
from typing import Any

import msgspec
import pytest
from django.test import Client

from corridor.accounts.actors import clock_of
from corridor.accounts.classroom_people import close_classroom_account
from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.accounts.people import close_account
from corridor.accounts.photos import put_photo
from corridor.accounts.signins import forget
from corridor.classroom.cards import ParticipantCard
from corridor.classroom.participants import notice_devices
from corridor.passes import queries
from corridor.passes.cards import PassCard
from tests.classroom.running import Classes
from tests.flows.test_acting import acting_as
from tests.integration.people import switch
from tests.school import School
from tests.signed_in import sign_in


class Room:
    """Ms. Rivera's running class, and people who look at it."""

    def __init__(self, school: School) -> None:
        self.school, self.classes = school, Classes(school)
        switch(school, on=True)
        self.session = self.classes.start()

    def client(self, key: str = "rivera") -> Client:
        client = Client()
        sign_in(client, Identity.objects.get(email=f"{key}@example.org"))
        return client

    def page(self, key: str = "rivera") -> str:
        answer = self.client(key).get(f"/classroom/sessions/{self.session.id}")
        assert answer.status_code == 200
        return answer.content.decode()

    def card(self, student: str = "ana", key: str = "rivera") -> str:
        """The student's card on the console."""
        found = re.search(
            rf'<li class="student[^>]*id="student-{self.id_of(student)}".*?</li>',
            self.page(key), re.DOTALL,
        )  # fmt: skip
        assert found
        return found[0]

    def id_of(self, student: str) -> int:
        return int(ClassroomAccount.objects.get(email=f"{student}@example.org").pk)

    def address(self, card: PassCard, student: str = "ana") -> str:
        return (
            f"/classroom/sessions/{self.session.id}/students/{self.id_of(student)}/passes/{card.id}"
        )

    def look(self, card: PassCard, key: str = "rivera", student: str = "ana") -> Any:
        return self.client(key).get(self.address(card, student))

    def press(self, card: PassCard, move: str, key: str = "rivera") -> Any:
        """Where the dialog's buttons send."""
        address = f"/classroom/passes/{card.id}/{move}"
        return self.client(key).post(address, headers={"HX-Request": "true"})

    def state(self, card: PassCard) -> str:
        return queries.pass_of_school(self.school.id, card.id).state


@pytest.fixture
def room(a_school: School) -> Room:
    return Room(a_school)


def moves_in(answer: Any) -> list[str]:
    return re.findall(r'data-move="(\w+)"', answer.content.decode())


# The face


def test_a_card_has_the_photo_that_pass_has_or_initials(room: Room) -> None:
    school = room.school
    school.do(put_photo, account_id=school.id_of(school.ana), picture=b"Ana", by=school.dana)
    address = re.search(r'<img class="face" src="([^"]+)"', room.card())
    assert address
    answer = room.client().get(html.unescape(address[1]))
    assert (answer.content, answer.headers["Content-Type"]) == (b"Ana", "image/webp")
    assert "immutable" in answer.headers["Cache-Control"]
    assert '<span class="face" aria-hidden="true">BC</span>' in room.card("ben")
    switch(school, on=False)
    forget()
    assert '<span class="face" aria-hidden="true">AL</span>' in room.card()
    assert room.client().get(html.unescape(address[1])).status_code == 404


# The badge


def test_a_student_who_is_out_has_a_badge(room: Room) -> None:
    assert "pass-badge" not in room.page()
    room.school.out(to=room.school.library)
    shown = room.card()
    assert 'data-state="on_pass"' in shown and "tone-out" in shown
    assert "On the way" in shown and "Library" in shown
    assert "pass-badge" not in room.card("ben")


def test_a_request_shows_no_badge_and_a_decided_one_goes(room: Room) -> None:
    card = room.school.ask()
    assert "pass-badge" not in room.page()
    room.school.press("approve", card, room.school.rivera)
    room.school.press("end", card, room.school.rivera)
    assert "pass-badge" not in room.page()


def test_it_turns_yellow_by_the_school_s_setting(room: Room) -> None:
    room.school.decide(long_running=4)
    room.school.out()
    room.school.wait(minutes=3)
    assert "tone-long" not in room.card()
    room.school.wait(minutes=2)
    assert "tone-long" in room.card() and "Long running" in room.card()


def test_any_pass_of_my_students_is_shown(room: Room) -> None:
    card = room.school.ask(to=room.school.nurse, origin=room.school.room_118)
    room.school.press("approve", card, room.school.okafor)
    assert "pass-badge" in room.card(key="rivera")


def test_the_letter_a_stands_beside_the_start(room: Room) -> None:
    room.school.allow_auto(room.school.library)
    card = room.school.press("start", room.school.ask(to=room.school.library), room.school.ana)
    assert "auto-mark" in room.card()
    started = room.look(card).content.decode()
    assert started.count('<span class="auto-mark" aria-hidden="true">A</span> Started') == 1
    room.school.press("stop", card, room.school.ana)
    ended = room.look(card).content.decode()
    assert ended.count('<span class="auto-mark" aria-hidden="true">A</span> ') == 2


def test_switched_off_nothing_of_passes_is_on_the_console(room: Room) -> None:
    card = room.school.out()
    switch(room.school, on=False)
    page = room.page()
    assert "pass-badge" not in page and "on_pass" not in page and "data-count-out" not in page
    assert "data-gives-passes" not in page
    assert room.look(card).status_code == 404
    assert room.press(card, "end").status_code == 404
    assert room.state(card) == "on_the_way"


def test_a_student_without_an_account_in_pass_has_none(room: Room) -> None:
    room.school.out()
    PassAccount.objects.filter(email="ana@example.org").update(email="anna@example.org")
    assert "pass-badge" not in room.page()
    PassAccount.objects.filter(email="anna@example.org").update(email="ana@example.org")
    assert "pass-badge" in room.card()


def test_a_student_whom_another_class_has_shows_the_badge_there(room: Room) -> None:
    room.school.out()
    other = room.classes.algebra(take_over=(room.classes.people.ana,))
    assert "pass-badge" not in room.card()
    page = room.client("okafor").get(f"/classroom/sessions/{other.id}").content.decode()
    assert "pass-badge" in page


# The dialog


def test_whoever_is_of_the_pass_finds_the_moves_there(room: Room) -> None:
    card = room.school.out(to=room.school.library)
    assert moves_in(room.look(card, "rivera")) == ["end"]
    assert moves_in(room.look(card, "okafor")) == ["arrive", "send_back", "end_and_keep"]


def test_a_teacher_who_is_not_of_the_pass_reads_only(room: Room) -> None:
    card = room.school.ask(to=room.school.nurse, origin=room.school.room_118, reason="Headache")
    room.school.press("approve", card, room.school.okafor)
    answer = room.look(card, "rivera")
    text = answer.content.decode()
    assert moves_in(answer) == [] and "You can read this pass." in text
    for said in ("Room 118", "Nurse", "Headache", "Approved", "Mr. Okafor"):
        assert said in text
    assert room.press(card, "end", "rivera").status_code == 403
    assert room.state(card) == "on_the_way"


def test_a_press_in_the_dialog_moves_the_pass(room: Room) -> None:
    card = room.school.out(to=room.school.library)
    assert (
        f'hx-post="/classroom/passes/{card.id}/arrive"'
        in room.look(card, "okafor").content.decode()
    )
    answer = room.press(card, "arrive", "okafor")
    assert answer.status_code == 200 and "Arrived" in answer.content.decode()
    assert room.state(card) == "arrived"
    by = queries.pass_of_school(room.school.id, card.id).stamps[-1].by
    assert (by.name, by.face) == ("Mr. Okafor", "classroom")


def test_too_late_is_said_and_changes_nothing(room: Room) -> None:
    card = room.school.out(to=room.school.library)
    room.school.press("end", card, room.school.rivera)
    answer = room.press(card, "arrive", "okafor")
    assert answer.status_code == 409 and "Somebody was faster" in answer.content.decode()


@pytest.mark.parametrize("move", ["withdraw", "start", "stop"])
def test_the_student_s_own_moves_are_not_the_teacher_s(room: Room, move: str) -> None:
    assert room.press(room.school.out(), move).status_code == 403


def test_only_passes_of_a_student_of_the_class(room: Room) -> None:
    of_ana = room.school.out()
    assert room.look(of_ana, student="ben").status_code == 404
    assert room.look(of_ana, "stone").status_code == 404  # another school
    assert room.look(of_ana, "tia").status_code == 403  # a technician leads no class
    assert room.look(of_ana, "ana").status_code == 403


def test_of_a_class_that_is_over_no_pass_is_told_or_given(room: Room) -> None:
    """A badge pressed too late, or its address kept: whoever led the class reads nothing more."""
    card = room.school.out()
    room.classes.stop(room.session)
    for key in ("rivera", "okafor", "dana"):
        answer = room.look(card, key)
        assert answer.status_code == 409 and "The class is over" in answer.content.decode()
        assert 'data-detail="' not in answer.content.decode()
    later = room.school.ask(room.school.cam)
    assert room.look(later, student="cam").status_code == 409
    answer = give(room, student="ben")
    assert answer.status_code == 409 and "The class is over" in answer.content.decode()
    assert room.school.names()[-1] == "pass.requested"


def test_of_a_student_whom_another_class_has_only_that_class_is_told(room: Room) -> None:
    card = room.school.out()
    room.classes.algebra(take_over=(room.classes.people.ana,))
    assert room.look(card).status_code == 404
    assert give(room).status_code == 404


def test_an_adult_who_is_not_in_pass_reads_and_gets_pass_failure(room: Room) -> None:
    card = room.school.out()
    PassAccount.objects.filter(email="okafor@example.org").update(email="obi@example.org")
    assert room.look(card, "okafor").status_code == 200
    answer = room.press(card, "end", "okafor")
    assert answer.status_code == 403 and "Pass failure" in answer.content.decode()
    assert room.state(card) == "on_the_way"


def test_ended_passes_of_others_are_closed_where_the_school_says_so(room: Room) -> None:
    card = room.school.ask(to=room.school.nurse, origin=room.school.room_118)
    room.school.press("approve", card, room.school.okafor)
    room.school.press("end", card, room.school.okafor)
    assert room.look(card, "rivera").status_code == 200
    room.school.decide(ended_shown_to="concerned")
    assert room.look(card, "rivera").status_code == 403
    assert room.look(card, "okafor").status_code == 200


def test_whoever_has_the_number_of_the_maker_in_the_other_product_reads_only(room: Room) -> None:
    """Numbers of Classroom's accounts and of Pass's are counted apart."""
    school = room.school
    school.decide(ended_shown_to="concerned")
    okafor = ClassroomAccount.objects.get(email="okafor@example.org")
    maker = msgspec.structs.replace(school.ito, account_id=okafor.pk)
    PassAccount.objects.filter(email="okafor@example.org").update(email="obi@example.org")
    school.arrange(by=maker, minutes=10)
    school.wait(minutes=6)
    card = queries.open_passes(school.id)[0]
    answer = room.look(card, "okafor")
    assert answer.status_code == 200 and moves_in(answer) == []
    told = answer.content.decode()
    assert "You can read this pass." in told and "<textarea" not in told
    school.press("cancel", card, school.rivera)
    assert room.look(card, "okafor").status_code == 403


# Starting a class


def begin(room: Room, ana: str = "", **more: Any) -> ParticipantCard:
    """English 2 again, with this choice for Ana, who is out."""
    room.classes.stop(room.session)
    posted = {f"out-{room.id_of('ana')}": ana} | more
    here = [room.id_of(name) for name in ("ben", "cam", "mia")]
    answer = room.client().post(
        f"/classroom/classes/{room.classes.people.english}/start",
        {"minutes": "50", "out": [room.id_of("ana")], "offered": here, "students": here} | posted,
    )
    assert answer.status_code == 302, answer.content.decode()
    room.session = room.classes.start_of(answer.headers["Location"])
    return room.classes.row(room.session, room.classes.people.ana)


def dialog(room: Room, key: str = "rivera", class_id: int | None = None) -> str:
    class_id = class_id or room.classes.people.english
    return room.client(key).get(f"/classroom/classes/{class_id}/start").content.decode()


def test_the_students_who_are_out_come_first(room: Room) -> None:
    room.school.out(to=room.school.library)
    room.school.ask(room.school.cam)
    page = dialog(room)
    assert "1 student is out on a pass" in page
    assert page.index("Ana Lopez") < page.index("Ben Carter") < page.index("Cam Nguyen")
    first = page[page.index("Ana Lopez") : page.index("Ben Carter")]
    assert "On the way" in first and "Library" in first and "pass-clock" in first
    assert re.search(r'value="when_back" checked', first)


def test_nobody_is_out_and_nothing_is_said_of_it(room: Room) -> None:
    assert "out on a pass" not in dialog(room)
    room.school.out()
    switch(room.school, on=False)
    assert "out on a pass" not in dialog(room)


def test_include_when_back_is_the_default_and_keeps_a_place(room: Room) -> None:
    room.school.out()
    row = begin(room, ana="when_back")
    assert row.include_when_back and not row.is_in
    assert "joins when back" in room.card()


def test_a_student_who_is_out_can_be_included_or_left_out(room: Room) -> None:
    room.school.out()
    assert begin(room, ana="now").is_in
    assert begin(room, ana="left_out").excluded is not None


def test_who_goes_out_while_the_dialog_is_open_joins_when_back(room: Room) -> None:
    """The dialog was drawn before: Ana is posted as one who is here."""
    here = [room.id_of(name) for name in ("ana", "ben", "cam")]
    room.school.out()
    room.school.out(room.school.cam)
    row = begin(room, out=[], offered=here, students=here[:2])
    assert row.include_when_back and not row.is_in
    assert room.classes.row(room.session, room.classes.people.ben).is_in
    cam = room.classes.row(room.session, room.classes.people.cam)
    assert cam.excluded is not None and not cam.include_when_back


def test_a_dialog_that_comes_back_keeps_what_was_chosen(room: Room) -> None:
    """Ana went out after it was drawn, Ben came back: what was said of them still stands."""
    room.school.out()
    ana, ben = room.id_of("ana"), room.id_of("ben")
    posted = {"minutes": "0", "offered": [ana], "out": [ben], f"out-{ben}": "left_out"}
    address = f"/classroom/classes/{room.classes.people.english}/start"
    page = room.client().post(address, posted).content.decode()
    assert re.search(rf'name="out-{ana}" value="left_out" checked', page)
    assert re.search(rf'name="students" value="{ben}">', page)
    posted[f"out-{ben}"] = "when_back"
    page = room.client().post(address, posted).content.decode()
    assert re.search(rf'name="students" value="{ben}" checked', page)


def test_an_open_dialog_asks_for_its_students_alone(room: Room) -> None:
    room.school.out()
    address = f"/classroom/classes/{room.classes.people.english}/start/students"
    part = room.client().get(address).content.decode()
    assert "1 student is out on a pass" in part and "<form" not in part
    assert room.client("tia").get(address).status_code == 403
    assert room.client("stone").get(address).status_code == 404


def test_who_is_out_and_in_another_class_is_left_there_or_taken_over(room: Room) -> None:
    room.school.out()
    room.classes.stop(room.session)
    algebra = room.classes.algebra()
    room.session = algebra
    assert "In Algebra 1 (Mr. Okafor)" in dialog(room)


# A pass from the card


def give(room: Room, key: str = "rivera", student: str = "ana", **more: Any) -> Any:
    address = f"/classroom/sessions/{room.session.id}/students/{room.id_of(student)}/give"
    data = {"origin": room.school.room_204, "destination": room.school.nurse, "pre_approved": "on"}
    return room.client(key).post(address, data | more, headers={"HX-Request": "true"})


def test_a_pass_is_given_from_the_card(room: Room) -> None:
    address = f"/classroom/sessions/{room.session.id}/students/{room.id_of('ana')}/give"
    offered = room.client().get(address).content.decode()
    own = rf'<option value="{room.school.room_204}" selected>'
    assert re.search(own, offered) and "Nurse" in offered
    answer = give(room)
    assert answer.status_code == 200 and "On the way" in answer.content.decode()
    assert "pass-badge" in room.card()
    assert room.school.names()[-1] == "pass.given"


def test_the_same_press_twice_gives_one_pass(room: Room) -> None:
    twice = "5f0c6d0e-52a0-4b3c-9d35-0c0f8d6f8a11"
    first, second = give(room, request_id=twice), give(room, request_id=twice)
    assert first.status_code == second.status_code == 200
    assert room.school.names().count("pass.given") == 1


def test_a_rule_that_would_be_broken_is_asked_about_first(room: Room) -> None:
    room.school.change_place(room.school.nurse, capacity=1)
    room.school.out()
    answer = give(room, student="cam")
    shown = answer.content.decode()
    assert answer.status_code == 200 and "This pass breaks a rule" in shown
    assert "Destination: <strong><bdi>Nurse</bdi></strong>" in shown
    assert room.school.names()[-1] != "pass.given"
    assert give(room, student="cam", override="destination_full").status_code == 200
    assert room.school.names()[-1] == "pass.given"


def test_from_a_room_that_takes_no_passes_one_departs_all_the_same(room: Room) -> None:
    """It is closed as a destination; and of that an adult is warned, never stopped."""
    places = {"own": room.school.room_204, "library": room.school.library}
    for place in places.values():
        room.school.change_place(place, takes_passes=False)
    address = f"/classroom/sessions/{room.session.id}/students/{room.id_of('ana')}/give"
    offered = room.client().get(address).content.decode()
    assert f'<option value="{places["own"]}" selected>' in offered
    assert f'name="destination" value="{places["library"]}"' in offered
    asked = give(room, destination=places["library"]).content.decode()
    assert "This pass breaks a rule" in asked
    answer = give(room, destination=places["library"], override="takes_no_passes")
    assert answer.status_code == 200 and "On the way" in answer.content.decode()


def test_a_refusal_tells_the_hour_of_the_school(room: Room) -> None:
    """Ten in New York: who waits since then is in the way until twenty minutes past ten."""
    room.school.ask(room.school.ana)
    answer = give(room)
    assert answer.status_code == 422
    assert "Try again at 10:" in answer.content.decode()


def test_who_is_not_in_pass_cannot_be_given_one(room: Room) -> None:
    answer = give(room, student="mia")
    assert answer.status_code == 403 and "Pass failure" in answer.content.decode()
    assert "mia@example.org has no account" in answer.content.decode()
    assert "give-pass" in room.card("ana") and "give-pass" not in room.card("mia")
    one = f"/classroom/sessions/{room.session.id}/students/{{}}"
    assert "Give a pass" in room.client().get(one.format(room.id_of("ana"))).content.decode()
    assert "Give a pass" not in room.client().get(one.format(room.id_of("mia"))).content.decode()
    PassAccount.objects.filter(email="rivera@example.org").update(email="rosa@example.org")
    answer = give(room)
    assert answer.status_code == 403 and "Pass failure" in answer.content.decode()
    assert "data-gives-passes" not in room.page()


def test_what_cannot_be_is_said(room: Room) -> None:
    assert give(room, destination=room.school.room_204).status_code == 422
    assert give(room, destination="").status_code == 400
    assert give(room, destination="9" * 25).status_code in (400, 404)
    assert give(room, key="tia").status_code == 403


def test_an_admin_who_acts_as_the_teacher_reads_and_gives_nothing(room: Room) -> None:
    card = room.school.out()
    acting = acting_as(room.school, "rivera")
    page = acting.get(f"/classroom/sessions/{room.session.id}").content.decode()
    assert "pass-badge" in page and "data-gives-passes" not in page
    assert moves_in(acting.get(room.address(card))) == []
    address = f"/classroom/sessions/{room.session.id}/students/{room.id_of('cam')}/give"
    data = {"origin": room.school.room_204, "destination": room.school.nurse, "pre_approved": "on"}
    assert acting.get(address).status_code == 403
    assert acting.post(address, data).status_code == 403
    assert room.school.names()[-1] == "pass.approved"


# After class


def past_line(room: Room, key: str = "rivera") -> str:
    """What the history of the class says of Ana."""
    answer = room.client(key).get(f"/classroom/history/{room.session.id}")
    assert answer.status_code == 200
    page = answer.content.decode()
    return page[page.index("Ana Lopez") :].partition("</tr>")[0]


@pytest.fixture
def past(room: Room) -> Room:
    """A class of 40 minutes that is over; Ana was out with the nurse for six of them."""
    ana = room.id_of("ana")
    room.school.do(notice_devices, came=[ana], by=clock_of(room.school.id))
    room.school.wait(minutes=10)
    card = room.school.out()
    room.school.wait(minutes=6)
    room.school.press("end", card, room.school.rivera)
    room.school.wait(minutes=24)
    room.classes.stop(room.session)
    return room


def test_the_report_subtracts_the_minutes_out(past: Room) -> None:
    line = past_line(past)
    assert "<td>34</td>" in line and "6 minutes" in line and "Nurse" in line


def test_switched_off_later_the_report_subtracts_them_without_a_word(past: Room) -> None:
    past.school.wait(minutes=1)
    switch(past.school, on=False)
    line = past_line(past)
    assert "<td>34</td>" in line and "Nurse" not in line and "6 minutes" not in line


def test_where_passes_were_not_shown_the_report_knows_of_none(room: Room) -> None:
    switch(room.school, on=False)
    room.school.do(notice_devices, came=[room.id_of("ana")], by=clock_of(room.school.id))
    card = room.school.out()
    room.school.wait(minutes=6)
    room.school.press("end", card, room.school.rivera)
    room.classes.stop(room.session)
    assert "<td>6</td>" in past_line(room)
    room.school.wait(minutes=1)
    switch(room.school, on=True)
    line = past_line(room)
    assert "<td>6</td>" in line and "Nurse" not in line


@pytest.mark.parametrize("product", ["pass", "classroom"])
def test_whoever_is_archived_later_was_out_all_the_same(past: Room, product: str) -> None:
    if product == "pass":
        ana = past.school.id_of(past.school.ana)
        past.school.do(close_account, account_id=ana, by=past.school.dana)
    else:
        people = past.school.classroom
        past.school.do(close_classroom_account, account_id=past.id_of("ana"), by=people.dana)
    line = past_line(past)
    assert "<td>34</td>" in line and "6 minutes" in line and "Nurse" in line


@pytest.mark.parametrize(("key", "reads"), [("rivera", True), ("okafor", False), ("dana", True)])
def test_where_and_when_is_told_as_the_school_wants_it(past: Room, key: str, reads: bool) -> None:
    """From room 204 to the nurse: others see the minutes, where ended passes are not for all."""
    assert "Nurse" in past_line(past, key)
    past.school.decide(ended_shown_to="concerned")
    line = past_line(past, key)
    assert "<td>34</td>" in line and "6 minutes" in line
    assert ("Nurse" in line) == reads


def test_an_admin_of_classroom_alone_is_no_admin_of_pass(room: Room) -> None:
    """Dana leads every class in Classroom; her account in Pass has another address."""
    PassAccount.objects.filter(email="dana@example.org").update(email="d.whitfield@example.org")
    room.school.decide(ended_shown_to="concerned")
    card = room.school.out()
    assert room.look(card, "dana").status_code == 200  # who is out now, every adult sees
    room.school.wait(minutes=6)
    room.school.press("end", card, room.school.rivera)
    assert room.look(card, "dana").status_code == 403
    room.classes.stop(room.session)
    assert "6 minutes" in past_line(room, "dana")
    assert "Nurse" not in past_line(room, "dana")


def test_the_report_tells_nothing_of_passes_from_another_class(room: Room) -> None:
    """Ana is in Algebra from ten past ten on, and then goes to the nurse."""
    room.school.wait(minutes=10)
    algebra = room.classes.algebra(take_over=(room.classes.people.ana,))
    card = room.school.out()
    room.school.wait(minutes=6)
    room.school.press("end", card, room.school.rivera)
    room.classes.stop(room.session)
    room.classes.stop(algebra, room.classes.people.okafor)

    def line(session_id: int) -> str:
        page = room.client("okafor").get(f"/classroom/history/{session_id}").content.decode()
        return page[page.index("Ana Lopez") :].partition("</tr>")[0]

    assert "Nurse" not in line(room.session.id) and "minute" not in line(room.session.id)
    assert "6 minutes" in line(algebra.id) and "Nurse" in line(algebra.id)
