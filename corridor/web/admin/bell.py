"""The bell: the schedules, the week, the calendar, and today when it is different."""

import calendar as months
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corridor import clock
from corridor.accounts.signins import forget
from corridor.live.log import turn
from corridor.passes.appointments import (
    call_off_without_school,
    follow_bell,
    left_behind,
    without_period,
    without_school,
)
from corridor.passes.refusals import NotFound
from corridor.roster.bells import NO_SCHOOL, Bells, Period, Schedule, ringing
from corridor.roster.changes import (
    Impossible,
    keep_schedule,
    key_of,
    remove_schedule,
    set_days,
    set_week,
)
from corridor.roster.schools import settings_of
from corridor.roster.settings import FIRST_DAY, LAST_DAY, SchoolSettings, settings_in
from corridor.web import guards
from corridor.web.errors import BadInput
from corridor.web.forms import TIME, DayField, first_problem
from corridor.web.guards import Request

# What a form sends for "no school" and for "as in the week"; no name begins with a space.
_NONE: Final = " none"
_USUAL: Final = " usual"
_EMPTY_ROWS: Final = 4
_MOST_PERIODS: Final = 30


class _Unsure(Exception):
    """What would become of appointments, and nobody has agreed.

    So many lie on days that would lose their `school`; so many would be `late`: their period by
    the new bell is over, and they stay at the time they have; so do those that would have `none`,
    no period on their day.
    """

    def __init__(self, school: int, late: int, none: int) -> None:
        super().__init__(school, late, none)
        self.school, self.late, self.none = school, late, none

    @property
    def staying(self) -> int:
        """How many keep the time they have."""
        return self.late + self.none

    @property
    def numbers(self) -> str:
        """What the form sends with the second press: the same may be more by then."""
        return f"{self.school}-{self.late}-{self.none}"


class DayForm(forms.Form):
    """A schedule, none, or the usual one again, for one day or several."""

    schedule = forms.ChoiceField(label=gettext_lazy("Schedule"))

    def __init__(self, data: Any, bells: Bells, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["schedule"].choices = [  # type: ignore[attr-defined]
            *((found.name, found.name) for found in bells.schedules),
            (_NONE, _("No school")),
            (_USUAL, _("As in the week")),
        ]

    @property
    def chosen(self) -> str | None:
        """As the operations take it."""
        name: str = self.cleaned_data["schedule"]
        return {_NONE: NO_SCHOOL, _USUAL: None}.get(name, name)


class DaysForm(DayForm):
    """From one day to another."""

    first_day = DayField(label=gettext_lazy("From"))
    last_day = DayField(
        required=False,
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("Empty: only that day."),
    )
    field_order = ("first_day", "last_day", "schedule")


class WeekForm(forms.Form):
    """The schedule of each weekday."""

    def __init__(self, data: Any, bells: Bells) -> None:
        super().__init__(data)
        choices = [(found.name, found.name) for found in bells.schedules]
        for number, name in WEEKDAYS.items():
            self.fields[f"day-{number}"] = forms.ChoiceField(
                choices=[(_NONE, _("No school")), *choices],
                initial=bells.week[number] or _NONE,
                label=name,
            )

    @property
    def week(self) -> tuple[str, ...]:
        """Monday first."""
        found = (self.cleaned_data[f"day-{number}"] for number in range(7))
        return tuple(NO_SCHOOL if name == _NONE else name for name in found)


class ScheduleForm(forms.Form):
    """A name, and a row for each period; rows left empty are left out."""

    name = forms.CharField(
        max_length=40,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("“Regular”, “Two-hour delay”, “Assembly”."),
    )

    def __init__(self, data: Any, schedule: Schedule | None) -> None:
        super().__init__(data, initial={"name": schedule.name if schedule else ""})
        periods = schedule.periods if schedule else ()
        count = len(periods) + _EMPTY_ROWS if periods else 8
        if data is not None:
            count = sum(key.startswith("period-") for key in data)
        self._count = min(count, _MOST_PERIODS)
        for number in range(self._count):
            found = periods[number] if number < len(periods) else None
            place = {"number": number + 1}
            self.fields[f"period-{number}"] = forms.CharField(
                max_length=40, required=False, label=_("Name of period %(number)s") % place,
                initial=found.name if found else "",
            )  # fmt: skip
            self.fields[f"begins-{number}"] = forms.TimeField(
                required=False, widget=TIME, label=_("Begin of period %(number)s") % place,
                initial=found.begins if found else None,
            )  # fmt: skip
            self.fields[f"ends-{number}"] = forms.TimeField(
                required=False, widget=TIME, label=_("End of period %(number)s") % place,
                initial=found.ends if found else None,
            )  # fmt: skip

    def rows(self) -> Iterator[list[Any]]:
        """The three fields of each period."""
        for number in range(self._count):
            yield [self[f"{name}-{number}"] for name in ("period", "begins", "ends")]

    def clean(self) -> dict[str, Any]:
        """A row is whole, or empty."""
        data = super().clean() or {}
        for number in range(self._count):
            row = [data.get(f"{name}-{number}") for name in ("period", "begins", "ends")]
            if any(row) and not all(found or found == 0 for found in row):
                text = _("Write a name, a begin and an end, or leave the row empty.")
                self.add_error(f"period-{number}", text)
        return data

    @property
    def schedule(self) -> Schedule:
        """What was filled in, by time."""
        data = self.cleaned_data
        found = [
            Period(data[f"period-{number}"], data[f"begins-{number}"], data[f"ends-{number}"])
            for number in range(self._count)
            if data[f"period-{number}"]
        ]
        periods = tuple(sorted(found, key=lambda period: (period.begins, period.ends)))
        return Schedule(data["name"].strip(), periods)


@guards.admin
@require_GET
def bell(request: Request) -> HttpResponse:
    """Today, the week, the schedules."""
    return _page(request)


@guards.admin
@require_POST
def today(request: Request) -> HttpResponse:
    """Today is different, by one press; or as usual again."""
    settings, at = settings_of(request.actor.school_id), clock.now()
    form = DayForm(request.POST, settings.bells)
    if not form.is_valid():
        raise BadInput(" ".join(first_problem(form)))
    day = at.astimezone(settings.zone).date()
    return _do(request, lambda tx, **by: set_days(tx, day, day, form.chosen, **by))


@guards.admin
@require_POST
def week(request: Request) -> HttpResponse:
    """Which schedule each weekday has."""
    form = WeekForm(request.POST, settings_of(request.actor.school_id).bells)
    if not form.is_valid():
        raise BadInput(" ".join(first_problem(form)))
    return _do(request, lambda tx, **by: set_week(tx, form.week, **by))


@guards.admin
@require_http_methods(["GET", "POST"])
def schedule(request: Request, key: str = "") -> HttpResponse:
    """A schedule with its periods: a new one, or the one with this key."""
    known = _schedule(request, key) if key else None
    name = known.name if known else ""
    form, unsure = ScheduleForm(request.POST if request.method == "POST" else None, known), None
    if form.is_bound and form.is_valid():
        new = form.schedule
        try:
            _decide(request, lambda tx, **by: keep_schedule(tx, new, named=name, **by))
        except Impossible as no:
            form.add_error("name", str(no))
        except _Unsure as no:
            unsure = _unsure(request, no)
        else:
            return _saved(request)
    facts = {"form": form, "name": name, "unsure": unsure}
    return render(request, "admin/schedule.html", facts, status=400 if form.errors else 200)


@guards.admin
@require_POST
def remove(request: Request, key: str) -> HttpResponse:
    """A schedule that no day needs."""
    name = _schedule(request, key).name
    return _do(request, lambda tx, **by: remove_schedule(tx, name, **by))


@guards.admin
@require_http_methods(["GET", "POST"])
def calendar(request: Request) -> HttpResponse:
    """A month, day by day, and a form for days that differ."""
    settings = settings_of(request.actor.school_id)
    today = clock.now().astimezone(settings.zone).date()
    day = _day(request.GET.get("day"))
    form = DaysForm(
        request.POST if request.method == "POST" else None,
        settings.bells,
        initial={"first_day": day, "schedule": _NONE},
    )
    unsure = None
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        first, last = data["first_day"], data["last_day"] or data["first_day"]
        try:
            _decide(request, lambda tx, **by: set_days(tx, first, last, form.chosen, **by))
        except Impossible as no:
            form.add_error("last_day", str(no))
        except _Unsure as no:
            unsure, day = _unsure(request, no), first
        else:
            return _saved(request, f"admin:bell_calendar?month={first:%Y-%m}")
    shown = _day(f"{request.GET.get('month', '')}-01") or day or today
    facts = {"form": form, "unsure": unsure} | _month(settings.bells, shown.replace(day=1), today)
    return render(request, "admin/bell_calendar.html", facts, status=400 if form.errors else 200)


def _schedule(request: Request, key: str) -> Schedule:
    known = settings_of(request.actor.school_id).bells.schedules
    found = next((one for one in known if key_of(one) == key), None)
    if found is None:
        raise NotFound("schedule")
    return found


def _do(request: Request, change: Callable[..., object]) -> HttpResponse:
    try:
        _decide(request, change)
    except Impossible as no:
        return _page(request, status=400, problem=str(no))
    except _Unsure as no:
        return _page(request, unsure=_unsure(request, no))
    return _saved(request)


def _decide(request: Request, change: Callable[..., object]) -> None:
    """Change the bell; appointments follow, or are cancelled where there is no school any more.

    Raises `Impossible`, and `_Unsure` unless the form says how many are cancelled or cannot follow.
    """
    at = clock.now()
    with turn(request.actor.school_id) as tx:
        before = settings_in(tx).bells
        change(tx, by=request.actor.who, at=at)
        lost, late = without_school(tx, before, at=at), left_behind(tx, before, at=at)
        none = without_period(tx, before, at=at)
        unsure = _Unsure(len(lost), len(late), len(none))
        if (lost or late or none) and request.POST.get("sure") != unsure.numbers:
            raise unsure
        call_off_without_school(tx, lost, by=request.actor, at=at)
        follow_bell(tx, by=request.actor, at=at)


def _unsure(request: Request, no: _Unsure) -> dict[str, Any]:
    """What the page asks before it does the same again."""
    again = [(name, value) for name, value in request.POST.items()
             if name not in ("sure", "csrfmiddlewaretoken")]  # fmt: skip
    return {"no": no, "again": again, "address": request.path}


def _saved(request: Request, to: str = "admin:bell") -> HttpResponse:
    forget()
    messages.success(request, _("Saved."))
    name, _mark, rest = to.partition("?")
    answer = redirect(name)
    if rest:
        answer.headers["Location"] += f"?{rest}"
    return answer


def _page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    settings, at = settings_of(request.actor.school_id), clock.now()
    bells, day = settings.bells, at.astimezone(settings.zone).date()
    schedule = bells.schedule_on(day)
    facts = {
        "day": day,
        "schedule": schedule,
        "now": ringing(bells, settings.zone, at),
        "differs": bells.differs_on(day),
        "others": [found for found in bells.schedules if found != schedule],
        "none": _NONE,
        "usual": _USUAL,
        "schedules": [{"key": key_of(one), "schedule": one} for one in bells.schedules],
        "week": WeekForm(None, bells),
        "changed": _changed(settings),
    }
    return render(request, "admin/bell.html", facts | more, status=status)


def _changed(settings: SchoolSettings) -> Any:
    """Who changed the bell last: its schedules and its week, or its days."""
    found = [settings.changed[name] for name in ("bells", "days") if name in settings.changed]
    return max(found, key=lambda one: one.at, default=None)


def _month(bells: Bells, first: date, today: date) -> dict[str, Any]:
    """The weeks of a month, Monday first, each day with its schedule."""
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    following = (first + timedelta(days=32)).replace(day=1)
    return {
        "first": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": following,
        "weekdays": list(WEEKDAYS.values()),
        "weeks": [
            [
                {
                    "day": day,
                    "is_here": day.month == first.month,
                    "is_today": day == today,
                    "differs": bells.differs_on(day),
                    "schedule": bells.schedule_on(day),
                }
                for day in week
            ]
            for week in weeks
        ],
    }


def _day(text: str | None) -> date | None:
    """A day as an address names it, in the years that a calendar shows; else None."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None
