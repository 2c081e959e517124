"""Connections beside Django's own are made as its are."""

import pytest
from django.db.utils import ConnectionHandler

from corridor.django_settings import _postgres
from corridor.live import sql

GIVEN = {
    "sslmode": "verify-full", "sslrootcert": "/tls/root.crt", "sslcert": "/tls/client.crt",
    "sslkey": "/tls/client.key", "target_session_attrs": "read-write",
}  # fmt: skip


def test_all_that_the_address_says_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a certificate of the client, or a choice of servers, as for Django's connections."""
    query = "&".join(f"{name}={value}" for name, value in GIVEN.items())
    address = f"postgresql://corridor:secret@database.school.org:5433/passes?{query}"
    django = ConnectionHandler({"default": _postgres(address)})["default"]
    monkeypatch.setattr(sql, "connection", django)
    told = sql.conninfo()
    assert GIVEN.items() <= told.items()
    assert (told["dbname"], told["user"], told["password"]) == ("passes", "corridor", "secret")
    assert (told["host"], told["port"]) == ("database.school.org", 5433)
    assert not {"cursor_factory", "context", "prepare_threshold", "server_side_binding"} & set(told)
