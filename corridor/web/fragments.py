"""Pieces of a page that are drawn on load and pushed later, from the same templates.

A row looks the same to everybody who is the same to the pass (from-adult, to-adult, admin or only
looking), so it is drawn once per event and kind of viewer, not once per viewer.
"""

from functools import cache, lru_cache
from threading import Lock
from typing import Any

import msgspec
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from corridor import clock
from corridor.passes import moves, states
from corridor.passes.arranging import TAKEN_BACK_BEFORE
from corridor.passes.cards import PassCard
from corridor.passes.events import StudentSeenWithoutPass
from corridor.passes.proof import WordOfTheMinute
from corridor.passes.standing import day_of
from corridor.passes.trips import PRESSES
from corridor.roster.settings import SchoolSettings
from corridor.web.templatetags import corridor as words

_drawing = Lock()


class Button(msgspec.Struct, frozen=True):
    """A move as a row draws it."""

    name: str
    label: str
    tone: str


def row(card: PassCard, who: frozenset[str], settings: SchoolSettings, language: str) -> str:
    """The row of a pass on the staff dashboard for people who are this to it."""
    template = "staff/_coming.html" if card.is_coming else "staff/_row.html"
    return _drawn(card, who, settings, language, template)


def hall_row(card: PassCard, who: frozenset[str], settings: SchoolSettings, language: str) -> str:
    """The row of a pass on a phone in a corridor: who, where to, since when, End."""
    return _drawn(card, who, settings, language, "hall/_row.html")


def section(card: PassCard, settings: SchoolSettings) -> str:
    """The list of a board that the row belongs to; appointments by the day that it is now."""
    if card.state == states.AWAITING:
        return "awaiting"
    if card.appointment is not None and card.is_coming:
        _, tomorrow = day_of(clock.now(), settings)
        return "today" if card.appointment.begins_at < tomorrow else "future"
    if not card.is_open:
        return "ended"
    if card.state == states.QUEUED:
        return "queue"
    return "waiting" if card.state == states.WAITING else "out"


def buttons(card: PassCard, who: frozenset[str]) -> list[Button]:
    """The buttons of the moves that are possible; comment and edit have forms of their own."""
    return [
        Button(move.name, gettext(move.label), move.tone)
        for move in moves.possible(card, who)
        if move.name in PRESSES and move.name != "withdraw"
    ]


def ticket(card: PassCard, word: WordOfTheMinute, settings: SchoolSettings, language: str) -> str:
    """The student's own pass, full screen."""
    with translation.override(language), timezone.override(settings.zone):
        return render_to_string("student/_ticket.html", {"card": card, "word": told(word)})


def coming(card: PassCard, settings: SchoolSettings, language: str) -> str:
    """An appointment in the student's own list; after it is called off, why."""
    with translation.override(language), timezone.override(settings.zone):
        facts = {"card": card, "can_take_back": can_take_back(card)}
        return render_to_string("student/_coming.html", facts).strip()


def can_take_back(card: PassCard) -> bool:
    """Whether the student asked for it and it is far enough away."""
    return (
        card.is_coming
        and card.appointment is not None
        and card.made_by.account_id == card.student.id
        and clock.now() <= card.appointment.begins_at - TAKEN_BACK_BEFORE
    )


def sighting(event: StudentSeenWithoutPass, language: str) -> str:
    """What the adults of the room hear in which a student who was met without a pass should be."""
    with translation.override(language):
        return render_to_string("staff/_sighting.html", {"note": event}).strip()


def told(word: WordOfTheMinute) -> dict[str, str]:
    """The word of the minute in the reader's language, its colour as a name for the style."""
    return {"text": gettext(word.text), "colour": word.colour}


class _Held:
    """Carries the card past the cache's key: school, id and version already name it."""

    __slots__ = ("card",)

    def __init__(self, card: PassCard) -> None:
        self.card = card

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


def _drawn(
    card: PassCard, who: frozenset[str], settings: SchoolSettings, language: str, template: str
) -> str:
    key = (card.school_id, card.id, card.version)
    # After a press its own thread and the streams want the same row in the same instant: the
    # second waits for the first instead of drawing it again.
    with _drawing:
        where = section(card, settings)
        return _row(key, who, settings.time_zone, language, template, where, _Held(card))


@lru_cache(maxsize=8192)
def _row(
    key: tuple[int, int, int],
    who: frozenset[str],
    time_zone: str,
    language: str,
    template: str,
    where: str,
    held: _Held,
) -> str:
    with translation.override(language), timezone.override(time_zone):
        return render_to_string(template, _row_facts(held.card, who, where)).strip()


@cache
def _passes() -> str:
    """What every pass's address begins with."""
    return reverse("staff:pass", args=(0,)).removesuffix("0")


def _row_facts(card: PassCard, who: frozenset[str], where: str) -> dict[str, Any]:
    """What the row says, ready to print: it is drawn for every event, so its template is flat.

    What people typed is escaped by the template as everywhere; the rest is ours and marked so,
    because escaping it takes a third of the drawing.
    """
    coming = card.appointment if card.is_coming else None
    begins = coming.begins_at if coming is not None else None
    since = (begins or card.started_at or card.requested_at).isoformat()
    until = card.ended_at.isoformat() if card.ended_at else ""
    ours = {
        "key": f"pass-{card.id}",
        "id": str(card.id),
        "version": str(card.version),
        "section": where,
        "sort": until if where == "ended" else since,
        "tone": words.state_tone(card),
        "icon": words.state_icon(card),
        "icons": static("icons.svg"),
        "address": f"{_passes()}{card.id}",
        "since": since,
        "until": until,
    }
    return {name: SafeString(value) for name, value in ours.items()} | {
        "word": words.state_word(card),
        "student": card.student.name,
        "student_id": card.student.id,
        "photo": card.student.photo,
        "grade": card.student.grade,
        "origin": card.origin.name,
        "destination": card.destination.name,
        "reason": card.reason,
        "closed_by": card.closed_by.name if card.closed_by else "",
        "asks": card.correction is not None,
        "moves": buttons(card, who),
        "autos": words.auto_words(card),
        "coming": coming,
        "acknowledged": card.is_acknowledged,
        "is_appointment": card.appointment is not None,
    }
