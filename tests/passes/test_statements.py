"""How many statements a press costs: they are what a busy school feels."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corridor.live import wakeup
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
    from corridor.passes.refusals import Refused

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
