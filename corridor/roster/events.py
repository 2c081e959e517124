"""What can happen to a school's places. `docs/events.md` is compared with this by a test."""

from datetime import date
from typing import Final

from corridor.live import topics
from corridor.live.events import Event


class LocationOpened(Event, frozen=True, kw_only=True):
    """A location can be named by passes: a new one, or one that was taken back."""

    school_id: int
    location_id: int
    name_shown: str

    def topics(self) -> tuple[str, ...]:
        """The location itself."""
        return (topics.location(self.location_id),)


class LocationChanged(Event, frozen=True, kw_only=True):
    """Something about a location was changed: `changes` names each field with old and new."""

    school_id: int
    location_id: int
    name_shown: str
    changes: dict[str, tuple[str, str]]

    def topics(self) -> tuple[str, ...]:
        """The school's settings."""
        return (topics.settings(self.school_id),)


class LocationArchived(Event, frozen=True, kw_only=True):
    """A location was archived: passes can no longer name it."""

    school_id: int
    location_id: int
    name_shown: str

    def topics(self) -> tuple[str, ...]:
        """The school's settings."""
        return (topics.settings(self.school_id),)


class SettingsChanged(Event, frozen=True, kw_only=True):
    """The school changed its settings: `changes` names each setting with old and new."""

    school_id: int
    changes: dict[str, tuple[str, str]]

    def topics(self) -> tuple[str, ...]:
        """The school's settings."""
        return (topics.settings(self.school_id),)


class SchoolDaysSet(Event, frozen=True, kw_only=True):
    """Some days got a bell schedule of their own, none (""), or again what the week says (null)."""

    school_id: int
    first_day: date
    last_day: date
    schedule: str | None

    def topics(self) -> tuple[str, ...]:
        """The school's settings."""
        return (topics.settings(self.school_id),)


class SchoolFrozen(Event, frozen=True, kw_only=True):
    """An emergency: no new passes, no approvals, every page says so; again for other words."""

    school_id: int
    text: str

    def topics(self) -> tuple[str, ...]:
        """Everybody: each open page is drawn afresh."""
        return (topics.everybody(self.school_id),)


class SchoolUnfrozen(Event, frozen=True, kw_only=True):
    """The emergency is over."""

    school_id: int

    def topics(self) -> tuple[str, ...]:
        """Everybody: each open page is drawn afresh."""
        return (topics.everybody(self.school_id),)


ALL: Final[tuple[type[Event], ...]] = (
    LocationOpened, LocationChanged, LocationArchived, SettingsChanged, SchoolDaysSet,
    SchoolFrozen, SchoolUnfrozen,
)  # fmt: skip
