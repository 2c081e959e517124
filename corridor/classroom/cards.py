"""The cards of a running class: the session, each student in it, each command.

As with a pass, a card is what an event carries, what the row keeps and what a page draws. What is
on a device at this moment (tabs, titles, pictures) is on no card and in no table.
"""

from datetime import datetime
from typing import Final

import msgspec

from corridor.live.events import Who

RUNNING: Final = "running"
ENDED: Final = "ended"

# What a lease holds a device to.
LOCK: Final = "lock"
SITE_LOCK: Final = "site_lock"
PLAN: Final = "plan"
TAB_LIMIT: Final = "tab_limit"

PENDING: Final = "pending"
APPLIED: Final = "applied"
FAILED: Final = "failed"


class Student(msgspec.Struct, frozen=True, omit_defaults=True):
    """The student as the cards name them."""

    id: int
    name: str
    sort_name: str


class Options(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the teacher chose in the start dialog. `tab_limit` None is no limit, `plan_id` no plan.

    `hands` lets students raise one, `students_write` lets them write before the teacher does.
    """

    tab_limit: int | None = None
    plan_id: int | None = None
    close_tabs: bool = False
    hands: bool = True
    students_write: bool = True

    @property
    def restricts(self) -> bool:
        """Students' devices are limited or directed from the beginning."""
        return self.close_tabs or self.tab_limit is not None or self.plan_id is not None


class SessionCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A running class, or one that is over. `id` is the number of the event that began it.

    `version` is the number of the last event that changed it. All times are aware UTC. It ends at
    `ends_at` whether or not anybody is there; `ended_by` is the clock then. `teacher_ids` are
    those who taught the class when it began; who may act now stands in the class.
    """

    id: int
    version: int
    school_id: int
    class_id: int
    class_name: str
    period: str = ""
    led_by: Who
    teacher_ids: tuple[int, ...]
    state: str
    started_at: datetime
    ends_at: datetime
    options: Options
    ended_at: datetime | None = None
    ended_by: Who | None = None

    @property
    def is_running(self) -> bool:
        """Students are held by it."""
        return self.state == RUNNING


class Lease(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something a device is held to until a time that it knows: it lets go by itself.

    `wanted` is until when it was asked for, None for the end of the class; `until` is never later
    than the class, and follows when its end is moved.
    `text` is a lock's message or a plan's name, `sites` what a site lock or a plan names (`blocks`
    says that a plan closes these sites and leaves the others), `number` a tab limit.
    `command_id` is the command that gave it (of older cards also the session that began with it,
    of which no device was asked). `failed` is why the
    device does not hold to it, if it answered so.
    """

    kind: str
    until: datetime
    wanted: datetime | None = None
    by: Who
    command_id: int
    text: str = ""
    sites: tuple[str, ...] = ()
    blocks: bool = False
    number: int | None = None
    plan_id: int | None = None
    failed: str = ""


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another running class, which has the student now, or had them before.

    `undo_until` is until when taking over can be undone (None: it was no taking over).
    """

    session_id: int
    class_name: str
    adult_name: str
    since: datetime
    undo_until: datetime | None = None


class Exclusion(msgspec.Struct, frozen=True):
    """Who left the student out, and when."""

    at: datetime
    by: Who


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """From when to when something of a student was so; `until` None while it still is."""

    since: datetime
    until: datetime | None = None


class ParticipantCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A student of a session: one who takes part, is left out, or is in another class.

    `version` is the number of the last event that changed it. `elsewhere` is the class that has
    the student instead, `taken_from` the one from which they were taken over. `include_when_back`
    keeps a place for a student who is out. `unread` counts the student's messages that no teacher
    has seen; `written_to` says that a teacher wrote, so that the student may answer. `there` is
    when the student's device was there, `took_part` when the student was the session's (older cards
    do not know it). `is_over` once the session has ended.
    """

    session_id: int
    school_id: int
    version: int
    student: Student
    group_ids: tuple[int, ...] = ()
    elsewhere: Elsewhere | None = None
    taken_from: Elsewhere | None = None
    excluded: Exclusion | None = None
    include_when_back: bool = False
    hand_raised_at: datetime | None = None
    unread: int = 0
    written_to: bool = False
    restrictions: tuple[Lease, ...] = ()
    there: tuple[Span, ...] = ()
    took_part: tuple[Span, ...] = ()
    is_over: bool = False

    @property
    def is_in(self) -> bool:
        """The session holds this student; a student is held by one session at most."""
        return self.takes_part and not self.include_when_back

    @property
    def takes_part(self) -> bool:
        """The student is the session's, in it or with a place that is kept."""
        return not (self.is_over or self.elsewhere or self.excluded)

    @property
    def tells_where(self) -> bool:
        """Its console says where the student is: not once it is over or another class has them."""
        return not (self.is_over or self.elsewhere)

    @property
    def due_at(self) -> datetime | None:
        """When the first of the leases ends."""
        return min((lease.until for lease in self.restrictions), default=None)

    def lease(self, kind: str) -> Lease | None:
        """What the device is held to of this kind; one at most."""
        return next((lease for lease in self.restrictions if lease.kind == kind), None)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a command says. Which of these a kind needs stands in `corridor.classroom.kinds`.

    `plan_name` is what the plan was called when it was sent. `until` is when a lease ends, None for
    the end of the session. `command_id` is the closing of tabs that is undone.
    """

    text: str = ""
    url: str = ""
    sites: tuple[str, ...] = ()
    blocks: bool = False
    number: int | None = None
    plan_id: int | None = None
    plan_name: str = ""
    until: datetime | None = None
    command_id: int | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one of a student's devices said: nothing in `why` is “applied”, else why it failed."""

    device: str = ""
    why: str = ""


class Recipient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a command at one student: pending, applied, or failed and why.

    `why` is a code of `corridor.classroom.words`, or what the device said. `answers` are those of
    the school's devices while not all of them could, `by_page` says that only a page answered.
    """

    student: Student
    result: str
    why: str = ""
    answered_at: datetime | None = None
    answers: tuple[Answer, ...] = ()
    by_page: bool = False


class CommandCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something asked of devices. `id` is the number of the event that sent it."""

    id: int
    version: int
    school_id: int
    session_id: int
    kind: str
    arguments: Arguments
    recipients: tuple[Recipient, ...]
    by: Who
    at: datetime

    @property
    def is_pending(self) -> bool:
        """Somebody's device has not answered."""
        return any(one.result == PENDING for one in self.recipients)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a student wrote to the teachers of a session."""

    session_id: int
    student: Student
    text: str
    at: datetime


def renewed(card: ParticipantCard, number: int, **changes: object) -> ParticipantCard:
    """The student's next card, with the number of the event that carries it."""
    return msgspec.structs.replace(card, version=number, **changes)


def left(there: tuple[Span, ...], at: datetime) -> tuple[Span, ...]:
    """When the student's device was there, now that the session has it no more."""
    if not there or there[-1].until is not None:
        return there
    return (*there[:-1], Span(there[-1].since, at))


def dated(card: ParticipantCard, at: datetime) -> ParticipantCard:
    """The card after a change of this moment, which knows from when to when the student took
    part."""
    before = card.took_part
    is_open = bool(before) and before[-1].until is None
    if card.takes_part == is_open:
        return card
    after = left(before, at) if is_open else (*before, Span(at))
    return msgspec.structs.replace(card, took_part=after)
