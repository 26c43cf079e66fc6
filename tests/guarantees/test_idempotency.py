"""Fifty requests with one key place one order."""

import asyncio

from stend.shop.orders.usecases import ListOrders
from tests.conftest import LiveStand
from tests.guarantees.traffic import both_clients
from tests.shop.orders.examples import a_request, fresh_customer


async def test_fifty_parallel_requests_with_one_key_over_both_protocols_place_one_order(
    live_stand: LiveStand,
) -> None:
    request = a_request()
    async with both_clients(live_stand) as clients:
        replies = await asyncio.gather(
            *(clients[number % 2].place_order(request) for number in range(50))
        )
        page = (await clients[0].list_orders(ListOrders(request.customer_id))).value
    placed = [reply.value for reply in replies]
    assert len({reply.order.order_id for reply in placed}) == 1
    assert [reply.replayed for reply in placed].count(False) == 1
    assert [order.order_id for order in page.orders] == [placed[0].order.order_id]


async def test_of_fifty_different_requests_with_one_key_one_wins_and_the_others_are_refused(
    live_stand: LiveStand,
) -> None:
    customer = fresh_customer()
    key = a_request().idempotency_key
    async with both_clients(live_stand) as clients:
        replies = await asyncio.gather(
            *(
                clients[number % 2].place_order(
                    a_request(customer_id=f"{customer}{number:02}", idempotency_key=key)
                )
                for number in range(50)
            )
        )
    refusals = [reply for reply in replies if reply.error]
    assert len(refusals) == 49
    assert {reply.error.code for reply in refusals if reply.error} == {"idempotency-key-reused"}
    assert {reply.status for reply in refusals} == {"409 Conflict", "ALREADY_EXISTS"}
