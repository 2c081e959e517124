"""The table of passes: the whole card, and beside it the columns that are asked for."""

from typing import Final

from django.db import models

# A pass that is over.
OVER: Final = models.Q(is_open=False)


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
    let_go_by = models.BigIntegerField(null=True)
    was_long = models.BooleanField(default=False, db_default=False)
    was_overridden = models.BooleanField(default=False, db_default=False)
    was_edited = models.BooleanField(default=False, db_default=False)
    asks_correction = models.BooleanField(default=False, db_default=False)
    was_auto = models.BooleanField(default=False, db_default=False)
    card = models.TextField()

    # Indexes cost at every change of a pass (PostgreSQL enters a changed row anew in each that
    # holds it): those of the history hold passes that are over, so they cost once.
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
                fields=["destination_id", "school_id"],
                condition=models.Q(state="queued"),
                name="passes_queued",
            ),
            models.Index(
                fields=["origin_id"], condition=models.Q(is_open=True), name="passes_open_from"
            ),
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="passes_due"
            ),
            models.Index(fields=["student_id", "requested_at"], name="passes_of_student"),
            models.Index(
                fields=["school_id", "ended_at"],
                condition=models.Q(ended_at__isnull=False),
                name="passes_ended",
            ),
            # Holds all that filters and reports ask for, so that they read no cards.
            models.Index(
                fields=[
                    "school_id", "requested_at", "id", "student_id", "started_at", "ended_at",
                    "destination_id", "origin_id", "kind", "state",
                ],
                condition=OVER,
                name="passes_over",
            ),
            models.Index(
                fields=[
                    "school_id", "origin_id", "requested_at", "id", "destination_id",
                    "let_go_by", "kind", "state", "was_long",
                ],
                condition=OVER,
                name="passes_over_from",
            ),
            models.Index(
                fields=[
                    "school_id", "destination_id", "requested_at", "id", "origin_id",
                    "let_go_by", "kind", "state", "was_long",
                ],
                condition=OVER,
                name="passes_over_to",
            ),
            models.Index(
                fields=["school_id", "let_go_by", "requested_at", "id"],
                condition=OVER & models.Q(let_go_by__isnull=False),
                name="passes_over_let_go",
            ),
            # What is rare is found without walking past all the rest.
            models.Index(
                fields=["school_id", "state", "requested_at", "id", "kind"],
                condition=OVER & ~models.Q(state="ended"),
                name="passes_over_otherwise",
            ),
            models.Index(
                fields=["school_id", "kind", "requested_at", "id", "state"],
                condition=OVER & ~models.Q(kind="student"),
                name="passes_over_given",
            ),
            models.Index(
                fields=["school_id", "requested_at", "id"],
                condition=OVER & models.Q(was_long=True),
                name="passes_over_long",
            ),
            models.Index(
                fields=["school_id", "requested_at", "id"],
                condition=OVER & models.Q(was_overridden=True),
                name="passes_over_overridden",
            ),
            models.Index(
                fields=["school_id", "requested_at", "id"],
                condition=OVER & models.Q(was_edited=True),
                name="passes_over_edited",
            ),
            models.Index(
                fields=["school_id", "requested_at", "id"],
                condition=OVER & models.Q(was_auto=True),
                name="passes_over_auto",
            ),
            models.Index(
                fields=["school_id"],
                condition=models.Q(asks_correction=True),
                name="passes_asking",
            ),
        ]  # fmt: skip


class ComingPass(models.Model):
    """An appointment before it surfaces. When it does, or is called off, it lies with the passes.

    Written by `corridor.passes.shelf` only, as `HallPass`. `remind_at` is when the post looks for
    whom to remind (None: done); `held` that it waits for the end of another pass of the student.
    """

    pk = models.CompositePrimaryKey("school_id", "id")
    school_id = models.BigIntegerField()
    id = models.BigIntegerField()
    student_id = models.BigIntegerField()
    origin_id = models.BigIntegerField()
    destination_id = models.BigIntegerField()
    state = models.CharField(max_length=24)
    series = models.BigIntegerField()
    begins_at = models.DateTimeField()
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    held = models.BooleanField(default=False)
    version = models.BigIntegerField()
    card = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="coming_due"),
            models.Index(fields=["school_id", "begins_at"], name="coming_by_time"),
            models.Index(fields=["school_id", "series"], name="coming_series"),
            models.Index(fields=["student_id", "begins_at"], name="coming_of_student"),
            models.Index(
                fields=["remind_at"], condition=models.Q(remind_at__isnull=False),
                name="coming_reminders",
            ),
            # In the order that is asked for: PostgreSQL else walks through all that is due.
            models.Index(
                fields=["student_id", "due_at", "id"], condition=models.Q(held=True),
                name="coming_held",
            ),
        ]  # fmt: skip


class Reminder(models.Model):
    """An e-mail to one adult about their appointments of one time, so many minutes before.

    It names nobody: whom it is about is read when it is sent.
    """

    school_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    begins_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "begins_at", "minutes"], name="one_reminder"
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], name="reminders_due")]


class Refusal(models.Model):
    """Where in the log it says that a pass was refused, by what it is looked for.

    Who was refused and why stands in the event; on purge `student_id` becomes 0.
    """

    pk = models.CompositePrimaryKey("school_id", "number")
    school_id = models.BigIntegerField()
    number = models.BigIntegerField()
    at = models.DateTimeField()
    student_id = models.BigIntegerField()
    origin_id = models.BigIntegerField()
    destination_id = models.BigIntegerField()
    code = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(
                fields=["school_id", "at", "number", "code", "destination_id", "origin_id"],
                name="refusals_by_time",
            ),
            models.Index(fields=["student_id", "at"], name="refusals_of_student"),
        ]


class Look(models.Model):
    """Where in the log it says that somebody looked at one student's history, or exported it."""

    pk = models.CompositePrimaryKey("school_id", "number")
    school_id = models.BigIntegerField()
    number = models.BigIntegerField()
    at = models.DateTimeField()
    student_id = models.BigIntegerField()
    account_id = models.BigIntegerField(null=True)
    exported = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["student_id", "at"], name="looks_at_student")]
