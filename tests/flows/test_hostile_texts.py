"""Two hundred texts that somebody might type, in every field that takes text.

None stands on a page as markup, none breaks a page or an export. Texts that a field refuses must be
refused with a page. What students and adults write about passes (reasons, comments, corrections)
is typed in `test_history_pages.py`; the browser's side stands in `tests/browser`.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from corridor.roster.changes import freeze_school
from tests.api.program import Program
from tests.flows.test_history_pages import check_page
from tests.flows.test_sweep import KEY, PERSON, PLACE, WEBHOOK, client_of
from tests.hostile import TEXTS
from tests.school import School

Data = dict[str, Any]


@dataclass
class Field:
    """One or more text fields of a form, the pages that show what was typed, and who looks."""

    form: str
    names: tuple[str, ...]
    longest: int
    rest: Callable[[School], Data] = field(default=lambda school: {})
    args: Callable[[School], list[Any]] = field(default=lambda school: [])
    first: Callable[[School], Any] = field(default=lambda school: None)
    shown: Callable[[School], list[tuple[str, str]]] = field(default=lambda school: [])
    by: str = "dana"
    method: str = "post"


def on(person: str, name: str, *args: Any, query: str = "") -> tuple[str, str]:
    return person, reverse(name, args=args) + query


def frozen(school: School) -> None:
    school.do(freeze_school, text="Smoke", by=school.dana.who)


def a_group(school: School) -> list[Any]:
    from corridor.passes.apart import groups_of

    known = groups_of(school.id)
    return [known[0].id if known else school.keep_apart(school.ana, school.cam)]


def ana_and_ben(school: School) -> Data:
    return {"student": [school.ana.account_id, school.ben.account_id]}


def somebody_new(school: School) -> Data:
    return PERSON | {"email": f"n{school.last}@example.org", "role": "teacher"}


def a_window(school: School) -> Data:
    return {"begins": "08:00", "ends": "09:00", "weekdays": [0]}


def away(school: School) -> Data:
    school.wait(timer=False, seconds=1)
    return {"location": school.library, "how": "rest"}


FIELDS = [
    Field("admin:freeze_text", ("text",), 200, first=frozen,
          shown=lambda s: [on("dana", "admin:emergency"), on("ana", "student:home")]),
    Field("staff:out_of_office", ("text",), 120, away,
          shown=lambda s: [on("okafor", "staff:out_of_office"), on("ana", "student:home"),
                           on("dana", "admin:place", s.library)], by="okafor"),
    Field("admin:block", ("name",), 80, a_window,
          shown=lambda s: [on("dana", "admin:settings", "limits")]),
    Field("admin:block_around", ("name",), 80,
          lambda s: {"first_minutes": s.last % 100, "last_minutes": 5},
          shown=lambda s: [on("dana", "admin:settings", "limits")]),
    Field("admin:new_schedule", ("name", "period-0"), 40,
          lambda s: {"begins-0": "08:00", "ends-0": "09:00"},
          shown=lambda s: [on("dana", "admin:bell"), on("dana", "admin:bell_calendar")]),
    Field("admin:edit_apart", ("note",), 400, ana_and_ben, a_group,
          shown=lambda s: [on("dana", "admin:apart"), on("dana", "admin:edit_apart", *a_group(s))]),
    Field("hall:without_pass", ("text",), 200, lambda s: {"student": s.cam.account_id},
          shown=lambda s: [on("dana", "hall:notes")], by="rivera"),
    Field("admin:keys", ("name",), 80, lambda s: KEY,
          shown=lambda s: [on("dana", "admin:keys")]),
    Field("admin:webhooks", ("url",), 400, lambda s: WEBHOOK,
          shown=lambda s: [on("dana", "admin:webhooks")]),
    Field("admin:add_person", ("given_name", "family_name", "display_name", "location_name"), 80,
          somebody_new, shown=lambda s: [
              on("dana", "admin:people"), on("dana", "admin:people", query="?page=2"),
              on("rivera", "staff:teacher_pass"), on("ana", "student:home")]),
    *(Field("admin:person", (name,), longest,
            lambda s: PERSON | {"email": "ben@example.org"}, lambda s: [s.ben.account_id],
            shown=lambda s: [on("dana", "admin:person", s.ben.account_id)])
      for name, longest in (("grade", 20), ("number", 40), ("given_name", 80))),
    Field("admin:places", ("name",), 80, lambda s: PLACE,
          shown=lambda s: [on("dana", "admin:places")]),
    Field("admin:place", ("name",), 80, lambda s: PLACE | {"takes_passes": "on"},
          lambda s: [s.library], shown=lambda s: [on("dana", "admin:place", s.library)]),
    Field("admin:settings", ("queue_cleared_at",), 100, args=lambda s: ["queue"]),
    Field("staff:students", ("q",), 200, by="rivera", method="get"),
    Field("admin:people", ("q", "grade"), 200, method="get"),
    Field("staff:history", ("q",), 200, by="rivera", method="get"),
    Field("staff:history", ("rule", "what", "since"), 200, by="rivera", method="get"),
    Field("staff:reports", ("grade", "since"), 200, by="rivera", method="get"),
    Field("hall:monitor", ("q",), 200, by="rivera", method="get"),
    Field("hall:word", ("word",), 200, by="rivera", method="get"),
    Field("account_login", ("login", "password"), 200, by="nobody"),
    Field("account_reset_password", ("email",), 200, by="nobody"),
]  # fmt: skip


@cache
def packed(longest: int) -> tuple[str, ...]:
    """All texts, several at once as far as they fit.

    What is not printable stands with its like: a field that refuses one of them refuses no other.
    """
    packs = [""]
    for text in sorted(TEXTS, key=str.isprintable):
        fits = len(packs[-1]) + len(text) < longest
        if fits and text.isprintable() == packs[-1].isprintable():
            packs[-1] = f"{packs[-1]} {text}".lstrip(" ")
        else:
            packs.append(text[:longest])
    return tuple(packs)


def sent(client: Client, one: Field, school: School) -> Iterator[Any]:
    for text in packed(one.longest):
        data = one.rest(school) | dict.fromkeys(one.names, text)
        address = reverse(one.form, args=one.args(school))
        yield getattr(client, one.method)(address, data)


def ids(one: Field) -> str:
    return f"{one.form} {' '.join(one.names)}"


@pytest.mark.thorough
@pytest.mark.parametrize("one", FIELDS, ids=ids)
def test_in_every_field_every_text_is_only_text(a_school: School, one: Field) -> None:
    one.first(a_school)
    for answer in sent(client_of(a_school, one.by), one, a_school):
        if answer.status_code not in (302, 429):
            check_page(answer)
    for person, address in one.shown(a_school):
        check_page(client_of(a_school, person).get(address))


def test_in_files_every_text_is_only_text_and_no_formula(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["email", "given_name", "family_name", "display_name", "grade", "number"])
    for number, text in enumerate(TEXTS):
        line = " ".join(text.split())
        writer.writerow([f"t{number}@example.org", line[:60], line[:60], line[:60], line[:9], ""])
    file = SimpleUploadedFile("<b>people.csv", table.getvalue().encode())
    check_page(dana.post(reverse("admin:import_people"), {"file": file}, follow=True))
    places = "name\n" + "\n".join(f'"{" ".join(t.split())[:70]}"' for t in TEXTS if '"' not in t)
    looked = dana.post(
        reverse("admin:import_places"), {"file": SimpleUploadedFile("p.csv", places.encode())}
    )
    check_page(looked)
    for number, text in enumerate(packed(70)):
        dana.post(reverse("admin:places"), PLACE | {"name": f"{text}{number}"})
        dana.post(reverse("admin:places"), PLACE | {"name": text})
    for name in ("admin:export_places", "admin:export_people"):
        exported = dana.get(reverse(name)).content.decode("utf-8-sig")
        for row in csv.reader(io.StringIO(exported, newline="")):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_by_the_api_every_text_is_only_text(a_school: School) -> None:
    program = Program(a_school, a_school.rivera)
    new = {"student_id": a_school.ana.account_id, "origin_id": a_school.room_204,
           "destination_id": a_school.nurse}  # fmt: skip
    card = a_school.ask(a_school.cam)
    for text in packed(200):
        a_school.wait(hours=1)
        answers = [
            program.post("/passes", new | {"reason": text}),
            program.post("/passes", new | {"override": [text[:40]]}),
            program.post(f"/passes/{card.id}/comment", {"text": text}),
            program.post(f"/passes/{card.id}/edit_times", {"ended_at": text}),
            program.get("/people", name=text[:100]), program.get("/people", email=text[:100]),
            program.get("/passes", cursor=text[:60]),
        ]  # fmt: skip
        for answer in answers:
            assert answer.status_code < 500
            assert answer.headers["Content-Type"].split(";")[0] in (
                "application/json", "application/problem+json",
            )  # fmt: skip
    dana = client_of(a_school, "dana")
    check_page(dana.get(reverse("staff:history")))
    check_page(dana.get(reverse("staff:pass", args=[card.id])))
