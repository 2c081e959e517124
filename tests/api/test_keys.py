"""Keys: what each may do, when it is over, that its use is seen, and its page."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from corridor.accounts import keys
from corridor.accounts.keys import SCOPES, NeedsAdult, make_key
from corridor.accounts.models import ApiKey, PassAccount
from corridor.accounts.people import change_account, close_account
from corridor.web import rate
from corridor.web.api.addresses import api
from corridor.web.api.guard import SCOPES as DECLARED
from tests.api.program import Program
from tests.flows.test_sweep import every_address
from tests.school import School
from tests.signed_in import sign_in


def status(program: Program) -> int:
    return int(program.get("/passes").status_code)


def test_every_operation_declares_its_scope() -> None:
    declared = {
        name.removeprefix("api:"): view.guard
        for name, view in every_address()
        if name.startswith("api:") and view.guard != "anybody"
    }
    assert declared == {name: f"key {scope}" for name, scope in DECLARED.items()}
    of_ninja = {
        operation.operation_id: operation.auth_callbacks[0].scope  # type: ignore[attr-defined]
        for router in api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
    }
    assert of_ninja == DECLARED
    assert set(of_ninja.values()) <= set(SCOPES)


def every_question(school: School) -> list[tuple[str, str, Any]]:
    """Each operation's scope, address and body (None: GET)."""
    number = school.ask().id
    new = {"student_id": 1, "origin_id": 1, "destination_id": 1}
    return [
        ("passes:read", "/passes", None), ("passes:read", f"/passes/{number}", None),
        ("passes:write", "/passes", new), ("passes:write", f"/passes/{number}/approve", {}),
        ("passes:write", f"/passes/{number}/comment", {"text": "x"}),
        ("passes:write", f"/passes/{number}/edit_times", {"ended_at": "2026-03-02T15:00:00Z"}),
        ("people:read", "/people", None), ("people:read", f"/people/{school.ana.account_id}", None),
        ("places:read", "/places", None), ("places:read", f"/places/{school.nurse}", None),
        ("events:read", "/events", None),
    ]  # fmt: skip


@pytest.mark.parametrize("scope", [*SCOPES, "none"])
def test_a_key_may_do_what_its_scope_says_and_nothing_else(a_school: School, scope: str) -> None:
    program = Program(a_school, a_school.rivera, (scope,))
    questions = every_question(a_school)
    assert {needed for needed, _, _ in questions} == set(SCOPES)
    assert len(questions) == len(DECLARED)
    for needed, path, body in questions:
        answer = program.get(path) if body is None else program.post(path, body)
        assert (answer.status_code == 403) == (needed != scope), path
        if needed != scope:
            assert needed in answer.json()["detail"]


def test_without_a_good_key_nothing_is_told(a_school: School) -> None:
    program = Program(a_school, a_school.rivera)
    client = Client()
    for authorization in (
        "", "Bearer", "Bearer x", "Basic eDp5", f"Bearer {program.secret}x",
        f"Bearer {program.secret[:-1]}", f"Bearer corridor_{program.key.prefix}_" + "0" * 64,
        "Bearer corridor__", "Bearer corridor_ä_x", f"Token {program.secret}",
    ):  # fmt: skip
        answer = client.get("/api/v1/passes", headers={"Authorization": authorization})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "no_key"
    sign_in(client, PassAccount.objects.get(pk=a_school.id_of(a_school.dana)).identity)
    assert client.get("/api/v1/passes").status_code == 401  # a sign-in is no key


def test_the_secret_is_not_kept(a_school: School) -> None:
    program = Program(a_school, a_school.rivera)
    row = ApiKey.objects.values().get(pk=program.key.pk)
    assert program.secret.split("_")[2] not in str(row)
    assert program.secret.split("_")[2] not in "".join(e.body for e in _log(a_school))


def _log(school: School) -> list[Any]:
    from corridor.live.log import read_log

    return read_log(school.id, 0)


def test_a_key_ends(a_school: School) -> None:
    end = a_school.clock.at + timedelta(days=1)
    program = Program(a_school, a_school.rivera, expires_at=end)
    assert status(program) == 200
    a_school.wait(days=1)
    keys.forget()
    assert status(program) == 401


def test_a_revoked_key_is_over_at_once(a_school: School) -> None:
    program = Program(a_school, a_school.rivera)
    assert status(program) == 200
    a_school.do(keys.revoke_key, key_id=program.key.pk, by=a_school.otto)  # another school's admin
    assert status(program) == 200
    a_school.do(keys.revoke_key, key_id=program.key.pk, by=a_school.dana)
    assert status(program) == 401
    assert keys.still_good([program.key.pk], a_school.clock.at) == set()


def test_a_key_ends_with_the_account_it_acts_as(a_school: School) -> None:
    program = Program(a_school, a_school.rivera, admin=a_school.dana)
    a_school.do(close_account, account_id=a_school.id_of(a_school.rivera), by=a_school.dana)
    keys.forget()
    assert status(program) == 401
    assert keys.still_good([program.key.pk], a_school.clock.at) == set()


def test_a_key_is_over_while_its_adult_is_a_student(a_school: School) -> None:
    program = Program(a_school, a_school.rivera, admin=a_school.dana)
    rivera = PassAccount.objects.get(pk=a_school.id_of(a_school.rivera))
    for role, good in (("student", False), ("teacher", True)):
        a_school.do(change_account, rivera, {"role": role}, by=a_school.dana)
        keys.forget()
        assert status(program) == (200 if good else 401)
        assert keys.still_good([program.key.pk], a_school.clock.at) == (
            {program.key.pk} if good else set()
        )


@pytest.mark.parametrize("who", ["ana", "stone", None])
def test_a_writing_key_acts_as_an_adult_of_its_school(a_school: School, who: str | None) -> None:
    account_id = getattr(a_school, who).account_id if who else None
    with pytest.raises(NeedsAdult):
        a_school.do(
            make_key, name="x", scopes=["passes:write"], account_id=account_id, expires_at=None,
            by=a_school.dana,
        )  # fmt: skip


def test_a_reading_key_acts_as_nobody(a_school: School) -> None:
    program = Program(a_school, None, ("passes:read",))
    assert status(program) == 200
    ApiKey.objects.filter(pk=program.key.pk).update(scopes="passes:write")
    keys.forget()
    assert program.post("/passes/1/approve").status_code == 403


def test_its_use_is_written_down_once_a_minute(a_school: School) -> None:
    program = Program(a_school, a_school.rivera)

    def used() -> Any:
        keys.forget()
        assert status(program) == 200
        return ApiKey.objects.get(pk=program.key.pk).last_used_at

    first = used()
    assert first == a_school.clock.at
    a_school.wait(seconds=59)
    assert used() == first
    a_school.wait(seconds=1)
    assert used() == a_school.clock.at


def test_who_asks_too_often_is_told_when_to_come_back(a_school: School) -> None:
    program = Program(a_school, a_school.rivera)
    for _ in range(3):
        rate.of_keys.take(program.key.pk, at_once=3, a_minute=3)
    with pytest.raises(rate.TooMany) as told:
        rate.of_keys.take(program.key.pk, at_once=3, a_minute=3)
    assert told.value.seconds == 20
    rate.of_keys._kept[program.key.pk] = (0.0, time.monotonic())
    answer = program.get("/passes")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.json()["code"] == "too_many"
    assert Program(a_school, a_school.rivera).get("/passes").status_code == 200


# The page


@pytest.fixture
def dana(a_school: School) -> Client:
    """The admin's browser."""
    client = Client()
    sign_in(client, PassAccount.objects.get(pk=a_school.id_of(a_school.dana)).identity)
    return client


def form(school: School, **more: Any) -> dict[str, Any]:
    return {
        "name": "Hallway <screen>", "scopes": ["passes:read", "passes:write"],
        "account": school.ito.account_id, "days": "30",
    } | more  # fmt: skip


def test_an_admin_makes_a_key_and_sees_its_secret_once(a_school: School, dana: Client) -> None:
    page = dana.post("/admin/keys", form(a_school)).content.decode()
    found = re.search(r"corridor_[0-9a-f]{12}_[0-9a-f]{64}", page)
    assert found is not None
    assert "Hallway &lt;screen&gt;" in page and "Nurse Ito" in page
    assert found[0] not in dana.get("/admin/keys").content.decode()
    answer = Client().get("/api/v1/passes", headers={"Authorization": f"Bearer {found[0]}"})
    assert answer.status_code == 200
    key = ApiKey.objects.get()
    assert key.expires_at == a_school.clock.at + timedelta(days=30)
    dana.post(f"/admin/keys/{key.pk}/revoke")
    assert "revoked" in dana.get("/admin/keys").content.decode()


def test_a_writing_key_asks_for_an_adult(a_school: School, dana: Client) -> None:
    for account in ("", a_school.ana.account_id, a_school.stone.account_id):
        answer = dana.post("/admin/keys", form(a_school, account=account))
        assert answer.status_code == 400
        assert "corridor_" not in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_a_key_without_end(a_school: School, dana: Client) -> None:
    dana.post("/admin/keys", form(a_school, days="0", scopes=["events:read"], account=""))
    key = ApiKey.objects.get()
    assert (key.expires_at, key.account_id, key.scopes) == (None, None, "events:read")
