"""From Ana's press to the end of the pass, on the screens of everybody concerned."""

import re

import pytest

from tests.browser.house import House
from tests.browser.people import PHONE, Cast, check_axe, expect

on_both = pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)


@on_both
def test_ana_sees_the_nurse_and_comes_back(cast: Cast) -> None:
    """The most important journey: nobody reloads a page."""
    rivera, ito = cast("rivera"), cast("ito")
    ana = cast("ana", PHONE)
    ana.ask("Nurse")
    expect(ana.ticket).to_contain_text("Waiting approval")
    expect(ana.ticket).to_contain_text("Waiting for Ms. Rivera")
    check_axe(ana.page)

    expect(rivera.row("Ana Lopez")).to_contain_text("Waiting approval")
    check_axe(rivera.page)
    rivera.press("Ana Lopez", "Approve")

    expect(ana.ticket).to_have_class(re.compile("tone-out"))
    expect(ana.ticket).to_contain_text("On the way")
    expect(ito.word).to_have_text(ana.word.inner_text())

    ito.press("Ana Lopez", "Arrived")
    expect(ana.ticket).to_contain_text("Arrived")
    expect(rivera.row("Ana Lopez")).to_contain_text("Arrived")

    ito.press("Ana Lopez", "Send back")
    expect(ana.ticket).to_contain_text("Returning")

    rivera.press("Ana Lopez", "End pass")
    expect(ana.ticket).to_contain_text("Pass ended")
    check_axe(ana.page)


@on_both
def test_a_long_pass_turns_yellow_and_is_ended_by_the_clock(cast: Cast, house: House) -> None:
    """The clock's two thresholds, seen by the student and by the adult."""
    rivera, ana = cast("rivera"), cast("ana", PHONE)
    ana.ask("Restroom B")
    rivera.press("Ana Lopez", "Approve")
    expect(ana.ticket).to_have_class(re.compile("tone-out"))

    house.let_pass(11)
    expect(ana.ticket).to_have_class(re.compile("tone-long"))
    expect(ana.ticket).to_contain_text("Long running")
    expect(rivera.row("Ana Lopez")).to_have_class(re.compile("tone-long"))
    check_axe(rivera.page)
    check_axe(ana.page)

    house.let_pass(20)
    expect(ana.ticket).to_contain_text("System ended")
    rivera.go("/staff?tab=ended")
    expect(rivera.row("Ana Lopez")).to_contain_text("System ended")
    check_axe(rivera.page)
