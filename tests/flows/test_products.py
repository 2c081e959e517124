"""Two products in one house: who has which, how one goes from one to the other."""

import pytest
from django.test import Client
from django.urls import reverse

from corridor.accounts.classroom_people import close_classroom_account
from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from tests.school import School
from tests.signed_in import sign_in


def client_of(key: str) -> Client:
    client = Client()
    sign_in(client, Identity.objects.get(email=f"{key}@example.org"))
    return client


def lands_on(client: Client) -> str:
    answer = client.get("/", follow=True)
    assert answer.status_code == 200
    return str(answer.request["PATH_INFO"])


def classroom_key(key: str) -> str:
    return f"classroom-{ClassroomAccount.objects.get(email=f'{key}@example.org').pk}"


@pytest.mark.parametrize(
    ("key", "page"),
    [
        ("rivera", "/staff"), ("ana", "/student"), ("ito", "/staff"),
        ("park", "/classroom/classes"), ("lou", "/classroom/student"),
    ],
)  # fmt: skip
def test_the_front_door_leads_to_what_one_has(a_school: School, key: str, page: str) -> None:
    assert lands_on(client_of(key)) == page


def test_the_front_door_remembers_the_product_used_last(a_school: School) -> None:
    rivera = client_of("rivera")
    page = rivera.get("/staff").content.decode()
    assert f'value="{classroom_key("rivera")}"' in page
    rivera.post(reverse("switch"), {"account": classroom_key("rivera")})
    assert lands_on(rivera) == "/classroom/classes"
    back = str(PassAccount.objects.get(email="rivera@example.org", school_id=a_school.id).pk)
    assert f'value="{back}"' in rivera.get("/classroom/classes").content.decode()
    rivera.post(reverse("switch"), {"account": back})
    assert lands_on(rivera) == "/staff"


def test_whoever_has_one_product_is_offered_no_other(a_school: School) -> None:
    assert "product-button" not in client_of("ito").get("/staff").content.decode()
    assert "product-button" not in client_of("park").get("/classroom/classes").content.decode()


@pytest.mark.parametrize(
    ("key", "path"), [("park", "/staff"), ("lou", "/student"), ("ito", "/classroom/classes")]
)
def test_the_other_product_says_no_and_not_sign_in(a_school: School, key: str, path: str) -> None:
    assert client_of(key).get(path).status_code == 403


def test_nobody_goes_on_as_somebody_else(a_school: School) -> None:
    answer = client_of("park").post(reverse("switch"), {"account": classroom_key("rivera")})
    assert answer.status_code == 404


def test_without_any_account_the_page_says_so(a_school: School) -> None:
    room, park = a_school.classroom, client_of("park")
    a_school.do(close_classroom_account, account_id=room.park.account_id, by=room.dana)
    sign_in(park, Identity.objects.get(email="park@example.org"))
    answer = park.get("/")
    assert answer.status_code == 403
    assert "has no open account here" in answer.content.decode()
