"""The student's page of Classroom: joins by itself, says what is, and lets go by itself."""

import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.house import House
from tests.browser.people import NARROW, PHONE, Cast, Person, check_axe, check_width, expect


class Class:
    """Ms. Rivera's English 2, with Ana, Ben and Cam; Mr. Okafor has Algebra with Ana and Ben."""

    def __init__(self, house: House) -> None:
        self.house = house
        classes = house.order("open_classes")
        self.id, self.algebra = classes["english"], classes["algebra"]
        self.session = 0

    def start(self, minutes: float = 50, **options: Any) -> int:
        self.session = self.house.order(
            "start_class", class_id=self.id, by="rivera", minutes=minutes, **options
        )
        return self.session

    def stop(self) -> None:
        self.house.order("stop_class", session_id=self.session, by="rivera")

    def tell(self, kind: str, *students: str, **says: Any) -> int:
        """A command to these students (Ana)."""
        return int(self.house.order(
            "command", session_id=self.session, kind=kind, students=students or ("ana",),
            by="rivera", **says,
        ))  # fmt: skip

    def results_in(self, command: int, key: str, result: list[str]) -> None:
        """Wait until a command has this result at a student."""
        until = time.monotonic() + 10
        while (found := self.house.order("results", command_id=command)[key]) != result:
            assert time.monotonic() < until, found
            time.sleep(0.05)


@pytest.fixture
def english(house: House) -> Class:
    return Class(house)


def joined(cast: Cast, key: str = "ana", **more: Any) -> Person:
    """A student with the page open."""
    student = cast(key, path="/classroom/student", **more)
    student.until("document.querySelector('student-class').socket?.told !== undefined")
    return student


def test_it_joins_when_a_class_begins_and_leaves_when_it_ends(cast: Cast, english: Class) -> None:
    ana = joined(cast)
    expect(ana.page.get_by_role("heading", name="No class now")).to_be_visible()
    check_axe(ana.page)
    english.start()
    expect(ana.page.locator(".class-notice")).to_contain_text("A class is running")
    expect(ana.page.locator(".class-notice")).to_contain_text("English 2")
    expect(ana.page.locator(".class-notice")).to_contain_text("Period 3")
    expect(ana.page.locator(".class-notice")).to_contain_text("kept for 30 days")
    expect(ana.page.locator(".class-notice")).to_contain_text("Led by Ms. Rivera · until")
    expect(ana.announced).to_contain_text("A class is running: English 2")
    check_axe(ana.page)
    english.stop()
    expect(ana.page.get_by_role("heading", name="No class now")).to_be_visible()


def test_a_page_opened_late_says_the_same(cast: Cast, english: Class) -> None:
    english.start()
    english.tell("open_site", url="https://example.org/b")
    english.tell("message", text="Hello, Ana")
    ana = joined(cast)
    expect(ana.page.locator(".class-notice")).to_contain_text("English 2")
    expect(ana.page.locator("[data-sites] a")).to_have_text("https://example.org/b")
    expect(ana.page.locator("[data-messages] li")).to_have_count(1)
    expect(ana.page.locator("[data-messages]")).to_contain_text("Hello, Ana")


def test_whoever_comes_back_to_a_class_finds_what_it_told(cast: Cast, english: Class) -> None:
    english.start()
    english.tell("open_site", url="https://example.org/before")
    english.tell("message", text="Hello, Ana")
    ana = joined(cast)
    algebra = english.house.order(
        "start_class", class_id=english.algebra, by="okafor", take_over=["ana"]
    )
    notice, sites = ana.page.locator(".class-notice"), ana.page.locator("[data-sites] a")
    messages = ana.page.locator("[data-messages] li")
    expect(notice).to_contain_text("Algebra 1")
    expect(ana.page.locator("[data-sites-part]")).to_be_hidden()
    expect(messages).to_have_count(0)
    field = ana.page.get_by_label("Write to your teacher")
    field.fill("I was just")
    english.house.let_pass(0.1)
    english.house.order("stop_class", session_id=algebra, by="okafor")
    expect(notice).to_contain_text("English 2")
    expect(sites).to_have_text("https://example.org/before")
    expect(messages).to_have_count(1)
    expect(messages).to_contain_text("Hello, Ana")
    expect(ana.page.locator("[data-no-messages]")).to_be_hidden()
    expect(field).to_have_value("I was just")
    english.tell("open_site", url="https://example.org/after")
    expect(sites).to_have_text(["https://example.org/after", "https://example.org/before"])
    check_axe(ana.page)


def test_a_hand_is_raised_and_taken_down(cast: Cast, english: Class) -> None:
    english.start()
    ana = joined(cast)
    hand = ana.page.locator("[data-hand]")
    hand.click()
    expect(hand).to_have_attribute("aria-pressed", "true")
    expect(hand).to_contain_text("Take your hand down")
    assert english.house.order("has_hand_up", session_id=english.session, student="ana")
    check_axe(ana.page)
    ana.page.reload()
    expect(hand).to_have_attribute("aria-pressed", "true")
    english.tell("acknowledge_hand")
    expect(hand).to_have_attribute("aria-pressed", "false")


def test_messages_go_both_ways_and_text_stays_text(cast: Cast, english: Class) -> None:
    english.start()
    ana, other = joined(cast), joined(cast)
    script = "<img src=x onerror=alert(1)>"
    command = english.tell("message", text=script)
    expect(ana.page.locator("[data-messages]")).to_contain_text(script)
    english.results_in(command, "ana", ["applied", ""])
    field = ana.page.get_by_label("Write to your teacher")
    field.fill("I have a question")
    field.press("Enter")
    expect(ana.page.locator("[data-messages] .is-own")).to_contain_text("I have a question")
    expect(other.page.locator("[data-messages] .is-own")).to_contain_text("I have a question")
    expect(field).to_have_value("")
    assert english.house.order("said_by", session_id=english.session, student="ana") == [
        "I have a question"
    ]


def test_who_may_not_write_first_is_told(cast: Cast, english: Class) -> None:
    english.start(students_write=False, hands=False)
    ana = joined(cast)
    expect(ana.page.get_by_label("Write to your teacher")).to_be_hidden()
    expect(ana.page.locator("[data-no-writing]")).to_be_visible()
    expect(ana.page.locator("[data-hand]")).to_be_hidden()
    english.tell("message", text="Page 12")
    expect(ana.page.get_by_label("Write to your teacher")).to_be_visible()


def test_a_site_that_a_teacher_opens_is_a_link(cast: Cast, english: Class) -> None:
    english.start()
    ana, ben = joined(cast), joined(cast, "ben")
    command = english.tell("open_site", url="https://example.org/book")
    link = ana.page.locator("[data-sites] a")
    expect(link).to_have_attribute("href", "https://example.org/book")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    english.results_in(command, "ana", ["applied", ""])
    expect(ben.page.locator("[data-sites] a")).to_have_count(0)


def test_what_a_page_cannot_do_is_told_and_shown(cast: Cast, english: Class) -> None:
    english.start()
    ana = joined(cast)
    command = english.tell("site_lock", sites=["https://example.org"])
    expect(ana.page.locator("[data-rules]")).to_contain_text("Only these sites until")
    expect(ana.page.locator("[data-rules]")).to_contain_text("example.org")
    english.results_in(command, "ana", ["failed", "not_supported"])


def test_a_lock_reaches_the_chosen_and_cannot_be_closed(cast: Cast, english: Class) -> None:
    english.start()
    ana, ben, cam = joined(cast), joined(cast, "ben", viewport=PHONE), joined(cast, "cam")
    command = english.tell("lock", "ana", "ben", seconds=600, text="Eyes up here")
    for student in (ana, ben):
        lock = student.page.locator("dialog[data-lock]")
        expect(lock).to_be_visible()
        expect(lock).to_contain_text("Eyes up here")
        expect(lock).to_contain_text("Ms. Rivera · until")
        check_axe(student.page)
    expect(cam.page.locator("dialog[data-lock]")).to_be_hidden()
    for key in ("ana", "ben"):
        english.results_in(command, key, ["applied", ""])
    for _ in range(3):
        ana.page.keyboard.press("Escape")
    ana.page.mouse.click(5, 5)
    expect(ana.page.locator("dialog[data-lock]")).to_be_visible()
    ana.page.reload()
    expect(ana.page.locator("dialog[data-lock]")).to_be_visible()
    english.tell("unlock", "ana", "ben")
    expect(ana.page.locator("dialog[data-lock]")).to_be_hidden()
    expect(ben.page.locator("dialog[data-lock]")).to_be_hidden()


def test_a_lock_ends_with_its_lease_although_the_server_was_killed(
    cast: Cast, english: Class
) -> None:
    english.start()
    ana = joined(cast)
    english.tell("lock", seconds=6)
    lock = ana.page.locator("dialog[data-lock]")
    expect(lock).to_be_visible()
    server = english.house.servers[0]
    server.kill()
    expect(lock).to_be_visible()
    expect(lock).to_be_hidden(timeout=10_000)
    expect(ana.page.locator("[data-unheld]")).to_be_visible()
    expect(ana.connection).to_be_visible()
    server.start()
    expect(ana.connection).to_be_hidden(timeout=20_000)
    expect(ana.page.locator(".class-notice")).to_contain_text("English 2")
    assert english.house.order("restrictions", session_id=english.session) == {}
    # It hears again: the next command arrives.
    english.tell("message", text="Welcome back")
    expect(ana.page.locator("[data-messages]")).to_contain_text("Welcome back")


def test_a_class_ends_by_its_time_although_the_server_was_killed(
    cast: Cast, english: Class
) -> None:
    english.start(minutes=0.1)
    ana = joined(cast)
    expect(ana.page.locator(".class-notice")).to_contain_text("English 2")
    english.house.servers[0].kill()
    expect(ana.page.get_by_role("heading", name="No class now")).to_be_visible(timeout=10_000)
    english.house.servers[0].start()


def test_whoever_signs_out_elsewhere_is_led_to_the_sign_in(cast: Cast, english: Class) -> None:
    ana = joined(cast)
    english.house.order("sign_out", key="ana")
    expect(ana.page.get_by_role("heading", name="No class now")).to_be_hidden(timeout=10_000)
    assert "/classroom/student" not in ana.page.url


def until(page: Page, expression: str) -> None:
    """Until this holds; the page's policy forbids Playwright's way."""
    end = time.monotonic() + 10
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)


def test_one_page_too_many_is_told_why_and_waits_as_asked(cast: Cast, english: Class) -> None:
    english.start()
    ana = joined(cast)
    more = [ana.page.context.new_page() for _ in range(5)]
    for page in more:
        page.goto(ana.page.url)
        until(page, "document.querySelector('student-class').socket?.told !== undefined")
    last = more[-1]
    line = last.locator("#connection")
    expect(line).to_contain_text("too many pages of Corridor are open")
    check_axe(last)
    last.locator("[data-hand]").click()
    expect(last.locator(".toast")).to_contain_text("Not sent")
    opened: list[object] = []
    last.on("websocket", lambda socket: opened.append(socket))
    last.wait_for_timeout(7000)  # it looks every five seconds whether it may try again
    assert opened == []
    more[0].close()
    last.reload()
    until(last, "document.querySelector('student-class').socket?.isLetIn")
    expect(line).to_be_hidden()
    for page in more[1:]:
        page.close()


def test_long_words_and_a_small_screen(cast: Cast, english: Class) -> None:
    english.start()
    ana = joined(cast, viewport=NARROW)
    long = "https://example.org/" + "a" * 200
    english.tell("open_site", url=long)
    english.tell("message", text="w" * 400)
    expect(ana.page.locator("[data-messages] li")).to_have_count(1)
    check_width(ana.page)
    english.tell("lock", seconds=600, text="W" * 200)
    expect(ana.page.locator("dialog[data-lock]")).to_be_visible()
    check_width(ana.page)


def test_in_spanish(cast: Cast, english: Class) -> None:
    english.start()
    ana = joined(cast, locale="es-MX")
    expect(ana.page.locator(".class-notice")).to_contain_text("Hay una clase en curso")
    expect(ana.page.locator("[data-hand]")).to_contain_text("Levanta la mano")
    ana.page.locator("[data-hand]").click()
    expect(ana.page.locator("[data-hand]")).to_contain_text("Baja la mano")


# Both sides at once: the student's page, and the console that Ms. Rivera looks at


def console_of(cast: Cast, english: Class) -> Person:
    """Ms. Rivera at the console of the class."""
    rivera = cast("rivera", path=f"/classroom/sessions/{english.session}")
    rivera.until("document.querySelector('live-stream')?.source?.readyState === 1")
    return rivera


def card(rivera: Person, student: str) -> Locator:
    """The card of a student."""
    return rivera.page.locator(".student", has_text=student)


def has_state(rivera: Person, student: str, state: str, seconds: float = 5) -> None:
    """Until the student's card is in this state."""
    found = card(rivera, student)
    expect(found).to_have_attribute("data-state", state, timeout=seconds * 1000)


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_a_student_joins_raises_a_hand_goes_silent_and_comes_back(
    cast: Cast, english: Class
) -> None:
    english.start()
    rivera = console_of(cast, english)
    has_state(rivera, "Ana Lopez", "not_online")
    ana = joined(cast)
    has_state(rivera, "Ana Lopez", "nothing_to_show")
    ana.page.locator("[data-hand]").click()
    expect(card(rivera, "Ana Lopez").locator(".is-hand")).to_be_visible()
    # The Wi-Fi is gone: nothing is said of leaving.
    ana.context.set_offline(True)
    english.house.let_pass(0.51)
    has_state(rivera, "Ana Lopez", "lost_signal")
    expect(ana.connection).to_be_visible()
    expect(ana.page.locator("[data-unheld]")).to_be_visible()
    has_state(rivera, "Ben Carter", "not_online")
    ana.context.set_offline(False)
    has_state(rivera, "Ana Lopez", "nothing_to_show", 15)
    expect(ana.connection).to_be_hidden()
    expect(ana.page.locator("[data-hand]")).to_have_attribute("aria-pressed", "true")
    card(rivera, "Ana Lopez").locator(".is-hand").click()
    expect(ana.page.locator("[data-hand]")).to_have_attribute("aria-pressed", "false")
    # Leaving in good order is not being lost.
    ana.page.goto("about:blank")
    has_state(rivera, "Ana Lopez", "not_online", 8)


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_a_lock_from_the_console_reaches_the_chosen_and_shows_each_result(
    cast: Cast, english: Class
) -> None:
    english.start()
    ana, ben, cam = (joined(cast, key) for key in ("ana", "ben", "cam"))
    rivera = console_of(cast, english)
    has_state(rivera, "Cam Nguyen", "nothing_to_show")
    for student in ("Ana Lopez", "Ben Carter"):
        card(rivera, student).locator("input[name=students]").check()
    rivera.page.get_by_role("button", name="Lock", exact=True).click()
    rivera.page.get_by_label("What the screen says").fill("Eyes on me, please")
    rivera.page.locator("dialog[open] button.primary").click()
    for person in (ana, ben):
        expect(person.page.locator("dialog[data-lock]")).to_contain_text("Eyes on me, please")
    expect(cam.page.locator("dialog[data-lock]")).to_be_hidden()
    for student in ("Ana Lopez", "Ben Carter"):
        expect(card(rivera, student).locator(".student-state")).to_contain_text("Locked")
    expect(rivera.page.locator("main")).to_contain_text("2")
