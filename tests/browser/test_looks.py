"""For everybody: dark and light, small and large, with large letters and without motion."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.house import House
from tests.browser.people import (
    NARROW,
    PHONE,
    WIDE,
    Cast,
    Person,
    check_axe,
    check_width,
    check_words,
    expect,
)

KILOBYTES = 80
STRANGERS = ("/demo", "/account/sign-in", "/account/password/reset", "/nowhere")
ADULTS = (
    "/staff", "/staff?scope=all", "/staff?scope=all&tab=ended", "/admin/people",
    "/account/password",
)  # fmt: skip
STUDENTS = ("/student", "/student/history")
SIZES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("light", {"viewport": WIDE}),
    ("dark", {"viewport": WIDE, "color_scheme": "dark"}),
    ("narrow", {"viewport": NARROW}),
    ("narrow dark", {"viewport": NARROW, "color_scheme": "dark"}),
)
in_each_size = pytest.mark.parametrize(
    "look", [look for _, look in SIZES], ids=[name for name, _ in SIZES]
)


def look_at(person: Person, paths: tuple[str, ...], check: Callable[[Person], None]) -> None:
    """Each of these pages must pass."""
    for path in paths:
        person.go(path)
        check(person)


def all_pages(admin: Person) -> tuple[str, ...]:
    """Those above, and every page that an admin finds in the menus of the first and fourth."""
    found = dict.fromkeys(ADULTS)
    for path in ("/staff", "/admin/people"):
        links = admin.go(path).page.locator("nav a")
        hrefs = [link.get_attribute("href") or "" for link in links.all()]
        found |= dict.fromkeys(href for href in hrefs if href.startswith("/"))
    assert len(found) > 10, found
    return tuple(found)


def every_page(person: Person, paths: tuple[str, ...]) -> Iterator[str]:
    """The person goes to these and to all that can be reached by links, to one page of a kind."""
    ahead, kinds = list(paths), set[str]()
    while ahead:
        path = ahead.pop(0)
        kind = re.sub(r"(?<=/)[0-9a-f]*\d[0-9a-f]*(?=/|$)", "*", path.partition("?")[0])
        if kind in kinds:
            continue
        kinds.add(kind)
        yield person.go(path).page.url
        links = person.page.locator("a[href^='/']:not([download], [href*='export'])")
        hrefs = links.evaluate_all("links => links.map(link => link.getAttribute('href'))")
        ahead += [href.partition("#")[0] for href in hrefs]


def whole(person: Person) -> None:
    """Nothing to find for axe, nothing to the side."""
    check_axe(person.page)
    check_width(person.page)


@in_each_size
def test_every_page_is_for_everybody(cast: Cast, house: House, look: dict[str, Any]) -> None:
    """A full board, a student with a history, pages before the sign-in."""
    house.order("fill")
    dana = cast("dana", **look)
    look_at(dana, all_pages(dana), whole)
    look_at(cast("rivera", **look), ADULTS[:2], whole)
    look_at(cast("ben", **look), STUDENTS, whole)
    look_at(cast.stranger(**look), STRANGERS, whole)


@in_each_size
def test_every_state_of_a_pass_is_for_everybody(
    cast: Cast, house: House, look: dict[str, Any]
) -> None:
    """Each tone on the ticket and on the board, with its dialog."""
    ana, rivera = cast("ana", **look), cast("rivera", **look)

    def both(word: str) -> None:
        expect(ana.ticket).to_contain_text(word)
        whole(ana)
        expect(rivera.row("Ana Lopez")).to_contain_text(word)
        whole(rivera)

    ana.choose("Nurse")
    whole(ana)
    ana.page.get_by_label("Reason").fill("Headache")
    ana.page.locator("[data-send]").click()
    both("Waiting approval")
    house.order("press", move="approve", student="ana", by="rivera")
    both("On the way")
    house.order("press", move="arrive", student="ana", by="ito")
    both("Arrived")
    house.let_pass(11)
    both("Long running")
    rivera.row("Ana Lopez").locator(".name-button").click()
    expect(rivera.detail.locator(".story")).to_be_visible()
    whole(rivera)
    house.let_pass(20)
    expect(ana.ticket).to_contain_text("System ended")
    whole(ana)
    expect(rivera.detail.locator(".chip").first).to_have_text("System ended")
    whole(rivera)
    rivera.go("/staff?tab=ended")
    both("System ended")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_letters_of_twice_the_size(cast: Cast, house: House, viewport: dict[str, int]) -> None:
    """As set in the browser for all pages; nothing is lost to the side."""
    house.order("fill")
    dana, ana = cast("dana", viewport), cast("ana", viewport)
    for person in (dana, ana):
        browser = person.context.new_cdp_session(person.page)
        browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    look_at(dana, all_pages(dana), whole)
    look_at(ana, STUDENTS, whole)
    assert ana.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="approve", student="ana", by="rivera")
    look_at(ana, STUDENTS, whole)


@pytest.mark.parametrize("locale", ["en-US", "es-US"])
def test_no_word_is_broken_on_a_narrow_phone(cast: Cast, house: House, locale: str) -> None:
    """Names, places and times are read at a glance; letter by letter they are not."""
    house.order("fill")
    house.order("open_classes")
    house.order("choose_auto", key="rivera", names=["Restroom B", "Main entrance"])
    look: dict[str, Any] = {"viewport": NARROW, "locale": locale}
    rivera, dana, ben = cast("rivera", **look), cast("dana", **look), cast("ben", **look)
    seen = set()
    for person, paths in (
        (rivera, ("/staff/auto-pass",)),
        (dana, (*ADULTS, "/admin/bell/calendar", "/classroom")),
        (ben, STUDENTS),
    ):
        for url in every_page(person, paths):
            check_words(person.page)
            seen.add(url)
    assert len(seen) > 50, seen


@pytest.mark.parametrize("key", ["ben", "dana", ""], ids=["student", "adult", "stranger"])
def test_a_thumb_can_press_everything(cast: Cast, house: House, key: str) -> None:
    """On a phone every button is at least 44 pixels high and wide, also on a narrow one.

    Links in a line of text are text.
    """
    house.order("fill")
    thumbs: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    person = cast(key, **thumbs) if key else cast.stranger(**thumbs)
    paths = {"ben": STUDENTS, "": STRANGERS}.get(key) or all_pages(person)
    for path in paths:
        person.go(path)
        for viewport in (PHONE, NARROW):
            person.page.set_viewport_size(viewport)
            small = person.page.evaluate(
                """[...document.querySelectorAll('button, summary, select, a.button, nav a,'
                    + 'input:not([type=hidden]), label.tick')]
                .filter(part => part.checkVisibility())
                .filter(part => !(part.localName === 'input' && part.closest('label')))
                .map(part => [part.outerHTML.slice(0, 120), part.getBoundingClientRect()])
                .filter(([, { width, height }]) => Math.min(width, height) < 43.9)"""
            )
            assert small == [], (path, viewport)


# What a finger presses and is too small. A label is pressed for the box in it.
PRESSABLE = """[...document.querySelectorAll(
        'button, summary, select, input:not([type=hidden]), a')]
    .filter(part => part.checkVisibility() && !part.closest('.visually-hidden, .help, .banner'))
    .map(part => part.matches('input') && part.closest('label') || part)
    .map(part => [part, part.getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
    .map(([part, box]) => `${part.outerHTML.slice(0, 100)} ${box.width} × ${box.height}`)"""


def test_a_thumb_can_press_everything_in_classroom(cast: Cast, house: House) -> None:
    """On a phone nothing to press is smaller than 44 pixels, either way."""
    classes = house.order("open_classes")
    session_id = house.order("start_class", class_id=classes["english"], by="rivera")
    past = house.order("start_class", class_id=classes["algebra"], by="okafor")
    house.order("stop_class", session_id=past, by="okafor")
    person = cast("dana", viewport=PHONE, has_touch=True, is_mobile=True)
    person.go("/classroom/people")
    first = person.page.locator("a.person").first.get_attribute("href") or ""
    english, algebra = (f"/classroom/classes/{number}" for number in classes.values())
    console = f"/classroom/sessions/{session_id}"
    for path in (
        "/classroom/people", first, "/classroom/classes", "/classroom/classes?view=list",
        english, f"{algebra}/start", "/classroom/classes/new", "/classroom/classes/import",
        "/classroom/plans", "/classroom/links", "/classroom/history",
        f"/classroom/history/{past}", "/classroom/settings",
        "/classroom/settings/permissions", console,
    ):  # fmt: skip
        person.go(path)
        assert person.page.evaluate(PRESSABLE) == [], path
    person.page.get_by_role("button", name="Tabs", exact=True).click()
    assert person.page.evaluate(PRESSABLE) == [], "tabs"
    tablet = cast("dana", viewport=WIDE, has_touch=True, is_mobile=True, path=console)
    assert tablet.page.evaluate(PRESSABLE) == [], "tablet"


def test_no_motion_for_whoever_asked_for_none(cast: Cast, house: House) -> None:
    """Neither animations nor transitions that one could see."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera", reduced_motion="reduce")
    rivera.row("Ana Lopez").locator(".name-button").click()
    expect(rivera.detail.locator(".story")).to_be_visible()
    moving = rivera.page.evaluate(
        """[...document.querySelectorAll('*')].filter(part => {
            const style = getComputedStyle(part);
            const times = `${style.transitionDuration},${style.animationDuration}`.split(',');
            return times.some(time => parseFloat(time) > 0.01);
        }).map(part => part.outerHTML.slice(0, 120))"""
    )
    assert moving == []


@pytest.mark.parametrize(
    ("key", "path"), [("ana", "/student"), ("rivera", "/staff"), ("", "/account/sign-in")]
)
def test_the_first_page_is_light(cast: Cast, house: House, key: str, path: str) -> None:
    """Everything that comes over the wire to a browser that has never been here."""
    house.order("fill")
    person = cast.stranger(key or "rivera")
    if key:
        value = house.order("sign_in", key=key)
        cookie = {"name": "corridor-session", "value": value, "url": person.url}
        person.context.add_cookies([cookie])  # type: ignore[list-item]
    finished: list[Any] = []
    person.page.on("requestfinished", lambda one: finished.append(one))
    person.go(path)
    person.page.wait_for_load_state("load")
    person.page.wait_for_timeout(500)
    sizes = {one.url.split("/")[-1]: one.sizes() for one in finished}
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes.values())
    listed = {name: size["responseBodySize"] for name, size in sizes.items()}
    assert total <= KILOBYTES * 1024, f"{total} bytes: {listed}"
