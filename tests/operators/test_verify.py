"""`corridor verify-log` finds what somebody broke, and says where."""

import gc
import tracemalloc

import pytest
from django.db import connection

from corridor.live.log import last_number
from corridor.operators import verify
from corridor.operators.purge import purge
from corridor.operators.verify import wrong_in_all
from tests.school import School


def run(statement: str, *params: int | str | bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def found(school: School) -> list[str]:
    """What is wrong, by number."""
    assert all(wrong.school_id == school.id for wrong in wrong_in_all(connection))
    return [f"{wrong.number}: {wrong.says}" for wrong in wrong_in_all(connection)]


def test_a_whole_log_has_nothing_wrong(a_school: School) -> None:
    a_school.out()
    a_school.wait(hours=1)
    a_school.ask()
    assert found(a_school) == []


def test_a_missing_event_is_told_with_its_number(a_school: School) -> None:
    run("DELETE FROM live_event WHERE school_id = %s AND number = 3", a_school.id)
    assert found(a_school) == ["3: is missing"]


def test_a_gap_is_told_once(a_school: School) -> None:
    run("DELETE FROM live_event WHERE school_id = %s AND number BETWEEN 3 AND 6", a_school.id)
    assert found(a_school) == ["3: is missing, and all up to 6"]


def test_a_log_that_lost_its_end_is_told(a_school: School) -> None:
    last = a_school.last
    run("UPDATE live_schoolturn SET last_number = %s WHERE school_id = %s", last + 2, a_school.id)
    assert found(a_school) == [f"{last + 1}: is missing, and all up to {last + 2}"]
    run("UPDATE live_schoolturn SET last_number = %s WHERE school_id = %s", last - 1, a_school.id)
    assert found(a_school) == [f"{last}: the log goes on after its last number {last - 1}"]


def test_a_lost_last_event_of_a_pass_is_told_for_the_pass_too(a_school: School) -> None:
    card = a_school.out()
    run("DELETE FROM live_event WHERE number = %s AND school_id = %s", card.version, a_school.id)
    gap, lost = found(a_school)
    assert gap == f"{card.version}: is missing"
    assert lost == f"{card.version}: the last event of pass {card.id} is missing"


def test_an_event_that_cannot_be_read_is_told(a_school: School) -> None:
    run("UPDATE live_event SET body = %s WHERE school_id = %s AND number = 2", "{}", a_school.id)
    (told,) = found(a_school)
    assert told.startswith("2: the event “account.opened” cannot be read: ")
    run("UPDATE live_event SET name = 'bell.rang' WHERE school_id = %s AND number = 2", a_school.id)
    assert found(a_school) == ["2: the event “bell.rang” is not known to this Corridor"]


def test_a_card_that_differs_is_told_with_the_fields(a_school: School) -> None:
    card = a_school.out()
    run(
        "UPDATE passes_hallpass SET card = replace(card, 'on_the_way', 'arrived')"
        " WHERE school_id = %s AND id = %s",
        a_school.id, card.id,
    )  # fmt: skip
    differs, column = found(a_school)
    assert differs == (
        f"{card.version}: pass {card.id} in the table differs from its last event in state"
    )
    assert column.endswith("column state is on_the_way, its card says arrived")


def test_a_column_that_differs_from_its_card_is_told(a_school: School) -> None:
    card = a_school.out()
    run("UPDATE passes_hallpass SET started_at = NULL WHERE id = %s", card.id)
    (told,) = found(a_school)
    assert f"pass {card.id}: column started_at is None, its card says 2026-03-02 15:00" in told


def test_a_pass_that_stayed_behind_is_told(a_school: School) -> None:
    card = a_school.out()
    run("UPDATE passes_hallpass SET version = %s WHERE id = %s", card.id, card.id)
    assert f"{card.version}: pass {card.id} in the table stayed at number {card.id}" in found(
        a_school
    )


def test_a_pass_that_is_only_in_the_log_is_told(a_school: School) -> None:
    card = a_school.ask()
    run("DELETE FROM passes_hallpass WHERE id = %s AND school_id = %s", card.id, a_school.id)
    assert found(a_school) == [f"{card.id}: pass {card.id} is in the log but not in the table"]


def test_a_pass_that_points_at_something_elses_event_is_told(a_school: School) -> None:
    card = a_school.ask()
    run("UPDATE passes_hallpass SET version = 2000 WHERE id = %s", card.id)
    assert f"2000: the last event of pass {card.id} is missing" in found(a_school)


def test_a_coming_pass_agrees_with_its_forgotten_event_in_all_but_the_people(
    a_school: School,
) -> None:
    a_school.decide(keep_passes_days=30)
    (card,) = a_school.arrange(minutes=60 * 24 * 60)
    a_school.wait(days=40)
    purge(a_school.id, a_school.clock.at)
    assert found(a_school) == []
    run("UPDATE passes_comingpass SET card = replace(card, 'layover', 'one_way')")
    assert found(a_school) == [
        f"{card.version}: pass {card.id} in the table differs from its last event in trip_type"
    ]


def test_two_open_passes_of_a_student_are_told(a_school: School) -> None:
    run("DROP INDEX one_open_pass_per_student")
    card = a_school.ask()
    run("UPDATE passes_hallpass SET is_open = %s WHERE id < %s", True, card.id)
    a_school.ask(a_school.cam)
    run("UPDATE passes_hallpass SET student_id = %s", a_school.id_of(a_school.ana))
    student = a_school.id_of(a_school.ana)
    assert f"0: student {student} has 3 open passes" in found(a_school)


def test_events_of_a_school_that_is_gone_are_told(a_school: School) -> None:
    there = last_number(a_school.other_id)
    run("DELETE FROM live_schoolturn WHERE school_id = %s", a_school.other_id)
    told = [wrong.says for wrong in wrong_in_all(connection)]
    assert told == [f"live_event has {there} rows of a school that has no turn"]


def test_a_log_is_read_in_pieces(a_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        a_school.end(a_school.ask())
    monkeypatch.setattr(verify, "PIECE", 3)
    sizes: list[int] = []
    assert list(wrong_in_all(connection, sizes.append)) == []
    assert max(sizes) == 3
    assert sum(sizes) == a_school.last + last_number(a_school.other_id)


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_log(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "PIECE", 10)

    def collected(_: int) -> None:
        gc.collect()

    def most() -> int:
        tracemalloc.start()
        # What is held, not what Python's collector has not yet come round to.
        assert list(wrong_in_all(connection, collected)) == []
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    for _ in range(10):
        a_school.end(a_school.ask())
    most()
    short = most()
    for _ in range(100):
        a_school.end(a_school.ask())
    # The events of a hundred passes are more than 200 KB; other threads may hold a little.
    assert most() < short + 100_000


def test_appointments_are_compared_too(a_school: School) -> None:
    (card,) = a_school.arrange()
    a_school.arrange(a_school.cam, minutes=8)
    a_school.wait(minutes=4)
    assert found(a_school) == []
    run("UPDATE passes_comingpass SET held = %s WHERE id = %s", True, card.id)
    assert found(a_school) == [
        f"{card.version}: pass {card.id}: column held is True, its card says False"
    ]
    run("DELETE FROM passes_comingpass WHERE id = %s", card.id)
    assert found(a_school) == [f"{card.id}: pass {card.id} is in the log but not in the table"]


def test_an_appointment_that_surfaced_and_is_still_to_come_is_told(a_school: School) -> None:
    (card,) = a_school.arrange(minutes=8)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT * FROM passes_comingpass")
        a_school.wait(minutes=4)
        cursor.execute("INSERT INTO passes_comingpass SELECT * FROM kept")
        cursor.execute("DROP TABLE kept")
    assert f"{card.id}: pass {card.id} has surfaced but is still to come, too" in found(a_school)
