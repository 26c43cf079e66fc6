"""One PostgreSQL and one recording for all tests of its decoder."""

from collections.abc import Iterator

import pytest

from tests.shop.postgresql import shared_postgres
from tests.wire.postgresql.talking import Talk, recorded_talks


@pytest.fixture(scope="session")
def talks() -> Iterator[dict[str, Talk]]:
    with shared_postgres() as running, recorded_talks(running) as recorded:
        yield recorded
