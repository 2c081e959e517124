"""Photos of many people in a zip file."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from corridor import clock
from corridor.accounts import photo_zip, photos
from corridor.accounts.photo_zip import BadZip
from corridor.live.log import turn
from corridor.web import guards
from corridor.web.guards import Request


@guards.admin
@require_http_methods(["GET", "POST"])
def people_photos(request: Request) -> HttpResponse:
    """Choose a zip; then what became of its files. The page's script sends a large one in parts."""
    if request.method == "GET":
        return render(request, "admin/people_photos.html")
    file: Any = request.FILES.get("file")
    try:
        if file is None:
            raise BadZip(_("Choose a file first."))
        done = _put(request, file.read())
    except BadZip as no:
        done = {"problem": str(no)}
    status = 400 if "problem" in done else 200
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(done, status=status)
    return render(request, "admin/people_photos.html", {"done": done}, status=status)


def _put(request: Request, data: bytes) -> dict[str, Any]:
    found = photo_zip.read(request.actor.school_id, data)
    changed = 0
    if found.pictures:
        with turn(request.actor.school_id) as tx:
            changed = photos.put_photos(tx, found.pictures, by=request.actor, at=clock.now())
    return {
        "changed": changed,
        "same": len(found.pictures) - changed,
        "not_used": [{"name": one.name, "why": one.why} for one in found.not_used],
    }
