"""Students' screens: somebody looks. The pictures themselves are given by `picture.py`."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from corridor import clock
from corridor.classroom import queries
from corridor.classroom.pictures import pictures
from corridor.classroom.refusals import NotAllowed
from corridor.web import guards
from corridor.web.console.asking import ids_in
from corridor.web.guards import ClassroomRequest


@guards.console_adult
@require_POST
def look(request: ClassroomRequest, session_id: int) -> HttpResponse:
    """Somebody has these students' cards before their eyes; asked every ten seconds."""
    held = _held(request, session_id)
    wanted = held.intersection(ids_in(request.POST.getlist("students")))
    signed = request.signed_in
    pictures.look(signed.account_id, signed.name, wanted, clock.now())
    return HttpResponse(status=204)


def _held(request: ClassroomRequest, session_id: int) -> set[int]:
    """The students whom the running class holds, for somebody who may see their screens.

    Raises `NotFound`, `NotAllowed`.
    """
    session, held = queries.held_by(request.actor.school_id, session_id)
    if not request.signed_in.sees_screens or not request.actor.leads(session.class_id):
        raise NotAllowed
    return held
