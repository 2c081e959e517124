"""Write everything of one moment into one file, while the server goes on serving.

The file is a zip. With SQLite it holds the database file, copied by SQLite's online backup; with
PostgreSQL each table as COPY wrote it, all in one REPEATABLE READ transaction. The manifest tells
what must be in it, so that a restore can prove that nothing is missing.
"""

import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import psycopg
from django.db import connection

from corridor.live.sql import conninfo
from corridor.operators import tables
from corridor.operators.progress import Progress
from corridor.operators.tables import Tally
from corridor.settings import Settings

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "corridor.sqlite3"
_LAST: Final = "last-backup.json"


class Table(msgspec.Struct):
    """A table in a backup. `columns` are empty where the database file itself is kept."""

    tally: Tally
    columns: list[str] = []


class Manifest(msgspec.Struct, kw_only=True):
    """What a backup holds: by which Corridor, of which database, how much of what.

    `schools` has the number of the last event of each school.
    """

    format: int = FORMAT
    corridor: str
    database: str
    taken_at: datetime
    migrations: list[tuple[str, str]]
    tables: dict[str, Table]
    schools: dict[int, int]


class LastBackup(msgspec.Struct):
    """Noted in the data folder, so that `corridor doctor` sees when there was none for long."""

    at: datetime
    file: str


_decode_last: Final = msgspec.json.Decoder(LastBackup).decode


def backup(settings: Settings, folder: Path, at: datetime) -> Path:
    """Write a backup into this folder; its file. It appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"corridor-{at:%Y-%m-%d-%H%M%S}.zip"
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as scratch:
        draft = Path(scratch) / file.name
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            write = _write_postgres if settings.is_postgres else _write_sqlite
            manifest = write(archive, settings, Path(scratch), at)
            archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
    note = msgspec.json.encode(LastBackup(at, str(file.absolute())))
    (settings.data / _LAST).write_bytes(note)
    return file


def last_backup(settings: Settings) -> LastBackup | None:
    """The last backup that was taken on this machine."""
    try:
        return _decode_last((settings.data / _LAST).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


# SQLite


def _write_sqlite(
    archive: zipfile.ZipFile, settings: Settings, scratch: Path, at: datetime
) -> Manifest:
    copy = scratch / DATABASE
    with closing(sqlite3.connect(copy)) as target:
        # All pages in one step: a copy in several would begin again at every write of the server.
        with closing(sqlite3.connect(settings.data / DATABASE)) as source:
            source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        target.execute("PRAGMA secure_delete = ON")
        for table in tables.LEFT_OUT:
            if _has(target, table):
                target.execute(f'DELETE FROM "{table}"')
        target.commit()
        counted = {}
        names = tables.sqlite_tables(target)
        with Progress("Counting", len(names)) as progress:
            for name in names:
                counted[name] = Table(tables.sqlite_tally(target, name))
                progress.add(1)
        manifest = Manifest(
            corridor=version("corridor"), database="sqlite", taken_at=at,
            migrations=list(target.execute(_MIGRATIONS)), tables=counted,
            schools=dict(target.execute(_SCHOOLS)),
        )  # fmt: skip
    with (
        Progress("Writing", copy.stat().st_size) as progress,
        copy.open("rb") as source_file,
        archive.open(DATABASE, "w", force_zip64=True) as written,
    ):
        for block in blocks_of(source_file):
            written.write(block)
            progress.add(len(block))
    return manifest


def _has(database: sqlite3.Connection, table: str) -> bool:
    found = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,))
    return found.fetchone() is not None


def blocks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The content of a file, a megabyte at a time."""
    while block := file.read(1 << 20):
        yield block


# PostgreSQL


def _write_postgres(
    archive: zipfile.ZipFile, settings: Settings, scratch: Path, at: datetime
) -> Manifest:
    with a_connection() as database, database.transaction():
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        names = tables.postgres_tables(database)
        kept = {}
        with Progress("Writing", len(names)) as progress:
            for name in names:
                columns = tables.postgres_columns(database, name)
                lines = tables.copy_out(database, name, columns)
                with archive.open(member(name), "w", force_zip64=True) as written:
                    kept[name] = Table(_write_lines(lines, written), columns)
                progress.add(1)
        return Manifest(
            corridor=version("corridor"), database="postgresql", taken_at=at,
            migrations=[(app, name) for app, name in database.execute(_MIGRATIONS.encode())],
            tables=kept, schools=dict(database.execute(_SCHOOLS.encode()).fetchall()),
        )  # fmt: skip


def member(table: str) -> str:
    """Where a table stands in the file."""
    return f"tables/{table}.copy"


@contextmanager
def a_connection(schema: str = "") -> Iterator[psycopg.Connection[Any]]:
    """A connection of our own beside Django's, that writes times and numbers in one way only."""
    with (
        connection.wrap_database_errors,
        psycopg.connect(**conninfo(), autocommit=True) as database,
    ):
        database.execute("SET TIME ZONE 'UTC'")
        database.execute("SET DateStyle = 'ISO, YMD'")
        database.execute("SET extra_float_digits = 1")
        database.execute("SET client_encoding = 'UTF8'")
        if schema:
            database.execute("SELECT set_config('search_path', %s, false)", (f'"{schema}"',))
        yield database


def _write_lines(lines: Iterable[list[bytes]], written: IO[bytes]) -> Tally:
    tally = Tally()
    for some in lines:
        tally.add(some)
        written.write(b"\n".join(some) + b"\n")
    return tally


_MIGRATIONS: Final = "SELECT app, name FROM django_migrations ORDER BY id"
_SCHOOLS: Final = "SELECT school_id, last_number FROM live_schoolturn ORDER BY school_id"
