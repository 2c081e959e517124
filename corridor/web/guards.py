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
from corridor.accounts.actors import Actor, ClassroomActor
from corridor.accounts.classroom_signins import ClassroomSignedIn, signed_in_to_classroom
from corridor.accounts.permissions import ORGANISATION_ADMIN
from corridor.accounts.signins import ActedBy, SignedIn, signed_in
from corridor.integration import people
from corridor.passes.refusals import NotAllowed, NotFound
from corridor.web import rate

View = Callable[..., HttpResponse]


class OtherAccount(Exception):
    """A press on a page of another account: the session has gone on to somebody or elsewhere."""


class OnlyLooking(Exception):
    """An admin who acts as somebody changes nothing of passes, and nothing as a student."""


class Request(HttpRequest):
    """A request that has passed a guard: who is signed in, and acting from which face."""

    signed_in: SignedIn
    actor: Actor


class ClassroomRequest(HttpRequest):
    """A request that has passed a guard of Classroom."""

    signed_in: ClassroomSignedIn
    actor: ClassroomActor


def _guard(who: str, allowed: Callable[[SignedIn], bool], face: str) -> Callable[[View], View]:
    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            signed = who_asks(request)
            if signed is None:
                return _sign_in_first(request)
            if request.method == "POST":
                _is_of_this_page(request, str(signed.account_id))
            passed = cast(Request, request)
            passed.signed_in = signed
            if not allowed(signed):
                raise NotAllowed
            if request.method == "POST" and signed.acted_by is not None:
                raise OnlyLooking
            if request.method == "POST" and not signed.is_adult:
                most = settings.CORRIDOR.student_rate
                rate.of_students.take(signed.account_id, at_once=most, a_minute=most)
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


def _classroom_guard(
    who: str,
    allowed: Callable[[ClassroomSignedIn], bool],
    face: str = "classroom",
    *,
    from_any_page: bool = False,
) -> Callable[[View], View]:
    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            signed = who_asks_classroom(request)
            if signed is None:
                return _sign_in_first(request)
            if request.method == "POST" and not from_any_page:
                _is_of_this_page(request, f"classroom-{signed.account_id}")
            passed = cast(ClassroomRequest, request)
            passed.signed_in = signed
            if not allowed(signed):
                raise NotAllowed
            if request.method == "POST" and not signed.is_adult and signed.acted_by is not None:
                raise OnlyLooking
            if request.method == "POST" and not signed.is_adult:
                most = settings.CORRIDOR.student_rate
                rate.of_classroom_students.take(signed.account_id, at_once=most, a_minute=most)
            passed.actor = signed.acting(face)
            with timezone.override(signed.settings.zone):
                return view(passed, *args, **kwargs)

        guarded.guard = who  # type: ignore[attr-defined]
        return guarded

    return declare


classroom_person = _classroom_guard("classroom signed in", lambda signed: True)
classroom_student = _classroom_guard(
    "classroom student", lambda signed: not signed.is_adult, "agent"
)
classroom_adult = _classroom_guard("classroom adult", lambda signed: signed.is_adult)
console_adult = _classroom_guard("classroom adult", lambda signed: signed.is_adult, "console")
classroom_admin = _classroom_guard("classroom admin", lambda signed: signed.is_admin)
organisation_admin = _classroom_guard(
    "organisation admin", lambda signed: signed.role == ORGANISATION_ADMIN, from_any_page=True
)


def classroom_may(function: str) -> Callable[[View], View]:
    """Adults whose role has this function of Classroom (`corridor.accounts.permissions`)."""
    return _classroom_guard(
        f"classroom {function}", lambda signed: signed.is_adult and signed.may(function)
    )


def in_pass(view: View) -> View:
    """Adults of Classroom as who they are in Pass: `request.actor` is of Pass, its face Classroom.

    Matched at this press, by the e-mail addresses as they are now. Raises `PassFailure` for whoever
    is not in Pass, `NotFound` where the school does not show Pass in Classroom, `OnlyLooking` for
    an admin who acts as this person.
    """

    @_classroom_guard("classroom adult in Pass", lambda signed: signed.is_adult)
    @wraps(view)
    def matched(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        signed = cast(ClassroomRequest, request).signed_in
        if not people.is_on(signed.settings):
            raise NotFound("pass")
        if signed.acted_by is not None:
            raise OnlyLooking
        cast(Request, request).actor = people.in_pass(signed)
        return view(request, *args, **kwargs)

    return matched


class Person(HttpRequest):
    """A request of somebody who is signed in, to whichever product."""

    identity_id: int
    acted_by: ActedBy | None


def any_person(view: View) -> View:
    """Whoever is signed in to Pass or to Classroom."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        signed = who_asks(request) or who_asks_classroom(request)
        if signed is None:
            return _sign_in_first(request)
        passed = cast(Person, request)
        passed.identity_id, passed.acted_by = signed.identity_id, signed.acted_by
        return view(passed, *args, **kwargs)

    guarded.guard = "signed in"  # type: ignore[attr-defined]
    return guarded


def sees_all_ended(signed: SignedIn | ClassroomSignedIn) -> bool:
    """Whether this adult sees the ended passes of the whole school, by the school's setting.

    The admins of the setting are those of Pass. A role in Classroom is none there: whoever is an
    admin in both has it by their account in Pass, as what they are to a pass (`moves.relations`).
    """
    return signed.settings.shows_ended_to(signed.role)


def anybody(view: View) -> View:
    """Open to people who are not signed in: sign-in itself, health, errors."""
    view.guard = "anybody"  # type: ignore[attr-defined]
    return view


def _is_of_this_page(request: HttpRequest, account: str) -> None:
    """Numbers of passes and places are of one school: an old tab must not press in another.

    Pages say whose they are in this field or header; whoever sends neither is believed.
    """
    drawn_for = request.headers.get("X-Page-Account") or request.POST.get("page_account")
    if drawn_for and drawn_for != account:
        raise OtherAccount


def who_asks(request: HttpRequest) -> SignedIn | None:
    """Whose session this request carries, or None."""
    key = request.session.session_key
    return signed_in(key, clock.now()) if key else None


def who_asks_classroom(request: HttpRequest) -> ClassroomSignedIn | None:
    """Whose session this request carries in Classroom, or None."""
    key = request.session.session_key
    return signed_in_to_classroom(key, clock.now()) if key else None


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if who_asks(request) is not None or who_asks_classroom(request) is not None:
        # Signed in, with an account in the other product only: signing in again would not help.
        raise NotAllowed
    # Whoever is signed in with no account in use: the front door finds one, or says there is none.
    is_known = request.user.is_authenticated
    page = reverse("home" if is_known else "account_login")
    if request.headers.get("HX-Request"):
        # A press on a page whose sign-in is over: the whole page goes to the sign-in.
        return HttpResponse(status=401, headers={"HX-Redirect": page})
    if request.method == "GET" and request.path != "/" and not is_known:
        page += "?" + urlencode({"next": request.get_full_path()})
    return redirect(page)
