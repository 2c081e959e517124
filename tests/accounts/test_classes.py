"""Classes: who teaches them, who is in them, their groups."""

import pytest

from corridor.accounts import classes
from corridor.accounts.classes import CodeTaken, GroupTaken
from corridor.accounts.classroom_people import close_classroom_account
from corridor.accounts.names import BadName
from corridor.roster.models import SchoolClass
from tests.school import School


def english(school: School) -> SchoolClass:
    return SchoolClass.objects.get(pk=school.classroom.english)


def names(school: School, class_id: int) -> list[str]:
    return [student.name for student in classes.students_of(class_id)]


def test_the_roster_is_sorted_by_family_name(a_school: School) -> None:
    assert names(a_school, a_school.classroom.english) == [
        "Ben Carter", "Ana Lopez", "Mia Lopez", "Cam Nguyen",
    ]  # fmt: skip


def test_students_come_and_go_and_twice_is_once(a_school: School) -> None:
    room, found = a_school.classroom, english(a_school)
    change = {"add": [room.lou.account_id], "remove": [room.ben.account_id], "by": room.rivera}
    a_school.do(classes.change_roster, found, **change)
    assert names(a_school, found.pk) == ["Ana Lopez", "Mia Lopez", "Lou Meyer", "Cam Nguyen"]
    before = a_school.last
    a_school.do(classes.change_roster, found, **change)
    assert a_school.last == before


def test_nobody_of_another_school_and_no_adult_gets_on_a_roster(a_school: School) -> None:
    room, before = a_school.classroom, a_school.last
    ids = [room.eli.account_id, room.okafor.account_id, 10**9]
    a_school.do(classes.change_roster, english(a_school), add=ids, by=room.rivera)
    assert a_school.last == before


def test_teachers_are_of_this_school_and_adults(a_school: School) -> None:
    room, found = a_school.classroom, english(a_school)
    a_school.do(
        classes.set_teachers, found, lead_id=room.park.account_id,
        co_teacher_ids=[room.stone.account_id, room.ana.account_id, room.rivera.account_id],
        by=room.dana,
    )  # fmt: skip
    assert [adult.name for adult in classes.teachers_of(found.pk)] == ["Mr. Park", "Ms. Rivera"]


def test_a_group_is_of_students_of_the_class(a_school: School) -> None:
    room, found = a_school.classroom, english(a_school)
    ids = [room.ana.account_id, room.lou.account_id]
    a_school.do(classes.keep_group, found, name="Window table", student_ids=ids, by=room.rivera)
    (group,) = classes.groups_of(found)
    assert (group.name, group.student_ids) == ("Window table", (room.ana.account_id,))
    with pytest.raises(GroupTaken):
        a_school.do(
            classes.keep_group, found, name=" Window  table", student_ids=[], by=room.rivera
        )


def test_who_leaves_the_class_leaves_its_groups(a_school: School) -> None:
    room, found = a_school.classroom, english(a_school)
    ids = [room.ana.account_id, room.cam.account_id]
    a_school.do(classes.keep_group, found, name="Red", student_ids=ids, by=room.rivera)
    a_school.do(classes.change_roster, found, remove=[room.ana.account_id], by=room.rivera)
    assert classes.groups_of(found)[0].student_ids == (room.cam.account_id,)
    a_school.do(close_classroom_account, account_id=room.cam.account_id, by=room.dana)
    assert classes.groups_of(found)[0].student_ids == ()
    assert names(a_school, found.pk) == ["Ben Carter", "Mia Lopez"]


def test_removing_a_group_twice_is_once(a_school: School) -> None:
    room, found = a_school.classroom, english(a_school)
    a_school.do(classes.keep_group, found, name="Red", student_ids=[], by=room.rivera)
    (group,) = classes.groups_of(found)
    a_school.do(classes.remove_group, found, group_id=group.id, by=room.rivera)
    before = a_school.last
    a_school.do(classes.remove_group, found, group_id=group.id, by=room.rivera)
    assert (classes.groups_of(found), a_school.last) == ((), before)


def test_a_code_names_one_class_of_the_school(a_school: School) -> None:
    room = a_school.classroom
    a_school.do(classes.change_class, english(a_school), {"code": "E2-3"}, by=room.dana)
    with pytest.raises(CodeTaken):
        a_school.do(classes.open_class, name="Other", code="E2-3", by=room.dana)
    there = a_school.do(classes.open_class, name="Other", code="E2-3", by=room.otto)
    assert there.school_id == a_school.other_id


def test_a_name_can_be_seen_and_is_not_endless(a_school: School) -> None:
    for name in ("x" * 81, "\u2800", "a\u202eb"):
        with pytest.raises(BadName):
            a_school.do(classes.open_class, name=name, by=a_school.classroom.dana)


@pytest.mark.parametrize(
    ("text", "found"), [("eng", 1), ("OKAFOR", 2), ("rivera eng", 1), ("5", 1), ("nothing", 0)]
)
def test_classes_are_found_by_name_period_and_teacher(
    a_school: School, text: str, found: int
) -> None:
    assert classes.classes_of_school(a_school.id, text=text).count() == found


def test_an_archived_class_is_offered_no_more_and_can_come_back(a_school: School) -> None:
    room, found = a_school.classroom, english(a_school)
    a_school.do(classes.archive_class, found, by=room.dana)
    a_school.do(classes.archive_class, found, by=room.dana)
    mine = room.rivera.account_id
    assert not classes.classes_of_school(a_school.id, of_teacher=mine).exists()
    assert classes.classes_of_school(a_school.id, archived=True).get() == found
    a_school.do(classes.reopen_class, found, by=room.dana)
    again = classes.classes_of_school(a_school.id, of_teacher=mine).get()
    assert getattr(again, "student_count", None) == 4


def test_period_ten_comes_after_period_two(a_school: School) -> None:
    for period in ("10", "2"):
        a_school.do(classes.open_class, name="Art", period=period, by=a_school.classroom.dana)
    found = classes.classes_of_school(a_school.id)
    assert [one.period for one in found] == ["2", "3", "5", "10"]
