"""What a sign-in, a sign-out and a new password do beyond what Django and allauth do."""

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from corridor.accounts.models import Identity
from corridor.accounts.sessions import ACCOUNT, CLASSROOM_ACCOUNT
from corridor.accounts.signins import end_sessions_of, forget, offered_accounts


def connect() -> None:
    """Called once, when the app is ready."""
    user_logged_in.connect(_choose_account, dispatch_uid="corridor.choose_account")
    user_logged_out.connect(_forget, dispatch_uid="corridor.forget")
    for changed in (password_changed, password_reset, password_set):
        changed.connect(_end_other_sessions, dispatch_uid="corridor.end_other_sessions")


def _choose_account(request: HttpRequest, user: Identity, **_: object) -> None:
    """The accounts of the first school, one of Pass if there is any; the switcher changes it."""
    accounts = offered_accounts(user.pk)
    in_pass = [one for one in accounts if one.product == "pass"]
    first = next(iter(in_pass or accounts), None)
    here = {one.product: one.id for one in accounts if first and one.school_id == first.school_id}
    request.session[ACCOUNT] = here.get("pass")
    request.session[CLASSROOM_ACCOUNT] = here.get("classroom")


def _forget(request: HttpRequest, **_: object) -> None:
    if request.session.session_key:
        forget(request.session.session_key)


def _end_other_sessions(request: HttpRequest, user: Identity, **_: object) -> None:
    """Whoever changes a password may do so because somebody else knew the old one."""
    end_sessions_of(user.pk, but=request.session.session_key)
