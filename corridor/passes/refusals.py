"""The four families of no, and the words of the rules."""

from datetime import datetime

import msgspec

from corridor.live.log import StillRecorded
from corridor.passes.cards import PassCard


class NotFound(LookupError):
    """There is no such thing in this school (or it is closed)."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NotAllowed(Exception):
    """This person may not do this."""


class Stale(StillRecorded):
    """The move came too late; `card` is what the pass is now."""

    def __init__(self, card: PassCard) -> None:
        super().__init__(card.state)
        self.card = card


class Refusal(msgspec.Struct, frozen=True):
    """Why a rule says no: its code, the facts for its words, and when it may work again.

    `again_at` is aware UTC; None when no time can be told. The words for the student and for the
    adult are made from the facts at the moment of reading, in the reader's language.
    """

    code: str
    facts: dict[str, str | int] = {}
    again_at: datetime | None = None


class Refused(StillRecorded):
    """The rules refuse; recorded, with words for the student and for the adult."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class NeedsOverride(Exception):
    """An adult's pass would break these rules; ask whether to create it all the same."""

    def __init__(self, broken: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusal.code for refusal in broken))
        self.broken = broken
