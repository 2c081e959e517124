"""A real server tells a real receiver; another server without the setting tells it nothing."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from corridor.webhooks.signing import signature
from tests.flows.test_streams import Server

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    database = ""
    if request.config.getoption("--database") == "postgres":
        database = request.getfixturevalue("postgres").new_database()
    found = Server(tmp_path_factory.mktemp("server"), database, WEBHOOKS_TO_PRIVATE="true")
    yield found
    found.stop()


@pytest.fixture
def receiver() -> Iterator[tuple[str, "Queue[tuple[dict[str, str], bytes]]"]]:
    told: Queue[tuple[dict[str, str], bytes]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.put((dict(self.headers), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return None

    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        Thread(target=listener.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listener.server_port}/hook", told
        listener.shutdown()


def test_a_request_is_told_signed(
    server: Server, receiver: tuple[str, "Queue[tuple[dict[str, str], bytes]]"]
) -> None:
    address, told = receiver
    dana, ana = server.person("dana"), server.person("ana")
    page = dana.post("/admin/webhooks", url=address, names="pass.requested").text
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", page)
    assert secret is not None, page
    assert ana.ask().status_code == 302
    headers, body = told.get(timeout=5)
    card = json.loads(body)["data"]["card"]
    assert (card["student"]["name"], card["state"]) == ("Ana Lopez", "waiting")
    signed = signature(secret[0], headers["webhook-id"], headers["webhook-timestamp"], body)
    assert headers["webhook-signature"] == f"v1,{signed}"
    assert f"_{card['id']}_" in headers["webhook-id"]
    number = page.partition('href="/admin/webhooks/')[2].partition('"')[0]
    for _ in range(50):
        if (
            "pass.requested"
            in dana.http.get(f"/admin/webhooks/{number}").text.partition("<tbody>")[2]
        ):
            break
    else:
        raise AssertionError("The delivery is not in the log.")
    dana.close()
    ana.close()
