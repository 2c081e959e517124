"""The life of a pass as a story: what each step leaves behind."""

from datetime import timedelta
from uuid import uuid4

import pytest

from corridor.accounts.people import link_locations
from corridor.live.log import last_number
from corridor.passes import queries
from corridor.passes.refusals import NotFound, Refused, Stale
from corridor.passes.trips import comment_on_pass, edit_times
from tests.school import School


def test_ana_goes_to_the_nurse_and_comes_back(a_school: School) -> None:
    before, start = a_school.last, a_school.clock.at
    card = a_school.ask(reason="Headache")
    for name, by in (
        ("approve", a_school.rivera), ("arrive", a_school.ito),
        ("send_back", a_school.ito), ("end", a_school.rivera),
    ):  # fmt: skip
        a_school.clock.move(minutes=1)
        card = a_school.press(name, card, by)
    assert a_school.names(before) == [
        "pass.requested", "pass.approved", "pass.arrived", "pass.sent_back", "pass.ended",
    ]  # fmt: skip
    times = (card.started_at, card.arrived_at, card.returning_at, card.ended_at)
    assert times == tuple(start + timedelta(minutes=n) for n in (1, 2, 3, 4))
    assert [stamp.by.name for stamp in card.stamps] == [
        "Ana Lopez", "Ms. Rivera", "Nurse Ito", "Nurse Ito", "Ms. Rivera",
    ]  # fmt: skip
    assert (card.reason, card.marks, card.due_at, card.over_at) == ("Headache", (), None, None)
    assert card.closed_by == a_school.rivera.who


def test_a_one_way_pass_ends_by_arriving(a_school: School) -> None:
    card = a_school.press("arrive", a_school.out(to=a_school.exit), a_school.okafor)
    assert (card.state, card.arrived_at, card.ended_at) == ("ended", None, a_school.clock.at)
    assert a_school.names()[-1] == "pass.arrived"


def test_the_nurse_keeps_a_student(a_school: School) -> None:
    card = a_school.press("end_and_keep", a_school.out(), a_school.ito)
    assert (card.state, card.closed_by) == ("ended", a_school.ito.who)
    assert a_school.names()[-1] == "pass.kept"


def test_the_card_in_the_event_is_the_card_in_the_table(a_school: School) -> None:
    card = a_school.out()
    assert a_school.log()[-1].card == card
    assert queries.pass_of_school(a_school.id, card.id) == card
    assert queries.open_pass_of(a_school.id_of(a_school.ana)) == card


def test_a_late_press_is_told_what_the_pass_is_now(a_school: School) -> None:
    card = a_school.ask()
    a_school.press("withdraw", card, a_school.ana)
    before = a_school.last
    with pytest.raises(Stale) as no:
        a_school.press("approve", card, a_school.rivera)
    assert no.value.card.state == "withdrawn"
    assert a_school.last == before


def test_a_pass_of_another_school_does_not_exist(a_school: School) -> None:
    card = a_school.ask()
    for by in (a_school.stone, a_school.otto, a_school.eli):
        with pytest.raises(NotFound):
            a_school.press("cancel", card, by)


def test_a_pass_of_another_school_with_the_same_number_is_another_pass(a_school: School) -> None:
    while last_number(a_school.other_id) < a_school.last:  # numbers are counted per school
        a_school.do(link_locations, location_ids=(), by=a_school.stone)
    theirs = a_school.ask(a_school.eli, a_school.other_office, origin=a_school.other_room)
    mine = a_school.ask()
    assert theirs.id == mine.id
    assert a_school.press("approve", theirs, a_school.stone).student.name == "Eli Marsh"
    assert queries.pass_of_school(a_school.id, mine.id).state == "waiting"


def test_an_unknown_move_is_not_found(a_school: School) -> None:
    card = a_school.ask()
    for name in ("", "comment", "edit_times", "explode"):
        with pytest.raises(NotFound):
            a_school.press(name, card, a_school.rivera)


def test_comments_stand_beside_the_pass_and_change_nothing_else(a_school: School) -> None:
    card = a_school.out()
    said = a_school.do(comment_on_pass, pass_id=card.id, text="  Took a book. ", by=a_school.ito)
    assert [(c.text, c.by) for c in said.comments] == [("Took a book.", a_school.ito.who)]
    assert (said.state, said.stamps, said.due_at) == (card.state, card.stamps, card.due_at)
    assert said.version == card.version + 1


@pytest.mark.parametrize(
    ("text", "code"), [(" ", "comment_missing"), ("x" * 201, "comment_too_long")]
)
def test_a_comment_says_something_that_fits(a_school: School, text: str, code: str) -> None:
    card, before = a_school.ask(), a_school.last
    with pytest.raises(Refused) as no:
        a_school.do(comment_on_pass, pass_id=card.id, text=text, by=a_school.rivera)
    assert no.value.refusal.code == code
    assert a_school.last == before


def test_an_adult_corrects_when_a_forgotten_student_was_back(a_school: School) -> None:
    card = a_school.out()
    a_school.wait(minutes=60)
    back = a_school.clock.at - timedelta(minutes=55)
    edited = a_school.do(edit_times, pass_id=card.id, ended_at=back, by=a_school.ito)
    assert (edited.state, edited.ended_at) == ("ended", back)
    assert edited.marks == ("long_running", "edited")
    with pytest.raises(Stale):
        a_school.do(edit_times, pass_id=card.id, ended_at=back, by=a_school.rivera)


@pytest.mark.parametrize("minutes", [-1, 61])
def test_the_corrected_time_lies_between_the_start_and_now(a_school: School, minutes: int) -> None:
    card = a_school.out()
    a_school.wait(minutes=60)
    before = a_school.last
    wrong = card.requested_at + timedelta(minutes=minutes)
    with pytest.raises(Refused) as no:
        a_school.do(edit_times, pass_id=card.id, ended_at=wrong, by=a_school.rivera)
    assert (no.value.refusal.code, a_school.last) == ("time_outside_pass", before)


# The same request twice


def test_a_second_press_gets_the_first_answer(a_school: School) -> None:
    card, press = a_school.ask(), uuid4()
    first = a_school.press("approve", card, a_school.rivera, request_id=press)
    a_school.press("arrive", card, a_school.ito)
    before = a_school.last
    assert a_school.press("approve", card, a_school.rivera, request_id=press) == first
    assert a_school.last == before


def test_the_first_answer_is_only_for_who_pressed(a_school: School) -> None:
    card, press = a_school.ask(), uuid4()
    a_school.press("cancel", card, a_school.rivera, request_id=press)
    with pytest.raises(Stale):
        a_school.press("cancel", card, a_school.dana, request_id=press)


def test_an_id_used_for_another_pass_answers_nothing(a_school: School) -> None:
    ana, cam, press = a_school.ask(), a_school.ask(a_school.cam), uuid4()
    a_school.press("approve", ana, a_school.rivera, request_id=press)
    with pytest.raises(Stale) as no:
        a_school.press("approve", cam, a_school.rivera, request_id=press)
    assert no.value.card.id == cam.id


def test_comments_and_edits_can_be_repeated_too(a_school: School) -> None:
    card, said, corrected = a_school.out(), uuid4(), uuid4()
    a_school.wait(minutes=40)
    for _ in range(2):
        a_school.do(comment_on_pass, pass_id=card.id, text="Hm.", by=a_school.ito, request_id=said)
    for _ in range(2):
        edited = a_school.do(
            edit_times, pass_id=card.id, ended_at=a_school.clock.at, by=a_school.ito,
            request_id=corrected,
        )  # fmt: skip
    assert len(edited.comments) == 1
    assert a_school.names()[-2:] == ["pass.commented", "pass.edited"]
