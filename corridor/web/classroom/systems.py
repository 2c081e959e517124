"""Settings → Systems and Settings → Permissions: what the school decides about Classroom."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from corridor import clock
from corridor.accounts.models import ClassroomRole
from corridor.accounts.permissions import FUNCTIONS, ROLES, pair, roles_after, roles_with
from corridor.accounts.signins import forget
from corridor.classroom.hours import obey_hours
from corridor.live.log import turn
from corridor.operators.purge import change_retention
from corridor.roster.changes import Impossible, change_classroom
from corridor.roster.schools import settings_of
from corridor.roster.settings import settings_in
from corridor.web import guards
from corridor.web.admin.settings import SettingsForm
from corridor.web.forms import TIME
from corridor.web.guards import ClassroomRequest


class OptionsForm(SettingsForm):
    """How classes run in this school."""

    title = gettext_lazy("Classroom options")
    part = "classroom"

    class_minutes = forms.IntegerField(
        min_value=5,
        max_value=480,
        label=gettext_lazy("Length of a class"),
        help_text=gettext_lazy("Minutes, where the teacher wishes nothing else."),
    )
    screens = forms.BooleanField(
        required=False,
        label=gettext_lazy("Show students' screens to their teachers"),
        help_text=gettext_lazy(
            "While a class is running. Pictures are never kept. Off: the consoles show no screens."
        ),
    )
    begins = forms.TimeField(
        required=False,
        widget=TIME,
        label=gettext_lazy("Classes begin at the earliest"),
        help_text=gettext_lazy("On the school's clock. Empty: at any time."),
    )
    ends = forms.TimeField(
        required=False,
        widget=TIME,
        label=gettext_lazy("Classes end at the latest"),
        help_text=gettext_lazy("A class that is still running then, ends."),
    )
    inactive_minutes = forms.IntegerField(
        min_value=1,
        max_value=60,
        label=gettext_lazy("Inactive after"),
        help_text=gettext_lazy("Minutes in which a student does nothing on the device."),
    )
    picture_seconds = forms.IntegerField(
        min_value=2,
        max_value=120,
        label=gettext_lazy("A new picture of a screen"),
        help_text=gettext_lazy("Seconds between two pictures, while somebody looks."),
    )
    notice = forms.CharField(
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=gettext_lazy("What students read besides"),
        help_text=gettext_lazy(
            "A running class always says so on the student's device, who leads it and until when."
        ),
    )


class KeptForm(SettingsForm):
    """For how long the history of classes is kept: a number of the school's retention."""

    title = gettext_lazy("Session history")

    keep_classes_days = forms.IntegerField(
        min_value=1,
        max_value=3_650,
        label=gettext_lazy("Keep the history of classes"),
        help_text=gettext_lazy(
            "Days after a class until its history is gone; never longer than passes are kept."
        ),
    )


class IntegrationsForm(SettingsForm):
    """What other systems do in Classroom."""

    title = gettext_lazy("Integrations")
    part = "classroom"

    pass_integration = forms.BooleanField(
        required=False,
        label=gettext_lazy("Enable Pass integration"),
        help_text=gettext_lazy(
            "Passes are shown and answered in Classroom, for everybody who has an account in both "
            "with the same e-mail address."
        ),
    )


@guards.classroom_admin
@require_http_methods(["GET", "POST"])
def systems(request: ClassroomRequest) -> HttpResponse:
    """General, classroom options, session history, integrations; one Save for all."""
    settings = settings_of(request.actor.school_id)
    form, kept, integrations = (
        kind(request.POST or None, settings) for kind in (OptionsForm, KeptForm, IntegrationsForm)
    )
    if request.method == "POST" and all(one.is_valid() for one in (form, kept, integrations)):
        try:
            _change(request, form.changes | integrations.changes, kept.changes)
        except Impossible as no:
            form.add_error("ends", str(no))
        else:
            messages.success(request, _("Saved."))
            return redirect("classroom:systems")
    facts = {
        "form": form, "kept": kept, "integrations": integrations, "settings": settings,
        "page": "systems",
    }  # fmt: skip
    status = 400 if form.errors or kept.errors else 200
    return render(request, "classroom/systems.html", facts, status=status)


_LABELS: Final = dict(ClassroomRole.choices)


@guards.classroom_admin
@require_http_methods(["GET", "POST"])
def permissions(request: ClassroomRequest) -> HttpResponse:
    """Which role may do what: a matrix that guards and operations obey."""
    if request.method == "POST":
        _permit(request)
        messages.success(request, _("Saved."))
        return redirect("classroom:permissions")
    settings = settings_of(request.actor.school_id).classroom
    rows = [
        {
            "function": function,
            "cells": [
                {
                    "pair": pair(function, role),
                    "label": _LABELS[role],
                    "has": role in roles_with(function, settings),
                    "is_other": (role in roles_with(function, settings))
                    != (role in function.roles),
                }
                for role in ROLES
            ],
        }
        for function in FUNCTIONS
    ]
    facts = {"rows": rows, "roles": [_LABELS[role] for role in ROLES], "page": "permissions"}
    return render(request, "classroom/permissions.html", facts)


def _permit(request: ClassroomRequest) -> None:
    """Only what was changed on this page: another admin may have saved meanwhile."""
    at, drawn = clock.now(), set(request.POST.getlist("drawn"))
    ticked = {name for name in request.POST if ":" in name}
    with turn(request.actor.school_id) as tx:
        known = settings_in(tx).classroom
        roles = roles_after(known, given=ticked - drawn, taken=drawn - ticked)
        change_classroom(tx, {"roles": roles}, by=request.actor.who, at=at)
    forget()


def _change(
    request: ClassroomRequest, changes: dict[str, Any], kept: dict[str, Any] | None = None
) -> None:
    at = clock.now()
    with turn(request.actor.school_id) as tx:
        change_classroom(tx, changes, by=request.actor.who, at=at)
        obey_hours(tx, by=request.actor, at=at)
        if kept:
            before = settings_in(tx)
            change_retention(
                tx, keep_passes_days=before.keep_passes_days,
                keep_accounts_days=before.keep_accounts_days, **kept, by=request.actor.who, at=at,
            )  # fmt: skip
    forget()
