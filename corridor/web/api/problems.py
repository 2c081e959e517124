"""Every no of the API as a problem (RFC 9457): one table of kinds, one shape of answer.

`type` leads to the kind's line on /api/v1/problems, `code` is for programs, `detail` for people.
"""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from corridor.live.hub import AheadOfLog
from corridor.passes.refusals import NeedsOverride, Refusal, Refused, Stale
from corridor.passes.words import NEUTRAL_CODES, sentence
from corridor.webhooks.telling import PassTold, in_utc, pass_told

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "/api/"

# kind: (status, title, what to do)
KINDS: Final = {
    "bad_input": (400, "Bad input", "Correct what `errors` names and send it again."),
    "no_key": (401, "No good key", "Send `Authorization: Bearer` and a key that is good now."),
    "not_allowed": (403, "Not allowed", "The key, or the adult it acts as, may not do this."),
    "not_found": (404, "Not found", "The key's school has no such thing."),
    "no_method": (405, "No such method", "`Allow` names the methods of this address."),
    "stale": (409, "Too late", "Somebody was faster; `card` is what the pass is now."),
    "needs_override": (
        409,
        "Rules would be broken",
        "Name the codes of `broken` in `override` to make the pass all the same.",
    ),
    "too_far_behind": (
        409,
        "Too far behind",
        "Read `GET /api/v1/events` from your number on, then open the stream again.",
    ),
    "log_restored": (
        409,
        "Ahead of the log",
        "The log ends before your number, at `last_number`: a backup was restored. Forget what you"
        " know of it and read it again from a number that is older than the backup, or from 0.",
    ),
    "too_large": (413, "Too large", "Send less at once."),
    "refused": (422, "Refused", "A rule says no: `code` which, `again_at` when it may work again."),
    "too_many": (429, "Too many requests", "Wait for `Retry-After` seconds."),
    "our_fault": (500, "Our fault", "Nothing was saved. It has been written down."),
    "unavailable": (503, "Not available", "Nothing was saved. Try again after `Retry-After`."),
}
_KIND_OF_STATUS: Final = {status: kind for kind, (status, _t, _d) in reversed(KINDS.items())}


class Wrong(msgspec.Struct, frozen=True):
    """One thing that is wrong with the input: where, and what."""

    where: str
    what: str


class Broken(msgspec.Struct, frozen=True):
    """A rule that a pass would break: its code, its sentence, when it may work again."""

    code: str
    detail: str
    again_at: datetime | None


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why not. `code` is the rule's for a refusal, else the same word that `type` ends with."""

    type: str
    title: str
    status: Annotated[int, msgspec.Meta(ge=400, le=599)]
    detail: str
    code: str
    again_at: datetime | None = None
    errors: tuple[Wrong, ...] = ()
    broken: tuple[Broken, ...] = ()
    card: PassTold | None = None
    last_number: int | None = None


def problem(kind: str, detail: str = "", *, code: str = "", **more: Any) -> Problem:
    """A problem of a kind of the table."""
    status, title, advice = KINDS[kind]
    return Problem(
        type=f"{settings.CORRIDOR.public_url}/api/v1/problems#{kind}",
        title=title,
        status=status,
        detail=detail or advice,
        code=code or kind,
        **more,
    )


def encoded(found: Problem) -> bytes:
    """The problem as it is sent."""
    return msgspec.json.encode(found)


def answer(found: Problem, *, retry_after: int | None = None) -> HttpResponse:
    """The problem as an answer."""
    response = HttpResponse(encoded(found), status=found.status, content_type=MEDIA_TYPE)
    if found.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Corridor"'
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def is_asked_by_program(request: HttpRequest) -> bool:
    """Whether this request wants problems, not pages."""
    return request.path.startswith(PREFIX)


def of_status(status: int, detail: str) -> HttpResponse:
    """The problem for what the pages' table of no says."""
    return answer(problem(_KIND_OF_STATUS[status], detail))


def of_no(error: Exception) -> Problem | None:
    """The problem for a no of the operations that says more than its status."""
    match error:
        case Refused(refusal=refusal):
            return problem(
                "refused", sentence(refusal, for_adult=True), code=refusal.code,
                again_at=in_utc(refusal.again_at),
            )  # fmt: skip
        case NeedsOverride(broken=broken):
            text = _("This pass would break a rule of the student.")
            return problem("needs_override", text, broken=tuple(map(_broken, broken)))
        case Stale(card=card):
            text = _("Somebody was faster: the pass is now “%(state)s”.") % {"state": card.state}
            return problem("stale", text, card=pass_told(card))
        case AheadOfLog(last=last):
            return problem("log_restored", last_number=last)
    return None


def as_text() -> str:
    """The table for people, in plain text."""
    lines = [f"{kind}: {status} {title}. {do}" for kind, (status, title, do) in KINDS.items()]
    return "The problems of the Corridor API\n\n" + "\n".join(lines) + "\n"


def _broken(refusal: Refusal) -> Broken:
    again_at = None if refusal.code in NEUTRAL_CODES else in_utc(refusal.again_at)
    return Broken(refusal.code, sentence(refusal, for_adult=True), again_at)
