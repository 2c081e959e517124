"""Who is signed in, in one query, believed for a few seconds."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import BigIntegerField, Case, F, OuterRef, Q, Subquery, When

from corridor.accounts.actors import Actor
from corridor.accounts.believed import BELIEVED_SECONDS, Believed, forget
from corridor.accounts.models import ClassroomAccount, PassAccount, SignIn
from corridor.accounts.permissions import ORGANISATION_ADMIN
from corridor.live.sql import moment, moment_read, rows
from corridor.roster.settings import SchoolSettings, decode

__all__ = ["BELIEVED_SECONDS", "forget"]


class ActedBy(msgspec.Struct, frozen=True):
    """The organisation admin who acts as somebody, by Classroom account and name; until when."""

    id: int
    name: str
    until: datetime


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
    acted_by: ActedBy | None = None

    @property
    def is_adult(self) -> bool:
        """Teacher, staff or admin."""
        return self.role != "student"

    def acting(self, face: str) -> Actor:
        """This person acting from a face."""
        return Actor(
            self.account_id, self.school_id, self.role, self.name, face, self.location_ids,
            told(self.acted_by),
        )  # fmt: skip


def told(acted_by: ActedBy | None) -> tuple[int, str] | None:
    """The admin who acts, as an actor names them."""
    return None if acted_by is None else (acted_by.id, acted_by.name)


_believed: Believed[SignedIn] = Believed()


def signed_in(session_key: str, at: datetime) -> SignedIn | None:
    """Who this session key belongs to at this time, or None: nobody, over, or closed."""
    return _believed.find(session_key, lambda: _ask(session_key, at))


def end_sessions_of(identity_id: int, *, but: str | None = None) -> None:
    """End every session of a person, except the one with this key."""
    theirs = Q(identity_id=identity_id) | Q(also_identity_id=identity_id)
    SignIn.objects.filter(theirs).exclude(session_key=but or "").delete()
    forget()


def still_signed_in(session_keys: Iterable[str], at: datetime) -> set[tuple[str, int, str]]:
    """Those of these sessions that are good (not over, not closed), each with account and role.

    Used for streams: one that was opened with another account of the session, or in another role,
    is over too. While an admin acts as somebody, that person's account is the session's.
    """
    return still_good(session_keys, at, PassAccount, "account_id")


def still_good(
    session_keys: Iterable[str],
    at: datetime,
    accounts: type[PassAccount] | type[ClassroomAccount],
    column: str,
) -> set[tuple[str, int, str]]:
    """Those of these sessions that are good, each with the account in use of one product."""
    keys, good = list(session_keys), set[tuple[str, int, str]]()
    for start in range(0, len(keys), 500):
        in_use = Case(
            When(acting_until__gt=at, then=F(f"acting_{column}")),
            default=F(column),
            output_field=BigIntegerField(),
        )
        found = SignIn.objects.filter(
            session_key__in=keys[start : start + 500], expire_date__gt=at,
            identity__is_active=True,
        ).annotate(in_use=in_use)  # fmt: skip
        open_one = accounts.objects.filter(pk=OuterRef("in_use"), closed_at__isnull=True)
        found = found.annotate(role=Subquery(open_one.values("role")))
        known = found.values_list("session_key", "in_use", "role")
        good.update(permit for permit in known if permit[2] is not None)
    return good


def _ask(session_key: str, at: datetime) -> SignedIn | None:
    found = rows(
        "SELECT a.identity_id, a.id, a.school_id, c.name, a.role, a.display_name,"
        " l.location_id, l.is_personal, t.settings, s.classroom_account_id, s.acting_until"
        " FROM accounts_signin s"
        " JOIN accounts_identity i ON i.is_active"
        " AND i.id = CASE WHEN s.acting_until > %s THEN s.acting_identity_id ELSE s.identity_id END"
        " JOIN accounts_passaccount a ON a.closed_at IS NULL"
        " AND (a.identity_id = i.id OR a.identity_id = s.also_identity_id)"
        " AND a.id = CASE WHEN s.acting_until > %s THEN s.acting_account_id ELSE s.account_id END"
        " JOIN roster_school c ON c.id = a.school_id"
        " JOIN live_schoolturn t ON t.school_id = a.school_id"
        " LEFT JOIN accounts_locationlink l ON l.account_id = a.id"
        " WHERE s.session_key = %s AND s.expire_date > %s",
        (moment(at), moment(at), session_key, moment(at)),
    )
    if not found:
        return None
    *_, settings, really_id, until = found[0]
    try:
        acted_by = acting_admin(really_id, until, at)
    except NoMore:
        return None
    identity_id, account_id, school_id, school_name, role, name = found[0][:6]
    personal = next((row[6] for row in found if row[7]), None)
    locations = frozenset(row[6] for row in found if row[6] is not None)
    return SignedIn(
        session_key, identity_id, account_id, school_id, school_name, role, name,
        personal, locations, decode(settings), acted_by,
    )  # fmt: skip


class NoMore(Exception):
    """The admin who acts as somebody may not any more."""


def acting_admin(account_id: int | None, until: Any, at: datetime) -> ActedBy | None:
    """The admin whose own Classroom account this is, while they act as somebody until then.

    Raises `NoMore` for one who is an organisation admin no more: asked only while somebody acts.
    """
    ends = moment_read(until)
    if ends is None or ends <= at:
        return None
    admin = ClassroomAccount.objects.filter(
        pk=account_id or 0,
        closed_at__isnull=True,
        role=ORGANISATION_ADMIN,
        identity__is_active=True,
    ).first()
    if admin is None:
        raise NoMore
    return ActedBy(admin.pk, admin.display_name, ends)


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
