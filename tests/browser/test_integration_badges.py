"""Pass in Classroom, row by row: badges, their dialog, who is out at the start, Pass gone."""

import re

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.house import House
from tests.browser.passes_in_classroom import hears, in_classroom, integrated, popup
from tests.browser.people import NARROW, PHONE, Cast, Person, check_axe, check_width, expect

both = pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)


def card(page: Page, student: str) -> Locator:
    """The card of a student on the console."""
    return page.locator(".student", has_text=student)


def badge(page: Page, student: str) -> Locator:
    """The badge at the bottom of a student's card."""
    return card(page, student).locator(".pass-badge")


class Started:
    """English 2 runs, and passes are shown in it."""

    def __init__(self, house: House, **more: object) -> None:
        self.house = house
        self.classes = integrated(house)
        self.session = house.order("start_class", class_id=self.classes["english"], by="rivera")

    def console(self, cast: Cast, key: str = "rivera", **more: object) -> Person:
        """Somebody at its console."""
        return in_classroom(cast, key, f"/classroom/sessions/{self.session}", **more)

    def out(self, key: str = "ana", to: str = "Nurse", **more: str) -> None:
        """A student is out."""
        origin = more.pop("origin", "Ms. Rivera, 204")
        self.house.order("ask", key=key, to=to, origin=origin, **more)
        by = "okafor" if "Okafor" in origin else "rivera"
        self.house.order("press", move="approve", student=key, by=by)


@both
def test_rows_10_and_14_the_badge_says_what_pass_says(cast: Cast, house: House) -> None:
    started = Started(house)
    page = started.console(cast).page
    staff = cast("rivera", path="/staff", url=house.other_url_for("rivera"))
    cast("ana").ask("Library", "A book")
    expect(staff.row("Ana Lopez")).to_be_visible()
    expect(badge(page, "Ana")).to_have_count(0)  # row 11: a request shows none
    staff.press("Ana Lopez", "Approve")
    expect(badge(page, "Ana")).to_contain_text("On the way")
    expect(badge(page, "Ana")).to_contain_text("Library")
    expect(badge(page, "Ana").locator("pass-clock")).to_have_text(re.compile(r"^0:\d\d$"))
    expect(badge(page, "Ana")).to_have_class(re.compile("tone-out"))
    expect(card(page, "Ana").locator(".student-state")).to_contain_text("Out on a pass")
    counts = [page.locator(f"[data-count-{one}]").inner_text() for one in ("here", "away", "out")]
    assert counts == ["0", "2", "1"]
    house.let_pass(11)
    expect(badge(page, "Ana")).to_contain_text("Long running")
    expect(badge(page, "Ana")).to_have_class(re.compile("tone-long"))
    expect(staff.row("Ana Lopez")).to_have_class(re.compile("tone-long"))
    word = staff.row("Ana Lopez").locator(".chip").inner_text().strip()
    assert word in badge(page, "Ana").inner_text()
    colours = [
        one.evaluate("one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]")
        for one in (badge(page, "Ana"), staff.row("Ana Lopez").locator(".chip"))
    ]
    assert colours[0] == colours[1]


def test_row_11_the_badge_of_a_pass_that_is_not_the_teachers(cast: Cast, house: House) -> None:
    started = Started(house)
    page = started.console(cast).page
    started.out(to="Nurse", origin="Mr. Okafor, 118")
    expect(badge(page, "Ana")).to_contain_text("Nurse")
    expect(page.locator(".pass-badge")).to_have_count(1)


def test_row_12_pressing_the_badge_opens_the_pass(cast: Cast, house: House) -> None:
    started = Started(house)
    started.out(to="Mr. Okafor, 118", reason="A book")
    page = started.console(cast).page
    badge(page, "Ana").click()
    detail = page.locator("#detail")
    for said in ("Ms. Rivera, 204", "Mr. Okafor, 118", "A book", "Requested", "Approved"):
        expect(detail).to_contain_text(said)
    check_axe(page)
    house.order("press", move="end_and_keep", student="ana", by="okafor")
    expect(detail).to_contain_text("Ended and kept")  # also while it is open
    expect(detail.locator("[data-move]")).to_have_count(0)


def test_an_open_pass_gives_way_once_its_class_is_over(cast: Cast, house: House) -> None:
    started = Started(house)
    started.out(to="Nurse", reason="Headache")
    page = started.console(cast).page
    badge(page, "Ana").click()
    detail = page.locator("#detail")
    expect(detail).to_contain_text("Headache")
    house.order("stop_class", session_id=started.session, by="rivera")
    expect(detail).to_contain_text("Class over")
    for gone in ("Nurse", "Headache", "On the way"):
        expect(detail).not_to_contain_text(gone)
    check_axe(page)


def test_row_12_a_teacher_who_is_not_of_the_pass_reads_only(cast: Cast, house: House) -> None:
    started = Started(house)
    started.out(to="Nurse", origin="Mr. Okafor, 118")
    page = started.console(cast).page
    badge(page, "Ana").click()
    detail = page.locator("#detail")
    expect(detail).to_contain_text("You can read this pass.")
    expect(detail.locator("[data-move]")).to_have_count(0)
    page.keyboard.press("Escape")
    okafor = started.console(cast, "okafor").page
    badge(okafor, "Ana").click()
    okafor.locator("#detail").get_by_role("button", name="End pass").click()
    expect(badge(page, "Ana")).to_have_count(0)


def test_row_13_the_letter_a_beside_start_and_end(cast: Cast, house: House) -> None:
    started = Started(house)
    house.order("allow_auto", names=["Library"])
    house.order("choose_auto", key="rivera", names=["Library"])
    page = started.console(cast).page
    house.order("ask", key="ana", to="Library", reason="A book")
    house.order("start", key="ana")
    expect(badge(page, "Ana").locator(".auto-mark")).to_have_attribute(
        "title", "Started by Auto Pass"
    )
    badge(page, "Ana").click()
    story = page.locator("#detail .story")
    expect(story.locator("li", has_text="Started").locator(".auto-mark")).to_have_text("A")
    house.order("press", move="stop", student="ana", by="ana")
    expect(story.locator("li", has_text="Stopped").locator(".auto-mark")).to_have_text("A")


def test_row_16_who_is_out_comes_first_and_joins_when_back(cast: Cast, house: House) -> None:
    classes = integrated(house)
    house.order("ask", key="cam", to="Nurse")
    house.order("press", move="approve", student="cam", by="rivera")
    house.order("ask", key="ana", to="Library", reason="A book")
    house.order("press", move="approve", student="ana", by="rivera")
    rivera = cast("rivera", path=f"/classroom/classes/{classes['english']}/start")
    page = rivera.page
    lines = page.locator(".out-line")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("Ana Lopez")
    expect(lines.first).to_contain_text("On the way")
    expect(lines.first).to_contain_text("Library")
    expect(lines.first.get_by_label("Include when back")).to_be_checked()
    expect(page.locator("[data-ticked]")).to_have_text("1 of 3")
    check_axe(page)
    lines.nth(1).get_by_label("Leave out").check()
    page.get_by_role("button", name="Start the class").click()
    expect(badge(page, "Ana")).to_be_visible()
    expect(card(page, "Ana")).to_contain_text("joins when back")
    expect(card(page, "Cam").locator(".student-state")).to_contain_text("Excluded")
    session = int(page.url.rsplit("/", 1)[1])
    assert house.order("held", session_id=session) == ["Ben Carter"]
    house.order("press", move="end", student="ana", by="rivera")
    expect(card(page, "Ana")).not_to_contain_text("joins when back")
    expect(card(page, "Ana").locator(".student-state")).to_contain_text("Not online")
    assert house.order("held", session_id=session) == ["Ana Lopez", "Ben Carter"]


def test_undo_is_pressed_while_the_dialog_of_the_pass_is_open(cast: Cast, house: House) -> None:
    started = Started(house)
    started.out()
    rivera = started.console(cast)
    page, undo = rivera.page, rivera.page.locator(".undo")
    badge(page, "Ana").focus()
    page.keyboard.press("Enter")
    detail = page.locator("#detail")
    detail.get_by_role("button", name="End pass").click()
    expect(detail).to_contain_text("Ended")
    expect(undo).to_contain_text("Pass ended: Ana Lopez")
    check_axe(page)
    undo.get_by_role("button", name="Undo").click()
    expect(badge(page, "Ana")).to_contain_text("Nurse")
    expect(undo).to_have_count(0)
    # The badge goes with the pass: who closes the dialog stands at the student's card.
    detail.get_by_role("button", name="End pass").click()
    expect(badge(page, "Ana")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(card(page, "Ana").locator(".name-button")).to_be_focused()
    expect(undo).to_be_visible()
    undo.get_by_role("button", name="Undo").click()
    expect(badge(page, "Ana")).to_be_visible()


@both
def test_row_16_the_start_dialog_is_live(cast: Cast, house: House) -> None:
    classes = integrated(house)
    rivera = in_classroom(cast, "rivera", f"/classroom/classes/{classes['english']}/start")
    page = rivera.page
    page.get_by_label("Ana Lopez").uncheck()
    page.get_by_label("Tab limit").fill("4")
    page.mouse.move(2, 2)
    house.order("ask", key="cam", to="Nurse")
    popup(page, "Cam").get_by_role("button", name="Approve").click()
    line = page.locator(".out-line", has_text="Cam Nguyen")
    expect(line).to_contain_text("Nurse")
    expect(line.get_by_label("Include when back")).to_be_checked()
    expect(page.locator("[data-ticked]")).to_have_text("1 of 3")
    house.order("ask", key="ana", to="Library", reason="A book")
    house.order("press", move="approve", student="ana", by="rivera")
    ana = page.locator(".out-line", has_text="Ana Lopez")
    expect(ana.get_by_label("Leave out")).to_be_checked()  # as before
    ana.get_by_label("Include when back").check()
    # Under a pointer nothing moves: it is told, and drawn when the pointer is gone.
    ana.hover()
    house.order("press", move="end", student="ana", by="rivera")
    expect(page.get_by_role("button", name="Who is out has changed")).to_be_visible()
    expect(ana).to_have_count(1)
    check_axe(page)
    page.mouse.move(2, 2)
    expect(ana).to_have_count(0)
    expect(page.get_by_label("Ana Lopez")).to_be_checked()
    expect(page.get_by_label("Tab limit")).to_have_value("4")
    page.get_by_role("button", name="Start the class").click()
    expect(card(page, "Cam")).to_contain_text("joins when back")
    session = int(page.url.rsplit("/", 1)[1])
    assert house.order("held", session_id=session) == ["Ana Lopez", "Ben Carter"]


def test_row_1_the_switch_leaves_a_start_dialog_as_it_was_filled_in(
    cast: Cast, house: House
) -> None:
    classes = integrated(house)
    house.order("ask", key="cam", to="Nurse")
    house.order("press", move="approve", student="cam", by="rivera")
    rivera = in_classroom(cast, "rivera", f"/classroom/classes/{classes['english']}/start")
    page = rivera.page
    cam = page.locator(".out-line", has_text="Cam Nguyen")
    cam.get_by_label("Leave out").check()
    page.get_by_label("Ana Lopez").uncheck()
    page.get_by_label("Tab limit").fill("4")
    page.get_by_label("or after so many minutes").fill("35")
    for on in (False, True):
        hears(rivera)
        house.order("integrate", on=on)
        expect(page.locator("[data-logo]")).to_have_count(int(on))
        expect(rivera.toast).to_contain_text("is still here")
        expect(cam).to_have_count(int(on))
        expect(page.get_by_label("Tab limit")).to_have_value("4")
        expect(page.get_by_label("or after so many minutes")).to_have_value("35")
        expect(page.get_by_label("Ana Lopez")).not_to_be_checked()
        expect(page.locator("[data-ticked]")).to_have_text("1 of 3")
    expect(cam.get_by_label("Leave out")).to_be_checked()
    page.get_by_role("button", name="Start the class").click()
    page.wait_for_url("**/sessions/*")
    session = int(page.url.rsplit("/", 1)[1])
    assert house.order("held", session_id=session) == ["Ben Carter"]


def test_who_is_out_is_never_inactive_and_the_card_flashes_on_return(
    cast: Cast, house: House
) -> None:
    started = Started(house)
    rivera = started.console(cast)
    calm = started.console(cast, "okafor", reduced_motion="reduce")
    started.out()
    expect(card(rivera.page, "Ana")).to_have_attribute("data-state", "on_pass")
    expect(badge(calm.page, "Ana")).to_be_visible()
    running = "getComputedStyle(document.querySelector('.student.is-back')).animationName"
    for person in (rivera, calm):
        person.page.evaluate(
            "globalThis.seen = []; new MutationObserver(() => {"
            " if (document.querySelector('.student.is-back')) globalThis.seen.push(" + running + ")"
            "}).observe(document.querySelector('.students'), {subtree: true, attributes: true})"
        )
    house.order("press", move="end", student="ana", by="rivera")
    expect(badge(rivera.page, "Ana")).to_have_count(0)
    expect(rivera.announced).to_contain_text("Ana Lopez is back")
    rivera.until("globalThis.seen.includes('is-back')")
    calm.until("globalThis.seen.length > 0")
    assert set(calm.page.evaluate("globalThis.seen")) == {"none"}
    expect(card(rivera.page, "Ana")).not_to_have_class(re.compile("is-back"), timeout=8000)


def test_the_card_of_who_joins_when_back_flashes_as_long(cast: Cast, house: House) -> None:
    """The card of who is let in comes at once behind the card of who is back."""
    classes = integrated(house)
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="approve", student="ana", by="rivera")
    rivera = in_classroom(cast, "rivera", f"/classroom/classes/{classes['english']}/start")
    page = rivera.page
    page.get_by_role("button", name="Start the class").click()
    expect(card(page, "Ana")).to_contain_text("joins when back")
    page.evaluate(
        "globalThis.seen = []; setInterval(() => {"
        " if (document.querySelector('.student.is-back')) globalThis.seen.push(performance.now())"
        "}, 20)"
    )
    house.order("press", move="end", student="ana", by="rivera")
    expect(card(page, "Ana")).not_to_contain_text("joins when back")
    rivera.until("globalThis.seen.length > 0")
    expect(card(page, "Ana")).not_to_have_class(re.compile("is-back"), timeout=8000)
    assert page.evaluate("globalThis.seen.at(-1) - globalThis.seen[0]") >= 1800


def test_a_pass_is_given_from_the_card_by_keyboard(cast: Cast, house: House) -> None:
    started = Started(house)
    page = started.console(cast).page
    card(page, "Ana").get_by_role("button", name="Give Ana Lopez a pass").focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#detail")
    expect(dialog).to_contain_text("A pass for Ana Lopez")
    expect(dialog.get_by_role("button", name="Ms. Rivera, 204")).to_be_hidden()
    check_axe(page)
    page.keyboard.type("nur")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("On the way")
    expect(badge(page, "Ana")).to_contain_text("Nurse")
    assert house.order("open_passes") == 1


@pytest.mark.parametrize("viewport", [PHONE, NARROW])
def test_badges_and_dialogs_on_a_phone(cast: Cast, house: House, viewport: dict[str, int]) -> None:
    started = Started(house)
    started.out(to="Mr. Okafor, 118")
    for scheme in ("light", "dark"):
        person = started.console(
            cast, viewport=viewport, color_scheme=scheme, has_touch=True, is_mobile=True
        )
        expect(badge(person.page, "Ana")).to_be_visible()
        box = badge(person.page, "Ana").bounding_box()
        assert box is not None and box["height"] >= 44
        check_axe(person.page)
        check_width(person.page)
        badge(person.page, "Ana").click()
        expect(person.page.locator("#detail[open]")).to_be_visible()
        check_axe(person.page)
        check_width(person.page)


def test_row_22_pass_is_down_and_the_class_goes_on(cast: Cast, house: House) -> None:
    started = Started(house)
    started.out()
    page = started.console(cast).page
    expect(badge(page, "Ana")).to_be_visible()
    house.order("break_pass")
    try:
        expect(card(page, "Ana")).to_contain_text(
            re.compile(r"pass data as of \d+:\d\d"), timeout=15_000
        )
        check_axe(page)
        house.order("raise_hand", student="ben")  # the class goes on
        expect(card(page, "Ben").locator(".is-hand")).to_be_visible()
        fresh = cast("rivera", path=f"/classroom/sessions/{started.session}").page
        expect(fresh.get_by_text("Pass does not answer.")).to_be_visible()
        expect(card(fresh, "Ben").locator(".is-hand")).to_be_visible()
        late = cast("okafor", path=f"/classroom/classes/{started.classes['algebra']}/start").page
        expect(late.get_by_role("button", name="Start the class")).to_be_visible()
    finally:
        house.order("mend_pass")
    expect(badge(fresh, "Ana")).to_be_visible(timeout=15_000)
    expect(card(page, "Ana")).not_to_contain_text("pass data as of", timeout=15_000)
    house.order("press", move="end", student="ana", by="rivera")
    expect(badge(page, "Ana")).to_have_count(0)
    house.new_log()  # what the server wrote of the broken tables was meant


def test_switched_off_every_badge_goes_at_once(cast: Cast, house: House) -> None:
    started = Started(house)
    started.out()
    page = started.console(cast).page
    expect(badge(page, "Ana")).to_be_visible()
    house.order("integrate", on=False)
    expect(page.locator(".pass-badge")).to_have_count(0)
    expect(page.locator("[data-count-out], .give-pass:visible")).to_have_count(0)
