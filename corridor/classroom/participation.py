"""What a card of the console says of a student: one state, by priority, and small badges. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from corridor.classroom.cards import LOCK, PLAN, SITE_LOCK, TAB_LIMIT, Lease, ParticipantCard

# A device that says nothing for so long has lost its signal.
SILENT_FOR = timedelta(seconds=30)


class State(StrEnum):
    """The one state of a student, in the order of priority.

    Of a class that is over nothing is said of where its students are now.
    """

    OVER = "over"
    ANOTHER_CLASS = "another_class"
    EXCLUDED = "excluded"
    ON_PASS = "on_pass"  # noqa: S105
    NOT_ONLINE = "not_online"
    LOST_SIGNAL = "lost_signal"
    NOTHING_TO_SHOW = "nothing_to_show"
    INACTIVE = "inactive"
    ACTIVE = "active"


class Seen(Protocol):
    """What is known of a student's device at this moment (`corridor.classroom.presence`)."""

    @property
    def connected(self) -> bool:
        """The device holds its connection."""

    @property
    def last_heartbeat_at(self) -> datetime:
        """When it last said anything."""

    @property
    def last_active_at(self) -> datetime:
        """When the student last did anything on it."""

    @property
    def can_show(self) -> bool:
        """There is a page on it that may be shown."""


def state_of(
    card: ParticipantCard,
    seen: Seen | None,
    at: datetime,
    *,
    inactive_after: timedelta = timedelta(minutes=5),
    is_on_pass: bool = False,
) -> State:
    """The state of a student now; the first that holds, from the top of the list."""
    if card.is_over:
        return State.OVER
    if card.elsewhere is not None:
        return State.ANOTHER_CLASS
    if card.excluded is not None:
        return State.EXCLUDED
    if is_on_pass:
        return State.ON_PASS
    return _on_device(seen, at, inactive_after)


def _on_device(seen: Seen | None, at: datetime, inactive_after: timedelta) -> State:
    if seen is None or not seen.connected:
        return State.NOT_ONLINE
    if at - seen.last_heartbeat_at >= SILENT_FOR:
        return State.LOST_SIGNAL
    if not seen.can_show:
        return State.NOTHING_TO_SHOW
    if at - seen.last_active_at > inactive_after:
        return State.INACTIVE
    return State.ACTIVE


_BADGES = {LOCK: "locked", SITE_LOCK: "site_locked", PLAN: "plan", TAB_LIMIT: "tab_limit"}
_FAILED = {
    LOCK: "lock_failed", SITE_LOCK: "site_lock_failed", PLAN: "plan_failed",
    TAB_LIMIT: "tab_limit_failed",
}  # fmt: skip


def badge_of(lease: Lease) -> str:
    """What is said of a restriction: that it holds, or that the device could not."""
    return (_FAILED if lease.failed else _BADGES)[lease.kind]


def badges_of(card: ParticipantCard) -> tuple[str, ...]:
    """What is said beside the state: restrictions, hand, unread message."""
    held = tuple(badge_of(lease) for lease in card.restrictions if card.is_in)
    hand = ("hand",) if card.hand_raised_at else ()
    return (*held, *hand, *(("message",) if card.unread else ()))
