"""The bell in the rules: limits of a period, blocked minutes around the bell, the card, the try."""

from datetime import date, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.passes import queries
from corridor.passes.blocking import blocked_at
from corridor.passes.refusals import Refused
from corridor.passes.simulation import try_settings
from corridor.roster.bells import NO_SCHOOL, AroundBell, Bells, Period, Schedule
from corridor.roster.changes import set_days
from corridor.roster.schools import settings_of
from corridor.roster.settings import BlockingWindow, Limits, SchoolSettings
from tests.conftest import MONDAY_10
from tests.school import School

# Ten o'clock is in the middle of the second period.
REGULAR = Schedule(
    "Regular",
    (
        Period("1", time(8, 10), time(9, 30)),
        Period("2", time(9, 36), time(10, 30)),
        Period("3", time(10, 36), time(11, 30)),
    ),
)
DELAY = Schedule("Two-hour delay", (Period("1", time(9, 50), time(10, 20)),))
BELLS = Bells(schedules=(REGULAR, DELAY), week=("Regular",) * 5 + (NO_SCHOOL,) * 2)
AROUND = AroundBell(name="Around the bell", first_minutes=10, last_minutes=5)


@pytest.fixture
def school(a_school: School) -> School:
    a_school.decide(bells=BELLS)
    return a_school


def use(school: School, **who: object) -> None:
    """Ana has been out."""
    school.end(school.ask())


def test_a_limit_holds_for_the_period_and_not_between_two(school: School) -> None:
    school.decide(period_limit=1)
    use(school)
    with pytest.raises(Refused, match="period_limit"):
        school.ask()
    school.wait(minutes=30)  # 10:30: the bell has rung
    use(school)
    school.wait(minutes=6)
    use(school)
    with pytest.raises(Refused) as no:
        school.ask()
    assert no.value.refusal.again_at == MONDAY_10 + timedelta(minutes=90)


def test_the_students_own_beats_the_grades_beats_the_schools(school: School) -> None:
    school.decide(period_limit=0, grade_limits={"9": Limits(period=1)})
    use(school)
    with pytest.raises(Refused, match="period_limit"):
        school.ask()
    with pytest.raises(Refused, match="period_limit"):
        school.ask(school.cam)  # grade 10
    from corridor.accounts.limits import limit_student

    own = Limits(period=2)
    school.do(limit_student, account_id=school.id_of(school.ana), limits=own, by=school.dana)
    use(school)
    with pytest.raises(Refused, match="period_limit"):
        school.ask()


def test_today_is_different_at_once(school: School) -> None:
    school.decide(period_limit=0)
    with pytest.raises(Refused, match="period_limit"):
        school.ask()
    today = date(2026, 3, 2)
    school.do(set_days, today, today, NO_SCHOOL, by=school.dana.who)
    card = school.ask()
    assert card.period == ""
    school.do(set_days, today, today, "Two-hour delay", by=school.dana.who)
    with pytest.raises(Refused) as no:
        school.ask(school.cam)
    assert no.value.refusal.again_at == MONDAY_10 + timedelta(minutes=20)


def test_a_school_that_changes_its_zone_has_other_periods(school: School) -> None:
    assert school.ask().period == "2"
    school.decide(time_zone="America/Chicago")  # it is nine there
    assert school.ask(school.cam).period == "1"


def test_what_is_left_is_told_for_the_period_that_is_on(school: School) -> None:
    school.decide(period_limit=2)
    use(school)
    ana = school.id_of(school.ana)

    def left() -> tuple[str, int, int] | None:
        settings = settings_of(school.id)
        used = queries.used_by(ana, settings, school.clock.at)
        return queries.binding(queries.limits_of(ana, settings), used)

    assert left() == ("period", 1, 2)
    school.wait(minutes=33)  # between two bells
    assert left() is None
    school.wait(minutes=5)
    assert left() == ("period", 2, 2)


# Around the bell


@pytest.mark.parametrize(
    ("wall", "until"),
    [
        ("09:35", None), ("09:36", "09:46"), ("09:45", "09:46"), ("09:46", None), ("10:24", None),
        ("10:25", "10:30"), ("10:29", "10:30"), ("10:30", None), ("08:00", None),
    ],
)  # fmt: skip
def test_the_minutes_around_the_bell_are_blocked(wall: str, until: str | None) -> None:
    settings = SchoolSettings(bells=BELLS, around_bell=(AROUND,))

    def at(text: str) -> datetime:
        return datetime.combine(date(2026, 3, 2), time.fromisoformat(text), settings.zone)

    blocked = blocked_at(settings, at(wall))
    assert (blocked and blocked.until) == (until and at(until))


def test_nothing_is_blocked_on_a_day_without_school() -> None:
    settings = SchoolSettings(bells=BELLS, around_bell=(AROUND,))
    sunday = datetime.combine(date(2026, 3, 1), time(9, 40), settings.zone)
    assert blocked_at(settings, sunday) is None


def test_whole_days_are_blocked_until_the_morning_after_the_last() -> None:
    days = BlockingWindow(
        name="Break", begins=time(), ends=time(23, 59), weekdays=(0, 1, 2, 3, 4, 5, 6),
        last_day=date(2026, 4, 12),
    )  # fmt: skip
    settings = SchoolSettings(blocking=(days,))
    blocked = blocked_at(settings, datetime.combine(date(2026, 3, 2), time(9), settings.zone))
    assert blocked is not None
    assert blocked.until == datetime.combine(date(2026, 4, 13), time(), settings.zone)


clock_times = st.times(time(8), time(12)).map(lambda found: found.replace(second=0, microsecond=0))
windows = st.tuples(clock_times, clock_times).filter(lambda pair: pair[0] < pair[1])


@given(
    first=st.integers(0, 90), last=st.integers(0, 90), fixed=st.lists(windows, max_size=3),
    minute=st.integers(7 * 60, 13 * 60),
)  # fmt: skip
def test_what_blocks_now_blocks_until_it_says(
    first: int, last: int, fixed: list[tuple[time, time]], minute: int
) -> None:
    """Each minute up to the one told is blocked, and that one is free."""
    around = AroundBell(name="", first_minutes=first, last_minutes=last)
    blocking = tuple(BlockingWindow(name="x", begins=b, ends=e) for b, e in fixed)
    settings = SchoolSettings(bells=BELLS, around_bell=(around,), blocking=blocking)
    at = datetime.combine(date(2026, 3, 2), time(), settings.zone) + timedelta(minutes=minute)
    blocked = blocked_at(settings, at)
    if blocked is None:
        return
    assert blocked_at(settings, blocked.until) is None
    while at < blocked.until:
        assert blocked_at(settings, at) is not None
        at += timedelta(minutes=1)


# The try


def test_other_limits_of_a_period_are_tried_on_what_was(school: School) -> None:
    for minutes in (1, 30, 10):  # two in the second period, one in the third
        use(school)
        school.wait(minutes=minutes)
    settings = settings_of(school.id)

    def refused(**tried: object) -> dict[str, int]:
        changed = msgspec.structs.replace(settings, **tried)
        days = try_settings(school.id, changed, weeks=1, at=school.clock.at).days
        return {code: n for day in days for code, n in day.by_code.items() if code != "daily_limit"}

    assert refused() == {}
    assert refused(period_limit=1) == {"period_limit": 1}
    assert refused(period_limit=0) == {"period_limit": 3}
    assert refused(around_bell=(AROUND,)) == {}
    last = AroundBell(name="", last_minutes=31)
    assert refused(around_bell=(last,)) == {"blocked": 3}


def test_a_limit_of_a_day_is_over_on_the_next_day_with_school(school: School) -> None:
    """Friday is a holiday and the week has no weekend: used up on Thursday, it works on Monday."""
    school.wait(days=3)
    zone = settings_of(school.id).zone
    thursday = school.clock.at.astimezone(zone).date()
    friday = thursday + timedelta(days=1)
    school.do(set_days, friday, friday, NO_SCHOOL, by=school.dana.who)
    school.decide(daily_limit=0)
    with pytest.raises(Refused, match="daily_limit") as no:
        school.ask()
    again = no.value.refusal.again_at
    assert again is not None
    assert again.astimezone(zone).date() == thursday + timedelta(days=4)
