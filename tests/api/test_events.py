"""The log as pages, and what leaves the house."""

import pytest

from corridor.accounts import classroom_events
from corridor.classroom import events as running_classes
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
    assert program.get("/events", after=10**15).json()["last_number"] == 10**15


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


def test_a_card_is_told_whole(a_school: School) -> None:
    card = a_school.ask()
    told = telling.pass_told(card)
    assert set(PassTold.__struct_fields__) >= {"id", "state", "steps", "comments", "over_at"}
    assert told.steps == card.stamps
    assert set(EventTold.__struct_fields__) == {"number", "name", "at", "by", "card", "facts"}
