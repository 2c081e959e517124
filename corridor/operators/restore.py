"""Bring a backup back, or prove that it could be: always into a scratch place first.

The scratch place is a folder beside the data, or a schema beside PostgreSQL's own. There the copy
is compared with its manifest, brought up to date, and its log verified. Only a real restore then
puts it in the place of the data, in one step; what was there before is kept aside.
"""

import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

import msgspec
import psycopg
from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from corridor.operators import tables
from corridor.operators.backup import (
    DATABASE,
    FORMAT,
    MANIFEST,
    Manifest,
    a_connection,
    blocks_of,
    member,
)
from corridor.operators.progress import Progress
from corridor.operators.snapshot import rows_of
from corridor.operators.verify import events_in_all, wrong_in_all
from corridor.settings import Settings

_SCRATCH: Final = "scratch"
_MOST_TOLD: Final = 20

_decode_manifest: Final = msgspec.json.Decoder(Manifest).decode


class CannotRestore(Exception):
    """The file is no good, or the data must not be replaced: what is wrong and what to do."""


def read_manifest(file: Path) -> Manifest:
    """What the backup says it holds. Raises `CannotRestore`."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _decode_manifest(archive.read(MANIFEST))
    except FileNotFoundError:
        raise CannotRestore(f"There is no file {file}. Name a backup.") from None
    except (OSError, KeyError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
        raise CannotRestore(
            f"{file} is no backup of Corridor, or it is damaged ({error}). Take another one."
        ) from None
    if manifest.format != FORMAT:
        raise CannotRestore(
            f"{file} was written by Corridor {manifest.corridor} in another format. Restore it"
            " with that version."
        )
    return manifest


def verify(settings: Settings, file: Path) -> Manifest:
    """Restore into a scratch place, check everything there, and throw it away.

    The live data is not touched. Raises `CannotRestore` with what is wrong.
    """
    manifest = _suitable(settings, file)
    with _scratch(settings, file, manifest):
        return manifest


def restore(settings: Settings, file: Path, *, replace: bool, at: datetime) -> tuple[Manifest, str]:
    """Put the backup in the place of the data; the manifest, and where the old data is kept.

    No server may run (see `starting.sole_user`). Raises `CannotRestore` when the backup is not
    whole, or when there are schools already and `replace` is not said.
    """
    manifest = _suitable(settings, file)
    if settings.is_postgres and (others := _others_connected()):
        raise CannotRestore(
            f"{others} connections of a Corridor to this database are open."
            " Stop its servers, then restore."
        )
    if not replace and (count := _schools_here()):
        raise CannotRestore(
            f"There is data already: {count} schools. Name an empty CORRIDOR_DATA or"
            " CORRIDOR_DATABASE_URL, or say --replace: then what is there now is put aside."
        )
    with _scratch(settings, file, manifest) as place:
        if settings.is_postgres:
            return manifest, _swap_schemas(place, f"before_restore_{at:%Y%m%d_%H%M%S}")
        return manifest, _swap_files(settings, Path(place), f"{at:%Y-%m-%d-%H%M%S}")


def _suitable(settings: Settings, file: Path) -> Manifest:
    manifest = read_manifest(file)
    here = "postgresql" if settings.is_postgres else "sqlite"
    if manifest.database != here:
        raise CannotRestore(
            f"{file} is of {manifest.database}, and this Corridor is set to {here}. Set"
            " CORRIDOR_DATABASE_URL accordingly."
        )
    known = MigrationExecutor(None).loader.disk_migrations or {}
    unknown = [f"{app} {name}" for app, name in manifest.migrations if (app, name) not in known]
    if unknown:
        raise CannotRestore(
            f"{file} was written by Corridor {manifest.corridor}, which is newer than this one"
            f" ({unknown[0]} is not known here). Install that version first."
        )
    return manifest


def _others_connected() -> int:
    with a_connection() as database:
        row = database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'corridor'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    return int(row[0]) if row else 0


def _schools_here() -> int:
    try:
        return int(rows_of(connection, "SELECT count(*) FROM roster_school")[0][0])
    except DatabaseError:
        return 0  # no table yet: nothing was ever started here
    finally:
        connection.close()


# The scratch place


@contextmanager
def _scratch(settings: Settings, file: Path, manifest: Manifest) -> Iterator[str]:
    """The backup restored beside the data, compared, brought up to date and verified."""
    fill = _postgres_scratch if settings.is_postgres else _sqlite_scratch
    with fill(settings, file, manifest) as (place, options):
        with _django_connection(options) as database:
            _migrate(database, None)
            _verify_log(database, manifest)
        yield place


@contextmanager
def _sqlite_scratch(
    settings: Settings, file: Path, manifest: Manifest
) -> Iterator[tuple[str, dict[str, Any]]]:
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=settings.data) as folder:
        copy = Path(folder) / DATABASE
        _unpack(file, copy)
        try:
            with closing(sqlite3.connect(copy)) as database:
                for name, kept in manifest.tables.items():
                    _same(name, kept.tally, tables.sqlite_tally(database, name))
                (said,) = database.execute("PRAGMA integrity_check").fetchone()
                if said != "ok":
                    raise CannotRestore(f"SQLite finds the copy damaged: {said}. Take another one.")
        except sqlite3.DatabaseError as error:
            raise CannotRestore(
                f"SQLite cannot read the copy: {error}. Take another one."
            ) from None
        yield str(copy), {"NAME": copy}


def _unpack(file: Path, copy: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive, archive.open(DATABASE) as packed:
            size = archive.getinfo(DATABASE).file_size
            with copy.open("wb") as written, Progress("Reading", size) as progress:
                for block in blocks_of(packed):
                    written.write(block)
                    progress.add(len(block))
    except (zipfile.BadZipFile, KeyError) as error:
        raise CannotRestore(f"{file} is damaged ({error}). Take another one.") from None


@contextmanager
def _postgres_scratch(
    settings: Settings, file: Path, manifest: Manifest
) -> Iterator[tuple[str, dict[str, Any]]]:
    schema = f"corridor_scratch_{token_hex(4)}"
    with a_connection() as database:
        database.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        given = dict(connection.settings_dict["OPTIONS"])
        options = {"OPTIONS": {**given, "options": f"-c search_path={schema}"}}
        try:
            with _django_connection(options) as scratch:
                _migrate(scratch, manifest)
            with a_connection(schema) as scratch_database:
                _fill(scratch_database, file, manifest)
            yield schema, options
        finally:
            database.execute(
                sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema))
            )


def _fill(database: psycopg.Connection[Any], file: Path, manifest: Manifest) -> None:
    with database.transaction(), Progress("Reading", len(manifest.tables)) as progress:
        here = tables.postgres_tables(database)
        if missing := sorted(set(manifest.tables) - set(here)):
            raise CannotRestore(f"This Corridor makes no table {missing[0]}. Install another one.")
        names = sql.SQL(", ").join(map(sql.Identifier, here))
        database.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))  # what migrations put there
        try:
            with zipfile.ZipFile(file) as archive:
                for name, kept in manifest.tables.items():
                    with archive.open(member(name)) as packed:
                        tables.copy_in(database, name, kept.columns, blocks_of(packed))
                    progress.add(1)
        except (zipfile.BadZipFile, KeyError, psycopg.DataError) as error:
            raise CannotRestore(f"{file} is damaged ({error}). Take another one.") from None
    for name, kept in manifest.tables.items():
        _same(name, kept.tally, tables.postgres_tally(database, name, kept.columns))


def _same(name: str, expected: tables.Tally, found: tables.Tally) -> None:
    if found != expected:
        raise CannotRestore(
            f"Table {name} has {found.rows} rows with the sum {found.sum[:12]}; the manifest says"
            f" {expected.rows} with {expected.sum[:12]}. The file is damaged. Take another one."
        )


@contextmanager
def _django_connection(changes: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """Django's connection to the scratch place, as it would have to the data."""
    connections.databases[_SCRATCH] = {**connection.settings_dict, **changes}
    try:
        yield connections[_SCRATCH]
    finally:
        connections[_SCRATCH].close()
        del connections[_SCRATCH]
        del connections.databases[_SCRATCH]


def _migrate(database: BaseDatabaseWrapper, manifest: Manifest | None) -> None:
    """Make the tables as they were in the backup, or (None) bring them up to date."""
    executor = MigrationExecutor(database)
    if manifest is None:
        executor.migrate(executor.loader.graph.leaf_nodes())
        if database.vendor == "postgresql":
            _renumber(database)
        return
    newest = {app: (app, name) for app, name in sorted(manifest.migrations)}
    executor.migrate(list(newest.values()))


def _renumber(database: BaseDatabaseWrapper) -> None:
    """Let each table's own numbers go on after the highest that was restored."""
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            for sequence in database.introspection.get_sequences(cursor, table):
                name = database.ops.quote_name
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s),"
                    f" coalesce(max({name(sequence['column'])}), 1),"
                    f" max({name(sequence['column'])}) IS NOT NULL) FROM {name(table)}",
                    [name(table), sequence["column"]],
                )


def _verify_log(database: BaseDatabaseWrapper, manifest: Manifest) -> None:
    numbers = dict(
        rows_of(database, "SELECT school_id, last_number FROM live_schoolturn ORDER BY school_id")
    )
    if numbers != manifest.schools:
        raise CannotRestore(
            f"The logs end at {numbers}; the manifest says {manifest.schools}. Take another file."
        )
    with Progress("Verifying", events_in_all(database)) as progress:
        wrong = [str(found) for found, _ in zip(
            wrong_in_all(database, progress.add), range(_MOST_TOLD), strict=False
        )]  # fmt: skip
    if wrong:
        raise CannotRestore("The log in the backup is not whole:\n  " + "\n  ".join(wrong))


# Into the place of the data


def _swap_files(settings: Settings, copy: Path, stamp: str) -> str:
    """One rename; the old file is kept under another name."""
    live, aside = settings.data / DATABASE, settings.data / f"{DATABASE}.before-{stamp}"
    with closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA journal_mode = DELETE")  # so that it is one file
    with copy.open("rb") as written:
        os.fsync(written.fileno())
    kept = ""
    if live.exists():
        _close_log(live)
        os.link(live, aside)
        kept = str(aside)
    copy.replace(live)
    return kept


def _close_log(live: Path) -> None:
    """Write what is in SQLite's log into the file itself, so that the file alone is all of it."""
    try:
        with closing(sqlite3.connect(live)) as old:
            old.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise CannotRestore(
            f"Another program has {live} open ({error}). Close it and try again."
        ) from None
    except sqlite3.DatabaseError:  # damaged, which may be why there is a restore
        for end in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                live.with_name(live.name + end).rename(f"{live}.damaged{end}")


def _swap_schemas(scratch: str, aside: str) -> str:
    """Move all tables in one transaction; the old ones are kept in another schema."""
    move = sql.SQL("ALTER TABLE {}.{} SET SCHEMA {}")
    with a_connection() as database, database.transaction():
        row = database.execute("SELECT current_schema()").fetchone()
        live = row[0] if row else "public"
        old, new = _tables_in(database, live), _tables_in(database, scratch)
        labels = _labels(database, old)
        old = [table for table in old if table in new or _is_ours(table, labels)]
        if old:
            database.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(aside)))
        for tables_of, source, target in ((old, live, aside), (new, scratch, live)):
            for table in tables_of:
                database.execute(move.format(*map(sql.Identifier, (source, table, target))))
    return f"schema {aside}" if old else ""


def _labels(database: psycopg.Connection[Any], there: Collection[str]) -> list[str]:
    """The labels of the apps that have made tables here, those of a newer version too."""
    if tables.MIGRATIONS not in there:
        return []
    found = database.execute("SELECT DISTINCT app FROM django_migrations")
    return [label for (label,) in found]


def _is_ours(table: str, labels: Collection[str]) -> bool:
    """Left in place, a table that a newer version made would stop the next upgrade."""
    return any(table.startswith(f"{label}_") for label in labels)


def _tables_in(database: psycopg.Connection[Any], schema: str) -> list[str]:
    found = database.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", (schema,)
    )
    return [name for (name,) in found]
