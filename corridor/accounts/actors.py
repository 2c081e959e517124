"""Who acts in an operation: a signed-in person, or the clock."""

import msgspec

from corridor.live.events import Who

ADULTS = ("teacher", "staff", "admin")


class Actor(msgspec.Struct, frozen=True):
    """Who acts, with what the moves table asks of them.

    `location_ids` are the adult's personal location and "My locations"; empty for a student.
    `face` is the part of the product the press came from.
    """

    account_id: int | None
    school_id: int
    role: str
    name: str
    face: str
    location_ids: frozenset[int] = frozenset()

    @property
    def is_adult(self) -> bool:
        """Teacher, staff or admin."""
        return self.role in ADULTS

    @property
    def who(self) -> Who:
        """How the log names this actor."""
        kind = "adult" if self.is_adult else self.role
        return Who(self.account_id, self.name, kind, self.face)


def clock_of(school_id: int) -> Actor:
    """The clock of a school, which expires, marks and ends passes."""
    return Actor(None, school_id, "clock", "", "clock")
