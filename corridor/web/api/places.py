"""Places: the locations that a pass can name now."""

import msgspec
from ninja import Query, Router, Schema

from corridor.passes.refusals import NotFound
from corridor.roster.models import Location
from corridor.roster.places import location_of_school, locations_page
from corridor.web.api.guard import Request, operation
from corridor.web.api.inputs import Cursor, Id, Limit, cursor_of, number_of

router = Router(tags=["places"])


class PlaceTold(msgspec.Struct, frozen=True):
    """A location; `adult_name` is set on the personal one of an adult, null is no limit."""

    id: int
    name: str
    adult_name: str
    trip_type: str
    reason_mode: str
    capacity: int | None
    extended_minutes: int | None


class PlacePage(msgspec.Struct, frozen=True):
    """Locations in the order of their ids; `next_cursor` leads on, null at the end."""

    items: tuple[PlaceTold, ...]
    next_cursor: str | None


class Wanted(Schema):
    """Which places."""

    cursor: Cursor | None = None
    limit: Limit = 50


@operation(router, "GET", "/places", scope="places:read", gives=PlacePage)
def list_places(request: Request, wanted: Query[Wanted]) -> PlacePage:
    """The places of the school."""
    found = locations_page(
        request.keyed.school_id, after=number_of(wanted.cursor), limit=wanted.limit + 1
    )
    more = cursor_of(found[wanted.limit - 1].pk) if len(found) > wanted.limit else None
    return PlacePage(tuple(map(_told, found[: wanted.limit])), more)


@operation(
    router, "GET", "/places/{int:place_id}", scope="places:read", gives=PlaceTold,
    fails=("not_found",),
)  # fmt: skip
def get_place(request: Request, place_id: Id) -> PlaceTold:
    """One place."""
    found = location_of_school(request.keyed.school_id, place_id)
    if found is None:
        raise NotFound("place")
    return _told(found)


def _told(place: Location) -> PlaceTold:
    return PlaceTold(
        place.pk,
        place.name,
        place.adult_name,
        place.trip_type,
        place.reason_mode,
        place.capacity,
        place.extended_minutes,
    )
