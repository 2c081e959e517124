"""Events: the log as pages. `stream.py` gives the same events as they are written."""

from typing import Annotated

import msgspec
from ninja import Query, Router, Schema
from pydantic import Field

from corridor.live.hub import AheadOfLog
from corridor.live.log import last_number, read_log
from corridor.web.api.guard import Request, operation
from corridor.web.api.inputs import Limit, Number
from corridor.webhooks.telling import EventTold, told

router = Router(tags=["events"])


class EventPage(msgspec.Struct, frozen=True):
    """Events in the order of their numbers. Ask on with `after` set to `next_after`.

    There is more as long as `next_after` is less than `last_number`, even where `items` is empty:
    not every event is told to programs.
    """

    items: tuple[EventTold, ...]
    next_after: int
    last_number: int


class Wanted(Schema):
    """From where on."""

    after: Annotated[Number, Field(description="The number of the last event you know.")] = 0
    limit: Limit = 50


@operation(router, "GET", "/events", scope="events:read", gives=EventPage, fails=("log_restored",))
def list_events(request: Request, wanted: Query[Wanted]) -> EventPage:
    """The log of the school from a number on."""
    school_id = request.keyed.school_id
    last = last_number(school_id)
    if wanted.after > last:
        raise AheadOfLog(last)
    found = read_log(school_id, wanted.after, wanted.limit)
    items = tuple(event for row in found if (event := told(row)) is not None)
    reached = found[-1].number if found else wanted.after
    # What was written since the first question is in the log too.
    return EventPage(items, reached, max(last, reached))
