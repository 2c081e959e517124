"""Everything that Corridor keeps about one student, as one JSON file.

Not in it: who they are kept apart from, because that is about others. A refusal for that reason
reads as one by a full building, as the student read it.
"""

from base64 import b64encode
from datetime import datetime
from typing import Any, Final

import msgspec

from corridor.accounts.models import (
    ClassroomAccount,
    ClassroomRole,
    LocationListing,
    PassAccount,
)
from corridor.accounts.photos import KIND, photo_of
from corridor.classroom.queries import conversation, sessions_with
from corridor.classroom.sites import sites_of_student
from corridor.passes import history, queries
from corridor.passes.cards import PassCard
from corridor.passes.history import Wanted
from corridor.passes.sightings import seen_of_student
from corridor.passes.words import NEUTRAL_CODES, codes_told

_MOST: Final = 100_000


def student_data(account: PassAccount, at: datetime) -> bytes:
    """The student's account, passes, appointments to come, refusals, what adults wrote down who
    met them without a pass, and who looked at them."""
    data = {
        "format": "corridor.student/1",
        "made_at": at,
        "account": _account(account),
        "lists_of_places": _listings(account),
        "passes": _passes(account),
        "appointments_to_come": [
            _told(card) for card in queries.coming_passes_of(account.pk, limit=_MOST)
        ],
        "refusals": _refusals(account),
        "seen_without_pass": _sightings(account),
        "classroom": _classroom(account),
        "looked_at_by": history.looks_at(account.school_id, account.pk, limit=1_000_000),
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=1)


def _account(account: PassAccount) -> dict[str, Any]:
    names = (
        "email", "role", "given_name", "family_name", "display_name", "grade", "number",
        "period_limit", "daily_limit", "weekly_limit", "term_limit", "unlimited", "closed_at",
    )  # fmt: skip
    told = {"id": account.pk} | {name: getattr(account, name) for name in names}
    return told | {"photo": _photo(account)}


def _photo(account: PassAccount) -> dict[str, str] | None:
    found = photo_of(account.school_id, account.pk)
    if found is None:
        return None
    return {"kind": KIND, "base64": b64encode(found.picture).decode()}


def _classroom(account: PassAccount) -> dict[str, Any] | None:
    """The same person in this school's Classroom, with classes and groups; None: not there."""
    found = ClassroomAccount.objects.filter(
        school_id=account.school_id, email=account.email, role=ClassroomRole.STUDENT
    ).first()
    return None if found is None else classroom_data(found)


def classroom_data(account: ClassroomAccount) -> dict[str, Any]:
    """What Classroom keeps about a student: the account, the classes with groups, and of each class
    that was held when the student was there, what was written, and which sites were open."""
    names = ("email", "role", "given_name", "family_name", "display_name", "closed_at")
    enrolments = account.enrolments.select_related("school_class").prefetch_related("groups__group")
    return {
        "account": {"id": account.pk} | {name: getattr(account, name) for name in names},
        "classes": [
            {
                "name": one.school_class.name,
                "period": one.school_class.period,
                "groups": sorted(member.group.name for member in one.groups.all()),
            }
            for one in enrolments.order_by("pk")
        ],
        "sessions": [
            {
                "class": session.class_name,
                "led_by": session.led_by.name,
                "started_at": session.started_at,
                "ended_at": session.ended_at,
                "there": row.there,
                "written": conversation(account.school_id, session.id, account.pk),
                "sites": sites_of_student(account.school_id, session.id, account.pk),
            }
            for session, row in sessions_with(account.school_id, account.pk)
        ],
    }


def _listings(account: PassAccount) -> list[dict[str, Any]]:
    found = LocationListing.objects.filter(account=account).select_related("location")
    return [
        {"place": one.location.name, "first_day": one.first_day, "last_day": one.last_day}
        for one in found.order_by("pk")
    ]


def _passes(account: PassAccount) -> list[dict[str, Any]]:
    found = [
        card
        for is_open in (True, False)
        for piece in history.walk(account.school_id, Wanted(student=account.pk), is_open=is_open)
        for card in piece
    ]
    return [_told(card) for card in found]


def _told(card: PassCard) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(card)
    told["overridden"] = codes_told(card.overridden, by_admin=False)
    for inside in ("due_at", "over_at"):
        told.pop(inside, None)
    return told


def _refusals(account: PassAccount) -> list[dict[str, Any]]:
    found = history.refusals(account.school_id, Wanted(student=account.pk), limit=_MOST)
    told = []
    for one in found:
        event = one.event
        is_neutral = event.refusal.code in NEUTRAL_CODES
        told.append(
            {
                "number": one.number,
                "at": event.at,
                "origin_id": event.origin_id,
                "destination_id": event.destination_id,
                "rule": "building_full" if is_neutral else event.refusal.code,
            }
        )
    return told


def _sightings(account: PassAccount) -> list[dict[str, Any]]:
    names = ("at", "place", "room", "text", "by")
    return [
        {name: getattr(found, name) for name in names}
        for found in seen_of_student(account.school_id, account.pk)
    ]
