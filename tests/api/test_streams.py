"""The log as a stream of JSON, by keys, against a real server."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from typing import Any

import httpx
import pytest

from tests.flows.test_streams import Person, Server

pytestmark = pytest.mark.thorough


class Heard:
    """An open stream of a program, read in a thread."""

    def __init__(self, server: Server, secret: str, **headers: str) -> None:
        self.events: Queue[tuple[str, int | None, Any]] = Queue()
        self.over: float | None = None
        self._client = httpx.Client(base_url=server.url, timeout=30)
        request = self._client.build_request(
            "GET", "/api/v1/events/stream", headers={"Authorization": f"Bearer {secret}"} | headers
        )
        self.answer = self._client.send(request, stream=True)
        self._thread = Thread(target=self._read, daemon=True)
        if self.answer.status_code == 200:
            self._thread.start()

    def _read(self) -> None:
        event: dict[str, str] = {}
        try:
            for line in self.answer.iter_lines():
                key, _, value = line.partition(": ")
                if key in ("event", "id", "data"):
                    event[key] = value
                elif not line and event:
                    number = int(event["id"]) if "id" in event else None
                    data = json.loads(event["data"]) if event.get("data") else None
                    self.events.put((event["event"], number, data))
                    event = {}
        except httpx.HTTPError:
            pass
        self.over = time.monotonic()

    def hears(self, seconds: float = 5) -> tuple[str, int | None, Any]:
        return self.events.get(timeout=seconds)

    def close(self) -> None:
        raw = self.answer.extensions["network_stream"].get_extra_info("socket")
        with suppress(OSError):  # the server was first
            raw.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join(5)
        self.answer.close()
        self._client.close()


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    database = ""
    if request.config.getoption("--database") == "postgres":
        database = request.getfixturevalue("postgres").new_database()
    found = Server(tmp_path_factory.mktemp("server"), database)
    yield found
    found.stop()


@pytest.fixture
def ana(server: Server) -> Iterator[Person]:
    person = server.person("ana")
    yield person
    person.close()


def ask_and_withdraw(ana: Person) -> None:
    number = open_pass(ana) or (ana.ask() and open_pass(ana))
    ana.post(f"/student/passes/{number}/withdraw")


def open_pass(ana: Person) -> int | None:
    key = ana.server.school["keys"]["all"]
    found = httpx.get(
        f"{ana.server.url}/api/v1/passes", params={"open": "true"},
        headers={"Authorization": f"Bearer {key}"},
    ).json()["items"]  # fmt: skip
    return found[0]["id"] if found else None


def test_a_program_hears_whole_cards_and_goes_on_where_it_was(server: Server, ana: Person) -> None:
    key = server.school["keys"]["events:read"]
    first = Heard(server, key)
    assert first.answer.headers["Content-Type"].startswith("text/event-stream")
    ask_and_withdraw(ana)
    name, number, told = first.hears()
    assert (name, told["number"], told["card"]["state"]) == ("pass.requested", number, "waiting")
    assert told["card"]["student"]["name"] == "Ana Lopez"
    assert first.hears()[0] == "pass.withdrawn"
    first.close()
    ask_and_withdraw(ana)
    assert number is not None
    again = Heard(server, key, **{"Last-Event-ID": str(number)})
    names = [again.hears()[:2] for _ in range(3)]
    assert names == [
        ("pass.withdrawn", number + 1), ("pass.requested", number + 2),
        ("pass.withdrawn", number + 3),
    ]  # fmt: skip
    with pytest.raises(Empty):
        again.hears(0.3)
    pages = httpx.get(
        f"{server.url}/api/v1/events", params={"after": number},
        headers={"Authorization": f"Bearer {key}"},
    ).json()  # fmt: skip
    assert [one["number"] for one in pages["items"]] == [number + 1, number + 2, number + 3]
    again.close()


def test_a_revoked_key_hears_no_more_within_five_seconds(server: Server) -> None:
    dana = server.person("dana")
    page = dana.post("/admin/keys", name="Short", scopes="events:read", days="30").text
    secret = page.partition('value="corridor_')[2].partition('"')[0]
    heard = Heard(server, f"corridor_{secret}")
    assert heard.answer.status_code == 200
    number = page.partition("/admin/keys/")[2].partition("/revoke")[0]
    begun = time.monotonic()
    assert dana.post(f"/admin/keys/{number}/revoke").status_code == 302
    assert heard.hears()[0] == "bye"
    while heard.over is None and time.monotonic() - begun < 5:
        time.sleep(0.01)
    assert heard.over is not None and heard.over - begun < 5
    refused = Heard(server, f"corridor_{secret}")
    assert refused.answer.status_code == 401
    refused.close()
    heard.close()
    dana.close()


@pytest.mark.parametrize(
    ("kind", "headers", "status", "code"),
    [
        ("passes:read", {}, 403, "not_allowed"),
        ("events:read", {"Authorization": "x"}, 401, "no_key"),
        ("events:read", {"Last-Event-ID": "x"}, 400, "bad_input"),
        ("events:read", {"Last-Event-ID": "999999999"}, 409, "log_restored"),
    ],
)  # fmt: skip
def test_no_stream_is_a_problem(
    server: Server, kind: str, headers: dict[str, str], status: int, code: str
) -> None:
    heard = Heard(server, server.school["keys"][kind], **headers)
    assert heard.answer.status_code == status
    assert heard.answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(heard.answer.read())["code"] == code
    heard.close()


def test_a_program_that_forgets_to_close_is_stopped(server: Server) -> None:
    key = server.school["keys"]["all"]
    several = [Heard(server, key) for _ in range(11)]
    assert [one.answer.status_code for one in several] == [200] * 10 + [429]
    for one in several:
        one.close()


def test_only_get(server: Server) -> None:
    answer = httpx.post(f"{server.url}/api/v1/events/stream")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
