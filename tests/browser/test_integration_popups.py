"""Pass in Classroom, row by row: the switch, the logo, what pops up, the panel."""

import re

import pytest
from playwright.sync_api import Playwright, Route, expect

from tests.browser.cable import Cable
from tests.browser.house import House
from tests.browser.passes_in_classroom import (
    dot,
    hears,
    in_classroom,
    integrated,
    logo,
    open_panel,
    panel,
    popup,
)
from tests.browser.people import PHONE, WIDE, Cast, Person, check_axe, check_width
from tools.browser import launch

both = pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)


def test_row_1_the_switch_and_off_again_nothing_is_left(cast: Cast, house: House) -> None:
    house.order("open_classes")
    rivera = in_classroom(cast, "rivera")
    expect(logo(rivera.page)).to_have_count(0)
    house.order("ask", key="ana", to="Nurse")

    dana = in_classroom(cast, "dana", "/classroom/settings")
    box = dana.page.get_by_label("Enable Pass integration")
    expect(box).not_to_be_checked()
    box.check()
    dana.page.get_by_role("button", name="Save", exact=True).click()
    expect(dana.page.get_by_label("Enable Pass integration")).to_be_checked()

    expect(popup(rivera.page, "Ana Lopez")).to_be_visible()
    hears(rivera)
    dana.page.get_by_label("Enable Pass integration").uncheck()
    dana.page.get_by_role("button", name="Save", exact=True).click()
    expect(rivera.page.locator(".pass-corner")).to_have_count(0)
    assert "Ana Lopez" not in rivera.page.content()


def test_row_2_the_logo_is_on_every_page(cast: Cast, house: House) -> None:
    classes = integrated(house)
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    dana = cast("dana")
    for path in (
        "", "/classes", "/classes/active", f"/classes/{classes['english']}", "/settings",
        "/settings/permissions", "/people", "/settings/devices", f"/sessions/{session}",
    ):  # fmt: skip
        dana.go(f"/classroom{path}")
        box = logo(dana.page).bounding_box()
        assert box is not None, path
        assert box["x"] + box["width"] > 1366 - 40 and box["y"] + box["height"] > 768 - 40


@pytest.mark.parametrize("viewport", [WIDE, PHONE])
def test_row_2_a_students_logo_covers_nothing_and_row_1_goes_at_once(
    cast: Cast, house: House, viewport: dict[str, int]
) -> None:
    classes = integrated(house)
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    house.order("command", session_id=session, kind="message", students=["ana"], by="rivera",
                text="Hello")  # fmt: skip
    ana = cast("ana", path="/classroom/student", viewport=viewport)
    ana.until("document.querySelector('student-class').socket?.told !== undefined")
    way = ana.page.locator("[data-pass-way]")
    expect(way.get_by_role("button", name="Pass")).to_be_visible()
    ana.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    box = way.get_by_role("button").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] > viewport["width"] - 40
    assert box["y"] + box["height"] > viewport["height"] - 40
    covered = """way => [...document.querySelectorAll('main, header')].filter(part =>
      part.getBoundingClientRect().bottom > way.getBoundingClientRect().top).length"""
    assert way.evaluate(covered) == 0
    check_axe(ana.page)
    check_width(ana.page)
    ana.page.get_by_label("Write to your teacher").fill("I am writ")
    house.order("integrate", on=False)
    expect(way).to_be_hidden()
    # What somebody is writing stays, and on again the way is there again.
    expect(ana.page.get_by_label("Write to your teacher")).to_have_value("I am writ")
    house.order("integrate")
    expect(way).to_be_visible()
    way.get_by_role("button", name="Pass").click()
    expect(ana.page).to_have_url(re.compile("/student$"))


@both
def test_rows_4_5_and_7_a_request_pops_up_and_is_approved(cast: Cast, house: House) -> None:
    integrated(house)
    rivera, ana = in_classroom(cast, "rivera"), cast("ana")
    expect(dot(rivera.page)).to_be_hidden()
    ana.ask("Library", "A book")

    asked = popup(rivera.page, "Ana Lopez")
    expect(asked).to_contain_text("Ms. Rivera, 204")
    expect(asked).to_contain_text("Library")
    expect(asked).to_contain_text("A book")
    expect(asked.locator("pass-clock")).to_have_text(re.compile(r"0:\d\d"))
    expect(asked.get_by_role("button", name="Cancel")).to_be_visible()
    expect(dot(rivera.page)).to_have_text("1")
    assert rivera.page.evaluate("document.activeElement === document.body")
    expect(rivera.announced).to_contain_text("Ana Lopez asks")
    check_axe(rivera.page)
    asked.get_by_role("button", name="Approve").click()
    expect(dot(rivera.page)).to_be_hidden()
    expect(ana.ticket).to_contain_text("On the way")


@both
def test_row_9_the_to_teacher_reads_that_somebody_is_on_the_way(cast: Cast, house: House) -> None:
    integrated(house)
    house.order("change_place", name="Mr. Okafor, 118", trip_type="layover")
    okafor, rivera = in_classroom(cast, "okafor"), in_classroom(cast, "rivera")
    # Ana looks by both processes: whoever decides, somebody hears of it by the other one.
    ana, by_other = cast("ana"), cast("ana", url=house.other_url_for("ana"))
    ana.ask("Mr. Okafor, 118")
    expect(ana.ticket).to_contain_text("Waiting")
    expect(popup(okafor.page)).to_have_count(0)
    popup(rivera.page, "Ana Lopez").get_by_role("button", name="Approve").click()
    coming = popup(okafor.page, "Ana Lopez")
    expect(coming).to_contain_text("On the way")
    for name in ("Arrived", "Send back", "End & keep"):
        expect(coming.get_by_role("button", name=name)).to_be_visible()
    coming.get_by_role("button", name="Arrived").click()
    for one in (ana, by_other):
        expect(one.ticket).to_contain_text("Arrived")
    okafor.look_away()
    expect(popup(okafor.page)).to_have_count(0)
    row = open_panel(okafor.page, "Coming to me").locator("li.row", has_text="Ana Lopez")
    row.get_by_role("button", name="Send back").click()
    for one in (ana, by_other):
        expect(one.ticket).to_contain_text("Returning")


def test_row_5_a_decision_anywhere_ends_the_popup_everywhere(cast: Cast, house: House) -> None:
    integrated(house)
    first = in_classroom(cast, "rivera")
    second, dashboard = first.new_page(), first.new_page()
    second.goto(first.url + "/classroom/classes")
    dashboard.goto(first.url + "/staff")
    house.order("ask", key="ana", to="Nurse")
    for page in (first.page, second):
        expect(popup(page, "Ana Lopez")).to_be_visible()
    dashboard.locator("li.row", has_text="Ana").get_by_role("button", name="Approve").click()
    for page in (first.page, second):
        expect(popup(page)).to_have_count(0)
        expect(dot(page)).to_be_hidden()
    # Withdrawn by the student, and expired.
    cam = cast("cam")
    cam.ask("Nurse")
    expect(popup(first.page, "Cam Nguyen")).to_be_visible()
    cam.page.get_by_role("button", name="Withdraw").click()
    expect(popup(first.page)).to_have_count(0)


def test_row_6_only_the_from_teacher(cast: Cast, house: House) -> None:
    """Not the co-teacher of the class, nor the to-teacher, an admin, an uninvolved teacher."""
    classes = integrated(house)
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    console = f"/classroom/sessions/{session}"
    rivera = in_classroom(cast, "rivera", console)
    others = [in_classroom(cast, "okafor", console), in_classroom(cast, "dana")]
    house.order("ask", key="ana", to="Mr. Okafor, 118")
    expect(popup(rivera.page, "Ana Lopez")).to_be_visible()
    for other in others:
        other.page.wait_for_timeout(600)
        expect(popup(other.page)).to_have_count(0)
        expect(dot(other.page)).to_be_hidden()
    expect(panel(others[1].page).locator("li.row")).to_have_count(0)


@both
def test_row_8_the_panel_has_four_tabs_and_opens_to_details(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = in_classroom(cast, "rivera")
    ana = cast("ana")
    ana.ask("Nurse", "Headache")
    house.order("ask", key="cam", to="Library", reason="A book")
    house.order("press", move="approve", student="cam", by="rivera")
    expect(popup(rivera.page, "Ana Lopez")).to_be_visible()
    page = rivera.page
    logo(page).focus()
    page.keyboard.press("Enter")
    # What pops up is in the panel now, and nowhere twice.
    expect(popup(page)).to_have_count(0)
    expect(panel(page).get_by_role("tab", name="Requests")).to_be_focused()
    expect(panel(page).locator("li.row:visible")).to_contain_text(["Ana Lopez"])
    for tab in ("Coming to me", "Out now", "Appointments"):
        page.keyboard.press("ArrowRight")
        expect(panel(page).get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        check_axe(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rivera.detail).to_contain_text("Headache")
    expect(rivera.detail.get_by_role("button", name="Approve")).to_be_visible()
    check_axe(page)
    rivera.detail.get_by_label("Your comment").fill("Take the pass along.")
    rivera.detail.get_by_role("button", name="Add comment").click()
    expect(rivera.detail.locator(".comment")).to_contain_text("Take the pass along.")
    rivera.detail.get_by_role("button", name="Cancel").click()
    expect(rivera.detail).to_contain_text("Cancelled")
    expect(ana.page.get_by_role("heading", name="Cancelled")).to_be_visible()
    page.keyboard.press("Escape")
    expect(rivera.detail).to_be_hidden()
    out = open_panel(page, "Out now")
    expect(out.locator("li.row:visible")).to_contain_text(["Cam Nguyen"])
    out.get_by_role("button", name="End pass").click()
    expect(out.locator("li.row:visible")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(logo(page)).to_be_focused()


def test_row_7_later_leaves_the_red_dot(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = in_classroom(cast, "rivera")
    house.order("ask", key="ana", to="Nurse")
    house.order("ask", key="cam", to="Nurse")
    expect(dot(rivera.page)).to_have_text("2")
    popup(rivera.page, "Ana Lopez").get_by_role("button", name="Later").click()
    rivera.look_away()
    expect(popup(rivera.page)).to_have_count(1)
    expect(dot(rivera.page)).to_have_text("2")
    rivera.page.reload()
    expect(popup(rivera.page)).to_have_count(1)  # what was put off pops up no second time
    expect(dot(rivera.page)).to_have_text("2")
    house.order("press", move="approve", student="ana", by="rivera")
    house.order("press", move="cancel", student="cam", by="rivera")
    expect(dot(rivera.page)).to_be_hidden()


def correct_address(dana: Person, product: str, name: str, email: str) -> None:
    """An admin writes another address on the page of a person, in one of the products."""
    where = "/classroom/people" if product == "classroom" else "/admin/people"
    dana.go(f"{where}?q={name.split()[-1]}")
    dana.page.get_by_role("main").get_by_role("link", name=name).click()
    dana.page.get_by_label("E-mail address").fill(email)
    dana.page.get_by_role("button", name="Save", exact=True).click()
    expect(dana.page.get_by_text(f"Saved: {name}")).to_be_visible()


def test_row_18_pass_failure_and_19_the_next_press_works(cast: Cast, house: House) -> None:
    """The admin's own pages change the address; the teacher has Classroom open all the time."""
    integrated(house)
    rivera, dana = in_classroom(cast, "rivera"), cast("dana")
    house.order("ask", key="ana", to="Nurse")
    expect(popup(rivera.page, "Ana Lopez")).to_be_visible()
    # One letter is another person.
    correct_address(dana, "classroom", "Ms. Rivera", house.email("rivers"))
    expect(popup(rivera.page)).to_have_count(0)
    hears(rivera)
    logo(rivera.page).click()
    expect(rivera.toast).to_contain_text("Pass failure")
    expect(rivera.toast).to_contain_text(house.email("rivers"))
    assert house.order("open_passes") == 1
    rivera.go("/classroom/settings/permissions")  # not hers: and she is still signed in
    expect(rivera.page.get_by_text("Your account may not do this")).to_be_visible()
    rivera.go("/classroom/classes")
    expect(rivera.page.get_by_role("link", name="English 2", exact=True)).to_be_visible()
    # Case and space make no difference.
    correct_address(dana, "classroom", "Ms. Rivera", f" {house.email('rivera').upper()} ")
    expect(popup(rivera.page, "Ana Lopez")).to_be_visible()


def test_row_19_corrected_in_pass_the_next_press_works(cast: Cast, house: House) -> None:
    integrated(house)
    rivera, dana = in_classroom(cast, "rivera"), cast("dana")
    house.order("ask", key="ana", to="Nurse")
    correct_address(dana, "classroom", "Ms. Rivera", house.email("rivers"))
    rivera.until("document.querySelector('[data-stranger]') !== null")
    correct_address(dana, "pass", "Ms. Rivera", house.email("rivers"))
    logo(rivera.page).click()  # with no new sign-in in Classroom
    asked = popup(rivera.page, "Ana Lopez")
    asked.get_by_role("button", name="Approve").click()
    expect(rivera.page.locator(".undo")).to_contain_text("On the way: Ana Lopez")


@both
def test_row_19_an_open_console_follows_the_address_of_a_student(cast: Cast, house: House) -> None:
    classes = integrated(house)
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="approve", student="ana", by="rivera")
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera, dana = in_classroom(cast, "rivera", f"/classroom/sessions/{session}"), cast("dana")
    of_ana = rivera.page.locator(".student", has_text="Ana Lopez")
    of_ben = rivera.page.locator(".student", has_text="Ben Carter")
    expect(of_ana.locator(".pass-badge")).to_be_visible()
    of_ben.get_by_role("checkbox").check()
    rivera.page.evaluate("globalThis.same = true")
    correct_address(dana, "classroom", "Ana Lopez", house.email("anna"))
    expect(of_ana.locator(".pass-badge, .give-pass")).to_have_count(0)
    correct_address(dana, "pass", "Ana Lopez", house.email("anna"))
    expect(of_ana.locator(".pass-badge")).to_contain_text("Nurse")
    house.order("press", move="end", student="anna", by="rivera")
    expect(of_ana.locator(".give-pass")).to_be_visible()
    # The page was not loaded anew.
    expect(of_ben.get_by_role("checkbox")).to_be_checked()
    assert rivera.page.evaluate("globalThis.same")


def test_alt_a_approves_the_oldest(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = in_classroom(cast, "rivera")
    for key in ("ana", "cam"):
        house.order("ask", key=key, to="Nurse")
    expect(popup(rivera.page)).to_have_count(2)
    rivera.page.keyboard.press("Alt+a")
    rivera.page.keyboard.press("Alt+a")  # a key that is held too long approves no second one
    expect(popup(rivera.page, "Ana Lopez")).to_have_count(0)
    expect(popup(rivera.page, "Cam Nguyen")).to_be_visible()
    rivera.page.wait_for_timeout(900)
    rivera.page.keyboard.press("Alt+a")
    expect(popup(rivera.page)).to_have_count(0)


def test_the_key_is_written_at_the_request_that_it_approves(cast: Cast, house: House) -> None:
    """Also where somebody on the way pops up first, who has nothing to approve."""
    integrated(house)
    house.order("ask", key="ana", to="Mr. Okafor, 118")
    house.order("press", move="approve", student="ana", by="rivera")
    house.order("enrol", names=["Grace Kim"])
    for key in ("grace", "cam"):
        house.order("ask", key=key, to="Nurse", origin="Mr. Okafor, 118")
    okafor = in_classroom(cast, "okafor", viewport={"width": 1366, "height": 1080})
    expect(popup(okafor.page)).to_have_count(3)
    written = okafor.page.locator(".popup-key:visible")
    for student, oldest in (("Grace Kim", True), ("Ana Lopez", False), ("Cam Nguyen", False)):
        expect(popup(okafor.page, student).locator(".popup-key:visible")).to_have_count(int(oldest))
    okafor.page.keyboard.press("Alt+a")
    expect(popup(okafor.page, "Grace Kim")).to_have_count(0)
    expect(popup(okafor.page, "Cam Nguyen").locator(".popup-key:visible")).to_have_text("Alt A")
    expect(written).to_have_count(1)


def test_teaching_mode_collects_and_hidden_names_are_hidden(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = in_classroom(cast, "rivera")
    open_panel(rivera.page).get_by_role("button", name="Teaching mode").click()
    panel(rivera.page).get_by_role("button", name="Hide names").click()
    panel(rivera.page).get_by_role("button", name="Close").click()
    house.order("ask", key="ana", to="Nurse", reason="Ana's headache")
    expect(dot(rivera.page)).to_have_text("1")
    expect(popup(rivera.page)).to_have_count(0)
    open_panel(rivera.page)
    row = panel(rivera.page).locator("li.row:visible")
    expect(row).to_have_count(1)
    expect(row.get_by_text("Ana Lopez", exact=True)).to_be_hidden()
    panel(rivera.page).get_by_role("button", name="Teaching mode").click()
    panel(rivera.page).get_by_role("button", name="Close").click()
    asked = popup(rivera.page)
    expect(asked).to_contain_text("A student")
    expect(asked.locator("bdi.is-name")).to_be_hidden()
    expect(asked.locator(".popup-why")).to_be_hidden()


def test_teaching_mode_is_shown_ends_with_the_day_and_is_of_one_person(
    cast: Cast, house: House
) -> None:
    classes = integrated(house)
    rivera = in_classroom(cast, "rivera")
    open_panel(rivera.page).get_by_role("button", name="Teaching mode").click()
    panel(rivera.page).get_by_role("button", name="Close").click()
    expect(logo(rivera.page)).to_contain_text("Teaching mode")
    expect(logo(rivera.page)).to_have_accessible_name("Passes. Teaching mode is on")
    rivera.go(f"/classroom/classes/{classes['english']}")
    hears(rivera)
    expect(logo(rivera.page).locator(".quiet-mark")).to_be_visible()
    check_axe(rivera.page)
    # Mr. Okafor signs in in the same browser.
    rivera.context.clear_cookies()
    okafor = in_classroom(cast, "okafor")
    for cookie in okafor.context.cookies():
        rivera.context.add_cookies(
            [{"name": cookie["name"], "value": cookie["value"], "url": rivera.url}]
        )
    rivera.go("/classroom/classes")
    hears(rivera)
    expect(logo(rivera.page).locator(".quiet-mark")).to_be_hidden()
    house.order("ask", key="ana", to="Nurse", origin="Mr. Okafor, 118")
    expect(popup(rivera.page, "Ana")).to_be_visible()
    # The next day nobody has it, also on a page that stays open.
    open_panel(rivera.page).get_by_role("button", name="Teaching mode").click()
    panel(rivera.page).get_by_role("button", name="Close").click()
    expect(logo(rivera.page).locator(".quiet-mark")).to_be_visible()
    rivera.page.evaluate("() => { Date.prototype.toDateString = () => 'tomorrow'; }")
    expect(logo(rivera.page).locator(".quiet-mark")).to_be_hidden()
    expect(popup(rivera.page, "Ana")).to_be_visible()


# Where a name can be read on the screen, in a text or a field, beside the cards of the class.
READABLE = """name => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    const part = texts.currentNode.parentElement;
    if (!texts.currentNode.data.includes(name) || !part.checkVisibility()) continue;
    if (part.closest('.students, .visually-hidden, #announce')) continue;
    if (parseFloat(getComputedStyle(part).fontSize) > 0) found.push(part.outerHTML.slice(0, 160));
  }
  for (const field of document.querySelectorAll('input:not([type=hidden]), textarea')) {
    if (!field.value.includes(name) || !field.checkVisibility()) continue;
    if (getComputedStyle(field).webkitTextSecurity === 'none') found.push(field.outerHTML);
  }
  return found;
}"""


def test_with_names_hidden_nothing_that_comes_shows_one(cast: Cast, house: House) -> None:
    classes = integrated(house)
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = in_classroom(cast, "rivera", f"/classroom/sessions/{session}")
    page = rivera.page
    open_panel(page).get_by_role("button", name="Hide names").click()
    panel(page).get_by_role("button", name="Close").click()

    def nothing_is_read() -> None:
        for name in ("Ana Lopez", "Cam Nguyen", "Ana's head"):
            assert page.evaluate(READABLE, name) == []

    house.order("ask", key="ana", to="Nurse", reason="Ana's head hurts")
    expect(popup(page)).to_contain_text("A student")
    nothing_is_read()
    popup(page).get_by_role("button", name="Approve").click()
    expect(page.locator(".undo")).to_contain_text("On the way")
    nothing_is_read()
    # The pass from its badge; the name stands in the steps that the student made, too.
    page.locator(".pass-badge").click()
    expect(rivera.detail).to_contain_text("What happened")
    nothing_is_read()
    rivera.detail.get_by_label("Your comment").fill("Ana's head is better.")
    rivera.detail.get_by_role("button", name="Add comment").click()
    expect(rivera.detail.locator(".comment")).to_have_count(1)
    nothing_is_read()
    page.keyboard.press("Escape")
    # The pass from the panel, and what is said when something cannot be.
    open_panel(page, "Out now").locator("li.row .name-button").click()
    expect(rivera.detail).to_be_visible()
    expect(rivera.detail).to_contain_text("What happened")
    nothing_is_read()
    page.keyboard.press("Escape")
    panel(page).get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Give Cam Nguyen a pass").click()
    expect(rivera.detail).to_contain_text("A pass for")
    nothing_is_read()
    house.order("ask", key="cam", to="Library", reason="A book")
    rivera.detail.get_by_role("button", name="Nurse").click()
    expect(rivera.toast).to_contain_text("already has a pass")
    nothing_is_read()
    # Shown again: everything says whom it is about.
    page.keyboard.press("Escape")
    open_panel(page).get_by_role("button", name="Hide names").click()
    page.locator(".pass-badge").click()
    expect(rivera.detail.get_by_role("heading", name="Ana Lopez")).to_be_visible()
    assert page.evaluate(READABLE, "Ana's head") != []


def test_with_names_hidden_the_reason_in_edit_is_read_by_focus(cast: Cast, house: House) -> None:
    integrated(house)
    house.order("arrange", students=["ana"], to="Nurse", minutes=60, reason="Ana's head")
    rivera = in_classroom(cast, "rivera")
    page = rivera.page
    open_panel(page).get_by_role("button", name="Hide names").click()
    page.get_by_role("tab", name="Appointments").click()
    panel(page).locator("li.row .name-button").click()
    rivera.detail.get_by_text("Edit", exact=True).click()
    reason = rivera.detail.get_by_label("Reason")
    expect(reason).to_have_value("Ana's head")
    assert page.evaluate(READABLE, "Ana's head") == []
    reason.focus()
    assert len(page.evaluate(READABLE, "Ana's head")) == 1
    rivera.detail.get_by_label("Destination").focus()
    assert page.evaluate(READABLE, "Ana's head") == []


@pytest.mark.parametrize("viewport", [WIDE, PHONE])
def test_without_a_connection_the_logo_is_whole_and_stays(
    cast: Cast, house: House, viewport: dict[str, int]
) -> None:
    integrated(house)
    page = in_classroom(cast, "rivera", viewport=viewport).page
    for is_quiet in (False, True):
        if is_quiet:
            open_panel(page).get_by_role("button", name="Teaching mode").click()
            panel(page).get_by_role("button", name="Close").click()
            expect(logo(page).locator(".quiet-mark")).to_be_visible()
        page.evaluate("connection.hidden = true")
        before = logo(page).bounding_box()
        page.evaluate("connection.hidden = false")
        line, after = page.locator("#connection").bounding_box(), logo(page).bounding_box()
        assert line is not None and after is not None and after == before
        assert line["x"] + line["width"] <= after["x"]


def test_nothing_pops_up_under_a_pointer_about_to_press(cast: Cast, house: House) -> None:
    classes = integrated(house)
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    window = {"width": 700, "height": 440}
    rivera = in_classroom(cast, "rivera", f"/classroom/sessions/{session}", viewport=window)
    rivera.page.locator(".student input[type=checkbox]").nth(1).hover()  # in the right column
    house.order("ask", key="ana", to="Nurse")
    expect(dot(rivera.page)).to_have_text("1")
    rivera.page.wait_for_timeout(1200)
    expect(popup(rivera.page)).to_have_count(0)
    rivera.look_away()
    expect(popup(rivera.page)).to_have_count(1)


def test_undo_for_ten_seconds(cast: Cast, house: House) -> None:
    integrated(house)
    rivera, ana = in_classroom(cast, "rivera"), cast("ana")
    ana.ask("Nurse")
    popup(rivera.page, "Ana Lopez").get_by_role("button", name="Approve").click()
    undo = rivera.page.locator(".undo")
    expect(undo).to_contain_text("On the way: Ana Lopez")
    expect(ana.ticket).to_contain_text("On the way")
    check_axe(rivera.page)
    undo.get_by_role("button", name="Undo").click()
    expect(undo).to_have_count(0)
    expect(ana.ticket).to_contain_text("Waiting")
    expect(popup(rivera.page, "Ana Lopez")).to_contain_text("Waiting approval")
    # On the dashboard the same; and when the student has arrived there is nothing to undo.
    rivera.go("/staff")
    rivera.press("Ana Lopez", "Approve")
    expect(undo).to_be_visible()
    house.order("press", move="arrive", student="ana", by="ito")
    expect(undo).to_have_count(0)
    rivera.press("Ana Lopez", "End pass")
    expect(undo).to_contain_text("Pass ended: Ana Lopez")
    expect(undo).to_have_count(0, timeout=12_000)


# Counts rings, of two tones each, and keeps what is said aloud.
HEARS_ALL = """
  window.rung = 0; window.told = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...all) { rung += 0.5; start.apply(this, all); };
  localStorage.setItem('corridor.sound', 'on');
  const hear = new MutationObserver(all => all.forEach(one => one.addedNodes.forEach(
    line => told.push(line.textContent))));
  addEventListener('DOMContentLoaded', () => hear.observe(announce, { childList: true }));
"""


def test_what_is_taken_back_asks_anew_but_not_whoever_took_it_back(
    cast: Cast, house: House
) -> None:
    integrated(house)
    for key in ("rivera", "okafor"):
        house.order("link", key=key, names=["Library"])
    rivera, okafor = cast("rivera"), cast("okafor")
    for one in (rivera, okafor):
        one.page.add_init_script(HEARS_ALL)
        one.go("/classroom/classes")
        hears(one)
    house.order("ask", key="ana", to="Nurse", origin="Library")
    for number, move in ((1, "Approve"), (2, "Cancel")):
        okafor.until(f"rung === {number}")
        popup(rivera.page, "Ana Lopez").get_by_role("button", name=move).click()
        expect(popup(okafor.page)).to_have_count(0)
        rivera.page.locator(".undo").get_by_role("button", name="Undo").click()
        expect(popup(okafor.page, "Ana Lopez")).to_contain_text("Waiting approval")
        expect(popup(rivera.page, "Ana Lopez")).to_contain_text("Waiting approval")
    okafor.until("rung === 3")
    rivera.page.wait_for_timeout(500)
    assert rivera.page.evaluate("rung") == 1
    for one, times in ((rivera, 1), (okafor, 3)):
        asked = [line for line in one.page.evaluate("told") if "Ana Lopez asks" in line]
        assert len(asked) == times


def test_undo_stands_over_the_dialog_of_the_dashboard_too(cast: Cast, house: House) -> None:
    rivera = cast("rivera")
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="approve", student="ana", by="rivera")
    rivera.row("Ana Lopez").locator(".name-button").click()
    rivera.detail.get_by_role("button", name="End pass").click()
    expect(rivera.detail).to_contain_text("Ended")
    rivera.page.locator(".undo").get_by_role("button", name="Undo").click()
    expect(rivera.detail).to_contain_text("On the way")
    assert house.order("open_passes") == 1
    # Closed while its newer state is on the way, it stays closed.
    held: list[Route] = []
    rivera.page.route("**/staff/passes/*", lambda route: held.append(route))
    with rivera.page.expect_request("**/staff/passes/*"):
        house.order("press", move="arrive", student="ana", by="ito")
    rivera.page.keyboard.press("Escape")
    with rivera.page.expect_response("**/staff/passes/*"):
        held[0].continue_()
    rivera.page.wait_for_timeout(300)
    expect(rivera.detail).to_be_hidden()


def test_row_13_a_pass_started_by_the_student_has_an_a(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = in_classroom(cast, "rivera")
    house.order("allow_auto", names=["Nurse"])
    rivera.go("/staff")
    rivera.page.get_by_role("link", name="Auto Pass").click()
    rivera.detail.get_by_label("Nurse").select_option("start_stop")
    rivera.detail.get_by_role("button", name="Save").click()
    expect(rivera.detail.get_by_text("Saved.")).to_be_visible()
    rivera.go("/classroom/classes")
    hears(rivera)
    ana = cast("ana")
    ana.ask("Nurse")
    ana.page.get_by_role("button", name="Start").click()
    row = open_panel(rivera.page, "Out now").locator("li.row", has_text="Ana Lopez")
    expect(row.locator(".auto-mark").first).to_be_visible()


def test_row_15_an_appointment_pops_up_five_minutes_before(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = in_classroom(cast, "rivera")
    house.order("arrange", students=["ana"], to="Nurse", minutes=20)
    row = open_panel(rivera.page, "Appointments").locator("li.row", has_text="Ana Lopez")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("Acknowledged")
    panel(rivera.page).get_by_role("button", name="Close").click()
    house.let_pass(15.1)
    asked = popup(rivera.page, "Ana Lopez")
    expect(asked.get_by_role("button", name="Approve")).to_be_visible()
    expect(asked.get_by_role("button", name="Cancel")).to_be_visible()
    expect(asked.locator(".appointed")).to_have_text(re.compile(r"Appointment, 1?\d:\d\d [AP]M"))
    expect(rivera.announced).to_contain_text(re.compile(r"Appointment, 1?\d:\d\d [AP]M: Ana Lopez"))
    expect(dot(rivera.page)).to_have_text("1")
    check_axe(rivera.page)


def test_at_midnight_what_is_arranged_for_the_day_is_today_s(cast: Cast, house: House) -> None:
    """The page stays, with what is written in it, and no row moves under a pointer."""
    classes = integrated(house)
    hour, minute = map(int, house.order("wall_clock", minutes=0)[1].split(":"))
    minutes = 24 * 60 - 60 * hour - minute
    house.order("arrange", students=["ana"], to="Nurse", minutes=minutes + 60)
    house.order("arrange", students=["cam"], to="Nurse", minutes=minutes + 24 * 60 + 60)
    rivera = in_classroom(cast, "rivera", f"/classroom/classes/{classes['english']}")
    future = panel(rivera.page).locator("ul[data-section=future]")
    today = panel(rivera.page).locator("ul[data-section=today]")
    rivera.page.evaluate("document.body.dataset.stays = 'yes'")
    open_panel(rivera.page, "Appointments")
    expect(future.locator("li")).to_have_count(2)
    to_midnight = """seconds => {
      const midnight = Date.parse(document.querySelector('[data-section=future] > li').dataset.day);
      const now = Date.now, by = midnight + seconds * 1000 - now();
      Date.now = () => now() + by;
    }"""
    rivera.page.evaluate(to_midnight, -30)
    future.locator("li").first.hover()
    rivera.page.evaluate(to_midnight, 5)
    rivera.page.wait_for_timeout(2500)
    expect(future.locator("li")).to_have_count(2)
    rivera.look_away()
    expect(today.locator("li")).to_contain_text("Ana Lopez")
    expect(today.locator("time")).to_have_text(re.compile(r"^\d+:\d\d"))
    expect(future.locator("li")).to_contain_text("Cam Nguyen")
    expect(panel(rivera.page).locator("[data-count=today]")).to_have_text("1")
    assert rivera.page.evaluate("document.body.dataset.stays") == "yes"


def test_row_17_mocking_in_sees_and_hears_nothing(cast: Cast, house: House) -> None:
    integrated(house)
    dana = cast("dana", path="/classroom/people?q=Rivera")
    dana.page.get_by_role("link", name="Ms. Rivera").click()
    dana.page.get_by_role("button", name="Act as Ms. Rivera").click()
    expect(dana.page.get_by_text("you act as Ms. Rivera")).to_be_visible()
    dana.go("/classroom/classes")
    expect(dana.page.get_by_text("you act as Ms. Rivera")).to_be_visible()
    house.order("ask", key="ana", to="Nurse")
    dana.page.wait_for_timeout(800)
    dana.page.reload()
    expect(popup(dana.page)).to_have_count(0)
    expect(dot(dana.page)).to_be_hidden()
    logo(dana.page).click()
    expect(dana.toast).to_contain_text("Only looking")


def test_row_9_after_a_cut_only_who_is_still_on_the_way_is_told(cast: Cast, house: House) -> None:
    integrated(house)
    cable = Cable(house.url_for("okafor"))
    okafor = cast("okafor", url=cable.url)
    okafor.page.add_init_script(HEARS_ALL)
    okafor.go("/classroom/classes")
    hears(okafor)
    cable.cut()
    expect(okafor.connection).to_be_visible(timeout=10_000)
    for key in ("ana", "cam"):
        house.order("ask", key=key, to="Mr. Okafor, 118")
        house.order("press", move="approve", student=key, by="rivera")
    house.order("press", move="end", student="ana", by="rivera")
    house.order("comment", student="cam", by="rivera", times=1)
    cable.join()
    expect(popup(okafor.page, "Cam Nguyen")).to_contain_text("On the way", timeout=10_000)
    okafor.until("told.length")
    okafor.page.wait_for_timeout(500)
    (told,) = okafor.page.evaluate("told")
    assert told.startswith("Cam Nguyen is on the way to you")
    cable.close()


@both
def test_row_20_both_open_side_by_side(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = in_classroom(cast, "rivera")
    dashboard = rivera.new_page()
    dashboard.goto(house.other_url_for("rivera") + "/staff")
    ana = cast("ana")
    ana.ask("Library", "A book")
    row = dashboard.locator("li.row", has_text="Ana Lopez")
    expect(row).to_be_visible()
    popup(rivera.page, "Ana Lopez").get_by_role("button", name="Approve").click()
    expect(row).to_contain_text("On the way", timeout=1_000)
    row.get_by_role("button", name="End pass").click()
    out = open_panel(rivera.page, "Out now")
    expect(out.locator("li.row", has_text="Ana Lopez")).to_have_count(0, timeout=1_000)
    expect(ana.ticket).to_contain_text("ended")


def decide(house: House, *decisions: tuple[str, str]) -> None:
    """Ms. Rivera makes moves of students' passes, somewhere else."""
    for move, key in decisions:
        house.order("press", move=move, student=key, by="rivera")


@both
def test_row_21_a_minute_without_a_network(cast: Cast, house: House) -> None:
    """Ten decisions fall meanwhile; back again the page shows what a fresh load shows."""
    integrated(house)
    names = ["Amara Diallo", "Dmitri Volkov", "Grace Kim", "Isla Morgan"]
    house.order("enrol", names=names)
    cable = Cable(house.url_for("rivera"))
    rivera = in_classroom(cast, "rivera", url=cable.url)
    for key in ("ana", "cam", "amara", "dmitri"):
        house.order("ask", key=key, to="Library", reason="A book")
    expect(dot(rivera.page)).to_have_text("4")
    expect(rivera.announced).to_contain_text("Dmitri Volkov asks")
    house.order("press", move="approve", student="ana", by="rivera")
    expect(dot(rivera.page)).to_have_text("3")
    rivera.page.evaluate(
        "window.told = []; new MutationObserver(all => all.forEach(one => one.addedNodes.forEach("
        "line => told.push(line.textContent)))).observe(announce, { childList: true })"
    )
    cable.cut()
    expect(rivera.connection).to_be_visible(timeout=10_000)
    decide(house, ("end", "ana"), ("approve", "cam"), ("cancel", "amara"), ("end", "cam"))
    rivera.page.wait_for_timeout(30_000)
    for key in ("grace", "isla", "ana"):
        house.order("ask", key=key, to="Library", reason="A book")
    decide(house, ("approve", "dmitri"), ("cancel", "isla"), ("approve", "ana"))
    rivera.page.wait_for_timeout(30_000)
    house.order("ask", key="cam", to="Library", reason="A book")
    decide(house, ("cancel", "cam"), ("end", "ana"), ("end", "dmitri"))
    expect(dot(rivera.page)).to_have_text("3")  # nobody has told it yet
    cable.join()
    expect(dot(rivera.page)).to_have_text("1", timeout=10_000)
    expect(popup(rivera.page)).to_have_count(1)
    expect(popup(rivera.page)).to_contain_text("Grace Kim")
    expect(rivera.connection).to_be_hidden()
    rivera.is_fresh()
    told = [line.split(" asks")[0] for line in rivera.page.evaluate("told")]
    assert told == ["Grace Kim"]  # the one that waits, once; nothing of the one that was cancelled
    assert (
        rivera.page.locator("[id]").evaluate_all(
            "all => all.map(one => one.id).filter((id, place, ids) => ids.indexOf(id) !== place)"
        )
        == []
    )
    cable.close()


def test_a_request_rings_once_in_classroom_and_not_while_teaching(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = cast("rivera")
    rivera.page.add_init_script(HEARS_ALL)
    rivera.go("/classroom/classes")
    hears(rivera)
    house.order("ask", key="ana", to="Nurse")
    rivera.until("rung === 1")
    open_panel(rivera.page).get_by_role("button", name="Teaching mode").click()
    expect(logo(rivera.page)).to_contain_text("Teaching mode")
    house.order("ask", key="cam", to="Nurse")
    expect(dot(rivera.page)).to_have_text("2")
    rivera.page.wait_for_timeout(500)
    assert rivera.page.evaluate("rung") == 1


# What has the focus, and what stands under the stack or the logo at this moment.
UNDER = """() => {
  const corner = document.querySelector('.pass-corner');
  const parts = [...corner.querySelectorAll('.popup, [data-more], [data-logo]')]
    .map(part => part.getBoundingClientRect()).filter(box => box.width);
  const one = document.activeElement;
  if (!one || one === document.body || corner.contains(one)) return '';
  const box = one.getBoundingClientRect();
  const meets = parts.some(part => box.right > part.left && box.left < part.right
    && box.bottom > part.top && box.top < part.bottom);
  return meets ? one.outerHTML.slice(0, 120) : '';
}"""
# What cannot be scrolled out from under them: at the page's end it must stand above them.
STUCK = """() => {
  scrollTo(0, document.documentElement.scrollHeight);
  const corner = document.querySelector('.pass-corner');
  const top = corner.getBoundingClientRect().top;
  return [...document.querySelectorAll('main :is(a, button, input, select, summary)')]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().bottom > top)
    .map(one => one.outerHTML.slice(0, 120));
}"""


def full_classes(house: House, more: str = "") -> dict[str, int]:
    """The classes, each with as many students as fill a page, in both products."""
    names = [f"Kid{letter} Stone" for letter in "abcdefghijklmnopqrstuvw" + more]
    house.order("enrol", names=names)
    classes: dict[str, int] = house.order("open_classes", names=names)
    house.order("integrate")
    return classes


@pytest.mark.parametrize("viewport", [WIDE, PHONE])
def test_the_stack_covers_no_control_in_use(
    cast: Cast, house: House, viewport: dict[str, int]
) -> None:
    classes = full_classes(house)
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = in_classroom(cast, "rivera", viewport=viewport)
    for key in ("ana", "cam", "kida", "kidb"):
        house.order("ask", key=key, to="Nurse")
    for path in ("/classroom/classes", f"/classroom/sessions/{session}"):
        rivera.go(path)
        page = rivera.page
        expect(dot(page)).to_have_text("4")
        shown = 2 if viewport == WIDE else 1
        expect(popup(page)).to_have_count(shown)
        expect(page.locator("button[data-more]")).to_have_text(f"{4 - shown} more")
        box = page.locator(".pass-corner").bounding_box()
        assert box is not None and box["height"] < viewport["height"] * 0.6
        assert page.evaluate(STUCK) == []
        page.evaluate("scrollTo(0, 0)")
        walked = 0
        page.locator("body").press("Tab")
        while page.evaluate("document.activeElement !== document.body") and walked < 60:
            assert page.evaluate(UNDER) == ""
            page.keyboard.press("Tab")
            walked += 1
        assert walked > 10
        check_width(page)


# What of a page stands under the stack or the logo now, at its beginning and at its end.
COVERED = """() => [0, document.documentElement.scrollHeight].flatMap(to => {
  scrollTo(0, to);
  const parts = [...document.querySelectorAll('.popup, [data-more], [data-logo]')]
    .map(part => part.getBoundingClientRect()).filter(box => box.width);
  const used = 'a, button, input, select, textarea, summary, label, .error, [role=alert]';
  return [...document.querySelector('main').querySelectorAll(used)].filter(one => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility() && parts.some(part => box.right > part.left
      && box.left < part.right && box.bottom > part.top && box.top < part.bottom);
  }).map(one => one.outerHTML.slice(0, 120));
})"""


@pytest.mark.parametrize("viewport", [WIDE, {"width": 1024, "height": 768}])
def test_nothing_of_a_form_is_under_the_stack(
    cast: Cast, house: House, viewport: dict[str, int]
) -> None:
    """Nor moves when somebody asks, or when the panel opens."""
    classes = full_classes(house)
    house.order("start_class", class_id=classes["algebra"], by="okafor")
    rivera = in_classroom(cast, "rivera", "/classroom/plans", viewport=viewport)
    page = rivera.page
    page.get_by_label("Name").fill("Reading")
    before = page.get_by_label("Name").bounding_box()
    for key in ("ana", "cam", "kida"):
        house.order("ask", key=key, to="Nurse")
    expect(popup(page)).to_have_count(2)
    assert page.get_by_label("Name").bounding_box() == before
    page.locator("main textarea").fill("exa mple\n" * 8)
    page.get_by_role("button", name="Save the plan").click()
    expect(page.locator("main [aria-invalid=true]").first).to_be_visible()
    expect(popup(page)).to_have_count(2)
    assert page.evaluate(COVERED) == []
    field = page.locator("main textarea")
    before = field.bounding_box()
    open_panel(page)
    assert field.bounding_box() == before
    for path in (f"classes/{classes['english']}/start", f"classes/{classes['english']}"):
        rivera.go(f"/classroom/{path}")
        expect(popup(page)).to_have_count(2)
        assert page.evaluate(COVERED) == []
        check_width(page)


def test_by_finger_one_after_the_other(cast: Cast, house: House) -> None:
    """What was approved goes by itself, the next one comes; Undo stands beside, over nothing."""
    integrated(house)
    rivera = in_classroom(cast, "rivera", viewport=PHONE, has_touch=True, is_mobile=True)
    page = rivera.page
    for key in ("ana", "cam"):
        house.order("ask", key=key, to="Nurse")
    expect(dot(page)).to_have_text("2")
    expect(page.locator(".popup-key:visible")).to_have_count(0)  # there is no key
    popup(page, "Ana Lopez").get_by_role("button", name="Approve").tap()
    expect(page.locator(".undo")).to_be_visible()
    expect(popup(page, "Ana Lopez")).to_have_count(0)
    expect(popup(page, "Cam Nguyen")).to_be_visible()
    boxes = [one.bounding_box() for one in (page.locator(".undo"), popup(page), logo(page))]
    undo, asked, button = (box for box in boxes if box is not None)
    assert undo["y"] >= asked["y"] + asked["height"]
    assert undo["x"] + undo["width"] <= button["x"]
    check_axe(page)
    popup(page, "Cam Nguyen").get_by_role("button", name="Approve").tap()
    expect(page.locator(".undo:visible")).to_have_count(1)
    expect(page.locator(".undo:visible")).to_contain_text("Cam Nguyen")
    expect(popup(page)).to_have_count(0)


def test_the_room_of_the_stack_goes_without_moving_what_is_seen(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = in_classroom(cast, "rivera")
    house.order("ask", key="ana", to="Nurse")
    expect(popup(rivera.page)).to_have_count(1)
    rivera.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    top = "document.querySelector('.class-card').getBoundingClientRect().top"
    before = rivera.page.evaluate(top)
    house.order("press", move="approve", student="ana", by="rivera")
    expect(popup(rivera.page)).to_have_count(0)
    assert rivera.page.evaluate(top) == before
    rivera.page.evaluate("scrollTo(0, 0)")
    rivera.until("document.documentElement.scrollHeight <= innerHeight")


def test_a_press_begun_before_it_popped_up_goes_to_the_page(cast: Cast, house: House) -> None:
    integrated(house)
    rivera = in_classroom(cast, "rivera", viewport=PHONE, has_touch=True, is_mobile=True)
    rivera.page.evaluate(
        "new MutationObserver(() => { const one = document.querySelector('.popup:not([hidden])');"
        "if (one && !window.events) window.events = getComputedStyle(one).pointerEvents })"
        ".observe(document.querySelector('[data-stack]'), { subtree: true, attributes: true,"
        " childList: true })"
    )
    house.order("ask", key="ana", to="Nurse")
    expect(popup(rivera.page)).to_have_count(1)
    rivera.until("window.events === 'none'")
    rivera.until("getComputedStyle(document.querySelector('.popup')).pointerEvents === 'auto'")


def test_the_panel_leaves_the_cards_their_size(cast: Cast, house: House) -> None:
    classes = full_classes(house)
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = in_classroom(cast, "rivera", f"/classroom/sessions/{session}")
    card = rivera.page.locator(".student").first
    before = card.bounding_box()
    opened = open_panel(rivera.page)
    box, after = opened.bounding_box(), card.bounding_box()
    assert before is not None and box is not None and after is not None
    assert 320 <= box["width"] <= 360
    assert after["width"] >= before["width"]
    cards = rivera.page.locator(".student").evaluate_all(
        "all => Math.max(...all.map(one => one.getBoundingClientRect().right))"
    )
    assert cards <= box["x"]
    # The four tabs stand side by side.
    tops = opened.get_by_role("tab").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 1
    # In two languages, on a wide screen and a phone, every tab is readable as a whole.
    for viewport in (WIDE, PHONE):
        spanish = in_classroom(cast, "rivera", viewport=viewport, locale="es")
        tabs = open_panel(spanish.page, "Solicitudes").get_by_role("tab")
        wide = "all => all.every(one => one.scrollWidth <= one.clientWidth)"
        assert tabs.evaluate_all(wide)
        check_width(spanish.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_pressed_stands_out_by_more_than_a_colour(
    cast: Cast, house: House, scheme: str
) -> None:
    classes = integrated(house)
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    console = f"/classroom/sessions/{session}"
    rivera = in_classroom(cast, "rivera", console, color_scheme=scheme)
    teaching = open_panel(rivera.page).get_by_role("button", name="Teaching mode")
    knob = "one => getComputedStyle(one, '::before').backgroundImage.split(' at ')[1].slice(0, 8)"
    before = teaching.evaluate(knob)
    teaching.click()
    assert teaching.evaluate(knob) != before
    for one in ('.switch [aria-pressed="true"]', ".tabs [aria-current]"):
        edges = rivera.page.locator(one).evaluate_all(EDGES)
        assert edges and min(edges) >= 3, (one, edges)
        rivera.go("/classroom/classes")


# How strongly the edge of a part stands out from what it lies on (WCAG 1.4.11 wants 3).
EDGES = """all => all.map(one => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(one => one / 255)
      .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const edge = light(getComputedStyle(one).boxShadow.match(/rgb[^)]*\\)/)[0]);
  const under = light(getComputedStyle(one.parentElement).backgroundColor);
  return (Math.max(edge, under) + 0.05) / (Math.min(edge, under) + 0.05);
})"""


# A laptop with a touch screen, as Chromium knows it: a mouse first, and a finger now and then.
TOUCHED = (
    "--blink-settings=primaryPointerType=4,availablePointerTypes=6,primaryHoverType=2,"
    "availableHoverTypes=2"
)
# How far from its middle each of these is pressed, across and down.
REACH = """which => [...document.querySelectorAll(which)].filter(one => one.checkVisibility())
  .map(one => {
    const box = one.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const there = (x, y) => document.elementFromPoint(x, y)?.closest(which) === one;
    const far = (across, down) => {
      let way = 0;
      while (there(x + way * across, y + way * down)) way += 1;
      return way;
    };
    return [far(-1, 0) + far(1, 0), far(0, -1) + far(0, 1)];
  })"""


def test_a_finger_finds_what_it_presses_on_a_laptop_too(
    playwright: Playwright, house: House
) -> None:
    """Where thirty cards stand on the screen without scrolling."""
    browser = launch(playwright, TOUCHED)
    cast = Cast(house, browser)
    classes = full_classes(house, "xyz1")
    session = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = in_classroom(cast, "rivera", f"/classroom/sessions/{session}")
    expect(rivera.page.locator(".give-pass:visible")).to_have_count(30)
    bottoms = "all => all.map(one => one.getBoundingClientRect().bottom)"
    cards = rivera.page.locator(".student")
    assert max(cards.evaluate_all(bottoms)) <= WIDE["height"]
    rivera.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")  # free of the logo
    doors = rivera.page.evaluate(REACH, ".give-pass")
    assert min(min(door) for door in doors) >= 44
    rivera.page.get_by_role("button", name="Tabs", exact=True).click()
    expect(rivera.page.locator(".give-pass").first).to_have_css("height", "44px")
    doors = rivera.page.evaluate(REACH, ".give-pass")
    assert min(doors[0]) >= 44
    check_axe(rivera.page)
    house.order("ask", key="ana", to="Nurse")
    expect(popup(rivera.page, "Ana Lopez")).to_be_visible()
    expect(popup(rivera.page).locator(".popup-key")).to_be_visible()
    rivera.page.wait_for_timeout(500)
    pressed = rivera.page.evaluate(REACH, ".popup button:not(.name-button)")
    assert len(pressed) == 3 and min(min(button) for button in pressed) >= 44
    cast.close()
    browser.close()
