"""Bring the events to the webhooks: in the order of the log, nothing lost, at least once.

Each webhook has its place in the log. An event that cannot be brought is tried again, later and
later, for a day; what comes after it waits. Then the webhook is disabled with a note, and goes on
from there when an admin enables it. Several processes share the work: whoever claims a webhook
delivers for it, and a claim ends by itself when a process dies.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec
from django.db import transaction
from django.db.models import F, Q
from django.db.models.expressions import OuterRef, Subquery

from corridor import clock
from corridor.accounts.actors import clock_of
from corridor.live import wakeup
from corridor.live.events import Logged
from corridor.live.log import read_log, turn
from corridor.live.models import SchoolTurn
from corridor.webhooks import notes, signing, visiting
from corridor.webhooks.models import Delivery, Subscription
from corridor.webhooks.subscriptions import NoSuchWebhook, disable_webhook
from corridor.webhooks.telling import EventTold, told

log = logging.getLogger(__name__)

InDatabase = Callable[[Callable[[], Any]], Awaitable[Any]]

# How long to wait after each failed attempt; together a day.
WAITS: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 37_000)
)
KEPT: Final = timedelta(days=14)
_CLAIM: Final = timedelta(minutes=2)
_LOOK_SECONDS: Final = 1.0
# What happens in so short a time is looked for together: a busy school has 100 events a second.
_GATHER_SECONDS: Final = 0.25
_TIDY_SECONDS: Final = 3600.0
# One webhook delivers this many at a stretch, so that many webhooks share the time.
_AT_A_STRETCH: Final = 50
_AT_ONCE: Final = 8
_GONE: Final = 410


class Outcome(msgspec.Struct, frozen=True):
    """What became of one attempt: the status (None: no answer), how long it took, and why."""

    status: int | None
    milliseconds: int
    note: str

    @property
    def is_delivered(self) -> bool:
        """The receiver said 2xx."""
        return self.status is not None and 200 <= self.status < 300


class Courier:
    """The deliveries of this process.

    `in_database` runs a blocking question in a thread; `to_private` lets webhooks go to private
    addresses, for tests.
    """

    def __init__(self, in_database: InDatabase, *, to_private: bool = False) -> None:
        self._in_database = in_database
        self._to_private = to_private
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._tidied = float("-inf")

    async def start(self) -> None:
        """Look for what is due, at every commit of this process and every second."""
        self._loop = asyncio.get_running_loop()
        wakeup.listen(self._from_thread)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """The opposite of `start`; an attempt that is under way is made again later."""
        wakeup.stop_listening(self._from_thread)
        tasks = [task for task in (self._task, *self._busy.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _from_thread(self, school_id: int, events: Sequence[Logged]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # The loop closes while a last request commits.
                self._loop.call_soon_threadsafe(self._woken.set)

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except Exception:
                log.exception("The webhooks could not be looked after; tried again in a second")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _LOOK_SECONDS)
                await asyncio.sleep(_GATHER_SECONDS)
            self._woken.clear()

    async def _look(self) -> None:
        at = clock.now()
        if time.monotonic() - self._tidied > _TIDY_SECONDS:
            self._tidied = time.monotonic()
            await self._in_database(partial(tidy, at))
        for webhook_id in await self._in_database(partial(due, at)):
            if len(self._busy) >= _AT_ONCE:
                break
            if webhook_id not in self._busy:
                task = asyncio.create_task(self._deliver(webhook_id))
                self._busy[webhook_id] = task
                task.add_done_callback(partial(self._done, webhook_id))

    def _done(self, webhook_id: int, task: asyncio.Task[None]) -> None:
        del self._busy[webhook_id]
        self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Webhook %s could not be served", webhook_id, exc_info=error)

    async def _deliver(self, webhook_id: int) -> None:
        webhook = await self._in_database(lambda: claim(webhook_id, clock.now()))
        for _ in range(_AT_A_STRETCH):
            if webhook is None:
                return
            event = await self._in_database(partial(next_event, webhook))
            if event is None:
                break
            outcome = await attempt(webhook, event, clock.now(), to_private=self._to_private)
            webhook = await self._in_database(
                partial(write_down, webhook, event, outcome, clock.now())
            )
        if webhook is not None:
            await self._in_database(partial(release, webhook))


async def attempt(
    webhook: Subscription, event: EventTold, at: datetime, *, to_private: bool
) -> Outcome:
    """Bring one event to one address, once."""
    body = message(event)
    headers = signing.headers(webhook.secret, message_id(webhook, event), at, body)
    began = time.monotonic()
    status: int | None = None
    try:
        status = await visiting.post(webhook.url, headers, body, to_private=to_private)
        note = ""
        if 300 <= status < 400:
            note = notes.REDIRECTED
    except (visiting.NoAnswer, visiting.BadAddress) as no:
        note = str(no)
    return Outcome(status, int((time.monotonic() - began) * 1000), note)


def message(event: EventTold) -> bytes:
    """What is sent: the convention's `type`, `timestamp` and `data`."""
    data = {"number": event.number, "by": event.by, "card": event.card, "facts": event.facts}
    return msgspec.json.encode({"type": event.name, "timestamp": event.at, "data": data})


def message_id(webhook: Subscription, event: EventTold) -> str:
    """The same for every attempt at the same event, so that a receiver can tell a repetition.

    After a restore other events get the numbers of those that were lost: their times differ.
    """
    at = int(event.at.timestamp() * 1000)
    return f"event_{webhook.school_id}_{event.number}_{at}"


# In the database


def due(at: datetime) -> list[int]:
    """The webhooks for which something is in the log, and which nobody serves now."""
    last = SchoolTurn.objects.filter(school_id=OuterRef("school_id")).values("last_number")
    found = Subscription.objects.filter(_free(at)).annotate(school_last=Subquery(last))
    waiting = found.filter(school_last__gt=F("last_number"))
    return list(waiting.order_by("next_try_at", "pk").values_list("pk", flat=True))


def claim(webhook_id: int, at: datetime) -> Subscription | None:
    """Take the webhook for this process, or None where somebody was faster."""
    free = Subscription.objects.filter(_free(at), pk=webhook_id)
    if not free.update(claimed_until=at + _CLAIM):
        return None
    return Subscription.objects.filter(pk=webhook_id).first()


def release(webhook: Subscription) -> None:
    """Let others serve the webhook."""
    Subscription.objects.filter(pk=webhook.pk).update(claimed_until=None)


def next_event(webhook: Subscription) -> EventTold | None:
    """The next event in the log that the webhook hears; what it does not hear is passed over."""
    names = frozenset(webhook.names.split())
    passed = webhook.last_number
    while found := read_log(webhook.school_id, passed, 500):
        for row in found:
            if row.name in names and (event := told(row)) is not None:
                return event
            passed = row.number
    if passed > webhook.last_number:
        webhook.last_number = passed
        Subscription.objects.filter(pk=webhook.pk).update(last_number=passed)
    return None


def write_down(
    webhook: Subscription, event: EventTold, outcome: Outcome, at: datetime
) -> Subscription | None:
    """Keep what became of the attempt; the webhook, or None when it is over for now."""
    number = webhook.attempts + 1
    with transaction.atomic():
        mine = Subscription.objects.filter(pk=webhook.pk, disabled_at__isnull=True)
        if outcome.is_delivered:
            changed = mine.update(
                last_number=event.number, attempts=0, next_try_at=None, note="",
                claimed_until=at + _CLAIM,
            )  # fmt: skip
        else:
            wait = WAITS[min(number, len(WAITS)) - 1]
            changed = mine.update(
                attempts=number, next_try_at=at + wait, note=_reason(outcome), claimed_until=None
            )
        if changed:
            _keep(webhook, event, outcome, number, at)
    if not changed:
        return None
    if outcome.is_delivered:
        return Subscription.objects.filter(pk=webhook.pk, disabled_at__isnull=True).first()
    if number > len(WAITS) or outcome.status == _GONE:
        _give_up(webhook, outcome, at)
    return None


def tidy(at: datetime) -> None:
    """Forget attempts that are older than two weeks."""
    Delivery.objects.filter(at__lt=at - KEPT).delete()


def _free(at: datetime) -> Q:
    return Q(
        Q(next_try_at__isnull=True) | Q(next_try_at__lte=at),
        Q(claimed_until__isnull=True) | Q(claimed_until__lte=at),
        disabled_at__isnull=True,
    )


def _keep(
    webhook: Subscription, event: EventTold, outcome: Outcome, attempt: int, at: datetime
) -> None:
    Delivery.objects.create(
        subscription_id=webhook.pk,
        number=event.number,
        name=event.name,
        at=at,
        attempt=attempt,
        status=outcome.status,
        milliseconds=outcome.milliseconds,
        note=outcome.note[:200],
        is_delivered=outcome.is_delivered,
    )


def _reason(outcome: Outcome) -> str:
    told = notes.ANSWERED % {"status": outcome.status} if outcome.status else ""
    return f"{told} {outcome.note}".strip()[:200]


def _give_up(webhook: Subscription, outcome: Outcome, at: datetime) -> None:
    with suppress(NoSuchWebhook), turn(webhook.school_id) as tx:
        disable_webhook(
            tx, webhook_id=webhook.pk, note=_reason(outcome), by=clock_of(webhook.school_id), at=at
        )
