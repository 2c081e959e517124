"""Out of office: the times in which an adult's locations take no passes."""

from datetime import datetime
from typing import Any

import msgspec
from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from corridor import clock
from corridor.accounts.actors import Actor
from corridor.live.log import turn
from corridor.passes.refusals import NotAllowed, NotFound
from corridor.roster import absences
from corridor.roster.absences import Absence
from corridor.roster.changes import Impossible, add_absence, end_absence, key_of
from corridor.roster.models import Location
from corridor.roster.settings import SchoolSettings
from corridor.web import guards
from corridor.web.forms import TIME, WEEKDAYS, DayField, first_problem
from corridor.web.guards import Request


class OutOfOfficeForm(forms.Form):
    """Now for the rest of the day or some minutes, or at another time, perhaps every week."""

    location = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    how = forms.ChoiceField(choices=[("rest", ""), ("minutes", ""), ("time", "")])
    text = forms.CharField(required=False, max_length=120)
    minutes = forms.IntegerField(required=False, min_value=1, max_value=720)
    day = DayField(required=False)
    begins = forms.TimeField(required=False, widget=TIME)
    ends = forms.TimeField(required=False, widget=TIME)
    weekdays = forms.TypedMultipleChoiceField(required=False, choices=WEEKDAYS, coerce=int)
    last_day = DayField(required=False)
    only_theirs = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """What the chosen way needs."""
        data = super().clean() or {}
        needs = {"minutes": ["minutes"], "time": ["day", "begins", "ends"]}
        for name in needs.get(data.get("how", ""), []):
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, gettext_lazy("Write the day, from when and until when."))
        return data

    def absence(self, local: datetime) -> Absence:
        """What was filled in, at this moment of the school's wall clock."""
        found, only_theirs = self._when(local), self.cleaned_data["only_theirs"]
        return msgspec.structs.replace(found, only_theirs=only_theirs)

    def _when(self, local: datetime) -> Absence:
        data = self.cleaned_data
        if data["how"] == "rest":
            return absences.rest_of_the_day(local, data["text"])
        if data["how"] == "minutes":
            return absences.for_minutes(local, data["minutes"], data["text"])
        names = ("day", "begins", "ends", "last_day", "text")
        return Absence(weekdays=tuple(data["weekdays"]), **{name: data[name] for name in names})


@guards.adult
@require_http_methods(["GET", "POST"])
def out_of_office(request: Request) -> HttpResponse:
    """When this adult's locations are out of office, and a form to say so."""
    if request.method == "GET":
        return _page(request)
    form, at = OutOfOfficeForm(request.POST), clock.now()
    if not form.is_valid():
        return _page(request, status=400, form_errors=list(dict.fromkeys(first_problem(form))))
    location = _mine(request, form.cleaned_data["location"])
    absence = form.absence(at.astimezone(request.signed_in.settings.zone))
    try:
        with turn(request.actor.school_id) as tx:
            add_absence(tx, location, absence, by=request.actor.who, at=at)
    except Impossible as no:
        return _page(request, status=400, form_errors=[str(no)])
    return _back(request, location)


@guards.adult
@require_POST
def end(request: Request, location_id: int, key: str) -> HttpResponse:
    """An out-of-office time is over, or will not be."""
    location = _mine(request, location_id)
    known = absences.read(location.absences)
    if any(key_of(one) == key and not _may_end(one, request.actor) for one in known):
        raise NotAllowed
    with turn(request.actor.school_id) as tx:
        end_absence(tx, location, key, by=request.actor.who, at=clock.now())
    return _back(request, location)


def _may_end(absence: Absence, actor: Actor) -> bool:
    return absence.may_be_ended_by(actor.account_id, is_admin=actor.role == "admin")


def told_absences(
    location: Location, settings: SchoolSettings, at: datetime, actor: Actor
) -> list[dict[str, Any]]:
    """The out-of-office times of a location that are not over, in words for this adult."""
    local = at.astimezone(settings.zone)
    known = absences.read(location.absences)
    return [
        {
            "key": key_of(found),
            "when": _when(found),
            "text": found.text,
            "by": found.by,
            "now": found.holds(local),
            "only_theirs": found.only_theirs,
            "may_end": _may_end(found, actor),
        }
        for found in known
        if not absences.is_over(found, local)
    ]


def _when(absence: Absence) -> str:
    to_midnight = absence.ends == absence.ends.max
    told = (_("from %(begins)s") if to_midnight else _("%(begins)s – %(ends)s")) % {
        "begins": time_format(absence.begins),
        "ends": time_format(absence.ends),
    }
    if not absence.weekdays:
        return f"{date_format(absence.day, 'DATE_FORMAT')}, {told}"
    days = ", ".join(str(dict(WEEKDAYS)[day]) for day in absence.weekdays)
    told = _("Every %(days)s, %(times)s") % {"days": days, "times": told}
    if absence.last_day is None:
        return told
    return told + " " + _("until %(day)s") % {"day": date_format(absence.last_day, "DATE_FORMAT")}


def _page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    signed, at = request.signed_in, clock.now()
    mine = Location.objects.filter(pk__in=signed.location_ids, archived_at__isnull=True)
    facts = {
        "places": [
            {"place": place, "absences": told_absences(place, signed.settings, at, request.actor)}
            for place in mine.order_by("-adult_name", "name")
        ],
        "personal_id": signed.personal_location_id,
    }
    return render(request, "staff/out_of_office.html", facts | more, status=status)


def _mine(request: Request, location_id: int) -> Location:
    """A location of this adult, or any of the school for an admin."""
    found = Location.objects.filter(
        pk=location_id, school_id=request.actor.school_id, archived_at__isnull=True
    ).first()
    if found is None:
        raise NotFound("location")
    if found.pk not in request.actor.location_ids and request.actor.role != "admin":
        raise NotAllowed
    return found


def _back(request: Request, location: Location) -> HttpResponse:
    if location.pk in request.actor.location_ids:
        return redirect("staff:out_of_office")
    return redirect("admin:place", location.pk)
