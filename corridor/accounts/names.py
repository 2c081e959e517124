"""Names as people write them: cleaned but never split, and folded to be found again."""

import re
import unicodedata
from typing import Final

from django.utils.translation import gettext as _

# Space, without the separators of files that Python counts among it.
_SPACE: Final = re.compile(r"[^\S\x1c-\x1f]+")
# Turn the direction of what follows, on other pages too; a name in any script does without.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and signs by their category, but nothing can be seen of them.
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
# Letters that are no letter with a mark, and how people type them who have none such.
_PLAIN: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"}
)
_APOSTROPHES: Final = re.compile(r"(?<=\w)['’ʼ‘`´](?=\w)")
_NO_WORD: Final = re.compile(r"[\W_]+")
# How schools address adults, in the languages of the product; they name nobody.
_TITLES: Final = re.compile(
    "coach|dra?|lic|madame|maestr[ao]|miss|mister|mme|mr|mrs|ms|mx|nurse|prof|profa|professor"
    "|profesora?|senora?|sra?|srta"
)


class BadName(ValueError):
    """Nobody can be called that; the text says why."""


def clean_name(text: str, longest: int = 80) -> str:
    """The name with single spaces and nothing around it. Raises `BadName`.

    Accents, emoji and every script stay; what steers a terminal or a page does not.
    """
    name = unicodedata.normalize("NFC", _SPACE.sub(" ", text)).strip()
    if any(unicodedata.category(one) in ("Cc", "Cs") or one in _TURNING for one in name):
        raise BadName(_("The name holds a character that cannot be written. Type it anew."))
    if name and not any(_is_seen(one) for one in name):
        raise BadName(_("Nothing of this name can be seen. Type it anew."))
    if len(name) > longest:
        raise BadName(_("A name has at most %(n)s characters here.") % {"n": longest})
    return name


def _is_seen(one: str) -> bool:
    return unicodedata.category(one)[0] in "LNPS" and one not in _BLANK


def words_of(text: str) -> list[str]:
    """The words of a text without case, accents and punctuation: “Smith, José” is smith, jose."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(one for one in plain if not unicodedata.combining(one)).translate(_PLAIN)
    return _NO_WORD.sub(" ", _APOSTROPHES.sub("", plain)).split()


def without_titles(text: str) -> list[str]:
    """The words of a name but “Ms.” and the like; all of them where it has no others."""
    words = words_of(text)
    return [word for word in words if not _TITLES.fullmatch(word)] or words


def is_same_name(one: str, other: str) -> bool:
    """Whether the words are the same in any order; “Lee” may be “Ms. Lee”, who is not “Mr. Lee”.

    Names without a word, like “🦊”, are never the same.
    """
    titles = [frozenset(words_of(name)) - frozenset(without_titles(name)) for name in (one, other)]
    if all(titles) and titles[0] != titles[1]:
        return False
    words = without_titles(one)
    return bool(words) and sorted(words) == sorted(without_titles(other))


def searchable(*texts: str) -> str:
    """What a search looks in: every word once, each with a space before it.

    O'Brien is found by “obrien” and by “brien”.
    """
    found = [word for text in texts for word in words_of(text)]
    found += [word for text in texts for word in words_of(_APOSTROPHES.sub(" ", text))]
    return "".join(f" {word}" for word in dict.fromkeys(found))[:400]


def initials(name: str) -> str:
    """One or two letters that stand where there is no photo; titles like “Ms.” do not count."""
    words = [word for word in name.split() if not word.endswith(".")] or name.split()
    first = [next((one for one in word if one.isalnum()), "") for word in words]
    letters = [letter.upper()[:1] for letter in first if letter]
    return "".join(letters if len(letters) < 2 else (letters[0], letters[-1]))
