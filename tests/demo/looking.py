"""What must be true of a school's log and table, however they came about."""

from collections import Counter
from datetime import datetime, timedelta

from corridor.accounts.models import PassAccount
from corridor.classroom import queries as class_queries
from corridor.classroom.cards import SessionCard
from corridor.live.log import last_number
from corridor.live.models import Event
from corridor.passes import events, queries, shelf, states
from corridor.passes.cards import PassCard
from corridor.passes.models import ComingPass, HallPass
from corridor.roster.models import Location, School
from corridor.web.cast import CAST

EMAIL = {member.key: member.email for member in CAST}


def school_id_of(name: str) -> int:
    """The school of this name."""
    return School.objects.get(name=name).pk


def lincoln() -> int:
    """The big school."""
    return school_id_of("Lincoln High School")


def account(key: str, school_id: int | None = None) -> PassAccount:
    """A person of the cast."""
    return PassAccount.objects.get(email=EMAIL[key], school_id=school_id or lincoln())


def all_cards(school_id: int) -> dict[int, PassCard]:
    """Every pass of a school, and its appointments to come, by number."""
    passes = HallPass.objects.filter(school_id=school_id).values_list("id", "card")
    coming = ComingPass.objects.filter(school_id=school_id).values_list("id", "card")
    return {number: shelf.read(text) for number, text in (*passes, *coming)}


def classes_over(at: datetime) -> list[SessionCard]:
    """The classes of the big school that the history shows at this time, the last first."""
    since = at - timedelta(days=30)
    return class_queries.sessions_over(lincoln(), class_ids=None, kept_since=since, before=at)


def log_and_table_agree(school_id: int) -> None:
    """The numbers have no gap, and the log told again gives the table."""
    rows = list(
        Event.objects.filter(school_id=school_id)
        .order_by("number")
        .values_list("number", "name", "body")
    )
    assert [number for number, _, _ in rows] == list(range(1, last_number(school_id) + 1))
    told: dict[int, PassCard] = {}
    for number, name, body in rows:
        event = events.decode(name, body)
        if isinstance(event, events.PassEvent):
            assert event.card.version == number
            told[event.card.id] = event.card
    assert told == all_cards(school_id)


def nobody_is_out_twice(school_id: int) -> None:
    """One open pass per student, no place over its capacity, no more in the building than may."""
    cards = queries.open_passes(school_id)
    assert len({card.student.id for card in cards}) == len(cards) <= 40
    taken = Counter(c.destination.id for c in cards if c.state in states.AT_DESTINATION)
    for place in Location.objects.filter(pk__in=taken, capacity__isnull=False):
        assert taken[place.pk] <= (place.capacity or 0), place.name
