"""How often a key may ask: a bucket of requests per key, filled evenly, one per process."""

import threading
import time
from math import ceil

_lock = threading.Lock()
_buckets: dict[int, tuple[float, float]] = {}


class TooMany(Exception):
    """The key has asked too often; `seconds` is when it may ask again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def take(key_id: int, a_minute: int) -> None:
    """Count one request of this key. Raises `TooMany`.

    A full bucket holds a minute's worth; what is taken comes back evenly.
    """
    now, a_second = time.monotonic(), a_minute / 60
    with _lock:
        left, since = _buckets.get(key_id, (float(a_minute), now))
        left = min(float(a_minute), left + (now - since) * a_second)
        if left < 1:
            raise TooMany(ceil((1 - left) / a_second))
        _buckets[key_id] = (left - 1, now)


def forget() -> None:
    """Full buckets again, for tests."""
    with _lock:
        _buckets.clear()
