"""People: find them, add one, change, archive and reopen, invite."""

from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corridor import clock
from corridor.accounts import letters, photos
from corridor.accounts import people as operations
from corridor.accounts.actors import ADULTS
from corridor.accounts.models import PassAccount, Role
from corridor.accounts.names import BadName, clean_name
from corridor.accounts.people_csv import read_number
from corridor.accounts.permissions import ACT_AS
from corridor.accounts.photos import BadPhoto
from corridor.live.log import turn
from corridor.passes.queries import open_pass_of
from corridor.passes.refusals import NotFound
from corridor.web import guards, post
from corridor.web.forms import changes_in, remember
from corridor.web.guards import Request

PAGE: Final = 50
STATES: Final = (
    ("open", gettext_lazy("Everybody")),
    ("never", gettext_lazy("Never signed in")),
    ("failed", gettext_lazy("Invitation failed")),
    ("closed", gettext_lazy("Archived")),
)


def _name_field(**more: Any) -> forms.CharField:
    return forms.CharField(max_length=200, **more)


class PersonForm(forms.Form):
    """A person of this school."""

    given_name = _name_field(label=gettext_lazy("Given name"))
    family_name = _name_field(required=False, label=gettext_lazy("Family name"))
    display_name = _name_field(
        required=False,
        label=gettext_lazy("Shown as"),
        help_text=gettext_lazy("What others read, like “Ms. Rivera”. Empty: both names."),
    )
    role = forms.ChoiceField(choices=Role.choices, label=gettext_lazy("Role"))
    email = forms.EmailField(max_length=254, label=gettext_lazy("E-mail address"))
    grade = _name_field(required=False, label=gettext_lazy("Grade"))
    number = forms.CharField(
        required=False,
        label=gettext_lazy("Number"),
        help_text=gettext_lazy("As the school's other systems call this person."),
    )

    def clean_given_name(self) -> str:
        """A name that can be seen."""
        return self._name("given_name")

    def clean_family_name(self) -> str:
        """A name that can be seen."""
        return self._name("family_name")

    def clean_display_name(self) -> str:
        """A name that can be seen."""
        return self._name("display_name")

    def clean_grade(self) -> str:
        """Short."""
        return self._name("grade", 20)

    def clean_number(self) -> str:
        """Without spaces."""
        number: str = self.cleaned_data["number"]
        try:
            return read_number(number) if number else ""
        except ValueError as no:
            raise forms.ValidationError(str(no)) from None

    def _name(self, field: str, longest: int = 80) -> str:
        try:
            return clean_name(self.cleaned_data[field], longest)
        except BadName as no:
            raise forms.ValidationError(str(no)) from None

    def asks_again(self, role: str) -> bool:
        """Whether a student becomes an adult, or the other way round, and nobody has said yes.

        Not to be done by one slip in a list of roles: the own room goes or comes with it.
        """
        chosen = self.cleaned_data["role"]
        if (chosen in ADULTS) == (role in ADULTS):
            return False
        self.fields["sure"] = forms.BooleanField(
            required=False,
            label=_("Yes, a student becomes an adult here")
            if chosen in ADULTS
            else _("Yes, an adult becomes a student here"),
            help_text=_("They get a room of their own and see the passes of others.")
            if chosen in ADULTS
            else _("Their own room takes no more passes, and they answer none."),
        )
        if self.data.get("sure"):
            return False
        self.add_error("sure", _("Tick this if you mean it, and save again."))
        return True

    def refused(self, no: Exception) -> None:
        """What the operation says no to, at its field."""
        match no:
            case operations.EmailTaken():
                self.add_error("email", _("Somebody here already has this address."))
            case operations.NumberTaken():
                self.add_error("number", _("Somebody here already has this number."))
            case _:
                self.add_error("display_name", str(no))


class NewPersonForm(PersonForm):
    """Somebody new, who may be written to at once."""

    location_name = _name_field(
        required=False,
        label=gettext_lazy("Room"),
        help_text=gettext_lazy("An adult's own location, like “Ms. Rivera, 204”."),
    )
    invite = forms.BooleanField(
        required=False, label=gettext_lazy("Send an invitation to choose a password")
    )

    def clean_location_name(self) -> str:
        """A name that can be seen."""
        return self._name("location_name")


_NO = (operations.EmailTaken, operations.NumberTaken, BadName)


@guards.admin
@require_GET
def people(request: Request) -> HttpResponse:
    """The people of the school, a page at a time, searched and narrowed down."""
    school_id = request.actor.school_id
    wanted = {
        "text": request.GET.get("q", "").replace("\0", "")[:80],
        "role": _one_of(request.GET.get("role"), Role.values),
        "grade": request.GET.get("grade", "").replace("\0", "")[:20],
        "state": _one_of(request.GET.get("state"), [name for name, _ in STATES]) or "open",
    }
    pages = Paginator(operations.people_of(school_id, **wanted).select_related("identity"), PAGE)
    page = pages.get_page(request.GET.get("page"))
    shown = list(page.object_list)
    ids = [person.pk for person in shown]
    marks, written = photos.marks_of(ids), letters.letters_of(ids)
    facts = {
        "page": page,
        "people": [
            {"account": person, "mark": marks.get(person.pk), "letter": written.get(person.pk)}
            for person in shown
        ],
        "q": wanted["text"],
        "wanted": wanted,
        "is_narrowed": bool(wanted["text"] or wanted["role"] or wanted["grade"])
        or wanted["state"] != "open",
        "query": urlencode({"q": wanted["text"], **{k: wanted[k] for k in _KEPT}}),
        "roles": Role.choices,
        "states": STATES,
        "grades": operations.grades_of(school_id),
        "opens_invite": request.GET.get("do") == "invite",
        **_first_steps(school_id),
    }
    return render(request, "admin/people.html", facts)


_KEPT: Final = ("role", "grade", "state")


def _first_steps(school_id: int) -> dict[str, Any]:
    """What a new school has yet to do, and what is to be told of its letters."""
    failed, why = letters.trouble(school_id)
    return {
        "is_new_school": not operations.has_students(school_id),
        "letters_failed": failed,
        "letters_why": why,
        "to_invite": letters.waiting_for_one(school_id).count(),
        "mail_is_set_up": post.is_set_up(),
    }


def _one_of(text: str | None, allowed: list[str]) -> str:
    return text if text is not None and text in allowed else ""


@guards.admin
@require_http_methods(["GET", "POST"])
def add(request: Request) -> HttpResponse:
    """Add one person; the form is ready for the next one."""
    form = NewPersonForm(request.POST or None, initial={"role": request.GET.get("role")})
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        to_invite = facts.pop("invite")
        try:
            with turn(request.actor.school_id) as tx:
                account = operations.open_account(tx, **facts, by=request.actor, at=clock.now())
                if to_invite:
                    letters.invite(tx, account_id=account.pk, **_letter(request))
        except _NO as no:
            form.refused(no)
        else:
            messages.success(request, _("Added: %(name)s") % {"name": account.display_name})
            return redirect(f"{reverse('admin:add_person')}?{urlencode({'role': account.role})}")
    return render(request, "admin/person_new.html", {"form": form}, status=_status(form))


def _letter(request: Request) -> dict[str, Any]:
    return {"language": get_language() or "en", "by": request.actor, "at": clock.now()}


@guards.admin
@require_http_methods(["GET", "POST"])
def person(request: Request, account_id: int) -> HttpResponse:
    """One person: what is known, and everything an admin may do about it."""
    account = _account(request, account_id)
    is_me = account.pk == request.actor.account_id
    initial = {name: getattr(account, name) for name in PersonForm.base_fields}
    if account.display_name == f"{account.given_name} {account.family_name}".strip():
        initial["display_name"] = ""
    form = PersonForm(request.POST or None, initial=initial)
    remember(form)
    if request.method == "POST" and form.is_valid():
        changes = changes_in(form)
        if is_me and changes.get("role", account.role) != account.role:
            form.add_error("role", _("You cannot change your own role. Ask another admin."))
        elif "role" not in changes or not form.asks_again(account.role):
            try:
                with turn(request.actor.school_id) as tx:
                    operations.change_account(
                        tx, account, changes, by=request.actor, at=clock.now()
                    )
            except _NO as no:
                form.refused(no)
            else:
                messages.success(request, _("Saved: %(name)s") % {"name": account.display_name})
                return redirect("admin:person", account.pk)
    facts = {
        "form": form,
        "person": account,
        "is_me": is_me,
        "is_adult": account.role in ADULTS,
        "mark": photos.marks_of([account.pk]).get(account.pk),
        "letter": letters.letters_of([account.pk]).get(account.pk),
        "mail_is_set_up": post.is_set_up(),
        "open_pass": open_pass_of(account.pk),
        "may_act_as": _may_act_as(request),
    }
    return render(request, "admin/person.html", facts, status=_status(form))


def _may_act_as(request: Request) -> bool:
    signed = guards.who_asks_classroom(request)
    return signed is not None and signed.may(ACT_AS) and signed.acted_by is None


@guards.admin
@require_POST
def close(request: Request, account_id: int) -> HttpResponse:
    """Archive a person: the account is closed, their sessions and streams end."""
    account = _account(request, account_id)
    if account.pk == request.actor.account_id:
        messages.error(request, _("You cannot archive yourself. Ask another admin."))
        return redirect("admin:person", account.pk)
    with turn(request.actor.school_id) as tx:
        operations.close_account(tx, account_id=account.pk, by=request.actor, at=clock.now())
    messages.success(request, _("Archived: %(name)s") % {"name": account.display_name})
    return redirect("admin:people")


@guards.admin
@require_POST
def reopen(request: Request, account_id: int) -> HttpResponse:
    """Take an archived person back."""
    account = _account(request, account_id)
    with turn(request.actor.school_id) as tx:
        operations.reopen_account(tx, account_id=account.pk, by=request.actor, at=clock.now())
    messages.success(request, _("Open again: %(name)s") % {"name": account.display_name})
    return redirect("admin:person", account.pk)


@guards.admin
@require_POST
def invite(request: Request, account_id: int) -> HttpResponse:
    """Send a person a link to choose a password, also once more."""
    account = _account(request, account_id)
    with turn(request.actor.school_id) as tx:
        goes = letters.invite(tx, account_id=account.pk, **_letter(request))
    if goes and post.is_set_up():
        messages.success(request, _("An invitation goes to %(email)s.") % {"email": account.email})
    elif goes:
        told = _("The invitation for %(email)s is in the server’s log: it sends no mail yet.")
        messages.warning(request, told % {"email": account.email})
    else:
        messages.error(request, _("An invitation is on its way already."))
    return redirect("admin:person", account.pk)


@guards.admin
@require_POST
def invite_all(request: Request) -> HttpResponse:
    """Send an invitation to everybody who never signed in and has had none."""
    chosen = [role for role in request.POST.getlist("roles") if role in Role.values]
    with turn(request.actor.school_id) as tx:
        count = letters.invite_all(tx, roles=chosen or Role.values, **_letter(request))
    if post.is_set_up():
        told = ngettext(
            "%(n)s invitation is on its way.", "%(n)s invitations are on their way.", count
        )
        messages.success(request, told % {"n": count})
    else:
        told = ngettext(
            "%(n)s invitation is written into the server’s log: it sends no mail yet.",
            "%(n)s invitations are written into the server’s log: it sends no mail yet.",
            count,
        )
        messages.warning(request, told % {"n": count})
    return redirect("admin:people")


@guards.admin
@require_POST
def put_photo(request: Request, account_id: int) -> HttpResponse:
    """Give a person a photo, or another one."""
    account = _account(request, account_id)
    file: Any = request.FILES.get("photo")
    try:
        if file is None:
            raise BadPhoto(_("Choose a picture first."))
        picture = photos.shrunk(file.read(photos.MOST_BYTES + 1))
    except BadPhoto as no:
        messages.error(request, str(no))
    else:
        with turn(request.actor.school_id) as tx:
            photos.put_photo(
                tx, account_id=account.pk, picture=picture, by=request.actor, at=clock.now()
            )
        messages.success(request, _("Saved: %(name)s") % {"name": account.display_name})
    return redirect("admin:person", account.pk)


@guards.admin
@require_POST
def remove_photo(request: Request, account_id: int) -> HttpResponse:
    """Forget a person's photo."""
    account = _account(request, account_id)
    with turn(request.actor.school_id) as tx:
        photos.remove_photo(tx, account_id=account.pk, by=request.actor, at=clock.now())
    messages.success(request, _("The photo is removed."))
    return redirect("admin:person", account.pk)


def _account(request: Request, account_id: int) -> PassAccount:
    """The person of this school, closed or not. Raises `NotFound`."""
    found = PassAccount.objects.filter(pk=account_id, school_id=request.actor.school_id)
    account = found.select_related("identity").first()
    if account is None:
        raise NotFound("person")
    return account


def _status(form: forms.Form) -> int:
    return 400 if form.errors else 200
