"""The console: a card for each student of a running class."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.accounts.classes import class_of_school, groups_of
from corridor.accounts.permissions import SCREENS
from corridor.classroom.presence import presences
from corridor.classroom.queries import Console, conversation
from corridor.classroom.refusals import NotFound
from corridor.integration.people import is_on
from corridor.roster.schools import now_of
from corridor.web import guards
from corridor.web.classroom import notes
from corridor.web.console import drawing
from corridor.web.console.asking import buttons
from corridor.web.console.gate import console_of
from corridor.web.console.passes import gives_passes, whereabouts
from corridor.web.guards import ClassroomRequest


@guards.console_adult
@require_GET
def console(request: ClassroomRequest, session_id: int) -> HttpResponse:
    """The running class, as it is now; the rest comes by the stream."""
    number, _ = now_of(request.actor.school_id)
    found = console_of(request, session_id)
    facts = _facts(request, found) | {"stream_after": number}
    return render(request, "console/console.html", facts)


@guards.console_adult
@require_GET
def student(request: ClassroomRequest, session_id: int, student_id: int) -> HttpResponse:
    """One student: what is open, what the device is held to, what was written."""
    return render(request, "console/_one.html", one_facts(request, session_id, student_id))


def one_facts(request: ClassroomRequest, session_id: int, student_id: int) -> dict[str, Any]:
    """What the dialog about one student says. Raises `NotFound`, `NotAllowed`."""
    found = console_of(request, session_id)
    card = next((one for one in found.participants if one.student.id == student_id), None)
    if card is None:
        raise NotFound("student")
    seen = presences.of([student_id]).get(student_id)
    where = whereabouts(request.signed_in, [student_id]).of(student_id)
    look = drawing.look_of(
        card, seen, clock.now(), request.signed_in.settings, where,
        may_look=request.actor.may(SCREENS),
    )  # fmt: skip
    word, tone, icon = drawing.STATES[look.state]
    return {
        "session": found.session,
        "card": card,
        "look": look,
        "out": look.where.out,
        "gives_passes": gives_passes(request.signed_in),
        "word": word,
        "tone": tone,
        "icon": icon,
        "url": seen.active_url if seen is not None and card.is_in else "",
        "held": drawing.held(card),
        "releases": _RELEASES,
        "lines": conversation(request.actor.school_id, session_id, student_id),
        "may": request.actor.permissions,
    }


# The command that ends a lease.
_RELEASES = {"lock": "unlock"}


def _facts(request: ClassroomRequest, found: Console) -> dict[str, Any]:
    at, settings = clock.now(), request.signed_in.settings
    language, may_look = get_language() or "en", request.actor.may(SCREENS)
    ids = [card.student.id for card in found.participants]
    seen, where = presences.of(ids), whereabouts(request.signed_in, ids)
    looks = [
        (card, drawing.look_of(card, seen.get(one), at, settings, where.of(one), may_look=may_look))
        for one, card in zip(ids, found.participants, strict=True)
    ]
    if request.signed_in.acted_by is not None and settings.classroom.screens:
        looks = [(card, drawing.unseen(look)) for card, look in looks]
    looks.sort(key=lambda one: drawing.sinks(one[1].state))
    school_class = class_of_school(request.actor.school_id, found.session.class_id)
    return {
        "session": found.session,
        "bar": drawing.bar(found.session, request.actor, settings, language),
        "students": [drawing.student(card, look, settings, language) for card, look in looks],
        "notes": notes.of_console(found.participants, found.session, at, language),
        "last": drawing.results_facts(found.commands[-1]) if found.commands else None,
        "groups": groups_of(school_class) if school_class is not None else (),
        "buttons": buttons(request.actor),
        "has_passes": is_on(settings),
        "gives_passes": gives_passes(request.signed_in),
        "passes_unknown": found.session.is_running and not where.is_known,
        "screens": request.signed_in.sees_screens,
    }
