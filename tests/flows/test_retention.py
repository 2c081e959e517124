"""The retention page: what an admin reads and decides."""

import pytest
from django.test import Client

from corridor.operators.purge import purge
from corridor.roster.schools import settings_of
from tests.flows.test_sweep import client_of
from tests.school import School


@pytest.fixture
def old(a_school: School) -> School:
    """A school that keeps names for a month, with passes of five weeks ago."""
    a_school.decide(keep_passes_days=30)
    a_school.out()
    a_school.wait(days=35)
    return a_school


def page(school: School, client: Client | None = None) -> str:
    answer = (client or client_of(school, "dana")).get("/admin/retention")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_page_says_what_the_next_purge_takes(old: School) -> None:
    said = page(old)
    assert "<tr><td>Passes</td><td>2</td></tr>" in said
    assert f"numbers 1 to {old.last}" in said
    assert "Nothing of the log was purged yet." in said


def test_after_the_purge_it_shows_the_proof(old: School) -> None:
    last = old.last
    purge(old.id, old.clock.at)
    said = page(old)
    assert "Nothing is too old now." in said
    assert f"The log names nobody up to number {last}." in said


def test_an_admin_decides_how_long_names_stay(old: School) -> None:
    client = client_of(old, "dana")
    answer = client.post("/admin/retention", {"keep_passes_days": "60", "keep_accounts_days": "90"})
    assert answer.status_code == 302
    settings = settings_of(old.id)
    assert (settings.keep_passes_days, settings.keep_accounts_days) == (60, 90)
    assert settings_of(old.other_id).keep_passes_days == 730
    said = page(old, client)
    assert "Nothing is too old now." in said
    assert said.count("Changed by Dana Whitfield") == 2 and "Default: 730." in said


@pytest.mark.parametrize("days", ["29", "3651", "", "two years"])
def test_what_cannot_be_meant_is_refused(a_school: School, days: str) -> None:
    answer = client_of(a_school, "dana").post(
        "/admin/retention", {"keep_passes_days": days, "keep_accounts_days": "90"}
    )
    assert answer.status_code == 400
    assert settings_of(a_school.id).keep_passes_days == 730
