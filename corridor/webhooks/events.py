"""What can happen to a webhook. `docs/events.md` is compared with this file by a test."""

from typing import Final

from corridor.live import topics
from corridor.live.events import Event


class WebhookEvent(Event, frozen=True, kw_only=True):
    """Base of the events of one webhook."""

    webhook_id: int
    url: str

    def topics(self) -> tuple[str, ...]:
        """The webhook itself."""
        return (topics.webhook(self.webhook_id),)


class WebhookAdded(WebhookEvent, frozen=True, kw_only=True):
    """An admin named an address that is told what happens from now on."""

    names: tuple[str, ...]


class WebhookRemoved(WebhookEvent, frozen=True, kw_only=True):
    """An admin removed a webhook: its address is told nothing more."""


class WebhookResigned(WebhookEvent, frozen=True, kw_only=True):
    """A webhook got a new secret, which signs everything from now on."""


class WebhookDisabled(WebhookEvent, frozen=True, kw_only=True):
    """The address failed for a day, or is gone: nothing is sent until an admin enables it."""

    note: str


class WebhookEnabled(WebhookEvent, frozen=True, kw_only=True):
    """A disabled webhook goes on where it had stopped."""


ALL: Final[tuple[type[Event], ...]] = (
    WebhookAdded, WebhookRemoved, WebhookResigned, WebhookDisabled, WebhookEnabled,
)  # fmt: skip
