"""The dialogs that ask something of devices: to whom is fixed when one opens."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from corridor import clock
from corridor.accounts.actors import ClassroomActor
from corridor.accounts.plans import links_for, plans_for
from corridor.classroom import kinds
from corridor.classroom.cards import LOCK, PLAN, SITE_LOCK, TAB_LIMIT, Arguments, ParticipantCard
from corridor.classroom.commands import send_command
from corridor.classroom.kinds import Kind
from corridor.classroom.refusals import NotAllowed, NotFound
from corridor.live.log import turn
from corridor.web import guards
from corridor.web.console import drawing
from corridor.web.console.gate import console_of
from corridor.web.errors import BadInput
from corridor.web.forms import RequestId, first_problem, id_in
from corridor.web.guards import ClassroomRequest

# The buttons above the cards in their order, each with its symbol; what is seldom used is behind
# one more press.
OFTEN: Final = (
    (kinds.OPEN_SITE, "link"),
    (kinds.CLOSE_TABS, "tabs"),
    (LOCK, "lock"),
    (kinds.UNLOCK, "unlock"),
    (SITE_LOCK, "pin"),
    (PLAN, "list"),
    (kinds.SAY, "message"),
)
SELDOM: Final = (
    (TAB_LIMIT, "tabs"),
    (kinds.ANNOUNCE, "bell"),
    (kinds.ACKNOWLEDGE_HAND, "hand"),
    (kinds.EXCLUDE, "cross"),
    (kinds.INCLUDE, "check"),
)
MINUTES: Final = (5, 10, 20, 30)


class AskForm(RequestId):
    """What is asked of whom, as the dialog was opened."""

    url = forms.CharField(required=False, max_length=3000)
    text = forms.CharField(required=False, max_length=5000)
    sites = forms.CharField(required=False, max_length=10_000)
    number = forms.IntegerField(
        required=False,
        error_messages={"invalid": _("Write the number of tabs in digits.")},
    )
    plan_id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    minutes = forms.IntegerField(required=False, min_value=1, max_value=12 * 60)
    command_id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def arguments(self, kind: Kind) -> Arguments:
        """What the command says."""
        data = self.cleaned_data
        minutes = data["minutes"] if kind.lease else None
        until = clock.now() + timedelta(minutes=minutes) if minutes else None
        return Arguments(
            text=data["text"], url=data["url"], sites=tuple(data["sites"].split()),
            number=data["number"], plan_id=data["plan_id"], until=until,
            command_id=data["command_id"],
        )  # fmt: skip


def buttons(actor: ClassroomActor) -> dict[str, list[tuple[Kind, str]]]:
    """The commands of this person's role: those used often, and the rest."""

    def may(table: tuple[tuple[str, str], ...]) -> list[tuple[Kind, str]]:
        found = ((kinds.BY_NAME[name], icon) for name, icon in table)
        return [(kind, icon) for kind, icon in found if actor.may(kind.needs)]

    return {"often": may(OFTEN), "seldom": may(SELDOM)}


@guards.console_adult
@require_GET
def ask(request: ClassroomRequest, session_id: int, kind_name: str) -> HttpResponse:
    """The dialog: to whom, and what."""
    found, kind = console_of(request, session_id), kinds.BY_NAME.get(kind_name)
    if kind is None:
        raise NotFound("command")
    if not request.actor.may(kind.needs):
        raise NotAllowed
    chosen = set(ids_in(request.GET.getlist("students")))
    recipients = [card for card in found.participants if card.student.id in chosen]
    is_whole_class = not recipients
    if is_whole_class:
        recipients = [card for card in found.participants if _concerned(kind, card)]
    plans = plans_for(request.actor.school_id, request.actor.account_id)
    facts: dict[str, Any] = {
        "session": found.session,
        "kind": kind,
        "recipients": recipients,
        "is_whole_class": is_whole_class,
        "minutes": MINUTES,
        "plans": plans,
        # Nothing to hold anybody to, and nobody to let go.
        "is_planless": kind.name == PLAN and not plans and not _holds_plan(recipients),
        "links": links_for(request.actor.school_id, request.actor.account_id),
    }
    return render(request, "console/_ask.html", facts)


def _holds_plan(recipients: Iterable[ParticipantCard]) -> bool:
    return any(card.lease(PLAN) for card in recipients)


@guards.console_adult
@require_POST
def send(request: ClassroomRequest, session_id: int, kind_name: str) -> HttpResponse:
    """Ask it of exactly those who stood in the dialog."""
    kind = kinds.BY_NAME.get(kind_name)
    if kind is None:
        raise NotFound("command")
    form = AskForm(request.POST)
    if not form.is_valid():
        raise BadInput(" ".join(first_problem(form)))
    students = ids_in(request.POST.getlist("students"))
    with turn(request.actor.school_id) as tx:
        card = send_command(
            tx, kind.name, session_id=session_id, student_ids=students,
            says=form.arguments(kind), by=request.actor, at=clock.now(),
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    return render(request, "console/_sent.html", drawing.results_facts(card))


@guards.console_adult
@require_GET
def results(request: ClassroomRequest, session_id: int, command_id: int) -> HttpResponse:
    """What became of a command at each student."""
    found = console_of(request, session_id)
    card = next((one for one in found.commands if one.id == command_id), None)
    if card is None:
        raise NotFound("command")
    return render(request, "console/_sent.html", drawing.results_facts(card))


def _concerned(kind: Kind, card: ParticipantCard) -> bool:
    """Who the whole class is, for this command."""
    if kind.name == kinds.INCLUDE:
        return not card.is_in
    if kind.name == kinds.ACKNOWLEDGE_HAND:
        return card.hand_raised_at is not None
    return card.is_in


def ids_in(texts: Iterable[str]) -> list[int]:
    """The ids among these texts, as databases hold them."""
    return [one for text in texts if (one := id_in(text)) is not None]
