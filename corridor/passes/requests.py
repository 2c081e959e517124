"""Ask for a pass, or give one: the operations by which a pass begins."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor
from corridor.live.log import Turn, record
from corridor.passes import events, queueing, rules, shelf, states, timers
from corridor.passes.cards import PassCard, Stamp, stepped
from corridor.passes.refusals import NeedsOverride, NotAllowed, Refusal, Refused, Stale
from corridor.passes.standing import AnsweredBefore, Asked, ask, look
from corridor.passes.texts import one_line
from corridor.passes.words import broken_as_told, refusal_as_told
from corridor.roster.settings import SchoolSettings, settings_in


def request_pass(
    tx: Turn,
    *,
    origin_id: int,
    destination_id: int,
    reason: str = "",
    join_line: bool = False,
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> PassCard:
    """A student asks to leave. The pass waits for an adult of its origin.

    With `join_line`, where only the destination's capacity says no and students may queue there,
    the pass stands in line instead.

    The same `request_id` again gives the first answer, a refusal too; with another question it is
    refused. Raises `NotAllowed` for
    anybody but a student, `NotFound` for an unknown location, `Refused` by the first rule that
    says no (recorded).
    """
    if by.role != "student" or by.account_id is None:
        raise NotAllowed
    try:
        asked = _ask(
            tx, student_id=by.account_id, origin_id=origin_id, destination_id=destination_id,
            reason=one_line(reason), kind="student", by=by, request_id=request_id, at=at,
        )  # fmt: skip
    except AnsweredBefore as before:
        question = (by.account_id, origin_id, destination_id)
        return _first_answer(before, question, one_line(reason))
    standing = asked.standing
    refusal = rules.first_refusal(standing)
    joins = refusal is not None and refusal.code == "destination_full" and standing.queueing
    if joins and join_line:
        refusal = rules.line_has_room(standing, settings_in(tx).queue_longest)
    if refusal is not None:
        _record_refusal(tx, asked, refusal, by=by, at=at, request_id=request_id)
        raise Refused(refusal)
    card = _new_card(tx, asked, kind="student", overridden=(), by=by, at=at)
    if joins:
        return queueing.join(tx, card, by=by, at=at, request_id=request_id)
    return shelf.add(tx, events.PassRequested(card=card, by=by.who, at=at), request_id=request_id)


def give_pass(
    tx: Turn,
    *,
    student_id: int,
    origin_id: int,
    destination_id: int,
    reason: str = "",
    pre_approved: bool = False,
    override: frozenset[str] = frozenset(),
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> PassCard:
    """An adult makes a pass for a student ("Teacher pass"), on the way at once if pre-approved.

    `override` holds the codes of the rules the adult has been warned of and breaks knowingly.
    Raises `NotAllowed` for a student, `NotFound`, `Refused` by what nobody can override,
    `NeedsOverride` when a rule not in `override` would be broken (both as this adult may know
    them: `refusal_as_told`, `broken_as_told`).
    """
    if not by.is_adult:
        raise NotAllowed
    try:
        asked = _ask(
            tx, student_id=student_id, origin_id=origin_id, destination_id=destination_id,
            reason=one_line(reason), kind="teacher", by=by, request_id=request_id, at=at,
        )  # fmt: skip
    except AnsweredBefore as before:
        question = (student_id, origin_id, destination_id)
        try:
            return _first_answer(before, question, one_line(reason), pre_approved)
        except Refused as again:
            raise Refused(refusal_as_told(again.refusal, by)) from None
    refusal = rules.firm_refusal(asked.standing)
    if refusal is not None:
        _record_refusal(tx, asked, refusal, by=by, at=at, request_id=request_id)
        raise Refused(refusal_as_told(refusal, by))
    broken = rules.broken(asked.standing)
    told = broken_as_told(broken, by)
    if any(no.code not in override for no in told):
        raise NeedsOverride(told)
    overridden = tuple(no.code for no in broken)
    card = _new_card(tx, asked, kind="teacher", overridden=overridden, by=by, at=at)
    if not pre_approved:
        event: events.PassEvent = events.PassRequested(card=card, by=by.who, at=at)
    else:
        card = stepped(card, "approved", states.ON_THE_WAY, by=by, at=at)
        event = events.PassGiven(card=card, by=by.who, at=at)
    return shelf.add(tx, event, request_id=request_id)


def would_break(
    school_id: int,
    settings: SchoolSettings,
    *,
    student_id: int,
    origin_id: int,
    destination_id: int,
    by: Actor,
    at: datetime,
) -> tuple[Refusal | None, tuple[Refusal, ...]]:
    """What `give_pass` would refuse, and what it would ask to override; changes nothing.

    Raises `NotAllowed`, `NotFound`.
    """
    if not by.is_adult:
        raise NotAllowed
    standing = look(
        school_id, settings, student_id=student_id, origin_id=origin_id,
        destination_id=destination_id, kind="teacher", by=by, at=at,
    ).standing  # fmt: skip
    held = standing.open_pass
    if held is not None and held.over_at is not None and held.over_at <= at:
        # The clock will have closed it before the pass is made.
        standing = msgspec.structs.replace(standing, open_pass=None)
    firm = rules.firm_refusal(standing)
    told = None if firm is None else refusal_as_told(firm, by)
    return told, broken_as_told(rules.broken(standing), by)


def _ask(tx: Turn, **question: Any) -> Asked:
    """As `ask`, after what the clock owed the student's open pass: timers may run late."""
    asked, at = ask(tx, **question), question["at"]
    held = asked.standing.open_pass
    late = held is not None and timers.catch_up(tx, held, at=at) is not held
    if asked.standing.in_line and rules.destination_has_room(asked.standing) is None:
        # A place is free though somebody stands in line: whose turn it is comes first.
        timers.settle(tx, question["destination_id"], at=at)
        late = True
    return ask(tx, **question) if late else asked


def _new_card(
    tx: Turn, asked: Asked, *, kind: str, overridden: tuple[str, ...], by: Actor, at: datetime
) -> PassCard:
    standing, waits = asked.standing, settings_in(tx).request_waits
    expiry = at + timedelta(minutes=waits)
    return PassCard(
        id=tx.number,
        version=tx.number,
        school_id=tx.school_id,
        kind=kind,
        state=states.WAITING,
        student=standing.student,
        origin=standing.origin,
        destination=standing.destination,
        trip_type=standing.trip_type,
        reason="" if standing.reason_mode == "hidden" else standing.reason,
        minutes_waiting=waits,
        minutes_to_long=asked.minutes_to_long,
        minutes_to_end=asked.minutes_to_end,
        requested_at=at,
        period=standing.period,
        due_at=expiry,
        over_at=expiry,
        marks=(states.OVERRIDDEN,) if overridden else (),
        overridden=overridden,
        auto=asked.auto,
        stamps=(Stamp("requested", at, by.who),),
    )


def _record_refusal(
    tx: Turn, asked: Asked, refusal: Refusal, *, by: Actor, at: datetime, request_id: UUID | None
) -> None:
    standing = asked.standing
    event = events.PassRefused(
        school_id=tx.school_id,
        student_id=standing.student.id,
        origin_id=standing.origin.id,
        destination_id=standing.destination.id,
        refusal=refusal,
        by=by.who,
        at=at,
    )
    record(tx, event, request_id=request_id)


def _first_answer(
    before: AnsweredBefore, question: tuple[int, int, int], reason: str, *given: bool
) -> PassCard:
    """What was answered to this id. Raises `Refused` where it was another request then.

    `given` is whether the pass was to be pre-approved, of a teacher pass.
    """
    event = events.decode(before.name, before.body)
    if isinstance(event, events.PassRefused):
        if (event.student_id, event.origin_id, event.destination_id) != question:
            raise Refused(Refusal("request_reused"))
        raise Refused(event.refusal)
    if not isinstance(event, events.PassEvent):
        raise Refused(Refusal("request_reused"))
    if not isinstance(event, events.PassRequested | events.PassGiven | events.PassQueued):
        # The id of a request that was about something else.
        raise Stale(event.card)
    card = event.card
    is_same = (card.student.id, card.origin.id, card.destination.id) == question
    if not is_same or card.reason not in (reason, "") or given not in (
        (), (isinstance(event, events.PassGiven),),
    ):  # fmt: skip
        raise Refused(Refusal("request_reused"))
    return card
