"""Change what a school decides for itself: settings, locations, the freeze."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from corridor.live.events import Who
from corridor.live.log import Turn, keep_settings, record
from corridor.roster import absences, events
from corridor.roster.absences import Absence
from corridor.roster.models import Location
from corridor.roster.places import NameTaken, is_taken
from corridor.roster.settings import (
    BlockingWindow,
    Freeze,
    LastChange,
    Limits,
    SchoolSettings,
    encode,
    settings_in,
)


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
            raise Impossible(_("%(name)s cannot be less than 0.") % {"name": name})
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
    """Change some fields of a location of this school. Raises `NameTaken`."""
    different = {k: v for k, v in changes.items() if getattr(location, k) != v}
    if not different:
        return location
    if "name" in different and is_taken(tx.school_id, different["name"], but=location.pk):
        raise NameTaken(different["name"])
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


def add_absence(
    tx: Turn, location: Location, absence: Absence, *, by: Who, at: datetime
) -> Location:
    """A location is out of office at this time too; what is over is forgotten.

    Raises `Impossible` for one that ends before it begins, or never holds.
    """
    local = at.astimezone(settings_in(tx).zone)
    if absence.begins >= absence.ends:
        raise Impossible(_("It ends before it begins."))
    if absences.is_over(absence, local):
        raise Impossible(_("This time is over already."))
    known = absences.read(location.absences)
    kept = [found for found in known if not absences.is_over(found, local)]
    if absence in kept:
        return location
    changes = {"absences": absences.write((*kept, absence))}
    return change_location(tx, location, changes, by=by, at=at)


def end_absence(tx: Turn, location: Location, key: str, *, by: Who, at: datetime) -> Location:
    """An out-of-office time is over, or will not be; twice is once."""
    kept = tuple(found for found in absences.read(location.absences) if key_of(found) != key)
    return change_location(tx, location, {"absences": absences.write(kept)}, by=by, at=at)


def block_time(tx: Turn, window: BlockingWindow, *, by: Who, at: datetime) -> None:
    """Students get no passes in this window either. Raises `Impossible` for one without time."""
    if window.begins >= window.ends:
        raise Impossible(_("It ends before it begins."))
    known = settings_in(tx).blocking
    if window not in known:
        change_settings(tx, {"blocking": (*known, window)}, by=by, at=at)


def unblock_time(tx: Turn, key: str, *, by: Who, at: datetime) -> None:
    """A blocked time is blocked no more; twice is once."""
    kept = tuple(found for found in settings_in(tx).blocking if key_of(found) != key)
    change_settings(tx, {"blocking": kept}, by=by, at=at)


def key_of(thing: msgspec.Struct) -> str:
    """A short name for one of a list of things that have no id: the same for equal things."""
    return hashlib.sha256(msgspec.json.encode(thing)).hexdigest()[:16]


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
        text = _(
            "Long running (%(long)s min) is not before system end (%(end)s min): no pass turns"
            " yellow before it is ended."
        )
        found.append(text % {"long": settings.long_running, "end": settings.system_end})
    for who, limits in (("", settings.limits), *settings.grade_limits.items()):
        found.extend(_conflicts_of(limits, who))
    has_term = [settings.limits.term, *(one.term for one in settings.grade_limits.values())]
    if settings.term_begins is None and any(limit is not None for limit in has_term):
        found.append(_("There is a term limit but no first day of the term: it counts each day."))
    if settings.building_limit == 0:
        found.append(_("The building limit is 0: no student can ask for a pass."))
    if settings.building_limit is not None and not settings.building_counts:
        found.append(_("The building limit counts no kind of pass: it never holds."))
    for window in settings.blocking:
        if window.last_day and window.first_day and window.last_day < window.first_day:
            text = _("The last day of “%(name)s” is before its first: it never holds.")
            found.append(text % {"name": window.name})
        if not window.weekdays:
            found.append(_("“%(name)s” has no weekday: it never holds.") % {"name": window.name})
    if settings.cooldown > 24 * 60:
        found.append(_("The cooldown is longer than a day."))
    return found


def _conflicts_of(limits: Limits, grade: str) -> list[str]:
    """Of a day, a week and a term, a longer time with a lower limit makes the shorter one idle."""
    found = []
    spans = ((_("day"), limits.day), (_("week"), limits.week), (_("term"), limits.term))
    for (short, lower), (long, upper) in ((spans[0], spans[1]), (spans[1], spans[2])):
        if lower is not None and upper is not None and upper < lower:
            facts = {"long": long, "upper": upper, "short": short, "lower": lower, "grade": grade}
            text = _(
                "The limit of a %(long)s (%(upper)s) is below that of a %(short)s (%(lower)s),"
                " which never counts."
            )
            of_grade = _("Grade %(grade)s: ") if grade else ""
            found.append(of_grade % facts + text % facts)
    return found


def _shown(value: Any) -> str:
    return "" if value is None else msgspec.json.encode(value).decode().strip('"')
