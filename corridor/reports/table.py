"""Passes as lines of a CSV file, which no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from corridor.passes import states
from corridor.passes.cards import PassCard
from corridor.passes.words import rules_overridden

# A spreadsheet takes what begins so for a formula, some also in full-width letters; an apostrophe
# before it keeps it a text.
_FORMULA: Final = tuple("=+-@＝＋－＠")
BOM: Final = "\ufeff"


def safe(text: str) -> str:
    """A text as a cell takes it: in one line, without space around it, never a formula."""
    text = " ".join(text.replace("\x00", "").splitlines()).strip()
    return "'" + text if text.startswith(_FORMULA) else text


def head() -> str:
    """The first line: what the columns are called."""
    names = (
        _("Number"), _("Student"), _("Grade"), _("Kind"), _("Departing from"), _("Destination"),
        _("Requested"), _("Started"), _("Arrived"), _("Sent back"), _("Ended"),
        _("Minutes out"), _("State"), _("Marks"), _("Overridden"), _("Let go by"), _("Closed by"),
        _("Reason"), _("Comments"), _("Appointment"), _("Why not"),
    )  # fmt: skip
    return _lines([names])


def lines(cards: Iterable[PassCard], zone: ZoneInfo, *, by_admin: bool) -> str:
    """These passes, a line each; times on the school's wall clock."""
    return _lines(_cells(card, zone, by_admin=by_admin) for card in cards)


def _kind(card: PassCard) -> str:
    if card.kind == "appointment":
        return _("Appointment")
    return _("Teacher pass") if card.kind == "teacher" else _("Student pass")


def _cells(card: PassCard, zone: ZoneInfo, *, by_admin: bool) -> Iterator[str]:
    yield str(card.id)
    yield safe(card.student.name)
    yield safe(card.student.grade)
    yield _kind(card)
    yield safe(card.origin.name)
    yield safe(card.destination.name)
    for at in (
        card.requested_at, card.started_at, card.arrived_at, card.returning_at, card.ended_at,
    ):  # fmt: skip
        yield _local(at, zone)
    yield _minutes(card)
    yield _(states.WORDS[card.state])
    yield ", ".join(_(states.WORDS[mark]) for mark in card.marks)
    yield ", ".join(rules_overridden(card.overridden, by_admin=by_admin))
    yield safe(card.let_go.name if card.let_go else "")
    yield safe(card.closed_by.name if card.closed_by else "")
    yield safe(card.reason)
    yield safe(" | ".join(f"{found.by.name}: {found.text}" for found in card.comments))
    yield _local(card.appointment.begins_at if card.appointment else None, zone)
    yield safe(card.appointment.why if card.appointment else "")


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _minutes(card: PassCard) -> str:
    if card.started_at is None or card.ended_at is None:
        return ""
    return f"{(card.ended_at - card.started_at) / timedelta(minutes=1):.1f}"


def _lines(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
