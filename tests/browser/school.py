"""The office of the browser tests: opens schools and acts for people, beside the servers.

A process of its own on the database that the environment names, because a browser's driver keeps
Django out of the tests' own. It takes an order a line (JSON) and answers a line. Every school is a
fresh pair with e-mail addresses of its own; orders are about the pair opened last.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import login  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest  # noqa: E402

from corridor import clock  # noqa: E402
from corridor.accounts.actors import Actor  # noqa: E402
from corridor.accounts.models import (  # noqa: E402
    Identity,
    LocationLink,
    PassAccount,
    SignIn,
)
from corridor.accounts.people import close_account, link_locations, open_account  # noqa: E402
from corridor.accounts.sessions import SessionStore  # noqa: E402
from corridor.live.log import Turn, last_number, turn  # noqa: E402
from corridor.passes import queries  # noqa: E402
from corridor.passes.apart import keep_apart  # noqa: E402
from corridor.passes.appointments import make_appointments  # noqa: E402
from corridor.passes.arranging import Wish  # noqa: E402
from corridor.passes.auto import choose_auto, start_pass  # noqa: E402
from corridor.passes.proof import token_of  # noqa: E402
from corridor.passes.requests import request_pass  # noqa: E402
from corridor.passes.trips import comment_on_pass, move_pass  # noqa: E402
from corridor.roster.changes import change_location, change_settings  # noqa: E402
from corridor.roster.models import District, Location  # noqa: E402
from corridor.roster.places import open_location  # noqa: E402
from corridor.roster.schools import open_school  # noqa: E402
from corridor.roster.settings import SchoolSettings, settings_in  # noqa: E402
from corridor.web.cast import CAST  # noqa: E402
from tests.browser.classes import ClassOffice  # noqa: E402

PASSWORD = "a-quiet-corridor-7"
ROLES = {
    "rivera": ("teacher", "Ms. Rivera, 204"),
    "okafor": ("teacher", "Mr. Okafor, 118"),
    "ito": ("staff", "Nurse"),
    "dana": ("admin", "Ms. Whitfield, office"),
}
# As long as real names are, so that a full board shows what it does with them.
CLASS = (
    "Amara Diallo", "Bartholomew Featherstonehaugh", "Chloé Dubois", "Dmitri Volkov", "Esperanza "
    "de la Cruz y Montoya", "Farid Haddad", "Grace Kim", "Hiroshi Tanaka", "Isla Morgan",
    "Jamal Washington", "Kiran Patel", "Lena Schmidt", "Mateo García", "Nour Al-Rashid",
    "Olu Adeyemi", "Priya Raman", "Quinn O'Brien", "Rosa Martínez", "Sione Taufa", "Thuy Tran",
    "Uma Johansson", "Viktor Nowak",
)  # fmt: skip


class Office(ClassOffice):
    """The pair of schools opened last, and what can be ordered there."""

    def __init__(self) -> None:
        self.count = 0
        self.id = 0
        self.ending = ""
        self.password = make_password(PASSWORD)

    # Opening

    def open(self, *, demo: bool = False) -> str:
        """Two schools: everybody but Eli in the first, Eli and Ms. Rivera in the second.

        Ben has used the one pass that he may make a day. Answers how the addresses end; a demo
        needs those of its cast.
        """
        self.count += 1
        self.ending = CAST[0].email[len("ana") :] if demo else f"@s{self.count}.example.org"
        district = District.objects.create(name="Lincoln district")
        plain = SchoolSettings(time_zone=_zone_where_it_is_ten())
        self.id = open_school(district=district, name="Lincoln High School", settings=plain).pk
        second = open_school(district=district, name="Roosevelt Middle School", settings=plain)
        with turn(self.id) as tx:
            for member in CAST:
                if member.key != "eli":
                    self._open(tx, member.key, member.name)
            for name, more in (
                ("Restroom B", {"capacity": 2}),
                ("Library", {"trip_type": "layover", "reason_mode": "mandatory"}),
                ("Main entrance", {"trip_type": "one_way", "reason_mode": "hidden"}),
            ):
                open_location(tx, name=name, by=_office(tx).who, at=clock.now(), **more)
        with turn(second.pk) as tx:
            self._open(tx, "eli", "Eli Marsh")
            self._open(tx, "rivera", "Ms. Rivera")
        PassAccount.objects.filter(email="ben" + self.ending).update(daily_limit=1)
        self.ask("ben", "Restroom B")
        self.press("approve", "ben", "rivera")
        self.press("end", "ben", "rivera")
        return self.ending

    def enrol(self, names: list[str]) -> None:
        """More students."""
        with turn(self.id) as tx:
            for name in names:
                self._open(tx, _key(name), name)

    def fill(self) -> int:
        """A class of students with passes of Ms. Rivera's, every third still waiting."""
        names = list(CLASS)
        self.enrol(names)
        places = ("Nurse", "Main entrance", "Mr. Okafor, 118")
        for number, name in enumerate(names):
            self.ask(_key(name), places[number % 3], reason="" if number % 2 else "As arranged")
            if number % 3:
                self.press("approve", _key(name), "rivera")
        return len(names)

    # Acting

    def ask(self, key: str, to: str, reason: str = "", origin: str = "Ms. Rivera, 204") -> int:
        """A student asks; the number of the pass."""
        with turn(self.id) as tx:
            card = request_pass(
                tx, origin_id=self._place(origin), destination_id=self._place(to), reason=reason,
                by=self._actor(key), at=clock.now(),
            )  # fmt: skip
        return card.id

    def press(self, move: str, student: str, by: str) -> str:
        """A move of the student's open pass; what it is then."""
        card = queries.open_pass_of(self._account(student).pk)
        assert card is not None
        with turn(self.id) as tx:
            card = move_pass(tx, move, pass_id=card.id, by=self._actor(by), at=clock.now())
        return card.state

    def change_place(self, name: str, **changes: Any) -> None:
        """Something about a location is changed."""
        with turn(self.id) as tx:
            place = Location.objects.get(school_id=self.id, name=name)
            change_location(tx, place, changes, by=_office(tx).who, at=clock.now())

    def look_after(self, key: str, names: list[str], **limits: Any) -> None:
        """New shared places with these limits, and the adult who looks after them."""
        with turn(self.id) as tx:
            places = [
                open_location(tx, name=name, by=_office(tx).who, at=clock.now(), **limits).pk
                for name in names
            ]
            link_locations(tx, location_ids=places, by=self._actor(key), at=clock.now())

    def link(self, key: str, names: list[str]) -> None:
        """An adult's shared locations ("My locations")."""
        with turn(self.id) as tx:
            places = [self._place(name) for name in names]
            link_locations(tx, location_ids=places, by=self._actor(key), at=clock.now())

    def keep_apart(self, students: list[str]) -> None:
        """From now on these students are kept apart."""
        with turn(self.id) as tx:
            keep_apart(
                tx, student_ids=[self._account(key).pk for key in students],
                by=self._actor("dana"), at=clock.now(),
            )  # fmt: skip

    def choose_auto(self, key: str, names: list[str]) -> None:
        """An adult lets students start and stop passes to these places alone."""
        modes = {self._place(name): "start_stop" for name in names}
        with turn(self.id) as tx:
            choose_auto(tx, modes=modes, limit=None, by=self._actor(key), at=clock.now())

    def start(self, key: str) -> str:
        """A student starts the waiting pass by Auto Pass; what it is then."""
        card = queries.open_pass_of(self._account(key).pk)
        assert card is not None
        with turn(self.id) as tx:
            return start_pass(tx, pass_id=card.id, by=self._actor(key), at=clock.now()).state

    def break_pass(self) -> None:
        """Pass's table cannot be found any more, as after a failed restore."""
        self._rename_table("passes_hallpass", "passes_away")

    def mend_pass(self) -> None:
        """It is there again."""
        self._rename_table("passes_away", "passes_hallpass")

    @staticmethod
    def _rename_table(old: str, new: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")

    def allow_auto(self, names: list[str]) -> None:
        """The admin allows Auto Pass to these places."""
        for name in names:
            self.change_place(name, may_be_auto=True)

    def decide(self, **settings: Any) -> None:
        """The school's settings are changed."""
        with turn(self.id) as tx:
            change_settings(tx, settings, by=_office(tx).who, at=clock.now())

    def arrange(
        self,
        students: list[str],
        to: str,
        minutes: float,
        by: str = "ito",
        reason: str = "",
        repeat: str = "none",
        until: str = "",
    ) -> list[int]:
        """An appointment in so many minutes; the numbers of the passes."""
        with turn(self.id) as tx:
            begins = (clock.now() + timedelta(minutes=minutes)).astimezone(settings_in(tx).zone)
            wish = Wish(
                origin_id=self._place("Ms. Rivera, 204"), destination_id=self._place(to),
                day=begins.date(), wall=begins.time(), reason=reason, repeat=repeat,
                until=date.fromisoformat(until) if until else None,
            )  # fmt: skip
            cards = make_appointments(
                tx, wish, student_ids=[self._account(key).pk for key in students],
                by=self._actor(by), at=clock.now(),
            )  # fmt: skip
        return [card.id for card in cards]

    def wall_clock(self, minutes: float) -> list[str]:
        """Day and time on the wall in so many minutes, as the form takes them."""
        with turn(self.id) as tx:
            begins = (clock.now() + timedelta(minutes=minutes)).astimezone(settings_in(tx).zone)
        return [f"{begins:%Y-%m-%d}", f"{begins:%H:%M}"]

    def comment(self, student: str, by: str, times: int) -> None:
        """Many comments beside the student's open pass."""
        card = queries.open_pass_of(self._account(student).pk)
        assert card is not None
        for number in range(times):
            with turn(self.id) as tx:
                comment_on_pass(
                    tx, pass_id=card.id, text=str(number), by=self._actor(by), at=clock.now()
                )

    def close(self, key: str) -> None:
        """An admin closes an account."""
        with turn(self.id) as tx:
            close_account(tx, account_id=self._account(key).pk, by=_office(tx), at=clock.now())

    # Signing in and out

    def sign_in(self, key: str) -> str:
        """A sign-in as after the right password; the value of its cookie."""
        request = HttpRequest()
        request.session = SessionStore()
        identity = Identity.objects.get(email=key + self.ending)
        login(request, identity, settings.AUTHENTICATION_BACKENDS[0])
        request.session.save()
        return str(request.session.session_key)

    def sign_out(self, key: str) -> None:
        """The sign-ins of a person are over, as after two weeks."""
        SignIn.objects.filter(identity__email=key + self.ending).delete()

    # Looking

    def events(self) -> int:
        """The number of the last event."""
        return last_number(self.id)

    def open_passes(self) -> int:
        """How many passes are open."""
        return len(queries.open_passes(self.id))

    def proof(self, student: str) -> str:
        """The address, without the server, that the code on a student's live pass says now."""
        card = queries.open_pass_of(self._account(student).pk)
        assert card is not None
        return "/hall/proof/" + token_of(self.id, card.id, clock.now(), settings.SECRET_KEY)

    # Finding

    def _open(self, tx: Turn, key: str, name: str) -> None:
        role, room = ROLES.get(key, ("student", ""))
        given, _, family = name.partition(" ")
        account = open_account(
            tx, email=key + self.ending, role=role, given_name=given, family_name=family,
            display_name=name, grade="9" if role == "student" else "", location_name=room,
            by=_office(tx), at=clock.now(),
        )  # fmt: skip
        Identity.objects.filter(pk=account.identity_id).update(password=self.password)

    def _account(self, key: str) -> PassAccount:
        return PassAccount.objects.get(school_id=self.id, email=key + self.ending)

    def _actor(self, key: str) -> Actor:
        account = self._account(key)
        links = LocationLink.objects.filter(account=account)
        places = frozenset(links.values_list("location_id", flat=True))
        face = "student" if account.role == "student" else "staff"
        return Actor(account.pk, self.id, account.role, account.display_name, face, places)

    def _place(self, name: str) -> int:
        return int(Location.objects.get(school_id=self.id, name=name).pk)


def _office(tx: Turn) -> Actor:
    return Actor(None, tx.school_id, "admin", "The office", "tests")


def _key(name: str) -> str:
    return name.split()[0].lower().encode("ascii", "ignore").decode()


def _zone_where_it_is_ten() -> str:
    """So that no test runs into midnight."""
    hours = (10 - clock.now().hour + 12) % 24 - 12
    return f"Etc/GMT{-hours:+d}"  # the signs of these names are the other way round


def main() -> None:
    """Take orders until the line closes."""
    if clock_file := os.environ.get("CORRIDOR_CLOCK_FILE"):
        clock.set_clock(clock.FileClock(Path(clock_file)))
    office = Office()
    for line in sys.stdin:
        order = json.loads(line)
        act: Callable[..., Any] = getattr(office, order.pop("order"))
        sys.stdout.write(json.dumps(act(**order)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
