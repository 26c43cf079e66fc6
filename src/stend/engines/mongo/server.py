"""The server on sockets: bytes in and out, turns of commands, timers, and the disk."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, cast

from stend.engines.mongo.call import Peer
from stend.engines.mongo.commands.running import Reply, error_reply, run
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.session import Job, RefusedError, Session
from stend.engines.mongo.state import State
from stend.engines.mongo.turns import Lanes, Turn

_log = logging.getLogger("stend.mongo")
MAX_CONNECTIONS = 1000
# Replies that clients do not read; one more that would be beyond it is not sent.
_MAX_UNSENT_BYTES = 256 * 1024 * 1024
_WRITE_BUFFER_BYTES = 1024 * 1024
# ttlMonitorSleepSecs is a minute in mongod; here somebody is watching.
_TTL_S = 1.0
_TTL_BATCH = 1000
_SESSIONS_S = 5.0


class Listener(NamedTuple):
    """
    Attributes:
        advertised: what its clients are told to connect to: `127.0.0.1:8012`.
    """

    port: int
    advertised: str


class MongoServer:
    """
    Args:
        host: where all listeners are bound.

    Attributes:
        failed: gets the error after which nothing can be promised any more.
    """

    def __init__(self, host: str, listeners: Sequence[Listener], state: State) -> None:
        self._host = host
        self._listeners = listeners
        self.state = state
        self._loop = asyncio.get_running_loop()
        self._servers: list[asyncio.Server] = []
        self.wires: set[_Wire] = set()
        self.lanes = Lanes()
        self.unsent_bytes = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self.failed: asyncio.Future[None] = self._loop.create_future()

    async def start(self) -> None:
        """Listens on all ports; only then is anybody answered.

        Raises:
            OSError: a port is taken.
        """
        for listener in self._listeners:
            server = await self._loop.create_server(
                partial(_Wire, self, listener),
                self._host,
                listener.port,
                backlog=1024,
                start_serving=False,
            )
            self._servers.append(server)
        for server, listener in zip(self._servers, self._listeners, strict=True):
            await server.start_serving()
            _log.info("MongoDB on %s:%d", self._host, listener.port)
        self._every("ttl", _TTL_S, self._expire_documents)
        self._every("sessions", _SESSIONS_S, self._expire_sessions)

    async def stop(self) -> None:
        """What is written becomes safe, who waits for it is answered, transactions are aborted."""
        for server in self._servers:
            server.close()
        for timer in self._timers.values():
            timer.cancel()
        if not self.failed.done():
            safe = self._loop.create_future()
            self.state.store.after_durable(lambda: safe.set_result(None))
            await asyncio.wait([safe, self.failed], return_when=asyncio.FIRST_COMPLETED)
        for wire in tuple(self.wires):
            wire.finish()
        await asyncio.sleep(0)
        if not self.failed.done():
            self.state.store.close()

    def fail(self, error: BaseException) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)

    def _every(self, name: str, interval_s: float, work: Callable[[], bool]) -> None:
        """
        Args:
            work: returns whether it has to go on as soon as others had their turn.
        """

        def again() -> None:
            try:
                goes_on = work()
            except Exception as error:  # noqa: BLE001
                # Half of it is done: nothing can be promised after that.
                self.fail(error)
                return
            self._timers[name] = self._loop.call_later(0 if goes_on else interval_s, again)

        self._timers[name] = self._loop.call_later(interval_s, again)

    def _expire_documents(self) -> bool:
        deleted = self.state.store.expire(self.state.clock().timestamp(), _TTL_BATCH)
        self.state.store.submit()
        return deleted == _TTL_BATCH

    def _expire_sessions(self) -> bool:
        now = self.state.clock().timestamp()
        self.state.sessions.expire(now)
        self.state.cursors.expire(now)
        return False


class _Wire(asyncio.Protocol):
    """One socket and its session."""

    def __init__(self, server: MongoServer, listener: Listener) -> None:
        self._server = server
        self._listener = listener
        self._state = server.state
        self._transport: asyncio.Transport | None = None
        self._is_reading = True
        self._is_writable = True
        self._is_pumping = False
        self._is_ended = False
        self._unsent = 0
        self._turn: Turn[Reply] | None = None
        self._peer = Peer(0, "", listener.advertised)
        self.session = Session()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods, not the type.
        self._transport = transport = cast(asyncio.Transport, transport)
        server, counters = self._server, self._state.counters
        if len(server.wires) >= MAX_CONNECTIONS:
            _log.warning("refused a connection: %d are open", len(server.wires))
            transport.abort()
            return
        transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        counters.connections_created += 1
        counters.connections_open += 1
        host, port = transport.get_extra_info("peername")[:2]
        self._peer = Peer(counters.connections_created, f"{host}:{port}", self._listener.advertised)
        server.wires.add(self)

    def data_received(self, data: bytes) -> None:
        self._state.counters.bytes_in += len(data)
        try:
            self.session.receive(data)
        except RefusedError as error:
            self._refuse(error)
            return
        self._pump()
        self._see_reading()

    def eof_received(self) -> bool:
        """What it has sent is still done, unless that would wait for others."""
        self._is_ended = True
        return not self._is_done

    def connection_lost(self, error: Exception | None) -> None:
        self.session.close()
        if self._turn:
            self._turn.cancel()
            self._turn = None
        self._count_unsent(0)
        if self in self._server.wires:
            self._server.wires.discard(self)
            self._state.counters.connections_open -= 1

    def pause_writing(self) -> None:
        self._is_writable = False

    def resume_writing(self) -> None:
        self._is_writable = True
        self._see_unsent()
        self._pump()
        self._see_reading()

    @property
    def _is_done(self) -> bool:
        """Nothing more is to be sent to a client that has sent all."""
        is_waiting = self._turn is not None and self._turn.is_parked
        return self._is_ended and (is_waiting or self.session.is_idle)

    def finish(self) -> None:
        """Sends what is answered and hangs up."""
        if self._turn:
            self._turn.cancel()
            self._turn = None
        if self._transport and not self._transport.is_closing():
            self._transport.close()
        self.session.close()

    def _pump(self) -> None:
        """Begins commands whose turn it is; a fast one is over at once."""
        if self._is_pumping:
            return
        self._is_pumping = True
        try:
            while self._is_writable:
                job = self.session.take(self._state.cluster_time)
                self._send()
                if job is None:
                    break
                self._begin(job)
        except RefusedError as error:
            self._refuse(error)
        finally:
            self._is_pumping = False
        if self._is_done and self._transport:
            self._transport.close()

    def _begin(self, job: Job) -> None:
        state, peer = self._state, self._peer
        self._turn = turn = Turn[Reply](
            self._server.lanes,
            lambda flow: run(job.document, state, peer, flow),
            lambda reply, error: self._finished(job, reply, error),
        )
        turn.start()

    def _finished(self, job: Job, reply: Reply | None, error: BaseException | None) -> None:
        self._turn = None
        if reply is None:
            reply = self._of_a_bug(error)
        if not reply.is_wanted:
            job = Job(job.document, job.request_id, is_silent=True)
        if reply.is_durable:
            self._state.store.after_durable(partial(self._answer, job, reply))
        else:
            self._state.store.submit()
            self._answer(job, reply)

    def _of_a_bug(self, error: BaseException | None) -> Reply:
        _log.error("%s: a bug in the server", self._peer.address, exc_info=error)
        told = MongoError(Code.InternalError, f"a bug in the server: {error!r:.200}")
        return Reply(error_reply(told, self._state.cluster_time))

    def _answer(self, job: Job, reply: Reply) -> None:
        self.session.answer(job, reply.document, self._state.cluster_time)
        if self._is_pumping:
            return
        self._pump()
        self._see_reading()

    def _send(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if parts := self.session.take_output():
            size = sum(map(len, parts))
            if self._server.unsent_bytes + size > _MAX_UNSENT_BYTES:
                _log.warning("%s: closed: too many replies are not read", self._peer.address)
                transport.abort()
                return
            self._state.counters.bytes_out += size
            transport.writelines(parts)
            self._see_unsent()

    def _refuse(self, error: RefusedError) -> None:
        _log.warning("%s: closed: %s", self._peer.address, error)
        self.session.close()
        if self._transport:
            self._transport.abort()

    def _see_unsent(self) -> None:
        size_bytes = 0
        if self._transport and not self._is_writable:
            size_bytes = self._transport.get_write_buffer_size()
        self._count_unsent(size_bytes)

    def _count_unsent(self, size_bytes: int) -> None:
        self._server.unsent_bytes += size_bytes - self._unsent
        self._unsent = size_bytes

    def _see_reading(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        wanted = self.session.is_listening
        if wanted is self._is_reading:
            return
        self._is_reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()
