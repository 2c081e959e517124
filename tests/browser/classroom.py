"""What the office of the browser tests does in Classroom."""

from datetime import timedelta
from typing import Any, Final

from corridor import clock
from corridor.accounts.actors import Actor, ClassroomActor
from corridor.accounts.classes import change_roster, open_class
from corridor.accounts.classroom_people import open_classroom_account
from corridor.accounts.models import ClassroomAccount, ClassTeacher
from corridor.accounts.permissions import permissions_of
from corridor.classroom import queries, shelf
from corridor.classroom.cards import Arguments, Options
from corridor.classroom.commands import send_command
from corridor.classroom.sessions import Chosen, start_session, stop_session
from corridor.live.log import turn
from corridor.roster.classroom_settings import ClassroomSettings

PEOPLE: Final = (
    ("rivera", "teacher", "Rosa Rivera", "Ms. Rivera"),
    ("ana", "student", "Ana Lopez", ""),
    ("ben", "student", "Ben Carter", ""),
    ("cam", "student", "Cam Nguyen", ""),
)


class ClassOffice:
    """Classes of the school opened last."""

    id = 0
    ending = ""
    class_id = 0
    session_id = 0

    def open_classroom(self) -> int:
        """Ms. Rivera teaches English 2 to Ana, Ben and Cam."""
        office = Actor(None, self.id, "admin", "Office", "setup")
        with turn(self.id) as tx:
            for key, role, name, shown in PEOPLE:
                given, family = name.split(" ")
                open_classroom_account(
                    tx, email=key + self.ending, role=role, given_name=given, family_name=family,
                    display_name=shown, by=office, at=clock.now(),
                )  # fmt: skip
            lead = self._in_class("rivera").pk
            made = open_class(
                tx, name="English 2", period="3", lead_id=lead, by=office, at=clock.now()
            )
            students = [self._in_class(key).pk for key in ("ana", "ben", "cam")]
            change_roster(tx, made, add=students, by=office, at=clock.now())
        self.class_id = made.pk
        return self.class_id

    def start_class(self, minutes: float = 50, **options: Any) -> int:
        """Ms. Rivera starts it."""
        with turn(self.id) as tx:
            card = start_session(
                tx, class_id=self.class_id, ends_at=clock.now() + timedelta(minutes=minutes),
                options=Options(**options), chosen=Chosen(), by=self._teacher(), at=clock.now(),
            )  # fmt: skip
        self.session_id = card.id
        return self.session_id

    def stop_class(self) -> None:
        """Ms. Rivera ends it."""
        with turn(self.id) as tx:
            stop_session(tx, session_id=self.session_id, by=self._teacher(), at=clock.now())

    def tell_class(self, kind: str, students: list[str], seconds: float = 0, **says: Any) -> int:
        """Ms. Rivera sends a command to students; the number of the command."""
        if seconds:
            says["until"] = clock.now() + timedelta(seconds=seconds)
        with turn(self.id) as tx:
            card = send_command(
                tx, kind, session_id=self.session_id, says=Arguments(**says), by=self._teacher(),
                student_ids=[self._in_class(key).pk for key in students], at=clock.now(),
            )  # fmt: skip
        return card.id

    def results(self, command: int) -> dict[str, list[str]]:
        """What became of a command, by the student's given name."""
        card = shelf.command(self.id, command)
        return {
            one.student.name.split(" ")[0].lower(): [one.result, one.why] for one in card.recipients
        }

    def in_class(self, key: str) -> dict[str, Any]:
        """What is kept of a student in the class."""
        student_id = self._in_class(key).pk
        rows = queries.console(self.id, self.session_id).participants
        row = next(one for one in rows if one.student.id == student_id)
        lines = queries.conversation(self.id, self.session_id, student_id)
        return {
            "hand": row.hand_raised_at is not None,
            "restrictions": [lease.kind for lease in row.restrictions],
            "wrote": [line.text for line in lines if line.by_student],
        }

    def _in_class(self, key: str) -> ClassroomAccount:
        return ClassroomAccount.objects.get(email=key + self.ending, school_id=self.id)

    def _teacher(self) -> ClassroomActor:
        account = self._in_class("rivera")
        taught = ClassTeacher.objects.filter(account=account)
        return ClassroomActor(
            account.pk, self.id, account.role, account.display_name, "console",
            class_ids=frozenset(taught.values_list("school_class_id", flat=True)),
            permissions=permissions_of(account.role, ClassroomSettings()),
        )  # fmt: skip
