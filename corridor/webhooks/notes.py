"""Why a delivery failed: kept in English, read in the reader's language."""

import re
from typing import Final

from django.utils.translation import gettext, gettext_noop

ANSWERED: Final = gettext_noop("The receiver answered %(status)s.")
SILENT: Final = gettext_noop("There was no answer within %(seconds)s seconds.")
UNSAFE: Final = gettext_noop("No safe connection: %(why)s.")
FAILED: Final = gettext_noop("The connection failed: %(why)s.")
REDIRECTED: Final = gettext_noop("Redirects are not followed. Change the address.")

_WITH_FACTS: Final = {
    text: re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(text)))
    for text in (ANSWERED, SILENT, UNSAFE, FAILED)
}


def in_words(note: str) -> str:
    """The note in the reader's language; what nobody has translated stays as it is."""
    for text, pattern in _WITH_FACTS.items():
        if found := pattern.match(note):
            rest = in_words(note[found.end() :].strip())
            return f"{gettext(text) % found.groupdict()} {rest}".strip()
    return gettext(note) if note else ""
