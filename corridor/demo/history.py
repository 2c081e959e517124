"""The days of a made-up school: those that have passed, and today as it is right now."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

from corridor.demo import plan, timetable
from corridor.demo.building import Building, Pupil
from corridor.demo.chronicle import Chronicle, Trip
from corridor.demo.lessons import Lessons
from corridor.demo.stories import Step, Story, reason_for, story
from corridor.passes import queries
from corridor.roster.models import Location
from corridor.roster.schools import settings_of
from corridor.web.cast import CAST

# Passes of a school day for each student: some 190 where 600 go to school.
_A_DAY: Final = 0.32
# Whoever is shown as out right now finds a place: the ordinary passes leave some free before.
_YIELDS: Final = timedelta(minutes=50)

_EMAIL: Final = {member.key: member.email for member in CAST}


class Scene(NamedTuple):
    """A pass as it is right now, with the seconds since it was asked for and since its steps."""

    origin: str
    destination: str
    reason: str
    asked: float
    steps: tuple[tuple[float, str], ...] = ()
    given: bool = False


# Fourteen out, two of them long running; four waiting.
LINCOLN_NOW: Final = (
    Scene(plan.RIVERA, "Restroom B", "", 22),
    Scene(plan.RIVERA, "Counseling", "College application", 130),
    Scene(plan.OKAFOR, "Library", "Print my essay", 65),
    Scene("Ms. Iyer, 201", "Main office", "Schedule change", 190),
    Scene(plan.RIVERA, "Restroom A", "", 155, ((125, "approve"),)),
    Scene("Ms. Iyer, 201", "Restroom C", "", 260, ((240, "approve"),)),
    Scene("Mr. Tran, 213", "Restroom B", "", 390, ((372, "approve"),)),
    Scene("Mr. Yoon, 217", "Water fountain", "", 75, ((60, "approve"),)),
    Scene(plan.OKAFOR, plan.NURSE, "Headache", 118, ((95, "approve"),)),
    Scene("Ms. Goldstein, 116", plan.NURSE, "Ice for my ankle", 500,
          ((480, "approve"), (360, "arrive"))),
    Scene("Mr. Petrov, 209", "Library", "Study group", 740, ((720, "approve"), (610, "arrive"))),
    Scene("Ms. Kealoha, 203", "Counseling", "Appointment", 670,
          ((655, "approve"), (540, "arrive"))),
    Scene("Ms. Chaudhry, 109", "Main office", "Drop off a form", 545,
          ((530, "approve"), (410, "arrive"), (62, "send_back"))),
    Scene(plan.RIVERA, plan.NURSE, "Daily medication", 480,
          ((455, "approve"), (350, "arrive"), (38, "send_back"))),
    Scene("Mr. Jankowski, 202", "Restroom D", "", 1060, ((1045, "approve"),)),
    Scene(plan.RIVERA, "Locker", "Forgot my book", 830, ((806, "approve"),)),
    Scene(plan.OKAFOR, plan.RIVERA, "Make up a quiz", 170, (), given=True),
    Scene("Ms. Sandoval, 212", "Early dismissal", "Dentist appointment", 115, ((100, "approve"),)),
)  # fmt: skip
ROOSEVELT_NOW: Final = (
    Scene("Ms. Escobar, 14", "Restroom", "", 40),
    Scene("Mr. Ashby, 11", "Restroom", "", 200, ((180, "approve"),)),
    Scene("Mr. Liang, 15", plan.NURSE, "Stomach ache", 420, ((405, "approve"), (300, "arrive"))),
)

# What Ben has done with the passes of today: shares of the day so far.
_BENS_DAY: Final = ("Locker", "Library", "Main office", "Locker")


class History:
    """Fills a school's log day by day. The same seed and time give the same school."""

    def __init__(self, building: Building, seed: int) -> None:
        self.building = building
        self.random = Random(seed)  # noqa: S311
        self.chronicle = Chronicle(building, self.random)
        self.lessons = Lessons(building, self.chronicle.add)
        # Most students ask seldom, some often.
        often = [min(self.random.paretovariate(1.1), 34) for _ in building.classes]
        self._often = list(accumulate(often))
        self._busy_right_now: set[int] = set()

    def school_day(self, day: date) -> None:
        """A whole day of the past."""
        start = timetable.start_of(day, self.building.zone)
        for at, trip in self._ordinary(start):
            self.chronicle.plan(at, trip)
        self.chronicle.play(start + timedelta(hours=15))
        self.lessons.keep_what_was_open()

    def cast_was_here(self, day: date) -> None:
        """A day on which the cast's students went somewhere, so that their pages know places."""
        start = timetable.start_of(day, self.building.zone)
        for key, origin, destinations in (
            ("ana", plan.RIVERA, ("Water fountain", plan.NURSE)),
            ("ben", plan.RIVERA, ("Library", "Restroom B")),
            ("cam", plan.OKAFOR, ("Restroom A", "Counseling")),
            ("eli", "Ms. Escobar, 14", ("Restroom", "Library")),
        ):
            pupil = next((p for p in self.building.pupils if p.email == _EMAIL[key]), None)
            if pupil is None:
                continue
            for period, name in zip((1, 6), destinations, strict=True):
                place = self.building.place_named[name]
                trip = Trip(
                    pupil,
                    self.building.place_named[origin].pk,
                    place.pk,
                    reason_for(place, self.random),
                    _plain_story(place),
                )
                minutes = 52 * period + self.random.uniform(12, 30)
                self.chronicle.plan(start + timedelta(minutes=minutes), trip)

    def right_now(self, at: datetime, scenes: tuple[Scene, ...]) -> None:
        """The passes that are open at this time."""
        for scene, pupil in zip(scenes, self._pupils_without_pass(at), strict=False):
            origin = self.building.place_named.get(scene.origin)
            destination = self.building.place_named.get(scene.destination)
            if origin is None or destination is None:
                continue  # somebody has changed the school since
            self._busy_right_now.add(pupil.id)
            before, steps = scene.asked, list[Step]()
            for ago, move in scene.steps:
                steps.append(Step(before - ago, move))
                before = ago
            trip = Trip(
                pupil, origin.pk, destination.pk, scene.reason, Story(tuple(steps)),
                given=scene.given, pre_approved=scene.given,
            )  # fmt: skip
            self.chronicle.plan(at - timedelta(seconds=scene.asked), trip)

    def today_until(self, at: datetime, since: datetime) -> None:
        """Today so far, but not again what lies before `since`; nobody of it is still out.

        Those who are out right now are planned before, so that they are not in two places.
        """
        start = timetable.start_for(at, self.building.zone)
        for when, trip in self._ordinary(start):
            closed = when + timedelta(seconds=trip.story.seconds + 45)
            if closed < at and when > since and trip.pupil.id not in self._busy_right_now:
                yields = when > at - _YIELDS
                self.chronicle.plan(when, trip._replace(yields=yields))
        self._use_up_bens_passes(at)

    def play(self, until: datetime) -> None:
        """Carry out what was planned up to this time."""
        self.chronicle.play(until)

    def _ordinary(self, start: datetime) -> Iterator[tuple[datetime, Trip]]:
        count = self.random.gauss(_A_DAY * len(self.building.pupils), 4)
        for _ in range(round(count)):
            at = timetable.moment_in_day(start, self.random)
            pupil = self.random.choices(self.building.classes, cum_weights=self._often)[0]
            yield at, self._trip(pupil, at, start)

    def _trip(self, pupil: Pupil, at: datetime, start: datetime) -> Trip:
        random = self.random
        origin = self.building.room_of(pupil, timetable.period_at(at, start))
        place = self.building.destination_from(origin, random)
        given = random.random() < 0.14
        pre_approved = given and random.random() < 0.85
        told = story(place, random, pre_approved=pre_approved)
        return Trip(pupil, origin, place.pk, reason_for(place, random), told, given, pre_approved)

    def _use_up_bens_passes(self, at: datetime) -> None:
        ben = next((p for p in self.building.pupils if p.email == _EMAIL["ben"]), None)
        if ben is None:
            return
        settings = settings_of(self.building.school_id)
        used = queries.used_today(queries.passes_of(ben.id, 50), settings, at)
        allowed = queries.limits_of(ben.id, settings).day or 0
        midnight = datetime.combine(at.astimezone(settings.zone).date(), time(), settings.zone)
        begin = max(midnight, at - timedelta(hours=3))
        share = (at - begin) / (len(_BENS_DAY) + 0.5)
        away = min(share.total_seconds() * 0.6, 280)
        for number in range(used, min(allowed, len(_BENS_DAY))):
            place = self.building.place_named[_BENS_DAY[number]]
            steps = (Step(away * 0.1, "approve"), Step(away * 0.9, "end"))
            trip = Trip(
                ben,
                self.building.place_named[plan.RIVERA].pk,
                place.pk,
                reason_for(place, self.random),
                Story(steps),
            )
            self.chronicle.plan(begin + share * (number + 0.2), trip)

    def _pupils_without_pass(self, at: datetime) -> Iterator[Pupil]:
        """Students who can be out now: no open pass, and some passes of the day left."""
        settings = settings_of(self.building.school_id)
        pupils = list(self.building.classes)
        self.random.shuffle(pupils)
        for pupil in pupils:
            past = queries.passes_of(pupil.id, 10)
            is_out = any(card.is_open for card in past)
            if not is_out and queries.used_today(past, settings, at) < 2:
                yield pupil


def _plain_story(place: Location) -> Story:
    approved, back = Step(18, "approve"), Step(110, "end")
    if place.trip_type != "layover":
        return Story((approved, Step(210, "end")))
    return Story((approved, Step(95, "arrive"), Step(420, "send_back"), back))
