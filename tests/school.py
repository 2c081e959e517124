"""One small named school, and a second one that must see nothing of it.

Ms. Rivera teaches in room 204. Mr. Okafor teaches in 118 and looks after the library and the exit,
Nurse Ito after the nurse's room and the restroom. Dana is the admin. Ana has no limits, Ben has
used the one pass that he may make a day, Cam is another student. Ms. Stone, Otto (admin) and Eli
(student) are of another school.

In Classroom, Ms. Rivera teaches "English 2" in period 3 with Mr. Okafor as co-teacher; Ana, Ben,
Cam and Mia are in it. Mr. Okafor has a class of his own with Ana and Lou. Dana is organisation
admin. Mr. Park is a substitute, Tia a technician; they, Lou and Mia have no Pass account. In the
other school Ms. Stone has a class of Eli's, and Otto is school admin. Nurse Ito has no Classroom
account.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from django.db.models import QuerySet

from corridor.accounts.actors import Actor, ClassroomActor
from corridor.accounts.classes import change_roster, open_class, set_teachers
from corridor.accounts.classroom_people import open_classroom_account
from corridor.accounts.limits import limit_student, list_student
from corridor.accounts.models import ClassroomAccount, ClassTeacher, LocationLink
from corridor.accounts.people import link_locations, open_account
from corridor.accounts.permissions import permissions_of
from corridor.clock import TestClock
from corridor.live.log import read_log, turn
from corridor.live.models import SchoolTurn
from corridor.passes import events, timers
from corridor.passes.apart import keep_apart
from corridor.passes.auto import choose_auto, start_pass
from corridor.passes.cards import PassCard
from corridor.passes.requests import give_pass, request_pass
from corridor.passes.trips import move_pass
from corridor.roster.changes import change_location, change_settings
from corridor.roster.classroom_settings import ClassroomSettings
from corridor.roster.models import District, Location, SchoolClass
from corridor.roster.places import open_location
from corridor.roster.schools import open_school
from corridor.roster.settings import Limits, SchoolSettings

R = TypeVar("R")


class InClassroom:
    """The same people as Classroom knows them, and their classes."""

    rivera: ClassroomActor
    okafor: ClassroomActor
    dana: ClassroomActor  # organisation admin
    park: ClassroomActor  # substitute, not in Pass
    tia: ClassroomActor  # technician, not in Pass
    ana: ClassroomActor
    ben: ClassroomActor
    cam: ClassroomActor
    lou: ClassroomActor  # student, not in Pass, in Mr. Okafor's class
    mia: ClassroomActor  # student, not in Pass, in Ms. Rivera's class
    stone: ClassroomActor  # teacher of the other school
    otto: ClassroomActor  # school admin of the other school
    eli: ClassroomActor  # student of the other school
    english: int  # Ms. Rivera's and Mr. Okafor's: Ana, Ben, Cam, Mia
    algebra: int  # Mr. Okafor's: Ana, Lou
    elsewhere: int  # Ms. Stone's: Eli


class School:
    """The school as tests see it: people as actors, places as ids, and short ways to act."""

    ana: Actor
    ben: Actor
    cam: Actor
    rivera: Actor
    okafor: Actor
    ito: Actor
    dana: Actor
    stone: Actor  # teacher of the other school
    eli: Actor  # student of the other school
    otto: Actor  # admin of the other school

    def __init__(self, clock: TestClock) -> None:
        self.clock = clock
        district = District.objects.create(name="Lakeside")
        plain = SchoolSettings()
        self.id = open_school(district=district, name="Lakeside High", settings=plain).pk
        self.other_id = open_school(district=district, name="Hilltop", settings=plain).pk
        self._office = Actor(None, self.id, "admin", "Office", "setup")

        self.room_204 = self._open("rivera", "teacher", "Rosa Rivera", "Ms. Rivera", "Room 204")
        self.room_118 = self._open("okafor", "teacher", "Obi Okafor", "Mr. Okafor", "Room 118")
        self.nurse = self._open("ito", "staff", "Ikuko Ito", "Nurse Ito", "Nurse")
        self.office = self._open("dana", "admin", "Dana Whitfield", "", "Main office")
        self.ana = self.add_student("ana", "Ana Lopez", "9")
        self.ben = self.add_student("ben", "Ben Carter", "10")
        self.cam = self.add_student("cam", "Cam Nguyen", "10")
        self.restroom = self.open_place("Restroom B")
        self.library = self.open_place("Library", trip_type="layover")
        self.exit = self.open_place("Going home", trip_type="one_way")
        self.okafor = self.with_locations(self.okafor, self.library, self.exit)
        self.ito = self.with_locations(self.ito, self.restroom)

        self.other_room = self._open(
            "stone", "teacher", "Sara Stone", "Ms. Stone", "Room 1", self.other_id
        )
        self.other_office = self._open(
            "otto", "admin", "Otto Other", "", "Main office", self.other_id
        )
        self.eli = self.add_student("eli", "Eli Marsh", "9", self.other_id)

        self.limit(self.ben, 1)
        self.end(self.ask(self.ben))
        self.classroom = InClassroom()
        self._open_classroom()

    # Acting

    def do(self, operation: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run one operation now, in the turn of the school of whoever acts."""
        kwargs.setdefault("at", self.clock.at)
        with turn(getattr(kwargs["by"], "school_id", self.id)) as tx:
            return operation(tx, *args, **kwargs)

    def ask(
        self,
        student: Actor | None = None,
        to: int | None = None,
        *,
        origin: int | None = None,
        **more: Any,
    ) -> PassCard:
        """A student (Ana) asks to leave a room (204) for a place (the nurse)."""
        return self.do(
            request_pass,
            origin_id=self.room_204 if origin is None else origin,
            destination_id=self.nurse if to is None else to,
            by=student or self.ana,
            **more,
        )

    def give(self, student: Actor | None = None, to: int | None = None, **more: Any) -> PassCard:
        """An adult (Ms. Rivera) makes a pass for a student (Ana) to a place (the nurse)."""
        more.setdefault("by", self.rivera)
        return self.do(
            give_pass,
            student_id=self.id_of(student or self.ana),
            origin_id=more.pop("origin", self.room_204),
            destination_id=self.nurse if to is None else to,
            **more,
        )

    def press(self, name: str, card: PassCard, by: Actor, **more: Any) -> PassCard:
        """Press the button of a move."""
        if name == "start":
            return self.do(start_pass, pass_id=card.id, by=by, **more)
        return self.do(move_pass, name, pass_id=card.id, by=by, **more)

    def queue(self, student: Actor, to: int, **more: Any) -> PassCard:
        """A student joins the line of a full location."""
        return self.ask(student, to, join_line=True, **more)

    def out(self, student: Actor | None = None, to: int | None = None) -> PassCard:
        """A student's pass that Ms. Rivera has approved."""
        return self.press("approve", self.ask(student, to), self.rivera)

    def end(self, card: PassCard) -> PassCard:
        """The waiting pass approved and ended, so that it has been used."""
        return self.press("end", self.press("approve", card, self.rivera), self.rivera)

    def wait(self, *, timer: bool = True, **how_long: float) -> datetime:
        """Let time pass; then the timer runs, unless the server is said to be stopped."""
        now = self.clock.move(**how_long)
        if timer:
            timers.run_due(now)
        return now

    # Deciding

    def decide(self, **settings: Any) -> None:
        """Change the school's settings."""
        self.do(change_settings, settings, by=self._office.who)

    def limit(self, student: Actor, daily_limit: int | None) -> None:
        """Give a student a daily limit of their own."""
        limits = Limits(day=daily_limit)
        self.do(limit_student, account_id=self.id_of(student), limits=limits, by=self._office)

    def open_place(self, name: str, **more: Any) -> int:
        """A new shared location."""
        location = self.do(open_location, name=name, by=self._office.who, **more)
        return int(location.pk)

    def change_place(self, location_id: int, **changes: Any) -> None:
        """Change some fields of a location."""
        location = Location.objects.get(pk=location_id)
        self.do(change_location, location, changes, by=self._office.who)

    def allow_auto(
        self, *location_ids: int, mode: str = "start_stop", limit: int | None = None,
        by: Actor | None = None,
    ) -> None:  # fmt: skip
        """The admin allows Auto Pass to these places, and an adult (Ms. Rivera) to no others."""
        for location_id in location_ids:
            self.change_place(location_id, may_be_auto=True)
        modes = dict.fromkeys(location_ids, mode)
        self.do(choose_auto, modes=modes, limit=limit, by=by or self.rivera)

    def list_student(self, location_id: int, student: Actor, **days: Any) -> None:
        """Put a student on the list of a location."""
        self.do(
            list_student, location_id=location_id, account_id=self.id_of(student),
            by=self.dana, **days,
        )  # fmt: skip

    def keep_apart(self, *students: Actor, **more: Any) -> int:
        """From now on these students are kept apart; the group's id."""
        more.setdefault("by", self.dana)
        ids = [self.id_of(student) for student in students]
        return int(self.do(keep_apart, student_ids=ids, **more).pk)

    def with_locations(self, adult: Actor, *location_ids: int) -> Actor:
        """The adult, after choosing these as "My locations"."""
        places = self.do(link_locations, location_ids=location_ids, by=adult)
        return msgspec.structs.replace(adult, location_ids=places)

    def add_student(
        self, key: str, name: str, grade: str = "9", school_id: int | None = None
    ) -> Actor:
        """A student with an account."""
        self._open(key, "student", name, school_id=school_id, grade=grade)
        actor: Actor = getattr(self, key)
        return actor

    # Looking

    def log(self, after: int = 0) -> list[Any]:
        """The events about passes after a number, oldest first."""
        told = (events.decode(row.name, row.body) for row in read_log(self.id, after))
        return [event for event in told if event is not None]

    def names(self, after: int = 0) -> list[str]:
        """The names of the events about passes after a number."""
        return [event.name for event in self.log(after)]

    @property
    def last(self) -> int:
        """The number of the last event."""
        return SchoolTurn.objects.get(school_id=self.id).last_number

    @staticmethod
    def id_of(actor: Actor) -> int:
        """The account's id of a person."""
        assert actor.account_id is not None
        return actor.account_id

    # Building

    def _open_classroom(self) -> None:
        room, here, there = self.classroom, self.id, self.other_id
        for key, role, name, shown, school_id in (
            ("rivera", "teacher", "Rosa Rivera", "Ms. Rivera", here),
            ("okafor", "teacher", "Obi Okafor", "Mr. Okafor", here),
            ("dana", "organisation_admin", "Dana Whitfield", "", here),
            ("park", "substitute", "Jin Park", "Mr. Park", here),
            ("tia", "technician", "Tia Novak", "", here),
            ("ana", "student", "Ana Lopez", "", here),
            ("ben", "student", "Ben Carter", "", here),
            ("cam", "student", "Cam Nguyen", "", here),
            ("lou", "student", "Lou Meyer", "", here),
            ("mia", "student", "Mia Lopez", "", here),
            ("stone", "teacher", "Sara Stone", "Ms. Stone", there),
            ("otto", "school_admin", "Otto Other", "", there),
            ("eli", "student", "Eli Marsh", "", there),
        ):
            given, family = name.split(" ")
            self.do(
                open_classroom_account, email=f"{key}@example.org", role=role, given_name=given,
                family_name=family, display_name=shown,
                by=msgspec.structs.replace(self._office, school_id=school_id),
            )  # fmt: skip
        room.english = self._open_class("English 2", "3", "rivera", "ana", "ben", "cam", "mia")
        room.algebra = self._open_class("Algebra 1", "5", "okafor", "ana", "lou")
        room.elsewhere = self._open_class("Science", "2", "stone", "eli")
        okafor = [self._in_classroom("okafor").pk]
        self.do(
            set_teachers, SchoolClass.objects.get(pk=room.english),
            lead_id=self._in_classroom("rivera").pk, co_teacher_ids=okafor, by=self._office,
        )  # fmt: skip
        for account in self._accounts():
            taught = ClassTeacher.objects.filter(account=account)
            actor = ClassroomActor(
                account.pk, account.school_id, account.role, account.display_name,
                "console" if account.role != "student" else "agent",
                class_ids=frozenset(taught.values_list("school_class_id", flat=True)),
                permissions=permissions_of(account.role, ClassroomSettings()),
            )  # fmt: skip
            setattr(room, account.email.partition("@")[0], actor)

    def _open_class(self, name: str, period: str, lead: str, *students: str) -> int:
        account = self._in_classroom(lead)
        office = msgspec.structs.replace(self._office, school_id=account.school_id)
        made = self.do(open_class, name=name, period=period, lead_id=account.pk, by=office)
        ids = [self._in_classroom(key).pk for key in students]
        self.do(change_roster, made, add=ids, by=office)
        return int(made.pk)

    def _in_classroom(self, key: str) -> ClassroomAccount:
        return self._accounts().get(email=f"{key}@example.org")

    def _accounts(self) -> "QuerySet[ClassroomAccount]":
        return ClassroomAccount.objects.filter(school_id__in=(self.id, self.other_id))

    def _open(
        self,
        key: str,
        role: str,
        name: str,
        shown: str = "",
        room: str = "",
        school_id: int | None = None,
        grade: str = "",
    ) -> int:
        school_id = school_id or self.id
        given, family = name.split(" ")
        account = self.do(
            open_account,
            email=f"{key}@example.org",
            role=role,
            given_name=given,
            family_name=family,
            display_name=shown,
            location_name=room,
            grade=grade,
            by=msgspec.structs.replace(self._office, school_id=school_id),
        )
        links = LocationLink.objects.filter(account=account)
        places = frozenset(links.values_list("location_id", flat=True))
        face = "student" if role == "student" else "staff"
        actor = Actor(account.pk, school_id, role, account.display_name, face, places)
        setattr(self, key, actor)
        return min(places, default=0)
