"""One student's history as adults see it. Whoever looks is recorded, and the student reads who."""

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from corridor import clock
from corridor.accounts.models import PassAccount, Role
from corridor.live.log import turn
from corridor.passes import history as past
from corridor.passes import queries
from corridor.passes.history import Wanted
from corridor.passes.looks import export_history, look_at_history
from corridor.passes.refusals import NotFound
from corridor.reports.student_data import student_data
from corridor.web import guards
from corridor.web.guards import Request, sees_all_ended
from corridor.web.staff.history import PAGE, by_day, past_row

_REFUSALS: Final = 10_000


@guards.adult
@require_GET
def student(request: Request, student_id: int) -> HttpResponse:
    """The newest passes of one student, what is used of the limits, and for admins who looked."""
    signed, at = request.signed_in, clock.now()
    account = _student(signed.school_id, student_id)
    look_at_history(student_id=student_id, by=request.actor, at=at)
    only = None if sees_all_ended(signed) else signed.location_ids
    wanted = Wanted(student=student_id, only=only)
    cards = past.passes(signed.school_id, wanted, limit=PAGE + 1)
    is_admin = signed.role == "admin"
    facts: dict[str, Any] = {
        "student": account,
        "days": by_day(map(past_row, cards[:PAGE])),
        "more": len(cards) > PAGE,
        "refused": past.count_refusals(signed.school_id, wanted, _REFUSALS),
        "open_pass": queries.open_pass_of(student_id),
        "limits": queries.limits_of(student_id, signed.settings),
        "used": queries.used_by(student_id, signed.settings, at),
        "looks": past.looks_at(signed.school_id, student_id) if is_admin else None,
        "sees_all": sees_all_ended(signed),
    }
    return render(request, "staff/student.html", facts)


@guards.admin
@require_POST
def data(request: Request, account_id: int) -> HttpResponse:
    """Everything that is kept about one student, as a file."""
    account = _student(request.actor.school_id, account_id)
    with turn(request.actor.school_id) as tx:
        export_history(tx, student_id=account_id, by=request.actor, at=clock.now())
    answer = HttpResponse(student_data(account, clock.now()), content_type="application/json")
    name = f"student-{account_id}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _student(school_id: int, student_id: int) -> PassAccount:
    """A student of this school, also one whose account is closed."""
    found = PassAccount.objects.filter(
        pk=student_id, school_id=school_id, role=Role.STUDENT
    ).first()
    if found is None:
        raise NotFound("student")
    return found
