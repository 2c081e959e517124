"""An appointment: made, asked for and confirmed, surfacing with the clock, approved, and missed."""

import pytest

from tests.browser.house import House
from tests.browser.people import PHONE, Cast, Person, check_axe, check_width, expect

TAB = "/staff?tab=appointments"


def in_the_dark(person: Person) -> None:
    """Nothing is wrong with the page in either light."""
    check_axe(person.page)
    person.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    check_axe(person.page)
    person.page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    check_width(person.page)


def make(ito: Person, student: str, day: str, wall: str) -> None:
    """The nurse's form."""
    ito.go("/staff/appointments/new")
    ito.page.locator("#student-name").press_sequentially(student[:4])
    ito.page.get_by_role("option", name=student).click()
    ito.page.get_by_label("Departing from").select_option(label="Ms. Rivera, 204")
    ito.page.get_by_label("Destination").select_option(label="Nurse")
    ito.page.get_by_label("Day", exact=True).fill(day)
    ito.page.get_by_label("Time", exact=True).fill(wall)
    ito.page.get_by_label("Reason").fill("Eye test")
    in_the_dark(ito)
    ito.page.get_by_role("button", name="Make the appointment").click()


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_the_whole_way_of_an_appointment(cast: Cast, house: House) -> None:
    rivera, ito, ana = cast("rivera"), cast("ito"), cast("ana", PHONE)
    day, wall = house.order("wall_clock", minutes=30)
    make(ito, "Ana Lopez", day, wall)
    expect(ito.page.get_by_text("1 appointment made.")).to_be_visible()
    expect(ito.row("Ana Lopez")).to_contain_text("Eye test")
    in_the_dark(ito)
    # Ms. Rivera acknowledges it; Ana sees it on her page.
    rivera.go(TAB)
    rivera.press("Ana Lopez", "Acknowledge")
    expect(rivera.row("Ana Lopez")).to_contain_text("Acknowledged")
    expect(ito.row("Ana Lopez")).to_contain_text("Acknowledged")
    ana.go()
    expect(ana.page.locator(".coming")).to_contain_text("Nurse")
    in_the_dark(ana)
    # Five minutes before, it pops up like a request; Ana's ticket waits.
    rivera.go("/staff")
    expect(rivera.row("Ana Lopez")).to_have_count(0)
    house.let_pass(26)
    row = rivera.row("Ana Lopez")
    expect(row).to_contain_text("Waiting approval")
    expect(rivera.announced).to_contain_text("Ana Lopez")
    expect(ito.row("Ana Lopez")).to_have_count(0)
    expect(ana.ticket).to_contain_text("Waiting for Ms. Rivera")
    expect(ana.ticket).to_contain_text("Appointment at")
    expect(ana.ticket.get_by_role("button", name="Withdraw")).to_have_count(0)
    in_the_dark(rivera)
    in_the_dark(ana)
    rivera.press("Ana Lopez", "Approve")
    expect(ana.ticket).to_contain_text("On the way")


def test_one_that_nobody_approves_is_missed(cast: Cast, house: House) -> None:
    rivera, ana = cast("rivera"), cast("ana", PHONE)
    house.order("arrange", students=["ana"], to="Nurse", minutes=6)
    house.let_pass(2)
    expect(rivera.row("Ana Lopez")).to_contain_text("Waiting approval")
    expect(ana.ticket).to_contain_text("Appointment at")
    house.let_pass(16)
    expect(rivera.row("Ana Lopez")).to_have_count(0)
    expect(ana.ticket).to_contain_text("Missed")
    in_the_dark(ana)
    rivera.go("/staff?tab=ended")
    expect(rivera.row("Ana Lopez")).to_contain_text("Missed")
    in_the_dark(rivera)


def test_a_student_asks_and_the_adult_there_confirms(cast: Cast, house: House) -> None:
    house.order("decide", student_appointments=True)
    ana, ito, rivera = cast("ana", PHONE), cast("ito", path=TAB), cast("rivera", path=TAB)
    day, wall = house.order("wall_clock", minutes=90)
    ana.go("/student/appointments")
    ana.page.get_by_label("With whom, or where").select_option(label="Nurse")
    ana.page.get_by_label("Where you will be then").select_option(label="Ms. Rivera, 204")
    ana.page.get_by_label("Day", exact=True).fill(day)
    ana.page.get_by_label("Time", exact=True).fill(wall)
    in_the_dark(ana)
    ana.page.get_by_role("button", name="Ask").click()
    expect(ana.page.locator(".coming")).to_contain_text("Awaiting confirmation")
    in_the_dark(ana)
    # Only the adult there may confirm; the list of the other adult has no such button.
    expect(rivera.row("Ana Lopez")).to_be_visible()
    expect(rivera.row("Ana Lopez").get_by_role("button", name="Confirm")).to_have_count(0)
    in_the_dark(ito)
    ito.press("Ana Lopez", "Confirm")
    expect(ito.page.locator('ul[data-section="awaiting"] .row')).to_have_count(0)
    expect(ana.page.locator(".coming .chip")).to_contain_text("Appointment")
    # The from-adult cancels it, in words that Ana reads at once.
    rivera.row("Ana Lopez").get_by_role("button").first.click()
    in_the_dark(rivera)
    rivera.detail.locator("summary", has_text="Cancel the appointment").click()
    rivera.detail.get_by_label("Why? The student reads it.").fill("A test <b>today</b>")
    in_the_dark(rivera)
    rivera.detail.get_by_role("button", name="Cancel the appointment").click()
    expect(rivera.detail).to_contain_text("Cancelled")
    expect(ana.page.locator(".coming")).to_contain_text("A test <b>today</b>")
    in_the_dark(ana)


def test_a_list_is_looked_at_before_anything_is_made(cast: Cast, house: House) -> None:
    dana = cast("dana", PHONE, "/staff/appointments/new")
    day, wall = house.order("wall_clock", minutes=90)
    page = dana.page
    page.locator("summary", has_text="A grade or a list").click()
    page.get_by_label("Numbers or e-mail addresses").fill(
        f"{house.email('ana')}\nnobody@example.org\n{house.email('ben')}"
    )
    page.get_by_label("Departing from").select_option(label="Ms. Rivera, 204")
    page.get_by_label("Destination").select_option(label="Nurse")
    page.get_by_label("Day", exact=True).fill(day)
    page.get_by_label("Time", exact=True).fill(wall)
    page.get_by_role("button", name="Make the appointment").click()
    expect(page.locator(".banner")).to_contain_text("Row 2: No student has the number")
    in_the_dark(dana)
    page.get_by_label("Numbers or e-mail addresses").fill(
        f"{house.email('ana')}\n{house.email('ben')}"
    )
    page.get_by_role("button", name="Make the appointment").click()
    expect(page.get_by_text("2 appointments would be made")).to_be_visible()
    in_the_dark(dana)
    page.get_by_role("button", name="Make 2 appointments").click()
    expect(page.get_by_text("2 appointments made.")).to_be_visible()
    expect(dana.page.locator(".row")).to_have_count(2)
    in_the_dark(dana)


def test_reminders_are_chosen(cast: Cast, house: House) -> None:
    ito = cast("ito", PHONE, "/staff/appointments/mine")
    ito.page.get_by_label("20 minutes before").check()
    in_the_dark(ito)
    ito.page.get_by_role("button", name="Save").click()
    expect(ito.page.get_by_label("20 minutes before")).to_be_checked()
    expect(ito.page.get_by_label("5 minutes before")).not_to_be_checked()
