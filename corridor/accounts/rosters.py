"""Carry out an import of rosters: everything in one turn, or nothing."""

from datetime import datetime

from corridor.accounts.actors import Actor
from corridor.accounts.classes import (
    change_class,
    change_roster,
    keep_group,
    open_class,
    set_teachers,
)
from corridor.accounts.classroom_events import ClassRostersImported
from corridor.accounts.identities import identities_with
from corridor.accounts.models import ClassroomAccount
from corridor.accounts.people import in_batches
from corridor.accounts.rosters_csv import NewPerson, Plan, Roster, plan
from corridor.live.log import Turn, record
from corridor.roster.models import SchoolClass


class CannotImport(ValueError):
    """The file has problems, or they have come up since it was looked at."""


def import_rosters(tx: Turn, text: str, *, complete: bool = False, by: Actor, at: datetime) -> Plan:
    """Import the text; a second time it changes nothing. Raises `CannotImport`."""
    planned = plan(tx.school_id, text, complete=complete)
    if planned.problems:
        raise CannotImport
    if not planned.rosters and not planned.people:
        return planned
    _open_accounts(tx.school_id, planned.people)
    ids = dict(ClassroomAccount.objects.filter(school_id=tx.school_id).values_list("email", "pk"))
    for roster in planned.rosters:
        _carry_out(tx, roster, ids, by=by, at=at)
    told = ClassRostersImported(
        school_id=tx.school_id, classes_opened=planned.opened,
        accounts_opened=len(planned.people), added=planned.added, removed=planned.removed,
        by=by.who, at=at,
    )  # fmt: skip
    record(tx, told)
    return planned


def _open_accounts(school_id: int, people: tuple[NewPerson, ...]) -> None:
    identities, _ = identities_with({one.email for one in people})
    for some in in_batches(people):
        accounts = [
            ClassroomAccount(
                school_id=school_id, identity_id=identities[one.email], email=one.email,
                role=one.role, given_name=one.given_name, family_name=one.family_name,
                display_name=f"{one.given_name} {one.family_name}".strip(),
            )
            for one in some
        ]  # fmt: skip
        for account in accounts:
            account.search = account.searched()
        ClassroomAccount.objects.bulk_create(accounts)


def _carry_out(tx: Turn, roster: Roster, ids: dict[str, int], *, by: Actor, at: datetime) -> None:
    if roster.class_id is None:
        values = roster.values
        found = open_class(
            tx, name=values["name"], period=values["period"], code=values["code"], by=by, at=at
        )
    else:
        found = SchoolClass.objects.get(pk=roster.class_id)
        change_class(tx, found, roster.values, by=by, at=at)
    if roster.changes_teachers:
        lead_id = ids[roster.lead] if roster.lead else None
        co_teachers = [ids[email] for email in roster.co_teachers]
        set_teachers(tx, found, lead_id=lead_id, co_teacher_ids=co_teachers, by=by, at=at)
    added, removed = ([ids[one] for one in emails] for emails in (roster.added, roster.removed))
    change_roster(tx, found, add=added, remove=removed, by=by, at=at)
    there = dict(found.groups.values_list("name", "pk"))
    for name, emails in roster.groups.items():
        keep_group(
            tx, found, name=name, student_ids=[ids[email] for email in emails],
            group_id=there.get(name), by=by, at=at,
        )  # fmt: skip
