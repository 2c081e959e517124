"""The code on a student's live pass, for an adult's camera."""

import segno
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.passes import queries
from corridor.passes.proof import token_of
from corridor.web import guards
from corridor.web.guards import Request


@guards.student
@require_GET
def code(request: Request) -> HttpResponse:
    """The code of the student's own pass in this minute; nothing for who is not out."""
    card = queries.open_pass_of(request.signed_in.account_id)
    if card is None or not card.is_out:
        return HttpResponse()
    token = token_of(card.school_id, card.id, clock.now(), settings.SECRET_KEY)
    address = settings.CORRIDOR.public_url + reverse("hall:proof", args=(token,))
    drawn = segno.make_qr(address, error="l")
    # Black on white whatever the page's colours: a camera reads nothing else as surely.
    return HttpResponse(drawn.svg_inline(border=4, dark="#000", light="#fff", omitsize=True))
