"""What Corridor decides differently from allauth's defaults."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from corridor import clock
from corridor.accounts.letters import ask_letter
from corridor.accounts.models import Identity, same_email
from corridor.web import known_device


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come from the school; nobody signs up by themselves.

    Wrong passwords are counted per address *and* source, so that nobody can lock a teacher out by
    guessing. The source is the device, where this person has signed in on it before, else the
    network address; guesses from all unknown sources together have a wider limit of their own.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def format_email_subject(self, subject: str) -> str:
        """As it is, without the name of the machine before it."""
        return str(subject)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, before the password is looked at. Raises when there were too many."""
        email = _email(credentials)
        if device := known_device.of(request, email):
            # Of a known device nothing else counts: others on its network may do what they like.
            self._login_failed_rl_usage = ratelimit.consume(
                request, app="allauth.account", action="login_failed_here", key=f"{email} {device}"
            )
            if not self._login_failed_rl_usage:
                raise self.validation_error("too_many_login_attempts")
            return
        super().pre_authenticate(request, **credentials)
        if not ratelimit.consume(
            request, app="allauth.account", action="login_failed_anywhere", key=email
        ):
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return f"{_email(credentials)} {self.get_client_ip(request)}"

    def post_login(self, request: HttpRequest, user: Identity, **more: Any) -> HttpResponse:
        """Signed in: from now on this device is known for this person."""
        response = cast(HttpResponse, super().post_login(request, user, **more))
        known_device.remember(request, response, user.email)
        return response

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Only note it: a thread of its own sends, so that no press waits for a mail server."""
        ask_letter(user.pk, language=get_language() or "en", at=clock.now())


def _email(credentials: dict[str, Any]) -> str:
    return same_email(str(credentials.get("email") or ""))
