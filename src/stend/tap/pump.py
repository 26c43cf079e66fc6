"""Forwards TCP connections byte for byte from one address to another, and records what passes.

    client ──▶ listener ──▶ target
           ◀──          ◀──

Forward first: recording is an append, and a disturbance is asked only where there is one. What is
recorded is the client's side: what the client sent, and what it received.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import struct
import sys
from collections.abc import Callable, Mapping
from typing import cast

from stend.tap.disturb.actions import Disturbance
from stend.tap.disturb.line import Line
from stend.tap.recording import Connection, Place, Recording, Stream
from stend.tap.tls import Keys, TlsSession
from stend.wire.decoding import Direction

_log = logging.getLogger("stend.tap")
_CONNECT_TIMEOUT_S = 2.0
# Of the loop: a task for whoever was let in, its transport, and what is told of it.
_ROUNDS_TO_CONNECT = 4
# So much waits for a peer that is not there yet; then the other side is not read either.
_WAITING_BYTES = 256 * 1024
_TO_SERVER, _TO_CLIENT = Direction.TO_SERVER, Direction.TO_CLIENT

# What disturbs a connection, by fault; None for a fault that spares it.
Chain = Mapping[str, Disturbance | None]
# Tells it, from what was decided before.
Disturb = Callable[[Connection, Chain], Chain]


class Tap:
    """One listening port and the address behind it.

    Args:
        port: 0 lets the system choose; `port` tells it once the tap has started.
        place: between whom it stands. None, or no recording: nothing is recorded.
        disturb: asked for each new connection, and when faults change; only what is recorded can
            be disturbed.
        keys: to end TLS here and begin it anew behind the tap; until they are there, what is
            encrypted passes as it is.
    """

    def __init__(
        self,
        host: str,
        port: int,
        target_host: str,
        target_port: int,
        *,
        place: Place | None = None,
        recording: Recording | None = None,
        disturb: Disturb | None = None,
        keys: Keys | None = None,
    ) -> None:
        self._host, self.port = host, port
        self._target = (target_host, target_port)
        self._place = place or Place("client", f"{target_host}:{target_port}", "bytes")
        self._recording = recording
        self._disturb = disturb
        self._keys = keys
        self._server: asyncio.Server | None = None
        self._open: set[_Link] = set()

    @property
    def place(self) -> Place:
        return self._place

    @property
    def open_count(self) -> int:
        return len(self._open)

    async def start(self) -> None:
        """
        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, self._host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is None:
            return
        await _nobody_is_let_in(self._server)
        self._server.close()
        while self._open:
            gone = [link.abort() for link in tuple(self._open)]
            await asyncio.gather(*gone, return_exceptions=True)
        await self._server.wait_closed()

    def faults_changed(self) -> None:
        """Open connections are disturbed as new ones are, from now on."""
        for link in self._open:
            link.disturb()

    def _accept(self) -> "_Side":
        link = _Link(self._target, self._open, self._place, self._recording, self._disturb)
        if self._keys is not None and self._recording is not None and self._keys.are_there():
            link.end_tls(self._keys)
        return link.client


async def _nobody_is_let_in(server: asyncio.Server) -> None:
    """A closing server of asyncio's own loop forgets whom it has let in a moment ago, unclosed."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, asyncio.SelectorEventLoop):
        for listening in server.sockets:
            loop.remove_reader(listening.fileno())
        for _ in range(_ROUNDS_TO_CONNECT):
            await asyncio.sleep(0)


class _Side(asyncio.Protocol):
    """One of the two sockets of a connection. `direction` is where its bytes go to."""

    def __init__(self, link: "_Link", direction: Direction) -> None:
        self._link = link
        self.direction = direction
        self.transport: asyncio.Transport | None = None
        self.has_finished = False
        self.is_told_all = False
        self._holds = 0
        # Between the socket and the connection, where the tap ends TLS.
        self.tls: TlsSession | None = None
        self._holds_for_tls = False
        # What is to be sent before it is connected.
        self._early: list[bytes] = []
        self._early_bytes = 0
        self._finishes_early = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        # What does not fit into the socket holds the other side. So uvloop sends at once, too: with
        # any other limit it waits for the end of its round, and the bytes for what is done in it.
        self.transport.set_write_buffer_limits(high=0)
        self._link.made(self)
        if self._early_bytes > _WAITING_BYTES:
            self._link.other(self).hold(is_held=False)
        for data in self._early:
            self.transport.write(data)
        self._early.clear()
        if self._finishes_early:
            self.transport.write_eof()

    def data_received(self, data: bytes) -> None:
        if self.tls is None:
            self._link.received(self, data)
        else:
            self._link.received_tls(self, self.tls, data)

    def eof_received(self) -> bool:
        # TLS has told it before, where it ends in order.
        if not self.has_finished:
            self.has_finished = True
            self._link.finished(self)
        # Each direction ends by itself: a half-closed connection stays usable the other way.
        return True

    def pause_writing(self) -> None:
        self._link.other(self).hold(is_held=True)

    def resume_writing(self) -> None:
        self._link.other(self).hold(is_held=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.lost(self, exc)

    def write(self, data: bytes) -> None:
        if self.tls is None:
            self.write_raw(data)
            return
        self.tls.write(data)
        if not self._holds_for_tls and self.tls.waiting_bytes > _WAITING_BYTES:
            self._holds_for_tls = True
            self._link.other(self).hold(is_held=True)

    def tls_has_begun(self, _: TlsSession) -> None:
        """The handshake is over, and nothing waits for it any more."""
        if self._holds_for_tls:
            self._holds_for_tls = False
            self._link.other(self).hold(is_held=False)

    def write_raw(self, data: bytes) -> None:
        """To the socket itself."""
        if self.transport is not None:
            if not self.transport.is_closing():
                self.transport.write(data)
            return
        self._early.append(data)
        was_little = self._early_bytes <= _WAITING_BYTES
        self._early_bytes += len(data)
        if was_little and self._early_bytes > _WAITING_BYTES:
            self._link.other(self).hold(is_held=True)

    def finish(self) -> None:
        """Nothing more is sent (FIN)."""
        self.is_told_all = True
        if self.tls is not None:
            self.tls.end()
        if self.transport is None:
            self._finishes_early = True
        elif not self.transport.is_closing():
            self.transport.write_eof()

    def hold(self, *, is_held: bool) -> None:
        """Nothing is read while anybody holds it."""
        was_held = self._holds > 0
        self._holds += 1 if is_held else -1
        if self.transport is None or self.transport.is_closing():
            return
        if was_held != (self._holds > 0):
            if self._holds:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def reset(self) -> None:
        if self.transport is None:
            return
        linger = struct.pack("ii", 1, 0) if sys.platform != "win32" else struct.pack("hh", 1, 0)
        with contextlib.suppress(OSError):
            own = self.transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()


class _Link:
    """One connection through the tap: two sockets, and what stands between them."""

    def __init__(
        self,
        target: tuple[str, int],
        all_open: "set[_Link]",
        place: Place,
        recording: Recording | None,
        disturb: Disturb | None,
    ) -> None:
        self._target = target
        self._open = all_open
        self._place = place
        self._recording = recording
        self._ask = disturb
        self._seen: Connection | None = None
        # The encrypted bytes, where `_seen` has the plain ones.
        self._outer: Connection | None = None
        self._keys: Keys | None = None
        self._line: Line | None = None
        self._chain: Chain = {}
        self._connecting: asyncio.Task[None] | None = None
        self._left = 1
        self.client = _Side(self, _TO_SERVER)
        self.server = _Side(self, _TO_CLIENT)
        self._over: asyncio.Future[None] | None = None
        # What was received, read by `received` without a look-up.
        self._streams: tuple[Stream, Stream] | None = None

    def end_tls(self, keys: Keys) -> None:
        """TLS ends here, and begins anew behind it."""
        self._keys = keys
        self.client.tls = TlsSession(
            keys.for_clients(), is_server=True, send=self._send_tls, established=self._agreed
        )

    def _agreed(self, session: TlsSession) -> None:
        """The client's handshake is over: the server's begins, with what was agreed on."""
        keys = self._keys
        if keys is None:
            raise RuntimeError("no keys")
        is_client = keys.is_client(session.certificate)
        self.server.tls = TlsSession(
            keys.for_server(session.protocol, shows_client=is_client),
            is_server=False,
            send=self.server.write_raw,
            established=self.server.tls_has_begun,
        )
        self.server.tls.begin()

    def _send_tls(self, raw: bytes) -> None:
        self._record_tls(_TO_CLIENT, raw)
        self.client.write_raw(raw)

    def received_tls(self, side: _Side, session: TlsSession, raw: bytes) -> None:
        if side is self.client:
            self._record_tls(_TO_SERVER, raw)
        try:
            plain = session.received(raw)
        except ssl.SSLError as error:
            self.note(f"TLS: {error.reason or error}")
            for one in (self.client, self.server):
                if one.transport is not None:
                    one.transport.close()
            return
        if plain:
            self.received(side, plain)
        if session.has_ended and not side.has_finished:
            side.has_finished = True
            self.finished(side)

    def _record_tls(self, direction: Direction, raw: bytes) -> None:
        if self._recording is not None and self._outer is not None:
            self._recording.passed(self._outer, self._outer.stream(direction), raw)

    def made(self, side: _Side) -> None:
        if side is self.server:
            return
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        self._open.add(self)
        if self._recording is not None:
            peer = side.transport.get_extra_info("peername") if side.transport else None
            if self.client.tls is not None:
                self._outer = self._recording.opened(self._place, _at(peer))
                inside = f"the tap ends TLS: inside of c{self._outer.number}"
                self._place = self._place._replace(protocol="http")
                self._seen = self._recording.opened(self._place, _at(peer))
                self.note(inside)
            else:
                self._seen = self._recording.opened(self._place, _at(peer))
            self._streams = (self._seen.to_server, self._seen.to_client)
        self._connecting = loop.create_task(self._connect())
        self.disturb()

    def disturb(self) -> None:
        """Asks what disturbs this connection from now on."""
        if self._ask is None or self._seen is None:
            return
        self._chain = self._ask(self._seen, self._chain)
        faults = {fault: one for fault, one in self._chain.items() if one is not None}
        if self._line is None and not faults:
            return
        is_new = self._line is None
        if self._line is None:
            self._line = Line(self, asyncio.get_running_loop())
        self._line.disturb(faults)
        if is_new and self.server.transport is None:
            self._line.opened()

    def other(self, side: _Side) -> _Side:
        return self.server if side is self.client else self.client

    def received(self, side: _Side, data: bytes) -> None:
        line = self._line
        if line is not None:
            if line.is_idle:
                self._line = None
            else:
                if side is self.client:
                    self._record(_TO_SERVER, data)
                line.received(side.direction, data)
                return
        if side is self.client:
            self.server.write(data)
        else:
            self.client.write(data)
        self._record(side.direction, data)

    def finished(self, side: _Side) -> None:
        if side is self.client and self._recording and self._seen:
            self._recording.ended(self._seen, self._seen.to_server)
        if self._line is not None:
            self._line.finished(side.direction)
        else:
            self.finish(side.direction)
        self._close_if_over()

    # What the line asks for.

    def deliver(self, direction: Direction, data: bytes) -> None:
        (self.server if direction is _TO_SERVER else self.client).write(data)
        if direction is _TO_CLIENT:
            self._record(direction, data)

    def finish(self, direction: Direction) -> None:
        if direction is _TO_CLIENT and self._recording and self._seen:
            self._recording.ended(self._seen, self._seen.to_client)
        (self.server if direction is _TO_SERVER else self.client).finish()
        self._close_if_over()

    def reset(self) -> None:
        self.client.reset()
        self.server.reset()

    def hold(self, direction: Direction, *, is_held: bool) -> None:
        (self.client if direction is _TO_SERVER else self.server).hold(is_held=is_held)

    def note(self, text: str) -> None:
        if self._recording and self._seen:
            self._recording.noted(self._seen, text)

    def lost(self, side: _Side, exc: Exception | None) -> None:
        other = self.other(side)
        if exc is not None and other.transport is not None and not other.transport.is_closing():
            _log.info("a connection to %s:%s was reset: %s", *self._target, exc)
            other.reset()
        elif other.transport is not None and not other.transport.is_closing():
            other.transport.close()
        self._left -= 1
        if side is self.client and self._connecting and not self._connecting.done():
            self._connecting.cancel()
        if self._left <= 0:
            self._end()

    def abort(self) -> "asyncio.Future[None]":
        """Ends it without waiting for a peer that does not read."""
        for side in (self.client, self.server):
            if side.transport is not None:
                side.transport.abort()
        if self._connecting and not self._connecting.done():
            self._connecting.cancel()
        over = self._over
        if over is None:
            raise RuntimeError("nobody has connected")
        return over

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._left += 1
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                await loop.create_connection(lambda: self.server, *self._target)
        except (OSError, TimeoutError) as error:
            # The client sees a closed connection, as it would without the tap.
            _log.info("nobody answers at %s:%s: %s", *self._target, error)
            self.note(f"nobody answers at {self._target[0]}:{self._target[1]}")
            self._not_connected()
        except asyncio.CancelledError:
            if self.server.transport is None:
                self._not_connected()
            raise

    def _not_connected(self) -> None:
        self._left -= 1
        if self.client.transport is not None:
            self.client.transport.close()
        if self._left <= 0:
            self._end()

    def _close_if_over(self) -> None:
        """Both sides have said all, and were told all."""
        sides = (self.client, self.server)
        if not all(one.has_finished and one.is_told_all for one in sides):
            return
        for side in sides:
            if side.transport is not None:
                side.transport.close()

    def _record(self, direction: Direction, data: bytes) -> None:
        if self._recording is not None and self._seen is not None and self._streams:
            stream = self._streams[0] if direction is _TO_SERVER else self._streams[1]
            self._recording.passed(self._seen, stream, data)

    def _end(self) -> None:
        self._open.discard(self)
        if self._line is not None:
            self._line.close()
        if self._recording is not None and self._seen is not None:
            self._recording.closed(self._seen)
            if self._outer is not None:
                self._recording.closed(self._outer)
        if self._over is not None and not self._over.done():
            self._over.set_result(None)


def _at(peer: object) -> str:
    match peer:
        case (str(host), int(port), *_):
            return f"{host}:{port}"
    return "unknown"
