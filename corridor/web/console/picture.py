"""A student's screen as an image, given at the door: from memory, in no cache and on no disk.

A console asks for many of them; who may see which class is believed for a moment, as sign-ins are.
"""

import time
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from corridor import clock
from corridor.accounts.classroom_signins import signed_in_to_classroom
from corridor.classroom import queries
from corridor.classroom.pictures import pictures
from corridor.classroom.refusals import NotFound
from corridor.web.forms import id_in
from corridor.web.stream import Asking

PATH: Final = "/classroom/picture"
_BELIEVED_SECONDS: Final = 3.0
_MOST: Final = 10_000

Seen = frozenset[int] | int  # the students who may be seen, or the status of a no


class PictureDoor:
    """The address of the pictures, as an ASGI application: ?session=…&student=…"""

    guard = "classroom screens"

    def __init__(self, in_database: Asking) -> None:
        self._in_database = in_database
        self._believed: dict[tuple[str, int], tuple[float, Seen]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer with the picture, or with why not."""
        answer = await self._answer(Request(scope))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        session_id = id_in(request.query_params.get("session"))
        student_id = id_in(request.query_params.get("student"))
        if request.method != "GET" or session_id is None or student_id is None:
            return _no(400, "GET, with ?session=…&student=…")
        try:
            seen = await self._seen(
                request.cookies.get(settings.SESSION_COOKIE_NAME, ""), session_id
            )
        except (OperationalError, InterfaceError):
            return _no(503, "The database does not answer. Try again in a moment.")
        if isinstance(seen, int):
            return _no(seen, "This picture is not for you.")
        found = pictures.of(student_id) if student_id in seen else None
        if found is None:
            return _no(404, "There is no picture.")
        return Response(found.data, 200, _HEADERS, found.kind)

    async def _seen(self, key: str, session_id: int) -> Seen:
        believed = self._believed.get((key, session_id))
        if believed is not None and believed[0] > time.monotonic():
            return believed[1]
        seen = await self._in_database(partial(who_is_seen, key, session_id)) if key else 401
        if len(self._believed) > _MOST:
            self._believed.clear()
        self._believed[key, session_id] = (time.monotonic() + _BELIEVED_SECONDS, seen)
        return seen


_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _no(status: int, text: str) -> Response:
    return PlainTextResponse(text, status, {"Cache-Control": "no-store"})


def who_is_seen(session_key: str, session_id: int) -> Seen:
    """Whose screens this sign-in may see in this class now, or the status of a no."""
    signed = signed_in_to_classroom(session_key, clock.now())
    if signed is None:
        return 401
    if not signed.sees_screens:
        return 403
    try:
        session, held = queries.held_by(signed.school_id, session_id)
    except NotFound:
        return 404
    return frozenset(held) if signed.acting("console").leads(session.class_id) else 403
