"""An appointment: made, asked for and confirmed, surfacing with the clock, approved, and missed."""

from datetime import date, time, timedelta

import pytest

from tests.browser.house import House
from tests.browser.people import NARROW, PHONE, Cast, Person, check_axe, check_width, expect
from tests.browser.test_bell import make_schedule

TAB = "/staff?tab=appointments"


def in_the_dark(person: Person) -> None:
    """Nothing is wrong with the page in either light."""
    check_axe(person.page)
    person.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    check_axe(person.page)
    person.page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    check_width(person.page)


def show(person: Person, house: House, day: str) -> None:
    """Of the three lists the one that has this day."""
    name = "Today" if day == house.order("wall_clock", minutes=0)[0] else "Future"
    person.page.get_by_role("tab", name=name).click()


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
    show(rivera, house, day)
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
    at = f"{time.fromisoformat(wall):%-I:%M %p}"
    told = f"Appointment, {at}: Ana Lopez, Ms. Rivera, 204 to Nurse"
    expect(rivera.announced).to_contain_text(told)
    mark = row.locator(".why .appointed")
    expect(mark).to_have_text(f"Appointment, {at}")
    # Beside the reason, in one line of the row's small height.
    box, whole = mark.bounding_box(), row.bounding_box()
    assert box and whole and box["height"] < 24 and whole["height"] < 44
    expect(ito.row("Ana Lopez")).to_have_count(0)
    expect(ana.ticket).to_contain_text("Waiting for Ms. Rivera")
    expect(ana.ticket).to_contain_text("Appointment at")
    expect(ana.ticket.get_by_role("button", name="Withdraw")).to_have_count(0)
    in_the_dark(rivera)
    in_the_dark(ana)
    rivera.press("Ana Lopez", "Approve")
    expect(ana.ticket).to_contain_text("On the way")


def test_choosing_a_time_clears_the_period_and_the_other_way(cast: Cast, house: House) -> None:
    """In the form of an adult, in the dialog of an edit, and where a student asks."""
    dana = cast("dana", path="/admin/bell/schedules/new")
    make_schedule(dana, "Regular", ("All day", "00:01", "23:59"))
    week = dana.page.get_by_role("form", name="The week")
    for choice in week.get_by_role("combobox").all():
        choice.select_option("Regular")
    week.get_by_role("button", name="Save the week").click()
    house.order("decide", student_appointments=True)
    house.order("arrange", students=["ana"], to="Nurse", minutes=24 * 60)
    ito, ana = cast("ito", path=f"{TAB}&when=future"), cast("ana", PHONE, "/student/appointments")
    ito.row("Ana Lopez").get_by_role("button").first.click()
    ito.detail.locator("summary", has_text="Edit").click()
    new = cast("rivera", path="/staff/appointments/new")
    for person, form in ((ito, ito.detail), (ana, ana.page), (new, new.page)):
        at = form.get_by_label("Time", exact=True)
        period = form.get_by_label("or at the beginning of a period")
        at.fill("11:30")
        period.select_option("All day")
        expect(at).to_have_value("")
        at.fill("11:45")
        expect(period).to_have_value("")
        period.select_option("All day")
        expect(at).to_have_value("")
        in_the_dark(person)
    ito.detail.get_by_role("button", name="Save").click()
    expect(ito.detail).to_contain_text("12:01 AM · All day")
    ito.detail.locator("summary", has_text="Edit").click()
    expect(ito.detail.get_by_text("It takes place at 12:01 AM.")).to_be_visible()
    in_the_dark(ito)
    ito.detail.get_by_label("Time", exact=True).fill("11:30")
    ito.detail.get_by_role("button", name="Save").click()
    expect(ito.detail).to_contain_text("11:30 AM")
    expect(ito.detail.locator(".journey")).not_to_contain_text("All day")


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


def test_whoever_arranged_it_elsewhere_sees_what_becomes_of_it(cast: Cast, house: House) -> None:
    """The nurse makes one from 204 to the library: it comes to her list and leaves it."""
    day, _ = house.order("wall_clock", minutes=6)
    ito = cast("ito", path=TAB)
    show(ito, house, day)
    house.order("arrange", students=["ana"], to="Library", minutes=6)
    expect(ito.row("Ana Lopez")).to_be_visible()
    house.let_pass(2)
    expect(ito.row("Ana Lopez")).to_have_count(0)
    ito.go("/staff")
    house.order("press", move="approve", student="ana", by="rivera")
    house.order("arrange", students=["cam"], to="Nurse", minutes=4)
    expect(ito.page.locator(".row")).to_have_count(1)  # of her own room; the other is no news here


def test_it_shows_in_every_tab_that_one_has_come(cast: Cast, house: House) -> None:
    """Whoever looks at the appointments is led to what has surfaced; decided, it is no news."""
    house.order("arrange", students=["ana"], to="Nurse", minutes=6)
    day, _ = house.order("wall_clock", minutes=6)
    rivera, ito = cast("rivera", path=TAB), cast("ito", PHONE, path="/staff?tab=ended")
    show(rivera, house, day)
    expect(rivera.row("Ana Lopez")).to_be_visible()
    house.let_pass(2)
    new = rivera.page.get_by_role("link", name="Active 1 new")
    expect(new).to_be_visible()
    expect(ito.page.get_by_role("link", name="Active 1 new")).to_be_visible()
    in_the_dark(rivera)
    in_the_dark(ito)
    house.order("press", move="approve", student="ana", by="rivera")
    expect(new).to_be_hidden()
    house.order("ask", key="cam", to="Nurse")
    new.click()
    expect(rivera.row("Cam Nguyen")).to_contain_text("Waiting approval")
    expect(new).to_be_hidden()


def test_the_three_lists_are_side_by_side_on_a_phone(cast: Cast, house: House) -> None:
    house.order("decide", student_appointments=True)
    house.order("arrange", students=["ana", "cam"], to="Nurse", minutes=24 * 60)
    for viewport in (PHONE, NARROW):
        ito = cast("ito", viewport, path=TAB)
        tabs = [
            ito.page.get_by_role("tab", name=name).bounding_box()
            for name in ("Today", "Future", "Awaiting confirmation")
        ]
        assert len({box["y"] for box in tabs if box}) == 1
        check_width(ito.page)
        check_axe(ito.page)


def test_at_midnight_tomorrow_is_today(cast: Cast, house: House) -> None:
    """By the school's wall clock, and not under a pointer that is about to press."""
    hour, minute = map(int, house.order("wall_clock", minutes=0)[1].split(":"))
    minutes = 24 * 60 - 60 * hour - minute
    house.order("arrange", students=["ana"], to="Nurse", minutes=minutes + 60)
    house.order("arrange", students=["cam"], to="Nurse", minutes=minutes + 24 * 60 + 60)
    ito = cast("ito", path=f"{TAB}&when=future")
    expect(ito.page.locator("#list-future .row")).to_have_count(2)
    ito.point_at("Ana Lopez")
    house.let_pass(minutes + 0.1)
    house.order("ask", key="cam", to="Nurse")  # the stream brings the server's time
    ito.page.wait_for_timeout(3500)
    expect(ito.page.locator("#list-future .row")).to_have_count(2)
    ito.look_away()
    expect(ito.page.locator("#list-future .row")).to_have_count(1)
    expect(ito.page.get_by_role("tab", name="Future")).to_have_attribute("aria-selected", "true")
    expect(ito.page.get_by_role("tab", name="Today")).to_have_text("Today 1")


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
    rivera.page.get_by_role("tab", name="Awaiting confirmation").click()
    expect(rivera.row("Ana Lopez")).to_be_visible()
    expect(rivera.row("Ana Lopez").get_by_role("button", name="Confirm")).to_have_count(0)
    tab = ito.page.get_by_role("tab", name="Awaiting confirmation")
    expect(tab).to_have_text("Awaiting confirmation 1")
    expect(ito.row("Ana Lopez")).to_be_hidden()
    tab.click()
    in_the_dark(ito)
    ito.press("Ana Lopez", "Confirm")
    expect(ito.page.locator('ul[data-section="awaiting"] .row')).to_have_count(0)
    expect(tab).to_have_text("Awaiting confirmation ")
    expect(ana.page.locator(".coming .chip")).to_contain_text("Appointment")
    # The from-adult cancels it, in words that Ana reads at once.
    show(rivera, house, day)
    rivera.row("Ana Lopez").get_by_role("button").first.click()
    in_the_dark(rivera)
    rivera.detail.locator("summary", has_text="Cancel the appointment").click()
    rivera.detail.get_by_label("Why? The student reads it.").fill("A test <b>today</b>")
    in_the_dark(rivera)
    rivera.detail.get_by_role("button", name="Cancel the appointment").click()
    expect(rivera.detail).to_contain_text("Cancelled")
    expect(ana.page.locator(".coming")).to_contain_text("A test <b>today</b>")
    in_the_dark(ana)


def confirmed(house: House, minutes: int, cast: Cast) -> tuple[Person, Person]:
    """Ana has asked the nurse for an appointment, who has confirmed it; both at their lists."""
    house.order("decide", student_appointments=True)
    ana, ito = cast("ana", PHONE, "/student/appointments"), cast("ito", path=f"{TAB}&when=awaiting")
    day, wall = house.order("wall_clock", minutes=minutes)
    ana.page.get_by_label("With whom, or where").select_option(label="Nurse")
    ana.page.get_by_label("Where you will be then").select_option(label="Ms. Rivera, 204")
    ana.page.get_by_label("Day", exact=True).fill(day)
    ana.page.get_by_label("Time", exact=True).fill(wall)
    ana.page.get_by_role("button", name="Ask").click()
    ito.press("Ana Lopez", "Confirm")
    expect(ana.page.locator(".coming .chip")).to_have_text("Appointment")
    return ana, ito


def test_a_request_confirmed_surfaces_and_is_approved(cast: Cast, house: House) -> None:
    ana, ito = confirmed(house, 40, cast)
    rivera = cast("rivera")
    house.let_pass(34)
    expect(rivera.row("Ana Lopez")).to_have_count(0)
    house.let_pass(2)  # five minutes before, and a little
    expect(rivera.row("Ana Lopez")).to_contain_text("Waiting approval")
    expect(ana.page.locator(".coming")).to_have_count(0)
    expect(ito.row("Ana Lopez")).to_have_count(0)
    ana.go()
    expect(ana.ticket).to_contain_text("Waiting for Ms. Rivera")
    rivera.press("Ana Lopez", "Approve")
    expect(ana.ticket).to_contain_text("On the way")
    ito.go("/staff")
    ito.press("Ana Lopez", "Arrived")
    expect(ana.ticket).to_contain_text("Arrived")


def test_a_student_withdraws_and_cannot_in_the_last_half_hour(cast: Cast, house: House) -> None:
    ana, ito = confirmed(house, 60, cast)
    summary = ana.page.locator(".coming summary", has_text="Withdraw")
    too_late = ana.page.get_by_text("It is less than 30 minutes ahead.")
    expect(too_late).to_be_hidden()
    summary.click()
    house.let_pass(31)
    ana.page.get_by_label("Why? The adult reads it.").fill("Better")
    ana.page.locator(".coming button", has_text="Withdraw").click()
    expect(ana.page.get_by_text("It is less than 30 minutes ahead. Talk to")).to_be_visible()
    ana.go("/student/appointments")
    expect(too_late).to_be_visible()
    expect(summary).to_have_count(0)
    in_the_dark(ana)
    # Another one, far enough away: the nurse reads why, and her list loses it.
    day, wall = house.order("wall_clock", minutes=90)
    ana.page.get_by_label("With whom, or where").select_option(label="Nurse")
    ana.page.get_by_label("Where you will be then").select_option(label="Ms. Rivera, 204")
    ana.page.get_by_label("Day", exact=True).fill(day)
    ana.page.get_by_label("Time", exact=True).fill(wall)
    ana.page.get_by_role("button", name="Ask").click()
    expect(ito.row("Ana Lopez")).to_have_count(2)
    summary.click()
    ana.page.get_by_label("Why? The adult reads it.").fill("I am well again")
    in_the_dark(ana)
    ana.page.locator(".coming button", has_text="Withdraw").click()
    expect(ana.page.locator(".coming", has_text="I am well again")).to_be_visible()
    expect(ito.row("Ana Lopez")).to_have_count(1)


def test_the_way_to_withdraw_goes_by_itself(cast: Cast, house: House) -> None:
    ana, _ = confirmed(house, 60, cast)
    expect(ana.page.locator(".coming details")).to_be_visible()
    ana.page.evaluate(
        "document.querySelector('.coming details').dataset.until = new Date().toISOString()"
    )
    expect(ana.page.locator(".coming details")).to_have_count(0)
    expect(ana.page.get_by_text("It is less than 30 minutes ahead.")).to_be_visible()
    in_the_dark(ana)


def test_after_too_late_the_dialog_shows_what_is_now(cast: Cast, house: House) -> None:
    """Its form is open, so that the stream leaves it alone."""
    house.order("arrange", students=["ana"], to="Nurse", minutes=8)
    ito = cast("ito", path=f"{TAB}&when=today")
    ito.row("Ana Lopez").get_by_role("button").first.click()
    ito.detail.locator("summary", has_text="Edit").click()
    ito.detail.get_by_label("Reason").fill("Eye test")
    house.let_pass(4)
    expect(ito.row("Ana Lopez")).to_have_count(0)
    ito.detail.get_by_role("button", name="Save").click()
    expect(ito.detail.locator(".toast")).to_contain_text("Too late")
    expect(ito.detail).to_contain_text("Waiting approval")
    expect(ito.detail.locator("summary")).to_have_count(0)
    expect(ito.detail.get_by_role("button", name="Acknowledge")).to_have_count(0)
    in_the_dark(ito)


def test_what_somebody_else_has_changed_meanwhile_is_told(cast: Cast, house: House) -> None:
    house.order("arrange", students=["ana"], to="Nurse", minutes=60)
    day, wall = house.order("wall_clock", minutes=90)
    rivera, ito = cast("rivera", path=TAB), cast("ito", path=TAB)
    for person in (rivera, ito):
        show(person, house, day)
        person.row("Ana Lopez").get_by_role("button").first.click()
        person.detail.locator("summary", has_text="Edit").click()
    rivera.detail.get_by_label("Time", exact=True).fill(wall)
    rivera.detail.get_by_role("button", name="Save").click()
    expect(rivera.detail).to_contain_text("Time changed")
    ito.detail.get_by_label("Reason").fill("Eye test")
    ito.detail.get_by_role("button", name="Save").click()
    told = ito.detail.get_by_text("Somebody has changed this appointment since you opened it")
    expect(told).to_be_in_viewport()
    expect(ito.detail.get_by_label("Time", exact=True)).to_have_value(wall)
    expect(ito.detail.get_by_label("Reason")).to_have_value("Eye test")
    in_the_dark(ito)
    ito.detail.get_by_role("button", name="Save").click()
    expect(ito.detail).to_contain_text("Reason changed")
    expect(told).to_have_count(0)


def test_a_series_is_changed_as_a_whole_and_one_alone(cast: Cast, house: House) -> None:
    day, _ = house.order("wall_clock", minutes=24 * 60)
    first = date.fromisoformat(day)
    until = str(first + timedelta(days=14))
    house.order("arrange", students=["ana"], to="Nurse", minutes=24 * 60, repeat="weekly",
                until=until)  # fmt: skip
    ito = cast("ito", path=f"{TAB}&when=future")
    rows = ito.row("Ana Lopez")
    expect(rows).to_have_count(3)
    rows.nth(1).get_by_role("button").first.click()
    detail = ito.detail
    detail.locator("summary", has_text="Edit").click()
    in_the_dark(ito)
    detail.get_by_label("Day", exact=True).fill(str(first + timedelta(days=8)))
    detail.get_by_label("Reason").fill("Moved")
    detail.get_by_label("All that are still to come").first.check()
    detail.get_by_role("button", name="Save").click()
    expect(detail).to_contain_text("Moved")
    ito.page.keyboard.press("Escape")
    for number, days in enumerate((1, 8, 15)):
        moved = first + timedelta(days=days)
        expect(rows.nth(number)).to_contain_text(f"{moved:%B} {moved.day},")
        expect(rows.nth(number)).to_contain_text("Moved")
    # The last one alone is cancelled, the others stay.
    rows.nth(2).get_by_role("button").first.click()
    detail.locator("summary", has_text="Cancel the appointment").click()
    detail.get_by_label("Why? The student reads it.").fill("Ill")
    detail.get_by_role("button", name="Cancel the appointment").click()
    expect(detail).to_contain_text("Cancelled")
    ito.page.keyboard.press("Escape")
    ito.look_away()
    expect(rows).to_have_count(2)


def test_the_three_lists_are_tabs_by_keyboard_and_live(cast: Cast, house: House) -> None:
    house.order("decide", student_appointments=True)
    ito = cast("ito", path=TAB)
    tabs = ito.page.get_by_role("tab")
    expect(tabs).to_have_text(["Today ", "Future ", "Awaiting confirmation "])
    house.order("arrange", students=["ana"], to="Nurse", minutes=24 * 60 * 2)
    expect(tabs.nth(1)).to_have_text("Future 1")
    expect(ito.row("Ana Lopez")).to_be_hidden()
    tabs.nth(0).focus()
    ito.page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    expect(ito.row("Ana Lopez")).to_be_visible()
    in_the_dark(ito)
    ito.page.keyboard.press("End")
    expect(ito.page.get_by_text("No student’s request awaits confirmation.")).to_be_visible()
    expect(ito.row("Ana Lopez")).to_be_hidden()
    ito.page.reload()
    expect(tabs.nth(2)).to_have_attribute("aria-selected", "true")


def test_a_file_is_uploaded_and_what_is_too_near_is_told(cast: Cast, house: House) -> None:
    ito = cast("ito", PHONE, "/staff/appointments/new")
    day, wall = house.order("wall_clock", minutes=90)
    house.order("arrange", students=["ana"], to="Library", minutes=90)
    page = ito.page

    def send(text: str) -> None:
        page.locator("summary", has_text="A grade or a list").click()
        page.get_by_label("or a CSV file").set_input_files(
            {"name": "students.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        page.get_by_role("button", name="Make the appointment").click()

    page.get_by_label("Departing from").select_option(label="Ms. Rivera, 204")
    page.get_by_label("Destination").select_option(label="Nurse")
    page.get_by_label("Day", exact=True).fill(day)
    page.get_by_label("Time", exact=True).fill(wall)
    send("name,grade\nAna Lopez,9\n")
    expect(page.locator(".banner")).to_contain_text("No column is called “number” or “email”.")
    in_the_dark(ito)
    send(f"name,email\nAna Lopez,{house.email('ana')}\nBen Carter,{house.email('ben')}\n")
    expect(page.get_by_text("2 appointments would be made")).to_be_visible()
    expect(page.get_by_text("1 is too near to an appointment")).to_be_visible()
    in_the_dark(ito)
    page.get_by_role("button", name="Make 2 appointments").click()
    expect(page.get_by_text("2 appointments made.")).to_be_visible()


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


def test_who_was_removed_from_the_plan_gets_no_appointment(cast: Cast, house: House) -> None:
    ito = cast("ito", path="/staff/appointments/new")
    day, wall = house.order("wall_clock", minutes=90)
    page, chosen = ito.page, ito.page.get_by_role("list", name="Chosen students")
    for name in ("Ana Lopez", "Ben Carter", "Cam Nguyen"):
        page.locator("#student-name").press_sequentially(name[:4])
        page.get_by_role("option", name=name).click()
    page.get_by_label("Departing from").select_option(label="Ms. Rivera, 204")
    page.get_by_label("Destination").select_option(label="Nurse")
    page.get_by_label("Day", exact=True).fill(day)
    page.get_by_label("Time", exact=True).fill(wall)
    page.get_by_role("button", name="Make the appointment").click()
    expect(page.get_by_text("3 appointments would be made")).to_be_visible()
    expect(chosen.get_by_role("listitem")).to_have_count(3)
    in_the_dark(ito)
    page.get_by_role("button", name="Remove: Ben Carter").click()
    expect(chosen.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("button", name="Make 3 appointments").click()
    page.get_by_role("button", name="Make 2 appointments").click()
    expect(page.get_by_text("2 appointments made.")).to_be_visible()
    rows = ito.page.locator(".row")
    expect(rows).to_have_count(2)
    expect(ito.row("Ben Carter")).to_have_count(0)


def test_reminders_are_chosen(cast: Cast, house: House) -> None:
    ito = cast("ito", PHONE, "/staff/appointments/mine")
    ito.page.get_by_label("20 minutes before").check()
    in_the_dark(ito)
    ito.page.get_by_role("button", name="Save").click()
    expect(ito.page.get_by_label("20 minutes before")).to_be_checked()
    expect(ito.page.get_by_label("5 minutes before")).not_to_be_checked()
