"""What becomes of a pass: the steps after a request, as they happen in a school."""

from random import Random
from typing import Final, NamedTuple

from corridor.roster.models import Location


class Step(NamedTuple):
    """A press, so many seconds after the one before; `text` is a comment's."""

    after: float
    move: str
    text: str = ""


class Story(NamedTuple):
    """The steps of a pass. `is_closed` is false when the clock has to close it."""

    steps: tuple[Step, ...]
    is_closed: bool = True

    @property
    def seconds(self) -> float:
        """From the request to the last step; generous where the clock closes the pass."""
        return sum(step.after for step in self.steps) + (0 if self.is_closed else 6000)


_REASONS: Final = {
    "Nurse": (
        "Headache", "Stomach ache", "Feeling dizzy", "Bandage for my finger", "Daily medication",
        "Allergy", "Nosebleed", "I feel sick", "Ice for my ankle", "",
    ),
    "Library": (
        "Return a book", "Print my essay", "Research for history", "Study group", "Pick up a hold",
        "Quiet place to read", "",
    ),
    "Main office": (
        "Drop off a form", "Pick up my charger", "Schedule change", "Mom is dropping off my lunch",
        "Parking permit", "Lost and found", "Called by the office",
    ),
    "Counseling": (
        "Appointment", "Schedule change", "College application", "I would like to talk",
        "Letter of recommendation", "",
    ),
    "Gym": ("Forgot my shoes", "Team meeting", "Help set up for the game", ""),
    "Computer lab": ("Finish my project", "Yearbook layout", "Robotics code", "Make-up test"),
    "Testing center": ("Make-up quiz", "Extended time test", ""),
    "Cafeteria": ("Forgot my lunch box", "Student council table", ""),
    "Early dismissal": (
        "Dentist appointment", "Doctor's appointment", "Family event", "Going home sick",
    ),
    "Parking lot": ("Work study", "Left my bag in the car", "Internship"),
    "Locker": ("Forgot my book", "Calculator", "Gym clothes", ""),
    "": ("Ask about the homework", "Make up a quiz", "Hand in my project", "Extra help", ""),
}  # fmt: skip

_NOT_NOW: Final = (
    "Please wait until the quiz is over.",
    "Five more minutes, then ask again.",
    "You were out in first period. Please wait for the bell.",
    "Ask me again after the lab.",
    "Not while we have a guest speaker.",
)
_REMARKS: Final = (
    "Came back without the book.",
    "Thank you for being quick.",
    "Missed the start of the test; will make it up on Thursday.",
    "Talked with friends in the hall.",
    "Nurse called home.",
    "Needs to stay for the rest of the period.",
    "Second time today.",
)
_FOUND_OUT: Final = (
    "Was back in class long before. I forgot to end the pass.",
    "Came back with the bell.",
    "Stayed for the meeting, all fine.",
)

# Minutes that a visit takes, in the middle of all of them.
_STAYS: Final = {
    "Nurse": 7.0, "Library": 11.0, "Counseling": 12.0, "Computer lab": 12.0, "Testing center": 22.0,
    "Main office": 2.8, "Gym": 3.5, "Cafeteria": 3.5,
}  # fmt: skip


def reason_for(place: Location, random: Random) -> str:
    """What a student types for this destination."""
    if place.reason_mode == "hidden":
        return ""
    given = _REASONS.get(place.name, _REASONS[""])
    if place.reason_mode == "mandatory":
        given = tuple(text for text in given if text)
    return random.choice(given)


def story(place: Location, random: Random, *, pre_approved: bool = False) -> Story:
    """One of the things that may become of a pass to this place."""
    if pre_approved:
        return _trip(place, random, ())
    answer = 4 + random.expovariate(1 / 25)
    chance = random.random()
    if chance < 0.025:
        return Story((), is_closed=False)  # nobody looks: the request expires
    if chance < 0.045:
        return Story((Step(20 + answer * 2, "withdraw"),))
    if chance < 0.06:
        return Story((Step(answer, "cancel"),))
    if chance < 0.075:
        return Story((Step(answer, "comment", random.choice(_NOT_NOW)), Step(15, "cancel")))
    return _trip(place, random, (Step(answer, "approve"),))


def _trip(place: Location, random: Random, before: tuple[Step, ...]) -> Story:
    if random.random() < 0.012:
        return _forgotten(random, before)
    if place.trip_type == "roundtrip":
        away = _minutes(random, 4.6, 0.45)
        steps: tuple[Step, ...] = (Step(away, "end"),)
    elif place.trip_type == "one_way":
        steps = (Step(_minutes(random, 3.5, 0.35), "arrive"),)
    else:
        steps = _visit(place, random)
    if random.random() < 0.03:
        steps = (*steps, Step(30 + random.expovariate(1 / 90), "comment", random.choice(_REMARKS)))
    return Story((*before, *steps))


def _visit(place: Location, random: Random) -> tuple[Step, ...]:
    out = Step(_minutes(random, 1.8, 0.3), "arrive")
    stay = _minutes(random, _STAYS.get(place.name, 3.0), 0.42)
    chance = random.random()
    if chance < 0.12:
        return (out, Step(stay, "end_and_keep"))
    if chance < 0.2:  # nobody pressed anything at the destination
        return (Step(out.after + stay, "end"),)
    return (out, Step(stay, "send_back"), Step(_minutes(random, 1.9, 0.35), "end"))


def _forgotten(random: Random, before: tuple[Step, ...]) -> Story:
    if random.random() < 0.5:
        return Story(before, is_closed=False)
    later = Step(6000 + random.expovariate(1 / 1500), "edit_times")
    return Story((*before, later, Step(20, "comment", random.choice(_FOUND_OUT))), is_closed=False)


def _minutes(random: Random, middle: float, spread: float) -> float:
    """Seconds around so many minutes; a few take much longer, none less than a quarter."""
    return 60 * max(random.lognormvariate(0, spread), 0.25) * middle
