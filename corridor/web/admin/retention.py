"""Retention: for how many days names stay, what the next purge takes, what the last one took."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from corridor import clock
from corridor.live.log import turn
from corridor.operators.purge import change_retention, last_proof, would_go
from corridor.operators.purge_classes import last_class_proof
from corridor.roster.schools import settings_of
from corridor.web import guards
from corridor.web.guards import Request


class RetentionForm(forms.Form):
    """Numbers of days."""

    keep_passes_days = forms.IntegerField(
        min_value=30,
        max_value=3_650,
        label=gettext_lazy("Passes"),
        help_text=gettext_lazy(
            "Days after which a pass and everything in the log names nobody. Usual: 730."
        ),
    )
    keep_accounts_days = forms.IntegerField(
        min_value=30,
        max_value=3_650,
        label=gettext_lazy("Closed accounts"),
        help_text=gettext_lazy(
            "Days after closing until the name and the address are gone. Usual: 365."
        ),
    )
    keep_classes_days = forms.IntegerField(
        min_value=1,
        max_value=3_650,
        required=False,
        label=gettext_lazy("Classes"),
        help_text=gettext_lazy(
            "Days after a class until its history is gone; never longer than passes. Usual: 30."
        ),
    )


@guards.admin
@require_http_methods(["GET", "POST"])
def retention(request: Request) -> HttpResponse:
    """How long names are kept, and a form to change it."""
    school_id, at = request.actor.school_id, clock.now()
    settings = settings_of(school_id)
    now = {name: getattr(settings, name) for name in RetentionForm.base_fields}
    form = RetentionForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        with turn(school_id) as tx:
            change_retention(tx, **form.cleaned_data, by=request.actor.who, at=at)
        messages.success(request, _("Kept. The next purge goes by it."))
        return redirect("admin:retention")
    facts = {
        "form": form,
        "old": would_go(school_id, at),
        "proof": last_proof(school_id),
        "class_proof": last_class_proof(school_id),
    }
    return render(request, "admin/retention.html", facts, status=400 if form.errors else 200)
