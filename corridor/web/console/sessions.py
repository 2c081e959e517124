"""The life of a session by presses: extend, stop, undo a taking over, read a student's messages."""

from datetime import datetime, time

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime, parse_time
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from corridor import clock
from corridor.classroom.cards import Arguments
from corridor.classroom.commands import send_command
from corridor.classroom.kinds import SAY
from corridor.classroom.participants import read_messages
from corridor.classroom.sessions import extend_session, stop_session
from corridor.classroom.taking_over import undo_take_over
from corridor.live.log import turn
from corridor.web import guards
from corridor.web.console import drawing
from corridor.web.console.asking import ids_in
from corridor.web.console.page import one_facts
from corridor.web.console.start import next_time
from corridor.web.errors import BadInput
from corridor.web.forms import RequestId
from corridor.web.guards import ClassroomRequest


@guards.console_adult
@require_POST
def extend(request: ClassroomRequest, session_id: int) -> HttpResponse:
    """The class ends at another time: so many minutes later, or when the school's clock says so."""
    settings, at = request.signed_in.settings, clock.now()
    request_id, wall = RequestId.of(request.POST), request.POST.get("wall")
    if wall is None:
        ends_at = _moment(request.POST.get("ends_at", ""))
    else:
        ends_at = next_time(at, settings.zone, _wall(wall))
    with turn(request.actor.school_id) as tx:
        card = extend_session(
            tx, session_id=session_id, ends_at=ends_at, by=request.actor, at=at,
            request_id=request_id,
        )  # fmt: skip
    return HttpResponse(drawing.bar(card, request.actor, settings, get_language() or "en"))


@guards.console_adult
@require_POST
def stop(request: ClassroomRequest, session_id: int) -> HttpResponse:
    """The class is over now."""
    request_id = RequestId.of(request.POST)
    with turn(request.actor.school_id) as tx:
        card = stop_session(
            tx, session_id=session_id, by=request.actor, at=clock.now(), request_id=request_id
        )
    settings = request.signed_in.settings
    return HttpResponse(drawing.bar(card, request.actor, settings, get_language() or "en"))


@guards.console_adult
@require_POST
def undo(request: ClassroomRequest, session_id: int) -> HttpResponse:
    """Students who were just taken over are where they were before."""
    request_id = RequestId.of(request.POST)
    with turn(request.actor.school_id) as tx:
        undo_take_over(
            tx, session_id=session_id, student_ids=ids_in(request.POST.getlist("students")),
            by=request.actor, at=clock.now(), request_id=request_id,
        )  # fmt: skip
    return HttpResponse(status=204)


@guards.console_adult
@require_POST
def read(request: ClassroomRequest, session_id: int, student_id: int) -> HttpResponse:
    """What the student wrote has been seen."""
    with turn(request.actor.school_id) as tx:
        read_messages(
            tx, session_id=session_id, student_id=student_id, by=request.actor, at=clock.now()
        )
    return HttpResponse(status=204)


@guards.console_adult
@require_POST
def write(request: ClassroomRequest, session_id: int, student_id: int) -> HttpResponse:
    """A message to one student, from the dialog about them: what they wrote was seen there."""
    request_id, at = RequestId.of(request.POST), clock.now()
    with turn(request.actor.school_id) as tx:
        send_command(
            tx, SAY, session_id=session_id, student_ids=[student_id],
            says=Arguments(text=request.POST.get("text", "")), by=request.actor, at=at,
            request_id=request_id,
        )  # fmt: skip
        read_messages(tx, session_id=session_id, student_id=student_id, by=request.actor, at=at)
    return render(request, "console/_one.html", one_facts(request, session_id, student_id))


def _wall(text: str) -> time:
    try:
        found = parse_time(text)
    except ValueError:
        found = None
    if found is None:
        raise BadInput(_("Write when the class ends, as in 10:50."))
    return found


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadInput(_("This is no time. Load the page again."))
    return found
