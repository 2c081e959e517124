"""Whose device it is: by sign-in, by key, by code; and when that ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from corridor.accounts import devices
from corridor.accounts.classroom_people import change_classroom_account
from corridor.accounts.devices import NoSuchStudent, Owner, still_permitted
from corridor.accounts.models import ClassroomAccount, DeviceKey, PairedDevice, PairingCode
from tests.flows.signing_in import sign_in
from tests.school import School

ANA = "ana@example.org"


def account(school: School, name: str) -> ClassroomAccount:
    return ClassroomAccount.objects.get(email=f"{name}@example.org")


def a_key(school: School) -> str:
    _, secret = school.do(devices.make_device_key, name="Carts", by=school.classroom.dana)
    return str(secret)


def a_code(school: School, name: str = "ana", **more: Any) -> str:
    by = more.pop("by", school.classroom.dana)
    student = account(school, name).pk
    return str(school.do(devices.make_pairing_code, student_id=student, by=by))


def paired(school: School, code: str) -> tuple[Owner, str] | None:
    return devices.pair(code, name="Laptop", at=school.clock.at)


def is_permitted(school: School, owner: Owner) -> bool:
    return still_permitted([owner.permit], school.clock.at) == {owner.permit}


def test_a_page_is_its_students(a_school: School) -> None:
    ana = account(a_school, "ana")
    owner = devices.owner_by_session(sign_in(ana), ana.pk, a_school.clock.at)
    assert owner is not None
    assert (owner.student_id, owner.name, owner.school_id) == (ana.pk, "Ana Lopez", a_school.id)
    assert is_permitted(a_school, owner)


def test_a_page_stays_its_students_when_the_address_was_corrected(a_school: School) -> None:
    """Pass keeps the old address, so that the account has an identity of its own from now on."""
    ana = account(a_school, "ana")
    key = sign_in(ana)
    before = devices.owner_by_session(key, ana.pk, a_school.clock.at)
    assert before is not None
    change = {"email": "ana-new@example.org"}
    a_school.do(change_classroom_account, ana, change, by=a_school.classroom.dana)
    assert is_permitted(a_school, before)
    assert devices.owner_by_session(key, ana.pk, a_school.clock.at) == before


@pytest.mark.parametrize("other", ["ben", "eli", "rivera"])
def test_a_page_is_nobody_elses(a_school: School, other: str) -> None:
    key = sign_in(account(a_school, "ana"))
    assert devices.owner_by_session(key, account(a_school, other).pk, a_school.clock.at) is None


def test_an_adult_has_no_device(a_school: School) -> None:
    rivera = account(a_school, "rivera")
    assert devices.owner_by_session(sign_in(rivera), rivera.pk, a_school.clock.at) is None
    assert devices.owner_by_key(a_key(a_school), rivera.email, a_school.clock.at) is None
    with pytest.raises(NoSuchStudent):
        a_code(a_school, "rivera")


def test_a_sign_in_that_is_over_is_nobodys(a_school: School) -> None:
    ana = account(a_school, "ana")
    key = sign_in(ana)
    a_school.clock.move(days=400)
    assert devices.owner_by_session(key, ana.pk, a_school.clock.at) is None


def test_the_schools_key_and_an_address_name_a_student(a_school: School) -> None:
    secret = a_key(a_school)
    owner = devices.owner_by_key(secret, "  ANA@Example.org", a_school.clock.at)
    assert owner is not None
    assert owner.student_id == account(a_school, "ana").pk
    assert DeviceKey.objects.get().last_used_at == a_school.clock.at


@pytest.mark.parametrize(
    "spoil",
    [
        lambda secret: secret[:-1] + ("0" if secret[-1] != "0" else "1"),
        lambda secret: secret.replace("corridor-devices", "corridor"),
        lambda secret: secret[:40],
        lambda secret: "",
        lambda secret: "corridor-devices_" + "\0" * 12 + "_x",
    ],
)
def test_a_spoilt_key_is_nobodys(a_school: School, spoil: Callable[[str], str]) -> None:
    assert devices.owner_by_key(spoil(a_key(a_school)), ANA, a_school.clock.at) is None


def test_a_key_knows_only_its_own_school(a_school: School) -> None:
    assert devices.owner_by_key(a_key(a_school), "eli@example.org", a_school.clock.at) is None


def test_secrets_are_not_kept(a_school: School) -> None:
    secret, code = a_key(a_school), a_code(a_school)
    found = paired(a_school, code)
    assert found is not None
    assert secret.split("_")[2] not in DeviceKey.objects.get().hash
    assert found[1].split("_")[1] not in PairedDevice.objects.get().hash
    assert not PairingCode.objects.exists()


def test_a_code_pairs_one_device_once(a_school: School) -> None:
    code = a_code(a_school)
    found = paired(a_school, code.lower().replace("-", " "))
    assert found is not None
    owner, secret = found
    assert owner.student_id == account(a_school, "ana").pk
    assert devices.owner_by_device(secret, a_school.clock.at) == owner
    assert paired(a_school, code) is None


def test_a_code_lives_for_ten_minutes(a_school: School) -> None:
    code = a_code(a_school)
    a_school.clock.move(minutes=10)
    assert paired(a_school, code) is None


def test_a_new_code_ends_the_one_before(a_school: School) -> None:
    first, second = a_code(a_school), a_code(a_school)
    assert paired(a_school, first) is None
    assert paired(a_school, second) is not None


def test_nobody_makes_a_code_for_a_student_of_another_school(a_school: School) -> None:
    with pytest.raises(NoSuchStudent):
        a_code(a_school, "eli")


def revoke_key(school: School) -> None:
    school.do(
        devices.revoke_device_key, key_id=DeviceKey.objects.get().pk, by=school.classroom.dana
    )


def revoke_device(school: School) -> None:
    school.do(
        devices.revoke_device, device_id=PairedDevice.objects.get().pk, by=school.classroom.dana
    )


def close_account(school: School) -> None:
    ClassroomAccount.objects.filter(email=ANA).update(closed_at=school.clock.at)


def owners(school: School) -> dict[str, Owner]:
    """Ana, let in by everything there is."""
    ana, at = account(school, "ana"), school.clock.at
    found = paired(school, a_code(school))
    assert found is not None
    by_page = devices.owner_by_session(sign_in(ana), ana.pk, at)
    by_key = devices.owner_by_key(a_key(school), ANA, at)
    assert by_page is not None
    assert by_key is not None
    return {"page": by_page, "key": by_key, "device": found[0]}


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (revoke_key, {"page", "device"}),
        (revoke_device, {"page", "key"}),
        (close_account, set()),
        (lambda school: school.clock.move(days=400), {"key", "device"}),
    ],
)
def test_what_ends_a_permit(a_school: School, end: Callable[[School], Any], left: set[str]) -> None:
    let_in = owners(a_school)
    permits = {owner.permit for owner in let_in.values()}
    assert still_permitted(permits, a_school.clock.at) == permits
    end(a_school)
    good = still_permitted(permits, a_school.clock.at)
    assert {by for by, owner in let_in.items() if owner.permit in good} == left


def test_nobody_revokes_what_another_school_has(a_school: School) -> None:
    let_in = owners(a_school)
    otto = a_school.classroom.otto
    for key in DeviceKey.objects.all():
        a_school.do(devices.revoke_device_key, key_id=key.pk, by=otto)
    for device in PairedDevice.objects.all():
        a_school.do(devices.revoke_device, device_id=device.pk, by=otto)
    assert all(is_permitted(a_school, owner) for owner in let_in.values())


def test_use_is_noted_once_an_hour(a_school: School) -> None:
    secret, begun = a_key(a_school), a_school.clock.at
    for minutes in (0, 30, 59):
        a_school.clock.at = begun + timedelta(minutes=minutes)
        devices.owner_by_key(secret, ANA, a_school.clock.at)
    assert DeviceKey.objects.get().last_used_at == begun
    a_school.clock.at = begun + timedelta(minutes=60)
    devices.owner_by_key(secret, ANA, a_school.clock.at)
    assert DeviceKey.objects.get().last_used_at == a_school.clock.at
