"""SOAP 1.1 and 1.2 over HTTP: binds the use cases to orders.wsdl. The only file with I/O."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.types import ASGIApp

from stend.chassis.access import Caller
from stend.chassis.deadlines import within
from stend.chassis.intake import Intake
from stend.chassis.soap.contract import Contract
from stend.chassis.soap.security import bearer
from stend.chassis.soap.server import SoapApp, SoapCall
from stend.kit.clock import Clock
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.orders.api.dispatch import result_of
from stend.shop.orders.api.soap import translate
from stend.shop.orders.api.soap.faults import FAULTS
from stend.shop.orders.domain import Order, OrderEvent
from stend.shop.orders.usecases import (
    GetOrder,
    Operation,
    Orders,
    OrdersOf,
)

PATH = "/soap/orders"
_PACKAGE = "stend.shop.orders.api.soap"
_WRITES = frozenset({Operation.PLACE_ORDER, Operation.CANCEL_ORDER})


def contract() -> Contract:
    return Contract(_PACKAGE, "orders.wsdl", "orders.xsd")


def create_app(orders: OrdersOf, body_limit_bytes: int, intake: Intake, clock: Clock) -> ASGIApp:
    """
    Args:
        clock: for the Timestamp of WS-Security.
    """
    bound = _Bound(orders, intake, clock)
    return SoapApp(PATH, contract(), FAULTS, body_limit_bytes, bound.perform)


class _Bound:
    def __init__(self, orders_of: OrdersOf, intake: Intake, clock: Clock) -> None:
        self._orders_of = orders_of
        self._intake = intake
        self._clock = clock

    async def perform(self, call: SoapCall) -> str:
        credential = self._credential(call)
        if call.operation.name == translate.GET_ORDER_EVENTS:
            caller = self._intake.open(Operation.TRACK_ORDER, "orders:read", credential)
            wanted = translate.events_request_from(call.message())
            return await self._get_order_events(self._orders_of(caller), wanted)
        operation = Operation(call.operation.name)

        async def work(caller: Caller) -> str:
            request = translate.input_from(operation, call.message())
            result = await result_of(self._orders_of(caller), request)
            return translate.result_to(operation, result)

        scope = "orders:write" if operation in _WRITES else "orders:read"
        return await self._intake.perform(operation, scope, credential, work)

    def _credential(self, call: SoapCall) -> str | None:
        token = bearer(call.security, self._clock.now())
        if token and call.authorization:
            raise StendError(
                EdgeErrorCode.UNAUTHENTICATED,
                "The message names its sender twice.",
                value="Authorization and wsse:BinarySecurityToken",
                expected="one of them",
                next_step="Leave one of them out.",
            )
        return token or call.authorization

    async def _get_order_events(self, orders: Orders, request: translate.GetOrderEvents) -> str:
        """TrackOrder as far as it has come: all that is there, or the first that comes."""
        deadline_s, track = self._intake.deadline_s, request.track
        order = await self._present(orders, track.order_id)
        events: list[OrderEvent] = []
        seen = track.after_version
        if order.is_final and seen >= order.version:
            return translate.events_to(translate.EventBatch((), final=True))
        async with aclosing(orders.track_order(track)) as stream:
            # What is there already comes within the deadline of any read; for what is not, the
            # caller says how long he waits.
            if order.version > seen:
                events.append(await within(deadline_s, anext(stream)))
            elif event := await _next_within(stream, request.wait_s):
                events.append(event)
                order = await self._present(orders, track.order_id)
            while events and events[-1].version < order.version:
                events.append(await within(deadline_s, anext(stream)))
        seen = events[-1].version if events else seen
        final = order.is_final and seen >= order.version
        return translate.events_to(translate.EventBatch(tuple(events), final))

    async def _present(self, orders: Orders, order_id: str) -> Order:
        return await within(self._intake.deadline_s, orders.get_order(GetOrder(order_id)))


async def _next_within(
    stream: AsyncGenerator[OrderEvent, None], wait_s: float
) -> OrderEvent | None:
    try:
        async with asyncio.timeout(wait_s):
            return await anext(stream, None)
    except TimeoutError:
        return None
