"""Every page answers in the language that the browser asks for, down to the last word."""

import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from corridor.passes.cards import PassCard
from corridor.web.post import send_due
from corridor.web.zones import TIME_ZONES
from tests.flows.test_sweep import ROWS, Row, ask, client_of, ids
from tests.school import School
from tools import texts

# What a page says does not depend on where its facts are kept.
pytestmark = [pytest.mark.sqlite, pytest.mark.thorough]

SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}
# Of whom the sweep adds, and of towns.
NAMES = {"New"} | {town for _part, towns in TIME_ZONES for _zone, town in towns}
SPOKEN = {"title", "aria-label", "placeholder", "alt"}
# Words that no Spanish sentence has, to find what was never marked for translation.
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|was|were|this|that|these|your|you|with|for|not|nobody|every|which|who"
    r"|what|when|where|from|until|only|their|its|it|they|his|her|or|by|at|an|if|then|than|there"
    r"|here|must|may|can|cannot|will|would|should|have|had|does|did|please|again|now|on|in)\b",
    re.IGNORECASE,
)


class Shown(HTMLParser):
    """What a page says: its texts and what it tells of its parts; not its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.said: list[str] = []
        self._silent = 0
        self._is_foreign = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "html":
            self.language = told.get("lang") or ""
        # The word of the minute is marked as being in the server's language.
        self._is_foreign = tag == "span" and "lang" in told
        self._silent += tag in ("script", "style", "code")
        for name, value in told.items():
            # What scripts will say stands in data attributes; their facts have no spaces.
            if name in SPOKEN or (name.startswith("data-") and " " in (value or "")):
                self._say(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "code")
        self._is_foreign = False

    def handle_data(self, data: str) -> None:
        if not self._silent and not self._is_foreign:
            self._say(data)

    def _say(self, part: str) -> None:
        if part.strip():
            self.said.append(" ".join(part.split()))


@cache
def english() -> tuple[frozenset[str], re.Pattern[str]]:
    """The English texts that have another translation; those with gaps as one pattern."""
    whole, with_gaps = set(), []
    for message in texts.kept("es"):
        ours = message.id if message.pluralizable else [message.id]
        theirs = message.string if message.pluralizable else [message.string]
        for text in ours:
            if not text or text in theirs:
                continue
            if re.search(r"%\(", text):
                gaps = re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(text.strip()))
                with_gaps.append(gaps)
            else:
                whole.add(text.strip())
    return frozenset(whole), re.compile("|".join(with_gaps))


def in_english(answer: Any, language: str = "es") -> list[str]:
    """What the page says in English; `language` is the one it must say that it is in."""
    page = Shown()
    page.feed(answer.content.decode())
    assert page.language in (language, "")
    whole, with_gaps = english()
    return [
        said
        for said in page.said
        if said not in NAMES
        and (said in whole or with_gaps.fullmatch(said) or ENGLISH.search(said))
    ]


def is_page(answer: Any) -> bool:
    return bool(answer.headers.get("Content-Type", "").startswith("text/html"))


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_every_page_is_spanish(a_school: School, row: Row) -> None:
    """For whoever may see it and whoever may not."""
    for person in ("nobody", "ana", "rivera", "dana"):
        answer = ask(client_of(a_school, person, headers=SPANISH), row, a_school)
        if is_page(answer):
            assert in_english(answer) == [], person


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_what_is_wrong_in_a_form_is_told_in_spanish(a_school: School, row: Row) -> None:
    """Forms sent empty, and with what fits no field."""
    wrong = dict.fromkeys(row.data(a_school), "~" * 300)
    for person in ("ana", "dana"):
        for data in ({}, wrong):
            address = reverse(row.name, args=row.args(a_school))
            client = client_of(a_school, person, headers=SPANISH)
            answer = getattr(client, row.method.lower())(address, data)
            if is_page(answer):
                assert in_english(answer) == [], (person, data)


def test_every_state_of_a_pass_is_spanish(a_school: School) -> None:
    """On the student's ticket and history, on both boards, in the dialog of the pass."""
    ana, dana = (client_of(a_school, who, headers=SPANISH) for who in ("ana", "dana"))

    def look(card: PassCard) -> None:
        for path in ("/student", "/student/history"):
            assert in_english(ana.get(path)) == []
        for path in ("/staff?scope=all", "/staff?scope=all&tab=ended", f"/staff/passes/{card.id}"):
            assert in_english(dana.get(path)) == []

    card = a_school.ask()
    look(card)
    for move, by in (("approve", a_school.rivera), ("arrive", a_school.ito),
                     ("send_back", a_school.ito), ("end", a_school.rivera)):  # fmt: skip
        card = a_school.press(move, card, by)
        look(card)
    card = a_school.out()
    a_school.wait(minutes=11)
    look(card)
    a_school.wait(minutes=30)
    look(card)
    for move, by in (("withdraw", a_school.ana), ("cancel", a_school.rivera)):
        look(a_school.press(move, a_school.ask(), by))
    a_school.change_place(a_school.nurse, takes_passes=False)
    look(a_school.give(override=frozenset({"takes_no_passes"})))


def test_days_and_times_are_spanish(a_school: School) -> None:
    """On a clock of twelve hours, with the month between day and year."""
    a_school.end(a_school.ask())
    page = client_of(a_school, "ana", headers=SPANISH).get("/student/history").content.decode()
    assert "lunes, 2 de marzo" in page
    assert ">10:00 a.m.</time>" in page
    assert 'title="2 de marzo de 2026, 10:00 a.m."' in page


def test_an_emergency_is_spanish(a_school: School) -> None:
    dana = client_of(a_school, "dana", headers=SPANISH)
    dana.post("/admin/emergency/freeze", {"text": ""})
    for person, path in (("dana", "/admin/emergency"), ("rivera", "/staff"), ("ana", "/student")):
        page = client_of(a_school, person, headers=SPANISH).get(path)
        assert "Emergencia: pases suspendidos" in page.content.decode()
        assert in_english(page) == []


def test_the_mail_with_a_new_password_is_spanish(a_school: School) -> None:
    stranger = Client(headers=SPANISH)
    page = stranger.post("/account/password/reset", {"email": "rivera@example.org"}, follow=True)
    assert in_english(page) == []
    assert send_due(a_school.clock.at) == 1
    [letter] = mail.outbox
    body = str(letter.body)
    assert letter.subject == "Contraseña nueva para Corridor"
    assert not ENGLISH.search(body.replace(str(re.search(r"http\S+", body)), ""))
    link = re.search(r"http\S+", body)
    assert link is not None
    choose = stranger.get(link[0], follow=True)
    assert in_english(choose) == []
    address = choose.request["PATH_INFO"]
    for new in ("short", "password12345", "12345678901234"):
        tried = stranger.post(address, {"password1": new, "password2": f"{new}x"})
        assert in_english(tried) == []


def test_a_wrong_password_is_told_in_spanish(a_school: School) -> None:
    stranger = Client(headers=SPANISH)
    data = {"login": "rivera@example.org", "password": "a-wrong-password"}
    assert in_english(stranger.post("/account/sign-in", data)) == []
    for _ in range(6):
        answer = stranger.post("/account/sign-in", data)
    assert in_english(answer) == []


def test_what_is_pressed_on_a_live_page_is_answered_in_spanish(a_school: School) -> None:
    """The piece that htmx shows: too late, not possible."""
    card = a_school.out()
    rivera = client_of(a_school, "rivera", headers=SPANISH | {"HX-Request": "true"})
    late = rivera.post(f"/staff/passes/{card.id}/approve")
    assert late.status_code == 409
    assert "Demasiado tarde" in late.content.decode()
    assert in_english(late) == []


def test_the_reader_of_these_tests_knows_english(a_school: School) -> None:
    """What it must never find on a Spanish page it finds on the English one."""
    dana = client_of(a_school, "dana")
    found = {
        said for path in ("/staff", "/admin/emergency") for said in in_english(dana.get(path), "en")
    }
    assert {"Waiting", "Out now", "Skip to the page", "Search a name", "Freeze the school"} < found


def test_english_stays_english(a_school: School) -> None:
    """Whoever asks for a language that there is not, or for none."""
    for wished in ("en-US,en;q=0.9,es;q=0.5", "fr", ""):
        page = Client(headers={"Accept-Language": wished}).get("/account/sign-in").content.decode()
        assert '<html lang="en"' in page
        assert "<h1>Sign in</h1>" in page
