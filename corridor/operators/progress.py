"""A bar for what takes long, where somebody watches."""

import sys
from types import TracebackType
from typing import TextIO

_WIDTH = 30


class Progress:
    """How far a long work is, on one line of the terminal; silent where there is none."""

    def __init__(self, what: str, total: int, out: TextIO | None = None) -> None:
        self._what, self._total, self._done = what, max(total, 1), 0
        self._out = out or sys.stderr
        self._shown = -1

    def __enter__(self) -> "Progress":
        self.add(0)
        return self

    def add(self, count: int) -> None:
        """So much more is done."""
        self._done += count
        percent = min(100, 100 * self._done // self._total)
        if percent != self._shown and self._out.isatty():
            self._shown = percent
            bar = "█" * (percent * _WIDTH // 100)
            self._out.write(f"\r{self._what} {bar:░<{_WIDTH}} {percent:3} % ({self._done:,})")
            self._out.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._out.isatty():
            self._out.write("\r\033[K")
            self._out.flush()
