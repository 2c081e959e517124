"""The disk is full: the answer is a sentence, and nothing is half done."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from corridor.accounts.models import PassAccount
from corridor.passes.queries import open_pass_of
from corridor.web import rate
from tests.school import School
from tests.signed_in import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def ana(a_school: School) -> Iterator[Client]:
    """Ana's browser, at a file that may not grow by a page more: SQLite's own full disk."""
    client = Client()
    sign_in(client, PassAccount.objects.get(pk=a_school.id_of(a_school.ana)).identity)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1")
        yield client
        cursor.execute("PRAGMA max_page_count = 1073741823")


def test_a_request_on_a_full_disk_is_told_and_nothing_is_saved(
    a_school: School, ana: Client
) -> None:
    asked = {"origin": a_school.room_204, "destination": a_school.nurse, "reason": "x" * 200}
    for _ in range(200):  # until the room that is left in the file's last pages is used up
        rate.of_students.forget()
        before = a_school.last
        answer = ana.post("/student/passes", asked | {"request_id": uuid4()})
        if answer.status_code != 302:
            break
        card = open_pass_of(a_school.id_of(a_school.ana))
        assert card is not None
        a_school.wait(minutes=20, timer=False)
    assert answer.status_code == 503
    assert "disk is full" in answer.content.decode()
    assert a_school.last == before
