"""PostgreSQL's NOTIFY as the wake-up between processes."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
from psycopg import sql

from corridor.live.wakeup import THIS_PROCESS

log = logging.getLogger(__name__)

CHANNEL: Final = "corridor"


Heard = Callable[[str], None]


def waking(woken: Callable[[int, int], None]) -> Heard:
    """Reads the log's own notices: `woken(school_id, number)` for what other processes commit."""

    def heard(payload: str) -> None:
        school_id, number, process = payload.split(" ")
        if process != THIS_PROCESS:
            woken(int(school_id), int(number))

    return heard


async def listen(conninfo: dict[str, Any], channels: Mapping[str, Heard]) -> None:
    """Hear what is notified on each of these channels, for ever.

    A lost connection is opened again; meanwhile the hub's own look once a second carries on.
    """
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                autocommit=True, **conninfo
            ) as connection:
                for channel in channels:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                async for notice in connection.notifies():
                    channels[notice.channel](notice.payload)
        except psycopg.Error as error:
            log.warning("The wake-up connection to PostgreSQL is lost, trying again: %s", error)
        await asyncio.sleep(1)
