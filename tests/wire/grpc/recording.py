"""A server of gRPC, a client, and between them a forwarder that keeps what both say."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import grpc.aio

from stend.wire.decoding import Direction

Said = list[tuple[Direction, bytes]]
Handlers: TypeAlias = "dict[str, grpc.RpcMethodHandler[Any, Any]]"


class Forwarder:
    """Listens, connects each caller to `port` and keeps the bytes in the order they came."""

    def __init__(self, port: int) -> None:
        self.said: Said = []
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        there = await asyncio.open_connection("127.0.0.1", self._port)
        # The end of the test cancels it.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                self._pump(Direction.TO_SERVER, reader, there[1]),
                self._pump(Direction.TO_CLIENT, there[0], writer),
            )
        there[1].close()
        writer.close()

    async def _pump(
        self, direction: Direction, source: asyncio.StreamReader, target: asyncio.StreamWriter
    ) -> None:
        while data := await source.read(65536):
            self.said.append((direction, data))
            target.write(data)
            await target.drain()
        target.close()

    async def finish(self) -> None:
        """Let go of all connections: who has an answer has nothing more to say."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def recorded(
    service: str, handlers: Handlers
) -> AsyncIterator[tuple[grpc.aio.Channel, Callable[[], Coroutine[Any, Any, Said]]]]:
    """A channel to a server with these handlers; the second ends it and gives what was said."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    forwarder = Forwarder(port)
    listening = await asyncio.start_server(forwarder.serve, "127.0.0.1", 0)
    address = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    channel = grpc.aio.insecure_channel(address)

    async def ended() -> Said:
        await channel.close()
        await forwarder.finish()
        return forwarder.said

    try:
        yield channel, ended
    finally:
        await channel.close()
        listening.close()
        await server.stop(None)
