"""The people of a school: open, change, close and reopen accounts; find people by their names."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from allauth.account.models import EmailAddress
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from corridor.accounts.actors import ADULTS, Actor
from corridor.accounts.events import (
    AccountChanged,
    AccountClosed,
    AccountLinked,
    AccountOpened,
    AccountReopened,
)
from corridor.accounts.models import (
    ClassroomAccount,
    Identity,
    LocationLink,
    PassAccount,
    Role,
    SignIn,
    same_email,
)
from corridor.accounts.names import BadName, clean_name, words_of
from corridor.accounts.sessions import carry_sign_ins
from corridor.accounts.signins import forget
from corridor.live.log import Turn, record
from corridor.roster.changes import archive_location, change_location
from corridor.roster.events import LocationOpened
from corridor.roster.models import Location

T = TypeVar("T")
Account = TypeVar("Account", PassAccount, ClassroomAccount)

# What the room of an adult, and the name on it, may measure.
LONGEST_SHOWN: Final = 80


class EmailTaken(Exception):
    """This school already has an open Pass account with this e-mail address."""


class NumberTaken(Exception):
    """Another account of this school has this number."""


def open_account(
    tx: Turn,
    *,
    email: str,
    role: str,
    given_name: str,
    family_name: str = "",
    display_name: str = "",
    grade: str = "",
    number: str = "",
    location_name: str = "",
    by: Actor,
    at: datetime,
) -> PassAccount:
    """A person gets a Pass account in this school; an adult gets a personal location with it.

    The sign-in identity is found by e-mail or made (without a password). A closed account with
    this address opens again. Raises `EmailTaken`, `NumberTaken` and `BadName`.
    """
    email = same_email(email)
    given_name, family_name = clean_name(given_name), clean_name(family_name)
    display_name = shown_name(role, given_name, family_name, display_name)
    account = PassAccount.objects.filter(school_id=tx.school_id, email=email).first()
    if account is not None and account.closed_at is None:
        raise EmailTaken(email)
    _refuse_taken_number(tx.school_id, number, but=account)
    if account is None:
        account = PassAccount(school_id=tx.school_id, email=email, identity=identity_of(email))
    account.role, account.closed_at, account.grade = role, None, grade
    account.given_name, account.family_name = given_name, family_name
    account.display_name, account.number = display_name, number or account.number
    account.save()
    _give_room(tx, account, location_name or display_name, by=by, at=at)
    opened = AccountOpened(
        account_id=account.pk, role=role, name_shown=display_name, by=by.who, at=at
    )
    record(tx, opened)
    return account


def change_account(
    tx: Turn, account: PassAccount, changes: Mapping[str, Any], *, by: Actor, at: datetime
) -> PassAccount:
    """Change names, role, grade, number or e-mail address of a person of this school.

    What others read follows the names as long as it was made of them. A new address is a new
    identity where the old one signs in at another school too; else the identity moves with it.
    What somebody else did to the person since the account was read stays: an archived person is
    archived. Raises `EmailTaken`, `NumberTaken` and `BadName`.
    """
    account.refresh_from_db()
    wanted = as_wanted(account, CHANGEABLE, changes)
    different = {k: v for k, v in wanted.items() if getattr(account, k) != v}
    if not different:
        return account
    told = {name: (str(getattr(account, name)), str(v)) for name, v in different.items()}
    taken = PassAccount.objects.filter(school_id=tx.school_id, email=wanted["email"])
    if taken.exclude(pk=account.pk).exists():
        raise EmailTaken(wanted["email"])
    _refuse_taken_number(tx.school_id, wanted["number"], but=account)
    if "email" in different:
        _move_address(account, wanted["email"])
    for name, value in different.items():
        setattr(account, name, value)
    account.save(update_fields=[*different, "identity", "search"])
    if account.closed_at is None:
        _follow_with_room(tx, account, told, by=by, at=at)
    forget()
    changed = AccountChanged(
        account_id=account.pk, name_shown=account.display_name, changes=told, by=by.who, at=at
    )
    record(tx, changed)
    return account


CHANGEABLE: Final = (
    "given_name", "family_name", "display_name", "grade", "role", "email", "number",
)  # fmt: skip


def as_wanted(account: Account, names: Iterable[str], changes: Mapping[str, Any]) -> dict[str, Any]:
    """These fields of an account with these changes, as they are kept. Raises `BadName`.

    What others read follows the names as long as it was made of them.
    """
    wanted = {name: getattr(account, name) for name in names} | dict(changes)
    wanted["email"] = same_email(wanted["email"])
    given, family = clean_name(wanted["given_name"]), clean_name(wanted["family_name"])
    wanted["given_name"], wanted["family_name"] = given, family
    shown = wanted["display_name"]
    if shown == f"{account.given_name} {account.family_name}".strip():
        shown = ""
    wanted["display_name"] = shown_name(wanted["role"], given, family, shown)
    return wanted


def identity_of(email: str) -> Identity:
    """Whoever signs in with this address; made, without a password, where there is nobody yet."""
    return Identity.objects.filter(email=email).first() or Identity.objects.create_user(email)


def shown_name(role: str, given_name: str, family_name: str, display_name: str) -> str:
    """What others read; both names where nothing else is wanted. Raises `BadName`."""
    name = clean_name(display_name, LONGEST_SHOWN) or f"{given_name} {family_name}".strip()
    if not name:
        raise BadName(_("A name is missing."))
    if role in ADULTS and len(name) > LONGEST_SHOWN:
        raise BadName(_("The name is too long for a door. Write a shorter one for others to read."))
    return name


def close_account(tx: Turn, *, account_id: int, by: Actor, at: datetime) -> None:
    """Close a person's Pass account: no sign-in with it, its sessions and streams end.

    An adult's shared locations are given up and the personal one is archived. When it was the
    person's last open account, every session of theirs ends. Nothing happens to an account that
    is closed already or that this school does not have.
    """
    account = PassAccount.objects.filter(
        pk=account_id, school_id=tx.school_id, closed_at__isnull=True
    ).first()
    if account is None:
        return
    account.closed_at = at
    account.save(update_fields=["closed_at"])
    _take_room(tx, account, by=by, at=at)
    end_sessions([account.pk])
    record(tx, AccountClosed(account_id=account_id, by=by.who, at=at))


def reopen_account(tx: Turn, *, account_id: int, by: Actor, at: datetime) -> None:
    """Open a closed account again, an adult's with the personal location.

    Nothing happens to an account that is open or that this school does not have.
    """
    account = PassAccount.objects.filter(
        pk=account_id, school_id=tx.school_id, closed_at__isnull=False
    ).first()
    if account is None:
        return
    account.closed_at = None
    account.save(update_fields=["closed_at"])
    _give_room(tx, account, account.display_name, by=by, at=at)
    reopened = AccountReopened(
        account_id=account.pk, role=account.role, name_shown=account.display_name,
        by=by.who, at=at,
    )  # fmt: skip
    record(tx, reopened)


def end_sessions(account_ids: Collection[int]) -> None:
    """End the sessions in these closed accounts, and all of people who have no other open one."""
    for some in in_batches(account_ids):
        identities = PassAccount.objects.filter(pk__in=some).values("identity_id")
        SignIn.objects.filter(Q(account_id__in=some) | _gone(identities)).delete()
    forget()


def end_sessions_of_gone(identity_ids: Collection[int]) -> None:
    """End the sessions of those of these people who have no open account left in any product."""
    for some in in_batches(identity_ids):
        SignIn.objects.filter(_gone(some)).delete()
    forget()


def _gone(identities: Any) -> Q:
    """The sessions of these people, if they have no open account left."""
    still = (
        accounts.objects.filter(closed_at__isnull=True).values("identity_id")
        for accounts in (PassAccount, ClassroomAccount)
    )
    in_pass, in_classroom = still
    return (
        Q(identity_id__in=identities)
        & ~Q(identity_id__in=in_pass)
        & ~Q(identity_id__in=in_classroom)
    )


def in_batches(ids: Collection[T], size: int = 500) -> list[list[T]]:
    """These ids, so many at a time: a statement takes no endless list."""
    every = list(ids)
    return [every[start : start + size] for start in range(0, len(every), size)]


def _refuse_taken_number(school_id: int, number: str, *, but: PassAccount | None) -> None:
    if number:
        found = PassAccount.objects.filter(school_id=school_id, number=number)
        if found.exclude(pk=but.pk if but else 0).exists():
            raise NumberTaken(number)


def _move_address(account: PassAccount, email: str) -> None:
    """Who signs in with this account from now on: whoever has the new address."""
    identity, moved = account.identity, Identity.objects.filter(email=email).first()
    room = ClassroomAccount.objects.filter(identity=identity, school_id=account.school_id).first()
    elsewhere = PassAccount.objects.filter(identity=identity).exclude(pk=account.pk).exists()
    elsewhere |= (
        ClassroomAccount.objects.filter(identity=identity)
        .exclude(pk=room.pk if room else 0)
        .exists()
    )
    if moved is None and not elsewhere:
        EmailAddress.objects.filter(user_id=identity.pk).delete()
        identity.email = email
        identity.save(update_fields=["email"])
    elif moved is not None:
        account.identity = moved
        theirs = Q(identity=moved) | Q(also_identity_id=moved.pk)
        SignIn.objects.filter(~theirs, account_id=account.pk).delete()
    else:
        account.identity = Identity.objects.create_user(email)
        carry_sign_ins(SignIn.objects.filter(account_id=account.pk), account.identity_id)
    others = ClassroomAccount.objects.filter(school_id=account.school_id, email=email)
    if room is not None and not others.exists():
        room.email, room.identity = email, account.identity
        room.save()


def _follow_with_room(
    tx: Turn, account: PassAccount, told: Mapping[str, Any], *, by: Actor, at: datetime
) -> None:
    """The personal location carries the new name, comes, or goes, as the role says."""
    if account.role not in ADULTS:
        _take_room(tx, account, by=by, at=at)
        return
    _give_room(tx, account, account.display_name, by=by, at=at)
    if "display_name" in told:
        room = Location.objects.get(links__account=account, links__is_personal=True)
        changes = {"adult_name": account.display_name}
        if room.name == told["display_name"][0]:
            changes["name"] = free_name(tx.school_id, account.display_name)
        change_location(tx, room, changes, by=by.who, at=at)


def _give_room(tx: Turn, account: PassAccount, name: str, *, by: Actor, at: datetime) -> None:
    """An adult has a personal location; one that was archived is in use again."""
    if account.role not in ADULTS:
        return
    link = LocationLink.objects.filter(account=account, is_personal=True).first()
    if link is None:
        location = Location.objects.create(
            school_id=tx.school_id, name=free_name(tx.school_id, clean_name(name)),
            adult_name=account.display_name, trip_type="layover",
        )  # fmt: skip
        LocationLink.objects.create(account=account, location=location, is_personal=True)
    elif link.location.archived_at is not None:
        link.location.archived_at = None
        link.location.name = free_name(tx.school_id, link.location.name)
        link.location.adult_name = account.display_name
        link.location.save()
        forget()
        again = LocationOpened(
            school_id=tx.school_id, location_id=link.location.pk,
            name_shown=link.location.name, by=by.who, at=at,
        )  # fmt: skip
        record(tx, again)


def _take_room(tx: Turn, account: PassAccount, *, by: Actor, at: datetime) -> None:
    LocationLink.objects.filter(account=account, is_personal=False).delete()
    for room in Location.objects.filter(links__account=account, links__is_personal=True):
        archive_location(tx, room, by=by.who, at=at)


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
    """The open students of whose names some words begin with each of these.

    Those of whom it is the whole word come first: Ana before Anabel. Then by name.
    """
    if not words_of(text):
        return []
    found = PassAccount.objects.filter(
        school_id=school_id, role=Role.STUDENT, closed_at__isnull=True
    )
    ordered = (
        named(found, text)
        .annotate(padded=Concat("search", Value(" ")))
        .annotate(whole=_whole_words(text))
        .order_by("-whole", "family_name", "given_name", "pk")
    )
    return list(ordered[:limit])


def _whole_words(text: str) -> Combinable:
    """How many of these words are whole words of the name (`padded`)."""
    whole: Combinable = Value(0)
    for word in words_of(text)[:5]:
        is_whole = When(padded__contains=f" {word} ", then=1)
        whole = whole + Case(is_whole, default=0, output_field=IntegerField())
    return whole


def people_of(
    school_id: int, *, text: str = "", role: str = "", grade: str = "", state: str = "open"
) -> "QuerySet[PassAccount]":
    """The people of a school by name, narrowed down.

    `text` is words of the name or the number, or the beginning of an e-mail address. `state`:
    open, closed, never (open, and never signed in) or failed (the invitation did not arrive).
    """
    found = PassAccount.objects.filter(school_id=school_id, closed_at__isnull=state != "closed")
    if state == "never":
        found = found.filter(identity__last_login__isnull=True)
    elif state == "failed":
        found = found.filter(letters__failed_at__isnull=False).distinct()
    if role:
        found = found.filter(role=role)
    if grade:
        found = found.filter(grade=grade)
    return looked_for(found, text).order_by("family_name", "given_name", "pk")


def looked_for(found: "QuerySet[Account]", text: str) -> "QuerySet[Account]":
    """Those of whom a text is words of the name, or the beginning of the e-mail address."""
    if "@" in text:
        return found.filter(email__startswith=same_email(text))
    if text.strip():
        return named(found, text) if words_of(text) else found.none()
    return found


def named(found: "QuerySet[Account]", text: str) -> "QuerySet[Account]":
    """Those of whose names some words begin with each word of the text.

    Neither case nor accents nor the order of the words matter.
    """
    for word in words_of(text)[:5]:
        found = found.filter(search__contains=f" {word}")
    return found


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
        found = named(found, name) if words_of(name) else found.none()
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


def is_student_of(school_id: int, account_id: int) -> bool:
    """Whether this is a student of this school, also one whose account is closed."""
    found = PassAccount.objects.filter(pk=account_id, school_id=school_id, role=Role.STUDENT)
    return found.exists()


def has_students(school_id: int) -> bool:
    """Whether the school has a student with an open account."""
    return people_of(school_id, role=Role.STUDENT).exists()


def personal_location_of(account_id: int) -> int | None:
    """The adult's own room; None for whoever has none."""
    links = LocationLink.objects.filter(account_id=account_id, is_personal=True)
    return links.values_list("location_id", flat=True).first()


def students_of_grade(school_id: int, grade: str) -> list[int]:
    """The ids of the open students of a grade."""
    found = PassAccount.objects.filter(
        school_id=school_id, role=Role.STUDENT, closed_at__isnull=True, grade=grade
    )
    return list(found.values_list("pk", flat=True))


def has_admin() -> bool:
    """Whether anybody can administer a school of this installation."""
    return PassAccount.objects.filter(role=Role.ADMIN, closed_at__isnull=True).exists()


def free_name(school_id: int, name: str) -> str:
    """This name, with a number where another location in use has it already."""
    taken = {
        found.lower()
        for found in Location.objects.filter(
            school_id=school_id, archived_at__isnull=True, name__istartswith=name[:70]
        ).values_list("name", flat=True)
    }
    return numbered(name, taken)


def numbered(name: str, taken: Collection[str]) -> str:
    """This name, or with the first number behind it that is not taken (names in small letters)."""
    candidate, count = name, 2
    while candidate.lower() in taken:
        end = f" ({count})"
        candidate, count = name[: LONGEST_SHOWN - len(end)] + end, count + 1
    return candidate
