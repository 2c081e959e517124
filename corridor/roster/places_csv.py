"""The school's locations as a CSV file: out, and in again with a plan before anything happens."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _

from corridor.live.events import Who
from corridor.live.log import Turn
from corridor.roster.changes import change_location
from corridor.roster.csv_files import Problem, Unreadable, table_of, unescaped, written
from corridor.roster.models import Access, Location, ReasonMode, TripType
from corridor.roster.places import open_location, open_locations

MAX_ROWS: Final = 5_000

# An empty cell leaves these as they are; of a number it means: no limit.
_MAY_BE_LEFT_OUT: Final = (
    "trip_type", "reason_mode", "access", "takes_passes", "may_be_auto", "queueing",
)  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """One line of the file: what becomes of which location, and its values by field."""

    row: int
    name: str
    location_id: int | None
    values: dict[str, Any]

    @property
    def is_new(self) -> bool:
        """The location is not there yet."""
        return self.location_id is None

    @property
    def cells(self) -> list[tuple[str, str]]:
        """The values in the file's own words: column and cell."""
        return [(_COLUMN_OF[field], _cell(value)) for field, value in self.values.items()]


class Plan(msgspec.Struct, frozen=True):
    """What an import would do; with a problem it does nothing at all."""

    created: tuple[Line, ...] = ()
    changed: tuple[Line, ...] = ()
    same: int = 0
    problems: tuple[Problem, ...] = ()


class CannotImport(ValueError):
    """The file has problems, or they have come up since it was looked at."""


def export(school_id: int) -> str:
    """The open locations of a school as CSV, the columns of `COLUMNS`."""
    fields = [field for field, _ in COLUMNS.values()]
    places = open_locations(school_id)
    rows = ([getattr(place, field) for field in fields] for place in places)
    return written(list(COLUMNS), rows)


def plan(school_id: int, text: str) -> Plan:
    """What importing this text would do."""
    try:
        table = table_of(text)
    except Unreadable as error:
        return Plan(problems=(Problem(error.row, "", str(error)),))
    problems = _problems_of_heading(table)
    if problems:
        return Plan(problems=tuple(problems))
    heading = [_plain(cell) for cell in table[0]]
    there = {location.name.lower(): location for location in open_locations(school_id)}
    lines: list[Line] = []
    seen: set[str] = set()
    for number, row in enumerate(table[1:], start=2):
        if not any(row):
            continue
        if len(row) > len(heading):
            problems.append(Problem(number, "", _("The row has more cells than the heading.")))
            continue
        row += [""] * (len(heading) - len(row))
        values, wrong = _read(number, dict(zip(heading, row, strict=True)))
        name = str(values.get("name", ""))
        if name and name.lower() in seen:
            wrong.append(Problem(number, "name", _("This name stands in the file twice.")))
        seen.add(name.lower())
        problems.extend(wrong)
        if not wrong:
            found = there.get(name.lower())
            lines.append(Line(number, name, found.pk if found else None, _new(values, found)))
    if problems:
        return Plan(problems=tuple(problems))
    return Plan(
        created=tuple(line for line in lines if line.is_new),
        changed=tuple(line for line in lines if not line.is_new and line.values),
        same=sum(not line.is_new and not line.values for line in lines),
    )


def carry_out(tx: Turn, text: str, *, by: Who, at: datetime) -> Plan:
    """Import the text: everything or nothing. Raises `CannotImport`."""
    planned = plan(tx.school_id, text)
    if planned.problems:
        raise CannotImport
    for line in planned.created:
        open_location(tx, **line.values, by=by, at=at)
    there = Location.objects.in_bulk([line.location_id for line in planned.changed])
    for line in planned.changed:
        assert line.location_id is not None
        change_location(tx, there[line.location_id], line.values, by=by, at=at)
    return planned


def _new(values: dict[str, Any], found: Location | None) -> dict[str, Any]:
    if found is None:
        return values
    return {field: value for field, value in values.items() if getattr(found, field) != value}


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _plain(cell: str) -> str:
    return cell.strip().lower().replace(" ", "_")


def _problems_of_heading(table: list[list[str]]) -> list[Problem]:
    heading = [_plain(cell) for cell in table[0]] if table else []
    if "name" not in heading:
        return [Problem(1, "name", _("The first row names the columns; “name” is missing."))]
    if len(table) > MAX_ROWS + 1:
        return [Problem(len(table), "", _("A file has at most %(n)s rows.") % {"n": MAX_ROWS})]
    unknown = [Problem(1, c, _("There is no such column.")) for c in heading if c not in COLUMNS]
    twice = [
        Problem(1, c, _("This column stands there twice."))
        for c in dict.fromkeys(heading)
        if heading.count(c) > 1
    ]
    return unknown + twice


def _read(number: int, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems = []
    for column, cell in cells.items():
        field, read = COLUMNS[column]
        text = unescaped(cell)
        if not text and field in _MAY_BE_LEFT_OUT:
            continue
        try:
            values[field] = read(text)
        except ValueError as no:
            problems.append(Problem(number, column, str(no)))
    return values, problems


def _name(text: str) -> str:
    if not text:
        raise ValueError(_("A name is missing."))
    if len(text) > 80:
        raise ValueError(_("A name has at most 80 characters."))
    if any(not character.isprintable() for character in text):
        raise ValueError(_("The name holds a character that cannot be seen."))
    return text


def _count(least: int, most: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        if not text:
            return None
        is_whole = text.isdecimal() and text.isascii() and len(text) < 9
        if not is_whole or not least <= int(text) <= most:
            told = _("Write a whole number from %(a)s to %(b)s.")
            raise ValueError(told % {"a": least, "b": most})
        return int(text)

    return read


def _choice(choices: Any) -> Callable[[str], str]:
    def read(text: str) -> str:
        for value, label in choices.choices:
            if text.lower() in (value, str(label).lower()):
                return str(value)
        wanted = ", ".join(choices.values)
        raise ValueError(
            _("“%(text)s” is none of: %(wanted)s.") % {"text": text[:40], "wanted": wanted}
        )

    return read


def _yes_or_no(text: str) -> bool:
    if text.lower() in ("yes", "true", "1"):
        return True
    if text.lower() in ("no", "false", "0"):
        return False
    raise ValueError(_("Write yes or no."))


# column: (field of the location, how a cell is read)
COLUMNS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "name": ("name", _name),
    "trip_type": ("trip_type", _choice(TripType)),
    "reason": ("reason_mode", _choice(ReasonMode)),
    "capacity": ("capacity", _count(0, 10_000)),
    "room_limit": ("room_limit", _count(0, 10_000)),
    "extended_minutes": ("extended_minutes", _count(1, 1_440)),
    "open_to": ("access", _choice(Access)),
    "takes_passes": ("takes_passes", _yes_or_no),
    "auto_pass": ("may_be_auto", _yes_or_no),
    "queue": ("queueing", _yes_or_no),
}
_COLUMN_OF: Final = {field: column for column, (field, _read_cell) in COLUMNS.items()}
