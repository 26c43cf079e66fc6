"""A consumer of the WebSocket API, written with `websockets`: many operations, one connection."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from stend.chassis.tracing.recording import carrier, end, entered
from stend.chassis.tracing.rpc import begin_call
from stend.chassis.tracing.spans import Span
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api import messages
from stend.shop.orders.api.reply import Reply, ReplyError
from stend.shop.orders.api.websocket import translate
from stend.shop.orders.domain import Order, OrderErrorCode, OrderEvent
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OperationInput,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)

_ResultT = TypeVar("_ResultT")
_DEADLINE_S = 10.0
_OPEN_TIMEOUT_S = 5.0
# Frames that wait for one operation: an order has eight events in its life, so no bound is needed.
_Frames = asyncio.Queue["tuple[str, Mapping[str, Any]] | ReplyError"]


class WebSocketClient:
    """The operations of `orders` over one WebSocket; a lost connection is made anew.

    Args:
        base_url: `ws://host:port`, without the path of the API.
        authorization: the header Authorization of the handshake.
    """

    def __init__(self, base_url: str, authorization: str | None = None) -> None:
        self._url = base_url + translate.PATH
        self._authorization = authorization
        self._ids = map(str, itertools.count(1))
        self._waiting: dict[str, _Frames] = {}
        self._connecting: asyncio.Task[ClientConnection] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        return await self._call(request, messages.placed_order_from_json)

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return await self._call(request, messages.order_from_json)

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        return await self._call(request, messages.page_from_json)

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        return await self._call(request, messages.order_from_json)

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        started = time.perf_counter()
        frame_id, frames = next(self._ids), _Frames()
        # A stream is left in the middle, perhaps by another task: it is in nobody's hand.
        span = begin_call("websocket", "", "TrackOrder")
        connection = await self._send(frame_id, request, frames, span)
        if isinstance(connection, ReplyError):
            end(span, connection.code)
            yield _failure(connection, started)
            return
        has_ended = False
        try:
            while not has_ended:
                received = await frames.get()
                if isinstance(received, ReplyError):
                    has_ended = True
                    yield _failure(received, started)
                    return
                text, frame = received
                has_ended = frame["type"] != "event"
                if frame["type"] == "error":
                    yield _refusal(connection, text, frame, started)
                elif frame["type"] == "event":
                    event = messages.event_from_json(frame["event"])
                    yield _reply(connection, text, frame, event, started)
        finally:
            end(span)
            self._waiting.pop(frame_id, None)
            if not has_ended:
                with suppress(ConnectionClosed):
                    await connection.send(translate.cancel_frame(frame_id))

    async def close(self) -> None:
        if self._connecting:
            with suppress(WebSocketException, OSError, TimeoutError):
                await (await self._connecting).close()
        if self._reading:
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _call(
        self, request: OperationInput, result_of: Callable[[Mapping[str, Any]], _ResultT]
    ) -> Reply[_ResultT]:
        with entered(begin_call("websocket", "", translate.type_of(request))) as span:
            return await self._asked(request, result_of, span)

    async def _asked(
        self,
        request: OperationInput,
        result_of: Callable[[Mapping[str, Any]], _ResultT],
        span: Span | None,
    ) -> Reply[_ResultT]:
        started = time.perf_counter()
        frame_id, frames = next(self._ids), _Frames()
        try:
            async with asyncio.timeout(_DEADLINE_S):
                connection = await self._send(frame_id, request, frames, span)
                if isinstance(connection, ReplyError):
                    return _failure(connection, started)
                received = await frames.get()
        except TimeoutError:
            late = f"no answer in {_DEADLINE_S:g} s"
            return _failure(ReplyError(EdgeErrorCode.DEADLINE_EXCEEDED, late, False), started)
        finally:
            self._waiting.pop(frame_id, None)
        if isinstance(received, ReplyError):
            return _failure(received, started)
        text, frame = received
        if frame["type"] == "error":
            return _refusal(connection, text, frame, started)
        return _reply(connection, text, frame, result_of(frame["result"]), started)

    async def _send(
        self, frame_id: str, request: OperationInput, frames: _Frames, span: Span | None
    ) -> ClientConnection | ReplyError:
        try:
            connection = await self._connection()
            self._waiting[frame_id] = frames
            frame = translate.request_frame(frame_id, request, carrier(span))
            await connection.send(frame)
        except InvalidStatus as error:
            return _error_of_body(error.response.body)
        except (WebSocketException, OSError) as error:
            detail = str(error) or type(error).__name__
            return ReplyError(EdgeErrorCode.UNAVAILABLE, detail, False)
        return connection

    async def _connection(self) -> ClientConnection:
        """The one connection, made by whoever comes first."""
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
        connecting = self._connecting
        try:
            # Who goes away must not take the connection from those who wait for it, too.
            return await asyncio.shield(connecting)
        except BaseException:
            if connecting.done() and self._connecting is connecting:
                self._connecting = None
            raise

    async def _connect(self) -> ClientConnection:
        # No context: many operations go over the connection, and each frame carries its own.
        headers = {"Authorization": self._authorization} if self._authorization else None
        connection = await connect(
            self._url,
            subprotocols=[Subprotocol(translate.SUBPROTOCOL)],
            additional_headers=headers,
            open_timeout=_OPEN_TIMEOUT_S,
            # A proxy of the environment has no business between two local processes.
            proxy=None,
        )
        self._reading = asyncio.create_task(self._read(connection))
        return connection

    async def _read(self, connection: ClientConnection) -> None:
        """Hands each frame to the operation that waits for it."""
        reason = "the connection was closed"
        try:
            async for text in connection:
                frame = messages.json_from(text)
                if waiting := self._waiting.get(frame["id"] or ""):
                    waiting.put_nowait((str(text), frame))
        except ConnectionClosed as error:
            reason = str(error)
        finally:
            self._connecting = None
            lost = ReplyError(EdgeErrorCode.UNAVAILABLE, reason, False)
            for waiting in self._waiting.values():
                waiting.put_nowait(lost)


def _reply(
    connection: ClientConnection,
    text: str,
    frame: Mapping[str, Any],
    result: _ResultT,
    started: float,
) -> Reply[_ResultT]:
    return Reply(frame["type"], _headers(connection), text, _ms_since(started), result)


def _refusal(
    connection: ClientConnection, text: str, frame: Mapping[str, Any], started: float
) -> Reply[Any]:
    error = _error_of(frame["error"])
    return Reply("error", _headers(connection), text, _ms_since(started), error=error)


def _failure(error: ReplyError, started: float) -> Reply[Any]:
    return Reply("no answer", (), "", _ms_since(started), error=error)


def _error_of(members: Mapping[str, Any]) -> ReplyError:
    code = members["code"]
    is_domain = code in set(OrderErrorCode) or code == EdgeErrorCode.INVALID_ARGUMENT
    return ReplyError(code, members["detail"], is_domain, messages.violations_from_json(members))


def _error_of_body(body: bytes | bytearray | None) -> ReplyError:
    """Of a handshake that was refused with a Problem Details object."""
    try:
        return _error_of(messages.json_from(bytes(body or b"")))
    except (ValueError, KeyError):
        said = (body or b"")[:200].decode("utf-8", "replace")
        return ReplyError(EdgeErrorCode.UNAVAILABLE, f"Not a Problem Details answer: {said}", False)


def _headers(connection: ClientConnection) -> tuple[tuple[str, str], ...]:
    response = connection.response
    return tuple(response.headers.raw_items()) if response else ()


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
