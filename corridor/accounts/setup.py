"""The first school of a new installation, opened by whoever holds the one-time set-up link."""

import hashlib
import hmac
from datetime import datetime

from django.db import transaction

from corridor.accounts.actors import Actor
from corridor.accounts.classroom_people import open_classroom_account
from corridor.accounts.models import ClassroomRole, Identity, PassAccount
from corridor.accounts.people import has_admin, open_account
from corridor.live.log import Turn, turn
from corridor.live.models import SchoolTurn
from corridor.live.sql import one_at_a_time
from corridor.roster.models import District
from corridor.roster.schools import open_school
from corridor.roster.settings import SchoolSettings


def setup_token(secret: str) -> str:
    """The secret part of the set-up link; good until there is an admin, so it works once."""
    return hmac.digest(secret.encode(), b"corridor set-up", hashlib.sha256).hex()[:40]


def is_setup_token(token: str, secret: str) -> bool:
    """Whether this is the link's secret part and nobody has used it yet."""
    return hmac.compare_digest(token.encode(), setup_token(secret).encode()) and not has_admin()


class AlreadySetUp(Exception):
    """Somebody was faster: there is an admin."""


def open_first_school(
    *,
    school_name: str,
    time_zone: str,
    given_name: str,
    family_name: str,
    email: str,
    password: str,
    at: datetime,
) -> PassAccount:
    """District, school and its first admin, in Pass and in Classroom.

    Raises `AlreadySetUp` and `BadName`; then, and whatever else goes wrong, no school is left.
    """
    with transaction.atomic():
        district = District.objects.create(name=school_name)
        school = open_school(
            district=district, name=school_name, settings=SchoolSettings(time_zone=time_zone)
        )
    by = Actor(None, school.pk, "admin", f"{given_name} {family_name}".strip(), "setup")
    try:
        with turn(school.pk) as tx:
            # Two presses open two schools, whose turns do not wait for each other.
            one_at_a_time("set-up")
            if has_admin():
                raise AlreadySetUp
            account = open_account(
                tx, email=email, role="admin", given_name=given_name, family_name=family_name,
                by=by, at=at,
            )  # fmt: skip
            _let_in(tx, account, password, by=by, at=at)
    except BaseException:
        with transaction.atomic():
            SchoolTurn.objects.filter(pk=school.pk).delete()
            school.delete()
            district.delete()
        raise
    return account


def _let_in(tx: Turn, account: PassAccount, password: str, *, by: Actor, at: datetime) -> None:
    identity = Identity.objects.get(pk=account.identity_id)
    identity.set_password(password)
    identity.save()
    open_classroom_account(
        tx, email=identity.email, role=ClassroomRole.ORGANISATION_ADMIN,
        given_name=account.given_name, family_name=account.family_name, by=by, at=at,
    )  # fmt: skip
