"""The people of Classroom: find them, add one, let everybody of Pass join, change, archive."""

from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corridor import clock
from corridor.accounts import classroom_people as operations
from corridor.accounts import permissions
from corridor.accounts.models import ClassroomAccount, ClassroomRole
from corridor.accounts.names import BadName, clean_name
from corridor.accounts.people import EmailTaken
from corridor.accounts.permissions import ADMINS, ORGANISATION_ADMIN
from corridor.live.log import turn
from corridor.passes.refusals import NotAllowed, NotFound
from corridor.web import guards
from corridor.web.forms import changes_in, remember
from corridor.web.guards import ClassroomRequest

PAGE: Final = 50
STATES: Final = (("open", gettext_lazy("Everybody")), ("closed", gettext_lazy("Archived")))


class PersonForm(forms.Form):
    """A person of this school's Classroom."""

    given_name = forms.CharField(max_length=200, label=gettext_lazy("Given name"))
    family_name = forms.CharField(max_length=200, required=False, label=gettext_lazy("Family name"))
    display_name = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("Shown as"),
        help_text=gettext_lazy("What others read, like “Ms. Rivera”. Empty: both names."),
    )
    role = forms.ChoiceField(choices=ClassroomRole.choices, label=gettext_lazy("Role"))
    email = forms.EmailField(max_length=254, label=gettext_lazy("E-mail address"))

    def clean(self) -> dict[str, Any]:
        """Names that can be seen."""
        data = super().clean() or {}
        for field in ("given_name", "family_name", "display_name"):
            if field in data:
                try:
                    data[field] = clean_name(data[field])
                except BadName as no:
                    self.add_error(field, str(no))
        return data

    def refused(self, no: Exception) -> None:
        """What the operation says no to, at its field."""
        if isinstance(no, EmailTaken):
            self.add_error("email", _("Somebody here already has this address."))
        else:
            self.add_error("display_name", str(no))


@guards.classroom_may(permissions.PEOPLE)
@require_GET
def people(request: ClassroomRequest) -> HttpResponse:
    """The people of Classroom, a page at a time, searched and narrowed down."""
    school_id = request.actor.school_id
    wanted = {
        "text": request.GET.get("q", "").replace("\0", "")[:80],
        "role": request.GET.get("role", ""),
        "state": "closed" if request.GET.get("state") == "closed" else "open",
    }
    if wanted["role"] not in ClassroomRole.values:
        wanted["role"] = ""
    found = operations.classroom_people(school_id, **wanted)
    facts = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "wanted": wanted,
        "query": urlencode({"q": wanted["text"], "role": wanted["role"], "state": wanted["state"]}),
        "roles": ClassroomRole.choices,
        "states": STATES,
        "could_join": operations.could_join(school_id).count(),
    }
    return render(request, "classroom/people.html", facts)


@guards.classroom_may(permissions.PEOPLE)
@require_http_methods(["GET", "POST"])
def add(request: ClassroomRequest) -> HttpResponse:
    """Add one person; the form is ready for the next one."""
    form = PersonForm(request.POST or None, initial={"role": request.GET.get("role")})
    if request.method == "POST" and form.is_valid():
        may_give(request, form.cleaned_data["role"])
        try:
            with turn(request.actor.school_id) as tx:
                account = operations.open_classroom_account(
                    tx, **form.cleaned_data, by=request.actor, at=clock.now()
                )
        except (EmailTaken, BadName) as no:
            form.refused(no)
        else:
            messages.success(request, _("Added: %(name)s") % {"name": account.display_name})
            return redirect("classroom:add_person")
    return render(request, "classroom/person_new.html", {"form": form}, status=_status(form))


@guards.classroom_may(permissions.PEOPLE)
@require_POST
def join(request: ClassroomRequest) -> HttpResponse:
    """Everybody of Pass who could have one gets a Classroom account."""
    with turn(request.actor.school_id) as tx:
        count = operations.join_classroom(tx, by=request.actor, at=clock.now())
    told = ngettext("%(n)s person joined Classroom.", "%(n)s people joined Classroom.", count)
    messages.success(request, told % {"n": count})
    return redirect("classroom:people")


@guards.classroom_may(permissions.PEOPLE)
@require_http_methods(["GET", "POST"])
def person(request: ClassroomRequest, account_id: int) -> HttpResponse:
    """One person: names, role, address."""
    account = _account(request, account_id)
    initial = {name: getattr(account, name) for name in PersonForm.base_fields}
    if account.display_name == f"{account.given_name} {account.family_name}".strip():
        initial["display_name"] = ""
    form = PersonForm(request.POST or None, initial=initial)
    remember(form)
    if request.method == "POST" and form.is_valid() and _change(request, account, form):
        messages.success(request, _("Saved: %(name)s") % {"name": account.display_name})
        return redirect("classroom:person", account.pk)
    facts = {"form": form, "person": account, "is_me": _is_me(request, account)}
    facts["account_key"] = str(account.pk)
    return render(request, "classroom/person.html", facts, status=_status(form))


def _change(request: ClassroomRequest, account: ClassroomAccount, form: PersonForm) -> bool:
    changes = changes_in(form)
    if changes.get("role", account.role) != account.role:
        if _is_me(request, account):
            form.add_error("role", _("You cannot change your own role. Ask another admin."))
            return False
        may_give(request, changes["role"])
    may_give(request, account.role)
    try:
        with turn(request.actor.school_id) as tx:
            operations.change_classroom_account(
                tx, account, changes, by=request.actor, at=clock.now()
            )
    except (EmailTaken, BadName) as no:
        form.refused(no)
        return False
    return True


@guards.classroom_may(permissions.PEOPLE)
@require_POST
def close(request: ClassroomRequest, account_id: int) -> HttpResponse:
    """Archive a person: no Classroom any more, on no roster."""
    account = _account(request, account_id)
    may_give(request, account.role)
    if _is_me(request, account):
        messages.error(request, _("You cannot archive yourself. Ask another admin."))
        return redirect("classroom:person", account.pk)
    with turn(request.actor.school_id) as tx:
        operations.close_classroom_account(
            tx, account_id=account.pk, by=request.actor, at=clock.now()
        )
    messages.success(request, _("Archived: %(name)s") % {"name": account.display_name})
    return redirect("classroom:people")


@guards.classroom_may(permissions.PEOPLE)
@require_POST
def reopen(request: ClassroomRequest, account_id: int) -> HttpResponse:
    """Take an archived person back."""
    account = _account(request, account_id)
    may_give(request, account.role)
    with turn(request.actor.school_id) as tx:
        operations.reopen_classroom_account(
            tx, account_id=account.pk, by=request.actor, at=clock.now()
        )
    messages.success(request, _("Open again: %(name)s") % {"name": account.display_name})
    return redirect("classroom:person", account.pk)


def may_give(request: ClassroomRequest, role: str) -> None:
    """Nobody makes, changes or closes whoever may more than they do. Raises `NotAllowed`."""
    mine = request.signed_in.role
    if role == ORGANISATION_ADMIN and mine != ORGANISATION_ADMIN:
        raise NotAllowed
    if role in ADMINS and mine not in ADMINS:
        raise NotAllowed


def _account(request: ClassroomRequest, account_id: int) -> ClassroomAccount:
    found = operations.person_of_classroom(request.actor.school_id, account_id)
    if found is None:
        raise NotFound("person")
    return found


def _is_me(request: ClassroomRequest, account: ClassroomAccount) -> bool:
    return account.pk == request.actor.account_id


def _status(form: forms.Form) -> int:
    return 400 if form.errors else 200
