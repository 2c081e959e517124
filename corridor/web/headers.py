"""The headers that every page carries: nothing inline, nothing from elsewhere, nothing framed."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _

# Not every browser takes a WebSocket of the same server for 'self'.
_SOCKETS: Final = settings.CORRIDOR.public_url.replace("http", "ws", 1)
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        f"connect-src 'self' {_SOCKETS}",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


# A load balancer and Prometheus come by the machine's address.
BY_ANY_NAME: Final = ("/healthz", "/readyz", "/metrics")


class Headers:
    """Adds the content security policy and keeps pages about people out of caches.

    Answers only to the server's own name, so that nobody is led here by another one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path not in BY_ANY_NAME:
            try:
                request.get_host()
            except DisallowedHost:
                # The language is chosen further in, by LocaleMiddleware.
                with override(get_language_from_request(request)):
                    text = _("This server has another name: %(address)s")
                text = text % {"address": settings.CORRIDOR.public_url} + "\n"
                return HttpResponse(text, "text/plain; charset=utf-8", 421)
        return self._get_response(request)
