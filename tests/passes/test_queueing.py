"""The line before a full location: joined, called, passed over, claimed, cleared, foretold."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.accounts.actors import Actor
from corridor.passes import queries, rules, timers
from corridor.passes.cards import PassCard
from corridor.passes.queueing import _expected, clear_line, cleared_at, outlook_at
from corridor.passes.refusals import NotAllowed, NotFound, Refused, Stale
from corridor.passes.words import sentence
from corridor.roster.changes import archive_location, freeze_school, unfreeze_school
from corridor.roster.models import Location
from corridor.roster.settings import SchoolSettings
from corridor.web.templatetags.corridor import why_not
from tests.passes.test_rules import A_PASS, AT, EDGES, FREE
from tests.school import School

pytestmark = pytest.mark.django_db


class Line:
    """A restroom for one, Dee in it, and students who stand in line."""

    def __init__(self, school: School, capacity: int = 1) -> None:
        self.school = school
        self.place = school.open_place("Single", capacity=capacity, queueing=True)
        school.ito = school.with_locations(school.ito, school.restroom, self.place)
        self.dee = school.add_student("dee", "Dee Fox")
        self.ed = school.add_student("ed", "Ed Gray")
        self.inside = school.out(self.dee, self.place)
        school.limit(school.ben, None)

    def join(self, *students: Actor) -> list[PassCard]:
        return [self.school.queue(student, self.place) for student in students]

    def leave(self) -> None:
        self.school.press("end", self.inside, self.school.rivera)

    def grow(self) -> None:
        self.school.change_place(self.place, capacity=2)
        self.school.wait(seconds=1)

    def of(self, student: Actor) -> PassCard:
        return queries.passes_of(self.school.id_of(student))[0]

    def places(self) -> list[tuple[str, int]]:
        cards = queries.open_passes(self.school.id)
        return [(c.student.name.split()[0], c.line.place) for c in cards if c.line is not None]

    def states(self, *students: Actor) -> list[str]:
        return [self.of(student).state for student in students]


@pytest.fixture
def line(a_school: School) -> Line:
    return Line(a_school)


# Joining


def test_the_second_press_joins(line: Line) -> None:
    school = line.school
    with pytest.raises(Refused, match="destination_full"):
        school.ask(school.ana, line.place)
    before = school.last
    card = school.queue(school.ana, line.place)
    assert (card.state, card.line and card.line.place, card.is_open) == ("queued", 1, True)
    assert school.names(before) == ["pass.queued"]
    with pytest.raises(Refused, match="already_out"):
        school.ask(school.ana, school.library)


def test_whoever_may_join_and_finds_a_free_place_waits_at_once(a_school: School) -> None:
    place = a_school.open_place("Single", capacity=1, queueing=True)
    assert a_school.queue(a_school.ana, place).state == "waiting"


def test_where_there_is_no_line_nobody_joins(a_school: School) -> None:
    place = a_school.open_place("Single", capacity=1)
    a_school.out(a_school.cam, place)
    with pytest.raises(Refused, match="destination_full"):
        a_school.queue(a_school.ana, place)


def test_only_the_capacity_is_waited_for(line: Line) -> None:
    """Another rule that says no says it now, and stands first."""
    line.school.limit(line.school.ben, 1)
    with pytest.raises(Refused, match="daily_limit"):
        line.school.queue(line.school.ben, line.place)


def test_a_line_has_an_end(line: Line) -> None:
    line.school.decide(queue_longest=1)
    line.join(line.school.ana)
    with pytest.raises(Refused) as no:
        line.school.queue(line.school.cam, line.place)
    text = "The line for Single is full: 1 are in it."
    assert sentence(no.value.refusal, for_adult=False) == text
    assert sentence(no.value.refusal, for_adult=True) == text


def test_in_line_nothing_is_used_up_and_no_place_taken(line: Line) -> None:
    school = line.school
    school.decide(building_limit=2, daily_limit=1)
    (card,) = line.join(school.ana)
    settings = SchoolSettings(time_zone="America/New_York")
    assert queries.used_by(school.id_of(school.ana), settings, school.clock.at).day == 0
    school.ask(school.cam, school.library)  # the building's second place
    tiles = queries.tiles(school.id, settings, school.clock.at)
    assert (tiles.waiting, tiles.out_now, tiles.in_building) == (1, 1, 2)
    for by, name in ((school.rivera, "approve"), (school.ana, "start"), (school.ito, "arrive")):
        with pytest.raises(Stale):
            school.press(name, card, by)


def test_the_same_press_twice_is_one_place(line: Line) -> None:
    from uuid import uuid4

    press = uuid4()
    first = line.school.queue(line.school.ana, line.place, request_id=press)
    line.leave()
    assert line.school.queue(line.school.ana, line.place, request_id=press) == first
    assert line.states(line.school.ana) == ["waiting"]


# Being called


def test_the_first_is_called_in_the_turn_that_frees_the_place(line: Line) -> None:
    school = line.school
    line.join(school.ana, school.cam, line.ed)
    assert line.places() == [("Ana", 1), ("Cam", 2), ("Ed", 3)]
    before = school.last
    line.leave()
    assert school.names(before) == [
        "pass.ended", "pass.called", "pass.moved_up", "pass.moved_up"
    ]  # fmt: skip
    assert line.places() == [("Cam", 1), ("Ed", 2)]
    card = line.of(school.ana)
    assert (card.state, card.over_at) == ("waiting", school.clock.at + timedelta(minutes=5))
    assert (card.stamps[-1].what, card.stamps[-1].by.kind) == ("called", "clock")
    assert school.press("approve", card, school.rivera).is_out


FREES: dict[str, Callable[[Line], object]] = {
    "end": lambda line: line.leave(),
    "send back": lambda line: line.school.press("send_back", line.inside, line.school.ito),
    "keep": lambda line: line.school.press("end_and_keep", line.inside, line.school.ito),
    "system end": lambda line: line.school.wait(minutes=30),
    "capacity raised": lambda line: line.grow(),
}  # fmt: skip


@pytest.mark.parametrize("how", FREES)
def test_however_a_place_comes_free(a_school: School, how: str) -> None:
    line = Line(a_school)
    a_school.change_place(line.place, trip_type="layover")
    a_school.press("end", line.inside, a_school.rivera)
    line.inside = a_school.out(line.dee, line.place)
    line.join(a_school.ana, a_school.cam)
    FREES[how](line)
    assert line.states(a_school.ana, a_school.cam) == ["waiting", "queued"]


def test_a_request_that_leads_nowhere_frees_its_place(line: Line) -> None:
    school = line.school
    line.leave()
    card = school.ask(line.dee, line.place)
    line.join(school.ana, school.cam, line.ed)
    school.press("cancel", card, school.rivera)
    assert line.states(school.ana, school.cam) == ["waiting", "queued"]
    school.press("withdraw", line.of(school.ana), school.ana)
    assert line.states(school.cam, line.ed) == ["waiting", "queued"]


def test_who_is_kept_apart_is_passed_over_and_keeps_the_place(line: Line) -> None:
    school = line.school
    line.join(school.ana, school.cam, line.ed)
    elsewhere = school.out(school.ben, school.library)
    school.keep_apart(school.ana, school.ben)
    line.leave()
    assert line.states(school.ana, school.cam, line.ed) == ["queued", "waiting", "queued"]
    assert line.places() == [("Ana", 1), ("Ed", 2)]
    school.press("withdraw", line.of(school.cam), school.cam)
    assert line.states(school.ana, line.ed) == ["queued", "waiting"]
    school.press("withdraw", line.of(line.ed), line.ed)
    school.wait(seconds=1)
    assert line.states(school.ana) == ["queued"]
    # Ben is back: within a second the place that stayed free is Ana's.
    school.press("end", elsewhere, school.rivera)
    school.wait(seconds=1)
    assert line.states(school.ana) == ["waiting"]


def test_two_who_are_kept_apart_may_stand_in_one_line(line: Line) -> None:
    school = line.school
    school.keep_apart(school.ana, school.cam)
    line.join(school.ana, school.cam)
    line.leave()
    assert line.states(school.ana, school.cam) == ["waiting", "queued"]
    school.press("cancel", line.of(school.ana), school.rivera)
    assert line.states(school.cam) == ["waiting"]


def test_nobody_is_called_into_a_full_building_or_an_emergency(line: Line) -> None:
    school = line.school
    line.join(school.ana)
    school.ask(school.cam, school.library)
    school.decide(building_limit=1)
    line.leave()
    assert line.states(school.ana) == ["queued"]
    school.do(freeze_school, text="", by=school.dana.who)
    school.decide(building_limit=None)
    school.wait(seconds=1)
    assert line.states(school.ana) == ["queued"]
    school.do(unfreeze_school, by=school.dana.who)
    school.wait(seconds=1)
    assert line.states(school.ana) == ["waiting"]


def test_nobody_is_called_to_a_place_that_was_closed(line: Line) -> None:
    school = line.school
    (card,) = line.join(school.ana)
    school.do(archive_location, Location.objects.get(pk=line.place), by=school.dana.who)
    line.leave()
    assert line.states(school.ana) == ["queued"]
    assert school.press("withdraw", card, school.ana).line is None


def test_who_asks_does_not_jump_the_line_that_the_clock_owes(line: Line) -> None:
    """The place is free since the system end, and the timer has not run."""
    school = line.school
    line.join(school.ana)
    school.wait(minutes=30, timer=False)
    with pytest.raises(Refused, match="destination_full"):
        school.ask(school.cam, line.place)
    assert line.states(school.ana, line.dee) == ["waiting", "system_ended"]


def test_whoever_is_called_may_start_by_auto_pass(line: Line) -> None:
    school = line.school
    school.allow_auto(line.place)
    line.join(school.ana)
    with pytest.raises(Stale):
        school.press("start", line.of(school.ana), school.ana)
    line.leave()
    card = school.press("start", line.of(school.ana), school.ana)
    assert (card.state, card.marks) == ("on_the_way", ("auto_start",))


# The claim window


def test_the_turn_moves_on_when_nobody_claims_it(line: Line) -> None:
    school = line.school
    school.decide(queue_claim=3)
    line.join(school.ana, school.cam)
    line.leave()
    school.wait(minutes=2.9)
    assert line.states(school.ana, school.cam) == ["waiting", "queued"]
    before = school.last
    school.wait(minutes=0.1)
    assert school.names(before) == ["pass.expired", "pass.called"]
    assert line.states(school.ana, school.cam) == ["expired", "waiting"]


def test_a_server_that_was_stopped_calls_one_after_the_other(line: Line) -> None:
    """Each at the moment at which it was due, and each for its own window."""
    school = line.school
    line.join(school.ana, school.cam, line.ed)
    start = school.clock.at
    school.wait(hours=2, timer=False)
    timers.run_due(school.clock.at)
    called = [start + timedelta(minutes=30 + 5 * n) for n in range(3)]
    cards = [line.of(student) for student in (school.ana, school.cam, line.ed)]
    assert [card.stamps[1].at for card in cards] == called
    assert [card.ended_at for card in cards] == [at + timedelta(minutes=5) for at in called]
    assert {card.state for card in cards} == {"expired"}
    times = [event.at for event in school.log() if event.name != "pass.moved_up"]
    assert times == sorted(times)


def test_an_overrun_pass_gives_up_its_place_where_the_school_says_so(line: Line) -> None:
    school = line.school
    line.join(school.ana)
    school.wait(minutes=10)
    assert line.states(school.ana) == ["queued"]
    school.press("withdraw", line.of(school.ana), school.ana)
    line.leave()
    school.decide(queue_overrun=True)
    line.inside = school.out(line.dee, line.place)
    line.join(school.cam, line.ed)
    before = school.last
    school.wait(minutes=10)
    assert school.names(before) == ["pass.ran_long", "pass.called", "pass.moved_up"]
    # The one who ran long leaves: the place was given away already.
    line.leave()
    assert line.states(school.cam, line.ed) == ["waiting", "queued"]
    with pytest.raises(Refused, match="destination_full"):
        school.ask(school.ana, line.place)


# Clearing


def test_cleared_by_hand(line: Line) -> None:
    school = line.school
    line.join(school.ana, school.cam)
    for nobody in (school.rivera, school.okafor, school.ana):
        with pytest.raises(NotAllowed):
            school.do(clear_line, location_id=line.place, by=nobody)
    with pytest.raises(NotFound):
        school.do(clear_line, location_id=line.place, by=school.otto)
    before = school.last
    assert school.do(clear_line, location_id=line.place, by=school.ito) == 2
    assert school.names(before) == ["pass.cleared"] * 2
    assert line.states(school.ana, school.cam) == ["cancelled"] * 2
    assert school.do(clear_line, location_id=line.place, by=school.dana) == 0
    line.leave()
    assert line.states(school.ana) == ["cancelled"]


def test_the_same_press_again_sends_away_nobody_who_has_joined_since(line: Line) -> None:
    school, press = line.school, uuid4()
    line.join(school.ana, school.cam)
    about = {"location_id": line.place, "by": school.ito, "request_id": press}
    assert school.do(clear_line, **about) == 2
    school.wait(seconds=1)
    line.join(school.ben)
    before = school.last
    assert school.do(clear_line, **about) == 2
    assert (school.last, line.places()) == (before, [("Ben", 1)])
    with pytest.raises(Refused, match="request_reused"):
        school.do(clear_line, **(about | {"location_id": school.nurse}))
    assert school.do(clear_line, **(about | {"request_id": uuid4()})) == 1


def test_cleared_at_its_time(line: Line) -> None:
    school = line.school
    school.decide(queue_cleared_at=(time(10, 20), time(9)))
    line.join(school.ana, school.cam)
    school.wait(minutes=19)
    assert line.states(school.ana, school.cam) == ["queued"] * 2
    before = school.last
    school.wait(minutes=1)
    assert school.names(before) == ["pass.ran_long", "pass.cleared", "pass.cleared"][1:]
    assert line.states(school.ana, school.cam) == ["expired"] * 2


def test_who_joins_after_that_moves_up_though_the_clock_looks_later(line: Line) -> None:
    """Also where those before were several, and are cleared one by one."""
    school = line.school
    school.decide(queue_cleared_at=(time(10, 9),))
    line.join(school.ana, school.cam)
    school.wait(minutes=9, timer=False)
    school.clock.move(seconds=0.4)
    (card,) = line.join(school.ben)
    assert card.line is not None and card.line.place == 3
    before = school.last
    school.wait(seconds=0.5)
    assert school.names(before) == ["pass.cleared", "pass.cleared", "pass.moved_up"]
    assert line.places() == [("Ben", 1)]
    told = school.log(before)
    assert [event.at for event in told] == sorted(event.at for event in told)


@pytest.mark.parametrize(
    "change", [{"queueing": False}, {"takes_passes": False}, {}], ids=["line", "passes", "archived"]
)
def test_where_there_is_no_line_any_more_those_in_it_are_told(
    line: Line, change: dict[str, bool]
) -> None:
    school = line.school
    line.join(school.ana, school.cam)
    other = school.open_place("Other", capacity=0, queueing=True)
    kept = school.queue(school.ben, other)
    if change:
        school.change_place(line.place, **change)
    else:
        place = Location.objects.get(pk=line.place)
        school.do(archive_location, place, by=school.dana.who)
    before = school.last
    school.wait(seconds=1)
    assert school.names(before) == ["pass.cleared"] * 2
    card = line.of(school.ana)
    assert (card.state, card.line) == ("cancelled", None)
    assert card.closed_by is not None and card.closed_by.kind == "clock"
    assert why_not(card) == "The line was closed: nobody is called from it any more."
    assert school.now_is(kept.id).state == "queued"
    assert school.now_is(line.inside.id).is_out
    assert timers.run_due(school.clock.at) == 0


@given(
    at=st.integers(0, 366 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    times=st.lists(st.times(timezones=st.none()), max_size=3),
    zone=st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_a_line_is_cleared_within_the_day(at: datetime, times: list[time], zone: str) -> None:
    until = cleared_at(at, SchoolSettings(time_zone=zone, queue_cleared_at=tuple(times)))
    local, then = at.astimezone(ZoneInfo(zone)), until.astimezone(ZoneInfo(zone))
    assert at < until <= at + timedelta(hours=25)
    assert then.date() == local.date() or then.time() == time()


# What is foretold


def test_the_estimate_is_honest(line: Line) -> None:
    school = line.school
    assert outlook_at(school.id, line.place, school.clock.at).about is None
    (card,) = line.join(school.ana)
    assert card.line is not None
    assert card.line.about is None  # nobody knows yet
    school.press("withdraw", card, school.ana)
    line.leave()
    for minutes in (2, 4, 6):
        used = school.out(school.cam, line.place)
        school.wait(minutes=minutes)
        school.press("end", used, school.rivera)
    line.inside = school.out(line.dee, line.place)
    school.wait(minutes=1)
    first, second = line.join(school.ana, school.cam)
    now = school.clock.at
    assert first.line and first.line.about == now + timedelta(minutes=3)
    assert second.line and second.line.about == now + timedelta(minutes=7)
    school.wait(minutes=8)
    assert outlook_at(school.id, line.place, school.clock.at).about is not None


@given(
    capacity=st.integers(1, 4),
    inside=st.lists(st.integers(0, 60), max_size=6),
    usual=st.integers(1, 30),
    places=st.integers(1, 12),
)
def test_nobody_behind_is_promised_an_earlier_turn(
    capacity: int, inside: list[int], usual: int, places: int
) -> None:
    there = [
        msgspec.structs.replace(A_PASS, requested_at=AT - timedelta(minutes=m)) for m in inside
    ]
    about = _expected(there, capacity, places, timedelta(minutes=usual), AT)
    known = [when for when in about if when is not None]
    assert len(known) == places
    assert known == sorted(known)
    assert all(when >= AT for when in known)
    more = _expected(there, capacity + 1, places, timedelta(minutes=usual), AT)
    assert all(b is not None and b <= a for a, b in zip(known, more, strict=True))


def test_a_place_that_takes_nobody_promises_nothing() -> None:
    assert _expected([], 0, 2, timedelta(minutes=1), AT) == [None, None]
    assert _expected([], None, 1, timedelta(minutes=1), AT) == [None]


# The rules of the call


def test_every_rule_that_may_change_meanwhile_is_asked_again() -> None:
    assert rules.refusal_to_call(msgspec.structs.replace(FREE, open_pass=A_PASS)) is None
    left_out = {
        "same_place", "nobody_there", "reason_missing", "reason_too_long", "already_out",
        "destination_full",
    }  # fmt: skip
    for rule, (code, breaks, _) in EDGES.items():
        refusal = rules.refusal_to_call(breaks)
        assert (refusal is None) == (code in left_out), rule
        assert refusal is None or refusal.code == code


def test_the_line_of_another_day_is_gone(line: Line) -> None:
    school = line.school
    line.join(school.ana)
    school.change_place(line.place, takes_passes=False)
    school.wait(hours=15)
    assert line.states(school.ana) == ["expired"]
    assert school.clock.at.astimezone(ZoneInfo("America/New_York")).date() == date(2026, 3, 3)
