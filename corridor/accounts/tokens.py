"""How long a link to choose a password is good."""

from typing import Any, Final

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

_ASKED_SECONDS: Final = 24 * 60 * 60


class LinkTokens(PasswordResetTokenGenerator):
    """One use each: a new password or a sign-in ends them all.

    An invitation is read when school begins, a link somebody asked for at once: two weeks
    (`PASSWORD_RESET_TIMEOUT`) for whoever has no password yet, else a day.
    """

    def check_token(self, user: Any, token: str | None) -> bool:
        """Whether this link is still good for this person."""
        if not super().check_token(user, token):
            return False
        assert token is not None
        made = base36_to_int(token.split("-")[0])
        age = self._num_seconds(self._now()) - made
        return age <= _ASKED_SECONDS or not user.has_usable_password()
