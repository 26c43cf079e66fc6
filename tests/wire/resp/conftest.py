"""One Redis and one recording for all tests of its decoder."""

from collections.abc import Iterator

import pytest

from tests.folders import open_folder
from tests.wire.resp.talking import Talk, record


@pytest.fixture(scope="session")
def talks() -> Iterator[dict[str, list[Talk]]]:
    with open_folder() as folder:
        yield record(folder)
