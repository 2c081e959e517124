"""From Ana's press to the end of the pass, on the screens of everybody concerned."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Cast, House, Person, check_axe


def ask(person: Person, destination: str, origin: str = "Ms. Rivera, 204") -> None:
    """Ask for a pass as a student does."""
    page = person.page
    if page.locator("[data-origins]").is_visible():
        page.locator("[data-origin-list]").get_by_text(origin).click()
    page.locator("[data-all], [data-favourites]").get_by_text(destination).first.click()
    page.locator("[data-send]").click()


def test_ana_sees_the_nurse_and_comes_back(cast: Cast) -> None:
    """The most important journey: nobody reloads a page."""
    rivera, ito = cast("rivera"), cast("ito")
    ana = cast("ana", PHONE)
    check_axe(ana.page)
    check_axe(rivera.page)

    ask(ana, "Nurse")
    ticket = ana.page.locator("#ticket")
    expect(ticket).to_contain_text("Waiting approval")
    expect(ticket).to_contain_text("Waiting for Ms. Rivera")
    check_axe(ana.page)

    expect(rivera.row("Ana Lopez")).to_contain_text("Waiting approval")
    check_axe(rivera.page)
    rivera.press("Ana Lopez", "Approve")

    expect(ticket).to_have_class(re.compile("tone-out"))
    expect(ticket).to_contain_text("On the way")
    word = ticket.locator("[data-word-text]").inner_text()
    expect(ito.page.locator("header [data-word-text]")).to_have_text(word)
    check_axe(ana.page)

    ito.press("Ana Lopez", "Arrived")
    expect(ticket).to_contain_text("Arrived")
    expect(rivera.row("Ana Lopez")).to_contain_text("Arrived")
    check_axe(ito.page)

    ito.press("Ana Lopez", "Send back")
    expect(ticket).to_contain_text("Returning")

    rivera.press("Ana Lopez", "End pass")
    expect(ticket).to_contain_text("Pass ended")
    check_axe(ana.page)


def test_a_long_pass_turns_yellow_and_is_ended_by_the_clock(cast: Cast, house: House) -> None:
    """The clock's two thresholds, seen by the student and by the adult."""
    rivera, ana = cast("rivera"), cast("ana", PHONE)
    ask(ana, "Restroom B")
    rivera.press("Ana Lopez", "Approve")
    ticket = ana.page.locator("#ticket")
    expect(ticket).to_have_class(re.compile("tone-out"))

    house.let_pass(11)
    expect(ticket).to_have_class(re.compile("tone-long"))
    expect(ticket).to_contain_text("Long running")
    expect(rivera.row("Ana Lopez")).to_have_class(re.compile("tone-long"))
    check_axe(rivera.page)
    check_axe(ana.page)

    house.let_pass(20)
    expect(ticket).to_contain_text("System ended")
    rivera.page.goto(rivera.page.url.split("?")[0] + "?tab=ended")
    expect(rivera.row("Ana Lopez")).to_contain_text("System ended")
    check_axe(rivera.page)
