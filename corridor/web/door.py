"""The door: streams here, everything else to Django in a fixed pool of threads."""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corridor.django_settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from starlette.applications import Starlette
from starlette.routing import Mount, Route

_django = get_wsgi_application()

from corridor import clock  # noqa: E402
from corridor.live import notify  # noqa: E402
from corridor.passes import timers  # noqa: E402
from corridor.web import numbers  # noqa: E402
from corridor.web.stream import FACES, Streams  # noqa: E402
from corridor.web.wsgi_adapter import WsgiAdapter  # noqa: E402

log = logging.getLogger(__name__)

streams = Streams()
_workers = ThreadPoolExecutor(settings.CORRIDOR.workers, thread_name_prefix="worker")


def run_clock(stop: threading.Event) -> None:
    """Once a second, let the clock act on the passes that are due."""
    while not stop.wait(1.0):
        try:
            timers.run_due(clock.now())
        except Exception:
            log.exception("The clock could not act; it tries again in a second")
            connections.close_all()


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """What runs beside the requests: the hub, the clock, PostgreSQL's wake-up."""
    stop = threading.Event()
    timer = threading.Thread(target=run_clock, args=(stop,), name="clock", daemon=True)
    await streams.start()
    numbers.count(streams.all)
    timer.start()
    wake: asyncio.Task[None] | None = None
    if connection.vendor == "postgresql":
        wake = asyncio.create_task(notify.listen(_conninfo(), streams.hub.woken))
    try:
        yield
    finally:
        stop.set()
        if wake is not None:
            wake.cancel()
        await streams.stop()
        await asyncio.to_thread(timer.join, 5)


def _conninfo() -> dict[str, Any]:
    params: dict[str, Any] = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert")
    return {key: params[key] for key in wanted if params.get(key)}


app = Starlette(
    routes=[
        *(Route(f"/stream/{face}", endpoint=streams.route(face)) for face in FACES),
        Mount("/", app=WsgiAdapter(_django, _workers)),
    ],
    lifespan=lifespan,
)
