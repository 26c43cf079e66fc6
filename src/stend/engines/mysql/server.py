"""The server on a socket: connections in and out, their numbers, KILL, what is told of all."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

from stend.engines.mysql.auth import PasswordKey
from stend.engines.mysql.backend.backend import Backend
from stend.engines.mysql.catalog.showing import Process
from stend.engines.mysql.connection import Connection
from stend.engines.mysql.errors import MyError
from stend.engines.mysql.session import Session
from stend.engines.mysql.variables import Variables
from stend.wire.mysql.packets import packets
from stend.wire.mysql.replies import early_err

_log = logging.getLogger("stend.mysql")
# max_connections of MySQL.
MAX_CONNECTIONS = 151
_MAX_HELD_BYTES = 1024 * 1024
_WRITE_BUFFER_BYTES = 1024 * 1024
_CLEAN_EVERY_S = 10.0


class MysqlServer:
    """
    Args:
        users: passwords by name.
        key: for passwords that come encrypted.
        challenge: makes twenty random bytes without a zero among them.
        now: the moment, with a time zone.
    """

    def __init__(
        self,
        backend: Backend,
        users: Mapping[str, str],
        key: PasswordKey,
        challenge: Callable[[], bytes],
        now: Callable[[], datetime],
    ) -> None:
        self.backend = backend
        self._users = users
        self._key = key
        self._challenge = challenge
        self.now = now
        self.variables = Variables()
        self._loop = asyncio.get_running_loop()
        self._listener: asyncio.Server | None = None
        self.wires: dict[int, _Wire] = {}
        self._last_id = 0
        self._counters: Counter[str] = Counter()
        self._began_at = self._loop.time()
        self._cleaning: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> None:
        """
        Raises:
            OSError: the port is taken.
        """
        self._listener = await self._loop.create_server(
            lambda: _Wire(self), host, port, backlog=1024
        )
        self._cleaning = self._loop.create_task(self._clean())
        _log.info("MySQL on %s:%d", host, port)

    async def stop(self) -> None:
        """Open transactions are rolled back, connections closed."""
        if self._listener:
            self._listener.close()
        if self._cleaning:
            self._cleaning.cancel()
        tasks = [one.task for one in self.wires.values() if one.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.backend.close()

    def admit(self, wire: "_Wire", host: str) -> Connection | None:
        """The connection of a client that has come; None: there are too many."""
        self._counters["Connections"] += 1
        if len(self.wires) >= MAX_CONNECTIONS:
            self._counters["Connection_errors_max_connections"] += 1
            return None
        self._last_id += 1
        self.wires[self._last_id] = wire
        self._counters["Max_used_connections"] = max(
            self._counters["Max_used_connections"], len(self.wires)
        )
        session = Session(self._last_id, self._challenge(), self._users, self._key, host)
        return Connection(session, wire, self.backend, self, self.variables, self.now)

    def count(self, name: str, by: int = 1) -> None:
        """Adds to a counter of SHOW STATUS."""
        self._counters[name] += by

    def processes(self) -> Sequence[Process]:
        """What SHOW PROCESSLIST tells."""
        now = self._loop.time()
        return [one.process(now) for one in self.wires.values()]

    def status(self) -> dict[str, str]:
        """What SHOW STATUS tells."""
        wires = self.wires.values()
        counters = {
            **self._counters,
            "Threads_connected": len(wires),
            "Threads_running": sum(one.is_running for one in wires),
            "Uptime": int(self._loop.time() - self._began_at),
        }
        return {name: str(value) for name, value in sorted(counters.items())}

    def kill(self, connection_id: int, *, is_query: bool) -> bool:
        """Returns whether there is such a connection."""
        wire = self.wires.get(connection_id)
        if wire is None:
            return False
        wire.kill(is_query=is_query)
        return True

    def forget(self, wire: "_Wire") -> None:
        """Its connection has ended."""
        self.wires.pop(wire.connection_id, None)

    async def _clean(self) -> None:
        while True:
            await asyncio.sleep(_CLEAN_EVERY_S)
            await self.backend.shared.pool.close_idle()


class _Wire(asyncio.Protocol):
    """One socket and its connection."""

    def __init__(self, server: MysqlServer) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._connection: Connection | None = None
        self._is_reading = True
        self._arrival: asyncio.Future[bool] | None = None
        self._has_news = False
        self._has_ended = False
        self._writable: asyncio.Future[None] | None = None
        self._kills: set[asyncio.Task[None]] = set()
        self.task: asyncio.Task[None] | None = None

    @property
    def connection_id(self) -> int:
        return self._connection.session.connection_id if self._connection else 0

    @property
    def is_running(self) -> bool:
        return self._connection is not None and self._connection.doing.command != "Sleep"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods, not the type.
        self._transport = transport = cast(asyncio.Transport, transport)
        transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        peer = transport.get_extra_info("peername")
        self._connection = self._server.admit(self, peer[0] if peer else "localhost")
        if self._connection is None:
            refusal = early_err(MyError.ER_CON_COUNT_ERROR.number, "Too many connections")
            transport.write(packets(refusal, 0)[0])
            transport.close()
            return
        self.task = self._loop.create_task(self._serve(self._connection))

    def data_received(self, data: bytes) -> None:
        if self._connection is None:
            return
        self._server.count("Bytes_received", len(data))
        self._connection.session.receive(data)
        self._has_news = True
        if self._arrival and not self._arrival.done():
            self._arrival.set_result(True)
        elif self._connection.session.held_bytes > _MAX_HELD_BYTES and self._transport:
            # It sends while it is not listened to.
            self._is_reading = False
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        # Who has left does not wait for what runs, unless he has asked for more behind it.
        self._has_ended = True
        if self._arrival:
            _give_up(self._arrival)
        return self._connection is not None and self._connection.session.held_bytes > 0

    def connection_lost(self, error: Exception | None) -> None:
        # What it has asked for interests nobody any more, and its locks are others'.
        if self.task:
            self.task.cancel()
        self.resume_writing()

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._writable and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    async def more(self, timeout_s: float) -> bool:
        """Waits for bytes, which go to the session. Returns whether some came in time."""
        if self._has_news:
            self._has_news = False
            return True
        if self._has_ended:
            return False
        if not self._is_reading and self._transport and not self._transport.is_closing():
            self._is_reading = True
            self._transport.resume_reading()
        self._arrival = self._loop.create_future()
        timer = self._loop.call_later(timeout_s, _give_up, self._arrival)
        try:
            return await self._arrival
        finally:
            timer.cancel()
            self._arrival = None
            self._has_news = False

    async def send(self, parts: list[bytes]) -> None:
        """Sends, and waits while the client reads slower than that."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self._server.count("Bytes_sent", sum(map(len, parts)))
        transport.writelines(parts)
        if self._writable:
            await self._writable

    def process(self, now: float) -> Process:
        """A line of SHOW PROCESSLIST."""
        connection = self._connection
        if connection is None or connection.execution is None:
            return Process(self.connection_id, "unauthenticated user", "", None, "Connect", 0)
        client, doing = connection.execution.client, connection.doing
        seconds = max(0, int(now - doing.since))
        info = doing.text if doing.command != "Sleep" else None
        state = "executing" if info is not None else ""
        return Process(
            client.id,
            client.user,
            client.host,
            client.database,
            doing.command,
            seconds,
            state,
            info,
        )

    def kill(self, *, is_query: bool) -> None:
        """KILL of this connection."""
        if self._connection:
            task = self._loop.create_task(self._connection.kill(is_query=is_query))
            self._kills.add(task)
            task.add_done_callback(self._kills.discard)

    async def _serve(self, connection: Connection) -> None:
        try:
            await connection.serve()
        except asyncio.CancelledError:
            # It has left, or was killed.
            return
        except Exception:  # noqa: BLE001
            _log.exception("a bug in the server ends connection %d", self.connection_id)
        finally:
            self._server.forget(self)
            if self._transport:
                self._transport.close()


def _give_up(arrival: "asyncio.Future[bool]") -> None:
    if not arrival.done():
        arrival.set_result(False)
