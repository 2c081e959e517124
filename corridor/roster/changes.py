"""Change what a school decides for itself: settings, locations, the freeze."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from corridor.live.events import Who
from corridor.live.log import Turn, keep_settings, record
from corridor.roster import absences, events
from corridor.roster.absences import Absence
from corridor.roster.bells import NO_SCHOOL, AroundBell, Bells, Schedule, with_days
from corridor.roster.classroom_settings import ClassroomSettings
from corridor.roster.models import Location
from corridor.roster.places import NameTaken, is_taken
from corridor.roster.settings import (
    FIRST_DAY,
    LAST_DAY,
    BlockingWindow,
    Freeze,
    LastChange,
    Limits,
    SchoolSettings,
    encode,
    settings_in,
    with_changes,
)


class Impossible(ValueError):
    """The changes together make no sense; the text says which and what to do."""


def check_day(day: date) -> None:
    """A day that the school names lies in the years of its calendar. Raises `Impossible`."""
    if not FIRST_DAY <= day <= LAST_DAY:
        years = {"first": FIRST_DAY.year, "last": LAST_DAY.year}
        raise Impossible(_("Choose a day between %(first)s and %(last)s.") % years)


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
        if isinstance(value, date):
            check_day(value)
    told = {name: (_shown(getattr(before, name)), _shown(v)) for name, v in different.items()}
    changed = before.changed | dict.fromkeys(different, LastChange(by.name, at))
    after = msgspec.structs.replace(before, **different, changed=changed)
    keep_settings(tx, encode(after))
    event = events.SettingsChanged(school_id=tx.school_id, changes=told, by=by, at=at)
    record(tx, event)
    return after


def change_classroom(
    tx: Turn, changes: Mapping[str, Any], *, by: Who, at: datetime
) -> ClassroomSettings:
    """Change some of what the school decides about Classroom, as `change_settings` does.

    Raises `Impossible` for hours that end before they begin.
    """
    school = settings_in(tx)
    before = school.classroom
    different = {k: v for k, v in changes.items() if getattr(before, k) != v}
    if not different:
        return before
    after = msgspec.structs.replace(before, **different)
    if after.begins is not None and after.ends is not None and after.begins >= after.ends:
        raise Impossible(_("The hours end before they begin."))
    told = {
        f"classroom.{name}": (_shown(getattr(before, name)), _shown(v))
        for name, v in different.items()
    }
    changed = school.changed | dict.fromkeys(told, LastChange(by.name, at))
    keep_settings(tx, encode(msgspec.structs.replace(school, classroom=after, changed=changed)))
    record(tx, events.SettingsChanged(school_id=tx.school_id, changes=told, by=by, at=at))
    return after


def freeze_school(tx: Turn, *, text: str, by: Who, at: datetime) -> None:
    """An emergency: from now on no passes begin and none is approved. Twice is once."""
    before = settings_in(tx)
    if before.frozen is not None:
        return
    frozen = Freeze(at, by.name, text.strip()[:200])
    keep_settings(tx, encode(msgspec.structs.replace(before, frozen=frozen)))
    record(tx, events.SchoolFrozen(school_id=tx.school_id, text=frozen.text, by=by, at=at))


def change_freeze_text(tx: Turn, *, text: str, by: Who, at: datetime) -> None:
    """Other words for the emergency that holds: since when and by whom stays.

    Nothing happens when the school is not frozen, or the words are the same.
    """
    before = settings_in(tx)
    if before.frozen is None or before.frozen.text == text.strip()[:200]:
        return
    frozen = msgspec.structs.replace(before.frozen, text=text.strip()[:200])
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
    """Change some fields of a location of this school; who changed each last is kept with it.

    The others stay as they are now, whenever it was read. Raises `NameTaken`.
    """
    location.refresh_from_db()
    different = {k: v for k, v in changes.items() if getattr(location, k) != v}
    if not different:
        return location
    if "name" in different and is_taken(tx.school_id, different["name"], but=location.pk):
        raise NameTaken(different["name"])
    told = {k: (_shown(getattr(location, k)), _shown(v)) for k, v in different.items()}
    for name, value in different.items():
        setattr(location, name, value)
    location.changed = with_changes(location.changed, different, by=by.name, at=at)
    location.save(update_fields=[*different, "changed"])
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
    location.refresh_from_db()
    local = at.astimezone(settings_in(tx).zone)
    absence = msgspec.structs.replace(absence, by=by.name, account_id=by.account_id)
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
    location.refresh_from_db()
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
    settings = settings_in(tx)
    kept = tuple(found for found in settings.blocking if key_of(found) != key)
    around = tuple(found for found in settings.around_bell if key_of(found) != key)
    change_settings(tx, {"blocking": kept, "around_bell": around}, by=by, at=at)


def block_around_bell(tx: Turn, around: AroundBell, *, by: Who, at: datetime) -> None:
    """Students get no passes in these minutes of each period. Raises `Impossible` for none."""
    if around.first_minutes <= 0 and around.last_minutes <= 0:
        raise Impossible(_("Say for how many minutes, at the beginning or at the end of a period."))
    known = settings_in(tx).around_bell
    if around not in known:
        change_settings(tx, {"around_bell": (*known, around)}, by=by, at=at)


def keep_schedule(tx: Turn, schedule: Schedule, *, named: str = "", by: Who, at: datetime) -> None:
    """A new bell schedule, or the one that was `named` so far, with other periods or a new name.

    Days and weekdays follow a new name. Raises `Impossible` for a schedule without a name or with
    one that another has, and for periods that are not in order.
    """
    bells = settings_in(tx).bells
    _check_schedule(schedule, {one.name for one in bells.schedules} - {named})
    others = tuple(schedule if one.name == named else one for one in bells.schedules)
    kept = others if bells.named(named) else (*bells.schedules, schedule)
    renamed = {named: schedule.name} if named else {}
    after = msgspec.structs.replace(
        bells,
        schedules=kept,
        week=tuple(renamed.get(name, name) for name in bells.week),
        days=tuple(
            msgspec.structs.replace(one, schedule=renamed.get(one.schedule, one.schedule))
            for one in bells.days
        ),
    )
    change_settings(tx, {"bells": after}, by=by, at=at)


def remove_schedule(tx: Turn, name: str, *, by: Who, at: datetime) -> None:
    """A bell schedule is there no more; twice is once. Raises `Impossible` while a day needs it."""
    bells = settings_in(tx).bells
    today = at.astimezone(settings_in(tx).zone).date()
    if name in bells.week or any(one.schedule == name and one.last >= today for one in bells.days):
        text = _("“%(name)s” is still in the week or in the calendar. Choose another there first.")
        raise Impossible(text % {"name": name})
    schedules = tuple(one for one in bells.schedules if one.name != name)
    after = msgspec.structs.replace(bells, schedules=schedules)
    change_settings(tx, {"bells": after}, by=by, at=at)


def set_week(tx: Turn, week: tuple[str, ...], *, by: Who, at: datetime) -> None:
    """Which schedule each weekday has, Monday first. Raises `Impossible` for an unknown one."""
    bells = settings_in(tx).bells
    for name in week:
        _check_known(bells, name)
    change_settings(tx, {"bells": msgspec.structs.replace(bells, week=week)}, by=by, at=at)


def set_days(
    tx: Turn, first: date, last: date, schedule: str | None, *, by: Who, at: datetime
) -> None:
    """Some days have this schedule (`NO_SCHOOL`: none; None: what the week says).

    What the calendar says of days more than a year ago is forgotten: passes know their period.
    Raises `Impossible` for an unknown schedule, days in the wrong order, or too many at once.
    """
    settings = settings_in(tx)
    if last < first:
        raise Impossible(_("The last day is before the first."))
    if last - first > _LONGEST:
        raise Impossible(_("At most a year at once."))
    if schedule is not None:
        _check_known(settings.bells, schedule)
    bells = with_days(settings.bells, first, last, schedule)
    if bells == settings.bells:
        return
    long_ago = at.astimezone(settings.zone).date() - _LONGEST
    days = tuple(one for one in bells.days if one.last >= long_ago)
    bells = msgspec.structs.replace(bells, days=days)
    changed = settings.changed | {"days": LastChange(by.name, at)}
    keep_settings(tx, encode(msgspec.structs.replace(settings, bells=bells, changed=changed)))
    event = events.SchoolDaysSet(
        school_id=tx.school_id, first_day=first, last_day=last, schedule=schedule, by=by, at=at
    )
    record(tx, event)


_LONGEST = timedelta(days=366)


def _check_schedule(schedule: Schedule, taken: set[str]) -> None:
    if not schedule.name:
        raise Impossible(_("Give the schedule a name."))
    if schedule.name in taken:
        raise Impossible(_("There is a schedule of this name already."))
    if not schedule.periods:
        raise Impossible(_("A schedule has at least one period."))
    for period in schedule.periods:
        if period.begins >= period.ends:
            raise Impossible(_("“%(name)s” ends before it begins.") % {"name": period.name})
    for before, after in pairwise(schedule.periods):
        if after.begins < before.ends:
            names = {"before": before.name, "after": after.name}
            raise Impossible(_("“%(after)s” begins before “%(before)s” is over.") % names)


def _check_known(bells: Bells, name: str) -> None:
    if name != NO_SCHOOL and bells.named(name) is None:
        raise Impossible(_("There is no schedule of this name any more."))


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


def reopen_location(tx: Turn, location: Location, *, by: Who, at: datetime) -> None:
    """Take an archived location back into use, as it was. Twice is once. Raises `NameTaken`."""
    if location.archived_at is None:
        return
    if is_taken(tx.school_id, location.name):
        raise NameTaken(location.name)
    location.archived_at = None
    location.save(update_fields=["archived_at"])
    event = events.LocationOpened(
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
    of_periods = [settings.limits.period, *(one.period for one in settings.grade_limits.values())]
    if not settings.bells.schedules and (
        settings.around_bell or any(limit is not None for limit in of_periods)
    ):
        found.append(_("There is a rule about periods but no bell schedule: it never holds."))
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
    """A longer time with a lower limit makes the limit of a shorter one idle."""
    found = []
    spans = (
        (_("period"), limits.period),
        (_("day"), limits.day),
        (_("week"), limits.week),
        (_("term"), limits.term),
    )
    for (short, lower), (long, upper) in pairwise(spans):
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
