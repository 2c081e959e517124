"""Places: the school's locations, each changed in its row or on its page."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corridor import clock
from corridor.accounts.limits import NoSuchStudent, list_student, listed, unlist_student
from corridor.live.log import turn
from corridor.passes import auto
from corridor.passes.queries import open_by_location
from corridor.passes.refusals import NotFound
from corridor.roster.changes import archive_location, change_location, reopen_location
from corridor.roster.models import Access, Location, ReasonMode, TripType
from corridor.roster.places import (
    NameTaken,
    archived_locations,
    open_location,
    open_locations,
)
from corridor.roster.settings import LastChange, last_changes
from corridor.web import guards
from corridor.web.admin.settings import in_words
from corridor.web.forms import DayField, changes_in, first_problem, remember
from corridor.web.guards import Request
from corridor.web.staff.out_of_office import told_absences


class PlaceForm(forms.Form):
    """Everything about a location that its school decides."""

    last_changes: Mapping[str, LastChange] = MappingProxyType({})

    name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    trip_type = forms.ChoiceField(choices=TripType.choices, label=gettext_lazy("Trip type"))
    reason_mode = forms.ChoiceField(
        choices=ReasonMode.choices, initial=ReasonMode.OPTIONAL, label=gettext_lazy("Reason")
    )
    capacity = forms.IntegerField(
        min_value=0,
        max_value=10_000,
        required=False,
        label=gettext_lazy("Capacity"),
        help_text=gettext_lazy("Students at once. Empty: no limit."),
    )
    room_limit = forms.IntegerField(
        min_value=0,
        max_value=10_000,
        required=False,
        label=gettext_lazy("Room limit"),
        help_text=gettext_lazy("Students who may be out of it at once. Empty: no limit."),
    )
    extended_minutes = forms.IntegerField(
        min_value=1,
        max_value=1_440,
        required=False,
        label=gettext_lazy("Extended time"),
        help_text=gettext_lazy("Minutes until system end. Empty: as in the school."),
    )
    access = forms.ChoiceField(
        choices=Access.choices, initial=Access.EVERYONE, label=gettext_lazy("Open to")
    )
    takes_passes = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("Takes passes")
    )
    queueing = forms.BooleanField(
        required=False,
        label=gettext_lazy("Students may queue"),
        help_text=gettext_lazy("When all its places are taken."),
    )
    may_be_asked = forms.BooleanField(
        required=False,
        initial=True,
        label=gettext_lazy("Students may ask for appointments"),
        help_text=gettext_lazy("Where the school lets them ask."),
    )
    may_be_auto = forms.BooleanField(
        required=False,
        label=gettext_lazy("Auto Pass allowed"),
        help_text=gettext_lazy("Adults may let students of their own room go there by themselves."),
    )

    @classmethod
    def of(cls, location: Location, data: Any = None) -> "PlaceForm":
        """The form of a location that is there."""
        initial = {name: getattr(location, name) for name in cls.base_fields}
        form = cls(data, initial=initial, auto_id=f"place-{location.pk}-%s")
        form.last_changes = last_changes(location.changed)
        remember(form)
        return form

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each field with its default in words and who changed it last."""
        for bound in self:
            default = _default(bound.name, bound.field)
            changed = self.last_changes.get(bound.name)
            yield {"field": bound, "default": default, "changed": changed}


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
            form.add_error("name", _taken())
        else:
            messages.success(request, _("Added: %(name)s") % {"name": form.cleaned_data["name"]})
            return redirect("admin:places")
    return _places_page(request, form, status=400 if form.errors else 200)


def _places_page(request: Request, form: PlaceForm, *, status: int) -> HttpResponse:
    school_id = request.actor.school_id
    of_now, archived = open_locations(school_id), archived_locations(school_id)
    in_use = open_by_location(school_id)
    for location in of_now:
        location.open_passes = in_use[location.pk]  # type: ignore[attr-defined]
    facts = {
        "form": form,
        "places": of_now,
        "archived": archived,
        "shows_archived": request.GET.get("state") == "archived",
    }
    return render(request, "admin/places.html", facts, status=status)


@guards.admin
@require_http_methods(["GET", "POST"])
def place(request: Request, location_id: int) -> HttpResponse:
    """One location: as a form in its row for a live page, else as a page of its own."""
    location = _of_school(request, location_id)
    form = PlaceForm.of(location, request.POST or None)
    in_row = bool(request.headers.get("HX-Request"))
    if request.method == "POST" and _save(request, location, form):
        if in_row:
            return _row(request, location)
        messages.success(request, _("Saved: %(name)s") % {"name": location.name})
        return redirect("admin:place", location_id)
    if in_row:
        # Whoever edits, types; after a no, where it was.
        wrong = next(iter(form.errors), "name")
        form.fields[wrong].widget.attrs["autofocus"] = True
        return render(request, "admin/_place_form.html", {"place": location, "form": form})
    return place_page(request, location, form=form, status=400 if form.errors else 200)


@guards.admin
@require_GET
def place_row(request: Request, location_id: int) -> HttpResponse:
    """The row of a location as it was: Cancel."""
    return _row(request, _of_school(request, location_id))


def _row(request: Request, location: Location) -> HttpResponse:
    location.open_passes = open_by_location(location.school_id)[location.pk]  # type: ignore[attr-defined]
    return render(request, "admin/_place.html", {"place": location, "saved": True})


@guards.admin
@require_POST
def archive(request: Request, location_id: int) -> HttpResponse:
    """Take a shared location out of use."""
    location = _of_school(request, location_id)
    if location.adult_name:
        messages.error(request, _("This room goes with its adult. Close their account instead."))
        return redirect("admin:places")
    with turn(request.actor.school_id) as tx:
        archive_location(tx, location, by=request.actor.who, at=clock.now())
    messages.success(request, _("Archived: %(name)s") % {"name": location.name})
    if count := open_by_location(location.school_id)[location.pk]:
        told = ngettext(
            "%(count)s open pass to or from it goes on.",
            "%(count)s open passes to or from it go on.",
            count,
        )
        messages.info(request, told % {"count": count})
    return redirect("admin:places")


@guards.admin
@require_POST
def reopen(request: Request, location_id: int) -> HttpResponse:
    """Take an archived shared location back into use."""
    location = get_object_or_404(
        Location, pk=location_id, school_id=request.actor.school_id, adult_name=""
    )
    try:
        with turn(request.actor.school_id) as tx:
            reopen_location(tx, location, by=request.actor.who, at=clock.now())
    except NameTaken:
        text = _("Another place is called “%(name)s” now. Give that one another name first.")
        messages.error(request, text % {"name": location.name})
        return redirect(f"{reverse('admin:places')}?state=archived")
    messages.success(request, _("Open again: %(name)s") % {"name": location.name})
    return redirect("admin:place", location.pk)


class ListingForm(forms.Form):
    """A student on the list of a location, from a day to a day."""

    student = forms.IntegerField(
        min_value=1,
        max_value=2**63 - 1,
        error_messages={"required": gettext_lazy("Choose a student.")},
    )
    first_day = DayField(required=False)
    last_day = DayField(required=False)

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", gettext_lazy("The last day is before the first."))
        return data


@guards.admin
@require_POST
def list_(request: Request, location_id: int) -> HttpResponse:
    """Put a student on the location's list."""
    location, form = _of_school(request, location_id), ListingForm(request.POST)
    if not form.is_valid():
        return place_page(request, location, status=400, listing_errors=first_problem(form))
    data = form.cleaned_data
    try:
        with turn(request.actor.school_id) as tx:
            list_student(
                tx, location_id=location.pk, account_id=data["student"],
                first_day=data["first_day"], last_day=data["last_day"], by=request.actor,
                at=clock.now(),
            )  # fmt: skip
    except NoSuchStudent:
        raise NotFound("student") from None
    return redirect("admin:place", location_id)


@guards.admin
@require_POST
def unlist(request: Request, location_id: int, account_id: int) -> HttpResponse:
    """Take a student off the location's list."""
    location = _of_school(request, location_id)
    with turn(request.actor.school_id) as tx:
        unlist_student(
            tx, location_id=location.pk, account_id=account_id, by=request.actor, at=clock.now()
        )
    return redirect("admin:place", location_id)


def place_page(
    request: Request,
    location: Location,
    *,
    form: PlaceForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The page of one location: its form, its list, its out-of-office times."""
    facts = {
        "place": location,
        "form": form or PlaceForm.of(location),
        "listings": listed(location.pk),
        "absences": told_absences(location, request.signed_in.settings, clock.now(), request.actor),
    }
    return render(request, "admin/place.html", facts | more, status=status)


def _of_school(request: Request, location_id: int) -> Location:
    return get_object_or_404(
        Location, pk=location_id, school_id=request.actor.school_id, archived_at__isnull=True
    )


def _save(request: Request, location: Location, form: PlaceForm) -> bool:
    if not form.is_valid():
        return False
    try:
        with turn(request.actor.school_id) as tx:
            change_location(tx, location, changes_in(form), by=request.actor.who, at=clock.now())
            auto.follow(tx, by=request.actor, at=clock.now())
    except NameTaken:
        form.add_error("name", _taken())
        return False
    return True


def _default(name: str, field: forms.Field) -> str:
    if name == "name":
        return ""  # there is none
    if name == "extended_minutes":
        return _("as in the school")
    return in_words(field, getattr(Location(), name))


def _taken() -> str:
    return _("The school already has a location of this name.")
