"""What devices report to the log: answers to commands, and who came and went.

Forty devices answer a command within some milliseconds; their answers are gathered for a moment and
recorded as one event. Whoever is lost went when the last sign of life came. Which sites were open
is kept beside the log, four times a minute and when a class ends. What could not be recorded is
tried again.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db.utils import InterfaceError, OperationalError

from corridor import clock
from corridor.accounts.actors import Actor
from corridor.classroom.answers import Said
from corridor.classroom.commands import answer_command
from corridor.classroom.participants import notice_devices
from corridor.classroom.presence import presences
from corridor.classroom.queries import there_before
from corridor.classroom.refusals import NotFound
from corridor.classroom.sites import keep_sites, sites
from corridor.live.log import NoSuchSchool, turn

log = logging.getLogger(__name__)

_ANSWERS_SECONDS: Final = 0.1
# Who came and went is for the history: a school that comes at eight stands there in a few events.
_MOVES_SECONDS: Final = 1.0
_SITES_SECONDS: Final = 15.0
Teller = tuple[int, str]  # the student, and which of the student's devices
InDatabase = Callable[[Callable[[], Any]], Awaitable[Any]]


class Reports:
    """Gathers what devices report, for all schools."""

    def __init__(self, in_database: InDatabase) -> None:
        self._in_database = in_database
        # Of a command of a school: of each student's device what it said last.
        self._answers: defaultdict[tuple[int, int], dict[Teller, Said]] = defaultdict(dict)
        # Of a school's students: None for those who came, for the others when they went.
        self._moves: defaultdict[int, dict[int, datetime | None]] = defaultdict(dict)

    def answered(self, school_id: int, command_id: int, student_id: int, said: Said) -> None:
        """A device did what the command says, or says why it failed."""
        self._answers[school_id, command_id][student_id, said.device] = said

    def came(self, school_id: int, student_id: int) -> None:
        """A device of a student in a class is there."""
        self._moves[school_id][student_id] = None

    def went(self, school_id: int, student_id: int, at: datetime) -> None:
        """The last device of a student is gone or lost; its last sign of life came at this time."""
        self._moves[school_id][student_id] = at

    async def notice_absent(self, since: datetime) -> None:
        """Whoever was there before this process and has come to none since then went with the
        server that stopped."""
        for row, at in await self._in_database(partial(there_before, since)):
            if not presences.of([row.student.id]):
                self.went(row.school_id, row.student.id, at)

    async def run(self) -> None:
        """Record what was gathered, again and again."""
        loop = asyncio.get_running_loop()
        moves_at = sites_at = loop.time()
        while True:
            await asyncio.sleep(_ANSWERS_SECONDS)
            await self._record_answers()
            if loop.time() - moves_at >= _MOVES_SECONDS:
                await self._record_moves()
                moves_at = loop.time()
            if sites.is_due or loop.time() - sites_at >= _SITES_SECONDS:
                await self.keep_sites()
                sites_at = loop.time()

    async def keep_sites(self) -> None:
        """Keep what was open on devices since the last time."""
        for school_id, found in sites.take():
            if not await self._done(partial(keep_sites, school_id, found)):
                sites.give_back(school_id, found)

    async def _record_answers(self) -> None:
        answers = dict(self._answers)
        self._answers.clear()
        for (school_id, command_id), told in answers.items():
            if not await self._done(partial(_answer, school_id, command_id, told, clock.now())):
                self._answers[school_id, command_id] = told | self._answers[school_id, command_id]

    async def _record_moves(self) -> None:
        moves = dict(self._moves)
        self._moves.clear()
        for school_id, moved in moves.items():
            if not await self._done(partial(_notice, school_id, moved, clock.now())):
                self._moves[school_id] = moved | self._moves[school_id]

    async def _done(self, operation: Callable[[], None]) -> bool:
        try:
            await self._in_database(operation)
        except (OperationalError, InterfaceError) as error:
            log.warning("What devices report waits for the database: %s", error)
            await asyncio.sleep(1)
            return False
        except (NotFound, NoSuchSchool):
            pass  # A device may name any command.
        return True


def _answer(school_id: int, command_id: int, told: dict[Teller, Said], at: datetime) -> None:
    said: defaultdict[int, list[Said]] = defaultdict(list)
    for (student_id, _), one in told.items():
        said[student_id].append(one)
    with turn(school_id) as tx:
        answer_command(tx, command_id=command_id, said=said, by=_devices(school_id), at=at)


def _notice(school_id: int, moves: dict[int, datetime | None], at: datetime) -> None:
    came = [student_id for student_id, went_at in moves.items() if went_at is None]
    went = {student_id: went_at for student_id, went_at in moves.items() if went_at is not None}
    with turn(school_id) as tx:
        notice_devices(tx, came=came, went=went, by=_devices(school_id), at=at)


def _devices(school_id: int) -> Actor:
    """The devices of students together."""
    return Actor(None, school_id, "student", "", "agent")
