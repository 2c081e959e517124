"""Give a planned school its places and people, through the operations an admin uses."""

from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Final

from corridor.accounts.actors import Actor
from corridor.accounts.classroom_people import join_classroom, open_classroom_account
from corridor.accounts.models import ClassroomRole, PassAccount, Role
from corridor.accounts.people import link_locations, open_account
from corridor.demo import names, plan
from corridor.demo.names import Named
from corridor.demo.plan import Adult, SchoolPlan
from corridor.live.log import Turn
from corridor.passes.apart import keep_apart
from corridor.passes.auto import choose_auto
from corridor.roster.models import Location
from corridor.roster.places import open_location
from corridor.web.cast import CAST

_DOMAIN: Final = "demo.corridor.example"
_FIRST_NUMBER: Final = 204_118
_CAST: Final = {member.key: member for member in CAST}
_CAST_GRADES: Final = {
    plan.LINCOLN.name: (("ana", "9"), ("ben", "10"), ("cam", "10")),
    plan.ROOSEVELT.name: (("eli", "7"),),
}


def fill(tx: Turn, school: SchoolPlan, students: int, random: Random, *, at: datetime) -> None:
    """Open the school's places and accounts: all adults of the plan, and so many students."""
    by = Actor(None, tx.school_id, "admin", "Dana Whitfield", "setup")
    for place in school.shared:
        open_location(
            tx,
            name=place.name,
            trip_type=place.trip_type,
            reason_mode=place.reason_mode,
            capacity=place.capacity,
            extended_minutes=place.extended_minutes,
            may_be_auto=place.may_be_auto,
            queueing=place.capacity is not None and place.may_be_auto,
            by=by.who,
            at=at,
        )
    for adult in school.adults:
        _open_adult(tx, adult, by=by, at=at)
    Location.objects.filter(school_id=tx.school_id, name=plan.NURSE).update(
        capacity=6, extended_minutes=45
    )
    for count, (email, name, grade) in enumerate(_students(school, students, random)):
        open_account(
            tx, email=email, role=Role.STUDENT, given_name=name.given, family_name=name.family,
            grade=grade, number=str(_FIRST_NUMBER + count * 7), by=by, at=at,
        )  # fmt: skip
    # Ana can be tried again and again; her own limit beats the school's.
    PassAccount.objects.filter(school_id=tx.school_id, email=_CAST["ana"].email).update(
        daily_limit=12
    )
    join_classroom(tx, by=by, at=at)
    _nurse_joins(tx, school, by=by, at=at)


def keep_two_apart(tx: Turn, *, at: datetime) -> None:
    """Two students of whom nobody in the demonstration is one are never out at the same time."""
    cast = [member.email for member in CAST]
    others = PassAccount.objects.filter(school_id=tx.school_id, role=Role.STUDENT)
    ids = others.exclude(email__in=cast).order_by("pk").values_list("pk", flat=True)[30:32]
    by = Actor(None, tx.school_id, "admin", "Dana Whitfield", "setup")
    note = "Quarrel in the cafeteria; the families know. See Ms. Bianchi."
    keep_apart(tx, student_ids=list(ids), note=note, by=by, at=at)


def _nurse_joins(tx: Turn, school: SchoolPlan, *, by: Actor, at: datetime) -> None:
    """Staff joins by hand: so that it can be seen in Classroom, too, who is on the way to her.

    As a teacher without a class: no role may do less.
    """
    for adult in school.adults:
        if adult.key == "ito":
            open_classroom_account(
                tx, email=_CAST["ito"].email, role=ClassroomRole.TEACHER, given_name=adult.given,
                family_name=adult.family, display_name=adult.shown, by=by, at=at,
            )  # fmt: skip


def _open_adult(tx: Turn, adult: Adult, *, by: Actor, at: datetime) -> None:
    name = Named(adult.given, adult.family)
    account = open_account(
        tx,
        email=_CAST[adult.key].email if adult.key else _address(name),
        role=adult.role,
        given_name=adult.given,
        family_name=adult.family,
        display_name=adult.shown,
        location_name=adult.location,
        by=by,
        at=at,
    )
    by = Actor(account.pk, tx.school_id, adult.role, adult.shown, "staff")
    if adult.shared:
        shared = Location.objects.filter(school_id=tx.school_id, name__in=adult.shared)
        link_locations(
            tx,
            location_ids=list(shared.values_list("pk", flat=True)),
            by=by,
            at=at,
        )
    if adult.location in plan.AUTO:
        mode, limit = plan.AUTO[adult.location]
        may_be_auto = Location.objects.filter(school_id=tx.school_id, may_be_auto=True)
        modes = dict.fromkeys(may_be_auto.values_list("pk", flat=True), mode)
        choose_auto(tx, modes=modes, limit=limit, by=by, at=at)


def _students(school: SchoolPlan, count: int, random: Random) -> Iterator[tuple[str, Named, str]]:
    """E-mail address, name and grade of each; the cast's students first."""
    taken = {Named(adult.given, adult.family) for adult in school.adults}
    for key, grade in _CAST_GRADES[school.name]:
        given, _, family = _CAST[key].name.partition(" ")
        taken.add(Named(given, family))
        count -= 1
        yield _CAST[key].email, Named(given, family), grade
    addresses: set[str] = set()
    for name in names.students(count, random, taken):
        address, number = _address(name), 2
        while address in addresses:
            address, number = _address(name, str(number)), number + 1
        addresses.add(address)
        yield address, name, random.choice(school.grades)


def _address(name: Named, number: str = "") -> str:
    return f"{names.address(name)}{number}@{_DOMAIN}"
