"""Students seen without a pass: write it down, look it up by date."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from corridor import clock
from corridor.accounts.people import student_or_none
from corridor.live.log import turn
from corridor.passes.refusals import NotFound, Refused
from corridor.passes.rules import MAX_TEXT
from corridor.passes.sightings import note_without_pass, seen_of_rooms, seen_without_pass
from corridor.roster import places
from corridor.web import guards
from corridor.web.errors import tell
from corridor.web.forms import DayField, RequestId, first_problem, id_in
from corridor.web.guards import Request

_MOST = 200


class NoteForm(RequestId):
    """Who, and if wished where, in whose room they should be, and words."""

    _GONE = gettext_lazy("One of the places is not there any more. Choose again from the list.")

    student = forms.IntegerField(
        min_value=1,
        max_value=2**63 - 1,
        error_messages={
            "required": gettext_lazy("Choose a student."),
            "invalid": gettext_lazy("This student is not in the list. Search again."),
        },
    )
    place = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, error_messages={"invalid": _GONE}
    )
    room = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, error_messages={"invalid": _GONE}
    )
    text = forms.CharField(required=False, max_length=MAX_TEXT)

    def clean(self) -> dict[str, Any]:
        """Named as the operation names them."""
        data = super().clean() or {}
        for field in ("student", "place", "room"):
            if field in data:
                data[f"{field}_id"] = data.pop(field)
        return data


class DaysForm(forms.Form):
    """From one day to another, both included; today when nothing is said."""

    first_day = DayField(required=False, label=gettext_lazy("From"))
    last_day = DayField(required=False, label=gettext_lazy("Until"))


@guards.adult_in_hall
@require_http_methods(["GET", "POST"])
def without_pass(request: Request) -> HttpResponse:
    """Write down that a student was met without a pass."""
    if request.method == "GET":
        return _page(request)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, status=400, form_errors=first_problem(form))
    try:
        with turn(request.actor.school_id) as tx:
            event = note_without_pass(tx, **form.cleaned_data, by=request.actor, at=clock.now())
    except Refused as no:
        return _page(request, status=422, refusal=tell(no.refusal, for_adult=True))
    except NotFound:
        text = _("The student or a place is not there any more. Choose again.")
        return _page(request, status=404, form_errors=[text])
    messages.success(request, _("Written down: %(name)s") % {"name": event.student.name})
    return redirect("hall:monitor")


@guards.adult_in_hall
@require_GET
def notes(request: Request) -> HttpResponse:
    """What was written down on these days: for admins all of it, else of one's rooms, one's own."""
    form = DaysForm(request.GET or None)
    today = timezone.localdate(clock.now())
    days = form.cleaned_data if form.is_valid() else {}
    first = days.get("first_day") or days.get("last_day") or today
    last = days.get("last_day") or max(first, today)
    signed = request.signed_in
    since, until = _midnight(first), _midnight(last + timedelta(days=1))
    if signed.role == "admin":
        found = seen_without_pass(signed.school_id, since, until, limit=_MOST)
    else:
        found = seen_of_rooms(
            signed.school_id, since, until, location_ids=signed.location_ids,
            account_id=signed.account_id, limit=_MOST,
        )  # fmt: skip
    facts = {
        "form": form if form.is_bound else DaysForm(initial={"first_day": first, "last_day": last}),
        "notes": found,
        "first": first,
        "last": last,
        "is_cut": len(found) == _MOST,
    }
    return render(request, "hall/notes.html", facts, status=400 if form.errors else 200)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def _page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    signed = request.signed_in
    sent = request.POST if request.method == "POST" else request.GET
    student = sent.get("student", "")
    facts = {
        "student": student_or_none(signed.school_id, id_in(student)),
        "places": places.open_locations(signed.school_id),
        "place_id": id_in(sent.get("place")),
        "room_id": id_in(sent.get("room")),
        "text": sent.get("text", ""),
        "request_id": uuid4(),
    }
    return render(request, "hall/without_pass.html", facts | more, status=status)
