"""The real product in a real browser: one server on SQLite, or two on one PostgreSQL."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.postgres import Postgres
from tests.servers import Server
from tools.browser import launch

WIDE = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver; its loop would forbid Django's database calls in this thread."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium; a missing one fails loudly."""
    chromium = launch(playwright)
    yield chromium
    chromium.close()


class House:
    """The servers of a test, whose school they show, and the clock they share.

    Students come by the first server, adults by the last: on PostgreSQL two processes.
    """

    def __init__(self, servers: list[Server], clock_file: Path) -> None:
        self.servers = servers
        self._clock_file = clock_file
        self._minutes = 0.0

    def url_for(self, key: str) -> str:
        """The server that this person of the cast uses."""
        is_student = key in ("ana", "ben", "cam", "eli")
        return (self.servers[0] if is_student else self.servers[-1]).url

    def let_pass(self, minutes: float) -> None:
        """Move the clock of every server on."""
        self._minutes += minutes
        self._clock_file.write_text(str(self._minutes * 60))


@pytest.fixture
def sqlite_house(tmp_path: Path) -> Iterator[House]:
    """One server on SQLite."""
    yield from _open_house(tmp_path, 1)


@pytest.fixture
def postgres_house(tmp_path: Path, postgres: Postgres) -> Iterator[House]:
    """Two server processes on one PostgreSQL."""
    secret = "only-for-tests-0123456789-abcdefghijklm"
    url = postgres.new_database()
    yield from _open_house(tmp_path, 2, DATABASE_URL=url, SECRET_KEY=secret)


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest) -> House:
    """The test runs in each house."""
    return request.getfixturevalue(f"{request.param}_house")  # type: ignore[no-any-return]


def _open_house(folder: Path, count: int, **settings: str) -> Iterator[House]:
    clock_file = folder / "clock"
    clock_file.write_text("0")
    servers = []
    for number in range(count):
        data = folder / f"data{number}"
        data.mkdir()
        servers.append(Server(data, DEMO="true", CLOCK_FILE=str(clock_file), **settings))
    servers[0].start()
    assert servers[0].run("tests.browser.school") == "opened"
    for server in servers[1:]:
        server.start()
    yield House(servers, clock_file)
    for server in servers:
        server.stop()
        assert "Traceback" not in server.log, server.log


class Person:
    """One of the cast at a screen of their own."""

    def __init__(self, page: Page, key: str) -> None:
        self.page = page
        self.key = key
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(message.text)

    def row(self, student: str) -> Any:
        """The row of this student's pass on the dashboard."""
        return self.page.locator("li.row", has_text=student)

    def press(self, student: str, move: str) -> None:
        """Press a button of the row, then take the pointer away (under it nothing moves)."""
        self.row(student).get_by_role("button", name=move).click()
        self.page.mouse.move(2, 2)


class Cast:
    """Brings people of the cast to their screens."""

    def __init__(self, house: House, browser: Browser) -> None:
        self._house = house
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.people: list[Person] = []

    def __call__(self, key: str, viewport: dict[str, int] = WIDE, **options: Any) -> Person:
        """Sign this person in, in a browser of their own."""
        context = self._browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(self._house.url_for(key) + "/demo")
        person = Person(page, key)
        page.locator(f"form:has(input[name=key][value={key}]) button, button[value={key}]").click()
        page.wait_for_url("**/s*")
        self.people.append(person)
        return person

    def close(self) -> None:
        """Nobody's script may have failed, nothing may have been blocked."""
        for context in self._contexts:
            context.close()
        assert [p for person in self.people for p in person.problems] == []


@pytest.fixture
def cast(house: House, browser: Browser) -> Iterator[Cast]:
    """Sign people in."""
    people = Cast(house, browser)
    yield people
    people.close()


def check_axe(page: Page) -> None:
    """WCAG 2.2 AA as far as a machine can tell, on the page as it is now."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    broken = [
        {"rule": v["id"], "help": v["help"], "nodes": [n["html"][:200] for n in v["nodes"][:3]]}
        for v in found.response["violations"]
    ]
    assert not broken, json.dumps(broken, indent=2)
