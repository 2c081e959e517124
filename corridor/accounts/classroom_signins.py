"""Who is signed in to Classroom, in one query, believed for a few seconds."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from corridor.accounts.actors import ClassroomActor
from corridor.accounts.believed import Believed
from corridor.accounts.models import ClassroomAccount
from corridor.accounts.permissions import ADMINS, SCREENS, permissions_of
from corridor.accounts.signins import ActedBy, NoMore, acting_admin, still_good, told
from corridor.live.sql import moment, rows
from corridor.roster.settings import SchoolSettings, decode


class ClassroomSignedIn(msgspec.Struct, frozen=True):
    """The person behind a sign-in session and the Classroom account in use.

    `class_ids` are the classes an adult teaches, those in the archive left out.
    """

    session_key: str
    identity_id: int
    account_id: int
    school_id: int
    school_name: str
    district_id: int
    role: str
    name: str
    email: str
    class_ids: frozenset[int]
    settings: SchoolSettings
    acted_by: ActedBy | None = None

    @property
    def is_adult(self) -> bool:
        """Everybody but students."""
        return self.role != "student"

    @property
    def is_admin(self) -> bool:
        """School admin or organisation admin."""
        return self.role in ADMINS

    @property
    def permissions(self) -> frozenset[str]:
        """What this person's role may do in this school."""
        return permissions_of(self.role, self.settings.classroom)

    def may(self, function: str) -> bool:
        """Whether this person's role has a function."""
        return function in self.permissions

    @property
    def sees_screens(self) -> bool:
        """Whether this person may look at students' screens.

        Nobody while acting as somebody: students are told who looks, and it would not be true.
        """
        has = self.is_adult and self.may(SCREENS) and self.settings.classroom.screens
        return has and self.acted_by is None

    def acting(self, face: str) -> ClassroomActor:
        """This person acting from a face."""
        return ClassroomActor(
            self.account_id, self.school_id, self.role, self.name, face,
            acted_by=told(self.acted_by), class_ids=self.class_ids, permissions=self.permissions,
        )  # fmt: skip


_believed: Believed[ClassroomSignedIn] = Believed()


def signed_in_to_classroom(session_key: str, at: datetime) -> ClassroomSignedIn | None:
    """Who this session key belongs to in Classroom at this time, or None."""
    return _believed.find(session_key, lambda: _ask(session_key, at))


def still_in_classroom(session_keys: Iterable[str], at: datetime) -> set[tuple[str, int, str]]:
    """The good ones of these sessions, each with its Classroom account and role: for streams."""
    return still_good(session_keys, at, ClassroomAccount, "classroom_account_id")


def _ask(session_key: str, at: datetime) -> ClassroomSignedIn | None:
    found = rows(
        "SELECT a.identity_id, a.id, a.school_id, c.name, c.district_id, a.role, a.display_name,"
        " a.email, k.id, t.settings, s.classroom_account_id, s.acting_until"
        " FROM accounts_signin s"
        " JOIN accounts_identity i ON i.is_active"
        " AND i.id = CASE WHEN s.acting_until > %s THEN s.acting_identity_id ELSE s.identity_id END"
        " JOIN accounts_classroomaccount a ON a.closed_at IS NULL"
        " AND (a.identity_id = i.id OR a.identity_id = s.also_identity_id)"
        " AND a.id = CASE WHEN s.acting_until > %s THEN s.acting_classroom_account_id"
        " ELSE s.classroom_account_id END"
        " JOIN roster_school c ON c.id = a.school_id"
        " JOIN live_schoolturn t ON t.school_id = a.school_id"
        " LEFT JOIN accounts_classteacher l ON l.account_id = a.id"
        " LEFT JOIN roster_schoolclass k ON k.id = l.school_class_id AND k.archived_at IS NULL"
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
    identity_id, account_id, school_id, school_name, district_id, role, name, email = found[0][:8]
    return ClassroomSignedIn(
        session_key, identity_id, account_id, school_id, school_name, district_id, role, name,
        email, frozenset(row[8] for row in found if row[8] is not None), decode(settings), acted_by,
    )  # fmt: skip
