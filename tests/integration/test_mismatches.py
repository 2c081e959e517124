"""Who is in one product only, and whom they may be in the other."""

from django.test import Client
from django.urls import reverse

from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.integration.mismatches import mismatches
from corridor.integration.people import pass_actor_of
from tests.integration.people import signed
from tests.school import School


def misspell(email: str, as_: str) -> PassAccount:
    """In Pass the address is another one."""
    account = PassAccount.objects.get(email=email)
    account.email = as_
    account.save()
    return account


def client_of(key: str) -> Client:
    client = Client()
    client.force_login(Identity.objects.get(email=f"{key}@example.org"))
    return client


def test_both_sides_and_nobody_of_another_school(a_school: School) -> None:
    found = mismatches(a_school.id)
    assert {one.account.email for one in found.in_classroom} == {
        f"{key}@example.org" for key in ("park", "tia", "lou", "mia")
    }
    assert [one.email for one in found.in_pass] == ["ito@example.org"]
    other = mismatches(a_school.other_id)
    assert (other.in_classroom, other.in_pass) == ((), ())


def test_the_nearest_is_found_by_name_and_by_address(a_school: School) -> None:
    misspell("rivera@example.org", "r.rivera@example.org")
    misspell("cam@example.org", "kam@example.org")
    found = {one.account.email: one.candidates for one in mismatches(a_school.id).in_classroom}
    assert [one.email for one in found["rivera@example.org"]] == ["r.rivera@example.org"]
    assert [one.email for one in found["cam@example.org"]] == ["kam@example.org"]
    assert found["park@example.org"] == ()
    assert mismatches(a_school.id).in_classroom[0].candidates  # what can be corrected, first


def test_an_adult_is_never_offered_a_student(a_school: School) -> None:
    """Mia Lopez, a student, is not in Pass; an adult of that name is."""
    PassAccount.objects.filter(email="ito@example.org").update(display_name="Mia Lopez")
    found = {one.account.email: one.candidates for one in mismatches(a_school.id).in_classroom}
    assert found["mia@example.org"] == ()


def test_one_press_corrects_the_address_in_classroom(a_school: School) -> None:
    account = misspell("rivera@example.org", "r.rivera@example.org")
    room = ClassroomAccount.objects.get(email="rivera@example.org")
    before = signed(a_school, "rivera")
    assert pass_actor_of(before) is None
    dana, data = client_of("dana"), {"account": room.pk, "candidate": account.pk}
    page = dana.get(reverse("classroom:mismatches")).content.decode()
    assert "r.rivera@example.org" in page
    answer = dana.post(reverse("classroom:correct_mismatch"), data | {"where": "classroom"})
    assert answer.status_code == 302
    actor = pass_actor_of(before)
    assert actor is not None and actor.account_id == account.pk


def test_or_in_pass_by_an_admin_of_pass_only(a_school: School) -> None:
    account = misspell("rivera@example.org", "r.rivera@example.org")
    room = ClassroomAccount.objects.get(email="rivera@example.org")
    data = {"account": room.pk, "candidate": account.pk, "where": "pass"}
    address = reverse("classroom:correct_mismatch")
    PassAccount.objects.filter(email="dana@example.org").update(role="teacher")
    assert client_of("dana").post(address, data).status_code == 403
    PassAccount.objects.filter(email="dana@example.org").update(role="admin")
    assert client_of("dana").post(address, data).status_code == 302
    account.refresh_from_db()
    assert account.email == "rivera@example.org"


def test_whoever_is_of_another_school_or_gone_is_not_found(a_school: School) -> None:
    account = PassAccount.objects.get(email="stone@example.org")
    room = ClassroomAccount.objects.get(email="park@example.org")
    data = {"account": room.pk, "candidate": account.pk}
    address = reverse("classroom:correct_mismatch")
    assert client_of("dana").post(address, data).status_code == 404
    assert client_of("otto").post(address, data).status_code == 404
    assert client_of("rivera").post(address, data).status_code == 403
