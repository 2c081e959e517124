"""The student's own data: past passes, what is left of the limits, corrections, who looked."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from corridor import clock
from corridor.live.log import turn
from corridor.passes import corrections, queries
from corridor.passes import history as past
from corridor.passes.cards import PassCard
from corridor.passes.history import Wanted
from corridor.passes.refusals import Refused
from corridor.passes.standing import day_of, week_of, with_school
from corridor.roster.bells import ringing
from corridor.roster.settings import SchoolSettings
from corridor.web import guards
from corridor.web.errors import tell
from corridor.web.forms import CorrectionForm, RequestId, first_problem
from corridor.web.guards import Request
from corridor.web.staff.history import place_in, text_of
from corridor.web.templatetags.corridor import weekday

PAGE: Final = 50


@guards.student
@require_GET
def history(request: Request) -> HttpResponse:
    """The student's own passes, newest first, and everything else that is kept about them."""
    return _page(request)


@guards.student
@require_POST
def correct(request: Request, pass_id: int) -> HttpResponse:
    """Say when one was really back."""
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, status=400, wrong_in=pass_id, form_errors=first_problem(form))
    typed, at = form.cleaned_data.pop("back_at"), clock.now()
    card = queries.pass_of_school(request.actor.school_id, pass_id)
    back_at = _moment_in(card, typed, request.signed_in.settings.zone)
    try:
        with turn(request.actor.school_id) as tx:
            corrections.ask_correction(
                tx, pass_id=pass_id, back_at=back_at, by=request.actor, at=at, **form.cleaned_data
            )
    except Refused as no:
        told = tell(no.refusal, for_adult=False)
        return _page(request, status=422, wrong_in=pass_id, refusal=told)
    messages.success(request, _("Sent. An adult of this pass answers."))
    return redirect("student:history")


@guards.student
@require_POST
def withdraw(request: Request, pass_id: int) -> HttpResponse:
    """Take a correction back."""
    request_id = RequestId.of(request.POST)
    with turn(request.actor.school_id) as tx:
        corrections.withdraw_correction(
            tx, pass_id=pass_id, by=request.actor, at=clock.now(), request_id=request_id
        )
    return redirect("student:history")


def limit_lines(student_id: int, settings: SchoolSettings, at: datetime) -> list[dict[str, str]]:
    """What is left of each limit in plain words, and when a used one works again."""
    limits = queries.limits_of(student_id, settings)
    used = queries.used_by(student_id, settings, at)
    midnight, next_week = day_of(at, settings)[1], with_school(week_of(at, settings)[1], settings)
    tomorrow = with_school(midnight, settings)
    in_days = (
        _("It works again tomorrow, %(day)s.")
        if tomorrow == midnight
        else _("It works again on %(day)s.")
    )
    period = ringing(settings.bells, settings.zone, at)
    bell = (
        date_format(timezone.localtime(period.ends, settings.zone), "TIME_FORMAT") if period else ""
    )
    found = []
    for limit, count, left_of, again in (
        (limits.period if period else None, used.period or 0,
         _("%(left)s of %(limit)s left this period"),
         _("It works again at the bell, %(time)s.") % {"time": bell}),
        (limits.day, used.day, _("%(left)s of %(limit)s left today"),
         in_days % {"day": weekday(timezone.localtime(tomorrow, settings.zone))}),
        (limits.week, used.week, _("%(left)s of %(limit)s left this week"),
         _("It works again on %(day)s.")
         % {"day": weekday(timezone.localtime(next_week, settings.zone))}),
        (limits.term, used.term, _("%(left)s of %(limit)s left this term"),
         _("It works again in the next term.")),
    ):  # fmt: skip
        if limit is not None:
            left = max(limit - count, 0)
            again = again if left == 0 and limit else ""
            found.append({"text": left_of % {"left": left, "limit": limit}, "again": again})
    if settings.cooldown:
        text = ngettext(
            "%(minutes)s minute between two passes", "%(minutes)s minutes between two passes",
            settings.cooldown,
        )  # fmt: skip
        found.append({"text": text % {"minutes": settings.cooldown}, "again": ""})
    return found


def _page(
    request: Request, *, status: int = 200, wrong_in: int | None = None, **more: Any
) -> HttpResponse:
    """The page; the form of the pass `wrong_in` stands open, with what was typed."""
    signed, at = request.signed_in, clock.now()
    after = place_in(request.GET.get("after", ""))
    wanted = Wanted(student=signed.account_id)
    cards = past.passes(signed.school_id, wanted, after=after, limit=PAGE + 1, is_open=None)
    last = cards[PAGE - 1] if len(cards) > PAGE else None
    rows = [_row(card, at) for card in cards[:PAGE]]
    with_form = {row["card"].id for row in rows if row["can_ask"]}
    facts = {
        "rows": rows,
        "older": text_of((last.requested_at, last.id)) if last else "",
        "is_later_page": after is not None,
        "here": text_of(after) if after else "",
        # A pass that has no form any more leaves the sentence at the head of the page.
        "wrong_in": wrong_in if wrong_in in with_form else None,
        "typed": request.POST,
        "limits": limit_lines(signed.account_id, signed.settings, at),
        "looks": past.looks_at(signed.school_id, signed.account_id),
        "most_days": corrections.DAYS,
    }
    return render(request, "student/history.html", facts | more, status=status)


def _row(card: PassCard, at: datetime) -> dict[str, Any]:
    return {"card": card, "can_ask": corrections.can_ask(card, at)}


def _moment_in(card: PassCard, typed: Any, zone: ZoneInfo) -> datetime:
    """The moment of the school's wall clock that lies in the pass, or the nearest day's.

    A time is typed to the minute: that of the minute in which the pass began is its beginning.
    """
    began, ended = card.started_at or card.requested_at, card.ended_at or card.requested_at
    days = {at.astimezone(zone).date() for at in (began, ended)}
    moments = [
        datetime.combine(day, typed, zone).replace(fold=fold)
        for day in sorted(days)
        for fold in (0, 1)
    ]
    for moment in moments:
        found = max(moment, began) if moment > began - timedelta(minutes=1) else moment
        if began <= found < ended:
            return found
    return moments[0]
