"""A new password ends every other session of the person."""

from django.test import Client

from corridor.accounts.models import PassAccount
from tests.school import School


def test_a_changed_password_ends_the_other_sessions(a_school: School) -> None:
    identity = PassAccount.objects.get(pk=a_school.id_of(a_school.rivera)).identity
    identity.set_password("the-old-password-1")
    identity.save()
    here, elsewhere = Client(), Client()
    here.force_login(identity)
    elsewhere.force_login(identity)
    assert elsewhere.get("/staff").status_code == 200
    new = "a-quite-new-password-2"
    answer = here.post(
        "/account/password",
        {"oldpassword": "the-old-password-1", "password1": new, "password2": new},
    )
    assert answer.status_code == 302
    assert elsewhere.get("/staff").status_code == 302


def test_metrics_are_not_for_whoever_comes_through_a_proxy(a_school: School) -> None:
    assert Client().get("/metrics").status_code == 200
    through = Client(headers={"X-Forwarded-For": "203.0.113.7"})
    assert through.get("/metrics").status_code == 403
