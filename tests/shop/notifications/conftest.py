"""Engines for all tests of this folder, a shop and a receiver for each of them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.shop.notifications.running import (
    Engines,
    Receiver,
    Shop,
    config_for,
    running_shop,
)


@pytest.fixture
def engines(notification_engines: Engines) -> Engines:
    notification_engines.forget_everything()
    return notification_engines


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with receiver.listening():
        yield receiver


@pytest_asyncio.fixture
async def shop(engines: Engines, receiver: Receiver) -> AsyncIterator[Shop]:
    async with running_shop(config_for(engines, frozenset({receiver.port}))) as running:
        yield running
