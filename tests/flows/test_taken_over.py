"""A teacher who loses students to another class is told on whatever page of Classroom is open."""

import asyncio
import re
from datetime import timedelta

import pytest

from corridor import clock
from corridor.accounts.actors import ClassroomActor
from corridor.accounts.classroom_signins import signed_in_to_classroom
from corridor.classroom.events import ParticipantsTakenOver
from corridor.classroom.taking_over import undo_take_over
from corridor.integration.hearing import hearing_of
from corridor.live.log import read_log
from corridor.web.classroom.live import ClassroomStream
from corridor.web.classroom.notes import moved_to, of_console, of_page
from tests.classroom.running import Classes
from tests.flows.test_acting import client_of, key_of
from tests.school import School


@pytest.fixture
def classes(a_school: School) -> Classes:
    return Classes(a_school)


def heard(classes: Classes, name: str, after: int) -> str:
    """What an open page of somebody shows of what happened after this number."""
    signed = signed_in_to_classroom(key_of(client_of(name)), clock.now())
    assert signed is not None
    hearing, rows = hearing_of(signed), read_log(classes.school.id, after)

    async def pieces() -> str:
        page = ClassroomStream(signed, hearing, "en")
        mine = [row for row in rows if page.topics & set(row.topics)]
        return "".join(piece for row in mine for piece in page.pieces(row))

    return asyncio.run(pieces())


def test_the_other_teachers_are_told_and_may_undo_it(classes: Classes) -> None:
    classes.start()
    after, ana = classes.school.last, classes.people.ana
    algebra = classes.algebra(take_over=(ana,))
    note = heard(classes, "rivera", after)
    assert "Ana Lopez taken over by Mr. Okafor for Algebra 1." in note
    assert f'hx-post="/classroom/sessions/{algebra.id}/undo"' in note
    assert f'name="students" value="{ana.account_id}"' in note
    # Who did it knows it; whose class it is not, is not told.
    assert heard(classes, "okafor", after) == "" == heard(classes, "park", after)


def test_a_substitute_who_leads_the_class_is_told_and_may_undo_it(classes: Classes) -> None:
    classes.start(by=classes.people.park)
    after = classes.school.last
    classes.algebra(take_over=(classes.people.ana,))
    note = heard(classes, "park", after)
    assert "Ana Lopez taken over by Mr. Okafor for Algebra 1." in note and "/undo" in note
    assert 'name="request_id"' in note


def test_including_somebody_of_another_class_tells_it_too(classes: Classes) -> None:
    classes.start()
    algebra, after = classes.algebra(), classes.school.last
    classes.ask("include", algebra, classes.people.ana, by=classes.people.okafor)
    assert "Ana Lopez taken over by Mr. Okafor" in heard(classes, "rivera", after)


def test_a_page_that_was_away_is_told_without_undo_and_no_old_story(classes: Classes) -> None:
    classes.start()
    after = classes.school.last
    classes.algebra(take_over=(classes.people.ana,))
    classes.wait(seconds=31, timer=False)
    note = heard(classes, "rivera", after)
    assert "Ana Lopez taken over" in note and "/undo" not in note
    classes.school.clock.at += timedelta(minutes=10)
    assert heard(classes, "rivera", after) == ""


def test_whoever_teaches_both_classes_is_told_once_on_each_console(classes: Classes) -> None:
    """Mr. Okafor is a co-teacher of English 2, too."""
    algebra, after = classes.algebra(), classes.school.last
    english = classes.start(take_over=(classes.people.ana,))
    [taken] = [one for one in classes.log(after) if isinstance(one, ParticipantsTakenOver)]
    okafor, at = signed_in_to_classroom(key_of(client_of("okafor")), clock.now()), clock.now()
    assert okafor is not None
    for session in (algebra, english):
        own = of_console([classes.row(session, classes.people.ana)], session, at, "en")
        of_others = of_page(taken, okafor, at, "en", session.id)
        assert (own.count('"console-note"'), of_others) == (1, []), session.class_name
    assert len(of_page(taken, okafor, at, "en")) == 1  # on any other page


def test_on_the_console_of_a_class_that_is_over_nothing_can_be_undone(classes: Classes) -> None:
    classes.start()
    ana, algebra = classes.people.ana, classes.algebra(take_over=(classes.people.ana,))
    assert moved_to(classes.row(algebra, ana)) == algebra.id
    classes.stop(algebra, by=classes.people.okafor)
    # By it, the note goes from a console that is open.
    assert moved_to(classes.row(algebra, ana)) is None


@pytest.mark.parametrize("by", ["okafor", "rivera"])
def test_what_is_undone_takes_the_note_away(classes: Classes, by: str) -> None:
    classes.start()
    ana, algebra = classes.people.ana, classes.algebra(take_over=(classes.people.ana,))
    after, actor = classes.school.last, getattr(classes.people, by)
    assert isinstance(actor, ClassroomActor)
    classes.school.do(undo_take_over, session_id=algebra.id, student_ids=[ana.account_id], by=actor)
    gone = re.findall(r'class="note-over" hidden data-id="(\d+)"', heard(classes, "rivera", after))
    assert set(gone) == {str(ana.account_id)}
