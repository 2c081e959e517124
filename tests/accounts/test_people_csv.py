"""A file of people: how it is read, and what it would do."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridor.accounts.models import PassAccount
from corridor.accounts.people import close_account
from corridor.roster.csv_files import Unreadable, decoded
from tests.accounts.importing import planned
from tests.school import School

HEADING = "first name,last name,email,grade\n"


@pytest.mark.parametrize(
    "text",
    [
        "given_name,family_name,email,grade\nJosé,Núñez,jose@x.org,9\n",
        "First Name;Last Name;E-Mail Address;Grade Level\nJosé;Núñez;JOSE@x.org;9\n",
        "student first name\tSurname\tmail\tyear\nJosé\tNúñez\tjose@x.org\t9\n",
        'Nombre,Apellidos,Correo electrónico,Curso\n" José ",Núñez,jose@x.org,9\n',
        'name,username,form\n"Núñez, José",jose@x.org,9\n\n',
        "GIVENNAME|FAMILYNAME|EMAIL|GRADE|Bus\r\nJosé|Núñez|jose@x.org|9|17\r\n",
    ],
)
def test_the_usual_headings_and_separators(a_school: School, text: str) -> None:
    (line,) = planned(a_school, text).created
    found = {name: line.values[name] for name in ("given_name", "family_name", "email", "grade")}
    assert found == {
        "given_name": "José", "family_name": "Núñez", "email": "jose@x.org", "grade": "9",
    }  # fmt: skip
    assert (line.values["role"], line.name) == ("student", "José Núñez")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_the_usual_encodings(encoding: str) -> None:
    text = HEADING + "José,Núñez,jose@x.org,9\n"
    assert decoded(text.encode(encoding)).lstrip("\ufeff") == text


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 a zip", b"\x89PNG\r\n\0\0", b"a,b\n\0\x01", b"%PDF-"]
)
def test_what_is_no_text_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(Unreadable, match="CSV"):
        decoded(data)


def test_a_name_is_never_split(a_school: School) -> None:
    text = 'name,email\n"María del Carmen  Ruiz",maria@x.org\n"👩‍🚀 Zoë",zoe@x.org\n'
    first, second = planned(a_school, text).created
    assert (first.values["given_name"], first.values["family_name"]) == (
        "María del Carmen Ruiz",
        "",
    )
    assert second.name == "👩‍🚀 Zoë"


def test_formulas_are_text(a_school: School) -> None:
    text = HEADING + "'=Ann,'+Bo,ann@x.org,9\n"
    (line,) = planned(a_school, text).created
    assert (line.values["given_name"], line.values["family_name"]) == ("=Ann", "+Bo")


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        ("Al,Bo,al(at)x.org,9", "email", "no e-mail address"),
        ("Al,Bo,,9", "email", "neither an e-mail address nor a number"),
        (",,al@x.org,9", "given_name", "A name is missing"),
        ("\u200b,,al@x.org,9", "given_name", "Nothing of this name can be seen"),
        ("A\u202el,Bo,al@x.org,9", "given_name", "cannot be written"),
        (f"{'A' * 81},Bo,al@x.org,9", "given_name", "at most 80"),
        (f"Al,Bo,al@x.org,{'9' * 21}", "grade", "at most 20"),
        ("Al,Bo,al@x.org,9,more", "", "more cells than the heading"),
    ],
)
def test_problems_name_row_column_and_mend(
    a_school: School, row: str, column: str, told: str
) -> None:
    plan = planned(a_school, HEADING + "Fine,One,fine@x.org,9\n" + row + "\n")
    (problem,) = plan.problems
    assert (problem.row, problem.column) == (3, column)
    assert told in problem.text
    assert [line.name for line in plan.created] == ["Fine One"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The first row names the columns"),
        ("first name,last name\nAl,Bo\n", "“email” or “number”"),
        ("email,e-mail\na@x.org,b@x.org\n", "Two columns hold the email"),
        ('email,name\n"a@x.org,Al\n' + "x" * 140_000, "quotation mark"),
    ],
)
def test_problems_of_the_whole_file(a_school: School, text: str, told: str) -> None:
    (*_, problem) = planned(a_school, text).problems
    assert told in problem.text


@pytest.mark.parametrize(
    "row",
    ['"Al,Bo,al@x.org,9', 'Al,"Bo,al@x.org,9', '"Al\nBo",Ca,al@x.org,9', '"Al\rBo",Ca,al@x.org,9'],
)
@pytest.mark.parametrize("rest", ["", "\n", "\nCi,Di,ci@x.org,9\nEd,Fo,ed@x.org,9\n"])
@pytest.mark.parametrize("leave_out", [False, True])
def test_no_row_is_swallowed_by_the_cell_of_another(
    a_school: School, row: str, rest: str, leave_out: bool
) -> None:
    text = HEADING + "Fine,One,fine@x.org,9\n\n" + row + rest
    plan = planned(a_school, text, leave_out=leave_out)
    (problem,) = plan.problems
    assert problem.row == 4 and "In row 4 a cell goes on in the next line." in problem.text
    assert plan.is_nothing


def test_the_same_address_or_number_twice(a_school: School) -> None:
    text = "email,name,id\nal@x.org,Al,7\nAL@x.org,Bo,8\nci@x.org,Ci,7\n"
    problems = planned(a_school, text).problems
    assert [(one.row, one.column) for one in problems] == [(3, "email"), (4, "number")]
    assert "row 2 already" in problems[0].text


def test_people_are_found_by_number_then_by_address(a_school: School) -> None:
    PassAccount.objects.filter(email="ana@example.org").update(number="17")
    text = "id,email,last name\n17,ana.new@example.org,Lopez\n,BEN@example.org,Carter-Hall\n"
    plan = planned(a_school, text)
    assert [line.values for line in plan.changed] == [
        {"email": "ana.new@example.org"},
        {"family_name": "Carter-Hall", "display_name": "Ben Carter-Hall"},
    ]


def test_number_and_address_of_two_people_contradict(a_school: School) -> None:
    PassAccount.objects.filter(email="ana@example.org").update(number="17")
    PassAccount.objects.filter(email="cam@example.org").update(number="19")
    text = "id,email\n17,ben@example.org\n18,cam@example.org\n"
    first, second = planned(a_school, text).problems
    assert "number is that of Ana Lopez, the address that of Ben Carter" in first.text
    assert "Cam Nguyen has the number 19 here" in second.text


def test_an_empty_cell_and_a_missing_column_leave_what_is_there(a_school: School) -> None:
    plan = planned(a_school, "email,grade,last name\nana@example.org,,\n")
    assert (plan.is_nothing, plan.same) == (True, 1)


def test_whoever_is_missing_is_archived_only_when_wanted_and_of_roles_in_the_file(
    a_school: School,
) -> None:
    text = "email\nana@example.org\n"
    assert planned(a_school, text).archived == ()
    plan = planned(a_school, text, archive=True)
    assert [one.display_name for one in plan.archived] == ["Ben Carter", "Cam Nguyen"]
    teachers = planned(a_school, "email,role\nrivera@example.org,Teacher\n", archive=True)
    assert [one.display_name for one in teachers.archived] == ["Mr. Okafor"]


def test_nobody_is_archived_while_rows_have_problems(a_school: School) -> None:
    plan = planned(a_school, "email\nana@example.org\nben(at)example.org\n", archive=True)
    assert plan.archived == ()
    assert plan.rows_with_problems == 1


def test_a_file_makes_and_unmakes_no_admin(a_school: School) -> None:
    text = (
        "email,role,name\ndana@example.org,teacher,Dana\nana@example.org,admin,Ana\n"
        "new@x.org,principal,New\n"
    )
    plan = planned(a_school, text, archive=True)
    assert [one.row for one in plan.problems] == [3, 4]
    assert plan.admins_kept == 1
    assert all("role" not in line.values for line in plan.changed)


def test_a_row_that_is_cut_off_makes_no_student_of_a_teacher(a_school: School) -> None:
    found = planned(a_school, "email,given_name,role\nm@example.org,Short")
    assert [(one.row, one.text) for one in found.problems] == [
        (2, "The row has fewer cells than the heading.")
    ]


def test_a_row_that_takes_an_admin_for_a_student_changes_nothing_of_them(a_school: School) -> None:
    found = planned(a_school, "email,given_name,role,grade\ndana@example.org,Not,student,9")
    assert (found.changed, found.admins_kept, found.problems) == ((), 1, ())


def test_an_adult_has_no_grade(a_school: School) -> None:
    found = planned(a_school, "email,grade\nrivera@example.org,9")
    assert (found.changed, found.problems) == ((), ())


def test_a_closed_account_is_taken_back(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.ben.account_id, by=a_school.dana)
    plan = planned(a_school, "email,grade\nben@example.org,11\n")
    assert (plan.counts["reopened"], plan.counts["changed"]) == (1, 0)
    assert plan.changed[0].values == {"grade": "11"}


def test_a_file_of_another_school_is_refused(a_school: School) -> None:
    for number in range(10):
        a_school.add_student(f"s{number}", "New Comer", school_id=a_school.other_id)
    emails = [f"s{number}@example.org" for number in range(10)]
    text = "email,name\n" + "".join(f"{email},Somebody\n" for email in emails)
    plan = planned(a_school, text)
    assert "This looks like a file of Hilltop: 10 of its 10" in plan.refused
    assert plan.is_nothing
    moving = text.replace("\n", ",Lakeside High\n").replace("name,Lakeside High", "name,school")
    assert len(planned(a_school, moving).created) == 10


def test_a_column_of_another_school_is_refused(a_school: School) -> None:
    plan = planned(a_school, "email,name,school\na@x.org,A,Hilltop\nb@x.org,B,Hilltop\n")
    assert "Every row of this file is of another school" in plan.refused
    some = planned(a_school, "email,name,campus\na@x.org,A,LAKESIDE HIGH\nb@x.org,B,Hilltop\n")
    assert [one.row for one in some.problems] == [3]
    assert len(some.created) == 1


def test_many_changes_must_be_typed(a_school: School) -> None:
    for number in range(60):
        a_school.add_student(f"s{number}", f"Student Number{number}")
    few = "email,grade\n" + "".join(f"s{n}@example.org,8\n" for n in range(5))
    assert planned(a_school, few).sure_changed == 0
    many = "email,grade\n" + "".join(f"s{n}@example.org,8\n" for n in range(30))
    plan = planned(a_school, many, archive=True)
    assert (plan.sure_changed, plan.sure_archived) == (30, 33)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=300))
def test_any_text_gets_an_answer(a_school: School, text: str) -> None:
    for whole in (text, "email,name\n" + text):
        plan = planned(a_school, whole)
        assert not any(one.row < 1 for one in plan.problems)
