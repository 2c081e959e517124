"""The admin's page of webhooks."""

import re
from typing import Any

import pytest
from django.test import Client

from corridor.accounts.models import PassAccount
from corridor.webhooks.models import Delivery, Subscription
from tests.school import School
from tests.signed_in import sign_in


@pytest.fixture
def dana(a_school: School) -> Client:
    client = Client()
    account = PassAccount.objects.get(pk=a_school.id_of(a_school.dana))
    sign_in(client, account.identity)
    return client


def add(dana: Client, url: str) -> Any:
    return dana.post("/admin/webhooks", {"url": url, "names": ["pass.requested", "pass.ended"]})


def test_the_secret_is_shown_once(dana: Client) -> None:
    page = add(dana, "https://example.org/hook?a=<b>").content.decode()
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", page)
    assert secret is not None
    added = Subscription.objects.get()
    assert (added.secret, added.names) == (secret[0], "pass.requested pass.ended")
    for address in ("/admin/webhooks", f"/admin/webhooks/{added.pk}"):
        page = dana.get(address).content.decode()
        assert "whsec_" not in page and "hook?a=&lt;b&gt;" in page
    renewed = dana.post(f"/admin/webhooks/{added.pk}/resign").content.decode()
    assert secret[0] not in renewed and "whsec_" in renewed


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://127.0.0.1/", "https://[::1]/", "x"]
)
def test_an_address_that_nothing_is_sent_to(dana: Client, url: str) -> None:
    answer = add(dana, url)
    assert answer.status_code == 400
    assert "whsec_" not in answer.content.decode()
    assert not Subscription.objects.exists()


def test_a_disabled_one_says_why_and_is_enabled(a_school: School, dana: Client) -> None:
    add(dana, "https://example.org/hook")
    added = Subscription.objects.get()
    Subscription.objects.update(disabled_at=a_school.clock.at, note="The receiver answered 503.")
    Delivery.objects.create(
        subscription=added, number=7, name="pass.ended", at=a_school.clock.at, attempt=11,
        status=503, milliseconds=12, note="", is_delivered=False,
    )  # fmt: skip
    page = dana.get(f"/admin/webhooks/{added.pk}").content.decode()
    assert "The receiver answered 503." in page and "7 · pass.ended" in page
    assert dana.post(f"/admin/webhooks/{added.pk}/enable").status_code == 302
    added.refresh_from_db()
    assert (added.disabled_at, added.note) == (None, "")
    dana.post(f"/admin/webhooks/{added.pk}/remove")
    assert not Subscription.objects.exists()
