"""Every no of the API is a problem, whoever says it."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from corridor.passes import history
from corridor.web.api import problems
from tests.api.program import Program
from tests.school import School


def told(answer: Any) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == answer.status_code
    assert {"type", "title", "detail", "code"} <= set(found)
    return found


@pytest.fixture
def program(a_school: School) -> Program:
    return Program(a_school, a_school.rivera)


def test_an_unknown_address(program: Program) -> None:
    assert told(program.get("/passs"))["code"] == "not_found"
    assert told(program.get(""))["code"] == "not_found"
    assert told(program.get("/passes/0"))["code"] == "bad_input"
    assert told(program.get("/passes/-1"))["code"] == "not_found"
    assert told(program.get("/passes/" + "9" * 5000))["code"] == "not_found"
    assert told(program.get("/passes/" + "9" * 30))["code"] == "bad_input"


def test_a_method_that_is_not_there(program: Program) -> None:
    answer = program._client.delete("/api/v1/passes")
    assert told(answer)["code"] == "no_method"
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "1", '{"student_id": 1', "[" * 100_000])
def test_a_body_that_is_no_pass(program: Program, body: str) -> None:
    answer = program._client.post(
        "/api/v1/passes", body, content_type="application/json", headers=program._headers()
    )
    assert told(answer)["code"] == "bad_input"


def test_a_body_that_is_too_large(program: Program) -> None:
    answer = program.post("/passes", {"reason": "x" * 1_100_000})
    assert told(answer)["status"] == 400


def test_a_database_that_is_away(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(history, "passes", away)
    answer = program.get("/passes")
    assert told(answer)["code"] == "unavailable"
    assert answer.headers["Retry-After"] == "5"


def test_a_fault_of_ours(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(history, "passes", broken)
    answer = program.get("/passes")
    assert told(answer)["code"] == "our_fault"
    assert b"secret inside" not in answer.content


def test_each_kind_is_explained_where_its_type_leads() -> None:
    page = Client().get("/api/v1/problems").content.decode()
    for kind in problems.KINDS:
        assert f"{kind}: " in page


def test_a_problem_is_told_in_the_reader_s_language(a_school: School, program: Program) -> None:
    answer = program.post("/passes/1/approve", Accept_Language="es")
    assert told(answer)["status"] in (403, 404)


def test_the_description_is_open_api_3_1() -> None:
    found = json.loads(Client().get("/api/v1/openapi.json").content)
    assert found["openapi"].startswith("3.1")
    for path, operations in found["paths"].items():
        assert path.startswith("/api/v1/")
        for operation in operations.values():
            assert len(operation["security"][0]["Key"]) == 1
            for status, answer in operation["responses"].items():
                kinds = set(answer["content"])
                assert kinds == {"application/problem+json"} if int(status) >= 400 else kinds


def test_no_page_of_documentation_from_elsewhere() -> None:
    assert Client().get("/api/v1/docs").status_code == 404
