"""What a doctor must know of an installation, gathered once. Nothing here changes anything."""

import os
import resource
import shutil
import sqlite3
import stat
from collections import defaultdict
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from corridor import clock
from corridor.settings import Settings, declared
from corridor.starting import OLDEST_POSTGRES, CannotStart, pending_migrations


class SchoolFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One school: its zone, who runs it, what is missing, and whether its log can be whole.

    `oldest_kept` is when the oldest event happened that still names people; `overdue` counts open
    passes that the clock should have acted on.
    """

    id: int
    name: str
    time_zone: str = "America/New_York"
    admins: int = 1
    places_without_adults: tuple[str, ...] = ()
    adults_without_room: tuple[str, ...] = ()
    last_number: int = 0
    events: int = 0
    highest_number: int = 0
    last_event_at: datetime | None = None
    oldest_kept: datetime | None = None
    keep_passes_days: int = 730
    overdue: int = 0


class DatabaseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The database: its kind, version and settings as it tells them itself.

    `said` holds SQLite's pragmas or PostgreSQL's settings. `seconds_apart` is its clock less ours.
    """

    version: int = 0
    said: dict[str, str] = {}
    connections: int = 0
    seconds_apart: float = 0.0
    pending: tuple[str, ...] = ()
    not_ours: str = ""
    schools: tuple[SchoolFacts, ...] = ()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """An installation as it is now. `modes` are the permission bits of what must be private.

    `database` is None when it cannot be asked; `database_problem` then says why.
    """

    settings: Settings
    at: datetime
    user_id: int = 1000
    open_files: int = 65536
    data_problem: str = ""
    data_file_system: str = "ext4"
    modes: dict[str, int] = {}
    free_bytes: int = 1 << 40
    database_bytes: int = 0
    static_ready: bool = True
    last_backup: datetime | None = None
    database: DatabaseFacts | None = None
    database_problem: str = ""


def gather(settings: Settings) -> Facts:
    """The facts of this machine and this environment."""
    from corridor.operators.backup import last_backup

    data, backup = settings.data, last_backup(settings)
    database, problem = _database(settings)
    kept = data / "corridor.sqlite3"
    return Facts(
        settings=settings,
        at=clock.now(),
        user_id=os.getuid(),
        open_files=resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        data_problem=_data_problem(data),
        data_file_system=_file_system(data),
        modes=_modes(settings),
        free_bytes=shutil.disk_usage(_nearest(data)).free,
        database_bytes=kept.stat().st_size if kept.exists() else 0,
        static_ready=settings.debug or (data / "static.collected").exists(),
        last_backup=backup.at if backup and Path(backup.file).exists() else None,
        database=database,
        database_problem=problem,
    )


# The machine


def _nearest(path: Path) -> Path:
    path = path.absolute()
    return next(part for part in (path, *path.parents) if part.exists())


def _data_problem(data: Path) -> str:
    if not data.exists():
        return "does not exist"
    if not data.is_dir():
        return "is no folder"
    return "" if os.access(data, os.W_OK | os.X_OK) else "cannot be written by this user"


def _file_system(data: Path) -> str:
    """The kind of file system of the data folder, as Linux tells it; empty elsewhere."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    where = _nearest(data).resolve()
    over = [m for m in mounts if where == Path(m[1]) or Path(m[1]) in where.parents]
    return max(over, key=lambda m: len(m[1]))[2] if over else ""


def _modes(settings: Settings) -> dict[str, int]:
    private = [settings.data, settings.data / "secret-key", settings.data / "corridor.sqlite3"]
    named = (os.environ.get(row.variable + "_FILE") for row in declared() if row.secret)
    private += [Path(name) for name in named if name]
    return {str(path): stat.S_IMODE(path.stat().st_mode) for path in private if path.exists()}


# The database


def _database(settings: Settings) -> tuple[DatabaseFacts | None, str]:
    from django.db import DatabaseError, connection

    if not settings.is_postgres and not (settings.data / "corridor.sqlite3").exists():
        return None, "There is no database yet."
    said = {} if settings.is_postgres else _journal_mode(settings)
    try:
        return ask_database(said), ""
    except (DatabaseError, CannotStart) as error:
        told = str(error).strip().splitlines() or ["no reason"]
        return None, told[0].rstrip(".") + "."
    finally:
        connection.close()


def _journal_mode(settings: Settings) -> dict[str, str]:
    """As the file has it: a connection of the server would set it."""
    file = f"file:{settings.data.absolute() / 'corridor.sqlite3'}?mode=ro"
    try:
        with closing(sqlite3.connect(file, uri=True)) as database:
            return {"journal_mode": str(database.execute("PRAGMA journal_mode").fetchone()[0])}
    except sqlite3.Error:
        return {}


def ask_database(said: dict[str, str]) -> DatabaseFacts:
    """What Django's connection tells; `said` is what was read of the file before it."""
    from django.db import connection

    from corridor.live.sql import is_postgres, one, rows

    version, connections, apart = 0, 0, 0.0
    if is_postgres():
        connection.ensure_connection()
        version = connection.connection.info.server_version // 10000
        said = dict(rows("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", ([
            "synchronous_commit", "fsync", "full_page_writes", "max_connections",
            "superuser_reserved_connections",
        ],)))  # fmt: skip
        before = clock.now()
        found = one("SELECT clock_timestamp(), (SELECT count(*) FROM pg_stat_activity)", ())
        assert found is not None
        middle = before + (clock.now() - before) / 2
        apart, connections = (found[0] - middle).total_seconds(), int(found[1])
    else:
        (level,) = one("PRAGMA synchronous", ()) or (0,)
        said = {**said, "synchronous": str(level)}
    pending: tuple[str, ...] = ()
    not_ours, is_too_old = "", 0 < version < OLDEST_POSTGRES
    try:
        pending = () if is_too_old else tuple(pending_migrations())
    except CannotStart as error:
        not_ours = str(error)
    return DatabaseFacts(
        version=version, said=said, connections=connections, seconds_apart=apart,
        pending=pending, not_ours=not_ours,
        schools=() if pending or not_ours or is_too_old else _schools(),
    )  # fmt: skip


# The schools


def _schools() -> tuple[SchoolFacts, ...]:
    from corridor.live.sql import moment, rows

    by_school: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    for school_id, name, settings, last in rows(
        "SELECT s.id, s.name, t.settings, t.last_number FROM roster_school s"
        " JOIN live_schoolturn t ON t.school_id = s.id ORDER BY s.id"
    ):
        told = msgspec.json.decode(settings)
        by_school[school_id] = {
            "name": name, "last_number": last, "admins": 0,
            **{key: told[key] for key in ("time_zone", "keep_passes_days") if key in told},
        }  # fmt: skip
    known = list(by_school)
    for school_id, admins in rows(
        "SELECT school_id, count(*) FROM accounts_passaccount"
        " WHERE role = 'admin' AND closed_at IS NULL GROUP BY school_id"
    ):
        by_school[school_id]["admins"] = admins
    for column, names in (("places_without_adults", _PLACES), ("adults_without_room", _ADULTS)):
        for school_id, name in rows(names):
            facts = by_school[school_id]
            facts[column] = (*facts.get(column, ()), name)
    for school_id, count, highest in rows(
        "SELECT school_id, count(*), max(number) FROM live_event GROUP BY school_id"
    ):
        by_school[school_id] |= {"events": count, "highest_number": highest}
    for school_id, last_at, kept_at in rows(_TIMES):
        by_school[school_id] |= {"last_event_at": _time(last_at), "oldest_kept": _time(kept_at)}
    for school_id, count in rows(
        "SELECT school_id, count(*) FROM passes_hallpass WHERE due_at < %s GROUP BY school_id",
        (moment(clock.now() - timedelta(minutes=2)),),
    ):
        by_school[school_id]["overdue"] = count
    return tuple(SchoolFacts(id=found, **by_school[found]) for found in known)


_PLACES = (
    "SELECT l.school_id, l.name FROM roster_location l WHERE l.archived_at IS NULL"
    " AND l.trip_type IN ('layover', 'one_way') AND NOT EXISTS (SELECT 1 FROM"
    " accounts_locationlink k JOIN accounts_passaccount a ON a.id = k.account_id"
    " WHERE k.location_id = l.id AND a.closed_at IS NULL) ORDER BY l.school_id, l.name"
)
_ADULTS = (
    "SELECT a.school_id, a.display_name FROM accounts_passaccount a WHERE a.closed_at IS NULL"
    " AND a.role <> 'student' AND NOT EXISTS (SELECT 1 FROM accounts_locationlink k"
    " WHERE k.account_id = a.id AND k.is_personal) ORDER BY a.school_id, a.display_name"
)
_TIMES = (
    "SELECT t.school_id, e.at, k.at FROM live_schoolturn t"
    " LEFT JOIN live_event e ON e.school_id = t.school_id AND e.number = t.last_number"
    " LEFT JOIN live_event k ON k.school_id = t.school_id AND k.number = t.forgotten_to + 1"
)


def _time(value: Any) -> datetime | None:
    from corridor.live.sql import moment_read

    return moment_read(value)
