"""Districts over schools, and the places a pass can name."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class TripType(models.TextChoices):
    """What a pass to a location is: see `corridor.passes.moves` for the legs of each."""

    ROUNDTRIP = "roundtrip", _("Roundtrip")
    LAYOVER = "layover", _("Layover")
    ONE_WAY = "one_way", _("One-way")


class ReasonMode(models.TextChoices):
    """Whether a student says why."""

    MANDATORY = "mandatory", _("Mandatory")
    OPTIONAL = "optional", _("Optional")
    HIDDEN = "hidden", _("Hidden")


class Access(models.TextChoices):
    """Which students a location takes."""

    EVERYONE = "everyone", _("Everyone")
    LISTED = "listed", _("Listed students only")
    NOT_LISTED = "not_listed", _("Everyone but listed students")


class District(models.Model):
    """Schools under one organisation."""

    name = models.CharField(max_length=120)


class School(models.Model):
    """A school: the unit of order. Its settings and its log's number stand in `SchoolTurn`."""

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="schools")
    name = models.CharField(max_length=120)


class Location(models.Model):
    """Anything a pass can name: a room shared by many, or the personal location of one adult.

    `adult_name` is set on a personal location ("Ms. Rivera") and is who a student waits for.
    `capacity` counts the passes on the way to it or there; None is no limit. `extended_minutes`
    replaces the school's system end for passes to this location. `room_limit` is how many
    students may be out of this room at once. `queueing` lets students stand in line when it is
    full. `takes_passes` off closes it as a destination; `absences` is the JSON of its
    out-of-office times (`corridor.roster.absences`).

    Auto Pass has two keys. `may_be_auto` is the admin's, on the destination. The other is the
    adult's, on their personal location: `auto_passes` is the JSON of what students may do by
    themselves on the way to which destination (`corridor.roster.auto`), `auto_limit` how many may
    be out of the room on an Auto Pass at once.

    So has a student's request for an appointment: `may_be_asked` is the admin's on every location,
    `adult_may_be_asked` the adult's on their personal one.

    `changed` is the JSON of who changed which field last (`corridor.roster.settings.LastChange`).
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="locations")
    name = models.CharField(max_length=80)
    adult_name = models.CharField(max_length=80, blank=True)
    trip_type = models.CharField(
        max_length=10, choices=TripType.choices, default=TripType.ROUNDTRIP
    )
    reason_mode = models.CharField(
        max_length=10, choices=ReasonMode.choices, default=ReasonMode.OPTIONAL
    )
    capacity = models.PositiveIntegerField(null=True, blank=True)
    extended_minutes = models.PositiveIntegerField(null=True, blank=True)
    room_limit = models.PositiveIntegerField(null=True, blank=True)
    access = models.CharField(max_length=10, choices=Access.choices, default=Access.EVERYONE)
    takes_passes = models.BooleanField(default=True)
    absences = models.TextField(default="[]")
    queueing = models.BooleanField(default=False, db_default=False)
    may_be_auto = models.BooleanField(default=False, db_default=False)
    auto_passes = models.TextField(default="{}", db_default="{}")
    auto_limit = models.PositiveIntegerField(null=True, blank=True)
    may_be_asked = models.BooleanField(default=True, db_default=True)
    adult_may_be_asked = models.BooleanField(default=True, db_default=True)
    changed = models.TextField(default="{}", db_default="{}")
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "school",
                Lower("name"),
                condition=models.Q(archived_at__isnull=True),
                name="one_location_per_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SchoolClass(models.Model):
    """A class as the school's timetable has it: "English 2, period 3".

    `code` is what the school's other systems call it; a file of rosters finds it by that. Who
    teaches it and who is in it stands beside the accounts (`ClassTeacher`, `Enrolment`).
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="classes")
    name = models.CharField(max_length=80)
    period = models.CharField(max_length=40, blank=True, default="")
    code = models.CharField(max_length=40, blank=True, default="")
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "code"],
                condition=~models.Q(code=""),
                name="one_class_per_code",
            ),
        ]
        indexes = [models.Index(fields=["school", "name"], name="roster_classes_by_name")]

    def __str__(self) -> str:
        return self.name


def is_open_to(access: str, *, listed: bool) -> bool:
    """Whether a location with this access takes a student who is, or is not, on its list."""
    return access == Access.EVERYONE or listed == (access == Access.LISTED)
