"""The ways in: the front door, the switcher, the set-up of a first school."""

from typing import Any, Final, cast

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corridor import clock
from corridor.accounts.models import Identity
from corridor.accounts.names import BadName, clean_name
from corridor.accounts.people import shown_name
from corridor.accounts.sessions import ACCOUNT, ACTING, CLASSROOM_ACCOUNT
from corridor.accounts.setup import AlreadySetUp, is_setup_token, open_first_school
from corridor.accounts.signins import Offered, forget, offered_accounts
from corridor.passes.refusals import NotFound
from corridor.web import guards
from corridor.web.errors import refusal_answer
from corridor.web.guards import Person
from corridor.web.zones import TIME_ZONES

# Which product somebody went to last, kept by the browser: where the front door leads.
PRODUCT: Final = "product"


@guards.anybody
@require_GET
def front_door(request: HttpRequest) -> HttpResponse:
    """To the face of whoever is signed in, in the product used last, else to the sign-in."""
    wanted = request.GET.get(PRODUCT) or request.COOKIES.get(PRODUCT)
    prefers_classroom = wanted == "classroom"
    for ask in (_to_classroom, _to_pass) if prefers_classroom else (_to_pass, _to_classroom):
        if (face := ask(request)) is not None:
            return redirect(face)
    if request.user.is_authenticated:
        return _no_account(request)
    return redirect("demo" if settings.CORRIDOR.demo else "account_login")


def _to_pass(request: HttpRequest) -> str | None:
    signed = guards.who_asks(request)
    if signed is None:
        return None
    return "staff:dashboard" if signed.is_adult else "student:home"


def _to_classroom(request: HttpRequest) -> str | None:
    return None if guards.who_asks_classroom(request) is None else "classroom:home"


def _no_account(request: HttpRequest) -> HttpResponse:
    identity = cast(Identity, request.user)
    # An admin who acted as somebody and may not any more is themselves at once.
    request.session.pop(ACTING, None)
    accounts = offered_accounts(identity.pk)
    if accounts:
        # Another of their schools is still open to them.
        _go_on_in(request, accounts[0], accounts)
        return redirect("home")
    text = _("The address %(email)s has no open account here. Ask your school's office to add it.")
    facts = {
        "title": _("No account here"),
        "sentence": text % {"email": identity.email},
        "next_url": reverse("account_logout"),
        "next_label": _("Sign out"),
    }
    return render(request, "error.html", facts, status=403)


@guards.any_person
@require_POST
def switch(request: Person) -> HttpResponse:
    """Go on as the same person in another school, or in the other product."""
    if request.acted_by is not None:
        raise guards.OnlyLooking
    accounts = offered_accounts(request.identity_id)
    wanted = next((one for one in accounts if one.key == request.POST.get("account")), None)
    if wanted is None:
        raise NotFound("account")
    _go_on_in(request, wanted, accounts)
    answer = redirect("home")
    answer.set_cookie(
        PRODUCT, wanted.product, max_age=365 * 24 * 60 * 60, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


def _go_on_in(request: HttpRequest, wanted: Offered, accounts: list[Offered]) -> None:
    """One is in one school at a time: the account of the other product there comes with it."""
    here = {one.product: one.id for one in accounts if one.school_id == wanted.school_id}
    request.session[ACCOUNT] = here.get("pass")
    request.session[CLASSROOM_ACCOUNT] = here.get("classroom")
    request.session.save()
    forget(request.session.session_key)


class SetupForm(forms.Form):
    """The first school and its first admin."""

    school_name = forms.CharField(max_length=120, label=gettext_lazy("School"))
    time_zone = forms.ChoiceField(
        choices=TIME_ZONES,
        label=gettext_lazy("Time zone"),
    )
    given_name = forms.CharField(max_length=80, label=gettext_lazy("Your given name"))
    family_name = forms.CharField(max_length=80, label=gettext_lazy("Your family name"))
    email = forms.EmailField(max_length=254, label=gettext_lazy("Your e-mail address"))
    password = forms.CharField(
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 10 characters."),
    )

    def clean(self) -> dict[str, Any]:
        """Names that can be seen, each for itself and together on a door."""
        data = super().clean() or {}
        for field, longest in (("school_name", 120), ("given_name", 80), ("family_name", 80)):
            if field not in data:
                continue
            try:
                data[field] = clean_name(data[field], longest)
            except BadName as no:
                self.add_error(field, str(no))
        if {"given_name", "family_name"} <= data.keys():
            try:
                shown_name("admin", data["given_name"], data["family_name"], "")
            except BadName:
                # The names can be made longer later, beside a shorter one for others to read.
                text = _("Both names together are too long for a door. Write shorter ones.")
                self.add_error("family_name", text)
        return data

    def clean_password(self) -> str:
        """Held to the same rules as a changed password."""
        password: str = self.cleaned_data["password"]
        validate_password(password, Identity(email=self.cleaned_data.get("email", "")))
        return password


@guards.anybody
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time set-up page; the link dies with the first admin."""
    if not is_setup_token(token, settings.SECRET_KEY):
        text = _("This set-up link has been used, or it is not complete. Sign in instead.")
        return refusal_answer(request, 404, _("Set-up is done"), text)
    initial = {"time_zone": settings.CORRIDOR.time_zone}
    form = SetupForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            account = open_first_school(**form.cleaned_data, at=clock.now())
        except AlreadySetUp:
            return redirect("home")
        login(request, account.identity, settings.AUTHENTICATION_BACKENDS[0])
        return redirect("home")
    return render(request, "setup.html", {"form": form}, status=400 if form.errors else 200)
