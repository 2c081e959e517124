"""People: list them, add one, close an account."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from corridor import clock
from corridor.accounts.models import PassAccount, Role
from corridor.accounts.people import EmailTaken, close_account, open_account
from corridor.live.log import turn
from corridor.web import guards
from corridor.web.guards import Request

_PAGE = 100


class PersonForm(forms.Form):
    """A person of this school."""

    given_name = forms.CharField(max_length=80, label=gettext_lazy("Given name"))
    family_name = forms.CharField(max_length=80, required=False, label=gettext_lazy("Family name"))
    display_name = forms.CharField(
        max_length=80,
        required=False,
        label=gettext_lazy("Shown as"),
        help_text=gettext_lazy("What others read, like “Ms. Rivera”. Empty: both names."),
    )
    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy(
            "The way to a first password: “Forgot your password?” at the sign-in sends a link here."
        ),
    )
    role = forms.ChoiceField(choices=Role.choices, label=gettext_lazy("Role"))
    grade = forms.CharField(max_length=20, required=False, label=gettext_lazy("Grade"))
    location_name = forms.CharField(
        max_length=80,
        required=False,
        label=gettext_lazy("Room"),
        help_text=gettext_lazy("An adult's own location, like “Ms. Rivera, 204”."),
    )


@guards.admin
@require_http_methods(["GET", "POST"])
def people(request: Request) -> HttpResponse:
    """The people of the school, and a form to add one."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with turn(request.actor.school_id) as tx:
                account = open_account(tx, **form.cleaned_data, by=request.actor, at=clock.now())
        except EmailTaken:
            form.add_error("email", _("Somebody here already has this address."))
        else:
            messages.success(request, _("Added: %(name)s") % {"name": account.display_name})
            return redirect("admin:people")
    return render(request, "admin/people.html", _facts(request, form), status=_status(form))


@guards.admin
@require_POST
def close(request: Request, account_id: int) -> HttpResponse:
    """Close a person's account; their sessions and streams end."""
    account = get_object_or_404(
        PassAccount, pk=account_id, school_id=request.actor.school_id, closed_at__isnull=True
    )
    if account.pk == request.actor.account_id:
        messages.error(request, _("You cannot close your own account. Ask another admin."))
        return redirect("admin:people")
    with turn(request.actor.school_id) as tx:
        close_account(tx, account_id=account.pk, by=request.actor, at=clock.now())
    messages.success(request, _("Closed: %(name)s") % {"name": account.display_name})
    return redirect("admin:people")


def _facts(request: Request, form: PersonForm) -> dict[str, Any]:
    typed = request.GET.get("q", "").strip()
    everybody = PassAccount.objects.filter(
        school_id=request.actor.school_id, closed_at__isnull=True
    ).order_by("family_name", "given_name")
    if typed:
        everybody = everybody.filter(display_name__icontains=typed[:80])
    return {"form": form, "people": everybody[:_PAGE], "count": everybody.count(), "q": typed}


def _status(form: forms.Form) -> int:
    return 400 if form.errors else 200
