"""A device on which somebody has signed in before, by a signed cookie.

Known devices count wrong passwords by themselves (OWASP's "device cookies"), so guesses from
elsewhere cannot lock a person out of their own. The cookie lets nobody in: it is no session.
"""

from secrets import token_urlsafe

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

_SALT = "corridor.known-device"
_DAYS = 365


def _cookie() -> str:
    return ("__Host-" if settings.CORRIDOR.is_https else "") + "corridor-device"


def of(request: HttpRequest, email: str) -> str:
    """The device's own name, when this person has signed in on it; else empty."""
    try:
        person, device = signing.loads(
            request.COOKIES.get(_cookie(), ""), salt=_SALT, max_age=_DAYS * 86400
        )
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if person == _told(email) else ""


def _told(email: str) -> str:
    """The person as the cookie names them: whoever reads it on a shared device learns nothing."""
    return salted_hmac(_SALT, email, algorithm="sha256").hexdigest()[:32]


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """This person has signed in on this device; it keeps its name as long as it is theirs."""
    device = of(request, email) or token_urlsafe(12)
    response.set_cookie(
        _cookie(),
        signing.dumps([_told(email), device], salt=_SALT),
        max_age=_DAYS * 86400,
        secure=settings.CORRIDOR.is_https,
        httponly=True,
        samesite="Lax",
    )
