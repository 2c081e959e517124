"""Check that the log is whole and that it tells the same as the tables of passes and of classes.

The log is read in pieces in the order of numbers, and beside each piece the rows of the passes in
it, so the memory needed does not grow with the log. A pass agrees when the card in its row is the
card of its last event; of a pass that is not over, a purge may have left that event nameless.
"""

from collections.abc import Callable, Iterator
from itertools import starmap
from typing import Any, Final

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper

from corridor.classroom.events import ClassroomEvent
from corridor.live.events import Event
from corridor.live.sql import moment_read
from corridor.operators.events import KINDS
from corridor.operators.nameless import nameless
from corridor.operators.snapshot import rows_of
from corridor.operators.verify_classes import MESSAGES, TABLES, ClassesOf
from corridor.passes import states
from corridor.passes.cards import Appointment, PassCard
from corridor.passes.events import PassEvent

PIECE: Final = 2000

_DECODERS: Final = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}
_decode_card: Final = msgspec.json.Decoder(PassCard).decode

# Where cards lie: passes, and appointments that have not surfaced.
_PASSES: Final = "passes_hallpass"
_COMING: Final = "passes_comingpass"

# The columns beside the card, and what each must repeat. Times are compared as times.
_COLUMNS: Final[dict[str, Callable[[PassCard], Any]]] = {
    "student_id": lambda card: card.student.id,
    "origin_id": lambda card: card.origin.id,
    "destination_id": lambda card: card.destination.id,
    "kind": lambda card: card.kind,
    "state": lambda card: card.state,
    "is_open": lambda card: card.is_open,
    "requested_at": lambda card: card.requested_at,
    "started_at": lambda card: card.started_at,
    "ended_at": lambda card: card.ended_at,
    "due_at": lambda card: card.due_at,
    "over_at": lambda card: card.over_at,
    "let_go_by": lambda card: card.let_go_by,
    "was_long": lambda card: states.LONG_RUNNING in card.marks,
    "was_overridden": lambda card: states.OVERRIDDEN in card.marks,
    "was_edited": lambda card: states.EDITED in card.marks,
    "asks_correction": lambda card: card.correction is not None,
    "was_auto": lambda card: states.AUTO_START in card.marks,
}


def _appointment(card: PassCard) -> Appointment:
    assert card.appointment is not None
    return card.appointment


_COLUMNS_OF: Final[dict[str, dict[str, Callable[[PassCard], Any]]]] = {
    _PASSES: _COLUMNS,
    _COMING: {
        "student_id": lambda card: card.student.id,
        "origin_id": lambda card: card.origin.id,
        "destination_id": lambda card: card.destination.id,
        "state": lambda card: card.state,
        "series": lambda card: _appointment(card).series,
        "begins_at": lambda card: _appointment(card).begins_at,
        "due_at": lambda card: card.due_at,
        "held": lambda card: _appointment(card).held,
    },
}


class Wrong(msgspec.Struct, frozen=True):
    """Something that does not agree: in which school, at which number, in words."""

    school_id: int
    number: int
    says: str

    def __str__(self) -> str:
        return f"school {self.school_id}, number {self.number}: {self.says}"


def events_in_all(connection: BaseDatabaseWrapper) -> int:
    """How many events the logs of all schools say they have."""
    return int(
        rows_of(connection, "SELECT coalesce(sum(last_number), 0) FROM live_schoolturn")[0][0]
    )


def wrong_in_all(
    connection: BaseDatabaseWrapper, done: Callable[[int], None] = lambda n: None
) -> Iterator[Wrong]:
    """Everything that is wrong in the logs, passes and classes of all schools, as it is found.

    `done(n)` is called after each piece. Call it inside a `snapshot`, or while nobody writes.
    """
    for school_id, last, forgotten_to in rows_of(
        connection,
        "SELECT school_id, last_number, forgotten_to FROM live_schoolturn ORDER BY school_id",
    ):
        yield from _School(connection, school_id, last, forgotten_to, done).wrong()
    classes = (*(table.name for table in TABLES), MESSAGES)
    for table in ("live_event", _PASSES, _COMING, *classes):
        for school_id, count in rows_of(
            connection,
            f"SELECT school_id, count(*) FROM {table} WHERE school_id NOT IN"
            " (SELECT school_id FROM live_schoolturn) GROUP BY school_id",
        ):
            yield Wrong(school_id, 0, f"{table} has {count} rows of a school that has no turn")
    for student_id, school_id, count in rows_of(
        connection,
        "SELECT student_id, min(school_id), count(*) FROM passes_hallpass WHERE is_open"
        " GROUP BY student_id HAVING count(*) > 1",
    ):
        yield Wrong(school_id, 0, f"student {student_id} has {count} open passes")


class _School:
    """The check of one school: where it is, and how many passes it has found to agree."""

    def __init__(
        self, connection: BaseDatabaseWrapper, school_id: int, last: int, forgotten_to: int,
        done: Callable[[int], None],
    ) -> None:  # fmt: skip
        self._connection, self._id, self._last, self._done = connection, school_id, last, done
        self._forgotten_to = forgotten_to
        self._agreed = 0
        self._classes = ClassesOf(connection, school_id)

    def wrong(self) -> Iterator[Wrong]:
        number = 0
        while piece := self._piece(number):
            events: dict[int, PassEvent] = {}
            of_classes: dict[int, ClassroomEvent] = {}
            for found, name, body in piece:
                if found != number + 1:
                    yield self._wrong(number + 1, _missing(number + 1, found - 1))
                number = found
                event, problem = _decoded(name, body)
                if problem:
                    yield self._wrong(number, problem)
                elif isinstance(event, PassEvent):
                    events[number] = event
                elif isinstance(event, ClassroomEvent):
                    of_classes[number] = event
            yield from self._compare(events)
            yield from starmap(self._wrong, self._classes.compare(of_classes))
            self._done(len(piece))
        if number < self._last:
            yield self._wrong(number + 1, _missing(number + 1, self._last))
        if number > self._last:
            yield self._wrong(number, f"the log goes on after its last number {self._last}")
        yield from self._without_event()
        yield from starmap(self._wrong, self._classes.without_event())

    def _piece(self, after: int) -> list[tuple[Any, ...]]:
        return rows_of(
            self._connection,
            "SELECT number, name, body FROM live_event WHERE school_id = %s AND number > %s"
            " ORDER BY number LIMIT %s",
            (self._id, after, PIECE),
        )

    def _compare(self, events: dict[int, PassEvent]) -> Iterator[Wrong]:
        """The passes of these events: the last event of each has the card in its row."""
        passes = self._rows({event.card.id for event in events.values()})
        for number, event in events.items():
            card, row = event.card, passes.get(event.card.id)
            if card.version != number or card.school_id != self._id:
                yield self._wrong(
                    number,
                    f"the event's card says number {card.version} of school {card.school_id}",
                )
            if row is None:
                yield self._wrong(number, f"pass {card.id} is in the log but not in the table")
            elif row[0] < number:
                yield self._wrong(number, f"pass {card.id} in the table stayed at number {row[0]}")
            elif row[0] == number:
                self._agreed += 1
                yield from self._differences(event, row)

    def _rows(self, ids: set[int]) -> dict[int, tuple[Any, ...]]:
        """The rows of these passes; of one that lies in both tables, the one among the passes."""
        if not ids:
            return {}
        return self._rows_in(_COMING, ids) | self._rows_in(_PASSES, ids)

    def _rows_in(self, table: str, ids: set[int]) -> dict[int, tuple[Any, ...]]:
        found = rows_of(
            self._connection,
            f"SELECT id, version, card, {', '.join(_COLUMNS_OF[table])} FROM {table}"
            f" WHERE school_id = %s AND id IN ({', '.join(['%s'] * len(ids))})",
            (self._id, *ids),
        )
        return {pass_id: (version, table, *row) for pass_id, version, *row in found}

    def _differences(self, event: PassEvent, row: tuple[Any, ...]) -> Iterator[Wrong]:
        _, table, text, *columns = row
        try:
            card = _decode_card(text)
        except msgspec.MsgspecError as error:
            yield self._wrong(event.card.version, f"the card of pass {event.card.id}: {error}")
            return
        in_log = card if card == event.card else self._as_purged(card)
        if in_log != event.card:
            fields = [
                name for name in PassCard.__struct_fields__
                if getattr(in_log, name) != getattr(event.card, name)
            ]  # fmt: skip
            yield self._wrong(
                event.card.version,
                f"pass {card.id} in the table differs from its last event in {', '.join(fields)}",
            )
        for (name, expected), value in zip(_COLUMNS_OF[table].items(), columns, strict=True):
            kept = moment_read(value) if name.endswith("_at") else value
            if kept != expected(card):
                yield self._wrong(
                    card.version,
                    f"pass {card.id}: column {name} is {kept}, its card says {expected(card)}",
                )

    def _as_purged(self, card: PassCard) -> PassCard:
        """What the log says of this card: nothing of its people, if it is older than a purge."""
        is_over = not (card.is_open or card.is_coming)
        return card if is_over or card.version > self._forgotten_to else nameless(card)

    def _without_event(self) -> Iterator[Wrong]:
        """Passes whose last event is not in the log; asked only when the count does not agree."""
        count = sum(
            rows_of(
                self._connection,
                f"SELECT count(*) FROM {table} WHERE school_id = %s", (self._id,),
            )[0][0]
            for table in _COLUMNS_OF
        )  # fmt: skip
        if count != self._agreed:
            for table in _COLUMNS_OF:
                yield from self._without_event_in(table)
            yield from self._in_both()

    def _without_event_in(self, table: str) -> Iterator[Wrong]:
        after = 0
        while piece := rows_of(
            self._connection,
            f"SELECT p.id, p.version, e.name, e.body FROM {table} p LEFT JOIN live_event e"
            " ON e.school_id = p.school_id AND e.number = p.version"
            " WHERE p.school_id = %s AND p.id > %s ORDER BY p.id LIMIT %s",
            (self._id, after, PIECE),
        ):
            for pass_id, version, name, body in piece:
                event, _ = _decoded(name, body) if name else (None, "")
                if not isinstance(event, PassEvent) or event.card.id != pass_id:
                    there = f"“{name}” of something else" if name else "missing"
                    yield self._wrong(version, f"the last event of pass {pass_id} is {there}")
            after = piece[-1][0]

    def _in_both(self) -> Iterator[Wrong]:
        for pass_id, version in rows_of(
            self._connection,
            f"SELECT p.id, a.version FROM {_PASSES} p JOIN {_COMING} a ON a.school_id = p.school_id"
            " AND a.id = p.id WHERE p.school_id = %s ORDER BY p.id",
            (self._id,),
        ):
            yield self._wrong(version, f"pass {pass_id} has surfaced but is still to come, too")

    def _wrong(self, number: int, says: str) -> Wrong:
        return Wrong(self._id, number, says)


def _missing(first: int, last: int) -> str:
    return "is missing" if first == last else f"is missing, and all up to {last}"


def _decoded(name: str, body: str) -> tuple[Event | None, str]:
    """The event, and what is wrong with it."""
    decoder = _DECODERS.get(name)
    if decoder is None:
        return None, f"the event “{name}” is not known to this Corridor"
    try:
        return decoder.decode(body), ""
    except msgspec.MsgspecError as error:
        return None, f"the event “{name}” cannot be read: {error}"
