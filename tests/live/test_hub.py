"""The hub: every event of a topic once and in order, whatever happens at the same time."""

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import connections

from corridor.live import hub as hub_module
from corridor.live import log, wakeup
from corridor.live.events import Event, Logged, Who
from corridor.live.hub import Hub, Subscription, TooFarBehind
from corridor.live.log import record, turn
from corridor.live.models import SchoolTurn
from tests.conftest import MONDAY_10

T = TypeVar("T")
SCHOOL = 1
EVERYTHING = frozenset({"even", "odd"})
OFFICE = Who(None, "Office", "adult", "setup")


class NumberCalled(Event, frozen=True, kw_only=True):
    """A number was called; its topic is whether it is even or odd."""

    number: int

    def topics(self) -> tuple[str, ...]:
        return ("odd" if self.number % 2 else "even",)


def call(count: int = 1, *, silently: bool = False) -> None:
    """Write events; silently, as another process would, so that this one is not told."""
    listeners = wakeup._listeners[:]
    if silently:
        wakeup._listeners.clear()
    try:
        with turn(SCHOOL) as tx:
            for _ in range(count):
                record(tx, NumberCalled(number=tx.number, by=OFFICE, at=MONDAY_10))
    finally:
        wakeup._listeners[:] = listeners


class Threads:
    """Threads that may use the database and whose connections are closed at the end."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(4)

    async def ask(self, question: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.pool, question)

    def close(self) -> None:
        barrier = threading.Barrier(4)

        def leave() -> None:
            barrier.wait(10)
            connections.close_all()

        for done in [self.pool.submit(leave) for _ in range(4)]:
            done.result()
        self.pool.shutdown()


@pytest.fixture
def threads(transactional_db: None) -> Iterator[Threads]:
    """A school with an empty log, and threads beside the loop."""
    SchoolTurn.objects.create(school_id=SCHOOL)
    found = Threads()
    yield found
    found.close()


@pytest.fixture
def no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub does not look at the log by itself, so only what woke it brings the news."""
    monkeypatch.setattr(hub_module, "_POLL_SECONDS", 3600.0)


Story = Callable[[Hub], Awaitable[None]]


def tell(threads: Threads, story: Story) -> None:
    """Run a story with a started hub."""

    async def run() -> None:
        hub = Hub(threads.ask)
        await hub.start()
        try:
            await story(hub)
        finally:
            await hub.stop()

    asyncio.run(asyncio.wait_for(run(), 30))


async def until(done: Callable[[], bool], seconds: float = 10.0) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while not done():
        assert asyncio.get_running_loop().time() < end, "it did not come"
        await asyncio.sleep(0.005)


def listener() -> tuple[list[int], Callable[[Logged], None]]:
    heard: list[int] = []
    return heard, lambda event: heard.append(event.number)


def test_from_a_number_on_first_the_missed_then_the_live(threads: Threads) -> None:
    call(5)
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        await hub.subscribe(SCHOOL, EVERYTHING, 2, deliver)
        assert heard == [3, 4, 5]
        await threads.ask(call)
        await until(lambda: heard == [3, 4, 5, 6])

    tell(threads, story)


def test_only_the_topics_that_were_chosen(threads: Threads) -> None:
    call(4)
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        await hub.subscribe(SCHOOL, frozenset({"odd"}), 0, deliver)
        await threads.ask(lambda: call(3))
        await until(lambda: heard == [1, 3, 5, 7])

    tell(threads, story)


def test_an_event_of_two_topics_is_heard_once(threads: Threads) -> None:
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)
        both = Logged(SCHOOL, 1, "x", ("even", "odd"), "{}")
        hub._arrived(SCHOOL, [both])
        hub._arrived(SCHOOL, [both])
        assert heard == [1]

    tell(threads, story)


def test_what_arrives_out_of_order_is_passed_on_in_order(threads: Threads) -> None:
    heard, deliver = listener()
    one, two, three = (Logged(SCHOOL, n, "x", ("odd",), "{}") for n in (1, 2, 3))

    async def story(hub: Hub) -> None:
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)
        hub._arrived(SCHOOL, [three])
        hub._arrived(SCHOOL, [two])
        assert heard == []
        hub._arrived(SCHOOL, [one])
        assert heard == [1, 2, 3]

    tell(threads, story)


def test_a_gap_is_filled_from_the_log(threads: Threads, no_second_look: None) -> None:
    """Another process wrote 1 and 2; its wake-up is lost, but our own 3 shows the gap."""
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)
        await threads.ask(lambda: call(2, silently=True))
        await threads.ask(call)
        await until(lambda: heard == [1, 2, 3])

    tell(threads, story)


def test_a_wake_up_from_another_process_is_followed_by_a_look(
    threads: Threads, no_second_look: None
) -> None:
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)
        await threads.ask(lambda: call(2, silently=True))
        hub.woken(SCHOOL, 2)
        await until(lambda: heard == [1, 2])

    tell(threads, story)


def test_a_wake_up_during_a_look_is_not_lost(threads: Threads, no_second_look: None) -> None:
    """The look has read before it was written, and has not told yet when the wake-up comes."""
    heard, deliver = listener()
    asked: list[Callable[[], Any]] = []

    async def story() -> None:
        async def slowly(question: Callable[[], Any]) -> Any:
            answer = await threads.ask(question)
            asked.append(question)
            if len(asked) == 2:  # the last number, then the first look
                await threads.ask(lambda: call(2, silently=True))
                hub.woken(SCHOOL, 2)
            return answer

        hub = Hub(slowly)
        await hub.start()
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)
        try:
            await until(lambda: heard == [1, 2])
        finally:
            await hub.stop()

    asyncio.run(asyncio.wait_for(story(), 30))


def test_a_lost_wake_up_costs_a_second(threads: Threads) -> None:
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)
        await threads.ask(lambda: call(1200, silently=True))
        await until(lambda: heard == list(range(1, 1201)))

    tell(threads, story)


@pytest.mark.parametrize("after", [0, 99])
def test_too_old_or_unknown_numbers_must_load_afresh(threads: Threads, after: int) -> None:
    call(hub_module.REPLAY_LIMIT + 1 if after == 0 else 5)
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        with pytest.raises(TooFarBehind) as no:
            await hub.subscribe(SCHOOL, EVERYTHING, after, deliver)
        assert getattr(no.value, "last", None) == (None if after == 0 else 5)
        assert (heard, hub._feeds) == ([], {})

    tell(threads, story)


def test_as_much_as_the_limit_is_replayed(threads: Threads) -> None:
    call(hub_module.REPLAY_LIMIT)
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)
        assert len(heard) == hub_module.REPLAY_LIMIT

    tell(threads, story)


def test_a_school_that_does_not_exist(threads: Threads) -> None:
    async def story(hub: Hub) -> None:
        with pytest.raises(log.NoSuchSchool):
            await hub.subscribe(77, EVERYTHING, 0, print)

    tell(threads, story)


def test_the_feed_closes_with_its_last_listener(threads: Threads) -> None:
    (one, first), (two, second) = listener(), listener()

    async def story(hub: Hub) -> None:
        a = await hub.subscribe(SCHOOL, EVERYTHING, 0, first)
        b = await hub.subscribe(SCHOOL, frozenset({"odd"}), 0, second)
        hub.unsubscribe(a)
        await threads.ask(call)
        await until(lambda: two == [1])
        hub.unsubscribe(b)
        hub.unsubscribe(b)  # a second time does no harm
        assert (one, hub._feeds) == ([], {})
        await threads.ask(call)
        assert two == [1]

    tell(threads, story)


def test_the_database_goes_away_and_comes_back(threads: Threads) -> None:
    heard, deliver = listener()
    away = threading.Event()

    async def story(hub: Hub) -> None:
        real = hub._in_database

        async def flaky(question: Callable[[], Any]) -> Any:
            if away.is_set():
                raise OSError("away")
            return await real(question)

        hub._in_database = flaky
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)
        away.set()
        await threads.ask(lambda: call(2, silently=True))
        hub.woken(SCHOOL, 2)
        await asyncio.sleep(0.05)
        assert heard == []
        away.clear()
        await until(lambda: heard == [1, 2])

    tell(threads, story)


def test_after_stop_nothing_is_heard(threads: Threads) -> None:
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)

    before = list(wakeup._listeners)
    tell(threads, story)
    call()
    assert (heard, wakeup._listeners) == ([], before)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_missed_or_doubled_while_others_write(threads: Threads, seed: int) -> None:
    """Writers in threads, some of them unheard as in another process; listeners come and go."""
    dice = random.Random(seed)
    last = 240
    ended: list[tuple[int, frozenset[str], list[int]]] = []

    def write() -> None:
        for _ in range(last // 4):
            call()

    async def listen(hub: Hub) -> None:
        heard, deliver = listener()
        topics = dice.choice([EVERYTHING, frozenset({"odd"}), frozenset({"even"})])
        await asyncio.sleep(dice.random() * 0.1)
        after = await threads.ask(lambda: log.last_number(SCHOOL))
        after = max(0, after - dice.randrange(10))
        subscription = await hub.subscribe(SCHOOL, topics, after, deliver)
        if dice.random() < 0.3:
            hub.unsubscribe(subscription)
        else:
            ended.append((after, topics, heard))

    async def story(hub: Hub) -> None:
        writers = ThreadPoolExecutor(4)
        loop = asyncio.get_running_loop()

        def written() -> None:
            write()
            connections.close_all()

        writing = [loop.run_in_executor(writers, written) for _ in range(4)]
        await asyncio.gather(*(listen(hub) for _ in range(30)))
        await asyncio.gather(*writing)
        writers.shutdown()
        wanted = [
            [n for n in range(after + 1, last + 1) if ("odd" if n % 2 else "even") in topics]
            for after, topics, _ in ended
        ]
        await until(lambda: [heard for _, _, heard in ended] == wanted)

    tell(threads, story)


def test_a_press_while_the_first_listener_comes_is_heard_at_once(
    threads: Threads, no_second_look: None
) -> None:
    """The school's feed opens with a question to the log; what is written meanwhile counts."""
    heard, deliver = listener()

    async def story(hub: Hub) -> None:
        real = hub._in_database

        async def then_a_press(question: Callable[[], Any]) -> Any:
            answer = await real(question)
            hub._in_database = real
            await real(call)
            return answer

        hub._in_database = then_a_press
        await hub.subscribe(SCHOOL, EVERYTHING, 0, deliver)
        await until(lambda: heard == [1])

    tell(threads, story)


def test_threads_that_write_at_once_are_announced_in_the_order_of_numbers(
    threads: Threads,
) -> None:
    """Their turns are queued in this process until what they wrote is announced."""
    heard: list[int] = []

    def listen(_: int, events: Sequence[Logged]) -> None:
        time.sleep(0.001)  # long enough for another thread to commit and overtake
        heard.extend(event.number for event in events)

    wakeup.listen(listen)
    try:
        for done in [threads.pool.submit(call) for _ in range(80)]:
            done.result()
    finally:
        wakeup.stop_listening(listen)
    assert heard == list(range(1, 81))


def test_a_subscription_that_catches_up_holds_what_comes_meanwhile() -> None:
    heard, deliver = listener()
    one, two, three = (Logged(SCHOOL, n, "x", ("odd",), "{}") for n in (1, 2, 3))
    subscription = Subscription(SCHOOL, frozenset({"odd"}), deliver)
    subscription.hear(two)
    subscription.hear(three)
    assert heard == []
    subscription.catch_up(0, [one, two])
    assert heard == [1, 2, 3]
