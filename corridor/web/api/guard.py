"""Who may use an operation of the API: every one declares its scope, in its own declaration."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from ninja.constants import NOT_SET
from ninja.security import HttpBearer

from corridor import clock
from corridor.accounts.actors import Actor
from corridor.accounts.keys import WRITING, Keyed, keyed, note_use
from corridor.web import rate
from corridor.web.api import description

V = TypeVar("V", bound=Callable[..., Any])

# The scope of each operation, by the name of its address; the sweep reads it as `guard`.
SCOPES: Final[dict[str, str]] = {}


class Request(HttpRequest):
    """A request that has passed the guard: whose key, acting as whom (when it may write)."""

    keyed: Keyed
    actor: Actor


class NoKey(Exception):
    """No key, or one that is not good now."""


class NotInScope(Exception):
    """The key is good, but not for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class Key(HttpBearer):
    """`Authorization: Bearer corridor_…`"""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Keyed:
        """The key behind the secret. Raises `NoKey`, `TooMany`, `NotInScope`."""
        key = admit(token, self.scope)
        passed = cast(Request, request)
        passed.keyed = key
        if key.actor is not None:
            passed.actor = key.actor
        return key


def admit(token: str, scope: str) -> Keyed:
    """The good key with this secret, counted and noted. Raises as `Key.authenticate`."""
    at = clock.now()
    key = keyed(token, at)
    if key is None:
        raise NoKey
    most = settings.CORRIDOR.api_rate
    rate.of_keys.take(key.id, at_once=most, a_minute=most)
    note_use(key, at)
    if scope not in key.scopes or (scope in WRITING and key.actor is None):
        raise NotInScope(scope)
    return key


def operation(
    router: Router, method: str, path: str, *, scope: str, gives: type, status: int = 200,
    fails: tuple[str, ...] = (),
) -> Callable[[V], V]:  # fmt: skip
    """Declare an operation: where it is, who may use it, what it answers, how it may fail."""

    def declare(view: V) -> V:
        name = view.__name__

        def answers_with(found: Any) -> None:
            # What it gives is a struct, encoded as it is; `description` describes it.
            found.response_models = {status: NOT_SET}

        view._ninja_contribute_to_operation = [answers_with]  # type: ignore[attr-defined]
        SCOPES[name] = scope
        doc = (view.__doc__ or "").strip()
        router.api_operation(
            [method],
            path,
            auth=Key(scope),
            operation_id=name,
            url_name=name,
            summary=doc.partition("\n")[0].rstrip("."),
            openapi_extra=description.answers(gives, status, fails, scope),
        )(view)
        return view

    return declare
