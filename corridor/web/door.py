"""The door: streams and devices here, everything else to Django in a fixed pool of threads."""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corridor.django_settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from starlette.applications import Starlette

_django = get_wsgi_application()

from corridor import clock  # noqa: E402
from corridor.classroom import notices  # noqa: E402
from corridor.classroom import timers as class_timers  # noqa: E402
from corridor.integration import coming_back  # noqa: E402
from corridor.integration.freshness import passes  # noqa: E402
from corridor.live import notify  # noqa: E402
from corridor.live.sql import conninfo, is_postgres  # noqa: E402
from corridor.passes import timers  # noqa: E402
from corridor.web import numbers, post  # noqa: E402
from corridor.web.agent import messages  # noqa: E402
from corridor.web.agent.devices import Devices  # noqa: E402
from corridor.web.api.stream import key_stream  # noqa: E402
from corridor.web.classroom.live import classroom_stream  # noqa: E402
from corridor.web.console import picture  # noqa: E402
from corridor.web.console.live import Consoles, console_stream  # noqa: E402
from corridor.web.console.start_live import start_stream  # noqa: E402
from corridor.web.download import Export  # noqa: E402
from corridor.web.stream import FACES, Asking, Endpoint, Streams, page_stream  # noqa: E402
from corridor.web.wsgi_adapter import WsgiAdapter  # noqa: E402
from corridor.webhooks.courier import Courier  # noqa: E402

log = logging.getLogger(__name__)

streams = Streams()
devices = Devices(streams.hub)
consoles = Consoles(streams)
_workers = ThreadPoolExecutor(settings.CORRIDOR.workers, thread_name_prefix="worker")
# A password takes a tenth of a second of processor on purpose, and anybody may try one: those who
# sign in wait for each other here, and no press on a pass waits for them.
SIGN_IN_PATHS = ("/account/", "/setup/")
_sign_ins = ThreadPoolExecutor(2, thread_name_prefix="sign-in")


def run_clock(stop: threading.Event) -> None:
    """Once a second, let the clock act on the passes and classes that are due.

    In this order a server that was stopped lets in whoever came back before a class ended. Where
    one of them fails the others go on: a class without passes is a class.
    """
    while not stop.wait(1.0):
        at = clock.now()
        if _acts(timers.run_due, at):
            passes.good(at)
        else:
            passes.failed()
        _acts(coming_back.run_due, at)
        _acts(class_timers.run_due, at)


def _acts(due: Callable[[datetime], int], at: datetime) -> bool:
    """Let one part act; whether it could."""
    try:
        due(at)
    except Exception:
        log.exception("The clock could not act; it tries again in a second")
        connections.close_all()
        return False
    return True


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """What runs beside the requests: the hub, the clock, the webhooks, the post, the wake-up."""
    stop = threading.Event()
    timer = threading.Thread(target=run_clock, args=(stop,), name="clock", daemon=True)
    postman = threading.Thread(target=post.run, args=(stop,), name="post", daemon=True)
    await streams.start()
    await devices.start()
    await consoles.start()
    asking = Asking(1, "webhooks")
    courier = Courier(asking, to_private=settings.CORRIDOR.webhooks_to_private)
    await courier.start()
    numbers.count(streams.all, devices.all)
    timer.start()
    postman.start()
    wake: asyncio.Task[None] | None = None
    if is_postgres():
        wake = asyncio.create_task(notify.listen(conninfo(), _channels()))
        devices.tell_other_processes()
    try:
        yield
    finally:
        stop.set()
        if wake is not None:
            wake.cancel()
        await courier.stop()
        asking.close()
        await consoles.stop()
        await devices.stop()
        await streams.stop()
        await asyncio.to_thread(timer.join, 5)


def _channels() -> dict[str, notify.Heard]:
    """What other processes on the same database tell this one."""
    return {
        notify.CHANNEL: notify.waking(streams.hub.woken),
        notices.CHANNEL: devices.hear_other_process,
    }


_pages = WsgiAdapter(_django, _workers, dict.fromkeys(SIGN_IN_PATHS, _sign_ins))
STREAMS: dict[str, Endpoint | Export | picture.PictureDoor] = {
    **{f"/stream/{face}": page_stream(streams, face) for face in FACES},
    "/stream/classroom": classroom_stream(streams),
    "/stream/console": console_stream(streams),
    "/stream/start": start_stream(streams),
    "/api/v1/events/stream": key_stream(streams),
    "/staff/history/export.csv": Export(),
    picture.PATH: picture.PictureDoor(devices.in_database),
}
SOCKETS = {messages.PATH: devices}
# Starts and stops what runs beside the requests; routing by it would cost every request a tenth.
_life = Starlette(lifespan=lifespan)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application: streams and devices by their path, everything else to Django."""
    if scope["type"] == "http":
        await STREAMS.get(scope["path"], _pages)(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _life(scope, receive, send)
    elif (socket := SOCKETS.get(scope["path"])) is not None:
        await socket(scope, receive, send)
    else:
        await send({"type": "websocket.close"})
