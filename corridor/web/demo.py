"""The demonstration's sign-in: one press per person of the cast. Not there outside a demo."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from corridor.accounts.models import Identity
from corridor.passes.refusals import NotFound
from corridor.web import guards
from corridor.web.cast import CAST


@guards.anybody
@require_GET
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Who would you like to be?"""
    return render(request, "demo/sign_in.html", {"people": CAST})


@guards.anybody
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a person of the cast."""
    member = next((m for m in CAST if m.key == request.POST.get("key")), None)
    identity = Identity.objects.filter(email=member.email).first() if member else None
    if identity is None:
        raise NotFound("person")
    login(request, identity, settings.AUTHENTICATION_BACKENDS[0])
    return redirect("home")
