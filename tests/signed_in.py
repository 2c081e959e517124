"""Clients of Django's that are signed in, by the thousand."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.test import Client

from corridor.accounts.models import Identity
from corridor.accounts.sessions import SessionStore


def sign_in(client: Client, identity: Identity) -> None:
    """As `client.force_login`, which asks eight times for what is written once here."""
    request = HttpRequest()
    request.session = session = SessionStore()
    session[SESSION_KEY] = str(identity.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = identity.get_session_auth_hash()
    user_logged_in.send(sender=Identity, request=request, user=identity)
    session.save()
    assert session.session_key is not None
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
