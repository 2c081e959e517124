"""Access plans and web links: one's own, and those shared with the school."""

from typing import Any

import pytest

from corridor.accounts import plans
from corridor.accounts.actors import ClassroomActor
from corridor.accounts.models import AccessPlan
from corridor.accounts.plans import PlanTaken
from corridor.roster.sites import BadSite
from tests.school import School


def keep(school: School, by: ClassroomActor, plan: AccessPlan | None = None, **more: Any) -> Any:
    facts: dict[str, Any] = {"name": "Maps", "blocks": False, "sites": ["example.org"]}
    return school.do(plans.keep_plan, plan, **facts | more, by=by)


def test_a_plan_is_its_owners_until_it_is_shared(a_school: School) -> None:
    room = a_school.classroom
    keep(a_school, room.rivera)
    assert plans.plans_for(a_school.id, room.okafor.account_id) == []
    shared = keep(a_school, room.dana, is_shared=True)
    assert plans.plans_for(a_school.id, room.okafor.account_id) == [shared]
    assert plans.plans_for(a_school.other_id, room.stone.account_id) == []


def test_only_who_may_share_shares(a_school: School) -> None:
    assert not keep(a_school, a_school.classroom.rivera, is_shared=True).is_shared


def test_a_shared_plan_is_changed_by_its_owner_and_by_who_may_share(a_school: School) -> None:
    room = a_school.classroom
    shared = keep(a_school, room.dana, is_shared=True)
    assert not plans.may_change(shared, room.rivera)
    assert plans.may_change(shared, room.dana)
    own = keep(a_school, room.rivera)
    assert plans.may_change(own, room.rivera) and not plans.may_change(own, room.dana)


def test_saving_the_same_again_changes_nothing(a_school: School) -> None:
    made = keep(a_school, a_school.classroom.rivera)
    before = a_school.last
    keep(a_school, a_school.classroom.rivera, made)
    assert a_school.last == before
    keep(a_school, a_school.classroom.rivera, made, blocks=True)
    assert a_school.last == before + 1


def test_a_name_is_used_once_by_one_adult(a_school: School) -> None:
    room = a_school.classroom
    keep(a_school, room.rivera)
    keep(a_school, room.okafor)
    with pytest.raises(PlanTaken):
        keep(a_school, room.rivera)


def test_a_removed_plan_is_offered_no_more(a_school: School) -> None:
    room = a_school.classroom
    a_school.do(plans.remove_plan, keep(a_school, room.rivera), by=room.rivera)
    assert plans.plans_for(a_school.id, room.rivera.account_id) == []


def test_a_link_is_a_web_address(a_school: School) -> None:
    rivera = a_school.classroom.rivera
    made = a_school.do(plans.keep_link, name="Map", url="example.org/map", by=rivera)
    assert made.url == "https://example.org/map"
    with pytest.raises(BadSite):
        a_school.do(plans.keep_link, name="Bad", url="javascript:alert(1)", by=rivera)
    a_school.do(plans.remove_link, made, by=rivera)
    assert plans.links_for(a_school.id, rivera.account_id) == []
