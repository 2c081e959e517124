"""Who may use a view. Every view declares it; the checks fail for one that does not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from corridor import clock
from corridor.accounts.actors import Actor
from corridor.accounts.signins import SignedIn, signed_in
from corridor.passes.refusals import NotAllowed
from corridor.web import rate

View = Callable[..., HttpResponse]


class OtherAccount(Exception):
    """A press on a page of another account: the session has gone on to somebody or elsewhere."""


class Request(HttpRequest):
    """A request that has passed a guard: who is signed in, and acting from which face."""

    signed_in: SignedIn
    actor: Actor


def _guard(who: str, allowed: Callable[[SignedIn], bool], face: str) -> Callable[[View], View]:
    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            signed = who_asks(request)
            if signed is None:
                return _sign_in_first(request)
            if request.method == "POST":
                _is_of_this_page(request, signed)
            if not allowed(signed):
                raise NotAllowed
            if request.method == "POST" and not signed.is_adult:
                most = settings.CORRIDOR.student_rate
                rate.of_students.take(signed.account_id, at_once=most, a_minute=most)
            passed = cast(Request, request)
            passed.signed_in = signed
            passed.actor = signed.acting(face)
            with timezone.override(signed.settings.zone):
                return view(passed, *args, **kwargs)

        guarded.guard = who  # type: ignore[attr-defined]
        return guarded

    return declare


student = _guard("student", lambda signed: signed.role == "student", "student")
adult = _guard("adult", lambda signed: signed.is_adult, "staff")
adult_in_hall = _guard("adult", lambda signed: signed.is_adult, "hall")
admin = _guard("admin", lambda signed: signed.role == "admin", "admin")
signed_in_person = _guard("signed in", lambda signed: True, "web")


def sees_all_ended(signed: SignedIn) -> bool:
    """Whether this adult sees the ended passes of the whole school, by the school's setting."""
    return signed.role == "admin" or signed.settings.ended_shown_to == "adults"


def anybody(view: View) -> View:
    """Open to people who are not signed in: sign-in itself, health, errors."""
    view.guard = "anybody"  # type: ignore[attr-defined]
    return view


def _is_of_this_page(request: HttpRequest, signed: SignedIn) -> None:
    """Numbers of passes and places are of one school: an old tab must not press in another.

    Pages say whose they are in this field or header; whoever sends neither is believed.
    """
    drawn_for = request.headers.get("X-Page-Account") or request.POST.get("page_account")
    if drawn_for and drawn_for != str(signed.account_id):
        raise OtherAccount


def who_asks(request: HttpRequest) -> SignedIn | None:
    """Whose session this request carries, or None."""
    key = request.session.session_key
    return signed_in(key, clock.now()) if key else None


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    page = reverse("account_login")
    if request.headers.get("HX-Request"):
        # A press on a page whose sign-in is over: the whole page goes to the sign-in.
        return HttpResponse(status=401, headers={"HX-Redirect": page})
    if request.method == "GET" and request.path != "/":
        page += "?" + urlencode({"next": request.get_full_path()})
    return redirect(page)
