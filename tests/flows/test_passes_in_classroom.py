"""Presses on passes in Classroom: as whom, with which answer, and what is left alone."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.accounts.signins import ActedBy, forget
from corridor.integration.hearing import hearing_of
from corridor.live.log import read_log
from corridor.passes import queries
from corridor.passes.appointments import reschedule
from corridor.passes.cards import PassCard
from corridor.passes.queries import pass_of_school
from corridor.web.classroom.live import ClassroomStream
from tests.integration.people import signed, switch
from tests.school import School
from tests.signed_in import sign_in


@pytest.fixture
def integrated(a_school: School) -> School:
    """The school shows Pass in Classroom."""
    switch(a_school, on=True)
    forget()
    return a_school


def client_of(key: str) -> Client:
    client = Client()
    sign_in(client, Identity.objects.get(email=f"{key}@example.org"))
    return client


def press(key: str, move: str, card: PassCard, **data: Any) -> Any:
    address = reverse("classroom:move_pass", args=[card.id, move])
    return client_of(key).post(address, data, headers={"HX-Request": "true"})


def state(card: PassCard) -> str:
    return pass_of_school(card.school_id, card.id).state


def test_the_answer_is_the_row_and_the_end_of_what_popped_up(integrated: School) -> None:
    card = integrated.ask()
    answer = press("rivera", "approve", card)
    assert answer.status_code == 200
    told = answer.content.decode()
    assert f'id="pass-{card.id}"' in told and 'data-section="out"' in told
    assert f'/classroom/passes/{card.id}/end"' in told
    assert f'id="popup-{card.id}"' in told and 'data-pops=""' in told


def test_the_panel_opened_as_an_address_leads_to_a_page(integrated: School) -> None:
    rivera, address = client_of("rivera"), reverse("classroom:passes")
    assert rivera.get(address)["Location"] == reverse("classroom:home")
    assert rivera.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_the_log_says_that_it_was_pressed_in_classroom(integrated: School) -> None:
    press("rivera", "approve", integrated.ask())
    assert integrated.log()[-1].by.face == "classroom"
    assert integrated.log()[-1].by.account_id == integrated.rivera.account_id


def test_the_second_press_is_the_first(integrated: School) -> None:
    card, request_id = integrated.ask(), str(uuid4())
    first = press("rivera", "approve", card, request_id=request_id)
    before = integrated.last
    second = press("rivera", "approve", card, request_id=request_id)
    assert (second.status_code, second.content) == (200, first.content)
    assert integrated.last == before


def test_too_late_says_what_the_pass_is_now_and_ends_what_popped_up(integrated: School) -> None:
    card = integrated.ask()
    integrated.press("cancel", card, integrated.rivera)
    answer = press("rivera", "approve", card)
    assert answer.status_code == 409
    assert "Cancelled" in answer.content.decode()
    assert f'id="popup-{card.id}"' in answer.content.decode()


def test_row_18_pass_failure_and_nothing_changes(integrated: School) -> None:
    card = integrated.ask()
    PassAccount.objects.filter(email="rivera@example.org").update(email="rivers@example.org")
    before = integrated.last
    answer = press("rivera", "approve", card)
    assert answer.status_code == 403
    assert "Pass failure" in answer.content.decode()
    assert "rivera@example.org has no account" in answer.content.decode()
    assert (integrated.last, state(card)) == (before, "waiting")


@pytest.mark.parametrize("corrected", [PassAccount, ClassroomAccount])
def test_row_19_after_the_correction_the_next_press_works(
    integrated: School, corrected: Any
) -> None:
    card, rivera = integrated.ask(), client_of("rivera")
    account = corrected.objects.get(email="rivera@example.org", school_id=integrated.id)
    account.email = "r.rivera@example.org"
    account.save()
    address = reverse("classroom:move_pass", args=[card.id, "approve"])
    assert rivera.post(address).status_code == 403
    account.email = " RIVERA@example.org"
    account.save()
    assert rivera.post(address).status_code == 200
    assert state(card) == "on_the_way"


def test_row_1_switched_off_no_address_answers(integrated: School) -> None:
    card = integrated.ask()
    switch(integrated, on=False)
    forget()
    assert press("rivera", "approve", card).status_code == 404
    page = client_of("rivera").get(reverse("classroom:classes")).content.decode()
    assert "pass-centre" not in page and "Ana Lopez" not in page


def test_row_2_the_logo_is_on_pages_that_say_no(integrated: School) -> None:
    paths = ("/classroom/nowhere", "/classroom/classes/999", "/classroom/settings/permissions")
    for path, status in zip(paths, (404, 404, 403), strict=True):
        answer = client_of("rivera").get(path)
        page = answer.content.decode()
        assert answer.status_code == status
        assert "data-logo" in page and "/stream/classroom" in page and "<nav" in page
        assert "data-logo" not in client_of("ana").get(path).content.decode()
        assert "data-logo" not in Client().get(path).content.decode()
    assert "data-logo" not in client_of("rivera").get("/nowhere").content.decode()


def test_an_admin_reads_and_may_cancel_but_nothing_pops_up(integrated: School) -> None:
    card = integrated.ask()
    page = client_of("dana").get(reverse("classroom:classes")).content.decode()
    assert "pass-centre" in page and f"popup-{card.id}" not in page
    assert press("dana", "approve", card).status_code == 403
    assert press("dana", "cancel", card).status_code == 200


def test_row_21_what_is_asked_while_a_page_is_drawn_is_heard(
    integrated: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream begins where the lists end, whichever of the two the page asks for first."""
    read = queries.open_passes

    def and_then_ana_asks(*of: Any) -> list[PassCard]:
        found = read(*of)
        integrated.ask()
        return found

    monkeypatch.setattr(queries, "open_passes", and_then_ana_asks)
    page = client_of("rivera").get(reverse("classroom:classes")).content.decode()
    assert "pass-centre" in page and "Ana Lopez" not in page
    after = re.search(r'<live-stream [^>]*after="(\d+)"', page)
    assert after
    heard = [row.name for row in read_log(integrated.id, int(after[1]))]
    assert heard == ["pass.requested"]


def test_what_awaits_an_answer_is_never_cut_off_in_the_panel(
    integrated: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a list that is cut says so."""
    monkeypatch.setattr("corridor.web.classroom.centre._MOST_COMING", 2)
    integrated.decide(student_appointments=True)
    integrated.arrange(minutes=60)
    asked = integrated.ask_appointment(integrated.ben, minutes=60 * 24 * 30)
    told = "Only the next 2 are listed."
    page = client_of("rivera").get(reverse("classroom:classes")).content.decode()
    assert told not in page
    integrated.arrange(integrated.cam, minutes=90)
    page = client_of("rivera").get(reverse("classroom:classes")).content.decode()
    assert told in page and f'id="pass-{asked.id}"' in page
    assert "Ana Lopez" in page and "Cam Nguyen" not in page


def test_what_students_write_is_text(integrated: School) -> None:
    integrated.ask(reason="<script>alert(1)</script>")
    page = client_of("rivera").get(reverse("classroom:classes")).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_row_17_an_admin_who_acts_as_the_teacher_sees_and_decides_nothing(
    integrated: School,
) -> None:
    card, dana = integrated.ask(), client_of("dana")
    named = f"classroom-{integrated.classroom.rivera.account_id}"
    assert dana.post(reverse("begin_acting"), {"account": named}).status_code == 302
    page = dana.get(reverse("classroom:classes")).content.decode()
    assert "you act as Ms. Rivera" in page
    assert "data-logo" in page
    assert "Ana Lopez" not in page and "pass-panel" not in page
    assert "data-sound aria-pressed" not in page
    before = integrated.last
    for address in (
        reverse("classroom:move_pass", args=[card.id, "approve"]),
        reverse("classroom:comment_on_pass", args=[card.id]),
    ):
        answer = dana.post(address, {"text": "Hm."}, headers={"HX-Request": "true"})
        assert answer.status_code == 403
        assert "Only looking" in answer.content.decode()
    assert (integrated.last, state(card)) == (before, "waiting")


def test_row_17_nothing_is_heard_while_acting(integrated: School) -> None:
    admin = ActedBy(1, "Dana Whitfield", integrated.clock.at)
    rivera = signed(integrated, "rivera")
    assert hearing_of(rivera).actor is not None
    assert hearing_of(msgspec.structs.replace(rivera, acted_by=admin)).topics == frozenset()


@pytest.mark.parametrize("face", ["classroom", "staff"])
def test_the_answer_offers_undo_to_whoever_pressed(integrated: School, face: str) -> None:
    card = integrated.ask()
    address = reverse("classroom:pass" if face == "classroom" else "staff:pass", args=[card.id])
    approved = client_of("rivera").post(f"{address}/approve").content.decode()
    assert f'id="undo-{card.id}"' in approved and f'hx-post="{address}/undo"' in approved
    back = client_of("rivera").post(f"{address}/undo")
    assert back.status_code == 200 and 'class="undo"' not in back.content.decode()
    assert state(card) == "waiting"


def test_an_appointment_that_leaves_ones_places_leaves_the_panel(integrated: School) -> None:
    """And only theirs: who never had it hears nothing."""
    (card,) = integrated.arrange(to=integrated.library)
    after = integrated.last
    integrated.do(
        reschedule, pass_id=card.id, origin_id=integrated.room_118, by=integrated.ito,
        destination_id=integrated.nurse,
    )  # fmt: skip
    (row,) = [row for row in read_log(integrated.id, after) if row.name == "pass.rescheduled"]

    def heard(key: str) -> str:
        who = signed(integrated, key)
        hearing = hearing_of(who)

        async def told() -> str:
            page = ClassroomStream(who, hearing, "en")
            sent: list[bytes] = []

            async def send(message: Any) -> None:
                sent.append(message.get("body", b""))

            page.hear(row)
            page.close()
            await page.pour(send)
            return b"".join(sent).decode()

        return asyncio.run(told())

    assert 'data-section=""' in heard("rivera") and f'id="pass-{card.id}"' in heard("rivera")
    assert 'data-section="today"' in heard("okafor")
