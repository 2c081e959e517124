"""Reports: who was out how often and how long, when, where, and why others were refused."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.accounts.people import grades_of
from corridor.accounts.signins import SignedIn
from corridor.passes.refusals import NotAllowed
from corridor.passes.standing import day_of, first_of_term, week_of
from corridor.reports import absences
from corridor.reports.absences import Hour, Period
from corridor.web import guards
from corridor.web.forms import DayField, no_day
from corridor.web.guards import Request, sees_all_ended
from corridor.web.staff.filters import rule_word, when_words

# The chart's own units: it is drawn as wide as the page allows.
_STEP: Final = 12
_BAR: Final = 9
_TALL: Final = 100
_LONGEST: Final = timedelta(days=400)


class ReportForm(forms.Form):
    """Which days, which grade, in which order."""

    when = forms.ChoiceField(
        required=False,
        choices=[("", ""), *((name, name) for name in ("today", "week", "month", "term"))],
    )
    since = DayField(required=False, label=gettext_lazy("From"))
    until = DayField(required=False, label=gettext_lazy("Until"))
    grade = forms.CharField(required=False, max_length=20)
    order = forms.ChoiceField(required=False, choices=[("", ""), ("often", ""), ("long", "")])


@guards.adult
@require_GET
def reports(request: Request) -> HttpResponse:
    """The passes of a period in numbers, for whoever sees the ended passes of the whole school."""
    signed, at = request.signed_in, clock.now()
    if not sees_all_ended(signed):
        raise NotAllowed
    form = ReportForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    first, last, when = _days(asked, signed, at)
    problems = [no_day(request.GET[name]) for name in form.errors if name in ("since", "until")]
    if last < first:
        problems.append(_("The last day is before the first."))
        last = first
    zone, grade = signed.settings.zone, asked.get("grade", "")
    period = Period(
        signed.school_id, datetime.combine(first, time(), zone),
        datetime.combine(last + timedelta(days=1), time(), zone), grade,
    )  # fmt: skip
    order: absences.Order = "long" if asked.get("order") == "long" else "often"
    hours = absences.hours(period, zone)
    by_admin = signed.role == "admin"
    codes = absences.refusals(period, by_admin=by_admin)
    facts = {
        "first": first,
        "last": last,
        "when": when,
        "spans": list(when_words(signed.settings).items()),
        "grade": grade,
        "grades": grades_of(signed.school_id),
        "order": order,
        "problems": problems,
        "students": [_student(found) for found in absences.students(period, order)],
        "places": [
            {"name": one.name, "times": one.times, "minutes": _minutes(one.average),
             "id": one.location_id}
            for one in absences.places(period)
        ],
        "chart": _chart(hours),
        "hours": [_hour(found) for found in hours],
        "total": sum(found.times for found in hours),
        "refused": [(rule_word(code, by_admin=by_admin), times, code) for code, times in codes],
        "overridden": [
            (rule_word(code, by_admin=by_admin), times)
            for code, times in absences.overridden(period, by_admin=by_admin)
        ],
        "refused_total": sum(times for _code, times in codes),
        "span": urlencode({"since": first, "until": last}),
        "kept": urlencode({k: v for k in ("grade", "order") if (v := asked.get(k))}),
    }  # fmt: skip
    return render(request, "staff/reports.html", facts, status=400 if problems else 200)


def _days(asked: dict[str, Any], signed: SignedIn, at: datetime) -> tuple[date, date, str]:
    """The first and the last day, and the name of the span; the last 30 days unless asked."""
    settings = signed.settings
    today = at.astimezone(settings.zone).date()
    since, until = asked.get("since"), asked.get("until")
    if since or until:
        last: date = until or today
        first: date = since or last - timedelta(days=29)
        return max(first, last - _LONGEST) if first <= last else first, last, ""
    when = asked.get("when") or "month"
    if when == "today":
        return today, today, when
    if when == "week":
        return week_of(at, settings)[0].date(), today, when
    if when == "term":
        return first_of_term(at, settings).date(), today, when
    return day_of(at - timedelta(days=29), settings)[0].date(), today, "month"


def _student(found: absences.Absent) -> dict[str, Any]:
    return {
        "id": found.student_id,
        "name": found.name,
        "grade": found.grade,
        "times": found.times,
        "total": _minutes(found.total),
        "longest": _minutes(found.longest),
    }


def _minutes(seconds: int) -> int:
    return round(seconds / 60)


def _hour(found: Hour) -> dict[str, Any]:
    return {
        "from": time_format(time(found.hour)),
        "to": time_format(time((found.hour + 1) % 24)),
        "times": found.times,
    }


def _chart(hours: list[Hour]) -> dict[str, Any]:
    most = max((found.times for found in hours), default=0) or 1
    bars = []
    for number, found in enumerate(hours):
        tall = round(_TALL * found.times / most, 1)
        bars.append(
            {
                "x": number * _STEP + (_STEP - _BAR) / 2,
                "y": _TALL - tall,
                "tall": tall,
                "is_most": found.times == most,
                "hour": found.hour,
            }
        )
    return {
        "width": max(len(hours), 1) * _STEP,
        "tall": _TALL,
        "bar": _BAR,
        "bars": bars,
        "most": most,
    }
