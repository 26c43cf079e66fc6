"""Pooled connections to PostgreSQL that a cancelled request leaves whole."""

import select
import sys
from collections.abc import Coroutine
from typing import Any

from psycopg import AsyncConnection, IsolationLevel, OperationalError
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from stend.chassis.tracing.postgresql import TracedCursor, begin_commit
from stend.chassis.tracing.recording import entered

CONNECT_TIMEOUT_S = 2


class PooledConnection(AsyncConnection[Any]):
    """A connection of an engine, some of whose users want autocommit and others a transaction.

    SQLAlchemy switches between them when a connection is handed out: the pool has let go of it
    then, and its user does not hold it yet. The server is asked nothing, but psycopg gives way to
    other tasks if the loop has been busy, and a request that is cancelled in that moment would
    lose the connection to the garbage collector. So both are done at once.

    Both raise psycopg.ProgrammingError while a transaction is open.
    """

    async def set_autocommit(self, value: bool) -> None:
        _at_once(super().set_autocommit(value))

    async def set_isolation_level(self, value: IsolationLevel | None) -> None:
        _at_once(super().set_isolation_level(value))

    async def commit(self) -> None:
        if self.info.transaction_status is not TransactionStatus.INTRANS:
            await super().commit()
            return
        with entered(begin_commit(self)):
            await super().commit()


def pooled_engine(
    url: str, options: str, pool_size: int, wait_s: float, *, pre_ping: bool = False
) -> AsyncEngine:
    """
    Args:
        url: `postgresql://user:password@host:port/database`.
        options: of the session, as libpq takes them.
        pool_size: connections at most.
        wait_s: how long a request waits for a free one.
        pre_ping: a connection is tried before it is handed out. After a restart of the database
            every pooled one is dead, and only its use tells.
    """
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=wait_s,
        pool_pre_ping=pre_ping,
        connect_args={
            "options": options,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "async_creator_fn": PooledConnection.connect,
            "cursor_factory": TracedCursor,
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_the_dead)
    return engine


def _refuse_the_dead(_: object, entry: ConnectionPoolEntry, __: object) -> None:
    """That the server has hung up is known on this machine already, and costs no question.

    Raises:
        DisconnectionError: the pool opens another connection in its place.
    """
    connection = entry.driver_connection
    if isinstance(connection, AsyncConnection) and _has_hung_up(connection):
        raise DisconnectionError("the server has hung up")


def _has_hung_up(connection: AsyncConnection[Any]) -> bool:
    """Nobody has asked anything: whatever there is to read is the end, or the reason for it."""
    try:
        socket = connection.fileno()
    except OperationalError:
        return True
    if sys.platform == "win32":
        return bool(select.select([socket], [], [], 0)[0])
    looked_at = select.poll()
    looked_at.register(socket, select.POLLIN)
    return bool(looked_at.poll(0))


def _at_once(work: Coroutine[Any, Any, None]) -> None:
    """
    Raises:
        RuntimeError: the work has to wait for something: another task uses the connection.
    """
    try:
        # asyncio.sleep(0) is a bare yield; who has to wait for something yields a future.
        while work.send(None) is None:
            continue
    except StopIteration:
        return
    work.close()
    raise RuntimeError("a pooled connection is used by two tasks")
