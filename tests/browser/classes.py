"""What the office of the browser tests does in Classroom: people, classes, and acting in them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from corridor import clock
from corridor.accounts.actors import Actor, ClassroomActor
from corridor.accounts.classes import change_roster, keep_group, open_class, set_teachers
from corridor.accounts.classroom_people import open_classroom_account
from corridor.accounts.models import ClassroomAccount, ClassTeacher
from corridor.accounts.permissions import permissions_of
from corridor.classroom import queries, shelf
from corridor.classroom.answers import Said
from corridor.classroom.cards import Arguments, Options
from corridor.classroom.commands import answer_command, send_command
from corridor.classroom.participants import raise_hand, write_message
from corridor.classroom.sessions import Chosen, start_session, stop_session
from corridor.live.log import turn
from corridor.roster.changes import change_classroom
from corridor.roster.models import SchoolClass
from corridor.roster.schools import settings_of

ADULTS = (
    ("rivera", "teacher", "Rosa Rivera", "Ms. Rivera"),
    ("okafor", "teacher", "Obi Okafor", "Mr. Okafor"),
    ("dana", "organisation_admin", "Dana Whitfield", "Ms. Whitfield"),
)
STUDENTS = ("Ana Lopez", "Ben Carter", "Cam Nguyen")


class ClassOffice:
    """Orders about Classroom; `id` is the school, `ending` how the addresses end."""

    id: int
    ending: str

    def open_classes(self, names: Sequence[str] = ()) -> dict[str, int]:
        """Ms. Rivera's English 2 with Mr. Okafor: Ana, Ben, Cam and these. His Algebra: Ana, Ben.

        Answers the numbers of the classes.
        """
        for key, role, name, shown in ADULTS:
            self._open_classroom(key, role, name, shown)
        students = [*STUDENTS, *names]
        for name in students:
            self._open_classroom(_key(name), "student", name)
        english = self._open_class("English 2", "rivera", [_key(name) for name in students], "3")
        algebra = self._open_class("Algebra 1", "okafor", ["ana", "ben"])
        with turn(self.id) as tx:
            set_teachers(
                tx, SchoolClass.objects.get(pk=english), lead_id=self._in("rivera").pk,
                co_teacher_ids=[self._in("okafor").pk], by=self._clerk(), at=clock.now(),
            )  # fmt: skip
        return {"english": english, "algebra": algebra}

    def integrate(self, *, on: bool = True) -> None:
        """An admin of Classroom switches the Pass integration on or off."""
        with turn(self.id) as tx:
            change_classroom(tx, {"pass_integration": on}, by=self._clerk().who, at=clock.now())

    def group(self, class_id: int, name: str, students: Sequence[str]) -> None:
        """A group of the class."""
        with turn(self.id) as tx:
            keep_group(
                tx, SchoolClass.objects.get(pk=class_id), name=name,
                student_ids=[self._in(key).pk for key in students], by=self._clerk(),
                at=clock.now(),
            )  # fmt: skip

    def start_class(
        self, class_id: int, by: str, minutes: float = 50, left_out: Sequence[str] = (),
        take_over: Sequence[str] = (), **options: Any,
    ) -> int:  # fmt: skip
        """A class begins; its session's number."""
        at = clock.now()
        chosen = Chosen(left_out=self._ids(left_out), take_over=self._ids(take_over))
        with turn(self.id) as tx:
            return start_session(
                tx, class_id=class_id, ends_at=at + timedelta(minutes=minutes),
                options=Options(**options), chosen=chosen, by=self._acting(by), at=at,
            ).id  # fmt: skip

    def stop_class(self, session_id: int, by: str) -> None:
        """A class is over."""
        with turn(self.id) as tx:
            stop_session(tx, session_id=session_id, by=self._acting(by), at=clock.now())

    def command(
        self, session_id: int, kind: str, students: Sequence[str], by: str, seconds: float = 0,
        **says: Any,
    ) -> int:  # fmt: skip
        """An adult asks something of students' devices (for so long); the command's number."""
        if seconds:
            says["until"] = clock.now() + timedelta(seconds=seconds)
        with turn(self.id) as tx:
            return send_command(
                tx, kind, session_id=session_id, student_ids=sorted(self._ids(students)),
                says=Arguments(**says), by=self._acting(by), at=clock.now(),
            ).id  # fmt: skip

    def answer(self, session_id: int, student: str, why: str = "") -> None:
        """A student's device answers what it was asked last."""
        card = shelf.commands(self.id, session_id)[-1]
        device = Actor(None, self.id, "device", "", "agent")
        with turn(self.id) as tx:
            answer_command(
                tx, command_id=card.id, said={self._in(student).pk: [Said(why)]}, by=device,
                at=clock.now(),
            )  # fmt: skip

    def raise_hand(self, student: str) -> None:
        """A student raises a hand."""
        with turn(self.id) as tx:
            raise_hand(tx, by=self._acting(student), at=clock.now())

    def write(self, student: str, text: str) -> None:
        """A student writes to the teachers."""
        with turn(self.id) as tx:
            write_message(tx, text=text, by=self._acting(student), at=clock.now())

    def results(self, command_id: int) -> dict[str, list[str]]:
        """What became of a command at each student, by the given name."""
        card = shelf.command(self.id, command_id)
        return {_key(one.student.name): [one.result, one.why] for one in card.recipients}

    def said_by(self, session_id: int, student: str) -> list[str]:
        """What a student wrote in a class."""
        lines = queries.conversation(self.id, session_id, self._in(student).pk)
        return [line.text for line in lines if line.by_student]

    def has_hand_up(self, session_id: int, student: str) -> bool:
        """Whether a student's hand is up."""
        rows = queries.console(self.id, session_id).participants
        return any(
            row.hand_raised_at is not None for row in rows if _key(row.student.name) == student
        )

    def held(self, session_id: int) -> list[str]:
        """The names of those whom a session holds."""
        found = shelf.participants(self.id, session_id)
        return sorted(row.student.name for row in found if row.is_in)

    def restrictions(self, session_id: int) -> dict[str, list[str]]:
        """What each student's device is held to."""
        found = queries.console(self.id, session_id).participants
        return {
            row.student.name: [lease.kind for lease in row.restrictions]
            for row in found
            if row.restrictions
        }

    def _open_classroom(self, key: str, role: str, name: str, shown: str = "") -> None:
        given, _, family = name.partition(" ")
        with turn(self.id) as tx:
            open_classroom_account(
                tx, email=key + self.ending, role=role, given_name=given, family_name=family,
                display_name=shown or name, by=self._clerk(), at=clock.now(),
            )  # fmt: skip

    def _open_class(self, name: str, lead: str, students: Sequence[str], period: str = "") -> int:
        with turn(self.id) as tx:
            made = open_class(
                tx, name=name, period=period, lead_id=self._in(lead).pk, by=self._clerk(),
                at=clock.now(),
            )  # fmt: skip
            change_roster(tx, made, add=self._ids(students), by=self._clerk(), at=clock.now())
        return int(made.pk)

    def _in(self, key: str) -> ClassroomAccount:
        return ClassroomAccount.objects.get(school_id=self.id, email=key + self.ending)

    def _ids(self, keys: Sequence[str]) -> frozenset[int]:
        return frozenset(self._in(key).pk for key in keys)

    def _acting(self, key: str) -> ClassroomActor:
        account = self._in(key)
        taught = ClassTeacher.objects.filter(account=account)
        settings = settings_of(self.id).classroom
        return ClassroomActor(
            account.pk, self.id, account.role, account.display_name, "console",
            class_ids=frozenset(taught.values_list("school_class_id", flat=True)),
            permissions=permissions_of(account.role, settings),
        )  # fmt: skip

    def _clerk(self) -> Actor:
        return Actor(None, self.id, "admin", "The office", "tests")


def _key(name: str) -> str:
    return name.split()[0].lower().encode("ascii", "ignore").decode()
