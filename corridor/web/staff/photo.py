"""The photo of a person, for the adults of the school."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from corridor.accounts import photos
from corridor.passes.refusals import NotFound
from corridor.web import guards
from corridor.web.guards import Request


@guards.adult
@require_GET
def photo(request: Request, account_id: int) -> HttpResponse:
    """The picture."""
    return photo_answer(request, request.signed_in.school_id, account_id)


def photo_answer(request: HttpRequest, school_id: int, account_id: int) -> HttpResponse:
    """The photo of an account of Pass; under its own mark (`?v=`) the browser keeps it for a week.

    Raises `NotFound`.
    """
    found = photos.photo_of(school_id, account_id)
    if found is None:
        raise NotFound("photo")
    answer = HttpResponse(bytes(found.picture), content_type=photos.KIND)
    is_this_one = request.GET.get("v") == found.mark
    answer.headers["Cache-Control"] = "private, " + (
        "max-age=604800, immutable" if is_this_one else "no-cache"
    )
    answer.headers["Content-Disposition"] = "inline"
    return answer
