"""Every text of the pages in every language: nothing missing, nothing left over, nothing broken."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.utils import translation
from django.utils.formats import get_format

from corridor.passes.proof import WORDS
from corridor.webhooks.notes import in_words
from tests.house.source import modules
from tools import texts

LANGUAGES = texts.languages()
in_each_language = pytest.mark.parametrize("language", LANGUAGES)
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|%s|\{\w+\}")
TAG = re.compile(r"</?\w[^>]*>")
# What is the same in every language: the product, its units, how its keys begin, a key to press.
SAME = {"Corridor", "ms", "corridor__", "https", "example", "org", "Alt"}
SPOKEN = {"title", "aria-label", "placeholder", "alt"}


@pytest.fixture(scope="module")
def found() -> Catalog:
    return texts.found()


def named(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, str(message.id)) for message in catalogue if message.id}


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Each English text beside its translation, of plurals each form beside the one it is for."""
    for message in texts.kept(language):
        if message.pluralizable:
            singular, plural = message.id
            yield singular, message.string[0]
            yield from ((plural, form) for form in message.string[1:])
        elif message.id:
            yield str(message.id), str(message.string)


def test_every_language_has_a_catalogue() -> None:
    assert {"en", *LANGUAGES} == dict(settings.LANGUAGES).keys()


@in_each_language
def test_the_catalogue_holds_the_texts_of_the_pages(found: Catalog, language: str) -> None:
    """Else: make texts."""
    assert named(texts.kept(language)) == named(found)


@in_each_language
def test_every_text_is_translated(language: str) -> None:
    assert list(texts.untranslated(texts.kept(language))) == []


@in_each_language
def test_every_plural_is_full(language: str) -> None:
    catalogue = texts.kept(language)
    for message in catalogue:
        if message.pluralizable:
            assert len(message.string) == catalogue.num_plurals, message.id


@in_each_language
def test_what_is_filled_in_and_marked_up_is_the_same(language: str) -> None:
    for english, translated in pairs(language):
        for kind in (PLACEHOLDER, TAG):
            assert sorted(kind.findall(english)) == sorted(kind.findall(translated)), english
        assert re.findall(r"^\s*|\s*$", english) == re.findall(r"^\s*|\s*$", translated), english


@in_each_language
def test_what_is_installed_is_what_was_written(language: str) -> None:
    """Else: make texts."""
    installed = texts.file(language).with_suffix(".mo").read_bytes()
    assert installed == texts.compiled(texts.kept(language))


@in_each_language
def test_the_words_of_the_minute_are_told_apart(language: str) -> None:
    """Short, one word each, no two the same, whatever the case and the accents."""
    with translation.override(language):
        words = [translation.gettext(word) for word in WORDS]
    assert len({plain(word) for word in words}) == len(words)
    assert all(len(word) <= 9 and word.isalpha() for word in words)


def plain(word: str) -> str:
    return word.lower().translate(str.maketrans("áéíóúñü", "aeiounu"))


@in_each_language
def test_days_and_times_are_written_in_the_language(language: str) -> None:
    for name in ("DATE_FORMAT", "TIME_FORMAT", "SHORT_DATE_FORMAT", "MONTH_DAY_FORMAT"):
        assert get_format(name, language) != get_format(name, "en"), name


def test_the_note_of_a_webhook_is_read_in_any_language() -> None:
    with translation.override("es"):
        told = in_words(
            "The receiver answered 302. Redirects are not followed. Change the address."
        )
        assert told == "El receptor respondió 302. No se siguen redirecciones. Cambie la dirección."
        told = in_words("The connection failed: Connect call failed.")
        assert told == "La conexión falló: Connect call failed."
        assert in_words("As somebody wrote it.") == "As somebody wrote it."
        assert in_words("") == ""


class Bare(HTMLParser):
    """Collects what a template says without asking for its translation."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in SPOKEN]


def test_no_template_speaks_without_a_translation() -> None:
    block = re.compile(
        r"{% (blocktranslate|comment)\b.*?{% end\1 %}|{% block \w+_class %}.*?{% endblock %}",
        re.DOTALL,
    )
    for template in texts.TEMPLATES.glob("**/*.*"):
        source = block.sub("", template.read_text())
        parser = Bare()
        parser.feed(re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", source))
        bare = {word for said in parser.found for word in re.findall(r"[^\W\d]\w+", said)}
        assert bare <= SAME, template.name


def test_no_form_or_message_speaks_without_a_translation() -> None:
    """A label, a help, an error, a message that is a bare text in the code."""
    keywords = {"label", "help_text", "empty_label", "sentence"}
    calls = {"success", "error", "add_error", "ValidationError", "BadInput", "Impossible"}
    for path, tree in modules():
        if not path.startswith(("web/", "roster/", "accounts/")) or path.startswith("web/api/"):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            said = [word.value for word in node.keywords if word.arg in keywords]
            said += node.args[-1:] if name in calls and _is_shown(node) else []
            for one in said:
                bare = isinstance(one, ast.Constant) and bool(one.value)
                assert not bare, f"{path}:{node.lineno}"


def _is_shown(node: ast.Call) -> bool:
    """The log of the server is no page."""
    owner = getattr(node.func, "value", None)
    return getattr(owner, "id", "") != "log"
