"""People at their screens: what they press, what they see, and what must never happen there."""

import json
import time
from typing import Any, Final
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    ViewportSize,
    expect,
)

from tests.browser.house import House

WIDE: Final[ViewportSize] = {"width": 1366, "height": 768}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
NARROW: Final[ViewportSize] = {"width": 320, "height": 640}
WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COOKIE: Final = "corridor-session"
# What a browser or htmx writes about an answer that is no success, or about no answer at all.
EXPECTED: Final = (
    "htmx:sendAbort",  # a question that was under way when the page was left
    "Failed to load resource",
    "Response Status Error Code 4",
    "htmx:sendError",
    "htmx:afterRequest",
    "WebSocket connection to",  # while there is no server
)
# Every row as what it is, which version of it, and where it stands.
ROWS: Final = """[...document.querySelectorAll('.row')].map(
    row => [row.parentElement.dataset.section, row.id, Number(row.dataset.version)])"""


class Person:
    """One of the cast at a screen of their own."""

    def __init__(self, house: House, context: BrowserContext, key: str) -> None:
        self.house = house
        self.context = context
        self.key = key
        self.url = house.url_for(key)
        self.problems: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Another tab; whatever goes wrong in it is a problem."""
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._asked)
        page.on("response", self._answered)
        return page

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not any(text in message.text for text in EXPECTED):
            self.problems.append(message.text)

    def _asked(self, request: Any) -> None:
        if urlsplit(request.url).scheme not in ("data", "blob") and not self._is_ours(request.url):
            self.problems.append(f"asked somebody else: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} from {response.url}")

    def _is_ours(self, url: str) -> bool:
        ours = (self.url, *(server.url for server in self.house.servers))
        return any(url.startswith(f"{one}/") for one in ours)

    # Going

    def go(self, path: str = "/") -> "Person":
        """Open a page of the person's server."""
        self.page.goto(self.url + path)
        return self

    def sign_in(self, password: str, email: str = "") -> None:
        """By the form, as everybody does."""
        self.page.get_by_label("E-mail address").fill(email or self.house.email(self.key))
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    # The board

    def row(self, student: str) -> Locator:
        """The row of this student's pass on the dashboard."""
        return self.page.locator("li.row", has_text=student)

    def press(self, student: str, move: str) -> None:
        """Press a button of the row, then take the pointer away (under it nothing moves)."""
        self.row(student).get_by_role("button", name=move).click()
        self.look_away()

    def look_away(self) -> None:
        """The pointer leaves the lists."""
        self.page.mouse.move(2, 2)

    def point_at(self, student: str) -> None:
        """The pointer rests on a row, as if about to press."""
        box = self.row(student).bounding_box()
        assert box
        self.page.mouse.move(box["x"] + 200, box["y"] + box["height"] / 2)

    def names(self, section: str = "") -> list[str]:
        """Whose rows stand there, from the top."""
        inside = f'ul[data-section="{section}"] ' if section else ""
        return self.page.locator(f"{inside}.row .who bdi").all_inner_texts()

    def tops(self) -> dict[str, float]:
        """Where each row begins."""
        found: dict[str, float] = self.page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.row')].map("
            "row => [row.id, row.getBoundingClientRect().top]))"
        )
        return found

    @property
    def news(self) -> Locator:
        """The bar behind which changes wait."""
        return self.page.locator("[data-news]")

    @property
    def detail(self) -> Locator:
        """The dialog with the whole story of a pass."""
        return self.page.locator("#detail")

    # The student

    def choose(self, destination: str, origin: str = "Ms. Rivera, 204") -> None:
        """Up to the last tap before a request."""
        if self.page.locator("[data-origins]").is_visible():
            self.page.locator("[data-origin-list]").get_by_text(origin).click()
        places = self.page.locator("[data-all] .place, [data-favourites] .place")
        places.filter(has_text=destination).first.click()

    def ask(self, destination: str, reason: str = "", origin: str = "Ms. Rivera, 204") -> None:
        """Ask for a pass."""
        self.choose(destination, origin)
        if reason:
            self.page.get_by_label("Reason").fill(reason)
        self.page.locator("[data-send]").click()

    @property
    def ticket(self) -> Locator:
        """The running pass."""
        return self.page.locator("#ticket")

    # Anybody

    @property
    def word(self) -> Locator:
        """The word of the minute."""
        return self.page.locator("[data-word-text]")

    @property
    def announced(self) -> Locator:
        """What a screen reader is told, without the focus moving."""
        return self.page.locator("#announce")

    @property
    def toast(self) -> Locator:
        """A sentence after a press that did not work."""
        return self.page.locator(".toast")

    @property
    def connection(self) -> Locator:
        """The line that says the connection is lost."""
        return self.page.locator("#connection")

    def state(self) -> Any:
        """What the page shows: the rows of a board, or the student's ticket."""
        return _state(self.page)

    def until(self, expression: str, seconds: float = 10.0) -> None:
        """Until this holds in the page, over loads of it (its policy forbids Playwright's way)."""
        until = time.monotonic() + seconds
        while not self._holds(expression):
            assert time.monotonic() < until, f"not within {seconds} s: {expression}"
            self.page.wait_for_timeout(50)

    def _holds(self, expression: str) -> bool:
        try:
            return bool(self.page.evaluate(expression))
        except Error:  # a page that is just being loaded
            return False

    def is_fresh(self, seconds: float = 5.0) -> None:
        """Within this time the page shows what a freshly loaded one shows, and nothing twice."""
        until = time.monotonic() + seconds
        other = self.context.new_page()
        try:
            while True:
                other.goto(self.page.url)
                fresh, shown = _state(other), self.state()
                if shown == fresh:
                    break
                assert time.monotonic() < until, f"shown: {shown}\nfresh: {fresh}"
                self.page.wait_for_timeout(100)
        finally:
            other.close()
        if isinstance(shown, list):
            assert len({row for _, row, _ in shown}) == len(shown)


def _state(page: Page) -> Any:
    if page.locator("pass-board").count():
        return page.evaluate(ROWS)
    ticket = page.locator("#ticket")
    if not ticket.count():
        return page.url
    return (ticket.get_attribute("data-version"), ticket.locator("h1").inner_text())


class Cast:
    """Brings people of the cast to their screens."""

    def __init__(self, house: House, browser: Browser) -> None:
        self.house = house
        self._browser = browser
        self.people: list[Person] = []

    def stranger(self, key: str = "rivera", **options: Any) -> Person:
        """Somebody with a browser, not signed in."""
        options.setdefault("viewport", WIDE)
        person = Person(self.house, self._browser.new_context(**options), key)
        self.people.append(person)
        return person

    def __call__(self, key: str, viewport: Any = WIDE, path: str = "/", **options: Any) -> Person:
        """This person, signed in, in a browser of their own (that may come by another `url`)."""
        url = options.pop("url", "")
        person = self.stranger(key, viewport=viewport, **options)
        person.url = url or person.url
        value = self.house.order("sign_in", key=key)
        person.context.add_cookies([{"name": COOKIE, "value": value, "url": person.url}])
        return person.go(path)

    def close(self) -> None:
        """Nobody's script may have failed, nothing may have been blocked or have gone outside."""
        for person in self.people:
            # Chromium never closes a page that is just changing to another: first it stands still.
            for page in person.context.pages:
                page.wait_for_load_state()
            person.context.close()
        problems = [problem for person in self.people for problem in person.problems]
        assert not problems, "\n".join(problems)


def check_axe(page: Page) -> None:
    """WCAG 2.2 AA as far as a machine can tell, on the page as it is now."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    broken = [
        {"rule": v["id"], "help": v["help"], "nodes": [n["html"][:200] for n in v["nodes"][:3]]}
        for v in found.response["violations"]
    ]
    assert not broken, json.dumps(broken, indent=2)


# The innermost parts whose edge is beyond the screen's.
OUTSIDE = """[...document.querySelectorAll('body *')].filter(part =>
    part.checkVisibility() && part.getBoundingClientRect().right > innerWidth + 0.5)
    .map(part => part.outerHTML.slice(0, 120)).slice(-5)"""


def check_width(page: Page) -> None:
    """Nothing is to the side of the screen."""
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if wide > screen:
        outside = page.evaluate(OUTSIDE)
        raise AssertionError(f"{page.url}: {wide} pixels on a screen of {screen}: {outside}")


# Words of the page that begin on one line and end on another; a word is letters without a gap.
BROKEN: Final = r"""(() => {
    const found = new Set(), range = document.createRange();
    const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode, part = text.parentElement;
        if (!part.checkVisibility() || part.closest('.visually-hidden')) continue;
        for (const word of text.data.matchAll(/[\p{L}\p{M}\p{N}'’]+/gu)) {
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            const lines = [...range.getClientRects()].filter(line => line.width);
            if (new Set(lines.map(line => line.top)).size < 2) continue;
            const width = lines.reduce((sum, line) => sum + line.width, 0);
            if (width <= innerWidth) found.add(`${word[0]} in ${part.outerHTML.slice(0, 80)}`);
        }
    }
    return [...found];
})()"""


def check_words(page: Page) -> None:
    """No word is broken across lines but one that is wider than the screen."""
    broken = page.evaluate(BROKEN) if page.locator("main").count() else []
    assert not broken, f"{page.url}: {broken}"


__all__ = [
    "NARROW", "PHONE", "WIDE",
    "Cast", "Person", "check_axe", "check_width", "check_words", "expect",
]  # fmt: skip
