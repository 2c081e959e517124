"""Students for whom a class keeps a place join it when their pass ends."""

from collections import defaultdict
from datetime import datetime

from corridor.accounts.actors import clock_of
from corridor.classroom import queries as classes
from corridor.classroom.cards import ParticipantCard, SessionCard
from corridor.classroom.participants import let_in
from corridor.integration import people
from corridor.live.log import turn
from corridor.passes import queries as passes
from corridor.roster.schools import settings_of

Kept = tuple[ParticipantCard, SessionCard]


def run_due(at: datetime) -> int:
    """Let in whoever is back, in all schools; how many they are.

    Asked of the passes and not of their events, so a server that was stopped catches up, and each
    has the time at which they were back. Whoever is not known in Pass any more is not out either.
    """
    waiting: defaultdict[int, list[Kept]] = defaultdict(list)
    for kept in classes.places_kept():
        waiting[kept[0].school_id].append(kept)
    return sum(_let_in(school_id, places, at) for school_id, places in waiting.items())


def _let_in(school_id: int, places: list[Kept], at: datetime) -> int:
    pass_ids = people.pass_ids_of(school_id, [row.student.id for row, _ in places])
    out: set[int] = set()
    if people.is_on(settings_of(school_id)):  # switched off, nobody waits for a pass any more
        out = {card.student.id for card in passes.open_passes(school_id) if card.is_out}
    back = [kept for kept in places if pass_ids.get(kept[0].student.id) not in out]
    for row, session in back:
        since = _back_at(pass_ids.get(row.student.id), session, at)
        with turn(school_id) as tx:
            let_in(
                tx, session_id=session.id, student_id=row.student.id, by=clock_of(school_id),
                at=since,
            )  # fmt: skip
    return len(back)


def _back_at(pass_id: int | None, session: SessionCard, at: datetime) -> datetime:
    """When the student's last pass ended; now, when none has ended since the class began."""
    last = passes.passes_of(pass_id, limit=3) if pass_id is not None else []
    ended = max((card.ended_at for card in last if card.ended_at is not None), default=None)
    return ended if ended is not None and session.started_at <= ended <= at else at
