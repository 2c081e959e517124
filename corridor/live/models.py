"""The two tables of the log: whose turn it is in a school, and what happened there."""

from django.db import models


class SchoolTurn(models.Model):
    """The one row that every change of a school waits for.

    It gives the number of the last event and the school's settings with the same statement that
    takes the turn, so an operation knows both without asking again. Up to `forgotten_to` the
    events name nobody any more: see `corridor.live.forgetting`.
    """

    school_id = models.BigIntegerField(primary_key=True)
    last_number = models.BigIntegerField(default=0)
    settings = models.TextField(default="{}")
    forgotten_to = models.BigIntegerField(default=0, db_default=0)


class Event(models.Model):
    """One thing that happened in a school; `number` counts from 1 without a gap per school."""

    pk = models.CompositePrimaryKey("school_id", "number")
    school_id = models.BigIntegerField()
    number = models.BigIntegerField()
    name = models.CharField(max_length=60)
    at = models.DateTimeField()
    topics = models.TextField()
    account_id = models.BigIntegerField(null=True)
    request_id = models.UUIDField(null=True)
    body = models.TextField()

    class Meta:
        constraints = [
            # A request repeated with its id finds the first answer here; of two at once one wins.
            models.UniqueConstraint(
                fields=["school_id", "account_id", "request_id"],
                condition=models.Q(request_id__isnull=False),
                name="one_answer_per_request",
            ),
        ]
