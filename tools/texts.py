"""The texts of every page and their translations.

`python -m tools.texts` finds all texts in the code and the templates, brings the catalogue of each
language (`corridor/locale/*/LC_MESSAGES/django.po`) up to date, compiles it, and names what has no
translation yet. The compiled catalogues are committed: whoever installs Corridor needs no tool.
"""

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corridor.django_settings")

import django
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from django.template import Variable
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT: Final = Path(__file__).parents[1]
LOCALES: Final = ROOT / "corridor" / "locale"
TEMPLATES: Final = ROOT / "corridor" / "web" / "templates"
KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
METHODS: Final = [("**/migrations/**.py", "ignore"), ("**.py", "python")]


def found() -> Catalog:
    """Every text that is marked for translation, with the files it stands in."""
    texts = Catalog(project="Corridor", version="1", charset="utf-8")
    for path, _, message, comments, context in extract_from_dir(
        ROOT / "corridor", method_map=METHODS, keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        texts.add(
            message, locations=[(f"corridor/{path}", 0)], auto_comments=comments, context=context
        )
    for template in sorted(TEMPLATES.glob("**/*.*")):
        name = template.relative_to(TEMPLATES).as_posix()
        for message, context in _of_template(name):
            texts.add(message, locations=[(f"corridor/web/templates/{name}", 0)], context=context)
    return texts


def _of_template(name: str) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    """The texts that the template will ask for, as its own parsed nodes name them."""
    nodes = get_template(name).template.nodelist  # type: ignore[attr-defined]
    for node in nodes.get_nodes_by_type(TranslateNode):
        if isinstance(node.filter_expression.var, Variable):
            literal = node.filter_expression.var.literal
            if isinstance(literal, str):
                yield literal, _context(node)
        elif isinstance(node.filter_expression.var, str):
            yield str(node.filter_expression.var), _context(node)
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        singular, _ = node.render_token_list(node.singular)
        if node.plural:
            plural, _ = node.render_token_list(node.plural)
            yield (singular, plural), _context(node)
        else:
            yield singular, _context(node)


def _context(node: Any) -> str | None:
    return str(node.message_context.var) if node.message_context else None


def file(language: str) -> Path:
    """Where the translations of a language stand; the compiled ones stand beside them."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def kept(language: str) -> Any:
    """The catalogue of a language as it stands in its file.

    Any: for Babel a translation may be of more kinds than it is here.
    """
    with file(language).open("rb") as opened:
        return pofile.read_po(opened, locale=language)


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(file.parts[-3] for file in LOCALES.glob("*/LC_MESSAGES/django.po"))


def brought_up_to_date(language: str, texts: Catalog) -> Catalog:
    """The catalogue with these texts and no others; what is new has no translation yet."""
    catalogue: Catalog = kept(language)
    made = catalogue.creation_date
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = made  # so that a run that changes no text changes no file
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """The catalogue as its file holds it."""
    out = io.BytesIO()
    pofile.write_po(out, catalogue, width=96, sort_output=True, include_lineno=False)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> Iterator[str]:
    """The texts of a catalogue that have no translation, or only a guessed one."""
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(strings)):
            yield str(message.id)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    out = io.BytesIO()
    mofile.write_mo(out, catalogue)
    return out.getvalue()


def main() -> int:
    """Bring the catalogues up to date; 1 when a text lacks its translation."""
    django.setup()
    texts, missing = found(), 0
    for language in languages():
        catalogue = brought_up_to_date(language, texts)
        file(language).write_bytes(written(catalogue))
        file(language).with_suffix(".mo").write_bytes(compiled(catalogue))
        for text in untranslated(catalogue):
            missing += 1
            print(f"{language}: {text}")
    print(f"{len(texts)} texts, {missing} without a translation.")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
