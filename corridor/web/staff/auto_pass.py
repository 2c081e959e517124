"""Auto Pass: what students may start and stop by themselves from an adult's own room."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from corridor import clock
from corridor.live.log import turn
from corridor.passes.auto import Room, choose_auto, room_of
from corridor.roster.auto import MODES
from corridor.web import guards
from corridor.web.errors import BadInput
from corridor.web.forms import first_problem
from corridor.web.guards import Request

WORDS = {
    "": _("Off"),
    "start_stop": _("Start and stop"),
    "start": _("Start"),
    "stop": _("Stop"),
}


class AutoPassForm(forms.Form):
    """One choice for each destination that may be auto, and how many at once."""

    limit = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=10_000,
        label=_("How many at once"),
        error_messages={"invalid": _("Write a whole number, or nothing for no limit.")},
    )

    def __init__(self, data: Any, room: Room) -> None:
        super().__init__(data)
        self._places = {f"place-{choice.location_id}": choice for choice in room.choices}
        for name in self._places:
            modes = [(mode, mode) for mode in MODES]
            self.fields[name] = forms.ChoiceField(choices=modes, required=False)

    @property
    def modes(self) -> dict[int, str]:
        """The destinations that are on."""
        found = {c.location_id: self.cleaned_data[name] for name, c in self._places.items()}
        return {location_id: mode for location_id, mode in found.items() if mode}


@guards.adult
@require_http_methods(["GET", "POST"])
def auto_pass(request: Request) -> HttpResponse:
    """Look, or change what holds from now on; in a dialog of the dashboard or as a page."""
    signed = request.signed_in
    room = room_of(signed.school_id, signed.account_id, clock.now())
    if request.method == "GET" or room is None:
        return _page(request, room)
    form = AutoPassForm(request.POST, room)
    if not form.is_valid():
        raise BadInput(" ".join(first_problem(form)))
    with turn(signed.school_id) as tx:
        choose_auto(
            tx, modes=form.modes, limit=form.cleaned_data["limit"], by=request.actor,
            at=clock.now(),
        )  # fmt: skip
    if not request.headers.get("HX-Request"):
        return redirect("staff:dashboard")
    return _page(request, room_of(signed.school_id, signed.account_id, clock.now()), saved=True)


def _page(request: Request, room: Room | None, **more: Any) -> HttpResponse:
    facts = {"room": room, "modes": list(WORDS.items()), **more}
    in_dialog = bool(request.headers.get("HX-Request"))
    return render(request, f"staff/{'_' if in_dialog else ''}auto_pass.html", facts)
