"""What of Pass a page of Classroom hears: the one place that names its topics."""

from typing import Final

import msgspec

from corridor.accounts.actors import Actor
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.integration.people import is_on, pass_actor_of
from corridor.live import topics
from corridor.live.events import Logged
from corridor.passes import events
from corridor.passes.cards import PassCard

_SWITCH: Final = "classroom.pass_integration"


class Hearing(msgspec.Struct, frozen=True):
    """As whom in Pass this page hears, and on which topics; nobody where there is nothing to hear.

    `topics` are the places of the person, whose passes pop up and stand in the panel, and the
    person's own account in Pass: its places may change, or it may be closed.
    """

    actor: Actor | None = None

    @property
    def topics(self) -> frozenset[str]:
        """What to listen to beside the topics of the page."""
        actor = self.actor
        if actor is None or actor.account_id is None:
            return frozenset()
        own = {topics.account(actor.account_id)}
        return frozenset(own | {topics.location(place) for place in actor.location_ids})


def hearing_of(signed: ClassroomSignedIn) -> Hearing:
    """Of whoever is signed in to Classroom; asks the database.

    Nothing that is told to this person is told to an admin who acts as them.
    """
    hears = is_on(signed.settings) and signed.acted_by is None
    return Hearing(pass_actor_of(signed)) if hears else Hearing()


def card_in(event: Logged) -> PassCard | None:
    """The pass that this event is about, or None."""
    told = events.decode_logged(event)
    return told.card if isinstance(told, events.PassEvent) else None


def switched_in(event: Logged) -> bool | None:
    """Whether this event switches passes in Classroom on (True) or off (False); None: neither."""
    if event.name != "settings.changed" or _SWITCH not in event.body:
        return None
    _, after = msgspec.json.decode(event.body)["changes"][_SWITCH]
    return bool(after == "true")


def changes_all(event: Logged) -> bool:
    """Whether the page must be drawn afresh: the switch, or who its person is in Pass."""
    if event.name == "settings.changed":
        return switched_in(event) is not None
    return event.name.startswith(("account.", "people."))
