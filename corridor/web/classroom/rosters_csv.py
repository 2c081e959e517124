"""Rosters as a CSV file: out, and in with a preview."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from corridor import clock
from corridor.accounts import permissions, rosters_csv
from corridor.accounts.rosters import CannotImport, import_rosters
from corridor.accounts.rosters_csv import Plan
from corridor.live.log import turn
from corridor.web import guards
from corridor.web.forms import CsvFileForm
from corridor.web.guards import ClassroomRequest


@guards.classroom_may(permissions.CLASSES)
@require_GET
def export(request: ClassroomRequest) -> HttpResponse:
    """The classes of the school with their people, as a file that can be imported again."""
    text = rosters_csv.export(request.actor.school_id)
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="rosters.csv"'
    return answer


@guards.classroom_may(permissions.CLASSES)
@require_http_methods(["GET", "POST"])
def import_(request: ClassroomRequest) -> HttpResponse:
    """Choose a file, look at what it would do, do it."""
    if request.method == "GET":
        return _page(request)
    form = CsvFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, status=400, form_errors=form.problems())
    complete = form.cleaned_data["complete"]
    looked_at = form.cleaned_data["text"]
    if looked_at:
        return _carry_out(request, looked_at, complete)
    text = form.cleaned_data["file"]
    if not text:
        return _page(request, status=400, form_errors=[_("Choose a file first.")])
    planned = rosters_csv.plan(request.actor.school_id, text, complete=complete)
    status = 400 if planned.problems else 200
    return _page(request, status=status, plan=planned, text=text, complete=complete)


def _carry_out(request: ClassroomRequest, text: str, complete: bool) -> HttpResponse:
    try:
        with turn(request.actor.school_id) as tx:
            done = import_rosters(tx, text, complete=complete, by=request.actor, at=clock.now())
    except CannotImport:
        planned = rosters_csv.plan(request.actor.school_id, text, complete=complete)
        return _page(request, status=409, plan=planned, text=text, complete=complete)
    messages.success(request, _("Imported: %(what)s.") % {"what": ", ".join(_counted(done))})
    return redirect("classroom:classes")


def _counted(done: Plan) -> Iterator[str]:
    """What was done, as the look before it said what would be."""
    new, people, added, off = done.opened, len(done.people), done.added, done.removed
    yield ngettext("%(count)s new class", "%(count)s new classes", new) % {"count": new}
    yield ngettext("%(count)s new account", "%(count)s new accounts", people) % {"count": people}
    yield ngettext("%(count)s student added", "%(count)s students added", added) % {"count": added}
    yield ngettext("%(count)s taken off", "%(count)s taken off", off) % {"count": off}


def _page(request: ClassroomRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    facts = {"columns": list(rosters_csv.COLUMNS), **more}
    return render(request, "classroom/rosters_import.html", facts, status=status)
