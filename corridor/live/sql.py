"""The little that differs between SQLite and PostgreSQL in plain SQL."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection


@cache
def is_postgres() -> bool:
    """Whether the database is PostgreSQL: asked ten times a request, and always the same."""
    return bool(connection.vendor == "postgresql")


def conninfo() -> dict[str, Any]:
    """With what a connection to PostgreSQL beside Django's is opened: certificates and all."""
    djangos_own = ("cursor_factory", "context", "prepare_threshold")
    params: dict[str, Any] = connection.get_connection_params()
    return {name: value for name, value in params.items() if name not in djangos_own}


def moment(at: datetime | None) -> Any:
    """A time as this database takes it in plain SQL (SQLite keeps UTC text, as Django does)."""
    if at is None or is_postgres():
        return at
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def moment_read(value: Any) -> datetime | None:
    """A time read in plain SQL, as aware UTC."""
    # SQLite gives text, or without a zone where it knows the column's kind.
    read: datetime | None = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read if read is None or read.tzinfo else read.replace(tzinfo=UTC)


def day(date: date) -> Any:
    """A calendar day as this database takes it in plain SQL."""
    return date if is_postgres() else date.isoformat()


def day_read(value: Any) -> date | None:
    """A calendar day read in plain SQL."""
    read: date | None = date.fromisoformat(value) if isinstance(value, str) else value
    return read


def uuid(value: UUID | None) -> Any:
    """An id as this database takes it in plain SQL (SQLite keeps 32 hexadecimal digits)."""
    return value if value is None or is_postgres() else value.hex


def one_at_a_time(what: str) -> None:
    """Wait until nobody else's transaction is in this; SQLite has one writer anyway."""
    if is_postgres():
        one("SELECT pg_advisory_xact_lock(hashtext(%s))", (what,))


def one(statement: str, params: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The first row that the statement gives, or None."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchone()  # type: ignore[no-any-return]


def rows(statement: str, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All rows that the statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()  # type: ignore[no-any-return]


def run(statement: str, params: tuple[Any, ...]) -> int:
    """Run the statement; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)
