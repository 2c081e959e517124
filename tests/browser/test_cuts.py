"""Servers that are killed, networks that go away, presses that come too late."""

import re
import time

import pytest

from tests.browser.house import House
from tests.browser.people import PHONE, Cast, check_axe, expect

UNREACHABLE = "No answer from Corridor."


def test_a_killed_server_comes_back_and_nobody_reloads(cast: Cast, house: House) -> None:
    """While it is away the line says so; five seconds later every screen shows what is true."""
    house.order("ask", key="cam", to="Nurse")
    rivera, ana = cast("rivera"), cast("ana", PHONE)
    ana.ask("Nurse")
    rivera.press("Ana Lopez", "Approve")
    expect(ana.ticket).to_contain_text("On the way")

    house.servers[0].kill()
    expect(rivera.connection).to_be_visible(timeout=10_000)
    expect(ana.connection).to_be_visible(timeout=10_000)
    check_axe(rivera.page)
    check_axe(ana.page)
    house.order("press", move="arrive", student="ana", by="ito")
    house.order("press", move="cancel", student="cam", by="rivera")
    house.servers[0].start()

    rivera.is_fresh()
    ana.is_fresh(seconds=2)
    expect(rivera.row("Ana Lopez")).to_contain_text("Arrived")
    expect(ana.ticket).to_contain_text("Arrived")
    expect(rivera.connection).to_be_hidden()
    expect(ana.connection).to_be_hidden()


def test_a_short_restart_is_not_even_noticed(cast: Cast, house: House) -> None:
    """And what was told before it is not told again."""
    rivera = cast("rivera")
    rivera.page.evaluate(
        "window.told = []; new MutationObserver(all => all.forEach(one => one.addedNodes.forEach("
        "line => told.push(line.textContent)))).observe(announce, { childList: true })"
    )
    house.order("ask", key="ana", to="Nurse")
    expect(rivera.row("Ana Lopez")).to_be_visible()
    house.servers[0].stop()
    house.servers[0].start()
    house.order("ask", key="cam", to="Nurse")
    expect(rivera.row("Cam Nguyen")).to_be_visible(timeout=8_000)
    rivera.is_fresh()
    told = rivera.page.evaluate("told")
    assert [line.split(" asks")[0] for line in told] == ["Ana Lopez", "Cam Nguyen"]


def test_ten_seconds_without_a_network(cast: Cast, house: House) -> None:
    """Decisions fall meanwhile; back on the network both screens know them all."""
    rivera, ana = cast("rivera"), cast("ana", PHONE)
    ana.ask("Nurse")
    expect(rivera.row("Ana Lopez")).to_be_visible()
    for person in (rivera, ana):
        person.context.set_offline(True)
    house.order("press", move="approve", student="ana", by="rivera")
    house.order("ask", key="cam", to="Nurse")
    house.order("press", move="arrive", student="ana", by="ito")
    rivera.page.wait_for_timeout(5_000)
    house.order("press", move="cancel", student="cam", by="rivera")
    house.order("ask", key="cam", to="Mr. Okafor, 118")
    rivera.page.wait_for_timeout(5_000)
    for person in (rivera, ana):
        person.context.set_offline(False)
    rivera.is_fresh()
    ana.is_fresh(seconds=2)
    assert sorted(rivera.names()) == ["Ana Lopez", "Cam Nguyen"]


def test_too_much_was_missed_and_the_page_loads_afresh(cast: Cast, house: House) -> None:
    """More than the stream replays: one load instead of hundreds of pieces."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera")
    expect(rivera.row("Ana Lopez")).to_be_visible()
    rivera.page.evaluate("window.isOld = true")
    rivera.context.set_offline(True)
    house.servers[0].kill()
    house.order("comment", student="ana", by="rivera", times=501)
    house.order("press", move="approve", student="ana", by="rivera")
    house.servers[0].start()
    rivera.context.set_offline(False)
    rivera.until("!window.isOld")
    expect(rivera.row("Ana Lopez")).to_contain_text("On the way")
    rivera.is_fresh()


def test_a_page_from_another_life_loads_afresh(cast: Cast) -> None:
    """Its number is higher than the log's: a database was brought back from a copy."""
    rivera = cast("rivera")
    rivera.page.evaluate(
        "const stream = document.querySelector('live-stream');"
        "window.isOld = true; stream.last = '999999'; stream.open()"
    )
    rivera.until("!window.isOld")


@pytest.mark.parametrize("end", ["close", "sign_out"])
@pytest.mark.parametrize("key", ["rivera", "ana"])
def test_whoever_may_not_stay_leaves_within_five_seconds(
    cast: Cast, house: House, key: str, end: str
) -> None:
    """The account is closed, or the sign-in is over: the open page goes to the sign-in."""
    person = cast(key)
    begun = time.monotonic()
    house.order(end, key=key)
    person.page.wait_for_url(lambda url: "/st" not in url, wait_until="commit", timeout=8_000)
    assert time.monotonic() - begun < 5


def test_a_sign_in_that_ends_during_a_cut(cast: Cast, house: House) -> None:
    """The stream cannot say so any more: the page asks why it gets none, and leaves."""
    rivera, ana = cast("rivera"), cast("ana")
    house.servers[0].kill()
    house.order("sign_out", key="ana")
    house.order("close", key="rivera")
    house.servers[0].start()
    for person in (rivera, ana):
        person.page.wait_for_url(re.compile("/demo|/account/sign-in"), timeout=8_000)


def test_a_press_after_the_sign_in_is_over_leads_to_it(cast: Cast, house: House) -> None:
    """The stream has not told yet."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera")
    rivera.page.evaluate("document.querySelector('live-stream').remove()")
    house.order("sign_out", key="rivera")
    rivera.page.wait_for_timeout(5_500)  # as long as an answer is believed
    rivera.row("Ana Lopez").get_by_role("button", name="Approve").click()
    rivera.page.wait_for_url("**/account/sign-in")


def test_a_press_while_the_server_is_away_can_be_repeated(cast: Cast, house: House) -> None:
    """A sentence, nothing lost, and the same button works afterwards."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera")
    approve = rivera.row("Ana Lopez").get_by_role("button", name="Approve")
    house.servers[0].kill()
    approve.click()
    expect(rivera.toast).to_contain_text(UNREACHABLE)
    check_axe(rivera.page)
    house.servers[0].start()
    approve.click()
    expect(rivera.row("Ana Lopez")).to_contain_text("On the way")
    rivera.look_away()
    rivera.is_fresh()


def test_asking_while_the_server_is_away_can_be_repeated(cast: Cast, house: House) -> None:
    """The student is told, keeps what was chosen, and asks again."""
    ana = cast("ana", PHONE)
    ana.choose("Nurse")
    ana.page.get_by_label("Reason").fill("Headache")
    house.servers[0].kill()
    send = ana.page.locator("[data-send]")
    send.click()
    expect(ana.toast).to_contain_text(UNREACHABLE)
    check_axe(ana.page)
    house.servers[0].start()
    send.click()
    expect(ana.ticket).to_contain_text("Waiting approval")
    assert house.order("open_passes") == 1


def test_a_double_press_is_one_event(cast: Cast, house: House) -> None:
    """However quick the finger."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera")
    before = house.order("events")
    rivera.row("Ana Lopez").get_by_role("button", name="Approve").dblclick()
    expect(rivera.row("Ana Lopez")).to_contain_text("On the way")
    rivera.page.wait_for_timeout(500)
    assert house.order("events") == before + 1
    expect(rivera.toast).to_have_count(0)


def test_a_double_tap_asks_once(cast: Cast, house: House) -> None:
    """One pass, no refusal."""
    ana = cast("ana", PHONE)
    ana.choose("Nurse")
    before = house.order("events")
    ana.page.locator("[data-send]").dblclick()
    expect(ana.ticket).to_contain_text("Waiting approval")
    assert house.order("events") == before + 1


def test_of_two_tabs_one_wins_and_the_other_is_told(cast: Cast, house: House) -> None:
    """Approved here, cancelled there, neither having heard of the other."""
    house.order("ask", key="ana", to="Nurse")
    rivera, other = cast("rivera"), cast("rivera")
    other.page.evaluate("document.querySelector('live-stream').remove()")
    before = house.order("events")
    rivera.press("Ana Lopez", "Approve")
    expect(rivera.row("Ana Lopez")).to_contain_text("On the way")
    other.row("Ana Lopez").get_by_role("button", name="Cancel").click()
    expect(other.toast).to_contain_text("Somebody was faster: the pass is now “On the way”.")
    expect(other.row("Ana Lopez")).to_contain_text("On the way")
    check_axe(other.page)
    assert house.order("events") == before + 1


def test_two_tabs_at_the_same_instant(cast: Cast, house: House) -> None:
    """One event, and both show it."""
    house.order("ask", key="ana", to="Nurse")
    tabs = [cast("rivera"), cast("rivera")]
    before = house.order("events")
    press = "document.querySelector('[data-move=approve]').click()"
    at = int(time.time() * 1000) + 500
    for tab in tabs:
        tab.page.evaluate(f"setTimeout(() => {press}, {at} - Date.now())")
    for tab in tabs:
        expect(tab.row("Ana Lopez")).to_contain_text("On the way")
    assert house.order("events") == before + 1
    for tab in tabs:
        tab.is_fresh()
