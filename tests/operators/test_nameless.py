"""What stays of an event when its people are forgotten: every kind, and kinds to come."""

import importlib
import pkgutil
from datetime import UTC, datetime
from typing import Any, get_args, get_origin

import msgspec
import pytest

import corridor
from corridor.accounts.classroom_events import GroupCard, LinkCard, PlanCard
from corridor.classroom import cards as classroom
from corridor.live.events import Event, Who
from corridor.operators.events import KINDS
from corridor.operators.nameless import nameless
from corridor.passes.cards import Appointment, Comment, Correction, PassCard, Person, Place, Stamp
from corridor.passes.refusals import Refusal
from corridor.roster.settings import Limits

AT = datetime(2024, 3, 4, 15, tzinfo=UTC)
NAME, ID = "Rosa Rivera", 4711
BY = Who(ID, NAME, "adult", "staff")
CARD = PassCard(
    id=5, version=7, school_id=1, kind="student", state="ended",
    student=Person(ID, NAME, NAME, "9"), origin=Place(3, NAME, NAME),
    destination=Place(4, "Library", ""), trip_type="layover", reason=NAME,
    minutes_waiting=10, minutes_to_long=10, minutes_to_end=30, requested_at=AT, ended_at=AT,
    marks=("overridden",), auto=("start",), overridden=("daily_limit",),
    stamps=(Stamp("requested", AT, BY),),
    appointment=Appointment(
        day=AT.date(), wall=AT.time(), period="3", begins_at=AT, series=5, repeat="weekly", why=NAME
    ),
    comments=(Comment(AT, BY, NAME),),
    corrections=(
        Correction(
            back_at=AT, note=NAME, at=AT, by=BY, state="declined", answer=NAME, answered_at=AT,
            answered_by=BY,
        ),
    ),
)  # fmt: skip
PUPIL = classroom.Student(ID, NAME, NAME)
THERE = classroom.Elsewhere(session_id=9, class_name=NAME, adult_name=NAME, since=AT)
LEASE = classroom.Lease(
    kind="lock", until=AT, by=BY, command_id=8, text=NAME, sites=(NAME,), plan_id=ID
)
ARGUMENTS = classroom.Arguments(text=NAME, url=NAME, sites=(NAME,), plan_id=ID, until=AT)
# By their kind, where fields of one name hold different things.
CARDS: dict[Any, Any] = {
    classroom.SessionCard: classroom.SessionCard(
        id=5, version=7, school_id=1, class_id=2, class_name=NAME, led_by=BY, teacher_ids=(ID,),
        state="ended", started_at=AT, ends_at=AT, options=classroom.Options(plan_id=ID),
        ended_at=AT, ended_by=BY,
    ),
    classroom.ParticipantCard: classroom.ParticipantCard(
        session_id=5, school_id=1, version=7, student=PUPIL, group_ids=(ID,), elsewhere=THERE,
        taken_from=THERE, excluded=classroom.Exclusion(AT, BY), restrictions=(LEASE,),
        there=(classroom.Span(AT),), unread=2,
    ),
    classroom.CommandCard: classroom.CommandCard(
        id=5, version=7, school_id=1, session_id=3, kind="lock", arguments=ARGUMENTS, by=BY, at=AT,
        recipients=(classroom.Recipient(student=PUPIL, result="failed", why=NAME),),
    ),
    classroom.Message: classroom.Message(session_id=3, student=PUPIL, text=NAME, at=AT),
}  # fmt: skip
# What stays, and so may be anything here.
PLAIN = {
    "school_id": 1, "class_id": 2, "keep_classes_days": 30, "location_id": 3, "location_ids": (3,),
    "origin_id": 3, "destination_id": 4,
    "role": "teacher", "card": CARD, "by": BY, "at": AT,
    "changes": {"name": (NAME, NAME)}, "limits": Limits(day=1), "unlimited": False,
    "first_day": AT.date(), "last_day": AT.date(),
    "student": Person(ID, NAME, NAME, "9"), "place": Place(3, NAME, NAME),
    "room": Place(4, "Library", ""), "until": AT, "groups": (GroupCard(6, NAME, (ID,)),),
    "plan": PlanCard(7, NAME, True, (NAME,), ID, False), "link": LinkCard(8, NAME, NAME, ID, True),
    "refusal": Refusal("daily_limit", {"student": NAME, "used": 1, "limit": 1}, AT),
}  # fmt: skip


def value_for(field: msgspec.structs.FieldInfo) -> Any:
    """Something of the field's kind that names somebody."""
    if field.type in CARDS:
        return CARDS[field.type]
    if get_origin(field.type) is tuple and get_args(field.type)[0] in CARDS:
        return (CARDS[get_args(field.type)[0]],)
    if field.name in PLAIN:
        return PLAIN[field.name]
    if get_origin(field.type) is tuple:
        return (ID if get_args(field.type)[0] is int else NAME,)
    if field.type == int | None:
        return ID
    if field.type == str | None:
        return NAME
    if field.type in (str, int):
        return NAME if field.type is str else ID if field.name.endswith("_id") else 8
    raise NotImplementedError(f"Say here what a {field.name} may be: {field.type}")


def naming(kind: type[Event]) -> Event:
    return kind(**{field.name: value_for(field) for field in msgspec.structs.fields(kind)})


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_forgotten_event_names_nobody_and_can_still_be_read(kind: type[Event]) -> None:
    event = naming(kind)
    left = nameless(event)
    written = msgspec.json.encode(left).decode() + " ".join(left.topics())
    assert NAME not in written
    assert str(ID) not in written
    assert msgspec.json.decode(msgspec.json.encode(left), type=kind) == left
    assert nameless(left) == left
    assert (left.at, left.by.kind, left.by.face) == (event.at, "adult", "staff")


def test_what_reports_count_stays() -> None:
    left = nameless(CARD)
    assert (left.id, left.version, left.state, left.kind) == (5, 7, "ended", "student")
    assert (left.student.grade, left.origin.id, left.destination.name) == ("9", 3, "Library")
    assert (left.marks, left.overridden) == (("overridden",), ("daily_limit",))
    assert (left.requested_at, left.ended_at) == (AT, AT)
    assert [stamp.what for stamp in left.stamps] == ["requested"]


def test_every_kind_of_event_there_is_can_be_read_and_purged() -> None:
    for module in pkgutil.walk_packages(corridor.__path__, "corridor."):
        if module.name.endswith("events"):
            importlib.import_module(module.name)

    def leaves(kind: type[Event]) -> set[type[Event]]:
        under = kind.__subclasses__()
        return {leaf for one in under for leaf in leaves(one)} if under else {kind}

    ours = {kind for kind in leaves(Event) if kind.__module__.startswith("corridor.")}
    assert ours == set(KINDS.values())
