"""Forget the people in what is older than the school keeps it; numbers and counts stay.

A school decides for how many days names stay after a pass has ended and after an account was
closed. What is older loses its names for good, batch by batch, each batch in one turn together
with the event that proves it. Backups keep what they hold: delete old ones too.

A pass that is not over (an appointment for June) keeps its card; what the log says of it goes with
everything of its age, so that one pass never keeps the names in the events of others.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec
from allauth.account.models import EmailAddress
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from corridor.accounts import imports
from corridor.accounts.actors import clock_of
from corridor.accounts.models import (
    AccessPlan,
    ClassroomAccount,
    Identity,
    Letter,
    LocationListing,
    PassAccount,
    Photo,
    SignIn,
    WebLink,
)
from corridor.live.events import Event, Logged, Who
from corridor.live.forgetting import forget, forgotten_to
from corridor.live.log import Turn, last_number, record, turn
from corridor.live.sql import is_postgres, moment, one, rows, run
from corridor.operators.events import KINDS, AccountsPurged, RecordsPurged, RetentionChanged
from corridor.operators.nameless import GONE, nameless
from corridor.operators.purge_classes import old_sessions, purge_classes
from corridor.passes import shelf
from corridor.passes.cards import PassCard
from corridor.passes.events import PassEvent
from corridor.passes.models import ContactGroup
from corridor.roster.models import Location
from corridor.roster.schools import settings_of
from corridor.roster.settings import LastChange, SchoolSettings, encode, settings_in

# The school waits while a batch is rewritten: small enough that nobody notices.
BATCH: Final = 500
GONE_ADDRESS: Final = "@gone.invalid"

Account = TypeVar("Account", PassAccount, ClassroomAccount)

_encode = msgspec.json.Encoder().encode
_DECODERS: Final = {name: msgspec.json.Decoder(kind).decode for name, kind in KINDS.items()}
_decode_proof: Final = msgspec.json.Decoder(RecordsPurged).decode


class UnknownEvent(Exception):
    """The log holds an event of a kind that this Corridor does not know, so it cannot purge it."""


class WouldGo(msgspec.Struct, frozen=True):
    """What a purge takes: events `first` to `last` by name, passes, closed accounts by name."""

    school_id: int
    first: int
    last: int
    events: dict[str, int]
    passes: int
    accounts: tuple[str, ...]
    sessions: int = 0

    @property
    def count(self) -> int:
        """How many events."""
        return sum(self.events.values())

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing old enough."""
        return not self.events and not self.accounts and not self.sessions


def would_go(school_id: int, at: datetime) -> WouldGo:
    """Exactly what `purge` would take from this school now, without changing anything."""
    settings = settings_of(school_id)
    first, last = forgotten_to(school_id) + 1, _last_old(school_id, settings, at)
    named = rows(
        "SELECT name, count(*) FROM live_event WHERE school_id = %s AND number BETWEEN %s AND %s"
        " GROUP BY name ORDER BY name",
        (school_id, first, last),
    )
    passes = one(
        "SELECT count(*) FROM passes_hallpass WHERE school_id = %s AND ended_at < %s"
        " AND version BETWEEN %s AND %s",
        (school_id, moment(_cut_off(settings, at)), first, last),
    )
    accounts = (
        *map(str, _old_accounts(PassAccount, school_id, settings, at)),
        *map(str, _old_accounts(ClassroomAccount, school_id, settings, at)),
    )
    return WouldGo(
        school_id, first, last, dict(named), passes[0] if passes else 0, accounts,
        sessions=old_sessions(school_id, settings, at),
    )  # fmt: skip


def purge(school_id: int, at: datetime, done: Callable[[int], None] = lambda n: None) -> None:
    """Forget everything of this school that is older than it wants it kept.

    `done(n)` is called after each batch with the number of events in it. Stopped half-way it has
    forgotten the older half, with its proofs. Raises `UnknownEvent`.
    """
    if not is_postgres():
        run("PRAGMA secure_delete = ON", ())  # overwrites what it replaces
    last = _last_old(school_id, settings_of(school_id), at)
    imports.tidy(school_id, at, settings_of(school_id).keep_accounts_days)
    while (first := forgotten_to(school_id) + 1) <= last:
        up_to = min(first + BATCH - 1, last)
        with turn(school_id) as tx:
            _purge_records(tx, first, up_to, at=at)
        done(up_to - first + 1)
    purge_classes(school_id, at)
    settings = settings_of(school_id)
    if (
        _old_accounts(PassAccount, school_id, settings, at).exists()
        or _old_accounts(ClassroomAccount, school_id, settings, at).exists()
    ):
        with turn(school_id) as tx:
            _purge_accounts(tx, at=at)


def purge_sign_ins(at: datetime) -> int:
    """Delete the sign-in sessions that are over, in all schools; how many they were."""
    return SignIn.objects.filter(expire_date__lt=at).delete()[0]


def change_retention(
    tx: Turn,
    *,
    keep_passes_days: int,
    keep_accounts_days: int,
    keep_classes_days: int | None = None,
    by: Who,
    at: datetime,
) -> SchoolSettings:
    """An admin decides for how many days names stay. Nothing goes before the next purge.

    Without `keep_classes_days` the days of classes stay as they are.
    """
    before = settings_in(tx)
    wanted = {
        "keep_passes_days": keep_passes_days,
        "keep_accounts_days": keep_accounts_days,
        "keep_classes_days": keep_classes_days or before.keep_classes_days,
    }
    different = [name for name, days in wanted.items() if getattr(before, name) != days]
    changed = before.changed | dict.fromkeys(different, LastChange(by.name, at))
    settings = msgspec.structs.replace(before, **wanted, changed=changed)
    run(
        "UPDATE live_schoolturn SET settings = %s WHERE school_id = %s",
        (encode(settings), tx.school_id),
    )
    record(
        tx,
        RetentionChanged(
            school_id=tx.school_id, keep_passes_days=keep_passes_days,
            keep_accounts_days=keep_accounts_days,
            keep_classes_days=settings.keep_classes_days, by=by, at=at,
        ),
    )  # fmt: skip
    return settings


def last_proof(school_id: int) -> RecordsPurged | None:
    """The proof of the school's last purge of records."""
    if forgotten_to(school_id) == 0:
        return None
    row = one(
        "SELECT body FROM live_event WHERE school_id = %s AND name = %s"
        " ORDER BY number DESC LIMIT 1",
        (school_id, RecordsPurged.name),
    )
    return None if row is None else _decode_proof(row[0])


# Records


def _cut_off(settings: SchoolSettings, at: datetime) -> datetime:
    return at - timedelta(days=settings.keep_passes_days)


def _last_old(school_id: int, settings: SchoolSettings, at: datetime) -> int:
    """The number up to which every event is old."""
    young = one(
        "SELECT number FROM live_event WHERE school_id = %s AND number > %s AND at >= %s"
        " ORDER BY number LIMIT 1",
        (school_id, forgotten_to(school_id), moment(_cut_off(settings, at))),
    )
    return int(young[0]) - 1 if young else last_number(school_id)


def _purge_records(tx: Turn, first: int, last: int, *, at: datetime) -> None:
    old = list(_old_events(tx.school_id, first, last))
    forget(tx, [_nameless_row(tx.school_id, number, event) for number, event in old], up_to=last)
    ended_here = {event.card.id: number for number, event in old if isinstance(event, PassEvent)}
    # What is still open is forgotten with its last event, which is yet to come.
    cards = [
        card
        for card in _cards(tx.school_id, ended_here)
        if card.version <= last and not card.is_open
    ]
    shelf.forget(tx, [nameless(card) for card in cards])
    shelf.forget_found(tx, first, last)
    proof = RecordsPurged(
        school_id=tx.school_id, first=first, last=last, passes=len(cards),
        keep_days=settings_in(tx).keep_passes_days, by=clock_of(tx.school_id).who, at=at,
    )  # fmt: skip
    record(tx, proof)


def _old_events(school_id: int, first: int, last: int) -> Iterator[tuple[int, Event]]:
    for number, name, body in rows(
        "SELECT number, name, body FROM live_event"
        " WHERE school_id = %s AND number BETWEEN %s AND %s ORDER BY number",
        (school_id, first, last),
    ):
        if name not in KINDS:
            raise UnknownEvent(
                f"Event {number} of school {school_id} is “{name}”, which this Corridor does not"
                " know, so it cannot tell what in it names somebody. Use the Corridor that wrote"
                " it, or a newer one."
            )
        yield number, _DECODERS[name](body)


def _nameless_row(school_id: int, number: int, event: Event) -> Logged:
    event = nameless(event)
    return Logged(school_id, number, event.name, event.topics(), _encode(event).decode())


def _cards(school_id: int, ids: dict[int, int]) -> list[PassCard]:
    if not ids:
        return []
    marks = ", ".join(["%s"] * len(ids))
    found = rows(
        f"SELECT card FROM passes_hallpass WHERE school_id = %s AND id IN ({marks})",
        (school_id, *ids),
    )
    return [shelf.read(text) for (text,) in found]


# Accounts


def _old_accounts(
    kind: type[Account], school_id: int, settings: SchoolSettings, at: datetime
) -> "QuerySet[Account]":
    found: QuerySet[Account] = kind._default_manager.filter(
        school_id=school_id, closed_at__lt=at - timedelta(days=settings.keep_accounts_days)
    )
    return found.exclude(email__endswith=GONE_ADDRESS).order_by("pk")


def _purge_accounts(tx: Turn, *, at: datetime) -> None:
    settings = settings_in(tx)
    old = list(_old_accounts(PassAccount, tx.school_id, settings, at))
    for account in old:
        _forget_account(account)
    in_classroom = list(_old_accounts(ClassroomAccount, tx.school_id, settings, at))
    for one_of_classroom in in_classroom:
        _forget_in_classroom(one_of_classroom)
    proof = AccountsPurged(
        school_id=tx.school_id,
        accounts=len(old) + len(in_classroom),
        keep_days=settings.keep_accounts_days,
        by=clock_of(tx.school_id).who,
        at=at,
    )
    record(tx, proof)


def _forget_account(account: PassAccount) -> None:
    """The row stays, because passes are counted by it; nothing in it tells who it was."""
    address = f"pass-{account.pk}{GONE_ADDRESS}"
    PassAccount.objects.filter(pk=account.pk).update(
        email=address, given_name=GONE, family_name="", display_name=GONE, grade="", number="",
        search="",
    )  # fmt: skip
    Photo.objects.filter(account=account).delete()
    Letter.objects.filter(account=account).delete()
    Location.objects.filter(links__account=account, links__is_personal=True).update(
        name=Concat(Value(f"{GONE} "), Cast("pk", CharField())), adult_name=GONE
    )
    # Notes and messages may name people.
    Location.objects.filter(links__account=account, links__is_personal=True).update(absences="[]")
    ContactGroup.objects.filter(members__student_id=account.pk).delete()
    LocationListing.objects.filter(account=account).delete()
    _forget_identity(account.identity)


def _forget_in_classroom(account: ClassroomAccount) -> None:
    """As in Pass; what the person kept for classes alone goes too, its names may name people."""
    ClassroomAccount.objects.filter(pk=account.pk).update(
        email=f"classroom-{account.pk}{GONE_ADDRESS}", given_name="", family_name="",
        display_name=GONE, search="",
    )  # fmt: skip
    AccessPlan.objects.filter(owner=account, is_shared=False).delete()
    WebLink.objects.filter(owner=account, is_shared=False).delete()
    _forget_identity(account.identity)


def _forget_identity(identity: Identity) -> None:
    """Whoever signs in, when the last account of any school and product is forgotten."""
    others = PassAccount.objects.filter(identity=identity).exclude(email__endswith=GONE_ADDRESS)
    rooms = ClassroomAccount.objects.filter(identity=identity).exclude(email__endswith=GONE_ADDRESS)
    if others.exists() or rooms.exists():
        return
    EmailAddress.objects.filter(user_id=identity.pk).delete()
    identity.set_unusable_password()
    Identity.objects.filter(pk=identity.pk).update(
        email=f"person-{identity.pk}{GONE_ADDRESS}", password=identity.password, is_active=False,
        last_login=None,
    )  # fmt: skip
