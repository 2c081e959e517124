"""What can happen to an account. `docs/events.md` is compared with this file by a test."""

from typing import Final

from corridor.live import topics
from corridor.live.events import Event


class AccountEvent(Event, frozen=True, kw_only=True):
    """Base of the events of one Pass account."""

    account_id: int

    def topics(self) -> tuple[str, ...]:
        """The account itself: its open pages load afresh or sign out."""
        return (topics.account(self.account_id),)


class AccountOpened(AccountEvent, frozen=True, kw_only=True):
    """Somebody got a Pass account in this school."""

    role: str
    name_shown: str


class AccountClosed(AccountEvent, frozen=True, kw_only=True):
    """A Pass account was closed: its sessions and streams end."""


class AccountLinked(AccountEvent, frozen=True, kw_only=True):
    """An adult changed "My locations"; what they see and may do follows."""

    location_ids: tuple[int, ...]


ALL: Final[tuple[type[Event], ...]] = (AccountOpened, AccountClosed, AccountLinked)
