"""Tags and filters for the pages: times on the school's wall clock, words and tones of a pass."""

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from corridor.accounts.names import initials
from corridor.passes import states
from corridor.passes.cards import PassCard
from corridor.passes.moves import TABLE
from corridor.webhooks.notes import in_words

register = template.Library()

_ICONS = {
    states.WAITING: "clock",
    states.QUEUED: "clock",
    states.ON_THE_WAY: "arrow",
    states.ARRIVED: "pin",
    states.RETURNING: "back",
    states.ENDED: "check",
    states.SYSTEM_ENDED: "flag",
    states.AWAITING: "calendar",
    states.SCHEDULED: "calendar",
}


@register.simple_tag
def clock_time(at: datetime | None) -> SafeString | str:
    """The time of day in the school's time zone; the date and second on hover."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"),
        date_format(local, "DATETIME_FORMAT"),
        date_format(local, "TIME_FORMAT"),
    )


@register.filter
def in_parts(address: str) -> SafeString:
    """An e-mail address that a narrow screen wraps before @ and dots, not within a word."""
    parts = re.split(r"(?=[@.])", address)
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in parts))


@register.simple_tag
def day_of(at: datetime | None) -> SafeString | str:
    """The date in the school's time zone; the time on hover."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"),
        date_format(local, "DATETIME_FORMAT"),
        date_format(local, "SHORT_DATE_FORMAT"),
    )


@register.filter
def span_clock(seconds: float) -> str:
    """A span of time as clocks show it: 0:07, 12:30, 1:02:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


register.filter("initials", initials)


@register.filter
def acted_by(name: str, admin: str) -> str:
    """Who did it, under both names where an admin acted as this person."""
    if not admin:
        return name
    return gettext("%(admin)s as %(name)s") % {"admin": admin, "name": name}


@register.inclusion_tag("people/_face.html")
def photo_of(account_id: int, name: str, mark: str | None, size: str = "") -> dict[str, Any]:
    """A person's photo, or the initials where there is none (the mark of `photos.marks_of`).

    The name stands beside it, so a screen reader is told nothing twice. `size`: `large`.
    """
    return {"student_id": account_id, "name": name, "mark": mark, "size": size}


@register.filter(expects_localtime=True)
def weekday(at: date, day: str = "MONTH_DAY_FORMAT") -> str:
    """A day with its weekday, as the language writes it: "Monday, March 2"."""
    return f"{date_format(at, 'l')}, {date_format(at, day)}"


@register.filter
def state_word(card: PassCard) -> str:
    """The word of the state; a long-running pass says so, one in line its place."""
    if card.line is not None:
        return gettext("In queue: %(place)s") % {"place": card.line.place}
    return gettext(states.WORDS[states.LONG_RUNNING if is_long(card) else card.state])


@register.filter
def state_icon(card: PassCard) -> str:
    """The name of the state's symbol in icons.svg."""
    return "exclamation" if is_long(card) else _ICONS.get(card.state, "cross")


@register.filter
def state_tone(card: PassCard) -> str:
    """The tone of the state: waiting, out, long, planned, ended or flag."""
    if is_long(card):
        return "long"
    if card.is_coming:
        return "planned"
    if card.is_open:
        return "out" if card.is_out else "waiting"
    return "flag" if card.state == states.SYSTEM_ENDED else "ended"


@register.filter
def in_order(number: int) -> str:
    """The number as a place in an order ("3rd"), in the reader's language where it is known."""
    return str(ordinal(number))


@register.filter
def was_called(card: PassCard) -> bool:
    """A place came free for it while it stood in line."""
    return any(stamp.what == "called" for stamp in card.stamps)


@register.filter
def step_word(what: str) -> str:
    """A step of a pass's story in words ("Sent back")."""
    return gettext(_STEPS[what])


@register.filter
def why_not(card: PassCard) -> str:
    """Why it did not take place, in words for its student: an adult's, or what the clock did."""
    what = card.stamps[-1].what
    told = _TURN_OVER if what == "expired" and was_called(card) else _WHY_NOT.get(what)
    if told is not None:
        return gettext(told)
    return card.appointment.why if card.appointment is not None else ""


@register.filter
def face_word(face: str) -> str:
    """The part of the product from which a step was pressed, in words; nothing for the clock."""
    return gettext(_FACES[face]) if face in _FACES else ""


@register.filter
def correction_word(state: str) -> str:
    """What became of a correction, in words."""
    return gettext(_CORRECTIONS[state])


@register.filter
def mark_word(mark: str) -> str:
    """A mark of a pass in words ("Overridden")."""
    return gettext(states.WORDS[mark])


@register.filter
def mark_icon(mark: str) -> str:
    """The name of a mark's symbol in icons.svg: a pass that ran long has the state's own."""
    return "exclamation" if mark == states.LONG_RUNNING else "flag"


@register.inclusion_tag("parts/auto_marks.html")
def auto_marks(card: PassCard) -> dict[str, list[str]]:
    """The letter A for a start by the student, and again for a stop."""
    return {"marks": auto_words(card)}


@register.filter
def is_auto(what: str) -> bool:
    """Whether the student took this step alone, by Auto Pass: the letter A beside its time."""
    return what in ("auto_started", "auto_stopped")


def auto_words(card: PassCard) -> list[str]:
    """What each A of this pass means, in words."""
    both = (states.AUTO_START, states.AUTO_STOP)
    return [mark_word(mark) for mark in both if mark in card.marks]


@register.filter
def note_words(note: str) -> str:
    """Why a webhook's delivery failed, in the reader's language."""
    return in_words(note)


def is_long(card: PassCard) -> bool:
    """Out and long running: a pass that has closed shows how it closed."""
    return card.is_out and card.is_long_running


def gettext_noop(text: str) -> str:
    """Marks a text for translation; it is translated when it is read."""
    return text


_STEPS = {
    "requested": gettext_noop("Requested"),
    "approved": gettext_noop("Approved"),
    "queued": gettext_noop("Joined the line"),
    "called": gettext_noop("Called from the line"),
    "cleared": gettext_noop("Line cleared"),
    "line_closed": gettext_noop("Line closed"),
    "auto_started": gettext_noop("Started by Auto Pass"),
    "auto_stopped": gettext_noop("Stopped by Auto Pass"),
    "cancelled": gettext_noop("Cancelled"),
    "withdrawn": gettext_noop("Withdrawn"),
    "expired": gettext_noop("Expired"),
    "arrived": gettext_noop("Arrived"),
    "sent_back": gettext_noop("Sent back"),
    "kept": gettext_noop("Ended and kept"),
    "ended": gettext_noop("Ended"),
    "undone": gettext_noop("Undone"),
    "system_ended": gettext_noop("System ended"),
    "edited": gettext_noop("Times edited"),
    "scheduled": gettext_noop("Appointment made"),
    "appointment_asked": gettext_noop("Appointment asked for"),
    "confirmed": gettext_noop("Confirmed"),
    "acknowledged": gettext_noop("Acknowledged"),
    "rescheduled": gettext_noop("Changed"),
    "time_changed": gettext_noop("Time changed"),
    "place_changed": gettext_noop("Place changed"),
    "reason_changed": gettext_noop("Reason changed"),
    "held_back": gettext_noop("Held back by another pass"),
    "gave_way": gettext_noop("Gave way to an appointment"),
    "no_school": gettext_noop("Cancelled: no school on this day"),
    "surfaced": gettext_noop("Surfaced"),
    "missed": gettext_noop("Missed"),
    "correction_asked": gettext_noop("Correction asked"),
    "correction_confirmed": gettext_noop("Correction confirmed"),
    "correction_declined": gettext_noop("Correction declined"),
    "correction_withdrawn": gettext_noop("Correction taken back"),
}
assert all(move.stamp in _STEPS or move.name == "comment" for move in TABLE)
_CORRECTIONS = {
    "open": gettext_noop("Waits for an answer"),
    "confirmed": gettext_noop("Confirmed"),
    "declined": gettext_noop("Declined"),
    "withdrawn": gettext_noop("Taken back"),
}
_WHY_NOT = {
    "gave_way": gettext_noop("Your appointment came before this request."),
    "no_school": gettext_noop("There is no school on this day."),
    "cleared": gettext_noop("The line was cleared: everybody in it may ask again."),
    "line_closed": gettext_noop("The line was closed: nobody is called from it any more."),
}
_TURN_OVER = gettext_noop(
    "Your turn is over: the place was kept for a while and now goes to others."
)
# Where a step was pressed; a face that is not here is told by no word.
_FACES = {
    "student": gettext_noop("student’s page"),
    "staff": gettext_noop("dashboard"),
    "admin": gettext_noop("school pages"),
    "hall": gettext_noop("hall monitor"),
    "classroom": gettext_noop("Classroom"),
    "api": gettext_noop("another program"),
}
