"""The minutes that students of a class were out on passes, and those that are left."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from corridor.classroom.cards import ParticipantCard, SessionCard
from corridor.integration import people
from corridor.passes import queries
from corridor.passes.cards import PassCard

Stretch = tuple[datetime, datetime]


def passes_in(session: SessionCard, student_ids: Iterable[int]) -> dict[int, list[PassCard]]:
    """The passes of these students (their numbers in Classroom) while the class ran.

    The class is over: whoever was archived since was out all the same.
    """
    pass_ids = people.pass_ids_in_the_past(session.school_id, list(student_ids))
    until = session.ended_at or session.ends_at
    found = queries.passes_during(
        session.school_id, list(pass_ids.values()), session.started_at, until
    )
    of: defaultdict[int, list[PassCard]] = defaultdict(list)
    for card in found:
        of[card.student.id].append(card)
    return {one: of[pass_id] for one, pass_id in pass_ids.items() if pass_id in of}


def told_of(
    row: ParticipantCard, passes: Iterable[PassCard], session: SessionCard
) -> list[PassCard]:
    """The passes of a student as far as the class tells of them: while the student took part.

    Where the student went from another class, or when they came back there, is not its to tell.
    """
    end = session.ended_at or session.ends_at
    return [
        msgspec.structs.replace(
            card,
            started_at=card.started_at if since == session.started_at else max(out[0], since),
            ended_at=card.ended_at if until == end else min(out[1], until),
        )
        for card in passes
        for out in _times_out([card], end)
        for since, until in _took_part(row, session)
        if max(out[0], since) < min(out[1], until)
    ]


def out_of(row: ParticipantCard, passes: Iterable[PassCard], session: SessionCard) -> timedelta:
    """For how long the student of these passes was out while they took part in the class."""
    times_out = _times_out(passes, session.ended_at or session.ends_at)
    return _length(_within(_took_part(row, session), times_out))


def there(row: ParticipantCard, passes: Iterable[PassCard], session: SessionCard) -> timedelta:
    """For how long the student took part: while the device was there, less the time out."""
    until = session.ended_at or session.ends_at
    spans = _joined((span.since, min(span.until or until, until)) for span in row.there)
    return _length(spans) - _length(_within(spans, _times_out(passes, until)))


def _took_part(row: ParticipantCard, session: SessionCard) -> list[Stretch]:
    """From when to when the student was the session's."""
    until = session.ended_at or session.ends_at
    if not row.took_part:
        # A card of before this was kept: the whole class, of who was not left out nor went away.
        return [] if row.elsewhere or row.excluded else [(session.started_at, until)]
    return _joined((span.since, min(span.until or until, until)) for span in row.took_part)


def _times_out(passes: Iterable[PassCard], until: datetime) -> list[Stretch]:
    """When the student was out; a pass that is still open lasts to the end."""
    return _joined(
        (card.started_at, card.ended_at or until) for card in passes if card.started_at is not None
    )


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time without overlaps, in its order."""
    found: list[Stretch] = []
    for since, until in sorted(stretches):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        elif since < until:
            found.append((since, until))
    return found


def _within(spans: list[Stretch], others: list[Stretch]) -> list[Stretch]:
    """What two lists without overlaps have in common."""
    both = ((max(a[0], b[0]), min(a[1], b[1])) for a in spans for b in others)
    return [(since, until) for since, until in both if since < until]


def _length(stretches: Iterable[Stretch]) -> timedelta:
    return sum((until - since for since, until in stretches), timedelta())
