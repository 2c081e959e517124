"""People as a CSV file: out, and in with a look at what would happen, progress, and undoing."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corridor import clock
from corridor.accounts import imports, letters, people_csv
from corridor.accounts.importing import Contradiction, Used
from corridor.accounts.imports import CannotImport, State
from corridor.accounts.models import PeopleImport, Role
from corridor.accounts.people_csv import COLUMNS, Options, Plan
from corridor.live.log import turn
from corridor.passes import queries
from corridor.passes.refusals import NotFound
from corridor.roster import csv_files
from corridor.roster.models import School
from corridor.web import guards
from corridor.web.guards import Request

_MOST_BYTES: Final = 8_000_000


class FileForm(forms.Form):
    """A file, and what cannot be read from it."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )
    role = forms.ChoiceField(
        choices=[choice for choice in Role.choices if choice[0] != Role.ADMIN],
        required=False,
        label=gettext_lazy("Rows without a role are"),
    )
    archive = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("stays as they are")),
            ("yes", gettext_lazy("is archived (only roles that are in the file)")),
        ],
        required=False,
        label=gettext_lazy("Whoever is not in the file"),
    )

    def clean_file(self) -> str:
        """The file's text."""
        found: Any = self.cleaned_data["file"]
        if found.size > _MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 8 MB. Make two of it."))
        self.file_name = str(found.name)
        try:
            return csv_files.decoded(found.read())
        except csv_files.Unreadable as no:
            raise forms.ValidationError(str(no)) from None


@guards.admin
@require_GET
def export(request: Request) -> HttpResponse:
    """The school's people as a file that can be imported again."""
    known = people_csv.people_known(request.actor.school_id)
    columns = ["number", "given_name", "family_name", "display_name", "role", "grade", "email"]
    # A made name that stood in its cell would stay when the names beside it are changed.
    rows = (
        [one.number, one.given_name, one.family_name, one.own_display_name, one.role, one.grade,
         one.email]
        for one in known if one.is_open
    )  # fmt: skip
    text = csv_files.written(columns, rows)
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="people.csv"'
    return answer


@guards.admin
@require_http_methods(["GET", "POST"])
def import_(request: Request) -> HttpResponse:
    """Choose a file; it is looked at and nothing happens yet."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        chosen = Options(
            role=form.cleaned_data["role"] or Role.STUDENT,
            archive=form.cleaned_data["archive"] == "yes",
        )
        kept, _plan = imports.look_at(
            School.objects.get(pk=request.actor.school_id), form.cleaned_data["file"],
            form.file_name, chosen, by=request.actor, at=clock.now(),
        )  # fmt: skip
        return redirect("admin:people_import", kept.pk)
    facts = {
        "form": form,
        "columns": COLUMNS,
        "past": [
            {"import": one, "counts": imports.counts_of(one), "undo": one.state == State.DONE}
            for one in imports.imports_of(request.actor.school_id)
        ],
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "admin/people_import.html", facts, status=status)


@guards.admin
@require_GET
def one_import(request: Request, import_id: int) -> HttpResponse:
    """What an import would do, how far it is, or what it did."""
    kept = _kept(request, import_id)
    if kept.state == State.RUNNING and imports.progress_of(kept, clock.now()) is not None:
        return _page(request, kept, percent=imports.progress_of(kept, clock.now()))
    if kept.state in (State.DONE, State.UNDONE):
        to_invite = letters.waiting_for_one(request.actor.school_id).count()
        return _page(request, kept, can_be_undone=imports.can_be_undone(kept), to_invite=to_invite)
    return _preview(request, kept)


@guards.admin
@require_GET
def progress(request: Request, import_id: int) -> HttpResponse:
    """How far a running import is, as a piece of its page; the whole page when it is over."""
    kept = _kept(request, import_id)
    percent = imports.progress_of(kept, clock.now()) if kept.state == State.RUNNING else None
    if percent is None:
        page = reverse("admin:people_import", args=[kept.pk])
        return HttpResponse(headers={"HX-Redirect": page})
    facts = {"import": kept, "percent": percent}
    return render(request, "admin/_import_progress.html", facts)


@guards.admin
@require_POST
def begin(request: Request, import_id: int) -> HttpResponse:
    """Do it, if it is still what was looked at and whoever presses is sure."""
    kept = _kept(request, import_id)
    chosen = imports.options_of(kept)
    options = Options(chosen.role, chosen.archive, "leave_out" in request.POST)
    planned = imports.look_again(kept, by=request.actor)
    try:
        if kept.state not in (State.LOOKED_AT, State.RUNNING):
            raise CannotImport(_("This file has been imported already."))
        # What is done is what was looked at.
        if request.POST.get("seen") != planned.digest:
            raise CannotImport(imports.changed_meanwhile())
        _refuse_unsure(request, planned)
        imports.begin(kept, planned, options, by=request.actor, at=clock.now())
    except CannotImport as no:
        return _preview(request, kept, planned, status=409, form_errors=[str(no)])
    return redirect("admin:people_import", kept.pk)


def _refuse_unsure(request: Request, planned: Plan) -> None:
    for name, count, told in (
        ("sure_archived", planned.sure_archived, _("Type how many people are archived.")),
        ("sure_changed", planned.sure_changed, _("Type how many people are changed.")),
    ):
        if count and request.POST.get(name, "").strip() != str(count):
            raise CannotImport(told)


@guards.admin
@require_GET
def problems(request: Request, import_id: int) -> HttpResponse:
    """All that is wrong with a file, as a file."""
    planned = imports.look_again(_kept(request, import_id), by=request.actor)
    rows = ([problem.row, problem.column, problem.text] for problem in planned.problems)
    text = csv_files.written([_("Row"), _("Column"), _("What is wrong")], rows)
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return answer


@guards.admin
@require_http_methods(["GET", "POST"])
def undo(request: Request, import_id: int) -> HttpResponse:
    """What undoing an import would do; then it does."""
    kept = _kept(request, import_id)
    if not imports.can_be_undone(kept):
        messages.error(request, _("This import cannot be undone any more."))
        return redirect("admin:people_import", kept.pk)
    if request.method == "POST":
        try:
            with turn(request.actor.school_id) as tx:
                imports.undo(tx, kept, used_since, by=request.actor, at=clock.now())
        except Contradiction:
            status = 409
        else:
            messages.success(request, _("Undone. Everybody is as before the import."))
            return redirect("admin:people_import", kept.pk)
    else:
        status = 200
    facts = {"import": kept, "undoing": imports.undoing(kept, used_since)}
    return render(request, "admin/people_import_undo.html", facts, status=status)


def used_since(school_id: int, number: int) -> Used:
    """The students and places that passes have named since an import."""
    return Used(*queries.named_since(school_id, number))


def _kept(request: Request, import_id: int) -> PeopleImport:
    found = imports.import_of(request.actor.school_id, import_id)
    if found is None:
        raise NotFound("import")
    return found


def _preview(
    request: Request,
    kept: PeopleImport,
    planned: Plan | None = None,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    planned = planned or imports.look_again(kept, by=request.actor)
    return _page(
        request, kept, status=status, plan=planned, seen=planned.digest,
        options=imports.options_of(kept), was_stopped=kept.state == State.RUNNING, **more,
    )  # fmt: skip


def _page(request: Request, kept: PeopleImport, *, status: int = 200, **more: Any) -> HttpResponse:
    facts = {"import": kept, "counts": imports.counts_of(kept), **more}
    return render(request, "admin/people_import_one.html", facts, status=status)
