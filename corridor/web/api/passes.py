"""Passes: list and read them, make one for a student, move it along."""

from typing import Annotated, Literal, cast

import msgspec
from ninja import Query, Router, Schema
from pydantic import Field

from corridor import clock
from corridor.accounts.people import is_student_of
from corridor.live.log import turn
from corridor.passes import history, moves, queries, trips
from corridor.passes.looks import look_at_history
from corridor.passes.refusals import NotAllowed
from corridor.passes.requests import give_pass
from corridor.roster.schools import settings_of
from corridor.web.api.guard import Request, operation
from corridor.web.api.inputs import (
    IDEMPOTENCY_KEY,
    Cursor,
    Flag,
    Id,
    Limit,
    NewComment,
    NewPass,
    Span,
    Times,
    cursor_of,
    number_of,
    request_id,
)
from corridor.webhooks.telling import PassTold, pass_told

router = Router(tags=["passes"])

State = Literal[
    "waiting", "queued", "on_the_way", "arrived", "returning", "ended", "cancelled", "withdrawn",
    "expired", "system_ended", "missed",
]  # fmt: skip
MoveName = Literal["approve", "cancel", "arrive", "send_back", "end_and_keep", "end"]


class PassPage(msgspec.Struct, frozen=True):
    """Passes, newest first; `next_cursor` leads to older ones, null at the end."""

    items: tuple[PassTold, ...]
    next_cursor: str | None


class Wanted(Schema):
    """Which passes."""

    open: Annotated[Flag | None, Field(description="Waiting or out, or no longer.")] = None
    student: Id | None = None
    location: Annotated[Id | None, Field(description="As origin or as destination.")] = None
    state: State | None = None
    requested_from: Span | None = None
    requested_before: Span | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


@operation(router, "GET", "/passes", scope="passes:read", gives=PassPage)
def list_passes(request: Request, wanted: Query[Wanted]) -> PassPage:
    """The passes of the school."""
    school_id, limit, reader = request.keyed.school_id, wanted.limit, request.keyed.reader
    before = number_of(wanted.cursor)
    # An open pass is on every adult's screen; only what is over is a history.
    student, looks_back = wanted.student, wanted.open is not True
    if looks_back and student is not None and is_student_of(school_id, student):
        look_at_history(student_id=student, by=reader, at=clock.now())
    found = history.passes(
        school_id,
        history.Wanted(
            student=wanted.student, location=wanted.location, since=wanted.requested_from,
            before=wanted.requested_before,
            only=None if _sees_all_ended(request) else reader.location_ids,
        ),
        after=None if before is None else history.place_of(school_id, before),
        is_open=wanted.open, state=wanted.state, limit=limit + 1,
    )  # fmt: skip
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return PassPage(tuple(map(pass_told, found[:limit])), more)


@operation(
    router, "POST", "/passes", scope="passes:write", gives=PassTold, status=201,
    fails=("not_found", "needs_override", "refused"),
)  # fmt: skip
def create_pass(
    request: Request, new: NewPass, idempotency_key: str | None = IDEMPOTENCY_KEY
) -> PassTold:
    """Make a pass for a student."""
    asked = new.model_dump()
    asked["override"] = frozenset(new.override)
    asked["request_id"] = request_id(request, idempotency_key)
    with turn(request.actor.school_id) as tx:
        card = give_pass(tx, **asked, by=request.actor, at=clock.now())
    return pass_told(card)


@operation(
    router, "GET", "/passes/{int:pass_id}", scope="passes:read", gives=PassTold,
    fails=("not_found",),
)  # fmt: skip
def get_pass(request: Request, pass_id: Id) -> PassTold:
    """One pass with its whole story."""
    card = queries.pass_of_school(request.keyed.school_id, pass_id)
    sees_all = _sees_all_ended(request)
    if not moves.may_read(card, request.keyed.reader, sees_all_ended=sees_all):
        raise NotAllowed
    return pass_told(card)


@operation(
    router, "POST", "/passes/{int:pass_id}/comment", scope="passes:write", gives=PassTold,
    fails=("not_found", "stale", "refused"),
)  # fmt: skip
def comment_on_pass(
    request: Request, pass_id: Id, new: NewComment, idempotency_key: str | None = IDEMPOTENCY_KEY
) -> PassTold:
    """Write a comment beside a pass."""
    with turn(request.actor.school_id) as tx:
        card = trips.comment_on_pass(
            tx, pass_id=pass_id, text=new.text, by=request.actor, at=clock.now(),
            request_id=request_id(request, idempotency_key),
        )  # fmt: skip
    return pass_told(card)


@operation(
    router, "POST", "/passes/{int:pass_id}/edit_times", scope="passes:write", gives=PassTold,
    fails=("not_found", "stale", "refused"),
)  # fmt: skip
def edit_times(
    request: Request, pass_id: Id, times: Times, idempotency_key: str | None = IDEMPOTENCY_KEY
) -> PassTold:
    """Say when the student of a system-ended pass was really back."""
    with turn(request.actor.school_id) as tx:
        card = trips.edit_times(
            tx, pass_id=pass_id, ended_at=times.ended_at, by=request.actor, at=clock.now(),
            request_id=request_id(request, idempotency_key),
        )  # fmt: skip
    return pass_told(card)


@operation(
    router, "POST", "/passes/{int:pass_id}/{move_name}", scope="passes:write", gives=PassTold,
    fails=("not_found", "stale", "refused"),
)  # fmt: skip
def move_pass(
    request: Request,
    pass_id: Id,
    move_name: MoveName,
    idempotency_key: str | None = IDEMPOTENCY_KEY,
) -> PassTold:
    """Move a pass along: approve, cancel, arrive, send back, end and keep, end."""
    with turn(request.actor.school_id) as tx:
        card = trips.move_pass(
            tx, cast(str, move_name), pass_id=pass_id, by=request.actor, at=clock.now(),
            request_id=request_id(request, idempotency_key),
        )  # fmt: skip
    return pass_told(card)


def _sees_all_ended(request: Request) -> bool:
    """As its adult does on the screens; a key that acts as nobody is the school's own program."""
    by = request.keyed.actor
    return by is None or settings_of(by.school_id).shows_ended_to(by.role)
