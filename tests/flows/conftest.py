from collections.abc import Iterator

import pytest

from tests.fixtures import a_school

__all__ = ["a_school"]


@pytest.fixture(autouse=True)
def fresh_buckets() -> Iterator[None]:
    """Students who have not pressed yet, whatever ids earlier tests gave away."""
    from corridor.web import rate

    yield
    rate.of_students.forget()
