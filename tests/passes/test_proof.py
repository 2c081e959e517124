"""The word of the minute: the same for a whole minute, and not to be guessed."""

import itertools
from datetime import UTC, datetime, timedelta

from corridor.passes.proof import COLOURS, WORDS, word_of_the_minute

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
