"""The first page of Classroom, for adults and for students."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from corridor.web import guards
from corridor.web.guards import ClassroomRequest


@guards.classroom_person
@require_GET
def home(request: ClassroomRequest) -> HttpResponse:
    """To the page of whoever is signed in."""
    return redirect("classroom:classes" if request.signed_in.is_adult else "classroom:student")
