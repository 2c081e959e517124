"""Who of a class is out: asked once, then told by the passes' own events."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from corridor.accounts.actors import Actor, ClassroomActor
from corridor.integration.freshness import Freshness
from corridor.integration.hearing import card_in
from corridor.integration.whereabouts import ClassWhereabouts, Whereabouts, whereabouts_of
from corridor.live import topics
from corridor.live.log import read_log
from corridor.passes.trips import comment_on_pass
from tests.conftest import MONDAY_10
from tests.school import School


class Listener:
    """A console's knowledge, and how it hears what has happened since."""

    def __init__(self, school: School) -> None:
        self.school = school
        room = school.classroom
        self.ids = {name: _id(getattr(room, name)) for name in ("ana", "ben", "cam", "mia")}
        self.knows = whereabouts_of(school.id, list(self.ids.values()))
        self.last = school.last

    def hear(self) -> list[str]:
        """Hear all news; of whom something is new."""
        cards = (card_in(event) for event in read_log(self.school.id, self.last))
        heard = [self.knows.hear(card) for card in cards if card is not None]
        self.last = self.school.last
        names = {number: name for name, number in self.ids.items()}
        return [names[one] for one in heard if one is not None]

    def of(self, name: str) -> Whereabouts:
        return self.knows.of(self.ids[name])


def _id(actor: ClassroomActor) -> int:
    assert actor.account_id is not None
    return actor.account_id


@pytest.fixture
def console(a_school: School) -> Listener:
    return Listener(a_school)


def test_it_begins_with_those_who_are_out(a_school: School) -> None:
    a_school.out()
    a_school.ask(a_school.cam)
    console = Listener(a_school)
    found = console.of("ana").out
    assert found is not None and found.state == "on_the_way"
    assert console.of("cam").out is None and console.of("mia").out is None


def test_it_listens_to_the_passes_of_those_who_are_in_pass(console: Listener) -> None:
    school = console.school
    wanted = {topics.student(school.id_of(one)) for one in (school.ana, school.ben, school.cam)}
    assert console.knows.topics == wanted  # Mia has no account in Pass


def test_every_step_of_a_pass_is_heard(console: Listener) -> None:
    school = console.school
    card = school.ask(to=school.library)
    assert console.hear() == [] and console.of("ana").out is None  # a waiting one is no badge
    states = []
    for move, by in (("approve", school.rivera), ("arrive", school.okafor)):
        school.press(move, card, by)
        assert console.hear() == ["ana"]
        out = console.of("ana").out
        states.append(out.state if out else None)
    school.press("send_back", card, school.okafor)
    school.wait(minutes=11)
    assert console.hear() == ["ana", "ana"]
    out = console.of("ana").out
    assert states == ["on_the_way", "arrived"]
    assert out is not None and out.state == "returning" and out.is_long_running
    school.press("end", card, school.rivera)
    assert console.hear() == ["ana"]
    assert console.of("ana") == Whereabouts(back=card.id, is_in_pass=True)


@pytest.mark.parametrize(
    ("move", "who", "is_back"),
    [("end", lambda s: s.rivera, True), ("end_and_keep", lambda s: s.okafor, False)],
)
def test_who_is_kept_elsewhere_is_not_back(
    console: Listener, move: str, who: Callable[[School], Actor], is_back: bool
) -> None:
    card = console.school.out(to=console.school.library)
    console.school.press(move, card, who(console.school))
    console.hear()
    assert console.of("ana").out is None and bool(console.of("ana").back) is is_back


def test_nobody_saw_the_student_of_a_pass_that_the_clock_ended(console: Listener) -> None:
    console.school.out()
    console.school.wait(minutes=45)
    console.hear()
    assert console.of("ana") == Whereabouts(is_in_pass=True)


def test_a_comment_on_an_older_pass_says_nothing(console: Listener) -> None:
    school = console.school
    old = school.out()
    school.press("end", old, school.rivera)
    school.out()
    console.hear()
    school.do(comment_on_pass, pass_id=old.id, text="Too long", by=school.rivera)
    assert console.hear() == []
    assert console.of("ana").out is not None


def test_what_was_known_already_is_not_heard_again(a_school: School) -> None:
    before = a_school.last
    a_school.press("end", a_school.out(), a_school.rivera)
    console = Listener(a_school)
    console.last = before  # a page that was drawn earlier: its stream repeats what was missed
    assert console.hear() == []
    assert console.of("ana") == Whereabouts(is_in_pass=True)


def test_other_students_of_the_school_are_not_heard(a_school: School) -> None:
    room = a_school.classroom
    knows = whereabouts_of(a_school.id, [_id(room.ben)])
    before = a_school.last
    a_school.out()
    cards = [card_in(event) for event in read_log(a_school.id, before)]
    assert [knows.hear(card) for card in cards if card is not None] == [None, None]


def test_whoever_is_out_is_told_with_the_age_of_what_is_known(a_school: School) -> None:
    a_school.out()
    console = Listener(a_school)
    since = MONDAY_10 - timedelta(minutes=3)
    assert console.knows.of(console.ids["ana"], since).as_of == since
    assert console.knows.of(console.ids["ben"], since).as_of is None


def test_nothing_is_known_of_nobody() -> None:
    assert ClassWhereabouts({}, {}, 0).of(1) == Whereabouts()


def test_pass_is_stale_after_the_third_failure_and_fresh_at_once() -> None:
    heard = Freshness()
    heard.good(MONDAY_10)
    for _ in range(2):
        heard.failed()
    assert heard.as_of is None
    heard.failed()
    assert heard.as_of == MONDAY_10
    assert not heard.answered_after(MONDAY_10)
    heard.good(MONDAY_10 + timedelta(seconds=9))
    assert heard.as_of is None and heard.answered_after(MONDAY_10)
