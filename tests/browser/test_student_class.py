"""The student's page of Classroom: joins by itself, says what is, and lets go by itself."""

import time

import pytest

from tests.browser.house import House
from tests.browser.people import NARROW, PHONE, Cast, Person, check_axe, check_width, expect


@pytest.fixture
def in_classroom(house: House) -> House:
    """Ms. Rivera teaches English 2 to Ana, Ben and Cam."""
    house.order("open_classroom")
    return house


def joined(cast: Cast, key: str = "ana", **more: object) -> Person:
    """A student with the page open."""
    student = cast(key, path="/classroom/student", **more)
    student.until("document.querySelector('student-class').socket?.told !== undefined")
    return student


def until_result(house: House, command: int, key: str, result: list[str]) -> None:
    """Until a command has this result at a student."""
    until = time.monotonic() + 10
    while (found := house.order("results", command=command)[key]) != result:
        assert time.monotonic() < until, found
        time.sleep(0.05)


def test_it_joins_when_a_class_begins_and_leaves_when_it_ends(
    cast: Cast, in_classroom: House
) -> None:
    ana = joined(cast)
    expect(ana.page.get_by_role("heading", name="No class now")).to_be_visible()
    check_axe(ana.page)
    in_classroom.order("start_class")
    expect(ana.page.locator(".class-notice")).to_contain_text("A class is running")
    expect(ana.page.locator(".class-notice")).to_contain_text("English 2")
    expect(ana.page.locator(".class-notice")).to_contain_text("Led by Ms. Rivera · until")
    expect(ana.announced).to_contain_text("A class is running: English 2")
    check_axe(ana.page)
    in_classroom.order("stop_class")
    expect(ana.page.get_by_role("heading", name="No class now")).to_be_visible()


def test_a_page_opened_late_says_the_same(cast: Cast, in_classroom: House) -> None:
    in_classroom.order("start_class")
    in_classroom.order(
        "tell_class", kind="open_site", students=["ana"], url="https://example.org/b"
    )
    in_classroom.order("tell_class", kind="message", students=["ana"], text="Hello, Ana")
    ana = joined(cast)
    expect(ana.page.locator(".class-notice")).to_contain_text("English 2")
    expect(ana.page.locator("[data-sites] a")).to_have_text("https://example.org/b")
    expect(ana.page.locator("[data-messages] li")).to_have_count(1)
    expect(ana.page.locator("[data-messages]")).to_contain_text("Hello, Ana")


def test_a_hand_is_raised_and_taken_down(cast: Cast, in_classroom: House) -> None:
    in_classroom.order("start_class")
    ana = joined(cast)
    hand = ana.page.locator("[data-hand]")
    hand.click()
    expect(hand).to_have_attribute("aria-pressed", "true")
    expect(hand).to_contain_text("Take your hand down")
    assert in_classroom.order("in_class", key="ana")["hand"]
    check_axe(ana.page)
    ana.page.reload()
    expect(hand).to_have_attribute("aria-pressed", "true")
    in_classroom.order("tell_class", kind="acknowledge_hand", students=["ana"])
    expect(hand).to_have_attribute("aria-pressed", "false")


def test_messages_go_both_ways_and_text_stays_text(cast: Cast, in_classroom: House) -> None:
    in_classroom.order("start_class")
    ana, other = joined(cast), joined(cast)
    script = "<img src=x onerror=alert(1)>"
    command = in_classroom.order("tell_class", kind="message", students=["ana"], text=script)
    expect(ana.page.locator("[data-messages]")).to_contain_text(script)
    until_result(in_classroom, command, "ana", ["applied", ""])
    field = ana.page.get_by_label("Write to your teacher")
    field.fill("I have a question")
    field.press("Enter")
    expect(ana.page.locator("[data-messages] .is-own")).to_contain_text("I have a question")
    expect(other.page.locator("[data-messages] .is-own")).to_contain_text("I have a question")
    expect(field).to_have_value("")
    assert in_classroom.order("in_class", key="ana")["wrote"] == ["I have a question"]


def test_who_may_not_write_first_is_told(cast: Cast, in_classroom: House) -> None:
    in_classroom.order("start_class", students_write=False, hands=False)
    ana = joined(cast)
    expect(ana.page.get_by_label("Write to your teacher")).to_be_hidden()
    expect(ana.page.locator("[data-no-writing]")).to_be_visible()
    expect(ana.page.locator("[data-hand]")).to_be_hidden()
    in_classroom.order("tell_class", kind="message", students=["ana"], text="Page 12")
    expect(ana.page.get_by_label("Write to your teacher")).to_be_visible()


def test_a_site_that_a_teacher_opens_is_a_link(cast: Cast, in_classroom: House) -> None:
    in_classroom.order("start_class")
    ana, ben = joined(cast), joined(cast, "ben")
    command = in_classroom.order(
        "tell_class", kind="open_site", students=["ana"], url="https://example.org/book"
    )
    link = ana.page.locator("[data-sites] a")
    expect(link).to_have_attribute("href", "https://example.org/book")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    until_result(in_classroom, command, "ana", ["applied", ""])
    expect(ben.page.locator("[data-sites] a")).to_have_count(0)


def test_what_a_page_cannot_do_is_told_and_shown(cast: Cast, in_classroom: House) -> None:
    in_classroom.order("start_class")
    ana = joined(cast)
    command = in_classroom.order(
        "tell_class", kind="site_lock", students=["ana"], sites=["https://example.org"]
    )
    expect(ana.page.locator("[data-rules]")).to_contain_text("Only these sites until")
    expect(ana.page.locator("[data-rules]")).to_contain_text("example.org")
    until_result(in_classroom, command, "ana", ["failed", "not_supported"])


def test_a_lock_reaches_the_chosen_and_cannot_be_closed(cast: Cast, in_classroom: House) -> None:
    in_classroom.order("start_class")
    ana, ben, cam = joined(cast), joined(cast, "ben", viewport=PHONE), joined(cast, "cam")
    command = in_classroom.order(
        "tell_class", kind="lock", students=["ana", "ben"], seconds=600, text="Eyes up here"
    )
    for student in (ana, ben):
        lock = student.page.locator("dialog[data-lock]")
        expect(lock).to_be_visible()
        expect(lock).to_contain_text("Eyes up here")
        expect(lock).to_contain_text("Ms. Rivera · until")
        check_axe(student.page)
    expect(cam.page.locator("dialog[data-lock]")).to_be_hidden()
    for key in ("ana", "ben"):
        until_result(in_classroom, command, key, ["applied", ""])
    for _ in range(3):
        ana.page.keyboard.press("Escape")
    ana.page.mouse.click(5, 5)
    expect(ana.page.locator("dialog[data-lock]")).to_be_visible()
    ana.page.reload()
    expect(ana.page.locator("dialog[data-lock]")).to_be_visible()
    in_classroom.order("tell_class", kind="unlock", students=["ana", "ben"])
    expect(ana.page.locator("dialog[data-lock]")).to_be_hidden()
    expect(ben.page.locator("dialog[data-lock]")).to_be_hidden()


def test_a_lock_ends_with_its_lease_although_the_server_was_killed(
    cast: Cast, in_classroom: House
) -> None:
    in_classroom.order("start_class")
    ana = joined(cast)
    in_classroom.order("tell_class", kind="lock", students=["ana"], seconds=6)
    lock = ana.page.locator("dialog[data-lock]")
    expect(lock).to_be_visible()
    server = in_classroom.servers[0]
    server.kill()
    expect(lock).to_be_visible()
    expect(lock).to_be_hidden(timeout=10_000)
    expect(ana.page.locator("[data-unheld]")).to_be_visible()
    expect(ana.connection).to_be_visible()
    server.start()
    expect(ana.connection).to_be_hidden(timeout=20_000)
    expect(ana.page.locator(".class-notice")).to_contain_text("English 2")
    assert in_classroom.order("in_class", key="ana")["restrictions"] == []
    # It hears again: the next command arrives.
    in_classroom.order("tell_class", kind="message", students=["ana"], text="Welcome back")
    expect(ana.page.locator("[data-messages]")).to_contain_text("Welcome back")


def test_a_class_ends_by_its_time_although_the_server_was_killed(
    cast: Cast, in_classroom: House
) -> None:
    in_classroom.order("start_class", minutes=0.1)
    ana = joined(cast)
    expect(ana.page.locator(".class-notice")).to_contain_text("English 2")
    in_classroom.servers[0].kill()
    expect(ana.page.get_by_role("heading", name="No class now")).to_be_visible(timeout=10_000)
    in_classroom.servers[0].start()


def test_whoever_signs_out_elsewhere_is_led_to_the_sign_in(cast: Cast, in_classroom: House) -> None:
    ana = joined(cast)
    in_classroom.order("sign_out", key="ana")
    expect(ana.page.get_by_role("heading", name="No class now")).to_be_hidden(timeout=10_000)
    assert "/classroom/student" not in ana.page.url


def test_long_words_and_a_small_screen(cast: Cast, in_classroom: House) -> None:
    in_classroom.order("start_class")
    ana = joined(cast, viewport=NARROW)
    long = "https://example.org/" + "a" * 200
    in_classroom.order("tell_class", kind="open_site", students=["ana"], url=long)
    in_classroom.order("tell_class", kind="message", students=["ana"], text="w" * 400)
    expect(ana.page.locator("[data-messages] li")).to_have_count(1)
    check_width(ana.page)
    in_classroom.order("tell_class", kind="lock", students=["ana"], seconds=600, text="W" * 200)
    expect(ana.page.locator("dialog[data-lock]")).to_be_visible()
    check_width(ana.page)


def test_in_spanish(cast: Cast, in_classroom: House) -> None:
    in_classroom.order("start_class")
    ana = joined(cast, locale="es-MX")
    expect(ana.page.locator(".class-notice")).to_contain_text("Hay una clase en curso")
    expect(ana.page.locator("[data-hand]")).to_contain_text("Levanta la mano")
    ana.page.locator("[data-hand]").click()
    expect(ana.page.locator("[data-hand]")).to_contain_text("Baja la mano")
