"""Students seen without a pass: write it down, read it again."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor
from corridor.accounts.models import PassAccount, Role
from corridor.accounts.photos import marks_of
from corridor.live.log import Turn, record
from corridor.live.sql import is_postgres, moment, one, rows, run, uuid
from corridor.passes import timers
from corridor.passes.cards import Person, Place
from corridor.passes.events import StudentSeenWithoutPass
from corridor.passes.queries import open_pass_of
from corridor.passes.refusals import NotAllowed, NotFound, Refusal, Refused
from corridor.passes.rules import MAX_TEXT
from corridor.passes.texts import one_line
from corridor.roster.models import Location


def note_without_pass(
    tx: Turn,
    *,
    student_id: int,
    place_id: int | None = None,
    room_id: int | None = None,
    text: str = "",
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> StudentSeenWithoutPass:
    """An adult writes down that a student was met without a pass.

    Where (`place_id`), where the student should have been (`room_id`) and words of at most 200
    characters may be left out. The same `request_id` again gives the first answer. Raises
    `NotAllowed` for a student, `NotFound` for a student or a location that this school does not
    have, `Refused` for a student who is out on a live pass and for a text that is too long.
    """
    if not by.is_adult:
        raise NotAllowed
    text = one_line(text)
    if len(text) > MAX_TEXT:
        raise Refused(Refusal("words_too_long", {"length": len(text), "limit": MAX_TEXT}))
    if request_id is not None and (first := _first_answer(tx.school_id, by, request_id)):
        return first
    student = PassAccount.objects.filter(
        pk=student_id, school_id=tx.school_id, role=Role.STUDENT, closed_at__isnull=True
    ).first()
    if student is None:
        raise NotFound("student")
    held = open_pass_of(student_id)
    if held is not None and timers.catch_up(tx, held, at=at).is_out:
        facts: dict[str, str | int] = {
            "student": student.display_name,
            "place": held.destination.name,
        }
        raise Refused(Refusal("has_pass", facts))
    event = StudentSeenWithoutPass(
        school_id=tx.school_id,
        student=Person(
            student.pk,
            student.display_name,
            f"{student.family_name} {student.given_name}".strip(),
            student.grade,
            marks_of([student.pk]).get(student.pk, ""),
        ),
        place=_place(tx.school_id, place_id),
        room=_place(tx.school_id, room_id),
        text=text,
        by=by.who,
        at=at,
    )
    run(
        "INSERT INTO passes_sighting (school_id, number, room_id, at) VALUES (%s, %s, %s, %s)",
        (tx.school_id, tx.number, room_id, moment(at)),
    )
    record(tx, event, request_id=request_id)
    return event


def seen_without_pass(
    school_id: int, since: datetime, until: datetime, *, limit: int = 200
) -> list[StudentSeenWithoutPass]:
    """Who was seen without a pass from a time up to another one, newest first."""
    return _read(school_id, since, until, "", (), limit)


def seen_of_rooms(
    school_id: int,
    since: datetime,
    until: datetime,
    *,
    location_ids: Collection[int],
    account_id: int,
    limit: int = 200,
) -> list[StudentSeenWithoutPass]:
    """As `seen_without_pass`, for one adult: of these rooms, and what this adult wrote."""
    where, params = "e.account_id = %s", (account_id, *location_ids)
    if location_ids:
        where += f" OR s.room_id IN ({', '.join(['%s'] * len(location_ids))})"
    return _read(school_id, since, until, f" AND ({where})", params, limit)


def seen_of_student(school_id: int, student_id: int) -> list[StudentSeenWithoutPass]:
    """All that was written of one student, newest first.

    For their own data only: it looks through all that was written in the school.
    """
    of_student = "json_extract(e.body, '$.student.id')"
    if is_postgres():
        of_student = "CAST(CAST(e.body AS json) #>> '{student,id}' AS bigint)"
    found = rows(
        "SELECT e.body FROM passes_sighting s"
        " JOIN live_event e ON e.school_id = s.school_id AND e.number = s.number"
        f" WHERE s.school_id = %s AND {of_student} = %s ORDER BY s.at DESC, s.number DESC",
        (school_id, student_id),
    )
    return [_decode(body) for (body,) in found]


def _read(
    school_id: int,
    since: datetime,
    until: datetime,
    where: str,
    params: tuple[int, ...],
    limit: int,
) -> list[StudentSeenWithoutPass]:
    found = rows(
        "SELECT e.body FROM passes_sighting s"
        " JOIN live_event e ON e.school_id = s.school_id AND e.number = s.number"
        f" WHERE s.school_id = %s AND s.at >= %s AND s.at < %s{where}"
        " ORDER BY s.at DESC, s.number DESC LIMIT %s",
        (school_id, moment(since), moment(until), *params, limit),
    )
    return [_decode(body) for (body,) in found]


_decode = msgspec.json.Decoder(StudentSeenWithoutPass).decode


def _first_answer(school_id: int, by: Actor, request_id: UUID) -> StudentSeenWithoutPass | None:
    row = one(
        "SELECT name, body FROM live_event"
        " WHERE school_id = %s AND account_id = %s AND request_id = %s",
        (school_id, by.account_id, uuid(request_id)),
    )
    if row is None:
        return None
    if row[0] != StudentSeenWithoutPass.name:
        raise NotFound("request")
    return _decode(row[1])


def _place(school_id: int, location_id: int | None) -> Place | None:
    if location_id is None:
        return None
    found = Location.objects.filter(
        pk=location_id, school_id=school_id, archived_at__isnull=True
    ).first()
    if found is None:
        raise NotFound("location")
    return Place(found.pk, found.name, found.adult_name)
