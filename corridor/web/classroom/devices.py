"""Devices: keys for the managed ones, pairing codes for the others, and an end to both."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from corridor import clock
from corridor.accounts import devices as of_devices
from corridor.accounts.models import DeviceKey, PairedDevice, same_email
from corridor.live.log import turn
from corridor.web import guards
from corridor.web.guards import ClassroomRequest


class KeyForm(forms.Form):
    """A key for managed devices."""

    name = forms.CharField(
        max_length=80,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Which devices will have it, like “Chromebooks 2026”."),
    )


class PairingForm(forms.Form):
    """A code for one device of one student."""

    email = forms.EmailField(max_length=254, label=gettext_lazy("The student's e-mail address"))


@guards.classroom_admin
@require_GET
def devices(request: ClassroomRequest) -> HttpResponse:
    """The keys and the paired devices of the school, and forms for more."""
    return _page(request)


@guards.classroom_admin
@require_POST
def make_key(request: ClassroomRequest) -> HttpResponse:
    """A new key, whose secret is shown this once."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, key_form=form)
    with turn(request.actor.school_id) as tx:
        _key, secret = of_devices.make_device_key(
            tx, name=form.cleaned_data["name"], by=request.actor, at=clock.now()
        )
    return _page(request, secret=secret)


@guards.classroom_admin
@require_POST
def revoke_key(request: ClassroomRequest, key_id: int) -> HttpResponse:
    """End a key at once."""
    key = get_object_or_404(
        DeviceKey, pk=key_id, school_id=request.actor.school_id, revoked_at__isnull=True
    )
    with turn(request.actor.school_id) as tx:
        of_devices.revoke_device_key(tx, key_id=key.pk, by=request.actor, at=clock.now())
    messages.success(request, _("Revoked: %(name)s") % {"name": key.name})
    return redirect("classroom:devices")


@guards.classroom_admin
@require_POST
def make_code(request: ClassroomRequest) -> HttpResponse:
    """A pairing code for a student, which is shown this once."""
    form = PairingForm(request.POST)
    student = None
    if form.is_valid():
        email = same_email(form.cleaned_data["email"])
        student = of_devices.open_students(request.actor.school_id).filter(email=email).first()
        if student is None:
            form.add_error("email", _("No student of this school has this address in Classroom."))
    if student is None:
        return _page(request, pairing_form=form)
    with turn(request.actor.school_id) as tx:
        code = of_devices.make_pairing_code(
            tx, student_id=student.pk, by=request.actor, at=clock.now()
        )
    return _page(request, code=code, code_of=student.display_name)


@guards.classroom_admin
@require_POST
def revoke_device(request: ClassroomRequest, device_id: int) -> HttpResponse:
    """Take a paired device from its student."""
    device = get_object_or_404(
        PairedDevice,
        pk=device_id,
        account__school_id=request.actor.school_id,
        revoked_at__isnull=True,
    )
    with turn(request.actor.school_id) as tx:
        of_devices.revoke_device(tx, device_id=device.pk, by=request.actor, at=clock.now())
    messages.success(request, _("Revoked: %(name)s") % {"name": device.name})
    return redirect("classroom:devices")


def _page(request: ClassroomRequest, **more: Any) -> HttpResponse:
    facts = {
        "key_form": KeyForm(),
        "pairing_form": PairingForm(),
        "keys": of_devices.device_keys_of(request.actor.school_id),
        "devices": of_devices.paired_devices_of(request.actor.school_id),
        **more,
    }
    is_wrong = facts["key_form"].errors or facts["pairing_form"].errors
    return render(request, "classroom/devices.html", facts, status=400 if is_wrong else 200)
