"""From the log to whoever listens, in the order of numbers, nothing missed and nothing twice.

One hub per process, in the event loop. Events of this process come straight from the commit; what
other processes wrote is read from the log when PostgreSQL wakes us, or at the latest a second
later. Numbers without gaps make both safe: an event is passed on only after the one before it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from corridor.live import log, wakeup
from corridor.live.events import Logged
from corridor.live.sql import rows
from corridor.live.topics import EVERYTHING

T = TypeVar("T")
InDatabase = Callable[[Callable[[], T]], Awaitable[T]]

# Further behind than this, a fresh page is cheaper and clearer than a replay.
REPLAY_LIMIT = 500
_POLL_SECONDS = 1.0
_GAP_SECONDS = 0.05


class TooFarBehind(Exception):
    """The listener's number is so old (or from another life) that it must load afresh."""


class AheadOfLog(TooFarBehind):
    """The listener's number is greater than the log's `last`: the log has been restored."""

    def __init__(self, last: int) -> None:
        super().__init__(last)
        self.last = last


class Subscription:
    """One listener: hears the events of its topics, each once, by `deliver` in the event loop."""

    __slots__ = ("_heard", "_held", "deliver", "school_id", "topics")

    def __init__(
        self, school_id: int, topics: frozenset[str], deliver: Callable[[Logged], None]
    ) -> None:
        self.school_id = school_id
        self.topics = topics
        self.deliver = deliver
        self._heard: int | None = None
        self._held: list[Logged] = []

    def hear(self, event: Logged) -> None:
        """Pass the event on unless it was heard before; hold it while still catching up."""
        if self._heard is None:
            self._held.append(event)
        elif event.number > self._heard:
            self._heard = event.number
            self.deliver(event)

    def catch_up(self, after: int, missed: Sequence[Logged]) -> None:
        """Hear what was missed after a number, then what happened meanwhile, then live."""
        self._heard = after
        for event in (*missed, *self._held):
            if EVERYTHING in self.topics or self.topics.intersection(event.topics):
                self.hear(event)
        self._held.clear()


class _Feed:
    """A school that somebody listens to: up to which number, and who hears which topic."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.early: dict[int, Logged] = {}
        self.by_topic: defaultdict[str, set[Subscription]] = defaultdict(set)
        self.listeners = 0
        self.looking = False
        self.look_again = False

    def pass_on(self, events: Iterable[Logged]) -> None:
        for event in events:
            if event.number > self.last:
                self.early[event.number] = event
        while self.last + 1 in self.early:
            event = self.early.pop(self.last + 1)
            self.last = event.number
            concerned: set[Subscription] = set()
            for topic in (*event.topics, EVERYTHING):
                concerned |= self.by_topic.get(topic, set())
            for subscription in concerned:
                subscription.hear(event)


class Hub:
    """The listeners of this process.

    `in_database` runs a blocking question in a thread; `stirred(school_id)` is called whenever
    something has happened in a school that somebody listens to.
    """

    def __init__(
        self,
        in_database: InDatabase,  # type: ignore[type-arg]
        stirred: Callable[[int], None] = lambda school_id: None,
    ) -> None:
        self._in_database = in_database
        self._stirred = stirred
        self._feeds: dict[int, _Feed] = {}
        self._opening: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Listen to the commits of this process and, once a second, to the log itself."""
        self._loop = asyncio.get_running_loop()
        wakeup.listen(self._from_thread)
        self._spawn(self._poll())

    async def stop(self) -> None:
        """The opposite of `start`."""
        wakeup.stop_listening(self._from_thread)
        for task in list(self._tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def subscribe(
        self, school_id: int, topics: frozenset[str], after: int, deliver: Callable[[Logged], None]
    ) -> Subscription:
        """Hear the topics of a school from the event after number `after` on.

        Raises `TooFarBehind`, `AheadOfLog` and `NoSuchSchool`.
        """
        subscription = Subscription(school_id, topics, deliver)
        feed = await self._feed(school_id)
        feed.listeners += 1
        for topic in topics:
            feed.by_topic[topic].add(subscription)
        try:
            missed: list[Logged] = []
            if after != feed.last:
                missed, last = await self._in_database(lambda: _missed(school_id, after))
                if after > last:
                    raise AheadOfLog(last)
                if len(missed) > REPLAY_LIMIT:
                    raise TooFarBehind
            subscription.catch_up(after, missed)
        except BaseException:
            self.unsubscribe(subscription)
            raise
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop hearing; the school's feed closes with its last listener."""
        feed = self._feeds.get(subscription.school_id)
        if feed is None:
            return
        for topic in subscription.topics:
            listeners = feed.by_topic[topic]
            listeners.discard(subscription)
            if not listeners:
                del feed.by_topic[topic]
        feed.listeners -= 1
        if feed.listeners <= 0:
            self._feeds.pop(subscription.school_id, None)

    def woken(self, school_id: int, number: int) -> None:
        """Another process wrote up to this number: look, if anybody here listens."""
        feed = self._feeds.get(school_id)
        if feed is not None and number > feed.last:
            self._look(school_id, feed)

    async def _feed(self, school_id: int) -> _Feed:
        async with self._opening[school_id]:
            if school_id not in self._feeds:
                last = await self._in_database(lambda: log.last_number(school_id))
                self._feeds[school_id] = _Feed(last)
                # What was committed since the answer found no feed to wake.
                self._look(school_id, self._feeds[school_id])
            return self._feeds[school_id]

    def _from_thread(self, school_id: int, events: Sequence[Logged]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # The loop closes while a last request commits.
                self._loop.call_soon_threadsafe(self._arrived, school_id, tuple(events))

    def _arrived(self, school_id: int, events: Sequence[Logged]) -> None:
        feed = self._feeds.get(school_id)
        if feed is None:
            return
        feed.pass_on(events)
        self._stirred(school_id)
        if feed.early and self._loop is not None:
            # A number is missing: another process has it, or its wake-up is just behind ours.
            self._loop.call_later(_GAP_SECONDS, self._mind_the_gap, school_id)

    def _mind_the_gap(self, school_id: int) -> None:
        feed = self._feeds.get(school_id)
        if feed is not None and feed.early:
            self._look(school_id, feed)

    def _look(self, school_id: int, feed: _Feed) -> None:
        # Whoever looks already may have read before what woke us was written.
        feed.look_again = feed.looking
        if not feed.looking:
            feed.looking = True
            self._spawn(self._read(school_id, feed))

    async def _read(self, school_id: int, feed: _Feed) -> None:
        try:
            is_more = True
            while is_more:
                feed.look_again = False
                found = await self._in_database(lambda: log.read_log(school_id, feed.last))
                if found:
                    feed.pass_on(found)
                    self._stirred(school_id)
                is_more = feed.look_again or len(found) == 1000
        except Exception:
            # The database is away; the poll looks again in a second.
            return
        finally:
            feed.looking = False

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            schools = tuple(self._feeds)
            if not schools:
                continue
            with suppress(Exception):  # As above: away now, asked again in a second.
                for school_id, last in await self._in_database(partial(_last_numbers, schools)):
                    self.woken(school_id, last)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _missed(school_id: int, after: int) -> tuple[list[Logged], int]:
    return log.read_log(school_id, after, REPLAY_LIMIT + 1), log.last_number(school_id)


def _last_numbers(schools: Sequence[int]) -> list[tuple[int, int]]:
    marks = ", ".join(["%s"] * len(schools))
    return [
        (school_id, last)
        for school_id, last in rows(
            f"SELECT school_id, last_number FROM live_schoolturn WHERE school_id IN ({marks})",
            tuple(schools),
        )
    ]
