"""The hours in which a school holds classes: none begins or goes on outside them.

So devices are seen by nobody outside the hours: what is open on them is seen in a class only.
"""

from datetime import datetime

from corridor.accounts.actors import Actor
from corridor.classroom.ending import end_session, move_end
from corridor.classroom.queries import running_sessions
from corridor.classroom.refusals import Refused
from corridor.live.log import Turn
from corridor.roster.settings import SchoolSettings, settings_in


def end_of_hours(settings: SchoolSettings, at: datetime) -> datetime | None:
    """When the hours end on the school's day of this time; None: they have no end."""
    ends = settings.classroom.ends
    return None if ends is None else datetime.combine(_local(settings, at), ends, settings.zone)


def is_within(settings: SchoolSettings, at: datetime) -> bool:
    """Whether classes may run at this time."""
    begins, ends = settings.classroom.begins, end_of_hours(settings, at)
    has_begun = begins is None or _local(settings, at).time() >= begins
    return has_begun and (ends is None or at < ends)


def check_hours(settings: SchoolSettings, ends_at: datetime, at: datetime) -> None:
    """A class may run from this time to that one. Raises `Refused`."""
    hours, end = settings.classroom, end_of_hours(settings, at)
    if hours.begins is not None and _local(settings, at).time() < hours.begins:
        raise Refused("before_hours", begins=f"{hours.begins:%H:%M}")
    if end is not None and ends_at > end:
        raise Refused("after_hours", ends=f"{hours.ends:%H:%M}")


def obey_hours(tx: Turn, *, by: Actor, at: datetime) -> None:
    """The hours have become others: what runs outside them ends now, what runs longer earlier."""
    settings = settings_in(tx)
    for card in running_sessions(tx.school_id):
        end = end_of_hours(settings, at)
        if not is_within(settings, at):
            end_session(tx, card, by=by, at=at)
        elif end is not None and card.ends_at > end:
            move_end(tx, card, ends_at=end, by=by, at=at)


def _local(settings: SchoolSettings, at: datetime) -> datetime:
    return at.astimezone(settings.zone)
