"""The pages around a class: classes, rosters, plans, settings, and acting as somebody else."""

import pytest
from playwright.sync_api import Dialog, FilePayload

from tests.browser.house import House
from tests.browser.people import NARROW, WIDE, Cast, Person, check_axe, check_width, expect


@pytest.fixture
def classes(house: House) -> dict[str, int]:
    """Ms. Rivera's English 2 (Ana, Ben, Cam) and Mr. Okafor's Algebra 1."""
    found: dict[str, int] = house.order("open_classes")
    return found


def fine(person: Person) -> None:
    """No fault that a machine finds, and nothing to the side."""
    check_axe(person.page)
    check_width(person.page)


def press(person: Person, name: str) -> None:
    person.page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_fine_on_every_screen(
    cast: Cast, classes: dict[str, int], viewport: object, scheme: str
) -> None:
    dana = cast("dana", viewport=viewport, color_scheme=scheme)
    for path in (
        "classes?whose=all", "classes?whose=all&view=list", "classes/active", "classes/new",
        "classes/import", f"classes/{classes['english']}", "plans", "links", "settings",
        "settings/permissions", "people", "people/new",
    ):  # fmt: skip
        dana.go(f"/classroom/{path}")
        fine(dana)


def test_a_narrow_list_of_classes_names_its_numbers(cast: Cast, classes: dict[str, int]) -> None:
    heading = """[...document.querySelectorAll('.classes-table td[data-label]')]
        .map(cell => getComputedStyle(cell, '::before').content)"""
    path = "/classroom/classes?view=list&whose=all"
    wide = cast("rivera", path=path).page
    assert set(wide.evaluate(heading)) == {"none"}
    narrow = cast("rivera", viewport={"width": 390, "height": 844}, path=path).page
    assert narrow.evaluate(heading)[:3] == ['"Period "', '"Teachers "', '"Students "']
    check_width(narrow)
    check_axe(narrow)


def test_one_goes_from_pass_to_classroom_and_back(cast: Cast, classes: dict[str, int]) -> None:
    rivera = cast("rivera")
    press(rivera, "Classroom")
    expect(rivera.page.get_by_role("heading", name="Classes")).to_be_visible()
    expect(rivera.page.get_by_role("link", name="English 2", exact=True)).to_be_visible()
    expect(rivera.page.get_by_role("link", name="Algebra 1", exact=True)).to_have_count(0)
    press(rivera, "Pass")
    rivera.page.wait_for_url("**/staff")


def test_a_roster_by_hand(cast: Cast, house: House, classes: dict[str, int]) -> None:
    okafor = cast("okafor", path=f"/classroom/classes/{classes['algebra']}")
    page = okafor.page
    roster = page.locator("ul.roster bdi")
    page.get_by_role("combobox", name="Add students").fill("cam")
    page.get_by_role("option", name="Cam Nguyen").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(roster).to_have_text(["Ben Carter", "Ana Lopez", "Cam Nguyen"])
    page.locator("ul.roster li", has_text="Ben").get_by_role("button").click()
    expect(roster).to_have_text(["Ana Lopez", "Cam Nguyen"])
    page.get_by_text("Make a group").click()
    page.get_by_label("Name of the group").fill("Window table")
    page.get_by_role("checkbox", name="Ana Lopez").check()
    fine(okafor)
    press(okafor, "Save the group")
    expect(page.locator("details.group")).to_contain_text("Window table")


def test_rosters_by_a_file(cast: Cast, classes: dict[str, int], house: House) -> None:
    dana = cast("dana", path="/classroom/classes/import")
    page = dana.page

    def look_at(text: str) -> None:
        file = FilePayload(name="rosters.csv", mimeType="text/csv", buffer=text.encode())
        page.get_by_label("CSV file").set_input_files(file)
        press(dana, "Look at it")

    look_at(f"class,email\nArt,ana{house.ending}\nArt,somebody\n")
    expect(page.get_by_role("row", name="3 email “somebody” is no e-mail address.")).to_be_visible()
    fine(dana)
    look_at(f"class,period,email,given_name\nArt,2,ana{house.ending},\nArt,2,zoe@x.org,Zoë\n")
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    fine(dana)
    press(dana, "Import")
    expect(page.get_by_role("status").filter(has_text="1 new class,")).to_be_visible()
    expect(page.get_by_role("link", name="Art", exact=True)).to_be_visible()


def test_leaving_with_unsaved_changes_asks(cast: Cast, classes: dict[str, int]) -> None:
    dana = cast("dana", path="/classroom/settings")
    page, asked = dana.page, list[str]()

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    save = page.get_by_role("button", name="Save")
    box, screen = save.bounding_box(), page.viewport_size
    assert box and screen and box["y"] < 200 and box["x"] > screen["width"] / 2
    page.get_by_label("Length of a class").fill("45")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("link", name="Permissions").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/classroom/settings")
    save.click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(page.get_by_label("Length of a class")).to_have_value("45")
    page.get_by_role("link", name="Permissions").click()
    page.wait_for_url("**/permissions")
    assert asked == ["beforeunload"]


def test_permissions_hold_at_once(cast: Cast, classes: dict[str, int]) -> None:
    dana = cast("dana", path="/classroom/settings/permissions")
    page = dana.page
    page.get_by_label("Make access plans and web links: Teacher", exact=True).uncheck()
    press(dana, "Save")
    tick = page.get_by_label("Make access plans and web links: Teacher", exact=True)
    expect(tick).not_to_be_checked()
    expect(page.get_by_label("Act as another user: Teacher", exact=True)).to_be_disabled()
    rivera = cast("rivera", path="/classroom/plans")
    expect(rivera.page.get_by_role("heading", name="Access plans")).to_be_visible()
    expect(rivera.page.get_by_role("heading", name="New plan")).to_have_count(0)


def test_a_plan_and_a_link(cast: Cast, classes: dict[str, int]) -> None:
    rivera = cast("rivera", path="/classroom/plans")
    page = rivera.page
    page.get_by_label("Name").fill("Maps only")
    sites = page.get_by_role("textbox", name="Sites")
    sites.fill("https://maps.example.org/here\nnot a site")
    press(rivera, "Save the plan")
    expect(page.get_by_text("Line 2:")).to_be_visible()
    expect(sites).to_have_value("https://maps.example.org/here\nnot a site")
    fine(rivera)
    sites.fill("https://maps.example.org/here, wikipedia.org")
    press(rivera, "Save the plan")
    expect(page.get_by_text("maps.example.org, wikipedia.org")).to_be_visible()
    page.get_by_role("link", name="Maps only").click()
    page.get_by_text("Remove…").click()
    fine(rivera)
    press(rivera, "Really remove")
    expect(page.get_by_text("No plan yet.")).to_be_visible()
    rivera.go("/classroom/links")
    page.get_by_label("Name").fill("Map")
    page.get_by_label("Web address").fill("example.org/map")
    press(rivera, "Save the link")
    link = page.get_by_role("link", name="https://example.org/map")
    expect(link).to_have_attribute("href", "https://example.org/map")
    fine(rivera)


def test_acting_as_somebody_else(cast: Cast, house: House, classes: dict[str, int]) -> None:
    house.order("ask", key="ana", to="Restroom B")
    dana = cast("dana", path="/classroom/people")
    page = dana.page
    page.get_by_role("link", name="Ms. Rivera").click()
    press(dana, "Act as Ms. Rivera")
    banner = page.get_by_role("region", name="Acting as another user")
    expect(banner).to_contain_text("Ms. Whitfield, you act as Ms. Rivera")
    for path in ("/staff", "/classroom/classes", "/staff/history", "/classroom/plans"):
        dana.go(path)
        expect(banner).to_be_visible()
        fine(dana)
    dana.go("/staff")
    dana.press("Ana Lopez", "Approve")
    expect(page.get_by_text("passes can only be looked at, and nothing is done")).to_be_visible()
    banner.get_by_role("button", name="End").click()
    expect(banner).to_have_count(0)
    expect(page.get_by_role("button", name="Menu of")).to_contain_text("Whitfield")


def test_the_banner_fits_a_phone(cast: Cast, classes: dict[str, int]) -> None:
    dana = cast("dana", viewport=NARROW, path="/classroom/people")
    dana.page.get_by_role("link", name="Ana Lopez").click()
    press(dana, "Act as Ana Lopez")
    expect(dana.page.get_by_role("region", name="Acting as another user")).to_be_visible()
    dana.go("/classroom/student")
    expect(dana.page.get_by_role("region", name="Acting as another user")).to_be_visible()
    fine(dana)
    dana.go("/student")
    fine(dana)


def test_acting_ends_by_itself(cast: Cast, house: House, classes: dict[str, int]) -> None:
    dana = cast("dana", path="/classroom/people")
    dana.page.get_by_role("link", name="Ms. Rivera").click()
    press(dana, "Act as Ms. Rivera")
    banner = dana.page.get_by_role("region", name="Acting as another user")
    expect(banner).to_be_visible()
    house.let_pass(minutes=15.1)
    # The page hears that it is over, and goes on as the admin.
    expect(banner).to_have_count(0, timeout=20_000)
