"""Undo: whoever has just approved, cancelled or ended a pass takes it back.

Only within seconds, and where nothing has followed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor, clock_of
from corridor.live.log import Turn
from corridor.passes import rules
from corridor.passes.cards import PassCard, undone
from corridor.passes.moves import BY_NAME, last_by, may
from corridor.passes.queries import open_passes
from corridor.passes.refusals import NotFound, Refused, Stale
from corridor.passes.standing import look
from corridor.passes.trips import held, keep
from corridor.passes.words import refusal_as_told
from corridor.roster.settings import settings_in

# Faces offer it for so long; a press that was made in time may be a little on its way.
OFFERED: Final = timedelta(seconds=10)
_TAKEN_WITHIN: Final = timedelta(seconds=15)
_MOVE: Final = BY_NAME["undo"]
# What others may have taken meanwhile, in the order of `rules.IN_ORDER`, and which of them.
_ASKED: Final[tuple[tuple[rules.Rule, Callable[[PassCard, PassCard], bool]], ...]] = (
    (rules.not_kept_apart, lambda card, other: True),
    (rules.building_has_room, lambda card, other: True),
    (rules.origin_has_room, lambda card, other: other.origin.id == card.origin.id),
    (rules.destination_has_room, lambda card, other: other.destination.id == card.destination.id),
)
# The steps by which a pass takes a place, or takes one again.
_COMES: Final = frozenset({"requested", "called", "surfaced", "undone"})


def undo(
    tx: Turn, *, pass_id: int, by: Actor, at: datetime, request_id: UUID | None = None
) -> PassCard:
    """The pass as it was before the last step of this person.

    Raises as `move_pass`; also `Stale` when it is too late or the student has another pass now,
    and `Refused` (as this adult may know it: `refusal_as_told`) when meanwhile the place has been
    given away, or somebody has gone who is kept apart from the student.
    """
    card, answered = held(tx, _MOVE, pass_id=pass_id, by=by, at=at, request_id=request_id)
    if answered:
        return card
    if at - card.stamps[-1].at > _TAKEN_WITHIN:
        raise Stale(card)
    back = msgspec.structs.replace(undone(card, by=by, at=at), version=tx.number)
    if not card.is_open:
        _still_free(tx, card, back, by=by, at=at)
    return keep(tx, _MOVE.stamp, back, by=by, at=at, request_id=request_id)


def offered_for(card: PassCard, by: Actor, at: datetime) -> int:
    """For how many more seconds this person is offered to undo the last step; 0: not offered."""
    if not may(_MOVE, card, last_by(card, by)):
        return 0
    return max(0, round((card.stamps[-1].at + OFFERED - at).total_seconds()))


def _still_free(tx: Turn, card: PassCard, back: PassCard, *, by: Actor, at: datetime) -> None:
    """Raises where somebody else, or another pass of the student, has come in between."""
    try:
        standing = look(
            tx.school_id, settings_in(tx), student_id=card.student.id, origin_id=card.origin.id,
            destination_id=card.destination.id, reason=card.reason, kind=card.kind,
            by=clock_of(tx.school_id), at=at,
        ).standing  # fmt: skip
    except NotFound:
        raise Stale(card) from None
    if standing.open_pass is not None:
        raise Stale(card)
    came = [other for other in open_passes(tx.school_id) if _came_after(other, card)]
    for rule, may_have_taken in _ASKED:
        refusal = rule(standing)
        if refusal is None or refusal.code in back.overridden:
            continue
        # Where it was so before the step, the step has changed nothing about it.
        if not any(may_have_taken(card, other) for other in came):
            continue
        # Who was on the way back has left the place to others and does not need it again.
        if rule is not rules.destination_has_room or back.holds_place:
            raise Refused(refusal_as_told(refusal, by))


def _came_after(other: PassCard, card: PassCard) -> bool:
    """Whether this open pass came after the last step of that one."""
    return any(step.at >= card.stamps[-1].at and step.what in _COMES for step in other.stamps)
