"""What every page knows."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from corridor import clock
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.accounts.signins import Offered, SignedIn, offered_accounts
from corridor.live.log import last_number
from corridor.passes import queries
from corridor.passes.proof import word_of_the_minute
from corridor.roster.schools import now_of
from corridor.web.classroom.centre import centre_of
from corridor.web.fragments import told


def _school_now(signed: SignedIn) -> dict[str, Any]:
    """The number this page's stream begins at; the freeze, and to adults how many are out."""
    number, settings = now_of(signed.school_id)
    is_out = queries.out_now(signed.school_id) if settings.frozen and signed.is_adult else 0
    return {"number": number, "frozen": settings.frozen, "out": is_out}


def _centre_after(number: Callable[[], int], signed: ClassroomSignedIn) -> dict[str, Any] | None:
    """The Pass Notification Center; the number before its lists, whichever the page names first.

    An event in between is applied again and does no harm.
    """
    if signed.is_adult:
        number()
    return centre_of(signed)


def _ways_on(signed: SignedIn | ClassroomSignedIn, product: str) -> dict[str, Any]:
    """Where else this person may go on: the other product here, and the other schools."""
    offered = [
        one
        for one in offered_accounts(signed.identity_id)
        if (one.product, one.id) != (product, signed.account_id)
    ]
    here = [one for one in offered if one.school_id == signed.school_id]
    elsewhere: dict[int, Offered] = {}
    for one in offered:
        if one.school_id != signed.school_id and (
            one.school_id not in elsewhere or one.product == product
        ):
            elsewhere[one.school_id] = one
    return {"product": here[0] if here else None, "schools": list(elsewhere.values())}


def page(request: HttpRequest) -> dict[str, Any]:
    """The signed-in person, their other schools, the word of the minute, the server's time."""
    at = clock.now()
    signed: SignedIn | ClassroomSignedIn | None = getattr(request, "signed_in", None)
    facts: dict[str, Any] = {"server_now": at.isoformat(), "demo": settings.CORRIDOR.demo}
    if signed is None:
        return facts
    product = "classroom" if isinstance(signed, ClassroomSignedIn) else "pass"
    facts |= {
        "signed_in": signed,
        "product": product,
        "page_account": Offered(product, signed.account_id, 0, "").key,
        # Asked only by pages that show the menu.
        "ways_on": cache(partial(_ways_on, signed, product)),
    }
    if isinstance(signed, ClassroomSignedIn):
        number = cache(partial(last_number, signed.school_id))
        facts["stream_from"] = number
        facts["pass_centre"] = cache(partial(_centre_after, number, signed))
    if isinstance(signed, SignedIn):
        # Asked by pages that are drawn as a whole; the freeze is believed no second longer.
        facts["school_now"] = cache(partial(_school_now, signed))
        if signed.is_adult:
            facts["word"] = told(word_of_the_minute(signed.school_id, at, settings.SECRET_KEY))
    return facts
