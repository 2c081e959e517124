"""People in Classroom with Pass in its corner."""

from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.house import House
from tests.browser.people import Cast, Person


def integrated(house: House) -> dict[str, int]:
    """Classes are open, and the school shows Pass in Classroom."""
    classes: dict[str, int] = house.order("open_classes")
    house.order("integrate")
    return classes


def in_classroom(cast: Cast, key: str, path: str = "/classroom/classes", **more: Any) -> Person:
    """Somebody on a page of Classroom, hearing its stream."""
    person = cast(key, path=path, **more)
    hears(person)
    return person


def hears(person: Person) -> None:
    """The page's stream is open."""
    person.until("document.querySelector('live-stream')?.source?.readyState === 1")


def popup(page: Page, student: str = "") -> Locator:
    """What has popped up (about a student)."""
    return page.locator(".popup:visible", has_text=student)


def logo(page: Page) -> Locator:
    """The Pass logo in the corner."""
    return page.locator("[data-logo]")


def dot(page: Page) -> Locator:
    """The red dot on the logo, with the number that waits."""
    return page.locator("[data-dot]")


def panel(page: Page) -> Locator:
    """The Pass Notification Center."""
    return page.locator("#pass-panel")


def open_panel(page: Page, tab: str = "Requests") -> Locator:
    """Open it at one of its tabs."""
    if not panel(page).is_visible():
        logo(page).click()
    panel(page).get_by_role("tab", name=tab).click()
    return panel(page)
