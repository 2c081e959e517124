"""The bell: an office person makes the timetable, and says that today is different."""

from typing import Any

import pytest

from tests.browser.house import House
from tests.browser.people import (
    NARROW,
    WIDE,
    Cast,
    Person,
    check_axe,
    check_width,
    check_words,
    expect,
)


def make_schedule(dana: Person, name: str, *periods: tuple[str, str, str]) -> None:
    """Fill in the rows of the form and save."""
    dana.page.get_by_label("Name", exact=True).fill(name)
    for number, (period, begins, ends) in enumerate(periods, start=1):
        dana.page.get_by_label(f"Name of period {number}", exact=True).fill(period)
        dana.page.get_by_label(f"Begin of period {number}", exact=True).fill(begins)
        dana.page.get_by_label(f"End of period {number}", exact=True).fill(ends)
    check_axe(dana.page)
    dana.page.get_by_role("button", name="Save", exact=True).click()


def test_from_no_schedule_to_a_day_that_is_different(cast: Cast, house: House) -> None:
    """It is about ten on a day of the week that the test does not know."""
    dana = cast("dana", path="/admin/bell")
    check_axe(dana.page)
    dana.page.get_by_role("link", name="Make a schedule").click()
    make_schedule(dana, "Regular", ("Morning", "07:00", "13:00"), ("Afternoon", "13:06", "17:00"))
    dana.page.get_by_role("link", name="Add a schedule").click()
    make_schedule(dana, "Assembly", ("Assembly", "07:00", "17:00"))
    week = dana.page.get_by_role("form", name="The week")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        week.get_by_label(day).select_option("Regular")
    week.get_by_role("button", name="Save the week").click()
    expect(dana.page.get_by_text("Morning until 1:00 PM")).to_be_visible()
    check_axe(dana.page)

    rivera = cast("rivera")
    bell = rivera.page.locator("bell-now")
    expect(bell).to_contain_text("Morning until 1:00 PM")
    check_axe(rivera.page)
    dana.page.get_by_role("button", name="Assembly", exact=True).click()
    expect(dana.page.get_by_text("different today")).to_be_visible()
    expect(dana.page.get_by_text("Assembly until 5:00 PM")).to_be_visible()
    check_axe(dana.page)
    rivera.go("/staff")
    expect(bell).to_contain_text("Assembly until 5:00 PM")
    check_axe(rivera.page)

    house.order("ask", key="ana", to="Nurse")
    rivera.row("Ana Lopez").locator(".name-button").click()
    expect(rivera.detail).to_contain_text("Asked for in")
    expect(rivera.detail).to_contain_text("Assembly")
    dana.page.get_by_role("button", name="As usual again").click()
    expect(dana.page.get_by_text("Morning until 1:00 PM")).to_be_visible()


def test_a_schedule_is_removed_after_a_question(cast: Cast, house: House) -> None:
    """And made on a phone, where each box says what goes into it."""
    dana = cast("dana", NARROW, "/admin/bell/schedules/new")
    for name in ("Name", "Begin", "End"):
        label = dana.page.get_by_text(f"{name} of period 1", exact=True).bounding_box()
        assert label is not None and label["width"] > 40
    make_schedule(dana, "Regular", ("One", "07:00", "13:00"))
    schedule = dana.page.get_by_role("listitem").filter(has_text="One")
    really = schedule.locator("button", has_text="Really remove")
    expect(really).to_be_hidden()
    schedule.locator("summary", has_text="Remove…").click()
    check_axe(dana.page)
    really.click()
    expect(dana.page.get_by_text("There is no bell schedule yet.")).to_be_visible()


def test_a_day_without_school_asks_first_and_tells_the_student(cast: Cast, house: House) -> None:
    """Ana has an appointment tomorrow; she sees at once that it is cancelled, and why."""
    dana = cast("dana", NARROW, "/admin/bell/schedules/new")
    make_schedule(dana, "Regular", ("One", "07:00", "13:00"))
    week = dana.page.get_by_role("form", name="The week")
    for choice in week.get_by_role("combobox").all():
        choice.select_option("Regular")
    week.get_by_role("button", name="Save the week").click()
    house.order("arrange", students=["ana"], to="Nurse", minutes=24 * 60)
    ana = cast("ana", NARROW, "/student/appointments")
    tomorrow, _ = house.order("wall_clock", minutes=24 * 60)
    dana.go("/admin/bell/calendar")
    dana.page.get_by_label("From").fill(tomorrow)
    dana.page.get_by_role("button", name="Save these days").click()
    expect(dana.page.get_by_text("1 appointment lies on a day that would")).to_be_visible()
    check_axe(dana.page)
    check_width(dana.page)
    expect(ana.page.locator(".coming .chip")).to_have_text("Appointment")
    dana.page.get_by_role("button", name="Save, and cancel 1 appointment").click()
    expect(dana.page.get_by_text("Saved.")).to_be_visible()
    expect(ana.page.locator(".coming")).to_contain_text("There is no school on this day.")
    check_axe(ana.page)


def test_the_period_on_the_dashboard_follows_the_clock(cast: Cast, house: House) -> None:
    """Without loading the page: the next bell rings, and then no period is on."""
    dana = cast("dana", path="/admin/bell/schedules/new")
    make_schedule(dana, "Regular", ("One", "07:00", "13:00"), ("Two", "13:00", "14:00"))
    week = dana.page.get_by_role("form", name="The week")
    for choice in week.get_by_role("combobox").all():
        choice.select_option("Regular")
    week.get_by_role("button", name="Save the week").click()
    expect(dana.page.get_by_text("One until 1:00 PM")).to_be_visible()
    rivera = cast("rivera")
    bell = rivera.page.locator("bell-now")
    expect(bell).to_contain_text("One until 1:00 PM")
    beside = rivera.page.locator(".board-line .board-head").bounding_box()
    rung = bell.bounding_box()
    assert beside and rung  # it costs no row
    assert abs(beside["y"] + beside["height"] / 2 - rung["y"] - rung["height"] / 2) < 3
    house.let_pass(3 * 60)
    house.order("ask", key="ana", to="Nurse")  # the stream brings the server's time
    expect(bell).to_contain_text("Two until 2:00 PM")
    house.let_pass(60)
    house.order("ask", key="cam", to="Nurse")
    expect(bell).to_contain_text("No period now")
    check_axe(rivera.page)


def test_days_that_differ_on_the_calendar(cast: Cast, house: House) -> None:
    """A press on a day fills in the form; the day is tan and named."""
    dana = cast("dana", path="/admin/bell/schedules/new")
    make_schedule(dana, "Regular", ("One", "07:00", "13:00"))
    dana.go("/admin/bell/calendar?month=2027-05")
    dana.page.get_by_role("link", name="12 May").click()
    assert dana.page.get_by_label("From", exact=True).input_value() == "2027-05-12"
    dana.page.get_by_label("Until").fill("2027-05-14")
    dana.page.get_by_label("Schedule").select_option("Regular")
    check_axe(dana.page)
    dana.page.get_by_role("button", name="Save these days").click()
    expect(dana.page.locator("td.is-different")).to_have_count(3)
    expect(dana.page.get_by_role("link", name="13 May: Regular (different)")).to_be_visible()
    check_axe(dana.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_bells_pages_are_for_everybody(
    cast: Cast, house: House, scheme: str, viewport: Any
) -> None:
    """Nothing to the side, nothing to find for axe."""
    dana = cast("dana", viewport, path="/admin/bell/schedules/new", color_scheme=scheme)
    make_schedule(dana, "A rather long name of a schedule", ("Homeroom", "07:00", "13:00"))
    for path in ("/admin/bell", "/admin/bell/calendar", "/admin/settings/limits", "/staff"):
        dana.go(path)
        check_width(dana.page)
        check_words(dana.page)
        check_axe(dana.page)
    dana.go("/admin/bell").page.get_by_role("link", name="Edit").click()
    check_width(dana.page)
    check_axe(dana.page)
