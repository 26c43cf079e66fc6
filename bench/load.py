"""The one client of every measurement: a fixed number of connections, each with one call at a time.

HTTP is written on raw sockets and gRPC sends ready bytes, so that the client costs little and the
server decides the figure. The server's own CPU time per request is measured beside it: it tells
the truth even where the client is the bottleneck.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import grpc.aio
import psutil

Call = Callable[[], Awaitable[None]]


class Connection(Protocol):
    async def call(self) -> None:
        """One request and its whole answer."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of load gave."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float


class HttpConnection:
    """One keep-alive connection that sends the same request again and again."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> None:
        self._reader, self._writer = reader, writer
        self._request = request

    @classmethod
    async def open(cls, port: int, request: bytes) -> "HttpConnection":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return cls(reader, writer, request)

    async def call(self) -> None:
        self._writer.write(self._request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200") or b'"error' in body[:200]:
            raise AssertionError(f"not an answer: {head[:200]!r} {body[:400]!r}")

    async def close(self) -> None:
        self._writer.close()


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: bytes, content_type: str, **headers: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


class WebSocketConnection:
    """One WebSocket without compression that sends the same text frame again and again."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: bytes
    ) -> None:
        self._reader, self._writer = reader, writer
        # A mask of zeros is one, too (RFC 6455, section 5.3).
        self._frame = b"\x81" + bytes([0x80 | len(text)]) + bytes(4) + text

    @classmethod
    async def open(
        cls, port: int, path: str, subprotocol: str, text: bytes
    ) -> "WebSocketConnection":
        """
        Args:
            text: shorter than 126 bytes.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [
            f"GET {path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Protocol: {subprotocol}",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise AssertionError(f"no WebSocket: {head[:200]!r}")
        return cls(reader, writer, text)

    async def call(self) -> None:
        self._writer.write(self._frame)
        head = await self._reader.readexactly(4)
        if head[:2] != b"\x81\x7e":
            raise AssertionError(f"not a text frame of 126 bytes or more: {head!r}")
        text = await self._reader.readexactly(int.from_bytes(head[2:]))
        if b'"error' in text[:200]:
            raise AssertionError(f"not an answer: {text[:400]!r}")

    async def close(self) -> None:
        self._writer.close()


class GrpcConnection:
    """One channel; the request is ready bytes and the answer stays bytes."""

    def __init__(self, port: int, method: str, request: bytes) -> None:
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]
        self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options)
        self._method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(
            method
        )
        self._request = request

    async def call(self) -> None:
        if not await self._method(self._request):
            raise AssertionError("an empty answer")

    async def close(self) -> None:
        await self._channel.close()


async def measure(
    connections: Sequence[Connection], seconds: float, server: psutil.Process
) -> Load:
    """Runs all connections for `seconds` after a short warm-up."""
    await _run(connections, seconds / 4, [])
    latencies: list[float] = []
    cpu_before = server.cpu_times()
    started = time.perf_counter()
    await _run(connections, seconds, latencies)
    elapsed = time.perf_counter() - started
    cpu_after = server.cpu_times()
    cpu_s = cpu_after.user + cpu_after.system - cpu_before.user - cpu_before.system
    latencies.sort()
    return Load(
        requests_per_s=len(latencies) / elapsed,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1000,
        server_cpu_us=cpu_s / len(latencies) * 1e6,
    )


async def _run(connections: Sequence[Connection], seconds: float, latencies: list[float]) -> None:
    ends_at = time.perf_counter() + seconds

    async def repeat(call: Call) -> None:
        while (begun := time.perf_counter()) < ends_at:
            await call()
            latencies.append(time.perf_counter() - begun)

    async with asyncio.TaskGroup() as group:
        for connection in connections:
            group.create_task(repeat(connection.call))
