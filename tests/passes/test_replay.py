"""A board drawn before, with the events heard since, is the board loaded again: every operation.

A board is what a page shows: the open passes, and those that ended. The listener knows nothing but
the cards in the events and whether a card is open.
"""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest

from corridor.live.events import Event
from corridor.live.log import read_log, turn
from corridor.passes import events, moves, queries
from corridor.passes.apart import let_together
from corridor.passes.appointments import (
    call_off,
    call_off_without_school,
    follow_bell,
    reschedule,
    take_back,
    without_school,
)
from corridor.passes.cards import PassCard
from corridor.passes.corrections import (
    ask_correction,
    confirm_correction,
    decline_correction,
    withdraw_correction,
)
from corridor.passes.looks import export_history, export_passes, look_at_history
from corridor.passes.queueing import clear_line
from corridor.passes.refusals import Refused
from corridor.passes.sightings import note_without_pass
from corridor.passes.trips import comment_on_pass, edit_times, move_pass
from corridor.passes.undoing import undo
from corridor.roster.bells import Bells, Period, Schedule
from corridor.roster.schools import settings_of
from tests.school import School

Board = tuple[list[PassCard], list[PassCard], list[PassCard]]


def load(school: School, places: frozenset[int] | None = None, made_by: int | None = None) -> Board:
    """The board as a page loads it."""
    start = school.clock.at - timedelta(days=1)
    return (
        queries.open_passes(school.id, places),
        queries.ended_passes(school.id, start, places),
        queries.coming_passes(school.id, location_ids=places, made_by=made_by),
    )


def apply(
    board: Board, heard: list[Event], places: frozenset[int] | None, made_by: int | None = None
) -> Board:
    """The board after the events: each card takes the place of the one with its id."""
    cards = {card.id: card for part in board for card in part}
    for event in heard:
        if isinstance(event, events.PassEvent):
            cards[event.card.id] = event.card
    if places is not None:  # a page forgets what names none of its places any more
        cards = {
            found: card for found, card in cards.items() if card.is_listed_for(places, made_by)
        }
    coming = [card for card in cards.values() if card.is_coming]
    coming.sort(key=lambda card: (card.appointment and card.appointment.begins_at, card.id))
    still_open = [card for card in cards.values() if card.is_open]
    ended = [card for card in cards.values() if not card.is_open and not card.is_coming]
    still_open.sort(key=lambda card: (card.requested_at, card.id))
    ended.sort(key=lambda card: (card.ended_at, card.id), reverse=True)
    return still_open, ended, coming


def heard_at(school: School, after: int, topics: set[str]) -> list[Event]:
    """What a listener of these topics hears after a number."""
    told = (
        events.decode(row.name, row.body)
        for row in read_log(school.id, after)
        if topics.intersection(row.topics)
    )
    return [event for event in told if event is not None]


def press(name: str, who: str, *before: tuple[str, str]) -> Callable[[School], None]:
    """A one-press move after others."""

    def story(school: School) -> None:
        card = school.ask()
        for earlier, by in before:
            school.press(earlier, card, getattr(school, by))
        school.press(name, card, getattr(school, who))

    return story


def move_pass_named(name: str) -> Callable[..., object]:
    return lambda tx, **about: move_pass(tx, name, **about)


def comment(school: School) -> None:
    school.do(comment_on_pass, pass_id=school.out().id, text="Seen.", by=school.ito)


def edit(school: School) -> None:
    card = school.out()
    school.wait(minutes=40)
    school.do(edit_times, pass_id=card.id, ended_at=school.clock.at, by=school.rivera)


def corrected(then: Callable[..., PassCard] | None, by: str = "", **more: str) -> Any:
    """A correction of a pass that the clock ended, and perhaps what became of it."""

    def story(school: School) -> None:
        card = school.out()
        school.wait(minutes=40)
        school.do(ask_correction, pass_id=card.id, back_at=card.started_at, by=school.ana)
        if then is not None:
            school.do(then, pass_id=card.id, by=getattr(school, by), **more)

    return story


def look(school: School) -> None:
    student_id = school.id_of(school.ana)
    for _ in range(2):
        look_at_history(student_id=student_id, by=school.rivera, at=school.clock.at)
    school.do(export_history, student_id=student_id, by=school.dana)
    school.do(export_passes, filters="kind=student", by=school.dana)


def refused(school: School) -> None:
    with pytest.raises(Refused):
        school.ask(school.ben)


def expire(school: School) -> None:
    school.ask()
    school.wait(minutes=10)


def run_long(school: School) -> None:
    school.out()
    school.wait(minutes=10)


def system_end(school: School) -> None:
    school.out()
    school.wait(hours=3)


def too_late(school: School) -> None:
    card = school.ask()
    school.wait(minutes=10, timer=False)
    with pytest.raises(Exception, match="expired"):
        school.press("approve", card, school.rivera)


def keep_and_let(school: School) -> None:
    group = school.keep_apart(school.ana, school.cam)
    school.do(let_together, group_id=group, by=school.dana)


def seen_without_pass(school: School) -> None:
    school.do(note_without_pass, student_id=school.id_of(school.ben), by=school.ito)


def auto(*presses: str) -> Callable[[School], None]:
    """What Ana does by Auto Pass."""

    def story(school: School) -> None:
        school.allow_auto(school.nurse)
        card = school.ask()
        for name in presses:
            school.press(name, card, school.ana)

    return story


def choose_while_waiting(school: School) -> None:
    school.allow_auto(school.nurse, mode="stop")
    school.ask()
    school.allow_auto(school.nurse, mode="start", limit=3)
    school.allow_auto()


def in_line(school: School) -> tuple[PassCard, PassCard]:
    """Dee is in the restroom, Ana and Ed stand in line; her pass and Ana's."""
    single = school.open_place(f"Single {school.last}", capacity=1, queueing=True)
    school.ito = school.with_locations(school.ito, single)
    dee, ed = (school.add_student(f"x{school.last}", f"Dee {name}") for name in ("One", "Two"))
    first = school.out(dee, single)
    return first, (school.queue(school.ana, single), school.queue(ed, single))[0]


def called_from_the_line(school: School) -> None:
    first, _ = in_line(school)
    school.press("end", first, school.rivera)


def left_the_line(school: School) -> None:
    _, mine = in_line(school)
    school.press("withdraw", mine, school.ana)


def cleared_by_hand(school: School) -> None:
    _, mine = in_line(school)
    school.do(clear_line, location_id=mine.destination.id, by=school.ito)


def cleared_by_the_clock(school: School) -> None:
    school.decide(queue_cleared_at=((school.clock.at - timedelta(hours=5) + timedelta(minutes=2))
                                    .time().replace(tzinfo=None),))  # fmt: skip
    in_line(school)
    school.wait(minutes=5)


def asked_appointment(school: School) -> PassCard:
    school.decide(student_appointments=True)
    return school.ask_appointment()


def appointment(
    then: Callable[..., object] | None = None, by: str = "", **more: object
) -> Callable[[School], None]:
    """An appointment that Ana asked for and the nurse confirmed, and what became of it."""

    def story(school: School) -> None:
        card = school.press("confirm", asked_appointment(school), school.ito)
        if then is not None:
            school.do(then, pass_id=card.id, by=getattr(school, by), **more)

    return story


def undone(*moves: str) -> Callable[[School], object]:
    """Ms. Rivera takes the last of her presses back."""

    def tell(school: School) -> None:
        card = school.ask()
        for move in moves:
            card = school.press(move, card, school.rivera)
        school.do(undo, pass_id=card.id, by=school.rivera)

    return tell


def moved_elsewhere(school: School) -> None:
    """Ms. Rivera's board loses an appointment that departs from another room now."""
    (card,) = school.arrange()
    school.do(reschedule, pass_id=card.id, origin_id=school.room_118, by=school.ito)


def series(school: School) -> None:
    cards = school.arrange(school.ana, school.cam, repeat="daily", until=date(2026, 3, 4))
    everyone = {"pass_id": cards[0].id, "series": "later", "everyone": True, "by": school.ito}
    school.do(reschedule, wall=time(12), **everyone)
    school.do(call_off, text="Ill.", **everyone)


def no_school(school: School) -> None:
    """A day loses its school: its appointments are cancelled."""
    regular = Schedule("Regular", (Period("1", time(8), time(9)),))
    school.decide(bells=Bells(schedules=(regular,), week=("Regular",) * 7))
    school.arrange(school.ana, school.cam)
    school.arrange(school.ana, minutes=6)
    school.wait(minutes=2)  # this one waits for approval
    before = settings_of(school.id).bells
    school.decide(bells=Bells(schedules=(regular,)))
    with turn(school.id) as tx:
        lost = without_school(tx, before, at=school.clock.at)
        call_off_without_school(tx, lost, by=school.dana, at=school.clock.at)
    school.decide(bells=Bells())


def other_zone(school: School) -> None:
    school.arrange(school.ana, minutes=600)
    school.decide(time_zone="America/Denver")
    school.do(follow_bell, by=school.dana)


def other_bell(school: School) -> None:
    """One that has surfaced waits on, for its new time."""
    for name, hour in (("Regular", 10), ("Late", 11)):
        schedule = Schedule(name, (Period("1", time(hour, 6), time(12)),))
        school.decide(bells=Bells(schedules=(schedule,), week=(name,) * 7))
        if name == "Regular":
            school.arrange(period="1")
            school.wait(minutes=2)
    school.do(follow_bell, by=school.dana)
    school.decide(bells=Bells())


def surfaced(school: School) -> None:
    school.ask()
    school.arrange(minutes=8)
    school.wait(minutes=3)


def missed(school: School) -> None:
    surfaced(school)
    school.wait(minutes=15)


def held_back(school: School) -> None:
    card = school.out()
    school.arrange(minutes=8)
    school.wait(minutes=4)
    school.press("end", card, school.rivera)
    school.wait(minutes=1)


APPROVED, ARRIVED = ("approve", "rivera"), ("arrive", "ito")
STORIES: dict[str, Callable[[School], object]] = {
    "request_pass": lambda school: school.ask(),
    "request_pass, refused": refused,
    "give_pass": lambda school: school.give(),
    "give_pass, pre-approved": lambda school: school.give(pre_approved=True),
    "approve": press("approve", "rivera"),
    "start": auto("start"),
    "stop": auto("start", "stop"),
    "choose_auto": choose_while_waiting,
    "request_pass, in line": lambda school: in_line(school),
    "line: called": called_from_the_line,
    "line: left": left_the_line,
    "line: cleared": cleared_by_hand,
    "line: cleared by the clock": cleared_by_the_clock,
    "cancel": press("cancel", "dana"),
    "withdraw": press("withdraw", "ana"),
    "arrive": press("arrive", "ito", APPROVED),
    "send_back": press("send_back", "ito", APPROVED, ARRIVED),
    "end_and_keep": press("end_and_keep", "ito", APPROVED, ARRIVED),
    "end": press("end", "rivera", APPROVED),
    "undo": undone("approve"),
    "undo, cancelled": undone("cancel"),
    "undo, ended": undone("approve", "end"),
    "edit_times": edit,
    "comment": comment,
    "ask_correction": corrected(None),
    "withdraw_correction": corrected(withdraw_correction, "ana"),
    "confirm_correction": corrected(confirm_correction, "ito"),
    "decline_correction": corrected(decline_correction, "rivera", answer="I saw you at 10:15."),
    "look at a history, export": look,
    "keep apart, let together": keep_and_let,
    "seen without a pass": seen_without_pass,
    "make_appointments": lambda school: school.arrange(),
    "ask_for_appointment": asked_appointment,
    "confirm": appointment(),
    "acknowledge": appointment(move_pass_named("acknowledge"), "rivera"),
    "reschedule": appointment(reschedule, "rivera", reason="Other"),
    "reschedule, elsewhere": moved_elsewhere,
    "call_off": appointment(call_off, "rivera", text="Ill."),
    "take_back": appointment(take_back, "ana", text="Better."),
    "an appointment commented": appointment(comment_on_pass, "ito", text="Hm."),
    "a series": series,
    "follow_bell": other_zone,
    "follow_bell, surfaced": other_bell,
    "call_off_without_school": no_school,
    "clock: surfaced": surfaced,
    "clock: missed": missed,
    "clock: held back": held_back,
    "clock: expired": expire,
    "clock: ran long": run_long,
    "clock: system ended": system_end,
    "clock: too late": too_late,
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("scope", ["all", "mine", "made by me"])
def test_board_before_and_events_heard_is_the_board_loaded_again(
    a_school: School, story: str, scope: str
) -> None:
    """Mine: of Ms. Rivera's room. Made by me: by Nurse Ito, as if her office were not hers."""
    a_school.out(a_school.cam, a_school.library)
    made_by = a_school.id_of(a_school.ito) if scope == "made by me" else None
    places, topics = None, {f"school:{a_school.id}"}
    if scope != "all":
        places = frozenset({a_school.exit}) if made_by else a_school.rivera.location_ids
        topics = {f"location:{place}" for place in places} | {f"account:{made_by}"}
    before, after = load(a_school, places, made_by), a_school.last
    STORIES[story](a_school)
    heard = heard_at(a_school, after, topics)
    assert apply(before, heard, places, made_by) == load(a_school, places, made_by)
    after_all = apply(apply(before, heard, places, made_by), heard, places, made_by)
    assert after_all == load(a_school, places, made_by)  # twice does no harm


@pytest.mark.parametrize("story", STORIES)
def test_a_students_own_pages_hear_everything_about_them(a_school: School, story: str) -> None:
    me = a_school.ben if "refused" in story else a_school.ana
    student_id = a_school.id_of(me)
    mine = {card.id: card for card in all_of(student_id)}
    after = a_school.last
    STORIES[story](a_school)
    for event in heard_at(a_school, after, {f"student:{student_id}"}):
        if isinstance(event, events.PassEvent):
            mine[event.card.id] = event.card
    assert mine == {card.id: card for card in all_of(student_id)}


def test_whoever_made_an_appointment_hears_of_it_until_it_surfaces(a_school: School) -> None:
    """And of nothing else: not of passes, nor of what a student has asked for."""
    ito = {f"account:{a_school.id_of(a_school.ito)}"}
    after = a_school.last
    a_school.arrange(to=a_school.library)
    surfaced(a_school)
    a_school.end(a_school.give(a_school.cam, by=a_school.ito))
    assert [event.name for event in heard_at(a_school, after, ito)] == [
        "pass.scheduled", "pass.scheduled", "pass.surfaced",
    ]  # fmt: skip
    after = a_school.last
    a_school.decide(student_appointments=True)
    a_school.press("confirm", a_school.ask_appointment(minutes=240), a_school.ito)
    ana = {f"account:{a_school.id_of(a_school.ana)}"}
    assert heard_at(a_school, after, ito | ana) == []


def all_of(student_id: int) -> list[PassCard]:
    """The student's passes and appointments."""
    return [*queries.passes_of(student_id), *queries.coming_passes_of(student_id)]


def test_every_operation_has_its_story(a_school: School) -> None:
    """A new move, or a new event, without a story above fails here."""
    assert {move.name for move in moves.TABLE} <= set(STORIES)
    for story in STORIES.values():
        story(a_school)
        a_school.wait(hours=1)
    assert {kind.name for kind in events.ALL} <= set(a_school.names())
