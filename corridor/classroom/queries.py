"""What pages ask about running classes and past ones. Nothing here changes anything."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from corridor.classroom import events, kinds, leases, shelf
from corridor.classroom.cards import (
    FAILED,
    PENDING,
    CommandCard,
    Message,
    ParticipantCard,
    Recipient,
    SessionCard,
)
from corridor.classroom.refusals import NotFound
from corridor.live.sql import moment, moment_read, one, rows

# A device that roams is between two connections, and a page may answer for it.
_BACK_WITHIN: Final = timedelta(minutes=1)


class Console(msgspec.Struct, frozen=True):
    """Everything the console shows that is kept: the session, its students, its commands."""

    session: SessionCard
    participants: tuple[ParticipantCard, ...]
    commands: tuple[CommandCard, ...]


def console(school_id: int, session_id: int, *, kept_since: datetime | None = None) -> Console:
    """A session with its students by name. Raises `NotFound`, also for one that was over before
    `kept_since`."""
    card = shelf.session(school_id, session_id)
    if kept_since is not None and card.ended_at is not None and card.ended_at < kept_since:
        raise NotFound("class session")
    found = sorted(shelf.participants(school_id, session_id), key=lambda p: p.student.sort_name)
    return Console(card, tuple(found), tuple(shelf.commands(school_id, session_id)))


def held_by(school_id: int, session_id: int) -> tuple[SessionCard, set[int]]:
    """A session and whom it holds now. Raises `NotFound`."""
    card = shelf.session(school_id, session_id)
    found = rows(
        "SELECT student_id FROM classroom_participant"
        " WHERE school_id = %s AND session_id = %s AND is_in",
        (school_id, session_id),
    )
    return card, {student_id for (student_id,) in found}


def running_sessions(school_id: int) -> list[SessionCard]:
    """The running classes of a school, by name."""
    found = rows(
        "SELECT card FROM classroom_classsession WHERE school_id = %s AND is_running",
        (school_id,),
    )
    cards = (shelf.read_session(text) for (text,) in found)
    return sorted(cards, key=lambda card: (card.class_name, card.id))


def session_of_student(
    school_id: int, student_id: int
) -> tuple[SessionCard, ParticipantCard] | None:
    """The class that holds the student now, and the student's card in it."""
    row = one(
        "SELECT s.card, p.card FROM classroom_participant p JOIN classroom_classsession s"
        " ON s.school_id = p.school_id AND s.id = p.session_id"
        " WHERE p.student_id = %s AND p.is_in AND p.school_id = %s",
        (student_id, school_id),
    )
    return None if row is None else (shelf.read_session(row[0]), shelf.read_participant(row[1]))


def held_elsewhere(school_id: int, class_id: int) -> dict[int, SessionCard]:
    """Students on the roster of a class whom the session of another class holds now."""
    found = rows(
        "SELECT p.student_id, s.card FROM classroom_participant p JOIN classroom_classsession s"
        " ON s.school_id = p.school_id AND s.id = p.session_id"
        " JOIN accounts_enrolment e ON e.account_id = p.student_id AND e.school_class_id = %s"
        " WHERE p.school_id = %s AND p.is_in AND s.class_id <> %s",
        (class_id, school_id, class_id),
    )
    return {student_id: shelf.read_session(text) for student_id, text in found}


def places_kept() -> list[tuple[ParticipantCard, SessionCard]]:
    """The students of all schools for whom a running class keeps a place, each with the class."""
    found = rows(
        "SELECT p.card, s.card FROM classroom_participant p JOIN classroom_classsession s"
        " ON s.school_id = p.school_id AND s.id = p.session_id"
        " WHERE NOT p.is_in AND NOT p.is_over ORDER BY p.school_id, p.session_id, p.student_id"
    )
    read = ((shelf.read_participant(row), shelf.read_session(card)) for row, card in found)
    return [(row, card) for row, card in read if row.include_when_back]


def there_before(at: datetime) -> list[tuple[ParticipantCard, datetime]]:
    """The students of all schools who came before this time to a running class and stand as there
    still, each with the last moment before it of which the school knows anything."""
    found = rows("SELECT card FROM classroom_participant WHERE is_in")
    cards = [shelf.read_participant(text) for (text,) in found]
    there = [
        card
        for card in cards
        if card.there and card.there[-1].until is None and card.there[-1].since < at
    ]
    known = {school_id: _last_known(school_id, at) for school_id in {c.school_id for c in there}}
    return [(card, known[card.school_id]) for card in there]


def _last_known(school_id: int, before: datetime) -> datetime:
    """When the last thing happened that the log knows, or a site was open on a device of a class
    that runs."""
    event = one(
        "SELECT at FROM live_event WHERE school_id = %s AND at < %s ORDER BY number DESC LIMIT 1",
        (school_id, moment(before)),
    )
    site = one(
        "SELECT max(s.last_at) FROM classroom_classsite s JOIN classroom_classsession c"
        " ON c.school_id = s.school_id AND c.id = s.session_id AND c.is_running"
        " WHERE s.school_id = %s AND s.last_at < %s",
        (school_id, moment(before)),
    )
    times = [moment_read(row[0]) for row in (event, site) if row is not None]
    return max((time for time in times if time is not None), default=before)


def commands_to_answer(row: ParticipantCard, at: datetime) -> list[CommandCard]:
    """What this student's device is asked when it comes, oldest first: what none has answered
    (of what it is held to, only if that still stands), whether it holds to what failed before, and
    what only a page answered: that it holds to it, or to do what was asked a moment ago."""
    return [
        card
        for card in shelf.commands(row.school_id, row.session_id)
        for one in card.recipients
        if one.student.id == row.student.id and _is_to_answer(card, one, row, at)
    ]


def _is_to_answer(card: CommandCard, one: Recipient, row: ParticipantCard, at: datetime) -> bool:
    kind = kinds.BY_NAME[card.kind]
    if one.result == PENDING:
        return not kinds.holds(kind, card.arguments) or leases.gave(row, card.id)
    if one.by_page and not kind.lease:
        return at - card.at < _BACK_WITHIN
    return (one.result == FAILED or one.by_page) and leases.gave(row, card.id)


def sites_opened(school_id: int, session_id: int, student_id: int) -> list[CommandCard]:
    """The sites that teachers opened for a student in a session, the newest first."""
    found = [
        card
        for card in shelf.commands(school_id, session_id)
        if card.kind == "open_site"
        and any(one.student.id == student_id and one.result != "failed" for one in card.recipients)
    ]
    return sorted(found, key=lambda card: -card.id)


class Line(msgspec.Struct, frozen=True):
    """Something that was written: by the student, or to them by a teacher (`by_name`).

    `acted_by` is the admin who wrote it as that teacher.
    """

    at: datetime
    text: str
    by_student: bool
    by_name: str
    result: str = ""
    acted_by: str = ""


def conversation(school_id: int, session_id: int, student_id: int) -> list[Line]:
    """What a student and the teachers of a session wrote to each other, oldest first."""
    told = [
        Line(card.at, card.arguments.text, False, card.by.name, one.result, card.by.acted_by)
        for card in shelf.commands(school_id, session_id)
        if card.kind in ("message", "announcement")
        for one in card.recipients
        if one.student.id == student_id
    ]
    written = [
        Line(message.at, message.text, True, message.student.name)
        for message in _messages(school_id, session_id)
        if message.student.id == student_id
    ]
    return sorted((*told, *written), key=lambda line: line.at)


def sessions_over(
    school_id: int,
    *,
    class_ids: frozenset[int] | None,
    led_by: int | None = None,
    kept_since: datetime,
    before: datetime,
    limit: int = 50,
) -> list[SessionCard]:
    """Sessions that are over, not before `kept_since`, the last first: those of these classes
    (None: of all) and those that `led_by` led, as `corridor.classroom.leading.reads_past` says."""
    which = ""
    ids: tuple[int | None, ...] = tuple(class_ids or ())
    if class_ids is not None:
        of_classes = f"class_id IN ({', '.join(['%s'] * len(ids))}) OR " if ids else ""
        which, ids = f" AND ({of_classes}led_by = %s)", (*ids, led_by)
    found = rows(
        "SELECT card FROM classroom_classsession WHERE school_id = %s AND NOT is_running"
        f" AND NOT is_forgotten AND ended_at >= %s AND ended_at < %s{which}"
        " ORDER BY ended_at DESC, id DESC LIMIT %s",
        (school_id, moment(kept_since), moment(before), *ids, limit),
    )
    return [shelf.read_session(text) for (text,) in found]


def sessions_with(school_id: int, student_id: int) -> list[tuple[SessionCard, ParticipantCard]]:
    """The sessions that name a student, each with the student's card in it, oldest first."""
    found = rows(
        "SELECT s.card, p.card FROM classroom_participant p JOIN classroom_classsession s"
        " ON s.school_id = p.school_id AND s.id = p.session_id"
        " WHERE p.student_id = %s AND p.school_id = %s ORDER BY p.session_id",
        (student_id, school_id),
    )
    return [(shelf.read_session(card), shelf.read_participant(row)) for card, row in found]


def _messages(school_id: int, session_id: int) -> list[Message]:
    found = rows(
        "SELECT e.name, e.body FROM classroom_classmessage m JOIN live_event e"
        " ON e.school_id = m.school_id AND e.number = m.number"
        " WHERE m.school_id = %s AND m.session_id = %s ORDER BY m.number",
        (school_id, session_id),
    )
    told = (events.decode(name, body) for name, body in found)
    return [event.message for event in told if isinstance(event, events.ClassMessageSent)]
