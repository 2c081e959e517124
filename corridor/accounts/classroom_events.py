"""What can happen to people and classes of Classroom. `docs/events.md` is compared with this."""

from datetime import datetime
from typing import Final

import msgspec

from corridor.live import topics
from corridor.live.events import Event


class ClassroomAccountEvent(Event, frozen=True, kw_only=True):
    """Base of the events of one Classroom account."""

    words_in_subject = 2

    account_id: int

    def topics(self) -> tuple[str, ...]:
        """The account itself: its open pages load afresh or sign out."""
        return (topics.classroom_account(self.account_id),)


class ClassroomAddressEvent(ClassroomAccountEvent, frozen=True, kw_only=True):
    """Base of what may make somebody another one, or nobody, in Pass."""

    def topics(self) -> tuple[str, ...]:
        """The account itself: its open pages load afresh or sign out; and running classes."""
        return (*super().topics(), topics.ADDRESSES)


class ClassroomAccountOpened(ClassroomAddressEvent, frozen=True, kw_only=True):
    """Somebody got a Classroom account in this school."""

    role: str
    name_shown: str


class ClassroomAccountChanged(ClassroomAccountEvent, frozen=True, kw_only=True):
    """Something about a person of Classroom was changed: each field with old and new."""

    name_shown: str
    changes: dict[str, tuple[str, str]]

    def topics(self) -> tuple[str, ...]:
        """The account itself; when the address is another one, also running classes."""
        own = super().topics()
        return (*own, topics.ADDRESSES) if "email" in self.changes else own


class ClassroomAccountClosed(ClassroomAddressEvent, frozen=True, kw_only=True):
    """A Classroom account was closed: its pages and streams end, its classes lose the person."""


class ClassroomAccountReopened(ClassroomAddressEvent, frozen=True, kw_only=True):
    """A closed Classroom account is open again."""

    role: str
    name_shown: str


class ClassesEvent(Event, frozen=True, kw_only=True):
    """Base of what happens to classes and people of Classroom, many at once, told by counts."""

    words_in_subject = 2

    school_id: int

    def topics(self) -> tuple[str, ...]:
        """The classes of the school."""
        return (topics.classes(self.school_id),)


class ClassroomPeopleJoined(ClassesEvent, frozen=True, kw_only=True):
    """So many people of Pass got a Classroom account with one press."""

    count: int


class ClassRostersImported(ClassesEvent, frozen=True, kw_only=True):
    """A file of rosters was imported: what it did, by counts."""

    classes_opened: int
    accounts_opened: int
    added: int
    removed: int


class SchoolClassEvent(ClassesEvent, frozen=True, kw_only=True):
    """Base of the events of one class."""

    class_id: int
    name_shown: str


class SchoolClassOpened(SchoolClassEvent, frozen=True, kw_only=True):
    """A class was opened."""


class SchoolClassChanged(SchoolClassEvent, frozen=True, kw_only=True):
    """Something about a class was changed: `changes` names each field with old and new."""

    changes: dict[str, tuple[str, str]]


class SchoolClassArchived(SchoolClassEvent, frozen=True, kw_only=True):
    """A class was archived: it is offered to nobody any more."""


class SchoolClassReopened(SchoolClassEvent, frozen=True, kw_only=True):
    """An archived class is in use again."""


class SchoolClassTeachersChanged(SchoolClassEvent, frozen=True, kw_only=True):
    """The adults of a class are now these: whose class it is, and the co-teachers."""

    lead_id: int | None
    co_teacher_ids: tuple[int, ...]


class SchoolClassRosterChanged(SchoolClassEvent, frozen=True, kw_only=True):
    """Students were put on the roster of a class, or taken off it."""

    added_ids: tuple[int, ...]
    removed_ids: tuple[int, ...]


class GroupCard(msgspec.Struct, frozen=True):
    """A group of a class, whole."""

    id: int
    name: str
    student_ids: tuple[int, ...]


class SchoolClassGroupsChanged(SchoolClassEvent, frozen=True, kw_only=True):
    """The groups of a class are now these."""

    groups: tuple[GroupCard, ...]


class PlanCard(msgspec.Struct, frozen=True):
    """An access plan, whole: it `blocks` these sites, or leaves only these."""

    id: int
    name: str
    blocks: bool
    sites: tuple[str, ...]
    owner_id: int
    is_shared: bool


class AccessPlanKept(ClassesEvent, frozen=True, kw_only=True):
    """An adult made an access plan, or changed one."""

    plan: PlanCard


class AccessPlanRemoved(ClassesEvent, frozen=True, kw_only=True):
    """An adult removed an access plan."""

    plan_id: int
    name_shown: str


class LinkCard(msgspec.Struct, frozen=True):
    """A web link, whole."""

    id: int
    name: str
    url: str
    owner_id: int
    is_shared: bool


class WebLinkKept(ClassesEvent, frozen=True, kw_only=True):
    """An adult kept a web link, or changed one."""

    link: LinkCard


class WebLinkRemoved(ClassesEvent, frozen=True, kw_only=True):
    """An adult removed a web link."""

    link_id: int
    name_shown: str


class ActingEvent(Event, frozen=True, kw_only=True):
    """Base of an organisation admin's acting as somebody; a person has an account in either."""

    school_id: int
    account_id: int | None
    pass_account_id: int | None
    name_shown: str

    def topics(self) -> tuple[str, ...]:
        """Nobody's screen changes; whoever asks reads it in the log."""
        return (topics.records(self.school_id),)


class ActingBegun(ActingEvent, frozen=True, kw_only=True):
    """An organisation admin acts as this person from now on, at the longest until `until`."""

    until: datetime


class ActingEnded(ActingEvent, frozen=True, kw_only=True):
    """The admin stopped acting as this person before the time was up."""


ALL: Final[tuple[type[Event], ...]] = (
    ClassroomAccountOpened, ClassroomAccountChanged, ClassroomAccountClosed,
    ClassroomAccountReopened, ClassroomPeopleJoined, ClassRostersImported, SchoolClassOpened,
    SchoolClassChanged, SchoolClassArchived, SchoolClassReopened, SchoolClassTeachersChanged,
    SchoolClassRosterChanged, SchoolClassGroupsChanged, AccessPlanKept, AccessPlanRemoved,
    WebLinkKept, WebLinkRemoved, ActingBegun, ActingEnded,
)  # fmt: skip
