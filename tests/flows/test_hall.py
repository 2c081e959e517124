"""The hall monitor's pages: who is out, End, the word, the code, and notes; what students get."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from corridor.passes.proof import token_of, word_of_the_minute
from corridor.passes.queries import pass_of_school
from tests.flows.test_sweep import client_of
from tests.school import School


def text(answer: object) -> str:
    """What a page says, without its tags."""
    content = getattr(answer, "content", b"").decode()
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def test_who_is_out_stands_there_and_who_waits_does_not(a_school: School) -> None:
    a_school.out(a_school.cam, a_school.library)
    a_school.ask(a_school.ana)
    page = text(client_of(a_school, "okafor").get("/hall"))
    assert "Cam Nguyen" in page and "Room 204 Library On the way" in page
    assert "Ana Lopez" not in page


def test_an_adult_who_has_no_part_in_it_ends_a_pass(a_school: School) -> None:
    card = a_school.out()
    client, address = client_of(a_school, "okafor"), reverse("hall:end", args=[card.id])
    answer = client.post(address, headers={"HX-Request": "true"})
    assert 'data-section="ended"' in answer.content.decode()
    ended = pass_of_school(a_school.id, card.id)
    assert ended.closed_by is not None
    assert (ended.state, ended.closed_by.name, ended.closed_by.face) == (
        "ended", "Mr. Okafor", "hall",
    )  # fmt: skip


def test_the_wrong_student_in_the_hall_is_out_again_by_undo(a_school: School) -> None:
    card = a_school.out()
    client, live = client_of(a_school, "okafor"), {"HX-Request": "true"}
    answer = client.post(reverse("hall:end", args=[card.id]), headers=live).content.decode()
    (address,) = re.findall(r'class="undo".*hx-post="(\S+)"', answer, re.DOTALL)
    assert address == reverse("hall:undo", args=[card.id])
    answer = client.post(address, headers=live).content.decode()
    assert 'data-section="out"' in answer and reverse("hall:end", args=[card.id]) in answer
    assert pass_of_school(a_school.id, card.id).state == "on_the_way"


def test_no_button_where_the_school_does_not_let_them(a_school: School) -> None:
    a_school.out()
    a_school.decide(hall_ends="concerned")
    assert "End pass" not in text(client_of(a_school, "okafor").get("/hall"))
    assert "End pass" in text(client_of(a_school, "rivera").get("/hall"))
    assert "End pass" in text(client_of(a_school, "dana").get("/hall"))


# The word


def ask_word(school: School, typed: str) -> str:
    return text(client_of(school, "okafor").get("/hall/word", {"word": typed}))


def test_the_word_of_the_minute_is_right_for_two_minutes(a_school: School) -> None:
    word = word_of_the_minute(a_school.id, a_school.clock.at, settings.SECRET_KEY).text
    assert ask_word(a_school, word.upper() + " ").startswith("Yes, live")
    a_school.wait(seconds=60)
    assert ask_word(a_school, word).startswith("Yes, a moment ago")
    a_school.wait(seconds=60)
    assert ask_word(a_school, word).startswith("No ")


def test_the_word_of_another_school_or_none_is_wrong(a_school: School) -> None:
    other = word_of_the_minute(a_school.other_id, a_school.clock.at, settings.SECRET_KEY).text
    assert ask_word(a_school, other).startswith("No ")
    assert ask_word(a_school, "").startswith("No ")


def test_the_word_as_the_student_reads_it(a_school: School) -> None:
    """A student's page may be in another language than the adult's."""
    word = word_of_the_minute(a_school.id, a_school.clock.at, settings.SECRET_KEY).text
    for language, _ in settings.LANGUAGES:
        with override(language):
            translated = gettext(word)
        assert ask_word(a_school, translated).startswith("Yes, live")


def test_every_screen_shows_the_word_in_the_same_language(a_school: School) -> None:
    """A student and an adult whose pages are in different languages compare at a glance."""
    a_school.out()
    word = word_of_the_minute(a_school.id, a_school.clock.at, settings.SECRET_KEY).text
    with override("es"):
        assert gettext(word) != word
    for person, path in (("ana", "/student"), ("okafor", "/hall"), ("okafor", "/staff")):
        for language in ("es", "en"):
            client = client_of(a_school, person)
            page = client.get(path, headers={"Accept-Language": language}).content.decode()
            assert f'<html lang="{language}"' in page
            assert f'data-word-text lang="en">{word}<' in page
    answer = client_of(a_school, "okafor").get(
        "/hall/word", {"word": word}, headers={"Accept-Language": "es"}
    )
    assert f'lang="en">{word}<' in answer.content.decode()


# The code


def scan(school: School, token: str, by: str = "okafor") -> str:
    return text(client_of(school, by).get(reverse("hall:proof", args=[token])))


def token(school: School, pass_id: int) -> str:
    return token_of(school.id, pass_id, school.clock.at, settings.SECRET_KEY)


def test_a_live_code_names_the_student(a_school: School) -> None:
    card = a_school.out()
    told = scan(a_school, token(a_school, card.id))
    assert "Live pass On the way" in told and "Ana Lopez grade 9" in told and "End pass" in told


def test_a_code_of_two_minutes_ago_names_nobody(a_school: School) -> None:
    shown = token(a_school, a_school.out().id)
    a_school.wait(seconds=119)
    assert "Live pass" in scan(a_school, shown)
    a_school.wait(seconds=1)
    told = scan(a_school, shown)
    assert "Too old" in told and "Ana Lopez" not in told


def test_a_fresh_code_of_a_pass_that_is_over(a_school: School) -> None:
    card = a_school.out()
    a_school.press("end", card, a_school.rivera)
    told = scan(a_school, token(a_school, card.id))
    assert "Not a live pass Pass ended" in told and "End pass" not in told


def test_a_code_that_only_waits_is_no_live_pass(a_school: School) -> None:
    assert "Not a live pass Waiting" in scan(a_school, token(a_school, a_school.ask().id))


def test_a_code_of_a_pass_that_never_was(a_school: School) -> None:
    assert "Not found" in scan(a_school, token(a_school, 10**15))


def test_the_student_gets_the_code_of_their_own_pass_only(a_school: School) -> None:
    """The picture holds no text to compare; what it was made of is asked of its maker."""
    ana, cam = client_of(a_school, "ana"), client_of(a_school, "cam")
    assert ana.get("/student/code").content == b""
    card = a_school.ask()
    assert ana.get("/student/code").content == b""
    a_school.press("approve", card, a_school.rivera)
    first = ana.get("/student/code").content
    assert first.startswith(b"<svg") and b"style=" not in first
    assert cam.get("/student/code").content == b""
    assert ana.get("/student/code").content == first
    a_school.wait(seconds=60)
    assert ana.get("/student/code").content != first


def test_the_code_is_the_address_of_the_proof(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    import segno

    drawn: list[str] = []
    make = segno.make_qr

    def remember(content: str, **more: Any) -> segno.QRCode:
        drawn.append(content)
        return make(content, **more)

    monkeypatch.setattr(segno, "make_qr", remember)
    card = a_school.out()
    client_of(a_school, "ana").get("/student/code")
    path = reverse("hall:proof", args=[token(a_school, card.id)])
    assert drawn == [settings.CORRIDOR.public_url + path]
    assert "Live pass" in text(client_of(a_school, "okafor").get(path))


# Notes


def write(client: Client, **facts: object) -> int:
    return client.post("/hall/without-pass", facts).status_code


def test_a_note_is_read_where_it_should_be(a_school: School) -> None:
    facts = {"student": a_school.ana.account_id, "room": a_school.room_204, "text": "At the gym"}
    assert write(client_of(a_school, "okafor"), **facts) == 302
    for reader, reads in (("okafor", True), ("rivera", True), ("dana", True), ("ito", False)):
        page = text(client_of(a_school, reader).get("/hall/notes"))
        assert ("At the gym" in page) == reads, reader
    assert "Seen without a pass: Ana Lopez" in text(client_of(a_school, "rivera").get("/staff"))
    assert "Ana Lopez" not in text(client_of(a_school, "okafor").get("/staff"))
    assert "Ana Lopez" not in text(client_of(a_school, "rivera").get("/staff?scope=all"))


def test_notes_by_their_days(a_school: School) -> None:
    write(client_of(a_school, "okafor"), student=a_school.ana.account_id, text="Monday")
    a_school.wait(days=1)
    dana = client_of(a_school, "dana")
    assert "Nobody was seen" in text(dana.get("/hall/notes"))
    assert "Monday" in text(dana.get("/hall/notes?first_day=2026-03-02"))
    assert "Nobody was seen" in text(dana.get("/hall/notes?first_day=2026-03-03"))
    page = dana.get("/hall/notes?first_day=2026-03-01&last_day=2026-03-02")
    assert "Ana Lopez" in text(page)
    for wrong in ("first_day=soon", "last_day=9999-12-31", "first_day=0001-01-01"):
        assert dana.get(f"/hall/notes?{wrong}").status_code == 400


def test_a_note_about_somebody_with_a_pass_is_refused_in_words(a_school: School) -> None:
    a_school.out()
    client = client_of(a_school, "okafor")
    facts = {"student": a_school.ana.account_id, "text": "At the gym"}
    answer = client.post("/hall/without-pass", facts)
    assert answer.status_code == 422
    assert "Ana Lopez is out on a live pass to Nurse." in text(answer)
    assert 'value="At the gym"' in answer.content.decode()


def test_a_form_that_is_not_complete_keeps_what_was_written(a_school: School) -> None:
    answer = client_of(a_school, "okafor").post("/hall/without-pass", {"text": "At the gym"})
    assert answer.status_code == 400
    assert "Choose a student." in text(answer)
    assert 'value="At the gym"' in answer.content.decode()


def test_what_a_student_sees_says_nothing_of_notes(a_school: School) -> None:
    write(client_of(a_school, "okafor"), student=a_school.ana.account_id, text="At the gym")
    ana = client_of(a_school, "ana")
    for path in ("/student", "/student/history"):
        page = text(ana.get(path))
        assert "At the gym" not in page and "without a pass" not in page.lower()
