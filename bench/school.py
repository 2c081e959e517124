"""Fill the database that the environment names with a school, its people and their sign-ins.

Run beside a server (`python -m bench.school students adults file`): writes whom it made to the
file. Everything goes in bulk: a school of 10,000 is made in seconds, without hashing a password.
"""

import json
import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402

from corridor import clock  # noqa: E402
from corridor.accounts.models import Identity, LocationLink, PassAccount, SignIn  # noqa: E402
from corridor.accounts.sessions import ACCOUNT, SessionStore  # noqa: E402
from corridor.roster.models import District, Location  # noqa: E402
from corridor.roster.schools import open_school  # noqa: E402
from corridor.roster.settings import SchoolSettings  # noqa: E402

SHARED_PLACES = 10


def fill(students: int, adults: int, capacity: int | None = None) -> dict[str, Any]:
    """A school; the ids and session keys of its people, the ids of its places."""
    district, _ = District.objects.get_or_create(name="Bench")
    mark = secrets.token_hex(3)
    school = open_school(district=district, name=f"School {mark}", settings=SchoolSettings())
    pupils = _accounts(school.pk, mark, "student", students)
    # The last adult is the office, which sees the whole building.
    teachers = _accounts(school.pk, mark, "teacher", adults) + _accounts(
        school.pk, mark, "admin", 1
    )
    rooms = Location.objects.bulk_create(
        Location(
            school=school,
            name=f"Room {number}",
            adult_name=teacher.display_name,
            trip_type="layover",
        )
        for number, teacher in enumerate(teachers, 1)
    )
    LocationLink.objects.bulk_create(
        LocationLink(account=teacher, location=room, is_personal=True)
        for teacher, room in zip(teachers, rooms, strict=True)
    )
    places = Location.objects.bulk_create(
        Location(school=school, name=f"Restroom {number}", capacity=capacity)
        for number in range(1, SHARED_PLACES + 1)
    )
    return {
        "school": school.pk,
        "places": [place.pk for place in places],
        "students": _signed_in(pupils),
        "adults": [
            {**person, "room": room.pk}
            for person, room in zip(_signed_in(teachers), rooms, strict=True)
        ],
    }


def _accounts(school_id: int, mark: str, role: str, count: int) -> list[PassAccount]:
    names = [f"{role}-{number}-{mark}" for number in range(1, count + 1)]
    identities = Identity.objects.bulk_create(
        [Identity(email=f"{name}@example.org", password="!") for name in names],
        batch_size=1000,
    )
    return PassAccount.objects.bulk_create(
        [
            PassAccount(
                school_id=school_id,
                identity=identity,
                email=identity.email,
                role=role,
                given_name=role.title(),
                family_name=f"Number {number}",
                display_name=f"{role.title()} Number {number}",
                grade="9" if role == "student" else "",
            )
            for number, identity in enumerate(identities, 1)
        ],
        batch_size=1000,
    )


def _signed_in(accounts: list[PassAccount]) -> list[dict[str, Any]]:
    store = SessionStore()
    until = clock.now() + timedelta(days=1)
    sessions = []
    for account in accounts:
        data = {
            SESSION_KEY: str(account.identity_id),
            BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
            HASH_SESSION_KEY: account.identity.get_session_auth_hash(),
            ACCOUNT: account.pk,
        }
        sessions.append(
            SignIn(
                session_key=secrets.token_hex(16),
                session_data=store.encode(data),
                expire_date=until,
                identity_id=account.identity_id,
                account_id=account.pk,
            )
        )
    SignIn.objects.bulk_create(sessions, batch_size=1000)
    return [
        {"id": account.pk, "session": session.session_key, "name": account.display_name}
        for account, session in zip(accounts, sessions, strict=True)
    ]


if __name__ == "__main__":
    made = fill(*(int(text) for text in sys.argv[1:-1]))
    Path(sys.argv[-1]).write_text(json.dumps(made))
