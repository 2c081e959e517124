"""What a student does with passes: ask, withdraw, start, stop."""

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from corridor import clock
from corridor.live.log import turn
from corridor.passes.auto import start_pass
from corridor.passes.refusals import NotFound, Refused
from corridor.passes.requests import request_pass
from corridor.passes.trips import move_pass
from corridor.web import guards
from corridor.web.errors import tell
from corridor.web.forms import RequestId, StudentPassForm, first_problem
from corridor.web.guards import Request
from corridor.web.student.home import home_page, line_to_join

_MOVES: Final = ("withdraw", "start", "stop")


@guards.student
@require_POST
def request(request: Request) -> HttpResponse:
    """Ask for a pass. A refusal comes back on the same page with what was chosen."""
    form = StudentPassForm(request.POST)
    if not form.is_valid():
        return home_page(request, status=400, form_errors=first_problem(form))
    try:
        with turn(request.actor.school_id) as tx:
            request_pass(tx, **form.cleaned_data, by=request.actor, at=clock.now())
    except Refused as no:
        told = tell(no.refusal, for_adult=False)
        if no.refusal.code == "destination_full":
            told |= line_to_join(request, form.cleaned_data["destination_id"])
        return home_page(request, status=422, refusal=told)
    except NotFound:
        return home_page(request, status=404, form_errors=[str(StudentPassForm.UNKNOWN_PLACE)])
    return redirect("student:home")


@guards.student
@require_POST
def move(request: Request, pass_id: int, move_name: str) -> HttpResponse:
    """Take a request back; start or stop a pass by Auto Pass."""
    if move_name not in _MOVES:
        raise NotFound("move")
    request_id = RequestId.of(request.POST)
    about: dict[str, Any] = {
        "pass_id": pass_id,
        "by": request.actor,
        "at": clock.now(),
        "request_id": request_id,
    }
    with turn(request.actor.school_id) as tx:
        if move_name == "start":
            start_pass(tx, **about)
        else:
            move_pass(tx, move_name, **about)
    return redirect("student:home")
