"""Forwards TCP connections byte for byte from one address to another.

    client ──▶ listener ──▶ target
           ◀──          ◀──

LIMITATIONS: connections are forwarded and not yet recorded or disturbed.
"""

import asyncio
import contextlib
import logging
import socket
import struct
import sys

_log = logging.getLogger("stend.tap")
# One read: large enough for throughput, small enough that a hundred connections stay cheap.
_CHUNK_BYTES = 64 * 1024
_CONNECT_TIMEOUT_S = 2.0


class Tap:
    """One listening port and the address behind it."""

    def __init__(self, host: str, port: int, target_host: str, target_port: int) -> None:
        self._host, self._port = host, port
        self._target = (target_host, target_port)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """
        Raises:
            OSError: the port is taken.
        """
        self._server = await asyncio.start_server(self._accept, self._host, self._port)

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._forward(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                target_reader, target_writer = await asyncio.open_connection(*self._target)
        except (OSError, TimeoutError) as error:
            # The client sees a closed connection, as it would without the tap.
            _log.info("nobody answers at %s:%s: %s", *self._target, error)
            await _close(writer)
            return
        try:
            # Each direction ends by itself: a half-closed connection stays usable the other way.
            async with asyncio.TaskGroup() as both_ways:
                both_ways.create_task(_pump(reader, target_writer))
                both_ways.create_task(_pump(target_reader, writer))
            await asyncio.gather(_close(writer), _close(target_writer))
        except* ConnectionError as errors:
            _log.info("a connection to %s:%s was reset: %s", *self._target, errors.exceptions[0])
            _reset_when_closed(writer)
            _reset_when_closed(target_writer)
        finally:
            # Nothing is left to do after an orderly end. After a reset, or when the tap stops, a
            # peer that does not read must not be waited for.
            writer.transport.abort()
            target_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        # Waits when the receiver is slower than the sender: nothing piles up here.
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def _reset_when_closed(writer: asyncio.StreamWriter) -> None:
    """The other side shall see a reset, too, as it would without the tap."""
    linger = struct.pack("ii", 1, 0) if sys.platform != "win32" else struct.pack("hh", 1, 0)
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
