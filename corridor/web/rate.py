"""How often somebody may ask: a bucket for each of them, filled evenly, one per process."""

import threading
import time
from collections.abc import Hashable
from math import ceil


class TooMany(Exception):
    """Asked too often; `seconds` is when the next one may come."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Buckets:
    """A bucket for each asker. Nothing is kept of one whose bucket has had time to fill."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, float]] = {}  # who: (left, since)

    def take(self, who: Hashable, *, at_once: int, a_minute: int) -> None:
        """Count one request: `at_once` in a full bucket, `a_minute` come back. Raises `TooMany`."""
        now, a_second = time.monotonic(), a_minute / 60
        with self._lock:
            left, since = self._kept.get(who, (float(at_once), now))
            left = min(float(at_once), left + (now - since) * a_second)
            if left < 1:
                raise TooMany(ceil((1 - left) / a_second))
            if len(self._kept) > 20_000:
                full = at_once / a_second
                self._kept = {w: b for w, b in self._kept.items() if now - b[1] < full}
            self._kept[who] = (left - 1, now)

    def forget(self) -> None:
        """Full buckets again, for tests."""
        with self._lock:
            self._kept.clear()


of_keys = Buckets()
of_students = Buckets()
of_classroom_students = Buckets()
