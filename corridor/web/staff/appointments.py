"""Appointments: an adult makes, changes and cancels them, and chooses what reminds of them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec
from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from corridor import clock
from corridor.accounts import people
from corridor.accounts.models import PassAccount
from corridor.accounts.people import grades_of
from corridor.accounts.students_csv import students_listed
from corridor.integration.classes import ClassInPass, class_in_pass, classes_of
from corridor.live.log import turn
from corridor.passes import arranging, queries
from corridor.passes.apart import some_apart
from corridor.passes.appointments import (
    ALL,
    LATER,
    ONE,
    Look,
    call_off,
    look_of,
    make_appointments,
    reschedule,
    was_made,
)
from corridor.passes.arranging import Arranged, Clash, TooNear, Wish
from corridor.passes.cards import PassCard, Place
from corridor.passes.refusals import NotFound, Refused, Stale
from corridor.passes.reminders import MINUTES, choose_reminders
from corridor.passes.words import knows_who_is_apart
from corridor.roster import places
from corridor.roster.csv_files import Unreadable, decoded
from corridor.roster.models import Location
from corridor.web import guards
from corridor.web.errors import BadInput, tell
from corridor.web.forms import (
    CommentForm,
    DayField,
    PassForm,
    RequestId,
    WhenForm,
    first_problem,
    id_in,
    ids_in,
)
from corridor.web.guards import Request
from corridor.web.periods import period_names, period_shown

MAX_FILE: Final = 1_000_000
# What chooses many students at once.
_GROUPS: Final = ("grade", "school_class", "listed")
REPEATS: Final = {
    "none": gettext_lazy("Does not repeat"),
    "daily": gettext_lazy("Every school day"),
    "weekly": gettext_lazy("Every week"),
    "monthly": gettext_lazy("Every month"),
}


# What is not there any more, in words; else a place is meant.
_GONE: Final = {
    "student": gettext_lazy(
        "One of the students is not here any more: the account may have been archived. Look who is"
        " chosen now, and send it again."
    ),
    "class": gettext_lazy("This class is none of yours any more. Choose another one."),
}


_encode_look = msgspec.json.Encoder().encode
_decode_look = msgspec.json.Decoder(Look).decode


class MakeForm(WhenForm):
    """As `WhenForm`, repeated, and for whom."""

    repeat = forms.ChoiceField(choices=list(REPEATS.items()), label=gettext_lazy("Repeats"))
    until = DayField(
        required=False, label=gettext_lazy("Last day"),
        error_messages={"invalid": gettext_lazy("Write a date.")},
    )  # fmt: skip
    grade = forms.CharField(required=False, max_length=20)
    school_class = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    listed = forms.CharField(required=False, max_length=MAX_FILE)
    sure = forms.CharField(required=False, max_length=20)

    @property
    def wish(self) -> Wish:
        """What the operations take."""
        names = ("origin_id", "destination_id", "day", "wall", "period", "reason", "repeat",
                 "until")  # fmt: skip
        return Wish(**{name: self.cleaned_data[name] for name in names})


class ScopeForm(RequestId):
    """Which of a series a change is for: one, if nothing is said."""

    series = forms.ChoiceField(required=False, choices=[(one, one) for one in (ONE, LATER, ALL)])
    everyone = forms.BooleanField(required=False)

    def clean_series(self) -> str:
        """One, if nothing is said."""
        return self.cleaned_data["series"] or ONE


class ChangeForm(WhenForm, ScopeForm):
    """An edit of an appointment.

    `sure` says which clashes were looked at, `seen` what it was when the form was drawn.
    """

    sure = forms.CharField(required=False, max_length=20)
    seen = forms.CharField(required=False, max_length=4000)

    def clean_seen(self) -> Look | None:
        """As the operation takes it."""
        text = self.cleaned_data["seen"]
        try:
            return _decode_look(text) if text else None
        except msgspec.DecodeError:
            text = _("The address or the form was not complete. Go back and try again.")
            raise forms.ValidationError(text) from None


class CallOffForm(CommentForm, ScopeForm):
    """Why an appointment is cancelled, and which of its series."""


@guards.adult
@require_http_methods(["GET", "POST"])
def make(request: Request) -> HttpResponse:
    """The form; for more than one appointment first what would be made, then they are."""
    if request.method == "GET":
        return _page(request)
    form = MakeForm(request.POST)
    if not form.is_valid():
        problems = {"form_errors": first_problem(form), "period_errors": form.errors.get("period")}
        return _page(request, status=400, **problems)
    try:
        chosen = _students(request, form)
        if chosen.problems:
            return _page(request, status=400, problems=chosen.problems)
        ids = list(chosen.ids)
        plan = _plan(request, form.wish, chosen)
        asks = plan.asks_first and form.cleaned_data["sure"] != plan.mark
        request_id = form.cleaned_data["request_id"]
        # What was made stands in the plan's way itself when the same press comes again.
        if asks and not was_made(request.actor.school_id, by=request.actor, request_id=request_id):
            changed = bool(form.cleaned_data["sure"])
            return _page(request, plan=plan, changed=changed)
        with turn(request.actor.school_id) as tx:
            make_appointments(
                tx, form.wish, student_ids=ids, by=request.actor, at=clock.now(),
                request_id=request_id,
            )  # fmt: skip
    except Refused as no:
        return _page(request, status=422, refusal=tell(no.refusal, for_adult=True))
    except NotFound as no:
        told = _GONE.get(no.what, PassForm.UNKNOWN_PLACE)
        return _page(request, status=404, form_errors=[str(told)])
    text = ngettext("%(n)s appointment made.", "%(n)s appointments made.", plan.count)
    messages.success(request, text % {"n": plan.count})
    return _to_the_list(request, form.wish.day)


def edit(request: Request, pass_id: int) -> HttpResponse:
    """Edit one appointment, or from here on its series; first a look at what is too near."""
    from corridor.web.staff.passes import detail_page

    data = _cleaned(ChangeForm(request.POST))
    near_seen = data.pop("sure")
    try:
        with turn(request.actor.school_id) as tx:
            cards = reschedule(
                tx, pass_id=pass_id, near_seen=near_seen, by=request.actor, at=clock.now(), **data
            )
    except TooNear as no:
        card = queries.pass_of_school(request.actor.school_id, pass_id)
        return detail_page(
            request, card, clashes=no.clashes, sure=arranging.mark_of(no.clashes), change=data
        )
    except Stale:
        card = queries.pass_of_school(request.actor.school_id, pass_id)
        if data["seen"] is None or not card.is_coming or not request.headers.get("HX-Request"):
            raise
        return detail_page(request, card, changed_since=True, change=_both(card, data))
    return _answer(request, cards, _("Saved."))


def take_off(request: Request, pass_id: int) -> HttpResponse:
    """Cancel one appointment, or from here on its series, with words that the student reads."""
    data = _cleaned(CallOffForm(request.POST))
    with turn(request.actor.school_id) as tx:
        cards = call_off(tx, pass_id=pass_id, by=request.actor, at=clock.now(), **data)
    return _answer(request, cards, _("Cancelled."))


@guards.adult
@require_http_methods(["GET", "POST"])
def choices(request: Request) -> HttpResponse:
    """What reminds the adult, and whether students may ask for appointments in the own room."""
    account = PassAccount.objects.get(pk=request.signed_in.account_id)
    room = places.location_of_school(
        request.actor.school_id, request.signed_in.personal_location_id or 0
    )
    if request.method == "POST":
        minutes = [found for found in MINUTES if request.POST.get(f"remind-{found}")]
        with turn(request.actor.school_id) as tx:
            choose_reminders(
                tx, minutes=minutes, may_be_asked=bool(request.POST.get("may_be_asked")),
                by=request.actor, at=clock.now(),
            )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect("staff:appointment_choices")
    facts = {"room": room, "my_minutes": account.remind_minutes.split(), "choices": MINUTES}
    return render(request, "staff/appointment_choices.html", facts)


def detail_facts(card: PassCard, possible: set[str], request: Request) -> dict[str, Any]:
    """What the dialog of an appointment needs beside what every pass has."""
    if card.appointment is None:
        return {}
    return {
        "when": card.appointment,
        "when_period": period_shown(card, request.signed_in.settings.bells),
        "change": {**msgspec.structs.asdict(look_of(card)), "series": ONE},
        "seen": _encode_look(look_of(card)).decode(),
        "repeats": REPEATS[card.appointment.repeat],
        "can_reschedule": "reschedule" in possible,
        "can_call_off": "call_off" in possible,
        **(_places_of(card) if "reschedule" in possible else {}),
        "periods": period_names(request.signed_in.settings.bells),
        "request_ids": (uuid4(), uuid4()),
    }


def _both(card: PassCard, wrote: Mapping[str, Any]) -> dict[str, Any]:
    """What an appointment is now, with what this adult has changed of what they saw."""
    seen = msgspec.structs.asdict(wrote["seen"])
    mine = {name for name in seen if wrote[name] != seen[name]}
    if wrote["period"] and "period" not in mine:  # its time is the bell's
        mine.discard("wall")
    if mine & {"wall", "period"}:
        mine |= {"wall", "period"}
    kept = {name: wrote[name] for name in (*mine, "series", "everyone")}
    return msgspec.structs.asdict(look_of(card)) | kept


class _Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The students an appointment is for; what is wrong with a list, and with whom of a class."""

    ids: tuple[int, ...]
    problems: tuple[str, ...] = ()
    school_class: ClassInPass | None = None


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What would be made, and what one should know before."""

    found: Arranged
    clashes: list[Clash]
    without_school: bool
    some_apart: bool
    school_class: ClassInPass | None

    @property
    def count(self) -> int:
        """How many appointments."""
        return len(self.found.students) * len(self.found.times)

    @property
    def asks_first(self) -> bool:
        """Whether somebody should look at it before."""
        missing = self.school_class and self.school_class.missing
        return self.count > 1 or bool(self.clashes) or self.without_school or bool(missing)

    @property
    def mark(self) -> str:
        """What whoever looked at it has seen: another plan has another mark."""
        seen = arranging.mark_of_plan(self.found, self.clashes)
        return f"{seen}{self.without_school:d}{self.some_apart:d}"


def _students(request: Request, form: MakeForm) -> _Chosen:
    """The students who were chosen by name, grade, class and list. Raises `NotFound`."""
    signed, data = request.signed_in, form.cleaned_data
    ids = ids_in(request.POST.getlist("student"))
    if data["grade"]:
        ids += people.students_of_grade(signed.school_id, data["grade"])
    in_class = None
    if data["school_class"]:
        in_class = class_in_pass(
            signed.school_id, signed.account_id, signed.settings, data["school_class"]
        )
        ids += in_class.student_ids
    problems: list[str] = []
    try:
        texts = [data["listed"], _text_of(request.FILES.get("file"))]
    except Unreadable as no:
        return _Chosen(ids=(), problems=(str(no),))
    for text in texts:
        if text.strip():
            listed, wrong = students_listed(signed.school_id, text)
            ids += listed
            problems += [_("Row %(row)s: %(text)s") % {"row": p.row, "text": p.text} for p in wrong]
    return _Chosen(ids=tuple(dict.fromkeys(ids)), problems=tuple(problems), school_class=in_class)


def _text_of(file: "UploadedFile[Any] | None") -> str:
    """The text of a file that was sent along. Raises `Unreadable`."""
    if file is None:
        return ""
    if (file.size or 0) > MAX_FILE:
        raise Unreadable(_("The file is larger than 1 MB."))
    text = decoded(file.read())
    if not text.strip():
        raise Unreadable(_("The file is empty."))
    return text


def _plan(request: Request, wish: Wish, chosen: _Chosen) -> _Plan:
    """What would be made. Raises `Refused`, `NotFound`."""
    signed = request.signed_in
    students = arranging.persons(signed.school_id, chosen.ids)
    found = arranging.arranged(signed.school_id, signed.settings, wish, students, at=clock.now())
    refusal = arranging.refusal_to_make(found)
    if refusal is not None:
        raise Refused(refusal)
    bells = signed.settings.bells
    return _Plan(
        found=found,
        clashes=arranging.clashes(found, signed.settings),
        without_school=bool(bells.schedules) and bells.schedule_on(wish.day) is None,
        # Nothing else would be told alike, so that whoever tries pairs could read who is apart.
        some_apart=knows_who_is_apart(request.actor)
        and some_apart(signed.school_id, chosen.ids, wish.day),
        school_class=chosen.school_class,
    )


def _page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    signed, sent = request.signed_in, request.POST
    named = sent.getlist("student") or request.GET.getlist("student")
    chosen = arranging.persons_there(signed.school_id, ids_in(named))
    if "plan" in more:
        chosen = more["plan"].found.students
    # Once everybody stands there and may be removed, no group brings them back.
    again = () if "plan" in more else _GROUPS
    facts = {
        **_places(signed.school_id),
        "grades": grades_of(signed.school_id),
        "classes": classes_of(signed.school_id, signed.account_id, signed.settings),
        "periods": period_names(signed.settings.bells),
        "repeats": REPEATS,
        "chosen": chosen,
        "sent": _sent(sent, again, clock.now().astimezone(signed.settings.zone)),
        "origin_id": id_in(sent.get("origin")),
        "destination_id": id_in(sent.get("destination")) or signed.personal_location_id,
        "request_id": (sent.get("request_id") if "plan" in more else "") or uuid4(),
    }
    return render(request, "staff/appointment.html", facts | more, status=status)


def _places(school_id: int, origin_id: int | None = None) -> dict[str, Any]:
    """Where to go, and from where: where an adult works, and where it departs from now."""
    known, answered = places.open_locations(school_id), places.with_adults(school_id)
    return {
        "places": known,
        "origins": [place for place in known if place.pk in answered | {origin_id}],
    }


def _places_of(card: PassCard) -> dict[str, Any]:
    """As `_places`, for an appointment; with those of its own that are not there any more.

    Without them a browser would choose another in silence, and send it.
    """
    found = _places(card.school_id, card.origin.id)
    return found | {
        "gone_origin": card.origin if not _is_among(card.origin, found["origins"]) else None,
        "gone_destination": card.destination
        if not _is_among(card.destination, found["places"])
        else None,
    }


def _is_among(place: Place, found: Iterable[Location]) -> bool:
    return any(place.id == one.pk for one in found)


def _sent(sent: Mapping[str, str], groups: tuple[str, ...], local: datetime) -> dict[str, str]:
    names = ("day", "wall", "period", "repeat", "until", "reason", *groups)
    found = {name: sent.get(name, "") for name in names}
    found["day"] = found["day"] or f"{local:%Y-%m-%d}"
    return found


def _cleaned(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise BadInput(" ".join(first_problem(form)))
    return form.cleaned_data


def _answer(request: Request, cards: tuple[PassCard, ...], told: str) -> HttpResponse:
    """The dialog again on a live page, else the list."""
    from corridor.web.staff.passes import detail_page

    if request.headers.get("HX-Request"):
        return detail_page(request, queries.pass_of_school(request.actor.school_id, cards[0].id))
    messages.success(request, told)
    assert cards[0].appointment is not None
    return _to_the_list(request, cards[0].appointment.day)


def _to_the_list(request: Request, day: date) -> HttpResponse:
    """The list of the dashboard that has this day."""
    today = clock.now().astimezone(request.signed_in.settings.zone).date()
    when = "future" if day > today else "today"
    return redirect(f"{reverse('staff:dashboard')}?tab=appointments&when={when}")


# As in `corridor.web.staff.passes`: Classroom puts its own guard before the same functions.
change = guards.adult(require_POST(edit))
cancel = guards.adult(require_POST(take_off))
