"""At sign-in the first open Pass account is chosen; the switcher changes it later."""

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from corridor.accounts.models import Identity
from corridor.accounts.sessions import ACCOUNT
from corridor.accounts.signins import forget, open_accounts


def connect() -> None:
    """Called once, when the app is ready."""
    user_logged_in.connect(_choose_account, dispatch_uid="corridor.choose_account")
    user_logged_out.connect(_forget, dispatch_uid="corridor.forget")


def _choose_account(request: HttpRequest, user: Identity, **_: object) -> None:
    accounts = open_accounts(user.pk)
    request.session[ACCOUNT] = accounts[0].pk if accounts else None


def _forget(request: HttpRequest, **_: object) -> None:
    if request.session.session_key:
        forget(request.session.session_key)
