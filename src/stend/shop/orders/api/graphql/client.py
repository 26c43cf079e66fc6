"""A consumer of the GraphQL API, written with httpx and, for the subscription, websockets."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, TypeVar

import httpx
import websockets
from pydantic_core import from_json, to_json
from websockets.asyncio.client import ClientConnection, connect

from stend.chassis.authorities import authorities_for
from stend.chassis.tracing.http_client import HttpClient
from stend.chassis.tracing.recording import carrier, end
from stend.chassis.tracing.rpc import begin_call
from stend.kit.errors import EdgeErrorCode, Violation
from stend.shop.orders.api import messages
from stend.shop.orders.api.graphql import translate
from stend.shop.orders.api.reply import Reply, ReplyError
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
_TIMEOUT_S = 10.0
_PATH = "/graphql"
_SUBPROTOCOL = "graphql-transport-ws"
# Only the first of them tells by its status that a GraphQL service has answered.
_ACCEPT = "application/graphql-response+json, application/json;q=0.9"
_OPERATION_ID = "1"


class GraphqlClient:
    """The operations of `orders` over GraphQL.

    Args:
        base_url: `http://host:port`, without the path of the API.
        credential: for the header Authorization, over HTTP and in the handshake of the WebSocket.
    """

    def __init__(self, base_url: str, credential: str | None = None) -> None:
        self._headers = {"Authorization": credential} if credential else {}
        # trust_env off: a proxy of the environment has no business between two local processes.
        self._http = HttpClient(
            base_url=base_url,
            verify=authorities_for(base_url),
            timeout=_TIMEOUT_S,
            trust_env=False,
            headers={"Accept": _ACCEPT, "Content-Type": "application/json", **self._headers},
        )
        self._socket_url = "ws" + base_url.removeprefix("http") + _PATH

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        return await self._call(request, translate.placed_from)

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return await self._call(request, lambda data: translate.order_from(data["order"]))

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        return await self._call(request, translate.page_from)

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        def cancelled(data: Mapping[str, Any]) -> Order:
            return translate.order_from(data["cancelOrder"]["order"])

        return await self._call(request, cancelled)

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        started = time.perf_counter()
        # A stream is left in the middle, perhaps by another task: the span is in nobody's hand.
        span = begin_call("graphql", "", "TrackOrder")
        try:
            async with connect(
                self._socket_url,
                subprotocols=[websockets.Subprotocol(_SUBPROTOCOL)],
                additional_headers=self._headers,
                open_timeout=_TIMEOUT_S,
                proxy=None,
            ) as socket:
                await _subscribe(socket, request, dict(carrier(span)))
                async for message in socket:
                    reply = _event_reply(message, started)
                    if reply is None:
                        return
                    yield reply
                    if reply.error:
                        return
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            yield _failure(error, started)
        finally:
            end(span)

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(
        self, operation: OperationInput, result_of: Callable[[Mapping[str, Any]], _ResultT]
    ) -> Reply[_ResultT]:
        started = time.perf_counter()
        try:
            response = await self._http.post(
                _PATH, content=to_json(translate.request_of(operation))
            )
        except httpx.HTTPError as error:
            return _failure(error, started)
        answer = _answer_of(response)
        refusal = _error_of(answer, response.text)
        return Reply(
            status=f"{response.status_code} {response.reason_phrase}",
            headers=tuple(response.headers.multi_items()),
            body=response.text,
            duration_ms=(time.perf_counter() - started) * 1000,
            result=None if refusal else result_of(answer["data"]),
            error=refusal,
        )


async def _subscribe(
    socket: ClientConnection, request: TrackOrder, context: Mapping[str, str]
) -> None:
    """The trace context stands in `extensions`: a connection may carry many subscriptions."""
    await socket.send(to_json({"type": "connection_init"}).decode())
    async with asyncio.timeout(_TIMEOUT_S):
        await socket.recv()
    payload = {**translate.request_of(request), **({"extensions": context} if context else {})}
    message = {"id": _OPERATION_ID, "type": "subscribe", "payload": payload}
    await socket.send(to_json(message).decode())


def _event_reply(text: str | bytes, started: float) -> Reply[OrderEvent] | None:
    """None when the subscription is complete."""
    message = from_json(text)
    match message["type"]:
        case "complete":
            return None
        case "error":
            answer: dict[str, Any] = {"errors": message["payload"]}
        case _:
            answer = message.get("payload") or {}
    error = _error_of(answer, str(text))
    return Reply(
        status=message["type"],
        headers=(),
        body=text if isinstance(text, str) else text.decode(),
        duration_ms=(time.perf_counter() - started) * 1000,
        result=None if error else translate.event_from(answer["data"]),
        error=error,
    )


def _answer_of(response: httpx.Response) -> dict[str, Any]:
    try:
        return messages.json_from(response.content)
    except ValueError:
        return {}


def _error_of(answer: Mapping[str, Any], said: str) -> ReplyError | None:
    errors = answer.get("errors")
    if not errors:
        if answer.get("data") is not None:
            return None
        # Not our service answered but something in between: a proxy, another program on the port.
        return ReplyError(EdgeErrorCode.UNAVAILABLE, f"Not a GraphQL answer: {said[:200]}", False)
    extensions = errors[0].get("extensions", {})
    code = extensions.get("code", EdgeErrorCode.INTERNAL)
    is_domain = code in set(OrderErrorCode) or code == EdgeErrorCode.INVALID_ARGUMENT
    violations = tuple(
        Violation(translate.canonical_place(one.where), one.rule)
        for one in messages.violations_from_json(extensions)
    )
    return ReplyError(code, errors[0]["message"], is_domain, violations)


def _failure(error: Exception, started: float) -> Reply[Any]:
    timed_out = isinstance(error, httpx.TimeoutException | TimeoutError)
    code = EdgeErrorCode.DEADLINE_EXCEEDED if timed_out else EdgeErrorCode.UNAVAILABLE
    return Reply(
        status=type(error).__name__,
        headers=(),
        body="",
        duration_ms=(time.perf_counter() - started) * 1000,
        error=ReplyError(code, str(error) or type(error).__name__, domain=False),
    )
