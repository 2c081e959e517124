from collections.abc import Iterator

import pytest

from tests.fixtures import a_school

__all__ = ["a_school"]


@pytest.fixture(autouse=True)
def fresh_buckets() -> Iterator[None]:
    """Keys that nobody has used yet, whatever ids earlier tests gave away."""
    from corridor.accounts import keys
    from corridor.web import rate

    yield
    keys.forget()
    rate.of_keys.forget()
