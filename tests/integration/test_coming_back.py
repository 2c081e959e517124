"""“Include when back”: the student is in the class as soon as the pass has ended."""

import pytest

from corridor.accounts.models import PassAccount
from corridor.classroom import timers as class_timers
from corridor.integration import coming_back
from corridor.passes import timers
from corridor.roster.changes import change_classroom
from tests.classroom.running import Classes
from tests.school import School


@pytest.fixture
def classes(a_school: School) -> Classes:
    """A school that shows Pass in Classroom."""
    a_school.do(change_classroom, {"pass_integration": True}, by=a_school.dana.who)
    return Classes(a_school)


def run(classes: Classes) -> int:
    """The clock's second: passes, those who are back, classes, as in the door."""
    at = classes.school.clock.at
    timers.run_due(at)
    back = coming_back.run_due(at)
    class_timers.run_due(at)
    return back


def test_the_student_is_in_when_the_pass_ends(classes: Classes) -> None:
    school, ana = classes.school, classes.people.ana
    card = school.out()
    session = classes.start(when_back=(ana,))
    assert run(classes) == 0 and not classes.row(session, ana).is_in
    school.press("end", card, school.rivera)
    assert run(classes) == 1 and classes.row(session, ana).is_in
    assert run(classes) == 0
    assert classes.names()[-1] == "participants.included"


def test_switched_off_nobody_is_kept_waiting(classes: Classes) -> None:
    school, ana = classes.school, classes.people.ana
    school.out()
    session = classes.start(when_back=(ana,))
    assert run(classes) == 0
    school.do(change_classroom, {"pass_integration": False}, by=school.dana.who)
    assert run(classes) == 1 and classes.row(session, ana).is_in


def test_on_the_way_back_is_not_back(classes: Classes) -> None:
    school, ana = classes.school, classes.people.ana
    card = school.out(to=school.library)
    session = classes.start(when_back=(ana,))
    school.press("send_back", card, school.okafor)
    assert run(classes) == 0 and not classes.row(session, ana).is_in


def test_a_server_that_was_stopped_lets_in_at_the_time_of_the_end(classes: Classes) -> None:
    school, ana = classes.school, classes.people.ana
    school.out()
    session = classes.start(when_back=(ana,))
    school.wait(timer=False, minutes=45)  # the clock owes: ended by the system after 30
    run(classes)
    assert classes.row(session, ana).is_in
    included = classes.log()[-1]
    assert included.at == school.log()[-1].card.ended_at
    assert included.by.kind == "clock"


def test_a_class_that_was_over_by_then_takes_nobody_in(classes: Classes) -> None:
    school, ana = classes.school, classes.people.ana
    school.out()
    session = classes.start(when_back=(ana,), minutes=20)
    school.wait(timer=False, minutes=45)
    run(classes)
    row = classes.row(session, ana)
    assert row.is_over and row.include_when_back
    assert "participants.included" not in classes.names()


def test_whom_another_class_has_by_then_it_keeps(classes: Classes) -> None:
    school, ana = classes.school, classes.people.ana
    card = school.out()
    session = classes.start(when_back=(ana,))
    algebra = classes.algebra()
    school.press("end", card, school.rivera)
    run(classes)
    row = classes.row(session, ana)
    assert not row.is_in and row.elsewhere is not None and row.elsewhere.session_id == algebra.id
    classes.stop(algebra, by=classes.people.okafor)
    assert classes.row(session, ana).is_in


def test_whoever_is_not_in_pass_any_more_is_not_out(classes: Classes) -> None:
    school, ana = classes.school, classes.people.ana
    school.out()
    session = classes.start(when_back=(ana,))
    PassAccount.objects.filter(email="ana@example.org").update(email="other@example.org")
    assert run(classes) == 1 and classes.row(session, ana).is_in
