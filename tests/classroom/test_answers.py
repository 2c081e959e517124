"""Several devices of a student answer one command: what counts."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from corridor.classroom.answers import Said, after
from corridor.classroom.cards import APPLIED, FAILED, PENDING, Recipient, SessionCard, Student
from corridor.classroom.queries import commands_to_answer
from tests.classroom.running import Classes
from tests.classroom.test_commands import answer, results
from tests.school import School

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
ASKED = Recipient(student=Student(1, "Ana Lopez", "Lopez, Ana"), result=PENDING)
BOOK, LAPTOP, ODD = "book", "laptop", "odd"
CANNOT, POLICY = "not_supported", "Blocked by policy"


def page(why: str = "", *beside: str) -> Said:
    """The student's page says so, while these devices of the school are connected."""
    return Said(why, "page", by_page=True, beside=frozenset(beside))


def device(name: str, why: str = "", *beside: str) -> Said:
    """A device of the school says so, beside these other ones."""
    return Said(why, name, beside=frozenset(beside))


def became(*said: Said) -> tuple[str, str]:
    """What the answers come to, in this order."""
    one = ASKED
    for each in said:
        one = after(one, each, AT)
    return one.result, one.why


def test_a_page_does_not_answer_for_the_schools_device() -> None:
    assert became(page("", BOOK)) == (PENDING, "")
    assert became(page("", BOOK), device(BOOK, POLICY)) == (FAILED, POLICY)
    assert became(page(CANNOT, BOOK), device(BOOK)) == (APPLIED, "")


def test_a_page_counts_where_there_is_no_such_device() -> None:
    assert became(page()) == (APPLIED, "")
    assert became(page(CANNOT)) == (FAILED, CANNOT)
    assert became(page("", BOOK), page()) == (APPLIED, "")  # it went


def test_of_pages_what_one_could_do_counts() -> None:
    assert became(page(CANNOT), page()) == became(page(), page(CANNOT)) == (APPLIED, "")


def test_the_schools_device_comes_later_and_has_the_last_word() -> None:
    assert became(page(), device(BOOK, POLICY)) == (FAILED, POLICY)
    assert became(page(CANNOT), device(BOOK)) == (APPLIED, "")
    assert became(device(BOOK, POLICY), page()) == (FAILED, POLICY)


@pytest.mark.parametrize("order", list(permutations((BOOK, LAPTOP, ODD))))
def test_of_several_devices_the_worst_counts(order: tuple[str, ...]) -> None:
    whys, there = {BOOK: "", LAPTOP: "", ODD: POLICY}, {BOOK, LAPTOP, ODD}
    told = [device(name, whys[name], *(there - {name})) for name in order]
    assert became(*told) == (FAILED, POLICY)
    could = [device(name, "", *(there - {name})) for name in order]
    assert [became(*could[:number])[0] for number in (1, 2, 3)] == [PENDING, PENDING, APPLIED]


def test_a_failure_after_all_seemed_applied_counts_until_that_device_could() -> None:
    late = device(BOOK), device(LAPTOP, POLICY, BOOK)
    assert became(*late) == (FAILED, POLICY)
    assert became(*late, device(LAPTOP, "", BOOK)) == (APPLIED, "")


def test_nobody_waits_for_a_device_that_is_gone() -> None:
    assert became(device(BOOK, "", LAPTOP), device(BOOK)) == (APPLIED, "")
    assert became(device(LAPTOP, POLICY, BOOK), device(BOOK)) == (APPLIED, "")


def test_a_page_answers_where_one_of_several_devices_did_and_all_are_gone() -> None:
    one_could = device(BOOK, "", LAPTOP)
    assert became(one_could, page("", LAPTOP)) == (PENDING, "")
    assert became(one_could, page()) == (APPLIED, "")
    assert became(one_could, page(CANNOT)) == (FAILED, CANNOT)
    assert became(device(BOOK, POLICY, LAPTOP), page()) == (FAILED, POLICY)


def test_a_device_that_fails_again_by_another_connection_says_nothing_new() -> None:
    failed = after(ASKED, device(BOOK, POLICY), AT)
    assert after(failed, device("book again", POLICY), AT) is failed
    assert after(failed, device("book again", POLICY, LAPTOP), AT) is failed
    assert after(failed, device("book again", CANNOT), AT) is not failed


def test_what_fails_again_by_another_connection_still_stands_against_others() -> None:
    failed = device(BOOK, POLICY), device("book again", POLICY)
    others = device(LAPTOP, "", "book again"), device(ODD, "", "book again", LAPTOP)
    assert became(*failed, others[0]) == became(*failed, *others) == (FAILED, POLICY)
    assert became(*failed, *others, device("book again", "", LAPTOP, ODD)) == (APPLIED, "")
    assert became(*failed, *others, device(LAPTOP, "", ODD)) == (APPLIED, "")  # it went


def test_of_two_that_fail_alike_both_count() -> None:
    both = device(BOOK, POLICY, LAPTOP), device(LAPTOP, POLICY, BOOK)
    assert became(*both, device(BOOK, "", LAPTOP)) == (FAILED, POLICY)
    again = device("laptop again", POLICY, BOOK)
    assert became(*both, again, device(BOOK, "", "laptop again")) == (FAILED, POLICY)


def test_who_answers_again_without_another_one_says_nothing_new_while_one_is_missing() -> None:
    two = device(BOOK, "", LAPTOP, ODD), device(LAPTOP, "", BOOK, ODD)
    waits = after(after(ASKED, two[0], AT), two[1], AT)
    assert after(waits, device(BOOK, "", ODD), AT) is waits
    assert after(waits, device(BOOK), AT).result == APPLIED


def test_no_event_says_again_that_a_device_could_not(a_school: School) -> None:
    classes = Classes(a_school)
    card = classes.ask("lock", classes.start())
    first = answer(classes, card, ana=device(BOOK, POLICY))
    assert answer(classes, card, ana=device("book again", POLICY)) == first
    assert classes.names()[-2:] == ["command.sent", "command.answered"]


def test_what_is_kept_of_answers_is_bounded() -> None:
    one = ASKED
    for number in range(100):
        one = after(one, device(f"again {number}", POLICY * 100, BOOK), AT)
    assert (len(one.answers), len(one.answers[0].why)) == (1, 200)
    assert after(one, device(BOOK), AT).answers == ()


def test_a_card_forgets_the_failure_of_a_device_that_could_later(a_school: School) -> None:
    classes = Classes(a_school)
    session, ana = classes.start(), classes.people.ana
    card = classes.ask("lock", session)
    answer(classes, card, ana=device(BOOK, POLICY))
    assert [lease.failed for lease in classes.row(session, ana).restrictions] == [POLICY]
    assert results(answer(classes, card, ana=device(BOOK))) == {"Ana": (APPLIED, "")}
    assert [lease.failed for lease in classes.row(session, ana).restrictions] == [""]


def test_a_device_that_comes_is_asked_whether_it_holds_to_what_only_a_page_did(
    a_school: School,
) -> None:
    classes = Classes(a_school)
    session = classes.start()
    lock = classes.ask("lock", session)
    answer(classes, lock, ana=page())
    classes.wait(minutes=9)
    assert asked(classes, session) == ["lock"]
    answer(classes, lock, ana=device(BOOK))
    assert asked(classes, session) == []


@pytest.mark.parametrize("why", ["", CANNOT])
def test_a_device_between_two_connections_does_what_a_page_answered_meanwhile(
    a_school: School, why: str
) -> None:
    classes = Classes(a_school)
    session = classes.start()
    close = classes.ask("close_tabs", session)
    answer(classes, close, ana=page(why))
    classes.wait(seconds=59)
    assert asked(classes, session) == ["close_tabs"]
    classes.wait(seconds=1)  # it did not just come back; nobody expects it now
    assert asked(classes, session) == []


def test_what_a_device_did_or_could_not_is_not_asked_of_it_again(a_school: School) -> None:
    classes = Classes(a_school)
    session = classes.start()
    for why in ("", CANNOT):
        answer(classes, classes.ask("close_tabs", session), ana=device(BOOK, why))
    assert asked(classes, session) == []


def asked(classes: Classes, session: SessionCard) -> list[str]:
    """What a device of Ana's that comes now is asked."""
    row = classes.row(session, classes.people.ana)
    return [card.kind for card in commands_to_answer(row, classes.school.clock.at)]
