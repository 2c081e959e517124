"""The words of the refusals: one sentence for the student, one for the adult.

Made at the moment of reading from a refusal's code and facts, in the reader's language.
"""

from collections.abc import Collection, Iterable
from datetime import date, time
from typing import Final

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from corridor.accounts.actors import Actor
from corridor.passes import states
from corridor.passes.refusals import Refusal
from corridor.passes.states import gettext_noop

# The same words for a full building and for students who are kept apart: they tell nothing.
NEUTRAL: Final = gettext_noop("This pass is not possible right now. Try again in a few minutes.")

# What has these words has no time beside them: nobody knows it, and it must tell nothing either.
NEUTRAL_CODES: Final = frozenset({"kept_apart", "building_full"})

# What an adult who is no admin reads of both before breaking them.
NEUTRAL_TO_ADULTS: Final = gettext_noop(
    "This pass is not possible right now by a rule of the school."
)

# code: (for the student, for the adult)
SENTENCES: Final = {
    "same_place": (
        gettext_noop("You are already at %(place)s. Choose another destination."),
        gettext_noop("Origin and destination are both %(place)s. Choose another destination."),
    ),
    "nobody_there": (
        gettext_noop("Nobody can answer at %(place)s. Choose where you are now."),
        gettext_noop("No adult works at %(place)s, so nobody could answer."),
    ),
    "reason_missing": (
        gettext_noop("%(place)s asks for a reason. Write one and ask again."),
        gettext_noop("%(place)s asks for a reason."),
    ),
    "reason_too_long": (
        gettext_noop("The reason has %(length)s characters; at most %(limit)s fit. Shorten it."),
        gettext_noop("The reason has %(length)s characters; at most %(limit)s fit. Shorten it."),
    ),
    "already_out": (
        gettext_noop("You already have a pass to %(place)s. It has to be over first."),
        gettext_noop("%(student)s already has a pass to %(place)s. End or cancel that one first."),
    ),
    "frozen": (
        gettext_noop("The school is frozen. Stay where you are. %(text)s"),
        gettext_noop("The school is frozen. %(text)s"),
    ),
    "blocked": (
        gettext_noop("No passes now: %(window)s."),
        gettext_noop("Passes are blocked now: %(window)s."),
    ),
    "takes_no_passes": (
        gettext_noop("%(place)s takes no passes."),
        gettext_noop("%(place)s takes no passes."),
    ),
    "out_of_office": (
        gettext_noop("%(place)s is out of office. %(text)s"),
        gettext_noop("%(place)s is out of office. %(text)s"),
    ),
    "not_open_to_you": (
        gettext_noop("%(place)s is not open to you right now. Ask your teacher."),
        gettext_noop("%(place)s is not open to %(student)s."),
    ),
    "kept_apart": (
        NEUTRAL,
        gettext_noop("%(student)s must not be out now: another student who is kept apart is out."),
    ),
    "period_limit": (
        gettext_noop("You have used %(used)s of your %(limit)s passes this period."),
        gettext_noop("%(student)s has used %(used)s of %(limit)s passes this period."),
    ),
    "daily_limit": (
        gettext_noop("You have used %(used)s of your %(limit)s passes today."),
        gettext_noop("%(student)s has used %(used)s of %(limit)s passes today."),
    ),
    "weekly_limit": (
        gettext_noop("You have used %(used)s of your %(limit)s passes this week."),
        gettext_noop("%(student)s has used %(used)s of %(limit)s passes this week."),
    ),
    "term_limit": (
        gettext_noop("You have used %(used)s of your %(limit)s passes this term."),
        gettext_noop("%(student)s has used %(used)s of %(limit)s passes this term."),
    ),
    "cooldown": (
        gettext_noop("You have just been out. Wait a little before the next pass."),
        gettext_noop("%(student)s has just been out; the cooldown is not over."),
    ),
    "building_full": (
        NEUTRAL,
        gettext_noop("%(taken)s passes are out; the building's limit is %(limit)s."),
    ),
    "room_limit": (
        gettext_noop("%(taken)s students are already out of %(place)s."),
        gettext_noop("%(taken)s students are out of %(place)s; its limit is %(limit)s."),
    ),
    "destination_full": (
        gettext_noop("%(place)s is full right now."),
        gettext_noop("%(place)s is full: %(taken)s of %(limit)s places are taken."),
    ),
    "line_full": (
        gettext_noop("The line for %(place)s is full: %(count)s are in it."),
        gettext_noop("The line for %(place)s is full: %(count)s are in it."),
    ),
    "place_closed": (
        gettext_noop("%(place)s has been closed. Withdraw this pass and choose another place."),
        gettext_noop("%(place)s has been closed since %(student)s asked."),
    ),
    "auto_off": (
        gettext_noop("You cannot start this pass yourself now. Wait for %(adult)s."),
        gettext_noop("Auto Pass from %(room)s to %(place)s is off."),
    ),
    "stop_off": (
        gettext_noop("You cannot stop this pass yourself now. Ask %(adult)s to end it."),
        gettext_noop("Auto Pass from %(room)s to %(place)s is off."),
    ),
    "auto_full": (
        gettext_noop(
            "Auto Pass from %(room)s: %(taken)s of %(limit)s are out. Start when one is back, or"
            " wait for %(adult)s."
        ),
        gettext_noop("Auto Pass from %(room)s: %(taken)s of %(limit)s are out."),
    ),
    "auto_nowhere": (
        gettext_noop("Only adults use Auto Pass for their room."),
        gettext_noop("You have no room of your own, so there is no Auto Pass from it."),
    ),
    "too_few_apart": (
        gettext_noop("Choose at least two students."),
        gettext_noop("Choose at least two students."),
    ),
    "apart_over": (
        gettext_noop("This day is over. Choose a later one, or none."),
        gettext_noop("This day is over. Choose a later one, or none."),
    ),
    "apart_already": (
        gettext_noop("A group keeps them apart already: %(students)s. Edit that one."),
        gettext_noop("A group keeps them apart already: %(students)s. Edit that one."),
    ),
    "request_reused": (
        gettext_noop("This was sent before as another request. Load the page again."),
        gettext_noop(
            "This was sent before as another request. Look at it, and send it as a new one."
        ),
    ),
    "comment_missing": (
        gettext_noop("Write something first."),
        gettext_noop("Write something first."),
    ),
    "comment_too_long": (
        gettext_noop("The comment has %(length)s characters; at most %(limit)s fit. Shorten it."),
        gettext_noop("The comment has %(length)s characters; at most %(limit)s fit. Shorten it."),
    ),
    "words_too_long": (
        gettext_noop("The text has %(length)s characters; at most %(limit)s fit. Shorten it."),
        gettext_noop("The text has %(length)s characters; at most %(limit)s fit. Shorten it."),
    ),
    "has_pass": (
        gettext_noop("There is a live pass to %(place)s."),
        gettext_noop("%(student)s is out on a live pass to %(place)s."),
    ),
    "correction_too_old": (
        gettext_noop("This pass is older than %(days)s days. Ask an adult of it."),
        gettext_noop("This pass is older than %(days)s days."),
    ),
    "corrections_used_up": (
        gettext_noop("You have asked %(limit)s times for this pass. Talk to an adult of it."),
        gettext_noop("The student has asked %(limit)s times for this pass."),
    ),
    "back_outside_pass": (
        gettext_noop("Choose a time between the beginning and the end of the pass."),
        gettext_noop("Choose a time between the beginning and the end of the pass."),
    ),
    "answer_missing": (
        gettext_noop("Say in a few words why not."),
        gettext_noop("Say in a few words why not: the student reads them."),
    ),
    "nobody_chosen": (
        gettext_noop("Choose a student."),
        gettext_noop("Choose at least one student."),
    ),
    "time_missing": (
        gettext_noop("Choose a time or a period."),
        gettext_noop("Choose a time or a period."),
    ),
    "no_such_period": (
        gettext_noop("There is no “%(period)s” on that day. Choose another day or a time."),
        gettext_noop("There is no “%(period)s” on that day. Choose another day or a time."),
    ),
    "no_school_then": (
        gettext_noop("There is no school on %(day)s. Choose another day."),
        gettext_noop(
            "One of the series would fall on %(day)s, a day without school. Nothing was changed."
            " Cancel that one first, or choose another day."
        ),
    ),
    "daily_series_stays": (
        gettext_noop("This series is on every school day. Change the day of one of them alone."),
        gettext_noop(
            "This series is on every school day, so it has no other days. Change the day of one of"
            " them alone."
        ),
    ),
    "until_missing": (
        gettext_noop("Choose a last day that is not before the first."),
        gettext_noop("Choose a last day that is not before the first."),
    ),
    "not_ahead": (
        gettext_noop("This time is over. Choose a later one."),
        gettext_noop("This time is over. Choose a later one."),
    ),
    "too_far_ahead": (
        gettext_noop("Choose a day within a year."),
        gettext_noop("Choose days within a year."),
    ),
    "too_many_appointments": (
        gettext_noop("These are %(count)s appointments; at most %(limit)s are made at once."),
        gettext_noop(
            "These are %(count)s appointments; at most %(limit)s are made at once. Choose fewer"
            " students or an earlier last day."
        ),
    ),
    "no_requests_here": (
        gettext_noop("Students do not ask for appointments here. Talk to the adult."),
        gettext_noop("The school does not let students ask for appointments."),
    ),
    "takes_no_requests": (
        gettext_noop("%(place)s takes no requests for appointments. Talk to the adult."),
        gettext_noop("%(place)s takes no requests for appointments."),
    ),
    "nobody_lets_go": (
        gettext_noop("No adult works at %(place)s. Choose another place where you will be then."),
        gettext_noop(
            "No adult works at %(place)s, so nobody could let the student go. Choose another"
            " origin."
        ),
    ),
    "asked_too_often": (
        gettext_noop("%(count)s of your requests await confirmation. Wait for an answer first."),
        gettext_noop("%(count)s requests of the student await confirmation."),
    ),
    "day_without_school": (
        gettext_noop("There is no school on %(day)s. Choose another day."),
        gettext_noop("There is no school on %(day)s."),
    ),
    "too_near": (
        gettext_noop(
            "You already have an appointment at %(place)s at %(wall)s, or have asked for it. Choose"
            " another time."
        ),
        gettext_noop(
            "%(student)s already has an appointment at %(place)s at %(wall)s, or has asked for it."
        ),
    ),
    "too_soon_to_confirm": (
        gettext_noop(
            "Somebody has to confirm it, at the latest 5 minutes before it begins. Choose a time"
            " that is more than 5 minutes from now."
        ),
        gettext_noop(
            "Nobody has confirmed this request, so it expires 5 minutes before it begins. Confirm"
            " it first, or choose a time that is more than 5 minutes from now."
        ),
    ),
    "too_late_to_take_back": (
        gettext_noop("It is less than 30 minutes ahead. Talk to the adult."),
        gettext_noop("It is less than 30 minutes ahead."),
    ),
    "time_outside_pass": (
        gettext_noop("Choose a time after the pass began and not after now."),
        gettext_noop("Choose a time after the pass began and not after now."),
    ),
}


# What a student reads of an open pass that they can take back themselves, by its state.
TAKE_BACK: Final = {
    states.WAITING: gettext_noop("You already have a pass to %(place)s. Withdraw it first."),
    states.QUEUED: gettext_noop("You are in line for %(place)s. Leave the line first."),
}


# What a rule that may be overridden is called beside the mark "Overridden".
RULES: Final = {
    "blocked": gettext_noop("Blocked time"),
    "takes_no_passes": gettext_noop("Takes no passes"),
    "out_of_office": gettext_noop("Out of office"),
    "not_open_to_you": gettext_noop("Listed students"),
    "period_limit": gettext_noop("Period limit"),
    "daily_limit": gettext_noop("Daily limit"),
    "weekly_limit": gettext_noop("Weekly limit"),
    "term_limit": gettext_noop("Term limit"),
    "cooldown": gettext_noop("Cooldown"),
    "kept_apart": gettext_noop("Contact control"),
    "building_full": gettext_noop("Building limit"),
    "room_limit": gettext_noop("Room limit"),
    "destination_full": gettext_noop("Capacity"),
}


def knows_who_is_apart(by: Actor) -> bool:
    """Whether this actor may know that students are kept apart: an admin, no program."""
    return by.role == "admin" and by.face != "api"


def code_told(code: str, *, by_admin: bool) -> str:
    """A rule's code as this reader may know it: kept apart reads as a full building."""
    return "building_full" if code == "kept_apart" and not by_admin else code


def codes_told(codes: Iterable[str], *, by_admin: bool) -> tuple[str, ...]:
    """As `code_told`, each once."""
    return tuple(dict.fromkeys(code_told(code, by_admin=by_admin) for code in codes))


def refusal_as_told(refusal: Refusal, by: Actor) -> Refusal:
    """What an adult cannot override, as this adult may know it: of the neutral ones no more."""
    if refusal.code not in NEUTRAL_CODES or knows_who_is_apart(by):
        return refusal
    return Refusal("building_full")


def broken_as_told(broken: Iterable[Refusal], by: Actor) -> tuple[Refusal, ...]:
    """What a pass would break, as this adult may know it, each once.

    Whoever is no admin reads the same of students who are kept apart and of a full building,
    without numbers: which of the two it is would tell the first.
    """
    if knows_who_is_apart(by):
        return tuple(broken)
    told: dict[str, Refusal] = {}
    for no in broken:
        is_neutral = no.code in NEUTRAL_CODES
        known = Refusal("building_full", again_at=no.again_at) if is_neutral else no
        told.setdefault(known.code, known)
    return tuple(told.values())


def rules_overridden(codes: Collection[str], *, by_admin: bool) -> list[str]:
    """The names of overridden rules; that somebody is kept apart is read by admins only."""
    return [_(RULES[code]) for code in codes_told(codes, by_admin=by_admin)]


def sentence(refusal: Refusal, *, for_adult: bool) -> str:
    """Why not, in words for this reader."""
    if for_adult and refusal.code in NEUTRAL_CODES and not refusal.facts:
        return _(NEUTRAL_TO_ADULTS)
    for_the_student, for_the_adult = SENTENCES[refusal.code]
    facts = dict(refusal.facts)
    if refusal.code == "already_out":
        for_the_student = TAKE_BACK.get(str(facts.get("state")), for_the_student)
    if "day" in facts:
        facts["day"] = date_format(date.fromisoformat(str(facts["day"])), "DATE_FORMAT")
    if "wall" in facts:
        facts["wall"] = time_format(time.fromisoformat(str(facts["wall"])), "TIME_FORMAT")
    return (_(for_the_adult if for_adult else for_the_student) % facts).strip()
