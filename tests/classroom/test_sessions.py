"""A class begins, ends later, ends; students are taken over and given back."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from corridor.accounts.actors import ClassroomActor, clock_of
from corridor.accounts.classes import change_roster, open_class
from corridor.accounts.plans import keep_plan
from corridor.classroom import leases, shelf, timers
from corridor.classroom.answers import Said
from corridor.classroom.cards import CommandCard, Lease, ParticipantCard, SessionCard
from corridor.classroom.commands import answer_command
from corridor.classroom.ending import end_session
from corridor.classroom.hours import obey_hours
from corridor.classroom.leading import reads_past, sees_console
from corridor.classroom.leases import prolonged
from corridor.classroom.participants import notice_devices, raise_hand
from corridor.classroom.queries import commands_to_answer, sessions_over
from corridor.classroom.refusals import NotAllowed, NotFound, Refused, Stale
from corridor.classroom.sessions import extend_session, stop_class, stop_session
from corridor.classroom.taking_over import undo_take_over
from corridor.live.log import Turn, turn
from corridor.roster.changes import change_classroom
from corridor.roster.classroom_settings import ClassroomSettings
from tests.classroom.running import Classes, ids
from tests.school import School

BY = '{"account_id":1,"name":"Ms. Rivera","kind":"adult","face":"console"}'
ADULTS = ("rivera", "okafor", "park", "tia", "dana")


@pytest.fixture
def classes(a_school: School) -> Classes:
    return Classes(a_school)


# Starting


def test_everybody_on_the_roster_is_in_the_class(classes: Classes) -> None:
    session = classes.start()
    assert classes.held(session) == {"Ana", "Ben", "Cam", "Mia"}
    assert (session.class_name, session.led_by.name) == ("English 2", "Ms. Rivera")
    assert session.ends_at == classes.school.clock.at + timedelta(minutes=50)
    assert (session.id, session.version) == (classes.school.last, classes.school.last)


def test_who_is_left_out_is_not_held(classes: Classes) -> None:
    people = classes.people
    session = classes.start(left_out=(people.ben, people.mia))
    assert classes.held(session) == {"Ana", "Cam"}
    excluded = classes.row(session, people.ben).excluded
    assert excluded is not None and excluded.by.name == "Ms. Rivera"


def test_who_is_out_gets_the_place_when_back(classes: Classes) -> None:
    session = classes.start(when_back=(classes.people.ana,))
    assert classes.held(session) == {"Ben", "Cam", "Mia"}


def test_a_class_begins_with_a_tab_limit_for_all(classes: Classes) -> None:
    session = classes.start(tab_limit=5)
    lease = classes.row(session, classes.people.cam).lease("tab_limit")
    assert lease is not None and (lease.number, lease.until) == (5, session.ends_at)


def test_what_a_class_begins_with_is_asked_and_shown_as_any_command(classes: Classes) -> None:
    plan_id, ana = plan_of(classes), classes.people.ana
    session = classes.start(tab_limit=3, plan_id=plan_id, close_tabs=True)
    limit, plan, _ = asked = shelf.commands(session.school_id, session.id)
    assert [one.kind for one in asked] == ["tab_limit", "plan", "close_tabs"]
    for one in (limit, plan):
        assert {each.result for each in one.recipients} == {"pending"}
        lease = classes.row(session, ana).lease(one.kind)
        assert lease is not None and lease.command_id == one.id
    fail(classes, plan)
    failed = classes.row(session, ana).lease("plan")
    assert failed is not None and failed.failed == "not_supported"


def test_whoever_comes_later_is_asked_then(classes: Classes) -> None:
    """Ana is in another class, Mia out on a pass, Ben left out: none of them is asked before."""
    people = classes.people
    algebra = classes.algebra()
    session = classes.start(tab_limit=3, left_out=(people.ben,), when_back=(people.mia,))
    (limit,) = shelf.commands(session.school_id, session.id)
    assert {one.student.name.split()[0] for one in limit.recipients} == {"Ana", "Ben", "Cam", "Mia"}
    classes.stop(algebra, people.okafor)
    row = classes.row(session, people.ana)
    lease = row.lease("tab_limit")
    assert row.is_in and lease is not None and (lease.number, lease.failed) == (3, "")
    assert commands_to_answer(row, classes.school.clock.at) == [limit]
    fail(classes, limit)
    lease = classes.row(session, people.ana).lease("tab_limit")
    assert lease is not None and lease.failed == "not_supported"


def plan_of(classes: Classes) -> int:
    """An access plan of Ms. Rivera's."""
    return classes.school.do(
        keep_plan, name="Reading", sites=["example.org"], blocks=False, by=classes.people.rivera
    ).pk


def fail(classes: Classes, command: CommandCard) -> None:
    """Ana's device cannot do that."""
    said = {min(ids(classes.people.ana)): [Said("not_supported")]}
    classes.school.do(answer_command, command_id=command.id, said=said, by=classes.people.ana)


def test_a_class_begins_with_closing_the_open_tabs_of_whom_it_holds(classes: Classes) -> None:
    people = classes.people
    classes.algebra()  # Ana stays there
    session = classes.start(left_out=(people.ben,), close_tabs=True)
    (command,) = shelf.commands(session.school_id, session.id)
    assert (command.kind, command.by) == ("close_tabs", people.rivera.who)
    assert {one.student.name.split()[0] for one in command.recipients} == {"Cam", "Mia"}
    assert command.is_pending
    assert classes.names()[-2:] == ["class_session.started", "command.sent"]


def test_nobody_held_has_no_tabs_to_close(classes: Classes) -> None:
    people = classes.people
    everybody = (people.ana, people.ben, people.cam, people.mia)
    session = classes.start(left_out=everybody, close_tabs=True)
    assert shelf.commands(session.school_id, session.id) == []


@pytest.mark.parametrize("option", [{"close_tabs": True}, {"tab_limit": 3}, {"plan_id": 1}])
def test_who_may_not_limit_devices_begins_with_no_limits(
    classes: Classes, option: dict[str, Any]
) -> None:
    rivera = classes.people.rivera
    by = msgspec.structs.replace(rivera, permissions=rivera.permissions - {"restrict"})
    with pytest.raises(NotAllowed):
        classes.start(by=by, **option)
    assert classes.start(by=by).led_by == rivera.who


def test_a_co_teacher_a_substitute_and_an_admin_may_start_a_class(classes: Classes) -> None:
    for by in (classes.people.okafor, classes.people.park, classes.people.dana):
        assert classes.stop(classes.start(by=by), by=by).ended_by == by.who


@pytest.mark.parametrize("who", ["tia", "ana", "stone", "eli"])
def test_nobody_else_may(classes: Classes, who: str) -> None:
    by = msgspec.structs.replace(getattr(classes.people, who), school_id=classes.school.id)
    with pytest.raises(NotAllowed):
        classes.start(by=by)
    assert classes.names() == []


def test_a_teacher_of_another_class_may_not(classes: Classes) -> None:
    with pytest.raises(NotAllowed):
        classes.start(classes.people.algebra, by=classes.people.rivera)


def test_a_class_of_another_school_is_not_there(classes: Classes) -> None:
    with pytest.raises(NotFound):
        classes.start(classes.people.elsewhere, by=classes.people.dana)


def test_a_second_press_closes_no_tabs_again(classes: Classes) -> None:
    request_id = uuid4()
    first = classes.start(close_tabs=True, request_id=request_id)
    assert classes.start(close_tabs=True, request_id=request_id) == first
    assert classes.names().count("command.sent") == 1


def test_a_second_press_gives_the_first_answer(classes: Classes) -> None:
    request_id = uuid4()
    first = classes.start(request_id=request_id)
    assert classes.start(request_id=request_id) == first
    assert classes.names() == ["class_session.started"]


def test_a_class_runs_once(classes: Classes) -> None:
    classes.start()
    with pytest.raises(Refused) as no:
        classes.start(by=classes.people.okafor)
    assert (no.value.code, no.value.facts["adult"]) == ("already_running", "Ms. Rivera")


@pytest.mark.parametrize(
    ("minutes", "more", "code"),
    [
        (0, {}, "end_is_over"),
        (-5, {}, "end_is_over"),
        (12 * 60 + 1, {}, "too_long"),
        (50, {"tab_limit": 0}, "tab_limit_impossible"),
        (50, {"tab_limit": 51}, "tab_limit_impossible"),
        (50, {"plan_id": 4711}, "plan_gone"),
    ],
)
def test_what_cannot_be(classes: Classes, minutes: float, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused, match=code):
        classes.start(minutes=minutes, **more)
    assert classes.names() == []


def test_the_school_decides_the_hours(classes: Classes) -> None:
    # It is ten o'clock.
    classes.school.decide(classroom=ClassroomSettings(begins=time(8), ends=time(15, 30)))
    with pytest.raises(Refused, match="after_hours"):
        classes.start(minutes=5 * 60 + 31)
    classes.stop(classes.start(minutes=5 * 60 + 30))
    classes.school.decide(classroom=ClassroomSettings(begins=time(10, 1)))
    with pytest.raises(Refused, match="before_hours"):
        classes.start()


def test_a_class_that_runs_obeys_hours_that_change(classes: Classes) -> None:
    """It is ten o'clock; the class would last until 10:50, and so would its tab limit."""
    session = classes.start(tab_limit=3)
    hours(classes, ends=time(11))
    assert classes.now(session) == session
    hours(classes, ends=time(10, 30))
    shorter = classes.now(session)
    assert shorter.ends_at - session.started_at == timedelta(minutes=30)
    (limit,) = classes.row(session, classes.people.ana).restrictions
    assert limit.until == shorter.ends_at
    classes.wait(minutes=31)
    assert not classes.now(session).is_running


@pytest.mark.parametrize("more", [{"ends": time(9, 59)}, {"begins": time(10, 1)}])
def test_a_class_that_runs_outside_the_new_hours_is_over(
    classes: Classes, more: dict[str, time]
) -> None:
    session = classes.start()
    hours(classes, **more)
    over = classes.now(session)
    assert over.ended_by is not None
    assert (over.ended_at, over.ended_by.name) == (classes.school.clock.at, "Dana Whitfield")
    assert classes.held(session) == set()


def hours(classes: Classes, **more: time) -> None:
    """An admin decides the hours."""
    dana, at = classes.people.dana, classes.school.clock.at
    with turn(classes.school.id) as tx:
        change_classroom(tx, more, by=dana.who, at=at)
        obey_hours(tx, by=dana, at=at)


# Students of another running class


def test_a_student_of_another_class_stays_there(classes: Classes) -> None:
    classes.start()
    algebra = classes.algebra()
    assert classes.held(algebra) == {"Lou"}
    where = classes.row(algebra, classes.people.ana).elsewhere
    assert where is not None and where.class_name == "English 2"


def test_taking_over_moves_the_student_and_tells_the_other_teachers(classes: Classes) -> None:
    english = classes.start()
    algebra = classes.algebra(take_over=(classes.people.ana,))
    assert classes.held(english) == {"Ben", "Cam", "Mia"}
    assert classes.held(algebra) == {"Ana", "Lou"}
    where = classes.row(english, classes.people.ana).elsewhere
    assert where is not None and where.class_name == "Algebra 1"
    taken, started = classes.log()[-2:]
    assert (taken.name, started.name) == ("participants.taken_over", "class_session.started")
    told = {f"classroom_account:{one}" for one in english.teacher_ids}
    assert told | {f"class_session:{english.id}"} <= set(taken.topics())


def test_including_somebody_takes_over_and_tells_the_other_teachers_too(classes: Classes) -> None:
    english, ana = classes.start(), classes.people.ana
    algebra = classes.algebra()
    classes.ask("include", algebra, ana, by=classes.people.okafor)
    told = {f"classroom_account:{one}" for one in english.teacher_ids}
    assert told <= set(classes.log()[-1].topics())
    undo(classes, algebra)
    assert told <= set(classes.log()[-1].topics())
    classes.ask("include", algebra, classes.people.lou, by=classes.people.okafor)
    assert not told & set(classes.log()[-1].topics())


def test_taking_over_can_be_undone_for_thirty_seconds(classes: Classes) -> None:
    english, ana = classes.start(), classes.people.ana
    classes.ask("lock", english, ana, text="Eyes on me")
    algebra = classes.algebra(take_over=(ana,))
    classes.wait(seconds=30)
    undo(classes, algebra)
    assert (classes.held(english), classes.held(algebra)) == ({"Ana", "Ben", "Cam", "Mia"}, {"Lou"})
    assert classes.row(english, ana).lease("lock") is not None
    where = classes.row(algebra, ana).elsewhere
    assert where is not None and where.class_name == "English 2"


def test_what_was_begun_in_the_class_that_gives_back_ends_there(classes: Classes) -> None:
    """Neither the minutes run on there, nor does a hand stay up."""
    classes.start()
    algebra, ana = classes.algebra(take_over=(classes.people.ana,)), classes.people.ana
    clock = clock_of(classes.school.id)
    classes.school.do(notice_devices, came=frozenset({ana.account_id}), by=clock)
    classes.school.do(raise_hand, by=ana)
    classes.wait(seconds=20)
    assert classes.row(algebra, ana).hand_raised_at is not None
    undo(classes, algebra)
    row = classes.row(algebra, ana)
    assert row.hand_raised_at is None and row.there[-1].until == classes.school.clock.at


def test_the_other_teacher_may_undo_it_too(classes: Classes) -> None:
    english = classes.start()
    algebra = classes.algebra(take_over=(classes.people.ana,))
    undo(classes, algebra, by=classes.people.rivera)
    assert "Ana" in classes.held(english)


@pytest.mark.parametrize("by", ["okafor", "rivera", "park", "dana"])
def test_after_thirty_seconds_it_is_too_late(classes: Classes, by: str) -> None:
    classes.start()
    algebra = classes.algebra(take_over=(classes.people.ana,))
    classes.wait(seconds=31)
    with pytest.raises(Refused, match="undo_over"):
        undo(classes, algebra, by=getattr(classes.people, by))
    assert "Ana" in classes.held(algebra)


def test_what_somebody_else_has_undone_is_over_for_the_other_teacher_too(classes: Classes) -> None:
    english = classes.start()
    algebra = classes.algebra(take_over=(classes.people.ana,))
    undo(classes, algebra)
    with pytest.raises(Refused, match="undo_over"):
        undo(classes, algebra, by=classes.people.rivera)
    assert "Ana" in classes.held(english)


@pytest.mark.parametrize("seconds", [0, 31])
def test_nobody_else_may_undo_it(classes: Classes, seconds: float) -> None:
    classes.start()
    algebra = classes.algebra(take_over=(classes.people.ana,))
    classes.wait(seconds=seconds)
    for by in (classes.people.ana, classes.people.tia):
        with pytest.raises(NotAllowed):
            undo(classes, algebra, by=by)


def test_undoing_twice_with_one_id_is_undoing_once(classes: Classes) -> None:
    classes.start()
    algebra, request_id = classes.algebra(take_over=(classes.people.ana,)), uuid4()
    first = undo(classes, algebra, request_id=request_id)
    classes.wait(minutes=1)
    assert undo(classes, algebra, request_id=request_id) == first
    assert classes.names().count("participants.given_back") == 1


def test_each_teacher_takes_only_their_own_students_back(classes: Classes) -> None:
    """Ms. Whitfield took Ana from Ms. Rivera and Lou from Mr. Okafor."""
    school, people = classes.school, classes.people
    made = school.do(open_class, name="Choir", lead_id=people.dana.account_id, by=people.dana)
    both = ids(people.ana, people.lou)
    school.do(change_roster, made, add=both, by=people.dana)
    english, algebra = classes.start(), classes.algebra()
    choir = classes.start(made.pk, by=people.dana, take_over=(people.ana, people.lou))
    school.do(undo_take_over, session_id=choir.id, student_ids=both, by=people.rivera)
    assert (classes.held(choir), classes.held(algebra)) == ({"Lou"}, set())
    assert "Ana" in classes.held(english)


def test_who_leads_the_class_of_others_is_told_too(classes: Classes) -> None:
    """Mr. Park is a substitute, and on no roster."""
    classes.start(by=classes.people.park)
    algebra = classes.algebra(take_over=(classes.people.ana,))
    told = f"classroom_account:{classes.people.park.account_id}"
    assert told in classes.log()[-2].topics()
    undo(classes, algebra)
    assert told in classes.log()[-1].topics()


def test_nobody_goes_back_to_a_class_that_is_over(classes: Classes) -> None:
    english = classes.start()
    algebra = classes.algebra(take_over=(classes.people.ana,))
    classes.stop(english)
    with pytest.raises(Refused, match="undo_over"):
        undo(classes, algebra)


def test_when_a_class_ends_the_one_that_waits_has_the_student(classes: Classes) -> None:
    english = classes.start()
    algebra = classes.algebra(take_over=(classes.people.ana,))
    classes.stop(algebra, classes.people.okafor)
    assert classes.held(english) == {"Ana", "Ben", "Cam", "Mia"}
    assert classes.names()[-1] == "participants.came_back"


def test_who_is_excluded_is_free_for_the_class_that_waits(classes: Classes) -> None:
    english = classes.start()
    algebra = classes.algebra()
    classes.ask("exclude", english, classes.people.ana)
    assert "Ana" in classes.held(algebra)


def test_include_takes_over(classes: Classes) -> None:
    english = classes.start()
    algebra = classes.algebra()
    classes.ask("include", algebra, classes.people.ana, by=classes.people.okafor)
    assert ("Ana" in classes.held(english), "Ana" in classes.held(algebra)) == (False, True)
    undo(classes, algebra)
    assert ("Ana" in classes.held(english), "Ana" in classes.held(algebra)) == (True, False)


def undo(classes: Classes, session: Any, by: Any = None, request_id: Any = None) -> Any:
    return classes.school.do(
        undo_take_over, session_id=session.id, student_ids=ids(classes.people.ana),
        by=by or classes.people.okafor, request_id=request_id,
    )  # fmt: skip


# Extending and ending


def extend(classes: Classes, session: Any, minutes: float, **more: Any) -> Any:
    ends_at = classes.school.clock.at + timedelta(minutes=minutes)
    more.setdefault("by", classes.people.rivera)
    return classes.school.do(extend_session, session_id=session.id, ends_at=ends_at, **more)


def test_what_lasts_to_the_end_lasts_to_the_new_end(classes: Classes) -> None:
    session, ana = classes.start(tab_limit=3), classes.people.ana
    soon = classes.school.clock.at + timedelta(minutes=5)
    classes.ask("lock", session, ana, until=soon)
    extended = extend(classes, session, 80)
    until = {lease.kind: lease.until for lease in classes.row(session, ana).restrictions}
    assert until == {"tab_limit": extended.ends_at, "lock": soon}


def test_a_class_may_end_earlier_and_nothing_outlasts_it(classes: Classes) -> None:
    session, ana = classes.start(), classes.people.ana
    classes.ask("lock", session, ana, until=classes.school.clock.at + timedelta(minutes=30))
    extended = extend(classes, session, 10)
    lease = classes.row(session, ana).lease("lock")
    assert lease is not None and lease.until == extended.ends_at


def test_what_was_asked_for_until_a_time_lasts_until_that_time(classes: Classes) -> None:
    """A lock for ten minutes, five before the end: the class goes on for a quarter of an hour."""
    session, ana = classes.start(), classes.people.ana
    end = session.ends_at
    classes.wait(minutes=45)
    classes.ask("lock", session, ana, until=end + timedelta(minutes=5))
    assert lock_until(classes, session) == end
    extend(classes, session, 20)
    assert lock_until(classes, session) == end + timedelta(minutes=5)


def test_what_was_cut_by_an_earlier_end_is_whole_again_with_the_old_one(classes: Classes) -> None:
    session, ana = classes.start(tab_limit=3), classes.people.ana
    wanted = classes.school.clock.at + timedelta(minutes=35)
    classes.ask("lock", session, ana, until=wanted)
    shorter = extend(classes, session, 30)
    assert lock_until(classes, session) == shorter.ends_at
    extend(classes, session, 50)
    assert lock_until(classes, session) == wanted
    limit = classes.row(session, ana).lease("tab_limit")
    assert limit is not None and limit.until == session.ends_at


def lock_until(classes: Classes, session: SessionCard) -> datetime:
    """Until when Ana is locked."""
    lease = classes.row(session, classes.people.ana).lease("lock")
    assert lease is not None
    return lease.until


@pytest.mark.parametrize(("until", "after"), [("10:35", "10:35"), ("10:50", "11:05")])
def test_a_lease_that_does_not_say_what_was_asked_for_is_read_too(until: str, after: str) -> None:
    """An older version gave it; the class would have ended at 10:50."""
    kept = f'{{"kind":"lock","until":"2026-03-02T{until}:00Z","by":{BY},"command_id":8}}'
    end = datetime(2026, 3, 2, 10, 50, tzinfo=UTC)
    lease = msgspec.json.decode(kept, type=Lease)
    [moved] = prolonged([lease], end, end + timedelta(minutes=15))
    assert f"{moved.until:%H:%M}" == after


@pytest.mark.parametrize(("minutes", "code"), [(0, "end_is_over"), (721, "too_long")])
def test_an_end_that_cannot_be(classes: Classes, minutes: float, code: str) -> None:
    session = classes.start()
    with pytest.raises(Refused, match=code):
        extend(classes, session, minutes)


def test_extending_twice_with_one_id_is_extending_once(classes: Classes) -> None:
    session, request_id = classes.start(), uuid4()
    first = extend(classes, session, 60, request_id=request_id)
    assert extend(classes, session, 60, request_id=request_id) == first
    assert classes.names() == ["class_session.started", "class_session.extended"]


def test_a_class_that_is_over_cannot_be_extended(classes: Classes) -> None:
    session = classes.start()
    classes.wait(minutes=50, timer=False)
    with pytest.raises(Stale) as stale:
        extend(classes, session, 10)
    assert stale.value.card.ended_at == session.ends_at
    assert classes.names()[-1] == "class_session.ended"


def test_stop_lets_go_of_everybody(classes: Classes) -> None:
    session = classes.start(tab_limit=3)
    over = classes.stop(session, classes.people.okafor)
    assert (over.state, over.ended_by) == ("ended", classes.people.okafor.who)
    assert classes.held(session) == set()
    assert classes.row(session, classes.people.ana).restrictions == ()
    assert classes.stop(session) == over
    assert classes.names() == ["class_session.started", "command.sent", "class_session.ended"]


def test_nobody_else_may_stop_it(classes: Classes) -> None:
    session = classes.start()
    for by in (classes.people.ana, classes.people.tia):
        with pytest.raises(NotAllowed):
            classes.school.do(stop_session, session_id=session.id, by=by)
    with pytest.raises(NotFound):
        classes.school.do(stop_session, session_id=session.id, by=classes.people.otto)


def test_a_class_that_goes_to_the_archive_is_over(classes: Classes) -> None:
    """Tia, who archives it, leads no class; those who led it may not any more."""
    english, algebra = classes.start(tab_limit=3), classes.algebra()
    school, tia = classes.school, classes.people.tia
    school.do(stop_class, class_id=english.class_id, by=tia)
    over = classes.now(english)
    assert (over.ended_by, over.ended_at) == (tia.who, school.clock.at)
    assert classes.row(english, classes.people.ben).restrictions == ()
    assert (classes.held(english), classes.held(algebra)) == (set(), {"Ana", "Lou"})
    assert school.do(stop_class, class_id=english.class_id, by=tia) is None


def test_a_class_whose_time_was_over_before_is_ended_by_the_clock(classes: Classes) -> None:
    session = classes.start()
    classes.wait(hours=1, timer=False)
    assert classes.school.do(stop_class, class_id=session.class_id, by=classes.people.tia) is None
    assert classes.now(session).ended_at == session.ends_at


# Who reads of it when it is over


def read_by(classes: Classes, who: ClassroomActor, session: SessionCard) -> bool:
    """Whether this person may read of the class; their list says the same."""
    found = sessions_over(
        classes.school.id, class_ids=None if who.may("all_history") else who.class_ids,
        led_by=who.account_id, kept_since=session.started_at,
        before=classes.school.clock.at + timedelta(seconds=1),
    )  # fmt: skip
    assert reads_past(session, who) == (session in found)
    return session in found


def test_a_class_that_is_over_is_read_by_who_taught_it_or_reads_every_history(
    classes: Classes,
) -> None:
    people, over = classes.people, classes.stop(classes.start())
    readers = {name for name in ADULTS if read_by(classes, getattr(people, name), over)}
    assert readers == {"rivera", "okafor", "dana"}
    assert people.park.leads(over.class_id)  # a substitute, as long as it runs


def test_who_led_a_class_reads_of_it_and_of_no_other(classes: Classes) -> None:
    people, other = classes.people, classes.stop(classes.start())
    led = classes.stop(classes.start(by=people.park), people.park)
    assert (read_by(classes, people.park, led), read_by(classes, people.park, other)) == (
        True,
        False,
    )
    assert not read_by(classes, people.tia, led)


def test_the_console_of_a_class_is_open_to_who_leads_it_and_then_to_who_reads_of_it(
    classes: Classes,
) -> None:
    people, running = classes.people, classes.start()

    def who_sees(session: SessionCard) -> set[str]:
        return {name for name in ADULTS if sees_console(session, getattr(people, name))}

    assert who_sees(running) == {"rivera", "okafor", "park", "dana"}
    over = classes.stop(running)
    assert who_sees(over) == {"rivera", "okafor", "dana"}
    archived = msgspec.structs.replace(people.rivera, class_ids=frozenset())
    assert sees_console(over, archived)  # she led it


# The clock


def test_a_class_ends_at_its_time_also_when_no_server_was_there(classes: Classes) -> None:
    session = classes.start()
    classes.wait(hours=20)
    over = classes.now(session)
    assert (over.ended_at, over.ended_by and over.ended_by.kind) == (session.ends_at, "clock")
    assert classes.held(session) == set()


def test_a_lock_ends_at_its_time_and_nothing_else(classes: Classes) -> None:
    session, ana = classes.start(tab_limit=3), classes.people.ana
    until = classes.school.clock.at + timedelta(minutes=5)
    classes.ask("lock", session, ana, until=until)
    classes.wait(minutes=5)
    assert [lease.kind for lease in classes.row(session, ana).restrictions] == ["tab_limit"]
    released = classes.log()[-1]
    assert (released.name, released.at) == ("participants.released", until)


def test_a_stopped_server_catches_up_in_the_order_of_time(classes: Classes) -> None:
    session, ana, ben = classes.start(), classes.people.ana, classes.people.ben
    start = classes.school.clock.at
    classes.ask("lock", session, ben, until=start + timedelta(minutes=20))
    classes.ask("lock", session, ana, until=start + timedelta(minutes=10))
    after = classes.school.last
    classes.wait(hours=3)
    assert [(event.name, event.at - start) for event in classes.log(after)] == [
        ("participants.released", timedelta(minutes=10)),
        ("participants.released", timedelta(minutes=20)),
        ("class_session.ended", timedelta(minutes=50)),
    ]
    assert timers.run_due(classes.school.clock.at) == 0


# A step that changes nothing is told and left, and everything else goes on.


def test_a_class_that_the_clock_cannot_end_holds_no_other_up(
    classes: Classes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, other = classes.start(), classes.algebra()

    def nothing_for_one(tx: Turn, card: SessionCard, **more: Any) -> SessionCard:
        return card if card.id == stuck.id else end_session(tx, card, **more)

    monkeypatch.setattr(timers, "end_session", nothing_for_one)
    classes.wait(hours=1)
    assert classes.now(stuck).is_running
    assert not classes.now(other).is_running
    assert f"Class session {stuck.id} (student None) of school {classes.school.id}" in caplog.text
    assert classes.start(classes.people.algebra, by=classes.people.okafor).is_running


def test_nor_does_a_restriction_that_the_clock_cannot_end(
    classes: Classes, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, ana, ben = classes.start(), classes.people.ana, classes.people.ben
    until = classes.school.clock.at + timedelta(minutes=10)
    classes.ask("lock", session, ana, ben, until=until)
    still_held = leases.still_held

    def all_of_one(card: ParticipantCard, at: datetime) -> tuple[Lease, ...]:
        is_stuck = card.student.id == ana.account_id
        return card.restrictions if is_stuck else still_held(card, at)

    monkeypatch.setattr(leases, "still_held", all_of_one)
    classes.wait(minutes=11)
    assert classes.row(session, ana).restrictions
    assert not classes.row(session, ben).restrictions
    classes.wait(hours=1)
    assert not classes.now(session).is_running
