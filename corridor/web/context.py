"""What every page knows."""

from functools import cache, partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from corridor import clock
from corridor.accounts.signins import SignedIn, other_accounts
from corridor.passes import queries
from corridor.passes.proof import word_of_the_minute
from corridor.roster.schools import now_of
from corridor.web.fragments import told


def _school_now(signed: SignedIn) -> dict[str, Any]:
    """The number this page's stream begins at; the freeze, and to adults how many are out."""
    number, settings = now_of(signed.school_id)
    is_out = queries.out_now(signed.school_id) if settings.frozen and signed.is_adult else 0
    return {"number": number, "frozen": settings.frozen, "out": is_out}


def page(request: HttpRequest) -> dict[str, Any]:
    """The signed-in person, their other schools, the word of the minute, the server's time."""
    at = clock.now()
    signed: SignedIn | None = getattr(request, "signed_in", None)
    facts: dict[str, Any] = {"server_now": at.isoformat(), "demo": settings.CORRIDOR.demo}
    if signed is not None:
        facts |= {
            "signed_in": signed,
            # Asked by pages that are drawn as a whole; the freeze is believed no second longer.
            "school_now": cache(partial(_school_now, signed)),
            # Asked only by pages that show the menu.
            "other_accounts": lambda: [
                {"id": account_id, "school_name": school}
                for account_id, school in other_accounts(signed)
            ],
        }
        if signed.is_adult:
            facts["word"] = told(word_of_the_minute(signed.school_id, at, settings.SECRET_KEY))
    return facts
