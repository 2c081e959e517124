"""`corridor verify-log` and the tables of Classroom."""

import pytest
from django.db import connection

from corridor.classroom.answers import Said
from corridor.classroom.cards import SessionCard
from corridor.classroom.commands import answer_command
from corridor.classroom.participants import write_message
from corridor.operators import purge, verify
from corridor.operators.verify import wrong_in_all
from tests.classroom.running import Classes, ids
from tests.school import School


def run(statement: str, *params: int | str | bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def found(classes: Classes) -> list[str]:
    """What is wrong, by number."""
    return [f"{wrong.number}: {wrong.says}" for wrong in wrong_in_all(connection)]


@pytest.fixture
def classes(a_school: School) -> Classes:
    return Classes(a_school)


@pytest.fixture
def english(classes: Classes) -> SessionCard:
    """It ran: a lock with its answer, a message, a taking over, another end."""
    session, ana = classes.start(), classes.people.ana
    lock = classes.ask("lock", session, ana, classes.people.ben, text="Eyes on me")
    classes.school.do(
        answer_command, command_id=lock.id, said={min(ids(ana)): [Said()]},
        by=classes.people.rivera,
    )  # fmt: skip
    classes.school.do(write_message, text="Which page?", by=ana)
    classes.algebra(take_over=(ana,))
    classes.wait(minutes=60)
    return classes.now(session)


@pytest.mark.usefixtures("english")
def test_classes_as_they_are_held_agree(classes: Classes) -> None:
    classes.start()
    assert found(classes) == []


@pytest.mark.usefixtures("english")
def test_they_are_compared_in_pieces(classes: Classes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "PIECE", 2)
    assert found(classes) == []


def test_a_session_that_differs_is_told(classes: Classes, english: SessionCard) -> None:
    run("UPDATE classroom_classsession SET card = replace(card, 'English 2', 'English 3')"
        " WHERE id = %s", english.id)  # fmt: skip
    run("UPDATE classroom_classsession SET is_running = true WHERE id = %s", english.id)
    assert found(classes) == [
        f"{english.version}: class session {english.id} in the table differs from its last event"
        " in class_name",
        f"{english.version}: class session {english.id}: column is_running is True, its card says"
        " False",
    ]


def test_a_student_who_stayed_behind_or_is_gone_is_told(
    classes: Classes, english: SessionCard
) -> None:
    (ben,), (mia,) = ids(classes.people.ben), ids(classes.people.mia)
    run("UPDATE classroom_participant SET version = 1 WHERE student_id = %s", ben)
    run("DELETE FROM classroom_participant WHERE student_id = %s", mia)
    stayed = f"student {ben} of class session {english.id} in the table stayed at number 1"
    gone = f"student {mia} of class session {english.id} is in the log but not in the table"
    told = found(classes)
    assert f"{english.version}: {stayed}" in told
    assert f"{english.version}: {gone}" in told


def test_a_command_and_a_message_that_are_gone_are_told(
    classes: Classes, english: SessionCard
) -> None:
    run("DELETE FROM classroom_command WHERE session_id = %s", english.id)
    run("DELETE FROM classroom_classmessage WHERE session_id = %s", english.id)
    told = "\n".join(found(classes))
    assert "command" in told and "a message to a class is in the log but not in the table" in told


def test_a_row_whose_event_is_lost_is_told(classes: Classes, english: SessionCard) -> None:
    run("DELETE FROM live_event WHERE number = %s AND school_id = %s",
        english.version, classes.school.id)  # fmt: skip
    told = found(classes)
    assert told[0] == f"{english.version}: is missing"
    lost = f"{english.version}: the last event of class session {english.id} is missing"
    assert lost in told


def test_a_row_that_points_at_something_elses_event_is_told(
    classes: Classes, english: SessionCard
) -> None:
    command = classes.school.last
    run("UPDATE classroom_command SET version = %s", command)
    assert any(
        "the last event of command" in one and "“class_session.ended” of something else" in one
        for one in found(classes)
    )


@pytest.mark.usefixtures("english")
def test_forgotten_classes_agree_too(classes: Classes) -> None:
    classes.wait(days=31)
    purge.purge(classes.school.id, classes.school.clock.at)
    assert found(classes) == []


def test_classes_of_a_school_that_is_gone_are_told(classes: Classes, english: SessionCard) -> None:
    run("DELETE FROM live_schoolturn WHERE school_id = %s", classes.school.id)
    assert any("classroom_classsession has 2 rows of a school" in one for one in found(classes))
