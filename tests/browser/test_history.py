"""Looking back: filters and stories, reports, one student's page, a correction and its answer."""

import re
import time

import pytest

from tests.browser.house import House
from tests.browser.people import (
    NARROW,
    PHONE,
    Cast,
    Person,
    check_axe,
    check_width,
    expect,
)
from tests.hostile import TEXTS


def forgotten(house: House) -> None:
    """Ana goes to the nurse, and nobody ends her pass."""
    house.order("ask", key="ana", to="Nurse", reason="Headache")
    house.order("press", move="approve", student="ana", by="rivera")
    house.let_pass(45)
    until = time.monotonic() + 10
    while house.order("open_passes"):  # the clock acts once a second
        assert time.monotonic() < until
        time.sleep(0.1)


def began(person: Person) -> str:
    """The minute at which the pass began, as a field for a time takes it."""
    told = person.page.locator(".ask-form time").first.inner_text()
    found = re.match(r"(\d+):(\d+) ([AP])M", told)
    assert found, told
    hour = int(found[1]) % 12 + (12 if found[3] == "P" else 0)
    return f"{hour:02}:{found[2]}"


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_a_correction_and_its_answer(cast: Cast, house: House) -> None:
    """Ana says when she was back; Ms. Rivera confirms; both names stand in the story."""
    forgotten(house)
    ana = cast("ana", PHONE, path="/student/history")
    expect(ana.page.locator(".past .chip").first).to_contain_text("System ended")
    ana.page.get_by_text("The time is wrong").first.click()
    ana.page.get_by_label("I was back at").first.fill(began(ana))
    ana.page.get_by_label("What happened").first.fill("I sat in the back.")
    check_axe(ana.page)
    ana.page.get_by_role("button", name="Send to the adults of this pass").click()
    expect(ana.page.get_by_text("Waits for an answer")).to_be_visible()
    check_axe(ana.page)
    check_width(ana.page)

    rivera = cast("rivera", path="/staff?tab=ended")
    expect(rivera.row("Ana Lopez")).to_contain_text("Correction asked")
    rivera.page.get_by_role("link", name="1 correction to confirm").click()
    expect(rivera.page.get_by_text("I sat in the back.")).to_be_visible()
    check_axe(rivera.page)
    rivera.page.get_by_role("button", name="Confirm").click()
    expect(rivera.page.get_by_text("Nothing waits for you.")).to_be_visible()

    rivera.go("/staff/history?mark=edited")
    rivera.page.locator(".past-row .name-button").click()
    story = rivera.detail.locator(".story")
    expect(story).to_contain_text("Correction asked")
    expect(story).to_contain_text("Correction confirmed")
    expect(story).to_contain_text("Ms. Rivera · dashboard")
    check_axe(rivera.page)
    ana.go("/student/history")
    expect(ana.page.get_by_text("Confirmed")).to_be_visible()


def test_a_correction_is_declined_in_the_dialog(cast: Cast, house: House) -> None:
    """With the keyboard alone, and Ana reads why."""
    forgotten(house)
    ana = cast("ana", NARROW, path="/student/history")
    ana.page.get_by_text("The time is wrong").first.click()
    ana.page.get_by_label("I was back at").first.fill(began(ana))
    ana.page.get_by_role("button", name="Send to the adults of this pass").press("Enter")
    expect(ana.page.get_by_text("Waits for an answer")).to_be_visible()
    check_width(ana.page)
    ito = cast("ito", path="/staff/history")
    ito.page.locator(".past-row .name-button").first.press("Enter")
    field = ito.detail.get_by_label("Why not")
    field.fill("You came with the bell.")
    check_axe(ito.page)
    field.press("Enter")
    expect(ito.detail.get_by_text("You came with the bell.")).to_be_visible()
    expect(ito.detail.get_by_label("Why not")).to_have_count(0)
    ana.go("/student/history")
    expect(ana.page.get_by_text("You came with the bell.")).to_be_visible()


def test_filters_by_keyboard(cast: Cast, house: House) -> None:
    """Open, choose, show; the chip says what is asked; without it everything is back."""
    forgotten(house)
    dana = cast("dana", path="/staff/history")
    page = dana.page
    expect(page.locator(".past-row")).to_have_count(2)
    page.locator(".filters summary").press("Enter")
    page.locator("#student-name").press_sequentially("Ana")
    expect(page.get_by_role("option", name="Ana Lopez")).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_label("State").select_option("system_ended")
    check_axe(page)
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.locator(".past-row")).to_have_count(1)
    assert re.search(r"\?student=\d+&what=system_ended$", page.url)
    expect(page.locator(".filter-chip")).to_have_count(2)
    check_axe(page)
    page.locator(".filter-chip").first.press("Enter")
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.get_by_role("link", name="Remove all").press("Enter")
    expect(page.locator(".past-row")).to_have_count(2)
    page.locator(".past-row .name-button").first.press("Enter")
    expect(dana.detail.locator(".story")).to_contain_text("by the clock")
    page.keyboard.press("Escape")
    expect(page.locator(".past-row .name-button").first).to_be_focused()


def test_the_file_is_downloaded(cast: Cast, house: House) -> None:
    """One press; the browser gets a file."""
    forgotten(house)
    dana = cast("dana", path="/staff/history?what=system_ended")
    with dana.page.expect_download() as got:
        dana.page.get_by_role("link", name="Export as CSV").click()
    assert got.value.suggested_filename == "passes.csv"
    text = got.value.path().read_text(encoding="utf-8-sig")
    assert "Ana Lopez" in text and "Headache" in text and len(text.splitlines()) == 2


def test_who_looked_is_told_to_the_student(cast: Cast, house: House) -> None:
    """Ms. Rivera opens Ana's page from the story; Ana reads it."""
    forgotten(house)
    rivera = cast("rivera", path="/staff/history")
    rivera.page.locator(".past-row .name-button").first.click()
    rivera.detail.get_by_role("link", name="Ana Lopez").click()
    expect(rivera.page.get_by_role("heading", name="Ana Lopez")).to_be_visible()
    check_axe(rivera.page)
    dana = cast("dana", path=rivera.page.url.removeprefix(rivera.url))
    expect(dana.page.get_by_role("region", name="Who looked")).to_contain_text("Ms. Rivera")
    with dana.page.expect_download() as got:
        dana.page.get_by_role("button", name="Export data").click()
    assert got.value.suggested_filename.endswith(".json")
    ana = cast("ana", PHONE, path="/student/history")
    looks = ana.page.get_by_role("region", name="Who looked at your passes")
    expect(looks).to_contain_text("Ms. Rivera")
    expect(looks).to_contain_text("exported")
    check_axe(ana.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_on_a_narrow_screen_and_in_the_dark(
    cast: Cast, house: House, scheme: str
) -> None:
    """Nothing beside the screen, every rule of accessibility."""
    forgotten(house)
    house.order("ask", key="cam", to="Library", reason="Book")
    house.order("press", move="withdraw", student="cam", by="cam")
    dana = cast("dana", NARROW, color_scheme=scheme)
    dana.go("/staff/history")
    dana.page.locator(".past-row .name-button", has_text="Ana Lopez").click()
    dana.detail.get_by_role("link", name="Ana Lopez").click()
    own = dana.page.url.removeprefix(dana.url)
    paths = ("/staff/history", "/staff/history?what=withdrawn&when=today", "/staff/reports",
             "/staff/history/refused", "/staff/reports?order=long", "/staff/corrections",
             own)  # fmt: skip
    for path in paths:
        dana.go(path)
        for summary in dana.page.locator("main details.filters summary").all():
            summary.click()
        check_width(dana.page)
        check_axe(dana.page)
    ana = cast("ana", NARROW, path="/student/history", color_scheme=scheme)
    for summary in ana.page.locator("main details summary").all():
        summary.click()
    check_width(ana.page)
    check_axe(ana.page)


def test_hostile_reasons_in_the_history_do_nothing(cast: Cast, house: House) -> None:
    """What would run, run away or overflow, in reasons: on every page that shows it."""
    for text in TEXTS[:14]:
        house.order("ask", key="cam", to="Nurse", reason=text)
        house.order("press", move="cancel", student="cam", by="rivera")
    dana = cast("dana", NARROW)
    dana.page.on("dialog", lambda dialog: dana.problems.append(f"ran: {dialog.message}"))
    for path in ("/staff/history", "/staff/reports"):
        dana.go(path)
        check_width(dana.page)
    dana.go("/staff/history")
    for number in range(14):
        dana.page.locator(".past-row .name-button").nth(number).click()
        expect(dana.detail.locator(".journey")).to_be_visible()
        assert dana.detail.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
        dana.page.keyboard.press("Escape")
    cam = cast("cam", NARROW, path="/student/history")
    check_width(cam.page)


def test_on_a_phone_each_number_stands_below_its_heading(cast: Cast, house: House) -> None:
    """The limits of a student: an empty corner does not move the headings."""
    house.order("ask", key="ana", to="Nurse", reason="Headache")
    rivera = cast("rivera", PHONE, path="/staff")
    rivera.page.get_by_role("button", name="Ana Lopez", exact=True).click()
    rivera.detail.get_by_role("link", name="Ana Lopez").click()
    expect(rivera.page.get_by_role("heading", name="Ana Lopez")).to_be_visible()
    each_number_below_its_heading(rivera)
    dana = cast("dana", PHONE, path=rivera.page.url.removeprefix(rivera.url))
    dana.page.get_by_role("link", name="Own limits").click()
    each_number_below_its_heading(dana)


def each_number_below_its_heading(person: Person) -> None:
    """In the table of used passes and limits."""
    lefts = """table => [...table.rows].map(
        row => [...row.cells].map(cell => Math.round(cell.getBoundingClientRect().left)))"""
    heading, *rows = person.page.locator("table.kept").evaluate(lefts)
    assert len(heading) == 3 and rows
    assert all(row == heading for row in rows), (heading, rows)
    check_axe(person.page)
