"""The people of a school: open and close accounts, link adults to locations, find students."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from corridor.accounts.actors import ADULTS, Actor
from corridor.accounts.events import AccountClosed, AccountLinked, AccountOpened
from corridor.accounts.models import Identity, LocationLink, PassAccount, Role, SignIn, same_email
from corridor.accounts.signins import forget
from corridor.live.log import Turn, record
from corridor.roster.models import Location


class EmailTaken(Exception):
    """This school already has an open Pass account with this e-mail address."""


def open_account(
    tx: Turn,
    *,
    email: str,
    role: str,
    given_name: str,
    family_name: str = "",
    display_name: str = "",
    grade: str = "",
    location_name: str = "",
    by: Actor,
    at: datetime,
) -> PassAccount:
    """A person gets a Pass account in this school; an adult gets a personal location with it.

    The sign-in identity is found by e-mail or made (without a password). A closed account with
    this address opens again. Raises `EmailTaken`.
    """
    email = same_email(email)
    identity = Identity.objects.filter(email=email).first() or Identity.objects.create_user(email)
    display_name = display_name or f"{given_name} {family_name}".strip()
    account, is_new = PassAccount.objects.get_or_create(
        school_id=tx.school_id,
        email=email,
        defaults={"identity": identity, "role": role, "given_name": given_name},
    )
    if not is_new and account.closed_at is None:
        raise EmailTaken(email)
    account.role, account.closed_at, account.grade = role, None, grade
    account.given_name, account.family_name = given_name, family_name
    account.display_name = display_name
    account.save()
    if role in ADULTS and not LocationLink.objects.filter(account=account, is_personal=True):
        room = _free_name(tx.school_id, location_name or display_name)
        location = Location.objects.create(
            school_id=tx.school_id, name=room, adult_name=display_name, trip_type="layover"
        )
        LocationLink.objects.create(account=account, location=location, is_personal=True)
    record(
        tx,
        AccountOpened(account_id=account.pk, role=role, name_shown=display_name, by=by.who, at=at),
    )
    return account


def close_account(tx: Turn, *, account_id: int, by: Actor, at: datetime) -> None:
    """Close a person's Pass account: no sign-in with it, its sessions and streams end.

    Nothing happens to an account that is closed already or that this school does not have.
    """
    account = PassAccount.objects.filter(
        pk=account_id, school_id=tx.school_id, closed_at__isnull=True
    )
    if not account.update(closed_at=at):
        return
    SignIn.objects.filter(account_id=account_id).delete()
    forget()
    record(tx, AccountClosed(account_id=account_id, by=by.who, at=at))


def link_locations(
    tx: Turn, *, location_ids: Collection[int], by: Actor, at: datetime
) -> frozenset[int]:
    """An adult chooses the shared locations to work for ("My locations"); all they have now.

    The personal location stays. Locations of other schools and other adults' personal ones are
    left out.
    """
    assert by.account_id is not None
    shared = set(
        Location.objects.filter(
            school_id=tx.school_id, pk__in=location_ids, adult_name="", archived_at__isnull=True
        ).values_list("pk", flat=True)
    )
    mine = LocationLink.objects.filter(account_id=by.account_id)
    mine.filter(is_personal=False).exclude(location_id__in=shared).delete()
    for location_id in shared - set(mine.values_list("location_id", flat=True)):
        LocationLink.objects.create(account_id=by.account_id, location_id=location_id)
    linked = tuple(sorted(mine.values_list("location_id", flat=True)))
    forget()
    record(
        tx,
        AccountLinked(account_id=by.account_id, location_ids=linked, by=by.who, at=at),
    )
    return frozenset(linked)


def students_named(school_id: int, text: str, limit: int = 12) -> list[PassAccount]:
    """The students whose given or family name begins with each of these words, by name."""
    words = text.split()[:5]
    if not words:
        return []
    found = PassAccount.objects.filter(
        school_id=school_id, role=Role.STUDENT, closed_at__isnull=True
    )
    for word in words:
        found = found.filter(
            Q(given_name__istartswith=word)
            | Q(family_name__istartswith=word)
            | Q(family_name__icontains=f" {word}")
        )
    return list(found.order_by("family_name", "given_name")[:limit])


def grades_of(school_id: int) -> list[str]:
    """The grades that students of this school are in, in the order of their numbers."""
    found = PassAccount.objects.filter(
        school_id=school_id, role=Role.STUDENT, closed_at__isnull=True
    ).exclude(grade="")
    grades = found.values_list("grade", flat=True).distinct()
    return sorted(grades, key=lambda grade: (grade.rjust(20), grade))


def people_page(
    school_id: int,
    *,
    role: str | None = None,
    name: str | None = None,
    email: str | None = None,
    after: int | None = None,
    limit: int,
) -> list[PassAccount]:
    """The open accounts of a school that are all of this, by id, those after an id only."""
    found = _open_accounts(school_id)
    if role is not None:
        found = found.filter(role=role)
    if name is not None:
        found = found.filter(display_name__icontains=name)
    if email is not None:
        found = found.filter(email=same_email(email))
    if after is not None:
        found = found.filter(pk__gt=after)
    return list(found[:limit])


def person_of_school(school_id: int, account_id: int) -> PassAccount | None:
    """The open account with this id in this school."""
    return _open_accounts(school_id).filter(pk=account_id).first()


def _open_accounts(school_id: int) -> QuerySet[PassAccount]:
    found = PassAccount.objects.filter(school_id=school_id, closed_at__isnull=True)
    return found.prefetch_related("links").order_by("pk")


def student_or_none(school_id: int, account_id: int | None) -> PassAccount | None:
    """The open student account with this id in this school."""
    if account_id is None:
        return None
    return PassAccount.objects.filter(
        pk=account_id, school_id=school_id, role=Role.STUDENT, closed_at__isnull=True
    ).first()


def has_admin() -> bool:
    """Whether anybody can administer a school of this installation."""
    return PassAccount.objects.filter(role=Role.ADMIN, closed_at__isnull=True).exists()


def _free_name(school_id: int, name: str) -> str:
    taken = {
        found.lower()
        for found in Location.objects.filter(
            school_id=school_id, archived_at__isnull=True, name__istartswith=name
        ).values_list("name", flat=True)
    }
    candidate, count = name, 2
    while candidate.lower() in taken:
        candidate, count = f"{name} ({count})", count + 1
    return candidate
