"""What people write beside a pass, as it is kept: one line that cannot play tricks."""

import unicodedata
from typing import Final

# Control and private characters, halves of letters, ends of lines and paragraphs.
_SPACE_INSTEAD: Final = frozenset({"Cc", "Co", "Cs", "Zl", "Zp"})
# These turn the direction of everything that follows them on the page.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """The text without control characters and with single spaces; letters of all scripts stay."""
    plain = (
        " " if unicodedata.category(one) in _SPACE_INSTEAD else one
        for one in text
        if one not in _TURNING
    )
    return " ".join("".join(plain).split())
