"""What happens before the first request: folder, port, database, static files.

Whatever can go wrong here is the operator's to mend, so it is told in a sentence (`CannotStart`),
never as a traceback.
"""

import errno
import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

from corridor.settings import Settings

OLDEST_POSTGRES: Final = 15
# Any number will do, as long as no other program on the database server takes the same.
MIGRATION_LOCK: Final = 7_262_026


class CannotStart(Exception):
    """The machine is not as the server needs it: what is wrong, where, and what to do."""


# The data folder


def open_data_folder(settings: Settings) -> None:
    """Make the data folder and see that it takes a file. Raises `CannotStart`."""
    draft = settings.data / f".writable.{os.getpid()}"
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(b"\0" * 65536)
        draft.unlink()
    except OSError as error:
        raise CannotStart(folder_problem(settings, error)) from None


def folder_problem(settings: Settings, error: OSError) -> str:
    """The sentence for a data folder that does not take a file."""
    folder = settings.data.absolute()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk with the data folder {folder} is full. Make room and start again."
    return (
        f"The data folder {folder} cannot be used: {error.strerror}. Correct its permissions, or"
        " name another one in CORRIDOR_DATA."
    )


_ELSE_DO: Final = (
    "Stop it, or name another folder in CORRIDOR_DATA. Several processes need PostgreSQL:"
    " CORRIDOR_DATABASE_URL."
)


@contextmanager
def sole_user(settings: Settings, *, else_do: str = _ELSE_DO) -> Iterator[None]:
    """Be the only server on a SQLite file, until the end of the block or of the process.

    PostgreSQL takes as many processes as wanted. Raises `CannotStart`, which says `else_do`.
    """
    if settings.is_postgres:
        yield
        return
    with _locked(settings.data / "in-use", wait=False) as mine:
        if not mine:
            raise CannotStart(
                f"Another Corridor already runs on the data folder {settings.data.absolute()}."
                f" {else_do}"
            )
        yield


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a lock that ends with the process, however that ends; False if somebody else does."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


# The port


def open_port(settings: Settings) -> socket.socket:
    """Take the port before anything slow is done. Raises `CannotStart`."""
    where = f"CORRIDOR_HOST={settings.host} and CORRIDOR_PORT={settings.port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host.strip("[]"), settings.port, type=socket.SOCK_STREAM
        )[0]
    except socket.gaierror:
        raise CannotStart(
            f"CORRIDOR_HOST={settings.host} is no address of this machine. 127.0.0.1 is this"
            " machine alone, 0.0.0.0 every network it is in."
        ) from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {settings.port} is taken by another program. Stop that program, or set"
                " CORRIDOR_PORT to a free port."
            ) from None
        raise CannotStart(f"Cannot listen on {where}: {error.strerror}. Correct them.") from None
    return listener


# The database


@contextmanager
def database_problems(settings: Settings) -> Iterator[None]:
    """Turn what a database says when it cannot work into a sentence."""
    from django.db import DatabaseError, connection

    try:
        yield
    except DatabaseError as error:
        said = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "no reason"
        raise CannotStart(_database_problem(settings, said)) from error
    finally:
        connection.close()


def _database_problem(settings: Settings, said: str) -> str:
    if settings.is_postgres:
        return (
            f"PostgreSQL cannot be used: {said}. See that it runs and that CORRIDOR_DATABASE_URL"
            " names the right host, database, user and password."
        )
    file = (settings.data / "corridor.sqlite3").absolute()
    if "disk is full" in said:
        return f"The disk with {file} is full. Make room and start again."
    return f"{file} cannot be used: {said}. Correct its permissions, or restore it from a backup."


def bring_up_to_date(settings: Settings) -> list[str]:
    """Apply the pending migrations, one process at a time; their names. Raises `CannotStart`.

    A database made by a newer Corridor is refused, because this one does not know its tables.
    """
    from django.core.management import call_command

    with database_problems(settings):
        if settings.is_postgres:
            _wait_for_other_processes()
        pending = pending_migrations()
        if pending:
            call_command("migrate", interactive=False, verbosity=0)
        if settings.is_postgres:
            call_command("createcachetable", verbosity=0)
        return pending


def pending_migrations() -> list[str]:
    """What the database still lacks. Raises `CannotStart` where it is newer or too old for us."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    if connection.vendor == "postgresql":
        major = connection.get_database_version()[0]
        if major < OLDEST_POSTGRES:
            raise CannotStart(
                f"PostgreSQL {major} is too old. Corridor needs {OLDEST_POSTGRES} or newer."
            )
    executor = MigrationExecutor(connection)
    loader = executor.loader
    newest: dict[str, str] = {}
    for app, name in loader.disk_migrations or ():
        newest[app] = max(name, newest.get(app, ""))
    for app, name in loader.applied_migrations or ():
        if name > newest.get(app, name):
            raise CannotStart(
                f"The database was brought up to date by a newer Corridor ({app} {name}). Start"
                " that one, or restore the backup from before it."
            )
    plan = executor.migration_plan(loader.graph.leaf_nodes())
    return [f"{migration.app_label} {migration.name}" for migration, _ in plan]


def _wait_for_other_processes() -> None:
    """Take PostgreSQL's migration lock; it ends with the connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])


# Static files


def collect_static(settings: Settings) -> None:
    """Name the static files by their hash and compress them, if they are not so already."""
    if settings.debug:
        (settings.data / "static").mkdir(exist_ok=True)
        return
    from django.core.management import call_command

    folder = settings.data / "static"
    mark = settings.data / "static.collected"
    try:
        # Processes on one machine may share the folder. What older pages still ask for is kept.
        with _locked(settings.data / "static.lock", wait=True):
            state = _state_of_static_files()
            if not (folder.exists() and mark.exists() and mark.read_text() == state):
                call_command("collectstatic", interactive=False, verbosity=0)
                mark.write_text(state)
    except OSError as error:
        raise CannotStart(folder_problem(settings, error)) from None


def _state_of_static_files() -> str:
    """Changes when a static file does, or the way in which they are prepared."""
    from django.conf import settings as django_settings
    from django.contrib.staticfiles.finders import get_finders

    storage = django_settings.STORAGES["staticfiles"]["BACKEND"]
    digest = hashlib.sha256(f"{version('Django')} {version('whitenoise')} {storage}".encode())
    for finder in get_finders():
        for path, source in finder.list([]):
            with source.open(path) as file:
                digest.update(path.encode() + hashlib.sha256(file.read()).digest())
    return digest.hexdigest()
