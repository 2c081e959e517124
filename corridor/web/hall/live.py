"""What the stream of a phone in a corridor hears and draws."""

from typing import TYPE_CHECKING

from corridor.accounts.signins import SignedIn
from corridor.live import topics
from corridor.passes import moves
from corridor.passes.cards import PassCard
from corridor.web import fragments

if TYPE_CHECKING:
    from corridor.web.stream import Stream


class HallFace:
    """The hall monitor's list: the whole building."""

    def topics(self, signed: SignedIn, scope: str) -> frozenset[str]:
        """The building, the person's account, and what everybody must hear."""
        return frozenset(
            {
                topics.school(signed.school_id),
                topics.account(signed.account_id),
                topics.everybody(signed.school_id),
            }
        )

    def draw(self, stream: "Stream", card: PassCard) -> str | None:
        """The row, as it looks to people who are this to the pass; none for who never went."""
        # An approval that was taken back has left no start, but it has brought the row.
        if card.started_at is None and not any(step.what == "undone" for step in card.stamps):
            return None
        settings = stream.signed.settings
        if not stream.may_read(card):
            return fragments.gone(card, settings, stream.language)
        actor = stream.signed.acting("hall")
        who = moves.relations(card, actor, hall_ends=settings.hall_ends)
        return fragments.hall_row(card, who, settings, stream.language)
