"""Passes in Classroom: the same answers as in Pass, by whoever this adult is there."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from corridor.web import guards
from corridor.web.guards import Request
from corridor.web.staff import appointments, passes


@guards.in_pass
@require_GET
def centre(request: Request) -> HttpResponse:
    """Asked for by pages that were drawn when their person was not in Pass: draw them afresh.

    The panel is on every page; opened as an address there is none of its own.
    """
    if not request.headers.get("HX-Request"):
        return redirect("classroom:home")
    return HttpResponse(headers={"HX-Refresh": "true"})


detail = guards.in_pass(require_GET(passes.show))
move = guards.in_pass(require_POST(passes.press))
comment = guards.in_pass(require_POST(passes.write_comment))
edit_times = guards.in_pass(require_POST(passes.correct_times))
answer_correction = guards.in_pass(require_POST(passes.judge_correction))
change_appointment = guards.in_pass(require_POST(appointments.edit))
cancel_appointment = guards.in_pass(require_POST(appointments.take_off))
