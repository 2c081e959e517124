"""Try limits: what other numbers would have meant in the past weeks. Nothing is changed."""

from typing import Any, Final

import msgspec
from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.passes.simulation import Day, Trial, try_settings
from corridor.roster.bells import AroundBell
from corridor.web import guards
from corridor.web.guards import Request

_TRIED: Final = (
    "period_limit", "daily_limit", "weekly_limit", "term_limit", "building_limit", "cooldown",
)  # fmt: skip
# The chart's own units: it is drawn as wide as the page allows.
_STEP, _BAR, _TALL = 12, 8, 100
_SHOWN: Final = 25


def _number(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0, max_value=10_000, required=False, label=label, help_text=help_text
    )


class TryForm(forms.Form):
    """Other limits, and how far back."""

    period_limit = _number(gettext_lazy("Passes a period"))
    daily_limit = _number(gettext_lazy("Passes a day"), gettext_lazy("Empty: no limit."))
    weekly_limit = _number(gettext_lazy("Passes a week"))
    term_limit = _number(gettext_lazy("Passes a term"))
    building_limit = _number(gettext_lazy("Building limit"))
    cooldown = _number(gettext_lazy("Cooldown in minutes"))
    first_minutes = _number(gettext_lazy("No passes in the first minutes of a period"))
    last_minutes = _number(gettext_lazy("No passes in the last minutes of a period"))
    weeks = forms.TypedChoiceField(
        coerce=int,
        choices=[(number, number) for number in (1, 2, 4, 8, 12)],
        label=gettext_lazy("Past weeks"),
    )


@guards.admin
@require_GET
def simulator(request: Request) -> HttpResponse:
    """The form with the limits of today; once sent, who would have been refused."""
    settings = request.signed_in.settings
    # Several rules around the bell bind together as one with the most minutes of each end does.
    ends = ("first_minutes", "last_minutes")
    around = {
        end: max((getattr(one, end) for one in settings.around_bell), default=0) for end in ends
    }
    initial = {name: getattr(settings, name) for name in _TRIED} | {"weeks": 4, **around}
    form = TryForm(request.GET if "weeks" in request.GET else None, initial=initial)
    facts: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        data = dict(form.cleaned_data)
        weeks = data.pop("weeks")
        minutes = {end: data.pop(end) or 0 for end in ends}
        data["cooldown"] = data["cooldown"] or 0
        data["around_bell"] = (AroundBell(name="", **minutes),)
        tried = msgspec.structs.replace(settings, **data)
        trial = try_settings(request.actor.school_id, tried, weeks=weeks, at=clock.now())
        facts |= {"trial": trial, "chart": _chart(trial), "students": trial.students[:_SHOWN]}
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "admin/simulator.html", facts, status=status)


def _chart(trial: Trial) -> dict[str, Any]:
    """Two bars a day, one before the other: all who asked, and those refused."""
    most = max((day.asked for day in trial.days), default=0) or 1
    return {
        "width": max(len(trial.days), 1) * _STEP,
        "tall": _TALL,
        "bar": _BAR,
        "most": most,
        "bars": [_bar(number, day, most) for number, day in enumerate(trial.days)],
    }


def _bar(number: int, day: Day, most: int) -> dict[str, Any]:
    asked, refused = (round(_TALL * count / most, 1) for count in (day.asked, day.refused))
    return {
        "x": number * _STEP + (_STEP - _BAR) // 2,
        "asked": asked,
        "asked_y": _TALL - asked,
        "refused": refused,
        "refused_y": _TALL - refused,
    }
