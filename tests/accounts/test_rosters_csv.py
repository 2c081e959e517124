"""Rosters as a CSV file: out, in again, and what is wrong with a file."""

import pytest

from corridor.accounts import classes, rosters_csv
from corridor.accounts.classes import groups_of, students_of, teachers_of
from corridor.accounts.classroom_people import close_classroom_account
from corridor.accounts.models import ClassroomAccount, Identity
from corridor.accounts.rosters import CannotImport, import_rosters
from corridor.accounts.rosters_csv import Plan, plan
from corridor.roster.models import SchoolClass
from tests.school import School

NEW = """class,period,role,email,given_name,family_name,group
Art,2,teacher,okafor@example.org,,,
Art,2,co_teacher,kim@example.org,Soo,Kim,
Art,2,,ana@example.org,,,Red
Art,2,student,zoe@example.org,Zoë,Ng,Red
English 2,3,student,lou@example.org,,,
"""


def carry_out(school: School, text: str, *, complete: bool = False) -> Plan:
    return school.do(import_rosters, text, complete=complete, by=school.classroom.dana)


def names(class_id: int) -> list[str]:
    return [student.name for student in students_of(class_id)]


def test_a_new_class_new_people_and_the_second_run(a_school: School) -> None:
    planned = plan(a_school.id, NEW)
    assert (planned.opened, len(planned.people), planned.added) == (1, 2, 3)
    assert carry_out(a_school, NEW) == planned
    art = SchoolClass.objects.get(name="Art")
    assert names(art.pk) == ["Ana Lopez", "Zoë Ng"]
    assert [adult.name for adult in teachers_of(art.pk)] == ["Mr. Okafor", "Soo Kim"]
    assert [(g.name, len(g.student_ids)) for g in groups_of(art)] == [("Red", 2)]
    assert "Lou Meyer" in names(a_school.classroom.english)
    before = a_school.last
    assert carry_out(a_school, NEW) == Plan(same=2)
    assert a_school.last == before


def test_looking_changes_nothing(a_school: School) -> None:
    before = a_school.last
    plan(a_school.id, NEW)
    assert a_school.last == before
    assert not SchoolClass.objects.filter(name="Art").exists()


def test_what_was_exported_changes_nothing(a_school: School) -> None:
    carry_out(a_school, NEW)
    assert plan(a_school.id, rosters_csv.export(a_school.id), complete=True) == Plan(same=3)


def test_a_name_that_is_a_formula_stays_a_text(a_school: School) -> None:
    a_school.do(classes.open_class, name="=Art()", by=a_school.classroom.dana)
    text = rosters_csv.export(a_school.id)
    assert "'=Art()" in text
    assert plan(a_school.id, text) == Plan(same=3)


def test_somebody_new_is_a_person_who_can_sign_in_later(a_school: School) -> None:
    carry_out(a_school, NEW)
    zoe = ClassroomAccount.objects.get(email="zoe@example.org")
    assert (zoe.role, zoe.search) == ("student", " zoe ng")
    assert not Identity.objects.get(pk=zoe.identity_id).has_usable_password()


def test_somebody_of_pass_needs_no_name(a_school: School) -> None:
    ana = ClassroomAccount.objects.get(email="ana@example.org")
    ClassroomAccount.objects.filter(pk=ana.pk).delete()
    carry_out(a_school, "class,email\nArt,ana@example.org")
    again = ClassroomAccount.objects.get(email="ana@example.org")
    assert (again.display_name, again.identity_id) == ("Ana Lopez", ana.identity_id)


def test_only_a_complete_file_takes_anybody_off(a_school: School) -> None:
    text = "class,period,email\nEnglish 2,3,ana@example.org"
    assert carry_out(a_school, text) == Plan(same=1)
    done = carry_out(a_school, text, complete=True)
    assert done.removed == 3
    assert names(a_school.classroom.english) == ["Ana Lopez"]
    assert len(teachers_of(a_school.classroom.english)) == 2  # the file says nothing of adults


def test_a_class_is_found_by_its_code_and_called_anew(a_school: School) -> None:
    room = a_school.classroom
    found = SchoolClass.objects.get(pk=room.english)
    a_school.do(classes.change_class, found, {"code": "E2"}, by=room.dana)
    carry_out(a_school, "class,code,email\nEnglish II,E2,lou@example.org")
    found.refresh_from_db()
    assert (found.name, found.period) == ("English II", "3")
    assert len(names(found.pk)) == 5


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        ("", 1, "class"),
        ("class\nArt", 1, "email"),
        ("class,email,colour\nArt,ana@example.org,red", 1, "colour"),
        ("class,email,email\nArt,a,b", 1, "email"),
        ("class,email\n,ana@example.org", 2, "class"),
        ("class,email\nArt,ana", 2, "email"),
        ("class,email\nArt,who@example.org", 2, "given_name"),
        ("class,email,role\nArt,ana@example.org,boss", 2, "role"),
        ("class,email,role\nArt,ana@example.org,teacher", 2, "role"),
        ("class,email\nArt,okafor@example.org", 2, "role"),
        ("class,email\nArt,ito@example.org", 2, "role"),  # staff of Pass is no student
        ("class,email\nArt,a@example.org,x", 2, ""),
        ("class,email\n" + "x" * 81 + ",ana@example.org", 2, "class"),
        (
            "class,email,role\nArt,rivera@example.org,teacher\nArt,okafor@example.org,teacher",
            3,
            "role",
        ),
        (
            "class,email,role,given_name\nArt,x@example.org,teacher,X\nArt,x@example.org,,X",
            3,
            "role",
        ),
    ],
)
def test_what_is_wrong_is_said_with_row_and_column(
    a_school: School, text: str, row: int, column: str
) -> None:
    planned = plan(a_school.id, text)
    assert (planned.problems[0].row, planned.problems[0].column) == (row, column)
    assert planned.problems[0].text
    with pytest.raises(CannotImport):
        carry_out(a_school, text)


def test_all_that_is_wrong_is_told_at_once(a_school: School) -> None:
    rows = (
        "Art,who@example.org,",
        "Art,ana,",
        "Art,ana@example.org,boss",
        "Art,okafor@example.org,",
    )
    planned = plan(a_school.id, "class,email,role\n" + "\n".join(rows))
    assert [(one.row, one.column) for one in planned.problems] == [
        (2, "given_name"), (3, "email"), (4, "role"), (5, "role"),
    ]  # fmt: skip


def test_a_quotation_mark_that_is_not_closed_is_told_with_its_row(a_school: School) -> None:
    [problem] = plan(
        a_school.id, 'class,email\nArt,"ana@example.org\nArt,ben@example.org\n'
    ).problems
    assert problem.row == 2 and "2" in problem.text


def test_two_classes_of_one_name_need_codes(a_school: School) -> None:
    for _ in range(2):
        a_school.do(classes.open_class, name="Art", by=a_school.classroom.dana)
    planned = plan(a_school.id, "class,email\nArt,ana@example.org")
    assert [(one.row, one.column) for one in planned.problems] == [(2, "class")]


def test_an_archived_person_is_not_brought_back_unseen(a_school: School) -> None:
    room = a_school.classroom
    a_school.do(close_classroom_account, account_id=room.mia.account_id, by=room.dana)
    planned = plan(a_school.id, "class,email\nArt,mia@example.org")
    assert planned.problems[0].column == "email"


def test_a_row_of_a_class_alone_opens_it(a_school: School) -> None:
    assert carry_out(a_school, "class,email\nArt,").opened == 1
    assert carry_out(a_school, "class,email\nArt,") == Plan(same=1)


@pytest.mark.parametrize(
    ("row", "column"),
    [("Algebra,2,ALG1", "period"), ("Biology,,ALG1", "class")],
)
def test_a_code_is_of_one_class(a_school: School, row: str, column: str) -> None:
    head = "class,period,code,email\n"
    alike = "Algebra,,ALG1,ana@example.org\nalgebra,1,ALG1,lou@example.org\n"
    planned = plan(a_school.id, head + alike)
    assert [(one.name, one.period) for one in planned.rosters] == [("Algebra", "1")]
    [problem] = plan(a_school.id, head + alike + row + ",ben@example.org").problems
    assert (problem.row, problem.column) == (4, column)


def test_a_class_has_its_code_in_each_row_or_in_none(a_school: School) -> None:
    half = "class,period,code,email\n%s,3,E2,ana@example.org\nEnglish 2,3,,lou@example.org"

    def wrong(name: str) -> list[tuple[int, str]]:
        planned = plan(a_school.id, half % name, complete=True)
        return [(one.row, one.column) for one in planned.problems]

    # The class has no code yet: the first row would open another one of the same name.
    assert wrong("English 2") == [(3, "class")]
    assert wrong("English II") == []
    found = SchoolClass.objects.get(pk=a_school.classroom.english)
    a_school.do(classes.change_class, found, {"code": "E2"}, by=a_school.classroom.dana)
    assert wrong("English II") == wrong("English 2") == [(3, "class")]


def test_a_student_of_two_groups_has_two_rows(a_school: School) -> None:
    carry_out(a_school, NEW + "Art,2,,ana@example.org,,,Blue\n")
    art = SchoolClass.objects.get(name="Art")
    assert [(g.name, len(g.student_ids)) for g in groups_of(art)] == [("Blue", 1), ("Red", 2)]
    text = rosters_csv.export(a_school.id)
    assert text.count("ana@example.org,Ana,Lopez,Blue") == 1
    for group in groups_of(art):
        a_school.do(classes.remove_group, art, group_id=group.id, by=a_school.classroom.dana)
    carry_out(a_school, text)
    assert [(g.name, len(g.student_ids)) for g in groups_of(art)] == [("Blue", 1), ("Red", 2)]
