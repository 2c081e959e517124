"""The photo of a student, for the adults of Classroom: the one that Pass has of them."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from corridor.classroom.refusals import NotFound
from corridor.integration.people import is_on, pass_ids_of
from corridor.web import guards
from corridor.web.guards import ClassroomRequest
from corridor.web.staff.photo import photo_answer


@guards.classroom_adult
@require_GET
def photo(request: ClassroomRequest, account_id: int) -> HttpResponse:
    """The picture, while the school shows Pass in Classroom."""
    school_id = request.actor.school_id
    pass_id = pass_ids_of(school_id, [account_id]).get(account_id)
    if pass_id is None or not is_on(request.signed_in.settings):
        raise NotFound("photo")
    return photo_answer(request, school_id, pass_id)
