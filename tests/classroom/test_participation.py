"""One state per student, in the priority of the specification, and what stands beside it."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest

from corridor.classroom.cards import Elsewhere, Exclusion, Lease, ParticipantCard, Student
from corridor.classroom.participation import State, badges_of, state_of
from corridor.live.events import Who

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
BY = Who(1, "Ms. Rivera", "adult", "console")
CARD = ParticipantCard(session_id=1, school_id=1, version=1, student=Student(7, "Ana", "Ana"))
THERE = Elsewhere(session_id=2, class_name="Algebra", adult_name="Mr. Okafor", since=AT)


class Seen(NamedTuple):
    connected: bool = True
    last_heartbeat_at: datetime = AT
    last_active_at: datetime = AT
    can_show: bool = True


# From the top of the list downwards: each fact beats everything below it.
FACTS: list[tuple[State, dict[str, Any]]] = [
    (State.OVER, {"is_over": True}),
    (State.ANOTHER_CLASS, {"elsewhere": THERE}),
    (State.EXCLUDED, {"excluded": Exclusion(AT, BY)}),
    (State.ON_PASS, {"is_on_pass": True}),
    (State.NOT_ONLINE, {"connected": False}),
    (State.LOST_SIGNAL, {"last_heartbeat_at": AT - timedelta(seconds=30)}),
    (State.NOTHING_TO_SHOW, {"can_show": False}),
    (State.INACTIVE, {"last_active_at": AT - timedelta(minutes=5, seconds=1)}),
    (State.ACTIVE, {}),
]


def of(facts: dict[str, Any]) -> State:
    seen = Seen(**{k: v for k, v in facts.items() if k in Seen._fields})
    card = {k: v for k, v in facts.items() if k in ("elsewhere", "excluded", "is_over")}
    return state_of(
        msgspec.structs.replace(CARD, **card), seen, AT,
        is_on_pass=facts.get("is_on_pass", False),
    )  # fmt: skip


@pytest.mark.parametrize("number", range(len(FACTS)), ids=[state for state, _ in FACTS])
def test_the_first_that_holds_is_said(number: int) -> None:
    below = {name: value for _, facts in FACTS[number:] for name, value in facts.items()}
    assert of(FACTS[number][1]) == FACTS[number][0]
    assert of(below) == FACTS[number][0]


def test_they_are_all_the_states_there_are() -> None:
    assert [state for state, _ in FACTS] == list(State)


def test_the_edges() -> None:
    assert of({"last_heartbeat_at": AT - timedelta(seconds=29.9)}) == State.ACTIVE
    assert of({"last_active_at": AT - timedelta(minutes=5)}) == State.ACTIVE
    assert state_of(CARD, None, AT) == State.NOT_ONLINE
    hour_ago = Seen(last_active_at=AT - timedelta(minutes=20))
    assert state_of(CARD, hour_ago, AT, inactive_after=timedelta(minutes=30)) == State.ACTIVE


def test_badges_stand_beside_the_state() -> None:
    kinds = ("lock", "site_lock", "plan", "tab_limit")
    held = tuple(Lease(kind=kind, until=AT, by=BY, command_id=1) for kind in kinds)
    card = msgspec.structs.replace(CARD, restrictions=held, hand_raised_at=AT, unread=2)
    assert badges_of(card) == ("locked", "site_locked", "plan", "tab_limit", "hand", "message")
    assert badges_of(CARD) == ()
    failed = tuple(msgspec.structs.replace(lease, failed="no") for lease in held)
    assert badges_of(msgspec.structs.replace(CARD, restrictions=failed)) == (
        "lock_failed", "site_lock_failed", "plan_failed", "tab_limit_failed",
    )  # fmt: skip
    away = msgspec.structs.replace(card, elsewhere=THERE, hand_raised_at=None)
    assert badges_of(away) == ("message",)
