"""The history as a CSV file, asked of a real server: sent while it is read, and recorded."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.flows.test_streams import Server

pytestmark = pytest.mark.thorough

EXPORT = "/staff/history/export.csv"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One on SQLite; what differs on PostgreSQL is asked in tests/passes/test_history.py."""
    folder: Path = tmp_path_factory.mktemp("export")
    running = Server(folder, "")
    yield running
    running.stop()


def cookies(server: Server, name: str) -> dict[str, str]:
    return {"corridor-session": server.school["sessions"][name]}


def export(server: Server, name: str, **query: Any) -> httpx.Response:
    return httpx.get(server.url + EXPORT, params=query, cookies=cookies(server, name))


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def past_passes(server: Server, count: int) -> None:
    """Passes of Cam's with a formula as their reason, asked and withdrawn by HTTP."""
    places = server.school["places"]
    with httpx.Client(base_url=server.url, cookies=cookies(server, "cam")) as cam:
        cam.cookies.set("corridor-csrf", "x" * 32)
        headers = {"X-CSRFToken": "x" * 32, "Origin": server.url}
        for _ in range(count):
            form = {"origin": places["room_204"], "destination": places["nurse"],
                    "reason": "=1+1", "request_id": str(uuid4())}  # fmt: skip
            assert cam.post("/student/passes", data=form, headers=headers).status_code == 302
            page = cam.get("/student").text
            number = page.split("/student/passes/")[1].split("/")[0]
            cam.post(f"/student/passes/{number}/withdraw", headers=headers)


def test_the_file_holds_what_the_page_shows(server: Server) -> None:
    past_passes(server, 3)
    rows = lines(export(server, "dana"))
    assert [row["Student"] for row in rows] == ["Cam Nguyen"] * 3 + ["Ben Carter"]
    assert rows[0]["Reason"] == "'=1+1"
    assert rows[0]["State"] == "Withdrawn"
    assert rows[0]["Departing from"] == "Room 204"
    assert [row["Student"] for row in lines(export(server, "rivera", what="ended"))] == [
        "Ben Carter"
    ]
    assert len(lines(export(server, "dana", mark="overridden"))) == 0


def test_it_is_in_the_readers_language_and_has_no_length(server: Server) -> None:
    answer = export(server, "dana", lang="en")
    assert "content-length" not in answer.headers
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert 'filename="passes.csv"' in answer.headers["content-disposition"]


def test_only_adults_get_it(server: Server) -> None:
    assert export(server, "ana").status_code == 403
    nobody = httpx.get(server.url + EXPORT)
    assert (nobody.status_code, nobody.headers["location"].split("?")[0]) == (
        302, "/account/sign-in",
    )  # fmt: skip
    assert httpx.post(server.url + EXPORT, cookies=cookies(server, "dana")).status_code == 405


def test_another_school_gets_its_own(server: Server) -> None:
    assert lines(export(server, "otto")) == []
    cam = server.school["accounts"]["cam"]
    assert export(server, "otto", student=cam).status_code == 400


def test_what_cannot_be_asked_is_told_and_not_recorded(server: Server) -> None:
    answer = export(server, "dana", until="9999-12-31")
    assert (answer.status_code, answer.text) == (
        400, "“9999-12-31” is no day between 2000 and 2199.",
    )  # fmt: skip


def test_it_is_recorded(server: Server) -> None:
    cam = server.school["accounts"]["cam"]
    export(server, "dana", what="withdrawn")
    export(server, "rivera", student=cam)
    page = httpx.get(f"{server.url}/student/history", cookies=cookies(server, "cam")).text
    assert "exported" in page and "Ms. Rivera" in page
