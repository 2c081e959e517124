"""Teacher pass: an adult makes a pass for a student."""

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from corridor import clock
from corridor.accounts import people
from corridor.live.log import turn
from corridor.passes.refusals import NeedsOverride, NotFound, Refusal, Refused
from corridor.passes.requests import give_pass, would_break
from corridor.passes.words import sentence
from corridor.roster import places
from corridor.web import guards
from corridor.web.errors import tell
from corridor.web.forms import PassForm, TeacherPassForm, first_problem, id_in
from corridor.web.guards import Request


@guards.adult
@require_http_methods(["GET", "POST"])
def teacher_pass(request: Request) -> HttpResponse:
    """The form; after a press the pass, or what stands in its way."""
    if request.method == "GET":
        return _page(request)
    form = TeacherPassForm(request.POST)
    if not form.is_valid():
        return _page(request, status=400, form_errors=first_problem(form))
    try:
        with turn(request.actor.school_id) as tx:
            give_pass(tx, **form.cleaned_data, by=request.actor, at=clock.now())
    except NeedsOverride as question:
        return _page(request, status=409, warnings=_warnings(question.broken))
    except Refused as no:
        return _page(request, status=422, refusal=tell(no.refusal, for_adult=True))
    except NotFound as no:
        unknown = (
            TeacherPassForm.UNKNOWN_STUDENT if no.what == "student" else PassForm.UNKNOWN_PLACE
        )
        return _page(request, status=404, form_errors=[str(unknown)])
    return redirect("staff:dashboard")


@guards.adult
@require_GET
def check(request: Request) -> HttpResponse:
    """What a pass would break if it were made now; nothing until all three are chosen."""
    signed = request.signed_in
    names = ("student", "origin", "destination")
    chosen = {f"{name}_id": id_in(request.GET.get(name)) for name in names}
    ids = {name: found for name, found in chosen.items() if found is not None}
    if len(ids) < len(names):
        return HttpResponse()
    try:
        firm, broken = would_break(
            signed.school_id, signed.settings, **ids, by=request.actor, at=clock.now()
        )
    except NotFound:
        return HttpResponse()
    if firm is not None:
        return render(request, "staff/_check.html", {"refusal": tell(firm, for_adult=True)})
    return render(request, "staff/_check.html", {"warnings": _warnings(broken)})


@guards.adult
@require_GET
def students(request: Request) -> HttpResponse:
    """The students whose name holds what was typed, as options."""
    found = people.students_named(request.signed_in.school_id, request.GET.get("q", "")[:80])
    return render(request, "staff/_students.html", {"students": found})


def _warnings(broken: tuple[Refusal, ...]) -> list[dict[str, str]]:
    return [{"code": no.code, "sentence": sentence(no, for_adult=True)} for no in broken]


def _page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    signed = request.signed_in
    student = request.POST.get("student", request.GET.get("student", ""))
    facts = {
        "places": places.open_locations(signed.school_id),
        "origin_id": id_in(request.POST.get("origin")) or signed.personal_location_id,
        "destination_id": id_in(request.POST.get("destination")),
        "student": people.student_or_none(signed.school_id, id_in(student)),
        "reason": request.POST.get("reason", ""),
        "pre_approved": request.POST.get("pre_approved", ""),
        # A page with a question repeats the same request; a fresh page begins a new one.
        "request_id": (request.POST.get("request_id") if "warnings" in more else "") or uuid4(),
    }
    return render(request, "staff/teacher_pass.html", facts | more, status=status)
