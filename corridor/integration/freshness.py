"""Whether what the consoles show of passes is still true.

Badges are pushed by events, so a Pass that has stopped looks like one in which nothing happens. The
clock acts on the passes every second: that it could, is the sign of life.
"""

from datetime import datetime
from typing import Final

# One failure may be a database that starts again; the clock tries every second.
_FAILURES = 3


class Freshness:
    """Until when Pass was heard of. Told by the clock's thread, read from any."""

    def __init__(self) -> None:
        self._good_at: datetime | None = None
        self._failures = 0

    def good(self, at: datetime) -> None:
        """Pass did what was due at this time."""
        self._good_at, self._failures = at, 0

    def failed(self) -> None:
        """Pass did not answer."""
        self._failures += 1

    def answered_after(self, at: datetime) -> bool:
        """Whether Pass was heard of after this time."""
        return self._good_at is not None and self._good_at > at

    @property
    def as_of(self) -> datetime | None:
        """When what is known of passes was true last; None while it is true now."""
        return self._good_at if self._failures >= _FAILURES else None


passes: Final = Freshness()  # as this process sees them
