"""What makes a live pass different from a picture of one: the word of the minute, and the token.

The word is the same for every live pass of a school; the token is one pass's own, for a code to be
scanned. Both are made anew each minute, and the one of the minute before is still good: it takes a
moment to speak, type or scan.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec

from corridor.passes.states import gettext_noop

WORDS: Final = (
    gettext_noop("anchor"), gettext_noop("apple"), gettext_noop("bell"), gettext_noop("bird"),
    gettext_noop("boat"), gettext_noop("book"), gettext_noop("bridge"), gettext_noop("candle"),
    gettext_noop("castle"), gettext_noop("cloud"), gettext_noop("comet"), gettext_noop("drum"),
    gettext_noop("eagle"), gettext_noop("feather"), gettext_noop("forest"), gettext_noop("garden"),
    gettext_noop("guitar"), gettext_noop("harbor"), gettext_noop("island"), gettext_noop("kite"),
    gettext_noop("lantern"), gettext_noop("lemon"), gettext_noop("maple"), gettext_noop("mirror"),
    gettext_noop("moon"), gettext_noop("mountain"), gettext_noop("ocean"), gettext_noop("orange"),
    gettext_noop("otter"), gettext_noop("paper"), gettext_noop("pencil"), gettext_noop("piano"),
    gettext_noop("planet"), gettext_noop("rabbit"), gettext_noop("river"), gettext_noop("robot"),
    gettext_noop("rocket"), gettext_noop("saddle"), gettext_noop("silver"), gettext_noop("spoon"),
    gettext_noop("stone"), gettext_noop("summer"), gettext_noop("thunder"), gettext_noop("tiger"),
    gettext_noop("train"), gettext_noop("tulip"), gettext_noop("valley"), gettext_noop("violin"),
    gettext_noop("window"), gettext_noop("winter"),
)  # fmt: skip
# None of them is near the colour of a state.
COLOURS: Final = ("blue", "teal", "purple", "pink", "brown", "navy")


class WordOfTheMinute(msgspec.Struct, frozen=True):
    """What every adult's screen and every live pass of the school shows in this minute."""

    text: str
    colour: str


def word_of_the_minute(school_id: int, at: datetime, secret: str) -> WordOfTheMinute:
    """The word and colour of the minute that holds this time.

    A keyed hash (HMAC-SHA256), so that nobody without the secret can know the next one.
    """
    digest = hmac.digest(secret.encode(), f"{school_id}:{_minute(at)}".encode(), hashlib.sha256)
    return WordOfTheMinute(WORDS[digest[0] % len(WORDS)], COLOURS[digest[1] % len(COLOURS)])


def word_age(typed: str, said: Collection[str], previously: Collection[str]) -> int | None:
    """For how many minutes what was typed has not been the word: 0, 1, or None for never.

    `said` and `previously` are the words of this minute and the one before in every language, in
    any case and with any space around.
    """
    plain = _plain(typed)
    if not plain:
        return None
    for age, words in enumerate((said, previously)):
        if plain in {_plain(word) for word in words}:
            return age
    return None


class Shown(msgspec.Struct, frozen=True):
    """What a token says: which pass of which school, and in which minute it was shown."""

    school_id: int
    pass_id: int
    minute: int

    def is_fresh(self, at: datetime) -> bool:
        """Whether it was made in this minute or the one before."""
        # A server whose clock is a second ahead may already be in the next one.
        return -1 <= _minute(at) - self.minute <= 1


def token_of(school_id: int, pass_id: int, at: datetime, secret: str) -> str:
    """What the code of this pass says in this minute: signed, so that nobody can make one."""
    said = f"{school_id}.{pass_id}.{_minute(at)}"
    return f"{said}.{_seal(said, secret)}"


def shown_by(token: str, secret: str) -> Shown | None:
    """What a token says, however old it is; None for one that we never made."""
    said, _, seal = token.rpartition(".")
    if not hmac.compare_digest(seal.encode(), _seal(said, secret).encode()):
        return None
    school_id, pass_id, minute = said.split(".")
    return Shown(int(school_id), int(pass_id), int(minute))


def _seal(said: str, secret: str) -> str:
    """128 bits of a keyed hash, apart from those of the word by what stands before."""
    digest = hmac.digest(secret.encode(), b"pass shown " + said.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _plain(word: str) -> str:
    return word.strip().casefold()
