"""The commands a teacher can send: one table, which also draws the console's buttons. Pure."""

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corridor.classroom.cards import LOCK, PLAN, SITE_LOCK, TAB_LIMIT, Arguments

RESTRICT, MESSAGE, LEAD = "restrict", "message", "lead"


class Kind(NamedTuple):
    """A command: its name, its button, the function of Classroom that it needs.

    `on_device` says that a device has to answer; without it the command is done by being sent.
    `lease` is what it holds a device to, `ends` the lease that it ends.
    """

    name: str
    label: str | Promise
    needs: str
    on_device: bool = True
    lease: str = ""
    ends: str = ""


OPEN_SITE: Final = "open_site"
CLOSE_TABS: Final = "close_tabs"
UNDO_CLOSE: Final = "undo_close"
UNLOCK: Final = "unlock"
SAY: Final = "message"
ANNOUNCE: Final = "announcement"
ACKNOWLEDGE_HAND: Final = "acknowledge_hand"
EXCLUDE: Final = "exclude"
INCLUDE: Final = "include"

TABLE: Final = (
    Kind(OPEN_SITE, _("Open a site"), RESTRICT),
    Kind(CLOSE_TABS, _("Close tabs"), RESTRICT),
    Kind(UNDO_CLOSE, _("Open closed tabs again"), RESTRICT),
    Kind(LOCK, _("Lock"), RESTRICT, lease=LOCK),
    Kind(UNLOCK, _("Unlock"), RESTRICT, ends=LOCK),
    Kind(SITE_LOCK, _("Site lock"), RESTRICT, lease=SITE_LOCK, ends=SITE_LOCK),
    Kind(PLAN, _("Access plan"), RESTRICT, lease=PLAN, ends=PLAN),
    Kind(TAB_LIMIT, _("Tab limit"), RESTRICT, lease=TAB_LIMIT, ends=TAB_LIMIT),
    Kind(SAY, _("Message"), MESSAGE),
    Kind(ANNOUNCE, _("Announcement"), MESSAGE),
    Kind(ACKNOWLEDGE_HAND, _("Hand seen"), LEAD, on_device=False),
    Kind(EXCLUDE, _("Exclude"), LEAD, on_device=False),
    Kind(INCLUDE, _("Include"), LEAD, on_device=False),
)
BY_NAME: Final = {kind.name: kind for kind in TABLE}
# What a class may begin with; asked of everybody who is in, it is for whoever comes later, too.
OF_THE_CLASS: Final = frozenset({PLAN, TAB_LIMIT})


def only_ends(kind: Kind, says: Arguments) -> bool:
    """Whether the command names nothing to hold a device to, and so ends what held it."""
    names = says.sites or says.plan_id is not None or says.number is not None
    return bool(kind.lease and kind.ends) and not names


def holds(kind: Kind, says: Arguments) -> bool:
    """Whether the command holds a device to something."""
    return bool(kind.lease) and not only_ends(kind, says)
