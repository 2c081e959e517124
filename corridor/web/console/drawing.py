"""Pieces of the console that are drawn on load and pushed later, from the same templates.

A student's card looks the same to everybody who leads the class, so it is drawn once for a change
and a language, however many consoles show it.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from corridor.accounts.actors import ClassroomActor
from corridor.classroom import kinds
from corridor.classroom.cards import CommandCard, Lease, ParticipantCard, SessionCard
from corridor.classroom.hours import end_of_hours
from corridor.classroom.leading import reads_past
from corridor.classroom.participation import State, badge_of, badges_of, state_of
from corridor.classroom.presence import Presence
from corridor.classroom.sites import host_of
from corridor.classroom.words import failure
from corridor.integration.whereabouts import IN_ROOM, Whereabouts
from corridor.roster.settings import SchoolSettings
from corridor.web.classroom.notes import moved_to
from corridor.web.templatetags.corridor import state_icon, state_tone

# Of each state: its words, its tone, its symbol.
STATES: Final[dict[State, tuple[str | Promise, str, str]]] = {
    State.OVER: (_("Class over"), "calm", "board"),
    State.ANOTHER_CLASS: (_("In another class"), "calm", "door"),
    State.EXCLUDED: (_("Excluded"), "calm", "cross"),
    State.ON_PASS: (_("Out on a pass"), "out", "arrow"),
    State.NOT_ONLINE: (_("Not online"), "calm", "person"),
    State.LOST_SIGNAL: (_("Lost signal"), "long", "exclamation"),
    State.NOTHING_TO_SHOW: (_("Online"), "quiet", "check"),
    State.INACTIVE: (pgettext_lazy("a student", "Inactive"), "planned", "clock"),
    State.ACTIVE: (pgettext_lazy("a student", "Active"), "quiet", "check"),
}
# Students who are not there sink to the end.
_SINKS: Final = (State.ANOTHER_CLASS, State.EXCLUDED, State.NOT_ONLINE)


def sinks(state: State) -> bool:
    """Whether a student in this state stands at the end."""
    return state in _SINKS


BADGES: Final[dict[str, tuple[str | Promise, str]]] = {
    "locked": (_("Locked"), "lock"),
    "site_locked": (_("Site lock"), "link"),
    "plan": (_("Access plan"), "list"),
    "tab_limit": (_("Tab limit"), "tabs"),
}
# The same where the device answered that it could not.
FAILED_BADGES: Final[dict[str, tuple[str | Promise, str]]] = {
    "lock_failed": (_("Lock failed"), "lock"),
    "site_lock_failed": (_("Site lock failed"), "link"),
    "plan_failed": (_("Access plan failed"), "list"),
    "tab_limit_failed": (_("Tab limit failed"), "tabs"),
}
_ALL_BADGES: Final = BADGES | FAILED_BADGES

# Students whose screen can be shown; a picture comes when somebody looks.
_HAS_SCREEN: Final = (State.INACTIVE, State.ACTIVE)
_NOT_YET: Final = _("No picture yet.")
# Pictures stay in the process that a device is connected to (docs/running.md).
_OTHER_PROCESS: Final = "other_process"
_SCREENS_OFF: Final = "screens_off"
_NOT_FOR_YOU: Final = "not_for_you"
_ACTING: Final = "acting"
# Why there is no picture; the words of the devices' protocol, and this server's own ones.
WHY_NOTHING: Final[dict[str, str | Promise]] = {
    "page": _("By a web page: no screen to show."),
    "protected": _("A page of the browser itself: it cannot be shown."),
    "blank": _("An empty tab."),
    "asleep": _("The device is asleep."),
    _ACTING: _("No screens while you act as somebody else."),
    _OTHER_PROCESS: _("No picture: the device is connected to another process of the server."),
    _SCREENS_OFF: _("Screens are off in this school."),
    _NOT_FOR_YOU: _("You may not look at screens."),
}


class Look(msgspec.Struct, frozen=True):
    """What is seen of a student at this moment: state, active tab, newest picture, pass."""

    state: State
    title: str = ""
    host: str = ""
    tabs: int | None = None
    picture_at: datetime | None = None
    picture_mark: str = ""
    why_nothing: str = ""
    where: Whereabouts = IN_ROOM


def look_of(
    card: ParticipantCard, seen: Presence | None, at: datetime, settings: SchoolSettings,
    where: Whereabouts = IN_ROOM, *, may_look: bool,
) -> Look:  # fmt: skip
    """What is seen of a student now, by somebody who may look at screens or not; `where` is what
    Pass says of them."""
    if not card.tells_where:
        where = Whereabouts(photo=where.photo)
    after = timedelta(minutes=settings.classroom.inactive_minutes)
    state = state_of(card, seen, at, inactive_after=after, is_on_pass=where.out is not None)
    if seen is None or not seen.connected or not card.is_in:
        return Look(state, where=where)
    is_shown = settings.classroom.screens and may_look
    return Look(
        state,
        seen.active_title,
        host_of(seen.active_url),
        seen.tabs,
        seen.picture_at if is_shown else None,
        seen.picture_mark if is_shown else "",
        _why_nothing(seen, settings, may_look) if seen.can_show else seen.why_nothing,
        where,
    )


def _why_nothing(seen: Presence, settings: SchoolSettings, may_look: bool) -> str:
    """Why a screen that could be shown is not."""
    if not settings.classroom.screens:
        return _SCREENS_OFF
    if not may_look:
        return _NOT_FOR_YOU
    return seen.why_nothing if seen.is_here else _OTHER_PROCESS


def unseen(look: Look) -> Look:
    """What an admin who acts as somebody sees: the screen of nobody."""
    why = look.why_nothing or _ACTING
    return msgspec.structs.replace(look, picture_at=None, picture_mark="", why_nothing=why)


def held(card: ParticipantCard) -> list[tuple[Lease, str | Promise, str, str]]:
    """What the student's device is held to: with its words, its symbol and why it failed."""
    return [
        (lease, *_ALL_BADGES[badge_of(lease)], failure(lease.failed)) for lease in card.restrictions
    ]


def student(card: ParticipantCard, look: Look, settings: SchoolSettings, language: str) -> str:
    """The card of a student on the console."""
    return _student(card, look, settings.time_zone, language)


def bar(card: SessionCard, by: ClassroomActor, settings: SchoolSettings, language: str) -> str:
    """The top of the console for this person: which class, until when, extend, stop."""
    choices = [(n, card.ends_at + timedelta(minutes=n)) for n in (5, 10, 15)]
    last = end_of_hours(settings, card.ends_at)
    facts = {
        "card": card,
        "choices": [one for one in choices if last is None or one[1] <= last],
        "ends_with_hours": card.ends_at == last,
        "reads_past": reads_past(card, by),
    }
    with translation.override(language), timezone.override(settings.zone):
        return render_to_string("console/_bar.html", facts).strip()


def results(card: CommandCard, settings: SchoolSettings, language: str) -> str:
    """What became of a command at each student; drawn once, however many consoles show it."""
    return _results(card, settings.time_zone, language)


def results_facts(card: CommandCard) -> dict[str, Any]:
    """What the results say in the reader's language: the command, each student's, how many of
    each."""
    counted = dict.fromkeys(("applied", "pending", "failed"), 0)
    for one in card.recipients:
        counted[one.result] += 1
    # A whole class waits behind this: what is the same for many students is drawn once.
    language = translation.get_language() or "en"
    marks = {result: _result_mark(result, language) for result in counted}
    lines = [(one, failure(one.why), marks[one.result]) for one in card.recipients]
    # Trouble first.
    order = ("failed", "pending", "applied")
    lines.sort(key=lambda line: (order.index(line[0].result), line[0].student.sort_name))
    kind, says = kinds.BY_NAME[card.kind], card.arguments
    return {
        "card": card,
        "kind": kind,
        "which": says.plan_name or says.number or "",
        "only_ends": kinds.only_ends(kind, says),
        "lines": lines,
        "counted": counted,
    }


@lru_cache(maxsize=256)
def _results(card: CommandCard, time_zone: str, language: str) -> str:
    with translation.override(language), timezone.override(time_zone):
        return render_to_string("console/_results.html", results_facts(card)).strip()


@lru_cache(maxsize=64)
def _result_mark(result: str, language: str) -> SafeString:
    """The symbol and the word of a result."""
    with translation.override(language):
        drawn = render_to_string("console/_result_mark.html", {"result": result})
    return mark_safe(drawn.strip())  # noqa: S308


@lru_cache(maxsize=8192)
def _student(card: ParticipantCard, look: Look, time_zone: str, language: str) -> str:
    with translation.override(language), timezone.override(time_zone):
        return render_to_string("console/_student.html", _student_facts(card, look)).strip()


def _student_facts(card: ParticipantCard, look: Look) -> dict[str, Any]:
    word, tone, icon = STATES[look.state]
    out = look.where.out
    if out is not None and look.state == State.ON_PASS:
        tone, icon = state_tone(out), state_icon(out)
    badges = [
        (name in FAILED_BADGES, *_ALL_BADGES[name])
        for name in badges_of(card)
        if name in _ALL_BADGES
    ]
    return {
        "card": card,
        "look": look,
        "word": word,
        "tone": tone,
        "icon": icon,
        "badges": badges,
        "rank": int(sinks(look.state)),
        "out": out,
        "why": _why(card, look),
        "moved_to": moved_to(card),
    }


def _why(card: ParticipantCard, look: Look) -> str:
    """Why there is no picture, in a sentence."""
    if card.is_over:
        return ""
    if card.elsewhere is not None:
        return f"{card.elsewhere.class_name} · {card.elsewhere.adult_name}"
    if look.state == State.NOT_ONLINE or not card.is_in:
        return ""
    if look.state in _HAS_SCREEN and not look.why_nothing:
        return str(_NOT_YET)
    return str(WHY_NOTHING.get(look.why_nothing, ""))
