"""What `corridor doctor` looks for. `docs/doctor.md` is compared with this file by a test.

A check reads the facts and yields a sentence for each thing that is wrong, with its mend. Its
docstring says what it finds.
"""

import ipaddress
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from corridor.operators.facts import DatabaseFacts, Facts, SchoolFacts
from corridor.settings import is_loopback, refuse_unsafe
from corridor.starting import OLDEST_POSTGRES


class Finding(msgspec.Struct, frozen=True):
    """What is wrong, in a sentence, and what to do."""

    says: str
    mend: str


Findings = Iterator[Finding]
Check = Callable[[Facts], Findings]

_GIGABYTE: Final = 1 << 30
# A process holds a connection for each worker, and for whoever signs in (2), the streams (2), the
# clock, the webhooks, the post and the wake-up; and two while people are imported.
BESIDE_WORKERS: Final = 10
_NETWORK_DISKS: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs"})
_OLD_BACKUP: Final = timedelta(days=2)
_LATE_PURGE: Final = timedelta(days=7)


# Settings


def unsafe_settings(facts: Facts) -> Findings:
    """Settings with which the server refuses to start, because others could reach it unsafely."""
    for sentence in refuse_unsafe(facts.settings):
        says, _, mend = sentence.rpartition(". ")
        yield Finding(says + ".", mend)


def debug_or_demo(facts: Facts) -> Findings:
    """`CORRIDOR_DEBUG` or `CORRIDOR_DEMO` left on."""
    for name in ("debug", "demo"):
        if getattr(facts.settings, name):
            variable = f"CORRIDOR_{name.upper()}"
            yield Finding(f"{variable} is on.", f"Remove {variable} before a school uses this.")


def proxies_too_wide(facts: Facts) -> Findings:
    """A proxy network so wide that visitors could say they were somebody else."""
    for name in facts.settings.trusted_proxies:
        network = ipaddress.ip_network(name)
        if network.num_addresses > 65536 and not network.is_loopback:
            yield Finding(
                f"CORRIDOR_TRUSTED_PROXIES believes {network.num_addresses:,} addresses ({name})"
                " when they say who the visitor is.",
                "Name only the proxy's own address.",
            )


def proxy_not_believed(facts: Facts) -> Findings:
    """A public server that believes no proxy that could reach it, so all visitors look alike."""
    settings = facts.settings
    if not settings.is_https:
        return
    believed = [ipaddress.ip_network(name) for name in settings.trusted_proxies]
    if not believed:
        yield Finding(
            "The server is behind a proxy but believes none: every visitor seems to be the proxy,"
            " for which sign-in attempts and /metrics are open to all.",
            "Set CORRIDOR_TRUSTED_PROXIES to the proxy's address (127.0.0.1,::1 on one machine).",
        )
    elif not is_loopback(settings.host) and all(network.is_loopback for network in believed):
        yield Finding(
            f"CORRIDOR_HOST={settings.host} is for a proxy on another machine, but only proxies on"
            " this one are believed.",
            "Add that proxy's address to CORRIDOR_TRUSTED_PROXIES, or set CORRIDOR_HOST=127.0.0.1.",
        )


def own_port_as_https(facts: Facts) -> Findings:
    """A public https address with the server's own port, which does not speak https."""
    if facts.settings.is_https and urlsplit(facts.settings.public_url).port == facts.settings.port:
        yield Finding(
            f"CORRIDOR_PUBLIC_URL={facts.settings.public_url} names the server's own port, which"
            " speaks http.",
            "Put a proxy in front (docs/running.md) and name its address, mostly without a port.",
        )


def mail_not_set_up(facts: Facts) -> Findings:
    """E-mail that is only printed, so invitations and new passwords reach nobody."""
    if facts.settings.email_url.startswith("console:"):
        yield Finding(
            "E-mail is printed to the log, so nobody gets an invitation or a new password.",
            "Set CORRIDOR_EMAIL_URL, for example to smtp://user:password@mail.school.org:587.",
        )
    elif facts.settings.email_from.rstrip("> ").endswith("@localhost"):
        yield Finding(
            f"CORRIDOR_EMAIL_FROM is {facts.settings.email_from}, which mail servers refuse.",
            "Set it to an address of the school, like Corridor <passes@school.org>.",
        )


def mail_in_the_clear(facts: Facts) -> Findings:
    """E-mail sent unencrypted to another machine."""
    url = urlsplit(facts.settings.email_url)
    if url.scheme == "smtp+plain" and not is_loopback(url.hostname or ""):
        yield Finding(
            f"E-mail goes to {url.hostname} unencrypted, with the password if there is one.",
            "Use smtp: or smtps: in CORRIDOR_EMAIL_URL.",
        )


def database_in_the_clear(facts: Facts) -> Findings:
    """PostgreSQL on another machine without encryption that is insisted on."""
    url = urlsplit(facts.settings.database_url)
    is_far = bool(url.hostname) and not is_loopback(url.hostname or "")
    safe_modes = ("sslmode=require", "sslmode=verify-ca", "sslmode=verify-full")
    insists = any(mode in url.query for mode in safe_modes)
    if is_far and not insists:
        yield Finding(
            f"The way to PostgreSQL on {url.hostname} need not be encrypted.",
            "Add ?sslmode=verify-full (or require) to CORRIDOR_DATABASE_URL.",
        )


# The machine


def data_folder(facts: Facts) -> Findings:
    """A data folder that is missing or cannot be written."""
    if facts.data_problem:
        folder = facts.settings.data.absolute()
        yield Finding(
            f"The data folder {folder} {facts.data_problem}.",
            f"Make it, and give it to the user that runs the server: install -d -m 700 {folder}",
        )


def readable_by_others(facts: Facts) -> Findings:
    """The data folder, the database, the secret key or a secret's file that others can read."""
    for path, mode in facts.modes.items():
        if mode & 0o077:
            right = "700" if mode & 0o100 else "600"
            yield Finding(
                f"Other users of this machine get at {path} (mode {mode:o}).",
                f"chmod {right} {path}",
            )


def runs_as_root(facts: Facts) -> Findings:
    """A server run by root: a hole in it would be a hole in the machine."""
    if facts.user_id == 0:
        yield Finding(
            "This is the user root.",
            "Run it as a user of its own: deploy/corridor.service does.",
        )


def disk_space(facts: Facts) -> Findings:
    """Less room than the database needs to grow and to be backed up."""
    wanted = max(2 * _GIGABYTE, 2 * facts.database_bytes)
    if facts.free_bytes < wanted:
        yield Finding(
            f"Only {facts.free_bytes / _GIGABYTE:.1f} GB are free where the data is;"
            f" {wanted / _GIGABYTE:.1f} GB should be.",
            "Make room, or move CORRIDOR_DATA to a larger disk.",
        )


def network_disk(facts: Facts) -> Findings:
    """A SQLite file on a network file system, whose locks cannot be trusted."""
    if not facts.settings.is_postgres and facts.data_file_system in _NETWORK_DISKS:
        yield Finding(
            f"The SQLite file is on a network file system ({facts.data_file_system}), where it can"
            " be damaged.",
            "Move CORRIDOR_DATA to a local disk, or use PostgreSQL.",
        )


def open_files(facts: Facts) -> Findings:
    """A limit on open files that a school's screens would reach."""
    if facts.open_files < 4096:
        yield Finding(
            f"A process may open {facts.open_files} files; every open page needs one.",
            "Raise the limit: LimitNOFILE=65536 in the systemd unit, or ulimit -n.",
        )


def static_files(facts: Facts) -> Findings:
    """Static files that were not collected: pages would come without style and scripts."""
    if not facts.static_ready:
        yield Finding(
            f"The static files are not in {facts.settings.data / 'static'}.",
            "Start the server once; it collects them. See that the data folder can be written.",
        )


def old_backup(facts: Facts) -> Findings:
    """No backup, or none for two days."""
    mend = "Run `corridor backup` every night: deploy/corridor-nightly.timer does."
    if facts.last_backup is None:
        yield Finding("No backup was taken from here, or it is gone.", mend)
    elif facts.at - facts.last_backup > _OLD_BACKUP:
        yield Finding(f"The last backup is of {facts.last_backup:%Y-%m-%d %H:%M} UTC.", mend)


# The database


def database_away(facts: Facts) -> Findings:
    """A database that cannot be asked."""
    if facts.database is None:
        yield Finding(
            f"The database cannot be asked: {facts.database_problem}",
            "Start the server once to make it; or see that it runs, and correct"
            " CORRIDOR_DATABASE_URL or the permissions of CORRIDOR_DATA.",
        )


def pending_migrations(facts: Facts) -> Findings:
    """A database older than this Corridor, or newer."""
    for database in _database(facts):
        if database.pending:
            yield Finding(
                f"The database lacks {len(database.pending)} migrations, from"
                f" {database.pending[0]} on.",
                "corridor backup, then corridor migrate (or start the server).",
            )
        if database.not_ours:
            says, _, mend = database.not_ours.partition(". ")
            yield Finding(says + ".", mend or f"Use PostgreSQL {OLDEST_POSTGRES} or newer.")


def sqlite_not_durable(facts: Facts) -> Findings:
    """SQLite without its write-ahead log, or one that does not wait for the disk."""
    for database in _database(facts):
        mode = database.said.get("journal_mode", "wal")
        if mode != "wal":
            yield Finding(
                f"The SQLite file is in journal mode {mode}: readers and the writer wait for each"
                " other.",
                "Start the server on a local disk; it switches to wal. Let no other program"
                " change the file.",
            )
        if database.said.get("synchronous", "2") not in ("2", "3"):
            yield Finding(
                "SQLite does not wait for the disk: a power cut could lose passes.",
                "Let PRAGMA synchronous be FULL, as Corridor sets it.",
            )


def postgres_not_durable(facts: Facts) -> Findings:
    """PostgreSQL that acknowledges before the disk has it."""
    for database in _database(facts):
        for name in ("synchronous_commit", "fsync", "full_page_writes"):
            if database.said.get(name) == "off":
                yield Finding(
                    f"PostgreSQL runs with {name}=off: a crash could lose passes.",
                    f"Set {name} = on in postgresql.conf, or ALTER ROLE … RESET {name}.",
                )


def postgres_version(facts: Facts) -> Findings:
    """A PostgreSQL that is too old."""
    for database in _database(facts):
        if 0 < database.version < OLDEST_POSTGRES:
            yield Finding(
                f"PostgreSQL {database.version} is too old.",
                f"Upgrade it to {OLDEST_POSTGRES} or newer.",
            )


def too_few_connections(facts: Facts) -> Findings:
    """Fewer connections in PostgreSQL than two processes (one restarting) need."""
    for database in _database(facts):
        most = int(database.said.get("max_connections", 0))
        if not most:
            continue
        free = most - int(database.said.get("superuser_reserved_connections", 3))
        each = facts.settings.workers + BESIDE_WORKERS
        if free < 2 * each:
            yield Finding(
                f"PostgreSQL takes {free} connections; a process needs {each}, and while one"
                " restarts there are two.",
                f"Raise max_connections to {2 * each + most - free} or more, or lower"
                " CORRIDOR_WORKERS.",
            )
        elif database.connections > 0.9 * most:
            yield Finding(
                f"{database.connections} of PostgreSQL's {most} connections are in use.",
                "Raise max_connections, or run fewer processes or workers.",
            )


def clocks_apart(facts: Facts) -> Findings:
    """A database whose clock differs from this machine's, or a clock that went back."""
    for database in _database(facts):
        if abs(database.seconds_apart) > 2:
            yield Finding(
                f"The database's clock is {database.seconds_apart:+.0f} s from this machine's.",
                "Let both machines follow a time server (chrony, systemd-timesyncd).",
            )
    for school in _schools(facts):
        if school.last_event_at and school.last_event_at > facts.at + timedelta(minutes=1):
            yield Finding(
                f"{school.name}'s last event is of {school.last_event_at:%Y-%m-%d %H:%M:%S} UTC,"
                " which has not come yet: the clock was wrong, or is.",
                "Set this machine's clock by a time server.",
            )


# The schools


def no_admin(facts: Facts) -> Findings:
    """No school yet, or a school that nobody can administer."""
    if facts.database and not facts.database.pending and not facts.database.schools:
        yield Finding(
            "There is no school yet.",
            "Start the server; it prints the link that opens the first one.",
        )
    for school in _schools(facts):
        if school.admins == 0:
            yield Finding(
                f"{school.name} has no admin.",
                "Let an admin of another school of the district add one, or restore a backup.",
            )


def unknown_time_zone(facts: Facts) -> Findings:
    """A school whose time zone this machine does not know."""
    for school in _schools(facts):
        try:
            ZoneInfo(school.time_zone)
        except (LookupError, ValueError, OSError):
            yield Finding(
                f"{school.name}'s time zone “{school.time_zone}” is not known here.",
                "Correct it in the school's settings, or install tzdata.",
            )


def places_without_adults(facts: Facts) -> Findings:
    """Locations where an adult has to press Arrived, but nobody works."""
    for school in _schools(facts):
        if school.places_without_adults:
            yield Finding(
                f"Nobody works at {_some(school.places_without_adults)} of {school.name}, so"
                " nobody can press Arrived there.",
                "Let an adult choose it under My locations, or make it a Roundtrip.",
            )


def adults_without_room(facts: Facts) -> Findings:
    """Adults without a personal location, to whom no student can go."""
    for school in _schools(facts):
        if school.adults_without_room:
            yield Finding(
                f"{_some(school.adults_without_room)} of {school.name} have no personal location.",
                "Close and add the account again with a room.",
            )


def log_gaps(facts: Facts) -> Findings:
    """A log whose count is not its last number (a quick look; `corridor verify-log` is exact)."""
    for school in _schools(facts):
        if not school.last_number == school.highest_number == school.events:
            yield Finding(
                f"{school.name}'s log has {school.events} events up to number"
                f" {school.highest_number}; its last number is {school.last_number}.",
                "corridor verify-log says what is missing. Restore a backup.",
            )


def clock_not_acting(facts: Facts) -> Findings:
    """Open passes that should have expired or ended: no server runs, or its clock stands still."""
    for school in _schools(facts):
        if school.overdue:
            yield Finding(
                f"{school.overdue} passes of {school.name} are overdue: no server runs on this"
                " database, or its clock stands still.",
                "Start or restart the server; it catches up.",
            )


def purge_overdue(facts: Facts) -> Findings:
    """Names kept a week longer than the school wants."""
    for school in _schools(facts):
        kept_for = timedelta(days=school.keep_passes_days) + _LATE_PURGE
        if school.oldest_kept and facts.at - school.oldest_kept > kept_for:
            yield Finding(
                f"{school.name} keeps names for {school.keep_passes_days} days, but has some of"
                f" {school.oldest_kept:%Y-%m-%d}.",
                "Run `corridor purge` every night: deploy/corridor-nightly.timer does.",
            )


IN_ORDER: Final[tuple[Check, ...]] = (
    unsafe_settings, debug_or_demo, proxies_too_wide, proxy_not_believed, own_port_as_https,
    mail_not_set_up, mail_in_the_clear, database_in_the_clear,
    data_folder, readable_by_others, runs_as_root, disk_space, network_disk, open_files,
    static_files, old_backup,
    database_away, pending_migrations, sqlite_not_durable, postgres_not_durable, postgres_version,
    too_few_connections, clocks_apart,
    no_admin, unknown_time_zone, places_without_adults, adults_without_room, log_gaps,
    clock_not_acting, purge_overdue,
)  # fmt: skip


def name_of(check: Check) -> str:
    """The check's name, as it is printed."""
    return check.__name__.replace("_", "-")


def examine(facts: Facts) -> dict[str, list[Finding]]:
    """What every check finds, in order; a check that finds nothing has an empty list."""
    return {name_of(check): list(check(facts)) for check in IN_ORDER}


def as_markdown() -> str:
    """The table of checks for `docs/doctor.md`."""
    rows = [f"| `{name_of(check)}` | {(check.__doc__ or '').strip()} |" for check in IN_ORDER]
    return "\n".join(["| check | finds |", "|---|---|", *rows]) + "\n"


def _database(facts: Facts) -> tuple[DatabaseFacts, ...]:
    return () if facts.database is None else (facts.database,)


def _schools(facts: Facts) -> Iterator[SchoolFacts]:
    return chain.from_iterable(database.schools for database in _database(facts))


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
