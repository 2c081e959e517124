"""A school's webhooks: add, remove, enable again, give a new secret, list."""

from collections.abc import Collection
from datetime import datetime

from corridor.accounts.actors import Actor
from corridor.live.log import Turn, record
from corridor.webhooks.events import (
    WebhookAdded,
    WebhookDisabled,
    WebhookEnabled,
    WebhookRemoved,
    WebhookResigned,
)
from corridor.webhooks.models import Delivery, Subscription
from corridor.webhooks.signing import new_secret
from corridor.webhooks.telling import NAMES
from corridor.webhooks.visiting import target


class NoSuchWebhook(LookupError):
    """This school has no such webhook."""


def add_webhook(
    tx: Turn, *, url: str, names: Collection[str], to_private: bool = False, by: Actor, at: datetime
) -> Subscription:
    """From now on this address is told the events of these names.

    Raises `BadAddress` for an address that nothing will be sent to.
    """
    target(url, to_private=to_private)
    heard = tuple(name for name in NAMES if name in names)
    webhook = Subscription.objects.create(
        school_id=tx.school_id,
        url=url,
        names=" ".join(heard),
        secret=new_secret(),
        made_at=at,
        last_number=tx.number,  # that of the event below
    )
    record(tx, WebhookAdded(webhook_id=webhook.pk, url=url, names=heard, by=by.who, at=at))
    return webhook


def remove_webhook(tx: Turn, *, webhook_id: int, by: Actor, at: datetime) -> None:
    """Tell this address nothing more. Raises `NoSuchWebhook`."""
    webhook = _webhook(tx, webhook_id)
    webhook.delete()
    record(tx, WebhookRemoved(webhook_id=webhook_id, url=webhook.url, by=by.who, at=at))


def enable_webhook(tx: Turn, *, webhook_id: int, by: Actor, at: datetime) -> None:
    """Go on where a disabled webhook had stopped. Raises `NoSuchWebhook`."""
    webhook = _webhook(tx, webhook_id)
    if webhook.disabled_at is None:
        return
    Subscription.objects.filter(pk=webhook_id).update(
        disabled_at=None, note="", attempts=0, next_try_at=None
    )
    record(tx, WebhookEnabled(webhook_id=webhook_id, url=webhook.url, by=by.who, at=at))


def disable_webhook(tx: Turn, *, webhook_id: int, note: str, by: Actor, at: datetime) -> None:
    """Send nothing until an admin enables it again. Raises `NoSuchWebhook`."""
    webhook = _webhook(tx, webhook_id)
    if webhook.disabled_at is not None:
        return
    Subscription.objects.filter(pk=webhook_id).update(
        disabled_at=at, note=note, claimed_until=None, next_try_at=None
    )
    event = WebhookDisabled(webhook_id=webhook_id, url=webhook.url, note=note, by=by.who, at=at)
    record(tx, event)


def resign_webhook(tx: Turn, *, webhook_id: int, by: Actor, at: datetime) -> Subscription:
    """Sign with a new secret from now on. Raises `NoSuchWebhook`."""
    webhook = _webhook(tx, webhook_id)
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret"])
    record(tx, WebhookResigned(webhook_id=webhook_id, url=webhook.url, by=by.who, at=at))
    return webhook


def webhooks_of(school_id: int) -> list[Subscription]:
    """The webhooks of a school, the newest first."""
    return list(Subscription.objects.filter(school_id=school_id).order_by("-pk"))


def webhook_of_school(school_id: int, webhook_id: int) -> Subscription:
    """One webhook. Raises `NoSuchWebhook`."""
    found = Subscription.objects.filter(pk=webhook_id, school_id=school_id).first()
    if found is None:
        raise NoSuchWebhook
    return found


def deliveries_of(webhook: Subscription, limit: int = 100) -> list[Delivery]:
    """The last attempts, the newest first."""
    return list(webhook.deliveries.order_by("-at", "-pk")[:limit])


def _webhook(tx: Turn, webhook_id: int) -> Subscription:
    return webhook_of_school(tx.school_id, webhook_id)
