"""The student's own page of Classroom: the first client of the devices' protocol.

It is drawn with what is true now; from then on its script keeps it so (`student-class.js`).
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.classroom import queries
from corridor.web import guards
from corridor.web.agent import messages
from corridor.web.agent.part import Part
from corridor.web.guards import ClassroomRequest


@guards.classroom_student
@require_GET
def student(request: ClassroomRequest) -> HttpResponse:
    """The class that runs, or that none does."""
    school_id, student_id = request.signed_in.school_id, request.signed_in.account_id
    part = Part(student_id)
    part.read(queries.session_of_student(school_id, student_id))
    desired = part.desired(clock.now(), get_language() or "en")
    facts: dict[str, Any] = {
        # Whoever acts as the student only looks: the student is not there by that.
        "door": "" if request.signed_in.acted_by else messages.PATH,
        "version": messages.VERSION,
        "desired": desired,
        "desired_as_json": messages.written(desired),
    }
    if desired.class_session is not None:
        session_id = desired.class_session.id
        facts["lines"] = queries.conversation(school_id, session_id, student_id)
        facts["sites"] = queries.sites_opened(school_id, session_id, student_id)
    return render(request, "classroom/student.html", facts)
