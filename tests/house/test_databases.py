"""What the two databases must be told, and that they were."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from corridor.roster.models import District

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.postgres
def test_repeated_statements_are_prepared() -> None:
    for number in range(4):
        District.objects.filter(name=str(number)).first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        statements = [row[0] for row in cursor.fetchall()]
    assert any("roster_district" in text and "$1" in text for text in statements)


@pytest.mark.sqlite
def test_a_transaction_takes_the_write_lock_first() -> None:
    with CaptureQueriesContext(connection) as said, transaction.atomic():
        pass
    assert said.captured_queries[0]["sql"] == "BEGIN IMMEDIATE"


@pytest.mark.sqlite
def test_readers_do_not_wait_for_the_writer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
