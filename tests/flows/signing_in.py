"""Sign-in sessions for tests, as the sign-in page makes them."""

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from corridor.accounts.models import ClassroomAccount, PassAccount
from corridor.accounts.sessions import ACCOUNT, SessionStore


def sign_in(account: PassAccount | ClassroomAccount) -> str:
    """The key of a new sign-in session."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.identity_id)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.identity.get_session_auth_hash()
    session[ACCOUNT] = account.pk
    session.create()
    return str(session.session_key)
