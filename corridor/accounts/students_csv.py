"""A list of students by number or e-mail address: one a row, or the columns of a spreadsheet."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from corridor.accounts.models import PassAccount, Role
from corridor.roster.csv_files import Problem, Unreadable, table_of, unescaped

MAX_ROWS: Final = 5_000
# What a heading calls the column; without such a heading the first cell of each row counts.
_HEADINGS: Final = frozenset(
    {"number", "id", "student id", "studentid", "student number", "email", "e-mail",
     "email address", "student email", "correo", "numero", "número", "matricula", "matrícula"}
)  # fmt: skip


def students_listed(school_id: int, text: str) -> tuple[list[int], list[Problem]]:
    """The ids of the open students whom this text names, and what is wrong, row by row.

    Somebody named twice counts once.
    """
    try:
        rows = table_of(text)
    except Unreadable as no:
        return [], [Problem(no.row, "", str(no))]
    if len(rows) > MAX_ROWS:
        told = _("At most %(limit)s rows at once.") % {"limit": MAX_ROWS}
        return [], [Problem(MAX_ROWS + 1, "", told)]
    columns, begins = _columns(rows)
    known = _known(school_id)
    if begins == 0 and rows and len(rows[0]) > 1 and _named_in(rows[0], [0]).lower() not in known:
        told = _("No column is called “number” or “email”. Name one so in the first row.")
        return [], [Problem(1, "", told)]
    found: dict[int, None] = {}
    problems = []
    for number, row in enumerate(rows[begins:], start=begins + 1):
        cell = _named_in(row, columns)
        if not any(row):
            continue
        account_id = known.get(cell.lower())
        if account_id is None:
            told = _("No student has the number or e-mail address “%(text)s”.")
            problems.append(Problem(number, "", told % {"text": cell[:80]}))
        else:
            found[account_id] = None
    if not found and not problems:
        problems.append(Problem(len(rows) or 1, "", _("The list names no student.")))
    return list(found), problems


def _named_in(row: Sequence[str], columns: Sequence[int]) -> str:
    """What names the student: the first of these cells that says something."""
    cells = (unescaped(row[column]) for column in columns if column < len(row))
    return next((cell for cell in cells if cell), "")


def _columns(rows: Sequence[Sequence[str]]) -> tuple[list[int], int]:
    """Which columns name the students, and the row in which they begin."""
    heading = [cell.strip().lower() for cell in rows[0]] if rows else []
    found = [index for index, cell in enumerate(heading) if cell in _HEADINGS]
    return (found, 1) if found else ([0], 0)


def _known(school_id: int) -> dict[str, int]:
    people = PassAccount.objects.filter(
        school_id=school_id, role=Role.STUDENT, closed_at__isnull=True
    ).values_list("pk", "number", "email")
    by_email = {email: pk for pk, _number, email in people}
    return by_email | {number.lower(): pk for pk, number, _email in people if number}
