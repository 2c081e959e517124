"""The people of a school's Classroom: open, change, close and reopen their accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from corridor.accounts.actors import Actor
from corridor.accounts.classroom_events import (
    ClassroomAccountChanged,
    ClassroomAccountClosed,
    ClassroomAccountOpened,
    ClassroomAccountReopened,
    ClassroomPeopleJoined,
)
from corridor.accounts.models import (
    ClassroomAccount,
    ClassroomRole,
    Identity,
    PassAccount,
    Role,
    SignIn,
    same_email,
)
from corridor.accounts.names import clean_name
from corridor.accounts.people import (
    EmailTaken,
    as_wanted,
    end_sessions_of_gone,
    identity_of,
    looked_for,
    shown_name,
)
from corridor.accounts.sessions import carry_sign_ins
from corridor.accounts.signins import forget
from corridor.live.log import Turn, record

# What somebody of Pass becomes in Classroom when everybody joins with one press. Staff without a
# class of their own (a nurse, a hall monitor) is asked for by hand.
JOINS_AS: Final = {
    Role.STUDENT: ClassroomRole.STUDENT,
    Role.TEACHER: ClassroomRole.TEACHER,
    Role.ADMIN: ClassroomRole.SCHOOL_ADMIN,
}
CHANGEABLE: Final = ("given_name", "family_name", "display_name", "role", "email")


def open_classroom_account(
    tx: Turn,
    *,
    email: str,
    role: str,
    given_name: str,
    family_name: str = "",
    display_name: str = "",
    by: Actor,
    at: datetime,
) -> ClassroomAccount:
    """A person gets a Classroom account in this school; a closed one with this address reopens.

    The sign-in identity is found by e-mail or made. Raises `EmailTaken` and `BadName`.
    """
    email = same_email(email)
    given_name, family_name = clean_name(given_name), clean_name(family_name)
    shown = shown_name(role, given_name, family_name, display_name)
    account = ClassroomAccount.objects.filter(school_id=tx.school_id, email=email).first()
    if account is not None and account.closed_at is None:
        raise EmailTaken(email)
    if account is None:
        account = ClassroomAccount(school_id=tx.school_id, email=email, identity=identity_of(email))
    account.role, account.closed_at, account.display_name = role, None, shown
    account.given_name, account.family_name = given_name, family_name
    account.save()
    opened = ClassroomAccountOpened(
        account_id=account.pk, role=role, name_shown=shown, by=by.who, at=at
    )
    record(tx, opened)
    return account


def change_classroom_account(
    tx: Turn, account: ClassroomAccount, changes: Mapping[str, Any], *, by: Actor, at: datetime
) -> ClassroomAccount:
    """Change names, role or e-mail address of a person of this school's Classroom.

    A new address belongs to whoever signs in with it; where nobody did yet, whoever is signed in to
    the account goes on with it. What somebody else did to the person since the account was read
    stays. Raises `EmailTaken` and `BadName`.
    """
    account.refresh_from_db()
    wanted = as_wanted(account, CHANGEABLE, changes)
    different = {name: v for name, v in wanted.items() if getattr(account, name) != v}
    if not different:
        return account
    if "email" in different:
        _move_address(tx, account, wanted["email"])
    told = {name: (str(getattr(account, name)), str(v)) for name, v in different.items()}
    for name, value in different.items():
        setattr(account, name, value)
    account.save(update_fields=[*different, "identity", "search"])
    forget()
    changed = ClassroomAccountChanged(
        account_id=account.pk, name_shown=account.display_name, changes=told, by=by.who, at=at
    )
    record(tx, changed)
    return account


def close_classroom_account(tx: Turn, *, account_id: int, by: Actor, at: datetime) -> None:
    """Close a person's Classroom account: no Classroom for them, on no roster, in no group.

    Nothing happens to an account that is closed already or that this school does not have.
    """
    account = ClassroomAccount.objects.filter(
        pk=account_id, school_id=tx.school_id, closed_at__isnull=True
    ).first()
    if account is None:
        return
    account.closed_at = at
    account.save(update_fields=["closed_at"])
    account.enrolments.all().delete()
    account.teaches.all().delete()
    end_sessions_of_gone([account.identity_id])
    record(tx, ClassroomAccountClosed(account_id=account_id, by=by.who, at=at))


def reopen_classroom_account(tx: Turn, *, account_id: int, by: Actor, at: datetime) -> None:
    """Open a closed Classroom account again; its classes have to be chosen anew."""
    account = ClassroomAccount.objects.filter(
        pk=account_id, school_id=tx.school_id, closed_at__isnull=False
    ).first()
    if account is None:
        return
    account.closed_at = None
    account.save(update_fields=["closed_at"])
    reopened = ClassroomAccountReopened(
        account_id=account_id, role=account.role, name_shown=account.display_name,
        by=by.who, at=at,
    )  # fmt: skip
    record(tx, reopened)


def could_join(school_id: int) -> "QuerySet[PassAccount]":
    """The people of Pass who would get a Classroom account: who has none, not even a closed one."""
    known = ClassroomAccount.objects.filter(school_id=school_id).values("email")
    return PassAccount.objects.filter(
        school_id=school_id, closed_at__isnull=True, role__in=JOINS_AS
    ).exclude(email__in=known)


def join_classroom(tx: Turn, *, by: Actor, at: datetime) -> int:
    """Everybody of Pass who could have one gets a Classroom account; how many did."""
    joined = [
        ClassroomAccount(
            school_id=tx.school_id, identity_id=person.identity_id, email=person.email,
            role=JOINS_AS[Role(person.role)], given_name=person.given_name,
            family_name=person.family_name, display_name=person.display_name,
        )
        for person in could_join(tx.school_id).order_by("pk")
    ]  # fmt: skip
    for account in joined:
        account.search = account.searched()
    ClassroomAccount.objects.bulk_create(joined)
    if joined:
        told = ClassroomPeopleJoined(school_id=tx.school_id, count=len(joined), by=by.who, at=at)
        record(tx, told)
    return len(joined)


def classroom_people(
    school_id: int, *, text: str = "", role: str = "", state: str = "open"
) -> "QuerySet[ClassroomAccount]":
    """The people of a school's Classroom by name, narrowed down as `people.people_of` does."""
    found = ClassroomAccount.objects.filter(
        school_id=school_id, closed_at__isnull=state != "closed"
    )
    if role:
        found = found.filter(role=role)
    return looked_for(found, text).order_by("family_name", "given_name", "pk")


def person_of_classroom(school_id: int, account_id: int) -> ClassroomAccount | None:
    """The account with this id in this school's Classroom, open or closed."""
    return ClassroomAccount.objects.filter(school_id=school_id, pk=account_id).first()


def _move_address(tx: Turn, account: ClassroomAccount, email: str) -> None:
    taken = ClassroomAccount.objects.filter(school_id=tx.school_id, email=email)
    if taken.exclude(pk=account.pk).exists():
        raise EmailTaken(email)
    found = Identity.objects.filter(email=email).first()
    identity = Identity.objects.get(pk=account.identity_id)
    shared = PassAccount.objects.filter(identity=identity).exists() or (
        ClassroomAccount.objects.filter(identity=identity).exclude(pk=account.pk).exists()
    )
    if found is None and not shared:
        identity.email = email
        identity.save(update_fields=["email"])
    elif found is not None:
        account.identity = found
    else:
        account.identity = Identity.objects.create_user(email)
        carry_sign_ins(SignIn.objects.filter(classroom_account=account), account.identity_id)
