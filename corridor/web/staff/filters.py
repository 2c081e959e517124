"""The filters of the history: from an address to what is asked for, and to chips and back."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corridor.accounts.actors import ADULTS
from corridor.accounts.models import PassAccount, Role
from corridor.accounts.people import students_named
from corridor.accounts.signins import SignedIn
from corridor.passes import states
from corridor.passes.history import KINDS, MARKS, WHATS, Wanted
from corridor.passes.standing import day_of, first_of_term, week_of
from corridor.passes.words import RULES, code_told
from corridor.roster.models import Location
from corridor.roster.settings import SchoolSettings
from corridor.web.forms import DayField, no_day
from corridor.web.guards import sees_all_ended

# In the order of the address and of the chips.
SHARED: Final = ("student", "from", "to", "when", "since", "until")
OF_PASSES: Final = (
    "student",
    "adult",
    "from",
    "to",
    "kind",
    "what",
    "mark",
    "when",
    "since",
    "until",
)
OF_REFUSALS: Final = ("student", "from", "to", "rule", "when", "since", "until")
ALL: Final = tuple(dict.fromkeys((*OF_REFUSALS[:3], *OF_PASSES[:7], *OF_REFUSALS[3:])))
KIND_WORDS: Final = {
    "student": gettext_lazy("Student pass"),
    "teacher": gettext_lazy("Teacher pass"),
    "appointment": gettext_lazy("Appointment"),
}
# Rules that say no before anybody looked at the school are asked for too.
RULE_WORDS: Final = {
    "already_out": gettext_lazy("Already out"),
    "frozen": gettext_lazy("Emergency"),
    "same_place": gettext_lazy("Same place"),
    "nobody_there": gettext_lazy("Nobody to answer"),
    "reason_missing": gettext_lazy("Reason missing"),
    "reason_too_long": gettext_lazy("Reason too long"),
}
assert KIND_WORDS.keys() == KINDS.keys()


def rule_word(code: str, *, by_admin: bool) -> str:
    """The name of a rule that refused; who is kept apart is read by admins only."""
    code = code_told(code, by_admin=by_admin)
    return _(RULES[code]) if code in RULES else str(RULE_WORDS.get(code, code))


def when_words(settings: SchoolSettings) -> dict[str, str]:
    """The spans that need no dates; a term only where the school has named its first day."""
    found = {"today": _("Today"), "week": _("This week"), "month": _("Last 30 days")}
    return found | ({"term": _("This term")} if settings.term_begins else {})


def _an_id() -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class FilterForm(forms.Form):
    """What the address asks for; every field may be left out."""

    student = _an_id()
    adult = _an_id()
    kind = forms.ChoiceField(required=False, choices=[("", ""), *KIND_WORDS.items()])
    what = forms.ChoiceField(
        required=False, choices=[("", ""), *((w, w) for w in (*WHATS, *MARKS))]
    )
    mark = forms.ChoiceField(required=False, choices=[("", ""), *((m, m) for m in MARKS)])
    rule = forms.ChoiceField(
        required=False, choices=[("", ""), *((c, c) for c in (*RULES, *RULE_WORDS))]
    )
    when = forms.ChoiceField(
        required=False, choices=[("", ""), *((w, w) for w in ("today", "week", "month", "term"))]
    )
    since = DayField(required=False)
    until = DayField(required=False)
    q = forms.CharField(required=False, max_length=200)


FilterForm.base_fields["from"] = _an_id()
FilterForm.base_fields["to"] = _an_id()


class Chip(msgspec.Struct, frozen=True):
    """A filter as it is shown: what it is, what it asks, and the address without it."""

    label: str
    value: str
    without: str


class Filters:
    """The filters of one address, for one reader."""

    def __init__(
        self,
        query: Mapping[str, str],
        signed: SignedIn,
        at: datetime,
        names: tuple[str, ...] = OF_PASSES,
    ) -> None:
        self._signed = signed
        self._at = at
        self.problems: list[str] = []
        form = FilterForm({name: query.get(name, "") for name in (*names, "q")})
        form.is_valid()
        self.chosen: dict[str, Any] = {
            name: found for name in names if (found := form.cleaned_data.get(name))
        }
        if self.chosen.get("what") in MARKS:  # as addresses were before marks had a filter
            self.chosen.setdefault("mark", self.chosen.pop("what"))
        if self.chosen.keys() & {"since", "until"}:
            self.chosen.pop("when", None)
        for name in form.errors:
            is_day = isinstance(form.fields[name], DayField)
            told = _("“%(what)s” cannot be filtered by.") % {"what": query[name]}
            self.problems.append(no_day(query[name]) if is_day else told)
        if typed := form.cleaned_data.get("q", ""):
            self._find_student(typed)
        self.student = self._student()

    @property
    def address(self) -> str:
        """The filters as they stand in an address, without what asks nothing."""
        return self._with()

    @property
    def shared(self) -> str:
        """As `address`, with what can be asked of passes and of refusals."""
        return self._with(**{name: "" for name in self.chosen if name not in SHARED})

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """From when until before when; None has no bound."""
        when, settings = self.chosen.get("when"), self._signed.settings
        if when == "today":
            return day_of(self._at, settings)
        if when == "week":
            return week_of(self._at, settings)
        if when == "month":
            return day_of(self._at - timedelta(days=29), settings)[0], None
        if when == "term":
            return first_of_term(self._at, settings), None
        since, until = self.chosen.get("since"), self.chosen.get("until")
        return self._midnight(since), self._midnight(until and until + timedelta(days=1))

    @property
    def wanted(self) -> Wanted:
        """What is asked of passes and refusals, within what this reader sees."""
        since, before = self.span
        chosen, signed = self.chosen, self._signed
        return Wanted(
            student=chosen.get("student"), adult=chosen.get("adult"), origin=chosen.get("from"),
            destination=chosen.get("to"), kind=chosen.get("kind"), what=chosen.get("what"),
            mark=chosen.get("mark"), code=chosen.get("rule"), since=since, before=before,
            by_admin=signed.role == "admin",
            only=None if sees_all_ended(signed) else signed.location_ids,
        )  # fmt: skip

    def spans(self, words: dict[str, str]) -> Iterator[tuple[str, str, bool]]:
        """The spans that need no dates: address, word, and whether it is the present one."""
        when = self.chosen.get("when", "")
        yield self._with(when="", since="", until=""), _("All"), not {*self.chosen} & {
            "when", "since", "until"
        }  # fmt: skip
        for name, word in words.items():
            yield self._with(when=name, since="", until=""), word, name == when

    def chips(self) -> list[Chip]:
        """What is asked for, each with the address that no longer asks it."""
        return [
            Chip(label, value, self._with(**{name: ""}))
            for name in self.chosen
            for label, value in [self._told(name)]
        ]

    def _with(self, **changes: str) -> str:
        found = {name: self.chosen[name] for name in ALL if name in self.chosen} | changes
        return urlencode({name: value for name, value in found.items() if value})

    def _told(self, name: str) -> tuple[str, str]:
        value = self.chosen[name]
        match name:
            case "student":
                return _("Student"), self.student.display_name if self.student else str(value)
            case "adult":
                found = PassAccount.objects.filter(pk=value, school_id=self._signed.school_id)
                return _("Let go by"), str(found.first() or value)
            case "from" | "to":
                place = Location.objects.filter(pk=value, school_id=self._signed.school_id).first()
                label = _("Departing from") if name == "from" else _("Destination")
                return label, place.name if place else str(value)
            case "kind":
                return _("Kind"), str(KIND_WORDS[value])
            case "what":
                return _("State"), _(states.WORDS[value])
            case "mark":
                return _("Mark"), _(states.WORDS[value])
            case "rule":
                by_admin = self._signed.role == "admin"
                return _("Refused by"), rule_word(value, by_admin=by_admin)
            case "when":
                words = when_words(self._signed.settings) | {"term": _("This term")}
                return _("Time"), words[value]
            case _:
                label = _("First day") if name == "since" else _("Last day")
                return label, date_format(value, "DATE_FORMAT")

    def _student(self) -> PassAccount | None:
        wanted = self.chosen.get("student")
        if wanted is None:
            return None
        found = PassAccount.objects.filter(
            pk=wanted, school_id=self._signed.school_id, role=Role.STUDENT
        ).first()
        if found is None:
            self.chosen.pop("student")
            self.problems.append(_("This student is not in this school."))
        return found

    def _find_student(self, typed: str) -> None:
        """Without scripts, a name is typed and nobody is chosen."""
        if "student" in self.chosen:
            return
        found = students_named(self._signed.school_id, typed)
        if len(found) == 1:
            self.chosen = {"student": found[0].pk, **self.chosen}
            return
        text = _("No student is called “%(name)s”.") if not found else _(
            "Several students are called “%(name)s”. Write more of the name."
        )  # fmt: skip
        self.problems.append(text % {"name": typed})

    def _midnight(self, day: date | None) -> datetime | None:
        return None if not day else datetime.combine(day, time(), self._signed.settings.zone)


def adults_to_choose(school_id: int) -> list[tuple[int, str]]:
    """Everybody who lets or has let students go, by name."""
    found = PassAccount.objects.filter(school_id=school_id, role__in=ADULTS)
    return list(found.order_by("display_name").values_list("pk", "display_name"))


def places_to_choose(school_id: int) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The locations by name: those that are open, and those that are no longer in use."""
    found = Location.objects.filter(school_id=school_id).order_by("name")
    listed = list(found.values_list("pk", "name", "archived_at"))
    return (
        [(pk, name) for pk, name, archived in listed if archived is None],
        [(pk, name) for pk, name, archived in listed if archived is not None],
    )
