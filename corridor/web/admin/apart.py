"""Contact control: students who are kept apart. Only admins see that there is such a thing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from corridor import clock
from corridor.live.log import turn
from corridor.passes.apart import groups_of, keep_apart, let_together
from corridor.passes.refusals import NotFound, Refused
from corridor.passes.words import sentence
from corridor.web import guards
from corridor.web.forms import DATE, first_problem, id_in
from corridor.web.guards import Request


class ApartForm(forms.Form):
    """Whom, why, until when."""

    student = forms.TypedMultipleChoiceField(required=False, coerce=int)
    note = forms.CharField(
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Only admins read it."),
    )
    last_day = forms.DateField(
        required=False,
        widget=DATE,
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Empty: until you end it."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        # Whether these are students of the school is for the operation to say.
        chosen = data.getlist("student") if data is not None else []
        plain = [found for found in chosen if id_in(found) is not None]
        self.fields["student"].choices = [(found, found) for found in plain]  # type: ignore[attr-defined]


@guards.admin
@require_http_methods(["GET", "POST"])
def apart(request: Request) -> HttpResponse:
    """The groups of the school, and a form to make one."""
    form = ApartForm(request.POST if request.method == "POST" else None)
    errors: list[str] = []
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            with turn(request.actor.school_id) as tx:
                keep_apart(
                    tx, student_ids=data["student"], note=data["note"], last_day=data["last_day"],
                    by=request.actor, at=clock.now(),
                )  # fmt: skip
        except Refused as no:
            errors = [sentence(no.refusal, for_adult=True)]
        except NotFound:
            errors = [_("One of the students is not there any more. Choose again.")]
        else:
            messages.success(request, _("Saved."))
            return redirect("admin:apart")
    facts = {
        "form": form,
        "errors": errors or first_problem(form),
        "groups": groups_of(request.actor.school_id),
        "today": timezone.localdate(clock.now()),
    }
    return render(request, "admin/apart.html", facts, status=400 if facts["errors"] else 200)


@guards.admin
@require_POST
def end(request: Request, group_id: int) -> HttpResponse:
    """These students may be out together again."""
    with turn(request.actor.school_id) as tx:
        let_together(tx, group_id=group_id, by=request.actor, at=clock.now())
    messages.success(request, _("Saved."))
    return redirect("admin:apart")
