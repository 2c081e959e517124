"""The console: a class is started, seen live by everybody who leads it, and let go of."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route

from tests.browser.house import House
from tests.browser.people import NARROW, PHONE, Cast, Person, check_axe, check_width, expect
from tests.browser.school import CLASS

# With Ana, Ben and Cam they are thirty.
MORE = (*CLASS, "Wendy Zhao", "Xavier Okoro", "Yara Silva", "Zoe Adams", "Adam Berg")


def card(page: Page, student: str) -> Locator:
    """The card of a student."""
    return page.locator(".student", has_text=student)


def state(page: Page, student: str) -> Locator:
    """The state that a card says."""
    return card(page, student).locator(".student-state > span").first


def console(cast: Cast, key: str, session_id: int, **more: Any) -> Person:
    """Somebody at the console of a class, hearing its stream."""
    person = cast(key, path=f"/classroom/sessions/{session_id}", **more)
    person.until("document.querySelector('live-stream')?.source?.readyState === 1")
    return person


def shown(page: Page) -> list[list[str]]:
    """Every card: who, in which version, and what it says."""
    found: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('.student')].map(card => [card.id, card.dataset.version,"
        " card.querySelector('.student-state').textContent.trim()])"
    )
    return found


def tops(page: Page) -> dict[str, list[float]]:
    """Where each card is."""
    found: dict[str, list[float]] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.student')].map(card => {"
        " const box = card.getBoundingClientRect(); return [card.id, [box.x, box.y]]; }))"
    )
    return found


def test_a_class_starts_with_two_left_out_and_one_taken_over(cast: Cast, house: House) -> None:
    classes = house.order("open_classes", names=["Amara Diallo", "Grace Kim"])
    algebra = house.order("start_class", class_id=classes["algebra"], by="okafor")
    okafor = console(cast, "okafor", algebra)
    rivera = cast("rivera", path="/classroom/classes").page
    rivera.get_by_role("link", name=re.compile("^Start.*English 2")).click()
    check_axe(rivera)
    expect(rivera.get_by_label(re.compile("Ana Lopez.*In Algebra 1"))).not_to_be_checked()
    rivera.get_by_label(re.compile("Ana Lopez")).check()
    rivera.get_by_label("Amara Diallo").uncheck()
    rivera.get_by_label("Cam Nguyen").uncheck()
    expect(rivera.locator("[data-ticked]")).to_have_text("2 of 5")
    rivera.get_by_role("button", name="Start the class").click()

    expect(state(rivera, "Amara Diallo")).to_have_text("Excluded")
    expect(state(rivera, "Cam Nguyen")).to_have_text("Excluded")
    expect(state(rivera, "Ben Carter")).to_have_text("In another class")
    expect(card(rivera, "Ben Carter")).to_contain_text("Algebra 1")
    expect(state(rivera, "Ana Lopez")).to_have_text("Not online")
    session_id = int(rivera.url.rpartition("/")[2])
    assert house.order("held", session_id=session_id) == ["Ana Lopez", "Grace Kim"]

    # The other teacher is told, and may take it back.
    note = okafor.page.locator(".console-note")
    expect(note).to_contain_text("Ana Lopez taken over by Ms. Rivera for English 2")
    expect(state(okafor.page, "Ana Lopez")).to_have_text("In another class")
    check_axe(okafor.page)
    note.get_by_role("button", name="Undo").click()
    expect(note).to_have_count(0)
    expect(state(okafor.page, "Ana Lopez")).to_have_text("Not online")
    expect(state(rivera, "Ana Lopez")).to_have_text("In another class")
    assert house.order("held", session_id=algebra) == ["Ana Lopez", "Ben Carter"]
    # What the other one undid is offered no longer here either.
    expect(rivera.locator(".console-note")).to_have_count(0)


def test_whoever_loses_students_is_told_on_other_pages_too(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    algebra = house.order("start_class", class_id=classes["algebra"], by="okafor")
    okafor = cast("okafor", path="/classroom/plans")
    okafor.until("document.querySelector('live-stream')?.source?.readyState === 1")
    names = ["ana", "ben"]
    english = house.order("start_class", class_id=classes["english"], by="rivera", take_over=names)
    note = okafor.page.locator(".console-note")
    expect(note).to_contain_text("Ana Lopez, Ben Carter taken over by Ms. Rivera for English 2.")
    check_axe(okafor.page)
    note.get_by_role("button", name="Undo").click()
    expect(note).to_have_count(0)
    assert house.order("held", session_id=algebra) == ["Ana Lopez", "Ben Carter"]

    house.order("command", session_id=english, kind="include", students=["ana"], by="rivera")
    expect(note).to_contain_text("Ana Lopez taken over by Ms. Rivera")
    note.get_by_role("button", name="Close").click()
    expect(note).to_have_count(0)


def test_end_time_and_duration_recompute_each_other(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    rivera = cast("rivera", path=f"/classroom/classes/{classes['english']}/start").page
    time, minutes = rivera.get_by_label("Ends at"), rivera.get_by_label("or after so many minutes")
    before = time.input_value()
    minutes.fill("80")
    expect(time).not_to_have_value(before)
    later = time.input_value()
    minutes.fill("50")
    time.fill(later)
    expect(minutes).to_have_value(re.compile("^(79|80|81)$"))
    rivera.get_by_label("Tab limit").fill("7")
    rivera.get_by_label("Students may raise hands").uncheck()
    rivera.get_by_role("button", name="Start the class").click()
    expect(rivera.locator("class-countdown")).to_have_text(re.compile("^(79|80|81) min left$"))
    # The next class begins with the same choices.
    rivera.get_by_role("button", name="End class").click()
    rivera.get_by_role("button", name="End the class now").click()
    expect(rivera.get_by_text("This class is over")).to_be_visible()
    rivera.goto(f"{house.url_for('rivera')}/classroom/classes/{classes['english']}/start")
    expect(rivera.get_by_label("Tab limit")).to_have_value("7")
    expect(rivera.get_by_label("Students may raise hands")).not_to_be_checked()


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_a_second_teacher_sees_and_does_the_same(cast: Cast, house: House) -> None:
    classes = house.order("open_classes", names=["Amara Diallo", "Grace Kim"])
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera, okafor = (console(cast, key, session_id) for key in ("rivera", "okafor"))
    for page in (rivera.page, okafor.page):
        expect(page.get_by_role("heading", name="English 2")).to_be_visible()
    house.order("raise_hand", student="cam")
    house.order("write", student="grace", text="Which page?")
    for page in (rivera.page, okafor.page):
        expect(page.locator("[data-count-hands]")).to_have_text("1")
        expect(page.locator(".console-counts dt").last).to_have_text("hand")
        expect(card(page, "Grace Kim").locator(".is-message")).to_contain_text("1")
    okafor.page.get_by_role("button", name="Cam Nguyen has a hand raised: seen").click()
    expect(rivera.page.locator("[data-count-hands]")).to_have_text("0")
    expect(rivera.page.locator(".console-counts dt").last).to_have_text("hands")

    card(rivera.page, "Grace Kim").get_by_role("button").first.click()
    expect(rivera.detail).to_contain_text("Which page?")
    rivera.detail.get_by_role("textbox").fill("Page 12")
    rivera.detail.get_by_role("button", name="Send", exact=True).click()
    expect(rivera.detail).to_contain_text("Page 12")
    expect(card(okafor.page, "Grace Kim").locator(".is-message")).to_have_count(0)
    # Read by whoever has it before their eyes.
    house.order("write", student="grace", text="Thank you")
    expect(rivera.detail).to_contain_text("Thank you")
    expect(card(okafor.page, "Grace Kim").locator(".is-message")).to_have_count(0)
    rivera.page.keyboard.press("Escape")

    rivera.page.get_by_role("button", name="Another end").click()
    rivera.page.get_by_role("button", name="+10 min").click()
    expect(okafor.page.locator("class-countdown")).to_have_text("60 min left")
    rivera.look_away()
    okafor.look_away()
    rivera.page.wait_for_timeout(800)
    assert shown(rivera.page) == shown(okafor.page)


def with_thirteen_questions(cast: Cast, house: House) -> Person:
    """Ms. Rivera at her console; Ana has written more than fits into a dialog."""
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    for number in range(1, 14):
        house.order("write", student="ana", text=f"Question {number}")
    return console(cast, "rivera", session_id)


def test_a_conversation_opens_at_its_end_and_is_read_when_that_is_seen(
    cast: Cast, house: House
) -> None:
    rivera = with_thirteen_questions(cast, house)
    unread = card(rivera.page, "Ana Lopez").locator(".is-message")
    expect(unread).to_contain_text("13")
    newest = rivera.detail.locator(".conversation li").last
    card(rivera.page, "Ana Lopez").locator(".name-button").click()
    expect(newest).to_contain_text("Question 13")
    expect(newest).to_be_in_viewport(ratio=0.9)
    expect(unread).to_have_count(0)
    # What comes while somebody writes is neither shown nor read: it would take what they write.
    field = rivera.detail.get_by_role("textbox")
    field.fill("One after the")
    house.order("write", student="ana", text="Question 14")
    expect(unread).to_contain_text("1")
    field.fill("")
    field.blur()
    house.order("write", student="ana", text="Question 15")
    expect(newest).to_contain_text("Question 15")
    expect(newest).to_be_in_viewport(ratio=0.9)
    expect(unread).to_have_count(0)


def test_who_reads_further_up_in_a_conversation_stays_there(cast: Cast, house: House) -> None:
    rivera = with_thirteen_questions(cast, house)
    unread = card(rivera.page, "Ana Lopez").locator(".is-message")
    name = card(rivera.page, "Ana Lopez").locator(".name-button")
    lines = rivera.detail.locator(".conversation")
    newest = lines.locator("li").last
    name.click()
    expect(unread).to_have_count(0)
    # In one step: it may be drawn again at any moment.
    scroll = "top => { document.querySelector('#detail .conversation').scrollTop = top }"
    rivera.page.evaluate(scroll, 40)
    house.order("write", student="ana", text="Question 14")
    expect(newest).to_contain_text("Question 14")
    expect(newest).not_to_be_in_viewport()
    assert lines.evaluate("one => one.scrollTop") == 40
    expect(unread).to_contain_text("1")  # Nobody has seen it.
    rivera.page.evaluate(scroll, 10_000)
    expect(unread).to_have_count(0)
    expect(newest).to_be_in_viewport(ratio=0.9)
    # Whoever writes goes to what they wrote; opened again, it begins at the end.
    rivera.page.evaluate(scroll, 0)
    rivera.detail.get_by_role("textbox").fill("Page 12")
    rivera.detail.get_by_role("button", name="Send").click()
    expect(newest).to_contain_text("Page 12")
    expect(newest).to_be_in_viewport(ratio=0.9)
    rivera.page.evaluate(scroll, 0)
    rivera.page.keyboard.press("Escape")
    name.click()
    expect(newest).to_be_in_viewport(ratio=0.9)


def test_what_is_on_the_way_does_not_take_what_somebody_begins_to_write(
    cast: Cast, house: House
) -> None:
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = console(cast, "rivera", session_id)
    card(rivera.page, "Ana Lopez").locator(".name-button").click()
    field = rivera.detail.get_by_role("textbox")
    expect(field).to_be_visible()
    held: list[Route] = []
    rivera.page.route(re.compile(r"/students/\d+$"), lambda route: held.append(route))
    with rivera.page.expect_request(re.compile(r"/students/\d+$")):
        house.order("raise_hand", student="ana")
    field.fill("Page 12")
    with rivera.page.expect_response(re.compile(r"/students/\d+$")):
        held[0].continue_()
    rivera.page.wait_for_timeout(200)
    expect(field).to_have_value("Page 12")
    rivera.detail.get_by_role("button", name="Send").click()
    expect(rivera.detail.locator(".conversation")).to_contain_text("Page 12")


def test_an_admin_who_acts_as_the_teacher_sees_what_they_did(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    house.order("raise_hand", student="cam")
    dana = cast("dana", path="/classroom/people")
    dana.page.get_by_role("link", name=re.compile("Rivera")).first.click()
    dana.page.get_by_role("button", name=re.compile("Act as")).click()
    expect(dana.page.locator(".acting")).to_be_visible()
    dana.page.goto(f"{house.url_for('dana')}/classroom/sessions/{session_id}")
    expect(dana.page.locator(".mark.is-hand")).to_have_count(1)
    # Nothing moves by itself.
    house.order("raise_hand", student="ana")
    dana.page.get_by_role("button", name="Cam Nguyen has a hand raised: seen").click()
    expect(card(dana.page, "Cam Nguyen").locator(".is-hand")).to_have_count(0)
    expect(card(dana.page, "Ana Lopez").locator(".is-hand")).to_have_count(1)
    dana.page.get_by_label("Choose Cam Nguyen").check()
    dana.page.get_by_role("button", name="Message", exact=True).click()
    dana.detail.get_by_label("Text").fill("Page 12")
    dana.detail.get_by_role("button", name="Send").click()
    expect(dana.detail.locator(".result")).to_have_count(1)
    dana.page.keyboard.press("Escape")
    expect(dana.page.locator(".last-command")).to_contain_text("Message")


def test_a_lock_reaches_the_chosen_only_and_shows_each_result(cast: Cast, house: House) -> None:
    classes = house.order("open_classes", names=["Amara Diallo"])
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = console(cast, "rivera", session_id)
    page = rivera.page
    for name in ("Ana Lopez", "Ben Carter"):
        page.get_by_label(f"Choose {name}").check()
    expect(page.locator("[data-chosen]")).to_have_text("2 chosen")
    page.get_by_role("button", name="Lock", exact=True).click()
    check_axe(page)
    # The recipients are fixed now, whatever happens to the ticks meanwhile.
    house.order("raise_hand", student="cam")
    rivera.detail.get_by_label("What the screen says").fill("Eyes on me")
    rivera.detail.get_by_label("For how long").select_option("5")
    rivera.detail.get_by_role("button", name="Send").click()
    results = rivera.detail.locator(".result")
    expect(results).to_have_text([re.compile("Ben Carter.*pending", re.S),
                                  re.compile("Ana Lopez.*pending", re.S)])  # fmt: skip
    house.order("answer", session_id=session_id, student="ana")
    house.order("answer", session_id=session_id, student="ben", why="The screen is off")
    expect(results).to_have_text([re.compile("Ben Carter.*failed: The screen is off", re.S),
                                  re.compile("Ana Lopez.*applied", re.S)])  # fmt: skip
    check_axe(page)
    assert house.order("restrictions", session_id=session_id) == {
        "Ana Lopez": ["lock"], "Ben Carter": ["lock"],
    }  # fmt: skip
    page.keyboard.press("Escape")
    expect(card(page, "Ana Lopez").get_by_title("Locked")).to_be_visible()
    expect(card(page, "Amara Diallo").get_by_title("Locked")).to_have_count(0)

    # It ends with its lease although the server was killed.
    house.servers[0].kill()
    house.let_pass(6)
    house.servers[0].start()
    rivera.until("!document.querySelector('.student [title=Locked]')", seconds=15)
    assert house.order("restrictions", session_id=session_id) == {}
    expect(page.locator("[data-chosen]")).to_have_text("2 chosen")


def test_undo_is_offered_where_tabs_were_closed(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = console(cast, "rivera", session_id)
    for name in ("Ana Lopez", "Ben Carter"):
        rivera.page.get_by_label(f"Choose {name}").check()
    rivera.page.get_by_role("button", name="Close tabs").click()
    rivera.detail.get_by_role("button", name="Send").click()
    undo = rivera.detail.get_by_role("button", name="Undo")
    expect(rivera.detail.locator(".is-pending")).to_have_count(3)  # two lines, and the count
    house.order("answer", session_id=session_id, student="ben", why="not_supported")
    expect(rivera.detail.locator(".is-failed")).to_have_count(2)  # the line, and the count
    expect(undo).to_have_count(0)
    house.order("answer", session_id=session_id, student="ana")
    undo.click()
    expect(rivera.detail.get_by_role("heading")).not_to_have_text("Close tabs")
    expect(rivera.detail.locator(".result")).to_have_text([re.compile("Ana Lopez.*pending", re.S)])


def test_nothing_chosen_asks_whether_the_whole_class_is_meant(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera",
                             left_out=["ben"])  # fmt: skip
    rivera = console(cast, "rivera", session_id)
    rivera.page.get_by_role("button", name="Open a site").click()
    expect(rivera.detail).to_contain_text("Nobody was chosen. The whole class? They are 2 students")
    rivera.detail.get_by_label("Web address").fill("javascript:alert(1)")
    rivera.detail.get_by_role("button", name="Yes, the whole class").click()
    expect(rivera.detail.get_by_label("Web address")).to_have_value("javascript:alert(1)")
    expect(rivera.detail.get_by_label("Web address")).to_be_focused()
    rivera.detail.get_by_label("Web address").fill("exa mple")
    with rivera.page.expect_response("**/open_site"):
        rivera.page.keyboard.press("Enter")
    address = rivera.detail.get_by_label("Web address")
    expect(address).to_have_accessible_description(re.compile("This is no web address"))
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(rivera.detail.get_by_text("This is no web address")).to_have_count(1)  # both times
    expect(rivera.toast).to_have_count(0)
    check_axe(rivera.page)
    rivera.detail.get_by_label("Web address").fill("example.org/<b>page</b>")
    rivera.detail.get_by_role("button", name="Yes, the whole class").click()
    expect(rivera.detail).to_contain_text("https://example.org/<b>page</b>")
    expect(rivera.detail.locator(".result")).to_have_count(2)


def test_choose_all_lets_go_of_all_although_a_hand_is_up(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = console(cast, "rivera", session_id).page
    press, told = rivera.get_by_role("button", name="Choose all"), rivera.locator("[data-chosen]")
    press.click()
    expect(told).to_have_text("3 chosen")
    house.order("raise_hand", student="ana")
    expect(card(rivera, "Ana").locator(".is-hand")).to_be_visible()
    press.click()
    expect(told).to_have_text("Nobody chosen")


def test_a_class_ends_by_time_and_everything_is_released(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera", minutes=30)
    house.order("command", session_id=session_id, kind="lock", students=["ana"], by="rivera")
    rivera = console(cast, "rivera", session_id)
    expect(card(rivera.page, "Ana Lopez").get_by_title("Locked")).to_be_visible()
    house.let_pass(31)
    expect(rivera.page.get_by_text("This class is over")).to_be_visible()
    expect(card(rivera.page, "Ana Lopez").get_by_title("Locked")).to_have_count(0)
    expect(card(rivera.page, "Ana Lopez")).to_contain_text("Class over")
    expect(rivera.page.locator(".console-counts")).to_be_hidden()
    lock = rivera.page.get_by_role("button", name="Lock", exact=True)
    expect(lock).to_have_attribute("aria-disabled", "true")
    assert house.order("held", session_id=session_id) == []
    check_axe(rivera.page)


def test_under_a_pointer_and_under_the_focus_nothing_moves(cast: Cast, house: House) -> None:
    classes = house.order("open_classes", names=["Amara Diallo", "Grace Kim"])
    session_id = house.order("start_class", class_id=classes["english"], by="rivera",
                             left_out=["ana"])  # fmt: skip
    rivera = console(cast, "rivera", session_id)
    page = rivera.page
    page.get_by_role("button", name="Last name").click()
    box = card(page, "Grace Kim").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    before = tops(page)
    house.order("command", session_id=session_id, kind="exclude", students=["ben"], by="okafor")
    house.order("raise_hand", student="cam")
    house.order("write", student="amara", text="Help")
    expect(state(page, "Ben Carter")).to_have_text("Excluded")
    expect(page.locator("[data-count-hands]")).to_have_text("1")
    assert tops(page) == before
    page.get_by_label("Choose Amara Diallo").focus()
    page.keyboard.press("ArrowRight")
    house.order("command", session_id=session_id, kind="include", students=["ana"], by="okafor")
    expect(state(page, "Ana Lopez")).to_have_text("Not online")
    assert tops(page) == before


def test_complete_by_keyboard(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = console(cast, "rivera", session_id)
    page = rivera.page
    page.get_by_label("Choose Ana Lopez").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("[data-chosen]")).to_have_text("2 chosen")
    page.get_by_role("button", name="Message", exact=True).focus()
    page.keyboard.press("Enter")
    expect(rivera.detail.get_by_label("Text")).to_be_focused()
    page.keyboard.type("Well done")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rivera.detail.locator(".result")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(rivera.detail).to_be_hidden()
    page.get_by_role("button", name="More").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Exclude").focus()
    page.keyboard.press("Enter")
    expect(rivera.detail).to_contain_text("Ben Carter")


def test_space_ticks_and_enter_opens_wherever_the_focus_is_on_a_card(
    cast: Cast, house: House
) -> None:
    classes = house.order("open_classes")
    house.order("integrate")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    house.order("raise_hand", student="ana")
    rivera = console(cast, "rivera", session_id)
    page, ana = rivera.page, card(rivera.page, "Ana Lopez")
    expect(ana.locator(".is-hand")).to_be_visible()
    name, box = ana.locator(".name-button"), page.get_by_label("Choose Ana Lopez")
    # A card is one stop: from the first the Tab key comes to the second.
    page.locator(".name-button").first.focus()
    page.keyboard.press("Tab")
    expect(page.locator(".student").nth(1).locator(".name-button")).to_be_focused()
    name.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    expect(rivera.detail).to_be_hidden()
    page.keyboard.press("Space")
    expect(box).not_to_be_checked()
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    page.keyboard.press("Enter")
    expect(rivera.detail.get_by_role("heading", name="Ana Lopez")).to_be_visible()
    # What is no stop on the card is one here.
    rivera.detail.get_by_role("button", name="Hand seen").focus()
    page.keyboard.press("Enter")
    expect(ana.locator(".is-hand")).to_have_count(0)
    check_axe(page)
    page.keyboard.press("Escape")
    expect(box).to_be_focused()


def test_thirty_cards_without_scrolling_and_every_view(cast: Cast, house: House) -> None:
    classes = house.order("open_classes", names=MORE)
    house.order("group", class_id=classes["english"], name="Red table", students=["ana", "cam"])
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = console(cast, "rivera", session_id)
    page = rivera.page
    expect(page.locator(".student")).to_have_count(30)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    expect(page.locator(".student .face:visible")).to_have_count(30)
    expect(card(page, "Wendy Zhao").locator(".face")).to_have_text("WZ")
    card(page, "Wendy Zhao").locator(".face").click()  # the face chooses, as its box does
    expect(page.get_by_label("Choose Wendy Zhao")).to_be_checked()
    page.get_by_label("Choose Wendy Zhao").uncheck()
    check_width(page)
    check_axe(page)
    page.get_by_role("button", name="Red table").click()
    expect(page.locator(".student:visible")).to_have_count(2)
    page.get_by_role("button", name="Choose all").click()
    expect(page.locator("[data-chosen]")).to_have_text("2 chosen")
    page.get_by_role("button", name="Everybody").click()
    page.get_by_role("button", name="Last name").click()
    expect(page.locator(".student .name-button").first).to_have_text("Zoe Adams")
    for button in ("Middle cards", "Large cards", "Tabs"):
        page.get_by_role("button", name=button, exact=True).click()
        check_axe(page)
        check_width(page)
    page.reload()  # the choice is remembered
    expect(page.get_by_role("button", name="Tabs", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_small_cards_are_higher_where_there_is_room(cast: Cast, house: House) -> None:
    classes = house.order("open_classes", names=MORE[:10])
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    page = console(cast, "rivera", session_id).page
    heights = "[...document.querySelectorAll('.student')].map(one => one.offsetHeight)"
    low, high = min(page.evaluate(heights)), max(page.evaluate(heights))
    assert low == high > 150
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    check_width(page)


@pytest.mark.parametrize("size", [None, {"width": 390, "height": 844}], ids=["desk", "narrow"])
def test_a_name_is_whole_whatever_else_its_card_says(
    cast: Cast, house: House, size: dict[str, int] | None
) -> None:
    classes = house.order("open_classes", names=MORE)
    house.order("integrate")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    students = ["bartholomew", "esperanza", "cam"]
    for student in students:
        house.order("raise_hand", student=student)
        house.order("write", student=student, text="Which page?")
    house.order("command", session_id=session_id, kind="lock", students=students, by="rivera")
    cast("cam", path="/classroom/student", **({"viewport": size} if size else {}))
    page = console(cast, "rivera", session_id, **({"viewport": size} if size else {})).page
    expect(card(page, "Cam Nguyen")).to_contain_text("no screen to show.")
    cut = page.evaluate(
        "[...document.querySelectorAll('.student, .name-button, .student-screen')]"
        ".filter(one => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight)"
        ".map(one => one.textContent.trim())"
    )
    assert cut == []
    check_width(page)
    check_axe(page)


@pytest.mark.parametrize("viewport", [PHONE, NARROW], ids=["phone", "narrow"])
def test_on_a_phone_and_in_the_dark(cast: Cast, house: House, viewport: dict[str, int]) -> None:
    classes = house.order("open_classes", names=MORE[:8])
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = console(
        cast, "rivera", session_id, viewport=viewport, color_scheme="dark", has_touch=True,
        is_mobile=True,
    )  # fmt: skip
    page = rivera.page
    check_width(page)
    check_axe(page)
    low = page.evaluate(
        "[...document.querySelectorAll('.console button, .student-pick')].filter(one => {"
        " const box = one.getBoundingClientRect(); return box.width && box.height < 43.5; })"
        ".map(one => one.outerHTML.slice(0, 90))"
    )
    assert low == []
    card(page, "Cam Nguyen").get_by_role("button").first.click()
    check_width(page)
    check_axe(page)
    page.keyboard.press("Escape")
    page.goto(f"{house.url_for('okafor')}/classroom/classes/{classes['algebra']}/start")
    check_width(page)


def test_the_history_of_a_class_that_is_over(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera",
                             left_out=["ben"])  # fmt: skip
    house.order("command", session_id=session_id, kind="lock", students=["ana"], by="rivera",
                text="Eyes on me")  # fmt: skip
    house.order("answer", session_id=session_id, student="ana", why="The screen is off")
    house.order("stop_class", session_id=session_id, by="okafor")
    rivera = cast("rivera", path="/classroom/classes").page
    rivera.get_by_role("link", name="Session history").click()
    check_axe(rivera)
    rivera.get_by_role("link", name="English 2").click()
    expect(rivera.locator("main")).to_contain_text("ended by Mr. Okafor")
    expect(rivera.get_by_role("row", name=re.compile("Ben Carter"))).to_contain_text("left out")
    rivera.locator("summary", has_text="Lock").click()
    expect(rivera.locator(".result")).to_contain_text("failed: The screen is off")
    check_axe(rivera)
    check_width(rivera)
    rivera.goto(f"{house.url_for('rivera')}/classroom/sessions/{session_id}")
    expect(rivera.get_by_text("This class is over")).to_be_visible()


def test_a_dialog_that_cannot_open_does_not_speak_of_saving(cast: Cast, house: House) -> None:
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = console(cast, "rivera", session_id)
    message = rivera.page.get_by_role("button", name="Message", exact=True)
    rivera.context.set_offline(True)
    message.click()
    expect(rivera.toast).to_contain_text("Nothing was opened and nothing was changed")
    rivera.context.set_offline(False)
    rivera.toast.get_by_role("button", name="Close").click()
    message.click()
    rivera.detail.get_by_label("Text").fill("Well done")
    rivera.context.set_offline(True)
    rivera.detail.get_by_role("button", name="Yes, the whole class").click()
    expect(rivera.toast).to_contain_text("Perhaps it was saved, perhaps not")


def test_a_console_that_was_away_shows_what_is_true_now(cast: Cast, house: House) -> None:
    classes = house.order("open_classes", names=["Amara Diallo"])
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    rivera = console(cast, "rivera", session_id)
    rivera.context.set_offline(True)
    house.order("raise_hand", student="cam")
    house.order("command", session_id=session_id, kind="lock", students=["ana"], by="okafor")
    rivera.context.set_offline(False)
    expect(card(rivera.page, "Cam Nguyen").locator(".is-hand")).to_be_visible()
    expect(card(rivera.page, "Ana Lopez").get_by_title("Locked")).to_be_visible()
    fresh = console(cast, "rivera", session_id)
    assert shown(rivera.page) == shown(fresh.page)
