"""The periods that a form offers."""

from corridor.roster.bells import Bells


def period_names(bells: Bells) -> list[str]:
    """The names of all periods, in the order of the schedules."""
    return list(dict.fromkeys(p.name for one in bells.schedules for p in one.periods))
