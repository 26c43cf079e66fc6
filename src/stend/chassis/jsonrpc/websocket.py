"""JSON-RPC over one WebSocket: a message is a text frame, calls run side by side.

Pings and the largest frame that is put together at all are the HTTP server's part (RFC 6455,
section 5.5.2); an application behind ASGI sees neither.
"""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from stend.chassis.jsonrpc.dispatching import Call, Dispatcher, Feed
from stend.chassis.jsonrpc.http import credential_of
from stend.chassis.jsonrpc.messages import dump, notification_of
from stend.chassis.tracing.recording import entered
from stend.chassis.tracing.rpc import begin_message
from stend.kit.errors import EdgeErrorCode, StendError, internal, too_large
from stend.kit.json import JsonObject

_log = logging.getLogger("stend.jsonrpc")
# RFC 6455, section 7.4.1; 4000 to 4999 are an application's own.
_UNSUPPORTED_DATA = 1003
_MESSAGE_TOO_BIG = 1009
_SLOW_READER = 4429


async def serve_websocket(
    dispatcher: Dispatcher, scope: Scope, receive: Receive, send: Send
) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await _Connection(dispatcher, credential_of(dict(scope["headers"])), send).run(receive)


class _Connection:
    """Its buffers are bounded: nothing is made for a reader before he took what came before."""

    def __init__(self, dispatcher: Dispatcher, credential: str | None, send: Send) -> None:
        self._dispatcher = dispatcher
        self._credential = credential
        self._send = send
        self._sending = asyncio.Lock()
        self._turns = asyncio.Semaphore(dispatcher.limits.concurrent_calls)
        self._tasks: set[asyncio.Task[None]] = set()
        self._feeds: dict[str, asyncio.Task[None]] = {}
        self._feed_number = 0
        self._waiting = 0
        self._stalled = asyncio.Event()

    async def run(self, receive: Receive) -> None:
        reading = asyncio.create_task(self._read(receive))
        stalled = asyncio.create_task(self._stalled.wait())
        try:
            await asyncio.wait({reading, stalled}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            running = [reading, stalled, *self._tasks]
            for task in running:
                task.cancel()
            read, *_ = await asyncio.gather(*running, return_exceptions=True)
        if isinstance(read, Exception):
            _log.error("a connection was interrupted", exc_info=read)
        if self._stalled.is_set():
            await self._cut()

    async def _read(self, receive: Receive) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            if not await self._take(message):
                return

    async def _cut(self) -> None:
        stall_s = self._dispatcher.limits.stall_s
        _log.info("a connection is cut: nothing was read for %g s", stall_s)
        try:
            # A reader who comes back within this time still reads why it was cut.
            async with asyncio.timeout(stall_s):
                reason = f"nothing was read for {stall_s:g} s; come back and go on"
                await self._close(_SLOW_READER, reason)
        except (TimeoutError, OSError, RuntimeError):
            # RuntimeError is the server's word for a connection that has ended by itself.
            return

    async def _take(self, message: Message) -> bool:
        """Whether the connection goes on."""
        text: str | None = message.get("text")
        if text is None:
            await self._close(_UNSUPPORTED_DATA, "JSON-RPC comes in text frames")
            return False
        limit_bytes = self._dispatcher.limits.message_bytes
        raw = text.encode()
        if len(raw) > limit_bytes:
            await self._write(self._dispatcher.refusal(too_large(len(raw), limit_bytes)))
            await self._close(_MESSAGE_TOO_BIG, f"at most {limit_bytes} bytes")
            return False
        # Not to read on would hold back the peer's pings, too, and end the connection.
        if self._waiting >= self._dispatcher.limits.waiting_messages:
            await self._write(await self._dispatcher.refuse(raw, _overloaded(self._waiting)))
            return True
        self._waiting += 1
        self._start(self._answer(raw))
        return True

    async def _answer(self, raw: bytes) -> None:
        answered = asyncio.Event()
        call = Call(self._credential, _Subscriptions(self, answered))
        try:
            # The contract of JSON-RPC has no place for a context: that of the handshake counts.
            with entered(begin_message("jsonrpc", "", "message", {})):
                async with self._turns:
                    answer = await self._dispatcher.answer(raw, call)
                await self._write(answer)
        finally:
            answered.set()
            self._waiting -= 1

    # ---- subscriptions -------------------------------------------------------------------------

    def subscribe(self, feed: Feed, answered: asyncio.Event) -> str:
        most = self._dispatcher.limits.subscriptions
        if len(self._feeds) >= most:
            raise StendError(
                EdgeErrorCode.OVERLOADED,
                "This connection follows as much as it may.",
                value=f"{len(self._feeds)} subscriptions",
                expected=f"at most {most}",
                next_step="End one of them, or open another connection.",
            )
        self._feed_number += 1
        subscription = f"sub-{self._feed_number}"
        self._feeds[subscription] = self._start(self._follow(subscription, feed, answered))
        return subscription

    def unsubscribe(self, subscription: str) -> bool:
        task = self._feeds.pop(subscription, None)
        if task is None:
            return False
        task.cancel()
        return True

    async def _follow(self, subscription: str, feed: Feed, answered: asyncio.Event) -> None:
        # The caller must have read which subscription this is before anything comes over it.
        await answered.wait()
        ended: JsonObject = {"subscription": subscription}
        try:
            async with aclosing(feed.items) as items:
                async for item in items:
                    event: JsonObject = {"subscription": subscription, "event": item}
                    await self._write(dump(notification_of(feed.event_method, event)))
        except StendError as error:
            ended["error"] = self._dispatcher.error(error)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets an error object
            _log.exception("a subscription failed")
            ended["error"] = self._dispatcher.error(internal())
        finally:
            self._feeds.pop(subscription, None)
        await self._write(dump(notification_of(feed.end_method, ended)))

    # ---- frames --------------------------------------------------------------------------------

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _write(self, text: bytes | None) -> None:
        if text is None:
            return
        async with self._sending:
            try:
                async with asyncio.timeout(self._dispatcher.limits.stall_s):
                    await self._send({"type": "websocket.send", "text": text.decode()})
                return
            except TimeoutError:
                self._stalled.set()
            except OSError:
                # So says uvicorn of a peer that has gone; `run` hears of it, too.
                _log.debug("nobody is there to read an answer")
            # To return would let a source make on and on: `run` ends whoever waits here.
            await asyncio.get_running_loop().create_future()

    async def _close(self, code: int, reason: str) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})


class _Subscriptions:
    """Of one message: what it subscribes to begins when it is answered."""

    def __init__(self, connection: _Connection, answered: asyncio.Event) -> None:
        self._connection = connection
        self._answered = answered

    def add(self, feed: Feed) -> str:
        return self._connection.subscribe(feed, self._answered)

    def end(self, subscription: str) -> bool:
        return self._connection.unsubscribe(subscription)


def _overloaded(waiting: int) -> StendError:
    return StendError(
        EdgeErrorCode.OVERLOADED,
        "This connection has as many messages waiting as it may.",
        value=f"{waiting} messages",
        expected="fewer at once",
        next_step="Wait for an answer before the next request.",
    )
