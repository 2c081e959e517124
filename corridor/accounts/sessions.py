"""Django's database sessions with more columns: whose sign-in, with which accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from corridor.accounts.models import SignIn

ACCOUNT = "pass_account"
CLASSROOM_ACCOUNT = "classroom_account"
# As whom somebody acts: until when, identity, and the account in each product.
ACTING = "acting"


class SessionStore(DatabaseStore):
    """The session engine named in the settings (Django's documented way to add columns)."""

    @classmethod
    def get_model_class(cls) -> type[SignIn]:
        return SignIn

    def create_model_instance(self, data: Mapping[str, Any]) -> SignIn:
        instance: SignIn = super().create_model_instance(data)  # type: ignore[arg-type,assignment]
        instance.identity_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        instance.account_id = data.get(ACCOUNT)
        instance.classroom_account_id = data.get(CLASSROOM_ACCOUNT)
        acting = data.get(ACTING)
        if acting:
            instance.acting_until = datetime.fromisoformat(acting["until"])
            instance.acting_identity_id = acting["identity"]
            instance.acting_account_id = acting["pass"]
            instance.acting_classroom_account_id = acting["classroom"]
        return instance
