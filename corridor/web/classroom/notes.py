"""Notes of who was taken over by which class, each with Undo while it is possible."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import translation

from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.classroom import events
from corridor.classroom.cards import ParticipantCard, SessionCard

_TOLD = (events.ParticipantsTakenOver, events.CommandSent, events.ParticipantsGivenBack)
# A page that was away for longer is told no old story.
_NEWS_FOR: Final = timedelta(minutes=10)

Note = dict[str, Any]


def of_console(
    cards: Iterable[ParticipantCard], session: SessionCard, at: datetime, language: str
) -> str:
    """Who was taken over by or from this class just now; empty when nobody."""
    told = [note for card in cards if (note := _note(card, session.id, at))["can_undo"]]
    return _drawn(told, language)


def of_page(
    told: events.ClassroomEvent, signed: ClassroomSignedIn, at: datetime, language: str,
    but: int = 0,
) -> list[str]:  # fmt: skip
    """What any page says to a teacher who loses students by this event, or has them back.

    Not to whoever did it; not of what was taken from session `but` or by it, whose console says it
    itself.
    """
    if not isinstance(told, _TOLD) or signed.account_id not in told.teacher_ids:
        return []
    if told.at + _NEWS_FOR <= at:
        return []
    cards = [card for card in told.participants if card.session_id != but]
    if isinstance(told, events.ParticipantsGivenBack):
        return [render_to_string("classroom/_given_back.html", {"cards": cards}).strip()]
    if told.by.account_id == signed.account_id:
        return []
    # The console of the class that has them now says it too, to whoever teaches both.
    lost = [
        card
        for card in cards
        if card.elsewhere and card.elsewhere.undo_until and card.elsewhere.session_id != but
    ]
    drawn = _drawn([_note(card, 0, at) | {"stays": True} for card in lost], language)
    return [drawn] if drawn else []


def moved_to(card: ParticipantCard) -> int | None:
    """The session that took this student over, as long as that can be undone by its notes."""
    if card.is_over:
        return None
    if card.elsewhere is not None:
        return card.elsewhere.session_id if card.elsewhere.undo_until else None
    return card.session_id if card.taken_from and card.taken_from.undo_until else None


def _note(card: ParticipantCard, session_id: int, at: datetime) -> Note:
    """A student who was taken over: from where, to where, until when it can be undone."""
    is_lost = card.elsewhere is not None
    other = card.elsewhere if card.elsewhere is not None else card.taken_from
    until = other.undo_until if other is not None else None
    return {
        "is_lost": is_lost,
        "other": other,
        "can_undo": until is not None and until > at and not card.is_over,
        "names": [card.student.name],
        "ids": [card.student.id],
        "session_id": other.session_id if other is not None and is_lost else session_id,
        "version": card.version,
    }


def _drawn(notes: Iterable[Note], language: str) -> str:
    with translation.override(language):
        return "".join(
            render_to_string("classroom/_taken_over.html", note).strip()
            for note in _gathered(notes)
        )


def _gathered(notes: Iterable[Mapping[str, Any]]) -> list[Note]:
    """Students of one taking over in one note."""
    found: dict[tuple[bool, int, datetime], Note] = {}
    for note in notes:
        key = (note["is_lost"], note["other"].session_id, note["other"].since)
        if key in found:
            found[key]["names"] += note["names"]
            found[key]["ids"] += note["ids"]
        else:
            found[key] = dict(note)
    return list(found.values())
