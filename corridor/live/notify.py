"""PostgreSQL's NOTIFY as the wake-up between processes."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import psycopg

from corridor.live.wakeup import THIS_PROCESS

log = logging.getLogger(__name__)


async def listen(conninfo: dict[str, Any], woken: Callable[[int, int], None]) -> None:
    """Call `woken(school_id, number)` for what other processes commit, for ever.

    A lost connection is opened again; meanwhile the hub's own look once a second carries on.
    """
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                autocommit=True, **conninfo
            ) as connection:
                await connection.execute("LISTEN corridor")
                async for notice in connection.notifies():
                    school_id, number, process = notice.payload.split(" ")
                    if process != THIS_PROCESS:
                        woken(int(school_id), int(number))
        except psycopg.Error as error:
            log.warning("The wake-up connection to PostgreSQL is lost, trying again: %s", error)
        await asyncio.sleep(1)
