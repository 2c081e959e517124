"""What Corridor decides differently from allauth's defaults."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come from the school; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def format_email_subject(self, subject: str) -> str:
        """As it is, without the name of the machine before it."""
        return str(subject)
