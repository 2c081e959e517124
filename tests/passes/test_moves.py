"""The table of spec/pass.md, written out once more by hand, against what the operations do."""

from typing import NamedTuple

import msgspec
import pytest

from corridor.accounts.actors import Actor
from corridor.passes import moves, states
from corridor.passes.appointments import call_off, reschedule, take_back
from corridor.passes.cards import PassCard
from corridor.passes.corrections import (
    ask_correction,
    confirm_correction,
    decline_correction,
    withdraw_correction,
)
from corridor.passes.refusals import NotAllowed, NotFound, Refused, Stale
from corridor.passes.trips import comment_on_pass, edit_times
from tests.school import School

TRIPS = ("roundtrip", "layover", "one_way")
OUT = ("on_the_way", "arrived", "returning")
BACK = ("ended", "system_ended")
ASKED = ("ended asked", "system_ended asked")
AUTO = "start stop"
COMING = ("awaiting_confirmation", "scheduled")


class Row(NamedTuple):
    """A row of the table: label, in which states, who, which trips, and the state it leads to."""

    label: str
    states: tuple[str, ...]
    who: str
    trips: tuple[str, ...]
    to: str
    auto: str = ""


SPEC = {
    "approve": Row("Approve", ("waiting",), "from", TRIPS, "on_the_way"),
    "start": Row("Start", ("waiting",), "student", TRIPS, "on_the_way", "start"),
    "stop": Row("Stop", OUT, "student", TRIPS, "ended", "stop"),
    "cancel": Row("Cancel", ("waiting", "queued"), "from admin", TRIPS, "cancelled"),
    "withdraw": Row("Withdraw", ("waiting", "queued"), "student", TRIPS, "withdrawn"),
    "arrive": Row("Arrived", ("on_the_way",), "to", ("layover", "one_way"), "arrived"),
    "send_back": Row("Send back", OUT[:2], "to", ("layover",), "returning"),
    "end_and_keep": Row("End & keep", OUT[:2], "to", ("layover",), "ended"),
    "end": Row("End pass", OUT, "from admin hall", TRIPS, "ended"),
    "edit_times": Row("Edit times", ("system_ended",), "from to admin", TRIPS, "ended"),
    "confirm": Row("Confirm", ("awaiting_confirmation",), "to", TRIPS, "scheduled"),
    "acknowledge": Row("Acknowledge", ("scheduled",), "from to", TRIPS, "unchanged"),
    "reschedule": Row("Edit", COMING, "from to admin", TRIPS, "unchanged"),
    "call_off": Row("Cancel", COMING, "from to admin", TRIPS, "cancelled"),
    "take_back": Row("Withdraw", COMING, "student", TRIPS, "withdrawn"),
    "comment": Row("Comment", (), "from to admin", TRIPS, "unchanged"),
    "ask_correction": Row("I was back earlier", BACK, "student", TRIPS, "unchanged"),
    "withdraw_correction": Row("Take it back", ASKED, "student", TRIPS, "unchanged"),
    "confirm_correction": Row("Confirm", ASKED, "from to admin", TRIPS, "ended"),
    "decline_correction": Row("Decline", ASKED, "from to admin", TRIPS, "unchanged"),
}  # fmt: skip

# How a pass comes into each state: presses, or minutes that pass. "asked" is beside the state: a
# correction of the student's waits for an answer.
PATHS: dict[str, tuple[str | int, ...]] = {
    "waiting": (),
    "on_the_way": ("approve",),
    "arrived": ("approve", "arrive"),
    "returning": ("approve", "send_back"),
    "ended": ("approve", 5, "end"),
    "cancelled": ("cancel",),
    "withdrawn": ("withdraw",),
    "expired": (10,),
    "system_ended": ("approve", 30),
    "ended asked": ("approve", 5, "end", "ask_correction"),
    "system_ended asked": ("approve", 30, "ask_correction"),
    # The student asked for an appointment in an hour.
    "awaiting_confirmation": ("appointment",),
    "scheduled": ("appointment", "confirm"),
    "missed": ("appointment", "confirm", 55, 15),
}
REACHED = [
    (trip, state)
    for trip in TRIPS
    for state in PATHS
    if trip == "layover" or state not in ("arrived", "returning")
]


def people(school: School, trip: str) -> dict[str, Actor]:
    """Everybody, by what they are to Ana's pass from room 204."""
    to, nobody = (school.okafor, school.ito) if trip == "one_way" else (school.ito, school.okafor)
    return {
        "student": school.ana, "from": school.rivera, "to": to, "admin": school.dana,
        "nobody": nobody, "hall": msgspec.structs.replace(nobody, face="hall"),
        "another student": school.cam, "other school": school.stone,
        "other school's admin": school.otto, "other school's student": school.eli,
    }  # fmt: skip


def a_pass_in(school: School, trip: str, state: str) -> PassCard:
    """Ana's pass from room 204 in this state."""
    places = dict(zip(TRIPS, (school.restroom, school.nurse, school.exit), strict=True))
    who, (first, *steps) = people(school, trip), PATHS[state] or ("",)
    if first == "appointment":
        school.decide(student_appointments=True)
        card = school.ask_appointment(to=places[trip])
    else:
        card, steps = school.ask(to=places[trip]), list(PATHS[state])
    for step in steps:
        if isinstance(step, int):
            school.wait(minutes=step)
        else:
            card = press(school, step, card, who[SPEC[step].who.split()[0]])
    return card


ANSWERS = {"confirm_correction": confirm_correction, "withdraw_correction": withdraw_correction}


def press(school: School, name: str, card: PassCard, by: Actor) -> PassCard:
    """Any move of the table, by its own operation."""
    if name == "comment":
        return school.do(comment_on_pass, pass_id=card.id, text="Seen.", by=by)
    if name == "reschedule":
        changed: PassCard = school.do(reschedule, pass_id=card.id, reason="Other", by=by)[0]
        return changed
    if name == "call_off":
        off: PassCard = school.do(call_off, pass_id=card.id, text="Ill.", by=by)[0]
        return off
    if name == "take_back":
        return school.do(take_back, pass_id=card.id, text="Better.", by=by)
    if name == "edit_times":
        return school.do(edit_times, pass_id=card.id, ended_at=card.requested_at, by=by)
    if name == "ask_correction":
        back_at = card.started_at or card.requested_at
        return school.do(ask_correction, pass_id=card.id, back_at=back_at, by=by)
    if name == "decline_correction":
        return school.do(decline_correction, pass_id=card.id, answer="No.", by=by)
    if name in ANSWERS:
        return school.do(ANSWERS[name], pass_id=card.id, by=by)
    return school.press(name, card, by)


def may(name: str, who: str, trip: str, state: str, auto: str = "") -> bool:
    """What the specification says, where Auto Pass allows this."""
    row = SPEC[name]
    return (
        who in row.who.split() and trip in row.trips and state in (row.states or PATHS)
        and row.auto in auto
    )  # fmt: skip


def test_the_table_has_the_rows_and_labels_of_the_specification() -> None:
    labels = {move.name: move.label for move in moves.TABLE}
    # For seconds only, by whoever made the last step: see test_undoing.py.
    assert labels.pop("undo") == "Undo"
    assert labels == {name: row.label for name, row in SPEC.items()}


@pytest.mark.parametrize(("trip", "state"), REACHED)
def test_who_may_not_changes_nothing(a_school: School, trip: str, state: str) -> None:
    card = a_pass_in(a_school, trip, state)
    before = a_school.last
    for who, person in people(a_school, trip).items():
        for name, row in SPEC.items():
            if may(name, who, trip, state):
                continue
            no: type[Exception] = Stale
            if who not in row.who.split():
                no = NotFound if "student" in who or "other" in who else NotAllowed
            elif (name, state) == ("start", "waiting") or (name == "stop" and state in OUT):
                no = Refused  # it may be started or stopped, if it were allowed
            with pytest.raises(no):
                press(a_school, name, card, person)
    assert a_school.last == before


@pytest.mark.parametrize(("trip", "state"), REACHED)
def test_who_may_does(a_school: School, trip: str, state: str) -> None:
    a_school.allow_auto(a_school.restroom, a_school.nurse, a_school.exit)
    for who, person in people(a_school, trip).items():
        for name in SPEC:
            if not may(name, who, trip, state, AUTO):
                continue
            card = a_pass_in(a_school, trip, state)
            moved = press(a_school, name, card, person)
            there = "ended" if trip == "one_way" else "arrived"
            to = {"unchanged": state.split()[0], "arrived": there}
            assert moved.state == to.get(SPEC[name].to, SPEC[name].to)
            assert (moved.version, moved.id) == (a_school.last, card.id)
            if moved.is_open:
                press(a_school, "end" if moved.is_out else "cancel", moved, a_school.dana)
            elif moved.is_coming:
                press(a_school, "call_off", moved, a_school.dana)


@pytest.mark.parametrize("auto", ["", AUTO], ids=["no Auto Pass", "Auto Pass"])
@pytest.mark.parametrize(("trip", "state"), REACHED)
def test_the_buttons_are_the_moves_that_may_be_made(
    a_school: School, trip: str, state: str, auto: str
) -> None:
    if auto:
        a_school.allow_auto(a_school.restroom, a_school.nurse, a_school.exit)
    a_pass_in(a_school, trip, state)
    card = a_school.log()[-1].card
    for who, person in people(a_school, trip).items():
        relations = moves.relations(card, person, hall_ends="adults")
        drawn = {move.name for move in moves.possible(card, relations)}
        assert drawn == {name for name in SPEC if may(name, who, trip, state, auto)}


def test_a_queued_pass_can_be_cancelled_and_withdrawn_and_nothing_else() -> None:
    waiting = {move.name for move in moves.TABLE if states.QUEUED in move.states}
    assert waiting == {"cancel", "withdraw", "comment"}


def test_an_adult_of_both_places_has_the_moves_of_both(a_school: School) -> None:
    card = a_school.out(to=a_school.nurse)
    places = a_school.rivera.location_ids | {a_school.nurse}
    both = msgspec.structs.replace(a_school.rivera, location_ids=places)
    assert {"end", "arrive", "send_back", "end_and_keep", "comment"} == {
        move.name for move in moves.possible(card, moves.relations(card, both))
    }


def test_a_number_of_classroom_is_none_of_pass(a_school: School) -> None:
    """Mr. Park, who has no account in Pass, has the number there that Nurse Ito has in it."""
    (card,) = a_school.arrange(by=a_school.ito)
    park = msgspec.structs.replace(
        a_school.classroom.park,
        account_id=a_school.ito.account_id,
        location_ids=a_school.ito.location_ids,
    )
    assert moves.relations(card, a_school.ito) == {moves.MAKER, moves.TO_ADULT}
    assert moves.last_by(card, a_school.ito) == {moves.LAST}
    assert moves.relations(card, park) == moves.last_by(card, park) == frozenset()
    card = a_school.ask()
    ana = msgspec.structs.replace(a_school.classroom.ana, account_id=a_school.ana.account_id)
    assert moves.relations(card, ana) == frozenset()


@pytest.mark.parametrize(
    ("hall_ends", "may"),
    [("adults", {"okafor", "ito"}), ("staff", {"ito"}), ("concerned", set())],
)
def test_the_school_says_who_ends_a_pass_in_the_hall(
    a_school: School, hall_ends: str, may: set[str]
) -> None:
    """Mr. Okafor teaches, Nurse Ito is staff; neither has a part in this pass."""
    a_school.decide(hall_ends=hall_ends)
    for name in ("okafor", "ito"):
        adult = msgspec.structs.replace(getattr(a_school, name), face="hall")
        card = a_school.out(to=a_school.office)
        if name in may:
            ended = a_school.press("end", card, adult)
            assert (ended.state, ended.stamps[-1].by.face) == ("ended", "hall")
        else:
            with pytest.raises(NotAllowed):
                a_school.press("end", card, adult)
            a_school.press("end", card, a_school.rivera)


def test_in_the_hall_nobody_ends_what_is_not_out_or_of_another_school(a_school: School) -> None:
    card = a_school.ask()
    ito, stone = (
        msgspec.structs.replace(adult, face="hall") for adult in (a_school.okafor, a_school.stone)
    )
    with pytest.raises(Stale):
        a_school.press("end", card, ito)
    with pytest.raises(NotFound):
        a_school.press("end", card, stone)
