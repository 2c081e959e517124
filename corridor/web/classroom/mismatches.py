"""Settings → Pass accounts: who is in one product only, and one press to correct the address.

Where the names differ, or several have the name, the press asks first: it gives somebody another
address to sign in with.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from corridor import clock
from corridor.accounts.classroom_people import change_classroom_account, person_of_classroom
from corridor.accounts.models import ClassroomAccount, PassAccount
from corridor.accounts.people import EmailTaken, change_account, person_of_school
from corridor.integration.mismatches import doubt_between, mismatches
from corridor.integration.people import in_pass, is_on, pass_actor_of
from corridor.live.log import turn
from corridor.passes.refusals import NotAllowed, NotFound
from corridor.web import guards
from corridor.web.classroom.people import may_give
from corridor.web.forms import id_in
from corridor.web.guards import ClassroomRequest


@guards.classroom_admin
@require_GET
def page(request: ClassroomRequest) -> HttpResponse:
    """Both sides, with whom somebody may be in the other product."""
    me = pass_actor_of(request.signed_in)
    facts = {
        "found": mismatches(request.actor.school_id),
        "is_on": is_on(request.signed_in.settings),
        "may_correct_pass": me is not None and me.role == "admin",
    }
    return render(request, "classroom/mismatches.html", facts)


@guards.classroom_admin
@require_POST
def correct(request: ClassroomRequest) -> HttpResponse:
    """The address of one product is the right one, in the other it is corrected."""
    room, other = _both(request)
    both = {"room": room.display_name, "other": other.display_name}
    if not request.POST.get("sure") and doubt_between(room.school_id, room.pk, other.pk):
        text = _(
            "%(room)s of Classroom and %(other)s of Pass may be two people. Nothing was changed. "
            "If they are one person, say so below."
        )
        messages.error(request, text % both)
        return redirect("classroom:mismatches")
    in_classroom, in_pass_ = room.email, other.email
    try:
        if request.POST.get("where") == "pass":
            _correct_in_pass(request, other, in_classroom)
            text = _("In Pass, %(other)s has the address %(to)s now instead of %(from)s.")
            done = text % (both | {"from": in_pass_, "to": in_classroom})
        else:
            _correct_in_classroom(request, room, in_pass_)
            text = _("In Classroom, %(room)s has the address %(to)s now instead of %(from)s.")
            done = text % (both | {"from": in_classroom, "to": in_pass_})
    except EmailTaken as taken:
        text = _("Somebody else has the address %(email)s by now. Nothing was changed.")
        messages.error(request, text % {"email": taken})
    else:
        messages.success(request, done)
    return redirect("classroom:mismatches")


def _both(request: ClassroomRequest) -> tuple[ClassroomAccount, PassAccount]:
    school_id = request.actor.school_id
    room = person_of_classroom(school_id, id_in(request.POST.get("account")) or 0)
    other = person_of_school(school_id, id_in(request.POST.get("candidate")) or 0)
    if room is None or other is None or room.closed_at or other.closed_at:
        raise NotFound("person")
    return room, other


def _correct_in_classroom(request: ClassroomRequest, room: ClassroomAccount, email: str) -> None:
    may_give(request, room.role)
    with turn(request.actor.school_id) as tx:
        change_classroom_account(tx, room, {"email": email}, by=request.actor, at=clock.now())


def _correct_in_pass(request: ClassroomRequest, other: PassAccount, email: str) -> None:
    """Only by whoever may do it in Pass. Raises `PassFailure` and `NotAllowed`."""
    me = in_pass(request.signed_in)
    if me.role != "admin" or request.signed_in.acted_by is not None:
        raise NotAllowed
    with turn(request.actor.school_id) as tx:
        change_account(tx, other, {"email": email}, by=me, at=clock.now())
