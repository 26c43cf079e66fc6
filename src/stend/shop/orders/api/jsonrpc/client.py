"""A consumer of the JSON-RPC API: httpx for calls, websockets for what is sent unasked."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from itertools import count
from typing import Any, TypeVar

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from stend.chassis.authorities import authorities_for
from stend.chassis.tracing.http_client import HttpClient
from stend.chassis.tracing.recording import carrier, end, entered
from stend.chassis.tracing.rpc import begin_call
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api import messages
from stend.shop.orders.api.jsonrpc import translate
from stend.shop.orders.api.reply import Reply, ReplyError
from stend.shop.orders.domain import Order, OrderEvent
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
_Headers = tuple[tuple[str, str], ...]
_TIMEOUT_S = 10.0


class JsonRpcClient:
    """The operations of `orders` over HTTP, and TrackOrder over a WebSocket of its own.

    Args:
        base_url: `http://host:port`, without the path of the API.
        authorization: the header Authorization, or None.
    """

    def __init__(self, base_url: str, authorization: str | None = None) -> None:
        self._headers = {} if authorization is None else {"Authorization": authorization}
        # trust_env off: a proxy of the environment has no business between two local processes.
        self._http = HttpClient(
            base_url=base_url,
            verify=authorities_for(base_url),
            timeout=_TIMEOUT_S,
            trust_env=False,
            headers={**self._headers, "Content-Type": "application/json"},
        )
        self._socket_url = base_url.replace("http", "ws", 1) + translate.PATH
        self._ids = count(1)

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
        # The connection is this stream's own, so its handshake carries the context. A stream is
        # left in the middle, perhaps by another task: the span is in nobody's hand.
        span = begin_call("jsonrpc", "", translate.method_of(request))
        opening = connect(
            self._socket_url,
            additional_headers={**self._headers, **dict(carrier(span))},
            open_timeout=_TIMEOUT_S,
            proxy=None,
        )
        try:
            async with opening as socket:
                replies = self._events(socket, request, _headers_of(socket), started)
                async with aclosing(replies):
                    async for reply in replies:
                        yield reply
        except (OSError, InvalidHandshake, ConnectionClosed, ValueError) as error:
            yield _failure(error, started)
        finally:
            end(span)

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(
        self, operation: OperationInput, result_of: Callable[[Mapping[str, Any]], _ResultT]
    ) -> Reply[_ResultT]:
        started = time.perf_counter()
        request_id = next(self._ids)
        text = translate.call_of(operation, request_id)
        try:
            with entered(begin_call("jsonrpc", "", translate.method_of(operation))):
                response = await self._http.post(translate.PATH, content=text)
            answer = translate.answer_from(response.content, request_id)
        except (httpx.HTTPError, ValueError) as error:
            return _failure(error, started)
        headers = tuple(response.headers.multi_items())
        return _reply(answer, headers, response.text, started, result_of)

    async def _events(
        self, socket: ClientConnection, request: TrackOrder, headers: _Headers, started: float
    ) -> AsyncGenerator[Reply[OrderEvent], None]:
        request_id = next(self._ids)
        # A text frame: what is bytes would go out as a binary one.
        await socket.send(translate.call_of(request, request_id).decode())
        async with asyncio.timeout(_TIMEOUT_S):
            text = await socket.recv()
        answer = translate.answer_from(text, request_id)
        if answer.error:
            yield _reply(answer, headers, _text(text), started, messages.event_from_json)
            return
        # The connection is this stream's own, so every frame from here on belongs to it.
        async for frame in socket:
            notice = translate.notice_from(frame)
            if notice.error:
                ended = translate.Answer(translate.NotificationName.END, error=notice.error)
                yield _reply(ended, headers, _text(frame), started, messages.event_from_json)
            if notice.event is None:
                return
            event = translate.Answer(translate.NotificationName.EVENT, result=notice.event)
            yield _reply(event, headers, _text(frame), started, messages.event_from_json)
        raise ValueError("the connection was closed before the stream ended")


def _headers_of(socket: ClientConnection) -> _Headers:
    return () if socket.response is None else tuple(socket.response.headers.raw_items())


def _text(frame: str | bytes) -> str:
    return frame if isinstance(frame, str) else frame.decode()


def _reply(
    answer: translate.Answer,
    headers: _Headers,
    body: str,
    started: float,
    result_of: Callable[[Mapping[str, Any]], _ResultT],
) -> Reply[_ResultT]:
    return Reply(
        status=answer.status,
        headers=headers,
        body=body,
        duration_ms=(time.perf_counter() - started) * 1000,
        result=None if answer.result is None else result_of(answer.result),
        error=answer.error,
    )


def _failure(error: Exception, started: float) -> Reply[Any]:
    timed_out = isinstance(error, httpx.TimeoutException | TimeoutError)
    code = EdgeErrorCode.DEADLINE_EXCEEDED if timed_out else EdgeErrorCode.UNAVAILABLE
    detail = str(error) or type(error).__name__
    return Reply(
        status=type(error).__name__,
        headers=(),
        body="",
        duration_ms=(time.perf_counter() - started) * 1000,
        error=ReplyError(code, detail, domain=False),
    )
