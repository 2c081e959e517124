"""Look at a database as it was at one moment, while others go on changing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Everything read inside is of one moment. Nobody waits for it, nothing is written."""
    serious = " ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN" + (serious if connection.vendor == "postgresql" else ""))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def rows_of(
    connection: BaseDatabaseWrapper, statement: str, params: tuple[Any, ...] = ()
) -> list[tuple[Any, ...]]:
    """As `corridor.live.sql.rows`, on a connection that need not be the usual one."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()  # type: ignore[no-any-return]
