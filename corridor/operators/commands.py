"""What the operators' commands print, and their exit codes: 0 all is well, 1 something is not."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import connection

from corridor.operators import backup as backups
from corridor.operators import checks, purge, restore
from corridor.operators.backup import Manifest
from corridor.operators.facts import gather
from corridor.operators.progress import Progress
from corridor.operators.report import told
from corridor.operators.snapshot import snapshot
from corridor.operators.verify import events_in_all, wrong_in_all
from corridor.roster.models import School
from corridor.settings import Settings
from corridor.starting import CannotStart

WELL: Final = 0
NOT_WELL: Final = 1


def doctor(settings: Settings, *, as_json: bool) -> int:
    """Print what is wrong with this installation, and the mend for each."""
    return told(checks.examine(gather(settings)), as_json=as_json)


def backup(settings: Settings, folder: Path | None, at: datetime) -> int:
    """Write a backup; say where."""
    if not settings.is_postgres and not (settings.data / backups.DATABASE).exists():
        raise CannotStart(f"There is no database in {settings.data.absolute()} to back up.")
    try:
        file = backups.backup(settings, folder or settings.data / "backups", at)
    except OSError as error:
        raise CannotStart(
            f"The backup could not be written: {error.strerror or error}. Make room or correct the"
            " permissions, or name another folder with --to."
        ) from None
    print(f"{file}\n{_contents(restore.read_manifest(file))}")
    return WELL


def verify_backup(settings: Settings, file: Path) -> int:
    """Prove that a backup can be restored, beside the live data."""
    manifest = restore.verify(settings, file)
    print(f"{file} can be restored: counts, sums, numbers and the replay of the log agree.")
    print(_contents(manifest))
    return WELL


def bring_back(settings: Settings, file: Path, *, replace: bool, at: datetime) -> int:
    """Restore a backup into the place of the data."""
    manifest, aside = restore.restore(settings, file, replace=replace, at=at)
    print(f"Restored {file}. Everybody signs in again.\n{_contents(manifest)}")
    if aside:
        print(f"What was there before is kept in {aside}. Delete it when it is not needed.")
    return WELL


def _contents(manifest: Manifest) -> str:
    rows = sum(table.tally.rows for table in manifest.tables.values())
    numbers = ", ".join(f"school {i} to {last:,}" for i, last in sorted(manifest.schools.items()))
    return (
        f"Of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC by Corridor {manifest.corridor}:"
        f" {len(manifest.tables)} tables, {rows:,} rows; logs: {numbers or 'none'}."
    )


def verify_log() -> int:
    """Check the logs of all schools against themselves and against passes and classes."""
    problems = 0
    with snapshot(connection):
        events = events_in_all(connection)
        with Progress("Verifying", events) as progress:
            for wrong in wrong_in_all(connection, progress.add):
                print(wrong)
                problems += 1
    if problems:
        print(f"{problems} things are wrong in {events:,} events.")
        return NOT_WELL
    print(
        f"{events:,} events: numbers without a gap, every one readable,"
        " passes and classes as in the log."
    )
    return WELL


def purge_all(at: datetime, *, dry_run: bool) -> int:
    """Forget what is too old in every school, or (dry run) only say what would go."""
    found = [(school, purge.would_go(school.pk, at)) for school in School.objects.order_by("pk")]
    for school, old in found:
        print("\n".join(_going(school, old, would="would lose" if dry_run else "loses")))
    if dry_run:
        return WELL
    total = sum(old.count for _, old in found)
    with Progress("Purging", total) as progress:
        for school, _ in found:
            purge.purge(school.pk, at, progress.add)
    print(f"Deleted {purge.purge_sign_ins(at)} sign-ins that were over.")
    return WELL


def _going(school: School, old: purge.WouldGo, *, would: str) -> Iterable[str]:
    if old.is_nothing:
        yield f"{school.name}: nothing is too old."
    if old.events:
        yield (
            f"{school.name}: events {old.first:,} to {old.last:,} and {old.passes:,} passes"
            f" {would} names and texts:"
        )
        yield from (f"    {count:>9,} {name}" for name, count in old.events.items())
    if old.sessions:
        yield f"{school.name}: {old.sessions:,} classes that are over {would} names and texts."
    if old.accounts:
        yield f"{school.name}: {len(old.accounts):,} closed accounts {would} name and address:"
        yield from (f"    {name}" for name in old.accounts)
