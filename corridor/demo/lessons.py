"""Past classes of the demonstration, for the session history: who was there, what was asked.

They are held through the operations that the console and the devices use, with times in the past.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Final, NamedTuple

from corridor.accounts.actors import Actor, ClassroomActor
from corridor.accounts.models import AccessPlan, ClassroomAccount, Enrolment, LocationLink
from corridor.classroom import kinds, timers
from corridor.classroom.answers import Said
from corridor.classroom.cards import LOCK, PLAN, Arguments, Options, SessionCard
from corridor.classroom.commands import answer_command, send_command
from corridor.classroom.participants import (
    notice_devices,
    raise_hand,
    read_messages,
    write_message,
)
from corridor.classroom.refusals import NotAllowed, NotFound, Refused, Stale
from corridor.classroom.sessions import Chosen, start_session, stop_session
from corridor.classroom.sites import Page, Site, Where, keep_sites
from corridor.demo import plan, teaching, timetable
from corridor.demo.building import Building
from corridor.live.log import Turn
from corridor.roster.models import SchoolClass

# Whoever tried the demonstration may have changed the school since.
_NOT_ANY_MORE: Final = (NotAllowed, NotFound, Refused, Stale)
_LENGTH: Final = timedelta(minutes=42)


class Lesson(NamedTuple):
    """A class as it is held: whose room, which period, what is opened, what is written.

    `ends_early` is when the teacher ends it, in minutes; without it the clock does.
    """

    room: str
    period: int
    url: str
    pages: tuple[Page, ...]
    question: str
    answer: str
    plan: str = ""
    ends_early: int | None = None


_READING: Final = (
    ("poetryfoundation.org", "Sonnet 18: Shall I compare thee to a summer’s day?"),
    ("docs.google.com", "Essay draft – Google Docs"),
    ("merriam-webster.com", "temperate – Merriam-Webster"),
    ("en.wikipedia.org", "Sonnet – Wikipedia"),
)
_GRAPHS: Final = (
    ("desmos.com", "Desmos | Graphing Calculator"),
    ("khanacademy.org", "Slope-intercept form – Khan Academy"),
    ("docs.google.com", "Homework 12 – Google Docs"),
)
LESSONS: Final = (
    Lesson(plan.RIVERA, 3, "https://www.poetryfoundation.org/poems/45087", _READING,
           "Do we write in pairs?", "Yes, with your neighbor.", plan=teaching.WRITING),
    Lesson(plan.RIVERA, 6, "https://www.merriam-webster.com/", _READING[1:],
           "May I use the old draft?", "Yes, but as a new copy.", ends_early=38),
    Lesson(plan.OKAFOR, 5, "https://www.desmos.com/calculator", _GRAPHS,
           "My graph is upside down", "Look at the sign of a."),
    Lesson("Ms. Escobar, 14", 2, "https://www.khanacademy.org/", _GRAPHS[1:],
           "Which exercise?", "The second one."),
)  # fmt: skip

Plan = Callable[[datetime, Callable[[Turn, datetime], None]], None]


class Lessons:
    """The classes of past days in one school; `plan` puts an act on the school's agenda."""

    def __init__(self, building: Building, plan: Plan) -> None:
        self._building, self._plan = building, plan
        self._seen: dict[Where, dict[Page, Site]] = {}

    def school_day(self, day: date) -> None:
        """The classes of this day are held."""
        start = timetable.start_of(day, self._building.zone)
        random = Random(day.toordinal())  # noqa: S311
        for lesson in LESSONS:
            begins = start + (lesson.period - 1) * timetable.BELL_TO_BELL + timedelta(minutes=2)
            if (held := self._held(lesson, Random(random.random()))) is not None:  # noqa: S311
                self._plan(begins, held.begin)

    def keep_what_was_open(self) -> None:
        """As a server does it beside the log: after the turn in which the classes were held."""
        if self._seen:
            keep_sites(self._building.school_id, self._seen)
            self._seen.clear()

    def _held(self, lesson: Lesson, random: Random) -> "_Held | None":
        school_id = self._building.school_id
        place = self._building.place_named.get(lesson.room)
        link = LocationLink.objects.filter(location=place, is_personal=True).first()
        by = teaching.adult(school_id, link.account.email) if place and link else None
        if by is None:
            return None
        own = SchoolClass.objects.filter(pk__in=by.class_ids, teachers__is_lead=True)
        found = own.filter(period=str(lesson.period), teachers__account_id=by.account_id).first()
        if found is None:
            return None
        return _Held(lesson, found.pk, by, random, self._plan, self._seen)


class _Held:
    """One class: it begins, and what comes of that is put on the agenda."""

    def __init__(
        self, lesson: Lesson, class_id: int, by: ClassroomActor, random: Random, plan: Plan,
        seen: dict[Where, dict[Page, Site]],
    ) -> None:  # fmt: skip
        self._lesson, self._class_id, self._by = lesson, class_id, by
        self._random, self._plan, self._seen = random, plan, seen
        self._devices = Actor(None, by.school_id, "student", "", "agent")

    def begin(self, tx: Turn, at: datetime) -> None:
        """Nearly everybody is there; one is left out, another comes late."""
        pupils = self._pupils()
        self._random.shuffle(pupils)
        out = frozenset(pupil.pk for pupil in pupils[:1] if len(pupils) > 4)
        try:
            session = start_session(
                tx, class_id=self._class_id, ends_at=at + _LENGTH, options=Options(),
                chosen=Chosen(left_out=out), by=self._by, at=at,
            )  # fmt: skip
        except _NOT_ANY_MORE:
            return
        there = [pupil for pupil in pupils if pupil.pk not in out]
        self._come(at, there)
        self._ask(session, at, [pupil.pk for pupil in there[: -1 if len(there) > 4 else None]])
        if there:
            self._speak(session, at, there[0])
        self._end(session, at)
        self._look(session, at, there)

    def _pupils(self) -> list[ClassroomAccount]:
        on_roster = Enrolment.objects.filter(
            school_class_id=self._class_id, account__closed_at__isnull=True
        )
        return [one.account for one in on_roster.select_related("account").order_by("account_id")]

    def _come(self, at: datetime, there: list[ClassroomAccount]) -> None:
        ids = [pupil.pk for pupil in there]
        late = ids[-1:] if len(ids) > 4 else []
        for seconds, came in ((15, ids[: len(ids) - len(late)]), (9 * 60, late)):
            if came:
                self._later(at, seconds, partial(notice_devices, came=came, by=self._devices))

    def _ask(self, session: SessionCard, at: datetime, ids: list[int]) -> None:
        lesson, until = self._lesson, at + timedelta(minutes=17)
        send = partial(self._send, session, ids)
        self._later(at, 3 * 60, partial(send, kinds.OPEN_SITE, Arguments(url=lesson.url)))
        eyes = Arguments(text="Eyes on the board, please.", until=until)
        self._later(at, 15 * 60, partial(send, LOCK, eyes))
        plan_id = AccessPlan.objects.filter(owner_id=self._by.account_id, name=lesson.plan).first()
        if plan_id is not None:
            kept = Arguments(plan_id=plan_id.pk)
            self._later(at, 19 * 60, partial(send, PLAN, kept, fails=ids[-1:]))

    def _send(
        self, session: SessionCard, ids: list[int], kind: str, says: Arguments, tx: Turn,
        *, at: datetime, fails: list[int] | None = None,
    ) -> None:  # fmt: skip
        """A command, and a second later the answers; a device of these could not do it."""
        sent = send_command(
            tx, kind, session_id=session.id, student_ids=ids, says=says, by=self._by, at=at
        )
        if kinds.BY_NAME[kind].on_device:
            not_done = fails or ()
            said = {pk: [Said("not_supported" if pk in not_done else "")] for pk in ids}
            answer_command(
                tx, command_id=sent.id, said=said, by=self._devices, at=at + timedelta(seconds=1)
            )

    def _speak(self, session: SessionCard, at: datetime, pupil: ClassroomAccount) -> None:
        """A hand that is seen, a question that is answered."""
        own = ClassroomActor(pupil.pk, self._by.school_id, "student", pupil.display_name, "agent")
        seen = partial(self._send, session, [pupil.pk], kinds.ACKNOWLEDGE_HAND, Arguments())
        self._later(at, 22 * 60, partial(raise_hand, by=own))
        self._later(at, 22 * 60 + 40, seen)
        write = partial(write_message, text=self._lesson.question, by=own)
        read = partial(read_messages, session_id=session.id, student_id=pupil.pk, by=self._by)
        says = Arguments(text=self._lesson.answer)
        self._later(at, 27 * 60, write)
        self._later(at, 27 * 60 + 25, read)
        self._later(at, 27 * 60 + 50, partial(self._send, session, [pupil.pk], kinds.SAY, says))

    def _end(self, session: SessionCard, at: datetime) -> None:
        if self._lesson.ends_early is not None:
            stop = partial(stop_session, session_id=session.id, by=self._by)
            self._later(at, self._lesson.ends_early * 60, stop)
        self._later(at, _LENGTH.total_seconds(), timers.settle)

    def _look(self, session: SessionCard, at: datetime, there: list[ClassroomAccount]) -> None:
        """What was open on the devices, one page after the other."""
        for pupil in there:
            since = at + timedelta(minutes=self._random.uniform(9.2, 12))
            pages = self._seen.setdefault((session.id, pupil.pk), {})
            for page in self._random.sample(self._lesson.pages, self._random.randint(1, 2)):
                seconds = round(self._random.uniform(180, 720))
                until = since + timedelta(seconds=seconds)
                pages[page] = Site(*page, since, until, seconds)
                since = until

    def _later(self, at: datetime, seconds: float, act: Callable[..., object]) -> None:
        self._plan(at + timedelta(seconds=seconds), partial(_do, act))


def _do(act: Callable[..., object], tx: Turn, at: datetime) -> None:
    with suppress(*_NOT_ANY_MORE):
        act(tx, at=at)
