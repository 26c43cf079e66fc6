"""Engines that the tests of several services share, each started when it is asked for first."""

from collections.abc import Iterator

import pytest

from tests.shop.notifications.running import Engines, running_engines
from tests.shop.postgresql import SharedPostgres, shared_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[SharedPostgres]:
    with shared_postgres() as running:
        yield running


@pytest.fixture(scope="session")
def notification_engines() -> Iterator[Engines]:
    with running_engines() as engines:
        yield engines
