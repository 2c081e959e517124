"""What a command may say, kind by kind. Pure: raises `Refused` with the sentence's facts."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from corridor.classroom import kinds
from corridor.classroom.cards import LOCK, PLAN, SITE_LOCK, TAB_LIMIT, Arguments, SessionCard
from corridor.classroom.refusals import Refused
from corridor.classroom.texts import is_empty, said
from corridor.roster.sites import BadSite, address, site

MOST_SITES: Final = 20
MOST_TABS: Final = 50
LONGEST_LOCK: Final = 200


def checked(kind: str, says: Arguments, card: SessionCard, at: datetime) -> Arguments:
    """What the command says, made clean, and nothing that this kind does not need."""
    clean = _CHECKS.get(kind, _nothing)(says)
    if not kinds.BY_NAME[kind].lease:
        return clean
    return msgspec.structs.replace(clean, until=_until(says.until, card, at))


def _address(text: str) -> str:
    try:
        return address(text)
    except BadSite:
        raise Refused("address_impossible", field="url") from None


def _site(text: str) -> str:
    try:
        return site(text)
    except BadSite:
        raise Refused("address_impossible", field="sites") from None


def _until(until: datetime | None, card: SessionCard, at: datetime) -> datetime:
    """When a lease ends: never later than the class."""
    if until is None:
        return card.ends_at
    if until <= at:
        raise Refused("end_is_over")
    return min(until, card.ends_at)


def _nothing(says: Arguments) -> Arguments:
    return Arguments()


def _open_site(says: Arguments) -> Arguments:
    return Arguments(url=_address(says.url))


def _undo_close(says: Arguments) -> Arguments:
    return Arguments(command_id=says.command_id)


def _lock(says: Arguments) -> Arguments:
    return Arguments(text="" if is_empty(says.text) else said(says.text, longest=LONGEST_LOCK))


def _site_lock(says: Arguments) -> Arguments:
    if len(says.sites) > MOST_SITES:
        raise Refused("too_many_sites", field="sites", limit=MOST_SITES)
    return Arguments(sites=tuple(dict.fromkeys(_site(one) for one in says.sites if one.strip())))


def _plan(says: Arguments) -> Arguments:
    return Arguments(plan_id=says.plan_id)


def _tab_limit(says: Arguments) -> Arguments:
    if says.number is not None and not 1 <= says.number <= MOST_TABS:
        raise Refused("tab_limit_impossible", field="number", most=MOST_TABS)
    return Arguments(number=says.number)


def _say(says: Arguments) -> Arguments:
    return Arguments(text=said(says.text))


_CHECKS: Final[dict[str, Callable[[Arguments], Arguments]]] = {
    kinds.OPEN_SITE: _open_site,
    kinds.UNDO_CLOSE: _undo_close,
    LOCK: _lock,
    SITE_LOCK: _site_lock,
    PLAN: _plan,
    TAB_LIMIT: _tab_limit,
    kinds.SAY: _say,
    kinds.ANNOUNCE: _say,
}
