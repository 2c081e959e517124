"""How many statements a press costs: they are what a busy school feels."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corridor.live import wakeup
from corridor.passes.apart import groups_of, let_together
from corridor.passes.refusals import Refused
from corridor.passes.trips import comment_on_pass, edit_times
from tests.school import School

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[0, 100], ids=["nobody listens", "100 listen"])
def listeners(request: pytest.FixtureRequest) -> Iterator[int]:
    """Consoles of this process that hear of every commit."""
    added = [lambda school_id, events: None for _ in range(request.param)]
    for listener in added:
        wakeup.listen(listener)
    yield request.param
    for listener in added:
        wakeup.stop_listening(listener)


class Statements(CaptureQueriesContext):
    """The statements between BEGIN and COMMIT, and that these two frame them."""

    def __init__(self) -> None:
        super().__init__(connection)

    @property
    def between(self) -> list[str]:
        told = [query["sql"].split(maxsplit=1)[0] for query in self.captured_queries]
        assert (told[0], told[-1]) == ("BEGIN", "COMMIT")
        return told[1:-1]


def test_a_request_costs_six_statements_and_none_after_the_commit(
    a_school: School, listeners: int
) -> None:
    with Statements() as statements:
        a_school.ask()
    assert len(statements.between) <= 4


def test_a_refusal_costs_no_more(a_school: School, listeners: int) -> None:
    with Statements() as statements, pytest.raises(Refused):
        a_school.ask(a_school.ben)
    assert len(statements.between) <= 4


def test_a_teacher_pass_costs_no_more(a_school: School, listeners: int) -> None:
    with Statements() as statements:
        a_school.give(pre_approved=True)
    assert len(statements.between) <= 4


def test_every_move_costs_six_statements(a_school: School, listeners: int) -> None:
    card = a_school.ask()
    for name, by in (
        ("approve", a_school.rivera), ("arrive", a_school.ito), ("send_back", a_school.ito),
        ("end", a_school.dana),
    ):  # fmt: skip
        with Statements() as statements:
            a_school.press(name, card, by)
        assert len(statements.between) <= 4, name


def test_start_and_stop_cost_no_more(a_school: School, listeners: int) -> None:
    a_school.allow_auto(a_school.nurse, limit=3)
    card = a_school.ask()
    for name in ("start", "stop"):
        with Statements() as statements:
            a_school.press(name, card, a_school.ana)
        assert len(statements.between) <= 4, name


def test_comments_and_edits_cost_no_more(a_school: School) -> None:
    card = a_school.out()
    a_school.wait(minutes=30)
    with Statements() as statements:
        a_school.do(comment_on_pass, pass_id=card.id, text="Hm.", by=a_school.ito)
    assert len(statements.between) <= 4
    with Statements() as statements:
        a_school.do(edit_times, pass_id=card.id, ended_at=a_school.clock.at, by=a_school.ito)
    assert len(statements.between) <= 4


def test_kept_apart_asks_the_database_what_a_full_building_asks(a_school: School) -> None:
    """Word for word: nothing that can be measured tells one refusal from the other."""
    told = []
    a_school.out(a_school.cam)
    a_school.keep_apart(a_school.ana, a_school.cam)
    for how in ("kept_apart", "building_full"):
        if how == "building_full":
            (group,) = groups_of(a_school.id)
            a_school.do(let_together, group_id=group.id, by=a_school.dana)
            a_school.decide(building_limit=1)
        with CaptureQueriesContext(connection) as asked, pytest.raises(Refused, match=how):
            a_school.ask()
        told.append([_shape(query["sql"]) for query in asked.captured_queries])
    assert told[0] == told[1]


def _shape(sql: str) -> str:
    """The statement without its values."""
    return re.sub(r"'(?:[^']|'')*'|\b\d+\b", "?", sql)
