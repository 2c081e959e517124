"""The ways of saying no in Classroom; the words stand in `corridor.classroom.words`."""

from corridor.classroom.cards import SessionCard
from corridor.live.log import StillRecorded


class NotFound(LookupError):
    """There is no such thing in this school."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NotAllowed(Exception):
    """This person may not do this."""


class Stale(StillRecorded):
    """It came too late: the session is over; `card` is what it is now."""

    def __init__(self, card: SessionCard) -> None:
        super().__init__(card.state)
        self.card = card


class Refused(Exception):
    """It cannot be done as asked: why (a code), and the facts for its sentence.

    `field` is what of the asking is wrong; empty where nothing of it is, only the moment.
    """

    def __init__(self, code: str, *, field: str = "", **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.facts = facts
