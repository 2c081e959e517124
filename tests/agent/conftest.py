from collections.abc import Iterator

import pytest

from tests.fixtures import a_school

__all__ = ["a_school"]


@pytest.fixture(autouse=True)
def fresh_buckets() -> Iterator[None]:
    """Nobody has tried a pairing code yet."""
    from corridor.web.agent import admission

    yield
    admission.of_pairings.forget()
