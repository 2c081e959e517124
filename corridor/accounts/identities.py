"""Whoever signs in, many at once."""

import secrets
from collections.abc import Collection
from typing import Final

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from corridor.accounts.models import Identity
from corridor.accounts.people import in_batches

_SOME: Final = 1000


def identities_with(emails: Collection[str]) -> tuple[dict[str, int], list[int]]:
    """The ids of the identities with these addresses, and which of them are new.

    Who is unknown gets one, without a password.
    """
    found: dict[str, int] = {}
    for some in in_batches(emails):
        found.update(Identity.objects.filter(email__in=some).values_list("email", "pk"))
    new: list[int] = []
    for some in in_batches([email for email in emails if email not in found], _SOME):
        made = Identity.objects.bulk_create(
            [Identity(email=email, password=_no_password()) for email in some]
        )
        found.update((identity.email, identity.pk) for identity in made)
        new += [identity.pk for identity in made]
    return found, new


def _no_password() -> str:
    """As Django's `make_password(None)`, in one draw instead of forty."""
    return UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20)
