"""The log as pages, and what leaves the house."""

import re
from datetime import timedelta

import msgspec
import pytest

from corridor.accounts import classroom_events
from corridor.classroom import events as running_classes
from corridor.live.log import read_log, turn
from corridor.roster.changes import freeze_school
from corridor.webhooks import telling
from corridor.webhooks.telling import EventTold, PassTold
from tests.api.program import Program
from tests.house.test_rules_and_events import EVENTS
from tests.school import School

# Addresses and photos of people, who keeps the house's own keys, who is kept apart or limited, what
# the school sets itself, what adults write about students, and who is in which class.
NOT_TOLD = {
    "api_key.made", "api_key.revoked", "webhook.added", "webhook.removed", "webhook.resigned",
    "webhook.disabled", "webhook.enabled", "students.kept_apart", "students.let_together",
    "account.changed", "account.invited", "people.invited", "photo.changed", "photo.removed",
    "photos.added", "student.limited", "student.listed", "student.unlisted", "settings.changed",
    "school.days_set", "class_sessions.purged",
    "device_key.made", "device_key.revoked", "pairing_code.made", "device.paired", "device.revoked",
    "student.seen_without_pass", "records.purged", "accounts.purged", "retention.changed",
    "history.viewed", "history.exported", "passes.exported",
    *(kind.name for room in (classroom_events, running_classes) for kind in room.ALL),
}  # fmt: skip


def test_of_every_event_it_is_decided_whether_programs_are_told() -> None:
    every = {kind.name for module in EVENTS for kind in __import__(module, fromlist=["ALL"]).ALL}
    assert every - set(telling.NAMES) == NOT_TOLD
    assert not NOT_TOLD & set(telling.NAMES)


def test_the_log_in_pages(a_school: School) -> None:
    program = Program(a_school, a_school.rivera)
    card = a_school.end(a_school.ask())
    after, heard = 0, []
    while True:
        page = program.get("/events", after=after, limit=7).json()
        assert all(after < one["number"] <= page["next_after"] for one in page["items"])
        heard += page["items"]
        after = page["next_after"]
        if after == page["last_number"]:
            break
    assert after == a_school.last
    numbers = [one["number"] for one in heard]
    assert numbers == sorted(set(numbers))
    assert not NOT_TOLD & {one["name"] for one in heard}
    last = heard[-1]
    assert (last["name"], last["card"]["id"], last["card"]["state"]) == (
        "pass.ended", card.id, "ended",
    )  # fmt: skip
    assert last["by"]["name"] == "Ms. Rivera"
    opened = next(one for one in heard if one["name"] == "account.opened")
    assert opened["card"] is None
    assert opened["facts"]["name_shown"] == "Ms. Rivera"
    assert program.get("/events", after=after).json()["items"] == []
    assert program.get("/events", after=after).json()["last_number"] == after


def test_a_number_that_the_log_does_not_have_is_a_problem(a_school: School) -> None:
    """After a restore the log ends earlier; a program that waits beyond it would wait for ever."""
    program = Program(a_school, a_school.rivera)
    answer = program.get("/events", after=a_school.last + 1)
    assert answer.status_code == 409
    told = answer.json()
    assert (told["code"], told["last_number"]) == ("log_restored", a_school.last)


def test_all_times_are_told_in_utc(a_school: School) -> None:
    """Also those that were given on the school's wall clock."""
    program = Program(a_school, a_school.rivera)
    card = a_school.out()
    late = a_school.wait(minutes=40)
    back = (late - timedelta(minutes=20)).astimezone(a_school.zone)
    answer = program.post(f"/passes/{card.id}/edit_times", {"ended_at": back.isoformat()})
    assert answer.status_code == 200
    with turn(a_school.id) as tx:
        freeze_school(tx, text="", by=a_school.dana.who, at=late.astimezone(a_school.zone))
    edited, frozen = program.get("/events", after=a_school.last - 2).content.split(b'"number":')[1:]
    for told in (answer.content, program.get(f"/passes/{card.id}").content, edited, frozen):
        times = re.findall(rb'"\d{4}-\d\d-\d\dT[^"]*"', told)
        assert times and all(at.endswith(b'Z"') for at in times), times


def test_a_refusal_is_told_without_names(a_school: School) -> None:
    a_school.out()
    with pytest.raises(Exception, match="already_out"):
        a_school.ask(to=a_school.library)
    program = Program(a_school, a_school.rivera)
    told = program.get("/events", after=a_school.last - 2).json()["items"][0]
    assert told["name"] == "pass.refused"
    assert told["facts"]["refusal"]["code"] == "already_out"
    assert told["facts"]["student_id"] == a_school.ana.account_id
    assert "facts" not in told["facts"]["refusal"]


def test_who_is_kept_apart_is_told_to_nobody(a_school: School) -> None:
    a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.out(a_school.cam)
    with pytest.raises(Exception, match="kept_apart"):
        a_school.ask()
    program = Program(a_school, a_school.rivera)
    told = program.get("/events").content
    assert b'"code":"building_full","again_at":null' in told
    assert b"apart" not in told


@pytest.mark.parametrize("adult", ["rivera", "dana"])
def test_an_overridden_contact_control_is_told_to_no_program(a_school: School, adult: str) -> None:
    a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.out(a_school.cam)
    program = Program(a_school, getattr(a_school, adult))
    new = {"student_id": a_school.ana.account_id, "origin_id": a_school.room_204,
           "destination_id": a_school.nurse}  # fmt: skip
    asked = program.post("/passes", new)
    assert [one["code"] for one in asked.json()["broken"]] == ["building_full"]
    made = program.post("/passes", new | {"override": ["building_full"]})
    (logged,) = read_log(a_school.id, a_school.last - 1)
    assert '"overridden":["kept_apart"]' in logged.body
    assert "apart" not in msgspec.json.encode(telling.told(logged)).decode()
    told = [asked, made, program.get("/passes"), program.get("/events")]
    assert made.json()["overridden"] == ["building_full"]
    assert not [one for one in told if b"apart" in one.content]


def test_a_card_is_told_whole(a_school: School) -> None:
    card = a_school.ask()
    told = telling.pass_told(card)
    assert set(PassTold.__struct_fields__) >= {"id", "state", "steps", "comments", "over_at"}
    assert told.steps == card.stamps
    assert set(EventTold.__struct_fields__) == {"number", "name", "at", "by", "card", "facts"}
