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


def now_of(school_id: int) -> tuple[int, SchoolSettings]:
    """The number of the school's last event and its settings, as they are now."""
    found = SchoolTurn.objects.values_list("last_number", "settings").get(pk=school_id)
    return found[0], decode(found[1])


def settings_of(school_id: int) -> SchoolSettings:
    """The school's settings as they are now, outside a turn."""
    return decode(SchoolTurn.objects.values_list("settings", flat=True).get(pk=school_id))
