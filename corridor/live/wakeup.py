"""Wake whoever listens in this process after a commit.

Losing a wake-up costs at most a second: the log is the truth and the hub looks there by itself.
"""

import logging
import uuid
from collections.abc import Callable, Sequence

from corridor.live.events import Logged

log = logging.getLogger(__name__)

# Goes along with PostgreSQL's NOTIFY, so that a process does not wake for what it wrote itself.
THIS_PROCESS = uuid.uuid4().hex[:12]

Listener = Callable[[int, Sequence[Logged]], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener(school_id, events)` after every commit of this process, in its thread."""
    _listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    """The opposite of `listen`."""
    _listeners.remove(listener)


def announce(school_id: int, events: Sequence[Logged]) -> None:
    """Tell the listeners of this process what was committed.

    It is kept already, so a listener that fails must not make the press look failed.
    """
    for listener in _listeners:
        try:
            listener(school_id, events)
        except Exception:
            log.exception("A listener failed on %s of school %s", events[-1].name, school_id)
