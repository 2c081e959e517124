"""Passes of the students of a running class: look at one, give one.

What is pressed on a pass goes to `corridor.web.classroom.passes`.
"""

import logging
from collections.abc import Collection, Iterable
from typing import Any, cast
from uuid import uuid4

from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from corridor import clock
from corridor.accounts.actors import Actor
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.accounts.people import personal_location_of
from corridor.classroom.cards import ParticipantCard
from corridor.classroom.queries import Console
from corridor.classroom.refusals import Stale
from corridor.integration import freshness
from corridor.integration.people import in_pass, is_on, pass_actor_of, pass_id_of
from corridor.integration.whereabouts import (
    NOBODY,
    UNKNOWN,
    ClassWhereabouts,
    whereabouts_of,
)
from corridor.live.log import turn
from corridor.passes import moves, queries
from corridor.passes.cards import PassCard
from corridor.passes.refusals import NeedsOverride, NotAllowed, NotFound, Refusal
from corridor.passes.requests import give_pass
from corridor.passes.words import sentence
from corridor.roster import places
from corridor.web import guards
from corridor.web.console.gate import console_of
from corridor.web.errors import BadInput
from corridor.web.forms import TeacherPassForm, first_problem
from corridor.web.guards import ClassroomRequest, OnlyLooking, Request, sees_all_ended
from corridor.web.staff.passes import detail_page

log = logging.getLogger(__name__)


@guards.console_adult
@require_GET
def pass_of(
    request: ClassroomRequest, session_id: int, student_id: int, pass_id: int
) -> HttpResponse:
    """The pass behind a badge; whoever has no part in it, or is not in Pass, reads only."""
    found, row = _student_of(request, session_id, student_id)
    card = queries.pass_of_school(request.actor.school_id, pass_id)
    if card.student.id != pass_id_of(request.actor.school_id, student_id):
        raise NotFound("pass")
    by = _decides_as(request.signed_in)
    if not _may_read(card, by, request.signed_in):
        raise NotAllowed
    return _detail(request, found, row, card, by or request.actor)


@guards.console_adult
@require_http_methods(["GET", "POST"])
def give(request: ClassroomRequest, session_id: int, student_id: int) -> HttpResponse:
    """Give a student of the class a pass: a press on the destination, and they may go."""
    found, row = _student_of(request, session_id, student_id)
    by = _giver(request.signed_in)
    pass_id = pass_id_of(request.actor.school_id, student_id)
    if request.method == "GET":
        return _offer(request, found, row, by)
    form = TeacherPassForm(request.POST.dict() | {"student": str(pass_id)})
    if not form.is_valid():
        raise BadInput(" ".join(first_problem(form)))
    try:
        with turn(by.school_id) as tx:
            card = give_pass(tx, **form.cleaned_data, by=by, at=clock.now())
    except NeedsOverride as question:
        return _offer(request, found, row, by, broken=question.broken)
    return _detail(request, found, row, card, by)


def gives_passes(signed: ClassroomSignedIn) -> bool:
    """Whether this person can give passes from a console."""
    return is_on(signed.settings) and _decides_as(signed) is not None


def readable(passes: Iterable[PassCard], signed: ClassroomSignedIn) -> frozenset[int]:
    """The ids of those passes that this person may read, by the school's setting for ended ones."""
    by = _decides_as(signed)
    return frozenset(card.id for card in passes if _may_read(card, by, signed))


def whereabouts(signed: ClassroomSignedIn, student_ids: Collection[int]) -> ClassWhereabouts:
    """Who of these students is out, for this person; a class goes on without Pass."""
    if not is_on(signed.settings):
        return NOBODY
    try:
        return whereabouts_of(signed.school_id, student_ids)
    except DatabaseError:
        log.exception("Pass did not answer; a console is shown without it")
        return UNKNOWN


def _decides_as(signed: ClassroomSignedIn) -> Actor | None:
    """Who this adult is in Pass; None too for an admin who acts as somebody, who reads only."""
    return pass_actor_of(signed) if signed.acted_by is None else None


def _may_read(card: PassCard, by: Actor | None, signed: ClassroomSignedIn) -> bool:
    """Whether this person, who is `by` in Pass or nobody there, may read the whole pass."""
    sees_all = sees_all_ended(signed)
    if by is None:
        return card.is_open or sees_all
    return moves.may_read(card, by, sees_all_ended=sees_all)


def _giver(signed: ClassroomSignedIn) -> Actor:
    """Who gives a pass. Raises `PassFailure`, and `OnlyLooking` for who acts as somebody."""
    if signed.acted_by is not None:
        raise OnlyLooking
    return in_pass(signed)


def _student_of(
    request: ClassroomRequest, session_id: int, student_id: int
) -> tuple[Console, ParticipantCard]:
    """The class and the student's card in it, as far as the card itself would tell of passes.

    Raises `NotFound`, `NotAllowed`, and `Stale` once the class is over.
    """
    found = console_of(request, session_id)
    row = next((one for one in found.participants if one.student.id == student_id), None)
    if row is None or not is_on(request.signed_in.settings):
        raise NotFound("student")
    if not found.session.is_running:
        raise Stale(found.session)
    if not row.tells_where:
        raise NotFound("student")
    return found, row


def _detail(
    request: ClassroomRequest, found: Console, row: ParticipantCard, card: PassCard, by: Actor
) -> HttpResponse:
    """As Pass shows it, with the moves of who this person is there."""
    as_in_pass = cast(Request, request)
    as_in_pass.actor = by
    student_id = row.student.id
    return detail_page(
        as_in_pass,
        card,
        class_student=student_id,
        class_address=reverse("classroom:pass_of", args=(found.session.id, student_id, card.id)),
        reads_only=card.is_open and not moves.relations(card, by),
        as_of=freshness.passes.as_of,
    )


def _offer(
    request: ClassroomRequest, found: Console, row: ParticipantCard, by: Actor, *,
    broken: tuple[Refusal, ...] = (),
) -> HttpResponse:  # fmt: skip
    posted: Any = request.POST
    own = personal_location_of(by.account_id) if by.account_id is not None else None
    facts = {
        "session": found.session,
        "student": row.student,
        # Also those that take no passes: one may depart there, and an adult is asked, not stopped.
        "places": places.open_locations(by.school_id),
        "origin": posted.get("origin") or str(own or ""),
        "destination": posted.get("destination", ""),
        "reason": posted.get("reason", ""),
        "pre_approved": "on" if not posted else posted.get("pre_approved", ""),
        "warnings": [{"code": no.code, "sentence": sentence(no, for_adult=True)} for no in broken],
        # The answer to a question repeats the same request.
        "request_id": posted.get("request_id") or uuid4(),
    }
    return render(request, "console/_give_pass.html", facts)
