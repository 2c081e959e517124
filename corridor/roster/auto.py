"""What an adult lets students do by themselves: Auto Pass from the adult's own room."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

START: Final = "start"
STOP: Final = "stop"

# What an adult chooses for a destination; a destination that is not named is off.
MODES: Final[dict[str, tuple[str, ...]]] = {
    "start_stop": (START, STOP),
    "start": (START,),
    "stop": (STOP,),
}

_decode = msgspec.json.Decoder(dict[int, str]).decode


@lru_cache(maxsize=4096)
def read(text: str) -> Mapping[int, str]:
    """The mode of each destination behind the stored text."""
    return _decode(text)


def write(modes: Mapping[int, str]) -> str:
    """The text to store: the same for the same choices."""
    return msgspec.json.encode(dict(sorted(modes.items()))).decode()


def allowed(text: str, destination_id: int, *, may_be_auto: bool) -> tuple[str, ...]:
    """What students may do on the way to a destination: both keys are needed."""
    return MODES.get(read(text).get(destination_id, ""), ()) if may_be_auto else ()
