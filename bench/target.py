"""What is measured: a real server on SQLite or PostgreSQL, with schools in it."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg

from tests.postgres import Postgres
from tests.servers import Server

SECRET = "only-for-measuring-0123456789-abcdefghij"
# A few students press for a whole school.
UNLIMITED = {"STUDENT_RATE": "1000000"}


class Target:
    """A running `corridor serve`, its database, and the processes of both."""

    def __init__(self, server: Server, postgres: Postgres | None, url: str) -> None:
        self.server = server
        self.postgres = postgres
        self.url = url
        self.port = server.port

    @property
    def name(self) -> str:
        """The database."""
        return "postgres" if self.postgres else "sqlite"

    @property
    def server_process(self) -> psutil.Process:
        """The server's process."""
        assert self.server.process is not None
        return psutil.Process(self.server.process.pid)

    def processes(self) -> list[psutil.Process]:
        """The server's process and, on PostgreSQL, the database's first one."""
        found = [self.server_process]
        if self.postgres is not None:
            pid = int((self.postgres.folder / "data/postmaster.pid").read_text().split()[0])
            found.append(psutil.Process(pid))
        return found

    def add_school(self, students: int, adults: int, capacity: int = 0) -> dict[str, Any]:
        """A school, made in bulk."""
        path = self.server.data / "school.json"
        limit = [str(capacity)] if capacity else []
        self.server.run("bench.school", str(students), str(adults), *limit, str(path))
        made: dict[str, Any] = json.loads(path.read_text())
        return made

    def add_classes(self, school_id: int, classes: int, students: int) -> dict[str, Any]:
        """Running classes in a school."""
        path = self.server.data / "classes.json"
        self.server.run("bench.classes", str(school_id), str(classes), str(students), str(path))
        made: dict[str, Any] = json.loads(path.read_text())
        return made

    def query(self, statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        if self.postgres is not None:
            with psycopg.connect(self.url, autocommit=True) as connection:
                cursor = connection.execute(statement.encode(), params)
                return cursor.fetchall() if cursor.description else []
        connection_ = sqlite3.connect(self.server.data / "corridor.sqlite3", timeout=60)
        try:
            found = connection_.execute(statement.replace("%s", "?"), params).fetchall()
            connection_.commit()
            return found
        finally:
            connection_.close()

    def last_number(self, school_id: int) -> int:
        """The number of the school's last event."""
        return int(
            self.query("SELECT last_number FROM live_schoolturn WHERE school_id = %s", [school_id])[
                0
            ][0]
        )


@contextmanager
def started(database: str) -> Iterator[Target]:
    """A server on an empty database of this kind."""
    with tempfile.TemporaryDirectory(prefix="corridor-bench-") as folder:
        if database == "sqlite":
            server = Server(Path(folder), **UNLIMITED).start()
            try:
                yield Target(server, None, "")
            finally:
                server.stop()
            return
        with Postgres() as postgres:
            url = postgres.new_database("corridor")
            # The package turns it off; what is acknowledged here must survive a power cut.
            with psycopg.connect(postgres.admin_url, autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = on")
                connection.execute("SELECT pg_reload_conf()")
            server = Server(Path(folder), DATABASE_URL=url, SECRET_KEY=SECRET, **UNLIMITED).start()
            try:
                yield Target(server, postgres, url)
            finally:
                server.stop()
