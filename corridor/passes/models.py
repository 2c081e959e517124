"""The table of passes: the whole card, and beside it the columns that are asked for."""

from django.db import models


class ContactGroup(models.Model):
    """Students who are kept apart: never two of them out at the same time.

    `note` is for admins only; nothing else ever tells that the group exists. `last_day` is the
    last day on which it holds, on the school's calendar (None: until it is removed).
    """

    school_id = models.BigIntegerField(db_index=True)
    note = models.CharField(max_length=400, blank=True)
    last_day = models.DateField(null=True, blank=True)


class ContactMember(models.Model):
    """A student of a contact group."""

    group = models.ForeignKey(ContactGroup, on_delete=models.CASCADE, related_name="members")
    student_id = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "student_id"], name="once_in_a_group"),
        ]


class Sighting(models.Model):
    """Where in the log it says that a student was seen without a pass: it is looked for by time.

    Who was seen, by whom, and what was written stands only in the event, so that a purge has one
    place to forget it in. `room_id` is the location where the student should have been, if known.
    """

    pk = models.CompositePrimaryKey("school_id", "number")
    school_id = models.BigIntegerField()
    number = models.BigIntegerField()
    room_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["school_id", "at"], name="sightings_by_time")]


class HallPass(models.Model):
    """One pass. `card` is the truth; the other columns repeat what rules and lists look for.

    They are written by `corridor.passes.shelf` only, in one statement with the card.
    """

    pk = models.CompositePrimaryKey("school_id", "id")
    school_id = models.BigIntegerField()
    id = models.BigIntegerField()
    student_id = models.BigIntegerField()
    origin_id = models.BigIntegerField()
    destination_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    is_open = models.BooleanField()
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    version = models.BigIntegerField()
    card = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["student_id"],
                condition=models.Q(is_open=True),
                name="one_open_pass_per_student",
            ),
        ]
        indexes = [
            models.Index(
                fields=["school_id"], condition=models.Q(is_open=True), name="passes_open"
            ),
            models.Index(
                fields=["destination_id"],
                condition=models.Q(is_open=True),
                name="passes_open_to",
            ),
            models.Index(
                fields=["origin_id"], condition=models.Q(is_open=True), name="passes_open_from"
            ),
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="passes_due"
            ),
            models.Index(fields=["student_id", "requested_at"], name="passes_of_student"),
            models.Index(fields=["school_id", "ended_at"], name="passes_ended"),
        ]
