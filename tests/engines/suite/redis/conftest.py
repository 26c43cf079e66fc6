"""Clients of the Redis under test; what a check leaves under its name is removed."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeAlias

import pytest
import redis
import redis.asyncio

# redis-py's types know neither decode_responses nor which of its two clients answers.
Client: TypeAlias = Any
Open = Callable[[], Client]


@pytest.fixture
def open_client(redis_url: str, name: str) -> Iterator[Open]:
    """Opens a client with a connection of its own; answers are text."""
    with ExitStack() as stack:

        def opened() -> Client:
            return stack.enter_context(redis.Redis.from_url(redis_url, decode_responses=True))

        yield opened
        with redis.Redis.from_url(redis_url) as cleaner:
            for key in cleaner.scan_iter(f"{name}*"):
                cleaner.delete(key)


@pytest.fixture
def client(open_client: Open) -> Client:
    return open_client()


@pytest.fixture
async def async_client(open_client: Open, redis_url: str) -> AsyncIterator[Client]:
    async with redis.asyncio.Redis.from_url(redis_url, decode_responses=True) as opened:
        yield opened
