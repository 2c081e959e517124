"""Start a class: for how long, with what, with whom."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from corridor import clock
from corridor.accounts.permissions import RESTRICT
from corridor.accounts.plans import plans_for
from corridor.classroom.asking import MOST_TABS
from corridor.classroom.cards import Options
from corridor.classroom.choices import StartChoices, last_choices, remember_choices
from corridor.classroom.hours import end_of_hours, is_within
from corridor.classroom.queries import held_elsewhere
from corridor.classroom.refusals import NotAllowed, Refused
from corridor.classroom.sessions import Chosen, start_session
from corridor.classroom.standing import ClassRoster, roster_of
from corridor.classroom.words import sentence
from corridor.live.log import turn
from corridor.roster.schools import now_of
from corridor.roster.settings import SchoolSettings
from corridor.web import guards
from corridor.web.classroom.gates import class_to_see
from corridor.web.console.asking import ids_in
from corridor.web.console.passes import whereabouts
from corridor.web.forms import TIME, RequestId, first_problem
from corridor.web.guards import ClassroomRequest

# What becomes of a student who is out on a pass when the class starts.
WHEN_BACK, NOW, LEFT_OUT = "when_back", "now", "left_out"
# And of one whom another class has.
TAKEN_OVER, STAYS = "take_over", "stays"

# What a class may begin with that limits or directs devices.
_RESTRICTING = ("tab_limit", "plan_id", "close_tabs")

# An end time further back than this means the next day: a class may last over midnight.
_HALF_A_DAY = timedelta(hours=12)


class StartForm(RequestId):
    """Session settings. The end is what was changed last: the time, else the duration."""

    ends_at = forms.TimeField(
        required=False, widget=TIME, label=_("Ends at"),
        error_messages={"invalid": _("Write when the class ends, as in 10:50.")},
    )  # fmt: skip
    drawn_ends_at = forms.TimeField(required=False)
    minutes = forms.IntegerField(
        required=False, min_value=1, max_value=720, label=_("Minutes"),
        error_messages={
            "invalid": _("Write the minutes in digits."),
            "min_value": _("A class lasts at least a minute."),
            "max_value": _("A class lasts at most 12 hours, which is 720 minutes."),
        },
    )  # fmt: skip
    tab_limit = forms.IntegerField(
        required=False, min_value=1, max_value=MOST_TABS, label=_("Tab limit"),
        error_messages={
            "invalid": _("Write the number of tabs in digits."),
            "min_value": _("A tab limit is a number from 1 to %(most)s.") % {"most": MOST_TABS},
            "max_value": _("A tab limit is a number from 1 to %(most)s.") % {"most": MOST_TABS},
        },
    )  # fmt: skip
    plan_id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    close_tabs = forms.BooleanField(required=False)
    hands = forms.BooleanField(required=False)
    students_write = forms.BooleanField(required=False)

    def options(self, *, restricts: bool) -> Options:
        """As the operation takes them; devices are limited only by who `restricts` them."""
        names = ["hands", "students_write", *(_RESTRICTING if restricts else ())]
        return Options(**{name: self.cleaned_data[name] for name in names})

    def end(self, at: datetime, zone: ZoneInfo, otherwise: int) -> datetime:
        """When the class ends."""
        data = self.cleaned_data
        if data["ends_at"] is None or data["ends_at"] == data["drawn_ends_at"]:
            return at + timedelta(minutes=data["minutes"] or otherwise)
        return next_time(at, zone, data["ends_at"])


def next_time(at: datetime, zone: ZoneInfo, wall: Any) -> datetime:
    """The moment at which the school's clock says this next, today if it can be."""
    today = at.astimezone(zone).date()
    found = datetime.combine(today, wall, zone)
    if found <= at and found + timedelta(days=1) - at <= _HALF_A_DAY:
        found = datetime.combine(today + timedelta(days=1), wall, zone)
    return found.astimezone(at.tzinfo)


@guards.console_adult
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: ClassroomRequest, class_id: int) -> HttpResponse:
    """The start dialog, and its press."""
    _check(request, class_id)
    if request.method != "POST":
        return _dialog(request, class_id)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _dialog(request, class_id, errors=first_problem(form), status=400)
    try:
        session = _started(request, class_id, form)
    except Refused as no:
        if "session_id" in no.facts:
            messages.info(request, sentence(no.code, no.facts))
            return redirect("classroom:console", no.facts["session_id"])
        return _dialog(request, class_id, errors=[sentence(no.code, no.facts)], status=422)
    return redirect("classroom:console", session)


@guards.console_adult
@require_GET
def students(request: ClassroomRequest, class_id: int) -> HttpResponse:
    """Whom the dialog lists now; asked for by an open one when somebody goes out or is back."""
    _check(request, class_id)
    facts = _selection(request, roster_of(request.actor.school_id, class_id))
    return render(request, "console/_start_students.html", facts)


def _check(request: ClassroomRequest, class_id: int) -> None:
    """Raises `NotFound`, `NotAllowed`."""
    class_to_see(request.signed_in, class_id)
    if not request.actor.leads(class_id):
        raise NotAllowed


def _started(request: ClassroomRequest, class_id: int, form: StartForm) -> int:
    settings, at, posted = request.signed_in.settings, clock.now(), request.POST
    ends_at = form.end(at, settings.zone, settings.classroom.class_minutes)
    minutes = round((ends_at - at) / timedelta(minutes=1))
    here = ids_in(posted.getlist("students"))
    # Asked before the turn: a class goes on without Pass, and a turn does not after a failure.
    where = whereabouts(request.signed_in, here)
    out_now = {one for one in here if where.of(one).out is not None}
    with turn(request.actor.school_id) as tx:
        card = start_session(
            tx, class_id=class_id, ends_at=ends_at,
            options=form.options(restricts=request.actor.may(RESTRICT)),
            chosen=_chosen(posted, out_now), by=request.actor, at=at,
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
        choices = StartChoices(minutes=minutes, options=card.options)
        remember_choices(tx, request.signed_in.account_id, choices)
    return card.id


def _chosen(posted: QueryDict, out_now: Collection[int]) -> Chosen:
    """Whom the dialog ticked, left out, takes over, and for whom a place is kept.

    Whoever was ticked as here and has gone out since joins when back, as the dialog would offer.
    """
    here = set(ids_in(posted.getlist("students")))
    out = {one: posted.get(f"out-{one}") for one in ids_in(posted.getlist("out"))}
    left_out = set(ids_in(posted.getlist("offered"))) - here
    return Chosen(
        left_out=frozenset(left_out | _who(out, LEFT_OUT)),
        take_over=frozenset({*ids_in(posted.getlist("take_over")), *_who(out, TAKEN_OVER)}),
        when_back=frozenset(_who(out, WHEN_BACK) | (here.intersection(out_now) - out.keys())),
    )


def _who(out: dict[int, str | None], choice: str) -> set[int]:
    return {one for one, chosen in out.items() if chosen == choice}


def _dialog(
    request: ClassroomRequest, class_id: int, errors: list[str] | None = None, status: int = 200
) -> HttpResponse:
    settings, at = request.signed_in.settings, clock.now()
    # The number first: what happens in between is heard, and does no harm.
    number, _settings = now_of(request.actor.school_id)
    last = last_choices(request.signed_in.account_id)
    is_closed = not is_within(settings, at)
    minutes = _minutes(last.minutes or settings.classroom.class_minutes, settings, at)
    ends_at = timezone.localtime(at + timedelta(minutes=minutes), settings.zone)
    options, posted = last.options, request.POST
    given = {
        "minutes": minutes, "ends_at": f"{ends_at:%H:%M}", "drawn_ends_at": f"{ends_at:%H:%M}",
        "tab_limit": options.tab_limit or "", "plan_id": str(options.plan_id or ""),
        "close_tabs": options.close_tabs, "hands": options.hands,
        "students_write": options.students_write,
    }  # fmt: skip
    if posted:
        given = {name: posted.get(name, "") for name in given}
    roster = roster_of(request.actor.school_id, class_id)
    facts = _selection(request, roster) | {
        "roster": roster, "given": given, "stream_after": number,
        "hours": settings.classroom, "is_closed": is_closed,
        "restricts": request.actor.may(RESTRICT),
        "form_errors": errors, "request_id": uuid4(), "most_tabs": MOST_TABS,
        "plans": plans_for(request.actor.school_id, request.actor.account_id),
    }  # fmt: skip
    return render(request, "console/start.html", facts, status=status)


def _selection(request: ClassroomRequest, roster: ClassRoster) -> dict[str, Any]:
    """The students of the class: those who are out, and the others."""
    elsewhere = held_elsewhere(request.actor.school_id, roster.class_id)
    where = whereabouts(request.signed_in, [one.student.id for one in roster.students])
    listed = [
        {
            "student": one.student,
            "elsewhere": elsewhere.get(one.student.id),
            "out": where.of(one.student.id).out,
            "choice": _choice(request.POST, one.student.id, one.student.id in elsewhere),
        }
        for one in roster.students
    ]
    return {
        "class_id": roster.class_id,
        "students": [one for one in listed if one["out"] is None],
        "out": [one for one in listed if one["out"] is not None],
    }


def _choice(posted: QueryDict, student_id: int, is_elsewhere: bool) -> str:
    """What a dialog that comes back says of a student, who may have gone out or be back since."""
    if f"out-{student_id}" in posted:
        return str(posted[f"out-{student_id}"])
    taken_over = ids_in(posted.getlist("take_over"))
    if is_elsewhere:
        return TAKEN_OVER if student_id in taken_over else STAYS
    is_here = not posted or student_id in (*ids_in(posted.getlist("students")), *taken_over)
    return WHEN_BACK if is_here else LEFT_OUT


def _minutes(wanted: int, settings: SchoolSettings, at: datetime) -> int:
    """For how long the dialog offers a class: not past the school's hours."""
    end = end_of_hours(settings, at)
    if end is None or end - at < timedelta(minutes=1):
        return wanted
    return min(wanted, (end - at) // timedelta(minutes=1))
