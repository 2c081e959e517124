"""Another program with a key, as the tests see it."""

from datetime import datetime
from typing import Any

from django.test import Client

from corridor.accounts.actors import Actor
from corridor.accounts.keys import SCOPES, make_key
from tests.school import School


class Program:
    """Speaks to the API with a key of the school that its adult is of."""

    def __init__(
        self,
        school: School,
        acts_as: Actor | None,
        scopes: tuple[str, ...] = SCOPES,
        *,
        admin: Actor | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        self.key, self.secret = school.do(
            make_key, name="Screen", scopes=scopes, expires_at=expires_at,
            account_id=None if acts_as is None else acts_as.account_id,
            by=admin or (acts_as if acts_as is not None else school.dana),
        )  # fmt: skip
        self._client = Client(raise_request_exception=False)

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(f"/api/v1{path}", query, headers=self._headers())

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._client.post(
            f"/api/v1{path}", body, content_type="application/json",
            headers=self._headers() | {n.replace("_", "-"): v for n, v in headers.items()},
        )  # fmt: skip

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}
