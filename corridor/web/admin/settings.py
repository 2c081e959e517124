"""What the school decides: limits, times, who sees what. Each setting with its default."""

from collections.abc import Iterator
from datetime import time
from typing import Any, Final

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from corridor import clock
from corridor.accounts.people import grades_of
from corridor.accounts.signins import forget
from corridor.classroom.hours import obey_hours
from corridor.live.log import turn
from corridor.passes.apart import groups_of
from corridor.passes.appointments import follow_bell
from corridor.passes.refusals import NotFound
from corridor.roster.bells import AroundBell
from corridor.roster.changes import (
    Impossible,
    block_around_bell,
    block_time,
    change_settings,
    conflicts,
    key_of,
    unblock_time,
)
from corridor.roster.schools import settings_of
from corridor.roster.settings import BlockingWindow, Limits, SchoolSettings
from corridor.web import guards
from corridor.web.admin.apart import gives_itself_away
from corridor.web.forms import TIME, WEEKDAYS, DayField, changes_in, remember
from corridor.web.guards import Request
from corridor.web.zones import TIME_ZONES

DEFAULTS: Final = SchoolSettings()


class SettingsForm(forms.Form):
    """Some of the school's settings, as they are now."""

    title: Any = ""
    part: str = ""  # of which part of the settings these are; "" is the school's own

    def __init__(self, data: Any, settings: SchoolSettings) -> None:
        these = getattr(settings, self.part) if self.part else settings
        initial = {name: getattr(these, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        self._settings = settings
        remember(self)

    @property
    def changes(self) -> dict[str, Any]:
        """What was changed on this page."""
        return changes_in(self)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each field with its default in words and who changed it last."""
        defaults = getattr(DEFAULTS, self.part) if self.part else DEFAULTS
        prefix = f"{self.part}." if self.part else ""
        for bound in self:
            default = in_words(bound.field, getattr(defaults, bound.name))
            changed = self._settings.changed.get(prefix + bound.name)
            yield {"field": bound, "default": default, "changed": changed}


def _limit(label: Any, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0, max_value=10_000, required=False, label=label, help_text=help_text
    )


def _minutes(label: Any, help_text: Any, *, least: int = 1) -> forms.IntegerField:
    return forms.IntegerField(min_value=least, max_value=1_440, label=label, help_text=help_text)


class LimitsForm(SettingsForm):
    """How often, how soon again, how many at once."""

    title = gettext_lazy("Limits")

    period_limit = _limit(
        gettext_lazy("Passes a period"),
        gettext_lazy("Of the bell schedule; between periods it does not count."),
    )
    daily_limit = _limit(
        gettext_lazy("Passes a day"),
        gettext_lazy("For each student. A grade’s and a student’s own limit beat it."),
    )
    weekly_limit = _limit(gettext_lazy("Passes a week"), gettext_lazy("From Monday to Sunday."))
    term_limit = _limit(
        gettext_lazy("Passes a term"), gettext_lazy("Counted from the first day of the term.")
    )
    term_begins = DayField(
        required=False,
        label=gettext_lazy("First day of the term"),
        help_text=gettext_lazy("Change it when a new term begins."),
    )
    cooldown = _minutes(
        gettext_lazy("Cooldown"),
        gettext_lazy("Minutes between the end of a student’s pass and the next. 0: none."),
        least=0,
    )
    building_limit = _limit(
        gettext_lazy("Building limit"),
        gettext_lazy("Passes that wait or are out at once in the whole building."),
    )
    building_counts = forms.MultipleChoiceField(
        required=False,
        choices=[
            ("student", gettext_lazy("Student passes")),
            ("teacher", gettext_lazy("Teacher passes")),
        ],
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("What counts to the building limit"),
        help_text=gettext_lazy("These kinds fill the building and obey its limit."),
    )
    building_override = forms.ChoiceField(
        choices=[("adult", gettext_lazy("Every adult")), ("admin", gettext_lazy("Admins only"))],
        label=gettext_lazy("Who may exceed the building limit"),
        help_text=gettext_lazy(
            "With a teacher pass, which is then marked as overridden. The same adults may let"
            " students out who are kept apart."
        ),
    )


class AppointmentsForm(SettingsForm):
    """Who may ask for an appointment, and how long it waits."""

    title = gettext_lazy("Appointments")

    student_appointments = forms.BooleanField(
        required=False,
        label=gettext_lazy("Students may ask for appointments"),
        help_text=gettext_lazy("Where the location and its adult allow it; an adult confirms."),
    )
    appointment_waits = _minutes(
        gettext_lazy("An appointment waits"),
        gettext_lazy("Minutes from five minutes before its time until it is missed."),
    )


class TimesForm(SettingsForm):
    """The clock's thresholds, and whose clock it is."""

    title = gettext_lazy("Times")

    request_waits = _minutes(
        gettext_lazy("A request waits"),
        gettext_lazy("Minutes until a request that nobody answers expires."),
    )
    long_running = _minutes(
        gettext_lazy("Long running"),
        gettext_lazy("Minutes after which a pass turns yellow; its clock goes on."),
    )
    system_end = _minutes(
        gettext_lazy("System end"),
        gettext_lazy("Minutes after which the clock ends a pass that nobody has ended."),
    )
    time_zone = forms.ChoiceField(
        choices=TIME_ZONES,
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("The wall clock of the school: its days, blocked times, limits."),
    )


class TimesOfDay(forms.CharField):
    """Times of the wall clock, with commas between."""

    def prepare_value(self, value: Any) -> Any:
        """As it is written."""
        return value if isinstance(value, str) else ", ".join(f"{one:%H:%M}" for one in value or ())

    def to_python(self, value: Any) -> Any:
        """The times in their order, each once."""
        text = self.prepare_value(value)
        try:
            return tuple(sorted({_time_of(one) for one in text.split(",")}))
        except ValueError:
            if not text.strip():
                return ()
            raise forms.ValidationError(_("Write times like 11:30, 15:05.")) from None


def _time_of(text: str) -> time:
    hours, _colon, minutes = text.strip().partition(":")
    return time(int(hours), int(minutes))


class QueueForm(SettingsForm):
    """The lines before full places; whether there may be one stands beside each place."""

    title = gettext_lazy("Queue")

    queue_claim = _minutes(
        gettext_lazy("A place is kept"),
        gettext_lazy("Minutes for whoever is called to be approved, or to start; then the next."),
    )
    queue_longest = forms.IntegerField(
        min_value=1,
        max_value=200,
        label=gettext_lazy("The longest line"),
        help_text=gettext_lazy("Students in one line at most."),
    )
    queue_overrun = forms.BooleanField(
        required=False,
        label=gettext_lazy("Long running gives its place away"),
        help_text=gettext_lazy("A pass that runs long no longer keeps the next one waiting."),
    )
    queue_cleared_at = TimesOfDay(
        required=False,
        label=gettext_lazy("Lines are cleared at"),
        help_text=gettext_lazy("Times like 11:30, 15:05. At midnight they always are."),
    )


class SightForm(SettingsForm):
    """Who sees what, and who may do it in the hall."""

    title = gettext_lazy("Who sees what")

    ended_shown_to = forms.ChoiceField(
        choices=[
            ("adults", gettext_lazy("All adults of the school")),
            ("concerned", gettext_lazy("Only the adults of the pass, and admins")),
        ],
        label=gettext_lazy("Ended passes are seen by"),
        help_text=gettext_lazy("Who is out now, every adult sees: the building must know."),
    )
    hall_ends = forms.ChoiceField(
        choices=[
            ("adults", gettext_lazy("All adults of the school")),
            ("staff", gettext_lazy("Staff, as hall monitors are")),
            ("concerned", gettext_lazy("Only the adults of its origin, and admins")),
        ],
        label=gettext_lazy("In the hall a pass may be ended by"),
        help_text=gettext_lazy("On the page “Hall”. The pass then says who ended it there."),
    )


FORMS: Final[dict[str, type[SettingsForm]]] = {
    "limits": LimitsForm,
    "times": TimesForm,
    "appointments": AppointmentsForm,
    "queue": QueueForm,
    "sight": SightForm,
}


_SPANS: Final = ("period", "day", "week", "term")


class GradeLimitsForm(forms.Form):
    """A limit of a period, a day, a week and a term for each grade; empty: the school's."""

    def __init__(self, data: Any, settings: SchoolSettings, grades: list[str]) -> None:
        super().__init__(data)
        self._grades = list(dict.fromkeys((*grades, *settings.grade_limits)))
        spans = {"period": _("period"), "day": _("day"), "week": _("week"), "term": _("term")}
        for number, grade in enumerate(self._grades):
            known = settings.grade_limits.get(grade, Limits())
            for span, word in spans.items():
                field = _limit(_("Grade %(g)s, a %(span)s") % {"g": grade, "span": word}, "")
                field.initial = getattr(known, span)
                self.fields[f"{span}-{number}"] = field

    def rows(self) -> Iterator[tuple[str, list[Any]]]:
        """Each grade with its three fields."""
        for number, grade in enumerate(self._grades):
            yield grade, [self[f"{span}-{number}"] for span in _SPANS]

    @property
    def limits(self) -> dict[str, Limits]:
        """What was filled in; a grade without a limit of its own is left out."""
        data = self.cleaned_data
        found = {
            grade: Limits(**{span: data[f"{span}-{number}"] for span in _SPANS})
            for number, grade in enumerate(self._grades)
        }
        return {grade: limits for grade, limits in found.items() if limits != Limits()}


class BlockedForm(forms.Form):
    """A time in which students get no passes."""

    name = forms.CharField(
        max_length=60,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What students read: “State test”, “First ten minutes”."),
    )
    begins = forms.TimeField(widget=TIME, label=gettext_lazy("From"))
    ends = forms.TimeField(widget=TIME, label=gettext_lazy("Until"))
    weekdays = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        initial=[0, 1, 2, 3, 4],
        label=pgettext_lazy("weekdays", "On"),
    )
    first_day = DayField(required=False, label=gettext_lazy("First day"))
    last_day = DayField(required=False, label=gettext_lazy("Last day"))


class AroundForm(forms.Form):
    """The minutes of each period in which students get no passes."""

    name = forms.CharField(
        max_length=60,
        initial=gettext_lazy("First and last ten minutes"),
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What students read."),
    )
    first_minutes = forms.IntegerField(
        min_value=0, max_value=120, required=False, initial=10,
        label=gettext_lazy("First minutes of each period"),
    )  # fmt: skip
    last_minutes = forms.IntegerField(
        min_value=0, max_value=120, required=False, initial=10,
        label=gettext_lazy("Last minutes of each period"),
    )  # fmt: skip


@guards.admin
@require_http_methods(["GET", "POST"])
def settings_page(request: Request, page: str) -> HttpResponse:
    """One page of settings; what works against each other is told."""
    if page not in FORMS:
        raise NotFound("page")
    if request.method == "GET":
        return _page(request, page)
    form = FORMS[page](request.POST, settings_of(request.actor.school_id))
    if not form.is_valid():
        return _page(request, page, form=form)
    return _change(request, page, form.changes)


@guards.admin
@require_POST
def grade_limits(request: Request) -> HttpResponse:
    """The limits of each grade."""
    school_id = request.actor.school_id
    form = GradeLimitsForm(request.POST, settings_of(school_id), grades_of(school_id))
    if not form.is_valid():
        return _page(request, "limits", grades=form)
    return _change(request, "limits", {"grade_limits": form.limits})


@guards.admin
@require_POST
def block(request: Request) -> HttpResponse:
    """One more blocked time."""
    form = BlockedForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data | {"weekdays": tuple(form.cleaned_data["weekdays"])}
        try:
            with turn(request.actor.school_id) as tx:
                block_time(tx, BlockingWindow(**data), by=request.actor.who, at=clock.now())
        except Impossible as no:
            form.add_error("ends", str(no))
    if form.errors:
        return _page(request, "limits", blocked=form)
    return _saved(request, "limits")


@guards.admin
@require_POST
def block_around(request: Request) -> HttpResponse:
    """No passes in the first and the last minutes of each period."""
    form = AroundForm(request.POST)
    if form.is_valid():
        minutes = ("first_minutes", "last_minutes")
        data = form.cleaned_data | {name: form.cleaned_data[name] or 0 for name in minutes}
        try:
            with turn(request.actor.school_id) as tx:
                block_around_bell(tx, AroundBell(**data), by=request.actor.who, at=clock.now())
        except Impossible as no:
            form.add_error("first_minutes", str(no))
    if form.errors:
        return _page(request, "limits", around=form)
    return _saved(request, "limits")


@guards.admin
@require_POST
def unblock(request: Request, key: str) -> HttpResponse:
    """A blocked time is blocked no more."""
    with turn(request.actor.school_id) as tx:
        unblock_time(tx, key, by=request.actor.who, at=clock.now())
    return _saved(request, "limits")


def _change(request: Request, page: str, changes: dict[str, Any]) -> HttpResponse:
    with turn(request.actor.school_id) as tx:
        change_settings(tx, changes, by=request.actor.who, at=clock.now())
        if "time_zone" in changes:
            follow_bell(tx, by=request.actor, at=clock.now())
            obey_hours(tx, by=request.actor, at=clock.now())
    return _saved(request, page)


def _saved(request: Request, page: str) -> HttpResponse:
    # Other people's pages learn it within seconds; whoever saved sees it at once.
    forget()
    messages.success(request, _("Saved."))
    return redirect("admin:settings", page)


def _page(
    request: Request,
    page: str,
    *,
    form: SettingsForm | None = None,
    grades: GradeLimitsForm | None = None,
    blocked: BlockedForm | None = None,
    around: AroundForm | None = None,
) -> HttpResponse:
    school_id = request.actor.school_id
    settings = settings_of(school_id)
    facts: dict[str, Any] = {
        "page": page,
        "form": form or FORMS[page](None, settings),
        "conflicts": _conflicts(school_id, settings),
    }
    if page == "limits":
        facts |= {
            "grades": grades or GradeLimitsForm(None, settings, grades_of(school_id)),
            "blocked": blocked or BlockedForm(auto_id="blocked-%s"),
            "around": around or AroundForm(auto_id="around-%s"),
            "windows": [_window(found) for found in settings.blocking],
            "arounds": [{"key": key_of(one), "window": one} for one in settings.around_bell],
            "has_bells": bool(settings.bells.schedules),
            "changed": settings.changed,
        }
    failed = any(one is not None and one.errors for one in (form, grades, blocked, around))
    return render(request, "admin/settings.html", facts, status=400 if failed else 200)


def _conflicts(school_id: int, settings: SchoolSettings) -> list[str]:
    """As the settings say it, and what works against the school's contact groups."""
    found = conflicts(settings)
    if (text := gives_itself_away(settings)) and groups_of(school_id):
        found.append(f"{_('Contact control')}: {text}")
    return found


def _window(window: BlockingWindow) -> dict[str, Any]:
    names = dict(WEEKDAYS)
    facts = msgspec.structs.asdict(window)
    return facts | {"key": key_of(window), "days": [names[day] for day in window.weekdays]}


def in_words(field: forms.Field, value: Any) -> str:
    """A setting's default, as its page says it."""
    if value is None and isinstance(field, forms.IntegerField):
        return _("no limit")
    if value is None or value == "":
        return _("none")
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, TimesOfDay):
        return str(field.prepare_value(value)) or _("only at midnight")
    choices = dict(getattr(field, "choices", ()))
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(str(choices.get(one, one)) for one in values)
