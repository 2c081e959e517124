"""What an adult does with passes: answer, move along, comment, edit, look.

The functions serve two faces, Pass and Classroom, with the guard of each before them: see the end
of this file, and `corridor.web.classroom.passes`.
"""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from corridor import clock
from corridor.accounts.signins import SignedIn
from corridor.live.log import turn
from corridor.passes import corrections, history, moves, queries, trips
from corridor.passes.cards import PassCard
from corridor.passes.refusals import NotAllowed
from corridor.passes.undoing import undo
from corridor.passes.words import rules_overridden
from corridor.web import fragments, guards
from corridor.web.errors import BadInput
from corridor.web.forms import AnswerForm, CommentForm, EditTimesForm, RequestId, first_problem
from corridor.web.guards import Request, sees_all_ended
from corridor.web.staff.appointments import detail_facts


def show(request: Request, pass_id: int) -> HttpResponse:
    """The whole story of a pass; whoever has no part in it reads only."""
    card = queries.pass_of_school(request.signed_in.school_id, pass_id)
    sees_all = sees_all_ended(request.signed_in)
    if not moves.may_read(card, request.actor, sees_all_ended=sees_all):
        raise NotAllowed
    return detail_page(request, card)


def press(request: Request, pass_id: int, move_name: str) -> HttpResponse:
    """One press: approve, cancel, arrive, send back, end and keep, end, undo."""
    if move_name in ("withdraw", "start", "stop"):
        raise NotAllowed
    make = undo if move_name == "undo" else partial(trips.move_pass, move_name=move_name)
    with turn(request.actor.school_id) as tx:
        card = make(
            tx, pass_id=pass_id, by=request.actor, at=clock.now(),
            request_id=RequestId.of(request.POST),
        )  # fmt: skip
    return _row(request, card)


def write_comment(request: Request, pass_id: int) -> HttpResponse:
    """Write a comment beside the pass."""
    data = _cleaned(CommentForm(request.POST))
    with turn(request.actor.school_id) as tx:
        card = trips.comment_on_pass(tx, pass_id=pass_id, by=request.actor, at=clock.now(), **data)
    return detail_page(request, card)


def correct_times(request: Request, pass_id: int) -> HttpResponse:
    """Say when the student of a system-ended pass was really back."""
    data = _cleaned(EditTimesForm(request.POST))
    with turn(request.actor.school_id) as tx:
        card = trips.edit_times(tx, pass_id=pass_id, by=request.actor, at=clock.now(), **data)
    return detail_page(request, card)


def judge_correction(request: Request, pass_id: int) -> HttpResponse:
    """Confirm or decline what the student says of the end of the pass."""
    data = _cleaned(AnswerForm(request.POST))
    words, confirms = data.pop("words"), data.pop("answer") == "confirm"
    data |= {"pass_id": pass_id, "by": request.actor, "at": clock.now()}
    with turn(request.actor.school_id) as tx:
        if confirms:
            card = corrections.confirm_correction(tx, **data)
        else:
            card = corrections.decline_correction(tx, answer=words, **data)
    if request.headers.get("HX-Request"):
        return detail_page(request, card)
    told = _("Confirmed: %(name)s") if confirms else _("Declined: %(name)s")
    messages.success(request, told % {"name": card.student.name})
    return redirect("staff:corrections")


@guards.adult
@require_GET
def to_confirm(request: Request) -> HttpResponse:
    """The corrections that wait for an answer of this adult."""
    asking = history.asking(request.signed_in.school_id, corrections_of(request.signed_in))
    return render(request, "staff/corrections.html", {"cards": asking})


def corrections_of(signed: SignedIn) -> frozenset[int] | None:
    """The locations whose corrections this adult answers; None is all of the school."""
    return None if signed.role == "admin" else signed.location_ids


def _cleaned(form: Any) -> dict[str, Any]:
    if not form.is_valid():
        raise BadInput(" ".join(first_problem(form)))
    return form.cleaned_data  # type: ignore[no-any-return]


def _row(request: Request, card: PassCard) -> HttpResponse:
    settings = request.signed_in.settings
    return HttpResponse(fragments.answer(card, request.actor, settings, request.LANGUAGE_CODE))


def detail_page(request: Request, card: PassCard, **more: Any) -> HttpResponse:
    """The whole story of a pass, with the forms of what this adult may do."""
    who = moves.relations(card, request.actor)
    possible = {found.name for found in moves.possible(card, who)}
    facts = {
        "card": card,
        "address": fragments.address_of(card, request.actor.face),
        "appointment_address": fragments.address_of(card, request.actor.face, "appointments"),
        "moves": fragments.buttons(card, who),
        "overridden": rules_overridden(card.overridden, by_admin=request.actor.role == "admin"),
        "can_comment": "comment" in possible,
        "can_edit_times": "edit_times" in possible,
        "can_answer": "confirm_correction" in possible,
        "now_local": timezone.localtime(clock.now()),
        **detail_facts(card, possible, request),
        **more,
    }
    return render(request, "staff/_detail.html", facts)


detail = guards.adult(require_GET(show))
move = guards.adult(require_POST(press))
comment = guards.adult(require_POST(write_comment))
edit_times = guards.adult(require_POST(correct_times))
answer_correction = guards.adult(require_POST(judge_correction))
