"""My locations: the shared rooms an adult works for."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from corridor import clock
from corridor.accounts.people import link_locations
from corridor.live.log import turn
from corridor.roster import places
from corridor.web import guards
from corridor.web.errors import BadInput
from corridor.web.forms import id_in
from corridor.web.guards import Request


@guards.adult
@require_http_methods(["GET", "POST"])
def my_locations(request: Request) -> HttpResponse:
    """Tick the shared locations whose passes this adult sees and answers."""
    signed = request.signed_in
    if request.method == "GET":
        shared = [p for p in places.open_locations(signed.school_id) if not p.adult_name]
        listed = [
            {"id": place.pk, "name": place.name, "linked": place.pk in signed.location_ids}
            for place in shared
        ]
        return render(request, "staff/my_locations.html", {"locations": listed})
    ticked = request.POST.getlist("location")
    chosen = [found for text in ticked if (found := id_in(text)) is not None]
    if len(chosen) < len(ticked):
        raise BadInput(_("A ticked location is not in the list. Load the page again."))
    with turn(signed.school_id) as tx:
        link_locations(tx, location_ids=chosen, by=request.actor, at=clock.now())
    return redirect("staff:dashboard")
