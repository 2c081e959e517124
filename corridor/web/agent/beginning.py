"""What a device is told first: how it should be, and the commands that it is asked about."""

import msgspec

from corridor import clock
from corridor.classroom import queries
from corridor.classroom.cards import CommandCard, ParticipantCard, SessionCard
from corridor.integration.people import is_on
from corridor.roster.schools import now_of


class Beginning(msgspec.Struct, frozen=True):
    """The student's part in the class that runs, at a number of the log."""

    number: int
    found: tuple[SessionCard, ParticipantCard] | None
    commands: tuple[CommandCard, ...]
    picture_seconds: int
    kept_days: int
    shows_passes: bool


def beginning(school_id: int, student_id: int) -> Beginning:
    """Read it; what happens while it is read is heard once more, and does no harm."""
    number, settings = now_of(school_id)
    found = queries.session_of_student(school_id, student_id)
    commands: list[CommandCard] = []
    if found is not None:
        commands = queries.commands_to_answer(found[1], clock.now())
    return Beginning(
        number, found, tuple(commands), settings.classroom.picture_seconds,
        settings.classes_kept_days, is_on(settings),
    )  # fmt: skip
