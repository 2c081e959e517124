"""The Classes page: a card for each class one may lead, and what is running now."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from corridor.accounts import permissions
from corridor.accounts.classes import classes_of_school
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.accounts.models import ClassTeacher
from corridor.classroom.queries import running_sessions
from corridor.roster.models import SchoolClass
from corridor.web import guards
from corridor.web.classroom.gates import may_change, sees_all_classes
from corridor.web.guards import ClassroomRequest

PAGE: Final = 60
VIEWS: Final = ("cards", "list")


@guards.classroom_adult
@require_GET
def classes(request: ClassroomRequest) -> HttpResponse:
    """The classes of whoever asks, or of the school; searched and narrowed down."""
    wanted = _wanted(request)
    signed = request.signed_in
    found = classes_of_school(
        signed.school_id,
        text=wanted["q"],
        of_teacher=None if wanted["whose"] == "all" else signed.account_id,
        archived=wanted["state"] == "archived",
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    facts = {
        "page": page,
        "cards": cards(signed, page.object_list),
        "wanted": wanted,
        "sees_all": sees_all_classes(signed),
        "opens": signed.may(permissions.CLASSES),
        "query": urlencode({name: value for name, value in wanted.items() if value}),
        "query_of_views": urlencode({k: v for k, v in wanted.items() if v and k != "view"}),
    }
    return render(request, "classroom/classes.html", facts)


@guards.classroom_adult
@require_GET
def active(request: ClassroomRequest) -> HttpResponse:
    """What is running now in the classes that one sees."""
    signed = request.signed_in
    sees_all = sees_all_classes(signed)
    running = [
        {"session": one, "may_lead": request.actor.leads(one.class_id)}
        for one in running_sessions(signed.school_id)
        if sees_all or one.class_id in signed.class_ids
    ]
    return render(request, "classroom/active.html", {"sees_all": sees_all, "running": running})


def cards(signed: ClassroomSignedIn, found: Iterable[SchoolClass]) -> list[dict[str, Any]]:
    """What a card says of each class: its adults, how many students, what one may do."""
    shown = list(found)
    adults = ClassTeacher.objects.filter(school_class__in=[one.pk for one in shown])
    names: dict[int, list[str]] = {}
    for class_id, name in adults.order_by("-is_lead", "account__family_name").values_list(
        "school_class_id", "account__display_name"
    ):
        names.setdefault(class_id, []).append(name)
    actor = signed.acting("classroom")
    running = {one.class_id: one for one in running_sessions(signed.school_id)}
    return [
        {
            "class": one,
            "teachers": names.get(one.pk, []),
            "session": running.get(one.pk),
            "may_lead": one.archived_at is None and actor.leads(one.pk),
            "may_change": may_change(signed, one.pk),
        }
        for one in shown
    ]


def _wanted(request: ClassroomRequest) -> dict[str, str]:
    signed, given = request.signed_in, request.GET
    has_own = bool(signed.class_ids)
    whose = given.get("whose") or ("mine" if has_own else "all")
    return {
        "q": given.get("q", "").replace("\0", "")[:80].strip(),
        "whose": "all" if whose == "all" and sees_all_classes(signed) else "mine",
        "state": "archived" if given.get("state") == "archived" else "",
        "view": given["view"] if given.get("view") in VIEWS else "cards",
    }
