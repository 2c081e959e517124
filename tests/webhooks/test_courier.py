"""Deliveries: in order, nothing lost, at least once, again for a day, then disabled."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from corridor.webhooks import courier, subscriptions, visiting
from corridor.webhooks.courier import WAITS, Courier, claim, due, next_event, tidy
from corridor.webhooks.models import Delivery, Subscription
from corridor.webhooks.subscriptions import NoSuchWebhook, add_webhook
from corridor.webhooks.telling import NAMES
from tests.school import School


class Crash(Exception):
    """The process dies here."""


class Receiver:
    """The other end: what it was told, and what it answers."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answers: list[int | str] = []

    async def post(
        self, url: str, headers: dict[str, str], body: bytes, *, to_private: bool
    ) -> int:
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, str):
            raise visiting.NoAnswer(answer)
        self.told.append((headers, json.loads(body)))
        return answer

    @property
    def numbers(self) -> list[int]:
        return [body["data"]["number"] for _, body in self.told]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    found = Receiver()
    monkeypatch.setattr(visiting, "post", found.post)
    return found


def webhook(school: School, *names: str) -> Subscription:
    return school.do(
        add_webhook, url="https://example.org/hook", names=names or NAMES, by=school.dana
    )


def look() -> None:
    """What the courier does each second, to the end.

    It runs in a thread, and its questions are answered in this one, in the test's transaction.
    """
    questions: Queue[Any] = Queue()

    async def ask(question: Callable[[], Any]) -> Any:
        answer: Future[Any] = Future()
        questions.put((question, answer))
        return await asyncio.wrap_future(answer)

    async def once() -> None:
        found = Courier(ask)
        await found._look()
        await asyncio.gather(*found._busy.values())

    def run() -> None:
        try:
            asyncio.run(once())
        except Crash as crash:
            crashes.append(crash)
        finally:
            questions.put(None)

    crashes: list[Crash] = []
    thread = Thread(target=run)
    thread.start()
    while (asked := questions.get(timeout=10)) is not None:
        question, answer = asked
        try:
            answer.set_result(question())
        except Exception as error:
            answer.set_exception(error)
    thread.join()
    if crashes:
        raise crashes[0]


def again(added: Subscription) -> Subscription:
    added.refresh_from_db()
    return added


def test_what_happens_is_told_in_order(a_school: School, receiver: Receiver) -> None:
    added = webhook(a_school, "pass.requested", "pass.ended")
    first = a_school.ask()
    a_school.end(first)
    a_school.ask(a_school.cam)
    look()
    assert [body["type"] for _, body in receiver.told] == [
        "pass.requested", "pass.ended", "pass.requested",
    ]  # fmt: skip
    headers, body = receiver.told[0]
    at = int(first.requested_at.timestamp() * 1000)
    assert headers["webhook-id"] == f"event_{a_school.id}_{first.id}_{at}"
    assert headers["webhook-signature"].startswith("v1,")
    assert body["data"]["card"]["student"]["name"] == "Ana Lopez"
    assert body["timestamp"] == body["data"]["card"]["requested_at"]
    assert again(added).last_number == a_school.last
    assert due(a_school.clock.at) == []
    look()
    assert len(receiver.told) == 3


def test_it_hears_nothing_from_before_and_nothing_of_other_schools(
    a_school: School, receiver: Receiver
) -> None:
    a_school.ask()
    webhook(a_school)
    a_school.ask(a_school.eli, a_school.other_office, origin=a_school.other_room)
    look()
    assert receiver.told == []


def test_what_it_does_not_hear_is_passed_over(a_school: School, receiver: Receiver) -> None:
    added = webhook(a_school, "pass.ended")
    a_school.ask()
    look()
    assert receiver.told == []
    assert again(added).last_number == a_school.last
    assert due(a_school.clock.at) == []


def test_a_failure_is_tried_again_later_with_the_same_id(
    a_school: School, receiver: Receiver
) -> None:
    added = webhook(a_school)
    receiver.answers = [500, "The name is unknown.", 302]
    card = a_school.ask()
    a_school.ask(a_school.cam)
    notes = []
    for wait in WAITS[:3]:
        look()
        look()  # nothing before its time
        notes.append(again(added).note)
        assert added.next_try_at == a_school.clock.at + wait
        a_school.clock.move(seconds=wait.total_seconds())
    assert notes == [
        "The receiver answered 500.",
        "The name is unknown.",
        "The receiver answered 302. Redirects are not followed. Change the address.",
    ]
    look()
    assert receiver.numbers[-2:] == [card.id, card.id + 1]
    ids = [headers["webhook-id"] for headers, body in receiver.told if _number(body) == card.id]
    assert len(set(ids)) == 1 and len(ids) == 3
    assert (again(added).attempts, added.note, added.next_try_at) == (0, "", None)
    attempts = list(Delivery.objects.order_by("pk").values_list("number", "attempt", "status"))
    assert attempts == [
        (card.id, 1, 500), (card.id, 2, None), (card.id, 3, 302), (card.id, 4, 200),
        (card.id + 1, 1, 200),
    ]  # fmt: skip


def _number(body: dict[str, Any]) -> int:
    return int(body["data"]["number"])


def test_after_a_day_it_is_disabled_with_a_note_and_goes_on_when_enabled(
    a_school: School, receiver: Receiver
) -> None:
    added = webhook(a_school)
    assert timedelta(hours=23) < sum(WAITS, timedelta()) < timedelta(hours=25)
    card = a_school.ask()
    receiver.answers = [503] * (len(WAITS) + 1)
    for wait in (*WAITS, timedelta()):
        look()
        a_school.clock.move(seconds=wait.total_seconds())
    assert again(added).disabled_at is not None
    assert added.note == "The receiver answered 503."
    a_school.wait(hours=1)
    look()
    assert receiver.answers == []
    assert len(receiver.told) == len(WAITS) + 1
    a_school.do(subscriptions.enable_webhook, webhook_id=added.pk, by=a_school.dana)
    look()
    assert receiver.numbers[len(WAITS) + 1] == card.id
    assert again(added).last_number == a_school.last


def test_whoever_is_gone_is_disabled_at_once(a_school: School, receiver: Receiver) -> None:
    added = webhook(a_school)
    receiver.answers = [410]
    a_school.ask()
    look()
    assert again(added).disabled_at == a_school.clock.at


def test_one_process_delivers_at_a_time_until_it_dies(a_school: School, receiver: Receiver) -> None:
    added = webhook(a_school)
    a_school.ask()
    assert claim(added.pk, a_school.clock.at) is not None
    assert claim(added.pk, a_school.clock.at) is None
    look()
    assert receiver.told == []
    a_school.clock.move(minutes=2)  # the other process is dead: its claim ends by itself
    look()
    assert len(receiver.told) == 1


def test_a_crash_between_telling_and_writing_down_tells_again(
    a_school: School, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(a_school)
    card = a_school.ask()

    def crash(*_: Any) -> None:
        raise Crash

    with monkeypatch.context() as broken:
        broken.setattr(courier, "write_down", crash)
        with pytest.raises(Crash):
            look()
    a_school.clock.move(minutes=2)
    look()
    assert receiver.numbers == [card.id, card.id]


def test_a_removed_webhook_is_told_nothing_more(a_school: School, receiver: Receiver) -> None:
    added = webhook(a_school)
    a_school.ask()
    held = claim(added.pk, a_school.clock.at)
    assert held is not None and next_event(held) is not None
    with pytest.raises(NoSuchWebhook):
        a_school.do(subscriptions.remove_webhook, webhook_id=added.pk, by=a_school.otto)
    a_school.do(subscriptions.remove_webhook, webhook_id=added.pk, by=a_school.dana)
    look()
    assert receiver.told == []


def test_attempts_are_kept_for_two_weeks(a_school: School, receiver: Receiver) -> None:
    added = webhook(a_school)
    a_school.ask()
    look()
    a_school.clock.move(days=13)
    tidy(a_school.clock.at)
    assert len(subscriptions.deliveries_of(added)) == 1
    a_school.clock.move(days=2)
    tidy(a_school.clock.at)
    assert subscriptions.deliveries_of(added) == []
