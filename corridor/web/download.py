"""The history as a CSV file that is sent while it is read: as large as it gets, in little memory.

Django's answers are held whole, so this one is given at the door. The passes are read piece by
piece, each with a question of its own, so that no transaction waits for a slow reader.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import gettext, override
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from corridor import clock
from corridor.accounts.signins import SignedIn, signed_in
from corridor.live.log import turn
from corridor.passes import history
from corridor.passes.looks import export_history, export_passes
from corridor.reports import table
from corridor.web.staff.filters import Filters
from corridor.web.stream import Asking, language_of

log = logging.getLogger(__name__)

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEADERS: Final = [
    (b"content-type", b"text/csv; charset=utf-8"),
    (b"content-disposition", b'attachment; filename="passes.csv"'),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class Export:
    """The address of the file, as an ASGI application."""

    guard = "adult"

    def __init__(self) -> None:
        # One thread: several files at once are read in turns, and pages hardly notice.
        self._asking: Asking | None = None

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Answer with the file, or with why not."""
        request = Request(scope)
        if self._asking is None:
            self._asking = Asking(1, "export")
        try:
            begun = await self._asking(partial(_begin, request))
        except (OperationalError, InterfaceError):
            text = "The database does not answer. Try again in a moment."
            begun = PlainTextResponse(text, 503, {"Retry-After": "5"})
        if isinstance(begun, Response):
            await begun(scope, receive, send)
            return
        await self._pour(begun, receive, send)

    async def _pour(self, pieces: Iterator[str], receive: Any, send: Send) -> None:
        assert self._asking is not None
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            while not gone.done():
                piece, more = await self._asking(partial(_next, pieces))
                body = piece.encode()
                await send({"type": "http.response.body", "body": body, "more_body": more})
                if not more:
                    return
        finally:
            gone.cancel()


def _begin(request: Request) -> Response | Iterator[str]:
    """Who asks for what; the export is recorded before its first line is read."""
    if request.method != "GET":
        return PlainTextResponse("GET only.", 405, {"Allow": "GET"})
    key, at = request.cookies.get(settings.SESSION_COOKIE_NAME, ""), clock.now()
    signed = signed_in(key, at) if key else None
    if signed is None:
        page = f"{request.url.path}?{request.url.query}"
        return RedirectResponse("/account/sign-in?" + urlencode({"next": page}), 302)
    if not signed.is_adult:
        return PlainTextResponse("This file is not for your account.", 403)
    language = language_of(request)
    with override(language):
        filters = Filters(request.query_params, signed, at)
        if filters.problems:
            return PlainTextResponse(" ".join(filters.problems), 400)
        wanted, by = filters.wanted, signed.acting("staff")
        with turn(signed.school_id) as tx:
            if filters.student is not None:
                export_history(tx, student_id=filters.student.pk, by=by, at=at)
            else:
                export_passes(tx, filters=filters.address, by=by, at=at)
    return _pieces(wanted, key, signed, language)


def _pieces(wanted: history.Wanted, key: str, signed: SignedIn, language: str) -> Iterator[str]:
    # Other files are read in this thread between two pieces, perhaps in another language.
    told = partial(_in_language, language)
    yield told(lambda: table.BOM + table.head())
    zone, by_admin = signed.settings.zone, signed.role == "admin"
    for cards in history.walk(signed.school_id, wanted):
        if signed_in(key, clock.now()) is None:
            # The answer has begun: its last line has to say that it is not whole.
            yield told(lambda: gettext("Not whole: the sign-in is over.")) + "\r\n"
            return
        yield told(partial(table.lines, cards, zone, by_admin=by_admin))


def _in_language(language: str, text: Callable[[], str]) -> str:
    with override(language):
        return text()


def _next(pieces: Iterator[str]) -> tuple[str, bool]:
    """The next piece, and whether there may be more."""
    try:
        piece = next(pieces, None)
    except (OperationalError, InterfaceError) as error:
        log.error("An export was not finished, the database did not answer: %s", error)
        return "Not whole: the database does not answer.\r\n", False
    return piece or "", piece is not None


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
