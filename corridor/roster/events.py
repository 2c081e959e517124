"""What can happen to a school's places. `docs/events.md` is compared with this by a test."""

from typing import Final

from corridor.live import topics
from corridor.live.events import Event


class LocationOpened(Event, frozen=True, kw_only=True):
    """A new location can be named by passes."""

    school_id: int
    location_id: int
    name_shown: str

    def topics(self) -> tuple[str, ...]:
        """The location itself."""
        return (topics.location(self.location_id),)


ALL: Final[tuple[type[Event], ...]] = (LocationOpened,)
