"""The same journey in Spanish: nothing is cut off, nothing stays English, live or drawn."""

from typing import Any

import pytest

from tests.browser.house import House
from tests.browser.people import NARROW, WIDE, Cast, Person, expect
from tests.browser.test_looks import STRANGERS, STUDENTS, all_pages, look_at, whole

SPANISH = "es-US"
in_each_width = pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])


@in_each_width
def test_every_page_has_room_for_spanish(
    cast: Cast, house: House, viewport: dict[str, int]
) -> None:
    """A full board, every page of an admin, a student with a history, pages before the sign-in."""
    look: dict[str, Any] = {"viewport": viewport, "locale": SPANISH}
    house.order("fill")
    dana = cast("dana", **look)
    look_at(dana, all_pages(dana), whole_and_uncut)
    look_at(cast("ben", **look), STUDENTS, whole_and_uncut)
    look_at(cast.stranger(**look), STRANGERS, whole_and_uncut)


@in_each_width
def test_ana_sees_the_nurse_in_spanish(cast: Cast, house: House, viewport: dict[str, int]) -> None:
    """From her press to the end of the pass; what comes by the streams is Spanish too."""
    look: dict[str, Any] = {"viewport": viewport, "locale": SPANISH}
    rivera, ito, ana = cast("rivera", **look), cast("ito", **look), cast("ana", **look)
    in_english = cast("okafor", viewport)

    def both(word: str) -> None:
        expect(ana.ticket).to_contain_text(word)
        whole_and_uncut(ana)
        expect(rivera.row("Ana Lopez")).to_contain_text(word)
        whole_and_uncut(rivera)

    ana.choose("Nurse")
    expect(ana.page.locator("[data-send]")).to_have_text("Pedir a Ms. Rivera")
    whole_and_uncut(ana)
    ana.page.get_by_label("Motivo").fill("Me duele la cabeza")
    ana.page.locator("[data-send]").click()
    both("Por aprobar")
    expect(rivera.announced).to_contain_text("Ana Lopez pide: Ms. Rivera, 204 a Nurse")
    rivera.press("Ana Lopez", "Aprobar")
    both("En camino")
    for adult in (ito, in_english):
        expect(adult.word).to_have_text(ana.word.inner_text())
    ito.press("Ana Lopez", "Llegó")
    both("Llegó")
    ito.press("Ana Lopez", "Enviar de vuelta")
    both("De regreso")
    house.let_pass(11)
    both("Demorado")
    rivera.row("Ana Lopez").locator(".name-button").click()
    expect(rivera.detail).to_contain_text("Enviado de vuelta")
    whole_and_uncut(rivera)
    rivera.page.keyboard.press("Escape")
    rivera.press("Ana Lopez", "Terminar pase")
    expect(ana.ticket).to_contain_text("Terminado")
    whole_and_uncut(ana)


def whole_and_uncut(person: Person) -> None:
    """Nothing for axe, nothing to the side, no button or chip that is cut off."""
    whole(person)
    cut = person.page.evaluate(
        """[...document.querySelectorAll('button, a.button, .chip, .tile-number, dt, th, nav a')]
        .filter(part => part.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        .filter(part => !part.closest('.visually-hidden, .name-button'))
        .filter(part => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0
            && getComputedStyle(part).overflowX !== 'visible')
        .map(part => part.outerHTML.slice(0, 160))"""
    )
    assert cut == [], person.page.url
