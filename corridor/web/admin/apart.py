"""Contact control: students who are kept apart. Only admins see that there is such a thing."""

from collections.abc import Callable
from functools import partial
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
from corridor.passes.apart import (
    Group,
    change_group,
    groups_of,
    keep_apart,
    let_together,
    members_of,
    students_by_id,
)
from corridor.passes.refusals import NotFound, Refused
from corridor.passes.words import sentence
from corridor.roster.schools import settings_of
from corridor.roster.settings import SchoolSettings
from corridor.web import guards
from corridor.web.forms import DayField, first_problem, ids_in
from corridor.web.guards import Request


class ApartForm(forms.Form):
    """Whom, why, until when."""

    note = forms.CharField(
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Only admins read it."),
    )
    last_day = DayField(
        required=False,
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Empty: until you end it."),
    )

    def __init__(self, data: Any = None, group: Group | None = None) -> None:
        initial = {"note": group.note, "last_day": group.last_day} if group else None
        super().__init__(data, initial=initial)
        # Whether these are students of the school is for the operation to say.
        of_group = [student.id for student in group.students] if group else []
        self.chosen = of_group if data is None else ids_in(data.getlist("student"))


@guards.admin
@require_http_methods(["GET", "POST"])
def apart(request: Request) -> HttpResponse:
    """The groups of the school, and a form to make one."""
    form = ApartForm(request.POST if request.method == "POST" else None)
    errors = _saved(request, keep_apart, form)
    if form.is_bound and not errors:
        return redirect("admin:apart")
    settings = settings_of(request.actor.school_id)
    facts = {
        "groups": groups_of(request.actor.school_id),
        "today": timezone.localdate(clock.now()),
        "gives_itself_away": gives_itself_away(settings),
    }
    return _page(request, "admin/apart.html", form, errors, **facts)


@guards.admin
@require_http_methods(["GET", "POST"])
def edit(request: Request, group_id: int) -> HttpResponse:
    """Another note, last day or students for a group."""
    found = [one for one in groups_of(request.actor.school_id) if one.id == group_id]
    if not found:
        raise NotFound("group")
    group = found[0]
    form = ApartForm(request.POST if request.method == "POST" else None, group)
    errors = _saved(request, partial(change_group, group_id=group_id), form)
    if form.is_bound and not errors:
        return redirect("admin:apart")
    return _page(request, "admin/apart_group.html", form, errors, group=group)


@guards.admin
@require_POST
def end(request: Request, group_id: int) -> HttpResponse:
    """These students may be out together again."""
    with turn(request.actor.school_id) as tx:
        let_together(tx, group_id=group_id, by=request.actor, at=clock.now())
    messages.success(request, _("Saved."))
    return redirect("admin:apart")


def gives_itself_away(settings: SchoolSettings) -> str:
    """Why the neutral words say more than they should in this school; empty where they do not."""
    if settings.building_limit is None:
        return _(
            "The school has no building limit, so the words of a full building mean little else"
            " than contact control. Set a building limit that busy days come near to: adults see on"
            " their dashboard how much of it is taken."
        )
    if not {"student", "teacher"} <= set(settings.building_counts):
        return _(
            "The building limit does not bind passes of students and of teachers alike. For those"
            " that it does not bind, the words of a full building mean little else than contact"
            " control. Let it count both."
        )
    return ""


def _saved(request: Request, operation: Callable[..., Any], form: ApartForm) -> list[str]:
    """What is wrong with what was sent; nothing when it is saved, or nothing was sent."""
    if not form.is_bound or not form.is_valid():
        return first_problem(form)
    data = form.cleaned_data
    try:
        with turn(request.actor.school_id) as tx:
            operation(
                tx, student_ids=form.chosen, note=data["note"], last_day=data["last_day"],
                by=request.actor, at=clock.now(),
            )  # fmt: skip
    except Refused as no:
        return [sentence(no.refusal, for_adult=True)]
    except NotFound as no:
        if no.what != "student":
            raise
        return [_("One of the students is not there any more. Choose again.")]
    messages.success(request, _("Saved."))
    return []


def _page(
    request: Request, template: str, form: ApartForm, errors: list[str], **more: Any
) -> HttpResponse:
    """What was chosen stays chosen, whatever was wrong."""
    names = students_by_id(request.actor.school_id, form.chosen)
    facts = {"form": form, "errors": errors, "chosen": members_of(names, names)}
    return render(request, template, facts | more, status=400 if errors else 200)
