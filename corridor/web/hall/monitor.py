"""The hall monitor: everybody who is out, on a phone in a corridor."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from corridor import clock
from corridor.live.log import last_number, turn
from corridor.passes import moves, queries
from corridor.passes.cards import PassCard
from corridor.passes.trips import move_pass
from corridor.passes.undoing import undo as undo_pass
from corridor.web import fragments, guards
from corridor.web.forms import RequestId
from corridor.web.guards import Request


@guards.adult_in_hall
@require_GET
def monitor(request: Request) -> HttpResponse:
    """Who is out now, whoever has been out for longest first."""
    return render(request, "hall/monitor.html", out_now(request))


def out_now(request: Request) -> dict[str, Any]:
    """Everybody who is out, with the number from which their list is kept true."""
    signed = request.signed_in
    # The number first, then the list: an event in between is applied again and does no harm.
    after = last_number(signed.school_id)
    out = [card for card in queries.open_passes(signed.school_id) if card.is_out]
    return {
        "rows": [row(request, card) for card in sorted(out, key=_since)],
        "tiles": queries.tiles(signed.school_id, signed.settings, clock.now()),
        "stream_after": after,
    }


@guards.adult_in_hall
@require_POST
def end(request: Request, pass_id: int) -> HttpResponse:
    """One press: the student is back, or is sent back by whoever met them."""
    request_id = RequestId.of(request.POST)
    with turn(request.actor.school_id) as tx:
        card = move_pass(
            tx, "end", pass_id=pass_id, by=request.actor, at=clock.now(), request_id=request_id
        )
    if request.headers.get("HX-Request"):
        offered = fragments.undo(card, request.actor, request.LANGUAGE_CODE)
        return HttpResponse(row(request, card) + offered)
    return redirect("hall:monitor")


@guards.adult_in_hall
@require_POST
def undo(request: Request, pass_id: int) -> HttpResponse:
    """That was the wrong student: the pass goes on as before."""
    with turn(request.actor.school_id) as tx:
        card = undo_pass(
            tx, pass_id=pass_id, by=request.actor, at=clock.now(),
            request_id=RequestId.of(request.POST),
        )  # fmt: skip
    return HttpResponse(row(request, card))


def row(request: Request, card: PassCard) -> str:
    """The row of a pass as this adult sees it in the hall."""
    settings = request.signed_in.settings
    # Also on another page with this list: what is pressed in it is done in the hall.
    who = moves.relations(card, request.signed_in.acting("hall"), hall_ends=settings.hall_ends)
    return fragments.hall_row(card, who, settings, request.LANGUAGE_CODE)


def _since(card: PassCard) -> tuple[str, int]:
    return ((card.started_at or card.requested_at).isoformat(), card.id)
