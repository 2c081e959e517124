"""How a pass begins: a student asks, or an adult gives one."""

from uuid import uuid4

import pytest

from corridor.accounts.actors import clock_of
from corridor.accounts.people import close_account
from corridor.passes import queries
from corridor.passes.refusals import NeedsOverride, NotAllowed, NotFound, Refused, Stale
from corridor.passes.trips import comment_on_pass
from corridor.roster.changes import archive_location
from corridor.roster.models import Location
from tests.school import School


def test_a_student_asks_and_the_pass_waits(a_school: School) -> None:
    card = a_school.ask(reason="Headache")
    assert (card.state, card.kind, card.trip_type) == ("waiting", "student", "layover")
    assert (card.student.name, card.student.sort_name, card.student.grade) == (
        "Ana Lopez", "Lopez Ana", "9",
    )  # fmt: skip
    assert (card.origin.name, card.destination.adult_name) == ("Room 204", "Nurse Ito")
    assert card.id == card.version == a_school.last


def test_the_event_names_those_concerned(a_school: School) -> None:
    card = a_school.ask()
    assert set(a_school.log()[-1].topics()) == {
        f"student:{card.student.id}", f"location:{a_school.room_204}",
        f"location:{a_school.nurse}", f"school:{a_school.id}",
    }  # fmt: skip


def test_only_a_student_asks_and_only_an_adult_gives(a_school: School) -> None:
    before = a_school.last
    for by in (a_school.rivera, a_school.ito, a_school.dana, clock_of(a_school.id)):
        with pytest.raises(NotAllowed):
            a_school.ask(by)
    for by in (a_school.ana, clock_of(a_school.id)):
        with pytest.raises(NotAllowed):
            a_school.give(a_school.cam, by=by)
    assert a_school.last == before


def test_what_another_school_has_does_not_exist_here(a_school: School) -> None:
    before = a_school.last
    with pytest.raises(NotFound, match="destination"):
        a_school.ask(to=a_school.other_room)
    with pytest.raises(NotFound, match="origin"):
        a_school.ask(origin=a_school.other_room)
    with pytest.raises(NotFound, match="student"):
        a_school.give(a_school.eli)
    assert a_school.last == before


@pytest.mark.parametrize("nothing", [0, -1, 999_999_999])
def test_an_unknown_place_is_not_found(a_school: School, nothing: int) -> None:
    with pytest.raises(NotFound):
        a_school.ask(to=nothing)


def test_a_closed_account_gets_no_pass(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.id_of(a_school.cam), by=a_school.dana)
    with pytest.raises(NotFound, match="student"):
        a_school.ask(a_school.cam)
    with pytest.raises(NotFound, match="student"):
        a_school.give(a_school.cam)


def test_an_adult_is_no_student(a_school: School) -> None:
    with pytest.raises(NotFound, match="student"):
        a_school.give(a_school.okafor)


def test_an_archived_place_takes_no_passes(a_school: School) -> None:
    Location.objects.filter(pk=a_school.library).update(archived_at=a_school.clock.at)
    with pytest.raises(NotFound, match="destination"):
        a_school.ask(to=a_school.library)
    with pytest.raises(NotFound, match="origin"):
        a_school.ask(origin=a_school.library)


def test_a_refusal_is_recorded_and_changes_nothing_else(a_school: School) -> None:
    with pytest.raises(Refused) as no:
        a_school.ask(a_school.ben, reason="Water")
    told = a_school.log()[-1]
    assert (told.name, told.refusal) == ("pass.refused", no.value.refusal)
    assert told.topics() == (f"student:{a_school.ben.account_id}",)
    assert queries.open_pass_of(a_school.id_of(a_school.ben)) is None


# Teacher pass


def test_a_teacher_pass_waits_for_approval(a_school: School) -> None:
    card = a_school.give(by=a_school.okafor)
    assert (card.state, card.kind) == ("waiting", "teacher")
    assert card.stamps[0].by == a_school.okafor.who
    assert a_school.press("approve", card, a_school.rivera).state == "on_the_way"


def test_a_pre_approved_teacher_pass_is_on_the_way_at_once(a_school: School) -> None:
    before = a_school.last
    card = a_school.give(pre_approved=True)
    assert (card.state, card.started_at) == ("on_the_way", a_school.clock.at)
    assert [stamp.what for stamp in card.stamps] == ["requested", "approved"]
    assert a_school.names(before) == ["pass.given"]
    a_school.wait(minutes=10)
    assert queries.pass_of_school(a_school.id, card.id).is_long_running


def test_an_adult_is_warned_of_every_rule_and_may_break_it_knowingly(a_school: School) -> None:
    a_school.decide(building_limit=0)
    full, before = a_school.open_place("Tiny", capacity=0), a_school.last
    with pytest.raises(NeedsOverride) as question:
        a_school.give(a_school.ben, full)
    codes = [no.code for no in question.value.broken]
    assert codes == ["daily_limit", "building_full", "destination_full"]
    assert a_school.last == before
    card = a_school.give(a_school.ben, full, override=frozenset(codes))
    assert (card.marks, list(card.overridden)) == (("overridden",), codes)


def test_an_override_covers_only_what_was_shown(a_school: School) -> None:
    a_school.decide(building_limit=0)
    with pytest.raises(NeedsOverride):
        a_school.give(a_school.ben, override=frozenset({"daily_limit"}))


def test_an_override_of_what_is_not_broken_leaves_no_mark(a_school: School) -> None:
    card = a_school.give(override=frozenset({"daily_limit", "building_full"}))
    assert (card.marks, card.overridden) == ((), ())


def test_a_teacher_pass_does_not_count_to_the_students_limit(a_school: School) -> None:
    a_school.limit(a_school.cam, 1)
    a_school.end(a_school.give(a_school.cam))
    assert a_school.ask(a_school.cam).state == "waiting"


def test_an_adult_need_not_say_why_nor_wait_where_nobody_answers(a_school: School) -> None:
    asks_why = a_school.open_place("Office desk", reason_mode="mandatory")
    yard = a_school.open_place("Yard")
    card = a_school.give(to=asks_why, origin=yard, pre_approved=True)
    assert card.state == "on_the_way"


# The same request twice


def test_the_same_request_twice_makes_one_pass(a_school: School) -> None:
    press = uuid4()
    first, before = a_school.ask(request_id=press), a_school.last
    a_school.press("approve", first, a_school.rivera)
    assert a_school.ask(request_id=press) == first
    assert a_school.last == before + 1


def test_a_refusal_is_repeated_even_when_it_would_work_by_now(a_school: School) -> None:
    press = uuid4()
    with pytest.raises(Refused) as first:
        a_school.ask(a_school.ben, request_id=press)
    a_school.limit(a_school.ben, None)
    with pytest.raises(Refused) as second:
        a_school.ask(a_school.ben, request_id=press)
    assert second.value.refusal == first.value.refusal
    assert a_school.names().count("pass.refused") == 1


def test_the_first_answer_stands_when_the_place_is_gone_meanwhile(a_school: School) -> None:
    request_id = uuid4()
    card = a_school.ask(to=a_school.library, request_id=request_id)
    place = Location.objects.get(pk=a_school.library)
    a_school.do(archive_location, place, by=a_school.dana.who)
    assert a_school.ask(to=a_school.library, request_id=request_id) == card


def test_the_id_of_a_press_is_no_id_of_a_pass(a_school: School) -> None:
    """An id that was used for something else gives what that was about, and no new pass."""
    request_id = uuid4()
    card = a_school.press("withdraw", a_school.ask(), a_school.ana, request_id=request_id)
    with pytest.raises(Stale) as told:
        a_school.ask(request_id=request_id)
    assert told.value.card == card


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("to\r\nid: 9\u2028event:\u0085bye\x00!", "to id: 9 event: bye !"),
        ("\u202egnp.exe", "gnp.exe"),
        ("  Zoë   👩\u200d🏫  مرحبا ", "Zoë 👩\u200d🏫 مرحبا"),
    ],
)
def test_what_is_kept_of_a_reason_is_one_line(a_school: School, typed: str, kept: str) -> None:
    card = a_school.ask(reason=typed)
    assert card.reason == kept
    a_school.do(comment_on_pass, pass_id=card.id, text=typed, by=a_school.rivera)
    now = queries.open_pass_of(a_school.id_of(a_school.ana))
    assert now is not None and now.comments[0].text == kept


def test_the_id_of_another_account_is_another_request(a_school: School) -> None:
    press = uuid4()
    ana = a_school.ask(request_id=press)
    cam = a_school.ask(a_school.cam, request_id=press)
    assert (ana.student.name, cam.student.name) == ("Ana Lopez", "Cam Nguyen")


def test_a_teacher_pass_sent_twice_is_one_pass(a_school: School) -> None:
    press = uuid4()
    first = a_school.give(pre_approved=True, request_id=press)
    assert a_school.give(pre_approved=True, request_id=press) == first
    assert len(queries.open_passes(a_school.id)) == 1


def test_a_question_is_no_answer_so_the_confirmed_form_may_keep_its_id(a_school: School) -> None:
    press = uuid4()
    with pytest.raises(NeedsOverride):
        a_school.give(a_school.ben, request_id=press)
    card = a_school.give(a_school.ben, request_id=press, override=frozenset({"daily_limit"}))
    assert card.overridden == ("daily_limit",)
