"""Auto Pass: what adults let students start and stop by themselves, from the adult's own room.

Two keys: an admin says of a destination that it may be auto, an adult says of it what students may
do on the way from the adult's personal location. What both allow stands on the card of each open
pass, so that its buttons are drawn from the card alone; Start asks once more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor
from corridor.live.log import Turn
from corridor.live.sql import moment, moment_read, one, rows, uuid
from corridor.passes import events, shelf, states
from corridor.passes.cards import PassCard, marked, stepped
from corridor.passes.moves import BY_NAME
from corridor.passes.refusals import NotAllowed, Refusal, Refused, Stale
from corridor.passes.rules import refusal_to_start
from corridor.passes.standing import AUTO_PASSES, Departure, circumstances, openness
from corridor.passes.trips import held, keep
from corridor.roster import auto
from corridor.roster.changes import change_location
from corridor.roster.models import Location
from corridor.roster.settings import settings_in

_OUT: Final = ", ".join(f"'{state}'" for state in sorted(states.OUT))
_OUT_ON_AUTO: Final = f"""FROM passes_hallpass x WHERE x.origin_id = p.origin_id AND x.is_open
            AND x.was_auto AND x.over_at > %s AND x.state IN ({_OUT})"""
_DEPARTURE: Final = f"""
    SELECT p.card, e.name, e.body, {AUTO_PASSES}, o.auto_limit, d.archived_at IS NOT NULL,
        d.takes_passes, d.absences, d.access,
        l.id IS NOT NULL, l.first_day, l.last_day,
        (SELECT count(*) {_OUT_ON_AUTO}), (SELECT min(x.over_at) {_OUT_ON_AUTO})
    FROM passes_hallpass p
    JOIN roster_location o ON o.id = p.origin_id
    JOIN roster_location d ON d.id = p.destination_id
    LEFT JOIN accounts_locationlisting l
        ON l.location_id = p.destination_id AND l.account_id = p.student_id
    LEFT JOIN live_event e
        ON e.school_id = p.school_id AND e.account_id = %s AND e.request_id = %s
    WHERE p.school_id = %s AND p.id = %s
"""


class Choice(msgspec.Struct, frozen=True):
    """A destination that may be auto, and what this adult has chosen for it (empty: off)."""

    location_id: int
    name: str
    mode: str


class Room(msgspec.Struct, frozen=True):
    """An adult's own room: the choices for it, how many may be out by Auto Pass, how many are."""

    name: str
    choices: tuple[Choice, ...]
    limit: int | None
    out: int

    @property
    def on(self) -> int:
        """For how many destinations Auto Pass is on."""
        return sum(bool(choice.mode) for choice in self.choices)


def start_pass(
    tx: Turn,
    *,
    pass_id: int,
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> PassCard:
    """The student starts the waiting pass: on the way, marked A.

    Raises as `move_pass`, and `Refused` by the first of the rules of Start that says no.
    """
    move = BY_NAME["start"]
    taken, departure = _take_down(tx, pass_id, by=by, at=at, request_id=request_id)
    try:
        card, answered = held(
            tx, move, pass_id=pass_id, by=by, at=at, request_id=request_id, taken=taken
        )
    except Stale as late:
        if late.card.state != states.WAITING:
            raise
        # It still waits: what is missing is the permission.
        card, answered = late.card, False
    if answered:
        return card
    refusal = refusal_to_start(departure)
    if refusal is not None:
        raise Refused(refusal)
    moved = marked(stepped(card, move.stamp, states.ON_THE_WAY, by=by, at=at), move.mark)
    return keep(tx, move.stamp, moved, by=by, at=at, request_id=request_id)


def choose_auto(
    tx: Turn, *, modes: Mapping[int, str], limit: int | None, by: Actor, at: datetime
) -> Location:
    """An adult says what students may do by themselves from the adult's own room, and how many.

    `modes` names the mode of each destination that is on; the open passes follow at once. What is
    no destination that may be auto is left out. Raises `NotAllowed` for a student, `Refused` for
    an adult without a room of their own.
    """
    if not by.is_adult:
        raise NotAllowed
    found = _own_room(tx.school_id, by.account_id)
    if found is None:
        raise Refused(Refusal("auto_nowhere"))
    location = Location.objects.get(pk=found[0])
    offered = {place for place, _ in _destinations(tx.school_id) if place != location.pk}
    before = auto.read(location.auto_passes)
    # A choice for a place that an admin took from the list holds again when it comes back.
    kept = {found: mode for found, mode in before.items() if found not in offered}
    chosen = {f: m for f, m in modes.items() if f in offered and m in auto.MODES}
    changes = {"auto_passes": auto.write(kept | chosen), "auto_limit": limit}
    change_location(tx, location, changes, by=by.who, at=at)
    follow(tx, by=by, at=at)
    return location


def follow(tx: Turn, *, by: Actor, at: datetime) -> int:
    """Let the open passes follow what adults and admins allow now; how many have changed."""
    changed = 0
    for text, allowed, destination_id in rows(
        f"SELECT p.card, {AUTO_PASSES}, p.destination_id FROM passes_hallpass p"
        " JOIN roster_location o ON o.id = p.origin_id"
        " JOIN roster_location d ON d.id = p.destination_id"
        " WHERE p.school_id = %s AND p.is_open AND p.kind = 'student' ORDER BY p.id",
        (tx.school_id,),
    ):
        card, may = shelf.read(text), auto.allowed(allowed, destination_id, may_be_auto=True)
        if may != card.auto:
            card = msgspec.structs.replace(card, auto=may, version=tx.number)
            shelf.change(tx, events.PassAutoChanged(card=card, by=by.who, at=at))
            changed += 1
    return changed


def room_of(school_id: int, account_id: int | None, at: datetime) -> Room | None:
    """The adult's own room and what is chosen for it; None for an adult without one."""
    found = _own_room(school_id, account_id)
    if found is None:
        return None
    location_id, name, chosen, limit = found
    modes = auto.read(chosen)
    choices = tuple(
        Choice(place, called, modes.get(place, ""))
        for place, called in _destinations(school_id)
        if place != location_id
    )
    out = one(
        "SELECT count(*) FROM passes_hallpass WHERE origin_id = %s AND is_open AND was_auto"
        f" AND over_at > %s AND state IN ({_OUT})",
        (location_id, moment(at)),
    )
    return Room(name, choices, limit, out[0] if out else 0)


def _own_room(school_id: int, account_id: int | None) -> tuple[int, str, str, int | None] | None:
    """Id, name, `auto_passes` and `auto_limit` of the adult's own room, for every dashboard."""
    return one(
        "SELECT l.id, l.name, l.auto_passes, l.auto_limit FROM accounts_locationlink k"
        " JOIN roster_location l ON l.id = k.location_id"
        " WHERE k.account_id = %s AND k.is_personal AND l.school_id = %s AND l.archived_at IS NULL",
        (account_id, school_id),
    )


def _destinations(school_id: int) -> list[tuple[int, str]]:
    """Id and name of the places that may be auto, by name."""
    return rows(
        "SELECT id, name FROM roster_location"
        " WHERE school_id = %s AND may_be_auto AND archived_at IS NULL ORDER BY name",
        (school_id,),
    )


def _take_down(
    tx: Turn, pass_id: int, *, by: Actor, at: datetime, request_id: UUID | None
) -> tuple[shelf.Taken, Departure]:
    """The pass, and in the same query what the rules of Start may ask."""
    settings, at_sql = settings_in(tx), moment(at)
    asked = (at_sql, at_sql, by.account_id, uuid(request_id), tx.school_id, pass_id)
    row = one(_DEPARTURE, asked)
    if row is None:
        # An appointment that is still to come, or none of this school's: it cannot be started.
        card, _ = held(tx, BY_NAME["start"], pass_id=pass_id, by=by, at=at, request_id=request_id)
        raise Stale(card)
    (
        text, name, body, allowed, limit, archived, takes_passes, absences, access, is_listed,
        first_day, last_day, out, free_by,
    ) = row  # fmt: skip
    card = shelf.read(text)
    departure = Departure(
        **circumstances(settings, absences, at),
        **openness(settings, access, bool(is_listed), first_day, last_day, at),
        student=card.student,
        origin=card.origin,
        destination=card.destination,
        takes_passes=bool(takes_passes),
        is_archived=bool(archived),
        auto=auto.allowed(allowed, card.destination.id, may_be_auto=card.kind == "student"),
        out_on_auto=out,
        auto_limit=limit,
        auto_free_by=moment_read(free_by),
    )
    return (card, None if name is None else (name, body)), departure
