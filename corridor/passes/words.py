"""The words of the refusals: one sentence for the student, one for the adult.

Made at the moment of reading from a refusal's code and facts, in the reader's language.
"""

from typing import Final

from django.utils.translation import gettext as _

from corridor.passes.refusals import Refusal
from corridor.passes.states import gettext_noop

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
        gettext_noop("You already have a pass to %(place)s. End that one first."),
        gettext_noop("%(student)s already has a pass to %(place)s. End or cancel that one first."),
    ),
    "daily_limit": (
        gettext_noop("You have used %(used)s of your %(limit)s passes today."),
        gettext_noop("%(student)s has used %(used)s of %(limit)s passes today."),
    ),
    "building_full": (
        gettext_noop("As many passes are out as the school allows right now."),
        gettext_noop("%(taken)s passes are out; the building's limit is %(limit)s."),
    ),
    "destination_full": (
        gettext_noop("%(place)s is full right now."),
        gettext_noop("%(place)s is full: %(taken)s of %(limit)s places are taken."),
    ),
    "comment_missing": (
        gettext_noop("Write something first."),
        gettext_noop("Write something first."),
    ),
    "comment_too_long": (
        gettext_noop("The comment has %(length)s characters; at most %(limit)s fit. Shorten it."),
        gettext_noop("The comment has %(length)s characters; at most %(limit)s fit. Shorten it."),
    ),
    "time_outside_pass": (
        gettext_noop("Choose a time after the pass began and not after now."),
        gettext_noop("Choose a time after the pass began and not after now."),
    ),
}


def sentence(refusal: Refusal, *, for_adult: bool) -> str:
    """Why not, in words for this reader."""
    for_the_student, for_the_adult = SENTENCES[refusal.code]
    return _(for_the_adult if for_adult else for_the_student) % refusal.facts
