"""History: the passes that are over and the requests that were refused, by filters."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.accounts.models import PassAccount
from corridor.passes import history as past
from corridor.passes import states
from corridor.passes.cards import PassCard
from corridor.passes.looks import look_at_history
from corridor.passes.words import NEUTRAL_CODES, RULES, sentence
from corridor.roster.models import Location
from corridor.web import guards
from corridor.web.guards import Request, sees_all_ended
from corridor.web.staff.filters import (
    KIND_WORDS,
    OF_PASSES,
    OF_REFUSALS,
    RULE_WORDS,
    Filters,
    adults_to_choose,
    places_to_choose,
    rule_word,
    when_words,
)
from corridor.web.templatetags import corridor as words

PAGE: Final = 50
COUNTED: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@guards.adult
@require_GET
def history(request: Request) -> HttpResponse:
    """A page of passes that are over, newest first."""
    return _page(request, "passes")


@guards.adult
@require_GET
def refusals(request: Request) -> HttpResponse:
    """A page of requests that were refused, newest first."""
    return _page(request, "refused")


def _page(request: Request, show: str) -> HttpResponse:
    signed, at = request.signed_in, clock.now()
    names = OF_PASSES if show == "passes" else OF_REFUSALS
    filters = Filters(request.GET, signed, at, names)
    asked = request.GET.copy()
    after_text = asked.pop("after", [""])[-1]
    if not filters.problems and asked.urlencode() != filters.address:
        # The address is what is asked for and nothing else, so that it can be kept and compared.
        return redirect(f"{request.path}?{filters.address}" if filters.address else request.path)
    if filters.student is not None:
        look_at_history(student_id=filters.student.pk, by=request.actor, at=at)
    wanted, after = filters.wanted, place_in(after_text)
    school_id = signed.school_id
    if show == "passes":
        cards = past.passes(school_id, wanted, after=after, limit=PAGE + 1)
        days = by_day(map(past_row, cards[:PAGE]))
        last = (cards[PAGE - 1].requested_at, cards[PAGE - 1].id) if len(cards) > PAGE else None
        count = None if after else past.count(school_id, wanted, COUNTED + 1)
    else:
        found = past.refusals(school_id, wanted, after=after, limit=PAGE + 1)
        days = by_day(_refused_rows(found[:PAGE], by_admin=signed.role == "admin"))
        last = (found[PAGE - 1].event.at, found[PAGE - 1].number) if len(found) > PAGE else None
        count = None if after else past.count_refusals(school_id, wanted, COUNTED + 1)
    facts = {
        "show": show,
        "days": days,
        "count": min(count, COUNTED) if count is not None else None,
        "counted": COUNTED if count is not None and count > COUNTED else None,
        "older": f"{filters.address}&after={text_of(last)}".lstrip("&") if last else "",
        "filters": filters,
        "chips": filters.chips(),
        "spans": list(filters.spans(when_words(signed.settings))),
        "first": request.path + (f"?{filters.address}" if filters.address else ""),
        "is_later_page": bool(after),
        "sees_all": sees_all_ended(signed),
        **_choices(school_id, show, by_admin=signed.role == "admin"),
    }
    return render(request, "staff/history.html", facts, status=400 if filters.problems else 200)


def text_of(place: past.Place) -> str:
    """A place in the list as it stands in an address: microseconds and number."""
    return f"{(place[0] - _EPOCH) // timedelta(microseconds=1)}-{place[1]}"


def place_in(text: str) -> past.Place | None:
    """The place that an address names, or None."""
    at, _, number = text.partition("-")
    if not (at.isdecimal() and number.isdecimal() and len(at) < 17 and len(number) < 19):
        return None
    return _EPOCH + timedelta(microseconds=int(at)), int(number)


def by_day(rows: Iterable[dict[str, Any]]) -> list[tuple[date, list[dict[str, Any]]]]:
    """The rows under the days of the school's calendar, in their order."""
    return [(day, list(found)) for day, found in groupby(rows, key=lambda row: row["day"])]


def past_row(card: PassCard) -> dict[str, Any]:
    """A pass as a line of a history."""
    marks = [mark for mark in card.marks if mark != states.LONG_RUNNING or not words.is_long(card)]
    return {
        "day": timezone.localtime(card.requested_at).date(),
        "card": card,
        "address": reverse("staff:pass", args=(card.id,)),
        "marks": marks,
        "minutes": _minutes(card),
        "asks": card.correction is not None,
    }


def _minutes(card: PassCard) -> int | None:
    if card.started_at is None or card.ended_at is None:
        return None
    return round((card.ended_at - card.started_at) / timedelta(minutes=1))


def _refused_rows(found: list[past.Refused], *, by_admin: bool) -> Iterable[dict[str, Any]]:
    students = {one.event.student_id for one in found}
    places = {one.event.destination_id for one in found} | {one.event.origin_id for one in found}
    names = dict(PassAccount.objects.filter(pk__in=students).values_list("pk", "display_name"))
    called = dict(Location.objects.filter(pk__in=places).values_list("pk", "name"))
    for one in found:
        event = one.event
        refusal = event.refusal
        if refusal.code in NEUTRAL_CODES and not by_admin:
            told = _("The building was full, or it was not possible for another reason.")
        else:
            told = sentence(refusal, for_adult=True)
        yield {
            "day": timezone.localtime(event.at).date(),
            "at": event.at,
            "student_id": event.student_id,
            "student": names.get(event.student_id, "—"),
            "origin": called.get(event.origin_id, "—"),
            "destination": called.get(event.destination_id, "—"),
            "rule": rule_word(refusal.code, by_admin=by_admin),
            "told": told,
        }


def _choices(school_id: int, show: str, *, by_admin: bool) -> dict[str, Any]:
    places, closed_places = places_to_choose(school_id)
    rules = [code for code in (*RULES, *RULE_WORDS) if by_admin or code != "kept_apart"]
    return {
        "adults": adults_to_choose(school_id) if show == "passes" else [],
        "places": places,
        "closed_places": closed_places,
        "kinds": list(KIND_WORDS.items()),
        "whats": [(name, _(states.WORDS[name])) for name in past.WHATS],
        "marks": [(name, _(states.WORDS[name])) for name in past.MARKS],
        "rules": [(code, rule_word(code, by_admin=by_admin)) for code in rules],
    }
