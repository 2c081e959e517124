"""Five minutes before its time an appointment surfaces; then it is approved, or missed."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from corridor.accounts.people import close_account
from corridor.passes import queries, timers
from corridor.passes.cards import PassCard
from corridor.passes.dates import begins
from corridor.passes.refusals import Refused, Stale
from corridor.roster.bells import Bells
from corridor.roster.changes import archive_location, freeze_school
from corridor.roster.models import Location
from corridor.roster.settings import SchoolSettings
from tests.roster.test_bells import (
    DAY,
    MINUTE,
    NIGHTS,
    SCHOOL,
    ZONES,
    calendar,
    nights,
    on_the_wall,
)
from tests.school import School


def names_of(school: School, card: PassCard) -> list[str]:
    """What happened to a pass, without its "pass."."""
    told = [e for e in school.log() if getattr(e, "card", None) and e.card.id == card.id]
    return [event.name.removeprefix("pass.") for event in told]


def test_five_minutes_before_it_waits_for_approval(a_school: School) -> None:
    (card,) = a_school.arrange(reason="Talk")
    a_school.wait(minutes=54, seconds=59)
    assert a_school.now_is(card.id).state == "scheduled"
    surfaced_at = a_school.wait(seconds=1)
    now = a_school.now_is(card.id)
    assert (now.id, now.state, now.kind, now.is_open) == (card.id, "waiting", "appointment", True)
    assert (now.requested_at, now.due_at) == (surfaced_at, surfaced_at + 15 * MINUTE)
    assert queries.open_passes(a_school.id) == [now]
    assert queries.coming_passes(a_school.id) == []
    out = a_school.press("approve", now, a_school.rivera)
    assert (out.state, out.reason, out.let_go_by) == (
        "on_the_way", "Talk", a_school.rivera.account_id,
    )  # fmt: skip
    a_school.press("end", a_school.press("arrive", out, a_school.ito), a_school.rivera)
    assert names_of(a_school, card) == ["scheduled", "surfaced", "approved", "arrived", "ended"]


def test_nobody_approves_and_it_is_missed(a_school: School) -> None:
    (card,) = a_school.arrange()
    a_school.wait(minutes=55)
    a_school.wait(minutes=15)
    now = a_school.now_is(card.id)
    assert (now.state, now.ended_at) == ("missed", a_school.clock.at)
    with pytest.raises(Stale):
        a_school.press("approve", now, a_school.rivera)


def test_the_school_says_how_long_it_waits(a_school: School) -> None:
    a_school.decide(appointment_waits=7)
    (card,) = a_school.arrange()
    a_school.wait(minutes=55)
    a_school.wait(minutes=6)
    assert a_school.now_is(card.id).state == "waiting"
    a_school.wait(minutes=1)
    assert a_school.now_is(card.id).state == "missed"


def test_an_appointment_in_two_minutes_surfaces_at_once(a_school: School) -> None:
    (card,) = a_school.arrange(minutes=2)
    timers.run_due(a_school.clock.at)
    now = a_school.now_is(card.id)
    assert (now.state, now.due_at) == ("waiting", a_school.clock.at + 15 * MINUTE)


@pytest.mark.parametrize("waits", [1, 3, 5])
def test_where_it_waits_shortly_one_made_a_moment_before_is_not_missed_at_once(
    a_school: School, waits: int
) -> None:
    a_school.decide(appointment_waits=waits)
    (card,) = a_school.arrange(minutes=1)
    timers.run_due(a_school.clock.at)
    now = a_school.now_is(card.id)
    assert (now.state, now.due_at) == ("waiting", a_school.clock.at + waits * MINUTE)
    a_school.wait(minutes=waits)
    assert a_school.now_is(card.id).state == "missed"


def test_unacknowledged_it_takes_place_and_nothing_binds_it(a_school: School) -> None:
    """Limits, the building, capacity, a room's limit, kept apart: an adult approves anyway."""
    a_school.decide(building_limit=0, cooldown=60, daily_limit=0)
    a_school.change_place(a_school.nurse, capacity=0, takes_passes=False, access="listed")
    a_school.change_place(a_school.room_204, room_limit=0)
    a_school.keep_apart(a_school.ben, a_school.cam)
    a_school.give(a_school.cam, a_school.library, override=frozenset(
        {"building_full", "room_limit", "daily_limit", "kept_apart"}
    ))  # fmt: skip
    (card,) = a_school.arrange(a_school.ben, minutes=8)
    a_school.wait(minutes=3)
    assert a_school.press("approve", card, a_school.rivera).state == "on_the_way"


def test_it_counts_to_no_limit_and_not_to_the_building(a_school: School) -> None:
    a_school.decide(building_limit=1, daily_limit=1)
    (card,) = a_school.arrange(minutes=8)
    a_school.wait(minutes=3)
    a_school.press("end", a_school.press("approve", card, a_school.rivera), a_school.rivera)
    a_school.arrange(a_school.ben, minutes=8)
    a_school.wait(minutes=3)
    assert a_school.ask().state == "waiting"


def test_students_who_are_kept_apart_are_so_by_what_has_surfaced(a_school: School) -> None:
    """As by any request that waits; two that have surfaced are for the adult to let go."""
    a_school.keep_apart(a_school.ana, a_school.cam)
    ana, cam = a_school.arrange(a_school.ana, a_school.cam, minutes=20)
    a_school.wait(minutes=16)
    for card in (ana, cam):
        assert a_school.now_is(card.id).state == "waiting"
    a_school.press("cancel", cam, a_school.rivera)
    with pytest.raises(Refused, match="kept_apart"):
        a_school.ask(a_school.cam, a_school.library)
    a_school.press("approve", ana, a_school.rivera)
    with pytest.raises(Refused, match="kept_apart"):
        a_school.ask(a_school.cam, a_school.library)
    a_school.press("end", ana, a_school.rivera)
    assert a_school.ask(a_school.cam, a_school.library)


def test_in_an_emergency_it_surfaces_but_nobody_approves(a_school: School) -> None:
    (card,) = a_school.arrange(minutes=8)
    a_school.do(freeze_school, text="Stay.", by=a_school.dana.who)
    a_school.wait(minutes=3)
    with pytest.raises(Refused, match="frozen"):
        a_school.press("approve", card, a_school.rivera)


# The student has a pass already


def test_a_request_nobody_has_answered_gives_way(a_school: School) -> None:
    (card,) = a_school.arrange(minutes=8)
    request = a_school.ask(to=a_school.library)
    a_school.wait(minutes=3)
    gone = a_school.now_is(request.id)
    assert (gone.state, gone.closed_by and gone.closed_by.kind) == ("cancelled", "clock")
    assert names_of(a_school, request) == ["requested", "gave_way"]
    assert a_school.now_is(card.id).state == "waiting"
    with pytest.raises(Refused, match="already_out"):
        a_school.ask()


def test_a_place_in_line_gives_way_and_the_others_move_up(a_school: School) -> None:
    single = a_school.open_place("Restroom A", capacity=1, queueing=True)
    a_school.ask(a_school.add_student("dee", "Dee D"), single)
    mine = a_school.queue(a_school.ana, single)
    behind = a_school.queue(a_school.cam, single)
    a_school.arrange(minutes=8)
    a_school.wait(minutes=3)
    assert a_school.now_is(mine.id).state == "cancelled"
    line = a_school.now_is(behind.id).line
    assert line is not None and line.place == 1


def test_a_pass_that_is_out_holds_it_back_until_the_student_is_back(a_school: School) -> None:
    other = a_school.out(to=a_school.library)
    (card,) = a_school.arrange(minutes=8)
    a_school.wait(minutes=3)
    held = a_school.now_is(card.id)
    assert (held.state, held.appointment and held.appointment.held) == ("scheduled", True)
    a_school.wait(minutes=4)
    a_school.press("end", other, a_school.rivera)
    back = a_school.clock.at
    a_school.wait(seconds=1)
    now = a_school.now_is(card.id)
    assert (now.state, now.requested_at, now.due_at) == ("waiting", back, back + 15 * MINUTE)
    assert names_of(a_school, card) == ["scheduled", "held_back", "surfaced"]


@pytest.mark.parametrize("asleep", [1, 300, 60 * 60])
def test_what_a_student_who_is_back_asks_for_gives_way(a_school: School, asleep: int) -> None:
    """Though it was asked for before the clock had looked, and however late it looks."""
    a_school.decide(request_waits=100)
    single = a_school.open_place("Single", capacity=1, queueing=True)
    a_school.ask(a_school.cam, single)
    other = a_school.out(to=a_school.library)
    (card,) = a_school.arrange(minutes=8)
    a_school.wait(minutes=3)
    a_school.wait(minutes=4)
    a_school.press("end", other, a_school.rivera)
    anew, back = a_school.queue(a_school.ana, single), a_school.clock.at
    a_school.wait(seconds=asleep)
    assert names_of(a_school, anew) == ["queued", "gave_way"]
    assert a_school.now_is(card.id).requested_at == back
    assert names_of(a_school, card)[:3] == ["scheduled", "held_back", "surfaced"]


def test_held_back_all_its_window_it_is_missed(a_school: School) -> None:
    a_school.decide(system_end=60)
    a_school.out(to=a_school.library)
    (card,) = a_school.arrange(minutes=8)
    for _ in range(20):
        a_school.wait(minutes=1)
    now = a_school.now_is(card.id)
    assert (now.state, now.ended_at) == ("missed", card.due_at and card.due_at + 15 * MINUTE)
    assert names_of(a_school, card) == ["scheduled", "held_back", "missed"]


@pytest.mark.parametrize("now_waits", [7, 30])
def test_held_back_it_waits_as_long_as_the_school_said_then(
    a_school: School, now_waits: int
) -> None:
    """Decided anew meanwhile, the time does not move: what is due would have nothing to do."""
    a_school.decide(system_end=60)
    other = a_school.out(to=a_school.library)
    (missed,) = a_school.arrange(minutes=8)
    a_school.wait(minutes=3)
    a_school.decide(appointment_waits=now_waits)
    a_school.wait(minutes=14)
    assert a_school.now_is(missed.id).state == "scheduled"
    a_school.wait(minutes=1)
    assert (now := a_school.now_is(missed.id)).state == "missed"
    assert now.ended_at == a_school.clock.at
    assert names_of(a_school, missed) == ["scheduled", "held_back", "missed"]
    assert a_school.press("end", other, a_school.rivera).state == "ended"


def test_a_press_on_what_is_held_back_finds_it_missed_though_the_school_waits_longer(
    a_school: School,
) -> None:
    a_school.decide(system_end=60)
    a_school.out(to=a_school.library)
    (card,) = a_school.arrange(minutes=8)
    a_school.wait(minutes=3)
    a_school.decide(appointment_waits=30)
    a_school.wait(minutes=15, timer=False)
    with pytest.raises(Stale) as no:
        a_school.press("acknowledge", card, a_school.rivera)
    assert no.value.card.state == "missed"


def test_two_at_the_same_time_go_one_after_the_other(a_school: School) -> None:
    (first,) = a_school.arrange(minutes=8)
    (second,) = a_school.arrange(to=a_school.library, minutes=8)
    a_school.wait(minutes=3)
    assert [a_school.now_is(c.id).state for c in (first, second)] == ["waiting", "scheduled"]
    a_school.press("end", a_school.press("approve", first, a_school.rivera), a_school.rivera)
    a_school.wait(seconds=1)
    assert a_school.now_is(second.id).state == "waiting"


def test_what_is_held_back_can_be_changed_and_called_off(a_school: School) -> None:
    from corridor.passes.appointments import call_off, reschedule

    other = a_school.out(to=a_school.library)
    (card,) = a_school.arrange(minutes=8)
    a_school.wait(minutes=3)
    (later,) = a_school.do(reschedule, pass_id=card.id, wall=time(11), by=a_school.ito)
    assert later.appointment is not None and not later.appointment.held
    a_school.press("end", other, a_school.rivera)
    a_school.wait(seconds=1)
    assert a_school.now_is(card.id).state == "scheduled"
    a_school.do(call_off, pass_id=card.id, text="Ill.", by=a_school.ito)


# What it has lost meanwhile


@pytest.mark.parametrize("lost", ["student", "origin", "destination"])
def test_without_its_student_or_a_place_it_is_cancelled(a_school: School, lost: str) -> None:
    (card,) = a_school.arrange()
    if lost == "student":
        a_school.do(close_account, account_id=a_school.id_of(a_school.ana), by=a_school.dana)
    else:
        place = Location.objects.get(pk=getattr(card, lost).id)
        a_school.do(archive_location, place, by=a_school.dana.who)
    a_school.wait(minutes=55)
    now = a_school.now_is(card.id)
    assert (now.state, now.closed_by and now.closed_by.kind) == ("cancelled", "clock")


def test_it_surfaces_with_the_names_of_now(a_school: School) -> None:
    (card,) = a_school.arrange()
    a_school.change_place(a_school.nurse, name="Nurse’s office", trip_type="one_way")
    a_school.wait(minutes=55)
    now = a_school.now_is(card.id)
    assert (now.destination.name, now.trip_type) == ("Nurse’s office", "one_way")


# A server that slept


@pytest.mark.parametrize(
    ("asleep", "told"),
    [(55, ["surfaced"]), (69.9, ["surfaced"]), (70, ["surfaced", "missed"]),
     (60 * 24, ["surfaced", "missed"])],
)  # fmt: skip
def test_a_server_that_slept_catches_up(a_school: School, asleep: float, told: list[str]) -> None:
    (card,) = a_school.arrange()
    a_school.wait(minutes=asleep)
    now = a_school.now_is(card.id)
    assert names_of(a_school, card) == ["scheduled", *told]
    assert now.requested_at == card.due_at
    if now.state == "missed":
        assert card.due_at and now.ended_at == card.due_at + 15 * MINUTE


def test_a_press_finds_it_as_it_should_be_though_the_timer_is_late(a_school: School) -> None:
    (card,) = a_school.arrange()
    a_school.wait(minutes=56, timer=False)
    out = a_school.press("approve", card, a_school.rivera)
    assert (out.requested_at, out.started_at) == (card.due_at, a_school.clock.at)


@pytest.mark.parametrize("step", [0.5, 1, 7, 400])
def test_however_late_the_clock_looks_the_story_is_the_same(a_school: School, step: float) -> None:
    """Out since before, ended by the clock within the window; then the next appointment."""
    a_school.decide(system_end=12)
    a_school.out(to=a_school.library)
    (first,) = a_school.arrange(minutes=8)
    (second,) = a_school.arrange(to=a_school.library, minutes=20)
    spent = 0.0
    while spent < 400:
        a_school.wait(minutes=step)
        spent += step
    one, two = a_school.now_is(first.id), a_school.now_is(second.id)
    began = first.requested_at
    assert names_of(a_school, first) == ["scheduled", "held_back", "surfaced", "missed"]
    assert (one.requested_at, one.ended_at) == (began + 12 * MINUTE, began + 27 * MINUTE)
    assert names_of(a_school, second) == ["scheduled", "held_back", "surfaced", "missed"]
    assert (two.requested_at, two.ended_at) == (began + 27 * MINUTE, began + 42 * MINUTE)


# When: against a slow reference


@cache
def walk(zone: str, day: date) -> dict[datetime, datetime]:
    """Minute by minute through a day and what is around it: what the wall shows, when first."""
    wall, first = ZoneInfo(zone), datetime.combine(day, time(), UTC) - 20 * 60 * MINUTE
    shown: dict[datetime, datetime] = {}
    for n in range(60 * 60):
        moment = first + n * MINUTE
        shown.setdefault(moment.astimezone(wall).replace(tzinfo=None), moment)
    return shown


def reference(zone: str, day: date, wall: time) -> datetime:
    """The first minute at which the wall shows this, found by walking.

    Where it never does, as long after the last minute before it as it would have been.
    """
    target = datetime.combine(day, wall)
    if target in walk(zone, day):
        return walk(zone, day)[target]
    last = max(shown for shown in walk(zone, day) if shown < target)
    return walk(zone, day)[last] + (target - last)


def product(zone: str, day: date, wall: time) -> datetime:
    found = begins(SchoolSettings(time_zone=zone), day, wall)
    assert found is not None and found[0] == wall
    return found[1]


@pytest.mark.thorough
@pytest.mark.parametrize("zone", ZONES)
def test_when_it_begins_on_every_date_of_six_years(zone: str) -> None:
    """Another time each day: the wall shows it then, and not before, or the reference walks."""
    day, minute = date(2026, 1, 1), 0
    while day.year < 2032:
        minute = (minute + 419) % (24 * 60)
        wall = time(minute // 60, minute % 60)
        found = product(zone, day, wall)
        shown = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if shown == datetime.combine(day, wall):
            earlier = (found - hours * 60 * MINUTE for hours in (0.5, 1, 2))
            assert all(
                e.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != shown for e in earlier
            ), "it came before"
        else:
            assert found == reference(zone, day, wall)
        day += DAY


@pytest.mark.thorough
@pytest.mark.parametrize("zone", ZONES)
def test_when_it_begins_around_the_nights_on_which_the_clocks_change(zone: str) -> None:
    for night in nights(zone):
        local = night.astimezone(ZoneInfo(zone)).date()
        for day in (local - DAY, local):
            for minute in range(0, 24 * 60, 45 if day != local else 15):
                wall = time(minute // 60, minute % 60)
                assert product(zone, day, wall) == reference(zone, day, wall), (day, wall)


def names_on(bells: Bells, day: date) -> list[str]:
    """The periods of a day, by the calendar and the timetable."""
    schedule = calendar(bells.days).get(day, bells.week[day.weekday()])
    return [p.name for s in bells.schedules if s.name == schedule for p in s.periods]


@pytest.mark.thorough
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("bells", [SCHOOL, NIGHTS], ids=["school", "nights"])
def test_a_period_begins_when_the_bell_says_so_on_every_date(zone: str, bells: object) -> None:
    """The first minute at which that period is on, by the slow reference of the bell."""
    settings = SchoolSettings(time_zone=zone, bells=bells)  # type: ignore[arg-type]
    names = [p.name for s in settings.bells.schedules for p in s.periods]
    day, turn = date(2026, 1, 1), 0
    while day.year < 2032:
        turn += 1
        name = names[turn % len(names)]
        found = begins(settings, day, None, name)
        if found is not None:
            at = found[1]
            assert on_the_wall(settings.bells, zone, at) == name
            assert at.astimezone(ZoneInfo(zone)).date() == day
            before = at - timedelta(seconds=1)
            assert (
                on_the_wall(settings.bells, zone, before) != name
                or before.astimezone(ZoneInfo(zone)).date() != day
            )
        elif name in names_on(settings.bells, day):  # the clocks have jumped over all of it
            assert not any(
                on_the_wall(settings.bells, zone, at) == name
                for shown, at in walk(zone, day).items()
                if shown.date() == day
            )
        day += DAY


SPRING, AUTUMN = "2026-03-08T04:30Z", "2026-11-01T03:30Z"


@pytest.mark.parametrize(
    ("start", "wall", "moment"),
    [
        # New York, March 8: 2:00 is followed by 3:00, so 2:30 is 3:30.
        (SPRING, time(2, 30), "2026-03-08T07:30Z"),
        (SPRING, time(3, 2), "2026-03-08T07:02Z"),
        # November 1: 1:30 comes twice and is meant the first time.
        (AUTUMN, time(1, 30), "2026-11-01T05:30Z"),
        (AUTUMN, time(2, 2), "2026-11-01T07:02Z"),
    ],
)
def test_on_both_nights_it_surfaces_five_real_minutes_before(
    a_school: School, start: str, wall: time, moment: str
) -> None:
    a_school.clock.at, begins = map(datetime.fromisoformat, (start, moment))
    (card,) = a_school.arrange(day=begins.date(), wall=wall)
    assert card.appointment is not None and card.appointment.begins_at == begins
    while a_school.clock.at < begins - 5 * MINUTE - timedelta(seconds=1):
        assert a_school.now_is(card.id).state == "scheduled"
        a_school.wait(minutes=1)
    a_school.wait(minutes=1)
    assert a_school.now_is(card.id).requested_at == begins - 5 * MINUTE
