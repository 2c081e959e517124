"""What of Pass a page of Classroom hears: the one place that names its topics."""

import msgspec

from corridor.accounts.actors import Actor
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.integration.people import is_on, pass_actor_of
from corridor.live import topics
from corridor.live.events import Logged
from corridor.passes import events
from corridor.passes.cards import PassCard


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


def changes_all(event: Logged) -> bool:
    """Whether the page must be drawn afresh: the switch, or who its person is in Pass."""
    if event.name == "settings.changed":
        return '"classroom.pass_integration"' in event.body
    return event.name.startswith(("account.", "people."))
