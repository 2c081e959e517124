"""The real product in a real browser: one server on SQLite, or two on one PostgreSQL.

Servers and browser live as long as the test run; each test has a school of its own.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.house import House, keep_house
from tests.browser.people import Cast
from tests.postgres import Postgres
from tools.browser import launch


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


@pytest.fixture(scope="session")
def sqlite_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server on SQLite."""
    yield from keep_house(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def plain_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server on SQLite as a school runs it: no demonstration, nobody moves the clock."""
    yield from keep_house(tmp_path_factory.mktemp("plain"), demo=False)


@pytest.fixture(scope="session")
def postgres_house(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[House]:
    """Two server processes on one PostgreSQL."""
    secret = "only-for-tests-0123456789-abcdefghijklm"
    folder, url = tmp_path_factory.mktemp("postgres"), postgres.new_database()
    yield from keep_house(folder, 2, DATABASE_URL=url, SECRET_KEY=secret)


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """A house with a fresh school: on SQLite unless the test names others (indirectly)."""
    kind = getattr(request, "param", "sqlite")
    found: House = request.getfixturevalue(f"{kind}_house")
    found.open_school()
    found.new_log()
    yield found
    log = found.new_log()
    assert "Traceback" not in log, log


@pytest.fixture
def cast(house: House, browser: Browser) -> Iterator[Cast]:
    """Sign people in."""
    people = Cast(house, browser)
    yield people
    people.close()
