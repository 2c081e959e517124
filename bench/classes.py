"""Fill the database that the environment names with classes, their people and a device key.

Run beside a server (`python -m bench.classes school classes students file`), in a school that
`bench.school` made. The classes run when it is done.
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
from corridor.accounts.actors import Actor, ClassroomActor  # noqa: E402
from corridor.accounts.devices import make_device_key  # noqa: E402
from corridor.accounts.models import (  # noqa: E402
    ClassroomAccount,
    ClassTeacher,
    Enrolment,
    Identity,
    SignIn,
)
from corridor.accounts.permissions import permissions_of  # noqa: E402
from corridor.accounts.sessions import CLASSROOM_ACCOUNT, SessionStore  # noqa: E402
from corridor.classroom.cards import Options  # noqa: E402
from corridor.classroom.sessions import Chosen, start_session  # noqa: E402
from corridor.live.log import turn  # noqa: E402
from corridor.roster.classroom_settings import ClassroomSettings  # noqa: E402
from corridor.roster.models import SchoolClass  # noqa: E402


def fill(school_id: int, classes: int, students: int) -> dict[str, Any]:
    """So many running classes of so many students each; the school's key for devices."""
    office = Actor(None, school_id, "admin", "Office", "bench")
    with turn(school_id) as tx:
        _, key = make_device_key(tx, name="Bench", by=office, at=clock.now())
    return {
        "key": key,
        "classes": [_class(school_id, number, students) for number in range(classes)],
    }


def _class(school_id: int, number: int, students: int) -> dict[str, Any]:
    mark = secrets.token_hex(3)
    teacher, *pupils = _accounts(school_id, mark, students)
    made = SchoolClass.objects.create(school_id=school_id, name=f"Class {number} {mark}")
    ClassTeacher.objects.create(school_class=made, account=teacher, is_lead=True)
    Enrolment.objects.bulk_create(
        [Enrolment(school_class=made, account=pupil) for pupil in pupils], batch_size=1000
    )
    by = ClassroomActor(
        teacher.pk, school_id, "teacher", teacher.display_name, "console",
        class_ids=frozenset({made.pk}), permissions=permissions_of("teacher", ClassroomSettings()),
    )  # fmt: skip
    at = clock.now()
    with turn(school_id) as tx:
        card = start_session(
            tx, class_id=made.pk, ends_at=at + timedelta(hours=10), options=Options(),
            chosen=Chosen(), by=by, at=at,
        )  # fmt: skip
    return {
        "session": card.id,
        "teacher": _signed_in(teacher),
        "students": [{"id": pupil.pk, "email": pupil.email} for pupil in pupils],
    }


def _accounts(school_id: int, mark: str, students: int) -> list[ClassroomAccount]:
    """The teacher, then the students."""
    names = [f"person-{number}-{mark}" for number in range(students + 1)]
    identities = Identity.objects.bulk_create(
        [Identity(email=f"{name}@example.org", password="!") for name in names], batch_size=1000
    )
    made = [
        ClassroomAccount(
            school_id=school_id, identity=identity, email=identity.email,
            role="student" if number else "teacher", given_name="Person", family_name=f"{number}",
            display_name=f"Person {number}",
        )
        for number, identity in enumerate(identities)
    ]  # fmt: skip
    return ClassroomAccount.objects.bulk_create(made, batch_size=1000)


def _signed_in(account: ClassroomAccount) -> str:
    store, key = SessionStore(), secrets.token_hex(16)
    data = {
        SESSION_KEY: str(account.identity_id),
        BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
        HASH_SESSION_KEY: account.identity.get_session_auth_hash(),
        CLASSROOM_ACCOUNT: account.pk,
    }
    SignIn.objects.create(
        session_key=key, session_data=store.encode(data),
        expire_date=clock.now() + timedelta(days=1), identity_id=account.identity_id,
        classroom_account_id=account.pk,
    )  # fmt: skip
    return key


if __name__ == "__main__":
    found = fill(*(int(text) for text in sys.argv[1:-1]))
    Path(sys.argv[-1]).write_text(json.dumps(found))
