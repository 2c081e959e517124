"""Acting as another user: begin, and end with one press."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from corridor import clock
from corridor.accounts.acting import CannotActAs, begin_acting, end_acting
from corridor.accounts.models import ClassroomAccount, PassAccount
from corridor.accounts.sessions import ACTING
from corridor.accounts.signins import forget
from corridor.live.events import Who
from corridor.live.log import turn
from corridor.passes.refusals import NotFound
from corridor.web import guards
from corridor.web.forms import id_in
from corridor.web.guards import ClassroomRequest, Person

_HOME = "home"  # in the sign-in session: the page of the product in which it began


@guards.organisation_admin
@require_POST
def begin(request: ClassroomRequest) -> HttpResponse:
    """From now on this session sees what that person sees; the banner says so on every page."""
    named = request.POST.get("account", "")
    classroom_id = id_in(named.removeprefix("classroom-")) if "-" in named else None
    pass_id = id_in(named)
    try:
        with turn(_school_of(pass_id, classroom_id)) as tx:
            acting = begin_acting(
                tx, pass_id=pass_id, classroom_id=classroom_id, by=request.actor, at=clock.now()
            )
    except CannotActAs:
        raise NotFound("person") from None
    # On in the product on whose page it was pressed, and back there.
    home = "home" if classroom_id is None else "classroom:home"
    request.session[ACTING] = acting | {_HOME: home}
    _kept(request)
    return redirect(home)


@guards.any_person
@require_POST
def end(request: Person) -> HttpResponse:
    """Oneself again; a second press finds nothing to end."""
    acting: dict[str, Any] | None = request.session.pop(ACTING, None)
    _kept(request)
    if acting is not None and request.acted_by is not None:
        with turn(acting["school"]) as tx:
            end_acting(tx, acting, by=_really(request), at=clock.now())
        messages.success(request, _("You are yourself again."))
    return redirect((acting or {}).get(_HOME, "home"))


def _school_of(pass_id: int | None, classroom_id: int | None) -> int:
    kind = PassAccount if classroom_id is None else ClassroomAccount
    found = kind.objects.filter(pk=classroom_id or pass_id or 0)
    school_id = found.values_list("school_id", flat=True).first()
    if school_id is None:
        raise NotFound("person")
    return int(school_id)


def _really(request: HttpRequest) -> Who:
    """The admin behind the session, whoever they acted as."""
    signed = guards.who_asks_classroom(request)
    if signed is None:
        return Who(None, "", "adult", "classroom")
    return signed.acting("classroom").who


def _kept(request: HttpRequest) -> None:
    request.session.save()
    forget(request.session.session_key)
