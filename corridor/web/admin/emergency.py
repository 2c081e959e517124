"""Emergency: freeze the school, and end the freeze."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from corridor import clock
from corridor.accounts.signins import forget
from corridor.live.log import turn
from corridor.roster.changes import change_freeze_text, freeze_school, unfreeze_school
from corridor.roster.schools import settings_of
from corridor.web import guards
from corridor.web.errors import BadInput
from corridor.web.forms import first_problem
from corridor.web.guards import Request
from corridor.web.hall.monitor import out_now


class FreezeForm(forms.Form):
    """What everybody is told."""

    text = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("What everybody reads"),
        help_text=gettext_lazy("One short sentence: what is the matter, what to do."),
    )


@guards.admin
@require_GET
def emergency(request: Request) -> HttpResponse:
    """Whether the school is frozen, the button, and who is out, as in the hall."""
    frozen = settings_of(request.actor.school_id).frozen
    form = FreezeForm(initial={"text": frozen.text} if frozen else None)
    return render(request, "admin/emergency.html", {"form": form} | out_now(request))


@guards.admin
@require_POST
def freeze(request: Request) -> HttpResponse:
    """From now on no passes begin and none is approved; every open page says so."""
    text = _words(request)
    with turn(request.actor.school_id) as tx:
        freeze_school(tx, text=text, by=request.actor.who, at=clock.now())
    forget()
    return redirect("admin:emergency")


@guards.admin
@require_POST
def freeze_text(request: Request) -> HttpResponse:
    """Everybody reads other words from now on."""
    text = _words(request)
    with turn(request.actor.school_id) as tx:
        change_freeze_text(tx, text=text, by=request.actor.who, at=clock.now())
    forget()
    return redirect("admin:emergency")


def _words(request: Request) -> str:
    form = FreezeForm(request.POST)
    if not form.is_valid():
        raise BadInput(" ".join(first_problem(form)))
    text: str = form.cleaned_data["text"]
    return text


@guards.admin
@require_POST
def unfreeze(request: Request) -> HttpResponse:
    """The emergency is over."""
    with turn(request.actor.school_id) as tx:
        unfreeze_school(tx, by=request.actor.who, at=clock.now())
    forget()
    return redirect("admin:emergency")
