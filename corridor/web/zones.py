"""Time zones as people look for them: by part of the world, under the names that are kept up."""

from itertools import groupby
from typing import Final
from zoneinfo import available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

_PARTS: Final = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("America"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Arctic": gettext_lazy("Arctic"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific"),
}

Choices = list[tuple[str | Promise, list[tuple[str, str]]]]


def _by_part() -> Choices:
    known = sorted(available_timezones())
    cities = [name for name in known if _part(name) in _PARTS]
    found: Choices = [
        (_PARTS[part], [(name, _words(name.removeprefix(f"{part}/"))) for name in names])
        for part, names in groupby(cities, key=_part)
    ]
    others = [(name, name) for name in known if _part(name) not in _PARTS]
    return [*found, (gettext_lazy("Other names"), others)]


def _part(name: str) -> str:
    return name.partition("/")[0]


def _words(city: str) -> str:
    return city.replace("_", " ").replace("/", ", ")


# Every time zone under its part of the world; names such as “US/Eastern” come last.
TIME_ZONES: Final = _by_part()
