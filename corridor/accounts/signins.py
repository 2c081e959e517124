"""Who is signed in, in one query, believed for a few seconds."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from corridor.accounts.actors import Actor
from corridor.accounts.believed import BELIEVED_SECONDS, Believed, forget
from corridor.accounts.models import ClassroomAccount, PassAccount, SignIn
from corridor.live.sql import moment, rows
from corridor.roster.settings import SchoolSettings, decode

__all__ = ["BELIEVED_SECONDS", "forget"]


class SignedIn(msgspec.Struct, frozen=True):
    """The person behind a sign-in session and the Pass account in use."""

    session_key: str
    identity_id: int
    account_id: int
    school_id: int
    school_name: str
    role: str
    name: str
    personal_location_id: int | None
    location_ids: frozenset[int]
    settings: SchoolSettings

    @property
    def is_adult(self) -> bool:
        """Teacher, staff or admin."""
        return self.role != "student"

    def acting(self, face: str) -> Actor:
        """This person acting from a face."""
        return Actor(self.account_id, self.school_id, self.role, self.name, face, self.location_ids)


_believed: Believed[SignedIn] = Believed()


def signed_in(session_key: str, at: datetime) -> SignedIn | None:
    """Who this session key belongs to at this time, or None: nobody, over, or closed."""
    return _believed.find(session_key, lambda: _ask(session_key, at))


def end_sessions_of(identity_id: int, *, but: str | None = None) -> None:
    """End every session of a person, except the one with this key."""
    SignIn.objects.filter(identity_id=identity_id).exclude(session_key=but or "").delete()
    forget()


def still_signed_in(session_keys: Iterable[str], at: datetime) -> set[tuple[str, int]]:
    """Those of these sessions that are good (not over, not closed), each with its account.

    Used for streams: one that was opened with another account of the session is over too.
    """
    keys = list(session_keys)
    good: set[tuple[str, int]] = set()
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        good.update(
            SignIn.objects.filter(
                session_key__in=part,
                expire_date__gt=at,
                identity__is_active=True,
                account__isnull=False,
                account__closed_at__isnull=True,
            ).values_list("session_key", "account_id")
        )
    return good


def _ask(session_key: str, at: datetime) -> SignedIn | None:
    found = rows(
        "SELECT s.identity_id, a.id, a.school_id, c.name, a.role, a.display_name,"
        " l.location_id, l.is_personal, t.settings"
        " FROM accounts_signin s"
        " JOIN accounts_identity i ON i.id = s.identity_id AND i.is_active"
        " JOIN accounts_passaccount a ON a.id = s.account_id AND a.closed_at IS NULL"
        " AND a.identity_id = i.id"
        " JOIN roster_school c ON c.id = a.school_id"
        " JOIN live_schoolturn t ON t.school_id = a.school_id"
        " LEFT JOIN accounts_locationlink l ON l.account_id = a.id"
        " WHERE s.session_key = %s AND s.expire_date > %s",
        (session_key, moment(at)),
    )
    if not found:
        return None
    identity_id, account_id, school_id, school_name, role, name, _, _, settings = found[0]
    personal = next((row[6] for row in found if row[7]), None)
    locations = frozenset(row[6] for row in found if row[6] is not None)
    return SignedIn(
        session_key, identity_id, account_id, school_id, school_name, role, name,
        personal, locations, decode(settings),
    )  # fmt: skip


def open_accounts(identity_id: int) -> list[PassAccount]:
    """The person's open Pass accounts, by school name: what the switcher offers."""
    return list(
        PassAccount.objects.filter(identity_id=identity_id, closed_at__isnull=True)
        .select_related("school")
        .order_by("school__name")
    )


def open_classroom_accounts(identity_id: int) -> list[ClassroomAccount]:
    """The person's open Classroom accounts, by school name."""
    return list(
        ClassroomAccount.objects.filter(identity_id=identity_id, closed_at__isnull=True)
        .select_related("school")
        .order_by("school__name")
    )


class Offered(msgspec.Struct, frozen=True):
    """An account one may go on with: in which product ("pass", "classroom") and which school."""

    product: str
    id: int
    school_id: int
    school_name: str

    @property
    def key(self) -> str:
        """What names it in a form: the two products number their accounts each for itself."""
        return str(self.id) if self.product == "pass" else f"classroom-{self.id}"


def offered_accounts(identity_id: int) -> list[Offered]:
    """All open accounts of a person, by school: for every page's menu."""
    found = rows(
        "SELECT 'pass', a.id, c.id, c.name AS school"
        " FROM accounts_passaccount a JOIN roster_school c ON c.id = a.school_id"
        " WHERE a.identity_id = %s AND a.closed_at IS NULL"
        " UNION ALL SELECT 'classroom', a.id, c.id, c.name"
        " FROM accounts_classroomaccount a JOIN roster_school c ON c.id = a.school_id"
        " WHERE a.identity_id = %s AND a.closed_at IS NULL ORDER BY 4, 1",
        (identity_id, identity_id),
    )
    return [Offered(*row) for row in found]
