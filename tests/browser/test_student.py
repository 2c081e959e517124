"""The student's own screen: three taps to a request, refusals in words, a ticket that proves."""

import re

import pytest

from corridor.passes.texts import one_line
from tests.browser.house import House
from tests.browser.people import NARROW, PHONE, Cast, Person, check_axe, check_width, expect

ARABIC = "أشعر بصداع شديد"


def tap(person: Person, text: str, within: str = "main") -> None:
    """One tap on what bears this text."""
    person.page.locator(within).get_by_role("button", name=text).first.click()


def test_three_taps_the_first_time(cast: Cast) -> None:
    """Where I am, where to, ask."""
    ana = cast("ana", PHONE)
    check_axe(ana.page)
    tap(ana, "Ms. Rivera, 204")
    check_axe(ana.page)
    tap(ana, "Nurse")
    check_axe(ana.page)
    tap(ana, "Ask Ms. Rivera")
    expect(ana.ticket).to_contain_text("Waiting for Ms. Rivera")


@pytest.mark.parametrize("viewport", [PHONE, NARROW])
def test_the_clock_of_a_pass_is_never_cut(
    cast: Cast, house: House, viewport: dict[str, int]
) -> None:
    """Also of one that has lasted long, and where digits are wide."""
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="approve", student="ana", by="rivera")
    ana = cast("ana", viewport)
    clock = ana.page.locator(".ticket-clock pass-clock")
    began = clock.get_attribute("since")
    for minutes, form in ((25, r"^25:\d\d$"), (65, r"^1:05:\d\d$")):
        clock.evaluate(
            "(clock, [began, minutes]) => clock.setAttribute("
            "'since', new Date(Date.parse(began) - minutes * 60000).toISOString())",
            [began, minutes],
        )  # fmt: skip
        expect(clock).to_have_text(re.compile(form))
        for font in ("", "DejaVu Sans", "Verdana"):
            clock.evaluate("(clock, font) => { clock.style.fontFamily = font; }", font)
            wide, room = clock.evaluate(
                "clock => { const all = document.createRange(); all.selectNodeContents(clock);"
                " return [all, clock.parentElement]"
                ".map(one => one.getBoundingClientRect().width); }"
            )
            assert wide <= room


def test_two_taps_where_the_origin_is_remembered(cast: Cast, house: House) -> None:
    """The last origin is there already and can be changed."""
    house.order("ask", key="ana", to="Restroom B")
    house.order("press", move="cancel", student="ana", by="rivera")
    ana = cast("ana", PHONE)
    expect(ana.page.locator("[data-origin-name]")).to_have_text("Ms. Rivera, 204")
    tap(ana, "Restroom B", "[data-favourites]")
    tap(ana, "Ask Ms. Rivera")
    expect(ana.ticket).to_contain_text("Restroom B")


def test_another_origin_is_chosen(cast: Cast, house: House) -> None:
    """Three taps more, in a dialog of its own."""
    house.order("ask", key="ana", to="Restroom B")
    house.order("press", move="cancel", student="ana", by="rivera")
    ana = cast("ana", PHONE)
    tap(ana, "Change where you depart from")
    check_axe(ana.page)
    ana.page.locator("[data-origins]").get_by_role("button", name="Mr. Okafor, 118").click()
    ana.ask("Nurse")
    expect(ana.ticket).to_contain_text("Waiting for Mr. Okafor")
    expect(ana.ticket).to_contain_text("Mr. Okafor, 118")


def test_a_place_is_found_by_typing(cast: Cast) -> None:
    """A few letters and Enter; what does not exist is said."""
    ana = cast("ana", PHONE)
    tap(ana, "Ms. Rivera, 204")
    field = ana.page.get_by_label("Search all places")
    field.fill("zzz")
    expect(ana.page.get_by_text("No place has this name.").last).to_be_visible()
    field.fill("nur")
    field.press("Enter")
    expect(ana.page.get_by_role("button", name="Ask Ms. Rivera")).to_be_focused()
    ana.page.keyboard.press("Enter")
    expect(ana.ticket).to_contain_text("Nurse")


def test_a_request_is_withdrawn(cast: Cast) -> None:
    """One press; the adult's list is empty again, and a new pass can be asked for."""
    rivera, ana = cast("rivera"), cast("ana", PHONE)
    ana.ask("Nurse")
    expect(rivera.row("Ana Lopez")).to_be_visible()
    tap(ana, "Withdraw")
    expect(ana.ticket).to_contain_text("Withdrawn")
    check_axe(ana.page)
    expect(rivera.row("Ana Lopez")).to_have_count(0)
    ana.page.get_by_role("link", name="New pass").click()
    ana.ask("Restroom B")
    expect(ana.ticket).to_contain_text("Waiting approval")


def test_a_refusal_says_why_and_when_and_keeps_the_choice(cast: Cast) -> None:
    """Ben has used his one pass of today."""
    ben = cast("ben", NARROW)
    expect(ben.page.locator("main")).to_contain_text("0 of 1 left today")
    ben.ask("Nurse")
    refusal = ben.page.get_by_role("alert").filter(has_text="Not now")
    expect(refusal).to_contain_text("You have used 1 of your 1 passes today.")
    expect(refusal).to_be_in_viewport(ratio=1)
    expect(refusal).to_contain_text(re.compile(r"It will work again on \w+day\."))
    chosen = ben.page.locator('[data-all] .place[aria-current="true"]')
    expect(chosen).to_contain_text("Nurse")
    expect(ben.page.locator("[data-origin-name]")).to_have_text("Ms. Rivera, 204")
    check_axe(ben.page)


def test_a_refusal_keeps_origin_and_reason_of_a_first_request(cast: Cast, house: House) -> None:
    """Ana has never had a pass, so only the form knows where she is and what she wrote."""
    ana = cast("ana", PHONE)
    ana.choose("Restroom B")
    ana.page.get_by_label("Reason").fill("Please")
    for number, name in enumerate(("Amara Diallo", "Grace Kim")):
        house.order("enrol", names=[name])
        house.order("ask", key=("amara", "grace")[number], to="Restroom B")
    tap(ana, "Ask Ms. Rivera")
    refusal = ana.page.get_by_role("alert").filter(has_text="Not now")
    expect(refusal).to_contain_text("Restroom B is full right now.")
    expect(refusal).to_contain_text("Try again at")
    expect(ana.page.locator("[data-origin-name]")).to_have_text("Ms. Rivera, 204")
    tap(ana, "Nurse")
    expect(ana.page.get_by_label("Reason")).to_have_value("Please")
    tap(ana, "Ask Ms. Rivera")
    expect(ana.ticket).to_contain_text("Nurse")


def test_a_full_place_is_marked_before_asking(cast: Cast, house: House) -> None:
    """So that nobody is refused who could have known."""
    house.order("ask", key="cam", to="Restroom B")
    house.order("enrol", names=["Amara Diallo"])
    house.order("ask", key="amara", to="Restroom B")
    ana = cast("ana", PHONE)
    tap(ana, "Ms. Rivera, 204")
    place = ana.page.locator("[data-all] .place", has_text="Restroom B")
    expect(place).to_contain_text("Full now")


def test_the_library_asks_for_a_reason(cast: Cast) -> None:
    """Without one the browser stops the press; with one it goes."""
    rivera, ana = cast("rivera"), cast("ana", PHONE)
    ana.choose("Library")
    reason = ana.page.get_by_label("Reason")
    expect(reason).to_be_focused()
    tap(ana, "Ask Ms. Rivera")
    assert not reason.evaluate("field => field.validity.valid")
    expect(ana.ticket).to_have_count(0)
    reason.fill("A book about otters")
    tap(ana, "Ask Ms. Rivera")
    expect(ana.ticket).to_contain_text("Library")
    expect(rivera.row("Ana Lopez")).to_contain_text("A book about otters")


def test_one_way_ends_on_arrival(cast: Cast, house: House) -> None:
    """Nurse Ito has no part in it; whoever works at the entrance presses Arrived."""
    dana = cast("dana", path="/staff/my-locations")
    check_axe(dana.page)
    dana.page.get_by_label("Main entrance").check()
    dana.page.get_by_role("button", name="Save").click()
    ana = cast("ana", PHONE)
    ana.choose("Main entrance")
    expect(ana.page.get_by_label("Reason")).to_be_hidden()
    tap(ana, "Ask Ms. Rivera")
    expect(dana.row("Ana Lopez")).to_be_visible()
    house.order("press", move="approve", student="ana", by="rivera")
    expect(dana.row("Ana Lopez").get_by_role("button", name="Arrived")).to_be_visible()
    expect(dana.row("Ana Lopez").get_by_role("button", name="Send back")).to_have_count(0)
    dana.press("Ana Lopez", "Arrived")
    expect(ana.ticket).to_contain_text("Pass ended")


def test_the_history_is_the_students_own(cast: Cast, house: House) -> None:
    """Newest first, with how it ended."""
    house.order("ask", key="ana", to="Nurse", reason="Headache")
    house.order("press", move="cancel", student="ana", by="rivera")
    house.order("ask", key="cam", to="Nurse")
    ana = cast("ana", PHONE, path="/student/history")
    rows = ana.page.locator(".past")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Cancelled")
    expect(rows).to_contain_text("Headache")
    check_axe(ana.page)


def test_an_empty_history_says_so(cast: Cast) -> None:
    """With the next step."""
    ana = cast("ana", PHONE, path="/student/history")
    expect(ana.page.get_by_text("You have not asked for a pass yet.")).to_be_visible()
    check_axe(ana.page)
    ana.page.get_by_role("main").get_by_role("link", name="New pass").click()
    expect(ana.page.get_by_role("heading", name="Where do you need to go?")).to_be_visible()


def test_the_word_changes_with_the_minute(cast: Cast, house: House) -> None:
    """On the ticket and on the adult's screen, to the same word; a picture proves nothing."""
    rivera, ana = cast("rivera"), cast("ana", PHONE)
    ana.ask("Nurse")
    expect(ana.ticket).to_contain_text("Waiting approval")
    expect(ana.word).to_have_count(0)
    rivera.press("Ana Lopez", "Approve")
    expect(ana.word).to_be_visible()
    first = _shown(rivera)
    for _ in range(3):
        house.next_minute()
        rivera.page.wait_for_timeout(2500)
        if _shown(rivera) != first:  # once in 300 minutes, two have the same
            break
    assert _shown(ana) == _shown(rivera) != first

    rivera.press("Ana Lopez", "End pass")
    expect(ana.ticket).to_contain_text("Pass ended")
    expect(ana.word).to_have_count(0)


def test_an_expired_ticket_shows_no_word(cast: Cast, house: House) -> None:
    """Nobody answered in time."""
    ana = cast("ana", PHONE)
    ana.ask("Nurse")
    expect(ana.ticket).to_contain_text("Waiting approval")
    house.let_pass(11)
    expect(ana.ticket).to_contain_text("Expired")
    expect(ana.word).to_have_count(0)
    check_axe(ana.page)


def test_a_second_tab_shows_the_same(cast: Cast, house: House) -> None:
    """Asked in one tab, shown in both; what comes then too."""
    ana = cast("ana", PHONE)
    second = ana.new_page()
    second.goto(ana.page.url)
    ana.ask("Nurse")
    expect(second.locator("#ticket")).to_contain_text("Waiting approval")
    house.order("press", move="approve", student="ana", by="rivera")
    expect(ana.ticket).to_contain_text("On the way")
    expect(second.locator("#ticket")).to_contain_text("On the way")
    expect(second.locator("[data-word-text]")).to_have_text(ana.word.inner_text())


def test_a_second_tab_cannot_ask_twice(cast: Cast, house: House) -> None:
    """A form that is still open in another tab is refused in words, and the pass is shown."""
    ana = cast("ana", PHONE)
    ana.choose("Nurse")
    ana.page.evaluate("document.querySelector('live-stream').remove()")  # it has heard nothing
    house.order("ask", key="ana", to="Restroom B")
    tap(ana, "Ask Ms. Rivera")
    expect(ana.ticket).to_contain_text("Restroom B")
    refusal = ana.page.get_by_role("alert").filter(has_text="Not now")
    expect(refusal).to_contain_text("You already have a pass to Restroom B.")
    check_axe(ana.page)


@pytest.mark.parametrize(
    "reason",
    ["<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">",
     "🦦" * 50 + "W" * 100, ARABIC * 12, "\u202eevil \u2066text"],
    ids=["script", "long", "right-to-left", "override"],
)  # fmt: skip
def test_a_hostile_reason_is_only_text(cast: Cast, reason: str) -> None:
    """On every screen that shows it: nothing runs, nothing breaks."""
    rivera, ana = cast("rivera"), cast("ana", NARROW)
    ana.ask("Nurse", reason=reason)
    reason = one_line(reason)  # what would turn the page's direction is not even kept
    expect(ana.ticket).to_be_visible()
    check_width(ana.page)
    expect(rivera.row("Ana Lopez").locator(".why")).to_have_text(reason)
    height = rivera.row("Ana Lopez").bounding_box()
    assert height and height["height"] < 60
    check_width(rivera.page)
    rivera.row("Ana Lopez").locator(".name-button").click()
    expect(rivera.detail.locator(".journey")).to_contain_text(reason)
    assert rivera.detail.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    ana.go("/student/history")
    expect(ana.page.locator(".past")).to_contain_text(reason)
    check_width(ana.page)
    assert "broken" not in rivera.page.title() + ana.page.title()


def test_three_hundred_letters_do_not_fit(cast: Cast) -> None:
    """The field takes 200; past it the server says how many there are, and keeps the choice."""
    ana = cast("ana", PHONE)
    ana.choose("Library")
    reason = ana.page.get_by_label("Reason")
    reason.press_sequentially("x" * 205)
    assert len(reason.input_value()) == 200
    reason.evaluate("field => { field.maxLength = 1000; field.value = 'é🦦ش'.repeat(100); }")
    tap(ana, "Ask Ms. Rivera")
    alert = ana.page.get_by_role("alert").filter(has_text="Please look again")
    expect(alert).to_contain_text("The reason has 300 characters; at most 200 fit.")
    expect(ana.page.locator("[data-origin-name]")).to_have_text("Ms. Rivera, 204")
    check_axe(ana.page)


def test_back_after_asking_shows_the_pass(cast: Cast, house: House) -> None:
    """The form is not shown again as if nothing had been asked."""
    ana = cast("ana", PHONE)
    ana.go("/student/history").go("/student")
    ana.ask("Nurse")
    expect(ana.ticket).to_contain_text("Waiting approval")
    ana.page.go_back()
    ana.page.go_forward()
    expect(ana.ticket).to_contain_text("Waiting approval")
    house.order("press", move="approve", student="ana", by="rivera")
    expect(ana.ticket).to_contain_text("On the way")
    ana.page.go_back()
    ana.page.get_by_role("link", name="Pass", exact=True).click()
    expect(ana.ticket).to_contain_text("On the way")


def _shown(person: Person) -> str:
    chip = person.page.locator("[data-word]").first
    return f"{chip.get_attribute('data-colour')}{person.word.first.inner_text()}"


def test_nobody_goes_where_they_are(cast: Cast) -> None:
    """The room one departs from is no destination, also not in the search."""
    ana = cast("ana", PHONE)
    ana.page.locator("[data-origin-list]").get_by_text("Ms. Rivera, 204").click()
    places = ana.page.locator("[data-all] .place")
    expect(places.filter(has_text="Nurse")).to_be_visible()
    expect(places.filter(has_text="Ms. Rivera, 204")).to_be_hidden()
    ana.page.get_by_label("Search all places").fill("rivera")
    ana.page.keyboard.press("Enter")
    expect(ana.page.locator("[data-confirm]")).to_be_hidden()
