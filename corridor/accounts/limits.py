"""What binds one student and not the others: own limits, and places open to them or closed."""

from datetime import date, datetime

from corridor.accounts.actors import Actor
from corridor.accounts.events import StudentLimited, StudentListed, StudentUnlisted
from corridor.accounts.models import LocationListing, PassAccount, Role
from corridor.live.log import Turn, record
from corridor.roster.models import Location
from corridor.roster.settings import Limits, with_changes


class NoSuchStudent(LookupError):
    """The school has no such open student account, or no such place."""


def limit_student(
    tx: Turn,
    *,
    account_id: int,
    limits: Limits,
    unlimited: bool = False,
    by: Actor,
    at: datetime,
) -> None:
    """A student's own limits, which beat the grade's and the school's; None leaves those in force.

    What is there already changes nothing; who changed each last is kept. Raises `NoSuchStudent`.
    """
    account = _student(tx, account_id)
    wanted = {
        "period_limit": limits.period,
        "daily_limit": limits.day,
        "weekly_limit": limits.week,
        "term_limit": limits.term,
        "unlimited": unlimited,
    }
    different = {name: value for name, value in wanted.items() if getattr(account, name) != value}
    if not different:
        return
    for name, value in different.items():
        setattr(account, name, value)
    account.limits_changed = with_changes(account.limits_changed, different, by=by.who.name, at=at)
    account.save(update_fields=[*different, "limits_changed"])
    event = StudentLimited(
        account_id=account_id, limits=limits, unlimited=unlimited, by=by.who, at=at
    )
    record(tx, event)


def list_student(
    tx: Turn,
    *,
    location_id: int,
    account_id: int,
    first_day: date | None = None,
    last_day: date | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Put a student on the list of a location, or change the days. Raises `NoSuchStudent`."""
    account = _student(tx, account_id)
    if not Location.objects.filter(pk=location_id, school_id=tx.school_id).exists():
        raise NoSuchStudent(location_id)
    LocationListing.objects.update_or_create(
        location_id=location_id,
        account=account,
        defaults={"first_day": first_day, "last_day": last_day},
    )
    event = StudentListed(
        school_id=tx.school_id,
        location_id=location_id,
        account_id=account_id,
        first_day=first_day,
        last_day=last_day,
        by=by.who,
        at=at,
    )
    record(tx, event)


def unlist_student(tx: Turn, *, location_id: int, account_id: int, by: Actor, at: datetime) -> None:
    """Take a student off the list of a location; nothing happens to one who is not on it."""
    found = LocationListing.objects.filter(
        location_id=location_id, account_id=account_id, location__school_id=tx.school_id
    )
    if not found.delete()[0]:
        return
    event = StudentUnlisted(
        school_id=tx.school_id, location_id=location_id, account_id=account_id, by=by.who, at=at
    )
    record(tx, event)


def listed(location_id: int) -> list[LocationListing]:
    """The students on the list of a location, by name."""
    return list(
        LocationListing.objects.filter(location_id=location_id, account__closed_at__isnull=True)
        .select_related("account")
        .order_by("account__family_name", "account__given_name")
    )


def listings_of(account_id: int, on: date) -> set[int]:
    """The locations on whose list this student stands on this day."""
    return {
        found.location_id
        for found in LocationListing.objects.filter(account_id=account_id)
        if (found.first_day is None or found.first_day <= on)
        and (found.last_day is None or on <= found.last_day)
    }


def _student(tx: Turn, account_id: int) -> PassAccount:
    account = PassAccount.objects.filter(
        pk=account_id, school_id=tx.school_id, role=Role.STUDENT, closed_at__isnull=True
    ).first()
    if account is None:
        raise NoSuchStudent(account_id)
    return account
