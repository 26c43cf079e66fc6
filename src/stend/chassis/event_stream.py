"""Server-Sent Events over ASGI: heartbeats, a time to live, and no patience with who never reads.

Source: HTML Living Standard, section 9.2, "Server-sent events".
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from stend.kit.errors import StendError

_log = logging.getLogger("stend.event_stream")
MEDIA_TYPE = "text/event-stream"
_RETRY = b"retry: 1000\n\n"
_HEARTBEAT = b": still here\n\n"


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """
    Attributes:
        heartbeat_s: a comment goes out on a silent stream this often, so that proxies keep it.
        stream_s: a stream is closed after this time; the client comes back by itself.
        stall_s: a reader who takes nothing for so long is cut.
    """

    heartbeat_s: float = 15.0
    stream_s: float = 600.0
    stall_s: float = 5.0


def frame(event_id: int, event: str, data: bytes) -> bytes:
    """
    Args:
        data: JSON, which has no line breaks.
    """
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event_id, event.encode(), data)


class CutStream:
    """A response of parts. Its buffer is one part: the next one is made when the last one was
    taken, and who takes nothing for too long is cut.

    Args:
        parts: bytes of text/event-stream, to the end of the stream.
        stall_s: how long a part may wait for its reader.
        farewell: a last part, for a reader who comes back just then.
    """

    def __init__(self, parts: AsyncGenerator[bytes, None], stall_s: float, farewell: bytes) -> None:
        self._parts = parts
        self._stall_s = stall_s
        self._farewell = farewell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            sent, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
        # A connection that is gone is no news; whatever else ends a stream is a bug.
        if isinstance(sent, Exception) and not isinstance(sent, OSError):
            _log.error("a stream was interrupted", exc_info=sent)

    async def _send_all(self, send: Send) -> None:
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"cache-control", b"no-store"),
            # NGINX would wait for more before it passes a frame on.
            (b"x-accel-buffering", b"no"),
        ]
        try:
            async with aclosing(self._parts) as parts:
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                async for part in parts:
                    await self._send(send, part, more=True)
            await self._send(send, b"", more=False)
        except TimeoutError:
            _log.info("a stream was cut: nothing was read for %g s", self._stall_s)
            try:
                # A reader who comes back within this time still reads why it was cut.
                await self._send(send, self._farewell, more=False)
            except TimeoutError:
                return

    async def _send(self, send: Send, part: bytes, *, more: bool) -> None:
        async with asyncio.timeout(self._stall_s):
            await send({"type": "http.response.body", "body": part, "more_body": more})


class EventStream:
    """A response with heartbeats, which ends after some time.

    Args:
        frames: the events.
    """

    def __init__(self, frames: AsyncGenerator[bytes, None], limits: StreamLimits) -> None:
        self._frames = frames
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = CutStream(self._parts(), self._limits.stall_s, self._farewell())
        await stream(scope, receive, send)

    def _farewell(self) -> bytes:
        reason = f"nothing was read for {self._limits.stall_s:g} s; come back with Last-Event-ID"
        return b"event: cut\ndata: %s\n\n" % to_json({"code": "slow-reader", "detail": reason})

    async def _parts(self) -> AsyncGenerator[bytes, None]:
        """Frames, heartbeats in the silence between them, then the end."""
        clock = asyncio.get_running_loop().time
        closes_at = clock() + self._limits.stream_s
        yield _RETRY
        async with aclosing(self._frames) as frames:
            upcoming = asyncio.ensure_future(anext(frames, None))
            try:
                while (left_s := closes_at - clock()) > 0:
                    await asyncio.wait({upcoming}, timeout=min(self._limits.heartbeat_s, left_s))
                    if not upcoming.done():
                        yield _HEARTBEAT
                        continue
                    if (part := upcoming.result()) is None:
                        return
                    yield part
                    upcoming = asyncio.ensure_future(anext(frames, None))
            except StendError as error:
                # The status line is long gone; the client comes back and hears the reason.
                _log.warning("a stream ended early: %s", error.detail)
            finally:
                upcoming.cancel()
                await asyncio.wait({upcoming})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
