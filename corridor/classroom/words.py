"""Why something cannot be done in Classroom, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Final[dict[str, str | Promise]] = {
    "already_running": _("This class is running already, led by %(adult)s."),
    "nobody_on_roster": _("Nobody is on the roster of this class. Add students first."),
    "end_is_over": _("That time is over. Choose a later one."),
    "too_long": _("A class runs for at most %(hours)s hours. Choose an earlier end."),
    "before_hours": _("Classes may run from %(begins)s on. Your school decides the hours."),
    "after_hours": _("Classes may run until %(ends)s. Choose an earlier end."),
    "tab_limit_impossible": _("A tab limit is a number from 1 to %(most)s."),
    "undo_over": _("It is too late to undo this. Ask the other teacher, or include them again."),
    "nobody_chosen": _("Nobody is chosen. Choose students first."),
    "no_hands": _("Your teacher has turned hands off for this class."),
    "teacher_writes_first": _("In this class you can answer once your teacher has written to you."),
    "text_missing": _("There is no text. Write something first."),
    "text_too_long": _("The text has %(length)s characters. At most %(limit)s are possible."),
    "address_impossible": _("This is no web address. One looks like https://example.org/page."),
    "too_many_sites": _("A site lock names at most %(limit)s sites."),
    "plan_gone": _("This access plan is not there any more. Choose another one."),
}

# Why a command failed at a student; what a device says itself stands as it is.
FAILURES: Final[dict[str, str | Promise]] = {
    "in_another_class": _("In another class"),
    "not_in_class": _("Left out of this class"),
    "not_supported": _("This device cannot do that"),
    "session_over": _("The class was over"),
}


def sentence(code: str, facts: Mapping[str, str | int]) -> str:
    """Why it cannot be done."""
    return str(SENTENCES[code]) % facts


def failure(why: str) -> str:
    """Why a command failed at a student."""
    return str(FAILURES.get(why, why))
