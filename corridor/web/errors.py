"""The one table from the families of no to answers.

A press on a live page (htmx) gets a small piece with the sentence; a page gets a page.
"""

import logging
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from corridor import clock
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.classroom import refusals as classroom
from corridor.classroom.words import sentence as classroom_sentence
from corridor.integration.people import PassFailure
from corridor.live.log import NoSuchSchool
from corridor.passes.refusals import NotAllowed, NotFound, Refusal, Refused, Stale
from corridor.passes.words import NEUTRAL_CODES, sentence
from corridor.web.api import problems
from corridor.web.guards import OnlyLooking, OtherAccount, anybody, who_asks_classroom
from corridor.web.rate import TooMany

log = logging.getLogger(__name__)


class BadInput(Exception):
    """A form or address that cannot be understood; the text says what, where, what to do."""


class Errors:
    """Turns what handlers raise into answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this for every exception that a view lets out."""
        return answer(request, error)


def answer(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The answer to a known kind of no, or None for a fault of ours."""
    signed = getattr(request, "signed_in", None)
    # The view's guard has left the school's zone again when Django tells of an exception.
    with timezone.override(None if signed is None else signed.settings.zone):
        return _answer(request, error)


def _answer(request: HttpRequest, error: Exception) -> HttpResponse | None:
    if problems.is_asked_by_program(request) and (found := problems.of_no(error)) is not None:
        return problems.answer(found)
    match error:
        case Refused(refusal=refusal):
            signed = getattr(request, "signed_in", None)
            told = tell(refusal, for_adult=signed is not None and signed.is_adult)
            return refusal_answer(request, 422, told["title"], told["sentence"], told["when"])
        case Stale(card=card):
            return _stale(request, card)
        case PassFailure(email=email):
            return refusal_answer(request, 403, _("Pass failure"), no_pass_account(email))
        case classroom.Refused(code=code, facts=facts, field=field):
            text = classroom_sentence(code, facts)
            # What was written stays wrong, whenever it is tried again.
            title = _("Look at what you wrote") if field else _("Not now")
            return refusal_answer(request, 422, title, text, field=field)
        case classroom.Stale():
            text = _("The class is over. Nothing was done.")
            return refusal_answer(request, 409, _("Too late"), text)
        case NotAllowed() | classroom.NotAllowed():
            text = _("Your account may not do this. Ask an admin if you think it should.")
            return refusal_answer(request, 403, _("Not allowed"), text)
        case OnlyLooking():
            text = _(
                "While you act as somebody else, passes can only be looked at, and nothing is done "
                "as a student. Nothing was changed. End the acting first."
            )
            return refusal_answer(request, 403, _("Only looking"), text)
        case NotFound() | classroom.NotFound() | NoSuchSchool() | Http404():
            text = _("It is not in this school, or it is not there any more.")
            return refusal_answer(request, 404, _("Not found"), text)
        case OtherAccount():
            text = _(
                "This page belongs to another account or school than the one you are signed in to "
                "now. Nothing was done. Load the page again."
            )
            return refusal_answer(request, 409, _("Load the page again"), text)
        case TooMany(seconds=seconds):
            return _slow_down(request, seconds)
        case BadInput():
            return refusal_answer(request, 400, _("This cannot be understood"), str(error))
        case BadRequest() | SuspiciousOperation():
            text = _("The address or the form was not complete. Go back and try again.")
            return refusal_answer(request, 400, _("This cannot be understood"), text)
        case OperationalError() | InterfaceError():
            return _database_away(request, error)
    return None


def tell(refusal: Refusal, *, for_adult: bool) -> dict[str, str]:
    """A refusal in words: title, sentence, and when it will work again (or nothing)."""
    return {
        "title": _("Not now"),
        "sentence": sentence(refusal, for_adult=for_adult),
        "when": _when(refusal),
    }


def no_pass_account(email: str) -> str:
    """What somebody of Classroom reads who is not in Pass."""
    text = _(
        "%(email)s has no account in this school’s Pass. Nothing was done. Ask an admin to correct "
        "the address in Classroom or in Pass: it counts at the next press."
    )
    return text % {"email": email}


def _when(refusal: Refusal) -> str:
    from corridor.web.templatetags.corridor import weekday

    if refusal.again_at is None or refusal.code in NEUTRAL_CODES:
        return ""
    # Up to the full minute: a time that is a few seconds early would be a broken promise.
    local = timezone.localtime(refusal.again_at + timedelta(seconds=59))
    time = date_format(local, "TIME_FORMAT")
    if local.date() == timezone.localtime(clock.now()).date():
        return _("Try again at %(time)s.") % {"time": time}
    is_near = local.date() - timezone.localtime(clock.now()).date() < timedelta(days=7)
    day = date_format(local, "l") if is_near else weekday(local)
    return _("It will work again on %(day)s.") % {"day": day}


def refusal_answer(
    request: HttpRequest,
    status: int,
    title: str,
    text: str,
    when: str = "",
    row: str = "",
    field: str = "",
) -> HttpResponse:
    """A no, as a piece for a live page, as a page of its own, or as a problem for a program.

    A live page shows it at the `field` that is wrong, where the form has it.
    """
    if problems.is_asked_by_program(request):
        return problems.of_status(status, text)
    facts = {"title": title, "sentence": text, "when": when, "row": row, "field": field}
    if request.headers.get("HX-Request"):
        return HttpResponse(render_to_string("_refusal.html", facts), status=status)
    if status < 500 and _is_of_classroom(request):
        return render(request, "classroom/error.html", facts, status=status)
    signed = getattr(request, "signed_in", None)
    if signed is not None and signed.acted_by is not None:
        # The banner is on every page of an admin who acts as somebody.
        return render(request, "error.html", facts, status=status)
    return HttpResponse(render_to_string("error.html", facts), status=status)


def _is_of_classroom(request: HttpRequest) -> bool:
    """Whether an adult of Classroom reads this there: in its frame, with Pass in the corner.

    An address that there is not has met no guard, so it is asked here who this is.
    """
    if request.path != "/classroom" and not request.path.startswith("/classroom/"):
        return False
    signed = getattr(request, "signed_in", None)
    if signed is None and hasattr(request, "session"):
        try:
            signed = who_asks_classroom(request)
        except DatabaseError:
            return False
    if not isinstance(signed, ClassroomSignedIn) or not signed.is_adult:
        return False
    request.signed_in = signed  # type: ignore[attr-defined]
    return True


def _stale(request: HttpRequest, card: Any) -> HttpResponse:
    from corridor.web import fragments
    from corridor.web.templatetags.corridor import state_word

    text = _("Somebody was faster: the pass is now “%(state)s”.") % {"state": state_word(card)}
    row = ""
    actor, signed = getattr(request, "actor", None), getattr(request, "signed_in", None)
    if actor is not None and signed is not None and actor.is_adult:
        row = fragments.answer(card, actor, signed.settings, request.LANGUAGE_CODE)
    return refusal_answer(request, 409, _("Too late"), text, row=row)


def _slow_down(request: HttpRequest, seconds: int) -> HttpResponse:
    text = ngettext(
        "That was too often. Try again in %(seconds)s second.",
        "That was too often. Try again in %(seconds)s seconds.",
        seconds,
    ) % {"seconds": seconds}
    response = refusal_answer(request, 429, _("Slow down"), text)
    response.headers["Retry-After"] = str(seconds)
    return response


def _database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("The database did not answer: %s", error)
    if isinstance(error.__cause__, sqlite3.OperationalError) and "full" in str(error):
        text = _("The server's disk is full. Nothing was saved. Tell whoever runs this server.")
    else:
        text = _("The database does not answer. Nothing was saved. Try again in a moment.")
    response = refusal_answer(request, 503, _("Not available right now"), text)
    response.headers["Retry-After"] = "5"
    return response


@anybody
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address."""
    text = _("There is no page at this address.")
    return refusal_answer(request, 404, _("Not found"), text)


@anybody
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be understood."""
    text = _("The address or the form was not complete. Go back and try again.")
    return refusal_answer(request, 400, _("This cannot be understood"), text)


@anybody
def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Refused by Django itself."""
    text = _("Your account may not do this. Ask an admin if you think it should.")
    return refusal_answer(request, 403, _("Not allowed"), text)


@anybody
def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection against forgery (CSRF) did not match, mostly because it was old."""
    text = _("This page was open for too long. Load it again and repeat what you did.")
    return refusal_answer(request, 403, _("Load the page again"), text)


@anybody
def too_many(request: HttpRequest) -> HttpResponse:
    """More attempts than anybody needs (allauth counts them)."""
    text = _("That was too often. Wait a few minutes, then try again.")
    return refusal_answer(request, 429, _("Too many attempts"), text)


@anybody
def our_fault(request: HttpRequest) -> HttpResponse:
    """Something broke on our side."""
    text = _("Something broke on the server. Nothing was saved. It has been written down.")
    try:
        return refusal_answer(request, 500, _("Our fault"), text)
    except Exception:  # The page about an error must not fail on the error.
        return render(request, "error_plain.html", status=500)
