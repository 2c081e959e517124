"""An event as other programs are told it: the API's pages, its stream and webhooks alike.

Only what stands in `TOLD` leaves the house; a test asks of every new event whether it should.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, Final, Literal, TypeVar, cast

import msgspec

from corridor.accounts import events as accounts
from corridor.live.events import Event, Logged, Who
from corridor.passes import events as passes
from corridor.passes.cards import (
    Appointment,
    Comment,
    Correction,
    InLine,
    PassCard,
    Person,
    Place,
    Stamp,
)
from corridor.passes.refusals import Refusal
from corridor.passes.words import NEUTRAL_CODES, codes_told
from corridor.roster import events as roster

V = TypeVar("V")

_PASSES: Final = tuple(
    kind for kind in passes.ALL if issubclass(kind, passes.PassEvent) or kind is passes.PassRefused
)
TOLD: Final[tuple[type[Event], ...]] = (
    *_PASSES,
    accounts.AccountOpened, accounts.AccountClosed, accounts.AccountReopened,
    accounts.AccountLinked, accounts.PeopleImported, accounts.PeopleRestored,
    roster.LocationOpened, roster.LocationChanged, roster.LocationArchived,
    roster.SchoolFrozen, roster.SchoolUnfrozen,
)  # fmt: skip
NAMES: Final = tuple(kind.name for kind in TOLD)

_DECODERS: Final = {kind.name: msgspec.json.Decoder(kind) for kind in TOLD}


class CorrectionTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a student said of the end of a pass, and the answer: every field always there."""

    back_at: datetime
    note: str
    at: datetime
    by: Who
    state: Literal["open", "confirmed", "declined", "withdrawn"]
    answer: str
    answered_at: datetime | None
    answered_by: Who | None


class AppointmentTold(msgspec.Struct, frozen=True, kw_only=True):
    """When a pass was arranged to take place: every field always there.

    `begins_at` is the moment, `day` and `wall` the school's calendar and wall clock.
    """

    begins_at: datetime
    day: date
    wall: time
    period: str
    series: int
    repeat: Literal["none", "daily", "weekly", "monthly"]
    until: date | None
    held: bool
    why: str


class PassTold(msgspec.Struct, frozen=True, kw_only=True):
    """A pass as other programs see it: every field always there, all times UTC."""

    id: int
    version: int
    kind: str
    state: str
    is_open: bool
    student: Person
    origin: Place
    destination: Place
    trip_type: str
    reason: str
    period: str
    requested_at: datetime
    started_at: datetime | None
    arrived_at: datetime | None
    returning_at: datetime | None
    ended_at: datetime | None
    over_at: datetime | None
    marks: tuple[str, ...]
    overridden: tuple[str, ...]
    auto: tuple[str, ...]
    line: InLine | None
    appointment: AppointmentTold | None
    steps: tuple[Stamp, ...]
    comments: tuple[Comment, ...]
    corrections: tuple[CorrectionTold, ...]


class EventTold(msgspec.Struct, frozen=True):
    """An event as other programs see it; `card` is the pass after it, where it is about one."""

    number: int
    name: str
    at: datetime
    by: Who
    card: PassTold | None
    facts: dict[str, Any]


def in_utc(thing: V) -> V:
    """The same with each time in UTC, as it is told; the log keeps the offset it was given."""
    if isinstance(thing, datetime):
        return cast(V, thing.astimezone(UTC))
    if isinstance(thing, msgspec.Struct):
        values = {name: getattr(thing, name) for name in thing.__struct_fields__}
        changed = {name: at for name, old in values.items() if (at := in_utc(old)) is not old}
        return cast(V, msgspec.structs.replace(thing, **changed)) if changed else thing
    if isinstance(thing, tuple | list):
        return cast(V, type(thing)(map(in_utc, thing))) if thing else thing
    if isinstance(thing, dict):
        return cast(V, {name: in_utc(value) for name, value in thing.items()})
    return thing


def pass_told(card: PassCard) -> PassTold:
    """The card without what only the clock needs."""
    return in_utc(_pass_told(card))


def _pass_told(card: PassCard) -> PassTold:
    return PassTold(
        id=card.id,
        version=card.version,
        kind=card.kind,
        state=card.state,
        is_open=card.is_open,
        student=card.student,
        origin=card.origin,
        destination=card.destination,
        trip_type=card.trip_type,
        reason=card.reason,
        period=card.period,
        requested_at=card.requested_at,
        started_at=card.started_at,
        arrived_at=card.arrived_at,
        returning_at=card.returning_at,
        ended_at=card.ended_at,
        over_at=card.over_at,
        marks=card.marks,
        overridden=codes_told(card.overridden, by_admin=False),
        auto=card.auto,
        line=card.line,
        appointment=_appointment(card.appointment),
        steps=card.stamps,
        comments=card.comments,
        corrections=tuple(map(_correction, card.corrections)),
    )


def _appointment(found: Appointment | None) -> AppointmentTold | None:
    if found is None:
        return None
    names = AppointmentTold.__struct_fields__
    return AppointmentTold(**{name: getattr(found, name) for name in names})


def _correction(found: Correction) -> CorrectionTold:
    return CorrectionTold(**{name: getattr(found, name) for name in found.__struct_fields__})


def told(logged: Logged) -> EventTold | None:
    """The event behind a row of the log as it is told, or None where nobody is told of it."""
    return _told(logged.number, logged.name, logged.body)


@lru_cache(maxsize=512)
def _told(number: int, name: str, body: str) -> EventTold | None:
    decoder = _DECODERS.get(name)
    if decoder is None:
        return None
    event = decoder.decode(body)
    card = _pass_told(event.card) if isinstance(event, passes.PassEvent) else None
    return in_utc(EventTold(number, name, event.at, event.by, card, _facts(event)))


def _facts(event: Event) -> dict[str, Any]:
    """What the event says beside when, by whom, and the card."""
    if isinstance(event, passes.PassEvent):
        return {}
    facts: dict[str, Any] = msgspec.to_builtins(event, builtin_types=(datetime,))
    for known in ("at", "by", "school_id"):
        facts.pop(known, None)
    if isinstance(event, passes.PassRefused):
        facts["refusal"] = _refusal(event.refusal)
    return facts


def _refusal(refusal: Refusal) -> dict[str, Any]:
    """Which rule and when again, without the facts: they can name other people.

    A student who is kept apart was told the words of a full building, and so is every program.
    """
    if refusal.code in NEUTRAL_CODES:
        return {"code": "building_full", "again_at": None}
    return {"code": refusal.code, "again_at": refusal.again_at}
