"""For operators and monitors: alive, ready, numbers."""

import ipaddress
import secrets

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from corridor.web import guards


@guards.anybody
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@guards.anybody
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The process answers and its database does too."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", "text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")


@guards.anybody
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics: for this machine, or for whoever has the token of the settings."""
    token = settings.CORRIDOR.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    here = ipaddress.ip_address(request.META["REMOTE_ADDR"] or "0.0.0.0").is_loopback  # noqa: S104
    # A proxy on this machine asks for somebody else.
    here = here and "X-Forwarded-For" not in request.headers
    allowed = secrets.compare_digest(given.encode(), token.encode()) if token else here
    if not allowed:
        text = "Metrics are for this machine. Set CORRIDOR_METRICS_TOKEN and send it as Bearer.\n"
        return HttpResponse(text, "text/plain", status=403)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
