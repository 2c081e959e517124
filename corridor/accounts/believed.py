"""What was asked about a sign-in session is believed for a few seconds."""

import time
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

# A closed account must be out within 60 s (streams within 5 s): believing an answer this long
# saves a question per press and stays far inside.
BELIEVED_SECONDS: Final = 5.0
_MOST: Final = 20_000


class Believed(Generic[T]):
    """Answers by session key; one of these for each kind of question."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[float, T]] = {}
        _all.append(self)

    def find(self, session_key: str, ask: Callable[[], T | None]) -> T | None:
        """The answer, asked anew when it is old; None is asked again every time."""
        remembered = self._answers.get(session_key)
        if remembered is not None and remembered[0] > time.monotonic():
            return remembered[1]
        found = ask()
        if found is None:
            self._answers.pop(session_key, None)
            return None
        if len(self._answers) > _MOST:
            self._answers.clear()
        self._answers[session_key] = (time.monotonic() + BELIEVED_SECONDS, found)
        return found

    def forget(self, session_key: str | None) -> None:
        """Forget one answer, or all."""
        if session_key is None:
            self._answers.clear()
        else:
            self._answers.pop(session_key, None)


_all: list[Believed[Any]] = []


def forget(session_key: str | None = None) -> None:
    """Ask again next time: for one session after a change to it, or for all."""
    for believed in _all:
        believed.forget(session_key)
