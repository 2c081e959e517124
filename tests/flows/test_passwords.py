"""Passwords: a new one ends every other session; guesses stop the guesser and nobody else."""

from base64 import urlsafe_b64decode

from django.core.cache import cache
from django.test import Client, RequestFactory

from corridor.accounts.models import Identity, PassAccount
from corridor.web import known_device
from tests.school import School
from tests.signed_in import sign_in


def test_a_changed_password_ends_the_other_sessions(a_school: School) -> None:
    identity = PassAccount.objects.get(pk=a_school.id_of(a_school.rivera)).identity
    identity.set_password("the-old-password-1")
    identity.save()
    here, elsewhere = Client(), Client()
    sign_in(here, identity)
    sign_in(elsewhere, identity)
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


PASSWORD = "a-long-password-of-hers"


def rivera(school: School) -> Identity:
    """Ms. Rivera with a password, and nobody has guessed it yet."""
    identity = PassAccount.objects.get(pk=school.id_of(school.rivera)).identity
    identity.set_password(PASSWORD)
    identity.save()
    cache.clear()
    return identity


def tries(client: Client, email: str, password: str, source: str) -> bool:
    """Whether this password lets her in, tried once from this network address."""
    data = {"login": email, "password": password}
    return client.post("/account/sign-in", data, REMOTE_ADDR=source).status_code == 302


def test_guesses_lock_out_the_guesser_and_nobody_else(a_school: School) -> None:
    email = rivera(a_school).email
    hers = Client()
    assert tries(hers, email, PASSWORD, "198.51.100.1")
    hers.post("/account/sign-out")
    guesser = Client()
    for _ in range(5):
        assert not tries(guesser, email, "wrong", "198.51.100.1")
    assert not tries(guesser, email, PASSWORD, "198.51.100.1"), "the guesser is not stopped"
    assert tries(hers, email, PASSWORD, "198.51.100.1"), "her own device is locked out"
    assert tries(Client(), email, PASSWORD, "198.51.100.2"), "her other network is locked out"


def test_guesses_from_everywhere_are_stopped_but_not_on_her_device(a_school: School) -> None:
    email = rivera(a_school).email
    hers = Client()
    assert tries(hers, email, PASSWORD, "198.51.100.1")
    hers.post("/account/sign-out")
    for n in range(50):
        assert not tries(Client(), email, "wrong", f"203.0.113.{n}")
    assert not tries(Client(), email, PASSWORD, "203.0.113.99")
    assert tries(hers, email, PASSWORD, "198.51.100.1")


def test_a_known_device_is_not_known_for_somebody_else(a_school: School) -> None:
    email = rivera(a_school).email
    hers = Client()
    assert tries(hers, email, PASSWORD, "198.51.100.1")
    cookie = hers.cookies["corridor-device"].value
    request = RequestFactory().get("/")
    request.COOKIES["corridor-device"] = cookie
    assert known_device.of(request, email)
    assert not known_device.of(request, "dana@example.org")
    request.COOKIES["corridor-device"] = cookie[:-1] + "x"
    assert not known_device.of(request, email)
    assert email.split("@")[0] not in urlsafe_b64decode(cookie.split(":")[0] + "==").decode()


def test_a_network_that_guesses_without_end_locks_out_no_known_device(a_school: School) -> None:
    """And junk from everywhere makes nobody forget whom it has locked."""
    email = rivera(a_school).email
    hers, guesser = Client(), Client()
    assert tries(hers, email, PASSWORD, "198.51.100.1")
    hers.post("/account/sign-out")
    for _ in range(5):
        assert not tries(guesser, email, "wrong", "198.51.100.1")
    for n in range(320):
        tries(Client(), f"nobody{n}@example.org", "wrong", "198.51.100.1")
    assert tries(hers, email, PASSWORD, "198.51.100.1"), "her own device is locked out"
    assert not tries(guesser, email, PASSWORD, "198.51.100.1"), "the guesser is forgotten"
