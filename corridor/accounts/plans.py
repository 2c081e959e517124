"""Access plans and web links: what a teacher keeps ready for classes, alone or for the school."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from corridor.accounts.actors import ClassroomActor
from corridor.accounts.classroom_events import (
    AccessPlanKept,
    AccessPlanRemoved,
    LinkCard,
    PlanCard,
    WebLinkKept,
    WebLinkRemoved,
)
from corridor.accounts.models import AccessPlan, WebLink
from corridor.accounts.names import BadName, clean_name
from corridor.accounts.permissions import SHARE_PLANS
from corridor.live.log import Turn, record
from corridor.roster.sites import address

Kept = TypeVar("Kept", AccessPlan, WebLink)


class PlanTaken(Exception):
    """This adult has a plan, or a link, of this name already."""


def keep_plan(
    tx: Turn,
    plan: AccessPlan | None = None,
    *,
    name: str,
    blocks: bool,
    sites: Sequence[str],
    is_shared: bool = False,
    by: ClassroomActor,
    at: datetime,
) -> AccessPlan:
    """Make an access plan, or change this one; the same again changes nothing.

    `sites` are hosts as `corridor.roster.sites` makes them. A plan that `blocks` closes these and
    leaves the others; another leaves only these. Shared it is offered to every adult of the
    school, if whoever keeps it may share. Raises `PlanTaken` and `BadName`.
    """
    assert by.account_id is not None
    plan = plan or AccessPlan(school_id=tx.school_id, owner_id=by.account_id)
    before = plan_card(plan)
    _take_name(AccessPlan.objects.all(), plan, name)
    plan.blocks, plan.sites = blocks, "\n".join(sites)
    plan.is_shared = is_shared if by.may(SHARE_PLANS) else plan.is_shared
    if plan.pk is None or plan_card(plan) != before:
        plan.save()
        record(tx, AccessPlanKept(school_id=tx.school_id, plan=plan_card(plan), by=by.who, at=at))
    return plan


def remove_plan(tx: Turn, plan: AccessPlan, *, by: ClassroomActor, at: datetime) -> None:
    """Remove a plan. Classes that run with it keep the sites that they began with."""
    removed = AccessPlanRemoved(
        school_id=tx.school_id, plan_id=plan.pk, name_shown=plan.name, by=by.who, at=at
    )
    plan.delete()
    record(tx, removed)


def keep_link(
    tx: Turn,
    link: WebLink | None = None,
    *,
    name: str,
    url: str,
    is_shared: bool = False,
    by: ClassroomActor,
    at: datetime,
) -> WebLink:
    """Keep a web address under a name, or change this one; the same again changes nothing.

    Raises `PlanTaken`, `BadName` and `BadSite`.
    """
    assert by.account_id is not None
    link = link or WebLink(school_id=tx.school_id, owner_id=by.account_id)
    before = link_card(link)
    _take_name(WebLink.objects.all(), link, name)
    link.url = address(url)
    link.is_shared = is_shared if by.may(SHARE_PLANS) else link.is_shared
    if link.pk is None or link_card(link) != before:
        link.save()
        record(tx, WebLinkKept(school_id=tx.school_id, link=link_card(link), by=by.who, at=at))
    return link


def remove_link(tx: Turn, link: WebLink, *, by: ClassroomActor, at: datetime) -> None:
    """Remove a web link."""
    removed = WebLinkRemoved(
        school_id=tx.school_id, link_id=link.pk, name_shown=link.name, by=by.who, at=at
    )
    link.delete()
    record(tx, removed)


# Asking


def plans_for(school_id: int, account_id: int | None) -> list[AccessPlan]:
    """The plans of an adult and those shared with the school, by name."""
    return list(_offered(AccessPlan.objects.all(), school_id, account_id))


def links_for(school_id: int, account_id: int | None) -> list[WebLink]:
    """The web links of an adult and those shared with the school, by name."""
    return list(_offered(WebLink.objects.all(), school_id, account_id))


def plan_for(school_id: int, account_id: int | None, plan_id: int) -> AccessPlan | None:
    """The plan with this id, if it is offered to this adult."""
    return _offered(AccessPlan.objects.all(), school_id, account_id).filter(pk=plan_id).first()


def link_for(school_id: int, account_id: int | None, link_id: int) -> WebLink | None:
    """The web link with this id, if it is offered to this adult."""
    return _offered(WebLink.objects.all(), school_id, account_id).filter(pk=link_id).first()


def may_change(kept: AccessPlan | WebLink, by: ClassroomActor) -> bool:
    """Its owner may change it; what is shared, everybody who may share too."""
    is_own = kept.owner_id == by.account_id
    return is_own or (kept.is_shared and by.may(SHARE_PLANS))


def plan_card(plan: AccessPlan) -> PlanCard:
    """The plan, whole."""
    return PlanCard(
        plan.pk or 0, plan.name, plan.blocks, tuple(plan.sites.split()), plan.owner_id or 0,
        plan.is_shared,
    )  # fmt: skip


def link_card(link: WebLink) -> LinkCard:
    """The web link, whole."""
    return LinkCard(link.pk or 0, link.name, link.url, link.owner_id or 0, link.is_shared)


def _offered(found: "QuerySet[Kept]", school_id: int, account_id: int | None) -> "QuerySet[Kept]":
    mine = Q(owner_id=account_id) | Q(is_shared=True)
    return found.filter(mine, school_id=school_id).select_related("owner").order_by("name", "pk")


def _take_name(found: "QuerySet[Kept]", kept: Kept, name: str) -> None:
    name = clean_name(name)
    if not name:
        raise BadName(_("A name is missing."))
    same = found.filter(school_id=kept.school_id, owner_id=kept.owner_id, name=name)
    if same.exclude(pk=kept.pk or 0).exists():
        raise PlanTaken(name)
    kept.name = name
