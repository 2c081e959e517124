"""The time zone of the made-up school: the machine's, so that its morning is the viewer's."""

import os
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_USUAL: Final = "America/New_York"


def time_zone() -> str:
    """The machine's zone by its name; New York's where a machine has none or keeps UTC."""
    name = os.environ.get("TZ", "").removeprefix(":") or _of_the_machine()
    if "/" not in name or name.startswith("Etc/"):
        return _USUAL
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _USUAL


def _of_the_machine() -> str:
    _, _, name = os.path.realpath("/etc/localtime").partition("/zoneinfo/")
    return name if Path("/etc/localtime").exists() else ""
