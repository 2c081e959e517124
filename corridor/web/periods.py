"""The periods that a form offers, and the one that an appointment shows."""

from corridor.passes.cards import PassCard
from corridor.passes.states import WAITING
from corridor.roster.bells import Bells


def period_names(bells: Bells) -> list[str]:
    """The names of all periods, in the order of the schedules."""
    return list(dict.fromkeys(p.name for one in bells.schedules for p in one.periods))


def period_shown(card: PassCard, bells: Bells) -> str:
    """The period of an appointment, unless the schedule of its day has none of this name.

    What is over keeps the name it had: the schedules may be other ones since.
    """
    when = card.appointment
    if when is None:
        return ""
    still = card.is_coming or card.state == WAITING
    return when.period if not still or bells.rings(when.day, when.period) else ""
