"""A school's settings: one JSON text beside its turn, so every operation has them for nothing."""

from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from corridor.live.log import Turn


class SchoolSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a school decides for itself. Minutes unless said otherwise; None means no limit.

    `keep_passes_days` and `keep_accounts_days` say for how long names stay after a pass has ended
    and after an account was closed: see `corridor.operators.purge`.
    """

    time_zone: str = "America/New_York"
    request_waits: int = 10
    long_running: int = 10
    system_end: int = 30
    building_limit: int | None = None
    daily_limit: int | None = None
    keep_passes_days: int = 730
    keep_accounts_days: int = 365

    @property
    def zone(self) -> ZoneInfo:
        """The school's wall clock."""
        return ZoneInfo(self.time_zone)


@lru_cache(maxsize=1024)
def decode(text: str) -> SchoolSettings:
    """The settings behind the stored text."""
    return msgspec.json.decode(text, type=SchoolSettings)


def encode(settings: SchoolSettings) -> str:
    """The text to store."""
    return msgspec.json.encode(settings).decode()


def settings_in(tx: Turn) -> SchoolSettings:
    """The settings of the school whose turn it is."""
    return decode(tx.settings)
