"""The operations as commands, as the one who sends them: over any broker that carries them."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.orders.api import messages
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


@dataclass(frozen=True, slots=True)
class RawReply:
    """A reply as the broker brought it.

    Attributes:
        headers: properties and headers, in order.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes


class Transport(Protocol):
    """Every method raises StendError when no reply comes (UNAVAILABLE, DEADLINE_EXCEEDED …)."""

    async def call(self, request: OperationInput, body: bytes) -> RawReply: ...

    def stream(self, request: OperationInput, body: bytes) -> AsyncGenerator[RawReply, None]: ...

    async def close(self) -> None: ...


class CommandClient:
    """The operations of `orders` as commands of a broker."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        return await self._call(request, messages.placed_order_from_json)

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return await self._call(request, messages.order_from_json)

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        return await self._call(request, messages.page_from_json)

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        return await self._call(request, messages.order_from_json)

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        """Asks again where the service has ended a stream that has no end yet."""
        started = time.perf_counter()
        seen = request.after_version
        while True:
            body = messages.dump(messages.input_to_json(TrackOrder(request.order_id, seen)))
            is_final = False
            try:
                async for raw in self._transport.stream(request, body):
                    members = messages.json_from(raw.body)
                    if not members["ok"]:
                        yield _refusal(raw, members, started)
                        return
                    result = members["result"]
                    if "type" in result:
                        event = messages.event_from_json(result)
                        if event.version <= seen:
                            # A broker may carry a reply twice.
                            continue
                        seen = event.version
                        yield _reply(raw, event, started)
                    else:
                        is_final = result["is_final"]
            except StendError as error:
                yield _failure(error, started)
                return
            if is_final:
                return

    async def close(self) -> None:
        await self._transport.close()

    async def _call(
        self, request: OperationInput, result_of: Callable[[Mapping[str, Any]], _ResultT]
    ) -> Reply[_ResultT]:
        started = time.perf_counter()
        try:
            body = messages.dump(messages.input_to_json(request))
            raw = await self._transport.call(request, body)
        except StendError as error:
            return _failure(error, started)
        members = messages.json_from(raw.body)
        if not members["ok"]:
            return _refusal(raw, members, started)
        return _reply(raw, result_of(members["result"]), started)


def _reply(raw: RawReply, result: _ResultT, started: float) -> Reply[_ResultT]:
    return Reply("ok", raw.headers, raw.body.decode(), _ms_since(started), result)


def _refusal(raw: RawReply, members: Mapping[str, Any], started: float) -> Reply[Any]:
    told = members["error"]
    code = told["code"]
    is_domain = code in set(OrderErrorCode) or code == EdgeErrorCode.INVALID_ARGUMENT
    error = ReplyError(code, told["detail"], is_domain, messages.violations_from_json(told))
    return Reply("refused", raw.headers, raw.body.decode(), _ms_since(started), error=error)


def _failure(error: StendError, started: float) -> Reply[Any]:
    failed = ReplyError(error.code, error.detail, domain=False)
    return Reply("no reply", (), "", _ms_since(started), error=failed)


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
