"""Letters with a link to choose a password: who is to get one, and what became of it.

Whoever asks for one only writes a row; a thread beside the requests sends (`corridor.web.post`), so
nothing ever waits for a mail server. What cannot be sent is tried again for a day.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from corridor.accounts.actors import Actor
from corridor.accounts.events import AccountInvited, PeopleInvited
from corridor.accounts.models import Letter, PassAccount
from corridor.live.log import Turn, record

# How long to wait after each failed attempt; together a day.
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 640))
KEPT: Final = timedelta(days=400)
AT_ONCE: Final = 25
_CLAIM: Final = timedelta(minutes=10)


def ask_letter(identity_id: int, *, language: str, at: datetime) -> None:
    """Somebody asked for a link to choose a new password."""
    Letter.objects.create(identity_id=identity_id, language=language, asked_at=at, next_try_at=at)


def invite(tx: Turn, *, account_id: int, language: str, by: Actor, at: datetime) -> bool:
    """Send one person of this school an invitation, also a second time; whether it will go.

    Not to a closed account, and not while one is still to be sent.
    """
    ids = _invitable(tx.school_id).filter(pk=account_id)
    if not _write(ids, language, at):
        return False
    record(tx, AccountInvited(account_id=account_id, by=by.who, at=at))
    return True


def invite_all(tx: Turn, *, roles: Collection[str], language: str, by: Actor, at: datetime) -> int:
    """Send an invitation to everybody of these roles who never signed in and has had none.

    How many they are.
    """
    count = _write(waiting_for_one(tx.school_id).filter(role__in=roles), language, at)
    if count:
        record(tx, PeopleInvited(school_id=tx.school_id, count=count, by=by.who, at=at))
    return count


def waiting_for_one(school_id: int) -> "QuerySet[PassAccount]":
    """The people with an open account who never signed in and never got an invitation."""
    had = Letter.objects.filter(account=OuterRef("pk"), failed_at__isnull=True)
    never = PassAccount.objects.filter(
        school_id=school_id, closed_at__isnull=True, identity__last_login__isnull=True
    )
    return never.exclude(Exists(had))


def letters_of(account_ids: Collection[int]) -> dict[int, Letter]:
    """The newest invitation of each of these people."""
    found = Letter.objects.filter(account_id__in=account_ids).order_by("pk")
    return {letter.account_id: letter for letter in found if letter.account_id is not None}


def trouble(school_id: int) -> tuple[int, str]:
    """How many of a school's invitations wait after a failure or were given up, and why (last)."""
    found = Letter.objects.filter(
        account__school_id=school_id, account__closed_at__isnull=True, sent_at__isnull=True
    ).exclude(note="")
    newest = found.order_by("-asked_at").values_list("note", flat=True).first()
    return found.count(), newest or ""


def _invitable(school_id: int) -> "QuerySet[PassAccount]":
    to_go = Letter.objects.filter(account=OuterRef("pk"), next_try_at__isnull=False)
    open_ones = PassAccount.objects.filter(school_id=school_id, closed_at__isnull=True)
    return open_ones.exclude(Exists(to_go))


def _write(people: "QuerySet[PassAccount]", language: str, at: datetime) -> int:
    rows = list(people.values_list("pk", "identity_id"))
    # What failed before is answered by the new one.
    for start in range(0, len(rows), 500):
        ids = [account_id for account_id, _ in rows[start : start + 500]]
        Letter.objects.filter(account_id__in=ids, failed_at__isnull=False).delete()
    Letter.objects.bulk_create(
        [
            Letter(
                account_id=account_id,
                identity_id=identity_id,
                language=language,
                asked_at=at,
                next_try_at=at,
            )
            for account_id, identity_id in rows
        ],
        batch_size=1000,
    )
    return len(rows)


# Sending


def claim(at: datetime) -> list[Letter]:
    """Some letters that are due; for ten minutes nobody else takes them."""
    if not Letter.objects.filter(next_try_at__lte=at).exists():
        return []
    with transaction.atomic():
        due = Letter.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            next_try_at__lte=at
        )
        found = list(
            due.order_by("next_try_at", "pk").select_related("identity", "account__school")[
                :AT_ONCE
            ]
        )
        Letter.objects.filter(pk__in=[letter.pk for letter in found]).update(
            next_try_at=at + _CLAIM
        )
    return found


def write_down(letter: Letter, at: datetime, *, problem: str = "", final: bool = False) -> None:
    """What became of an attempt; `final` problems are not tried again."""
    letter.tries += 1
    letter.note, letter.next_try_at = problem[:300], None
    if not problem:
        letter.sent_at = at
    elif final or letter.tries > len(WAITS):
        letter.failed_at = at
    else:
        letter.next_try_at = at + WAITS[letter.tries - 1]
    letter.save(update_fields=["tries", "note", "next_try_at", "sent_at", "failed_at"])


def tidy(at: datetime) -> None:
    """Forget letters of last year, and those that somebody asked for yesterday."""
    Letter.objects.filter(asked_at__lt=at - KEPT).delete()
    asked = Letter.objects.filter(account__isnull=True, next_try_at__isnull=True)
    asked.filter(asked_at__lt=at - timedelta(days=1)).delete()
