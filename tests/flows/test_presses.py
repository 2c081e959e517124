"""Presses that come too often, or from a page that belongs to somebody else."""

import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from corridor.accounts.models import PassAccount
from corridor.passes.queries import open_pass_of
from tests.school import School
from tests.signed_in import sign_in


def client_of(school: School, name: str) -> Client:
    client = Client()
    actor = getattr(school, name)
    sign_in(client, PassAccount.objects.get(pk=actor.account_id).identity)
    return client


def test_a_student_who_presses_without_end_is_slowed_down_and_nobody_else(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corridor.web.rate.time.monotonic", lambda: 1000.0)
    ana, cam = client_of(a_school, "ana"), client_of(a_school, "cam")
    wish = {"origin": a_school.room_204, "destination": a_school.nurse}
    assert ana.post("/student/passes", wish).status_code == 302
    answers = [ana.post("/student/passes", wish).status_code for _ in range(29)]
    assert set(answers) == {422}
    before = a_school.last
    answer = ana.post("/student/passes", wish)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "2"
    assert "That was too often. Try again in" in answer.content.decode()
    assert a_school.last == before, "what was not even looked at is in the log"
    assert cam.post("/student/passes", wish).status_code == 302
    assert ana.get("/student").status_code == 200


def test_a_press_on_a_page_of_another_account_does_nothing(a_school: School) -> None:
    card = a_school.ask()
    rivera = client_of(a_school, "rivera")
    address, other = f"/staff/passes/{card.id}/approve", str(a_school.stone.account_id)
    before = a_school.last
    for answer in (
        rivera.post(address, headers={"X-Page-Account": other, "HX-Request": "true"}),
        rivera.post(address, {"page_account": other}),
    ):
        assert answer.status_code == 409
        assert "belongs to another account or school" in answer.content.decode()
    assert a_school.last == before
    own = str(a_school.rivera.account_id)
    assert f'name="page-account" content="{own}"' in rivera.get("/staff").content.decode()
    assert rivera.post(address, headers={"X-Page-Account": own}).status_code == 200
    now = open_pass_of(a_school.id_of(a_school.ana))
    assert now is not None and now.state == "on_the_way"


def test_a_press_that_comes_again_clears_no_line_anew(a_school: School) -> None:
    single = a_school.open_place("Single", capacity=1, queueing=True)
    a_school.ask(a_school.cam, single)
    a_school.queue(a_school.ana, single)
    dana = client_of(a_school, "dana")
    assert 'data-once data-anew><input type="hidden" name="request_id">' in re.sub(
        r'<input type="hidden" name="csrf.*?>', "",
        dana.get("/staff?scope=all&tab=queue").content.decode(),
    )  # fmt: skip
    address, press = f"/staff/queue/{single}/clear", {"request_id": str(uuid4())}
    dana.post(address, press)
    a_school.limit(a_school.ben, None)
    a_school.queue(a_school.ben, single)
    again = dana.post(address, press, follow=True)
    assert "The line is cleared. 1 student was in line." in again.content.decode()
    ben = open_pass_of(a_school.id_of(a_school.ben))
    assert ben is not None and ben.state == "queued"


def test_the_server_answers_only_to_its_own_name(a_school: School) -> None:
    answer = Client().get("/account/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert settings.CORRIDOR.public_url in answer.content.decode()
    assert Client().get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200
