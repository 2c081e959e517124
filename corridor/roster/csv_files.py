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
    """This is no CSV file; the text says what to do, `row` where it can be read no further."""

    def __init__(self, text: str, row: int = 1) -> None:
        super().__init__(text)
        self.row = row


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
    """The rows of a CSV text, whatever separates its cells. Raises `Unreadable`.

    A line break in a cell is refused: where somebody forgot to close a quotation mark, the rows
    below it would be swallowed by the cell and be missing without a word.
    """
    # With a line's end at the very end, a quotation mark that is open there holds a line break too.
    rows = csv.reader(io.StringIO(f"{text}\n", newline=""), delimiter=_delimiter(text))
    table: list[list[str]] = []
    try:
        for cells in rows:
            if any("\n" in cell or "\r" in cell for cell in cells):
                raise Unreadable(_broken_line(len(table) + 1), len(table) + 1)
            table.append(cells)
    except csv.Error:
        raise Unreadable(_broken_line(len(table) + 1), len(table) + 1) from None
    return table


def _broken_line(row: int) -> str:
    told = _(
        "In row %(row)s a cell goes on in the next line. Most often a quotation mark in that row is"
        " not closed, or one stands there too many. Correct it; a cell is one line."
    )
    return told % {"row": row}


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
