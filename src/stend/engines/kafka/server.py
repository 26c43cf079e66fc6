"""The brokers on sockets: bytes in and out, timers, and the disk that is waited for in a thread."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import cast

from stend.engines.kafka.barrier import Round
from stend.engines.kafka.disk_thread import DiskThread
from stend.engines.kafka.session import RefusedError, Session
from stend.engines.kafka.state import State

_log = logging.getLogger("stend.kafka")
# Of all brokers together. Kafka has no bound by default; a laptop has files to open.
MAX_CONNECTIONS = 1000
# connections.max.idle.ms of Kafka.
_IDLE_S = 600.0
_IDLE_CHECK_S = 30.0
_WRITE_BUFFER_BYTES = 1024 * 1024
# A disk that is faster than this is waited for at once: to hand it to a thread takes as long.
_FAST_SYNC_S = 0.001
# How much the last sync says about the next one.
_WEIGHT = 0.2


class KafkaServer:
    """
    Args:
        host: where all listeners are bound.
        now_ms: the time since 1970.

    Attributes:
        failed: gets the error after which nothing can be promised any more.
    """

    def __init__(self, host: str, state: State, now_ms: Callable[[], int]) -> None:
        self._host = host
        self.state = state
        self.now_ms = now_ms
        self._loop = asyncio.get_running_loop()
        self._listeners: dict[int, list[asyncio.Server]] = {}
        self._disk = DiskThread(self._told_synced)
        self._is_syncing = False
        self._began_sync_at = 0.0
        # The usual time of a sync, slow until it is known.
        self._sync_s = _FAST_SYNC_S
        # Somebody wants to know when the disk is done: `stop`.
        self._rest: asyncio.Future[None] | None = None
        self.wires: set[_Wire] = set()
        self._dirty: set[_Wire] = set()
        self._is_flush_due = False
        self._tick_timer: asyncio.TimerHandle | None = None
        self._tick_at_ms = 0
        self._idle_timer: asyncio.TimerHandle | None = None
        self._opening: asyncio.Task[None] | None = None
        self.failed: asyncio.Future[None] = self._loop.create_future()

    async def start(self) -> None:
        """Listens on all ports; only then is anybody answered.

        Raises:
            OSError: a port is taken.
        """
        for broker in self.state.brokers.known.values():
            self._listeners[broker.id] = await self._listen(broker.id, is_serving=False)
        for broker_id, servers in self._listeners.items():
            for server in servers:
                await server.start_serving()
            port = self.state.brokers.known[broker_id].listeners[0].port
            _log.info("Kafka on %s:%d, broker %d", self._host, port, broker_id)
        self._check_idle()
        self.touch()

    async def stop(self) -> None:
        """What is written becomes safe, who waits for it is answered, the logs are closed."""
        for servers in self._listeners.values():
            for server in servers:
                server.close()
        if self._opening:
            await self._opening
        while not self.failed.done() and (self._is_syncing or self.state.barrier.is_due):
            self._flush()
            if self._is_syncing:
                self._rest = self._loop.create_future()
                await self._rest
        for timer in (self._tick_timer, self._idle_timer):
            if timer:
                timer.cancel()
        for wire in tuple(self.wires):
            wire.finish()
        await asyncio.sleep(0)
        self._disk.stop()
        if not self.failed.done():
            self.state.close()

    def touch(self) -> None:
        """Something has changed: what is due to be written, sent and timed is looked at."""
        # Once per turn of the loop: what all connections did is one batch of the journal.
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def wake(self, wire: "_Wire") -> None:
        self._dirty.add(wire)
        self.touch()

    def forget(self, wire: "_Wire") -> None:
        self.wires.discard(wire)
        self._dirty.discard(wire)

    async def _listen(self, broker_id: int, *, is_serving: bool = True) -> list[asyncio.Server]:
        return [
            await self._loop.create_server(
                lambda position=position: _Wire(self, broker_id, position),  # type: ignore[misc]
                self._host,
                listener.port,
                backlog=1024,
                start_serving=is_serving,
            )
            for position, listener in enumerate(self.state.brokers.known[broker_id].listeners)
        ]

    def _flush(self) -> None:
        self._is_flush_due = False
        if not self._write():
            return
        if self.state.barrier.is_due and not self._is_syncing:
            self._begin_sync()
        # What waited for the disk may have changed something in its turn.
        if self._write():
            self._send_dirty()
        if self.state.barrier.is_due and not self._is_syncing:
            self.touch()
        self._see_brokers()
        self._plan_tick()

    def _write(self) -> bool:
        """A reply promises what it tells: it is written before anything is sent."""
        if self.failed.done():
            return False
        try:
            self.state.journal.write()
        except OSError as error:
            self.failed.set_exception(error)
            return False
        return True

    def _send_dirty(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for wire in dirty:
            wire.send()

    def _begin_sync(self) -> None:
        taken = self.state.barrier.begin()
        self._began_sync_at = time.perf_counter()
        if not taken.files:
            self._finish(taken)
        elif taken.waiting and self._sync_s < _FAST_SYNC_S:
            self._synced(taken, taken.sync())
        else:
            self._is_syncing = True
            self._disk.sync(taken)

    def _told_synced(self, taken: Round, error: OSError | None) -> None:
        """In the thread of the disk."""
        self._loop.call_soon_threadsafe(self._synced, taken, error)

    def _synced(self, taken: Round, error: OSError | None) -> None:
        self._is_syncing = False
        elapsed_s = time.perf_counter() - self._began_sync_at
        self._sync_s += (elapsed_s - self._sync_s) * _WEIGHT
        if error is None:
            self._finish(taken)
            # What was answered goes at once, without another turn of the loop.
            if self._write():
                self._send_dirty()
            self.touch()
        elif not self.failed.done():
            self.failed.set_exception(error)
        if self._rest and not self._rest.done():
            self._rest.set_result(None)

    def _finish(self, taken: Round) -> None:
        self.state.timers.now_ms = self.now_ms()
        try:
            taken.finish()
        except Exception as error:  # noqa: BLE001
            # Half of what waited for the disk is done: nothing can be promised after that.
            if not self.failed.done():
                self.failed.set_exception(error)

    def _see_brokers(self) -> None:
        """Opens and closes ports as brokers were started and stopped."""
        brokers = self.state.brokers
        for broker in brokers.known.values():
            if broker.is_stopped and self._listeners.get(broker.id):
                for server in self._listeners.pop(broker.id):
                    server.close()
                _log.info("broker %d is stopped", broker.id)
                # Who asked for it by this broker gets the answer first.
                self.state.barrier.after(partial(self._hang_up, broker.id))
                self.touch()
        closed = [one.id for one in brokers.alive() if one.id not in self._listeners]
        if closed and (self._opening is None or self._opening.done()):
            self._opening = asyncio.ensure_future(self._open(closed[0]))

    def _hang_up(self, broker_id: int) -> None:
        for wire in [one for one in self.wires if one.session.broker_id == broker_id]:
            wire.finish()

    async def _open(self, broker_id: int) -> None:
        try:
            self._listeners[broker_id] = await self._listen(broker_id)
            _log.info("broker %d is started", broker_id)
        except OSError as error:
            _log.warning("broker %d stays stopped: %s", broker_id, error)
            self.state.cluster.stop_broker(broker_id)
        self.touch()

    def _plan_tick(self) -> None:
        now_ms = self.now_ms()
        moment = self.state.next_moment_ms(now_ms)
        if self._tick_timer and self._tick_at_ms == moment:
            return
        if self._tick_timer:
            self._tick_timer.cancel()
        self._tick_at_ms = moment
        delay_s = max(0, moment - now_ms) / 1000
        self._tick_timer = self._loop.call_later(delay_s, self._tick)

    def _tick(self) -> None:
        self._tick_timer = None
        try:
            self.state.tick(self.now_ms())
        except OSError as error:
            self.failed.set_exception(error)
            return
        problems = self.state.housekeeping.problems
        while problems:
            _log.error("%s", problems.pop(0))
        self.touch()

    def _check_idle(self) -> None:
        now = self._loop.time()
        for wire in tuple(self.wires):
            wire.check_idle(now, _IDLE_S)
        self._idle_timer = self._loop.call_later(_IDLE_CHECK_S, self._check_idle)


class _Wire(asyncio.Protocol):
    """One socket and its session."""

    def __init__(self, server: KafkaServer, broker_id: int, listener: int) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._is_reading = True
        self._unread = 0
        self._heard_at = self._loop.time()
        self.session = Session(server.state, broker_id, listener, "", lambda _: server.wake(self))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods, not the type.
        self._transport = transport = cast(asyncio.Transport, transport)
        if len(self._server.wires) >= MAX_CONNECTIONS:
            _log.warning("refused a connection: %d are open", len(self._server.wires))
            transport.abort()
            return
        transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        peer = transport.get_extra_info("peername")
        # As Kafka shows clients in groups: Java's InetAddress.
        self.session.client_host = f"/{peer[0]}"
        self._server.wires.add(self)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._work(lambda now_ms: self.session.receive(data, now_ms))

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.session.close()
        self._count_unread(0)
        self._server.forget(self)

    def pause_writing(self) -> None:
        self.session.is_writable = False

    def resume_writing(self) -> None:
        self.session.is_writable = True
        self._see_unread()
        self._work(self.session.pump)

    def send(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if parts := self.session.take_output():
            transport.writelines(parts)
            self._see_unread()
        if self.session.bug:
            _log.error(
                "%s: a bug in the broker ends this connection: %s", self._name, self.session.bug
            )
        if self.session.is_closed:
            transport.close()
            return
        if not self.session.is_idle:
            self._work(self.session.pump)

    def finish(self) -> None:
        """Sends what is answered and hangs up."""
        if self._transport and not self._transport.is_closing():
            if parts := self.session.take_output():
                self._transport.writelines(parts)
            self._transport.close()
        self.session.close()

    def check_idle(self, now: float, limit_s: float) -> None:
        if self.session.is_idle and now - self._heard_at > limit_s and self._transport:
            self._transport.close()

    def _work(self, work: Callable[[int], None]) -> None:
        server = self._server
        now_ms = server.now_ms()
        server.state.timers.now_ms = now_ms
        try:
            work(now_ms)
        except RefusedError as error:
            _log.warning("%s: closed: %s", self._name, error)
            self._abort()
        except OSError as error:
            # What cannot be written cannot be promised: the process ends, its clients see it.
            if not server.failed.done():
                server.failed.set_exception(error)
        except Exception:  # noqa: BLE001
            # A bug of the broker: it must not take the other connections with it.
            _log.exception("%s: a bug in the broker ends this connection", self._name)
            self._abort()
        self._see_reading()
        server.touch()

    def _abort(self) -> None:
        self.session.close()
        if self._transport:
            self._transport.abort()

    def _see_unread(self) -> None:
        # Little of it is on its way, and nobody tells when it has arrived.
        size_bytes = 0
        if self._transport and not self.session.is_writable:
            size_bytes = self._transport.get_write_buffer_size()
        self._count_unread(size_bytes)

    def _count_unread(self, size_bytes: int) -> None:
        self._server.state.unread_bytes += size_bytes - self._unread
        self._unread = size_bytes

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

    @property
    def _name(self) -> str:
        peer = self._transport.get_extra_info("peername") if self._transport else None
        return f"{peer[0]}:{peer[1]}" if peer else "a client"
