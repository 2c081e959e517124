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
        return [], [Problem(1, "", str(no))]
    if len(rows) > MAX_ROWS:
        told = _("At most %(limit)s rows at once.") % {"limit": MAX_ROWS}
        return [], [Problem(MAX_ROWS + 1, "", told)]
    column, begins = _column(rows)
    known = _known(school_id)
    found: dict[int, None] = {}
    problems = []
    for number, row in enumerate(rows[begins:], start=begins + 1):
        cell = unescaped(row[column]) if column < len(row) else ""
        if not any(row):
            continue
        account_id = known.get(cell.lower())
        if account_id is None:
            told = _("No student has the number or e-mail address “%(text)s”.")
            problems.append(Problem(number, "", told % {"text": cell[:80]}))
        else:
            found[account_id] = None
    return list(found), problems


def _column(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Which column names the students, and the row in which they begin."""
    for index, cell in enumerate(rows[0] if rows else ()):
        if cell.strip().lower() in _HEADINGS:
            return index, 1
    return 0, 0


def _known(school_id: int) -> dict[str, int]:
    people = PassAccount.objects.filter(
        school_id=school_id, role=Role.STUDENT, closed_at__isnull=True
    ).values_list("pk", "number", "email")
    by_email = {email: pk for pk, _number, email in people}
    return by_email | {number.lower(): pk for pk, number, _email in people if number}
