"""Who is told what, how far they have been told, and what became of each attempt."""

from django.db import models

from corridor.roster.models import School


class Subscription(models.Model):
    """An address that hears events of one school.

    `last_number` is the last event it has been told (or that was not for it), so nothing is lost
    whatever stops. `secret` signs what is sent and therefore stands here as it is. `claimed_until`
    keeps other processes away while one delivers.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    names = models.TextField()
    secret = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    last_number = models.BigIntegerField()
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One attempt to tell one event. `status` is the HTTP status, None where there was none."""

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="deliveries"
    )
    number = models.BigIntegerField()
    name = models.CharField(max_length=60)
    at = models.DateTimeField()
    attempt = models.PositiveIntegerField()
    status = models.PositiveIntegerField(null=True)
    milliseconds = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    is_delivered = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["subscription", "-at"], name="webhooks_delivery_log"),
            models.Index(fields=["at"], name="webhooks_delivery_age"),
        ]
