"""The lines before full places: cleared by hand."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from corridor import clock
from corridor.live.log import turn
from corridor.passes.queueing import clear_line
from corridor.web import guards
from corridor.web.forms import RequestId
from corridor.web.guards import Request


@guards.adult
@require_POST
def clear(request: Request, location_id: int) -> HttpResponse:
    """Send everybody in the line of this place away."""
    with turn(request.actor.school_id) as tx:
        count = clear_line(
            tx, location_id=location_id, by=request.actor, at=clock.now(),
            request_id=RequestId.of(request.POST),
        )  # fmt: skip
    text = ngettext("%(n)s student was in line.", "%(n)s students were in line.", count)
    messages.success(request, _("The line is cleared.") + " " + text % {"n": count})
    return redirect(reverse("staff:dashboard") + "?tab=queue")
