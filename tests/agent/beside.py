"""What the server of the flows has beside its school for devices: keys, a code, forty students.

It also obeys: each line on standard input is one of the functions below with its arguments, and the
answer is a line on standard output. So a test leads a class, and sees what the server knows.
"""

import asyncio
import json
import sys
from datetime import timedelta
from threading import Thread
from typing import Any

import msgspec
from django.db import connections

from corridor import clock
from corridor.accounts.actors import clock_of
from corridor.accounts.classes import change_roster
from corridor.accounts.classroom_people import open_classroom_account
from corridor.accounts.devices import make_device_key, make_pairing_code
from corridor.accounts.models import ClassroomAccount
from corridor.classroom import queries, shelf
from corridor.classroom.cards import Arguments, Options
from corridor.classroom.commands import send_command
from corridor.classroom.participants import notice_devices
from corridor.classroom.pictures import LOOKED_AT_FOR, pictures
from corridor.classroom.presence import LOST_AFTER, presences
from corridor.classroom.sessions import Chosen, start_session, stop_session
from corridor.classroom.sites import sites_of
from corridor.roster.models import SchoolClass
from corridor.web import door
from tests.flows.signing_in import sign_in
from tests.school import School


def facts(school: School) -> dict[str, Any]:
    """Make it, and tell of it."""
    dana = school.classroom.dana
    for number in range(40):
        school.do(
            open_classroom_account, email=f"student{number}@example.org", role="student",
            given_name="Student", family_name=f"{number}", by=dana,
        )  # fmt: skip
    forty = ClassroomAccount.objects.filter(email__startswith="student").values_list(
        "pk", flat=True
    )
    english = SchoolClass.objects.get(pk=school.classroom.english)
    school.do(change_roster, english, add=list(forty), by=dana)
    _, secret = school.do(make_device_key, name="Carts", by=dana)
    ben = ClassroomAccount.objects.get(email="ben@example.org")
    code = school.do(make_pairing_code, student_id=ben.pk, by=dana)
    Thread(target=obey, args=(school,), daemon=True).start()
    accounts = {a.email.partition("@")[0]: a for a in ClassroomAccount.objects.all()}
    return {
        "classroom": {name: account.pk for name, account in accounts.items()},
        "classroom_sessions": {name: sign_in(account) for name, account in accounts.items()},
        "device_key": secret,
        "pairing_code": code,
    }


def obey(school: School) -> None:
    for line in sys.stdin:
        name, arguments = json.loads(line)
        school.clock.at = clock.now()
        try:
            found = OBEYED[name](school, **arguments)
        except Exception as error:
            found = repr(error)
        connections.close_all()
        print(json.dumps(found), flush=True)


def start(
    school: School, minutes: float = 50, class_: str = "english",
    left_out: tuple[int, ...] = (), **options: Any,
) -> int:  # fmt: skip
    """A class begins, with whoever is in another one, without whom it leaves out."""
    by = school.classroom.okafor if class_ == "algebra" else school.classroom.rivera
    everybody = frozenset(ClassroomAccount.objects.values_list("pk", flat=True))
    card = school.do(
        start_session, class_id=getattr(school.classroom, class_),
        ends_at=school.clock.at + timedelta(minutes=minutes), options=Options(**options),
        chosen=Chosen(left_out=frozenset(left_out), take_over=everybody - {*left_out}),
        by=by,
    )  # fmt: skip
    return int(card.id)


def stop(school: School, session: int) -> None:
    """It ends, by a teacher of both classes."""
    school.do(stop_session, session_id=session, by=school.classroom.okafor)


def ask(school: School, session: int, kind: str, students: list[int], **says: Any) -> int:
    """A command to some of its students; `minutes` is for how long."""
    if "minutes" in says:
        says["until"] = school.clock.at + timedelta(minutes=says.pop("minutes"))
    card = school.do(
        send_command, kind, session_id=session, student_ids=students, says=Arguments(**says),
        by=school.classroom.rivera,
    )  # fmt: skip
    return int(card.id)


def results(school: School, command: int) -> dict[str, list[str]]:
    """What became of it at each student."""
    card = shelf.command(school.id, command)
    return {str(one.student.id): [one.result, one.why] for one in card.recipients}


def presence(school: School, student: int) -> Any:
    """What the server knows of a student."""
    found = presences.of([student]).get(student)
    return None if found is None else msgspec.to_builtins(found)


def came(school: School, student: int) -> None:
    """It is written down that a student came, as by a server that stopped meanwhile."""
    school.do(notice_devices, came=[student], by=clock_of(school.id))


def half_a_minute_later(school: School) -> None:
    """Those who have not been heard since are lost."""
    loop = door.devices._loop
    assert loop is not None
    loop.call_soon_threadsafe(presences.look, clock.now() + LOST_AFTER)


def notice_absent(school: School) -> None:
    """What a server does when those who come back after its start have done so."""
    reports, loop = door.devices.reports, door.devices._loop
    assert loop is not None
    asyncio.run_coroutine_threadsafe(reports.notice_absent(clock.now()), loop).result()


def row(school: School, session: int, student: int) -> Any:
    """The student's card."""
    found = queries.console(school.id, session).participants
    return msgspec.to_builtins(next(one for one in found if one.student.id == student))


def look(school: School, student: int) -> None:
    """Ms. Rivera looks at a screen."""
    pictures.look(1, "Ms. Rivera", [student], clock.now())


def look_away(school: School, student: int) -> None:
    """She looked half a minute ago, and does no more."""
    pictures.look(1, "Ms. Rivera", [student], clock.now() - LOOKED_AT_FOR)


def picture(school: School, student: int) -> Any:
    """The newest picture of a student's screen: its kind and size."""
    found = pictures.of(student)
    return None if found is None else [found.kind, len(found.data)]


def sites(school: School, session: int, student: int) -> Any:
    """What is kept of the sites that a student had open: site, title, seconds."""
    found = sites_of(school.id, session).get(student, [])
    return [[site.host, site.title, site.seconds] for site in found]


OBEYED = {
    one.__name__: one
    for one in (
        start, stop, ask, results, presence, came, half_a_minute_later, notice_absent, row, look,
        look_away, picture, sites,
    )
}  # fmt: skip
