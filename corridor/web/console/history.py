"""Session history: the classes that are over, who was there, what was asked of devices."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.accounts.permissions import ALL_HISTORY
from corridor.classroom import queries
from corridor.classroom.cards import ParticipantCard, SessionCard, Span
from corridor.classroom.refusals import NotAllowed
from corridor.web import guards
from corridor.web.console import drawing
from corridor.web.guards import ClassroomRequest

PAGE: Final = 50


@guards.classroom_adult
@require_GET
def history(request: ClassroomRequest) -> HttpResponse:
    """The classes that are over, the last first; only one's own without the function for all."""
    signed = request.signed_in
    sees_all = signed.may(ALL_HISTORY)
    before = _before(request.GET.get("before", "")) or clock.now() + timedelta(seconds=1)
    found = queries.sessions_over(
        signed.school_id, class_ids=None if sees_all else signed.class_ids, before=before,
        limit=PAGE + 1,
    )  # fmt: skip
    facts = {
        "sessions": found[:PAGE],
        "older": found[PAGE - 1].ended_at if len(found) > PAGE else None,
        "sees_all": sees_all,
        "keep_days": signed.settings.keep_classes_days,
    }
    return render(request, "console/history.html", facts)


@guards.classroom_adult
@require_GET
def session(request: ClassroomRequest, session_id: int) -> HttpResponse:
    """One class: who was there from when to when, and the commands with their results."""
    found = queries.console(request.actor.school_id, session_id)
    own = found.session.class_id in request.signed_in.class_ids
    if not own and not request.actor.may(ALL_HISTORY):
        raise NotAllowed
    if found.session.is_running:
        return redirect("classroom:console", session_id)
    facts: dict[str, Any] = {
        "session": found.session,
        "people": [_told(card, found.session) for card in found.participants],
        "commands": [drawing.results_facts(card) for card in found.commands],
    }
    return render(request, "console/past.html", facts)


def _told(card: ParticipantCard, session: SessionCard) -> dict[str, Any]:
    """A line about a student: from when to when, how many minutes, or why not."""
    return {"card": card, "minutes": minutes_of(card.there, session)}


def minutes_of(there: tuple[Span, ...], session: SessionCard) -> int:
    """For how many minutes of the class the student's device was there."""
    end = session.ended_at or session.ends_at
    total = sum(((span.until or end) - span.since for span in there), timedelta())
    return round(total / timedelta(minutes=1))


def _before(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
