"""The fixtures of the school, imported by the folders that tell stories in it.

Nothing of Corridor is imported before a test asks: pytest reads this before Django is set up.
"""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from corridor.clock import TestClock

if TYPE_CHECKING:
    from tests.school import School

Statement = tuple[str, Any, bool]

_kept: "tuple[School, list[list[Any]]] | None" = None
_statements: list[Statement] | None = None


@pytest.fixture
def a_school(db: None, clock: TestClock) -> "Iterator[School]":
    """The school of `tests/school.py` on a Monday at ten.

    Its operations run once in each test process; later tests get the same rows in a few inserts.
    """
    from django.apps import apps

    from corridor.accounts import signins
    from corridor.classroom.pictures import pictures
    from corridor.classroom.presence import presences
    from corridor.live.wakeup import THIS_PROCESS
    from corridor.web import fragments
    from tests.school import School

    global _kept, _statements
    if _kept is None:
        school = School(clock)
        storeys = [
            apps.get_app_config(name)
            for name in ("roster", "accounts", "live", "passes", "classroom", "webhooks")
        ]
        tables = [model for storey in storeys for model in storey.get_models()]
        _kept = copy.copy(school), [list(model._default_manager.all()) for model in tables]
    else:
        school = copy.copy(_kept[0])
        school.clock = clock
        if _statements is None:
            _statements = _put_back(_kept[1])
        else:
            _run(_statements)
    # The numbers of passes and students begin again; what the test before left is of others.
    fragments._row.cache_clear()
    pictures.sweep(datetime.max.replace(tzinfo=UTC))
    presences.all_gone(THIS_PROCESS)
    yield school
    signins.forget()


def _put_back(kept: list[list[Any]]) -> list[Statement]:
    """Insert these rows, and number on behind them; the statements that did it.

    Making the statements takes Django longer than the database takes to run them.
    """
    from django.db import connection

    ran: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        ran.append((sql, params, many))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for rows in kept:
            if rows:
                type(rows[0])._default_manager.bulk_create(rows)
        _number_on([type(rows[0]) for rows in kept if rows])
        _write_whole_seconds_as_the_shelf_does()
    return ran


def _run(statements: list[Statement]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for sql, params, many in statements:
            (cursor.executemany if many else cursor.execute)(sql, params)


def _write_whole_seconds_as_the_shelf_does() -> None:
    """Django leaves out microseconds that are 0; on SQLite, where times are texts, it shows."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for column in ("requested_at", "started_at", "ended_at"):
            cursor.execute(
                f"UPDATE passes_hallpass SET {column} = {column} || '.000000'"
                f" WHERE length({column}) = 19"
            )


def _number_on(tables: list[Any]) -> None:
    """Let the numbers that the database gives begin after those of the rows just kept."""
    from django.core.management.color import no_style
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
