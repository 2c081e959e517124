"""Where the documents send people (“School → Places”), there is such a page in the menu."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "corridor/web/templates"
MENUS = {"School": "admin/base.html", "Settings": "classroom/settings_base.html"}
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def pages(menu: str) -> tuple[str, ...]:
    """The words of the links in a menu."""
    text = (TEMPLATES / MENUS[menu]).read_text(encoding="utf-8")
    return tuple(re.findall(r'{% translate "([^"]+)" %}</a>', text))


def ways(text: str) -> Iterator[tuple[str, str]]:
    """Each menu that a text names, with what it says after the arrow."""
    plain = " ".join(text.replace("*", "").split())
    for found in re.finditer(r"\b(School|Settings) → (?=(.{1,40}))", plain):
        yield found[1], found[2]


def test_the_menus_are_read() -> None:
    assert {"People", "Times", "Who sees what"} <= set(pages("School"))
    assert {"Systems", "Pass accounts"} <= set(pages("Settings"))
    told = "**School →\nSettings**, then Settings → Systems → Integrations"
    right = [(menu, rest.startswith(pages(menu))) for menu, rest in ways(told)]
    assert right == [("School", False), ("Settings", True)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_way_is_in_its_menu(document: Path) -> None:
    for menu, rest in ways(document.read_text(encoding="utf-8")):
        assert rest.startswith(pages(menu)), f"{menu} → {rest}"
