"""Access plans and web links: lists, one form for a new one, one page to change each."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from corridor import clock
from corridor.accounts import permissions
from corridor.accounts import plans as operations
from corridor.accounts.models import AccessPlan, WebLink
from corridor.accounts.names import BadName
from corridor.live.log import turn
from corridor.passes.refusals import NotAllowed, NotFound
from corridor.roster.sites import BadSite, sites
from corridor.web import guards
from corridor.web.guards import ClassroomRequest


class PlanForm(forms.Form):
    """An access plan."""

    name = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    blocks = forms.TypedChoiceField(
        coerce=lambda text: text == "block",
        choices=[
            ("allow", gettext_lazy("Only these sites can be opened")),
            ("block", gettext_lazy("These sites cannot be opened")),
        ],
        widget=forms.RadioSelect,
        label=gettext_lazy("What the plan does"),
    )
    sites = forms.CharField(
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        label=gettext_lazy("Sites"),
        help_text=gettext_lazy(
            "One in each line, like example.org; what is below it (docs.example.org) is meant too."
        ),
    )
    is_shared = forms.BooleanField(required=False, label=gettext_lazy("Shared with the school"))

    def clean_sites(self) -> tuple[str, ...]:
        """The hosts."""
        try:
            return sites(self.cleaned_data["sites"])
        except BadSite as no:
            raise forms.ValidationError(str(no)) from None


class LinkForm(forms.Form):
    """A web link."""

    name = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    url = forms.CharField(max_length=4_000, label=gettext_lazy("Web address"))
    is_shared = forms.BooleanField(required=False, label=gettext_lazy("Shared with the school"))


Kept = TypeVar("Kept", AccessPlan, WebLink)
_NO = (operations.PlanTaken, BadName, BadSite)


# Access plans


@guards.classroom_adult
@require_http_methods(["GET", "POST"])
def plans(request: ClassroomRequest) -> HttpResponse:
    """The plans that are offered to this adult, and a new one."""
    form = _form(PlanForm, request, {"blocks": "allow"})
    if request.method == "POST" and _keep(request, form, operations.keep_plan):
        return redirect("classroom:plans")
    found = operations.plans_for(request.actor.school_id, request.actor.account_id)
    return _list(request, "classroom/plans.html", form, found)


@guards.classroom_may(permissions.PLANS)
@require_http_methods(["GET", "POST"])
def plan(request: ClassroomRequest, plan_id: int) -> HttpResponse:
    """One plan, to change it."""
    found = _plan(request, plan_id)
    initial = {name: getattr(found, name) for name in PlanForm.base_fields}
    form = _form(PlanForm, request, initial | {"blocks": "block" if found.blocks else "allow"})
    if request.method == "POST" and _keep(request, form, operations.keep_plan, found):
        return redirect("classroom:plans")
    return render(
        request, "classroom/plan.html", {"form": form, "plan": found}, status=_status(form)
    )


@guards.classroom_may(permissions.PLANS)
@require_POST
def remove_plan(request: ClassroomRequest, plan_id: int) -> HttpResponse:
    """Remove a plan."""
    _remove(request, operations.remove_plan, _plan(request, plan_id))
    return redirect("classroom:plans")


def _plan(request: ClassroomRequest, plan_id: int) -> AccessPlan:
    actor = request.actor
    return _own(request, operations.plan_for(actor.school_id, actor.account_id, plan_id))


# Web links


@guards.classroom_adult
@require_http_methods(["GET", "POST"])
def links(request: ClassroomRequest) -> HttpResponse:
    """The web links that are offered to this adult, and a new one."""
    form = _form(LinkForm, request, {})
    if request.method == "POST" and _keep(request, form, operations.keep_link):
        return redirect("classroom:links")
    found = operations.links_for(request.actor.school_id, request.actor.account_id)
    return _list(request, "classroom/links.html", form, found)


@guards.classroom_may(permissions.PLANS)
@require_http_methods(["GET", "POST"])
def link(request: ClassroomRequest, link_id: int) -> HttpResponse:
    """One web link, to change it."""
    found = _link(request, link_id)
    initial = {name: getattr(found, name) for name in LinkForm.base_fields}
    form = _form(LinkForm, request, initial)
    if request.method == "POST" and _keep(request, form, operations.keep_link, found):
        return redirect("classroom:links")
    return render(
        request, "classroom/link.html", {"form": form, "link": found}, status=_status(form)
    )


@guards.classroom_may(permissions.PLANS)
@require_POST
def remove_link(request: ClassroomRequest, link_id: int) -> HttpResponse:
    """Remove a web link."""
    _remove(request, operations.remove_link, _link(request, link_id))
    return redirect("classroom:links")


def _link(request: ClassroomRequest, link_id: int) -> WebLink:
    actor = request.actor
    return _own(request, operations.link_for(actor.school_id, actor.account_id, link_id))


# Both


def _list(
    request: ClassroomRequest, template: str, form: forms.Form, found: Iterable[Kept]
) -> HttpResponse:
    rows = [
        {
            "kept": kept,
            "may_change": _may_change(request, kept),
            "is_own": kept.owner_id == request.actor.account_id,
        }
        for kept in found
    ]
    facts = {"rows": rows, "form": form, "may_make": request.actor.may(permissions.PLANS)}
    return render(request, template, facts, status=_status(form))


def _keep(
    request: ClassroomRequest, form: forms.Form, keep: Callable[..., Kept],
    found: Kept | None = None,
) -> bool:  # fmt: skip
    """Make it, or change this one; whether that was done. Raises `NotAllowed`."""
    if not request.actor.may(permissions.PLANS):
        raise NotAllowed
    if not form.is_valid():
        return False
    try:
        with turn(request.actor.school_id) as tx:
            kept = keep(tx, found, **form.cleaned_data, by=request.actor, at=clock.now())
    except _NO as no:
        _refused(form, no)
        return False
    messages.success(request, _("Saved: %(name)s") % {"name": kept.name})
    return True


def _remove(request: ClassroomRequest, remove: Callable[..., None], found: Kept) -> None:
    with turn(request.actor.school_id) as tx:
        remove(tx, found, by=request.actor, at=clock.now())
    messages.success(request, _("Removed: %(name)s") % {"name": found.name})


def _own(request: ClassroomRequest, found: Kept | None) -> Kept:
    """What this adult may change. Raises `NotFound`, `NotAllowed`."""
    if found is None:
        raise NotFound("plan or link")
    if not _may_change(request, found):
        raise NotAllowed
    return found


def _form(kind: type[forms.Form], request: ClassroomRequest, initial: dict[str, Any]) -> forms.Form:
    form = kind(request.POST or None, initial=initial)
    if not request.actor.may(permissions.SHARE_PLANS):
        del form.fields["is_shared"]
    return form


def _may_change(request: ClassroomRequest, kept: AccessPlan | WebLink) -> bool:
    return request.actor.may(permissions.PLANS) and operations.may_change(kept, request.actor)


def _refused(form: forms.Form, no: Exception) -> None:
    if isinstance(no, BadSite):
        form.add_error("url", str(no))
    elif isinstance(no, operations.PlanTaken):
        form.add_error("name", _("You have one of this name already."))
    else:
        form.add_error("name", str(no))


def _status(form: forms.Form) -> int:
    return 400 if form.errors else 200
