"""Who is who in both products: the accounts of one school with the same e-mail address.

Matched at the moment of asking, by the addresses as they are now, and remembered nowhere: whoever's
address is corrected in either product is found at the next attempt. Both products keep addresses
without case and surrounding space (`accounts.models.same_email`).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from corridor.accounts.actors import ADULTS, Actor
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.live.sql import rows
from corridor.roster.settings import SchoolSettings

FACE: Final = "classroom"
_BOTH: Final = (
    "accounts_classroomaccount c JOIN accounts_passaccount p"
    " ON p.school_id = c.school_id AND p.email = c.email AND p.closed_at IS NULL"
)


class PassFailure(Exception):
    """Nobody in this school's Pass has the e-mail address of this person of Classroom."""

    def __init__(self, email: str) -> None:
        super().__init__(email)
        self.email = email


def is_on(settings: SchoolSettings) -> bool:
    """Whether this school shows Pass in Classroom."""
    return settings.classroom.pass_integration


def was_on(settings: SchoolSettings, at: datetime) -> bool:
    """Whether this school showed Pass in Classroom at this moment, as far as is known.

    What is known is the last change: of more than one since then, the first is forgotten.
    """
    change = settings.changed.get("classroom.pass_integration")
    is_other = change is not None and change.at > at
    return is_on(settings) != is_other


def pass_actor_of(signed: ClassroomSignedIn) -> Actor | None:
    """This adult of Classroom as the adult of Pass with the same address, or None."""
    found = rows(
        "SELECT p.id, p.role, p.display_name, l.location_id"
        f" FROM {_BOTH} LEFT JOIN accounts_locationlink l ON l.account_id = p.id"
        " WHERE c.id = %s AND c.closed_at IS NULL",
        (signed.account_id,),
    )
    if not found or found[0][1] not in ADULTS:
        return None
    account_id, role, name, _ = found[0]
    places = frozenset(row[3] for row in found if row[3] is not None)
    return Actor(account_id, signed.school_id, role, name, FACE, places)


def in_pass(signed: ClassroomSignedIn) -> Actor:
    """As `pass_actor_of`. Raises `PassFailure`."""
    actor = pass_actor_of(signed)
    if actor is None:
        raise PassFailure(signed.email)
    return actor


def pass_ids_of(school_id: int, classroom_ids: Collection[int]) -> dict[int, int]:
    """The Pass account of each of these Classroom accounts that has one."""
    return _pairs("c.id, p.id", "c.id", school_id, classroom_ids)


def pass_ids_in_the_past(school_id: int, classroom_ids: Collection[int]) -> dict[int, int]:
    """As `pass_ids_of`, also of accounts that are closed by now: what they did stays true."""
    if not classroom_ids:
        return {}
    marks = ", ".join(["%s"] * len(classroom_ids))
    return dict(
        rows(
            "SELECT c.id, p.id FROM accounts_classroomaccount c JOIN accounts_passaccount p"
            " ON p.school_id = c.school_id AND p.email = c.email"
            f" WHERE c.school_id = %s AND c.id IN ({marks})",
            (school_id, *classroom_ids),
        )
    )


def pass_id_of(school_id: int, classroom_id: int) -> int:
    """The Pass account of this Classroom account. Raises `PassFailure`."""
    found = pass_ids_of(school_id, [classroom_id])
    if classroom_id not in found:
        told = rows(
            "SELECT email FROM accounts_classroomaccount WHERE school_id = %s AND id = %s",
            (school_id, classroom_id),
        )
        raise PassFailure(told[0][0] if told else "")
    return found[classroom_id]


def classroom_ids_of(school_id: int, pass_ids: Collection[int]) -> dict[int, int]:
    """The Classroom account of each of these Pass accounts that has one."""
    return _pairs("p.id, c.id", "p.id", school_id, pass_ids)


def _pairs(columns: str, known: str, school_id: int, ids: Collection[int]) -> dict[int, int]:
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    return dict(
        rows(
            f"SELECT {columns} FROM {_BOTH}"
            f" WHERE c.school_id = %s AND c.closed_at IS NULL AND {known} IN ({marks})",
            (school_id, *ids),
        )
    )
