"""The broker on sockets: bytes in and out, timers, the journal on disk."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

from stend.engines.amqp.session import Output, Phase, Session
from stend.engines.amqp.state import Broker
from stend.engines.amqp.store import Store

_log = logging.getLogger("stend.amqp")
HANDSHAKE_TIMEOUT_S = 10.0
# Connections over the limit are told so when they are opened (Connection.Open); this many may be on
# their way there.
_SHAKING_HANDS = 100
# How long a client that was sent Connection.Close has to answer it.
_CLOSE_TIMEOUT_S = 3.0
_HEARTBEAT_CHECK_S = 0.5
_STOP_TIMEOUT_S = 0.5
# The transport asks to wait when this much is unsent.
_WRITE_BUFFER_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class ServerConfig:
    host: str
    port: int


class BrokerServer:
    """
    Args:
        now_ms: the time since 1970.
    """

    def __init__(
        self, config: ServerConfig, broker: Broker, store: Store, now_ms: Callable[[], int]
    ) -> None:
        self._config = config
        self.broker = broker
        self._store = store
        self.now_ms = now_ms
        self._loop = asyncio.get_running_loop()
        self._syncing: asyncio.Future[None] | None = None
        self._sync_thread = ThreadPoolExecutor(1, "journal")
        self._server: asyncio.Server | None = None
        self.wires: set[_Wire] = set()
        self._dirty: set[_Wire] = set()
        self._gated: set[_Wire] = set()
        self._is_flush_due = False
        self._synced_position = 0
        self._was_alarmed = False
        self._tick_timer: asyncio.TimerHandle | None = None
        self._tick_at_ms = 0
        self._heartbeats: asyncio.TimerHandle | None = None
        self._all_gone = asyncio.Event()
        self.failed: asyncio.Future[None] = self._loop.create_future()

    @property
    def port(self) -> int:
        return self._config.port

    async def start(self) -> None:
        self._server = await self._loop.create_server(
            lambda: _Wire(self), self._config.host, self._config.port, backlog=1024
        )
        self._check_heartbeats()
        self.touch()

    async def stop(self) -> None:
        """Tells the clients, lets the last bytes out, closes the journal."""
        if self._server:
            self._server.close()
        for wire in tuple(self.wires):
            wire.session.close("broker forced connection closure with reason 'shutdown'")
        self._flush()
        if not self.wires:
            self._all_gone.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_gone.wait(), _STOP_TIMEOUT_S)
        for wire in tuple(self.wires):
            wire.abort()
        for timer in (self._heartbeats, self._tick_timer):
            if timer:
                timer.cancel()
        # Lost connections have given back what they held: that belongs into the journal too.
        await asyncio.sleep(0)
        if self._syncing:
            await self._syncing
        self._store.write()
        self._sync_thread.shutdown()
        self._store.close()

    def touch(self) -> None:
        """Something has changed outside of a connection: time is told and the rest follows."""
        self.broker.now_ms = self.now_ms()
        self._plan_flush()

    def wake(self, wire: "_Wire") -> None:
        self._dirty.add(wire)
        self._plan_flush()

    def admit(self, wire: "_Wire") -> None:
        self.wires.add(wire)
        self._all_gone.clear()

    def forget(self, wire: "_Wire") -> None:
        self.wires.discard(wire)
        self._dirty.discard(wire)
        self._gated.discard(wire)
        if not self.wires:
            self._all_gone.set()

    def _plan_flush(self) -> None:
        # Once per turn of the loop: what all connections did is one batch of the journal.
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        if self.failed.done():
            return
        self._see_alarm()
        try:
            self._store.write()
        except OSError as error:
            # What cannot be written cannot be promised: the broker ends, its clients see it.
            self.failed.set_exception(error)
            return
        dirty, self._dirty = self._dirty, set()
        for wire in dirty:
            if wire.session.output.gate > self._synced_position:
                self._gated.add(wire)
            else:
                wire.send()
        if self._gated or self._store.is_owed or any(one.session.is_waiting for one in dirty):
            self._sync(self.broker.journal.position - 1)
        self._plan_tick()

    def _sync(self, position: int) -> None:
        if self._syncing is None:
            files = self._store.files_to_sync()
            self._syncing = asyncio.ensure_future(self._sync_to(position, files))

    async def _sync_to(self, position: int, files: list[int]) -> None:
        try:
            await self._loop.run_in_executor(self._sync_thread, self._store.sync, files)
        except OSError as error:
            self.failed.set_exception(error)
            return
        finally:
            self._syncing = None
        self._synced_position = position
        self._store.synced(position)
        self._dirty |= self._gated
        self._gated.clear()
        for wire in self.wires:
            if wire.session.is_waiting:
                wire.session.synced(position)
                self._dirty.add(wire)
        self._plan_flush()

    def _see_alarm(self) -> None:
        if self.broker.alarmed is self._was_alarmed and not self.broker.alarmed:
            return
        if self.broker.alarmed is not self._was_alarmed:
            self._was_alarmed = self.broker.alarmed
            told = "set" if self._was_alarmed else "cleared"
            _log.warning("memory alarm %s at %d bytes", told, self.broker.memory_bytes)
        for wire in self.wires:
            wire.see_alarm()

    def _plan_tick(self) -> None:
        moment = self.broker.next_moment_ms()
        if moment is None or (self._tick_timer and self._tick_at_ms == moment):
            return
        if self._tick_timer:
            self._tick_timer.cancel()
        self._tick_at_ms = moment
        delay_s = max(0, moment - self.now_ms()) / 1000
        self._tick_timer = self._loop.call_later(delay_s, self._tick)

    def _tick(self) -> None:
        self._tick_timer = None
        self.broker.now_ms = self.now_ms()
        self.broker.tick()
        self._plan_flush()

    def _check_heartbeats(self) -> None:
        now = self._loop.time()
        for wire in tuple(self.wires):
            wire.check_heartbeat(now)
        self._heartbeats = self._loop.call_later(_HEARTBEAT_CHECK_S, self._check_heartbeats)


class _Wire(asyncio.Protocol):
    """One socket and its session."""

    def __init__(self, server: BrokerServer) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_reading = True
        self._heard_at = self._told_at = self._loop.time()
        self.session = Session("", server.broker, lambda _: server.wake(self))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods, not the type.
        self._transport = transport = cast(asyncio.Transport, transport)
        if len(self._server.wires) >= self._server.broker.limits.connections + _SHAKING_HANDS:
            _log.error("refused a connection: %d are open", len(self._server.wires))
            transport.abort()
            return
        transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        self._server.broker.now_ms = self._server.now_ms()
        self.session.name = _name(transport)
        self.session.opened_at_ms = self._server.broker.now_ms
        self._server.admit(self)
        self._timer = self._loop.call_later(HANDSHAKE_TIMEOUT_S, self._give_up_handshake)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._server.broker.now_ms = self._server.now_ms()
        self._work(lambda: self.session.receive(data))

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()
        self._server.forget(self)
        self._server.broker.now_ms = self._server.now_ms()
        self.session.lost()
        self._server.touch()
        _log.info("%s: closed%s", self.session.name, f": {error}" if error else "")

    def pause_writing(self) -> None:
        self.session.set_writable(False)

    def resume_writing(self) -> None:
        self.session.set_writable(True)
        self._server.broker.now_ms = self._server.now_ms()
        self._see_unread()
        self.session.resume()
        self._work(self.session.go_on)

    def send(self) -> None:
        transport, session = self._transport, self.session
        if transport is None or transport.is_closing():
            session.output = Output()
            return
        was_full = not session.is_roomy
        if parts := session.take_output():
            self._told_at = self._loop.time()
            transport.write(b"".join(parts))
        if session.phase is Phase.CLOSED:
            transport.close()
        elif session.phase is Phase.CLOSING and self._timer is None:
            self._timer = self._loop.call_later(_CLOSE_TIMEOUT_S, self.abort)
        elif session.phase is Phase.RUNNING and self._timer:
            self._timer.cancel()
            self._timer = None
        self._see_unread()
        if was_full and session.is_writable:
            session.resume()
            self._work(session.go_on)

    def see_alarm(self) -> None:
        self.session.see_alarm()
        self._see_reading()

    def _work(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001
            # A bug of the broker: it must not take the other connections with it.
            _log.exception("%s: a bug in the broker ends this connection", self.session.name)
            self.session.close("a bug in the broker, see its log")
        self._see_reading()
        self._server.wake(self)

    def _see_unread(self) -> None:
        if self._transport:
            self.session.unread_bytes = self._transport.get_write_buffer_size()

    def _see_reading(self) -> None:
        is_reading = self.session.is_listening
        if self._transport is None or self._transport.is_closing():
            return
        if is_reading is self._is_reading:
            return
        self._is_reading = is_reading
        if is_reading:
            # Silence while nobody listened is not the client's fault.
            self._heard_at = self._loop.time()
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def check_heartbeat(self, now: float) -> None:
        """Section 4.2.7: sent at half the interval, missed after two."""
        interval = self.session.heartbeat_s
        if not interval:
            return
        if now - self._told_at >= interval / 2:
            self.session.send_heartbeat()
        if self._is_reading and now - self._heard_at > 2 * interval:
            _log.error("%s: missed heartbeats, timeout %d s", self.session.name, interval)
            self.abort()

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _give_up_handshake(self) -> None:
        self._timer = None
        if self.session.phase in (Phase.HEADER, Phase.HANDSHAKE):
            _log.error("%s: no handshake within %d s", self.session.name, HANDSHAKE_TIMEOUT_S)
            self.abort()


def _name(transport: asyncio.Transport) -> str:
    """As RabbitMQ names connections: the client's address, an arrow, the server's."""
    peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return f"{peer[0]}:{peer[1]} -> {own[0]}:{own[1]}"
