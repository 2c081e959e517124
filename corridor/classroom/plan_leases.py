"""An access plan as a lease: the plan's sites are copied, so that a device needs nothing else."""

from datetime import datetime

from corridor.accounts.actors import Actor
from corridor.accounts.plans import plan_for
from corridor.classroom.cards import PLAN, Lease
from corridor.classroom.refusals import Refused


def plan_lease(
    school_id: int, plan_id: int, *, until: datetime, wanted: datetime | None, by: Actor,
    command_id: int,
) -> Lease:  # fmt: skip
    """What the plan holds a device to. Raises `Refused` when it is not offered to this adult."""
    plan = plan_for(school_id, by.account_id, plan_id)
    if plan is None:
        raise Refused("plan_gone", field="plan_id")
    return Lease(
        kind=PLAN, until=until, wanted=wanted, by=by.who, command_id=command_id, plan_id=plan_id,
        text=plan.name, sites=tuple(plan.sites.splitlines()), blocks=plan.blocks,
    )  # fmt: skip
