"""A school's locations: open them, list them."""

from datetime import datetime

from django.db.models import Value
from django.db.models.functions import Lower

from corridor.live.events import Who
from corridor.live.log import Turn, record
from corridor.roster.events import LocationOpened
from corridor.roster.models import Access, Location, ReasonMode, TripType


class NameTaken(Exception):
    """The school already has an open location of this name."""


def open_location(
    tx: Turn,
    *,
    name: str,
    trip_type: str = TripType.ROUNDTRIP,
    reason_mode: str = ReasonMode.OPTIONAL,
    capacity: int | None = None,
    room_limit: int | None = None,
    extended_minutes: int | None = None,
    takes_passes: bool = True,
    may_be_auto: bool = False,
    queueing: bool = False,
    may_be_asked: bool = True,
    access: str = Access.EVERYONE,
    by: Who,
    at: datetime,
) -> Location:
    """A new location shared by many. Raises `NameTaken`."""
    if is_taken(tx.school_id, name):
        raise NameTaken(name)
    location = Location.objects.create(
        school_id=tx.school_id,
        name=name,
        trip_type=trip_type,
        reason_mode=reason_mode,
        capacity=capacity,
        room_limit=room_limit,
        extended_minutes=extended_minutes,
        takes_passes=takes_passes,
        may_be_auto=may_be_auto,
        queueing=queueing,
        may_be_asked=may_be_asked,
        access=access,
    )
    event = LocationOpened(
        school_id=tx.school_id, location_id=location.pk, name_shown=name, by=by, at=at
    )
    record(tx, event)
    return location


def is_taken(school_id: int, name: str, *, but: int | None = None) -> bool:
    """Whether an open location (another than `but`) has this name; case does not matter."""
    named = Location.objects.annotate(lower=Lower("name")).filter(
        school_id=school_id, lower=Lower(Value(name)), archived_at__isnull=True
    )
    return named.exclude(pk=but or 0).exists()


def with_adults(school_id: int) -> set[int]:
    """The ids of the locations where an adult works who can answer."""
    return set(
        Location.objects.filter(
            school_id=school_id, archived_at__isnull=True, links__isnull=False
        ).values_list("pk", flat=True)
    )


def open_locations(school_id: int) -> list[Location]:
    """The locations a pass can name now, by name."""
    return list(
        Location.objects.filter(school_id=school_id, archived_at__isnull=True).order_by("name")
    )


def archived_locations(school_id: int) -> list[Location]:
    """The shared locations that are out of use, by name; a personal one comes with its adult."""
    return list(
        Location.objects.filter(
            school_id=school_id, adult_name="", archived_at__isnull=False
        ).order_by("name", "pk")
    )


def locations_page(school_id: int, *, after: int | None = None, limit: int) -> list[Location]:
    """The locations a pass can name now, by id, those after an id only."""
    found = Location.objects.filter(school_id=school_id, archived_at__isnull=True)
    return list(found.filter(pk__gt=after or 0).order_by("pk")[:limit])


def location_of_school(school_id: int, location_id: int) -> Location | None:
    """The open location with this id in this school."""
    return Location.objects.filter(
        pk=location_id, school_id=school_id, archived_at__isnull=True
    ).first()
