"""The fixtures of the school, imported by the folders that tell stories in it.

Nothing of Corridor is imported before a test asks: pytest reads this before Django is set up.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from corridor.clock import TestClock

if TYPE_CHECKING:
    from tests.school import School


@pytest.fixture
def a_school(db: None, clock: TestClock) -> "Iterator[School]":
    """The school of `tests/school.py` on a Monday at ten."""
    from corridor.accounts import signins
    from tests.school import School

    yield School(clock)
    signins.forget()
