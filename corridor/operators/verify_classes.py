"""Check that the log tells the same of classes as the tables of Classroom.

A row agrees when its card is the card that its last event carries, and its columns repeat the card.
Which sites were open in a class stands beside the log on purpose: nothing is said of it here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper

from corridor.classroom import events
from corridor.classroom.cards import CommandCard, ParticipantCard, SessionCard
from corridor.live.sql import moment_read
from corridor.operators.snapshot import rows_of

Key = tuple[int, ...]  # what names a row within its school
Card = SessionCard | ParticipantCard | CommandCard
Problem = tuple[int, str]  # at which number, in words


class _Table(msgspec.Struct, frozen=True):
    """A table of cards: what names its rows, and the columns that repeat the card."""

    name: str
    keys: tuple[str, ...]
    words: str
    decode: Callable[[str], Any]
    columns: dict[str, Callable[[Any], Any]]


_SESSIONS: Final = _Table(
    "classroom_classsession", ("id",), "class session {}", msgspec.json.Decoder(SessionCard).decode,
    {
        "class_id": lambda card: card.class_id,
        "led_by": lambda card: card.led_by.account_id,
        "is_running": lambda card: card.is_running,
        "started_at": lambda card: card.started_at,
        "ends_at": lambda card: card.ends_at,
        "ended_at": lambda card: card.ended_at,
    },
)  # fmt: skip
_PARTICIPANTS: Final = _Table(
    "classroom_participant", ("session_id", "student_id"), "student {1} of class session {0}",
    msgspec.json.Decoder(ParticipantCard).decode,
    {
        "is_in": lambda card: card.is_in,
        "is_over": lambda card: card.is_over,
        "due_at": lambda card: card.due_at,
    },
)  # fmt: skip
_COMMANDS: Final = _Table(
    "classroom_command", ("id",), "command {}", msgspec.json.Decoder(CommandCard).decode,
    {"session_id": lambda card: card.session_id},
)  # fmt: skip
TABLES: Final = (_SESSIONS, _PARTICIPANTS, _COMMANDS)
MESSAGES: Final = "classroom_classmessage"


class ClassesOf:
    """The check of the classes of one school: how many rows it has found to agree."""

    def __init__(self, connection: BaseDatabaseWrapper, school_id: int) -> None:
        self._connection, self._id = connection, school_id
        self._agreed: dict[str, int] = dict.fromkeys((*(t.name for t in TABLES), MESSAGES), 0)
        self._forgotten = {
            session_id
            for (session_id,) in self._rows(
                "SELECT id FROM classroom_classsession WHERE school_id = %s AND is_forgotten"
            )
        }

    def compare(self, found: Mapping[int, events.ClassroomEvent]) -> Iterator[Problem]:
        """The rows that these events are about: the last event of each has the card in its row."""
        cards: dict[str, dict[Key, tuple[int, Card]]] = {table.name: {} for table in TABLES}
        for number, event in found.items():
            for table, key, card in _cards_in(event):
                if card.version != number or card.school_id != self._id:
                    says = f"number {card.version} of school {card.school_id}"
                    yield number, f"the event's card of {table.words.format(*key)} says {says}"
                cards[table.name][key] = number, card
        for table in TABLES:
            yield from self._compared(table, cards[table.name])
        yield from self._messages(found)

    def without_event(self) -> Iterator[Problem]:
        """Rows whose last event is not in the log; asked only when the count does not agree."""
        for table in TABLES:
            if self._count(table.name) != self._agreed[table.name]:
                yield from self._lost(table)
        if self._count(MESSAGES) != self._agreed[MESSAGES]:
            for number, name in self._rows(
                f"SELECT m.number, e.name FROM {MESSAGES} m LEFT JOIN live_event e"
                " ON e.school_id = m.school_id AND e.number = m.number"
                " WHERE m.school_id = %s ORDER BY m.number"
            ):
                if name != events.ClassMessageSent.name:
                    yield number, f"the event of a message to a class is {_told(name)}"

    def _compared(self, table: _Table, cards: Mapping[Key, tuple[int, Card]]) -> Iterator[Problem]:
        kept = self._kept(table, cards.keys())
        for key, (number, card) in cards.items():
            row, words = kept.get(key), table.words.format(*key)
            if row is None:
                if _session_of(card) not in self._forgotten:
                    yield number, f"{words} is in the log but not in the table"
            elif row[0] < number:
                yield number, f"{words} in the table stayed at number {row[0]}"
            elif row[0] == number:
                self._agreed[table.name] += 1
                yield from _differences(table, words, card, row)

    def _kept(self, table: _Table, keys: Iterable[Key]) -> dict[Key, tuple[Any, ...]]:
        """The rows of these cards: version, card, columns."""
        firsts = {key[0] for key in keys}
        if not firsts:
            return {}
        names = ", ".join((*table.keys, "version", "card", *table.columns))
        found = self._rows(
            f"SELECT {names} FROM {table.name} WHERE school_id = %s"
            f" AND {table.keys[0]} IN ({', '.join(['%s'] * len(firsts))})",
            *firsts,
        )
        many = len(table.keys)
        return {tuple(row[:many]): tuple(row[many:]) for row in found}

    def _messages(self, found: Mapping[int, events.ClassroomEvent]) -> Iterator[Problem]:
        sent = {
            number: (event.message.session_id, event.message.student.id)
            for number, event in found.items()
            if isinstance(event, events.ClassMessageSent)
            and event.message.session_id not in self._forgotten
        }
        if not sent:
            return
        kept = {
            number: (session_id, student_id)
            for number, session_id, student_id in self._rows(
                f"SELECT number, session_id, student_id FROM {MESSAGES} WHERE school_id = %s"
                f" AND number IN ({', '.join(['%s'] * len(sent))})",
                *sent,
            )
        }
        for number, whose in sent.items():
            if kept.get(number) == whose:
                self._agreed[MESSAGES] += 1
            elif number in kept:
                yield number, "the message in the table is of another student or class"
            else:
                yield number, "a message to a class is in the log but not in the table"

    def _lost(self, table: _Table) -> Iterator[Problem]:
        names = ", ".join(f"t.{name}" for name in table.keys)
        for *key, version, name, body in self._rows(
            f"SELECT {names}, t.version, e.name, e.body FROM {table.name} t"
            " LEFT JOIN live_event e ON e.school_id = t.school_id AND e.number = t.version"
            f" WHERE t.school_id = %s ORDER BY {names}"
        ):
            if tuple(key) not in _keys_in(table, name, body):
                words = table.words.format(*key)
                yield version, f"the last event of {words} is {_told(name)}"

    def _count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table} WHERE school_id = %s")[0][0])

    def _rows(self, statement: str, *more: Any) -> list[tuple[Any, ...]]:
        return rows_of(self._connection, statement, (self._id, *more))


def _cards_in(event: events.ClassroomEvent) -> Iterator[tuple[_Table, Key, Card]]:
    for row in event.participants:
        yield _PARTICIPANTS, (row.session_id, row.student.id), row
    if isinstance(event, events.SessionEvent):
        yield _SESSIONS, (event.card.id,), event.card
    elif isinstance(event, events.CommandSent | events.CommandAnswered):
        yield _COMMANDS, (event.card.id,), event.card


def _keys_in(table: _Table, name: str | None, body: str) -> list[Key]:
    """The rows of a table that an event is about; none of one that cannot be read."""
    try:
        event = events.decode(name, body) if name else None
    except msgspec.MsgspecError:
        event = None
    return [] if event is None else [key for of, key, _ in _cards_in(event) if of is table]


def _session_of(card: Card) -> int:
    return card.id if isinstance(card, SessionCard) else card.session_id


def _differences(
    table: _Table, words: str, expected: Card, row: tuple[Any, ...]
) -> Iterator[Problem]:
    version, text, *columns = row
    try:
        card = table.decode(text)
    except msgspec.MsgspecError as error:
        yield version, f"the card of {words}: {error}"
        return
    if card != expected:
        fields = [
            name for name in expected.__struct_fields__
            if getattr(card, name) != getattr(expected, name)
        ]  # fmt: skip
        yield version, f"{words} in the table differs from its last event in {', '.join(fields)}"
    for (name, says), value in zip(table.columns.items(), columns, strict=True):
        kept = moment_read(value) if name.endswith("_at") else value
        if kept != says(card):
            yield version, f"{words}: column {name} is {kept}, its card says {says(card)}"


def _told(name: str | None) -> str:
    return f"“{name}” of something else" if name else "missing"
