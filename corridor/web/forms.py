"""The forms of the faces: from what was typed to what an operation takes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from corridor.passes.rules import MAX_TEXT
from corridor.roster import csv_files
from corridor.roster.changes import Impossible, check_day
from corridor.roster.settings import FIRST_DAY, LAST_DAY
from corridor.web.errors import BadInput

# What a browser's own pickers understand, whatever the language.
DATE: Final = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
TIME: Final = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
WEEKDAYS: Final = tuple(WEEKDAY_NAMES.items())


def no_day(text: str) -> str:
    """That this, which an address has for a day, is none."""
    told = gettext("“%(what)s” is no day between %(first)s and %(last)s.")
    return told % {"what": text, "first": FIRST_DAY.year, "last": LAST_DAY.year}


class DayField(forms.DateField):
    """A day in the years that a school may name."""

    widget = DATE

    def validate(self, value: Any) -> None:
        """Within those years."""
        super().validate(value)
        try:
            if value is not None:
                check_day(value)
        except Impossible as no:
            raise forms.ValidationError(str(no)) from None


class _Shared(dict[str, forms.Field]):
    """Fields that no form of a class changes: they are not copied for each press."""

    def __deepcopy__(self, memo: Any) -> dict[str, forms.Field]:
        return dict(self)


class RequestId(forms.Form):
    """The id the client made for its request, so that repeating it is harmless."""

    request_id = forms.UUIDField(required=False)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> UUID | None:
        """The id in this form, or None. Raises `BadInput` for one that is no UUID."""
        text = data.get("request_id", "").strip()
        try:
            return UUID(text) if text else None
        except ValueError:
            raise BadInput(_("The request's id is not a UUID. Load the page again.")) from None


class PassForm(RequestId):
    """Departing from, destination, reason."""

    UNKNOWN_PLACE: Final = _("One of the places is not there any more. Choose again from the list.")

    origin = forms.IntegerField(
        min_value=1,
        error_messages={
            "required": _("Choose where you are departing from."),
            "invalid": UNKNOWN_PLACE,
            "min_value": UNKNOWN_PLACE,
        },
        label=_("Departing from"),
    )
    destination = forms.IntegerField(
        min_value=1,
        error_messages={
            "required": _("Choose a destination."),
            "invalid": UNKNOWN_PLACE,
            "min_value": UNKNOWN_PLACE,
        },
        label=_("Destination"),
    )
    reason = forms.CharField(
        required=False,
        max_length=MAX_TEXT,
        label=_("Reason"),
        error_messages={
            "max_length": _(
                "The reason has %(show_value)s characters; at most %(limit_value)s fit. Shorten it."
            )
        },
    )

    def clean(self) -> dict[str, Any]:
        """Named as the operations name them."""
        data = super().clean() or {}
        for field in ("origin", "destination"):
            if field in data:
                data[f"{field}_id"] = data.pop(field)
                # No database has such a number; asking one would be an error of its own.
                if data[f"{field}_id"] >= 2**63:
                    self.add_error(field, self.UNKNOWN_PLACE)
        return data


class WhenForm(PassForm):
    """From, to, a day, a time or a period, and why."""

    ONE_OF_THEM: Final = _("Choose a time or a period, not both.")

    day = DayField(
        label=_("Day"),
        error_messages={"required": _("Choose a day."),
                        "invalid": _("Write a date.")},
    )  # fmt: skip
    wall = forms.TimeField(
        required=False, widget=TIME, label=_("Time"),
        error_messages={"invalid": _("Write a time.")},
    )  # fmt: skip
    period = forms.CharField(required=False, max_length=80, label=_("or period"))

    def clean(self) -> dict[str, Any]:
        """A time or a period: nobody guesses which of two is meant."""
        data = super().clean()
        if data.get("wall") is not None and data.get("period"):
            self.add_error("period", self.ONE_OF_THEM)
        return data


class StudentPassForm(PassForm):
    """A student's request; with the second press, to join the line."""

    join_line = forms.BooleanField(required=False)


# The one form of a crowd in the same second.
StudentPassForm.base_fields = _Shared(StudentPassForm.base_fields)


class TeacherPassForm(PassForm):
    """A pass that an adult makes for a student."""

    UNKNOWN_STUDENT: Final = _(
        "This student is not here any more: the account may have been archived. Search again."
    )

    student = forms.IntegerField(
        min_value=1,
        max_value=2**63 - 1,
        label=_("Student"),
        error_messages={
            "required": _("Choose a student."),
            "invalid": _("This student is not in the list. Search again."),
        },
    )
    pre_approved = forms.BooleanField(required=False, label=_("Pre-approve"))
    override = forms.CharField(required=False, max_length=400)

    def clean(self) -> dict[str, Any]:
        """Named as the operation names them; `override` lists codes."""
        data = super().clean()
        if "student" in data:
            data["student_id"] = data.pop("student")
        data["override"] = frozenset(data.get("override", "").split())
        return data


class CommentForm(RequestId):
    """A comment beside a pass."""

    text = forms.CharField(required=False, max_length=MAX_TEXT * 20)


class EditTimesForm(RequestId):
    """When the student of a system-ended pass was really back (the school's wall clock)."""

    ended_at = forms.DateTimeField(
        label=_("Back at"),
        error_messages={"invalid": _("Write a date and a time."), "required": _("Write a time.")},
    )


def remember(form: forms.Form) -> None:
    """Let a form carry what it showed: saving changes what was changed in it, and leaves alone what
    somebody else saved meanwhile."""
    for field in form.fields.values():
        field.show_hidden_initial = True


def changes_in(form: forms.Form) -> dict[str, Any]:
    """What was changed in a form that carries what it showed.

    Where it does not, because it was drawn by an older version or a program, what differs counts.
    """
    data = form.cleaned_data
    if not any(form[name].html_initial_name in form.data for name in form.fields):
        for field in form.fields.values():
            field.show_hidden_initial = False
        form.__dict__.pop("changed_data", None)
    return {
        name: tuple(data[name]) if isinstance(data[name], list) else data[name]
        for name in form.changed_data
        if name in data
    }


class CsvFileForm(forms.Form):
    """A CSV file to look at, or the text of one that was looked at.

    `complete`: the file names everybody, so that who is not in it goes.
    """

    MOST_BYTES: Final = 900_000

    file = forms.FileField(required=False, label=_("CSV file"))
    text = forms.CharField(required=False, strip=False, max_length=MOST_BYTES)
    complete = forms.BooleanField(required=False)

    def clean_file(self) -> str:
        """The file's text."""
        found: Any = self.cleaned_data["file"]
        if found is None:
            return ""
        if found.size > self.MOST_BYTES:
            raise forms.ValidationError(
                gettext("The file is larger than 900 KB. Divide it into two, class by class.")
            )
        try:
            return csv_files.decoded(found.read())
        except csv_files.Unreadable as no:
            raise forms.ValidationError(str(no)) from None

    def problems(self) -> list[str]:
        """What is wrong with the file, in sentences."""
        return first_problem(self)


def id_in(text: str | None) -> int | None:
    """The id (or number of an event) that a request names, as databases hold it; else None."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def ids_in(texts: Iterable[str]) -> list[int]:
    """The ids that fields of one name have, each once; one field may have many, with spaces."""
    words = [word for text in texts for word in text.split()]
    return list(dict.fromkeys(found for word in words if (found := id_in(word)) is not None))


class AnswerForm(RequestId):
    """Whether it was as the student says of the end of a pass; if not, in words."""

    answer = forms.ChoiceField(choices=[("confirm", ""), ("decline", "")])
    words = forms.CharField(required=False, max_length=MAX_TEXT * 20)


class CorrectionForm(RequestId):
    """When the student was back, on the school's wall clock, and what they say beside it."""

    back_at = forms.TimeField(
        label=_("I was back at"),
        widget=TIME,
        error_messages={"invalid": _("Write a time."), "required": _("Write a time.")},
    )
    note = forms.CharField(required=False, max_length=MAX_TEXT * 20, label=_("What happened"))


def first_problem(form: forms.Form) -> list[str]:
    """What is wrong, a sentence for each field, in the order of the fields."""
    return [str(message) for messages in form.errors.values() for message in messages]
