"""What can happen to an account. `docs/events.md` is compared with this file by a test."""

from datetime import date
from typing import Final

from corridor.live import topics
from corridor.live.events import Event
from corridor.roster.settings import Limits


class AccountEvent(Event, frozen=True, kw_only=True):
    """Base of the events of one Pass account."""

    account_id: int

    def topics(self) -> tuple[str, ...]:
        """The account itself: its open pages load afresh or sign out."""
        return (topics.account(self.account_id),)


class AddressEvent(AccountEvent, frozen=True, kw_only=True):
    """Base of what may make somebody another one, or nobody, in the other product."""

    def topics(self) -> tuple[str, ...]:
        """The account itself: its open pages load afresh or sign out; and running classes."""
        return (*super().topics(), topics.ADDRESSES)


class AccountOpened(AddressEvent, frozen=True, kw_only=True):
    """Somebody got a Pass account in this school."""

    role: str
    name_shown: str


class AccountClosed(AddressEvent, frozen=True, kw_only=True):
    """A Pass account was closed: its sessions and streams end."""


class AccountLinked(AccountEvent, frozen=True, kw_only=True):
    """An adult changed "My locations"; what they see and may do follows."""

    location_ids: tuple[int, ...]


class AccountChanged(AccountEvent, frozen=True, kw_only=True):
    """Something about a person was changed: `changes` names each field with old and new."""

    name_shown: str
    changes: dict[str, tuple[str, str]]

    def topics(self) -> tuple[str, ...]:
        """The account itself; when the address is another one, also running classes."""
        own = super().topics()
        return (*own, topics.ADDRESSES) if "email" in self.changes else own


class AccountReopened(AddressEvent, frozen=True, kw_only=True):
    """A closed Pass account is open again: its person may sign in with it."""

    role: str
    name_shown: str


class AccountInvited(AccountEvent, frozen=True, kw_only=True):
    """Somebody was sent a link to choose a password."""


class PhotoChanged(AccountEvent, frozen=True, kw_only=True):
    """A person got a photo, or another one. The picture stands in no event."""


class PhotoRemoved(AccountEvent, frozen=True, kw_only=True):
    """A person's photo was removed."""


class PeopleEvent(Event, frozen=True, kw_only=True):
    """Base of what happens to many people of a school at once, told by counts."""

    school_id: int

    def topics(self) -> tuple[str, ...]:
        """The school's settings."""
        return (topics.settings(self.school_id),)


class PeopleImported(PeopleEvent, frozen=True, kw_only=True):
    """A file was imported: so many people opened, changed, reopened and archived."""

    import_number: int
    opened: int
    changed: int
    reopened: int
    archived: int


class PeopleRestored(PeopleEvent, frozen=True, kw_only=True):
    """An import was undone: people are as they were before it."""

    import_number: int
    removed: int
    archived: int
    put_back: int


class PeopleInvited(PeopleEvent, frozen=True, kw_only=True):
    """So many people who never signed in were sent a link to choose a password."""

    count: int


class PhotosAdded(PeopleEvent, frozen=True, kw_only=True):
    """So many people got a photo, or another one, from a zip file."""

    count: int


class StudentLimited(AccountEvent, frozen=True, kw_only=True):
    """A student got limits of their own (or lost them); None leaves the grade's or the school's."""

    limits: Limits
    unlimited: bool


class StudentListed(Event, frozen=True, kw_only=True):
    """A student was put on the list of a location that is open, or closed, to listed students."""

    school_id: int
    location_id: int
    account_id: int
    first_day: date | None
    last_day: date | None

    def topics(self) -> tuple[str, ...]:
        """The school's settings."""
        return (topics.settings(self.school_id),)


class StudentUnlisted(Event, frozen=True, kw_only=True):
    """A student was taken off the list of a location."""

    school_id: int
    location_id: int
    account_id: int

    def topics(self) -> tuple[str, ...]:
        """The school's settings."""
        return (topics.settings(self.school_id),)


class ApiKeyEvent(Event, frozen=True, kw_only=True):
    """Base of the events of one API key."""

    words_in_subject = 2

    key_id: int
    name_shown: str

    def topics(self) -> tuple[str, ...]:
        """The key itself: its open streams end when it is revoked."""
        return (topics.api_key(self.key_id),)


class ApiKeyMade(ApiKeyEvent, frozen=True, kw_only=True):
    """An admin made a key, by which another program uses the API in the name of an account."""

    scopes: tuple[str, ...]
    account_id: int | None


class ApiKeyRevoked(ApiKeyEvent, frozen=True, kw_only=True):
    """An admin revoked a key: no program can use it any more."""


class DeviceEvent(Event, frozen=True, kw_only=True):
    """Base of what admins decide about the devices of students."""

    school_id: int
    name_shown: str

    def topics(self) -> tuple[str, ...]:
        """The school's settings."""
        return (topics.settings(self.school_id),)


class DeviceKeyMade(DeviceEvent, frozen=True, kw_only=True):
    """An admin made a key for the devices of the school, to be put on them by its policy."""

    words_in_subject = 2

    key_id: int


class DeviceKeyRevoked(DeviceEvent, frozen=True, kw_only=True):
    """An admin revoked a key: devices that sign in with it are cut off."""

    words_in_subject = 2

    key_id: int


class PairingCodeMade(DeviceEvent, frozen=True, kw_only=True):
    """An admin made a code, by which one device can join one student for some minutes."""

    words_in_subject = 2

    student_id: int


class DevicePaired(DeviceEvent, frozen=True, kw_only=True):
    """A device showed a pairing code: it belongs to the code's student from now on."""

    device_id: int
    student_id: int


class DeviceRevoked(DeviceEvent, frozen=True, kw_only=True):
    """An admin took a paired device from a student: it is cut off."""

    device_id: int
    student_id: int


ALL: Final[tuple[type[Event], ...]] = (
    AccountOpened, AccountChanged, AccountClosed, AccountReopened, AccountLinked, AccountInvited,
    PhotoChanged, PhotoRemoved, PeopleImported, PeopleRestored, PeopleInvited, PhotosAdded,
    StudentLimited, StudentListed, StudentUnlisted, ApiKeyMade, ApiKeyRevoked,
    DeviceKeyMade, DeviceKeyRevoked, PairingCodeMade, DevicePaired, DeviceRevoked,
)  # fmt: skip
