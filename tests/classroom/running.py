"""Short ways to run classes in the school of `tests/school.py`."""

from datetime import datetime, timedelta
from typing import Any

from corridor.accounts.actors import ClassroomActor
from corridor.classroom import events, shelf, timers
from corridor.classroom.cards import Arguments, CommandCard, Options, ParticipantCard, SessionCard
from corridor.classroom.commands import send_command
from corridor.classroom.sessions import Chosen, start_session, stop_session
from corridor.live.log import read_log
from tests.school import School


class Classes:
    """The classes of the school: start them, ask things of students, look at their cards."""

    def __init__(self, school: School) -> None:
        self.school, self.people = school, school.classroom

    def start(
        self,
        class_id: int | None = None,
        *,
        by: ClassroomActor | None = None,
        minutes: float = 50,
        left_out: tuple[ClassroomActor, ...] = (),
        take_over: tuple[ClassroomActor, ...] = (),
        when_back: tuple[ClassroomActor, ...] = (),
        request_id: Any = None,
        **options: Any,
    ) -> SessionCard:
        """An adult (Ms. Rivera) starts a class (English 2) for 50 minutes."""
        chosen = Chosen(
            left_out=ids(*left_out), take_over=ids(*take_over), when_back=ids(*when_back)
        )
        return self.school.do(
            start_session, class_id=class_id or self.people.english,
            ends_at=self.school.clock.at + timedelta(minutes=minutes), options=Options(**options),
            chosen=chosen, by=by or self.people.rivera, request_id=request_id,
        )  # fmt: skip

    def algebra(self, **more: Any) -> SessionCard:
        """Mr. Okafor starts his own class: Ana and Lou."""
        return self.start(self.people.algebra, by=self.people.okafor, **more)

    def ask(
        self, kind: str, session: SessionCard, *students: ClassroomActor,
        by: ClassroomActor | None = None, request_id: Any = None, **says: Any,
    ) -> CommandCard:  # fmt: skip
        """An adult (Ms. Rivera) sends a command to students (Ana)."""
        return self.school.do(
            send_command, kind, session_id=session.id,
            student_ids=sorted(ids(*(students or (self.people.ana,)))),
            says=Arguments(**says), by=by or self.people.rivera, request_id=request_id,
        )  # fmt: skip

    def stop(self, session: SessionCard, by: ClassroomActor | None = None) -> SessionCard:
        """An adult (Ms. Rivera) ends the class."""
        return self.school.do(stop_session, session_id=session.id, by=by or self.people.rivera)

    def row(self, session: SessionCard, student: ClassroomActor) -> ParticipantCard:
        """A student's card in a session."""
        found = shelf.participants(self.school.id, session.id)
        return next(row for row in found if row.student.id == student.account_id)

    def now(self, session: SessionCard) -> SessionCard:
        """The session as it is kept."""
        return shelf.session(self.school.id, session.id)

    def held(self, session: SessionCard) -> set[str]:
        """The given names of those whom the session holds."""
        found = shelf.participants(self.school.id, session.id)
        return {row.student.name.split()[0] for row in found if row.is_in}

    def wait(self, *, timer: bool = True, **how_long: float) -> datetime:
        """Let time pass; then the timer runs, unless the server is said to be stopped."""
        now = self.school.clock.move(**how_long)
        if timer:
            timers.run_due(now)
        return now

    def log(self, after: int = 0) -> list[events.ClassroomEvent]:
        """The events of running classes after a number."""
        told = (events.decode(row.name, row.body) for row in read_log(self.school.id, after))
        return [event for event in told if event is not None]

    def names(self, after: int = 0) -> list[str]:
        """Their names."""
        return [event.name for event in self.log(after)]


def ids(*people: ClassroomActor) -> frozenset[int]:
    """The accounts of these people."""
    return frozenset(one.account_id for one in people if one.account_id is not None)
