"""Whose device it is: by the student's own sign-in, by the school's key, by a pairing code.

A device never says which student it belongs to; what it shows is asked here, and the answer holds
for as long as it is connected. Keys and the secrets of paired devices are 256 random bits, for
which one SHA-256 is as good as a slow hash (see `corridor.accounts.keys`). A pairing code is short
enough to be typed, so its hash needs the server's secret too, it lives ten minutes and is good
once; whoever lets devices try counts their tries.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
from django.conf import settings
from django.db.models import F, Q, QuerySet

from corridor.accounts.actors import Actor
from corridor.accounts.events import (
    DeviceKeyMade,
    DeviceKeyRevoked,
    DevicePaired,
    DeviceRevoked,
    PairingCodeMade,
)
from corridor.accounts.models import (
    ClassroomAccount,
    ClassroomRole,
    DeviceKey,
    PairedDevice,
    PairingCode,
    SignIn,
    same_email,
)
from corridor.live.events import Who
from corridor.live.log import Turn, record, turn

CODE_LIVES: Final = timedelta(minutes=10)
# Nothing that is read or typed as something else: no 0 O, 1 I L, 2 Z, 5 S, U V.
_CODE_LETTERS: Final = "346789ABCDEFGHJKMNPQRTWXY"
_CODE_LENGTH: Final = 8
_USE_NOTED_EVERY: Final = timedelta(hours=1)
_KEY_BEGINS, _DEVICE_BEGINS = "corridor-devices", "corridor-device"


class NoSuchStudent(LookupError):
    """The school has no open Classroom account of a student with this id."""


class Permit(msgspec.Struct, frozen=True):
    """By what a device was let in, as which student; asked again while it is connected."""

    by: Literal["session", "key", "device"]
    what: str
    student_id: int

    @property
    def is_page(self) -> bool:
        """It let in a page of this server, and no device of the school."""
        return self.by == "session"


class Owner(msgspec.Struct, frozen=True):
    """The student a device belongs to, and by what it was let in."""

    student_id: int
    name: str
    school_id: int
    school_name: str
    permit: Permit


# Making and revoking


def make_device_key(tx: Turn, *, name: str, by: Actor, at: datetime) -> tuple[DeviceKey, str]:
    """A new key for the devices of the school, and its secret, which is told this once."""
    prefix, rest = secrets.token_hex(6), secrets.token_hex(32)
    secret = f"{_KEY_BEGINS}_{prefix}_{rest}"
    key = DeviceKey.objects.create(
        school_id=tx.school_id, name=name, prefix=prefix, hash=_hashed(secret), made_at=at
    )
    record(
        tx,
        DeviceKeyMade(school_id=tx.school_id, key_id=key.pk, name_shown=name, by=by.who, at=at),
    )
    return key, secret


def revoke_device_key(tx: Turn, *, key_id: int, by: Actor, at: datetime) -> None:
    """End a key: whoever signed in with it is cut off.

    Nothing happens to a key that is revoked already or that this school does not have.
    """
    key = DeviceKey.objects.filter(
        pk=key_id, school_id=tx.school_id, revoked_at__isnull=True
    ).first()
    if key is None:
        return
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    event = DeviceKeyRevoked(
        school_id=tx.school_id, key_id=key.pk, name_shown=key.name, by=by.who, at=at
    )
    record(tx, event)


def make_pairing_code(tx: Turn, *, student_id: int, by: Actor, at: datetime) -> str:
    """A code by which one device can join this student; an older one is good no more.

    Raises `NoSuchStudent`.
    """
    student = open_students(tx.school_id).filter(pk=student_id).first()
    if student is None:
        raise NoSuchStudent(student_id)
    PairingCode.objects.filter(Q(account=student) | Q(expires_at__lte=at)).delete()
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    PairingCode.objects.create(account=student, hash=_hashed_code(code), expires_at=at + CODE_LIVES)
    event = PairingCodeMade(
        school_id=tx.school_id, student_id=student.pk, name_shown=student.display_name,
        by=by.who, at=at,
    )  # fmt: skip
    record(tx, event)
    return f"{code[:4]}-{code[4:]}"


def pair(code: str, *, name: str, at: datetime) -> tuple[Owner, str] | None:
    """Join a device to the student of the code: whose it is, and the secret it keeps.

    None: there is no such code, or it has been used, or its ten minutes are over.
    """
    found = (
        PairingCode.objects.filter(
            hash=_hashed_code(code), expires_at__gt=at, **_open_student("account__")
        )
        .select_related("account__school")
        .first()
    )
    if found is None:
        return None
    student = found.account
    with turn(student.school_id) as tx:
        if not PairingCode.objects.filter(pk=found.pk).delete()[0]:
            return None  # another device was faster
        secret = f"{_DEVICE_BEGINS}_{secrets.token_hex(32)}"
        device = PairedDevice.objects.create(
            account=student, name=name, hash=_hashed(secret), paired_at=at, last_used_at=at
        )
        event = DevicePaired(
            school_id=tx.school_id, device_id=device.pk, student_id=student.pk, name_shown=name,
            by=Who(student.pk, student.display_name, "student", "agent"), at=at,
        )  # fmt: skip
        record(tx, event)
    return _owner(student, "device", str(device.pk)), secret


def revoke_device(tx: Turn, *, device_id: int, by: Actor, at: datetime) -> None:
    """Take a paired device from its student; nothing happens to one that is not there."""
    device = PairedDevice.objects.filter(
        pk=device_id, account__school_id=tx.school_id, revoked_at__isnull=True
    ).first()
    if device is None:
        return
    device.revoked_at = at
    device.save(update_fields=["revoked_at"])
    event = DeviceRevoked(
        school_id=tx.school_id, device_id=device.pk, student_id=device.account_id,
        name_shown=device.name, by=by.who, at=at,
    )  # fmt: skip
    record(tx, event)


# Asking


def owner_by_session(session_key: str, account_id: int, at: datetime) -> Owner | None:
    """The student whose sign-in this is, if this is the account that the page was drawn for."""
    sign_in = SignIn.objects.filter(session_key=session_key, expire_date__gt=at).first()
    if sign_in is None or sign_in.identity_id is None:
        return None
    if sign_in.classroom_account_id != account_id:
        return None  # gone on to somebody else, or to another school
    found = (
        _open_students()
        .filter(
            Q(identity_id=sign_in.identity_id) | Q(identity_id=sign_in.also_identity_id),
            pk=account_id,
        )
        .first()
    )
    return _owner(found, "session", session_key) if found is not None else None


def owner_by_key(secret: str, email: str, at: datetime) -> Owner | None:
    """The student of the key's school with this e-mail address."""
    beginning, _, rest = secret.partition("_")
    prefix = rest.partition("_")[0]
    if beginning != _KEY_BEGINS or not prefix.isalnum() or not prefix.isascii():
        return None
    key = DeviceKey.objects.filter(prefix=prefix, revoked_at__isnull=True).first()
    if key is None or not hmac.compare_digest(key.hash, _hashed(secret)):
        return None
    found = open_students(key.school_id).filter(email=same_email(email)).first()
    if found is None:
        return None
    _note_use(key, at)
    return _owner(found, "key", str(key.pk))


def owner_by_device(secret: str, at: datetime) -> Owner | None:
    """The student to whom this paired device belongs."""
    device = (
        PairedDevice.objects.filter(
            hash=_hashed(secret), revoked_at__isnull=True, **_open_student("account__")
        )
        .select_related("account__school")
        .first()
    )
    if device is None:
        return None
    _note_use(device, at)
    return _owner(device.account, "device", str(device.pk))


def still_permitted(permits: Collection[Permit], at: datetime) -> set[Permit]:
    """Those of these permits that are still good: not over, not revoked, the account open."""
    good: set[Permit] = set()
    listed = list(permits)
    for start in range(0, len(listed), 500):
        good |= _still_permitted(listed[start : start + 500], at)
    return good


def open_students(school_id: int) -> QuerySet[ClassroomAccount]:
    """The students with an open Classroom account in a school."""
    return _open_students().filter(school_id=school_id)


def device_keys_of(school_id: int) -> list[DeviceKey]:
    """The keys of a school: good ones first, the newest first."""
    return list(
        DeviceKey.objects.filter(school_id=school_id).order_by(
            F("revoked_at").desc(nulls_first=True), "-made_at", "-pk"
        )
    )


def paired_devices_of(school_id: int) -> list[PairedDevice]:
    """The paired devices of a school's students that are not revoked, by student."""
    return list(
        PairedDevice.objects.filter(account__school_id=school_id, revoked_at__isnull=True)
        .select_related("account")
        .order_by("account__display_name", "-paired_at")
    )


def _still_permitted(permits: list[Permit], at: datetime) -> set[Permit]:
    def of(kind: str) -> list[Permit]:
        return [permit for permit in permits if permit.by == kind]

    ids = {permit.student_id for permit in permits}
    identities = dict(_open_students().filter(pk__in=ids).values_list("pk", "identity_id"))
    keys = DeviceKey.objects.filter(
        pk__in={int(permit.what) for permit in of("key")}, revoked_at__isnull=True
    )
    devices = PairedDevice.objects.filter(
        pk__in={int(permit.what) for permit in of("device")}, revoked_at__isnull=True
    )
    sessions = SignIn.objects.filter(
        session_key__in={permit.what for permit in of("session")}, expire_date__gt=at
    )
    good = {("key", str(pk)) for pk in keys.values_list("pk", flat=True)}
    good |= {("device", str(pk)) for pk in devices.values_list("pk", flat=True)}
    whose = {
        (key, identity, account)
        for key, account, *identities in sessions.values_list(
            "session_key", "classroom_account_id", "identity_id", "also_identity_id"
        )
        for identity in identities
    }
    return {
        permit
        for permit in permits
        if permit.student_id in identities
        and (
            (permit.by, permit.what) in good
            or (permit.what, identities[permit.student_id], permit.student_id) in whose
        )
    }


def _open_student(path: str = "") -> dict[str, object]:
    return {
        f"{path}role": ClassroomRole.STUDENT,
        f"{path}closed_at__isnull": True,
        f"{path}identity__is_active": True,
    }


def _open_students() -> QuerySet[ClassroomAccount]:
    return ClassroomAccount.objects.filter(**_open_student()).select_related("school")


def _owner(student: ClassroomAccount, by: Literal["session", "key", "device"], what: str) -> Owner:
    permit = Permit(by, what, student.pk)
    return Owner(student.pk, student.display_name, student.school_id, student.school.name, permit)


def _note_use(used: DeviceKey | PairedDevice, at: datetime) -> None:
    """Write down when it was used, at most once an hour: a whole school signs in at eight."""
    if used.last_used_at is None or used.last_used_at <= at - _USE_NOTED_EVERY:
        used.last_used_at = at
        used.save(update_fields=["last_used_at"])


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _hashed_code(code: str) -> str:
    plain = "".join(code.split()).replace("-", "").upper()
    secret = f"corridor.pairing-code:{settings.SECRET_KEY}"
    return hmac.digest(secret.encode(), plain.encode(), "sha256").hex()
