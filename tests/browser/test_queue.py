"""A full place: the line is joined with a second press, moves up by itself, and calls."""

import pytest

from tests.browser.house import House
from tests.browser.people import PHONE, Cast, Person, check_axe, check_width, expect


def join(student: Person, place: str) -> None:
    """Ask, read that the place is full, and join the line."""
    student.ask(place)
    student.page.get_by_role("button", name="Join the line").click()
    expect(student.ticket).to_contain_text("in line")


def dark(person: Person) -> None:
    person.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    check_axe(person.page)
    person.page.emulate_media(color_scheme="light", reduced_motion="no-preference")


@pytest.fixture
def single(house: House) -> str:
    """A restroom for one, with Ben's classmate in it."""
    house.order("change_place", name="Restroom B", capacity=1, queueing=True)
    house.order("enrol", names=["Dee Fox", "Ed Gray", "Flo Hill"])
    house.order("ask", key="dee", to="Restroom B")
    house.order("press", move="approve", student="dee", by="rivera")
    return "Restroom B"


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_three_in_line_and_one_who_is_kept_apart(cast: Cast, house: House, single: str) -> None:
    ana, cam, ed = (cast(key, PHONE) for key in ("ana", "cam", "ed"))
    rivera = cast("rivera")
    ana.ask(single)
    banner = ana.page.locator(".join-line")
    expect(banner).to_contain_text("Restroom B is full right now.")
    expect(banner).to_contain_text("Nobody is in line. Nobody knows yet how long it takes.")
    check_axe(ana.page)
    dark(ana)
    check_width(ana.page)
    banner.get_by_role("button", name="Join the line").click()
    expect(ana.ticket).to_contain_text("1st in line")
    check_axe(ana.page)
    dark(ana)
    check_width(ana.page)
    for student in (cam, ed):
        join(student, single)
    expect(cam.ticket).to_contain_text("2nd in line")
    expect(ed.ticket).to_contain_text("3rd in line")
    # The adults of the origin see the line; nothing waits for their answer yet.
    expect(rivera.row("Dee Fox")).to_be_visible()
    expect(rivera.row("Ana Lopez")).to_have_count(0)
    queue = cast("rivera", path="/staff?tab=queue")
    expect(queue.row("Ed Gray")).to_contain_text("In queue: 3")
    assert queue.names("queue") == ["Ana Lopez", "Cam Nguyen", "Ed Gray"]
    check_axe(queue.page)
    dark(queue)
    # Ana must not be out while Flo is: she is passed over and keeps her place.
    house.order("ask", key="flo", to="Nurse")
    house.order("press", move="approve", student="flo", by="rivera")
    house.order("keep_apart", students=["ana", "flo"])
    rivera.press("Dee Fox", "End pass")
    expect(cam.ticket).to_contain_text("It is your turn")
    expect(ana.ticket).to_contain_text("1st in line")
    expect(ed.ticket).to_contain_text("2nd in line")
    check_axe(cam.page)
    expect(rivera.row("Cam Nguyen").get_by_role("button", name="Approve")).to_be_visible()
    expect(queue.row("Cam Nguyen")).to_have_count(0)
    expect(queue.row("Ed Gray")).to_contain_text("In queue: 2")
    rivera.press("Cam Nguyen", "Approve")
    expect(cam.ticket).to_contain_text("On the way")
    # Flo is back, and the place comes free again: it is Ana's.
    rivera.press("Flo Hill", "End pass")
    rivera.press("Cam Nguyen", "End pass")
    expect(ana.ticket).to_contain_text("It is your turn")
    expect(ed.ticket).to_contain_text("1st in line")


def test_the_turn_moves_on_and_the_line_is_left(cast: Cast, house: House, single: str) -> None:
    ana, cam = cast("ana", PHONE), cast("cam", PHONE)
    for student in (ana, cam):
        join(student, single)
    house.order("press", move="end", student="dee", by="rivera")
    expect(ana.ticket).to_contain_text("It is your turn")
    house.let_pass(5)
    expect(ana.ticket).to_contain_text("Expired")
    expect(ana.ticket).to_contain_text("Your turn is over")
    expect(cam.ticket).to_contain_text("It is your turn")
    house.order("press", move="cancel", student="cam", by="rivera")
    house.order("ask", key="dee", to=single)
    ed = cast("ed", PHONE)
    join(ed, single)
    ed.ticket.get_by_role("button", name="Leave the line").click()
    expect(ed.ticket).to_contain_text("Withdrawn")


def test_start_by_auto_pass_when_called(cast: Cast, house: House, single: str) -> None:
    house.order("allow_auto", names=[single])
    rivera, ana = cast("rivera", path="/staff/auto-pass"), cast("ana", PHONE)
    rivera.page.get_by_label(single).select_option(label="Start and stop")
    rivera.page.get_by_role("button", name="Save").click()
    expect(rivera.page).to_have_url(f"{rivera.url}/staff")
    join(ana, single)
    expect(ana.ticket.get_by_role("button", name="Start")).to_have_count(0)
    house.order("press", move="end", student="dee", by="rivera")
    ana.ticket.get_by_role("button", name="Start").click()
    expect(ana.ticket).to_contain_text("On the way")


def test_how_long_it_takes_is_told(cast: Cast, house: House, single: str) -> None:
    """From how long the last ones stayed."""
    house.order("press", move="end", student="dee", by="rivera")
    for _ in range(3):
        house.order("ask", key="dee", to=single)
        house.order("press", move="approve", student="dee", by="rivera")
        house.let_pass(4)
        house.order("press", move="end", student="dee", by="rivera")
    house.order("ask", key="dee", to=single)
    house.order("press", move="approve", student="dee", by="rivera")
    ana = cast("ana", PHONE)
    ana.ask(single)
    expect(ana.page.locator(".join-line")).to_contain_text("About 4 minutes.")
    ana.page.get_by_role("button", name="Join the line").click()
    expect(ana.ticket).to_contain_text("1st in line")
    expect(ana.ticket.locator("line-wait")).to_have_text("about 4 minutes")


def test_a_line_is_cleared_by_hand(cast: Cast, house: House, single: str) -> None:
    ana = cast("ana", PHONE)
    join(ana, single)
    dana = cast("dana", path="/staff?scope=all&tab=queue")
    expect(dana.row("Ana Lopez")).to_be_visible()
    check_axe(dana.page)
    clear = dana.page.locator(".clear-lines")
    clear.get_by_text(single, exact=True).click()
    clear.get_by_role("button", name="Send everybody away").click()
    expect(dana.page.get_by_text("The line is cleared. 1 student was in line.")).to_be_visible()
    expect(ana.ticket).to_contain_text("Cancelled")
    expect(ana.ticket).to_contain_text("The line was cleared")
    expect(dana.row("Ana Lopez")).to_have_count(0)


def test_what_the_school_decides_about_lines(cast: Cast, house: House) -> None:
    dana = cast("dana", path="/admin/settings/queue")
    check_axe(dana.page)
    dana.page.get_by_label("Lines are cleared at").fill("15:05, 11:30")
    dana.page.get_by_label("Long running gives its place away").check()
    dana.page.get_by_role("button", name="Save").click()
    expect(dana.page.get_by_label("Lines are cleared at")).to_have_value("11:30, 15:05")
    dana.page.get_by_label("Lines are cleared at").fill("soon")
    dana.page.get_by_role("button", name="Save").click()
    expect(dana.page.get_by_text("Write times like 11:30, 15:05.")).to_be_visible()
    check_axe(dana.page)
