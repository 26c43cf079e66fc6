from collections.abc import Iterator

import pytest

from stend.engines.postgresql.launcher import PostgresLauncher
from tests.engines.mysql.catalog.defining import Defined
from tests.engines.mysql.running import made_by_superuser


@pytest.fixture(scope="session")
def defined_once(storage: tuple[PostgresLauncher, str]) -> Iterator[Defined]:
    made = Defined(made_by_superuser(*storage, "catalog"))
    yield made
    made.close()


@pytest.fixture
def defined(defined_once: Defined) -> Defined:
    """With an empty database `shop`."""
    defined_once.anew()
    return defined_once
