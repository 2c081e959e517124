"""The names of the made-up school."""

import re
from random import Random

from corridor.demo import names
from corridor.demo.names import Named


def test_six_hundred_names_differ_and_the_rare_ones_are_among_them() -> None:
    found = list(names.students(600, Random(1), {Named("Emma", "Smith")}))

    assert len(set(found)) == 600
    assert Named("Emma", "Smith") not in found
    assert set(names.RARE) <= set(found)


def test_names_fit_the_columns() -> None:
    for name in names.students(600, Random(1), set()):
        assert 0 < len(name.given) <= 80
        assert len(name.family) <= 80
        assert len(name.shown) <= 161


def test_addresses_are_made_of_plain_letters() -> None:
    for name in names.students(600, Random(2), set()):
        assert re.fullmatch(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)?", names.address(name)), name
    assert names.address(Named("Suryani", "")) == "suryani"
    assert names.address(Named("Łukasz", "O'Núñez-Østergård")) == "lukasz.onunez-ostergard"
