"""A school as it is in the database now: who can ask, who can answer, where."""

from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from corridor.accounts.actors import Actor
from corridor.accounts.models import LocationLink, PassAccount, Role
from corridor.demo import plan
from corridor.roster.models import Location, School
from corridor.roster.places import open_locations
from corridor.roster.schools import settings_of
from corridor.web.cast import CAST

_CAST = frozenset(member.email for member in CAST)


class Pupil(NamedTuple):
    """A student who can ask. The cast's students are left to whoever tries the demonstration."""

    actor: Actor
    id: int
    number: int
    lunch: int
    email: str

    @property
    def is_cast(self) -> bool:
        """One of the people of the sign-in page."""
        return self.email in _CAST


class Building:
    """The people and places of a school, read once."""

    def __init__(self, school_id: int) -> None:
        self.school_id = school_id
        self.zone: ZoneInfo = settings_of(school_id).zone
        self.places: dict[int, Location] = {p.pk: p for p in open_locations(school_id)}
        self.place_named: dict[str, Location] = {p.name: p for p in self.places.values()}
        self._adults_of: dict[int, list[Actor]] = {}
        self.admins: list[Actor] = []
        self.classrooms: list[int] = []
        self.pupils: list[Pupil] = []
        self._read_people()
        self.classes = [pupil for pupil in self.pupils if not pupil.is_cast]
        self._destinations = self._weigh()

    def pupil(self, email: str) -> Pupil:
        """The student with this address."""
        return next(pupil for pupil in self.pupils if pupil.email == email)

    def room_of(self, pupil: Pupil, period: int) -> int:
        """Where the student is in a period: in a lesson, or at lunch."""
        lunch = self.place_named.get(plan.LUNCH)
        if period == pupil.lunch and lunch is not None and lunch.pk in self._adults_of:
            return lunch.pk
        return self.classrooms[(pupil.number * 7 + period * 13) % len(self.classrooms)]

    def adult_at(self, location_id: int, random: Random) -> Actor | None:
        """Somebody who can answer at a location."""
        found = self._adults_of.get(location_id)
        return random.choice(found) if found else None

    def destination_from(self, origin_id: int, random: Random) -> Location:
        """Where a student of this room may want to go."""
        places, weights = self._destinations
        while True:
            place = random.choices(places, weights)[0]
            if place.pk != origin_id:
                return place

    def _read_people(self) -> None:
        linked: dict[int, set[int]] = {}
        personal: dict[int, int] = {}
        for link in LocationLink.objects.filter(account__school_id=self.school_id).order_by("pk"):
            linked.setdefault(link.account_id, set()).add(link.location_id)
            if link.is_personal:
                personal[link.account_id] = link.location_id
        grades: list[str] = []
        people = PassAccount.objects.filter(school_id=self.school_id, closed_at__isnull=True)
        for person in people.order_by("pk"):
            locations = frozenset(linked.get(person.pk, ()))
            face = "student" if person.role == Role.STUDENT else "staff"
            actor = Actor(
                person.pk, self.school_id, person.role, person.display_name, face, locations
            )
            if person.role == Role.STUDENT:
                if person.grade not in grades:
                    grades.append(person.grade)
                lunch = 3 + grades.index(person.grade) % 3
                self.pupils.append(Pupil(actor, person.pk, len(self.pupils), lunch, person.email))
                continue
            for location_id in locations:
                self._adults_of.setdefault(location_id, []).append(actor)
            if person.role == Role.ADMIN:
                self.admins.append(actor)
            if person.role == Role.TEACHER and person.pk in personal:
                self.classrooms.append(personal[person.pk])

    def _weigh(self) -> tuple[list[Location], list[float]]:
        name = School.objects.values_list("name", flat=True).get(pk=self.school_id)
        shared = plan.SCHOOLS[name].shared if name in plan.SCHOOLS else ()
        weights = {place.name: float(place.weight) for place in shared}
        weights[plan.NURSE] = plan.NURSE_WEIGHT
        each = plan.OTHER_TEACHER_WEIGHT / max(len(self.classrooms), 1)
        weights |= {self.places[room].name: each for room in self.classrooms}
        places = list(self.places.values())
        return places, [weights.get(place.name, 0.2) for place in places]
