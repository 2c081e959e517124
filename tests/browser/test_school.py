"""An admin decides, and every screen follows: limits, contact control, the emergency."""

import pytest

from tests.browser.house import House
from tests.browser.people import NARROW, PHONE, Cast, check_axe, check_width, expect


def test_a_limit_is_set_and_the_student_is_refused(cast: Cast) -> None:
    """Dana sets a limit; Ana reads what is left, uses it, and is told why not."""
    dana = cast("dana", path="/admin/settings/limits")
    dana.page.get_by_label("Passes a day").fill("1")
    dana.page.get_by_role("button", name="Save").first.click()
    expect(dana.page.get_by_text("Changed by")).to_be_visible()
    check_axe(dana.page)

    ana, rivera = cast("ana", PHONE), cast("rivera")
    expect(ana.page.locator("[data-left]")).to_have_text("1 of 1 left today")
    ana.ask("Restroom B")
    rivera.press("Ana Lopez", "Approve")
    rivera.press("Ana Lopez", "End pass")
    expect(ana.ticket).to_contain_text("Pass ended")
    ana.go()
    expect(ana.page.locator("[data-left]")).to_have_text("0 of 1 left today")
    ana.ask("Restroom B")
    expect(ana.page.get_by_text("You have used 1 of your 1 passes today.")).to_be_visible()
    check_axe(ana.page)


def test_a_teacher_is_warned_before_sending(cast: Cast) -> None:
    """The form tells what would be broken as soon as all is chosen; the pass is marked."""
    rivera = cast("rivera", path="/staff/teacher-pass")
    rivera.page.locator("#student-name").press_sequentially("Ben")
    rivera.page.get_by_role("option", name="Ben Carter").click()
    rivera.page.get_by_label("Destination").select_option("Nurse")
    warning = rivera.page.locator("#check")
    expect(warning).to_contain_text("This pass breaks a rule")
    expect(warning).to_contain_text("Ben Carter has used 1 of 1 passes today.")
    check_axe(rivera.page)
    rivera.page.get_by_role("button", name="Create pass").click()
    rivera.row("Ben Carter").locator(".name-button").click()
    expect(rivera.detail).to_contain_text("Overridden")


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_the_emergency_is_on_every_screen_at_once_and_gone_again(cast: Cast) -> None:
    """Pages with and without passes, of students and adults, on every server."""
    cam, ana, rivera = cast("cam", PHONE), cast("ana", PHONE), cast("rivera")
    ito = cast("ito", path="/staff/my-locations")
    eli = cast("eli", PHONE)
    cam.ask("Nurse")
    ana.go("/student/history")
    dana = cast("dana", path="/admin/emergency")
    dana.page.get_by_label("What everybody reads").fill("Doors locked.")
    dana.page.get_by_role("button", name="Freeze…").click()
    check_axe(dana.page)
    dana.page.get_by_role("button", name="Freeze the school", exact=True).click()
    for person in (cam, ana, rivera, ito, dana):
        banner = person.page.locator(".frozen")
        expect(banner).to_contain_text("Doors locked.")
        check_axe(person.page)
    expect(eli.page.locator(".frozen")).to_have_count(0)
    ana.go("/")
    expect(ana.page.get_by_role("heading", name="No passes now")).to_be_visible()
    rivera.press("Cam Nguyen", "Approve")
    expect(rivera.toast).to_contain_text("The school is frozen. Doors locked.")

    dana.page.get_by_role("main").get_by_role("button", name="End the emergency…").click()
    dana.page.get_by_role("button", name="End the emergency", exact=True).click()
    for person in (cam, ana, rivera, ito, dana):
        expect(person.page.locator(".frozen")).to_have_count(0)
    rivera.press("Cam Nguyen", "Approve")
    expect(cam.ticket).to_contain_text("On the way")


def test_in_an_emergency_who_is_out_is_found_and_ended_as_in_the_hall(
    cast: Cast, house: House
) -> None:
    """The same rows, live, with End and its Undo."""
    dana = cast("dana", path="/admin/emergency")
    expect(dana.page.get_by_text("Nobody is out.")).to_be_visible()
    for key in ("ana", "cam"):
        house.order("ask", key=key, to="Nurse")
        house.order("press", move="approve", student=key, by="rivera")
    shown = dana.page.locator("#hall-list > .row:visible")
    expect(shown).to_have_count(2)
    expect(dana.page.get_by_role("heading", name="Out now 2")).to_be_visible()
    expect(shown.first.locator(".face")).to_be_visible()
    expect(shown.first.locator("pass-clock")).to_contain_text(":")
    check_axe(dana.page)
    dana.page.get_by_label("Search a name").fill("cam")
    expect(shown).to_have_count(1)
    dana.page.get_by_label("Search a name").fill("")
    dana.press("Cam Nguyen", "End pass")
    expect(shown).to_have_count(1)
    dana.page.get_by_role("button", name="Undo").click()
    expect(shown).to_have_count(2)
    dana.go("/admin/emergency")
    expect(dana.row("Cam Nguyen").get_by_role("button", name="End pass")).to_be_visible()


def test_students_kept_apart_read_neutral_words(cast: Cast) -> None:
    """Dana keeps two apart; the second to ask learns nothing."""
    dana = cast("dana", path="/admin/apart")
    for name in ("Ana Lopez", "Cam Nguyen"):
        dana.page.locator("#student-name").press_sequentially(name[:3])
        dana.page.get_by_role("option", name=name).click()
    check_axe(dana.page)
    dana.page.get_by_role("button", name="Keep apart").click()
    expect(dana.page.get_by_role("region", name="Groups")).to_contain_text("Ana Lopez, Cam Nguyen")

    ana, cam = cast("ana", PHONE), cast("cam", PHONE)
    ana.ask("Restroom B")
    expect(ana.ticket).to_contain_text("Waiting approval")
    cam.ask("Nurse")
    refusal = cam.page.locator(".banner[role=alert]")
    expect(refusal).to_contain_text(
        "This pass is not possible right now. Try again in a few minutes."
    )
    expect(refusal.locator("p")).to_have_count(1)


def test_a_place_changes_in_its_row_by_keyboard(cast: Cast) -> None:
    """Edit, type, Enter; the focus is back where it was."""
    dana = cast("dana", path="/admin/places")
    edit = dana.page.get_by_role("link", name="Edit : Restroom B")
    edit.focus()
    dana.page.keyboard.press("Enter")
    expect(dana.page.locator(".row-form").get_by_label("Name")).to_be_focused()
    field = dana.page.locator(".row-form").get_by_label("Capacity")
    field.fill("7")
    check_axe(dana.page)
    field.press("Enter")
    expect(dana.page.get_by_text("holds 7")).to_be_visible()
    expect(edit).to_be_focused()


def test_whoever_is_away_is_told_to_students_and_back_by_one_press(cast: Cast) -> None:
    """Nurse Ito leaves for the rest of the day, and is back."""
    ito = cast("ito", path="/staff/out-of-office")
    ito.page.get_by_role("button", name="The rest of the day").click()
    expect(ito.page.get_by_text("now", exact=True)).to_be_visible()
    check_axe(ito.page)
    ana = cast("ana", PHONE)
    ana.page.locator("[data-origin-list]").get_by_text("Ms. Rivera, 204").click()
    nurse = ana.page.locator("[data-all] .place", has_text="Nurse")
    expect(nurse).to_contain_text("Out of office today")
    check_axe(ana.page)
    ito.page.get_by_role("button", name="End now").click()
    expect(ito.page.get_by_text("Always there.")).to_be_visible()
    ana.go()
    ana.ask("Nurse")
    expect(ana.ticket).to_contain_text("Waiting approval")


@pytest.mark.parametrize(
    "path",
    ["/admin/people", "/admin/places", "/admin/places/import", "/admin/settings/limits",
     "/admin/settings/times", "/admin/settings/sight", "/admin/apart",
     "/admin/try-limits?weeks=4&daily_limit=0", "/admin/emergency", "/staff/out-of-office"],
)  # fmt: skip
def test_the_schools_pages_on_a_narrow_screen_and_in_the_dark(cast: Cast, path: str) -> None:
    """Nothing beside the screen, every rule of accessibility, light and dark."""
    for scheme in ("light", "dark"):
        dana = cast("dana", NARROW, path=path, color_scheme=scheme)
        check_width(dana.page)
        check_axe(dana.page)
