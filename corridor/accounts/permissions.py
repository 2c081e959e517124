"""Which role may do what in Classroom; a school's settings may say otherwise for each function.

One table: the page Settings → Permissions draws it, guards and operations ask it.
"""

from collections.abc import Set
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corridor.roster.classroom_settings import ClassroomSettings

TEACHER, SUBSTITUTE, TECHNICIAN = "teacher", "substitute", "technician"
SCHOOL_ADMIN, ORGANISATION_ADMIN = "school_admin", "organisation_admin"
ADMINS: Final = (SCHOOL_ADMIN, ORGANISATION_ADMIN)
ROLES: Final = (TEACHER, SUBSTITUTE, TECHNICIAN, SCHOOL_ADMIN, ORGANISATION_ADMIN)


class Function(NamedTuple):
    """Something one may do in Classroom: its name in code, in words, and who has it by default.

    A `fixed` one is not the school's to change.
    """

    key: str
    label: str | Promise
    roles: tuple[str, ...]
    fixed: bool = False


LEAD: Final = "lead"
ALL_CLASSES: Final = "all_classes"
SCREENS: Final = "screens"
RESTRICT: Final = "restrict"
MESSAGE: Final = "message"
ROSTERS: Final = "rosters"
PLANS: Final = "plans"
SHARE_PLANS: Final = "share_plans"
ALL_HISTORY: Final = "all_history"
CLASSES: Final = "classes"
PEOPLE: Final = "people"
SETTINGS: Final = "settings"
ACT_AS: Final = "act_as"

_TEACHING: Final = (TEACHER, SUBSTITUTE, *ADMINS)

FUNCTIONS: Final = (
    Function(LEAD, _("Start and lead classes"), _TEACHING),
    Function(ALL_CLASSES, _("See and lead every class of the school"), (SUBSTITUTE, *ADMINS)),
    Function(SCREENS, _("Look at students' screens"), _TEACHING),
    Function(RESTRICT, _("Lock, limit and direct students' devices"), _TEACHING),
    Function(MESSAGE, _("Write to students"), _TEACHING),
    Function(ROSTERS, _("Change the rosters and groups of one's own classes"), (TEACHER, *ADMINS)),
    Function(PLANS, _("Make access plans and web links"), (TEACHER, *ADMINS)),
    Function(SHARE_PLANS, _("Share access plans and web links with the school"), ADMINS),
    Function(ALL_HISTORY, _("Read the history of every class"), ADMINS),
    Function(CLASSES, _("Open, import and archive classes"), (TECHNICIAN, *ADMINS)),
    Function(PEOPLE, _("Open and close accounts of Classroom"), (TECHNICIAN, *ADMINS)),
    Function(SETTINGS, _("Change these settings"), ADMINS, fixed=True),
    Function(ACT_AS, _("Act as another user"), (ORGANISATION_ADMIN,), fixed=True),
)


def permissions_of(role: str, settings: ClassroomSettings) -> frozenset[str]:
    """What somebody with this role may do in a school with these settings."""
    return frozenset(
        function.key for function in FUNCTIONS if role in roles_with(function, settings)
    )


def roles_with(function: Function, settings: ClassroomSettings) -> tuple[str, ...]:
    """The roles that have a function in a school with these settings."""
    return function.roles if function.fixed else settings.roles.get(function.key, function.roles)


def pair(function: Function, role: str) -> str:
    """A function and a role as the page names them: "screens:teacher"."""
    return f"{function.key}:{role}"


def roles_after(
    settings: ClassroomSettings, *, given: Set[str], taken: Set[str]
) -> dict[str, tuple[str, ...]]:
    """What differs from the defaults once these pairs were given and those taken away.

    What is as by default is not kept: defaults may change later, and go on to count.
    """
    after = {}
    for function in FUNCTIONS:
        now = {pair(function, role) for role in roles_with(function, settings)}
        wanted = (now | given) - taken
        roles = tuple(role for role in ROLES if pair(function, role) in wanted)
        if not function.fixed and {*roles} != {*function.roles}:
            after[function.key] = roles
    return after
