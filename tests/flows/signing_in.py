"""Sign-in sessions for tests, as the sign-in page makes them."""

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from corridor.accounts.models import ClassroomAccount, PassAccount
from corridor.accounts.sessions import ACCOUNT, CLASSROOM_ACCOUNT, SessionStore


def sign_in(account: PassAccount | ClassroomAccount) -> str:
    """The key of a new sign-in session, with this account and one of the other product, if any."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.identity_id)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.identity.get_session_auth_hash()
    mine = {"identity_id": account.identity_id, "closed_at": None}
    session[ACCOUNT] = PassAccount.objects.filter(**mine).values_list("pk", flat=True).first()
    classroom = ClassroomAccount.objects.filter(**mine).values_list("pk", flat=True)
    session[CLASSROOM_ACCOUNT] = classroom.first()
    session[ACCOUNT if isinstance(account, PassAccount) else CLASSROOM_ACCOUNT] = account.pk
    session.create()
    return str(session.session_key)
