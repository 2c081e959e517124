"""One class: its name, its adults, its roster, its groups."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corridor import clock
from corridor.accounts import classes as operations
from corridor.accounts import permissions
from corridor.accounts.classroom_people import classroom_people
from corridor.accounts.models import ClassroomAccount, ClassroomRole
from corridor.accounts.names import BadName, clean_name
from corridor.classroom.sessions import stop_class
from corridor.classroom.shelf import running_session_of
from corridor.live.log import turn
from corridor.roster.models import SchoolClass
from corridor.web import guards
from corridor.web.classroom.gates import class_to_change, class_to_see, may_change
from corridor.web.forms import id_in, ids_in
from corridor.web.guards import ClassroomRequest


class ClassForm(forms.Form):
    """How a class is called."""

    name = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    period = forms.CharField(max_length=200, required=False, label=gettext_lazy("Period"))
    code = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("As the school's other systems call this class."),
    )

    def clean(self) -> dict[str, Any]:
        """Names that can be seen, not too long."""
        data = super().clean() or {}
        for field, longest in operations.LONGEST.items():
            if field in data:
                try:
                    data[field] = clean_name(data[field], longest)
                except BadName as no:
                    self.add_error(field, str(no))
        return data


class NewClassForm(ClassForm):
    """A new class, with whose it is."""

    lead = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=gettext_lazy("Teacher")
    )

    def __init__(self, data: Any, school_id: int) -> None:
        super().__init__(data)
        field = self.fields["lead"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("Nobody yet")), *_adults(school_id)]


@guards.classroom_may(permissions.CLASSES)
@require_http_methods(["GET", "POST"])
def new_class(request: ClassroomRequest) -> HttpResponse:
    """Open a class by hand."""
    form = NewClassForm(request.POST or None, request.actor.school_id)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            with turn(request.actor.school_id) as tx:
                made = operations.open_class(
                    tx, lead_id=facts.pop("lead"), **facts, by=request.actor, at=clock.now()
                )
        except operations.CodeTaken:
            form.add_error("code", _("Another class has this code."))
        else:
            messages.success(request, _("Added: %(name)s") % {"name": made.name})
            return redirect("classroom:class", made.pk)
    return render(request, "classroom/class_new.html", {"form": form}, status=_status(form))


@guards.classroom_adult
@require_http_methods(["GET", "POST"])
def one_class(request: ClassroomRequest, class_id: int) -> HttpResponse:
    """The class; whoever may change it, changes its name here."""
    if request.method == "POST":
        return _rename(request, class_to_change(request.signed_in, class_id))
    return _page(request, class_to_see(request.signed_in, class_id))


def _rename(request: ClassroomRequest, found: SchoolClass) -> HttpResponse:
    form = ClassForm(request.POST)
    if form.is_valid():
        try:
            with turn(request.actor.school_id) as tx:
                operations.change_class(
                    tx, found, form.cleaned_data, by=request.actor, at=clock.now()
                )
        except operations.CodeTaken:
            form.add_error("code", _("Another class has this code."))
        else:
            return _saved(request, found)
    return _page(request, found, form=form)


@guards.classroom_adult
@require_POST
def teachers(request: ClassroomRequest, class_id: int) -> HttpResponse:
    """Whose class it is, and the co-teachers."""
    found = class_to_change(request.signed_in, class_id)
    lead_id = id_in(request.POST.get("lead"))
    with turn(request.actor.school_id) as tx:
        operations.set_teachers(
            tx, found, lead_id=lead_id, co_teacher_ids=_ids(request, "co_teacher"),
            by=request.actor, at=clock.now(),
        )  # fmt: skip
    return _saved(request, found)


@guards.classroom_adult
@require_POST
def roster(request: ClassroomRequest, class_id: int) -> HttpResponse:
    """Put students on the roster, or take them off."""
    found = class_to_change(request.signed_in, class_id)
    with turn(request.actor.school_id) as tx:
        operations.change_roster(
            tx, found, add=_ids(request, "student"), remove=_ids(request, "remove"),
            by=request.actor, at=clock.now(),
        )  # fmt: skip
    return _saved(request, found)


@guards.classroom_adult
@require_POST
def group(request: ClassroomRequest, class_id: int) -> HttpResponse:
    """Make a group, change one, or remove it."""
    found = class_to_change(request.signed_in, class_id)
    about: dict[str, Any] = {"by": request.actor, "at": clock.now()}
    group_id = id_in(request.POST.get("group"))
    try:
        with turn(request.actor.school_id) as tx:
            if "remove" in request.POST and group_id:
                operations.remove_group(tx, found, group_id=group_id, **about)
            else:
                operations.keep_group(
                    tx, found, name=request.POST.get("name", ""), group_id=group_id,
                    student_ids=_ids(request, "student"), **about,
                )  # fmt: skip
    except operations.GroupTaken:
        return _page(request, found, wrong=_("This class has a group of this name already."))
    except BadName as no:
        return _page(request, found, wrong=str(no))
    return _saved(request, found)


@guards.classroom_may(permissions.CLASSES)
@require_POST
def archive(request: ClassroomRequest, class_id: int) -> HttpResponse:
    """Archive a class, which ends it if it runs; or take it back."""
    found = class_to_change(request.signed_in, class_id)
    takes_back, at = "reopen" in request.POST, clock.now()
    with turn(request.actor.school_id) as tx:
        if takes_back:
            operations.reopen_class(tx, found, by=request.actor, at=at)
        else:
            stop_class(tx, class_id=found.pk, by=request.actor, at=at)
            operations.archive_class(tx, found, by=request.actor, at=at)
    told = _("Open again: %(name)s") if takes_back else _("Archived: %(name)s")
    messages.success(request, told % {"name": found.name})
    return redirect("classroom:class", found.pk) if takes_back else redirect("classroom:classes")


@guards.classroom_adult
@require_GET
def students(request: ClassroomRequest) -> HttpResponse:
    """The students whose names begin so: the options of a search."""
    text = request.GET.get("q", "").replace("\0", "")[:80]
    found = classroom_people(request.actor.school_id, text=text, role=ClassroomRole.STUDENT)
    facts = {"students": found[:12] if text.strip() else []}
    return render(request, "classroom/_students.html", facts)


def _page(
    request: ClassroomRequest, found: SchoolClass, *, form: Any = None, wrong: str = ""
) -> HttpResponse:
    adults = operations.teachers_of(found.pk)
    lead_id = found.teachers.filter(is_lead=True).values_list("account_id", flat=True).first()
    initial = {name: getattr(found, name) for name in operations.CHANGEABLE}
    facts = {
        "class": found,
        "form": form or ClassForm(initial=initial),
        "teachers": adults,
        "teacher_ids": {adult.id for adult in adults},
        "lead_id": lead_id,
        "adults": _adults(found.school_id),
        "students": operations.students_of(found.pk),
        "groups": operations.groups_of(found),
        "may_change": may_change(request.signed_in, found.pk) and found.archived_at is None,
        "may_archive": request.signed_in.may(permissions.CLASSES),
        "may_lead": found.archived_at is None and request.actor.leads(found.pk),
        "session": running_session_of(request.actor.school_id, found.pk),
        "wrong": [wrong] if wrong else [],
    }
    status = 400 if wrong or (form is not None and form.errors) else 200
    return render(request, "classroom/class.html", facts, status=status)


def _adults(school_id: int) -> list[tuple[int, str]]:
    found = ClassroomAccount.objects.filter(school_id=school_id, closed_at__isnull=True)
    adults = found.exclude(role=ClassroomRole.STUDENT).order_by("family_name", "given_name")
    return list(adults.values_list("pk", "display_name"))


def _ids(request: ClassroomRequest, name: str) -> list[int]:
    return ids_in(request.POST.getlist(name))


def _saved(request: ClassroomRequest, found: SchoolClass) -> HttpResponse:
    messages.success(request, _("Saved: %(name)s") % {"name": found.name})
    return redirect("classroom:class", found.pk)


def _status(form: forms.Form) -> int:
    return 400 if form.errors else 200
