"""API keys: make one (its secret is shown once), see when it was used, revoke it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from corridor import clock
from corridor.accounts.keys import NeedsAdult, adults_of, keys_of, make_key, revoke_key
from corridor.accounts.models import ApiKey, PassAccount
from corridor.live.log import turn
from corridor.web import guards
from corridor.web.guards import Request

SCOPE_WORDS = [
    ("passes:read", gettext_lazy("See passes")),
    ("passes:write", gettext_lazy("Make passes and move them along")),
    ("people:read", gettext_lazy("See people")),
    ("places:read", gettext_lazy("See places")),
    ("events:read", gettext_lazy("Hear everything that happens")),
]


class KeyForm(forms.Form):
    """A key for another program."""

    name = forms.CharField(
        max_length=80,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Which program will use it, like “Hallway screen”."),
    )
    scopes = forms.MultipleChoiceField(
        choices=SCOPE_WORDS,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("What it may do"),
    )
    account = forms.ModelChoiceField(
        queryset=PassAccount.objects.none(),
        empty_label=gettext_lazy("Nobody: it only reads"),
        required=False,
        label=gettext_lazy("Acts as"),
        help_text=gettext_lazy("The adult in whose name it changes something, with their rights."),
    )
    days = forms.TypedChoiceField(
        choices=[
            (30, gettext_lazy("30 days")),
            (90, gettext_lazy("90 days")),
            (365, gettext_lazy("a year")),
            (0, gettext_lazy("until it is revoked")),
        ],
        coerce=int,
        initial=365,
        label=gettext_lazy("Good for"),
    )

    def __init__(self, *args: Any, school_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        adults = [account.pk for account in adults_of(school_id)]
        found = PassAccount.objects.filter(pk__in=adults).order_by("family_name", "given_name")
        self.fields["account"].queryset = found  # type: ignore[attr-defined]


@guards.admin
@require_http_methods(["GET", "POST"])
def keys(request: Request) -> HttpResponse:
    """The keys of the school, and a form to make one."""
    form = KeyForm(request.POST or None, school_id=request.actor.school_id)
    secret = _make(request, form) if request.method == "POST" and form.is_valid() else ""
    if secret:
        form = KeyForm(school_id=request.actor.school_id)
    facts = {
        "form": form,
        "secret": secret,
        "keys": [{"key": key, "may": _may(key)} for key in keys_of(request.actor.school_id)],
        "now": clock.now(),
    }
    return render(request, "admin/keys.html", facts, status=400 if form.errors else 200)


@guards.admin
@require_POST
def revoke(request: Request, key_id: int) -> HttpResponse:
    """End a key at once."""
    key = get_object_or_404(
        ApiKey, pk=key_id, school_id=request.actor.school_id, revoked_at__isnull=True
    )
    with turn(request.actor.school_id) as tx:
        revoke_key(tx, key_id=key.pk, by=request.actor, at=clock.now())
    messages.success(request, _("Revoked: %(name)s") % {"name": key.name})
    return redirect("admin:keys")


def _may(key: ApiKey) -> list[str]:
    """What the key may do, in words."""
    words = dict(SCOPE_WORDS)
    return [str(words.get(scope, scope)) for scope in key.scopes.split()]


def _make(request: Request, form: KeyForm) -> str:
    chosen, at = form.cleaned_data, clock.now()
    account = chosen["account"]
    try:
        with turn(request.actor.school_id) as tx:
            _key, secret = make_key(
                tx, name=chosen["name"], scopes=chosen["scopes"],
                account_id=None if account is None else account.pk,
                expires_at=at + timedelta(days=chosen["days"]) if chosen["days"] else None,
                by=request.actor, at=at,
            )  # fmt: skip
    except NeedsAdult:
        form.add_error("account", _("Choose the adult in whose name it changes something."))
        return ""
    return secret
