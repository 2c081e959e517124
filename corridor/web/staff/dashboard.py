"""The staff dashboard: who waits for me, who is out, is anything wrong."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.accounts.people import has_students
from corridor.live.log import last_number
from corridor.passes import auto, history, moves, queries, states
from corridor.passes.cards import PassCard
from corridor.passes.events import StudentSeenWithoutPass
from corridor.passes.sightings import seen_of_rooms
from corridor.passes.standing import day_of
from corridor.roster import places
from corridor.roster.bells import ringing_on
from corridor.roster.models import Location
from corridor.roster.schools import settings_of
from corridor.web import fragments, guards
from corridor.web.guards import Request, sees_all_ended
from corridor.web.staff.passes import corrections_of

_MOST_COMING = 300
_MOST_ENDED = 100
# The lists of appointments, in the order of their tabs.
_WHEN = ("today", "future", "awaiting")


@guards.adult
@require_GET
@gzip_page  # fifty rows say much the same; the tokens in it are masked anew for each page
def dashboard(request: Request) -> HttpResponse:
    """My passes or all passes of the school: active, in line, or ended today."""
    signed, at = request.signed_in, clock.now()
    scope = "all" if request.GET.get("scope") == "all" else "mine"
    tab = request.GET.get("tab", "")
    tab = tab if tab in ("ended", "queue", "appointments") else "active"
    if tab == "ended" and not sees_all_ended(signed):
        scope = "mine"
    # The number first, then the lists: an event in between is applied again and does no harm.
    after = last_number(signed.school_id)
    mine = None if scope == "all" else signed.location_ids
    cards = queries.open_passes(signed.school_id, mine)
    today, tomorrow = day_of(at, signed.settings)
    coming, is_cut = list[PassCard](), False
    if tab == "appointments":
        coming, is_cut = queries.next_appointments(
            signed.school_id, mine, made_by=signed.account_id, most=_MOST_COMING
        )
    when = request.GET.get("when", "")
    ended = _ended(request, mine, today) if tab == "ended" else []
    facts = {
        "scope": scope,
        "tab": tab,
        "waiting": [_row(request, c) for c in cards if c.state == states.WAITING],
        "waiting_ids": " ".join(f"pass-{c.id}" for c in cards if c.state == states.WAITING),
        "out": [_row(request, c) for c in sorted(filter(_is_out, cards), key=_since)],
        "queue": [_row(request, c) for c in cards if c.state == states.QUEUED],
        "lines": _lines(request, mine) if tab == "queue" else [],
        "ended": [_row(request, c) for c in ended[:_MOST_ENDED]],
        "ended_cut": _MOST_ENDED if len(ended) > _MOST_ENDED else 0,
        "coming": _by_section(request, coming),
        "coming_cut": _MOST_COMING if is_cut else 0,
        "when": when if when in _WHEN else _WHEN[0],
        "auto_room": auto.room_of(signed.school_id, signed.account_id, at),
        "tiles": queries.tiles(signed.school_id, signed.settings, at),
        "own": queries.in_places(signed.school_id, at).of(
            signed.location_ids, signed.personal_location_id
        ),
        "bell": bell_today(request),
        "stream_after": after,
        "day_ends": tomorrow.isoformat(),
        "first_steps": signed.role == "admin" and not has_students(signed.school_id),
        "sightings": _sightings(request, today) if (scope, tab) == ("mine", "active") else [],
        "corrections": len(history.asking(signed.school_id, corrections_of(signed))),
        "sees_all": tab != "ended" or sees_all_ended(signed),
    }
    return render(request, "staff/dashboard.html", facts)


@guards.adult
@require_GET
def bell(request: Request) -> HttpResponse:
    """The periods of today, for a page that has been open for a while."""
    return render(request, "staff/_bell.html", {"bell": bell_today(request)})


def bell_today(request: Request) -> dict[str, object] | None:
    """The periods of the school's day as they are now, or None where no bell rings."""
    settings, at = settings_of(request.signed_in.school_id), clock.now()
    today = at.astimezone(settings.zone).date()
    periods = ringing_on(settings.bells, settings.zone, today)
    if not periods:
        return None
    schedule = settings.bells.schedule_on(today)
    is_usual = schedule is None or schedule.name == settings.bells.week[today.weekday()]
    return {
        "periods": periods,
        "now": next((one for one in periods if one.begins <= at < one.ends), None),
        "schedule": "" if schedule is None or is_usual else schedule.name,
    }


def _ended(request: Request, mine: Collection[int] | None, since: datetime) -> list[PassCard]:
    """The passes that ended since then, of the adult's locations or the school's.

    One more than is shown.
    """
    return queries.ended_passes(request.signed_in.school_id, since, mine, _MOST_ENDED + 1)


def _by_section(request: Request, cards: list[PassCard]) -> dict[str, list[str]]:
    """The rows of the three lists."""
    found: dict[str, list[str]] = {name: [] for name in _WHEN}
    for card in cards:
        found[fragments.section(card, request.signed_in.settings)].append(_row(request, card))
    return found


def _sightings(request: Request, since: datetime) -> list[StudentSeenWithoutPass]:
    """Today's notes of others about students who should have been in a room of this adult."""
    signed = request.signed_in
    found = seen_of_rooms(
        signed.school_id, since, clock.now() + timedelta(minutes=1),
        location_ids=signed.location_ids, account_id=signed.account_id, limit=6,
    )  # fmt: skip
    return [note for note in found if note.by.account_id != signed.account_id]


def _lines(request: Request, mine: Collection[int] | None) -> list[Location]:
    """The places where students may stand in line and whose line this adult may clear."""
    clears = None if request.actor.role == "admin" and mine is None else request.actor.location_ids
    found = places.open_locations(request.actor.school_id)
    return [p for p in found if p.queueing and (clears is None or p.pk in clears)]


def _is_out(card: PassCard) -> bool:
    return card.is_out


def _since(card: PassCard) -> datetime:
    return card.started_at or card.requested_at


def _row(request: Request, card: PassCard) -> str:
    who = moves.relations(card, request.actor)
    return fragments.row(card, who, request.signed_in.settings, request.LANGUAGE_CODE)
