"""A console as it was, and the events heard since: the same as the console loaded again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from corridor.accounts.actors import Actor, clock_of
from corridor.classroom import events, kinds, queries
from corridor.classroom.answers import Said
from corridor.classroom.cards import CommandCard, ParticipantCard, SessionCard
from corridor.classroom.commands import answer_command
from corridor.classroom.participants import (
    let_in,
    lower_hand,
    notice_devices,
    raise_hand,
    read_messages,
    write_message,
)
from corridor.classroom.sessions import extend_session
from corridor.classroom.taking_over import undo_take_over
from corridor.live.log import read_log
from tests.classroom.running import Classes, ids
from tests.classroom.test_commands import good
from tests.school import School

Board = dict[tuple[str, int], SessionCard | ParticipantCard | CommandCard]


@pytest.fixture
def classes(a_school: School) -> Classes:
    return Classes(a_school)


def load(classes: Classes, session: SessionCard) -> Board:
    found = queries.console(classes.school.id, session.id)
    board: Board = {("session", 0): found.session}
    board |= {("student", card.student.id): card for card in found.participants}
    return board | {("command", card.id): card for card in found.commands}


def apply(board: Board, heard: list[events.ClassroomEvent], session: SessionCard) -> Board:
    board = dict(board)
    for event in heard:
        if isinstance(event, events.SessionEvent) and event.card.id == session.id:
            board["session", 0] = event.card
        if isinstance(event, events.CommandSent | events.CommandAnswered):
            board["command", event.card.id] = event.card
        for card in event.participants:
            if card.session_id == session.id:
                board["student", card.student.id] = card
    return board


def heard_on(classes: Classes, topic: str, after: int) -> list[events.ClassroomEvent]:
    told = (
        events.decode(row.name, row.body)
        for row in read_log(classes.school.id, after)
        if topic in row.topics
    )
    return [event for event in told if event is not None]


Story = Callable[[Classes, SessionCard], object]


def asked(kind: str) -> Story:
    return lambda classes, session: classes.ask(kind, session, **good(classes, session, kind))


def by_ana(operation: Callable[..., Any], **more: Any) -> Story:
    return lambda classes, session: classes.school.do(operation, by=classes.people.ana, **more)


def lowered(classes: Classes, session: SessionCard) -> None:
    classes.school.do(raise_hand, by=classes.people.ana)
    classes.school.do(lower_hand, by=classes.people.ana)


def extended(classes: Classes, session: SessionCard) -> None:
    later = session.ends_at + timedelta(minutes=9)
    classes.school.do(
        extend_session, session_id=session.id, ends_at=later, by=classes.people.rivera
    )


def taken_over(classes: Classes, session: SessionCard) -> SessionCard:
    return classes.algebra(take_over=(classes.people.ana,))


def undone(classes: Classes, session: SessionCard) -> None:
    classes.school.do(
        undo_take_over, session_id=taken_over(classes, session).id,
        student_ids=ids(classes.people.ana), by=classes.people.rivera,
    )  # fmt: skip


def came_back(classes: Classes, session: SessionCard) -> None:
    classes.stop(taken_over(classes, session), classes.people.okafor)


def included(classes: Classes, session: SessionCard) -> None:
    for who in (classes.people.mia, classes.people.ana):
        classes.school.do(
            let_in, session_id=session.id, student_id=min(ids(who)), by=clock_of(session.school_id)
        )


def answered(classes: Classes, session: SessionCard) -> None:
    card, device = classes.ask("lock", session), Actor(None, session.school_id, "device", "", "x")
    said = {min(ids(classes.people.ana)): [Said()]}
    classes.school.do(answer_command, command_id=card.id, said=said, by=device)


def failed(classes: Classes, session: SessionCard) -> None:
    card, device = classes.ask("lock", session), Actor(None, session.school_id, "device", "", "x")
    said = {min(ids(classes.people.ana)): [Said("not_supported")]}
    classes.school.do(answer_command, command_id=card.id, said=said, by=device)


def read(classes: Classes, session: SessionCard) -> None:
    classes.school.do(write_message, text="Help", by=classes.people.ana)
    classes.school.do(
        read_messages, session_id=session.id, student_id=min(ids(classes.people.ana)),
        by=classes.people.rivera,
    )  # fmt: skip


def noticed(classes: Classes, session: SessionCard) -> None:
    clock = clock_of(session.school_id)
    classes.school.do(notice_devices, came=ids(classes.people.ana), by=clock)
    went = dict.fromkeys(ids(classes.people.ana), classes.school.clock.at)
    classes.school.do(notice_devices, went=went, by=clock)


def released(classes: Classes, session: SessionCard) -> None:
    classes.ask("lock", session, until=classes.school.clock.at + timedelta(minutes=3))
    classes.wait(minutes=3)


STORIES: dict[str, Story] = {
    **{kind.name: asked(kind.name) for kind in kinds.TABLE},
    "raise_hand": by_ana(raise_hand),
    "lower_hand": lowered,
    "write_message": by_ana(write_message, text="Help"),
    "read_messages": read,
    "extend_session": extended,
    "stop_session": lambda classes, session: classes.stop(session),
    "take over": taken_over,
    "undo_take_over": undone,
    "came back": came_back,
    "let_in": included,
    "answer_command": answered,
    "a command fails": failed,
    "notice_devices": noticed,
    "clock: released": released,
    "clock: ended": lambda classes, session: classes.wait(hours=2),
}


@pytest.mark.parametrize("story", STORIES)
def test_console_before_and_events_heard_is_the_console_loaded_again(
    classes: Classes, story: str
) -> None:
    session = classes.start(when_back=(classes.people.mia,))
    before, after = load(classes, session), classes.school.last
    STORIES[story](classes, session)
    heard = heard_on(classes, f"class_session:{session.id}", after)
    assert apply(before, heard, session) == load(classes, session)
    assert apply(apply(before, heard, session), heard, session) == load(classes, session)


@pytest.mark.parametrize("story", STORIES)
def test_a_students_device_hears_everything_about_them(classes: Classes, story: str) -> None:
    session, ana = classes.start(when_back=(classes.people.mia,)), min(ids(classes.people.ana))

    def mine() -> Board:
        return {key: card for key, card in load(classes, session).items() if key[1] in (0, ana)}

    board, after = mine(), classes.school.last
    STORIES[story](classes, session)
    heard = heard_on(classes, f"classroom_student:{ana}", after)
    board = apply(board, heard, session)
    assert {key: card for key, card in board.items() if key[1] in (0, ana)} == mine()


@pytest.mark.parametrize("story", STORIES)
def test_a_card_knows_from_when_to_when_the_student_took_part(classes: Classes, story: str) -> None:
    people = classes.people
    session = classes.start(when_back=(people.mia,), left_out=(people.ben,))
    STORIES[story](classes, session)
    for row in (row for event in classes.log() for row in event.participants):
        is_open = bool(row.took_part) and row.took_part[-1].until is None
        assert is_open == row.takes_part, (story, row.student.name)


def test_every_event_has_its_story(classes: Classes) -> None:
    """A new event without a story above fails here."""
    for story in STORIES.values():
        story(classes, classes.start(when_back=(classes.people.mia,)))
        classes.wait(hours=2)
    assert {kind.name for kind in events.ALL} == set(classes.names())
