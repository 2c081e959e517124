"""Places as a CSV file: out, in again, and what is wrong with a file."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridor.roster import places_csv
from corridor.roster.models import Location
from corridor.roster.places_csv import CannotImport, Plan, plan
from tests.school import School


def carry_out(school: School, text: str) -> Plan:
    return school.do(places_csv.carry_out, text, by=school.dana.who)


def test_what_was_exported_changes_nothing(a_school: School) -> None:
    a_school.open_place("=Gym, the big one", capacity=3, takes_passes=False)
    text = places_csv.export(a_school.id)
    assert '"\'=Gym, the big one"' in text
    planned = plan(a_school.id, text)
    count = Location.objects.filter(school_id=a_school.id).count()
    assert planned == Plan(same=count)


def test_new_and_changed_places_and_the_second_run(a_school: School) -> None:
    text = (
        "name;trip_type;capacity;takes_passes\n"
        "library;Layover;12;yes\nGym;One-way;;no\nNurse;;;\n\n"
    )
    planned = plan(a_school.id, text)
    assert [line.name for line in planned.created] == ["Gym"]
    assert [(line.name, line.values) for line in planned.changed] == [
        ("library", {"name": "library", "capacity": 12})
    ]
    assert planned.same == 1
    assert carry_out(a_school, text) == planned
    assert Location.objects.get(name="Gym").trip_type == "one_way"
    assert not Location.objects.get(name="Gym").takes_passes
    before = a_school.last
    assert carry_out(a_school, text) == Plan(same=3)
    assert a_school.last == before


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        ("", 1, "name"),
        ("capacity\n3", 1, "name"),
        ("name,colour\nGym,red", 1, "colour"),
        ("name,name\nGym,Gym", 1, "name"),
        ("name\nGym\n\ngym", 4, "name"),
        ("name,capacity\nGym,many", 2, "capacity"),
        ("name,capacity\nGym,10001", 2, "capacity"),
        ("name,extended_minutes\nGym,0", 2, "extended_minutes"),
        ("name,trip_type\nGym,teleport", 2, "trip_type"),
        ("name,takes_passes\nGym,perhaps", 2, "takes_passes"),
        ("name\nGym,1", 2, ""),
        ("name,capacity\n,1", 2, "name"),
        ("name\n" + "x" * 81, 2, "name"),
        ('name\nGym\n"Yard\nPool\nRoof', 3, ""),
        ('name,capacity\nGym,"3', 2, ""),
        ('name\n"Gym\nhall"\n', 2, ""),
    ],
)
def test_a_problem_is_told_with_its_row_and_column_and_nothing_is_done(
    a_school: School, text: str, row: int, column: str
) -> None:
    before = a_school.last
    problems = plan(a_school.id, text).problems
    assert [(problem.row, problem.column) for problem in problems] == [(row, column)]
    with pytest.raises(CannotImport):
        carry_out(a_school, text)
    assert a_school.last == before


@pytest.mark.parametrize("cell", ["-5", "many", "2.5", "10001", "999999999"])
def test_a_number_that_does_not_fit_is_told_which_ones_do(a_school: School, cell: str) -> None:
    (problem,) = plan(a_school.id, f"name,capacity\nGym,{cell}\n").problems
    assert problem.text == "Write a whole number from 0 to 10000."


def test_the_preview_speaks_in_the_words_of_the_file(a_school: School) -> None:
    heading = "name,reason,open_to,takes_passes,auto_pass,queue,capacity"
    text = f"{heading}\nLibrary,hidden,listed,no,yes,yes,\n"
    a_school.change_place(a_school.library, capacity=3)
    (line,) = plan(a_school.id, text).changed
    assert line.cells == [
        ("reason", "hidden"), ("open_to", "listed"), ("takes_passes", "no"), ("auto_pass", "yes"),
        ("queue", "yes"), ("capacity", ""),
    ]  # fmt: skip


_cells = st.text(alphabet="a1,;=\t\r\n'\"\0é", max_size=60)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(heading=st.sampled_from(["", "name", "name,capacity", "name;trip_type"]), rest=_cells)
def test_any_text_has_a_plan(heading: str, rest: str) -> None:
    planned = plan(0, f"{heading}\n{rest}")
    assert planned.problems or all(line.name for line in planned.created)
