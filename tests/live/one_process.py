"""A process of its own with a hub on PostgreSQL, told what to do on standard input.

`call` writes an event; every line on standard output says what happened here: `heard 3`,
`woken 3`. The hub's own look at the log is put off, so that only NOTIFY can wake it.
"""

import asyncio
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from corridor import clock  # noqa: E402
from corridor.live import hub as hub_module  # noqa: E402
from corridor.live import notify, topics  # noqa: E402
from corridor.live.events import Event, Who  # noqa: E402
from corridor.live.hub import Hub  # noqa: E402
from corridor.live.log import record, turn  # noqa: E402
from corridor.live.models import SchoolTurn  # noqa: E402
from corridor.live.sql import conninfo  # noqa: E402

hub_module._POLL_SECONDS = 3600.0


class BellRang(Event, frozen=True, kw_only=True):
    """Something that happens."""

    def topics(self) -> tuple[str, ...]:
        return (topics.school(1),)


def say(*words: object) -> None:
    print(*words, flush=True)


def prepare() -> None:
    call_command("migrate", verbosity=0)
    SchoolTurn.objects.get_or_create(school_id=1)


def ring() -> None:
    with turn(1) as tx:
        record(tx, BellRang(at=clock.now(), by=Who(None, "", "clock", "clock")))


async def main() -> None:
    await asyncio.to_thread(prepare)
    hub = Hub(asyncio.to_thread)
    await hub.start()
    await hub.subscribe(1, frozenset({topics.school(1)}), 0, lambda e: say("heard", e.number))

    def woken(school_id: int, number: int) -> None:
        say("woken", number)
        hub.woken(school_id, number)

    channels = {notify.CHANNEL: notify.waking(woken)}
    listening = asyncio.create_task(notify.listen(conninfo(), channels))
    await asyncio.sleep(0.3)
    say("ready", connection.vendor)
    while await asyncio.to_thread(sys.stdin.readline):
        await asyncio.to_thread(ring)
    listening.cancel()
    await hub.stop()


asyncio.run(main())
