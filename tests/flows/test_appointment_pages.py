"""Appointments as people meet them on pages: made, changed, and why they did not take place."""

from datetime import date, time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from corridor.passes.cards import PassCard
from corridor.passes.queries import coming_passes
from tests.flows.test_hall import text
from tests.flows.test_sweep import client_of
from tests.school import School

TUESDAY = date(2026, 3, 3)


@pytest.fixture
def ito(a_school: School) -> Client:
    """The nurse at the dashboard, on Monday, March 2, at ten."""
    return client_of(a_school, "ito")


def days_of(school: School) -> list[str]:
    """When the appointments to come are."""
    found = [card.appointment for card in coming_passes(school.id)]
    return [f"{one.day:%m-%d} {one.wall:%H:%M}" for one in found if one is not None]


def form_of(card: PassCard, **more: Any) -> dict[str, Any]:
    """What the dialog of an appointment sends when nothing was changed in it."""
    assert card.appointment is not None
    return {
        "request_id": str(uuid4()), "origin": card.origin.id, "destination": card.destination.id,
        "day": f"{card.appointment.day}", "wall": f"{card.appointment.wall:%H:%M}", "period": "",
        "reason": card.reason, **more,
    }  # fmt: skip


# A series


def test_a_series_is_changed_and_cancelled_as_a_whole(ito: Client, a_school: School) -> None:
    cards = a_school.arrange(day=TUESDAY, wall=time(9), repeat="weekly", until=date(2026, 3, 17))
    page = text(ito.get(reverse("staff:pass", args=[cards[1].id])))
    assert "Only this one This one and the later ones All that are still to come" in page
    change = reverse("staff:change_appointment", args=[cards[1].id])
    ito.post(change, form_of(cards[1], day="2026-03-11", series="all"))
    assert days_of(a_school) == ["03-04 09:00", "03-11 09:00", "03-18 09:00"]
    ito.post(change, form_of(cards[1], day="2026-03-11", wall="10:00"))
    ito.post(change, form_of(cards[1], day="2026-03-11", wall="10:00", series="nonsense"))
    assert days_of(a_school) == ["03-04 09:00", "03-11 10:00", "03-18 09:00"]
    off = {"text": "Ill.", "request_id": str(uuid4()), "series": "all"}
    ito.post(reverse("staff:cancel_appointment", args=[cards[1].id]), off)
    assert days_of(a_school) == []


# Why not


def test_a_student_reads_that_a_request_gave_way_to_an_appointment(a_school: School) -> None:
    a_school.arrange(minutes=8)
    request = a_school.ask(to=a_school.library)
    a_school.wait(minutes=4)
    why = "Your appointment came before this request."
    assert why in text(client_of(a_school, "ana").get(reverse("student:history")))
    assert why in text(client_of(a_school, "rivera").get(reverse("staff:pass", args=[request.id])))
