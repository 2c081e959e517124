"""The cast of the demonstration: the people one can be with one press."""

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Member(NamedTuple):
    """One of the cast: a key for the button, the address, who they are, what to try."""

    key: str
    name: str
    role_line: str | Promise
    hint: str | Promise

    @property
    def email(self) -> str:
        """The address that the seeded school gives this person."""
        return f"{self.key}@demo.corridor.example"


CAST: Final = (
    Member("ana", "Ana Lopez", _("Student, grade 9"), _("Ask to see the nurse.")),
    Member("ben", "Ben Carter", _("Student, grade 10"), _("Has used every pass of the day.")),
    Member("cam", "Cam Nguyen", _("Student, grade 10"), _("Another student to try with.")),
    Member("rivera", "Ms. Rivera", _("Teacher, room 204"), _("Answer Ana with one press.")),
    Member("okafor", "Mr. Okafor", _("Teacher, room 118"), _("A second teacher.")),
    Member("ito", "Nurse Ito", _("Staff, nurse"), _("See who is on the way and who arrived.")),
    Member("dana", "Dana Whitfield", _("Admin"), _("See the whole building.")),
    Member("eli", "Eli Marsh", _("Student of another school"), _("Must see nothing of this one.")),
)
