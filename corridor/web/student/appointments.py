"""A student's own appointments: those to come, asking for one, taking a request back."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from corridor import clock
from corridor.live.log import last_number, turn
from corridor.passes import queries
from corridor.passes.appointments import ask_for_appointment, take_back
from corridor.passes.arranging import Wish
from corridor.passes.refusals import NotFound, Refused
from corridor.roster import places
from corridor.web import fragments, guards
from corridor.web.errors import BadInput, tell
from corridor.web.forms import CommentForm, PassForm, WhenForm, first_problem, id_in
from corridor.web.guards import Request
from corridor.web.periods import period_names


@guards.student
@require_http_methods(["GET", "POST"])
def appointments(request: Request) -> HttpResponse:
    """What is to come, and a form to ask for one where the school lets students ask."""
    if request.method == "GET":
        return _page(request)
    form = WhenForm(request.POST)
    if not form.is_valid():
        problems = {"form_errors": first_problem(form), "period_errors": form.errors.get("period")}
        return _page(request, status=400, **problems)
    data = form.cleaned_data
    request_id = data.pop("request_id")
    try:
        with turn(request.actor.school_id) as tx:
            ask_for_appointment(
                tx, Wish(**data), by=request.actor, at=clock.now(), request_id=request_id
            )
    except Refused as no:
        return _page(request, status=422, refusal=tell(no.refusal, for_adult=False))
    except NotFound:
        return _page(request, status=404, form_errors=[str(PassForm.UNKNOWN_PLACE)])
    messages.success(request, _("Asked. You see here when it is confirmed."))
    return redirect("student:appointments")


@guards.student
@require_POST
def withdraw(request: Request, pass_id: int) -> HttpResponse:
    """Take an own request back, with a reason, until 30 minutes before."""
    form = CommentForm(request.POST)
    if not form.is_valid():
        raise BadInput(" ".join(first_problem(form)))
    with turn(request.actor.school_id) as tx:
        take_back(tx, pass_id=pass_id, by=request.actor, at=clock.now(), **form.cleaned_data)
    messages.success(request, _("Withdrawn."))
    return redirect("student:appointments")


def rows_of(request: Request, limit: int = 50) -> list[str]:
    """The student's appointments to come, drawn."""
    signed = request.signed_in
    cards = queries.coming_passes_of(signed.account_id, limit)
    return [fragments.coming(card, signed.settings, request.LANGUAGE_CODE) for card in cards]


def _page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    signed, sent = request.signed_in, request.POST
    after = last_number(signed.school_id)
    answered = places.with_adults(signed.school_id)
    known = places.open_locations(signed.school_id)
    local = clock.now().astimezone(signed.settings.zone)
    facts = {
        "stream_after": after,
        "rows": rows_of(request),
        "may_ask": signed.settings.student_appointments,
        "origins": [place for place in known if place.pk in answered],
        "destinations": [
            place for place in known
            if place.may_be_asked and place.adult_may_be_asked and place.pk in answered
        ],
        "periods": period_names(signed.settings.bells),
        "origin_id": id_in(sent.get("origin")),
        "destination_id": id_in(sent.get("destination")),
        "day": sent.get("day") or f"{local:%Y-%m-%d}",
        "wall": sent.get("wall", ""),
        "period": sent.get("period", ""),
        "reason": sent.get("reason", ""),
        "request_id": uuid4(),
    }  # fmt: skip
    return render(request, "student/appointments.html", facts | more, status=status)
