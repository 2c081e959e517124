"""Rosters as a CSV file: a row for each person of each class, looked at before anything is done."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from corridor.accounts.classes import LONGEST
from corridor.accounts.models import ClassroomAccount, ClassroomRole, PassAccount, same_email
from corridor.accounts.names import BadName, clean_name
from corridor.roster.csv_files import Problem, Unreadable, table_of, unescaped, written
from corridor.roster.models import SchoolClass

MAX_ROWS: Final = 20_000
TEACHER, CO_TEACHER, STUDENT = "teacher", "co_teacher", "student"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row as it is written: who is in which class, as what, in which group."""

    row: int
    name: str
    period: str = ""
    code: str = ""
    role: str = STUDENT
    email: str = ""
    given_name: str = ""
    family_name: str = ""
    group: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What rows of the same class have in common."""
        return (self.code,) if self.code else (self.name.lower(), self.period.lower())


class NewPerson(msgspec.Struct, frozen=True):
    """Somebody who gets a Classroom account by the import."""

    email: str
    role: str
    given_name: str
    family_name: str


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one class. People are named by their addresses."""

    row: int
    name: str
    period: str
    class_id: int | None
    values: dict[str, str]
    lead: str | None
    co_teachers: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    changes_teachers: bool

    @property
    def is_new(self) -> bool:
        """The class is not there yet."""
        return self.class_id is None

    @property
    def changes_anything(self) -> bool:
        """Whether the import would do anything to this class."""
        return bool(
            self.is_new or self.values or self.added or self.removed
            or self.groups or self.changes_teachers
        )  # fmt: skip


class Plan(msgspec.Struct, frozen=True):
    """What an import would do; with a problem it does nothing at all."""

    rosters: tuple[Roster, ...] = ()
    people: tuple[NewPerson, ...] = ()
    same: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def added(self) -> int:
        """How many students get onto a roster."""
        return sum(len(roster.added) for roster in self.rosters)

    @property
    def removed(self) -> int:
        """How many students are taken off one."""
        return sum(len(roster.removed) for roster in self.rosters)

    @property
    def opened(self) -> int:
        """How many classes are new."""
        return sum(roster.is_new for roster in self.rosters)


class _Person(NamedTuple):
    is_student: bool
    is_closed: bool


class _Class(NamedTuple):
    id: int
    name: str
    period: str
    lead: str | None
    co_teachers: frozenset[str]
    students: frozenset[str]
    groups: Mapping[str, frozenset[str]]


def export(school_id: int) -> str:
    """The open classes of a school with their people as CSV, the columns of `COLUMNS`."""
    return written(list(COLUMNS), _rows_of_school(school_id))


def plan(school_id: int, text: str, *, complete: bool = False) -> Plan:
    """What importing this text would do.

    `complete`: the file names everybody of its classes, so who is not in it leaves their rosters.
    """
    try:
        table = table_of(text)
    except Unreadable as error:
        return Plan(problems=(Problem(error.row, "", str(error)),))
    problems = _problems_of_heading(table)
    if problems:
        return Plan(problems=tuple(problems))
    heading = [_plain(cell) for cell in table[0]]
    rows: list[Row] = []
    for number, cells in enumerate(table[1:], start=2):
        if any(cell.strip() for cell in cells):
            read = _read(number, heading, cells, problems)
            rows += [read] if read else []
    return _planned(school_id, rows, complete, problems)


def _planned(school_id: int, rows: list[Row], complete: bool, problems: list[Problem]) -> Plan:
    """What these rows would do; `problems` are of those that could not be read.

    All that is wrong is told at once, so that a file is mended in one go.
    """
    people = _people_there(school_id)
    new = dict(_new_people(school_id, rows, people, problems))
    there, doubtful = _classes_there(school_id)
    by_class: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        by_class.setdefault(row.key, []).append(row)
    for key, of_class in by_class.items():
        if key in doubtful:
            text = _("There are several classes of this name and period. Give the class a code.")
            problems.append(Problem(of_class[0].row, "class", text))
        problems += _wrong_within(of_class)
    problems += _told_twice(by_class, there)
    if problems:
        return Plan(problems=tuple(sorted(problems, key=lambda one: one.row)))
    rosters = [_roster(of_class, there.get(key), complete) for key, of_class in by_class.items()]
    changing = tuple(roster for roster in rosters if roster.changes_anything)
    return Plan(changing, tuple(new.values()), len(rosters) - len(changing))


def _roster(rows: list[Row], there: _Class | None, complete: bool) -> Roster:
    first, period = rows[0], _period(rows)
    values = {"name": first.name, "period": period}
    if there is None:
        values["code"] = first.code
    else:
        values = {field: v for field, v in values.items() if v and getattr(there, field) != v}
    written_lead = next((row.email for row in rows if row.email and row.role == TEACHER), None)
    had = there or _Class(0, "", "", None, frozenset(), frozenset(), {})
    lead = written_lead or had.lead
    co_teachers = {row.email for row in rows if row.email and row.role == CO_TEACHER}
    if not complete or not (written_lead or co_teachers):
        co_teachers |= had.co_teachers
    co_teachers.discard(lead or "")
    students = [row.email for row in rows if row.role == STUDENT and row.email]
    groups: dict[str, set[str]] = {}
    for row in rows:
        if row.group and row.email and row.role == STUDENT:
            groups.setdefault(row.group, set()).add(row.email)
    return Roster(
        row=first.row,
        name=first.name,
        period=period,
        class_id=there.id if there else None,
        values=values,
        lead=lead,
        co_teachers=tuple(sorted(co_teachers)),
        added=tuple(one for one in dict.fromkeys(students) if one not in had.students),
        removed=tuple(sorted(had.students - set(students))) if complete else (),
        groups={
            name: tuple(sorted(members | had.groups.get(name, frozenset())))
            for name, members in groups.items()
            if not members <= had.groups.get(name, frozenset())
        },
        changes_teachers=lead != had.lead or co_teachers != had.co_teachers,
    )


def _period(rows: list[Row]) -> str:
    """The period of a class: of its rows with a code, not each has to say it."""
    return next((row.period for row in rows if row.period), "")


def _told_twice(
    by_class: Mapping[tuple[str, ...], list[Row]], there: Mapping[tuple[str, ...], _Class]
) -> Iterator[Problem]:
    """Classes that some rows name by their code and others do not: each has half of them."""
    with_code: dict[int | tuple[str, str], Row] = {}
    for key, rows in by_class.items():
        if rows[0].code:
            known, by_name = there.get(key), (rows[0].name.lower(), _period(rows).lower())
            with_code.setdefault(known.id if known else by_name, rows[0])
            # The other rows would open it a second time.
            if known and by_name not in there:
                with_code.setdefault(by_name, rows[0])
    for key, rows in by_class.items():
        first = rows[0]
        if first.code:
            continue
        known = there.get(key)
        by_name = (first.name.lower(), first.period.lower())
        other = (known and with_code.get(known.id)) or with_code.get(by_name)
        if other is not None:
            text = _("Row %(row)s names the same class with a code. Write the code here too.")
            yield Problem(first.row, "class", text % {"row": other.row})


def _wrong_within(rows: list[Row]) -> Iterator[Problem]:
    """What rows of one class say against each other."""
    period = next((row for row in rows if row.period), rows[0])
    for row in rows:
        for column, first, said in (
            ("class", rows[0], (row.name, rows[0].name)),
            ("period", period, (row.period, period.period)),
        ):
            if said[0] and said[0].lower() != said[1].lower():
                text = _("Row %(row)s has this code for another class. A code is of one class.")
                yield Problem(row.row, column, text % {"row": first.row})
    leads = [row for row in rows if row.role == TEACHER]
    if len({row.email for row in leads}) > 1:
        text = _("The class has another teacher in row %(row)s. Write co_teacher for one of them.")
        yield Problem(leads[-1].row, "role", text % {"row": leads[0].row})
    roles: dict[str, Row] = {}
    for row in rows:
        before = roles.setdefault(row.email, row)
        if row.email and (before.role == STUDENT) != (row.role == STUDENT):
            text = _("Row %(row)s says something else about this person in this class.")
            yield Problem(row.row, "role", text % {"row": before.row})


def _new_people(
    school_id: int, rows: list[Row], people: Mapping[str, _Person], problems: list[Problem]
) -> Iterator[tuple[str, NewPerson]]:
    in_pass = {
        email: (given, family, role)
        for email, given, family, role in PassAccount.objects.filter(
            school_id=school_id, closed_at__isnull=True
        ).values_list("email", "given_name", "family_name", "role")
    }
    seen: set[str] = set()
    for row in rows:
        known, is_student = people.get(row.email), row.role == STUDENT
        given, family, role = in_pass.get(row.email, (row.given_name, row.family_name, ""))
        if not row.email:
            continue
        if known is not None and known.is_closed:
            text = _("This account is archived in Classroom. Open it again first.")
            problems.append(Problem(row.row, "email", text))
        elif (known is not None and known.is_student != is_student) or (
            known is None and role and (role == "student") != is_student
        ):
            text = _("This person is no student.") if is_student else _("This person is a student.")
            problems.append(Problem(row.row, "role", text))
        elif known is None and not given:
            text = _("Nobody here has this address. With a given name, an account is opened.")
            problems.append(Problem(row.row, "given_name", text))
        elif known is None and row.email not in seen:
            new_role = ClassroomRole.STUDENT if is_student else ClassroomRole.TEACHER
            yield row.email, NewPerson(row.email, new_role, given, family)
        seen.add(row.email)


def _people_there(school_id: int) -> dict[str, _Person]:
    found = ClassroomAccount.objects.filter(school_id=school_id)
    return {
        email: _Person(role == ClassroomRole.STUDENT, closed_at is not None)
        for email, role, closed_at in found.values_list("email", "role", "closed_at")
    }


def _classes_there(
    school_id: int,
) -> tuple[dict[tuple[str, ...], _Class], set[tuple[str, ...]]]:
    """The open classes by what names them in a file, and the names that several of them have."""
    there: dict[tuple[str, ...], _Class] = {}
    doubtful: set[tuple[str, ...]] = set()
    for found in _open_classes(school_id):
        by_name = (found.name.lower(), found.period.lower())
        if by_name in there:
            doubtful.add(by_name)
        told = _class_of(found)
        there[by_name] = told
        if found.code:
            there[(found.code,)] = told
    return there, doubtful


def _open_classes(school_id: int) -> "list[SchoolClass]":
    found = SchoolClass.objects.filter(school_id=school_id, archived_at__isnull=True)
    return list(
        found.order_by("name", "period", "pk").prefetch_related(
            "teachers__account", "enrolments__account", "groups__members__enrolment__account"
        )
    )


def _class_of(found: SchoolClass) -> _Class:
    adults = {one.account.email: one.is_lead for one in found.teachers.all()}
    return _Class(
        found.pk, found.name, found.period,
        next((email for email, is_lead in adults.items() if is_lead), None),
        frozenset(email for email, is_lead in adults.items() if not is_lead),
        frozenset(one.account.email for one in found.enrolments.all()),
        {
            group.name: frozenset(one.enrolment.account.email for one in group.members.all())
            for group in found.groups.all()
        },
    )  # fmt: skip


def _rows_of_school(school_id: int) -> Iterator[list[str]]:
    for found in _open_classes(school_id):
        of_class = [found.name, found.period, found.code]
        groups: dict[int, list[str]] = {}
        for group in sorted(found.groups.all(), key=lambda one: one.name):
            for member in group.members.all():
                groups.setdefault(member.enrolment_id, []).append(group.name)
        adults = sorted(found.teachers.all(), key=lambda one: not one.is_lead)
        for adult in adults:
            role = TEACHER if adult.is_lead else CO_TEACHER
            yield [*of_class, role, *_columns_of(adult.account), ""]
        for one in found.enrolments.all():
            for name in groups.get(one.pk, [""]):
                yield [*of_class, STUDENT, *_columns_of(one.account), name]
        if not adults and not found.enrolments.all():
            yield [*of_class, "", "", "", "", ""]


def _columns_of(account: ClassroomAccount) -> list[str]:
    return [account.email, account.given_name, account.family_name]


# Reading


def _plain(cell: str) -> str:
    return cell.strip().lower().replace(" ", "_").replace("-", "_")


def _problems_of_heading(table: list[list[str]]) -> list[Problem]:
    heading = [_plain(cell) for cell in table[0]] if table else []
    missing = [column for column in ("class", "email") if column not in heading]
    if missing:
        text = _("The first row names the columns; “%(column)s” is missing.")
        return [Problem(1, column, text % {"column": column}) for column in missing]
    if len(table) > MAX_ROWS + 1:
        return [Problem(len(table), "", _("A file has at most %(n)s rows.") % {"n": MAX_ROWS})]
    unknown = [Problem(1, c, _("There is no such column.")) for c in heading if c not in COLUMNS]
    twice = [
        Problem(1, c, _("This column stands there twice."))
        for c in dict.fromkeys(heading)
        if heading.count(c) > 1
    ]
    return unknown + twice


def _read(number: int, heading: list[str], cells: list[str], problems: list[Problem]) -> Row | None:
    if len(cells) > len(heading):
        problems.append(Problem(number, "", _("The row has more cells than the heading.")))
        return None
    values: dict[str, str] = {}
    wrong = False
    for column, cell in zip(heading, cells, strict=False):
        field, read = COLUMNS[column]
        try:
            values[field] = read(unescaped(cell))
        except ValueError as no:
            problems.append(Problem(number, column, str(no)))
            wrong = True
    if not wrong and not values.get("name"):
        problems.append(Problem(number, "class", _("The name of the class is missing.")))
        return None
    return None if wrong else Row(row=number, **values)


def _text(longest: int) -> Callable[[str], str]:
    return lambda text: clean_name(text, longest)


def _code(text: str) -> str:
    if len(text) > LONGEST["code"] or any(not one.isprintable() for one in text):
        raise BadName(_("A code has at most %(n)s characters.") % {"n": LONGEST["code"]})
    return text


def _role(text: str) -> str:
    if not text:
        return STUDENT
    if _plain(text) in (TEACHER, CO_TEACHER, STUDENT):
        return _plain(text)
    wanted = ", ".join((TEACHER, CO_TEACHER, STUDENT))
    raise ValueError(
        _("“%(text)s” is none of: %(wanted)s.") % {"text": text[:40], "wanted": wanted}
    )


def _email(text: str) -> str:
    email = same_email(text)
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise ValueError(_("“%(text)s” is no e-mail address.") % {"text": text[:80]}) from None
    return email


# column: (field of the row, how a cell is read)
COLUMNS: Final[dict[str, tuple[str, Callable[[str], str]]]] = {
    "class": ("name", _text(LONGEST["name"])),
    "period": ("period", _text(LONGEST["period"])),
    "code": ("code", _code),
    "role": ("role", _role),
    "email": ("email", _email),
    "given_name": ("given_name", _text(80)),
    "family_name": ("family_name", _text(80)),
    "group": ("group", _text(40)),
}
