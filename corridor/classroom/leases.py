"""Restrictions that end by themselves. Pure: cards in, cards out."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from corridor.classroom.cards import Lease, ParticipantCard


def held_to(card: ParticipantCard, lease: Lease) -> tuple[Lease, ...]:
    """The student's leases with this one, in the place of an earlier one of its kind."""
    return (*without(card, lease.kind), lease)


def without(card: ParticipantCard, *kinds: str) -> tuple[Lease, ...]:
    """The student's leases but for these kinds."""
    return tuple(lease for lease in card.restrictions if lease.kind not in kinds)


def failed(card: ParticipantCard, command_id: int, why: str) -> tuple[Lease, ...]:
    """The student's leases, of which the one that this command gave is not held to."""
    return tuple(
        msgspec.structs.replace(lease, failed=why) if lease.command_id == command_id else lease
        for lease in card.restrictions
    )


def gave(card: ParticipantCard, command_id: int) -> bool:
    """Whether the student is held to what this command gave."""
    return any(lease.command_id == command_id for lease in card.restrictions)


def still_held(card: ParticipantCard, at: datetime) -> tuple[Lease, ...]:
    """The leases that have not ended by this time."""
    return tuple(lease for lease in card.restrictions if lease.until > at)


def prolonged(leases: Iterable[Lease], before: datetime, after: datetime) -> tuple[Lease, ...]:
    """The leases of a session whose end was moved: what was to last to its end lasts on.

    What was asked for until a time lasts until that, and what would outlast the new end is cut to
    it.
    """
    return tuple(
        msgspec.structs.replace(lease, until=min(_wanted(lease, before, after), after))
        for lease in leases
    )


def _wanted(lease: Lease, before: datetime, after: datetime) -> datetime:
    # Cards of before this was kept have no time although they end before the class.
    return lease.wanted or (after if lease.until == before else lease.until)
