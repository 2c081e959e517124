"""The bell's pages: schedules, the week, the calendar, today; and where the period is shown."""

from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from corridor.accounts.signins import forget
from corridor.passes.queries import coming_passes
from corridor.roster.bells import NO_SCHOOL, Bells, Period, Schedule
from corridor.roster.changes import key_of, set_days
from corridor.roster.schools import settings_of
from tests.flows.test_hall import text
from tests.flows.test_sweep import client_of
from tests.school import School

REGULAR = Schedule(
    "Regular", (Period("1", time(8), time(9, 30)), Period("2", time(9, 36), time(11)))
)
DELAY = Schedule("Delay / fog", (Period("1", time(9, 50), time(10, 20)),))
BELLS = Bells(schedules=(REGULAR, DELAY), week=("Regular",) * 5 + (NO_SCHOOL,) * 2)
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def dana(a_school: School) -> Client:
    """The admin of a school with two schedules, on a Monday at ten."""
    a_school.decide(bells=BELLS)
    return client_of(a_school, "dana")


def bells(school: School) -> Bells:
    return settings_of(school.id).bells


def rows(*periods: tuple[str, str, str], name: str) -> dict[str, str]:
    facts = {"name": name}
    for number, (period, begins, ends) in enumerate(periods):
        facts |= {
            f"period-{number}": period, f"begins-{number}": begins, f"ends-{number}": ends,
        }  # fmt: skip
    return facts


def test_a_first_schedule(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    assert "There is no bell schedule yet." in text(dana.get("/admin/bell"))
    facts = rows(("2", "09:06", "10:00"), ("", "", ""), ("1", "08:00", "09:00"), name="Regular")
    assert dana.post("/admin/bell/schedules/new", facts).status_code == 302
    (kept,) = bells(a_school).schedules
    assert kept.periods == (Period("1", time(8), time(9)), Period("2", time(9, 6), time(10)))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (rows(("1", "09:00", "08:00"), name="X"), "ends before it begins"),
        (rows(("1", "08:00", "09:00"), ("2", "08:30", "10:00"), name="X"), "begins before “1” is"),
        (rows(("1", "08:00", ""), name="X"), "or leave the row empty"),
        (rows(name="X"), "at least one period"),
        (rows(("1", "08:00", "09:00"), name="Regular"), "of this name already"),
        (rows(("1", "08:00", "09:00"), name=" "), "required"),
    ],
)
def test_what_is_no_schedule_is_told(
    dana: Client, a_school: School, facts: dict[str, str], said: str
) -> None:
    answer = dana.post("/admin/bell/schedules/new", facts)
    assert answer.status_code == 400
    assert said in text(answer)
    assert bells(a_school) == BELLS


def test_days_follow_a_new_name(dana: Client, a_school: School) -> None:
    a_school.do(set_days, MONDAY, MONDAY, "Regular", by=a_school.dana.who)
    facts = rows(("1", "08:00", "09:00"), name="Plain day")
    assert dana.post(reverse("admin:schedule", args=[key_of(REGULAR)]), facts).status_code == 302
    changed = bells(a_school)
    assert changed.week[:5] == ("Plain day",) * 5
    found = changed.schedule_on(MONDAY)
    assert found is not None and found.name == "Plain day" and len(found.periods) == 1


def test_a_schedule_that_a_day_needs_stays(dana: Client, a_school: School) -> None:
    answer = dana.post(reverse("admin:remove_schedule", args=[key_of(REGULAR)]))
    assert answer.status_code == 400 and "still in the week" in text(answer)
    assert dana.post(reverse("admin:remove_schedule", args=[key_of(DELAY)])).status_code == 302
    assert bells(a_school).schedules == (REGULAR,)


def test_today_is_different_by_one_press_and_usual_by_another(
    dana: Client, a_school: School
) -> None:
    assert "Regular 2 until 11:00 AM" in text(dana.get("/admin/bell"))
    assert "2 until 11:00 AM" in text(client_of(a_school, "rivera").get("/staff"))
    dana.post("/admin/bell/today", {"schedule": "Delay / fog"})
    assert "Delay / fog different today 1 until 10:20 AM" in text(dana.get("/admin/bell"))
    assert "1 until 10:20 AM" in text(client_of(a_school, "rivera").get("/staff/bell"))
    dana.post("/admin/bell/today", {"schedule": " none"})
    assert bells(a_school).schedule_on(MONDAY) is None
    dana.post("/admin/bell/today", {"schedule": " usual"})
    assert bells(a_school) == BELLS
    assert dana.post("/admin/bell/today", {"schedule": "Nonsense"}).status_code == 400


def test_days_lose_their_school_only_with_the_number_of_their_appointments(
    dana: Client, a_school: School
) -> None:
    a_school.arrange(a_school.ana, a_school.cam, repeat="daily", until=date(2026, 3, 3))
    for address, facts, count in (
        ("/admin/bell/today", {"schedule": " none"}, 2),
        ("/admin/bell/calendar",
         {"first_day": "2026-03-02", "last_day": "2026-03-03", "schedule": " none"}, 4),
        ("/admin/bell/week", {f"day-{day}": " none" for day in range(7)}, 4),
    ):  # fmt: skip
        answer = dana.post(address, facts)
        assert answer.status_code == 200 and bells(a_school) == BELLS
        assert f"{count} appointments lie on days that would have no school." in text(answer)
        for name, value in facts.items():
            assert f'<input type="hidden" name="{name}" value="{value}">' in html_of(answer)
    wrong = dana.post("/admin/bell/today", {"schedule": " none", "sure": "1-0-0"})
    assert "Save, and cancel 2 appointments" in text(wrong)
    assert len(coming_passes(a_school.id)) == 4
    assert dana.post("/admin/bell/today", {"schedule": " none", "sure": "2-0-0"}).status_code == 302
    assert len(coming_passes(a_school.id)) == 2
    assert bells(a_school).schedule_on(MONDAY) is None
    page = text(client_of(a_school, "ana").get("/student/history"))
    assert "Why not There is no school on this day." in page
    dana.post("/admin/bell/today", {"schedule": " usual"})
    assert len(coming_passes(a_school.id)) == 2


def test_what_cannot_follow_the_bell_is_told_with_its_number(
    dana: Client, a_school: School
) -> None:
    """At ten, an appointment of period 3 (at 11:06) would be put to 8:20 by either page."""
    early = Schedule("Early", (Period("3", time(8, 20), time(8, 50)),))
    regular = Schedule("Regular", (*REGULAR.periods, Period("3", time(11, 6), time(12))))
    a_school.decide(bells=Bells(schedules=(regular, early), week=BELLS.week))
    (card,) = a_school.arrange(period="3")
    edited = rows(("3", "08:20", "08:50"), name="Regular")
    for address, facts in (
        ("/admin/bell/today", {"schedule": "Early"}),
        (reverse("admin:schedule", args=[key_of(regular)]), edited),
    ):
        before = bells(a_school)
        answer = dana.post(address, facts)
        assert answer.status_code == 200 and bells(a_school) == before
        assert "1 appointment would be over by the new bell." in text(answer)
        assert "Save, and leave 1 appointment at its time" in text(answer)
        assert dana.post(address, facts | {"sure": "0-1-0"}).status_code == 302
        assert bells(a_school) != before and coming_passes(a_school.id) == [card]
        # What stayed once is not asked about again.
        assert dana.post("/admin/bell/calendar", {
            "first_day": "2026-05-01", "schedule": " none",
        }).status_code == 302  # fmt: skip
        a_school.decide(bells=before)


def test_what_has_no_period_that_day_is_told_with_its_number(
    dana: Client, a_school: School
) -> None:
    """By “Delay / fog” there is no period 2, and the last bell is at 10:20: they stay."""
    of_period = a_school.arrange(a_school.ana, a_school.cam, day=TUESDAY, period="2")
    a_school.arrange(a_school.ben, day=TUESDAY, wall=time(10, 40))
    a_school.arrange(a_school.ben, day=TUESDAY, wall=time(10))
    a_school.arrange(a_school.ben, day=TUESDAY, wall=time(13))  # after the last bell anyway
    ito, detail = client_of(a_school, "ito"), reverse("staff:pass", args=[of_period[0].id])
    ana, own = client_of(a_school, "ana"), reverse("student:appointments")
    assert "9:36 AM · 2" in text(ito.get(detail)) and "9:36 AM 2 " in text(ana.get(own))
    listed, shown = "/staff?tab=appointments", '<span class="period"><bdi>2</bdi>'
    assert html_of(ito.get(listed)).count(shown) == 2
    facts = {"first_day": f"{TUESDAY}", "schedule": "Delay / fog"}
    answer = dana.post("/admin/bell/calendar", facts)
    assert answer.status_code == 200 and bells(a_school) == BELLS
    assert "3 appointments would have no period that day." in text(answer)
    assert "Save, and leave 3 appointments at their times" in text(answer)
    before = coming_passes(a_school.id)
    assert dana.post("/admin/bell/calendar", facts | {"sure": "0-0-3"}).status_code == 302
    assert coming_passes(a_school.id) == before
    # What stands there is no period of that day; what stayed once is not asked about again.
    forget()
    assert "· 2" not in text(ito.get(detail)) and "9:36 AM 2 " not in text(ana.get(own))
    assert "9:36 AM" in text(ito.get(detail)) and "9:36 AM" in text(ana.get(own))
    assert shown not in html_of(ito.get(listed))
    assert dana.post("/admin/bell/today", {"schedule": "Delay / fog"}).status_code == 302


def test_what_has_surfaced_is_counted_in_the_question(dana: Client, a_school: School) -> None:
    (card,) = a_school.arrange(minutes=6)
    a_school.wait(minutes=2)
    assert a_school.now_is(card.id).state == "waiting"
    answer = dana.post("/admin/bell/today", {"schedule": " none"})
    assert "1 appointment lies on a day that would have no school." in text(answer)
    facts = {"schedule": " none", "sure": "1-0-0"}
    assert dana.post("/admin/bell/today", facts).status_code == 302
    assert a_school.now_is(card.id).stamps[-1].what == "no_school"
    page = text(client_of(a_school, "ana").get("/student/history"))
    assert "Why not There is no school on this day." in page


def html_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_week(dana: Client, a_school: School) -> None:
    facts = {f"day-{day}": "Delay / fog" if day == 2 else " none" for day in range(7)}
    assert dana.post("/admin/bell/week", facts).status_code == 302
    assert bells(a_school).week == (
        NO_SCHOOL, NO_SCHOOL, "Delay / fog", NO_SCHOOL, NO_SCHOOL, NO_SCHOOL, NO_SCHOOL,
    )  # fmt: skip


def test_the_calendar(dana: Client, a_school: School) -> None:
    def save(**facts: Any) -> Any:
        return dana.post("/admin/bell/calendar", facts)

    answer = save(first_day="2026-03-30", last_day="2026-04-03", schedule=" none")
    assert answer.headers["Location"].endswith("?month=2026-03")
    page = dana.get("/admin/bell/calendar?month=2026-04").content.decode()
    assert page.count("is-different") == 5
    assert bells(a_school).schedule_on(date(2026, 4, 1)) is None
    assert save(first_day="2026-04-01", schedule="Delay / fog").status_code == 302
    assert [days.schedule for days in bells(a_school).days] == ["", "Delay / fog", ""]
    for wrong in (
        {"first_day": "2026-04-03", "last_day": "2026-04-01", "schedule": " none"},
        {"first_day": "2026-04-03", "last_day": "2028-04-01", "schedule": " none"},
        {"first_day": "2026-04-03", "schedule": "Nonsense"},
        {"first_day": "9999-12-31", "schedule": " none"},
    ):
        assert dana.post("/admin/bell/calendar", wrong).status_code == 400
    for odd in ("month=soon", "month=9999-12", "day=0001-01-01", "month=2026-02&day=x"):
        assert dana.get(f"/admin/bell/calendar?{odd}").status_code == 200


def test_old_days_are_forgotten(dana: Client, a_school: School) -> None:
    dana.post("/admin/bell/calendar", {"first_day": "2024-05-01", "schedule": " none"})
    dana.post("/admin/bell/calendar", {"first_day": "2026-05-01", "schedule": " none"})
    assert [days.first.year for days in bells(a_school).days] == [2026]


def test_the_story_of_a_pass_says_in_which_period_it_was_asked_for(
    dana: Client, a_school: School
) -> None:
    card = a_school.ask()
    page = text(client_of(a_school, "rivera").get(reverse("staff:pass", args=[card.id])))
    assert "Asked for in 2" in page


def test_minutes_around_the_bell_are_blocked_and_free_again(dana: Client, a_school: School) -> None:
    facts = {"name": "Around", "first_minutes": "10", "last_minutes": ""}
    assert dana.post("/admin/settings/limits/around-bell", facts).status_code == 302
    assert "first 10 and last 0 minutes" in text(dana.get("/admin/settings/limits"))
    (around,) = settings_of(a_school.id).around_bell
    dana.post(reverse("admin:unblock", args=[key_of(around)]))
    assert settings_of(a_school.id).around_bell == ()
    none = dana.post("/admin/settings/limits/around-bell", {"name": "None"})
    assert none.status_code == 400 and "for how many minutes" in text(none)


def test_a_limit_of_a_period_is_told_to_the_student(dana: Client, a_school: School) -> None:
    a_school.decide(period_limit=2)
    a_school.end(a_school.ask())
    assert "1 of 2 left this period" in text(client_of(a_school, "ana").get("/student"))
    page = text(dana.get(reverse("admin:student_limits", args=[a_school.ana.account_id])))
    assert "This period 1 2" in page


def test_a_rule_about_periods_without_a_bell_is_told(a_school: School) -> None:
    a_school.decide(period_limit=1)
    page = text(client_of(a_school, "dana").get("/admin/settings/limits"))
    assert "There is a rule about periods but no bell schedule" in page
