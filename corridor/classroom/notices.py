"""Who is there, told from process to process by PostgreSQL's NOTIFY.

A notice is a small JSON text of one process: which of its devices changed (with everything), which
only gave a sign of life, which are gone. Nothing of it is kept. A process that starts, or missed
something, asks the others to say everything once; one that was not heard for a while has ended, and
its devices with it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from corridor.classroom.presence import Device, Presences
from corridor.live.sql import run
from corridor.live.wakeup import THIS_PROCESS

CHANNEL: Final = "corridor_presence"
# A process says something at least this often, so that the others know it lives.
SAYS_EVERY: Final = timedelta(seconds=5)
_ENDED_AFTER: Final = timedelta(seconds=30)
# PostgreSQL takes less than 8000 bytes.
_LARGEST: Final = 7000
_NEVER: Final = datetime.min.replace(tzinfo=UTC)

Key = tuple[int, int]  # student, number of the device in its process
Known = tuple[int, int, Device]


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one process tells the others at a time of its clock. `asks`: say everything once more.

    `alive`: student, number of the device, the seconds since its last sign of life, and for how
    many seconds before nobody had touched it.
    """

    process: str
    at: datetime
    changed: tuple[Known, ...] = ()
    alive: tuple[tuple[int, int, int, int], ...] = ()
    gone: tuple[Key, ...] = ()
    asks: bool = False


_decoder = msgspec.json.Decoder(Notice)


class Notices:
    """What this process tells of its devices, and what it hears of the others'."""

    def __init__(self, presences: Presences, process: str = THIS_PROCESS) -> None:
        self._presences = presences
        self._process = process
        self._told: dict[Key, Device] = {}
        self._said_at: datetime | None = None
        self._is_asked = self._asks = True
        self._heard: dict[str, datetime] = {}

    def due(self, at: datetime) -> list[str]:
        """The notices to send now: what has changed since the last ones; none if nothing is due."""
        now = {(one, number): d for one, number, d in self._presences.devices(self._process)}
        before = {} if self._is_asked else self._told
        changed = tuple(
            (*key, _without_picture(device))
            for key, device in now.items()
            if key not in before or _said(before[key]) != _said(device)
        )
        gone = tuple(key for key in self._told if key not in now)
        if not (changed or gone or self._asks or self._is_asked or self._is_silent(at)):
            return []
        alive = tuple(
            (*key, _seconds(at - device.heard_at), _seconds(device.heard_at - device.active_at))
            for key, device in now.items()
            if key in before and before[key].heard_at != device.heard_at
        )
        notice = Notice(self._process, at, changed, alive, gone, self._asks)
        self._told, self._said_at, self._is_asked, self._asks = now, at, False, False
        return [msgspec.json.encode(piece).decode() for piece in _pieces(notice)]

    def hear(self, text: str, at: datetime) -> None:
        """Another process said this."""
        notice = _decoder.decode(text)
        if notice.process == self._process:
            return
        self._is_asked = self._is_asked or notice.asks
        self._heard[notice.process] = at
        for student, number, device in notice.changed:
            # Its clock may differ a little from ours, by which silence is told.
            moved = at - notice.at
            known = msgspec.structs.replace(
                device, heard_at=device.heard_at + moved, active_at=device.active_at + moved
            )
            self._presences.put(student, number, known, notice.process)
        for student, number, age, idle in notice.alive:
            heard_at = at - timedelta(seconds=age)
            if not self._presences.alive(student, number, heard_at, notice.process, idle):
                self._asks = True
        for student, number in notice.gone:
            self._presences.gone(student, number, notice.process)

    def look(self, at: datetime) -> None:
        """Processes that were not heard for a while have ended."""
        for process, heard in tuple(self._heard.items()):
            if at - heard > _ENDED_AFTER:
                del self._heard[process]
                self._presences.all_gone(process)

    def say_all_again(self) -> None:
        """What was to be sent did not go out; neither, perhaps, what the others sent."""
        self._is_asked = self._asks = True

    def _is_silent(self, at: datetime) -> bool:
        return self._said_at is None or at - self._said_at >= SAYS_EVERY


def _said(device: Device) -> Device:
    """What is news about a device; that it lives and is used is told otherwise."""
    state = msgspec.structs.replace(device.state, idle_seconds=0)
    return msgspec.structs.replace(
        _without_picture(device), state=state, heard_at=_NEVER, active_at=_NEVER
    )


def _without_picture(device: Device) -> Device:
    """Pictures stay in the process that has them."""
    return msgspec.structs.replace(device, picture_at=None, picture_mark="")


def _seconds(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))


def _pieces(notice: Notice) -> Iterator[Notice]:
    """The same in notices that are small enough, at least one; only the first asks."""
    piece, size = Notice(notice.process, notice.at, asks=notice.asks), 0
    for field in ("changed", "alive", "gone"):
        for item in getattr(notice, field):
            size += len(msgspec.json.encode(item)) + 1
            if size > _LARGEST:
                yield piece
                piece, size = Notice(notice.process, notice.at), len(msgspec.json.encode(item))
            items = (*getattr(piece, field), item)
            piece = msgspec.structs.replace(piece, **{field: items})
    yield piece


def send(texts: list[str]) -> None:
    """Tell the other processes. Asks the database."""
    for text in texts:
        run("SELECT pg_notify(%s, %s)", (CHANNEL, text))
