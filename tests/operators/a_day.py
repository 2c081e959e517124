"""A day at the school of `tests/school.py`, in the database of the environment; run beside tests.

`python -m tests.operators.a_day`: makes the school and some passes, prints the last number.
`python -m tests.operators.a_day load`: goes on making passes until its input is closed.
"""

import os
import select
import sys
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
django.setup()

from django.core.management import call_command  # noqa: E402

from corridor import clock  # noqa: E402
from corridor.accounts.actors import Actor  # noqa: E402
from corridor.accounts.models import LocationLink, PassAccount  # noqa: E402
from corridor.clock import TestClock  # noqa: E402
from corridor.live.log import turn  # noqa: E402
from corridor.passes.requests import request_pass  # noqa: E402
from corridor.passes.trips import move_pass  # noqa: E402
from tests.school import School  # noqa: E402


def make() -> None:
    """The school, some passes that ended, and one that is out."""
    call_command("migrate", verbosity=0)
    still = TestClock(clock.now() - timedelta(minutes=5))
    clock.set_clock(still)
    school = School(still)
    for _ in range(5):
        school.end(school.ask())
        school.wait(minutes=1)
    school.out(school.cam)
    print(school.last)


def load() -> None:
    """Passes of Ana, as fast as it goes; prints when it has begun, and how many they were."""
    rivera, ana = (PassAccount.objects.get(email=f"{n}@example.org") for n in ("rivera", "ana"))
    places = LocationLink.objects.filter(account=rivera).values_list("location_id", flat=True)
    teacher = Actor(
        rivera.pk, rivera.school_id, "teacher", "Ms. Rivera", "staff", frozenset(places)
    )
    student = Actor(ana.pk, ana.school_id, "student", "Ana Lopez", "student")
    origin = min(teacher.location_ids)
    nurse = LocationLink.objects.get(account__email="ito@example.org", is_personal=True)
    count = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        with turn(ana.school_id) as tx:
            card = request_pass(
                tx, origin_id=origin, destination_id=nurse.location_id, by=student, at=clock.now()
            )
        for move in ("approve", "end"):
            with turn(ana.school_id) as tx:
                move_pass(tx, move, pass_id=card.id, by=teacher, at=clock.now())
        count += 1
        if count == 1:
            print("begun", flush=True)
    print(count)


if sys.argv[1:2] == ["load"]:
    load()
else:
    make()
