"""What a student's device makes of the events that it hears."""

from datetime import timedelta

from corridor.classroom import queries
from corridor.classroom.sessions import extend_session
from corridor.web.agent.part import Part
from tests.agent.test_owners import account
from tests.classroom.running import Classes
from tests.school import School


def test_whoever_comes_back_into_a_class_is_told_its_new_end(a_school: School) -> None:
    """It was made longer while the student was left out."""
    classes, ana = Classes(a_school), account(a_school, "ana").pk
    session, part = classes.start(minutes=30), Part(ana)
    classes.ask("exclude", session)
    later = session.ends_at + timedelta(minutes=30)
    by = classes.people.rivera
    a_school.do(extend_session, session_id=session.id, ends_at=later, by=by)
    classes.ask("include", session)
    for event in classes.log():
        part.hear(event)
    assert part.is_in
    if not part.is_known:
        part.read(queries.session_of_student(a_school.id, ana))
    running = part.desired(a_school.clock.at, "en").class_session
    assert running is not None
    assert running.ends_at == later
