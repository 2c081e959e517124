"""Hands, messages, who is back, whose device was there."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from corridor.accounts.actors import ClassroomActor, clock_of
from corridor.classroom import queries
from corridor.classroom.cards import Span
from corridor.classroom.participants import (
    let_in,
    lower_hand,
    notice_devices,
    raise_hand,
    read_messages,
    write_message,
)
from corridor.classroom.refusals import NotAllowed, NotFound, Refused
from corridor.classroom.sites import Site, keep_sites
from tests.classroom.running import Classes, ids
from tests.school import School


@pytest.fixture
def classes(a_school: School) -> Classes:
    return Classes(a_school)


def account(who: ClassroomActor) -> int:
    return min(ids(who))


def test_a_hand_goes_up_once_and_is_seen(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    up = classes.school.do(raise_hand, by=ana)
    assert up.hand_raised_at == classes.school.clock.at
    classes.wait(minutes=1)
    assert classes.school.do(raise_hand, by=ana) == up
    card = classes.ask("acknowledge_hand", session, ana)
    assert card.recipients[0].result == "applied"
    assert classes.row(session, ana).hand_raised_at is None


def test_a_student_takes_the_hand_down(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    classes.school.do(raise_hand, by=ana)
    classes.school.do(lower_hand, by=ana)
    classes.school.do(lower_hand, by=ana)
    assert classes.row(session, ana).hand_raised_at is None
    assert classes.names() == ["class_session.started", "hand.raised", "hand.lowered"]


def test_hands_may_be_off(classes: Classes) -> None:
    classes.start(hands=False)
    with pytest.raises(Refused, match="no_hands"):
        classes.school.do(raise_hand, by=classes.people.ana)


def test_only_a_student_of_a_running_class(classes: Classes) -> None:
    people = classes.people
    classes.start(left_out=(people.ben,))
    for student in (people.ben, people.lou):
        with pytest.raises(NotFound):
            classes.school.do(raise_hand, by=student)
    with pytest.raises(NotAllowed):
        classes.school.do(raise_hand, by=people.rivera)
    classes.wait(minutes=50, timer=False)
    with pytest.raises(NotFound):
        classes.school.do(raise_hand, by=people.ana)


def write(classes: Classes, by: ClassroomActor, text: str = "Help", **more: Any) -> Any:
    return classes.school.do(write_message, text=text, by=by, **more)


def test_messages_go_both_ways_and_are_read(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    write(classes, ana, " What  is\r\nline 3? ")
    write(classes, classes.people.ben, "Not hers")
    classes.wait(seconds=5)
    classes.ask("message", session, ana, text="Look again")
    assert classes.row(session, ana).unread == 1
    told = queries.conversation(classes.school.id, session.id, account(ana))
    assert [(line.by_student, line.text) for line in told] == [
        (True, "What is\nline 3?"),
        (False, "Look again"),
    ]
    classes.school.do(
        read_messages, session_id=session.id, student_id=account(ana), by=classes.people.okafor
    )
    assert classes.row(session, ana).unread == 0


def test_where_the_teacher_writes_first_the_student_may_answer(classes: Classes) -> None:
    session, ana = classes.start(students_write=False), classes.people.ana
    with pytest.raises(Refused, match="teacher_writes_first"):
        write(classes, ana)
    classes.ask("announcement", session, ana, text="Hello")
    write(classes, ana)
    with pytest.raises(Refused, match="teacher_writes_first"):
        write(classes, classes.people.ben)


@pytest.mark.parametrize("text", ["", "   ", "x" * 501])
def test_texts_that_are_none(classes: Classes, text: str) -> None:
    classes.start()
    with pytest.raises(Refused, match="text_"):
        write(classes, classes.people.ana, text)


def test_a_message_that_comes_twice_is_written_once(classes: Classes) -> None:
    session, ana, request_id = classes.start(), classes.people.ana, uuid4()
    first = write(classes, ana, request_id=request_id)
    assert write(classes, ana, request_id=request_id) == first
    assert classes.row(session, ana).unread == 1


def test_who_is_back_is_let_in(classes: Classes) -> None:
    session, ana = classes.start(when_back=(classes.people.ana,)), classes.people.ana
    back(classes, session, ana)
    assert "Ana" in classes.held(session)
    assert back(classes, session, ana) is None
    assert classes.names() == ["class_session.started", "participants.included"]


def test_whom_another_class_has_by_then_stays_there(classes: Classes) -> None:
    session, ana = classes.start(when_back=(classes.people.ana,)), classes.people.ana
    algebra = classes.algebra()
    back(classes, session, ana)
    assert ("Ana" in classes.held(session), "Ana" in classes.held(algebra)) == (False, True)
    classes.stop(algebra, classes.people.okafor)
    assert "Ana" in classes.held(session)


def back(classes: Classes, session: Any, student: ClassroomActor) -> Any:
    return classes.school.do(
        let_in, session_id=session.id, student_id=account(student), by=clock_of(classes.school.id)
    )


def test_the_history_knows_when_a_device_was_there(classes: Classes) -> None:
    session, ana, ben = classes.start(), classes.people.ana, classes.people.ben
    clock, start = clock_of(classes.school.id), classes.school.clock.at
    both = ids(ana, ben, classes.people.lou)  # Lou is in no running class
    classes.school.do(notice_devices, came=both, by=clock)
    before = classes.school.last
    classes.school.do(notice_devices, came=both, by=clock)
    assert classes.school.last == before
    lost = classes.wait(minutes=10)
    classes.wait(minutes=9)
    classes.school.do(notice_devices, went=dict.fromkeys(ids(ana), lost), by=clock)
    classes.wait(minutes=1)
    classes.school.do(notice_devices, came=ids(ana), by=clock)
    classes.wait(hours=1)

    def spans(who: ClassroomActor) -> list[tuple[timedelta, timedelta | None]]:
        there = classes.row(session, who).there
        return [(s.since - start, s.until - start if s.until else None) for s in there]

    minutes = [timedelta(minutes=n) for n in (0, 10, 20, 50)]
    assert spans(ana) == [(minutes[0], minutes[1]), (minutes[2], minutes[3])]
    assert spans(ben) == [(minutes[0], minutes[3])]


def test_nobody_went_before_they_came(classes: Classes) -> None:
    """What was heard last was a moment before it was written down."""
    session, ana, clock = classes.start(), classes.people.ana, clock_of(classes.school.id)
    heard = classes.school.clock.at
    came = classes.wait(seconds=1)
    classes.school.do(notice_devices, came=ids(ana), by=clock)
    classes.school.do(notice_devices, went=dict.fromkeys(ids(ana), heard), by=clock)
    assert classes.row(session, ana).there == (Span(came, came),)


def test_who_came_before_a_server_stopped_is_known_and_until_when(classes: Classes) -> None:
    session, clock = classes.start(), clock_of(classes.school.id)
    ana, ben, cam = (account(getattr(classes.people, name)) for name in ("ana", "ben", "cam"))
    classes.school.do(notice_devices, came=[ana, ben], by=clock)
    classes.wait(minutes=5)
    gone = {ben: classes.school.clock.at}
    classes.school.do(notice_devices, went=gone, by=clock)
    stopped, started = gone[ben], classes.wait(minutes=20)

    def known() -> list[tuple[int, datetime]]:
        return [(row.student.id, at) for row, at in queries.there_before(started)]

    assert known() == [(ana, stopped)]
    # A site that was open somewhere in the class tells that the server was at work.
    open_at = stopped + timedelta(minutes=3)
    site = Site("example.org", "Book", stopped, open_at, 180)
    keep_sites(classes.school.id, {(session.id, cam): {("example.org", "Book"): site}})
    assert known() == [(ana, open_at)]
    classes.wait(seconds=1)
    classes.school.do(notice_devices, came=[cam], by=clock)  # by this server
    assert known() == [(ana, open_at)]
    classes.stop(session)
    assert known() == []
