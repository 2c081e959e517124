"""What people write to each other in a class."""

import re
import unicodedata
from typing import Final

from corridor.classroom.refusals import Refused

MAX_TEXT: Final = 500
_SPACE: Final = re.compile(r"[^\S\n]+")

# Letters and symbols by their kind of which nothing is seen either.
_UNSEEN: Final = "\u115f\u1160\u2800\u3164\uffa0"


def is_empty(text: str) -> bool:
    """Whether nothing of the text can be seen: space, and signs without a shape of their own."""
    seen = (one for one in text if one not in _UNSEEN)
    return not any(unicodedata.category(one)[0] in "LNPS" for one in seen)


def said(text: str, *, longest: int = MAX_TEXT) -> str:
    """The text without needless space; lines stay. Raises `Refused` when empty or too long."""
    lines = (_SPACE.sub(" ", line).strip() for line in text.replace("\r\n", "\n").split("\n"))
    clean = "\n".join(lines).strip()
    if is_empty(clean):
        raise Refused("text_missing", field="text")
    if len(clean) > longest:
        raise Refused("text_too_long", field="text", length=len(clean), limit=longest)
    return clean
