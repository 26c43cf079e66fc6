"""A stand for the checks that ask one."""

from collections.abc import Iterator

import pytest

from tests.conftest import LiveStand, stand_of_its_own


@pytest.fixture(scope="module")
def live() -> Iterator[LiveStand]:
    """With sagas, unlike the one of the session."""
    with stand_of_its_own() as own:
        own.up()
        yield own
