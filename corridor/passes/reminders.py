"""Reminders of appointments by e-mail, 20 and 5 minutes before, to adults who chose them.

One letter for all of an adult's appointments of the same time. Who is to get one is written down
when it is 20 minutes before, and again where it gets another place; whom it is about is read when
it is sent, so a row names nobody, and what was moved or called off meanwhile is not told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from corridor.accounts.actors import Actor
from corridor.accounts.events import AccountChanged
from corridor.accounts.models import LocationLink, PassAccount
from corridor.live.log import Turn, record
from corridor.live.sql import is_postgres, moment, moment_read, rows
from corridor.passes import queries
from corridor.passes.cards import PassCard
from corridor.passes.models import Reminder
from corridor.passes.refusals import NotAllowed
from corridor.roster.changes import change_location
from corridor.roster.models import Location

MINUTES: Final = (20, 5)
# A reminder that would come this much too late is left out.
_TOO_LATE: Final = timedelta(minutes=4)
_AT_ONCE: Final = 500
_SENT_AT_ONCE: Final = 25
_CLAIM: Final = timedelta(minutes=1)


def choose_reminders(
    tx: Turn, *, minutes: Sequence[int], may_be_asked: bool, by: Actor, at: datetime
) -> PassAccount:
    """An adult chooses when to be reminded, and whether students may ask for the own room.

    Raises `NotAllowed` for a student.
    """
    if not by.is_adult:
        raise NotAllowed
    account = PassAccount.objects.get(pk=by.account_id or 0, school_id=tx.school_id)
    chosen = " ".join(str(found) for found in MINUTES if found in minutes)
    if account.remind_minutes != chosen:
        told = {"remind_minutes": (account.remind_minutes, chosen)}
        account.remind_minutes = chosen
        account.save(update_fields=["remind_minutes"])
        changed = AccountChanged(
            account_id=account.pk, name_shown=account.display_name, changes=told, by=by.who, at=at
        )
        record(tx, changed)
    link = LocationLink.objects.filter(account=account, is_personal=True).select_related("location")
    for found in link:
        change_location(tx, found.location, {"adult_may_be_asked": may_be_asked}, by=by.who, at=at)
    return account


def plan(at: datetime) -> int:
    """Write down whom to remind of what is at most 20 minutes away; how many appointments."""
    with transaction.atomic():
        lock = " FOR UPDATE SKIP LOCKED" if is_postgres() else ""
        due = rows(
            "SELECT school_id, id, begins_at, origin_id, destination_id FROM passes_comingpass"
            f" WHERE remind_at <= %s ORDER BY remind_at LIMIT {_AT_ONCE}{lock}",
            (moment(at),),
        )
        if not due:
            return 0
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE passes_comingpass SET remind_at = NULL WHERE school_id = %s AND id = %s",
                [(school_id, found) for school_id, found, *_ in due],
            )
        times = {
            (school_id, moment_read(begins_at) or at, place)
            for school_id, _, begins_at, *both in due
            for place in both
        }
        Reminder.objects.bulk_create(_for(times, at), ignore_conflicts=True, batch_size=500)
    return len(due)


def claim(at: datetime) -> list[Reminder]:
    """Some reminders that are due; for a minute nobody else takes them."""
    if not Reminder.objects.filter(next_try_at__lte=at).exists():
        return []
    with transaction.atomic():
        due = Reminder.objects.select_for_update(skip_locked=True).filter(next_try_at__lte=at)
        found = list(due.order_by("next_try_at", "pk")[:_SENT_AT_ONCE])
        Reminder.objects.filter(pk__in=[one.pk for one in found]).update(next_try_at=at + _CLAIM)
    return found


def told_in(reminder: Reminder, at: datetime) -> tuple[PassAccount, list[PassCard]] | None:
    """Whom to remind and of what; None when there is nothing to tell (any more)."""
    account = PassAccount.objects.filter(pk=reminder.account_id, closed_at__isnull=True).first()
    if account is None or at >= reminder.begins_at:
        return None
    if str(reminder.minutes) not in account.remind_minutes.split():
        return None
    places = set(LocationLink.objects.filter(account=account).values_list("location_id", flat=True))
    cards = [
        card
        for card in (
            *queries.coming_passes(
                reminder.school_id, reminder.begins_at + timedelta(seconds=1), places
            ),
            *queries.open_passes(reminder.school_id, places),
        )
        if card.appointment is not None and card.appointment.begins_at == reminder.begins_at
        and card.state in ("scheduled", "waiting")
    ]  # fmt: skip
    cards = _taking_place(cards)
    return (account, cards) if cards else None


def write_down(reminder: Reminder, at: datetime, *, problem: bool = False) -> None:
    """A sent reminder is forgotten; one that could not go is tried again in a minute."""
    if not problem or at + _CLAIM >= reminder.begins_at:
        reminder.delete()
        return
    reminder.tries += 1
    reminder.save(update_fields=["tries"])


def _taking_place(cards: Sequence[PassCard]) -> list[PassCard]:
    """Those that the clock will not cancel because the student or a place is archived."""
    places = {place.id for card in cards for place in (card.origin, card.destination)}
    students = {card.student.id for card in cards}
    archived = Location.objects.filter(pk__in=places, archived_at__isnull=False)
    closed = PassAccount.objects.filter(pk__in=students, closed_at__isnull=False)
    gone = set(archived.values_list("pk", flat=True))
    left = set(closed.values_list("pk", flat=True))
    return [
        card for card in cards
        if card.student.id not in left
        and not (card.is_coming and gone & {card.origin.id, card.destination.id})
    ]  # fmt: skip


def _for(times: set[tuple[int, datetime, int]], at: datetime) -> list[Reminder]:
    places = {place for _, _, place in times}
    who: dict[int, list[tuple[int, str]]] = {}
    for place, account_id, chosen in (
        LocationLink.objects.filter(location_id__in=places, account__closed_at__isnull=True)
        .exclude(account__remind_minutes="")
        .values_list("location_id", "account_id", "account__remind_minutes")
    ):
        who.setdefault(place, []).append((account_id, chosen))
    return [
        Reminder(
            school_id=school_id, account_id=account_id, begins_at=begins_at, minutes=minutes,
            next_try_at=begins_at - timedelta(minutes=minutes),
        )
        for school_id, begins_at, place in sorted(times)
        for account_id, chosen in who.get(place, ())
        for minutes in map(int, chosen.split())
        if at <= begins_at - timedelta(minutes=minutes) + _TOO_LATE
    ]  # fmt: skip
