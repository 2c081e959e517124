"""The student's home: the running pass, or the form to ask for one."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from math import ceil
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.accounts.limits import listings_of
from corridor.live.log import last_number
from corridor.passes import queries, queueing
from corridor.passes.proof import word_of_the_minute
from corridor.roster import absences, places
from corridor.roster.models import Location, is_open_to
from corridor.web import guards
from corridor.web.fragments import told
from corridor.web.guards import Request
from corridor.web.student.appointments import rows_of
from corridor.web.templatetags.corridor import weekday

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
        facts["coming"] = rows_of(request, 3)
    else:
        word = word_of_the_minute(signed.school_id, at, settings.SECRET_KEY)
        facts["word"] = told(word)
    return render(request, "student/home.html", facts | more, status=status)


def line_to_join(request: Request, destination_id: int) -> dict[str, Any]:
    """Whether the student may stand in line there, and how it looks; nothing where not."""
    school_id, at = request.signed_in.school_id, clock.now()
    place = places.location_of_school(school_id, destination_id)
    if place is None or not place.queueing:
        return {}
    outlook = queueing.outlook_at(school_id, destination_id, at)
    if outlook.ahead >= request.signed_in.settings.queue_longest:
        return {}
    # Whoever stands in line needs no time to try again.
    return {"line": line_words(outlook.ahead, outlook.about, at), "when": ""}


def line_words(ahead: int, about: datetime | None, at: datetime) -> str:
    """The line as somebody sees it who may join it."""
    if ahead:
        count = ngettext("%(n)s student is in line.", "%(n)s students are in line.", ahead)
        first = count % {"n": ahead}
    else:
        first = _("Nobody is in line.")
    if about is None:
        return first + " " + _("Nobody knows yet how long it takes.")
    minutes = max(ceil((about - at).total_seconds() / 60), 1)
    text = ngettext("About %(n)s minute.", "About %(n)s minutes.", minutes)
    return first + " " + text % {"n": minutes}


def left_words(binding: tuple[str, int, int] | None) -> str:
    """The limit that binds first, in plain words; nothing where there is none."""
    if binding is None:
        return ""
    span, left, allowed = binding
    text = {
        "period": _("%(left)s of %(allowed)s left this period"),
        "day": _("%(left)s of %(allowed)s left today"),
        "week": _("%(left)s of %(allowed)s left this week"),
        "term": _("%(left)s of %(allowed)s left this term"),
    }[span]
    return text % {"left": left, "allowed": allowed}


def _why_not(place: Location, is_listed: bool, local: datetime) -> str:
    """Why the student cannot go there now, whatever else is true; empty when nothing is known."""
    if not place.takes_passes:
        return _("Takes no passes")
    known = absences.read(place.absences)
    back = absences.back_at(known, local)
    if back is not None:
        when = date_format(back + timedelta(seconds=59), "TIME_FORMAT")
        if back.date() - local.date() > timedelta(days=1) or (
            back.date() != local.date() and back.time() != time()
        ):
            return _("Out of office until %(time)s") % {"time": weekday(back)}
        if back.date() != local.date():
            return _("Out of office today")
        return _("Out of office until %(time)s") % {"time": when}
    if not is_open_to(place.access, listed=is_listed):
        return _("Not open to you right now")
    return ""


@lru_cache(maxsize=8192)
def _tile(
    location_id: int,
    name: str,
    adult_name: str,
    reason_mode: str,
    full: bool,
    why_not: str,
    language: str,
) -> SafeString:
    """A place to choose. It looks the same to everybody, and a whole school asks at the bell."""
    facts = {
        "id": str(location_id), "name": name, "reason_mode": reason_mode, "why_not": why_not,
        "full": full, "adult_name": adult_name if adult_name not in name else "",
    }  # fmt: skip
    with translation.override(language):
        return render_to_string("student/_place.html", {"place": facts})


def _create_facts(request: Request) -> dict[str, Any]:
    signed, at = request.signed_in, clock.now()
    past = queries.passes_of(signed.account_id, limit=50)
    favourites = queries.most_used([card.destination.id for card in past], _FAVOURITES)
    open_places = places.open_locations(signed.school_id)
    answered = places.with_adults(signed.school_id)
    full = queries.full_locations(signed.school_id, at)
    sent = request.POST
    origin_id = sent.get("origin") or (str(past[0].origin.id) if past else "")
    local = at.astimezone(signed.settings.zone)
    listed = listings_of(signed.account_id, local.date())
    limits = queries.limits_of(signed.account_id, signed.settings)
    used = queries.used_by(signed.account_id, signed.settings, at)
    return {
        "places": [
            {
                "id": place.pk,
                "name": place.name,
                "adult_name": place.adult_name,
                "is_personal": bool(place.adult_name),
                "is_favourite": place.pk in favourites,
                "can_be_origin": place.pk in answered,
                "tile": _tile(
                    place.pk,
                    place.name,
                    place.adult_name,
                    place.reason_mode,
                    place.pk in full,
                    _why_not(place, place.pk in listed, local),
                    request.LANGUAGE_CODE,
                ),
            }
            for place in open_places
        ],
        "origin": next(
            (p for p in open_places if str(p.pk) == origin_id and p.pk in answered), None
        ),
        "chosen": sent.get("destination", ""),
        "reason": sent.get("reason", ""),
        "left": left_words(queries.binding(limits, used)),
        "request_id": uuid4(),
    }
