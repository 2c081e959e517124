"""People: the open accounts of the school."""

from typing import Annotated, Literal

import msgspec
from ninja import Query, Router, Schema
from pydantic import Field

from corridor.accounts.models import PassAccount
from corridor.accounts.people import people_page, person_of_school
from corridor.passes.refusals import NotFound
from corridor.web.api.guard import Request, operation
from corridor.web.api.inputs import Cursor, Id, Limit, Text, cursor_of, number_of

router = Router(tags=["people"])


class PersonTold(msgspec.Struct, frozen=True):
    """Somebody with an open account; `location_ids` are where an adult answers."""

    id: int
    role: str
    name: str
    given_name: str
    family_name: str
    email: str
    grade: str
    location_ids: tuple[int, ...]


class PeoplePage(msgspec.Struct, frozen=True):
    """People in the order of their ids; `next_cursor` leads on, null at the end."""

    items: tuple[PersonTold, ...]
    next_cursor: str | None


class Wanted(Schema):
    """Which people."""

    role: Literal["student", "teacher", "staff", "admin"] | None = None
    name: Annotated[
        Text | None, Field(description="Beginnings of words of the name, in any order.")
    ] = None
    email: Text | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


@operation(router, "GET", "/people", scope="people:read", gives=PeoplePage)
def list_people(request: Request, wanted: Query[Wanted]) -> PeoplePage:
    """The people of the school."""
    found = people_page(
        request.keyed.school_id, role=wanted.role, name=wanted.name, email=wanted.email,
        after=number_of(wanted.cursor), limit=wanted.limit + 1,
    )  # fmt: skip
    more = cursor_of(found[wanted.limit - 1].pk) if len(found) > wanted.limit else None
    return PeoplePage(tuple(map(_told, found[: wanted.limit])), more)


@operation(
    router, "GET", "/people/{int:person_id}", scope="people:read", gives=PersonTold,
    fails=("not_found",),
)  # fmt: skip
def get_person(request: Request, person_id: Id) -> PersonTold:
    """One person."""
    found = person_of_school(request.keyed.school_id, person_id)
    if found is None:
        raise NotFound("person")
    return _told(found)


def _told(account: PassAccount) -> PersonTold:
    return PersonTold(
        account.pk,
        account.role,
        account.display_name,
        account.given_name,
        account.family_name,
        account.email,
        account.grade,
        tuple(sorted(link.location_id for link in account.links.all())),
    )
