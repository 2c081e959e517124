"""The newest picture of a student's screen, in memory and nowhere else, while somebody looks.

Looking is a lease: whoever looks says so again and again, and a device takes pictures until the
last of them has stopped. What nobody looks at is forgotten.
"""

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from io import BytesIO
from threading import Lock
from typing import Final

import msgspec
from PIL import Image

# The console says every ten seconds that somebody looks.
LOOKED_AT_FOR: Final = timedelta(seconds=30)
WIDEST: Final = 480
_HIGHEST: Final = 1200
_KINDS: Final = {"JPEG": "image/jpeg", "WEBP": "image/webp", "PNG": "image/png"}


class BadPicture(Exception):
    """It is no picture that can be shown; the text says why."""


class Picture(msgspec.Struct, frozen=True):
    """A picture as it came. `mark` changes with what is seen."""

    data: bytes
    kind: str
    mark: str


class Look(msgspec.Struct, frozen=True):
    """Who looks at a student's screen, and until when."""

    names: tuple[str, ...]
    until: datetime


Listener = Callable[[int, Look], None]


class Pictures:
    """The newest picture of each student, and who looks. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest: dict[int, Picture] = {}
        self._lookers: dict[int, dict[int, tuple[str, datetime]]] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener(student_id, look)` when somebody looks, or goes on looking."""
        self._listeners.append(listener)

    def stop_listening(self, listener: Listener) -> None:
        """The opposite of `listen`."""
        self._listeners.remove(listener)

    def look(self, account_id: int, name: str, student_ids: Collection[int], at: datetime) -> None:
        """An adult looks at these students' screens, for half a minute from now."""
        with self._lock:
            for student_id in student_ids:
                self._lookers.setdefault(student_id, {})[account_id] = (name, at + LOOKED_AT_FOR)
        for student_id in student_ids:
            look = self.looked_at(student_id, at)
            for listener in tuple(self._listeners):
                if look is not None:
                    listener(student_id, look)

    def looked_at(self, student_id: int, at: datetime) -> Look | None:
        """Who looks at this student's screen now; None when nobody does."""
        with self._lock:
            found = [one for one in self._lookers.get(student_id, {}).values() if one[1] > at]
        if not found:
            return None
        return Look(tuple(sorted({name for name, _ in found})), max(until for _, until in found))

    def put(self, student_id: int, data: bytes, at: datetime) -> str | None:
        """A device sent a picture: its mark, or None when nobody looks.

        Raises `BadPicture`.
        """
        if self.looked_at(student_id, at) is None:
            return None
        before = self._newest.get(student_id)
        mark = hashlib.blake2b(data, digest_size=8).hexdigest()
        if before is None or before.mark != mark:
            self._newest[student_id] = Picture(data, kind_of(data), mark)
        return mark

    def of(self, student_id: int) -> Picture | None:
        """The newest picture."""
        return self._newest.get(student_id)

    def forget(self, student_id: int) -> None:
        """The student is gone, or in no class."""
        self._newest.pop(student_id, None)

    def sweep(self, at: datetime) -> list[int]:
        """Forget what nobody looks at: whose pictures. To be called every second or so."""
        with self._lock:
            for student_id, lookers in tuple(self._lookers.items()):
                if all(until <= at for _, until in lookers.values()):
                    del self._lookers[student_id]
        forgotten = [one for one in tuple(self._newest) if one not in self._lookers]
        for student_id in forgotten:
            self.forget(student_id)
        return forgotten


def kind_of(data: bytes) -> str:
    """The media type of a picture that may be shown. Only its head is read.

    Raises `BadPicture`.
    """
    try:
        with Image.open(BytesIO(data), formats=tuple(_KINDS)) as picture:
            kind, (width, height) = picture.format, picture.size
    except Exception as error:  # Pillow raises many kinds for broken files.
        raise BadPicture("It is no JPEG, WebP or PNG.") from error
    if width > WIDEST or height > _HIGHEST:
        raise BadPicture(f"It is larger than {WIDEST} × {_HIGHEST} pixels.")
    return _KINDS[kind or ""]


pictures: Final = Pictures()  # of this process
