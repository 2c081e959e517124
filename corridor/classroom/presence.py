"""Who is there: the last sign of life of each student's devices, in memory and nowhere else.

A student may be there with several devices; what a card shows is the school's device used last, and
a page of this server only where there is none: no page hides what is open on a device. A process
has its own devices, and hears of those of other processes by `corridor.classroom.notices`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from corridor.live.wakeup import THIS_PROCESS

# A device gives a sign of life every 20 s; whoever is silent for so long is lost, and after
# ten minutes no longer there at all.
LOST_AFTER: Final = timedelta(seconds=30)
GONE_AFTER: Final = timedelta(minutes=10)

# What other processes say of their devices is some moments old, and rounded to seconds.
_AT_ONCE: Final = timedelta(seconds=2)

Change = Literal["connected", "gone", "lost", "back", "active", "picture"]


class DeviceState(msgspec.Struct, frozen=True):
    """What a device says of itself.

    `idle_seconds` is for how long nobody has touched it. `tabs` is how many tabs are open (None:
    it cannot know). `why_nothing` says in a word of the protocol why there is no picture to take.
    """

    title: str = ""
    url: str = ""
    idle_seconds: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    tabs: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    can_show: bool = False
    why_nothing: Annotated[str, msgspec.Meta(max_length=40)] = ""


class Presence(msgspec.Struct, frozen=True):
    """What is known of a student who is there: of the school's device used last, if there are
    several.

    Not `connected` is only what a listener is told of whoever has just gone. Not `is_here`: the
    device is connected to another process, which has its pictures.
    """

    student_id: int
    last_heartbeat_at: datetime
    last_active_at: datetime
    connected: bool = True
    active_title: str = ""
    active_url: str = ""
    tabs: int | None = None
    picture_at: datetime | None = None
    picture_mark: str = ""
    can_show: bool = False
    why_nothing: str = ""
    is_here: bool = True

    def is_lost(self, at: datetime) -> bool:
        """Whether the last sign of life is too old, although nothing was said of leaving."""
        return self.connected and at - self.last_heartbeat_at >= LOST_AFTER


class Device(msgspec.Struct, frozen=True):
    """One device of a student, as its process knows it.

    `is_cut`: its connection broke, and nothing was said of leaving. `is_page`: it is a page of this
    server, and no device of the school.
    """

    state: DeviceState
    heard_at: datetime
    active_at: datetime
    picture_at: datetime | None = None
    picture_mark: str = ""
    is_cut: bool = False
    is_page: bool = False


Key = tuple[str, int]  # which process has the device, and its number there
Listener = Callable[[Presence, Change], None]


class Presences:
    """Everybody who is there. Changed in the event loop only; read from any thread."""

    def __init__(self) -> None:
        self._devices: dict[int, dict[Key, Device]] = {}
        self._known: dict[int, Presence] = {}
        self._lost: set[int] = set()
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener(presence, change)` for every change that is worth drawing."""
        self._listeners.append(listener)

    def stop_listening(self, listener: Listener) -> None:
        """The opposite of `listen`."""
        self._listeners.remove(listener)

    def of(self, student_ids: Collection[int]) -> dict[int, Presence]:
        """What is known of those of these students who are there."""
        known = ((one, self._known.get(one)) for one in student_ids)
        return {one: presence for one, presence in known if presence is not None}

    def beat(
        self,
        student_id: int,
        number: int,
        state: DeviceState,
        at: datetime,
        process: str = THIS_PROCESS,
        *,
        is_page: bool = False,
    ) -> None:
        """A device gave a sign of life and said how it is."""
        before = self._device(student_id, (process, number))
        active_at = at - timedelta(seconds=state.idle_seconds)
        known = Device(state, at, active_at, is_page=is_page)
        if before is not None:
            picture = {"picture_at": before.picture_at, "picture_mark": before.picture_mark}
            known = msgspec.structs.replace(known, **picture)
        self.put(student_id, number, known, process)

    def alive(
        self,
        student_id: int,
        number: int,
        at: datetime,
        process: str = THIS_PROCESS,
        idle_seconds: int | None = None,
    ) -> bool:
        """A device gave a sign of life and nothing else is new; whether it is known at all."""
        before = self._device(student_id, (process, number))
        if before is None:
            return False
        active_at = before.active_at
        if idle_seconds is not None:
            active_at = at - timedelta(seconds=idle_seconds)
        known = msgspec.structs.replace(before, heard_at=at, active_at=active_at)
        self.put(student_id, number, known, process)
        return True

    def says(
        self, student_id: int, number: int, state: DeviceState, process: str = THIS_PROCESS
    ) -> None:
        """Other things may be known of a device now than before; it gave no sign of life."""
        before = self._device(student_id, (process, number))
        if before is not None:
            self.put(student_id, number, msgspec.structs.replace(before, state=state), process)

    def pictured(self, student_id: int, number: int, mark: str, at: datetime) -> None:
        """A device of this process sent a picture, a new one or the same as before."""
        before = self._device(student_id, (THIS_PROCESS, number))
        if before is not None:
            known = msgspec.structs.replace(before, heard_at=at, picture_at=at, picture_mark=mark)
            self.put(student_id, number, known, THIS_PROCESS)

    def not_pictured(self, student_id: int) -> None:
        """The pictures of a student's devices of this process were forgotten."""
        for key, device in tuple(self._devices.get(student_id, {}).items()):
            if device.picture_at is not None:
                known = msgspec.structs.replace(device, picture_at=None, picture_mark="")
                self.put(student_id, key[1], known, key[0])

    def put(self, student_id: int, number: int, device: Device, process: str) -> None:
        """What is known of a device, whole."""
        devices = self._devices.setdefault(student_id, {})
        # Whoever comes back after a cut has a new number.
        for other in [k for k, d in devices.items() if d.is_cut and k != (process, number)]:
            del devices[other]
        devices[process, number] = device
        self._settle(student_id)

    def cut(self, student_id: int, number: int, process: str = THIS_PROCESS) -> None:
        """A device's connection broke: it is lost if neither it nor another one comes back."""
        before = self._device(student_id, (process, number))
        if before is not None:
            known = msgspec.structs.replace(before, is_cut=True)
            self.put(student_id, number, known, process)

    def gone(self, student_id: int, number: int, process: str = THIS_PROCESS) -> None:
        """A device has left."""
        devices = self._devices.get(student_id, {})
        if devices.pop((process, number), None) is not None:
            if not devices:
                del self._devices[student_id]
            self._settle(student_id)

    def all_gone(self, process: str) -> None:
        """Another process has ended, and its devices with it."""
        for student_id in tuple(self._devices):
            for of, number in tuple(self._devices.get(student_id, ())):
                if of == process:
                    self.gone(student_id, number, process)

    def look(self, at: datetime) -> None:
        """Tell of those who fell silent since the last look. To be called about once a second."""
        for student_id, known in tuple(self._known.items()):
            if known.is_lost(at) and student_id not in self._lost:
                self._lost.add(student_id)
                self._tell(known, "lost")
            elif student_id in self._lost:
                self._drop(student_id, at - GONE_AFTER)

    def devices(self, process: str = THIS_PROCESS) -> Iterator[tuple[int, int, Device]]:
        """The devices of a process: student, number, what is known."""
        for student_id, devices in self._devices.items():
            for (of, number), device in devices.items():
                if of == process:
                    yield student_id, number, device

    def beside(self, student_id: int, number: int, at: datetime) -> frozenset[str]:
        """The connections of the school's devices with which the student is there, but for this
        one; whoever sleeps or roams gives no sign of life, and nobody waits for it."""
        return frozenset(
            connection(*key)
            for key, device in self._devices.get(student_id, {}).items()
            if not (device.is_cut or device.is_page or key == (THIS_PROCESS, number))
            and at - device.heard_at < LOST_AFTER
        )

    def has_lost(self, student_id: int) -> bool:
        """Whether it was told that the student is lost, and not yet that they are back."""
        return student_id in self._lost

    def is_heard_here(self, student_id: int) -> bool:
        """Whether the student's newest sign of life came to this process. Only then it knows that
        there was none since: of others' devices it may hear late."""
        devices = self._devices.get(student_id, {})
        own = [device.heard_at for (of, _), device in devices.items() if of == THIS_PROCESS]
        newest = max((device.heard_at for device in devices.values()), default=None)
        return bool(own) and newest is not None and newest - max(own) < _AT_ONCE

    def count(self) -> int:
        """How many students are there."""
        return len(self._devices)

    def _device(self, student_id: int, key: Key) -> Device | None:
        return self._devices.get(student_id, {}).get(key)

    def _drop(self, student_id: int, before: datetime) -> None:
        devices = self._devices[student_id]
        if max(device.heard_at for device in devices.values()) < before:
            del self._devices[student_id]
            self._settle(student_id)

    def _settle(self, student_id: int) -> None:
        """Draw the conclusions of what the student's devices say now, and tell them."""
        before = self._known.get(student_id)
        devices = self._devices.get(student_id)
        if not devices:
            self._known.pop(student_id, None)
            self._lost.discard(student_id)
            if before is not None:
                self._tell(msgspec.structs.replace(before, connected=False), "gone")
            return
        now = _together(student_id, devices)
        self._known[student_id] = now
        if (change := self._change(before, now)) is not None:
            self._tell(now, change)

    def _change(self, before: Presence | None, now: Presence) -> Change | None:
        if before is None:
            return "connected"
        if now.student_id in self._lost and now.last_heartbeat_at != before.last_heartbeat_at:
            self._lost.discard(now.student_id)
            return "back"
        if _shown(before) != _shown(now):
            return "active"
        return "picture" if before.picture_at != now.picture_at else None

    def _tell(self, presence: Presence, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(presence, change)


def connection(process: str, number: int) -> str:
    """What the connection of a device is called among all processes."""
    return f"{process}/{number}"


def _together(student_id: int, known: Mapping[Key, Device]) -> Presence:
    """The school's device used last, or else the page, and the newest sign of life of any."""
    devices = known.values()
    (process, _), used = max(
        known.items(),
        key=lambda one: (not one[1].is_page, one[1].state.can_show, one[1].active_at),
    )
    return Presence(
        student_id=student_id,
        last_heartbeat_at=max(device.heard_at for device in devices),
        active_title=used.state.title,
        active_url=used.state.url,
        last_active_at=max(device.active_at for device in devices),
        tabs=used.state.tabs,
        picture_at=used.picture_at,
        picture_mark=used.picture_mark,
        can_show=used.state.can_show,
        why_nothing=used.state.why_nothing,
        is_here=process == THIS_PROCESS,
    )


# Being used is drawn by its age; a second more or less is no news, from inactive to used again is.
_IDLE_IS_NEWS: Final = timedelta(seconds=60)


def _shown(presence: Presence) -> tuple[object, ...]:
    idle = presence.last_heartbeat_at - presence.last_active_at >= _IDLE_IS_NEWS
    return (
        presence.active_title, presence.active_url, presence.tabs, presence.can_show,
        presence.why_nothing, presence.is_here, idle,
    )  # fmt: skip


presences: Final = Presences()  # of this process
