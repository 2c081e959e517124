"""Pieces of a page that are drawn on load and pushed later, from the same templates.

A row looks the same to everybody who is the same to the pass (from-adult, to-adult, admin or only
looking), so it is drawn once per event and kind of viewer, not once per viewer.
"""

from datetime import datetime, timedelta
from functools import cache, lru_cache
from threading import Lock
from typing import Any, Final

import msgspec
from django.conf import settings as server
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from corridor import clock
from corridor.accounts.actors import Actor
from corridor.passes import moves, states
from corridor.passes.arranging import TAKEN_BACK_BEFORE
from corridor.passes.cards import PassCard
from corridor.passes.events import StudentSeenWithoutPass
from corridor.passes.proof import WordOfTheMinute
from corridor.passes.queries import Own
from corridor.passes.standing import day_of
from corridor.passes.trips import PRESSES
from corridor.passes.undoing import offered_for
from corridor.roster.settings import SchoolSettings
from corridor.web.periods import period_shown
from corridor.web.templatetags import corridor as words

STAFF: Final = "staff"
CLASSROOM: Final = "classroom"
HALL: Final = "hall"
# A request that is left for so long is nearly lost: it shows while one teaches too.
URGENT_BEFORE: Final = timedelta(minutes=3)

_drawing = Lock()


class Button(msgspec.Struct, frozen=True):
    """A move as a row draws it."""

    name: str
    label: str
    tone: str


def row(
    card: PassCard, who: frozenset[str], settings: SchoolSettings, language: str,
    *, is_listed: bool = True,
) -> str:  # fmt: skip
    """The row of a pass on the staff dashboard for people who are this to it.

    One that is not listed on this board (any more) belongs to no list, and leaves the one it is in.
    """
    where = section(card, settings) if is_listed else ""
    return _drawn(card, who, settings, language, _template(card), where)


def _template(card: PassCard) -> str:
    return "staff/_coming.html" if card.is_coming else "staff/_row.html"


def answer(card: PassCard, actor: Actor, settings: SchoolSettings, language: str) -> str:
    """What whoever has just pressed gets of the pass: what the streams push, and perhaps Undo."""
    who = moves.relations(card, actor)
    drawn = in_classroom if actor.face == CLASSROOM else row
    return drawn(card, who, settings, language) + undo(card, actor, language)


def undo(card: PassCard, actor: Actor, language: str) -> str:
    """Offered for some seconds to whoever made the last step."""
    seconds = offered_for(card, actor, clock.now())
    if not seconds:
        return ""
    ours = {
        "id": str(card.id),
        "version": str(card.version),
        "seconds": str(seconds),
        "address": reverse("hall:undo", args=(card.id,))
        if actor.face == HALL
        else f"{address_of(card, actor.face)}/undo",
        "icons": static("icons.svg"),
        "icon": words.state_icon(card),
    }
    facts: dict[str, str] = {name: SafeString(value) for name, value in ours.items()}
    facts |= {"student": card.student.name}
    with translation.override(language):
        facts |= {"word": words.state_word(card), "label": gettext("Undo")}
        return render_to_string("staff/_undo.html", facts).strip()


def in_classroom(
    card: PassCard, who: frozenset[str], settings: SchoolSettings, language: str
) -> str:
    """What a page of Classroom shows of a pass: its row in the panel, and what pops up."""
    drawn = (draw(card, who, settings, language) for draw in (centre_row, popup))
    return "\n".join(drawn)


def centre_row(card: PassCard, who: frozenset[str], settings: SchoolSettings, language: str) -> str:
    """The same row in Classroom's Pass Notification Center."""
    where = centre_section(card, who, settings)
    return _drawn(card, who, settings, language, _template(card), where, CLASSROOM)


def popup(card: PassCard, who: frozenset[str], settings: SchoolSettings, language: str) -> str:
    """What pops up in Classroom about a pass; an empty one ends what popped up before."""
    where = centre_section(card, who, settings)
    return _drawn(card, who, settings, language, "classroom/_popup.html", where, CLASSROOM)


def hall_row(card: PassCard, who: frozenset[str], settings: SchoolSettings, language: str) -> str:
    """The row of a pass on a phone in a corridor: who, where to, since when, End.

    A request that waits again belongs to no list there: nobody in the hall is asked.
    """
    where = "" if card.state == states.WAITING else section(card, settings)
    return _drawn(card, who, settings, language, "hall/_row.html", where)


def gone(card: PassCard, settings: SchoolSettings, language: str) -> str:
    """Takes the row of a pass from the board of whoever may not read the pass any more.

    It says what a row that stays under a pointer must show at once, and nothing of who or why.
    """
    nobody: frozenset[str] = frozenset()
    return _drawn(card, nobody, settings, language, "staff/_gone.html", "")


def centre_section(card: PassCard, who: frozenset[str], settings: SchoolSettings) -> str:
    """The list of the Pass Notification Center that the row belongs to; "" is none."""
    if not who & {moves.FROM_ADULT, moves.TO_ADULT}:
        return ""
    if card.is_coming:
        return section(card, settings)
    if card.state == states.WAITING:
        return "waiting" if moves.FROM_ADULT in who else ""
    if moves.TO_ADULT in who and card.state in (states.ON_THE_WAY, states.ARRIVED):
        return "coming"
    return "out" if card.is_out else ""


def pops_up(card: PassCard, who: frozenset[str]) -> str:
    """Whether it pops up for people who are this to the pass: "request", "coming" or not ("")."""
    if card.state == states.WAITING and moves.FROM_ADULT in who:
        return "request"
    return "coming" if card.state == states.ON_THE_WAY and moves.TO_ADULT in who else ""


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
    begins_at = card.appointment and card.appointment.begins_at
    with translation.override(language), timezone.override(settings.zone):
        facts = {
            "card": card,
            "period": period_shown(card, settings.bells),
            "asked": card.is_coming and card.made_by.account_id == card.student.id,
            "can_take_back": can_take_back(card),
            "take_back_until": begins_at and begins_at - TAKEN_BACK_BEFORE,
        }
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


def own(numbers: Own, language: str) -> str:
    """The numbers of one adult's own places, as the page has them beside its lists."""
    with translation.override(language):
        return render_to_string("staff/_own.html", {"own": numbers}).strip()


def told(word: WordOfTheMinute) -> dict[str, str]:
    """The word of the minute in the server's language, its colour as a name for the style.

    Whatever the readers' languages, it is compared from screen to screen: it looks the same on all.
    """
    with translation.override(server.LANGUAGE_CODE):
        text = gettext(word.text)
    return {"text": text, "lang": server.LANGUAGE_CODE, "colour": word.colour}


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
    card: PassCard, who: frozenset[str], settings: SchoolSettings, language: str, template: str,
    where: str, face: str = STAFF,
) -> str:  # fmt: skip
    key = (card.school_id, card.id, card.version)
    # The bell can take the period from a day, and the card stays as it is.
    period = period_shown(card, settings.bells) if card.is_coming else ""
    # After a press its own thread and the streams want the same row in the same instant: the
    # second waits for the first instead of drawing it again.
    with _drawing:
        return _row(key, who, settings.time_zone, language, template, where, face, period,
                    _Held(card))  # fmt: skip


@lru_cache(maxsize=8192)
def _row(
    key: tuple[int, int, int],
    who: frozenset[str],
    time_zone: str,
    language: str,
    template: str,
    where: str,
    face: str,
    period: str,
    held: _Held,
) -> str:
    with translation.override(language), timezone.override(time_zone):
        facts = _row_facts(held.card, who, where, face) | {"period": period}
        return render_to_string(template, facts).strip()


@cache
def _passes(face: str) -> str:
    """What every pass's address begins with."""
    return reverse(f"{face}:pass", args=(0,)).removesuffix("0")


def address_of(card: PassCard, face: str, what: str = "passes") -> str:
    """Where a pass is looked at and pressed: in Classroom, or (everybody else) in Pass.

    `what` "appointments": where it is changed as one.
    """
    address = _passes(CLASSROOM if face == CLASSROOM else STAFF)
    return f"{address.replace('passes', what)}{card.id}"


def _row_facts(card: PassCard, who: frozenset[str], where: str, face: str) -> dict[str, Any]:
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
        "day": _day_of(begins),
        "tone": words.state_tone(card),
        "icon": words.state_icon(card),
        "icons": static("icons.svg"),
        "address": address_of(card, face),
        "since": since,
        "until": until,
    }
    return {name: SafeString(value) for name, value in ours.items()} | {
        "word": words.state_word(card),
        "student": card.student.name,
        "student_id": card.student.id,
        "photo": card.student.photo,
        "grade": _grade(card),
        "origin": card.origin.name,
        "destination": card.destination.name,
        "reason": card.reason,
        "closed_by": _closed_by(card),
        "asks": card.correction is not None,
        "moves": buttons(card, who),
        "pops_up": pops_up(card, who),
        "urgent_at": _urgent_at(card),
        "autos": words.auto_words(card),
        "coming": coming,
        "acknowledged": card.is_acknowledged,
        "overridden": states.OVERRIDDEN in card.marks,
        "appointed": _appointed(card),
        "was_for": card.appointment.begins_at if card.appointment and card.never_surfaced else None,
    }


def _day_of(begins: datetime | None) -> str:
    """The midnight from which an appointment is one of today's."""
    if begins is None:
        return ""
    return timezone.localtime(begins).replace(hour=0, minute=0, second=0, microsecond=0).isoformat()


def _grade(card: PassCard) -> str:
    return gettext("grade %(grade)s") % {"grade": card.student.grade} if card.student.grade else ""


def _closed_by(card: PassCard) -> str:
    """Who ended it, in words; nothing where the clock did, which has no name."""
    name = card.closed_by.name if card.closed_by else ""
    return gettext("by %(name)s") % {"name": name} if name else ""


def _appointed(card: PassCard) -> datetime | None:
    """For when it was arranged, while an appointment that has surfaced waits for an answer."""
    waits = card.appointment is not None and card.state == states.WAITING
    return card.appointment.begins_at if waits and card.appointment is not None else None


def _urgent_at(card: PassCard) -> str:
    """From when a request is so close to its end that it may not wait for a quiet moment."""
    if card.state != states.WAITING or card.due_at is None:
        return ""
    half = card.requested_at + (card.due_at - card.requested_at) / 2
    return max(half, card.due_at - URGENT_BEFORE).isoformat()
