"""Who is signed in, in one query, believed for a few seconds."""

import time
from collections.abc import Iterable
from datetime import datetime

import msgspec

from corridor.accounts.actors import Actor
from corridor.accounts.models import PassAccount, SignIn
from corridor.live.sql import moment, rows
from corridor.roster.settings import SchoolSettings, decode

# A closed account must be out within 60 s (streams within 5 s): believing an answer this long
# saves a question per press and stays far inside.
BELIEVED_SECONDS = 5.0


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


_believed: dict[str, tuple[float, SignedIn]] = {}


def signed_in(session_key: str, at: datetime) -> SignedIn | None:
    """Who this session key belongs to at this time, or None: nobody, over, or closed."""
    remembered = _believed.get(session_key)
    if remembered is not None and remembered[0] > time.monotonic():
        return remembered[1]
    found = _ask(session_key, at)
    if found is None:
        _believed.pop(session_key, None)
        return None
    if len(_believed) > 20_000:
        _believed.clear()
    _believed[session_key] = (time.monotonic() + BELIEVED_SECONDS, found)
    return found


def forget(session_key: str | None = None) -> None:
    """Ask again next time: for one session after a change to it, or for all."""
    if session_key is None:
        _believed.clear()
    else:
        _believed.pop(session_key, None)


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


def other_accounts(signed: SignedIn) -> list[tuple[int, str]]:
    """The person's other open accounts, as id and school, by school: for every page's menu."""
    found = rows(
        "SELECT a.id, c.name FROM accounts_passaccount a JOIN roster_school c ON c.id = a.school_id"
        " WHERE a.identity_id = %s AND a.closed_at IS NULL AND a.id <> %s ORDER BY c.name",
        (signed.identity_id, signed.account_id),
    )
    return [(account_id, school) for account_id, school in found]
