"""kill -9 under load: what was acknowledged is kept, and every screen comes back to the truth."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from bench.target import Target, started
from tests.crash.people import Crowd, Screen
from tests.crash.truth import Truth

COUPLES = 16
CONVERGE_SECONDS = 5
RECOVER_SECONDS = 30


@pytest.fixture(scope="module")
def on_sqlite() -> Iterator[Target]:
    """A server of its own on SQLite."""
    with started("sqlite") as running:
        yield running


@pytest.fixture(scope="module")
def on_postgres() -> Iterator[Target]:
    """A server of its own on PostgreSQL."""
    with started("postgres") as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest) -> Target:
    """The server on each database."""
    return request.getfixturevalue(f"on_{request.param}")  # type: ignore[no-any-return]


def open_school(target: Target) -> tuple[dict[str, Any], int]:
    """Few students and two places in each room, so that they get in each other's way."""
    school = target.add_school(students=40, adults=COUPLES, capacity=2)
    return school, target.last_number(school["school"])


async def converged(screen: Screen, target: Target, school: dict[str, Any]) -> float:
    """How long, from now, until the screen has heard of everything that stands in the log now."""
    begun, wanted = time.monotonic(), Truth(target, school).seen_by_office(0)[-1:]
    while screen.last < (wanted or [0])[0]:
        await asyncio.sleep(0.01)
        assert time.monotonic() < begun + 60, "the screen never came back to the truth"
    return time.monotonic() - begun


async def finish(crowd: Crowd, target: Target, school: dict[str, Any], after: int) -> Truth:
    """Stop, and hold everything that was said against what is kept."""
    await crowd.stop()
    await converged(crowd.office, target, school)
    await crowd.close()
    truth = Truth(target, school)
    truth.check(crowd.ledger.promised)
    assert crowd.office.heard == truth.seen_by_office(after), "a screen missed or repeated one"
    for screen in crowd.screens:
        assert len(screen.heard) == len(set(screen.heard)), "something popped up twice"
        assert screen.heard == sorted(screen.heard)
        assert screen.told_to_reload == 0
    assert crowd.ledger.wrong == []
    return truth


def test_killing_the_server_loses_nothing(target: Target, request: pytest.FixtureRequest) -> None:
    kills = request.config.getoption("--kills")
    school, after = open_school(target)
    chance = random.Random(kills)

    async def scene() -> tuple[Truth, list[float]]:
        crowd = Crowd(target.port, school, COUPLES, after)
        slowest = []
        for _ in range(kills):
            await crowd.work(chance.uniform(0.2, 0.8))
            target.server.kill()
            await asyncio.to_thread(target.server.start)
            slowest.append(await converged(crowd.office, target, school))
        await crowd.work(0.5)
        return await finish(crowd, target, school, after), slowest

    truth, slowest = asyncio.run(scene())
    print(
        f"{kills} kills, {truth.last} events, slowest screen {max(slowest):.2f} s after the restart"
    )
    assert max(slowest) <= CONVERGE_SECONDS
    assert truth.last > kills * 10, "too little load to prove anything"


def backends(target: Target) -> list[psutil.Process]:
    """The processes with which PostgreSQL serves our server."""
    first = target.processes()[1]
    return [child for child in first.children() if "corridor" in " ".join(child.cmdline())]


def stop_at_once(target: Target) -> None:
    """PostgreSQL ends as if the power had failed."""
    first = target.processes()[1]
    first.send_signal(signal.SIGQUIT)
    first.wait(20)


def start_again(target: Target) -> None:
    """PostgreSQL recovers from its log and serves."""
    assert target.postgres is not None
    target.postgres._server.ensure_postgres_running()


async def at_work_again(crowd: Crowd) -> float:
    """How long, from now, until as many answers have come as there are couples."""
    back, before = time.monotonic(), len(crowd.ledger.promised)
    while len(crowd.ledger.promised) < before + COUPLES:
        await crowd.work(0.05)
        assert time.monotonic() < back + RECOVER_SECONDS, "it did not recover by itself"
    return time.monotonic() - back


def test_a_killed_backend_of_the_database_loses_nothing(on_postgres: Target) -> None:
    school, after = open_school(on_postgres)

    async def scene() -> float:
        crowd = Crowd(on_postgres.port, school, COUPLES, after)
        await crowd.work(1)
        os.kill(random.choice(backends(on_postgres)).pid, signal.SIGKILL)
        # PostgreSQL now ends every connection and recovers; until then it serves nobody.
        await crowd.work(0.2)
        took = await at_work_again(crowd)
        await finish(crowd, on_postgres, school, after)
        assert crowd.ledger.clear_503s > 0
        return took

    print(f"at work again {asyncio.run(scene()):.2f} s after a backend was killed")


def test_a_database_that_is_down_is_told_clearly_and_nothing_is_lost(on_postgres: Target) -> None:
    school, after = open_school(on_postgres)

    async def scene() -> tuple[float, int]:
        crowd = Crowd(on_postgres.port, school, COUPLES, after)
        await crowd.work(1)
        stop_at_once(on_postgres)
        before = len(crowd.ledger.promised)
        await crowd.work(2)
        assert len(crowd.ledger.promised) <= before + COUPLES, "promised without a database"
        refused = crowd.ledger.clear_503s
        start_again(on_postgres)
        took = await at_work_again(crowd)
        await finish(crowd, on_postgres, school, after)
        return took, refused

    took, refused = asyncio.run(scene())
    print(f"{refused} clear refusals; at work again {took:.2f} s after the database")
    assert refused > 0
