"""Customers who place orders in parallel, over both protocols, and remember what they were told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import TracebackType

from stend.shop.orders.api.grpc.client import GrpcClient
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.api.rest.client import RestClient
from stend.shop.orders.domain import Order
from stend.shop.orders.usecases import GetOrder
from tests.conftest import LiveStand
from tests.shop.orders.examples import a_request
from tests.waiting import until_async

_CUSTOMERS_PER_PROTOCOL = 4


@contextlib.asynccontextmanager
async def both_clients(stand: LiveStand) -> AsyncIterator[tuple[OrdersClient, OrdersClient]]:
    """REST first, then gRPC."""
    rest, grpc = RestClient(stand.url), GrpcClient(stand.grpc_target)
    try:
        yield rest, grpc
    finally:
        await rest.close()
        await grpc.close()


class Traffic:
    """Places orders from entering to leaving; `accepted` holds each order that was answered."""

    def __init__(self, stand: LiveStand) -> None:
        self._stand = stand
        self.accepted: list[Order] = []
        self._stack = contextlib.AsyncExitStack()
        self._customers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Traffic":
        clients = await self._stack.enter_async_context(both_clients(self._stand))
        self._customers = [
            asyncio.create_task(self._place(client)) for client in clients * _CUSTOMERS_PER_PROTOCOL
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.gather(*self._customers)
        await self._stack.aclose()

    async def has_accepted(self, count: int) -> None:
        await until_async(lambda: len(self.accepted) >= count)

    async def _place(self, client: OrdersClient) -> None:
        # A customer gives up with the first order that is not answered: the stand is gone.
        while (reply := await client.place_order(a_request())).error is None:
            self.accepted.append(reply.value.order)


async def missing(stand: LiveStand, orders: list[Order]) -> list[Order]:
    """Which of these orders the stand does not know any more as they were placed."""
    async with both_clients(stand) as (rest, _):
        found = [(await rest.get_order(GetOrder(one.order_id))).result for one in orders]
    # Sagas move them on meanwhile.
    return [
        order
        for order, known in zip(orders, found, strict=True)
        if known is None or known.as_placed() != order
    ]
