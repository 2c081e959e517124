"""Places: list the school's locations, add one."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from corridor import clock
from corridor.live.log import turn
from corridor.roster.models import ReasonMode, TripType
from corridor.roster.places import NameTaken, open_location, open_locations
from corridor.web import guards
from corridor.web.guards import Request


class PlaceForm(forms.Form):
    """A location shared by many."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    trip_type = forms.ChoiceField(choices=TripType.choices, label=gettext_lazy("Trip type"))
    reason_mode = forms.ChoiceField(
        choices=ReasonMode.choices, initial=ReasonMode.OPTIONAL, label=gettext_lazy("Reason")
    )
    capacity = forms.IntegerField(
        min_value=1,
        max_value=10_000,
        required=False,
        label=gettext_lazy("Capacity"),
        help_text=gettext_lazy("Students at once. Empty: no limit."),
    )
    extended_minutes = forms.IntegerField(
        min_value=1,
        max_value=1_440,
        required=False,
        label=gettext_lazy("Extended time"),
        help_text=gettext_lazy("Minutes until system end. Empty: as in the school."),
    )


@guards.admin
@require_http_methods(["GET", "POST"])
def places(request: Request) -> HttpResponse:
    """The locations of the school, and a form to add one."""
    form = PlaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with turn(request.actor.school_id) as tx:
                open_location(tx, **form.cleaned_data, by=request.actor.who, at=clock.now())
        except NameTaken:
            form.add_error("name", _("The school already has a location of this name."))
        else:
            messages.success(request, _("Added: %(name)s") % {"name": form.cleaned_data["name"]})
            return redirect("admin:places")
    facts = {"form": form, "places": open_locations(request.actor.school_id)}
    return render(request, "admin/places.html", facts, status=400 if form.errors else 200)
