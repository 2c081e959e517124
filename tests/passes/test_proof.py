"""The word of the minute: the same for a whole minute, and not to be guessed."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from corridor.passes.proof import (
    COLOURS,
    WORDS,
    Shown,
    shown_by,
    token_of,
    word_age,
    word_of_the_minute,
)

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MINUTES = [AT + timedelta(minutes=n) for n in range(500)]


def test_it_stays_for_the_minute_and_is_the_same_for_everybody() -> None:
    words = {word_of_the_minute(1, AT + timedelta(seconds=n), "secret") for n in range(60)}
    assert len(words) == 1


def test_it_changes_and_uses_all_words_and_colours() -> None:
    told = [word_of_the_minute(1, at, "secret") for at in MINUTES]
    assert {word.text for word in told} == set(WORDS)
    assert {word.colour for word in told} == set(COLOURS)
    assert sum(a == b for a, b in itertools.pairwise(told)) < 15


def test_school_and_secret_decide() -> None:
    mine = [word_of_the_minute(1, at, "secret") for at in MINUTES]
    assert mine != [word_of_the_minute(2, at, "secret") for at in MINUTES]
    assert mine != [word_of_the_minute(1, at, "another") for at in MINUTES]


def test_what_was_typed_is_the_word_of_this_minute_or_the_one_before() -> None:
    said, previously = {"tiger", "tigre"}, {"moon"}
    assert [word_age(typed, said, previously) for typed in ("tiger", " TIGRE ", "Moon")] == [
        0,
        0,
        1,
    ]
    assert [word_age(typed, said, previously) for typed in ("", " ", "tige", "tiger moon")] == (
        [None] * 4
    )


def test_a_token_says_whose_pass_was_shown_when() -> None:
    token = token_of(7, 1234, AT, "secret")
    assert shown_by(token, "secret") == Shown(7, 1234, int(AT.timestamp()) // 60)
    assert len(token) < 48  # so that its code stays coarse enough for a camera


def test_a_token_lives_for_its_minute_and_the_next() -> None:
    late_in_the_minute = AT + timedelta(seconds=59)
    for made in (AT, late_in_the_minute):
        shown = shown_by(token_of(7, 1234, made, "secret"), "secret")
        assert shown is not None
        fresh = [shown.is_fresh(AT + timedelta(seconds=s)) for s in (0, 59, 60, 119, 120, 3600)]
        assert fresh == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token.replace("7.1234", "7.1235"),  # another student's pass
        lambda token: token.replace("7.1234", "8.1234"),  # another school's
        lambda token: token.replace(str(int(AT.timestamp()) // 60), "99999999"),  # for ever
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "Q"),
        lambda token: token.rpartition(".")[0],
        lambda token: token + "=",
        lambda token: "",
        lambda token: "é.x",
    ],
)
def test_nobody_else_can_make_a_token(forge: Callable[[str], str]) -> None:
    assert shown_by(forge(token_of(7, 1234, AT, "secret")), "secret") is None


def test_another_server_key_makes_no_token() -> None:
    assert shown_by(token_of(7, 1234, AT, "another"), "secret") is None
