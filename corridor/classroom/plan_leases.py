"""An access plan as a lease: the plan's sites are copied, so that a device needs nothing else."""

from datetime import datetime

from corridor.accounts.actors import Actor
from corridor.classroom.cards import Lease
from corridor.classroom.refusals import Refused


def plan_lease(
    school_id: int, plan_id: int, *, until: datetime, by: Actor, command_id: int
) -> Lease:
    """What the plan holds a device to. Raises `Refused` when the school has none such."""
    raise Refused("plan_gone")
