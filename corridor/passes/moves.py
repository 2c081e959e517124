"""The moves of a pass: one table that says who may do what in which state.

Every button on every face is drawn from it, and every operation checks it again.
"""

from collections.abc import Collection
from typing import Final

import msgspec

from corridor.accounts.actors import Actor, ClassroomActor
from corridor.passes import states
from corridor.passes.cards import PassCard
from corridor.passes.states import gettext_noop

STUDENT: Final = "student"
FROM_ADULT: Final = "from_adult"
TO_ADULT: Final = "to_adult"
ADMIN: Final = "admin"
# An adult who meets the student in a corridor, where the school lets adults end passes there.
HALL: Final = "hall"
# The adult who made an appointment, whatever its places; the student who asked for a pass.
MAKER: Final = "maker"
ASKER: Final = "asker"
# The adult who made the last step, and may undo it for a few seconds; only undoing asks for it.
LAST: Final = "last"


class Move(msgspec.Struct, frozen=True):
    """One row: the label on the button, from which states, who, to which state, how it looks.

    `to` None leaves the state as it is. `not_for` are trip types that have no such leg.
    `correction` True needs an open correction, False needs that there is none. `auto` is what Auto
    Pass must allow on the card, `mark` what the move writes beside the state. `acknowledged` False
    needs that no adult has acknowledged the appointment; `not_kinds` are kinds of passes that have
    no such move. `undoes` are the steps that it takes back, which must be the last: nothing has
    followed.
    """

    name: str
    label: str
    states: frozenset[str]
    who: frozenset[str]
    to: str | None
    stamp: str
    tone: str = "quiet"
    not_for: frozenset[str] = frozenset()
    correction: bool | None = None
    auto: str = ""
    mark: str = ""
    acknowledged: bool | None = None
    not_kinds: frozenset[str] = frozenset()
    undoes: frozenset[str] = frozenset()


def _move(
    name: str,
    label: str,
    from_states: Collection[str],
    who: Collection[str],
    to: str | None,
    stamp: str,
    tone: str = "quiet",
    not_for: Collection[str] = (),
    correction: bool | None = None,
    auto: str = "",
    mark: str = "",
    acknowledged: bool | None = None,
    not_kinds: Collection[str] = (),
    undoes: Collection[str] = (),
) -> Move:
    return Move(
        name, label, frozenset(from_states), frozenset(who), to, stamp, tone, frozenset(not_for),
        correction, auto, mark, acknowledged, frozenset(not_kinds), frozenset(undoes),
    )  # fmt: skip


_ANY = frozenset(states.WORDS) - states.MARKS

TABLE: Final = (
    _move("approve", gettext_noop("Approve"), [states.WAITING], [FROM_ADULT],
          states.ON_THE_WAY, "approved", "primary"),
    _move("start", gettext_noop("Start"), [states.WAITING], [STUDENT], states.ON_THE_WAY,
          "auto_started", "primary", auto="start", mark=states.AUTO_START),
    _move("stop", gettext_noop("Stop"), states.OUT, [STUDENT], states.ENDED,
          "auto_stopped", auto="stop", mark=states.AUTO_STOP),
    _move("cancel", gettext_noop("Cancel"), [states.WAITING, states.QUEUED],
          [FROM_ADULT, ADMIN], states.CANCELLED, "cancelled"),
    _move("withdraw", gettext_noop("Withdraw"), [states.WAITING, states.QUEUED], [STUDENT],
          states.WITHDRAWN, "withdrawn", not_kinds=["appointment"]),
    # One-way: arriving ends the pass; see `target`.
    _move("arrive", gettext_noop("Arrived"), [states.ON_THE_WAY], [TO_ADULT],
          states.ARRIVED, "arrived", "primary", not_for=["roundtrip"]),
    _move("send_back", gettext_noop("Send back"), [states.ON_THE_WAY, states.ARRIVED],
          [TO_ADULT], states.RETURNING, "sent_back", not_for=["roundtrip", "one_way"]),
    _move("end_and_keep", gettext_noop("End & keep"), [states.ON_THE_WAY, states.ARRIVED],
          [TO_ADULT], states.ENDED, "kept", not_for=["roundtrip", "one_way"]),
    _move("end", gettext_noop("End pass"), states.OUT, [FROM_ADULT, ADMIN, HALL],
          states.ENDED, "ended"),
    # Within seconds, by whoever made it, and where nothing has followed; see `passes/undoing.py`.
    _move("undo", gettext_noop("Undo"), [states.ON_THE_WAY, states.CANCELLED, states.ENDED],
          [LAST, FROM_ADULT, ADMIN, HALL], None, "undone",
          undoes=["approved", "cancelled", "ended"]),
    _move("edit_times", gettext_noop("Edit times"), [states.SYSTEM_ENDED],
          [FROM_ADULT, TO_ADULT, ADMIN], states.ENDED, "edited", correction=False),
    _move("ask_correction", gettext_noop("I was back earlier"), states.CORRECTABLE, [STUDENT],
          None, "correction_asked", correction=False),
    _move("withdraw_correction", gettext_noop("Take it back"), states.CORRECTABLE, [STUDENT],
          None, "correction_withdrawn", correction=True),
    _move("confirm_correction", gettext_noop("Confirm"), states.CORRECTABLE,
          [FROM_ADULT, TO_ADULT, ADMIN], states.ENDED, "correction_confirmed", "primary",
          correction=True),
    _move("decline_correction", gettext_noop("Decline"), states.CORRECTABLE,
          [FROM_ADULT, TO_ADULT, ADMIN], None, "correction_declined", correction=True),
    _move("confirm", gettext_noop("Confirm"), [states.AWAITING], [TO_ADULT], states.SCHEDULED,
          "confirmed", "primary"),
    _move("acknowledge", gettext_noop("Acknowledge"), [states.SCHEDULED], [FROM_ADULT, TO_ADULT],
          None, "acknowledged", acknowledged=False),
    _move("reschedule", gettext_noop("Edit"), states.COMING, [FROM_ADULT, TO_ADULT, MAKER, ADMIN],
          None, "rescheduled"),
    _move("call_off", gettext_noop("Cancel"), states.COMING, [FROM_ADULT, TO_ADULT, MAKER, ADMIN],
          states.CANCELLED, "cancelled"),
    _move("take_back", gettext_noop("Withdraw"), states.COMING, [ASKER], states.WITHDRAWN,
          "withdrawn"),
    _move("comment", gettext_noop("Comment"), _ANY, [FROM_ADULT, TO_ADULT, MAKER, ADMIN],
          None, "commented"),
)  # fmt: skip

BY_NAME: Final = {move.name: move for move in TABLE}


def relations(card: PassCard, actor: Actor, *, hall_ends: str = "concerned") -> frozenset[str]:
    """What the actor is to this pass; empty for somebody who may only look (or not even that).

    So it is for whoever acts in Classroom and is nobody in Pass: the ids are of other accounts.
    `hall_ends` is the school's setting ("adults", "staff", or neither), which counts for whoever
    acts from the face "hall".
    """
    if not _is_of_pass(card, actor):
        return frozenset()
    made = card.made_by.account_id == actor.account_id
    if not actor.is_adult:
        if actor.account_id != card.student.id:
            return frozenset()
        return frozenset({STUDENT, ASKER} if made else {STUDENT})
    found = {MAKER} if made and card.appointment is not None else set()
    if card.origin.id in actor.location_ids:
        found.add(FROM_ADULT)
    if card.destination.id in actor.location_ids:
        found.add(TO_ADULT)
    if actor.role == "admin":
        found.add(ADMIN)
    if actor.face == "hall" and hall_ends in ("adults", actor.role):
        found.add(HALL)
    return frozenset(found)


def _is_of_pass(card: PassCard, actor: Actor) -> bool:
    """Whether the actor's account is one of Pass, in the school of this pass."""
    return actor.school_id == card.school_id and not isinstance(actor, ClassroomActor)


def may_read(card: PassCard, actor: Actor, *, sees_all_ended: bool) -> bool:
    """Whether this adult may read the whole pass: an open or coming one every adult may.

    `sees_all_ended` is the school's setting for this adult, about the others.
    """
    return card.is_open or card.is_coming or sees_all_ended or bool(relations(card, actor))


def may(move: Move, card: PassCard, who: frozenset[str]) -> bool:
    """Whether people who are this to the pass may do this to it now."""
    return (
        bool(move.who & who)
        and card.state in move.states
        and card.trip_type not in move.not_for
        and move.correction in (None, card.correction is not None)
        and (not move.auto or move.auto in card.auto)
        and move.acknowledged in (None, card.is_acknowledged)
        and card.kind not in move.not_kinds
        and (not move.undoes or (LAST in who and _can_be_undone(card, move.undoes)))
    )


def _can_be_undone(card: PassCard, steps: frozenset[str]) -> bool:
    """An appointment that was called off stays so: it never was a pass that could wait again."""
    return _last(card) in steps and not card.never_surfaced


def _last(card: PassCard) -> str:
    """The last step; leaving a line is not undone: the place in it is gone."""
    *before, last = card.stamps
    return "" if before and before[-1].what == "queued" else last.what


def last_by(card: PassCard, actor: Actor) -> frozenset[str]:
    """That the actor made the last step of this pass, or nothing."""
    if not actor.is_adult or not _is_of_pass(card, actor):
        return frozenset()
    return frozenset({LAST} if card.stamps[-1].by.account_id == actor.account_id else ())


def possible(card: PassCard, who: frozenset[str]) -> tuple[Move, ...]:
    """The moves to draw on this card for people who are this to it."""
    return tuple(move for move in TABLE if may(move, card, who))


def target(move: Move, card: PassCard) -> str:
    """The state the move leads to: arriving on a One-way pass ends it."""
    if move.to == states.ARRIVED and card.trip_type == "one_way":
        return states.ENDED
    return move.to or card.state
