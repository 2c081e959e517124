"""What people write to each other in a class."""

import re
from typing import Final

from corridor.classroom.refusals import Refused

MAX_TEXT: Final = 500
_SPACE: Final = re.compile(r"[^\S\n]+")


def said(text: str, *, longest: int = MAX_TEXT) -> str:
    """The text without needless space; lines stay. Raises `Refused` when empty or too long."""
    lines = (_SPACE.sub(" ", line).strip() for line in text.replace("\r\n", "\n").split("\n"))
    clean = "\n".join(lines).strip()
    if not clean:
        raise Refused("text_missing", field="text")
    if len(clean) > longest:
        raise Refused("text_too_long", field="text", length=len(clean), limit=longest)
    return clean
