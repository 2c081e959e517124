"""What the history finds is what a slow look at every pass finds: every filter, page by page."""

import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corridor.live.sql import rows
from corridor.operators.purge import purge
from corridor.passes import history, shelf
from corridor.passes.cards import PassCard
from corridor.passes.history import Wanted
from corridor.passes.looks import export_history, look_at_history
from corridor.passes.models import HallPass, Look, Refusal
from corridor.passes.refusals import Refused
from corridor.passes.trips import edit_times
from tests.school import School


def live_through(school: School) -> None:
    """Some days with everything in them that is filtered by."""
    school.allow_auto(school.nurse, mode="start")
    school.press("end", school.press("start", school.ask(), school.ana), school.rivera)
    for number in range(12):
        student = (school.ana, school.cam)[number % 2]
        to = (school.nurse, school.restroom, school.library)[number % 3]
        card = (
            school.out(student, to) if number % 4 else school.give(student, to, pre_approved=True)
        )
        match number % 6:
            case 0:
                school.wait(minutes=35)
                school.do(edit_times, pass_id=card.id, ended_at=school.clock.at, by=school.rivera)
            case 1:
                school.wait(minutes=35)
            case 2:
                school.wait(minutes=12)
                school.press("end", card, school.rivera)
            case _:
                school.press("end", card, school.dana)
        school.wait(hours=5)
    school.press("cancel", school.ask(school.cam), school.rivera)
    school.press("withdraw", school.ask(), school.ana)
    school.ask(school.cam, school.nurse)
    school.wait(minutes=11)
    school.arrange(school.cam, minutes=6)
    for _ in range(2):
        school.wait(minutes=16)
    school.decide(daily_limit=0)
    broken = frozenset({"daily_limit"})
    for student in (school.ana, school.ben):
        given = school.give(student, pre_approved=True, override=broken, origin=school.room_118)
        school.press("end", given, school.dana)
    school.decide(daily_limit=None)
    school.out(school.cam)


def every_card(school: School) -> list[PassCard]:
    """All passes of the school that are over, newest request first."""
    found = HallPass.objects.filter(school_id=school.id).values_list("card", flat=True)
    cards = [shelf.read(text) for text in found]
    cards.sort(key=lambda card: (card.requested_at, card.id), reverse=True)
    return [card for card in cards if not card.is_open]


def fits(card: PassCard, wanted: Wanted) -> bool:
    """What each filter says, in the plainest way."""
    places = {card.origin.id, card.destination.id}
    approved = [stamp.by.account_id for stamp in card.stamps if stamp.what == "approved"]
    return all(
        (
            wanted.student in (None, card.student.id),
            wanted.adult is None or wanted.adult in approved,
            wanted.origin in (None, card.origin.id),
            wanted.destination in (None, card.destination.id),
            wanted.location is None or wanted.location in places,
            wanted.kind in (None, card.kind),
            wanted.what in (None, card.state),
            wanted.mark is None or wanted.mark in card.marks,
            wanted.since is None or card.requested_at >= wanted.since,
            wanted.before is None or card.requested_at < wanted.before,
            wanted.only is None or bool(wanted.only & places),
        )
    )


def test_every_combination_of_filters_finds_what_fits(a_school: School) -> None:
    live_through(a_school)
    cards = every_card(a_school)
    middle = cards[len(cards) // 2].requested_at
    choices: dict[str, list[Any]] = {
        "student": [None, a_school.id_of(a_school.ana)],
        "adult": [None, a_school.id_of(a_school.rivera)],
        "origin": [None, a_school.room_204, a_school.room_118],
        "destination": [None, a_school.nurse],
        "location": [None, a_school.library],
        "kind": [None, *history.KINDS],
        "what": [None, *history.WHATS],
        "mark": [None, *history.MARKS],
        "since": [None, middle],
        "before": [None, middle],
        "only": [None, frozenset(), frozenset({a_school.nurse, a_school.restroom})],
    }
    # All pairs of two filters, and each by itself.
    seen = set()
    for one, other in product(choices, choices):
        for first, second in product(choices[one], choices[other]):
            wanted = Wanted(**{one: first, other: second})
            if wanted in seen:
                continue
            seen.add(wanted)
            expected = [card.id for card in cards if fits(card, wanted)]
            found = [card.id for card in history.passes(a_school.id, wanted, limit=100)]
            assert found == expected, wanted
            assert history.count(a_school.id, wanted, 100) == len(expected), wanted
            assert history.count(a_school.id, wanted, 2) == min(len(expected), 2), wanted
    endings = {what for what in history.WHATS if any(fits(c, Wanted(what=what)) for c in cards)}
    marks = {mark for mark in history.MARKS if any(fits(c, Wanted(mark=mark)) for c in cards)}
    assert (endings, marks) == (set(history.WHATS), set(history.MARKS))


@pytest.mark.parametrize("only", [None, "locations"])
def test_pages_follow_each_other_without_gap(a_school: School, only: str | None) -> None:
    live_through(a_school)
    places = frozenset({a_school.nurse, a_school.room_204, a_school.library}) if only else None
    wanted = Wanted(only=places)
    expected = [card.id for card in every_card(a_school) if fits(card, wanted)]
    seen: list[int] = []
    after = None
    while page := history.passes(a_school.id, wanted, after=after, limit=3):
        assert len(seen) < 100
        seen += [card.id for card in page]
        after = page[-1].requested_at, page[-1].id
        a_school.press("end", a_school.give(a_school.ben, pre_approved=True, override=frozenset(
            {"daily_limit", "building_full"})), a_school.rivera)  # fmt: skip
    assert seen == expected
    walked = [card.id for piece in history.walk(a_school.id, wanted, 4) for card in piece]
    assert walked[-len(expected) :] == expected


def test_open_passes_stand_in_the_list_of_programs(a_school: School) -> None:
    live_through(a_school)
    found = history.passes(a_school.id, Wanted(location=a_school.nurse), limit=100, is_open=None)
    assert found[0].is_open and not any(card.is_open for card in found[1:])
    assert len(found) == 1 + len(
        history.passes(a_school.id, Wanted(location=a_school.nurse), limit=100)
    )


# Refusals


def refuse(school: School, student: Any, to: int, code: str) -> None:
    with pytest.raises(Refused, match=code):
        school.ask(student, to)


def test_refusals_by_student_place_rule_and_time(a_school: School) -> None:
    refuse(a_school, a_school.ben, a_school.nurse, "daily_limit")
    began = a_school.wait(minutes=1)
    refuse(a_school, a_school.ben, a_school.library, "daily_limit")
    a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.out(a_school.ana)
    refuse(a_school, a_school.cam, a_school.nurse, "kept_apart")

    def found(**wanted: Any) -> list[tuple[str, int]]:
        refused = history.refusals(a_school.id, Wanted(**wanted), limit=10)
        assert history.count_refusals(a_school.id, Wanted(**wanted), 10) == len(refused)
        return [(one.event.refusal.code, one.event.destination_id) for one in refused]

    nurse, library = a_school.nurse, a_school.library
    ben = a_school.id_of(a_school.ben)
    assert found() == [("kept_apart", nurse), ("daily_limit", library), ("daily_limit", nurse)]
    assert found(student=ben) == [("daily_limit", library), ("daily_limit", nurse)]
    assert found(destination=nurse, code="daily_limit") == [("daily_limit", nurse)]
    assert found(before=began) == [("daily_limit", nurse)]
    assert found(only=a_school.okafor.location_ids) == [("daily_limit", library)]
    # Who asks for a full building asks for what reads the same; to admins it does not.
    assert found(code="building_full") == found(code="kept_apart") == [("kept_apart", nurse)]
    assert found(code="building_full", by_admin=True) == []
    assert found(code="kept_apart", by_admin=True) == [("kept_apart", nurse)]
    assert history.refusals(a_school.other_id, Wanted(), limit=10) == []


# Looks


def test_a_look_is_recorded_once_an_hour_for_the_same_two(a_school: School) -> None:
    ana, cam = (a_school.id_of(student) for student in (a_school.ana, a_school.cam))

    def look(student_id: int, by: Any) -> None:
        look_at_history(student_id=student_id, by=by, at=a_school.clock.at)

    look(ana, a_school.rivera)
    look(ana, a_school.rivera)
    a_school.clock.move(minutes=59)
    look(ana, a_school.rivera)
    look(ana, a_school.ito)
    look(cam, a_school.rivera)
    a_school.clock.move(minutes=2)
    look(ana, a_school.rivera)
    a_school.do(export_history, student_id=ana, by=a_school.dana)
    told = [(one.name, one.exported) for one in history.looks_at(a_school.id, ana)]
    assert told == [
        ("Dana Whitfield", True), ("Ms. Rivera", False), ("Nurse Ito", False),
        ("Ms. Rivera", False),
    ]  # fmt: skip
    assert len(history.looks_at(a_school.id, cam)) == 1
    assert history.looks_at(a_school.other_id, ana) == []


def test_what_is_purged_names_nobody_in_these_lists(a_school: School) -> None:
    refuse(a_school, a_school.ben, a_school.nurse, "daily_limit")
    look_at_history(
        student_id=a_school.id_of(a_school.ben), by=a_school.rivera, at=a_school.clock.at
    )
    a_school.end(a_school.ask())
    a_school.clock.move(days=800)
    purge(a_school.id, a_school.clock.at)
    assert set(Refusal.objects.values_list("student_id", flat=True)) == {0}
    assert not Look.objects.exists()
    assert set(HallPass.objects.values_list("student_id", "let_go_by")) == {(0, None)}
    assert history.refusals(a_school.id, Wanted(), limit=5)[0].event.by.name == "—"


# Indexes


ASKED: dict[str, tuple[Callable[[School], Wanted], set[str]]] = {
    "nothing": (lambda school: Wanted(), {"passes_over"}),
    "a week": (
        lambda school: Wanted(since=school.clock.at - timedelta(days=7), before=school.clock.at),
        {"passes_over"},
    ),
    "student": (lambda school: Wanted(student=5), {"passes_of_student"}),
    "adult": (lambda school: Wanted(adult=5), {"passes_over_let_go"}),
    "from": (lambda school: Wanted(origin=5), {"passes_over_from"}),
    "to": (lambda school: Wanted(destination=5), {"passes_over_to"}),
    "given": (lambda school: Wanted(kind="teacher"), {"passes_over_given"}),
    "expired": (lambda school: Wanted(what="expired"), {"passes_over_otherwise"}),
    "edited": (lambda school: Wanted(mark="edited"), {"passes_over_edited"}),
    "overridden": (lambda school: Wanted(mark="overridden"), {"passes_over_overridden"}),
    "long": (lambda school: Wanted(mark="long_running"), {"passes_over_long"}),
    "auto": (lambda school: Wanted(mark="auto_start"), {"passes_over_auto"}),
    "only": (
        lambda school: Wanted(only=frozenset({5, 6})), {"passes_over_from", "passes_over_to"},
    ),
}  # fmt: skip


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ASKED)
def test_each_filter_has_its_index(a_school: School, name: str) -> None:
    make, indexes = ASKED[name]
    with CaptureQueriesContext(connection) as said:
        history.passes(a_school.id, make(a_school), limit=51)
    plan = "\n".join(r[3] for r in rows(f"EXPLAIN QUERY PLAN {said.captured_queries[-1]['sql']}"))
    assert "SCAN passes_hallpass" not in plan
    found = set(re.findall(r"passes_hallpass USING (?:COVERING )?INDEX (\w+)", plan))
    if name in ("long", "edited", "overridden", "auto"):
        # An empty table has no figures: the whole school's index would do as well.
        assert found & {*indexes, "passes_over"}, plan
    else:
        assert found == indexes, plan


def test_a_school_that_was_there_before_gets_its_columns(a_school: School) -> None:
    """The migration fills what the shelf has written since."""
    live_through(a_school)
    refuse(a_school, a_school.cam, a_school.library, "already_out")
    tables = (HallPass.objects.order_by("id"), Refusal.objects.order_by("number"))
    before = [list(table.values()) for table in tables]
    HallPass.objects.update(let_go_by=None, was_long=False, was_overridden=False, was_edited=False)
    Refusal.objects.all().delete()
    migration = import_module("corridor.passes.migrations.0004_history")
    editor = SimpleNamespace(connection=connection)
    migration.fill_columns(None, editor)
    migration.find_refusals(None, editor)
    assert [list(table.values()) for table in tables] == before
