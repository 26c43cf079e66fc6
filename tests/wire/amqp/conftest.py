"""One broker and one recording for all tests of the decoder."""

from collections.abc import Iterator

import pytest

from tests.folders import open_folder
from tests.wire.amqp.talking import Talk, record


@pytest.fixture(scope="session")
def talks() -> Iterator[dict[str, Talk]]:
    with open_folder() as folder:
        yield record(folder)
