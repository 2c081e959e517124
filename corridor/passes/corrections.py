"""A student says when they were really back from a pass that is over, and an adult answers."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from corridor.accounts.actors import Actor
from corridor.live.log import Turn
from corridor.passes.cards import PassCard, asked_to_correct, correction_answered
from corridor.passes.moves import BY_NAME, STUDENT, may, relations
from corridor.passes.refusals import Refusal, Refused
from corridor.passes.rules import MAX_TEXT
from corridor.passes.texts import one_line
from corridor.passes.trips import held, keep

# Later nobody remembers; and nobody is asked about the same pass for ever.
DAYS: Final = 14
MOST: Final = 3


def ask_correction(
    tx: Turn,
    *,
    pass_id: int,
    back_at: datetime,
    note: str = "",
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> PassCard:
    """A student says of an own pass that is over: I was back at this time.

    The pass stays as it is until an adult of it confirms. Raises as `move_pass`, and `Refused` for
    a pass that ended more than `DAYS` ago, a time outside it, a note that is too long, and after
    `MOST` corrections of the same pass.
    """
    move = BY_NAME["ask_correction"]
    card, answered = held(tx, move, pass_id=pass_id, by=by, at=at, request_id=request_id)
    if answered:
        return card
    if card.ended_at is None or card.started_at is None or card.ended_at < at - _RECENT:
        raise Refused(Refusal("correction_too_old", {"days": DAYS}))
    if len(card.corrections) >= MOST:
        raise Refused(Refusal("corrections_used_up", {"limit": MOST}))
    if not card.started_at <= back_at < card.ended_at:
        raise Refused(Refusal("back_outside_pass"))
    asked = asked_to_correct(card, back_at, _fitting(note), by=by, at=at)
    return keep(tx, move.stamp, asked, by=by, at=at, request_id=request_id)


def withdraw_correction(
    tx: Turn, *, pass_id: int, by: Actor, at: datetime, request_id: UUID | None = None
) -> PassCard:
    """The student takes the correction back. Raises as `move_pass`."""
    return _answer(tx, "withdraw_correction", "withdrawn", "", pass_id, by, at, request_id)


def confirm_correction(
    tx: Turn, *, pass_id: int, by: Actor, at: datetime, request_id: UUID | None = None
) -> PassCard:
    """An adult of the pass, or an admin, says that it was so: the pass ended then, and is edited.

    Raises as `move_pass`.
    """
    return _answer(tx, "confirm_correction", "confirmed", "", pass_id, by, at, request_id)


def decline_correction(
    tx: Turn,
    *,
    pass_id: int,
    answer: str,
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> PassCard:
    """An adult of the pass, or an admin, says no in 1 to 200 characters, which the student reads.

    Raises as `move_pass`, and `Refused` for words that are missing or too long.
    """
    answer = _fitting(answer)
    if not answer:
        raise Refused(Refusal("answer_missing"))
    return _answer(tx, "decline_correction", "declined", answer, pass_id, by, at, request_id)


def can_ask(card: PassCard, at: datetime) -> bool:
    """Whether the student of this pass can ask for a correction at this time."""
    return (
        may(BY_NAME["ask_correction"], card, frozenset({STUDENT}))
        and card.started_at is not None
        and card.ended_at is not None
        and card.started_at < card.ended_at
        and card.ended_at >= at - _RECENT
        and len(card.corrections) < MOST
    )


def can_answer(card: PassCard, by: Actor) -> bool:
    """Whether this adult can confirm or decline the open correction of this pass."""
    return may(BY_NAME["confirm_correction"], card, relations(card, by))


_RECENT: Final = timedelta(days=DAYS)


def _answer(
    tx: Turn,
    move_name: str,
    state: str,
    answer: str,
    pass_id: int,
    by: Actor,
    at: datetime,
    request_id: UUID | None,
) -> PassCard:
    move = BY_NAME[move_name]
    card, answered = held(tx, move, pass_id=pass_id, by=by, at=at, request_id=request_id)
    if answered:
        return card
    card = correction_answered(card, state, answer, by=by, at=at)
    return keep(tx, move.stamp, card, by=by, at=at, request_id=request_id)


def _fitting(text: str) -> str:
    text = one_line(text)
    if len(text) > MAX_TEXT:
        raise Refused(Refusal("comment_too_long", {"length": len(text), "limit": MAX_TEXT}))
    return text
