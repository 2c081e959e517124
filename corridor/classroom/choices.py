"""What an adult chose last time: the start dialog begins with it."""

from typing import Final

import msgspec

from corridor.classroom.cards import Options
from corridor.live.log import Turn
from corridor.live.sql import one, run


class StartChoices(msgspec.Struct, frozen=True, kw_only=True):
    """How long the class was (None: as long as the school says), and its options."""

    minutes: int | None = None
    options: Options = Options()


_decode: Final = msgspec.json.Decoder(StartChoices).decode


def last_choices(account_id: int) -> StartChoices:
    """What this adult chose last; the defaults for whoever never started a class."""
    row = one("SELECT choices FROM classroom_startchoices WHERE account_id = %s", (account_id,))
    return StartChoices() if row is None else _decode(row[0])


def remember_choices(tx: Turn, account_id: int, choices: StartChoices) -> None:
    """Kept in the turn that starts the class, so that a refused start changes nothing."""
    run(
        "INSERT INTO classroom_startchoices (account_id, choices) VALUES (%s, %s)"
        " ON CONFLICT (account_id) DO UPDATE SET choices = excluded.choices",
        (account_id, msgspec.json.encode(choices).decode()),
    )
