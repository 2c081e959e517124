"""Webhooks: add an address, see what it was told, enable it again, remove it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corridor import clock
from corridor.live.log import last_number, turn
from corridor.passes.refusals import NotFound
from corridor.web import guards
from corridor.web.guards import Request
from corridor.webhooks import subscriptions
from corridor.webhooks.models import Subscription
from corridor.webhooks.notes import in_words
from corridor.webhooks.telling import NAMES
from corridor.webhooks.visiting import BadAddress


class WebhookForm(forms.Form):
    """An address that is told what happens."""

    # No URLField: what may be visited is judged in one place, by the words of that place.
    url = forms.CharField(
        max_length=500,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("Where the other program listens, like https://example.org/hook."),
    )
    names = forms.MultipleChoiceField(
        choices=[(name, name) for name in NAMES],
        initial=list(NAMES),
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("What it is told"),
    )


@guards.admin
@require_http_methods(["GET", "POST"])
def webhooks(request: Request) -> HttpResponse:
    """The webhooks of the school, and a form to add one."""
    form = WebhookForm(request.POST or None)
    added = _add(request, form) if request.method == "POST" and form.is_valid() else None
    facts = {
        "form": WebhookForm() if added else form,
        "added": added,
        "webhooks": subscriptions.webhooks_of(request.actor.school_id),
        "last": last_number(request.actor.school_id),
    }
    return render(request, "admin/webhooks.html", facts, status=400 if form.errors else 200)


@guards.admin
@require_GET
def webhook(request: Request, webhook_id: int) -> HttpResponse:
    """What one address was told: every attempt of two weeks."""
    return _page(request, _found(request, webhook_id))


@guards.admin
@require_POST
def enable(request: Request, webhook_id: int) -> HttpResponse:
    """Go on where it had stopped."""
    _change(request, webhook_id, subscriptions.enable_webhook)
    messages.success(request, _("It goes on where it had stopped."))
    return redirect("admin:webhook", webhook_id)


@guards.admin
@require_POST
def resign(request: Request, webhook_id: int) -> HttpResponse:
    """A new secret, shown once."""
    found = _change(request, webhook_id, subscriptions.resign_webhook)
    return _page(request, found, secret=found.secret)


@guards.admin
@require_POST
def remove(request: Request, webhook_id: int) -> HttpResponse:
    """Tell this address nothing more."""
    _change(request, webhook_id, subscriptions.remove_webhook)
    messages.success(request, _("Removed. It is told nothing more."))
    return redirect("admin:webhooks")


def _add(request: Request, form: WebhookForm) -> Subscription | None:
    try:
        with turn(request.actor.school_id) as tx:
            return subscriptions.add_webhook(
                tx, url=form.cleaned_data["url"], names=form.cleaned_data["names"],
                to_private=settings.CORRIDOR.webhooks_to_private,
                by=request.actor, at=clock.now(),
            )  # fmt: skip
    except BadAddress as bad:
        form.add_error("url", in_words(str(bad)))
        return None


def _found(request: Request, webhook_id: int) -> Subscription:
    try:
        return subscriptions.webhook_of_school(request.actor.school_id, webhook_id)
    except subscriptions.NoSuchWebhook:
        raise NotFound("webhook") from None


def _change(request: Request, webhook_id: int, operation: Any) -> Any:
    try:
        with turn(request.actor.school_id) as tx:
            return operation(tx, webhook_id=webhook_id, by=request.actor, at=clock.now())
    except subscriptions.NoSuchWebhook:
        raise NotFound("webhook") from None


def _page(request: Request, found: Subscription, secret: str = "") -> HttpResponse:
    facts = {
        "webhook": found,
        "secret": secret,
        "deliveries": subscriptions.deliveries_of(found),
        "behind": max(last_number(found.school_id) - found.last_number, 0),
    }
    return render(request, "admin/webhook.html", facts)
