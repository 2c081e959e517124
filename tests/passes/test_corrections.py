"""“I was back at 10:04”: a student says it, an adult of the pass answers."""

from datetime import timedelta

import pytest

from corridor.passes import history
from corridor.passes.cards import PassCard
from corridor.passes.corrections import (
    ask_correction,
    can_ask,
    confirm_correction,
    decline_correction,
    withdraw_correction,
)
from corridor.passes.refusals import NotAllowed, NotFound, Refused, Stale
from corridor.passes.trips import edit_times
from tests.school import School


@pytest.fixture
def forgotten(a_school: School) -> PassCard:
    """Ana's pass to the nurse, which the clock ended after half an hour."""
    a_school.out()
    a_school.wait(minutes=40)
    card: PassCard = a_school.log()[-1].card
    assert card.state == "system_ended"
    return card


def ask(school: School, card: PassCard, minutes: float = 4, **more: object) -> PassCard:
    assert card.started_at is not None
    back_at = card.started_at + timedelta(minutes=minutes)
    return school.do(ask_correction, pass_id=card.id, back_at=back_at, **{"by": school.ana, **more})


def test_confirmed_it_is_the_end_of_the_pass_with_both_names(
    a_school: School, forgotten: PassCard
) -> None:
    asked = ask(a_school, forgotten, note="I sat in the back.\nNobody saw me.")
    assert (asked.state, asked.ended_at) == ("system_ended", forgotten.ended_at)
    assert asked.correction is not None
    assert asked.correction.note == "I sat in the back. Nobody saw me."
    done = a_school.do(confirm_correction, pass_id=asked.id, by=a_school.ito)
    assert forgotten.started_at is not None
    assert done.ended_at == forgotten.started_at + timedelta(minutes=4)
    assert (done.state, done.marks) == ("ended", ("long_running", "edited"))
    assert [(s.what, s.by.name) for s in done.stamps[-2:]] == [
        ("correction_asked", "Ana Lopez"), ("correction_confirmed", "Nurse Ito"),
    ]  # fmt: skip
    assert done.closed_by is not None and done.closed_by.name == "Nurse Ito"
    assert done.correction is None


def test_declined_in_words_the_pass_stays_as_it_was(a_school: School, forgotten: PassCard) -> None:
    ask(a_school, forgotten)
    with pytest.raises(Refused, match="answer_missing"):
        a_school.do(decline_correction, pass_id=forgotten.id, answer=" \n", by=a_school.rivera)
    done = a_school.do(
        decline_correction, pass_id=forgotten.id, answer="You came with the bell.",
        by=a_school.rivera,
    )  # fmt: skip
    assert (done.state, done.ended_at, done.marks) == (
        "system_ended", forgotten.ended_at, forgotten.marks,
    )  # fmt: skip
    assert done.corrections[-1].answer == "You came with the bell."
    assert done.closed_by is not None and done.closed_by.kind == "clock"


def test_a_pass_that_an_adult_ended_too_late_is_corrected_too(a_school: School) -> None:
    card = a_school.out()
    a_school.wait(minutes=9)
    card = a_school.press("end", card, a_school.rivera)
    ask(a_school, card)
    done = a_school.do(confirm_correction, pass_id=card.id, by=a_school.rivera)
    assert (done.state, done.marks) == ("ended", ("edited",))


def test_a_second_one_of_the_same_pass_is_edited_once(
    a_school: School, forgotten: PassCard
) -> None:
    for minutes in (20, 10):
        ask(a_school, forgotten, minutes)
        done = a_school.do(confirm_correction, pass_id=forgotten.id, by=a_school.dana)
    assert done.marks == ("long_running", "edited")


@pytest.mark.parametrize("minutes", [-1, 30, 31])
def test_only_a_time_within_the_pass(a_school: School, forgotten: PassCard, minutes: int) -> None:
    before = a_school.last
    with pytest.raises(Refused, match="back_outside_pass"):
        ask(a_school, forgotten, minutes)
    assert a_school.last == before


def test_only_for_two_weeks(a_school: School, forgotten: PassCard) -> None:
    a_school.wait(days=14)
    assert not can_ask(forgotten, a_school.clock.at)
    with pytest.raises(Refused, match="correction_too_old"):
        ask(a_school, forgotten)


def test_one_at_a_time_and_three_in_all(a_school: School, forgotten: PassCard) -> None:
    for _ in range(3):
        asked = ask(a_school, forgotten)
        assert not can_ask(asked, a_school.clock.at)
        with pytest.raises(Stale):
            ask(a_school, forgotten, 5)
        last = a_school.do(withdraw_correction, pass_id=forgotten.id, by=a_school.ana)
    assert not can_ask(last, a_school.clock.at)
    with pytest.raises(Refused, match="corrections_used_up"):
        ask(a_school, forgotten)


def test_only_the_student_asks_and_only_adults_of_the_pass_answer(
    a_school: School, forgotten: PassCard
) -> None:
    for person, no in (
        (a_school.cam, NotFound), (a_school.eli, NotFound), (a_school.rivera, NotAllowed),
    ):  # fmt: skip
        with pytest.raises(no):
            ask(a_school, forgotten, by=person)
    ask(a_school, forgotten)
    for person, no in (
        (a_school.ana, NotFound), (a_school.okafor, NotAllowed), (a_school.stone, NotFound),
    ):  # fmt: skip
        with pytest.raises(no):
            a_school.do(confirm_correction, pass_id=forgotten.id, by=person)
        with pytest.raises(no):
            a_school.do(decline_correction, pass_id=forgotten.id, answer="No.", by=person)


def test_a_pass_that_is_open_cannot_be_corrected(a_school: School) -> None:
    card = a_school.out()
    a_school.wait(minutes=5)
    with pytest.raises(Stale):
        ask(a_school, card)


def test_whoever_answers_second_is_told(a_school: School, forgotten: PassCard) -> None:
    ask(a_school, forgotten)
    a_school.do(confirm_correction, pass_id=forgotten.id, by=a_school.ito)
    with pytest.raises(Stale):
        a_school.do(decline_correction, pass_id=forgotten.id, answer="No.", by=a_school.rivera)
    with pytest.raises(Stale):
        a_school.do(withdraw_correction, pass_id=forgotten.id, by=a_school.ana)


def test_times_are_not_edited_past_an_open_correction(
    a_school: School, forgotten: PassCard
) -> None:
    ask(a_school, forgotten)
    with pytest.raises(Stale):
        a_school.do(
            edit_times, pass_id=forgotten.id, ended_at=forgotten.started_at, by=a_school.ito
        )


def test_it_waits_in_the_list_of_the_adults_of_the_pass(
    a_school: School, forgotten: PassCard
) -> None:
    ask(a_school, forgotten)
    for adult, count in ((a_school.rivera, 1), (a_school.ito, 1), (a_school.okafor, 0)):
        assert len(history.asking(a_school.id, adult.location_ids)) == count
    assert len(history.asking(a_school.id, None)) == 1
    assert history.asking(a_school.other_id, None) == []
    a_school.do(withdraw_correction, pass_id=forgotten.id, by=a_school.ana)
    assert history.asking(a_school.id, None) == []
