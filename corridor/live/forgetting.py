"""Rewrite old events so that they name nobody, keeping their numbers.

The log is otherwise only ever appended to. What an event says without its people is not known
here: the caller brings it.
"""

from collections.abc import Sequence

from django.db import connection

from corridor.live.events import Logged
from corridor.live.log import NoSuchSchool, Turn
from corridor.live.sql import one, run


def forgotten_to(school_id: int) -> int:
    """Up to which number the school's events name nobody. Raises `NoSuchSchool`."""
    row = one("SELECT forgotten_to FROM live_schoolturn WHERE school_id = %s", (school_id,))
    if row is None:
        raise NoSuchSchool(school_id)
    return int(row[0])


def forget(tx: Turn, events: Sequence[Logged], *, up_to: int) -> None:
    """Put these nameless events in the place of theirs; all up to this number are done then."""
    rewrite(tx, events)
    run("UPDATE live_schoolturn SET forgotten_to = %s WHERE school_id = %s", (up_to, tx.school_id))


def rewrite(tx: Turn, events: Sequence[Logged]) -> None:
    """Put these nameless events in the place of theirs; those between them stay as they are."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE live_event SET topics = %s, body = %s, account_id = NULL, request_id = NULL"
            " WHERE school_id = %s AND number = %s",
            [(" ".join(e.topics), e.body, tx.school_id, e.number) for e in events],
        )
