"""The pictures in the README and the documents, taken from the running demonstration.

`make screenshots` makes a fresh demonstration school, drives it in Chromium as a person would and
writes docs/images/, so that the pictures stay true.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from corridor.demo.zone import time_zone
from tools.browser import launch
from tools.journey import Journey

IMAGES: Final = Path(__file__).parent.parent / "docs" / "images"
WIDE: Final = {"width": 1366, "height": 768}
PHONE: Final = {"width": 390, "height": 844}
FRIDAY: Final = 4
PORT: Final = 8765
HOME: Final = f"http://localhost:{PORT}"


def main() -> None:
    """Take every picture, or those of the journey, each series in a demonstration of its own."""
    if sys.argv[1:] != ["journey"]:
        in_a_fresh_school(lambda browser, _clock: take(browser))
    in_a_fresh_school(lambda browser, clock: Journey(browser, HOME, clock, sign_in, shot).take())


def in_a_fresh_school(series: Callable[[Browser, Path], None]) -> None:
    """Start the demonstration, take a series of pictures, stop it."""
    with tempfile.TemporaryDirectory() as folder:
        clock = Path(folder) / "clock"
        clock.write_text(str(until_morning()))
        demo = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "corridor", "demo", "--port", str(PORT)],
            env=os.environ | {"CORRIDOR_DATA": folder, "CORRIDOR_CLOCK_FILE": str(clock)},
        )
        try:
            _wait_until_ready()
            with sync_playwright() as playwright:
                series(launch(playwright), clock)
        finally:
            demo.terminate()
            demo.wait()


def until_morning() -> float:
    """Seconds until a quarter past ten on the next school day, when a school looks like one."""
    now = datetime.now(ZoneInfo(time_zone()))
    morning = now.replace(hour=10, minute=15, second=0, microsecond=0)
    while morning < now or morning.weekday() > FRIDAY:
        morning += timedelta(days=1)
    return (morning - now).total_seconds()


def take(browser: Browser) -> None:
    """Ana asks for the nurse; everybody concerned looks."""
    rivera, ana = sign_in(browser, "rivera", WIDE), sign_in(browser, "ana", PHONE)
    shot(ana, "student-ask")
    ana.locator("[data-favourites], [data-all]").get_by_text("Nurse").first.click()
    ana.locator("[name=reason]").fill("My head hurts")
    shot(ana, "student-reason")
    ana.locator("[data-send]").click()
    ana.locator("#ticket").wait_for()
    shot(ana, "student-waiting")
    row = rivera.locator("li.row", has_text="Ana Lopez")
    row.wait_for()
    shot(rivera, "staff")
    row.get_by_role("button", name="Approve").click()
    ana.locator("#ticket.tone-out").wait_for()
    time.sleep(4)
    shot(ana, "student-pass")
    rivera.mouse.move(2, 2)
    row.locator(".name-button").click()
    rivera.locator("#detail[open]").wait_for()
    shot(rivera, "pass-details")
    dana = sign_in(browser, "dana", WIDE, dark=True)
    dana.goto(f"{HOME}/staff?scope=all")
    shot(dana, "building-dark")


def sign_in(browser: Browser, key: str, viewport: dict[str, int], *, dark: bool = False) -> Page:
    """One of the cast at a screen of their own."""
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{HOME}/demo")
    page.locator(f"form:has(input[value={key}]) button, button[value={key}]").click()
    page.wait_for_url("**/st*")
    return page


def shot(page: Page, name: str) -> None:
    """One picture, when nothing moves any more."""
    page.wait_for_timeout(600)
    (IMAGES / name).parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / f"{name}.png")


def _wait_until_ready() -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if httpx.get(f"{HOME}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit("The demonstration did not start; see above.")


if __name__ == "__main__":
    main()
