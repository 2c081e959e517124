"""The word and colour of the minute: what makes a live pass different from a picture of one."""

import hashlib
import hmac
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
    minute = int(at.timestamp()) // 60
    digest = hmac.digest(secret.encode(), f"{school_id}:{minute}".encode(), hashlib.sha256)
    return WordOfTheMinute(WORDS[digest[0] % len(WORDS)], COLOURS[digest[1] % len(COLOURS)])
