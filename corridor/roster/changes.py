"""Change what a school decides for itself: settings, locations, the freeze."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from corridor.live.events import Who
from corridor.live.log import Turn, keep_settings, record
from corridor.roster import events
from corridor.roster.models import Location
from corridor.roster.settings import Freeze, LastChange, SchoolSettings, encode, settings_in


class Impossible(ValueError):
    """The changes together make no sense; the text says which and what to do."""


def change_settings(
    tx: Turn, changes: Mapping[str, Any], *, by: Who, at: datetime
) -> SchoolSettings:
    """Change some of the school's settings; who changed each last is kept with it.

    What is equal to what is there changes nothing and records nothing. Raises `Impossible` for a
    value that no setting takes.
    """
    before = settings_in(tx)
    different = {k: v for k, v in changes.items() if getattr(before, k) != v}
    if not different:
        return before
    for name, value in different.items():
        if isinstance(value, int) and value < 0:
            raise Impossible(f"{name} cannot be less than 0.")
    told = {name: (_shown(getattr(before, name)), _shown(v)) for name, v in different.items()}
    changed = before.changed | dict.fromkeys(different, LastChange(by.name, at))
    after = msgspec.structs.replace(before, **different, changed=changed)
    keep_settings(tx, encode(after))
    event = events.SettingsChanged(school_id=tx.school_id, changes=told, by=by, at=at)
    record(tx, event)
    return after


def freeze_school(tx: Turn, *, text: str, by: Who, at: datetime) -> None:
    """An emergency: from now on no passes begin and none is approved. Twice is once."""
    before = settings_in(tx)
    if before.frozen is not None:
        return
    frozen = Freeze(at, by.name, text.strip()[:200])
    keep_settings(tx, encode(msgspec.structs.replace(before, frozen=frozen)))
    record(tx, events.SchoolFrozen(school_id=tx.school_id, text=frozen.text, by=by, at=at))


def unfreeze_school(tx: Turn, *, by: Who, at: datetime) -> None:
    """The emergency is over. Twice is once."""
    before = settings_in(tx)
    if before.frozen is None:
        return
    keep_settings(tx, encode(msgspec.structs.replace(before, frozen=None)))
    record(tx, events.SchoolUnfrozen(school_id=tx.school_id, by=by, at=at))


def change_location(
    tx: Turn, location: Location, changes: Mapping[str, Any], *, by: Who, at: datetime
) -> Location:
    """Change some fields of a location of this school."""
    different = {k: v for k, v in changes.items() if getattr(location, k) != v}
    if not different:
        return location
    told = {k: (_shown(getattr(location, k)), _shown(v)) for k, v in different.items()}
    for name, value in different.items():
        setattr(location, name, value)
    location.save(update_fields=list(different))
    event = events.LocationChanged(
        school_id=tx.school_id,
        location_id=location.pk,
        name_shown=location.name,
        changes=told,
        by=by,
        at=at,
    )
    record(tx, event)
    return location


def archive_location(tx: Turn, location: Location, *, by: Who, at: datetime) -> None:
    """Take a location out of use. Its passes and their history stay."""
    if location.archived_at is not None:
        return
    location.archived_at = at
    location.save(update_fields=["archived_at"])
    event = events.LocationArchived(
        school_id=tx.school_id, location_id=location.pk, name_shown=location.name, by=by, at=at
    )
    record(tx, event)


def conflicts(settings: SchoolSettings) -> list[str]:
    """Settings that work against each other, each as a sentence; nothing is resolved silently."""
    found = []
    if settings.long_running >= settings.system_end:
        found.append(
            f"Long running ({settings.long_running} min) is not before system end"
            f" ({settings.system_end} min): passes never turn yellow in time."
        )
    limits = settings.limits
    if limits.day is not None and limits.week is not None and limits.week < limits.day:
        found.append(
            f"The weekly limit ({limits.week}) is below the daily limit ({limits.day}): the daily"
            " one never counts."
        )
    if limits.term is not None and settings.term_begins is None:
        found.append("There is a term limit but no first day of the term: it counts from today.")
    if settings.building_limit == 0:
        found.append("The building limit is 0: no student can ask for a pass.")
    for window in settings.blocking:
        if window.begins >= window.ends:
            found.append(f"The blocked time “{window.name}” ends before it begins: it never holds.")
        if window.last_day and window.first_day and window.last_day < window.first_day:
            found.append(f"The last day of “{window.name}” is before its first: it never holds.")
    if settings.cooldown > 24 * 60:
        found.append("The cooldown is longer than a day.")
    return found


def _shown(value: Any) -> str:
    return "" if value is None else msgspec.json.encode(value).decode().strip('"')
