"""Commands: exactly these students, and what became of it at each."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from corridor.accounts.actors import Actor, ClassroomActor
from corridor.accounts.plans import keep_plan
from corridor.classroom import kinds, queries
from corridor.classroom.answers import Said
from corridor.classroom.cards import CommandCard, SessionCard
from corridor.classroom.commands import answer_command, send_command
from corridor.classroom.participants import let_in
from corridor.classroom.refusals import NotAllowed, NotFound, Refused, Stale
from tests.classroom.running import Classes
from tests.school import School

GOOD: dict[str, dict[str, Any]] = {
    "open_site": {"url": "https://example.org/a"},
    "site_lock": {"sites": ("example.org",)},
    "tab_limit": {"number": 3},
    "message": {"text": "Well done"},
    "announcement": {"text": "Five minutes"},
}


def good(classes: Classes, session: SessionCard, kind: str) -> dict[str, Any]:
    """What a command of this kind may say in this class."""
    if kind == "undo_close":
        return {"command_id": classes.ask("close_tabs", session).id}
    return GOOD.get(kind, {})


@pytest.fixture
def classes(a_school: School) -> Classes:
    return Classes(a_school)


def answer(classes: Classes, card: CommandCard, **answers: str | Said) -> CommandCard:
    device = Actor(None, classes.school.id, "device", "", "agent")
    said = {
        getattr(classes.people, who).account_id: [Said(why) if isinstance(why, str) else why]
        for who, why in answers.items()
    }
    return classes.school.do(answer_command, command_id=card.id, said=said, by=device)


def results(card: CommandCard) -> dict[str, tuple[str, str]]:
    return {one.student.name.split()[0]: (one.result, one.why) for one in card.recipients}


def test_a_lock_reaches_the_chosen_and_shows_each_result(classes: Classes) -> None:
    session, people = classes.start(), classes.people
    card = classes.ask("lock", session, people.ana, people.ben, text="Eyes on me")
    assert results(card) == {"Ana": ("pending", ""), "Ben": ("pending", "")}
    assert classes.row(session, people.ana).lease("lock")
    assert not classes.row(session, people.cam).lease("lock")
    answer(classes, card, ana="")
    after = answer(classes, card, ben="The window was closed", cam="")
    assert results(after) == {"Ana": ("applied", ""), "Ben": ("failed", "The window was closed")}
    assert not after.is_pending


def test_a_card_says_when_the_device_does_not_hold_to_it(classes: Classes) -> None:
    session, people = classes.start(), classes.people
    first = classes.ask("lock", session, people.ana, people.ben, people.cam)
    second = classes.ask("lock", session, people.cam)
    before = classes.row(session, people.ana)
    answer(classes, first, ana="not_supported", ben="", cam="not_supported")
    row = classes.row(session, people.ana)
    assert [lease.failed for lease in row.restrictions] == ["not_supported"]
    assert row.version > before.version
    for who in (people.ben, people.cam):  # of Cam a later lock is not answered yet
        assert [lease.failed for lease in classes.row(session, who).restrictions] == [""]
    answer(classes, second, cam="")
    classes.ask("lock", session, people.ana)  # tried again
    assert [lease.failed for lease in classes.row(session, people.ana).restrictions] == [""]


def test_what_holds_nobody_changes_no_card(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    card = classes.ask("close_tabs", session, ana)
    before = classes.row(session, ana)
    answer(classes, card, ana="not_supported")
    assert classes.row(session, ana) == before


def test_answers_of_many_come_in_one_turn(classes: Classes) -> None:
    session, people = classes.start(), classes.people
    card = classes.ask("close_tabs", session, people.ana, people.ben, people.cam)
    before = classes.school.last
    answer(classes, card, ana="", ben="", cam="")
    assert classes.names(before) == ["command.answered"]


def test_a_second_answer_changes_nothing(classes: Classes) -> None:
    card = classes.ask("lock", classes.start())
    first = answer(classes, card, ana="")
    assert answer(classes, card, ana="") == first
    assert classes.names()[-2:] == ["command.sent", "command.answered"]


def test_no_answer_rewrites_the_history_of_a_class(classes: Classes) -> None:
    session, people = classes.start(), classes.people
    card = classes.ask("close_tabs", session, people.ana, people.ben)
    before = answer(classes, card, ana="not_supported")
    classes.wait(minutes=50, timer=False)  # it is over, although nobody has ended it yet
    assert answer(classes, card, ana="", ben="") == before
    classes.wait(hours=3)
    assert answer(classes, card, ana="", ben="") == before
    assert classes.names().count("command.answered") == 1


def test_no_answer_counts_after_a_class_that_ended_early(classes: Classes) -> None:
    session = classes.start()
    card = classes.ask("close_tabs", session)
    classes.stop(session)
    assert answer(classes, card, ana="") == card


def test_a_second_press_gives_the_first_answer(classes: Classes) -> None:
    session, request_id = classes.start(), uuid4()
    first = classes.ask("lock", session, request_id=request_id)
    assert classes.ask("lock", session, request_id=request_id) == first
    assert classes.names().count("command.sent") == 1


def test_who_has_left_meanwhile_is_told_as_failed(classes: Classes) -> None:
    session, people = classes.start(), classes.people
    classes.algebra(take_over=(people.ana,))
    classes.ask("exclude", session, people.ben)
    card = classes.ask("lock", session, people.ana, people.ben, people.cam)
    assert results(card) == {
        "Ana": ("failed", "in_another_class"),
        "Ben": ("failed", "not_in_class"),
        "Cam": ("pending", ""),
    }
    assert not classes.row(session, people.ben).restrictions


def test_a_later_lock_takes_the_place_of_an_earlier_one(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    classes.ask("lock", session, ana, text="One")
    classes.ask("lock", session, ana, text="Two")
    assert [lease.text for lease in classes.row(session, ana).restrictions] == ["Two"]
    classes.ask("unlock", session, ana)
    assert classes.row(session, ana).restrictions == ()


def test_an_empty_site_lock_and_no_tab_limit_let_go(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    classes.ask("site_lock", session, ana, sites=("www.Example.org/page", "example.org"))
    classes.ask("tab_limit", session, ana, number=4)
    lease = classes.row(session, ana).lease("site_lock")
    assert lease is not None and lease.sites == ("example.org",)
    classes.ask("site_lock", session, ana)
    classes.ask("tab_limit", session, ana)
    assert classes.row(session, ana).restrictions == ()


def test_nothing_outlasts_the_class(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    classes.ask("lock", session, ana, until=session.ends_at + timedelta(hours=1))
    lease = classes.row(session, ana).lease("lock")
    assert lease is not None and lease.until == session.ends_at


@pytest.mark.parametrize(
    ("kind", "says", "code"),
    [
        ("open_site", {"url": "javascript:alert(1)"}, "address_impossible"),
        ("open_site", {"url": "file:///etc/passwd"}, "address_impossible"),
        ("open_site", {"url": "https://a b.org"}, "address_impossible"),
        ("open_site", {"url": "https://me:secret@example.org"}, "address_impossible"),
        ("open_site", {"url": "https://[::1"}, "address_impossible"),
        ("open_site", {"url": "example.org/" + "a" * 2000}, "address_impossible"),
        ("open_site", {"url": ""}, "address_impossible"),
        ("site_lock", {"sites": tuple(f"a{n}.org" for n in range(21))}, "too_many_sites"),
        ("tab_limit", {"number": 0}, "tab_limit_impossible"),
        ("lock", {"text": "x" * 201}, "text_too_long"),
        ("message", {"text": " \n "}, "text_missing"),
        ("message", {"text": "\u200b\u2060 \u2800\ufe0f"}, "text_missing"),
        ("message", {"text": "x" * 501}, "text_too_long"),
        ("plan", {"plan_id": 4711}, "plan_gone"),
    ],
)
def test_what_a_command_cannot_say(
    classes: Classes, kind: str, says: dict[str, Any], code: str
) -> None:
    session = classes.start()
    with pytest.raises(Refused, match=code) as no:
        classes.ask(kind, session, **says)
    assert no.value.field in says  # so that it can be said there
    assert classes.names() == ["class_session.started"]


def test_a_text_of_signs_is_one_and_a_lock_without_a_seen_one_has_none(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    assert classes.ask("message", session, text="👍🏽").arguments.text == "👍🏽"
    classes.ask("lock", session, text="\u200b")
    [lock] = classes.row(session, ana).restrictions
    assert lock.text == ""


def test_a_lease_that_is_over_already_is_none(classes: Classes) -> None:
    session = classes.start()
    with pytest.raises(Refused, match="end_is_over"):
        classes.ask("lock", session, until=classes.school.clock.at)


def test_nobody_and_somebody_else(classes: Classes) -> None:
    session = classes.start()
    with pytest.raises(NotFound):
        classes.ask("lock", session, classes.people.lou)  # of another class
    with pytest.raises(NotFound):
        classes.ask("dance", session)
    with pytest.raises(Refused, match="nobody_chosen"):
        classes.school.do(
            send_command, "lock",
            session_id=session.id, student_ids=[], by=classes.people.rivera,
        )  # fmt: skip


@pytest.mark.parametrize("kind", [kind.name for kind in kinds.TABLE])
def test_only_who_leads_the_class_and_has_the_function(classes: Classes, kind: str) -> None:
    session = classes.start()
    rivera = classes.people.rivera
    without = msgspec.structs.replace(
        rivera, permissions=rivera.permissions - {"restrict", "message", "lead"}
    )
    says = good(classes, session, kind)
    for by in (classes.people.ana, classes.people.tia, without):
        with pytest.raises(NotAllowed):
            classes.ask(kind, session, by=by, **says)
    assert classes.ask(kind, session, by=classes.people.okafor, **says).kind == kind


def test_only_closed_tabs_of_this_class_are_opened_again(classes: Classes) -> None:
    session, rivera = classes.start(), classes.people.rivera
    closed, lock = classes.ask("close_tabs", session), classes.ask("lock", session)
    algebra = classes.algebra()
    there = classes.ask("close_tabs", algebra, classes.people.lou, by=classes.people.okafor)
    for command_id in (None, lock.id, there.id, 10**9):
        with pytest.raises(NotFound):
            classes.ask("undo_close", session, command_id=command_id)
    undone = classes.ask("undo_close", session, command_id=closed.id)
    assert (undone.arguments.command_id, undone.by) == (closed.id, rivera.who)


def test_a_command_after_the_end_comes_too_late(classes: Classes) -> None:
    session = classes.start()
    classes.wait(minutes=50, timer=False)
    with pytest.raises(Stale):
        classes.ask("lock", session)
    assert classes.row(session, classes.people.ana).restrictions == ()


def test_a_plan_is_copied_onto_the_devices(classes: Classes) -> None:
    session, rivera, ana = classes.start(), classes.people.rivera, classes.people.ana
    plan = classes.school.do(
        keep_plan, name="Essay", blocks=True, sites=["games.example"], by=rivera
    )
    sent = classes.ask("plan", session, ana, plan_id=plan.pk)
    assert sent.arguments.plan_name == "Essay"  # for the history, whatever becomes of the plan
    lease = classes.row(session, ana).lease("plan")
    assert lease is not None
    assert (lease.text, lease.sites, lease.blocks) == ("Essay", ("games.example",), True)
    with pytest.raises(Refused, match="plan_gone"):  # not shared with him
        classes.ask("plan", session, ana, plan_id=plan.pk, by=classes.people.okafor)
    classes.ask("plan", session, ana)
    assert classes.row(session, ana).restrictions == ()


def test_a_device_that_comes_back_finds_what_it_has_not_answered(classes: Classes) -> None:
    session = classes.start()
    first = classes.ask("open_site", session, url="example.org")
    classes.ask("open_site", session, classes.people.ben, url="example.com")
    ana = classes.people.ana
    found = queries.commands_to_answer(classes.row(session, ana), classes.school.clock.at)
    assert [card.arguments.url for card in found] == ["https://example.org"]
    answer(classes, first, ana="")
    assert queries.commands_to_answer(classes.row(session, ana), classes.school.clock.at) == []


def asked_now(classes: Classes, session: SessionCard, student: ClassroomActor) -> list[int]:
    """The commands that this student's device is asked when it comes."""
    row = classes.row(session, student)
    return [card.id for card in queries.commands_to_answer(row, classes.school.clock.at)]


def test_whoever_comes_later_is_held_to_what_the_class_is_held_to_now(classes: Classes) -> None:
    """And not to what it began with."""
    people = classes.people
    plan = classes.school.do(
        keep_plan, name="Essay", blocks=False, sites=["a.org"], by=people.rivera
    )
    session = classes.start(
        when_back=(people.mia,), left_out=(people.cam,), plan_id=plan.pk, tab_limit=3
    )
    everybody = (people.ana, people.ben)
    classes.ask("plan", session, *everybody)
    limit = classes.ask("tab_limit", session, *everybody, number=5)
    assert results(limit)["Mia"] == results(limit)["Cam"] == ("pending", "")
    classes.school.do(
        let_in, session_id=session.id, student_id=people.mia.account_id, by=people.rivera
    )
    classes.ask("include", session, people.cam)
    for student in (people.mia, people.cam):
        held = classes.row(session, student).restrictions
        assert [(lease.kind, lease.number) for lease in held] == [("tab_limit", 5)]
        assert asked_now(classes, session, student) == [limit.id]


def test_what_is_for_some_is_not_for_whoever_comes_later(classes: Classes) -> None:
    people = classes.people
    session = classes.start(when_back=(people.mia,), tab_limit=3)
    some = classes.ask("tab_limit", session, people.ana, people.ben, number=5)
    assert "Mia" not in results(some)
    lease = classes.row(session, people.mia).lease("tab_limit")
    assert lease is not None and lease.number == 3
    everybody = classes.ask("lock", session, people.ana, people.ben, people.cam)
    assert "Mia" not in results(everybody)
    assert classes.row(session, people.mia).lease("lock") is None


def test_a_device_is_not_asked_whether_it_holds_to_what_is_over(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    classes.ask("lock", session, ana)
    unlock = classes.ask("unlock", session, ana)
    assert asked_now(classes, session, ana) == [unlock.id]
