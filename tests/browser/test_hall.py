"""A phone in a corridor: who is out, End, the word, the code, and who was met without a pass."""

import re
from typing import Any

import pytest
import segno

from tests.browser.house import House
from tests.browser.people import NARROW, PHONE, Cast, Person, check_axe, check_width, expect

HAND: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True,
}  # fmt: skip


def put_out(house: House, key: str, to: str = "Nurse") -> None:
    """A student who is out on a live pass."""
    house.order("ask", key=key, to=to)
    house.order("press", move="approve", student=key, by="rivera")


def test_the_list_lives(cast: Cast, house: House) -> None:
    """Who goes out appears, who runs long turns yellow and is told, who is back is gone."""
    okafor = cast("okafor", path="/hall", **HAND)
    expect(okafor.page.get_by_text("Nobody is out.")).to_be_visible()
    check_axe(okafor.page)
    house.order("ask", key="ana", to="Nurse")
    put_out(house, "cam")
    expect(okafor.row("Cam Nguyen")).to_contain_text("Ms. Rivera, 204")
    expect(okafor.row("Ana Lopez")).to_have_count(0)
    expect(okafor.page.locator("[data-tile=out_now]")).to_have_text("1")
    house.let_pass(11)
    expect(okafor.row("Cam Nguyen")).to_contain_text("Long running")
    expect(okafor.announced).to_contain_text("Long running: Cam Nguyen")
    check_axe(okafor.page)
    house.order("press", move="end", student="cam", by="rivera")
    expect(okafor.row("Cam Nguyen")).to_have_count(0)
    expect(okafor.page.get_by_text("Nobody is out.")).to_be_visible()


def test_one_press_ends_a_pass_and_everybody_reads_who_did_it(cast: Cast, house: House) -> None:
    """Mr. Okafor has no part in the pass; the student and the teacher see at once."""
    put_out(house, "ana")
    okafor, ana = cast("okafor", path="/hall", **HAND), cast("ana", PHONE)
    rivera = cast("rivera", path="/staff?tab=ended")
    okafor.row("Ana Lopez").get_by_role("button", name="End pass : Ana Lopez").tap()
    expect(okafor.announced).to_contain_text("Pass ended: Ana Lopez")
    expect(okafor.row("Ana Lopez")).to_have_count(0)
    expect(ana.ticket).to_contain_text("Pass ended")
    expect(rivera.row("Ana Lopez")).to_contain_text("by Mr. Okafor")


def test_an_approval_that_is_taken_back_is_not_out(cast: Cast, house: House) -> None:
    """The row goes as it came, and nobody in the hall is told that somebody asks."""
    okafor, rivera = cast("okafor", path="/hall", **HAND), cast("rivera")
    house.order("ask", key="ana", to="Nurse")
    rivera.press("Ana Lopez", "Approve")
    expect(okafor.row("Ana Lopez")).to_contain_text("On the way")
    rivera.page.get_by_role("button", name="Undo").click()
    expect(okafor.row("Ana Lopez")).to_have_count(0)
    expect(okafor.page.locator("[data-tile=out_now]")).to_have_text("0")
    expect(okafor.announced).not_to_contain_text("Ana Lopez")
    expect(okafor.page).to_have_title(re.compile(r"^[^(]"))
    expect(rivera.row("Ana Lopez")).to_contain_text("Waiting approval")


def test_end_by_keyboard(cast: Cast, house: House) -> None:
    """The row stays under the focus until the reader goes on; the focus is not lost."""
    put_out(house, "ana")
    put_out(house, "cam", "Restroom B")
    dana = cast("dana", path="/hall")
    button = dana.row("Ana Lopez").get_by_role("button")
    button.focus()
    dana.page.keyboard.press("Enter")
    expect(dana.row("Ana Lopez")).to_contain_text("Pass ended")
    expect(dana.row("Ana Lopez").locator(".name-button")).to_be_focused()
    check_axe(dana.page)
    dana.page.keyboard.press("Tab")
    expect(dana.row("Cam Nguyen").get_by_role("button")).to_be_focused()
    dana.page.get_by_role("searchbox").focus()
    expect(dana.row("Ana Lopez")).to_have_count(0)


def test_a_press_on_a_row_that_has_just_come_under_the_finger_counts_not(
    cast: Cast, house: House
) -> None:
    """The first row goes while the finger comes down: the next one stays out."""
    put_out(house, "ana")
    put_out(house, "cam", "Restroom B")
    okafor = cast("okafor", path="/hall", **HAND)
    okafor.page.evaluate(
        """() => {
            const rows = [...document.querySelectorAll('#hall-list .row')];
            const button = rows[1].querySelector('button');
            rows[0].remove();
            queueMicrotask(() => button.dispatchEvent(
                new MouseEvent('click', {bubbles: true, cancelable: true, detail: 1})));
        }"""
    )
    okafor.page.wait_for_timeout(500)
    assert house.order("open_passes") == 2
    okafor.row("Cam Nguyen").get_by_role("button").tap()
    expect(okafor.row("Cam Nguyen")).to_have_count(0)


def test_a_name_is_found_while_it_is_typed(cast: Cast, house: House) -> None:
    """In the page's own rows: parts of the name, without accents; who comes later is sifted too."""
    house.order("fill")
    okafor = cast("okafor", path="/hall", **HAND)
    shown = okafor.page.locator("#hall-list .row:visible")
    okafor.page.get_by_role("button", name="Search").tap()
    field = okafor.page.get_by_role("searchbox", name="Search a name")
    expect(field).to_be_focused()
    field.press_sequentially("chloe d")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("Chloé Dubois")
    expect(okafor.announced).to_contain_text("1 found")
    field.fill("cruz mon")
    expect(shown).to_contain_text("Esperanza de la Cruz y Montoya")
    field.fill("ana lo")
    expect(shown).to_have_count(0)
    expect(okafor.page.get_by_text("Nobody of this name is out on a pass.")).to_be_visible()
    check_axe(okafor.page)
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="approve", student="ana", by="rivera")
    expect(shown).to_have_count(1)
    expect(okafor.page.get_by_text("Nobody of this name is out on a pass.")).to_be_hidden()
    field.fill("")
    assert shown.count() > 5


def test_the_word_is_checked(cast: Cast, house: House) -> None:
    """Typed as it is heard; by keyboard too; an old one is told from a wrong one."""
    put_out(house, "ana")
    okafor, ana = cast("okafor", path="/hall", **HAND), cast("ana", PHONE)
    word = ana.word.first.inner_text()
    check = okafor.page.get_by_role("button", name="Check a word")
    check.focus()
    okafor.page.keyboard.press("Enter")
    field, answer = okafor.page.get_by_label("The word on"), okafor.page.locator("#word-answer")
    expect(field).to_be_focused()
    field.fill("no such word")
    field.press("Enter")
    expect(answer).to_contain_text("No live pass shows “no such word” now.")
    check_axe(okafor.page)
    field.fill(f" {word.upper()} ")
    field.press("Enter")
    expect(answer).to_contain_text(re.compile("Yes, live|Yes, a moment ago"))
    check_axe(okafor.page)
    while "No live pass" not in answer.inner_text():  # of fifty words one may come again soon
        house.let_pass(2)
        with okafor.page.expect_response("**/hall/word*"):
            field.press("Enter")
        expect(okafor.page.locator("#word-answer .banner")).to_be_visible()
    okafor.page.keyboard.press("Escape")
    expect(check).to_be_focused()


def drawn(path: str) -> str:
    """The dark squares of the code that says this, as the page draws them."""
    code = segno.make_qr(path, error="l").svg_inline(border=4, dark="#000", light="#fff")
    found = re.search(r'class="qrline"[^>]* d="([^"]+)"', code)
    assert found
    return found[1]


def shown(ana: Person) -> str:
    """The dark squares of the code on the ticket."""
    path = ana.page.locator(".ticket-code path.qrline")
    expect(path).to_have_count(1)
    return path.get_attribute("d") or ""


def test_the_code_on_a_live_pass_names_the_student_and_dies_with_its_minute(
    cast: Cast, house: House
) -> None:
    """What a camera reads there opens the proof; a minute later the ticket has another code."""
    ana, okafor = cast("ana", PHONE), cast("okafor", path="/hall", **HAND)
    ana.ask("Nurse")
    expect(ana.ticket).to_contain_text("Waiting approval")
    expect(ana.page.locator("pass-code")).to_have_count(0)
    house.next_minute()
    house.order("press", move="approve", student="ana", by="rivera")
    expect(ana.ticket).to_contain_text("On the way")
    first, path = shown(ana), house.order("proof", student="ana")
    assert first == drawn(okafor.url + path)
    okafor.go(path)
    expect(okafor.page.get_by_role("heading", name="Live pass")).to_be_visible()
    expect(okafor.page.locator(".proof-who")).to_contain_text("Ana Lopez")
    check_axe(okafor.page)

    ana.page.get_by_role("button", name="Show the code large").click()
    expect(ana.page.locator("dialog.code-large svg")).to_be_visible()
    check_axe(ana.page)
    ana.page.keyboard.press("Escape")
    house.next_minute()
    ana.until(f"document.querySelector('.ticket-code .qrline').getAttribute('d') !== '{first}'", 15)
    house.next_minute()
    okafor.go(path)
    expect(okafor.page.get_by_role("heading", name="Too old")).to_be_visible()
    expect(okafor.page.get_by_role("main")).not_to_contain_text("Ana")
    check_axe(okafor.page)

    okafor.go(house.order("proof", student="ana"))
    okafor.page.get_by_role("button", name="End pass").tap()
    expect(okafor.page).to_have_url(okafor.url + "/hall")
    expect(ana.ticket).to_contain_text("Pass ended")
    expect(ana.page.locator("pass-code")).to_have_count(0)


def test_a_student_who_scans_learns_nothing(cast: Cast, house: House) -> None:
    """Cam photographs Ana's code and opens it."""
    put_out(house, "ana")
    cam = cast("cam", PHONE, path=house.order("proof", student="ana"))
    expect(cam.page.get_by_role("heading", name="Not allowed")).to_be_visible()
    expect(cam.page.get_by_role("main")).not_to_contain_text("Ana")


def test_who_was_met_without_a_pass_is_written_down_and_told(cast: Cast, house: House) -> None:
    """Mr. Okafor writes; Ms. Rivera, in whose room Cam should be, is told at once; Dana reads."""
    rivera, okafor = cast("rivera"), cast("okafor", path="/hall", **HAND)
    okafor.page.get_by_role("link", name="No pass").tap()
    okafor.page.get_by_role("combobox", name="Student").press_sequentially("cam")
    okafor.page.get_by_role("option", name="Cam Nguyen").tap()
    okafor.page.get_by_label("Should be in").select_option("Ms. Rivera, 204")
    okafor.page.get_by_label("Seen at").select_option("Library")
    okafor.page.get_by_label("In words").fill("Looking for <b>a friend</b>")
    check_axe(okafor.page)
    okafor.page.get_by_role("button", name="Write it down").tap()
    expect(okafor.page.get_by_text("Written down: Cam Nguyen")).to_be_visible()
    check_axe(okafor.page)
    expect(rivera.toast).to_contain_text("Cam Nguyen: Library. Looking for <b>a friend</b>")
    check_axe(rivera.page)
    rivera.go("/staff")
    expect(rivera.page.get_by_text("Seen without a pass: Cam Nguyen")).to_be_visible()
    check_axe(rivera.page)
    rivera.page.get_by_role("link", name="Read more").click()
    expect(rivera.page.get_by_text("by Mr. Okafor")).to_be_visible()
    check_axe(rivera.page)
    dana = cast("dana", path="/hall/notes")
    expect(dana.page.get_by_text("should be in Ms. Rivera, 204")).to_be_visible()
    check_axe(dana.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_one_hand(cast: Cast, house: House, scheme: str) -> None:
    """At 360 and 320 pixels: nothing to the side, everything that is pressed at least 48 high."""
    house.order("fill")
    dana = cast("dana", color_scheme=scheme, **HAND)
    for width, height in ((360, 740), (NARROW["width"], NARROW["height"])):
        dana.page.set_viewport_size({"width": width, "height": height})
        for path in ("/hall", "/hall/without-pass", "/hall/notes"):
            dana.go(path)
            check_width(dana.page)
            check_axe(dana.page)
            small = dana.page.evaluate(
                """[...document.querySelectorAll(
                    'main :is(button, a, select, input:not([type=hidden]))')]
                .filter(part => part.checkVisibility())
                .map(part => [part.outerHTML.slice(0, 90), part.getBoundingClientRect().height])
                .filter(([, height]) => height < 47.9)"""
            )
            assert small == [], path


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_after_a_cut_the_list_is_as_if_freshly_loaded(cast: Cast, house: House) -> None:
    """On one server and on two."""
    put_out(house, "ana")
    okafor = cast("okafor", path="/hall", **HAND)
    expect(okafor.row("Ana Lopez")).to_be_visible()
    okafor.context.set_offline(True)
    house.order("press", move="end", student="ana", by="rivera")
    put_out(house, "cam")
    okafor.context.set_offline(False)
    expect(okafor.row("Cam Nguyen")).to_be_visible()
    okafor.is_fresh()
