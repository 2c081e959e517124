"""Acting as another user: an organisation admin sees what that person sees, for some minutes."""

from datetime import datetime, timedelta
from typing import Any, Final

from corridor.accounts.actors import ClassroomActor
from corridor.accounts.classroom_events import ActingBegun, ActingEnded
from corridor.accounts.models import ClassroomAccount, PassAccount
from corridor.accounts.permissions import ACT_AS
from corridor.live.events import Who
from corridor.live.log import Turn, record
from corridor.roster.models import School

ACTING_LASTS: Final = timedelta(minutes=15)


class CannotActAs(Exception):
    """Nobody acts as this person: gone, of another organisation, or oneself."""


def begin_acting(
    tx: Turn,
    *,
    pass_id: int | None,
    classroom_id: int | None,
    by: ClassroomActor,
    at: datetime,
) -> dict[str, Any]:
    """An organisation admin acts as a person of this school (of the admin's own district).

    The person is named by the account of one product; the other product's account here, by the
    same sign-in, comes with it. What is given back belongs into the admin's sign-in session.
    Raises `CannotActAs`.
    """
    person = _person(tx.school_id, pass_id, classroom_id)
    if not by.may(ACT_AS) or by.acted_by is not None or person is None:
        raise CannotActAs
    mine = ClassroomAccount.objects.get(pk=by.account_id or 0)
    if person.identity_id == mine.identity_id or not _same_district(mine.school_id, tx.school_id):
        raise CannotActAs
    about = {"school_id": tx.school_id, "identity_id": person.identity_id, "closed_at": None}
    in_pass = PassAccount.objects.filter(**about).first()
    in_classroom = ClassroomAccount.objects.filter(**about).first()
    until = at + ACTING_LASTS
    begun = ActingBegun(
        school_id=tx.school_id, account_id=in_classroom.pk if in_classroom else None,
        pass_account_id=in_pass.pk if in_pass else None, name_shown=person.display_name,
        until=until, by=by.who, at=at,
    )  # fmt: skip
    record(tx, begun)
    return {
        "until": until.isoformat(),
        "identity": person.identity_id,
        "school": tx.school_id,
        "name": person.display_name,
        "pass": begun.pass_account_id,
        "classroom": begun.account_id,
    }


def end_acting(tx: Turn, acting: dict[str, Any], *, by: Who, at: datetime) -> None:
    """The admin is nobody but themselves again, before the time was up."""
    ended = ActingEnded(
        school_id=tx.school_id, account_id=acting["classroom"], pass_account_id=acting["pass"],
        name_shown=acting["name"], by=by, at=at,
    )  # fmt: skip
    record(tx, ended)


def _person(
    school_id: int, pass_id: int | None, classroom_id: int | None
) -> PassAccount | ClassroomAccount | None:
    about = {"school_id": school_id, "closed_at": None, "identity__is_active": True}
    if classroom_id is not None:
        return ClassroomAccount.objects.filter(pk=classroom_id, **about).first()
    return PassAccount.objects.filter(pk=pass_id or 0, **about).first()


def _same_district(one: int, other: int) -> bool:
    districts = School.objects.filter(pk__in=[one, other]).values_list("district_id", flat=True)
    return len(set(districts)) == 1
