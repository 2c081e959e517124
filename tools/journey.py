"""Pass in Classroom from the switch to the report, as a series of pictures in docs/images/class/.

Part of `make screenshots`; alone: `python -m tools.screenshots journey`.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Locator, Page, expect

Shot = Callable[[Page, str], None]
SignIn = Callable[..., Page]
WIDE: Final = {"width": 1366, "height": 768}
PHONE: Final = {"width": 390, "height": 844}
LONG: Final = 12 * 60  # seconds until a pass has run long


class Journey:
    """The people of the demonstration at their screens; `shot` takes a picture of one."""

    def __init__(
        self, browser: Browser, home: str, clock: Path, sign_in: SignIn, shot: Shot
    ) -> None:
        self.browser, self.home, self.clock, self.shot = browser, home, clock, shot
        self.sign_in = sign_in

    def take(self) -> None:
        """The whole series, in its order."""
        self.switch_on()
        self.ana, self.cam = self.person("ana", PHONE), self.person("cam", PHONE)
        self.ask(self.ana, "Nurse", "My head hurts")
        rivera = self.person("rivera", WIDE)
        waiting = rivera.locator('ul[data-section="waiting"] .row')
        expect(waiting.filter(has_text="Ana Lopez")).to_be_visible()
        while waiting.count():
            waiting.first.get_by_role("button", name="Approve").click()
            rivera.mouse.move(2, 2)
            rivera.wait_for_timeout(1200)
        expect(self.ana.locator("#ticket")).to_have_class(re.compile("tone-out"))
        self.start(rivera)
        self.request(rivera)
        self.on_the_way_and_back(rivera)
        self.long_and_over(rivera)

    def switch_on(self) -> None:
        """Settings → Systems → Integrations."""
        dana = self.person("dana", WIDE)
        dana.goto(f"{self.home}/classroom/settings")
        box = dana.get_by_label("Enable Pass integration")
        box.check()
        box.scroll_into_view_if_needed()
        self.shot(dana, "class/switch")
        dana.get_by_role("button", name="Save", exact=True).click()
        expect(dana.get_by_label("Enable Pass integration")).to_be_checked()

    def start(self, rivera: Page) -> None:
        """A class begins while Ana is out."""
        rivera.goto(f"{self.home}/classroom/classes")
        mine = rivera.locator(".class-card", has_text="Period 3")
        mine.get_by_role("link", name=re.compile("^Start")).click()
        expect(rivera.locator(".out-line")).to_contain_text("Ana Lopez")
        self.shot(rivera, "class/start")
        rivera.get_by_role("button", name="Start the class").click()
        expect(badge(rivera, "Ana Lopez")).to_be_visible()
        self.shot(rivera, "class/out")

    def request(self, rivera: Page) -> None:
        """Cam asks to see Mr. Okafor; the request pops up in the class."""
        self.ask(self.cam, "Mr. Okafor, 118", "A book I left there")
        popup = rivera.locator(".popup:visible", has_text="Cam Nguyen")
        expect(popup).to_be_visible()
        self.shot(rivera, "class/request")
        popup.get_by_role("button", name="Approve").click()
        rivera.mouse.move(2, 2)  # while it rests on a pop-up, that one stays
        expect(badge(rivera, "Cam Nguyen")).to_contain_text("On the way")
        expect(popup).to_have_count(0)
        self.shot(rivera, "class/on-the-way")

    def on_the_way_and_back(self, rivera: Page) -> None:
        """Mr. Okafor hears that Cam is coming, sees them arrive, sends them back."""
        okafor = self.person("okafor", WIDE)
        okafor.goto(f"{self.home}/classroom/classes")
        popup = okafor.locator(".popup:visible", has_text="Cam Nguyen")
        expect(popup).to_be_visible()
        self.shot(okafor, "class/coming")
        popup.get_by_role("button", name="Arrived").click()
        expect(badge(rivera, "Cam Nguyen")).to_contain_text("Arrived")
        self.shot(rivera, "class/arrived")
        okafor.goto(f"{self.home}/staff")
        row = okafor.locator("li.row", has_text="Cam Nguyen")
        row.get_by_role("button", name="Send back").click()
        expect(badge(rivera, "Cam Nguyen")).to_contain_text("Returning")
        self.shot(rivera, "class/returning")

    def long_and_over(self, rivera: Page) -> None:
        """Cam's pass runs long and is ended from its badge, Ana is back and joins the class."""
        self.clock.write_text(str(float(self.clock.read_text()) + LONG))
        rivera.wait_for_timeout(1500)
        rivera.reload()  # a page's own clock goes by the machine's, which was not moved
        expect(badge(rivera, "Cam Nguyen")).to_have_class(re.compile("tone-long"))
        self.shot(rivera, "class/long")
        badge(rivera, "Cam Nguyen").click()
        detail = rivera.locator("#detail[open]")
        expect(detail).to_contain_text("Sent back")
        self.shot(rivera, "class/details")
        detail.get_by_role("button", name="End pass").click()
        expect(badge(rivera, "Cam Nguyen")).to_have_count(0)
        detail.locator("[data-close]").click()
        self.shot(rivera, "class/ended")
        badge(rivera, "Ana Lopez").click()
        detail.get_by_role("button", name="End pass").click()
        expect(rivera.locator(".student", has_text="Ana Lopez")).not_to_contain_text("joins when")
        detail.locator("[data-close]").click()
        self.shot(rivera, "class/joined")
        card = rivera.locator(".student", has_text="Cam Nguyen")
        card.get_by_role("button", name="Give Cam Nguyen a pass").click()
        expect(detail).to_contain_text("A pass for Cam Nguyen")
        self.shot(rivera, "class/give")
        detail.locator("[data-close]").click()

    def ask(self, student: Page, place: str, reason: str) -> None:
        """A student asks for a pass from Ms. Rivera's room."""
        room = "Ms. Rivera, 204"
        if student.locator("[data-origin-line]", has_text=room).count() == 0:
            if student.locator("[data-change]").is_visible():
                student.locator("[data-change]").click()
            student.locator("[data-origin-list]").get_by_text(room).click()
        places = student.locator("[data-all] .place, [data-favourites] .place")
        places.filter(has_text=place).first.click()
        student.locator("[name=reason]").fill(reason)
        student.locator("[data-send]").click()
        student.locator("#ticket").wait_for()

    def person(self, key: str, viewport: dict[str, int]) -> Page:
        """One of the cast at a screen of their own."""
        return self.sign_in(self.browser, key, viewport)


def badge(page: Page, student: str) -> Locator:
    """The badge on a student's card."""
    return page.locator(".student", has_text=student).locator(".pass-badge")
