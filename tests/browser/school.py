"""Open the small school of the browser tests in the database that the environment names."""

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
django.setup()

from corridor import clock  # noqa: E402
from corridor.accounts.actors import Actor  # noqa: E402
from corridor.accounts.models import Identity, PassAccount  # noqa: E402
from corridor.accounts.people import open_account  # noqa: E402
from corridor.live.log import Turn, turn  # noqa: E402
from corridor.roster.models import District  # noqa: E402
from corridor.roster.places import open_location  # noqa: E402
from corridor.roster.schools import open_school  # noqa: E402
from corridor.roster.settings import SchoolSettings  # noqa: E402
from corridor.web.cast import CAST  # noqa: E402

PASSWORD = "a-quiet-corridor-7"
ROLES = {
    "rivera": ("teacher", "Ms. Rivera, 204"),
    "okafor": ("teacher", "Mr. Okafor, 118"),
    "ito": ("staff", "Nurse"),
    "dana": ("admin", "Ms. Whitfield, office"),
}


def main() -> None:
    """Two schools: everybody but Eli in the first, Eli and Ms. Rivera in the second."""
    district = District.objects.create(name="Lincoln district")
    settings = SchoolSettings(time_zone="America/New_York")
    first = open_school(district=district, name="Lincoln High School", settings=settings)
    second = open_school(district=district, name="Roosevelt Middle School", settings=settings)
    with turn(first.pk) as tx:
        for member in CAST:
            if member.key != "eli":
                _open(tx, member.key, member.name)
        by = _by(tx)
        open_location(tx, name="Restroom B", capacity=2, by=by.who, at=clock.now())
        open_location(
            tx, name="Library", trip_type="layover", reason_mode="mandatory", by=by.who,
            at=clock.now(),
        )  # fmt: skip
        open_location(tx, name="Main entrance", trip_type="one_way", by=by.who, at=clock.now())
    with turn(second.pk) as tx:
        _open(tx, "eli", "Eli Marsh")
        _open(tx, "rivera", "Ms. Rivera")
    PassAccount.objects.filter(email__startswith="ben@").update(daily_limit=0)
    for identity in Identity.objects.all():
        identity.set_password(PASSWORD)
        identity.save()
    sys.stdout.write("opened")


def _open(tx: Turn, key: str, name: str) -> None:
    role, room = ROLES.get(key, ("student", ""))
    email = next(member.email for member in CAST if member.key == key)
    given, _, family = name.partition(" ")
    open_account(
        tx, email=email, role=role, given_name=given, family_name=family, display_name=name,
        grade="9" if role == "student" else "", location_name=room, by=_by(tx), at=clock.now(),
    )  # fmt: skip


def _by(tx: Turn) -> Actor:
    return Actor(None, tx.school_id, "admin", "The office", "tests")


if __name__ == "__main__":
    main()
