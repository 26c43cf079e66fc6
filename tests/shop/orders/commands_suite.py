"""What a client of either broker must see: the same as over REST, on the same orders.

The folders of the protocols inherit it and bring the fixtures `shop`, `rest` and `client`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from stend.chassis.access import OpenAccess
from stend.chassis.event_stream import StreamLimits
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api.limits import RestLimits
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.api.rest.client import RestClient
from stend.shop.orders.api.rest.server import create_app
from stend.shop.orders.domain import CartLine, OrderEventType, OrderStatus
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, TrackOrder
from tests.fakes.orders import MemoryShop
from tests.fakes.reconciliation import memory_reconciliations
from tests.serving import served
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request, fresh_customer
from tests.waiting import until_async


@asynccontextmanager
async def rest_of(shop: MemoryShop) -> AsyncIterator[RestClient]:
    """The reference protocol on the same orders."""
    limits = RestLimits(5.0, 65_536, stream=StreamLimits(5.0, 30.0))
    intake = Intake("orders", "rest", OpenAccess(), 5)
    app = create_app(
        shop.orders.on_behalf_of, memory_reconciliations().on_behalf_of, limits, intake
    )
    async with served(app) as url:
        client = RestClient(url)
        yield client
        await client.close()


async def deliver(shop: MemoryShop, order_id: str) -> None:
    for status in (
        OrderStatus.RESERVED,
        OrderStatus.PAID,
        OrderStatus.PICKING,
        OrderStatus.ON_THE_WAY,
        OrderStatus.DELIVERED,
    ):
        moved, event = shop.store.orders[order_id].advance(status, shop.clock.now())
        assert await shop.store.save(moved, event)


async def check_gate(reader: OrdersClient, stranger: OrdersClient, shop: MemoryShop) -> None:
    """The service stands behind `ReadersOnly`, and only the first client has the credential."""
    order = (await shop.orders.place_order(a_request())).order
    get, track = GetOrder(order.order_id), TrackOrder(order.order_id)
    assert (await reader.get_order(get)).value == order
    assert (await anext(reader.track_order(track))).value.version == 1
    answers = [
        await reader.place_order(a_request()),
        await reader.cancel_order(CancelOrder(order.order_id)),
        await stranger.get_order(get),
        await stranger.place_order(a_request()),
        await anext(stranger.track_order(track)),
    ]
    assert [one.error and one.error.code for one in answers] == [
        EdgeErrorCode.FORBIDDEN,
        EdgeErrorCode.FORBIDDEN,
        EdgeErrorCode.UNAUTHENTICATED,
        EdgeErrorCode.UNAUTHENTICATED,
        EdgeErrorCode.UNAUTHENTICATED,
    ]
    assert [*shop.store.orders.values()] == [order]


class CommandSuite:
    async def test_every_operation_has_the_result_that_rest_has(
        self, client: OrdersClient, rest: OrdersClient
    ) -> None:
        request = a_request()
        placed = (await client.place_order(request)).value
        assert not placed.replayed
        again = (await rest.place_order(request)).value
        assert (again.order, again.replayed) == (placed.order, True)
        assert (await client.place_order(request)).value == again
        get = GetOrder(placed.order.order_id)
        assert (await client.get_order(get)).value == (await rest.get_order(get)).value
        listing = ListOrders(request.customer_id)
        assert (await client.list_orders(listing)).value == (await rest.list_orders(listing)).value
        cancel = CancelOrder(placed.order.order_id, "передумал", 1)
        cancelled = (await client.cancel_order(cancel)).value
        assert (await rest.cancel_order(replace(cancel, expected_version=None))).value == cancelled
        track = TrackOrder(placed.order.order_id)
        events = [reply.value async for reply in client.track_order(track)]
        assert events == [reply.value async for reply in rest.track_order(track)]

    async def test_every_error_has_the_code_that_rest_has(
        self, client: OrdersClient, rest: OrdersClient
    ) -> None:
        request = a_request()
        order = (await client.place_order(request)).value.order
        bad_lines = (CartLine("milk", 1),)
        for one in (client, rest):
            answers = [
                await one.get_order(GetOrder(UNKNOWN_ORDER)),
                await one.get_order(GetOrder("no id")),
                await one.place_order(a_request(lines=(CartLine("NOPE-999", 1),))),
                await one.place_order(a_request(lines=(CartLine("MILK-001", 0),))),
                await one.place_order(a_request(lines=bad_lines)),
                await one.place_order(a_request(idempotency_key=request.idempotency_key)),
                await one.cancel_order(CancelOrder(order.order_id, None, 7)),
                await anext(one.track_order(TrackOrder(UNKNOWN_ORDER))),
            ]
            errors = [answer.error for answer in answers]
            assert [error and (error.code, error.domain) for error in errors] == [
                ("order-not-found", True),
                ("invalid-argument", True),
                ("sku-unknown", True),
                ("invalid-order", True),
                ("invalid-argument", True),
                ("idempotency-key-reused", True),
                ("version-conflict", True),
                ("order-not-found", True),
            ]
            assert [one.where for one in (answers[4].error or errors[1]).violations] == [  # type: ignore[union-attr]
                "/lines/0/sku"
            ]

    async def test_an_order_is_followed_from_its_past_to_its_end(
        self, client: OrdersClient, shop: MemoryShop
    ) -> None:
        order = (await client.place_order(a_request())).value.order
        stream = client.track_order(TrackOrder(order.order_id))
        assert (await anext(stream)).value.type is OrderEventType.ORDER_PLACED
        await deliver(shop, order.order_id)
        assert [reply.value.version async for reply in stream] == [2, 3, 4, 5, 6]
        late = client.track_order(TrackOrder(order.order_id, 4))
        assert [reply.value.version async for reply in late] == [5, 6]

    async def test_a_stream_that_is_ended_is_asked_for_again_where_it_ended(
        self, client: OrdersClient, shop: MemoryShop
    ) -> None:
        """The server of this suite ends a stream after half a second of waiting."""
        order = (await client.place_order(a_request())).value.order
        stream = client.track_order(TrackOrder(order.order_id))
        assert (await anext(stream)).value.version == 1
        coming = asyncio.ensure_future(anext(stream))
        await until_async(lambda: shop.feed.subscribers == 0)
        await until_async(lambda: shop.feed.subscribers == 1)
        await deliver(shop, order.order_id)
        assert (await coming).value.version == 2
        assert [reply.value.version async for reply in stream] == [3, 4, 5, 6]

    async def test_fifty_at_once_get_each_his_own_reply(self, client: OrdersClient) -> None:
        customers = [fresh_customer() for _ in range(50)]
        placed = await asyncio.gather(
            *(client.place_order(a_request(customer_id=one)) for one in customers)
        )
        assert [one.value.order.customer_id for one in placed] == customers

    async def test_one_key_sent_twenty_times_at_once_places_one_order(
        self, client: OrdersClient, shop: MemoryShop
    ) -> None:
        request = a_request()
        placed = await asyncio.gather(*(client.place_order(request) for _ in range(20)))
        assert len({one.value.order.order_id for one in placed}) == 1
        assert sum(not one.value.replayed for one in placed) == 1
        mine = [one for one in shop.store.orders.values() if one.customer_id == request.customer_id]
        assert len(mine) == 1
