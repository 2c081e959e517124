"""Auto Pass: the adult turns it, the student's open page follows, Start and Stop leave an A."""

import pytest
from playwright.sync_api import Page

from tests.browser.house import House
from tests.browser.people import PHONE, Cast, Person, check_axe, check_width, expect


def choose(person: Person, **modes: str) -> None:
    """The adult's one place on the dashboard."""
    person.page.get_by_role("link", name="Auto Pass").click()
    for place, mode in modes.items():
        person.detail.get_by_label(place).select_option(label=mode)


def save(person: Person) -> None:
    person.detail.get_by_role("button", name="Save").click()
    expect(person.detail.get_by_text("Saved.")).to_be_visible()


def dark(page: Page) -> None:
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    check_axe(page)
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_the_whole_way_of_an_auto_pass(cast: Cast, house: House) -> None:
    house.order("allow_auto", names=["Nurse"])
    ana, rivera, ito = cast("ana", PHONE), cast("rivera"), cast("ito")
    ana.ask("Nurse")
    expect(ana.ticket).to_contain_text("Waiting for Ms. Rivera")
    expect(ana.ticket.get_by_role("button", name="Start")).to_have_count(0)
    # Ms. Rivera turns it on; Ana's page, open since before, gets its button.
    choose(rivera, Nurse="Start and stop")
    check_axe(rivera.page)
    dark(rivera.page)
    save(rivera)
    rivera.page.keyboard.press("Escape")
    expect(rivera.page.get_by_role("link", name="Auto Pass 1 place")).to_be_visible()
    start = ana.ticket.get_by_role("button", name="Start")
    expect(start).to_be_visible()
    check_axe(ana.page)
    dark(ana.page)
    check_width(ana.page)
    # The adult still sees the request and may answer it.
    expect(rivera.row("Ana Lopez").get_by_role("button", name="Approve")).to_be_visible()
    start.click()
    expect(ana.ticket).to_contain_text("On the way")
    expect(ana.ticket.get_by_text("Started by Auto Pass")).to_be_attached()
    for adult in (rivera, ito):
        expect(adult.row("Ana Lopez").get_by_text("Started by Auto Pass")).to_be_attached()
    check_axe(ana.page)
    dark(ana.page)
    ana.ticket.get_by_role("button", name="Stop").click()
    expect(ana.ticket).to_contain_text("Pass ended")
    expect(ana.ticket.locator(".auto-mark")).to_have_count(2)
    check_axe(ana.page)
    expect(rivera.row("Ana Lopez")).to_have_count(0)
    rivera.go("/staff?tab=ended")
    expect(rivera.row("Ana Lopez").locator(".auto-mark")).to_have_count(2)
    rivera.row("Ana Lopez").get_by_role("button").first.click()
    expect(rivera.detail.locator(".story")).to_contain_text("Stopped by Auto Pass")
    check_axe(rivera.page)
    ana.go("/student/history")
    expect(ana.page.locator(".past .auto-mark")).to_have_count(2)
    check_axe(ana.page)


def test_turned_off_while_the_student_waits(cast: Cast, house: House) -> None:
    house.order("allow_auto", names=["Nurse", "Restroom B"])
    ana, rivera = cast("ana", PHONE), cast("rivera", PHONE)
    choose(rivera, Nurse="Start", **{"Restroom B": "Stop"})
    check_width(rivera.page)
    save(rivera)
    ana.ask("Nurse")
    start = ana.ticket.get_by_role("button", name="Start")
    expect(start).to_be_visible()
    rivera.detail.get_by_label("Nurse").select_option(label="Off")
    rivera.detail.get_by_label("How many at once").fill("2")
    save(rivera)
    expect(start).to_have_count(0)
    expect(ana.ticket).to_contain_text("Waiting for Ms. Rivera")


def test_the_room_is_full_by_auto_pass(cast: Cast, house: House) -> None:
    """The student reads why, and who can help."""
    house.order("allow_auto", names=["Nurse"])
    ana, cam, rivera = cast("ana", PHONE), cast("cam", PHONE), cast("rivera")
    choose(rivera, Nurse="Start and stop")
    rivera.detail.get_by_label("How many at once").fill("1")
    save(rivera)
    for student in (ana, cam):
        student.ask("Nurse")
        expect(student.ticket).to_contain_text("Waiting")
        student.ticket.get_by_role("button", name="Start").click()
    expect(ana.ticket).to_contain_text("On the way")
    expect(cam.toast).to_contain_text("1 of 1 are out. Start when one is back, or wait for Ms.")
    check_axe(cam.page)
    ana.ticket.get_by_role("button", name="Stop").click()
    expect(ana.ticket).to_contain_text("Pass ended")
    cam.ticket.get_by_role("button", name="Start").click()
    expect(cam.ticket).to_contain_text("On the way")


def test_the_same_page_without_a_dialog(cast: Cast, house: House) -> None:
    house.order("allow_auto", names=["Nurse"])
    rivera = cast("rivera", path="/staff/auto-pass")
    check_axe(rivera.page)
    rivera.page.get_by_label("Nurse").select_option(label="Start")
    rivera.page.get_by_role("button", name="Save").click()
    expect(rivera.page).to_have_url(f"{rivera.url}/staff")
    ito = cast("ito", path="/staff/auto-pass")  # the one place is her own room
    expect(ito.page.get_by_text("No place may be used by Auto Pass yet")).to_be_visible()


def test_an_admin_allows_a_place(cast: Cast, house: House) -> None:
    """One more switch in the row."""
    dana = cast("dana", path="/admin/places")
    row = dana.page.locator("tr", has_text="Restroom B")
    row.get_by_role("link", name="Edit").click()
    dana.page.get_by_role("form", name="Restroom B").get_by_label("Auto Pass allowed").check()
    check_axe(dana.page)
    dana.page.get_by_role("form", name="Restroom B").get_by_role("button", name="Save").click()
    expect(row.get_by_text("Auto Pass allowed")).to_be_attached()
    rivera = cast("rivera", path="/staff/auto-pass")
    expect(rivera.page.get_by_label("Restroom B")).to_be_visible()
