"""Who is in one product only, and whom they may be in the other."""

import pytest
from django.test import Client
from django.urls import reverse

from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.accounts.names import is_same_name
from corridor.integration.mismatches import mismatches
from corridor.integration.people import pass_actor_of
from tests.integration.people import signed
from tests.school import School
from tests.signed_in import sign_in


def misspell(email: str, as_: str) -> PassAccount:
    """In Pass the address is another one."""
    account = PassAccount.objects.get(email=email)
    account.email = as_
    account.save()
    return account


def client_of(key: str) -> Client:
    client = Client()
    sign_in(client, Identity.objects.get(email=f"{key}@example.org"))
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


def test_whoever_has_another_name_by_now_is_found(a_school: School) -> None:
    """Also where the address turns family name and given name round."""
    PassAccount.objects.filter(email="rivera@example.org").update(
        display_name="Ms. Rivera-Soto", email="rivera.carmen@example.org"
    )
    ClassroomAccount.objects.filter(email="rivera@example.org").update(
        email="carmen.rivera@example.org"
    )
    found = {one.account.email: one.candidates for one in mismatches(a_school.id).in_classroom}
    (near,) = found["carmen.rivera@example.org"]
    assert (near.email, near.doubt) == ("rivera.carmen@example.org", "differ")


def test_an_adult_is_never_offered_a_student(a_school: School) -> None:
    """Mia Lopez, a student, is not in Pass; an adult of that name is."""
    PassAccount.objects.filter(email="ito@example.org").update(display_name="Mia Lopez")
    found = {one.account.email: one.candidates for one in mismatches(a_school.id).in_classroom}
    assert found["mia@example.org"] == ()


def test_what_a_whole_school_shares_is_nobodys_second_spelling(a_school: School) -> None:
    """“Ms.” and “@example.org” are the same for all; the surname alone is not enough."""
    PassAccount.objects.filter(email="ito@example.org").update(display_name="Ms. Ito")
    ClassroomAccount.objects.filter(email="park@example.org").update(display_name="Ms. Park")
    PassAccount.objects.filter(email="ben@example.org").update(
        display_name="Olga Lopez", email="olopez@example.org"
    )
    found = {one.account.email: one.candidates for one in mismatches(a_school.id).in_classroom}
    assert found["park@example.org"] == found["mia@example.org"] == ()


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Ms. Rivera", "rivera", True),
        ("López, José", "Jose Lopez", True),
        ("Ms. Lee", "Mr. Lee", False),
        ("Ms. Rivera", "Ms. Rivero", False),
        ("Coach", "Nurse", False),
        ("🦊", "🐻", False),
        ("🦊", "🦊", False),
    ],
)
def test_names_agree_beyond_case_titles_and_order(one: str, other: str, is_same: bool) -> None:
    assert is_same_name(one, other) is is_same


def lee(product: type[ClassroomAccount | PassAccount], email: str, given: str, to: str) -> int:
    """This person is one more “Ms. Lee” (or the first), with another address; their id."""
    account = product.objects.get(email=email)
    account.display_name, account.given_name, account.family_name = "Ms. Lee", given, "Lee"
    account.email = to
    account.save()
    return int(account.pk)


def test_of_two_who_are_shown_by_the_same_name_the_whole_name_tells(a_school: School) -> None:
    room = lee(ClassroomAccount, "rivera@example.org", "Grace", "g.lee@example.org")
    hana = lee(PassAccount, "rivera@example.org", "Hana", "h.lee@example.org")
    grace = lee(PassAccount, "ito@example.org", "Grace", "grace.lee@example.org")
    (found,) = (one for one in mismatches(a_school.id).in_classroom if one.account.id == room)
    assert {one.id: one.doubt for one in found.candidates} == {hana: "differ", grace: ""}
    dana = client_of("dana")
    asks = dana.get(reverse("classroom:mismatches")).content.decode().split("The names differ.")[1]
    assert "(Grace Lee)" in asks and "(Hana Lee)" in asks
    data = {"account": room, "where": "classroom"}
    dana.post(reverse("classroom:correct_mismatch"), data | {"candidate": hana})
    assert ClassroomAccount.objects.get(pk=room).email == "g.lee@example.org"
    dana.post(reverse("classroom:correct_mismatch"), data | {"candidate": grace})
    assert ClassroomAccount.objects.get(pk=room).email == "grace.lee@example.org"


@pytest.mark.parametrize("several_in", ["pass", "classroom"])
def test_where_several_may_have_the_name_it_is_asked(a_school: School, several_in: str) -> None:
    """Ms. Lee of the one product has no given name; in the other there are two."""
    one, two = (ClassroomAccount, PassAccount)[:: 1 if several_in == "pass" else -1]
    alone = lee(one, "rivera@example.org", "", "lee@example.org")
    both = [
        lee(two, "rivera@example.org", "Grace", "grace.lee@example.org"),
        lee(two, "okafor@example.org", "Hana", "hana.lee@example.org"),
    ]
    found = {
        (mismatch.account.id, near.id): near.doubt
        for mismatch in mismatches(a_school.id).in_classroom
        for near in mismatch.candidates
    }
    pairs = [(alone, other)[:: 1 if several_in == "pass" else -1] for other in both]
    assert found == dict.fromkeys(pairs, "several")
    dana = client_of("dana")
    page = dana.get(reverse("classroom:mismatches")).content.decode()
    assert "Are these two one person? Others have the same name." in page
    data = {"account": pairs[0][0], "candidate": pairs[0][1], "where": "classroom"}
    dana.post(reverse("classroom:correct_mismatch"), data)
    assert "may be two people" in dana.get(reverse("classroom:mismatches")).content.decode()
    dana.post(reverse("classroom:correct_mismatch"), data | {"sure": "on"})
    assert "now instead of" in dana.get(reverse("classroom:mismatches")).content.decode()


def test_names_without_a_word_are_alike_in_nothing(a_school: School) -> None:
    ClassroomAccount.objects.filter(email="ana@example.org").update(display_name="🦊")
    PassAccount.objects.filter(email="ana@example.org").update(
        display_name="🐻", email="ana.l@example.org"
    )
    found = {one.account.email: one.candidates for one in mismatches(a_school.id).in_classroom}
    assert found["ana@example.org"] == ()


def test_where_the_names_differ_the_press_asks_first(a_school: School) -> None:
    account = misspell("rivera@example.org", "r.rivera@example.org")
    PassAccount.objects.filter(pk=account.pk).update(display_name="Ms. Rivera Cruz")
    room = ClassroomAccount.objects.get(email="rivera@example.org")
    dana, address = client_of("dana"), reverse("classroom:mismatches")
    page = dana.get(address).content.decode()
    asks = page[page.index("Are these two one person?") :]
    for word in ("Ms. Rivera", "rivera@example.org", "Ms. Rivera Cruz", "r.rivera@example.org"):
        assert f">{word}<" in asks
    data = {"account": room.pk, "candidate": account.pk, "where": "classroom"}
    dana.post(reverse("classroom:correct_mismatch"), data)
    room.refresh_from_db()
    assert room.email == "rivera@example.org"
    assert "Nothing was changed" in dana.get(address).content.decode()
    dana.post(reverse("classroom:correct_mismatch"), data | {"sure": "on"})
    room.refresh_from_db()
    assert room.email == "r.rivera@example.org"
    told = "Ms. Rivera has the address r.rivera@example.org now instead of rivera@example.org."
    assert told in dana.get(address).content.decode()


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
