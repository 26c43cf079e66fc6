"""Redis as a service needs it: a bounded pool, time limits, and one error when it is away."""

import asyncio
from types import TracebackType
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import (
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.maint_notifications import MaintNotificationsConfig

from stend.chassis.tracing.redis import TracedRedis, note_connection
from stend.kit.errors import StendError, unavailable


def redis_client(url: str, pool_size: int, wait_s: float) -> Redis:
    """A client whose every command ends after `wait_s` for each of: a free connection, connecting,
    the answer. It never retries: the caller knows whether that is right. `aclose` ends all of it.

    Args:
        url: `redis://user:password@host:port/database`.
        pool_size: connections at most.
        wait_s: shorter than a third of the deadline of an operation.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=pool_size,
        timeout=wait_s,
        socket_timeout=wait_s,
        socket_connect_timeout=wait_s,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        # With them, which only Redis Enterprise sends, a connection that the server has closed is
        # taken for a good one when it comes out of the pool.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )
    is_tls = issubclass(pool.connection_class, SSLConnection)
    pool.connection_class = _TlsConnection if is_tls else _KeepsCancellations
    return TracedRedis.from_pool(pool)


class _KeepsCancellations(Connection):
    """Writes under `asyncio.timeout`, where redis-py uses `asyncio.wait_for`.

    That loses a cancellation which comes together with the end of the write, up to Python 3.11
    (github.com/python/cpython/issues/86296): a task would outlive whoever ended it.
    """

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        limit_s, self.socket_timeout = self.socket_timeout, None
        if self._writer is not None:
            note_connection(self._writer)
        try:
            async with asyncio.timeout(limit_s):
                await super().send_packed_command(command, check_health)
        finally:
            self.socket_timeout = limit_s


class _TlsConnection(_KeepsCancellations, SSLConnection):
    pass


class _ReachingRedis:
    """Turns every way in which Redis can be away into UNAVAILABLE."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, _AWAY):
            raise _unreachable(error) from error
        # Redis tells of a disk that it cannot write to in the text of a plain error.
        if isinstance(error, ResponseError) and str(error).startswith(_AWAY_REPLIES):
            raise _unreachable(error) from error


_AWAY = (
    RedisConnectionError,
    RedisTimeoutError,
    OutOfMemoryError,
    ReadOnlyError,
    MasterDownError,
    OSError,
)
_AWAY_REPLIES = ("MISCONF", "LOADING", "OOM", "BUSY ", "NOREPLICAS")
reaching_redis = _ReachingRedis()


def _unreachable(error: BaseException) -> StendError:
    lines = str(error).strip().splitlines()
    return unavailable("Redis", lines[0] if lines else type(error).__name__)
