"""A TCP relay that counts: every byte between a client and its server, and who spoke after whom."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

_CHUNK_BYTES = 64 * 1024
_HOST = "127.0.0.1"
_DIGITS_OF_ANY_PORT = 5


@dataclass(slots=True, eq=False)
class Conversation:
    """What one connection has carried.

    Attributes:
        up, down: everything from the client and everything from the server, in order.
        round_trips: times that the server spoke after the client.
    """

    up: bytearray = field(default_factory=bytearray)
    down: bytearray = field(default_factory=bytearray)
    round_trips: int = 0
    _client_spoke_last: bool = False

    def add_up(self, chunk: bytes) -> None:
        self.up += chunk
        self._client_spoke_last = True

    def add_down(self, chunk: bytes) -> None:
        self.down += chunk
        self.round_trips += self._client_spoke_last
        self._client_spoke_last = False


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a conversation had come at one moment."""

    up: int = 0
    down: int = 0
    round_trips: int = 0


Marks = Mapping[Conversation, Mark]


class Readdressing(Protocol):
    """Of one connection: puts the relay's address in place of the server's in what comes by.

    Both methods give the bytes that may go on now; none may change how many there are at all.
    """

    def up(self, chunk: bytes) -> bytes: ...

    def down(self, chunk: bytes) -> bytes: ...


class CountingRelay:
    """One listening port and the address behind it.

    Everything that goes by is kept, so it serves a bounded number of exchanges.

    Args:
        readdressing: made for each connection; for a protocol whose server tells its address.
    """

    def __init__(
        self, host: str, port: int, readdressing: Callable[[], Readdressing] | None = None
    ) -> None:
        self.host = _HOST
        self.target_port = port
        self._target = (host, port)
        self._readdressing = readdressing
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.conversations: list[Conversation] = []
        self.port = 0

    async def start(self) -> None:
        """
        Raises:
            OSError: no port is free.
        """
        digits = len(str(self._target[1]))
        if digits >= _DIGITS_OF_ANY_PORT:
            self._server = await asyncio.start_server(self._accept, _HOST, 0)
        else:
            # A port of as many digits: the header Host of HTTP must not get longer.
            self._server = await self._listen(range(10**digits - 1, 10 ** (digits - 1), -1))
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def marks(self) -> Marks:
        return {
            one: Mark(len(one.up), len(one.down), one.round_trips) for one in self.conversations
        }

    async def _listen(self, ports: range) -> asyncio.Server:
        for port in ports:
            with suppress(OSError):
                return await asyncio.start_server(self._accept, _HOST, port)
        raise OSError(f"no port from {ports.stop} to {ports.start} is free")

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._forward(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = Conversation()
        self.conversations.append(conversation)
        moved = self._readdressing() if self._readdressing else None
        writers = [writer]
        try:
            target_reader, target_writer = await asyncio.open_connection(*self._target)
            writers.append(target_writer)
            up = _pump(reader, target_writer, conversation.add_up, moved.up if moved else None)
            down = _pump(
                target_reader, writer, conversation.add_down, moved.down if moved else None
            )
            await _both(up, down)
        except OSError:
            # The client sees a closed connection, as it would without the relay.
            return
        finally:
            for one in writers:
                one.close()


async def _both(up: Awaitable[None], down: Awaitable[None]) -> None:
    """Each direction ends by itself: a half-closed connection stays usable the other way."""
    tasks = [asyncio.ensure_future(up), asyncio.ensure_future(down)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    count: Callable[[bytes], None],
    readdressed: Callable[[bytes], bytes] | None,
) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        count(chunk)
        writer.write(readdressed(chunk) if readdressed else chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
