"""The student's home: the running pass, or the form to ask for one."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.live.log import last_number
from corridor.passes import queries
from corridor.passes.proof import word_of_the_minute
from corridor.roster import places
from corridor.web import guards
from corridor.web.fragments import told
from corridor.web.guards import Request

_FAVOURITES = 6


@guards.student
@require_GET
def home(request: Request) -> HttpResponse:
    """Three taps from here to a request: origin (remembered), destination, ask."""
    return home_page(request)


def home_page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page; `more` holds why a request has just failed, whose form then keeps its contents."""
    signed, at = request.signed_in, clock.now()
    # The number first, then the pass: an event in between is applied again and does no harm.
    after = last_number(signed.school_id)
    card = queries.open_pass_of(signed.account_id)
    facts: dict[str, Any] = {"card": card, "stream_after": after}
    if card is None:
        facts |= _create_facts(request)
    else:
        word = word_of_the_minute(signed.school_id, at, settings.SECRET_KEY)
        facts["word"] = told(word)
    return render(request, "student/home.html", facts | more, status=status)


def _create_facts(request: Request) -> dict[str, Any]:
    signed, at = request.signed_in, clock.now()
    past = queries.passes_of(signed.account_id, limit=50)
    favourites = queries.most_used([card.destination.id for card in past], _FAVOURITES)
    open_places = places.open_locations(signed.school_id)
    answered = places.with_adults(signed.school_id)
    full = queries.full_locations(signed.school_id)
    sent = request.POST
    origin_id = sent.get("origin") or (str(past[0].origin.id) if past else "")
    limit = queries.limits_of(signed.account_id, signed.settings).day
    used = queries.used_today(past, signed.settings, at)
    return {
        "places": [
            {
                "id": place.pk,
                "name": place.name,
                "adult_name": place.adult_name,
                "trip_type": place.trip_type,
                "reason_mode": place.reason_mode,
                "is_personal": bool(place.adult_name),
                "is_favourite": place.pk in favourites,
                "full": place.pk in full,
                "can_be_origin": place.pk in answered,
            }
            for place in open_places
        ],
        "origin": next(
            (p for p in open_places if str(p.pk) == origin_id and p.pk in answered), None
        ),
        "chosen": sent.get("destination", ""),
        "reason": sent.get("reason", ""),
        "limits": None
        if limit is None
        else {"used": used, "allowed": limit, "left": max(limit - used, 0)},
        "request_id": uuid4(),
    }
