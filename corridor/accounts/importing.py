"""Carry out a plan of people in few statements, and undo it as a whole.

Everything happens in one turn of the school: old or new, never a mixture. One event tells the
counts; what was there before is given back to be kept for the undoing.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import Count, Q

from corridor.accounts.actors import ADULTS, Actor
from corridor.accounts.events import AccountChanged, PeopleImported, PeopleRestored, StudentLimited
from corridor.accounts.identities import identities_with
from corridor.accounts.models import (
    ClassroomAccount,
    Identity,
    Letter,
    LocationLink,
    LocationListing,
    PassAccount,
    SignIn,
)
from corridor.accounts.people import end_sessions, in_batches, numbered
from corridor.accounts.people_csv import Line, Plan
from corridor.accounts.sessions import carry_sign_ins
from corridor.accounts.signins import forget
from corridor.live.log import Turn, record
from corridor.live.sql import moment, one, rows
from corridor.roster.models import Location

Progress = Callable[[int], None]
_SOME: Final = 1000


class Changed(msgspec.Struct):
    """An account that was changed: its fields as they were and as they became."""

    id: int
    before: dict[str, str]
    after: dict[str, str]
    identity: int = 0  # whose it was, where it is another's now
    closed_at: datetime | None = None  # it was closed since then and is open now


class Room(msgspec.Struct):
    """A location that followed its adult, as it was and as it became."""

    id: int
    before: tuple[str, str]
    after: tuple[str, str]


class Before(msgspec.Struct):
    """What an import replaced: ids of what it made and took away; `number` is its event's."""

    number: int = 0
    created: list[int] = []
    identities: list[int] = []
    rooms_made: list[int] = []
    changed: list[Changed] = []
    rooms_renamed: list[Room] = []
    rooms_archived: list[int] = []
    rooms_reopened: list[int] = []
    archived: list[int] = []
    links: list[tuple[int, int]] = []


class Used(msgspec.Struct, frozen=True):
    """Students and locations that passes have named since the import, or contact control names."""

    students: frozenset[int] = frozenset()
    locations: frozenset[int] = frozenset()


class Contradiction(Exception):
    """Since the import somebody else has changed what would be put back."""


def people_changed_since(school_id: int, number: int) -> bool:
    """Whether anything about the people of a school stands in its log after this number."""
    row = one(
        "SELECT 1 FROM live_event WHERE school_id = %s AND number > %s AND (name LIKE 'account.%%'"
        " OR name LIKE 'people.%%' OR name LIKE 'accounts.%%') LIMIT 1",
        (school_id, number),
    )
    return row is not None


def carry_out(
    tx: Turn,
    plan: Plan,
    *,
    import_number: int,
    by: Actor,
    at: datetime,
    progress: Progress = lambda done: None,
) -> Before:
    """Do what the plan says, all of it. `progress(n)` is told of every n rows that are done."""
    work = _Work(tx, at, progress)
    work.create(plan.created)
    work.change(plan.changed)
    work.archive([person.id for person in plan.archived])
    forget()
    counts = plan.counts
    done = PeopleImported(
        school_id=tx.school_id, import_number=import_number, opened=counts["created"],
        changed=counts["changed"], reopened=counts["reopened"], archived=counts["archived"],
        by=by.who, at=at,
    )  # fmt: skip
    work.before.number = record(tx, done).number
    return work.before


class _Work:
    """The statements of one import."""

    def __init__(self, tx: Turn, at: datetime, progress: Progress) -> None:
        self.school_id, self.at = tx.school_id, at
        self.before = Before()
        self._progress = progress
        self._taken: set[str] | None = None

    # New people

    def create(self, lines: Sequence[Line]) -> None:
        """Identities, accounts, and a room for each adult."""
        identities = self._identities({line.values["email"] for line in lines})
        for some in in_batches(lines, _SOME):
            accounts = PassAccount.objects.bulk_create(
                [self._account(line, identities) for line in some]
            )
            self.before.created += [account.pk for account in accounts]
            rooms = [
                (account, line.values.get("room") or account.display_name)
                for account, line in zip(accounts, some, strict=True)
                if account.role in ADULTS
            ]
            self._give_rooms(rooms)
            self._progress(len(some))

    def _account(self, line: Line, identities: dict[str, int]) -> PassAccount:
        return PassAccount(
            school_id=self.school_id, identity_id=identities[line.values["email"]],
            search=line.values["search"], **{name: line.values[name] for name in FIELDS},
        )  # fmt: skip

    def _identities(self, emails: Collection[str]) -> dict[str, int]:
        """The ids of the identities with these addresses; who is unknown gets one."""
        found, made = identities_with(emails)
        self.before.identities += made
        return found

    def _give_rooms(self, wanted: Sequence[tuple[PassAccount, str]]) -> None:
        if not wanted:
            return
        rooms = Location.objects.bulk_create(
            [
                Location(
                    school_id=self.school_id,
                    name=self._free(name),
                    adult_name=account.display_name,
                    trip_type="layover",
                )
                for account, name in wanted
            ],
            batch_size=_SOME,
        )
        self.before.rooms_made += [room.pk for room in rooms]
        links = [
            LocationLink(account=account, location=room, is_personal=True)
            for room, (account, _) in zip(rooms, wanted, strict=True)
        ]
        LocationLink.objects.bulk_create(links, batch_size=_SOME)

    def _free(self, name: str) -> str:
        if self._taken is None:
            used = Location.objects.filter(school_id=self.school_id, archived_at__isnull=True)
            self._taken = {name.lower() for name in used.values_list("name", flat=True)}
        free = numbered(name, self._taken)
        self._taken.add(free.lower())
        return free

    # People who are there

    def change(self, lines: Sequence[Line]) -> None:
        """New values, addresses and rooms of people who are there, and the reopened."""
        ids = [line.account_id for line in lines if line.account_id is not None]
        there: dict[int, PassAccount] = {}
        for some in in_batches(ids):
            there |= PassAccount.objects.in_bulk(some)
        moved = self._move_addresses(lines, there)
        for part in in_batches(lines, _SOME):
            rows = []
            for line in part:
                account = there[line.account_id or 0]
                kept = Changed(account.pk, line.before, line.values, moved.get(account.pk, 0))
                kept.closed_at, account.closed_at = account.closed_at, None
                for name, value in line.values.items():
                    setattr(account, name, value)
                self.before.changed.append(kept)
                rows.append((*(getattr(account, name) for name in FIELDS), account.searched(),
                             account.identity_id, account.pk))  # fmt: skip
            _many(_UPDATE, rows)
            self._progress(len(part))
        self._follow(lines, there)

    def _move_addresses(
        self, lines: Sequence[Line], there: dict[int, PassAccount]
    ) -> dict[int, int]:
        """Who signs in with whose address changed, as `people.change_account` decides it."""
        moving = [line for line in lines if "email" in line.values]
        if not moving:
            return {}
        emails = {line.values["email"] for line in moving}
        known: dict[str, int] = {}
        for some in in_batches(emails):
            known.update(Identity.objects.filter(email__in=some).values_list("email", "pk"))
        accounts = [there[line.account_id or 0] for line in moving]
        shared = self._shared({account.identity_id for account in accounts})
        fresh = {
            line.values["email"]
            for line, account in zip(moving, accounts, strict=True)
            if account.identity_id in shared and line.values["email"] not in known
        }
        known |= self._identities(fresh)
        renamed, moved = [], {}
        rooms = []
        for line, account in zip(moving, accounts, strict=True):
            email, old = line.values["email"], account.identity_id
            if email in known:
                moved[account.pk] = old
                account.identity_id = known[email]
            else:
                renamed.append((email, old))
            rooms.append((email, account.identity_id, self.school_id, old, self.school_id, email))
        _many("UPDATE accounts_identity SET email = %s WHERE id = %s", renamed)
        _many(_UPDATE_CLASSROOM, rooms)
        for ids in in_batches([old for _, old in renamed]):
            EmailAddress.objects.filter(user_id__in=ids).delete()
        for line, account in zip(moving, accounts, strict=True):
            sign_ins, new = SignIn.objects.filter(account_id=account.pk), account.identity_id
            if line.values["email"] in fresh:
                carry_sign_ins(sign_ins, new)
            elif account.pk in moved:
                sign_ins.filter(~(Q(identity=new) | Q(also_identity_id=new))).delete()
        return moved

    def _shared(self, identities: Collection[int]) -> set[int]:
        """Those of these who have an account in another school too."""
        found: set[int] = set()
        for some in in_batches(identities):
            several = (
                PassAccount.objects.filter(identity_id__in=some)
                .values("identity_id")
                .annotate(n=Count("pk"))
            )
            found.update(several.filter(n__gt=1).values_list("identity_id", flat=True))
            rooms = ClassroomAccount.objects.filter(identity_id__in=some)
            found.update(
                rooms.exclude(school_id=self.school_id).values_list("identity_id", flat=True)
            )
        return found

    def _follow(self, lines: Sequence[Line], there: dict[int, PassAccount]) -> None:
        """Personal locations carry new names, come and go."""
        concerned = [
            line.account_id or 0
            for line in lines
            if line.reopens or "role" in line.values or "display_name" in line.values
        ]
        links = _personal(concerned)
        old_names = {
            line.account_id: line.before["display_name"]
            for line in lines
            if "display_name" in line.before
        }
        no_more, without, renamed = [], [], []
        for account_id in concerned:
            account, link = there[account_id], links.get(account_id)
            if account.role not in ADULTS:
                no_more.append(account_id)
            elif link is None:
                without.append((account, account.display_name))
            else:
                renamed += self._renamed(link.location, account, old_names.get(account_id))
        self._give_rooms(without)
        self._take_rooms(no_more)
        _many(
            "UPDATE roster_location SET name = %s, adult_name = %s, archived_at = NULL"
            " WHERE id = %s",
            [(*room.after, room.id) for room in renamed],
        )

    def _renamed(self, room: Location, account: PassAccount, old: str | None) -> list[Room]:
        was = (room.name, room.adult_name)
        name = room.name
        if room.archived_at is not None:
            self.before.rooms_reopened.append(room.pk)
            name = self._free(name)
        if old is not None and room.name == old:
            name = self._free(account.display_name)
        if room.archived_at is None and was == (name, account.display_name):
            return []
        followed = Room(room.pk, was, (name, account.display_name))
        self.before.rooms_renamed.append(followed)
        return [followed]

    # People who are not in the file

    def archive(self, ids: Sequence[int]) -> None:
        """Close these accounts, as `people.close_account` does one."""
        for some in in_batches(ids):
            PassAccount.objects.filter(pk__in=some).update(closed_at=self.at)
            self._progress(len(some))
        self.before.archived += ids
        self._take_rooms(ids)
        end_sessions(ids)

    def _take_rooms(self, ids: Sequence[int]) -> None:
        for some in in_batches(ids):
            shared = LocationLink.objects.filter(account_id__in=some, is_personal=False)
            self.before.links += shared.values_list("account_id", "location_id")
            shared.delete()
            rooms = Location.objects.filter(
                links__account_id__in=some, links__is_personal=True, archived_at__isnull=True
            )
            found = list(rooms.values_list("pk", flat=True))
            self.before.rooms_archived += found
            Location.objects.filter(pk__in=found).update(archived_at=self.at)


FIELDS: Final = ("email", "number", "given_name", "family_name", "display_name", "grade", "role")
_UPDATE: Final = (
    "UPDATE accounts_passaccount SET email = %s, number = %s, given_name = %s, family_name = %s,"
    " display_name = %s, grade = %s, role = %s, search = %s, identity_id = %s, closed_at = NULL"
    " WHERE id = %s"
)
_UPDATE_CLASSROOM: Final = (
    "UPDATE accounts_classroomaccount SET email = %s, identity_id = %s"
    " WHERE school_id = %s AND identity_id = %s AND NOT EXISTS"
    " (SELECT 1 FROM accounts_classroomaccount o WHERE o.school_id = %s AND o.email = %s)"
)


def _many(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def _personal(account_ids: Collection[int]) -> dict[int, LocationLink]:
    found = {}
    for some in in_batches(account_ids):
        links = LocationLink.objects.filter(account_id__in=some, is_personal=True)
        found.update({link.account_id: link for link in links.select_related("location")})
    return found


# Undoing


class Undoing(msgspec.Struct, frozen=True):
    """What undoing an import would do, and why it cannot (`contradicts`: names of people).

    `removed` were new and nobody has used them; `archived` were new and have been used since, or
    somebody has entered something about them.
    `letters` have been sent and cannot be taken back.
    """

    removed: tuple[int, ...]
    archived: tuple[int, ...]
    put_back: int
    reopened: int
    contradicts: tuple[str, ...]
    letters: int

    @property
    def is_possible(self) -> bool:
        """Whether nothing since contradicts."""
        return not self.contradicts


def undoing(school_id: int, before: Before, used: Used) -> Undoing:
    """What undoing would do now."""
    there: dict[int, PassAccount] = {}
    ids = [*before.created, *before.archived, *(change.id for change in before.changed)]
    for some in in_batches(ids):
        there |= PassAccount.objects.in_bulk(some)
    contradicts = []
    for change in before.changed:
        account = there.get(change.id)
        if (
            account is None
            or account.closed_at is not None
            or any(getattr(account, name) != value for name, value in change.after.items())
        ):
            contradicts.append(str(account) if account else f"#{change.id}")
    contradicts += [
        str(there[pk]) for pk in before.archived if pk in there and there[pk].closed_at is None
    ]
    contradicts += _addresses_taken(before)
    taken = used.students | _in_use(before.created, used.locations)
    taken |= _corrected_since(school_id, before.number)
    new = [pk for pk in before.created if pk in there]
    return Undoing(
        removed=tuple(pk for pk in new if pk not in taken),
        archived=tuple(pk for pk in new if pk in taken and there[pk].closed_at is None),
        put_back=len(before.changed),
        reopened=len(before.archived),
        contradicts=tuple(contradicts),
        letters=sum(
            Letter.objects.filter(account_id__in=some, sent_at__isnull=False).count()
            for some in in_batches(new)
        ),
    )


def undo(
    tx: Turn,
    before: Before,
    *,
    import_number: int,
    used: Used,
    by: Actor,
    at: datetime,
) -> Undoing:
    """Put everything back as it was before the import. Raises `Contradiction`."""
    would = undoing(tx.school_id, before, used)
    if not would.is_possible:
        raise Contradiction
    _remove(would.removed, before)
    work = _Work(tx, at, lambda done: None)
    work.archive(would.archived)
    # Names first become free, then are taken again.
    _archive_rooms(before.rooms_made, at)
    _put_back_rooms(work, before)
    _put_back(tx.school_id, before)
    for some in in_batches(before.archived):
        PassAccount.objects.filter(pk__in=some).update(closed_at=None)
    for links in in_batches(before.links, _SOME):
        LocationLink.objects.bulk_create(
            [LocationLink(account_id=who, location_id=where) for who, where in links],
            ignore_conflicts=True,
        )
    end_sessions([change.id for change in before.changed if change.closed_at is not None])
    forget()
    restored = PeopleRestored(
        school_id=tx.school_id, import_number=import_number, removed=len(would.removed),
        archived=len(would.archived), put_back=would.put_back + would.reopened, by=by.who, at=at,
    )  # fmt: skip
    record(tx, restored)
    return would


def _in_use(ids: Collection[int], locations: Collection[int]) -> set[int]:
    """Those of these accounts of which something is kept beside the account.

    `locations` have been named by passes: whose they are has been used.
    """
    found: set[int] = set()
    for some in in_batches(ids):
        listed = LocationListing.objects.filter(account_id__in=some)
        shared = LocationLink.objects.filter(account_id__in=some, is_personal=False)
        for kept_beside in (listed, shared):
            found.update(kept_beside.values_list("account_id", flat=True))
        mine = PassAccount.objects.filter(pk__in=some)
        for kept in ("signin", "api_keys", "photo"):
            with_it = mine.filter(**{f"{kept}__isnull": False})
            found.update(with_it.values_list("pk", flat=True))
        rooms = LocationLink.objects.filter(account_id__in=some, is_personal=True)
        found.update(who for who, where in rooms.values_list("account_id", "location_id")
                     if where in locations)  # fmt: skip
    return found


def _corrected_since(school_id: int, number: int) -> set[int]:
    """The people whose fields or limits somebody has changed by hand since this event."""
    corrections = (AccountChanged.name, StudentLimited.name)
    found = rows(
        "SELECT body FROM live_event WHERE school_id = %s AND number > %s AND name IN (%s, %s)",
        (school_id, number, *corrections),
    )
    return {_decode_about(body).account_id for (body,) in found}


class _About(msgspec.Struct):
    """What of an event says whom it is about."""

    account_id: int


_decode_about: Final = msgspec.json.Decoder(_About).decode


def _addresses_taken(before: Before) -> list[str]:
    """Addresses that were given up and that somebody else has now."""
    ours = {change.id for change in before.changed} | set(before.created)
    identities = {change.identity for change in before.changed}
    wanted = {change.before["email"] for change in before.changed if "email" in change.before}
    taken: list[str] = []
    for some in in_batches(wanted):
        signing = Identity.objects.filter(email__in=some).values_list("pk", "email")
        taken += [email for pk, email in signing if pk not in identities]
        accounts = PassAccount.objects.filter(identity__email__in=some)
        taken += [str(account) for account in accounts if account.pk not in ours]
    return list(dict.fromkeys(taken))


def _remove(ids: Sequence[int], before: Before) -> None:
    """Accounts that nobody has used, their rooms, and identities that are nobody else's."""
    made = set(before.rooms_made)
    for some in in_batches(ids):
        links = LocationLink.objects.filter(account_id__in=some, is_personal=True)
        rooms = made.intersection(links.values_list("location_id", flat=True))
        PassAccount.objects.filter(pk__in=some).delete()
        Location.objects.filter(pk__in=rooms).delete()
    for new in in_batches(before.identities):
        nobodys = Identity.objects.filter(
            pk__in=new, pass_accounts__isnull=True, classroom_accounts__isnull=True
        )
        nobodys.delete()


def _archive_rooms(ids: Collection[int], at: datetime) -> None:
    """Rooms that came with people who keep them only as a memory."""
    for some in in_batches(ids):
        Location.objects.filter(pk__in=some, archived_at__isnull=True).update(archived_at=at)


def _put_back_rooms(work: _Work, before: Before) -> None:
    reopened = set(before.rooms_reopened)
    rows = []
    for room in before.rooms_renamed:
        archived = moment(work.at) if room.id in reopened else None
        rows.append((*room.before, archived, room.id))
    # A name that somebody else has taken meanwhile gets a number, as for a new room.
    ours = {room.id for room in before.rooms_renamed} | set(before.rooms_archived)
    used = Location.objects.filter(school_id=work.school_id, archived_at__isnull=True)
    taken = {name.lower() for pk, name in used.values_list("pk", "name") if pk not in ours}
    for number, (name, adult, archived, pk) in enumerate(rows):
        if archived is None:
            free = numbered(name, taken)
            taken.add(free.lower())
            rows[number] = (free, adult, archived, pk)
    _many(
        "UPDATE roster_location SET name = %s, adult_name = %s, archived_at = %s WHERE id = %s",
        rows,
    )
    names: list[tuple[str, int]] = []
    for some in in_batches(before.rooms_archived):
        for pk, name in Location.objects.filter(pk__in=some).values_list("pk", "name"):
            free = numbered(name, taken)
            taken.add(free.lower())
            names.append((free, pk))
    _many("UPDATE roster_location SET name = %s, archived_at = NULL WHERE id = %s", names)


def _put_back(school_id: int, before: Before) -> None:
    there: dict[int, PassAccount] = {}
    for some in in_batches([change.id for change in before.changed]):
        there |= PassAccount.objects.in_bulk(some)
    rows, emails, rooms = [], [], []
    for change in before.changed:
        account = there[change.id]
        old = account.identity_id
        for name, value in change.before.items():
            setattr(account, name, value)
        if change.identity:
            account.identity_id = change.identity
        elif "email" in change.before:
            emails.append((change.before["email"], old))
        if "email" in change.before:
            email = change.before["email"]
            rooms.append((email, account.identity_id, school_id, old, school_id, email))
        rows.append((*(getattr(account, name) for name in FIELDS), account.searched(),
                     account.identity_id, account.pk))  # fmt: skip
    _many(_UPDATE, rows)
    _many("UPDATE accounts_identity SET email = %s WHERE id = %s", emails)
    _many(_UPDATE_CLASSROOM, rooms)
    for some in in_batches([change.id for change in before.changed if change.identity]):
        SignIn.objects.filter(account_id__in=some).delete()
    _many(
        "UPDATE accounts_passaccount SET closed_at = %s WHERE id = %s",
        [(moment(was.closed_at), was.id) for was in before.changed if was.closed_at],
    )
