"""A CSV file of people: what stands in it, and what importing it would do.

Nothing here changes anything: `plan` compares the file with the people who are there, and
`corridor.accounts.importing` carries the plan out. `docs/people.md` describes the file.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from corridor.accounts.actors import ADULTS
from corridor.accounts.models import PassAccount, Role, same_email
from corridor.accounts.names import BadName, clean_name, searchable, words_of
from corridor.accounts.people import in_batches, shown_name
from corridor.roster.csv_files import Problem, Unreadable, table_of, unescaped
from corridor.roster.models import School

MAX_ROWS: Final = 50_000
# A change of this many people at once is what somebody may well mean; of more, hardly.
_HARMLESS: Final = 5

_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "email": ("email", "e mail", "email address", "e mail address", "mail", "student email",
              "school email", "user email", "username", "correo", "correo electronico"),
    "given_name": ("given name", "first name", "firstname", "givenname", "forename", "first",
                   "given", "student first name", "legal first name", "nombre", "nombres"),
    "family_name": ("family name", "last name", "lastname", "familyname", "surname", "last",
                    "family", "student last name", "legal last name", "apellido", "apellidos"),
    "name": ("name", "full name", "fullname", "student name", "person", "nombre completo"),
    "display_name": ("display name", "displayname", "shown as", "name shown", "preferred name"),
    "role": ("role", "user role", "type", "user type", "account type", "person type", "rol"),
    "grade": ("grade", "grade level", "gradelevel", "year", "year group", "form", "grado", "curso"),
    "number": ("number", "id", "student id", "studentid", "student number", "person id", "user id",
               "sis id", "sisid", "local id", "sourcedid", "id number", "school id number",
               "numero", "matricula"),
    "room": ("room", "location", "room number", "classroom", "room name", "aula", "sala"),
    "school": ("school", "school name", "schoolname", "campus", "building", "escuela", "colegio"),
}  # fmt: skip
COLUMNS: Final = tuple(_HEADINGS)
_COLUMN_OF: Final = {
    heading.replace(" ", ""): column for column, many in _HEADINGS.items() for heading in many
}
_ROLES: Final[dict[str, tuple[str, ...]]] = {
    Role.STUDENT: ("student", "students", "pupil", "learner", "s", "estudiante", "alumno",
                   "alumna"),
    Role.TEACHER: ("teacher", "teachers", "faculty", "instructor", "t", "docente", "profesor",
                   "profesora", "maestro", "maestra"),
    Role.STAFF: ("staff", "employee", "nurse", "counselor", "counsellor", "librarian", "aide",
                 "personal"),
    Role.ADMIN: ("admin", "administrator", "principal", "administrador", "administradora"),
}  # fmt: skip
_ROLE_OF: Final = {word: str(role) for role, many in _ROLES.items() for word in many}
_NUMBER: Final = re.compile(r"[^\s\x00-\x1f]{1,40}")


class Options(msgspec.Struct, frozen=True):
    """What is chosen beside the file.

    `role` is that of rows without one. `archive` also closes whoever is not in the file, of the
    roles that are in it. `leave_out` imports the other rows when some have problems; then nobody
    is archived.
    """

    role: str = "student"
    archive: bool = False
    leave_out: bool = False


class Known(msgspec.Struct, frozen=True):
    """Somebody who is there already."""

    id: int
    email: str
    number: str
    given_name: str
    family_name: str
    display_name: str
    grade: str
    role: str
    is_open: bool

    @property
    def own_display_name(self) -> str:
        """What others read where it is more than both names; else nothing: it follows them."""
        made = f"{self.given_name} {self.family_name}".strip()
        return "" if self.display_name == made else self.display_name


class Line(msgspec.Struct, frozen=True):
    """One row: who it is (None: somebody new), and the values that are new, by field.

    `before` holds what stands there now; `reopens` a closed account.
    """

    row: int
    name: str
    account_id: int | None
    values: dict[str, str]
    before: dict[str, str] = {}
    reopens: bool = False

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Each field that changes, with old and new."""
        return [(name, self.before.get(name, ""), new) for name, new in self.values.items()]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would do. `refused` says why this file is none for this school at all."""

    created: tuple[Line, ...] = ()
    changed: tuple[Line, ...] = ()
    archived: tuple[Known, ...] = ()
    same: int = 0
    open_now: int = 0
    problems: tuple[Problem, ...] = ()
    rows_with_problems: int = 0
    ignored: tuple[str, ...] = ()
    admins_kept: int = 0
    refused: str = ""

    @property
    def reopened(self) -> int:
        """How many closed accounts open again."""
        return sum(line.reopens for line in self.changed)

    @property
    def is_nothing(self) -> bool:
        """Whether everything is already as the file says."""
        return not (self.created or self.changed or self.archived)

    @property
    def many(self) -> int:
        """More people than this are changed or archived only by whoever types how many."""
        return max(_HARMLESS, self.open_now // 10)

    @property
    def sure_archived(self) -> int:
        """The count of archived people that must be typed; 0: none must."""
        return len(self.archived) if len(self.archived) > self.many else 0

    @property
    def sure_changed(self) -> int:
        """The count of changed people that must be typed; 0: none must."""
        return len(self.changed) if len(self.changed) > self.many else 0

    @property
    def counts(self) -> dict[str, int]:
        """How many of each; by these what was done is told."""
        return {
            "created": len(self.created),
            "changed": len(self.changed) - self.reopened,
            "reopened": self.reopened,
            "archived": len(self.archived),
            "same": self.same,
        }

    @property
    def digest(self) -> str:
        """The plan as one word: of two that differ in anybody it is another one.

        The words of a problem are in somebody's language, so only where it is counts.
        """
        wrong = [(problem.row, problem.column) for problem in self.problems]
        told = (self.created, self.changed, self.archived, self.same, wrong, bool(self.refused))
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def people_known(school_id: int) -> list[Known]:
    """Everybody of the school, the closed ones too."""
    fields = (
        "pk", "email", "number", "given_name", "family_name", "display_name", "grade", "role",
        "closed_at",
    )  # fmt: skip
    rows = PassAccount.objects.filter(school_id=school_id).order_by("pk").values_list(*fields)
    return [
        Known(pk, email, number, given, family, shown, grade, role, closed_at is None)
        for pk, email, number, given, family, shown, grade, role, closed_at in rows.iterator(5000)
    ]


def plan(school: School, text: str, options: Options, *, but: int | None = None) -> Plan:
    """What importing this text into this school would do; `but` (who imports) is never archived."""
    try:
        table = table_of(text)
    except Unreadable as no:
        return Plan(problems=(Problem(no.row, "", str(no)),), rows_with_problems=1)
    reader = _Reader(school.name, options)
    reader.read(table)
    if reader.refused or reader.problems_of_heading:
        return Plan(refused=reader.refused, problems=tuple(reader.problems_of_heading))
    known = people_known(school.pk)
    if not reader.names_school and (refused := _of_another_school(school, known, reader.lines)):
        return Plan(refused=refused)
    return _compared(known, reader, options, but)


# Reading


class _Reader:
    """The rows of a file, one after the other, and what is wrong with them."""

    def __init__(self, school_name: str, options: Options) -> None:
        self.lines: list[Line] = []
        self.problems: list[Problem] = []
        self.problems_of_heading: list[Problem] = []
        self.ignored: list[str] = []
        self.refused = ""
        self.names_school = False
        self._school = words_of(school_name)
        self._options = options
        self._seen: dict[tuple[str, str], int] = {}

    def read(self, table: list[list[str]]) -> None:
        """All rows; the first names the columns."""
        columns = self._columns(table)
        if self.problems_of_heading:
            return
        self.names_school = "school" in columns
        elsewhere = 0
        for number, cells in enumerate(table[1:], start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                self._wrong(number, "", _("The row has more cells than the heading."))
                continue
            if len(cells) < len(columns):
                # What is cut off may be the role: a teacher would become a student.
                self._wrong(number, "", _("The row has fewer cells than the heading."))
                continue
            values = {
                column: cell
                for column, cell in zip(columns, map(unescaped, cells), strict=False)
                if column and cell
            }
            if self.names_school and words_of(values.get("school", "")) != self._school:
                elsewhere += 1
                told = _("This row is of another school (“%(name)s”). Take it out.")
                self._wrong(number, "school", told % {"name": values.get("school", "")[:80]})
                continue
            self._read_row(number, values)
        if elsewhere and not self.lines and elsewhere == len(self.problems):
            told = _("Every row of this file is of another school. Nothing can be imported here.")
            self.refused = told

    def _columns(self, table: list[list[str]]) -> list[str]:
        heading = [unescaped(cell) for cell in table[0]] if table else []
        columns = [_COLUMN_OF.get("".join(words_of(cell)), "") for cell in heading]
        wrong, told_of = self.problems_of_heading, set[str]()
        if len(table) > MAX_ROWS + 1:
            told = _("A file has at most %(n)s rows. Make two of it.")
            wrong.append(Problem(len(table), "", told % {"n": MAX_ROWS}))
        for cell, column in zip(heading, columns, strict=True):
            if column and columns.count(column) > 1 and column not in told_of:
                told_of.add(column)
                told = _("Two columns hold the %(column)s. Remove one.")
                wrong.append(Problem(1, cell, told % {"column": column.replace("_", " ")}))
        if "email" not in columns and "number" not in columns:
            told = _(
                "The first row names the columns. One must be “email” or “number”, by which people"
                " are found."
            )
            wrong.append(Problem(1, "email", told))
        self.ignored = [
            cell for cell, column in zip(heading, columns, strict=True) if not column and cell
        ]
        return columns

    def _read_row(self, number: int, cells: dict[str, str]) -> None:
        cells.pop("school", None)
        if whole := cells.pop("name", ""):
            # “Family, Given” says itself where it divides; anything else is never split.
            family, comma, given = whole.partition(",")
            if comma and "," not in given and given.strip():
                cells.setdefault("family_name", family)
                cells.setdefault("given_name", given)
            else:
                cells.setdefault("given_name", whole)
        values: dict[str, str] = {}
        before = len(self.problems)
        for column, cell in cells.items():
            try:
                values[column] = _READ[column](cell)
            except (BadName, ValueError) as no:
                self._wrong(number, column, str(no))
        if not (values.get("email") or values.get("number")) and len(self.problems) == before:
            told = _("The row has neither an e-mail address nor a number. Add one.")
            self._wrong(number, "email", told)
        for column in ("email", "number"):
            if (found := values.get(column)) is None:
                continue
            first = self._seen.setdefault((column, found), number)
            if first != number:
                told = _("“%(text)s” stands in row %(row)s already. Keep one of them.")
                self._wrong(number, column, told % {"text": found[:80], "row": first})
        if len(self.problems) == before:
            name = f"{values.get('given_name', '')} {values.get('family_name', '')}".strip()
            shown = values.get("display_name") or name or values.get("email", values.get("number"))
            self.lines.append(Line(number, shown or "", None, values))

    def _wrong(self, row: int, column: str, text: str) -> None:
        self.problems.append(Problem(row, column, text))


def _read_email(cell: str) -> str:
    email = same_email(cell)
    try:
        validate_email(email)
    except ValidationError:
        told = _("“%(text)s” is no e-mail address. Correct it.")
        raise ValueError(told % {"text": cell[:80]}) from None
    if len(email) > 254:
        raise ValueError(_("An e-mail address has at most 254 characters."))
    return email


def _read_role(cell: str) -> str:
    role = _ROLE_OF.get(" ".join(words_of(cell)))
    if role is None:
        told = _("“%(text)s” is none of: student, teacher, staff, admin.")
        raise ValueError(told % {"text": cell[:40]})
    return role


def read_number(cell: str) -> str:
    """A number by which the school's other systems call a person. Raises `ValueError`."""
    if not _NUMBER.fullmatch(cell):
        raise ValueError(_("A number has at most 40 characters and no space in it."))
    return cell


def _read_grade(cell: str) -> str:
    try:
        return clean_name(cell, 20)
    except BadName:
        raise ValueError(_("A grade has at most 20 characters, which can be seen.")) from None


# Of tens of thousands of names most are plain letters.
def _read_name(cell: str) -> str:
    plain = cell.isascii() and cell.isprintable() and len(cell) <= 80 and "  " not in cell
    return cell if plain else clean_name(cell)


_READ: Final[dict[str, Callable[[str], str]]] = {
    "email": _read_email,
    "given_name": _read_name,
    "family_name": _read_name,
    "display_name": _read_name,
    "role": _read_role,
    "grade": _read_grade,
    "number": read_number,
    "room": _read_name,
}


# Comparing


def _compared(known: list[Known], reader: _Reader, options: Options, but: int | None) -> Plan:
    by_email = {one.email: one for one in known}
    by_number = {one.number: one for one in known if one.number}
    created, changed, found = [], [], set()
    same = admins_kept = 0
    roles: set[str] = set()
    for line in reader.lines:
        before = len(reader.problems)
        person = _who(line, by_email, by_number, reader)
        if len(reader.problems) > before:
            continue
        if person is not None and person.id in found:
            told = _("The same person stands in the file twice, by address and by number.")
            reader.problems.append(Problem(line.row, "number", told))
            continue
        if person is None:
            roles.add(line.values.get("role") or options.role)
            if new := _new(line, reader, options):
                created.append(new)
            continue
        found.add(person.id)
        roles.add(line.values.get("role") or person.role)
        admins_kept += person.role == Role.ADMIN and line.values.get("role", "admin") != "admin"
        change = _change(line, person, reader)
        if change is None:
            same += len(reader.problems) == before
        else:
            changed.append(change)
    bad_rows = len({problem.row for problem in reader.problems})
    archived = [
        one
        for one in known
        if options.archive and not bad_rows and one.is_open and one.id not in found
        and one.role in roles and one.role != Role.ADMIN and one.id != but
    ]  # fmt: skip
    return Plan(
        created=tuple(created), changed=tuple(changed), archived=tuple(archived), same=same,
        open_now=sum(one.is_open for one in known),
        problems=tuple(sorted(reader.problems, key=lambda one: one.row)),
        rows_with_problems=bad_rows, ignored=tuple(reader.ignored), admins_kept=admins_kept,
    )  # fmt: skip


def _who(
    line: Line, by_email: dict[str, Known], by_number: dict[str, Known], reader: _Reader
) -> Known | None:
    """Whose row this is: by number, else by address. Tells where the two contradict."""
    email, number = line.values.get("email", ""), line.values.get("number", "")
    numbered, addressed = by_number.get(number), by_email.get(email)
    if numbered is not None and addressed is not None and numbered is not addressed:
        told = _("The number is that of %(one)s, the address that of %(other)s. Correct one.")
        facts = {"one": numbered.display_name, "other": addressed.display_name}
        reader.problems.append(Problem(line.row, "number", told % facts))
    elif numbered is None and addressed is not None and number and addressed.number:
        told = _("%(name)s has the number %(number)s here. Change it on their page if it is wrong.")
        facts = {"name": addressed.display_name, "number": addressed.number}
        reader.problems.append(Problem(line.row, "number", told % facts))
    return numbered or addressed


def _new(line: Line, reader: _Reader, options: Options) -> Line | None:
    values = {"role": options.role, "family_name": "", "display_name": "", "grade": "",
              "number": "", "given_name": "", "room": "", **line.values}  # fmt: skip
    if values["role"] in ADULTS:
        values["grade"] = ""
    wrong = reader.problems
    before = len(wrong)
    if not values.get("email"):
        wrong.append(Problem(line.row, "email", _("Somebody new needs an e-mail address.")))
    if values["role"] == Role.ADMIN:
        told = _("A file makes nobody an admin. Add this person on the People page.")
        wrong.append(Problem(line.row, "role", told))
    if not values["given_name"] and values["family_name"]:
        values["given_name"], values["family_name"] = values["family_name"], ""
    if not (values["given_name"] or values["display_name"]):
        wrong.append(Problem(line.row, "given_name", _("A name is missing.")))
    elif len(wrong) == before:
        values["given_name"] = values["given_name"] or values["display_name"]
        _show(line, values, wrong)
    if len(wrong) > before:
        return None
    # Here, so that the school need not wait for it later.
    values["search"] = searchable(
        values["given_name"], values["family_name"], values["display_name"], values["number"]
    )
    return Line(line.row, values["display_name"], None, values)


def _show(line: Line, values: dict[str, str], wrong: list[Problem]) -> None:
    names = (values["given_name"], values["family_name"], values["display_name"])
    try:
        values["display_name"] = shown_name(values["role"], *names)
    except BadName as no:
        wrong.append(Problem(line.row, "display_name", str(no)))


def _change(line: Line, person: Known, reader: _Reader) -> Line | None:
    """What of this person would be different; None where nothing is (or something is wrong)."""
    wrong, before = reader.problems, len(reader.problems)
    now = {name: getattr(person, name) for name in _FIELDS}
    after = now | {k: v for k, v in line.values.items() if k in _FIELDS}
    if person.role == Role.ADMIN and after["role"] != Role.ADMIN:
        return None  # a row about somebody else with this address, or a slip: nothing of it counts
    if person.role != Role.ADMIN and after["role"] == Role.ADMIN:
        told = _("A file makes nobody an admin. Change the role on their page.")
        wrong.append(Problem(line.row, "role", told))
    if after["role"] in ADULTS:
        after["grade"] = now["grade"]
    if "display_name" not in line.values:
        after["display_name"] = person.own_display_name
    if after != now:
        _show(line, after, wrong)
    if len(wrong) > before:
        return None
    different = {name: after[name] for name in _FIELDS if after[name] != now[name]}
    if not different and person.is_open:
        return None
    return Line(
        line.row, person.display_name, person.id, different,
        {name: now[name] for name in different}, reopens=not person.is_open,
    )  # fmt: skip


_FIELDS: Final = ("email", "number", "given_name", "family_name", "display_name", "grade", "role")


def _of_another_school(school: School, known: list[Known], lines: list[Line]) -> str:
    """Why this is a file of another school: nearly all of its people are there, hardly any here."""
    here = {one.email for one in known} | {one.number for one in known if one.number}
    emails = [line.values["email"] for line in lines if "email" in line.values]
    known_here = sum(line.values.get("email") in here or line.values.get("number") in here
                     for line in lines)  # fmt: skip
    if len(emails) < 3 or known_here > len(lines) // 10:
        return ""
    elsewhere = Counter(_schools_of(emails, but=school.pk))
    most = elsewhere.most_common(1)
    if not most or most[0][1] < len(emails) * 9 // 10:
        return ""
    other = School.objects.get(pk=most[0][0])
    told = _(
        "This looks like a file of %(school)s: %(n)s of its %(all)s addresses belong to people"
        " there and hardly any to people here. If they do come here, add a column “school” with"
        " “%(here)s” in every row."
    )
    name = other.name if other.district_id == school.district_id else _("another school")
    return told % {"school": name, "n": most[0][1], "all": len(emails), "here": school.name}


def _schools_of(emails: Collection[str], *, but: int) -> Iterable[Any]:
    for some in in_batches(emails):
        # By the identity's address, which has an index of its own over all schools.
        found = PassAccount.objects.filter(identity__email__in=some, closed_at__isnull=True)
        yield from found.exclude(school_id=but).values_list("school_id", flat=True)
