"""Passes by the API: the same operations as the faces, repeatable, one school."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corridor.accounts.actors import Actor
from corridor.live.sql import rows
from corridor.passes import history
from corridor.passes.models import Look
from corridor.passes.queries import open_pass_of
from tests.api.program import Program
from tests.school import School


def for_ana(school: School, **more: Any) -> dict[str, Any]:
    return {
        "student_id": school.ana.account_id,
        "origin_id": school.room_204,
        "destination_id": school.nurse,
    } | more


@pytest.fixture
def rivera(a_school: School) -> Program:
    """A program that acts as Ms. Rivera."""
    return Program(a_school, a_school.rivera)


def test_a_pass_for_a_student_and_its_whole_trip(a_school: School, rivera: Program) -> None:
    made = rivera.post("/passes", for_ana(a_school, reason="A cut"))
    assert made.status_code == 201
    card = made.json()
    assert (card["state"], card["kind"], card["reason"]) == ("waiting", "teacher", "A cut")
    assert card["student"]["name"] == "Ana Lopez"
    number = card["id"]
    ito = Program(a_school, a_school.ito)
    for program, move, state in [
        (rivera, "approve", "on_the_way"), (ito, "arrive", "arrived"),
        (ito, "send_back", "returning"), (rivera, "end", "ended"),
    ]:  # fmt: skip
        answer = program.post(f"/passes/{number}/{move}")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    got = rivera.get(f"/passes/{number}").json()
    assert [step["what"] for step in got["steps"]] == [
        "requested", "approved", "arrived", "sent_back", "ended",
    ]  # fmt: skip
    assert {step["by"]["face"] for step in got["steps"]} == {"api"}
    assert got["steps"][2]["by"]["name"] == "Nurse Ito"


def test_pre_approved_is_on_the_way(a_school: School, rivera: Program) -> None:
    made = rivera.post("/passes", for_ana(a_school, pre_approved=True)).json()
    assert (made["state"], made["is_open"]) == ("on_the_way", True)
    kept = rivera.post(f"/passes/{made['id']}/end_and_keep")
    assert kept.status_code == 403  # Ms. Rivera is not of the nurse's room
    ito = Program(a_school, a_school.ito)
    assert ito.post(f"/passes/{made['id']}/end_and_keep").json()["state"] == "ended"


def test_what_would_be_broken_is_asked_first(a_school: School, rivera: Program) -> None:
    a_school.decide(building_limit=0)
    asked = rivera.post("/passes", for_ana(a_school))
    assert asked.status_code == 409
    problem = asked.json()
    assert problem["code"] == "needs_override"
    assert [one["code"] for one in problem["broken"]] == ["building_full"]
    made = rivera.post("/passes", for_ana(a_school, override=["building_full"]))
    assert made.json()["overridden"] == ["building_full"]


@pytest.mark.parametrize("how", ["kept apart", "full building"])
def test_what_only_admins_override_is_refused_in_one_way(a_school: School, how: str) -> None:
    a_school.decide(building_override="admin", building_limit=0 if how == "full building" else 99)
    if how == "kept apart":
        a_school.keep_apart(a_school.ana, a_school.cam)
        a_school.out(a_school.cam)
    rivera = Program(a_school, a_school.rivera)
    for new in (for_ana(a_school), for_ana(a_school, override=["building_full", "kept_apart"])):
        problem = rivera.post("/passes", new).json()
        assert problem["status"] == 422
        assert problem["code"] == "building_full"
        assert problem["detail"] == "This pass is not possible right now by a rule of the school."
        assert problem.get("again_at") is None
        assert not problem.get("broken")


def test_a_refusal_says_which_rule_and_when_again(a_school: School, rivera: Program) -> None:
    held = a_school.out()
    refused = rivera.post("/passes", for_ana(a_school))
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    problem = refused.json()
    assert problem["code"] == "already_out"
    assert problem["type"].endswith("/api/v1/problems#refused")
    assert "Ana Lopez already has a pass" in problem["detail"]
    assert held.over_at is not None
    assert problem["again_at"] == held.over_at.isoformat().replace("+00:00", "Z")


def test_the_same_key_gives_the_same_answer(a_school: School, rivera: Program) -> None:
    first = rivera.post("/passes", for_ana(a_school), Idempotency_Key="order 66/ä")
    a_school.wait(seconds=5)
    again = rivera.post("/passes", for_ana(a_school), Idempotency_Key="order 66/ä")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    refused = rivera.post("/passes", for_ana(a_school), Idempotency_Key="another")
    a_school.wait(minutes=11)  # the pass has expired: asked anew it would be allowed
    same = rivera.post("/passes", for_ana(a_school), Idempotency_Key="another")
    assert refused.status_code == same.status_code == 422
    assert refused.content == same.content


def test_the_same_key_elsewhere_is_another_request(a_school: School, rivera: Program) -> None:
    made = rivera.post("/passes", for_ana(a_school), Idempotency_Key="k").json()
    moved = rivera.post(f"/passes/{made['id']}/approve", Idempotency_Key="k")
    assert moved.json()["state"] == "on_the_way"
    again = rivera.post(f"/passes/{made['id']}/approve", Idempotency_Key="k")
    assert again.content == moved.content
    late = rivera.post(f"/passes/{made['id']}/approve", Idempotency_Key="l")
    assert late.status_code == 409
    assert late.json()["code"] == "stale"
    assert late.json()["card"]["state"] == "on_the_way"
    other = Program(a_school, a_school.rivera)
    other.post("/passes", for_ana(a_school), Idempotency_Key="k")
    assert a_school.names()[-1] == "pass.refused"  # a request of its own, not Ms. Rivera's answer


def test_comments_and_times(a_school: School, rivera: Program) -> None:
    card = a_school.out()
    said = rivera.post(f"/passes/{card.id}/comment", {"text": "Hurry."}, Idempotency_Key="c")
    rivera.post(f"/passes/{card.id}/comment", {"text": "Hurry."}, Idempotency_Key="c")
    assert [one["text"] for one in said.json()["comments"]] == ["Hurry."]
    now = a_school.wait(minutes=31)
    edited = rivera.post(f"/passes/{card.id}/edit_times", {"ended_at": now.isoformat()})
    assert edited.json()["state"] == "ended"
    assert edited.json()["marks"] == ["long_running", "edited"]
    assert len(rivera.get(f"/passes/{card.id}").json()["comments"]) == 1


def test_a_student_s_moves_are_not_the_api_s(a_school: School, rivera: Program) -> None:
    card = a_school.ask()
    assert rivera.post(f"/passes/{card.id}/withdraw").status_code == 400
    assert rivera.post(f"/passes/{card.id}/comment").status_code == 400


def test_pages_of_passes(a_school: School, rivera: Program) -> None:
    cards = [a_school.end(a_school.ask()) for _ in range(5)]
    seen, query = [], {"limit": 2, "student": a_school.ana.account_id}
    while True:
        page = rivera.get("/passes", **query).json()
        seen += [one["id"] for one in page["items"]]
        a_school.end(a_school.ask(a_school.cam))  # what happens meanwhile disturbs nothing
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [card.id for card in reversed(cards)]


def test_filters(a_school: School, rivera: Program) -> None:
    ended = a_school.end(a_school.ask())
    began = a_school.wait(minutes=1)
    held = a_school.ask(a_school.cam, a_school.library)

    def ids(**query: Any) -> list[int]:
        return [one["id"] for one in rivera.get("/passes", **query).json()["items"]]

    bens = ids(student=a_school.ben.account_id)
    assert len(bens) == 1
    assert ids(open="true") == [held.id]
    assert ids(open="false") == [ended.id, *bens]
    assert ids(location=a_school.library) == [held.id]
    assert ids(location=a_school.room_204) == [held.id, ended.id, *bens]
    assert ids(state="waiting") == [held.id]
    assert ids(requested_from=began.isoformat()) == [held.id]
    assert ids(requested_before=began.isoformat()) == [ended.id, *bens]
    assert ids(requested_from="0001-01-01T00:00:00+14:00", limit=1) == [held.id]
    assert ids(student=2**62) == []


def test_reading_the_passes_of_a_student_is_recorded_as_on_the_pages(
    a_school: School, rivera: Program
) -> None:
    ana = a_school.id_of(a_school.ana)
    for _ in range(2):
        a_school.end(a_school.ask())
    nobody = Program(a_school, None, ("passes:read",))
    for program in (rivera, nobody):
        first = program.get("/passes", student=ana, limit=1).json()
        program.get("/passes", student=ana, limit=1, cursor=first["next_cursor"])
        program.get("/passes", student=ana)
        program.get("/passes", student=ana, open="true")
    assert [one.name for one in history.looks_at(a_school.id, ana)] == ["Screen", "Ms. Rivera"]
    rivera.get("/passes")
    Program(a_school, a_school.stone, admin=a_school.otto).get("/passes", student=ana)
    rivera.get("/passes", student=a_school.rivera.account_id)
    rivera.get("/passes", student=a_school.id_of(a_school.cam), open="true")
    assert Look.objects.count() == 2
    a_school.clock.move(minutes=61)
    nobody.get("/passes", student=ana)
    assert Look.objects.count() == 3


def test_a_key_reads_the_ended_passes_that_its_adult_sees(a_school: School) -> None:
    over = a_school.end(a_school.ask(a_school.ana, a_school.restroom))
    held = a_school.ask(a_school.cam, a_school.library)
    a_school.decide(ended_shown_to="concerned")

    def read(acts_as: Actor | None) -> tuple[bool, bool, int, bool]:
        program = Program(a_school, acts_as, ("passes:read",))
        assert program.get(f"/passes/{held.id}").status_code == 200
        found = [one["id"] for one in program.get("/passes").json()["items"]]
        of_ana = program.get("/passes", student=over.student.id).json()["items"]
        status = program.get(f"/passes/{over.id}").status_code
        return held.id in found, over.id in found, status, bool(of_ana)

    assert read(a_school.okafor) == (True, False, 403, False)
    for sees in (a_school.rivera, a_school.dana, None):
        assert read(sees) == (True, True, 200, True)
    a_school.decide(ended_shown_to="adults")
    assert read(a_school.okafor) == (True, True, 200, True)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("asked", "index"),
    [({"student": 5}, {"passes_of_student"}), ({"open": "true"}, {"passes_open"}),
     ({"student": 5, "open": "true"}, {"one_open_pass_per_student"}),
     ({}, {"passes_open", "passes_over"}),
     ({"state": "expired"}, {"passes_open", "passes_over_otherwise"}),
     ({"location": 5}, {"passes_open_from", "passes_open_to", "passes_over_from",
                        "passes_over_to"})],
)  # fmt: skip
def test_a_filter_uses_its_index(
    a_school: School, rivera: Program, asked: dict[str, Any], index: set[str]
) -> None:
    with CaptureQueriesContext(connection) as said:
        rivera.get("/passes", **asked, requested_before="2026-03-02T15:00:00Z")
    asked_for = next(q["sql"] for q in said.captured_queries if "FROM passes_hallpass" in q["sql"])
    plan = "\n".join(row[3] for row in rows(f"EXPLAIN QUERY PLAN {asked_for}"))
    assert set(re.findall(r"passes_hallpass USING (?:COVERING )?INDEX (\w+)", plan)) == index, plan


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"open": "1"}, "open"), ({"limit": 0}, "limit"), ({"limit": 201}, "limit"),
        ({"student": "ana"}, "student"), ({"student": 2**63}, "student"),
        ({"state": "lost"}, "state"), ({"requested_from": "today"}, "requested_from"),
        ({"requested_from": "1772464000"}, "requested_from"),
    ],
)  # fmt: skip
def test_bad_questions_are_named(rivera: Program, query: dict[str, Any], where: str) -> None:
    answer = rivera.get("/passes", **query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_input"
    assert where in answer.json()["errors"][0]["where"]


@pytest.mark.parametrize("first", ["made", "refused"])
def test_a_key_sent_again_with_another_body_is_refused(
    a_school: School, rivera: Program, first: str
) -> None:
    if first == "refused":
        a_school.ask()
    body = for_ana(a_school, reason="A cut")
    answer = rivera.post("/passes", body, Idempotency_Key="k")
    before = a_school.last
    others: list[dict[str, Any]] = [
        {"destination_id": a_school.library},
        {"student_id": a_school.ben.account_id},
    ]
    if first == "made":
        others += [{"reason": "A bruise"}, {"pre_approved": True}]
    for other in others:
        again = rivera.post("/passes", body | other, Idempotency_Key="k")
        assert (again.status_code, again.json()["code"]) == (422, "request_reused")
    assert rivera.post("/passes", body, Idempotency_Key="k").json() == answer.json()
    assert a_school.last == before


def test_a_comment_sent_again_with_other_words_is_refused(
    a_school: School, rivera: Program
) -> None:
    address = f"/passes/{a_school.ask().id}/comment"
    first = rivera.post(address, {"text": "Seen."}, Idempotency_Key="k")
    assert rivera.post(address, {"text": "Seen."}, Idempotency_Key="k").json() == first.json()
    other = rivera.post(address, {"text": "Not seen."}, Idempotency_Key="k")
    assert (other.status_code, other.json()["code"]) == (422, "request_reused")


@pytest.mark.parametrize("cursor", ["x", "!!!", "AAAAAAAAAAB", "AAAAAAAAAAAA", "AAAAAAAAAA\n", "ä"])
def test_a_cursor_of_no_page_is_named(rivera: Program, cursor: str) -> None:
    assert rivera.get("/passes", cursor=cursor).status_code == 400
    assert rivera.get("/people", cursor=cursor).status_code == 400


@pytest.mark.parametrize(
    "more",
    [
        {"student_id": "7"}, {"student_id": True}, {"student_id": 2**63}, {"reason": "x" * 201},
        {"reason": "a\x00b"}, {"pre_approved": 1}, {"override": "all"}, {"note": "unknown"},
        {"origin_id": None},
    ],
)  # fmt: skip
def test_bad_passes_are_named(a_school: School, rivera: Program, more: dict[str, Any]) -> None:
    before = a_school.last
    answer = rivera.post("/passes", for_ana(a_school, **more))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert next(iter(more)) in answer.json()["errors"][0]["where"]
    assert a_school.last == before


def test_nothing_of_another_school_is_there(a_school: School) -> None:
    stone = Program(a_school, a_school.stone, admin=a_school.otto)
    card = a_school.ask()
    assert stone.get(f"/passes/{card.id}").status_code == 404
    for move in ("approve", "cancel", "end"):
        assert stone.post(f"/passes/{card.id}/{move}").status_code == 404
    assert stone.post(f"/passes/{card.id}/comment", {"text": "Hm"}).status_code == 404
    assert stone.post("/passes", for_ana(a_school)).status_code == 404
    assert stone.get("/passes").json()["items"] == []
    assert stone.get("/passes", student=a_school.ana.account_id).json()["items"] == []
    assert stone.get(f"/people/{a_school.ana.account_id}").status_code == 404
    assert stone.get(f"/places/{a_school.nurse}").status_code == 404
    told = (
        stone.get("/people").content + stone.get("/places").content + stone.get("/events").content
    )
    assert b"Lopez" not in told and b"Nurse" not in told
    assert open_pass_of(a_school.id_of(a_school.ana)) == card


def test_people_and_places(a_school: School, rivera: Program) -> None:
    people = rivera.get("/people", role="student").json()["items"]
    assert [one["name"] for one in people] == ["Ana Lopez", "Ben Carter", "Cam Nguyen"]
    assert [one["id"] for one in rivera.get("/people", name="ana l").json()["items"]] == [
        a_school.ana.account_id
    ]
    assert rivera.get("/people", email="ANA@example.org").json()["items"] == people[:1]
    one = rivera.get(f"/people/{a_school.rivera.account_id}").json()
    assert (one["role"], one["location_ids"]) == ("teacher", [a_school.room_204])
    first = rivera.get("/places", limit=3).json()
    rest = rivera.get("/places", limit=100, cursor=first["next_cursor"]).json()
    names = [one["name"] for one in first["items"] + rest["items"]]
    assert names == [
        "Room 204", "Room 118", "Nurse", "Main office", "Restroom B", "Library", "Going home",
    ]  # fmt: skip
    assert rest["next_cursor"] is None
    assert rivera.get(f"/places/{a_school.library}").json()["trip_type"] == "layover"
