"""The demonstration's schools, smaller than in the demonstration."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from pytest_django.plugin import DjangoDbBlocker

from corridor import clock as corridor_clock
from corridor.clock import TestClock
from tests.conftest import MONDAY_10

Seed = Callable[..., None]


def _seed(at: datetime | None = None, *, students: int = 45, school_days: int = 1) -> None:
    from corridor.demo.seed import seed

    if at is not None:
        corridor_clock.set_clock(TestClock(at))
    began = time.perf_counter()
    seed(students=students, school_days=school_days, zone="America/New_York")
    print(f"Seeded in {time.perf_counter() - began:.2f} s")


@pytest.fixture
def seeded(db: None, clock: TestClock) -> Seed:
    """Makes the schools now (ten on a Monday) or at another time; prints how long it took."""
    return _seed


@pytest.fixture(scope="module")
def grown(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """The schools with more weeks behind them, for tests that only look; the time they have."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        _seed(MONDAY_10, students=150, school_days=10)
        yield MONDAY_10
        corridor_clock.set_clock(None)
        call_command("flush", interactive=False, verbosity=0)
