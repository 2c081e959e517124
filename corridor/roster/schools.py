"""Open a school: its row, its turn, its settings."""

from django.db import transaction

from corridor.live.models import SchoolTurn
from corridor.roster.models import District, School
from corridor.roster.settings import SchoolSettings, decode, encode


def open_school(*, district: District, name: str, settings: SchoolSettings) -> School:
    """A new school with an empty log."""
    with transaction.atomic():
        school = School.objects.create(district=district, name=name)
        SchoolTurn.objects.create(school_id=school.pk, settings=encode(settings))
    return school


def settings_of(school_id: int) -> SchoolSettings:
    """The school's settings as they are now, outside a turn."""
    return decode(SchoolTurn.objects.values_list("settings", flat=True).get(pk=school_id))
