"""Who acts in an operation: a signed-in person, or the clock."""

import msgspec

from corridor.live.events import Who

ADULTS = ("teacher", "staff", "admin")


class Actor(msgspec.Struct, frozen=True):
    """Who acts, with what the moves table asks of them.

    `location_ids` are the adult's personal location and "My locations"; empty for a student.
    `face` is the part of the product the press came from. `acted_by` is the organisation admin who
    acts as this person (`corridor.accounts.acting`), by Classroom account and name.
    """

    account_id: int | None
    school_id: int
    role: str
    name: str
    face: str
    location_ids: frozenset[int] = frozenset()
    acted_by: tuple[int, str] | None = None

    @property
    def is_adult(self) -> bool:
        """Teacher, staff or admin."""
        return self.role in ADULTS

    @property
    def who(self) -> Who:
        """How the log names this actor."""
        kind = "adult" if self.is_adult else self.role
        if self.acted_by is None:
            return Who(self.account_id, self.name, kind, self.face)
        really_id, really = self.acted_by
        return Who(self.account_id, self.name, kind, self.face, really, really_id)


class ClassroomActor(Actor, frozen=True):
    """Who acts in Classroom. The account is a `ClassroomAccount`: its ids are not those of Pass.

    `class_ids` are the classes the adult teaches; `permissions` is what the role may do in this
    school (`corridor.accounts.permissions`).
    """

    class_ids: frozenset[int] = frozenset()
    permissions: frozenset[str] = frozenset()

    @property
    def is_adult(self) -> bool:
        """Everybody but students."""
        return self.role != "student"

    def may(self, function: str) -> bool:
        """Whether this actor's role has a function."""
        return function in self.permissions

    def leads(self, class_id: int) -> bool:
        """Whether this actor may start this class and act in it."""
        return "lead" in self.permissions and (
            class_id in self.class_ids or "all_classes" in self.permissions
        )


def clock_of(school_id: int) -> Actor:
    """The clock of a school, which expires, marks and ends passes."""
    return Actor(None, school_id, "clock", "", "clock")
