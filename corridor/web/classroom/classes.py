"""The Classes page: a card for each class one may lead."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from corridor.web import guards
from corridor.web.guards import ClassroomRequest


@guards.classroom_adult
@require_GET
def classes(request: ClassroomRequest) -> HttpResponse:
    """The classes of whoever asks."""
    return render(request, "classroom/classes.html")
