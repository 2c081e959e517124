"""Take a school's turn, record what happened, announce it after the commit.

`turn(school_id)` is the only way to change passes or sessions of a school: one transaction that
first waits for the school's row. So limits cannot race, and numbers have no gaps: the number is
given in the same transaction that writes the event.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from uuid import UUID

import msgspec
from django.db import connection, transaction

from corridor.live import wakeup
from corridor.live.events import Event, Found, Logged
from corridor.live.sql import is_postgres, moment, one, rows, run, uuid

_encode = msgspec.json.Encoder().encode

# PostgreSQL tells the other processes in the statement that writes the event: NOTIFY is sent by
# the commit, so nobody wakes for something that was rolled back, and no statement is added.
_INSERT = """
    INSERT INTO live_event
        (school_id, number, name, at, topics, account_id, request_id, body)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_INSERT_AND_NOTIFY = (
    f"WITH written AS ({_INSERT} RETURNING school_id, number) "
    "SELECT pg_notify('corridor', school_id || ' ' || number || ' ' || %s) FROM written"
)


class NoSuchSchool(LookupError):
    """The school has no turn row: it does not exist, or was never opened."""


class StillRecorded(Exception):
    """A no that is itself part of the record (a refusal, a move that came too late).

    Raised inside a turn it does not roll back: it may only be raised while what was written so
    far is true by itself, that is before the change it refuses.
    """


class _NothingRecorded(Exception):
    """Rolls back a turn that recorded nothing; a change without an event is no change here."""


class Turn:
    """A school's turn, held until the end of the transaction."""

    def __init__(self, school_id: int, number: int, settings: str) -> None:
        self.school_id = school_id
        self.settings = settings
        self.recorded: list[Logged] = []
        self._first = number

    @property
    def number(self) -> int:
        """The number that the next recorded event will have."""
        return self._first + len(self.recorded)


@contextmanager
def turn(school_id: int) -> Iterator[Turn]:
    """Take the school's turn for one transaction; announce what was recorded after its commit.

    Raises `NoSuchSchool`. A `StillRecorded` raised inside is raised again after the commit; any
    other exception rolls everything back, the numbers included.
    """
    still: StillRecorded | None = None
    with _queue(school_id):
        tx: Turn | None = None
        try:
            with transaction.atomic(durable=True):
                tx = _take(school_id)
                try:
                    yield tx
                except StillRecorded as no:
                    still = no
                _close(tx)
        except _NothingRecorded:
            pass
        if tx is not None and tx.recorded:
            # Inside the queue, so that the listeners of this process hear in the order of numbers.
            wakeup.announce(school_id, tx.recorded)
    if still is not None:
        raise still


@contextmanager
def beside_log() -> Iterator[None]:
    """One transaction for what is kept beside the log, and in no event of it.

    On SQLite it waits where turns wait: the file has one writer. So keep it short.
    """
    queue = nullcontext() if is_postgres() else _lock_of_the_file
    with queue, transaction.atomic(durable=True):
        yield


def record(tx: Turn, event: Event, *, request_id: UUID | None = None) -> Logged:
    """Append the event to the school's log with the next number.

    `request_id` is the id the client made for its request; the same id by the same account a
    second time is answered from this row by whoever reads it before acting.
    """
    logged = Logged(tx.school_id, tx.number, event.name, event.topics(), _encode(event).decode())
    values = (
        logged.school_id,
        logged.number,
        logged.name,
        moment(event.at),
        " ".join(logged.topics),
        event.by.account_id,
        uuid(request_id),
        logged.body,
    )
    if is_postgres():
        one(_INSERT_AND_NOTIFY, (*values, wakeup.THIS_PROCESS))
    else:
        run(_INSERT, values)
    found = event.found_by()
    if found is not None:
        _keep_found(logged, event, found)
    tx.recorded.append(logged)
    return logged


def record_all(tx: Turn, events: Sequence[Event], *, request_id: UUID | None = None) -> None:
    """Append many events of the same turn in one go; the request's id stands at the first.

    The first gets the number `tx.number`, the others follow. None of them may be `found_by` a row.
    """
    logged = [
        Logged(tx.school_id, number, event.name, event.topics(), _encode(event).decode())
        for number, event in enumerate(events, start=tx.number)
    ]
    values = [
        (
            row.school_id, row.number, row.name, moment(event.at), " ".join(row.topics),
            event.by.account_id, uuid(request_id) if event is events[0] else None, row.body,
        )
        for row, event in zip(logged, events, strict=True)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, values)
    if logged and is_postgres():
        # One waking is enough: whoever wakes reads the log up to this number.
        told = f"{tx.school_id} {logged[-1].number} {wakeup.THIS_PROCESS}"
        one("SELECT pg_notify('corridor', %s)", (told,))
    tx.recorded.extend(logged)


def _keep_found(logged: Logged, event: Event, found: Found) -> None:
    columns = {"school_id": logged.school_id, "number": logged.number, "at": moment(event.at)}
    columns |= found.columns
    marks = ", ".join(["%s"] * len(columns))
    run(
        f"INSERT INTO {found.table} ({', '.join(columns)}) VALUES ({marks})",
        tuple(columns.values()),
    )


def keep_settings(tx: Turn, settings: str) -> None:
    """Replace the school's settings; the caller records what changed."""
    run("UPDATE live_schoolturn SET settings = %s WHERE school_id = %s", (settings, tx.school_id))
    tx.settings = settings


def read_log(school_id: int, after: int, limit: int = 1000) -> list[Logged]:
    """The events of a school after a number, in order, at most `limit` of them."""
    found = rows(
        "SELECT number, name, topics, body FROM live_event"
        " WHERE school_id = %s AND number > %s ORDER BY number LIMIT %s",
        (school_id, after, limit),
    )
    return [Logged(school_id, n, name, tuple(t.split(" ")), body) for n, name, t, body in found]


def last_number(school_id: int) -> int:
    """The number of the school's last event. Raises `NoSuchSchool`."""
    row = one("SELECT last_number FROM live_schoolturn WHERE school_id = %s", (school_id,))
    if row is None:
        raise NoSuchSchool(school_id)
    return int(row[0])


def _take(school_id: int) -> Turn:
    row = one(
        "UPDATE live_schoolturn SET last_number = last_number + 1"
        " WHERE school_id = %s RETURNING last_number, settings",
        (school_id,),
    )
    if row is None:
        raise NoSuchSchool(school_id)
    return Turn(school_id, int(row[0]), row[1])


def _close(tx: Turn) -> None:
    if not tx.recorded:
        raise _NothingRecorded
    if len(tx.recorded) > 1:
        run(
            "UPDATE live_schoolturn SET last_number = %s WHERE school_id = %s",
            (tx.number - 1, tx.school_id),
        )


# Threads of one process wait for each other here, not in the database: SQLite's busy handler
# sleeps in steps, and on PostgreSQL a waiting transaction holds a connection and a lock entry.
_lock_of_the_file = threading.Lock()
_locks_of_schools: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)


def _queue(school_id: int) -> threading.Lock:
    return _locks_of_schools[school_id] if is_postgres() else _lock_of_the_file
