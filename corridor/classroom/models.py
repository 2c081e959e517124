"""The tables of Classroom: whole cards, and beside them the columns that are asked for.

They are written by `corridor.classroom.shelf` only, in the turn that records the event. What was
open on devices is in no event: `ClassSite` stands beside the log.
"""

from django.db import models


class ClassSession(models.Model):
    """A running class, or one that is over. `is_forgotten` once it names nobody any more."""

    pk = models.CompositePrimaryKey("school_id", "id")
    school_id = models.BigIntegerField()
    id = models.BigIntegerField()
    class_id = models.BigIntegerField()
    led_by = models.BigIntegerField(null=True)
    is_running = models.BooleanField()
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    version = models.BigIntegerField()
    is_forgotten = models.BooleanField(default=False, db_default=False)
    card = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["class_id"],
                condition=models.Q(is_running=True),
                name="one_running_session_per_class",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"],
                condition=models.Q(is_running=True),
                name="class_sessions_due",
            ),
            models.Index(
                fields=["school_id"],
                condition=models.Q(is_running=True),
                name="class_sessions_running",
            ),
            models.Index(
                fields=["school_id", "ended_at"],
                condition=models.Q(is_running=False, is_forgotten=False),
                name="class_sessions_over",
            ),
            models.Index(fields=["class_id", "started_at"], name="class_sessions_of_class"),
        ]


class Participant(models.Model):
    """A student of a session. `is_in` while the session holds the student: one does at most."""

    pk = models.CompositePrimaryKey("school_id", "session_id", "student_id")
    school_id = models.BigIntegerField()
    session_id = models.BigIntegerField()
    student_id = models.BigIntegerField()
    is_in = models.BooleanField()
    is_over = models.BooleanField()
    due_at = models.DateTimeField(null=True)
    version = models.BigIntegerField()
    card = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["student_id"],
                condition=models.Q(is_in=True),
                name="one_session_per_student",
            ),
        ]
        indexes = [
            models.Index(
                fields=["student_id"],
                condition=models.Q(is_over=False),
                name="participants_open",
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False),
                name="participants_due",
            ),
            models.Index(
                fields=["school_id", "session_id"],
                condition=models.Q(is_in=False, is_over=False),
                name="participants_not_in",
            ),
            models.Index(fields=["student_id", "session_id"], name="participants_of_student"),
        ]


class Command(models.Model):
    """Something asked of devices, with its result at each."""

    pk = models.CompositePrimaryKey("school_id", "id")
    school_id = models.BigIntegerField()
    id = models.BigIntegerField()
    session_id = models.BigIntegerField()
    version = models.BigIntegerField()
    card = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["school_id", "session_id"], name="commands_of_session")]


class ClassMessage(models.Model):
    """Where in the log it says what a student wrote to the teachers of a session."""

    pk = models.CompositePrimaryKey("school_id", "number")
    school_id = models.BigIntegerField()
    number = models.BigIntegerField()
    at = models.DateTimeField()
    session_id = models.BigIntegerField()
    student_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["school_id", "session_id"], name="messages_of_session")]


class ClassSite(models.Model):
    """What was open on a student's device during a session: a site, under one of its titles.

    Written by `corridor.classroom.sites`, and not in the log.
    """

    pk = models.CompositePrimaryKey("school_id", "session_id", "student_id", "host", "title")
    school_id = models.BigIntegerField()
    session_id = models.BigIntegerField()
    student_id = models.BigIntegerField()
    host = models.TextField()
    title = models.TextField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    seconds = models.FloatField()


class StartChoices(models.Model):
    """What an adult chose when they last started a class: the start dialog begins with it."""

    account_id = models.BigIntegerField(primary_key=True)
    choices = models.TextField()
