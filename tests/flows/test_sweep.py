"""Every address × every kind of person × own, other's and other school's object.

A new address fails until it stands in the table below and its view declares a guard.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from corridor.accounts.classes import reopen_class, students_of
from corridor.accounts.devices import make_device_key, make_pairing_code, pair
from corridor.accounts.keys import SCOPES, make_key
from corridor.accounts.models import ClassroomAccount, Identity, PassAccount
from corridor.accounts.permissions import FUNCTIONS
from corridor.accounts.photos import put_photo
from corridor.accounts.plans import keep_link, keep_plan
from corridor.accounts.signins import forget
from corridor.classroom.shelf import running_session_of
from corridor.live.log import turn
from corridor.passes.apart import groups_of, let_together
from corridor.passes.cards import PassCard
from corridor.passes.corrections import ask_correction
from corridor.passes.proof import token_of
from corridor.passes.queries import coming_passes_of, open_pass_of, pass_of_school
from corridor.passes.refusals import NotFound
from corridor.roster.bells import Bells, Period, Schedule
from corridor.roster.changes import archive_location, change_classroom, keep_schedule, key_of
from corridor.roster.models import Location, SchoolClass
from corridor.web.headers import POLICY
from corridor.webhooks.subscriptions import add_webhook
from tests.accounts.importing import looked_at
from tests.accounts.pictures import picture, zipped
from tests.classroom.running import Classes
from tests.school import School
from tests.signed_in import sign_in

STUDENTS, OTHER_STUDENT = ("ana", "cam"), "eli"
ADULTS, OTHER_ADULTS = ("rivera", "okafor", "ito", "dana"), ("stone", "otto")
EVERYBODY = ("nobody", *STUDENTS, OTHER_STUDENT, *ADULTS, *OTHER_ADULTS)
# In Classroom; those who are in it only are told so by Pass, and Nurse Ito by Classroom.
ONLY_CLASSROOM = ("park", "tia", "lou")

YES, SIGN_IN, NO, HIDDEN = "yes", "sign in", "not allowed", "not found"
WRONG = "please look again"

Expected = dict[str, str]


def who(yes: tuple[str, ...], no: str, *rest: tuple[tuple[str, ...], str]) -> Expected:
    """These may; nobody signs in first; the rest is told this no, or what is said of them."""
    table = dict.fromkeys(EVERYBODY, no) | {"nobody": SIGN_IN}
    for names, outcome in rest:
        table |= dict.fromkeys(names, outcome)
    return table | dict.fromkeys(yes, YES)


EVERY_STUDENT = (*STUDENTS, OTHER_STUDENT)
EVERY_ADULT = (*ADULTS, *OTHER_ADULTS)
OF_STUDENTS = who(EVERY_STUDENT, NO)
OF_ADULTS = who(EVERY_ADULT, NO)
OF_ADMINS = who(("dana", "otto"), NO)
OF_ADMINS_HERE = who(("dana",), NO, (("otto",), HIDDEN))
OPEN_TO_ALL = dict.fromkeys(EVERYBODY, YES)
ELSEWHERE = (OTHER_ADULTS, HIDDEN)


@dataclass
class Row:
    """One address: how it is asked, with which object, and who gets which answer."""

    name: str
    expected: Expected
    method: str = "GET"
    args: Callable[[School], list[Any]] = lambda school: []
    data: Callable[[School], dict[str, Any]] = field(default=lambda school: {})


def anas_pass(school: School) -> PassCard:
    """Ana's pass to the nurse, waiting, made anew when the last person could press it."""
    return open_pass_of(school.id_of(school.ana)) or school.ask()


def anas_live_pass(school: School) -> PassCard:
    """As `anas_pass`, approved."""
    card = anas_pass(school)
    return card if card.is_out else school.press("approve", card, school.rivera)


def anas_code(school: School) -> list[Any]:
    """What the code on Ana's live pass says."""
    card = anas_live_pass(school)
    return [token_of(card.school_id, card.id, school.clock.at, settings.SECRET_KEY)]


def of_cam(school: School) -> dict[str, Any]:
    return {"student": school.cam.account_id, "room": school.room_204}


def anas_auto_pass(school: School) -> PassCard:
    """Ana's pass to the nurse, waiting; she may start and stop it."""
    found = open_pass_of(school.id_of(school.ana))
    if found is not None and found.is_out:
        school.press("end", found, school.rivera)
    school.allow_auto(school.nurse)
    return anas_pass(school)


def anas_auto_pass_out(school: School) -> PassCard:
    card = anas_auto_pass(school)
    return school.press("start", card, school.ana)


def elis_pass(school: School) -> PassCard:
    found = open_pass_of(school.id_of(school.eli))
    return found or school.ask(school.eli, school.other_office, origin=school.other_room)


def forgotten_pass(school: School) -> PassCard:
    """Ana's system-ended pass."""
    school.wait(hours=1)
    card = school.out()
    school.wait(minutes=30)
    return card


def of(make: Callable[[School], PassCard], *more: str) -> Callable[[School], list[Any]]:
    return lambda school: [make(school).id, *more]


def to_the_nurse(school: School) -> dict[str, Any]:
    return {"origin": school.room_204, "destination": school.nurse}


def correctable(school: School) -> PassCard:
    """Ana's pass of ten minutes, ended by her teacher."""
    school.wait(hours=1)  # whatever she had is over
    card = school.out()
    school.wait(minutes=9)
    return school.press("end", card, school.rivera)


def corrected(school: School) -> PassCard:
    """The same, and Ana says that she was back earlier."""
    card = correctable(school)
    return school.do(ask_correction, pass_id=card.id, back_at=card.started_at, by=school.ana)


def right_after(school: School) -> dict[str, Any]:
    began = school.clock.at - timedelta(minutes=5)
    return {"back_at": f"{began.astimezone(ZoneInfo('America/New_York')):%H:%M}"}


def back_by_now(school: School) -> dict[str, Any]:
    return {
        "ended_at": f"{school.clock.at.astimezone(ZoneInfo('America/New_York')):%Y-%m-%d %H:%M}"
    }


def at(*args: Any) -> Callable[[School], list[Any]]:
    return lambda school: list(args)


def of_ana(school: School) -> dict[str, Any]:
    return {"student": school.ana.account_id}


def for_ana(school: School) -> dict[str, Any]:
    school.wait(hours=1)  # whatever she had is over
    return to_the_nurse(school) | {"student": school.ana.account_id, "pre_approved": "on"}


PERSON = {"given_name": "New", "email": "new@example.org", "role": "student"}
RETENTION = {"keep_passes_days": "400", "keep_accounts_days": "90"}
PLACE = {
    "name": "New room", "trip_type": "layover", "reason_mode": "optional", "access": "everyone",
}  # fmt: skip
KEY = {"name": "Screen", "scopes": ["passes:read"], "days": "30"}
WEBHOOK = {"url": "https://example.org/hook", "names": ["pass.requested"]}


def a_schedule(school: School) -> dict[str, Any]:
    return {"name": f"Day {school.last}", "period-0": "1", "begins-0": "08:00", "ends-0": "09:00"}


def regular(school: School) -> list[Any]:
    """Ana's school has a schedule of this name, and no day needs it."""
    school.decide(bells=Bells())
    schedule = Schedule("Regular", (Period("1", time(8), time(9)),))
    school.do(keep_schedule, schedule, by=school.dana.who)
    return [key_of(schedule)]


def key_of_lakeside(school: School) -> list[Any]:
    """A key of Ana's school, made anew for each person."""
    key, _ = school.do(
        make_key, name="Screen", scopes=["passes:read"], account_id=None, expires_at=None,
        by=school.dana,
    )  # fmt: skip
    return [key.pk]


def webhook_of_lakeside(school: School) -> list[Any]:
    """A webhook of Ana's school, added anew for each person."""
    added = school.do(add_webhook, url="https://example.org/", names=["pass.ended"], by=school.dana)
    return [added.pk]


def photo_of_ana(school: School) -> list[Any]:
    """Ana, who has a photo."""
    school.do(put_photo, account_id=school.id_of(school.ana), picture=b"Ana", by=school.dana)
    return [school.ana.account_id]


def photo_of_ana_in_classroom(school: School) -> list[Any]:
    """Ana as Classroom knows her, where Pass shows itself there."""
    integrated()(school)
    photo_of_ana(school)
    return [school.classroom.ana.account_id]


def an_archived_yard(school: School) -> list[Any]:
    yard = Location.objects.get(pk=school.open_place(f"Yard {school.last}"))
    school.do(archive_location, yard, by=school.dana.who)
    return [yard.pk]


def ana_and_cam(school: School) -> list[Any]:
    """Kept apart by the only group of the school."""
    for group in groups_of(school.id):
        school.do(let_together, group_id=group.id, by=school.dana)
    return [school.keep_apart(school.ana, school.cam)]


def ben(school: School) -> list[Any]:
    return [school.ben.account_id]


def a_picture(school: School) -> SimpleUploadedFile:
    """One that nobody has had yet."""
    return SimpleUploadedFile("a.png", picture("PNG", (40, 40), f"#{school.last:06x}"))


def import_of_lakeside(school: School) -> list[Any]:
    """A file that was looked at in Ana's school; nobody's log knows of it."""
    return [looked_at(school, "email,name\nnew@example.org,New").pk]


def device_key_of_lakeside(school: School) -> list[Any]:
    """A key for the devices of Ana's school, made anew for each person."""
    key, _ = school.do(make_device_key, name="Carts", by=school.classroom.dana)
    return [key.pk]


def paired_device_of_ana(school: School) -> list[Any]:
    """A device paired with Ana, anew for each person."""
    student_id = school.classroom.ana.account_id
    code = school.do(make_pairing_code, student_id=student_id, by=school.classroom.dana)
    found = pair(code, name="Laptop", at=school.clock.at)
    assert found is not None
    return [int(found[0].permit.what)]


CLASSROOM_STUDENTS = ("ana", "cam", "eli", "lou")
CLASSROOM_ADULTS = ("rivera", "okafor", "dana", "park", "tia", "stone", "otto")


def of_classroom(*yes: str, no: str = NO, **others: str) -> Expected:
    """These people of Classroom may; the others are told this no."""
    everybody = dict.fromkeys((*EVERYBODY, *ONLY_CLASSROOM), no) | {"nobody": SIGN_IN}
    return everybody | {"ito": NO} | others | dict.fromkeys(yes, YES)


OF_CLASSROOM_ADMINS = of_classroom("dana", "otto")
OF_CLASS_OFFICE = of_classroom("dana", "otto", "tia")
OF_CLASS_OFFICE_HERE = of_classroom("dana", "tia", otto=HIDDEN)
SEES_ENGLISH = of_classroom("rivera", "okafor", "dana", "park", "tia", stone=HIDDEN, otto=HIDDEN)
CHANGES_ENGLISH = SEES_ENGLISH | {"park": NO}


LEADS_ENGLISH = SEES_ENGLISH | {"tia": NO}


READS_ENGLISH = LEADS_ENGLISH | {"park": NO}  # substitutes lead classes and read no history


def past_english(school: School) -> list[Any]:
    """A session of Ms. Rivera's class that is over."""
    classes = Classes(school)
    english_to_start(school)
    return [classes.stop(classes.start()).id]


def running_english(school: School) -> list[Any]:
    """The running session of Ms. Rivera's class, begun anew when somebody has ended it."""
    classes = Classes(school)
    found = running_session_of(school.id, school.classroom.english)
    return [(found or classes.start()).id]


def english_to_start(school: School) -> list[Any]:
    """Ms. Rivera's class; it does not run."""
    if (found := running_session_of(school.id, school.classroom.english)) is not None:
        Classes(school).stop(found)
    return [school.classroom.english]


def english_with_ana_taken_over(school: School) -> list[Any]:
    """Ms. Rivera's class has just taken Ana over."""
    classes = Classes(school)
    english_to_start(school)
    if (found := running_session_of(school.id, school.classroom.algebra)) is not None:
        classes.stop(found, school.classroom.okafor)
    classes.algebra()
    return [classes.start(take_over=(school.classroom.ana,)).id]


def anas_card(school: School) -> list[Any]:
    return [*running_english(school), school.classroom.ana.account_id]


def anas_card_in_the_past(school: School) -> list[Any]:
    return [*past_english(school), school.classroom.ana.account_id]


def a_command(school: School) -> list[Any]:
    (session_id,) = running_english(school)
    classes = Classes(school)
    session = running_session_of(school.id, school.classroom.english)
    assert session is not None
    return [session_id, classes.ask("lock", session).id]


def later(school: School) -> dict[str, Any]:
    return {"ends_at": (school.clock.at + timedelta(minutes=70)).isoformat()}


def ana_in_classroom(school: School) -> dict[str, Any]:
    return {"students": [school.classroom.ana.account_id]}


def english(school: School) -> list[Any]:
    return [school.classroom.english]


def mia(school: School) -> list[Any]:
    return [school.classroom.mia.account_id]


def english_to_archive(school: School) -> list[Any]:
    """Ms. Rivera's class, in use whoever archived it before."""
    found = SchoolClass.objects.get(pk=school.classroom.english)
    school.do(reopen_class, found, by=school.classroom.dana)
    return [found.pk]


def whose_class(school: School) -> dict[str, Any]:
    """Ms. Rivera's, with another co-teacher each time."""
    room = school.classroom
    co_teacher = room.tia if school.last % 2 else room.park
    ids = [room.okafor.account_id, co_teacher.account_id]
    return {"lead": room.rivera.account_id, "co_teacher": ids}


def add_or_remove_lou(school: School) -> dict[str, Any]:
    room = school.classroom
    is_there = any(one.id == room.lou.account_id for one in students_of(room.english))
    return {"remove" if is_there else "student": room.lou.account_id}


def options(school: School) -> dict[str, Any]:
    """The options of Classroom, with another length of a class each time."""
    return {
        "class_minutes": str(20 + school.last % 100), "initial-class_minutes": "50",
        "keep_classes_days": "30", "initial-keep_classes_days": "30",
        "screens": "on", "initial-screens": "True", "inactive_minutes": "5",
        "initial-inactive_minutes": "5", "picture_seconds": "10", "initial-picture_seconds": "10",
    }  # fmt: skip


PLAN = {"name": "Maps", "blocks": "allow", "sites": "example.org"}
KEEPS_PLANS = of_classroom("rivera", "okafor", "dana", "stone", "otto")
# Hers alone: others of the school do not even learn that there is one.
PLANS_OF_RIVERA = of_classroom("rivera", okafor=HIDDEN, dana=HIDDEN, stone=HIDDEN, otto=HIDDEN)


def plan_of_rivera(school: School) -> list[Any]:
    made = school.do(
        keep_plan, name=f"Maps {school.last}", blocks=False, sites=["example.org"],
        by=school.classroom.rivera,
    )  # fmt: skip
    return [made.pk]


def link_of_rivera(school: School) -> list[Any]:
    made = school.do(
        keep_link, name=f"Map {school.last}", url="example.org", by=school.classroom.rivera
    )
    return [made.pk]


def integrated(
    make: Callable[[School], PassCard] | None = None, *more: str
) -> Callable[[School], list[Any]]:
    """A pass (or nothing) where both schools show Pass in Classroom."""

    def args(school: School) -> list[Any]:
        for admin in (school.classroom.dana, school.classroom.otto):
            with turn(admin.school_id) as tx:
                change_classroom(tx, {"pass_integration": True}, by=admin.who, at=school.clock.at)
        forget()
        return [*([] if make is None else [make(school).id]), *more]

    return args


def mia_may_be_ben(school: School) -> dict[str, Any]:
    """She may not, his address is taken; but who may press it is told before."""
    return {"account": school.classroom.mia.account_id, "candidate": school.ben.account_id}


def anas_badge(school: School) -> list[Any]:
    """Ana's card in Ms. Rivera's running class, and her live pass."""
    (pass_id,) = integrated(anas_live_pass)(school)
    return [*anas_card(school), pass_id]


def anas_card_in_the_room(school: School) -> list[Any]:
    """Ana's card in the running class, without a pass."""
    integrated()(school)
    card = open_pass_of(school.id_of(school.ana))
    if card is not None:
        school.press("end", card, school.rivera)
    return anas_card(school)


def at_once(school: School) -> dict[str, Any]:
    return {**to_the_nurse(school), "pre_approved": "on"}


# A substitute leads the class and is not in Pass.
GIVES_PASSES = LEADS_ENGLISH | {"park": NO}

# Mr. Park and Tia are not in Pass.
IN_BOTH = of_classroom("rivera", "okafor", "dana", "stone", "otto")
ELSEWHERE_IN_CLASSROOM = dict.fromkeys(("stone", "otto"), HIDDEN)

IN_CLASSROOM = of_classroom(*CLASSROOM_STUDENTS, *CLASSROOM_ADULTS)
OWN_PASS_ONLY = who(("ana",), NO, (("cam", "eli"), HIDDEN))


def anas_request(school: School) -> PassCard:
    """Ana's request for an appointment with the nurse, awaiting confirmation."""
    school.decide(student_appointments=True)
    found = coming_passes_of(school.id_of(school.ana))
    for card in found:
        if card.state == "awaiting_confirmation":
            return card
    return school.ask_appointment(minutes=120 + 30 * len(found))  # too near is refused


def anas_appointment(school: School) -> PassCard:
    """An appointment of Ana with the nurse, made by the nurse."""
    found = coming_passes_of(school.id_of(school.ana))
    made = [card for card in found if card.state == "scheduled"]
    return made[0] if made else school.arrange(minutes=120)[0]


def unacknowledged(school: School) -> PassCard:
    """An appointment that nobody has acknowledged."""
    return school.arrange(minutes=120)[0]


def elis_appointment(school: School) -> PassCard:
    """With a number that no pass of Ana's school has: schools number for themselves."""
    card = school.arrange(
        school.eli, to=school.other_office, origin=school.other_room, by=school.stone
    )[0]
    try:
        pass_of_school(school.id, card.id)
    except NotFound:
        return card
    return elis_appointment(school)


def an_appointment(school: School) -> dict[str, Any]:
    return to_the_nurse(school) | {
        "day": "2026-03-03", "wall": "10:00", "repeat": "none", "student": school.ana.account_id,
    }  # fmt: skip


def moved_to_tomorrow(school: School) -> dict[str, Any]:
    return to_the_nurse(school) | {"day": "2026-03-03", "wall": "11:00"}


def asks_for_tomorrow(school: School) -> dict[str, Any]:
    school.decide(student_appointments=True)
    return moved_to_tomorrow(school)


PART_OF_IT = who(("rivera", "ito", "dana"), NO, ELSEWHERE)
NOT_OUR_PASS = who((), NO, (ADULTS, HIDDEN))

ROWS = [
    Row("home", OPEN_TO_ALL | {"nobody": SIGN_IN}),
    Row("switch", who(("ana",), HIDDEN), "POST",
        data=lambda school: {"account": school.ana.account_id}),
    Row("classroom:home", IN_CLASSROOM),
    Row("classroom:student", of_classroom(*CLASSROOM_STUDENTS)),
    Row("classroom:classes", of_classroom(*CLASSROOM_ADULTS)),
    Row("classroom:start", LEADS_ENGLISH, args=english_to_start),
    Row("classroom:start_students", LEADS_ENGLISH, args=english_to_start),
    Row("classroom:start", LEADS_ENGLISH, "POST", english_to_start),
    Row("classroom:console", LEADS_ENGLISH, args=running_english),
    Row("classroom:history", of_classroom(*CLASSROOM_ADULTS)),
    Row("classroom:past", READS_ENGLISH, args=past_english),
    Row("classroom:console", READS_ENGLISH, args=past_english),
    Row("classroom:student_of", READS_ENGLISH, args=anas_card_in_the_past),
    Row("classroom:look", LEADS_ENGLISH, "POST", running_english, ana_in_classroom),
    Row("classroom:extend", LEADS_ENGLISH, "POST", running_english, later),
    Row("classroom:stop", LEADS_ENGLISH, "POST", running_english),
    Row("classroom:undo", LEADS_ENGLISH, "POST", english_with_ana_taken_over, ana_in_classroom),
    Row("classroom:ask", LEADS_ENGLISH, args=lambda s: [*running_english(s), "lock"]),
    Row("classroom:send", LEADS_ENGLISH, "POST", lambda s: [*running_english(s), "lock"],
        ana_in_classroom),
    Row("classroom:results", LEADS_ENGLISH, args=a_command),
    Row("classroom:student_of", LEADS_ENGLISH, args=anas_card),
    Row("classroom:read", LEADS_ENGLISH, "POST", anas_card),
    Row("classroom:write", LEADS_ENGLISH, "POST", anas_card, lambda school: {"text": "Well done"}),
    Row("classroom:pass_of", LEADS_ENGLISH, args=anas_badge),
    Row("classroom:give_pass", GIVES_PASSES, args=anas_card_in_the_room),
    Row("classroom:give_pass", GIVES_PASSES, "POST", anas_card_in_the_room, at_once),
    Row("classroom:mismatches", OF_CLASSROOM_ADMINS),
    Row("classroom:correct_mismatch", of_classroom("dana", otto=HIDDEN), "POST",
        data=mia_may_be_ben),
    Row("classroom:passes", IN_BOTH, args=integrated()),
    Row("classroom:pass", IN_BOTH | ELSEWHERE_IN_CLASSROOM, args=integrated(anas_pass)),
    Row("classroom:pass", of_classroom("stone", "otto", rivera=HIDDEN, okafor=HIDDEN, dana=HIDDEN),
        args=integrated(elis_pass)),
    Row("classroom:pass", of_classroom(
        rivera=HIDDEN, okafor=HIDDEN, dana=HIDDEN, park=HIDDEN, tia=HIDDEN, stone=HIDDEN,
        otto=HIDDEN), args=of(anas_pass)),  # the school has not switched it on
    Row("classroom:move_pass", of_classroom("rivera", **ELSEWHERE_IN_CLASSROOM), "POST",
        integrated(anas_pass, "approve")),
    Row("classroom:move_pass", of_classroom("rivera", "dana", **ELSEWHERE_IN_CLASSROOM), "POST",
        integrated(anas_pass, "cancel")),
    Row("classroom:move_pass", of_classroom(), "POST", integrated(anas_pass, "withdraw")),
    Row("classroom:change_appointment", of_classroom("rivera", "dana", **ELSEWHERE_IN_CLASSROOM),
        "POST", integrated(anas_appointment), moved_to_tomorrow),
    Row("classroom:cancel_appointment", of_classroom("rivera", "dana", **ELSEWHERE_IN_CLASSROOM),
        "POST", integrated(anas_appointment), lambda school: {"text": "Ill."}),
    Row("classroom:comment_on_pass", of_classroom("rivera", "dana", **ELSEWHERE_IN_CLASSROOM),
        "POST", integrated(anas_pass), lambda school: {"text": "Hm."}),
    Row("classroom:edit_times_of_pass", of_classroom("rivera", "dana", **ELSEWHERE_IN_CLASSROOM),
        "POST", integrated(forgotten_pass), back_by_now),
    Row("classroom:correction_of_pass", of_classroom("rivera", "dana", **ELSEWHERE_IN_CLASSROOM),
        "POST", integrated(corrected), lambda school: {"answer": "confirm"}),
    Row("classroom:devices", of_classroom("dana", "otto")),
    Row("classroom:make_device_key", of_classroom("dana", "otto"), "POST",
        data=lambda school: {"name": "Carts"}),
    Row("classroom:revoke_device_key", of_classroom("dana", otto=HIDDEN), "POST",
        device_key_of_lakeside),
    Row("classroom:make_pairing_code", of_classroom("dana", otto=WRONG), "POST",
        data=lambda school: {"email": "ana@example.org"}),
    Row("classroom:revoke_device", of_classroom("dana", otto=HIDDEN), "POST",
        paired_device_of_ana),
    Row("classroom:classes", of_classroom(*CLASSROOM_ADULTS),
        data=lambda school: {"whose": "all", "q": "e", "view": "list", "state": "archived"}),
    Row("classroom:active", of_classroom(*CLASSROOM_ADULTS)),
    Row("classroom:students", of_classroom(*CLASSROOM_ADULTS), data=lambda school: {"q": "Ana"}),
    Row("classroom:photo", SEES_ENGLISH, args=photo_of_ana_in_classroom),
    Row("classroom:new_class", OF_CLASS_OFFICE),
    Row("classroom:new_class", OF_CLASS_OFFICE, "POST", data=lambda school: {"name": "Art"}),
    Row("classroom:import_rosters", OF_CLASS_OFFICE),
    Row("classroom:import_rosters", OF_CLASS_OFFICE, "POST",
        data=lambda school: {"file": SimpleUploadedFile("a.csv", b"class,email\nArt,")}),
    Row("classroom:export_rosters", OF_CLASS_OFFICE),
    Row("classroom:class", SEES_ENGLISH, args=english),
    Row("classroom:class", CHANGES_ENGLISH, "POST", english,
        lambda school: {"name": f"English {school.last}"}),
    Row("classroom:class_teachers", CHANGES_ENGLISH, "POST", english, whose_class),
    Row("classroom:roster", CHANGES_ENGLISH, "POST", english, add_or_remove_lou),
    Row("classroom:group", CHANGES_ENGLISH, "POST", english,
        lambda school: {"name": f"Group {school.last}"}),
    Row("classroom:archive_class",
        of_classroom("dana", "tia", otto=HIDDEN), "POST", english_to_archive),
    Row("classroom:plans", of_classroom(*CLASSROOM_ADULTS)),
    Row("classroom:plans", KEEPS_PLANS, "POST",
        data=lambda school: PLAN | {"name": f"Plan {school.last}"}),
    Row("classroom:plan", PLANS_OF_RIVERA, args=plan_of_rivera),
    Row("classroom:plan", PLANS_OF_RIVERA, "POST", plan_of_rivera,
        lambda school: PLAN | {"name": f"Plan {school.last}"}),
    Row("classroom:remove_plan", PLANS_OF_RIVERA, "POST", plan_of_rivera),
    Row("classroom:links", of_classroom(*CLASSROOM_ADULTS)),
    Row("classroom:links", KEEPS_PLANS, "POST",
        data=lambda school: {"name": f"Link {school.last}", "url": "example.org"}),
    Row("classroom:link", PLANS_OF_RIVERA, args=link_of_rivera),
    Row("classroom:link", PLANS_OF_RIVERA, "POST", link_of_rivera,
        lambda school: {"name": f"Link {school.last}", "url": "example.org"}),
    Row("classroom:remove_link", PLANS_OF_RIVERA, "POST", link_of_rivera),
    Row("classroom:systems", OF_CLASSROOM_ADMINS),
    Row("classroom:systems", OF_CLASSROOM_ADMINS, "POST", data=options),
    Row("classroom:permissions", OF_CLASSROOM_ADMINS),
    Row("classroom:permissions", OF_CLASSROOM_ADMINS, "POST",
        data=lambda school: {f"lead:{(school.last % 2 and 'teacher') or 'substitute'}": "on"}),
    Row("classroom:people", OF_CLASS_OFFICE, data=lambda school: {"q": "an", "page": "2"}),
    Row("classroom:add_person", OF_CLASS_OFFICE),
    Row("classroom:add_person", OF_CLASS_OFFICE, "POST", data=lambda school: PERSON),
    Row("classroom:join", OF_CLASS_OFFICE, "POST"),
    Row("classroom:person", OF_CLASS_OFFICE_HERE, args=mia),
    Row("classroom:person", OF_CLASS_OFFICE_HERE, "POST", mia,
        lambda school: PERSON | {"email": "mia@example.org", "family_name": f"No{school.last}"}),
    Row("classroom:close_account", OF_CLASS_OFFICE_HERE, "POST", mia),
    Row("classroom:reopen_account", OF_CLASS_OFFICE_HERE, "POST", mia),
    Row("begin_acting", of_classroom("dana"), "POST",
        data=lambda school: {"account": f"classroom-{school.classroom.park.account_id}"}),
    Row("end_acting", dict.fromkeys((*EVERYBODY, *ONLY_CLASSROOM), YES) | {"nobody": SIGN_IN},
        "POST"),
    Row("setup", dict.fromkeys(EVERYBODY, HIDDEN), args=lambda school: ["a" * 40]),
    Row("student:home", OF_STUDENTS),
    Row("student:correct", OWN_PASS_ONLY, "POST", of(correctable), right_after),
    Row("student:withdraw_correction", OWN_PASS_ONLY, "POST", of(corrected)),
    Row("staff:correction", PART_OF_IT, "POST", of(corrected),
        lambda school: {"answer": "confirm"}),
    Row("staff:correction", PART_OF_IT, "POST", of(corrected),
        lambda school: {"answer": "decline", "words": "You were not."}),
    Row("staff:corrections", OF_ADULTS),
    Row("staff:history", OF_ADULTS),
    Row("staff:history", who(ADULTS, NO, (OTHER_ADULTS, WRONG)), data=of_ana),
    Row("staff:refusals", OF_ADULTS),
    Row("staff:reports", OF_ADULTS),
    Row("staff:student", who(ADULTS, NO, ELSEWHERE), args=lambda school: [school.ana.account_id]),
    Row("admin:student_data", OF_ADMINS_HERE, "POST", lambda school: [school.ana.account_id]),
    Row("student:history", OF_STUDENTS),
    Row("student:appointments", OF_STUDENTS),
    Row("student:appointments", who(STUDENTS, NO, (("eli",), HIDDEN)), "POST",
        data=asks_for_tomorrow),
    Row("student:take_back", OWN_PASS_ONLY, "POST", of(anas_request),
        lambda school: {"text": "Better."}),
    Row("student:take_back", who((), NO, (EVERY_STUDENT, HIDDEN)), "POST", of(anas_appointment),
        lambda school: {"text": "No."}),
    Row("staff:dashboard", OF_ADULTS, data=lambda school: {"tab": "appointments"}),
    Row("staff:make_appointment", OF_ADULTS),
    Row("staff:make_appointment", who(ADULTS, NO, ELSEWHERE), "POST", data=an_appointment),
    Row("staff:appointment_choices", OF_ADULTS),
    Row("staff:appointment_choices", OF_ADULTS, "POST",
        data=lambda school: {"remind-20": "on", "may_be_asked": "on"}),
    Row("staff:change_appointment", PART_OF_IT, "POST", of(anas_appointment), moved_to_tomorrow),
    Row("staff:change_appointment", NOT_OUR_PASS | {"stone": HIDDEN, "otto": HIDDEN}, "POST",
        of(elis_appointment), moved_to_tomorrow),
    Row("staff:cancel_appointment", PART_OF_IT, "POST", of(anas_appointment),
        lambda school: {"text": "Ill."}),
    Row("staff:cancel_appointment", who(OTHER_ADULTS, NO, (ADULTS, HIDDEN)), "POST",
        of(elis_appointment), lambda school: {"text": "Ill."}),
    Row("staff:move", who(("ito",), NO, ELSEWHERE), "POST", of(anas_request, "confirm")),
    Row("staff:move", who(("rivera", "ito"), NO, ELSEWHERE), "POST",
        of(unacknowledged, "acknowledge")),
    Row("staff:pass", who(ADULTS, NO, ELSEWHERE), args=of(anas_appointment)),
    Row("student:request", who(STUDENTS, NO, (("eli",), HIDDEN)), "POST", data=to_the_nurse),
    Row("student:move", OWN_PASS_ONLY, "POST", of(anas_pass, "withdraw")),
    Row("student:move", who(("eli",), NO, (STUDENTS, HIDDEN)), "POST",
        of(elis_pass, "withdraw")),
    Row("student:move", OWN_PASS_ONLY, "POST", of(anas_auto_pass, "start")),
    Row("student:move", OWN_PASS_ONLY, "POST", of(anas_auto_pass_out, "stop")),
    Row("student:move", who((), NO, (EVERY_STUDENT, HIDDEN)), "POST", of(anas_pass, "approve")),
    Row("staff:move", who((), NO), "POST", of(anas_auto_pass, "start")),
    Row("staff:clear_line", who(("ito", "dana"), NO, ELSEWHERE), "POST",
        lambda school: [school.nurse]),
    Row("staff:dashboard", OF_ADULTS, data=lambda school: {"scope": "all", "tab": "queue"}),
    Row("staff:auto_pass", OF_ADULTS),
    Row("staff:auto_pass", OF_ADULTS, "POST",
        data=lambda school: {f"place-{school.nurse}": "start", "limit": "2"}),
    Row("staff:dashboard", OF_ADULTS),
    Row("staff:dashboard", OF_ADULTS, data=lambda school: {"scope": "all", "tab": "ended"}),
    Row("staff:pass", who(ADULTS, NO, ELSEWHERE), args=of(anas_pass)),
    Row("staff:pass", who(OTHER_ADULTS, NO, (ADULTS, HIDDEN)), args=of(elis_pass)),
    Row("staff:comment", PART_OF_IT, "POST", of(anas_pass), lambda school: {"text": "Hm."}),
    Row("staff:comment", who(OTHER_ADULTS, NO, (ADULTS, HIDDEN)), "POST", of(elis_pass),
        lambda school: {"text": "Hm."}),
    Row("staff:edit_times", PART_OF_IT, "POST", of(forgotten_pass),
        back_by_now),
    Row("staff:edit_times", NOT_OUR_PASS | {"stone": "too late", "otto": "too late"}, "POST",
        of(elis_pass), back_by_now),
    Row("staff:move", who(("rivera",), NO, ELSEWHERE), "POST", of(anas_pass, "approve")),
    Row("staff:move", who(("rivera", "dana"), NO, ELSEWHERE), "POST", of(anas_pass, "cancel")),
    Row("staff:move", who((), NO), "POST", of(anas_pass, "withdraw")),
    Row("staff:move", who(("stone",), NO, (ADULTS, HIDDEN)), "POST", of(elis_pass, "approve")),
    Row("staff:teacher_pass", OF_ADULTS),
    Row("staff:teacher_pass", who(ADULTS, NO, ELSEWHERE), "POST", data=for_ana),
    Row("staff:students", OF_ADULTS, data=lambda school: {"q": "Ana"}),
    Row("staff:photo", who(ADULTS, NO, ELSEWHERE), args=photo_of_ana),
    Row("staff:my_locations", OF_ADULTS),
    Row("staff:my_locations", OF_ADULTS, "POST", data=lambda school: {"location": school.library}),
    Row("hall:monitor", OF_ADULTS),
    Row("hall:end", who(ADULTS, NO, ELSEWHERE), "POST", of(anas_live_pass)),
    Row("hall:end", who((), NO, (ADULTS, "too late"), ELSEWHERE), "POST", of(anas_pass)),
    # Ms. Rivera has let her go.
    Row("hall:undo", who((), NO, (ADULTS, "too late"), (("rivera",), YES), ELSEWHERE), "POST",
        of(anas_live_pass)),
    Row("hall:word", OF_ADULTS, data=lambda school: {"word": "anchor"}),
    Row("hall:proof", who(ADULTS, NO, ELSEWHERE), args=anas_code),
    Row("hall:proof", who((), NO, (EVERY_ADULT, HIDDEN)), args=at("1.2.3.forged")),
    Row("hall:without_pass", OF_ADULTS),
    Row("hall:without_pass", who(ADULTS, NO, ELSEWHERE), "POST", data=of_cam),
    Row("hall:notes", OF_ADULTS, data=lambda school: {"first_day": "2026-03-02"}),
    Row("student:code", OF_STUDENTS),
    Row("admin:people", OF_ADMINS),
    Row("admin:people", OF_ADMINS, data=lambda school: {"q": "an", "state": "never", "page": "2"}),
    Row("admin:add_person", OF_ADMINS),
    Row("admin:add_person", OF_ADMINS, "POST", data=lambda school: PERSON),
    Row("admin:person", OF_ADMINS_HERE, args=ben),
    Row("admin:person", OF_ADMINS_HERE, "POST", ben,
        lambda school: PERSON | {"email": "ben@example.org", "grade": school.last}),
    *(Row(f"admin:{name}", OF_ADMINS_HERE, "POST", ben)
      for name in ("close_account", "reopen_account", "invite", "remove_photo")),
    Row("admin:put_photo", OF_ADMINS_HERE, "POST", ben,
        lambda school: {"photo": a_picture(school)}),
    Row("admin:invite_all", OF_ADMINS, "POST"),
    Row("admin:export_people", OF_ADMINS),
    Row("admin:import_people", OF_ADMINS),
    Row("admin:import_people", OF_ADMINS, "POST",
        data=lambda school: {"file": SimpleUploadedFile("a.csv", b"email,name\nn@example.org,N")}),
    *(Row(f"admin:{name}", OF_ADMINS_HERE, args=import_of_lakeside)
      for name in ("people_import", "import_progress", "import_problems")),
    Row("admin:begin_import", who((), NO, (("dana",), "too late"), (("otto",), HIDDEN)), "POST",
        import_of_lakeside),
    Row("admin:undo_import", OF_ADMINS_HERE, args=import_of_lakeside),
    Row("admin:undo_import", OF_ADMINS_HERE, "POST", import_of_lakeside),
    Row("admin:people_photos", OF_ADMINS),
    Row("admin:people_photos", OF_ADMINS, "POST",
        data=lambda school: {"file": SimpleUploadedFile("a.zip", zipped({"x.jpg": b""}))}),
    Row("staff:check", OF_ADULTS),
    Row("staff:check", OF_ADULTS, data=lambda school: to_the_nurse(school) | of_ana(school)),
    Row("staff:out_of_office", OF_ADULTS),
    Row("staff:out_of_office", who(("ito", "dana"), NO, ELSEWHERE), "POST",
        data=lambda school: {"location": school.nurse, "how": "rest"}),
    Row("staff:end_out_of_office", who(("ito", "dana"), NO, ELSEWHERE), "POST",
        lambda school: [school.nurse, "0" * 16]),
    Row("admin:places", OF_ADMINS),
    Row("admin:places", OF_ADMINS, "POST", data=lambda school: PLACE),
    Row("admin:retention", OF_ADMINS),
    Row("admin:retention", OF_ADMINS, "POST", data=lambda school: RETENTION),
    Row("admin:export_places", OF_ADMINS),
    Row("admin:import_places", OF_ADMINS),
    Row("admin:import_places", OF_ADMINS, "POST", data=lambda school: {"text": "name\nNew room"}),
    Row("admin:place", OF_ADMINS_HERE, args=lambda school: [school.library]),
    Row("admin:place", OF_ADMINS_HERE, "POST", lambda school: [school.library],
        lambda school: PLACE),
    Row("admin:place_row", OF_ADMINS_HERE, args=lambda school: [school.library]),
    Row("admin:archive_place", OF_ADMINS_HERE, "POST",
        lambda school: [school.open_place(f"Yard {school.last}")]),
    Row("admin:places", OF_ADMINS, data=lambda school: {"state": "archived"}),
    Row("admin:reopen_place", OF_ADMINS_HERE, "POST", an_archived_yard),
    Row("admin:list_student", OF_ADMINS_HERE, "POST", lambda school: [school.library],
        lambda school: of_ana(school)),
    Row("admin:list_student", who((), NO, (("dana", "otto"), HIDDEN)), "POST",
        lambda school: [school.library], lambda school: {"student": school.eli.account_id}),
    Row("admin:unlist_student", OF_ADMINS_HERE, "POST",
        lambda school: [school.library, school.ana.account_id]),
    Row("admin:student_limits", OF_ADMINS_HERE, args=lambda school: [school.ana.account_id]),
    Row("admin:student_limits", OF_ADMINS_HERE, "POST", lambda school: [school.ana.account_id],
        lambda school: {"day": school.last}),
    Row("staff:bell", OF_ADULTS),
    Row("admin:bell", OF_ADMINS),
    Row("admin:bell_today", OF_ADMINS, "POST", data=lambda school: {"schedule": " none"}),
    Row("admin:bell_week", OF_ADMINS, "POST", data=lambda school: {
        f"day-{day}": " none" for day in range(7)}),
    Row("admin:new_schedule", OF_ADMINS),
    Row("admin:new_schedule", OF_ADMINS, "POST", data=a_schedule),
    Row("admin:schedule", OF_ADMINS_HERE, args=regular),
    Row("admin:schedule", OF_ADMINS_HERE, "POST", regular,
        lambda school: a_schedule(school) | {"name": "Regular"}),
    Row("admin:remove_schedule", OF_ADMINS_HERE, "POST", regular),
    Row("admin:bell_calendar", OF_ADMINS),
    Row("admin:bell_calendar", OF_ADMINS, "POST", data=lambda school: {
        "first_day": "2026-03-04", "schedule": " none"}),
    Row("admin:block_around", OF_ADMINS, "POST", data=lambda school: {
        "name": "Bell", "first_minutes": 10, "last_minutes": school.last % 100}),
    *(Row("admin:settings", OF_ADMINS, args=at(page))
      for page in ("limits", "times", "queue", "appointments", "sight")),
    Row("admin:settings", OF_ADMINS, "POST", lambda school: ["sight"],
        lambda school: {"ended_shown_to": "concerned", "initial-ended_shown_to": "adults",
                        "hall_ends": "adults", "initial-hall_ends": "adults"}),
    Row("admin:grade_limits", OF_ADMINS, "POST"),
    Row("admin:block", OF_ADMINS, "POST", data=lambda school: {
        "name": "Test", "begins": "08:00", "ends": "09:00", "weekdays": [0]}),
    Row("admin:unblock", OF_ADMINS, "POST", lambda school: ["0" * 16]),
    Row("admin:apart", OF_ADMINS),
    Row("admin:apart", who(("dana",), NO, (("otto",), WRONG)), "POST",
        data=lambda school: {"student": [school.ana.account_id, school.cam.account_id]}),
    Row("admin:edit_apart", OF_ADMINS_HERE,
        args=ana_and_cam),
    Row("admin:edit_apart", OF_ADMINS_HERE, "POST",
        ana_and_cam,
        lambda school: {"student": [school.ana.account_id, school.ben.account_id]}),
    Row("admin:end_apart", OF_ADMINS_HERE, "POST",
        ana_and_cam),
    Row("admin:simulator", OF_ADMINS, data=lambda school: {"weeks": 1, "daily_limit": 0}),
    Row("admin:emergency", OF_ADMINS),
    Row("admin:freeze", OF_ADMINS, "POST"),
    Row("admin:freeze_text", OF_ADMINS, "POST", data=lambda school: {"text": "Stay inside."}),
    Row("admin:unfreeze", OF_ADMINS, "POST"),
    Row("admin:keys", OF_ADMINS),
    Row("admin:keys", OF_ADMINS, "POST", data=lambda school: KEY),
    Row("admin:revoke_key", OF_ADMINS_HERE, "POST", key_of_lakeside),
    Row("admin:webhooks", OF_ADMINS),
    Row("admin:webhooks", OF_ADMINS, "POST", data=lambda school: WEBHOOK),
    Row("admin:webhook", OF_ADMINS_HERE, args=webhook_of_lakeside),
    *(
        Row(f"admin:{name}_webhook", OF_ADMINS_HERE, "POST", webhook_of_lakeside)
        for name in ("enable", "resign", "remove")
    ),
    # What a key may do is the business of tests/api.
    Row("api:openapi", OPEN_TO_ALL),
    Row("api:problems", OPEN_TO_ALL),
    *(Row(name, OPEN_TO_ALL) for name in ("healthz", "readyz", "metrics")),
    *(
        Row(f"account_{name}", OPEN_TO_ALL)
        for name in ("login", "logout", "reset_password", "reset_password_done",
                     "reset_password_from_key_done", "inactive")
    ),
    *(
        Row(f"account_{name}", OPEN_TO_ALL | {"nobody": SIGN_IN})
        for name in ("change_password", "set_password", "signup")
    ),
    # These people have no password by which they could sign in again.
    Row("account_reauthenticate", who((), NO)),
    Row("account_reset_password_from_key", OPEN_TO_ALL, args=lambda school: ["1", "no-key"]),
]  # fmt: skip


def every_address(
    resolver: URLResolver | None = None, prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}", pattern.callback
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from every_address(pattern, prefix + inner)


def is_for_keys(view: Any) -> bool:
    return str(getattr(view, "guard", "")).startswith("key ")


def test_every_address_stands_in_the_table() -> None:
    found = {name for name, view in every_address() if not is_for_keys(view)}
    assert found == {row.name for row in ROWS}


def test_every_view_declares_who_may_use_it() -> None:
    known = {"anybody", "signed in", "student", "adult", "admin"}
    known |= {"classroom signed in", "classroom student", "classroom adult", "classroom admin"}
    known |= {"organisation admin", "classroom adult in Pass"}
    known |= {f"classroom {one.key}" for one in FUNCTIONS}
    known |= {f"key {scope}" for scope in SCOPES}
    assert [n for n, view in every_address() if getattr(view, "guard", None) not in known] == []


def test_every_error_page_is_open_to_everybody() -> None:
    resolver = get_resolver()
    for status in (400, 403, 404, 500):
        handler: Any = resolver.resolve_error_handler(status)
        assert handler.guard == "anybody"


def client_of(school: School, person: str, **more: Any) -> Client:
    client = Client(raise_request_exception=False, **more)
    if person != "nobody":
        sign_in(client, Identity.objects.get(email=f"{person}@example.org"))
    return client


def ask(client: Client, row: Row, school: School) -> Any:
    address = reverse(row.name, args=row.args(school))
    return getattr(client, row.method.lower())(address, row.data(school))


def outcome(answer: HttpResponse) -> str | int:
    where = answer.headers.get("Location", "")
    if answer.status_code == 302:
        return SIGN_IN if where.startswith(reverse("account_login")) else YES
    told = {200: YES, 204: YES, 400: WRONG, 403: NO, 404: HIDDEN, 409: "too late"}
    return told.get(answer.status_code, answer.status_code)


def ids(row: Row) -> str:
    return f"{row.method} {row.name} {ROWS.index(row)}"


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_who_may(a_school: School, row: Row) -> None:
    found = {}
    for person in row.expected:
        # What the person before may have added can be added again.
        PassAccount.objects.filter(email="new@example.org").delete()
        ClassroomAccount.objects.filter(email="new@example.org").delete()
        Location.objects.filter(name="New room").delete()
        answer = ask(client_of(a_school, person), row, a_school)
        found[person] = outcome(answer)
        if person in ("nobody", "cam", *OTHER_ADULTS, OTHER_STUDENT, "lou"):
            assert b"Lopez" not in answer.content, person
    assert found == row.expected


CHANGES = [row for row in ROWS if row.method == "POST"]


@pytest.mark.thorough
@pytest.mark.parametrize("row", CHANGES, ids=ids)
def test_a_change_needs_the_token_of_its_form(a_school: School, row: Row) -> None:
    for person in (p for p, may in row.expected.items() if may == YES):
        client = client_of(a_school, person, enforce_csrf_checks=True)
        address, data = reverse(row.name, args=row.args(a_school)), row.data(a_school)
        before = a_school.last
        assert client.post(address, data).status_code == 403
        assert a_school.last == before


@pytest.mark.thorough
def test_nothing_changes_by_looking(a_school: School) -> None:
    """Every address, asked by GET by every person, leaves the log as it was.

    But one: whoever looks at one student's history is written down.
    """
    clients = [client_of(a_school, person) for person in (*EVERYBODY, *ONLY_CLASSROOM)]
    for row in (row for row in ROWS if row.name != "staff:student"):
        address = reverse(row.name, args=row.args(a_school))
        before = a_school.last
        for client in clients:
            client.get(address)
        assert a_school.last == before, row.name


def test_a_press_on_a_page_whose_sign_in_is_over_leads_to_the_sign_in(a_school: School) -> None:
    address = reverse("staff:move", args=[anas_pass(a_school).id, "approve"])
    answer = Client().post(address, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == reverse("account_login")


@pytest.mark.thorough
@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_no_page_allows_what_is_inline_or_from_elsewhere(a_school: School, row: Row) -> None:
    for person in ("nobody", "ana", "rivera", "dana"):
        answer = ask(client_of(a_school, person), row, a_school)
        assert answer.headers["Content-Security-Policy"] == POLICY
        # A photo is asked for anew each time, unless its address names the very picture.
        is_photo = answer.headers["Content-Type"] == "image/webp"
        kept = "private, no-cache" if is_photo else "no-store"
        assert kept in answer.headers["Cache-Control"]
        text = answer.content.decode(errors="replace")
        assert "style=" not in text and "<script>" not in text and " onclick" not in text


def test_every_stream_declares_who_may_use_it() -> None:
    from corridor.web.door import STREAMS

    assert not settings.CORRIDOR.demo
    assert {path: endpoint.guard for path, endpoint in STREAMS.items()} == {
        "/stream/student": "student", "/stream/staff": "adult", "/stream/hall": "adult",
        "/stream/page": "signed in", "/stream/console": "classroom adult",
        "/stream/classroom": "classroom adult", "/stream/start": "classroom adult",
        "/api/v1/events/stream": "key events:read", "/staff/history/export.csv": "adult",
        "/classroom/picture": "classroom screens",
    }  # fmt: skip


def test_the_devices_door_declares_who_may_use_it() -> None:
    from corridor.web.door import SOCKETS

    assert {path: door.guard for path, door in SOCKETS.items()} == {"/agent/v1": "device"}
