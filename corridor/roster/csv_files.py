"""CSV files as spreadsheets and school systems write them, read in one way for every import."""

import codecs
import csv
import io
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _

# A spreadsheet takes what begins so for a formula; an apostrophe before it keeps it a text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_ARCHIVES: Final = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"%PDF",
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Problem(msgspec.Struct, frozen=True):
    """What is wrong, in which row (the heading is row 1) and column."""

    row: int
    column: str
    text: str


class Unreadable(ValueError):
    """This is no CSV file; the text says what to do."""


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or Windows-1252. Raises `Unreadable`."""
    if data.startswith(_ARCHIVES):
        raise Unreadable(
            _("This is a spreadsheet or another packed file. Open it and save it as CSV (UTF-8).")
        )
    encodings = [name for mark, name in _MARKS if data.startswith(mark)]
    encodings = encodings or [*_utf_16_by_its_zeros(data), "utf-8", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(_("This is no text file. Save it as CSV (UTF-8)."))


def _utf_16_by_its_zeros(data: bytes) -> list[str]:
    """Western text in UTF-16 has a zero in every second place."""
    some = data[:400]
    if len(some) > 3 and some[1::2].count(0) > len(some) // 4:
        return ["utf-16-le"]
    return ["utf-16-be"] if len(some) > 3 and some[::2].count(0) > len(some) // 4 else []


def table_of(text: str) -> list[list[str]]:
    """The rows of a CSV text, whatever separates its cells. Raises `Unreadable`."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        return list(rows)
    except csv.Error as error:
        told = _(
            "Row %(row)s cannot be read: %(error)s. Perhaps a quotation mark before it is not"
            " closed."
        )
        raise Unreadable(told % {"row": rows.line_num, "error": error}) from None


def _delimiter(text: str) -> str:
    """What stands most often in the heading, outside of quotes."""
    heading = text.lstrip("\r\n").split("\n", 1)[0]
    bare = "".join(heading.split('"')[::2])
    return max(",;\t|", key=bare.count)


def unescaped(cell: str) -> str:
    """A cell without the space around it and without an apostrophe against formulas."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA else text


def escaped(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def written(heading: list[str], rows: Any) -> str:
    """A CSV text with these rows."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows([escaped(value) for value in row] for row in rows)
    return out.getvalue()
