"""A student's own limits: an exception that is told to nobody with a reason."""

from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from corridor import clock
from corridor.accounts.limits import limit_student
from corridor.accounts.models import PassAccount
from corridor.accounts.people import student_or_none
from corridor.live.log import turn
from corridor.passes import queries
from corridor.passes.refusals import NotFound
from corridor.roster.settings import Limits, last_changes
from corridor.web import guards
from corridor.web.guards import Request

# What each field is called in the account.
COLUMNS: Final = {
    "period": "period_limit",
    "day": "daily_limit",
    "week": "weekly_limit",
    "term": "term_limit",
    "unlimited": "unlimited",
}


class StudentLimitsForm(forms.Form):
    """Four limits, or none at all."""

    period = forms.IntegerField(
        min_value=0, max_value=1_000, required=False, label=gettext_lazy("Passes a period")
    )
    day = forms.IntegerField(
        min_value=0,
        max_value=1_000,
        required=False,
        label=gettext_lazy("Passes a day"),
        help_text=gettext_lazy("Empty: as in the student’s grade, or the school."),
    )
    week = forms.IntegerField(
        min_value=0, max_value=1_000, required=False, label=gettext_lazy("Passes a week")
    )
    term = forms.IntegerField(
        min_value=0, max_value=1_000, required=False, label=gettext_lazy("Passes a term")
    )
    unlimited = forms.BooleanField(
        required=False,
        label=gettext_lazy("No limits at all"),
        help_text=gettext_lazy("Nobody is shown why, the student neither."),
    )

    def __init__(self, data: Any, student: PassAccount) -> None:
        super().__init__(data, initial={n: getattr(student, c) for n, c in COLUMNS.items()})
        self._changed = last_changes(student.limits_changed)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each field with its default in words and who changed it last."""
        for bound in self:
            is_tick = isinstance(bound.field, forms.BooleanField)
            default = _("no") if is_tick else _("as in the grade or the school")
            changed = self._changed.get(COLUMNS[bound.name])
            yield {"field": bound, "default": default, "changed": changed}


@guards.admin
@require_http_methods(["GET", "POST"])
def student_limits(request: Request, account_id: int) -> HttpResponse:
    """The limits of one student, what is used, and a form for own limits."""
    student = student_or_none(request.actor.school_id, account_id)
    if student is None:
        raise NotFound("student")
    form = StudentLimitsForm(request.POST or None, student)
    if request.method == "POST" and form.is_valid():
        limits = {name: form.cleaned_data[name] for name in ("period", "day", "week", "term")}
        with turn(request.actor.school_id) as tx:
            limit_student(
                tx, account_id=account_id, limits=Limits(**limits),
                unlimited=form.cleaned_data["unlimited"], by=request.actor, at=clock.now(),
            )  # fmt: skip
        messages.success(request, _("Saved: %(name)s") % {"name": student.display_name})
        return redirect("admin:student_limits", account_id)
    settings = request.signed_in.settings
    facts = {
        "student": student,
        "form": form,
        "limits": queries.limits_of(account_id, settings),
        "used": queries.used_by(account_id, settings, clock.now()),
    }
    status = 400 if form.errors else 200
    return render(request, "admin/student_limits.html", facts, status=status)
