"""Places as a CSV file: out, and in with a preview."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from corridor import clock
from corridor.live.log import turn
from corridor.passes import auto
from corridor.roster import csv_files, places_csv
from corridor.web import guards
from corridor.web.guards import Request

_MOST_BYTES: Final = 400_000


class FileForm(forms.Form):
    """A file to look at, or the text of one that was looked at."""

    file = forms.FileField(required=False, label=gettext_lazy("CSV file"))
    text = forms.CharField(required=False, strip=False, max_length=_MOST_BYTES)

    def clean_file(self) -> str:
        """The file's text."""
        found: Any = self.cleaned_data["file"]
        if found is None:
            return ""
        if found.size > _MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 400 KB."))
        try:
            return csv_files.decoded(found.read())
        except csv_files.Unreadable as no:
            raise forms.ValidationError(str(no)) from None


@guards.admin
@require_GET
def export(request: Request) -> HttpResponse:
    """The school's locations as a file that can be imported again."""
    text = places_csv.export(request.actor.school_id)
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="places.csv"'
    return answer


@guards.admin
@require_http_methods(["GET", "POST"])
def import_(request: Request) -> HttpResponse:
    """Choose a file, look at what it would do, do it."""
    if request.method == "GET":
        return _page(request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, status=400, form_errors=[str(e) for e in form.errors["file"]])
    looked_at = form.cleaned_data["text"]
    if looked_at:
        return _carry_out(request, looked_at)
    text = form.cleaned_data["file"]
    if not text:
        return _page(request, status=400, form_errors=[_("Choose a file first.")])
    planned = places_csv.plan(request.actor.school_id, text)
    status = 400 if planned.problems else 200
    return _page(request, status=status, plan=planned, text=text)


def _carry_out(request: Request, text: str) -> HttpResponse:
    try:
        with turn(request.actor.school_id) as tx:
            done = places_csv.carry_out(tx, text, by=request.actor.who, at=clock.now())
            auto.follow(tx, by=request.actor, at=clock.now())
    except places_csv.CannotImport:
        planned = places_csv.plan(request.actor.school_id, text)
        return _page(request, status=409, plan=planned, text=text)
    told = _("Imported: %(new)s new, %(changed)s changed, %(same)s as they were.")
    facts = {"new": len(done.created), "changed": len(done.changed), "same": done.same}
    messages.success(request, told % facts)
    return redirect("admin:places")


def _page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    facts = {"columns": list(places_csv.COLUMNS), **more}
    return render(request, "admin/places_import.html", facts, status=status)
