"""Keys by which other programs use the API: make, revoke, and know whose key it is.

A secret is 256 random bits. Nobody can guess it or look it up in a list, so one SHA-256 protects it
as well as a slow hash would, and costs nothing on every request; passwords, which people choose,
need Argon2.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from django.db.models import F, Q

from corridor.accounts.actors import ADULTS, Actor
from corridor.accounts.events import ApiKeyMade, ApiKeyRevoked
from corridor.accounts.models import ApiKey, PassAccount
from corridor.live.log import Turn, record
from corridor.live.sql import moment, moment_read, rows

SCOPES: Final = ("passes:read", "passes:write", "people:read", "places:read", "events:read")
# Only these change anything, and a change is somebody's.
WRITING: Final = frozenset({"passes:write"})

BELIEVED_SECONDS = 3.0
_USE_NOTED_EVERY = timedelta(minutes=1)
_BEGINNING = "corridor"


class NeedsAdult(Exception):
    """A key that may change something acts as an adult of its school."""


class Keyed(msgspec.Struct, frozen=True):
    """A key that is good now: of which school, what it may do, and as whom it acts."""

    id: int
    name: str
    school_id: int
    scopes: frozenset[str]
    actor: Actor | None
    last_used_at: datetime | None

    @property
    def reader(self) -> Actor:
        """Who reads by this key: its adult, else the program by the key's name."""
        return self.actor or Actor(None, self.school_id, "program", self.name, "api")


def make_key(
    tx: Turn,
    *,
    name: str,
    scopes: Collection[str],
    account_id: int | None,
    expires_at: datetime | None,
    by: Actor,
    at: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is told this once.

    Raises `NeedsAdult` where the key may change something and the account is no open adult one.
    """
    may = tuple(scope for scope in SCOPES if scope in scopes)
    adult = PassAccount.objects.filter(
        pk=account_id or 0, school_id=tx.school_id, role__in=ADULTS, closed_at__isnull=True
    )
    if not adult.exists() and (account_id is not None or WRITING.intersection(may)):
        raise NeedsAdult
    prefix, rest = secrets.token_hex(6), secrets.token_hex(32)
    secret = f"{_BEGINNING}_{prefix}_{rest}"
    key = ApiKey.objects.create(
        school_id=tx.school_id,
        name=name,
        prefix=prefix,
        hash=_hashed(secret),
        scopes=" ".join(may),
        account_id=account_id,
        made_at=at,
        expires_at=expires_at,
    )
    event = ApiKeyMade(
        key_id=key.pk, name_shown=name, scopes=may, account_id=account_id, by=by.who, at=at
    )
    record(tx, event)
    return key, secret


def revoke_key(tx: Turn, *, key_id: int, by: Actor, at: datetime) -> None:
    """End a key: its requests are refused and its streams end.

    Nothing happens to a key that is revoked already or that this school does not have.
    """
    key = ApiKey.objects.filter(pk=key_id, school_id=tx.school_id, revoked_at__isnull=True).first()
    if key is None:
        return
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    forget()
    record(tx, ApiKeyRevoked(key_id=key.pk, name_shown=key.name, by=by.who, at=at))


def keys_of(school_id: int) -> list[ApiKey]:
    """The keys of a school: good ones first, the newest first."""
    return list(
        ApiKey.objects.filter(school_id=school_id)
        .select_related("account")
        .order_by(F("revoked_at").desc(nulls_first=True), "-made_at", "-pk")
    )


def adults_of(school_id: int) -> list[PassAccount]:
    """The adults a key of this school may act as, by name."""
    return list(
        PassAccount.objects.filter(
            school_id=school_id, role__in=ADULTS, closed_at__isnull=True
        ).order_by("family_name", "given_name")
    )


_believed: dict[str, tuple[float, Keyed]] = {}


def keyed(secret: str, at: datetime) -> Keyed | None:
    """Whose key this is now, or None: unknown, over, revoked, or of no open adult."""
    digest = _hashed(secret)
    remembered = _believed.get(digest)
    if remembered is not None and remembered[0] > time.monotonic():
        return remembered[1]
    found = _ask(secret, digest, at)
    if found is None:
        _believed.pop(digest, None)
        return None
    if len(_believed) > 1000:
        _believed.clear()
    _believed[digest] = (time.monotonic() + BELIEVED_SECONDS, found)
    return found


def forget() -> None:
    """Ask again next time."""
    _believed.clear()


def still_good(key_ids: Iterable[int], at: datetime) -> set[int]:
    """Those of these keys that are still good. Used for streams."""
    return set(
        ApiKey.objects.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at),
            Q(account__isnull=True)
            | Q(
                account__closed_at__isnull=True,
                account__identity__is_active=True,
                account__role__in=ADULTS,
            ),
            pk__in=list(key_ids),
            revoked_at__isnull=True,
        ).values_list("pk", flat=True)
    )


def note_use(key: Keyed, at: datetime) -> None:
    """Write down that the key was used, at most once a minute."""
    before = at - _USE_NOTED_EVERY
    if key.last_used_at is None or key.last_used_at <= before:
        ApiKey.objects.filter(
            Q(last_used_at__isnull=True) | Q(last_used_at__lte=before), pk=key.id
        ).update(last_used_at=at)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _ask(secret: str, digest: str, at: datetime) -> Keyed | None:
    beginning, _, rest = secret.partition("_")
    prefix = rest.partition("_")[0]
    if beginning != _BEGINNING or not prefix.isalnum() or not prefix.isascii():
        return None
    found = rows(
        "SELECT k.id, k.name, k.school_id, k.hash, k.scopes, k.last_used_at,"
        " a.id, a.role, a.display_name, l.location_id"
        " FROM accounts_apikey k"
        " LEFT JOIN accounts_passaccount a ON a.id = k.account_id"
        " LEFT JOIN accounts_identity i ON i.id = a.identity_id"
        " LEFT JOIN accounts_locationlink l ON l.account_id = a.id"
        " WHERE k.prefix = %s AND k.revoked_at IS NULL"
        " AND (k.expires_at IS NULL OR k.expires_at > %s)"
        " AND (k.account_id IS NULL OR (a.closed_at IS NULL AND i.is_active"
        f" AND a.role IN ({', '.join(['%s'] * len(ADULTS))})))",
        (prefix, moment(at), *ADULTS),
    )
    if not found or not hmac.compare_digest(digest, found[0][3]):
        return None
    key_id, name, school_id, _, scopes, used_at, account_id, role, shown, _ = found[0]
    actor = None
    if account_id is not None:
        places = frozenset(row[9] for row in found if row[9] is not None)
        actor = Actor(account_id, school_id, role, shown, "api", places)
    return Keyed(key_id, name, school_id, frozenset(scopes.split()), actor, moment_read(used_at))
