"""The demonstration's appointments: some today, one tomorrow, one that a student asked for."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from corridor.demo import plan
from corridor.demo.building import Building
from corridor.live.log import Turn, turn
from corridor.passes import queries
from corridor.passes.appointments import ask_for_appointment, make_appointments
from corridor.passes.arranging import Wish
from corridor.passes.dates import has_school
from corridor.roster.settings import settings_in

# In how many minutes, and why.
_MADE: Final = (
    (12, "Eye test"), (35, "Hearing test"), (65, "Height and weight"), (24 * 60, "Eye test"),
)  # fmt: skip
_ASKED: Final = (90, "Talk about my allergy")


def arrange(building: Building, at: datetime) -> int:
    """Appointments with the nurse from Ms. Rivera's room, unless some are to come; how many."""
    nurse, rivera = (building.place_named.get(name) for name in (plan.NURSE, plan.RIVERA))
    by = building.adult_at(nurse.pk, Random(5)) if nurse is not None else None  # noqa: S311
    if nurse is None or rivera is None or by is None or queries.coming_passes(building.school_id):
        return 0
    minute = at.replace(second=0, microsecond=0)
    pupils = building.classes[: len(_MADE) + 1]
    with turn(building.school_id) as tx:
        for (minutes, reason), pupil in zip(_MADE, pupils, strict=False):
            wish = _wish(building, rivera.pk, nurse.pk, minute + timedelta(minutes=minutes), reason)
            make_appointments(tx, wish, student_ids=[pupil.id], by=by, at=at)
        minutes, reason = _ASKED
        begins = _on_a_school_day(tx, building, minute + timedelta(minutes=minutes))
        wish = _wish(building, rivera.pk, nurse.pk, begins, reason)
        ask_for_appointment(tx, wish, by=pupils[-1].actor, at=at)
    return len(_MADE) + 1


def _on_a_school_day(tx: Turn, building: Building, begins: datetime) -> datetime:
    """This moment, or its hour on the first day with school after it: for those students ask."""
    bells, local = settings_in(tx).bells, begins.astimezone(building.zone)
    while not has_school(local.date(), "none", bells):
        local += timedelta(days=1)
    return local


def _wish(
    building: Building, origin_id: int, destination_id: int, begins: datetime, reason: str
) -> Wish:
    local = begins.astimezone(building.zone)
    return Wish(
        origin_id=origin_id, destination_id=destination_id, day=local.date(), wall=local.time(),
        reason=reason,
    )  # fmt: skip
