"""A consumer of the REST API, written with httpx."""

import time
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx

from stend.chassis.authorities import authorities_for
from stend.chassis.tracing.http_client import HttpClient
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api import messages
from stend.shop.orders.api.reply import Reply, ReplyError
from stend.shop.orders.api.rest import translate
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
_READ_TIMEOUT_S = 10.0
# A silent stream sends a heartbeat well within this time.
_STREAM_TIMEOUT_S = 30.0


class RestClient:
    """The operations of `orders` over HTTP/1.1.

    Args:
        base_url: `http://host:port`, without the path of the API.
        authorization: the header of that name, with every request.
    """

    def __init__(self, base_url: str, authorization: str | None = None) -> None:
        self._http = HttpClient(
            base_url=base_url,
            verify=authorities_for(base_url),
            headers={"Authorization": authorization} if authorization else None,
            timeout=_READ_TIMEOUT_S,
            # A proxy of the environment has no business between two local processes.
            trust_env=False,
        )

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        def placed(response: httpx.Response) -> PlacedOrder:
            replayed = response.headers["Idempotency-Replayed"] == "true"
            return PlacedOrder(_order(response), replayed)

        return await self._call(request, placed)

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return await self._call(request, _order)

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        return await self._call(request, _page)

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        return await self._call(request, _order)

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        """Follows the order over as many connections as it takes, as an EventSource does."""
        seen = request.after_version
        while True:
            started = time.perf_counter()
            wanted = self._request(TrackOrder(request.order_id, seen))
            wanted.extensions["timeout"] = httpx.Timeout(_STREAM_TIMEOUT_S).as_dict()
            try:
                response = await self._http.send(wanted, stream=True)
            except httpx.HTTPError as error:
                yield _failure(error, started)
                return
            try:
                if response.status_code != httpx.codes.OK:
                    await response.aread()
                    if response.status_code != httpx.codes.NO_CONTENT:
                        yield _refusal(response, started)
                    return
                async for event in _events(response):
                    seen = event.version
                    yield _reply(response, started, event, _as_json(event))
            except httpx.HTTPError as error:
                yield _failure(error, started)
                return
            finally:
                await response.aclose()

    async def close(self) -> None:
        await self._http.aclose()

    def _request(self, operation: OperationInput) -> httpx.Request:
        message = translate.request_of(operation)
        return self._http.build_request(
            message.method, message.path, headers=list(message.headers), content=message.body
        )

    async def _call(
        self, operation: OperationInput, result_of: Callable[[httpx.Response], _ResultT]
    ) -> Reply[_ResultT]:
        started = time.perf_counter()
        try:
            response = await self._http.send(self._request(operation))
        except httpx.HTTPError as error:
            return _failure(error, started)
        if not response.is_success:
            return _refusal(response, started)
        return _reply(response, started, result_of(response), response.text)


def _order(response: httpx.Response) -> Order:
    return messages.order_from_json(messages.json_from(response.content))


def _page(response: httpx.Response) -> OrderPage:
    members = messages.json_from(response.content)
    orders = tuple(messages.order_from_json(item) for item in members["items"])
    following = members.get("next")
    cursor = parse_qs(urlsplit(following).query)["cursor"][0] if following else None
    return OrderPage(orders, cursor)


async def _events(response: httpx.Response) -> AsyncGenerator[OrderEvent, None]:
    async for line in response.aiter_lines():
        # This server sends one data line per event; ids and types stand inside it, too.
        if line.startswith("data: "):
            yield messages.event_from_json(messages.json_from(line.removeprefix("data: ")))


def _as_json(event: OrderEvent) -> str:
    return messages.dump(messages.event_to_json(event)).decode()


def _reply(
    response: httpx.Response, started: float, result: _ResultT, body: str
) -> Reply[_ResultT]:
    return Reply(
        status=f"{response.status_code} {response.reason_phrase}",
        headers=tuple(response.headers.multi_items()),
        body=body,
        duration_ms=(time.perf_counter() - started) * 1000,
        result=result,
    )


def _refusal(response: httpx.Response, started: float) -> Reply[Any]:
    return Reply(
        status=f"{response.status_code} {response.reason_phrase}",
        headers=tuple(response.headers.multi_items()),
        body=response.text,
        duration_ms=(time.perf_counter() - started) * 1000,
        error=_error_of(response),
    )


def _error_of(response: httpx.Response) -> ReplyError:
    try:
        problem = messages.json_from(response.content)
        code, detail = problem["code"], problem["detail"]
    except (ValueError, KeyError):
        # Not our service answered but something in between: a proxy, another program on the port.
        said = response.text[:200]
        return ReplyError(EdgeErrorCode.UNAVAILABLE, f"Not a Problem Details answer: {said}", False)
    is_domain = code in set(OrderErrorCode) or code == EdgeErrorCode.INVALID_ARGUMENT
    return ReplyError(code, detail, is_domain, messages.violations_from_json(problem))


def _failure(error: httpx.HTTPError, started: float) -> Reply[Any]:
    timed_out = isinstance(error, httpx.TimeoutException)
    code = EdgeErrorCode.DEADLINE_EXCEEDED if timed_out else EdgeErrorCode.UNAVAILABLE
    detail = str(error) or type(error).__name__
    return Reply(
        status=type(error).__name__,
        headers=(),
        body="",
        duration_ms=(time.perf_counter() - started) * 1000,
        error=ReplyError(code, detail, domain=False),
    )
