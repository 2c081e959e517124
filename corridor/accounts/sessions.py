"""Django's database sessions with more columns: whose sign-in, with which accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet

from corridor.accounts.models import SignIn

ACCOUNT = "pass_account"
CLASSROOM_ACCOUNT = "classroom_account"
ALSO = "also_identity"
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
        instance.also_identity_id = data.get(ALSO)
        acting = data.get(ACTING)
        if acting:
            instance.acting_until = datetime.fromisoformat(acting["until"])
            instance.acting_identity_id = acting["identity"]
            instance.acting_account_id = acting["pass"]
            instance.acting_classroom_account_id = acting["classroom"]
        return instance


def carry_sign_ins(sign_ins: "QuerySet[SignIn]", identity_id: int) -> None:
    """Sign-ins go on with an account whose new address has an identity of its own.

    Only for an address that nobody had: of one that belongs to somebody, the account is theirs.
    """
    store = SessionStore()
    for sign_in in sign_ins.exclude(identity_id=identity_id):
        sign_in.session_data = store.encode(sign_in.get_decoded() | {ALSO: identity_id})
        sign_in.also_identity_id = identity_id
        sign_in.save(update_fields=["session_data", "also_identity_id"])
