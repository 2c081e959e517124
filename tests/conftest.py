"""Which database the tests run on, and the clock they move."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings

from corridor import clock as corridor_clock
from corridor.clock import TestClock
from tests.postgres import Postgres

# A Monday in term, ten o'clock in New York.
MONDAY_10 = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

_postgres: Postgres | None = None

# How long an example takes says something of the machine, nothing of the product. The examples are
# the same each time, so that a red run says something of the change; `make explore` draws others.
PLAIN = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("corridor", PLAIN, derandomize=True)
settings.register_profile("explore", PLAIN, max_examples=500)
settings.load_profile("corridor")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=("sqlite", "postgres"), default="sqlite", help="what the tests run on"
    )
    parser.addoption("--kills", type=int, default=3, help="how often a crash test kills the server")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before Django's settings are read: one clean environment, one PostgreSQL server."""
    if not hasattr(config, "workerinput"):  # the workers of xdist inherit the environment
        for name in [name for name in os.environ if name.startswith("CORRIDOR_")]:
            del os.environ[name]
        if config.getoption("--database") == "postgres":
            global _postgres
            _postgres = Postgres()
            os.environ["CORRIDOR_DATABASE_URL"] = _postgres.new_database("corridor")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.django_settings"
    from django.conf import settings

    _ = settings.DATABASES  # read them now: pytest-django sets Django up where they have been read


def pytest_unconfigure(config: pytest.Config) -> None:
    from tests.django_settings import DATA

    shutil.rmtree(DATA, ignore_errors=True)
    if _postgres is not None:
        _postgres.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database."""
    other = "sqlite" if config.getoption("--database") == "postgres" else "postgres"
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """A PostgreSQL server, whatever the tests run on: for tests of separate processes."""
    if _postgres is not None:
        yield _postgres
        return
    with Postgres() as server:
        yield server


@pytest.fixture
def clock() -> Iterator[TestClock]:
    """A clock that stands still on a Monday at ten until the test moves it."""
    still = TestClock(MONDAY_10)
    corridor_clock.set_clock(still)
    yield still
    corridor_clock.set_clock(None)


@pytest.fixture(autouse=True)
def the_schools_language() -> Iterator[None]:
    """What a test asked for in Spanish must not change what the next one reads."""
    from django.utils import translation

    translation.deactivate()
    yield
