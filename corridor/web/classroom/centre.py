"""The Pass Notification Center: what a page of Classroom shows of Pass at the moment it is drawn.

The rest comes by the stream (`corridor.web.classroom.live`), drawn from the same templates.
"""

import logging
from collections import defaultdict
from typing import Any, Final

from django.db import DatabaseError
from django.utils.translation import get_language

from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.integration.hearing import hearing_of
from corridor.integration.people import is_on
from corridor.passes import moves, queries
from corridor.passes.cards import PassCard
from corridor.web import fragments

log = logging.getLogger(__name__)

_MOST_COMING: Final = 50


def centre_of(signed: ClassroomSignedIn) -> dict[str, Any] | None:
    """The lists and what pops up; without them (`is_matched` False) for whoever is not in Pass.

    None: the school does not show Pass in Classroom, this is a student, or Pass does not answer (a
    class goes on without it).
    """
    if not (signed.is_adult and is_on(signed.settings)):
        return None
    try:
        return _centre(signed)
    except DatabaseError:
        log.exception("Pass did not answer; a page of Classroom is shown without it")
        return None


def _centre(signed: ClassroomSignedIn) -> dict[str, Any]:
    actor = hearing_of(signed).actor
    if actor is None:
        return {"is_matched": False, "lists": {}, "popups": []}
    language = get_language() or "en"
    mine = actor.location_ids
    cards = queries.open_passes(signed.school_id, mine)
    coming, is_cut = queries.next_appointments(signed.school_id, mine, most=_MOST_COMING)
    lists: defaultdict[str, list[str]] = defaultdict(list)
    popups = []
    for card in sorted([*cards, *coming], key=_since):
        who = moves.relations(card, actor)
        section = fragments.centre_section(card, who, signed.settings)
        lists[section].append(fragments.centre_row(card, who, signed.settings, language))
        if fragments.pops_up(card, who):
            popups.append(fragments.popup(card, who, signed.settings, language))
    return {
        "is_matched": True,
        "lists": dict(lists),
        "popups": popups,
        "coming_cut": _MOST_COMING if is_cut else 0,
    }


def _since(card: PassCard) -> Any:
    if card.appointment is not None and card.is_coming:
        return card.appointment.begins_at
    return card.started_at or card.requested_at
