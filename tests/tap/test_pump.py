"""The tap as a wire: what goes in comes out, in both directions, and nothing piles up."""

import asyncio
import contextlib
import gc
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from stend.tap.pump import Tap
from tests.waiting import until_async

HOST = "127.0.0.1"
# Sockets and streams of both sides hold some; a tap that piles up would take all of it.
_FAR_TOO_MUCH = 256 * 1024 * 1024
_BUFFERS_HOLD = 64 * 1024 * 1024
_CHUNK = b"x" * 256 * 1024

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Behaviour = Callable[[Reader, Writer], Awaitable[None]]


@pytest.fixture
def tap_port() -> int:
    return _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def tapped(port: int, behave: Behaviour) -> AsyncIterator[Tap]:
    """A server that behaves so, behind a tap on this port."""
    serving: dict[asyncio.Task[None], Writer] = {}

    async def guarded(reader: Reader, writer: Writer) -> None:
        with contextlib.suppress(ConnectionError):
            await behave(reader, writer)

    def accept(reader: Reader, writer: Writer) -> None:
        serving[asyncio.ensure_future(guarded(reader, writer))] = writer

    target = await asyncio.start_server(accept, HOST, 0)
    tap = Tap(HOST, port, HOST, target.sockets[0].getsockname()[1])
    await tap.start()
    try:
        yield tap
    finally:
        async with asyncio.timeout(5):
            await tap.stop()
        target.close()
        for task, writer in serving.items():
            task.cancel()
            writer.transport.abort()
        results = await asyncio.gather(*serving, return_exceptions=True)
        assert [one for one in results if isinstance(one, Exception)] == []


async def echo(reader: Reader, writer: Writer) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def answer_after_eof(reader: Reader, writer: Writer) -> None:
    received = await reader.read()
    writer.write(b"got %d" % len(received))
    writer.close()


async def speak_first(reader: Reader, writer: Writer) -> None:
    writer.write(b"hello")
    writer.write_eof()
    assert await reader.read() == b"and you"
    writer.close()


async def reset(reader: Reader, writer: Writer) -> None:
    await reader.read(1)
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def never_read(reader: Reader, writer: Writer) -> None:
    reader._transport.pause_reading()  # type: ignore[attr-defined] # a reader that sleeps
    await asyncio.get_running_loop().create_future()


async def flood(_: Reader, writer: Writer) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            writer.write(_CHUNK)
            await writer.drain()


@pytest_asyncio.fixture
async def connect(tap_port: int) -> AsyncIterator[Callable[[], Awaitable[tuple[Reader, Writer]]]]:
    opened: list[Writer] = []

    async def connecting() -> tuple[Reader, Writer]:
        reader, writer = await asyncio.open_connection(HOST, tap_port)
        opened.append(writer)
        return reader, writer

    yield connecting
    for writer in opened:
        writer.transport.abort()


Connect = Callable[[], Awaitable[tuple[Reader, Writer]]]


async def test_bytes_come_through_whole_both_ways(tap_port: int, connect: Connect) -> None:
    sent = bytes(range(256)) * 40_000
    async with tapped(tap_port, echo):
        reader, writer = await connect()
        got = bytearray()

        async def collect() -> None:
            while data := await reader.read(65_536):
                got.extend(data)

        collecting = asyncio.ensure_future(collect())
        writer.write(sent)
        await writer.drain()
        writer.write_eof()
        await collecting
        assert bytes(got) == sent


async def test_a_half_closed_connection_still_carries_the_answer(
    tap_port: int, connect: Connect
) -> None:
    async with tapped(tap_port, answer_after_eof):
        reader, writer = await connect()
        writer.write(b"12345")
        writer.write_eof()
        assert await reader.read() == b"got 5"


async def test_a_server_that_has_said_all_can_still_be_told_something(
    tap_port: int, connect: Connect
) -> None:
    async with tapped(tap_port, speak_first):
        reader, writer = await connect()
        assert await reader.read() == b"hello"
        writer.write(b"and you")
        writer.write_eof()
        await writer.drain()


async def test_a_reset_is_a_reset_on_the_other_side(tap_port: int, connect: Connect) -> None:
    async with tapped(tap_port, reset):
        reader, writer = await connect()
        writer.write(b"x")
        with pytest.raises(ConnectionResetError):
            await reader.read()


async def test_a_client_that_resets_leaves_the_tap_working(tap_port: int, connect: Connect) -> None:
    async with tapped(tap_port, echo) as tap:
        _, writer = await connect()
        writer.write(b"x")
        await until_async(lambda: len(tap._open) == 1)
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
        await until_async(lambda: len(tap._open) == 0)
        reader, writer = await connect()
        writer.write(b"again")
        assert await reader.readexactly(5) == b"again"


async def _pushed(writer: Writer) -> int:
    """How many bytes fit in until nothing moves any more."""
    pushed = 0
    while pushed < _FAR_TOO_MUCH:
        writer.write(_CHUNK)
        try:
            async with asyncio.timeout(0.5):
                await writer.drain()
        except TimeoutError:
            return pushed
        pushed += len(_CHUNK)
    return pushed


async def test_a_server_that_does_not_read_stops_the_client_and_fills_no_memory(
    tap_port: int, connect: Connect
) -> None:
    async with tapped(tap_port, never_read):
        _, writer = await connect()
        assert await _pushed(writer) < _BUFFERS_HOLD


async def test_a_client_that_does_not_read_stops_the_server(tap_port: int) -> None:
    moved = 0

    async def counting(_: Reader, writer: Writer) -> None:
        nonlocal moved
        moved = await _pushed(writer)

    with socket.socket() as client:
        async with tapped(tap_port, counting):
            client.setblocking(False)
            await asyncio.get_running_loop().sock_connect(client, (HOST, tap_port))
            await until_async(lambda: moved > 0)
            assert moved < _BUFFERS_HOLD


@pytest.mark.parametrize("behave", [never_read, flood], ids=["target-sleeps", "target-floods"])
async def test_stop_does_not_wait_for_a_peer_that_does_not_read(
    tap_port: int, behave: Behaviour
) -> None:
    with socket.socket() as client:
        # Leaving tapped() stops the tap, within five seconds.
        async with tapped(tap_port, behave):
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, (HOST, tap_port))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await loop.sock_sendall(client, b"x" * 32 * 1024 * 1024)


async def test_a_target_that_is_down_closes_the_client_as_it_would_without_the_tap(
    tap_port: int, connect: Connect
) -> None:
    tap = Tap(HOST, tap_port, HOST, _free_port())
    await tap.start()
    reader, _ = await connect()
    assert await reader.read() == b""
    await tap.stop()


async def test_a_target_that_comes_back_is_reached_again(tap_port: int, connect: Connect) -> None:
    target_port = _free_port()
    tap = Tap(HOST, tap_port, HOST, target_port)
    await tap.start()
    reader, _ = await connect()
    assert await reader.read() == b""
    target = await asyncio.start_server(echo, HOST, target_port)
    reader, writer = await connect()
    writer.write(b"there?")
    assert await reader.readexactly(6) == b"there?"
    await tap.stop()
    target.close()


async def test_two_hundred_connections_at_once_each_get_their_own_bytes(
    tap_port: int, connect: Connect
) -> None:
    async with tapped(tap_port, echo) as tap:

        async def talk(number: int) -> bytes:
            reader, writer = await connect()
            writer.write(b"%06d" % number * 1000)
            return await reader.readexactly(6000)

        answers = await asyncio.gather(*(talk(number) for number in range(200)))
        assert answers == [b"%06d" % number * 1000 for number in range(200)]
        assert len(tap._open) == 200


@pytest.mark.parametrize("rounds", range(6))
async def test_stop_ends_whoever_was_let_in_just_before(tap_port: int, rounds: int) -> None:
    async with tapped(tap_port, echo) as tap:
        with socket.create_connection((HOST, tap_port)) as client:
            for _ in range(rounds):
                await asyncio.sleep(0)
            await tap.stop()
            client.settimeout(5)
            with contextlib.suppress(ConnectionResetError):
                assert client.recv(1) == b""
            assert tap.open_count == 0
    # Else the next test is told of a socket that nobody has closed.
    gc.collect()


async def test_stop_ends_open_connections_and_frees_the_port(
    tap_port: int, connect: Connect
) -> None:
    async with tapped(tap_port, echo) as tap:
        reader, writer = await connect()
        writer.write(b"x")
        assert await reader.readexactly(1) == b"x"
        await tap.stop()
        assert await reader.read() == b""
        with pytest.raises(ConnectionRefusedError):
            await connect()


async def test_a_taken_port_is_an_os_error(tap_port: int) -> None:
    in_use = pytest.raises(OSError, match="address already in use")
    with socket.create_server((HOST, tap_port)), in_use:
        await Tap(HOST, tap_port, HOST, 1).start()


async def test_stop_without_start_is_nothing(tap_port: int) -> None:
    await Tap(HOST, tap_port, HOST, 1).stop()
