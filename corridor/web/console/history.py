"""Session history: the classes that are over, who was there, what was asked of devices."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.accounts.permissions import ALL_HISTORY
from corridor.classroom import queries
from corridor.classroom.cards import ParticipantCard, SessionCard
from corridor.classroom.leading import reads_past
from corridor.classroom.queries import Console
from corridor.classroom.refusals import NotAllowed
from corridor.classroom.sites import Site, sites_of
from corridor.integration.people import is_on, was_on
from corridor.integration.time_out import out_of, passes_in, there, told_of
from corridor.passes.cards import PassCard
from corridor.roster.settings import FIRST_DAY, LAST_DAY
from corridor.web import guards
from corridor.web.console import drawing
from corridor.web.console.gate import kept
from corridor.web.console.passes import readable
from corridor.web.guards import ClassroomRequest

PAGE: Final = 50


@guards.classroom_adult
@require_GET
def history(request: ClassroomRequest) -> HttpResponse:
    """The classes that are over, the last first; only those one teaches or led without the
    function for all."""
    signed = request.signed_in
    sees_all = signed.may(ALL_HISTORY)
    at = clock.now()
    before = _before(request.GET.get("before", "")) or at + timedelta(seconds=1)
    found = queries.sessions_over(
        signed.school_id, class_ids=None if sees_all else signed.class_ids,
        led_by=signed.account_id, kept_since=signed.settings.classes_kept_since(at), before=before,
        limit=PAGE + 1,
    )  # fmt: skip
    facts = {
        "sessions": found[:PAGE],
        "older": found[PAGE - 1].ended_at if len(found) > PAGE else None,
        "sees_all": sees_all,
        "keep_days": signed.settings.classes_kept_days,
    }
    return render(request, "console/history.html", facts)


@guards.classroom_adult
@require_GET
def session(request: ClassroomRequest, session_id: int) -> HttpResponse:
    """One class: who was there from when to when, and the commands with their results."""
    found = kept(request, session_id)
    if not reads_past(found.session, request.actor):
        raise NotAllowed
    if found.session.is_running:
        return redirect("classroom:console", session_id)
    rows, out = found.participants, dict[int, list[PassCard]]()
    # Minutes once subtracted stay so where the school no longer shows Pass in Classroom.
    if was_on(request.signed_in.settings, found.session.ended_at or found.session.ends_at):
        out = passes_in(found.session, [card.student.id for card in rows])
    read = readable(chain.from_iterable(out.values()), request.signed_in)
    facts: dict[str, Any] = {
        "session": found.session,
        "people": [_told(card, found.session, out.get(card.student.id, ()), read) for card in rows],
        "has_passes": is_on(request.signed_in.settings),
        "sites": _sites(found),
        "keep_days": request.signed_in.settings.classes_kept_days,
        "commands": [drawing.results_facts(card) for card in found.commands],
    }
    return render(request, "console/past.html", facts)


def _told(
    card: ParticipantCard, session: SessionCard, passes: Sequence[PassCard], read: frozenset[int]
) -> dict[str, Any]:
    """A line about a student: from when to when, how many minutes in class and out of it.

    Where and when is told of the passes that may be read; the minutes are those of all.
    """
    of_class = told_of(card, passes, session)
    return {
        "card": card,
        "minutes": minutes(there(card, passes, session)),
        "passes": of_class,
        "told": [one for one in of_class if one.id in read],
        "out": minutes(out_of(card, passes, session)),
    }


def _sites(found: Console) -> list[tuple[ParticipantCard, list[Site]]]:
    """What was open on whose devices, by the students' names."""
    by_student = sites_of(found.session.school_id, found.session.id)
    return [
        (card, by_student[card.student.id])
        for card in found.participants
        if card.student.id in by_student
    ]


def minutes(span: timedelta) -> int:
    """In whole minutes."""
    return round(span / timedelta(minutes=1))


def _before(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None or found.tzinfo is None or not FIRST_DAY <= found.date() <= LAST_DAY:
        return None
    return found
