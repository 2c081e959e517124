"""What can happen to a school's records. `docs/events.md` is compared with this by a test."""

from typing import Final

from corridor.accounts import classroom_events as classroom
from corridor.accounts import events as accounts
from corridor.classroom import events as classes
from corridor.live import topics
from corridor.live.events import Event
from corridor.passes import events as passes
from corridor.roster import events as roster
from corridor.webhooks import events as webhooks


class RecordsEvent(Event, frozen=True, kw_only=True):
    """Base of what operators and admins do to a school's records."""

    school_id: int

    def topics(self) -> tuple[str, ...]:
        """Nobody's screen changes; whoever asks reads it in the log."""
        return (topics.records(self.school_id),)


class RecordsPurged(RecordsEvent, frozen=True, kw_only=True):
    """The proof of a purge: the events numbered `first` to `last` and `passes` name nobody now."""

    first: int
    last: int
    passes: int
    keep_days: int


class AccountsPurged(RecordsEvent, frozen=True, kw_only=True):
    """The proof of a purge: so many accounts that were closed long ago name nobody now."""

    accounts: int
    keep_days: int


class ClassSessionsPurged(RecordsEvent, frozen=True, kw_only=True):
    """The proof of a purge: so many classes that ended long ago, and their events, name nobody."""

    words_in_subject = 2

    first: int
    last: int
    sessions: int
    events: int
    keep_days: int


class RetentionChanged(RecordsEvent, frozen=True, kw_only=True):
    """An admin changed for how many days names stay: on passes, closed accounts, classes."""

    keep_passes_days: int
    keep_accounts_days: int
    keep_classes_days: int | None = None


ALL: Final[tuple[type[Event], ...]] = (
    RecordsPurged, AccountsPurged, ClassSessionsPurged, RetentionChanged,
)  # fmt: skip

# Every kind of event that a log may hold. A kind that is missing here fails a test.
KINDS: Final[dict[str, type[Event]]] = {
    kind.name: kind
    for room in (
        passes.ALL,
        classes.ALL,
        accounts.ALL,
        classroom.ALL,
        roster.ALL,
        webhooks.ALL,
        ALL,
    )
    for kind in room
}
