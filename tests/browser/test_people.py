"""People in a real browser: files by keyboard and by dragging, photos, a list on a phone."""

import re
from pathlib import Path

import pytest

from tests.accounts.pictures import picture, zipped
from tests.browser.house import House
from tests.browser.people import NARROW, PHONE, Cast, Person, check_axe, check_width, expect


def file_of(tmp_path: Path, house: House, count: int, *more: str) -> Path:
    """A file with so many new students."""
    lines = [f"{n},Kid,Zahl{n},kid{n}{house.ending},9" for n in range(count)]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["ID,First Name,Last Name,E-mail,Grade", *lines, *more]), "utf-8")
    return path


def tab_to(person: Person, name: str) -> None:
    """By the keyboard alone, until the focus is on what is called so."""
    for _ in range(80):
        person.page.keyboard.press("Tab")
        focused = person.page.evaluate(
            """(() => { const f = document.activeElement;
            return [f.textContent, f.labels?.[0]?.textContent].join(' ').trim(); })()"""
        )
        if name in focused:
            return
    raise AssertionError(f"The keyboard does not reach {name}")


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_an_import_by_keyboard_alone_and_its_undoing(
    cast: Cast, house: House, tmp_path: Path
) -> None:
    """From the list to the file, the look, the import, and back."""
    dana = cast("dana", path="/admin/people")
    page = dana.page
    tab_to(dana, "Import from CSV")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Import people")).to_be_visible()
    tab_to(dana, "CSV file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    bad = f"7,Bad,Row,bad(at){house.ending[1:]},9"
    chooser.value.set_files(file_of(tmp_path, house, 400, bad))
    check_axe(page)
    tab_to(dana, "Look at it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    expect(page.locator(".problems-table")).to_contain_text("Row 402")
    check_axe(page)
    tab_to(dana, "Leave the 1 row with a problem out")
    page.keyboard.press("Space")
    tab_to(dana, "Import")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    expect(page.locator(".counts")).to_contain_text("400")
    check_axe(page)
    tab_to(dana, "Undo this import")
    page.keyboard.press("Enter")
    expect(page.get_by_text("400 new people are removed.")).to_be_visible()
    check_axe(page)
    tab_to(dana, "Undo it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Imported, then undone")).to_be_visible()
    dana.go("/admin/people?q=zahl")
    expect(page.get_by_text("Nobody here is like that.")).to_be_visible()
    check_axe(page)


def test_a_file_is_dragged(cast: Cast, house: House, tmp_path: Path) -> None:
    """Onto its field; beside it nothing happens to the page."""
    dana = cast("dana", path="/admin/people/import")
    dana.page.evaluate(
        """(() => {
        const data = new DataTransfer();
        data.items.add(new File(["email,name\\nnew@example.org,New One"], "new.csv"));
        const drop = target => target.dispatchEvent(new DragEvent(
            "drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        drop(document.body);
        drop(document.querySelector("file-drop")); })()"""
    )
    dana.page.get_by_role("button", name="Look at it").click()
    expect(dana.page.get_by_text("New One")).to_be_visible()


def test_a_large_zip_of_photos_goes_in_parts(cast: Cast, house: House, tmp_path: Path) -> None:
    """What a request may hold is no limit; each part tells how far it is."""
    import os

    dana = cast("dana", path="/admin/people/photos")
    one = tmp_path / "one.zip"
    one.write_bytes(zipped({f"ben{house.ending}.jpg": picture()}))
    dana.page.set_input_files("#id_file", one)
    dana.page.get_by_role("button", name="Send").click()
    expect(dana.page.locator("[data-report-title]")).to_have_text(
        "1 new photo, 0 as before, 0 files not used"
    )
    dana.go("/admin/people/photos")
    files = {f"nobody{n}.jpg": os.urandom(900_000) for n in range(14)}
    files |= {f"ana{house.ending}.jpg": picture(), "folder/Nguyen, Cam.png": picture("PNG")}
    path = tmp_path / "photos.zip"
    path.write_bytes(zipped(files))
    assert path.stat().st_size > 12_000_000
    check_axe(dana.page)
    sent: list[str] = []
    dana.page.on("request", lambda one: sent.append(one.method) if one.method == "POST" else None)
    dana.page.set_input_files("#id_file", path)
    dana.page.get_by_role("button", name="Send").click()
    expect(dana.page.locator("[data-report-title]")).to_have_text(
        "2 new photos, 0 as before, 14 files not used", timeout=20_000
    )
    assert len(sent) == 3
    check_axe(dana.page)
    dana.page.set_input_files("#id_file", __file__)
    dana.page.get_by_role("button", name="Send").click()
    expect(dana.page.locator("[data-report-title]")).to_contain_text("This is no zip file")
    dana.go("/admin/people?q=ana+lop")
    shown = dana.page.locator("img.face")
    dana.until("[...document.images].every(one => one.complete && one.naturalWidth === 240)")
    expect(shown).to_have_count(1)


def test_a_person_is_changed_invited_and_archived(cast: Cast, house: House) -> None:
    """On the page of the person, on a phone."""
    dana = cast("dana", PHONE, path="/admin/people?q=carter")
    page = dana.page
    page.get_by_role("link", name="Ben Carter").click()
    page.get_by_label("Shown as").fill("Benny C.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Benny C.")).to_be_visible()
    page.get_by_role("button", name="Send an invitation").click()
    expect(page.get_by_text("The invitation for")).to_be_visible()  # no mail server here
    check_axe(page)
    page.get_by_text("Archive…").click()
    page.get_by_role("button", name="Really archive").click()
    expect(page.get_by_text("Archived: Benny C.")).to_be_visible()
    dana.go("/admin/people?state=closed")
    page.get_by_role("link", name="Benny C.").click()
    check_axe(page)
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Open again: Benny C.")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    ["/admin/people", "/admin/people/new", "/admin/people/import", "/admin/people/photos",
     "/admin/people?state=closed", "person"],
)  # fmt: skip
def test_the_pages_of_people_on_a_narrow_screen_and_in_the_dark(cast: Cast, path: str) -> None:
    """Nothing beside the screen, every rule of accessibility, light and dark."""
    for scheme in ("light", "dark"):
        dana = cast("dana", NARROW, path="/admin/people", color_scheme=scheme)
        if path == "person":
            dana.page.get_by_role("link", name="Ana Lopez").click()
            dana.page.wait_for_url(re.compile(r"/admin/people/\d+$"))
        else:
            dana.go(path)
        check_width(dana.page)
        check_axe(dana.page)
