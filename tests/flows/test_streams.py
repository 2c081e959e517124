"""HTTP in, stream out: a real server, presses by HTTP, pages that listen."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest

from corridor.web.stream import Listening

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]


class Server:
    """The server and what it told about its school."""

    def __init__(self, folder: Path, database: str, *beside: str, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {
            **os.environ, "CORRIDOR_DATA": str(folder), "PYTHONPATH": str(ROOT),
            "CORRIDOR_SECRET_KEY": "only-for-tests-0123456789-abcdefghijklm",
        }  # fmt: skip
        environment.pop("CORRIDOR_DATABASE_URL", None)
        environment |= {f"CORRIDOR_{name}": value for name, value in settings.items()}
        if database:
            environment["CORRIDOR_DATABASE_URL"] = database
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.server", str(port), *beside],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.school: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()

    def person(self, name: str, session: str = "") -> "Person":
        return Person(self, name, session)


class Person:
    """Somebody with a browser."""

    def __init__(self, server: Server, name: str, session: str = "") -> None:
        self.server = server
        cookies = {} if name == "nobody" else {
            "corridor-session": session or server.school["sessions"][name]
        }  # fmt: skip
        self.http = httpx.Client(base_url=server.url, cookies=cookies, timeout=15)

    def post(self, path: str, **data: Any) -> httpx.Response:
        if "corridor-csrf" not in self.http.cookies:
            self.http.get("/account/password/reset")
        token = self.http.cookies["corridor-csrf"]
        return self.http.post(path, data=data, headers={"X-CSRFToken": token})

    def ask(self, to: str = "nurse") -> httpx.Response:
        places = self.server.school["places"]
        return self.post(
            "/student/passes", origin=places["room_204"], destination=places[to],
            request_id=str(uuid4()),
        )  # fmt: skip

    def listen(self, face: str, after: int, **more: Any) -> "Page":
        return Page(self, face, after, **more)

    def status_of_stream(self, face: str, **params: Any) -> int:
        with self.http.stream("GET", f"/stream/{face}", params=params) as answer:
            return answer.status_code

    def close(self) -> None:
        self.http.close()


class Page:
    """An open page: reads its stream in a thread."""

    def __init__(
        self, person: Person, face: str, after: int, of: dict[str, int] | None = None,
        **headers: str,
    ) -> None:  # fmt: skip
        self.events: Queue[tuple[str, int | None, str]] = Queue()
        self.over: float | None = None
        self._client = httpx.Client(
            base_url=person.server.url, cookies=dict(person.http.cookies), timeout=60
        )
        request = self._client.build_request(
            "GET", f"/stream/{face}", headers=headers,
            params={"after": after, "scope": "all", **(of or {})},
        )  # fmt: skip
        self._answer = self._client.send(request, stream=True)
        if self._answer.status_code != 200:
            self._answer.close()
            self._client.close()
            raise AssertionError(f"no stream: {self._answer.status_code}")
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        event: dict[str, str] = {}
        try:
            for line in self._answer.iter_lines():
                key, _, value = line.partition(": ")
                if key in ("event", "id", "data"):
                    event[key] = event.get(key, "") + value
                elif not line and event:
                    number = int(event["id"]) if "id" in event else None
                    self.events.put((event.get("event", ""), number, event.get("data", "")))
                    event = {}
        except httpx.HTTPError:
            pass
        self.over = time.monotonic()

    def hears(self, kind: str = "card", seconds: float = 5) -> tuple[int | None, str]:
        """The number and text of the next message of this kind; other kinds are passed over."""
        end = time.monotonic() + seconds
        while True:
            found, number, data = self.events.get(timeout=max(end - time.monotonic(), 0.01))
            if found == kind:
                return number, data

    def hears_no_card(self, seconds: float = 0.6) -> bool:
        try:
            self.hears(seconds=seconds)
        except Empty:
            return True
        return False

    def close(self) -> None:
        raw = self._answer.extensions["network_stream"].get_extra_info("socket")
        with suppress(OSError):  # the server was first
            raw.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
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
def people(server: Server) -> Iterator[dict[str, Person]]:
    found = {name: server.person(name) for name in (*server.school["sessions"], "nobody")}
    yield found
    for person in found.values():
        person.close()


@pytest.fixture
def after(server: Server, people: dict[str, Person]) -> int:
    """The number to listen from: the log's last one."""
    page = people["dana"].http.get("/staff").text
    found = re.search(r'after="(\d+)"', page)
    assert found is not None
    return int(found[1])


# The form of the limits but for the building's, as it is sent when nothing was changed in it.
LIMITS = {
    "cooldown": "0", "initial-cooldown": "0", "building_override": "adult",
    "initial-building_override": "adult", "building_counts": ["student", "teacher"],
    "initial-building_counts": ["student", "teacher"],
}  # fmt: skip


FACES = {
    "student": {"ana": 200, "cam": 200, "eli": 200, "nobody": 401, "rivera": 403, "dana": 403},
    "staff": {"ana": 403, "eli": 403, "nobody": 401, "rivera": 200, "okafor": 200, "dana": 200,
              "stone": 200, "otto": 200},
}  # fmt: skip


@pytest.mark.parametrize("face", FACES)
def test_who_may_listen(server: Server, people: dict[str, Person], face: str) -> None:
    found = {name: people[name].status_of_stream(face, after=1) for name in FACES[face]}
    assert found == FACES[face]


def test_a_stream_needs_its_number_and_a_known_face(people: dict[str, Person]) -> None:
    rivera = people["rivera"]
    assert rivera.status_of_stream("staff") == 400
    assert rivera.status_of_stream("staff", after="x") == 400
    assert rivera.http.get("/stream/kiosk", params={"after": 1}).status_code == 404


def test_ana_asks_and_everybody_concerned_sees_it_live(
    people: dict[str, Person], after: int
) -> None:
    rivera, ana = people["rivera"].listen("staff", after), people["ana"].listen("student", after)
    stone, cam = people["stone"].listen("staff", 0), people["cam"].listen("student", after)
    begun = time.monotonic()
    assert people["ana"].ask().status_code == 302
    number, row = rivera.hears()
    assert time.monotonic() - begun < 3
    assert "Ana Lopez" in row
    assert ana.hears()[0] == number
    assert people["rivera"].post(f"/staff/passes/{number}/approve").status_code == 200
    approved, ticket = ana.hears()
    assert (approved, "On the way" in ticket) == ((number or 0) + 1, True)
    assert rivera.hears()[0] == approved
    tiles = json.loads(rivera.hears("tiles")[1])
    assert (tiles["out_now"], tiles["in_building"]) == (1, 1)
    assert stone.hears_no_card() and cam.hears_no_card()
    assert people["dana"].post(f"/staff/passes/{number}/end").status_code == 200
    for page in (rivera, ana, stone, cam):
        page.close()


def test_a_new_building_limit_is_told_to_every_open_page(
    people: dict[str, Person], after: int
) -> None:
    """Whichever was opened first, and before the limit was another."""
    pages = [people["rivera"].listen("staff", after)]
    for before, limit in (("", "7"), ("7", "")):
        change = {"initial-building_limit": before, "building_limit": limit}
        answer = people["dana"].post("/admin/settings/limits", **LIMITS, **change)
        assert answer.status_code == 302
        pages.append(people["okafor"].listen("staff", after))
        for page in pages:
            while str(json.loads(page.hears("tiles")[1])["building_limit"] or "") != limit:
                pass
    for page in pages:
        page.close()


def own_numbers(person: Person) -> str:
    """The numbers of the person's own places on a dashboard that is loaded now."""
    found = re.search("<own-numbers.*?</own-numbers>", person.http.get("/staff").text, re.DOTALL)
    assert found is not None
    return found[0].replace("\n", "")


def test_a_page_hears_the_numbers_that_it_would_be_loaded_with(
    server: Server, people: dict[str, Person], after: int
) -> None:
    """Of the reader's own places only: a limit comes, somebody asks, goes and is back."""
    ito, okafor = people["ito"].listen("staff", after), people["okafor"].listen("staff", after)
    hall = people["ito"].listen("hall", after)
    assert ito.hears("own")[1] == own_numbers(people["ito"])
    assert okafor.hears("own")[1] == own_numbers(people["okafor"])
    place = {"name": "Nurse", "trip_type": "layover", "reason_mode": "optional",
             "access": "everyone", "takes_passes": "on", "capacity": "1"}  # fmt: skip
    address = f"/admin/places/{server.school['places']['nurse']}"
    assert people["dana"].post(address, **place).status_code == 302
    heard = [ito.hears("own")[1]]
    people["ana"].ask()
    number, _ = ito.hears()
    heard.append(ito.hears("own")[1])
    assert heard[-1] == own_numbers(people["ito"])
    for move in ("approve", "end"):
        assert people["rivera"].post(f"/staff/passes/{number}/{move}").status_code == 200
        heard.append(ito.hears("own")[1])
        assert heard[-1] == own_numbers(people["ito"])
    assert ["is-full" in piece for piece in heard] == [False, True, True, False]
    # Nothing of this was of his places; and only a dashboard shows them.
    for page in (okafor, hall):
        with pytest.raises(Empty):
            page.hears("own", seconds=1)
    emptied = place | {"initial-capacity": "1", "capacity": ""}
    assert people["dana"].post(address, **emptied).status_code == 302
    assert ito.hears("own")[1] == own_numbers(people["ito"])
    for page in (ito, okafor, hall):
        page.close()


def test_a_page_that_was_cut_off_goes_on_where_it_was(
    people: dict[str, Person], after: int
) -> None:
    first = people["dana"].listen("staff", after)
    people["ana"].ask()
    number, _ = first.hears()
    assert number is not None
    first.close()
    people["rivera"].post(f"/staff/passes/{number}/approve")
    people["rivera"].post(f"/staff/passes/{number}/end")
    again = people["dana"].listen("staff", after, **{"Last-Event-ID": str(number)})
    assert [again.hears()[0], again.hears()[0]] == [number + 1, number + 2]
    assert again.hears_no_card()
    again.close()


def test_a_number_from_another_life_loads_afresh(people: dict[str, Person]) -> None:
    page = people["dana"].listen("staff", 10**9)
    page.hears("reload")
    page.close()


def test_the_same_press_twice_is_heard_once(people: dict[str, Person], after: int) -> None:
    page = people["dana"].listen("staff", after)
    people["ana"].ask()
    number, _ = page.hears()
    while not page.hears_no_card(0.2):
        pass
    answers = [people["rivera"].post(f"/staff/passes/{number}/cancel") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    page.hears()
    assert page.hears_no_card()
    page.close()


def test_a_closed_account_is_out_within_five_seconds(
    server: Server, people: dict[str, Person]
) -> None:
    page, begun = people["ben"].listen("student", server.school["last"]), time.monotonic()
    number = server.school["accounts"]["ben"]
    assert people["dana"].post(f"/admin/people/{number}/close").status_code == 302
    page.hears("bye")
    while page.over is None and time.monotonic() - begun < 5:
        time.sleep(0.01)
    assert page.over is not None and page.over - begun < 5
    assert people["ben"].http.get("/student").status_code == 302
    assert people["ben"].status_of_stream("student", after=1) == 401
    page.close()


def test_who_is_no_adult_any_more_hears_nothing_of_others_within_five_seconds(
    server: Server, people: dict[str, Person], after: int
) -> None:
    """Whether or not the browser loads the page afresh when it is told to."""
    okafor = {"given_name": "Obi", "family_name": "Okafor", "email": "okafor@example.org"}
    address = f"/admin/people/{server.school['accounts']['okafor']}"
    pages = [people["okafor"].listen(face, after) for face in ("staff", "hall")]
    begun = time.monotonic()
    answer = people["dana"].post(address, **okafor, role="student", sure="on")
    assert answer.status_code == 302
    for page in pages:
        page.hears("bye")
        assert time.monotonic() - begun < 5
        page.close()
    assert people["okafor"].status_of_stream("staff", after=1) == 403
    assert people["dana"].post(address, **okafor, role="teacher", sure="on").status_code == 302


def test_signing_out_ends_the_open_pages(server: Server, people: dict[str, Person]) -> None:
    page, begun = people["otto"].listen("staff", 1), time.monotonic()
    assert people["otto"].post("/account/sign-out").status_code == 302
    page.hears("bye")
    assert time.monotonic() - begun < 5
    page.close()


def test_a_page_ends_when_its_sign_in_goes_on_in_another_school(
    server: Server, people: dict[str, Person], after: int
) -> None:
    fay, begun = people["fay"], time.monotonic()
    page = fay.listen("staff", after)
    answer = fay.post("/switch", account=str(server.school["accounts"]["rivera_there"]))
    assert answer.status_code == 302
    page.hears("bye")
    assert time.monotonic() - begun < 5
    fay.post("/switch", account=str(server.school["accounts"]["rivera"]))
    page.close()


def test_one_sign_in_cannot_take_all_connections(people: dict[str, Person], after: int) -> None:
    with ThreadPoolExecutor(40) as at_once:
        begun = [at_once.submit(people["cam"].listen, "student", after) for _ in range(40)]
    pages = [page.result() for page in begun if page.exception() is None]
    assert len(pages) == 30
    assert people["cam"].status_of_stream("student", after=after) == 429
    assert people["ana"].status_of_stream("student", after=after) == 200
    for page in pages:
        page.close()
    until = time.monotonic() + 5
    while people["cam"].status_of_stream("student", after=after) != 200:
        assert time.monotonic() < until


def test_a_reader_that_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corridor.web.stream.TAKEN_WITHIN_SECONDS", 0.05)

    async def flow() -> None:
        stream = Listening("permit")

        async def never(_: dict[str, Any]) -> None:
            await asyncio.sleep(60)

        stream.push(b"x")
        with pytest.raises(TimeoutError):
            await stream.pour(never)
        for _ in range(5000):
            stream.push(b"x")
        assert len(stream._waiting) <= 1001

    asyncio.run(flow())
