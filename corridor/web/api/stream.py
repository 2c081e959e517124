"""The log as a stream of JSON, for keys: the pages' streams with another guard and other words."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from django.db.utils import InterfaceError, OperationalError
from starlette.requests import Request
from starlette.responses import Response

from corridor.accounts.keys import Keyed, still_good
from corridor.live import log, topics
from corridor.live.events import Logged
from corridor.live.hub import AheadOfLog, TooFarBehind
from corridor.web.api import problems
from corridor.web.api.guard import NoKey, NotInScope, admit
from corridor.web.forms import id_in
from corridor.web.rate import TooMany
from corridor.web.stream import (
    BEAT,
    Begun,
    Endpoint,
    Listener,
    NoStream,
    Streams,
    TooManyOpen,
    message,
)
from corridor.webhooks.telling import told

# A program that opens more than this has forgotten to close them.
MOST_AT_ONCE = 10


class KeyStream(Listener):
    """One open connection of a program with a key."""

    def __init__(self, key: Keyed) -> None:
        super().__init__(key.id, key.school_id)
        self.key = key

    @staticmethod
    def still_good(permits: Collection[int], at: datetime) -> Collection[int]:
        """The keys that are not over and not revoked."""
        return still_good(permits, at)

    def hear(self, event: Logged) -> None:
        """Pass on what programs are told; called by the hub in the order of numbers."""
        found = told(event)
        if found is not None:
            self.push(message(found.name, msgspec.json.encode(found).decode(), found.number))
        elif event.name == "api_key.revoked" and topics.api_key(self.key.id) in event.topics:
            self.dismiss()


def key_stream(streams: Streams) -> Endpoint:
    """The ASGI endpoint of the API's stream."""
    return Endpoint(streams, _begin, "key events:read")


async def _begin(streams: Streams, request: Request) -> Begun:
    """Whose key is it, from which number on."""
    try:
        return await _begun(streams, request)
    except NoKey:
        raise _no("no_key", **{"WWW-Authenticate": 'Bearer realm="Corridor"'}) from None
    except NotInScope:
        raise _no("not_allowed") from None
    except TooMany as no:
        raise _no("too_many", **{"Retry-After": str(no.seconds)}) from None
    except AheadOfLog as no:
        raise NoStream(_answer(problems.problem("log_restored", last_number=no.last))) from None
    except TooFarBehind:
        raise _no("too_far_behind") from None
    except (OperationalError, InterfaceError):
        raise _no("unavailable", **{"Retry-After": "5"}) from None


async def _begun(streams: Streams, request: Request) -> Begun:
    if request.method != "GET":
        raise _no("no_method", Allow="GET")
    beginning, _, secret = request.headers.get("authorization", "").partition(" ")
    if beginning.lower() != "bearer":
        raise NoKey
    key = await streams.in_database(lambda: admit(secret, "events:read"))
    asked = request.headers.get("last-event-id") or request.query_params.get("after")
    after = id_in(asked)
    if asked is None:
        after = await streams.in_database(lambda: log.last_number(key.school_id))
    if after is None:
        raise _no("bad_input")
    stream = KeyStream(key)
    stream.push(BEAT)
    heard = frozenset({topics.EVERYTHING})
    try:
        return stream, await streams.listen(stream, MOST_AT_ONCE, heard, after)
    except TooManyOpen:
        raise TooMany(60) from None


def _no(kind: str, **headers: str) -> NoStream:
    return NoStream(_answer(problems.problem(kind), headers))


def _answer(found: problems.Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(problems.encoded(found), found.status, headers, problems.MEDIA_TYPE)
