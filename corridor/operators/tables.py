"""The tables of a backup, row by row, with a sum that tells whether two copies are the same."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
import psycopg
from psycopg import sql

# Not kept: who is signed in now (a restore must not sign anybody in again) and what is made anew.
LEFT_OUT: Final = frozenset({"accounts_signin", "django_cache"})
# Kept as the list of migrations in the manifest.
MIGRATIONS: Final = "django_migrations"


class Tally(msgspec.Struct):
    """How many rows, and the sum of their SHA-256, which does not depend on their order."""

    rows: int = 0
    sum: str = "0"

    def add(self, lines: Iterable[bytes]) -> None:
        """Count these rows too."""
        total = int(self.sum, 16)
        for line in lines:
            self.rows += 1
            total += int.from_bytes(hashlib.sha256(line).digest(), "big")
        self.sum = f"{total % (1 << 256):x}"


# SQLite


def sqlite_tables(database: sqlite3.Connection) -> list[str]:
    """The tables that are kept, by name."""
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    )
    return [name for (name,) in found if name not in LEFT_OUT | {MIGRATIONS}]


def sqlite_tally(database: sqlite3.Connection, table: str) -> Tally:
    """The rows of a table counted."""
    tally = Tally()
    tally.add(repr(row).encode() for row in database.execute(f'SELECT * FROM "{table}"'))
    return tally


# PostgreSQL


def postgres_tables(database: psycopg.Connection[Any]) -> list[str]:
    """The tables of the connection's schema that are kept, by name."""
    found = database.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    )
    return [name for (name,) in found if name not in LEFT_OUT | {MIGRATIONS}]


def postgres_columns(database: psycopg.Connection[Any], table: str) -> list[str]:
    """The columns of a table, in its order."""
    found = database.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (table,),
    )
    return [name for (name,) in found]


def copy_out(
    database: psycopg.Connection[Any], table: str, columns: list[str]
) -> Iterator[list[bytes]]:
    """The rows of a table as PostgreSQL's COPY writes them, some lines at a time."""
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    rest = b""
    with database.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            *lines, rest = (rest + bytes(block)).split(b"\n")
            if lines:
                yield lines


def copy_in(
    database: psycopg.Connection[Any], table: str, columns: list[str], blocks: Iterable[bytes]
) -> None:
    """Put rows as COPY wrote them into a table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with database.cursor() as cursor, cursor.copy(statement) as copy:
        for block in blocks:
            copy.write(block)


def postgres_tally(database: psycopg.Connection[Any], table: str, columns: list[str]) -> Tally:
    """The rows of a table counted."""
    tally = Tally()
    for lines in copy_out(database, table, columns):
        tally.add(lines)
    return tally
