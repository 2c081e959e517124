"""The states of a pass and the words for them."""

from typing import Final

WAITING: Final = "waiting"
QUEUED: Final = "queued"
ON_THE_WAY: Final = "on_the_way"
ARRIVED: Final = "arrived"
RETURNING: Final = "returning"
ENDED: Final = "ended"
CANCELLED: Final = "cancelled"
WITHDRAWN: Final = "withdrawn"
EXPIRED: Final = "expired"
SYSTEM_ENDED: Final = "system_ended"
# Of appointments: not yet passes anybody may go on, and one whose time went by.
AWAITING: Final = "awaiting_confirmation"
SCHEDULED: Final = "scheduled"
MISSED: Final = "missed"

# A student has at most one pass in these states; a partial unique index holds it.
OPEN: Final = frozenset({QUEUED, WAITING, ON_THE_WAY, ARRIVED, RETURNING})
# Arranged for later: neither open nor over.
COMING: Final = frozenset({AWAITING, SCHEDULED})
# The student is out of the room.
OUT: Final = frozenset({ON_THE_WAY, ARRIVED, RETURNING})
# Takes one of the building's places: a request holds its place while it waits.
IN_BUILDING: Final = OUT | {WAITING}
# Takes one of the destination's places: whoever returns has left it.
AT_DESTINATION: Final = frozenset({WAITING, ON_THE_WAY, ARRIVED})

# The student has been out and is back; when, may be wrong.
CORRECTABLE: Final = frozenset({ENDED, SYSTEM_ENDED})

LONG_RUNNING: Final = "long_running"
OVERRIDDEN: Final = "overridden"
EDITED: Final = "edited"
# The student started, or stopped, the pass by Auto Pass; both read "A".
AUTO_START: Final = "auto_start"
AUTO_STOP: Final = "auto_stop"
MARKS: Final = frozenset({LONG_RUNNING, OVERRIDDEN, EDITED, AUTO_START, AUTO_STOP})


def gettext_noop(text: str) -> str:
    """Marks a text for translation without knowing who translates."""
    return text


WORDS: Final = {
    WAITING: gettext_noop("Waiting approval"),
    QUEUED: gettext_noop("In queue"),
    ON_THE_WAY: gettext_noop("On the way"),
    ARRIVED: gettext_noop("Arrived"),
    RETURNING: gettext_noop("Returning"),
    ENDED: gettext_noop("Pass ended"),
    CANCELLED: gettext_noop("Cancelled"),
    WITHDRAWN: gettext_noop("Withdrawn"),
    EXPIRED: gettext_noop("Expired"),
    SYSTEM_ENDED: gettext_noop("System ended"),
    AWAITING: gettext_noop("Awaiting confirmation"),
    SCHEDULED: gettext_noop("Appointment"),
    MISSED: gettext_noop("Missed"),
    LONG_RUNNING: gettext_noop("Long running"),
    OVERRIDDEN: gettext_noop("Overridden"),
    EDITED: gettext_noop("Edited"),
    AUTO_START: gettext_noop("Started by Auto Pass"),
    AUTO_STOP: gettext_noop("Stopped by Auto Pass"),
}
