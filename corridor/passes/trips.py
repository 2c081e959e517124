"""Move a pass along: approve, cancel, withdraw, arrive, send back, keep, end, stop, edit."""

from datetime import datetime
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor
from corridor.live.log import Turn
from corridor.passes import events, queueing, shelf, timers
from corridor.passes.cards import PassCard, commented, edited, marked, stepped
from corridor.passes.moves import BY_NAME, Move, last_by, may, relations, target
from corridor.passes.refusals import NotAllowed, NotFound, Refusal, Refused, Stale
from corridor.passes.rules import MAX_TEXT, refusal_to_stop
from corridor.passes.texts import one_line
from corridor.roster.settings import settings_in

# The moves that need nothing but a press.
PRESSES = frozenset(
    {"approve", "cancel", "withdraw", "arrive", "send_back", "end_and_keep", "end"}
) | frozenset({"stop", "confirm", "acknowledge"})


def move_pass(
    tx: Turn,
    move_name: str,
    *,
    pass_id: int,
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> PassCard:
    """Make one of the one-press moves of the table; the pass as it is after it.

    Raises `NotFound` for a pass that this school does not have, `NotAllowed` when this person
    never may make this move, `Stale` with what the pass is now when somebody, or the clock, was
    faster, `Refused` for a Stop that Auto Pass allows no more.
    """
    move = BY_NAME[move_name] if move_name in PRESSES else None
    if move is None:
        raise NotFound("move")
    try:
        card, answered = held(tx, move, pass_id=pass_id, by=by, at=at, request_id=request_id)
    except Stale as late:
        if move_name != "stop" or not late.card.is_out:
            raise
        # The student is still out: what is missing is the permission.
        raise Refused(refusal_to_stop(late.card)) from None
    if answered:
        return card
    frozen = settings_in(tx).frozen
    if frozen is not None and move_name == "approve":
        raise Refused(Refusal("frozen", {"text": frozen.text}))
    moved = stepped(card, move.stamp, target(move, card), by=by, at=at)
    if move.mark:
        moved = marked(moved, move.mark)
    return keep(tx, move.stamp, moved, by=by, at=at, request_id=request_id)


def comment_on_pass(
    tx: Turn,
    *,
    pass_id: int,
    text: str,
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> PassCard:
    """An adult of the pass, or an admin, writes a comment of 1 to 200 characters.

    Raises as `move_pass`, and `Refused` for a text that is empty or too long.
    """
    text = one_line(text)
    if not text:
        raise Refused(Refusal("comment_missing"))
    if len(text) > MAX_TEXT:
        raise Refused(Refusal("comment_too_long", {"length": len(text), "limit": MAX_TEXT}))
    move = BY_NAME["comment"]
    card, answered = held(tx, move, pass_id=pass_id, by=by, at=at, request_id=request_id)
    if answered:
        return _same(card, card.comments[-1].text == text)
    return keep(
        tx, move.stamp, commented(card, text, by=by, at=at), by=by, at=at, request_id=request_id
    )


def edit_times(
    tx: Turn,
    *,
    pass_id: int,
    ended_at: datetime,
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> PassCard:
    """An adult says when the student of a system-ended pass was really back.

    Raises as `move_pass`, and `Refused` for a time before the pass began or after now.
    """
    move = BY_NAME["edit_times"]
    card, answered = held(tx, move, pass_id=pass_id, by=by, at=at, request_id=request_id)
    if answered:
        return _same(card, card.ended_at == ended_at)
    if not (card.started_at or card.requested_at) <= ended_at <= at:
        raise Refused(Refusal("time_outside_pass"))
    return keep(
        tx, move.stamp, edited(card, ended_at, by=by, at=at), by=by, at=at, request_id=request_id
    )


def _same(card: PassCard, is_same: bool) -> PassCard:
    """The first answer, where its id came with the same words or time; else `Refused`."""
    if not is_same:
        raise Refused(Refusal("request_reused"))
    return card


def held(
    tx: Turn, move: Move, *, pass_id: int, by: Actor, at: datetime, request_id: UUID | None,
    taken: shelf.Taken | None = None,
) -> tuple[PassCard, bool]:  # fmt: skip
    """The pass, ready for this move by this person; True when the request was answered before."""
    card, before = taken or shelf.take_down(
        tx, pass_id, account_id=by.account_id, request_id=request_id
    )
    who = relations(card, by, hall_ends=settings_in(tx).hall_ends) | last_by(card, by)
    if not who & move.who:
        # A student must not learn whether somebody else's pass exists.
        raise NotAllowed if by.is_adult else NotFound("pass")
    if before is not None:
        event = events.decode(*before)
        if not isinstance(event, events.PassEvent) or event.card.id != pass_id:
            raise Stale(card)
        return event.card, True
    # Judged by the server's clock: what is due has happened, whether or not the timer has run.
    card = timers.catch_up(tx, card, at=at)
    if not may(move, card, who):
        raise Stale(card)
    return card, False


def keep(
    tx: Turn, stamp: str, card: PassCard, *, by: Actor, at: datetime, request_id: UUID | None
) -> PassCard:
    card = msgspec.structs.replace(card, version=tx.number)
    card = queueing.out_of_line(card)
    event = events.OF_STAMP[stamp](card=card, by=by.who, at=at)
    if shelf.change_and_look(tx, event, request_id=request_id) and not card.holds_place:
        queueing.advance(tx, card.destination.id, at=at)
    return card
