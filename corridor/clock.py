"""The only place that reads the time.

Everything else is told it: an operation gets `at`, a handler asks `now()` once. So a test moves
the clock instead of waiting, and a night's worth of timers is one call.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def _machine_clock() -> datetime:
    return datetime.now(UTC)


_clock: Clock = _machine_clock


def now() -> datetime:
    """The time, as aware UTC."""
    return _clock()


def set_clock(clock: Clock | None) -> None:
    """Read the time from `clock` from now on; None goes back to the machine's."""
    global _clock
    _clock = clock or _machine_clock


class TestClock:
    """A clock that stands still until it is moved. Use it as `set_clock(TestClock(…))`."""

    __test__ = False  # pytest: a helper, not a test

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Let this much time pass; the time after it."""
        self.at += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self.at


class FileClock:
    """The machine's clock plus the seconds written in a file, for tests of a separate server.

    No file means no offset. What is not a number leaves the last offset in force, because the
    writer may be half-way through.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = timedelta()

    def __call__(self) -> datetime:
        try:
            self.offset = timedelta(seconds=float(self.path.read_text()))
        except FileNotFoundError:
            self.offset = timedelta()
        except ValueError:
            pass
        return _machine_clock() + self.offset
