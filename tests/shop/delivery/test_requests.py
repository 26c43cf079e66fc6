"""Assigning, cancelling and reading: once per order, in whichever order messages arrive."""

import asyncio
from collections import Counter
from itertools import pairwise

import grpc.aio
import pytest

from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from tests.shop.delivery.calling import HOME, LIFE, SD, Calls, code_of, fresh_order, until_final
from tests.shop.delivery.conftest import StartService

UNKNOWN = "ord_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"


async def test_an_order_is_assigned_picked_up_and_delivered(calls: Calls) -> None:
    order_id = fresh_order()
    assigned = await calls.assign(order_id)
    assert assigned.status == SD.DELIVERY_STATUS_ASSIGNED
    assert not assigned.replayed
    events = await until_final(calls, order_id)
    assert [event.status for event in events] == LIFE
    moments = [event.occurred_at.ToDatetime() for event in events]
    assert all(one < other for one, other in pairwise(moments))
    assert {event.courier.courier_id for event in events} == {assigned.courier.courier_id}
    delivered = await calls.get(order_id)
    assert delivered.delivery_id == assigned.delivery_id
    assert delivered.eta == assigned.eta == events[-1].occurred_at
    assert delivered.address == HOME
    assert all(not one.active_order_ids for one in (await calls.couriers()).values())


async def test_by_default_an_order_is_at_the_door_in_seconds(start: StartService) -> None:
    _, calls = await start(time_scale=80.0)
    houses = [pb.Address(city="Москва", street="Садовая", house=str(one)) for one in range(15)]
    seconds = []
    for house in houses:
        request = pb.AssignCourierRequest(order_id=fresh_order(), address=house)
        answer = await calls.unary("AssignCourier", request, pb.AssignCourierResponse)
        assigned_at = (await calls.get(request.order_id)).assigned_at.ToDatetime()
        seconds.append((answer.eta.ToDatetime() - assigned_at).total_seconds())
    assert 4 <= sorted(seconds)[len(seconds) // 2] <= 6
    assert max(seconds) <= 10


async def test_fifty_assignments_at_once_make_one_delivery(start: StartService) -> None:
    both = [(await start(time_scale=0.01))[1] for _ in range(2)]
    order_id = fresh_order()
    answers = await asyncio.gather(*(both[n % 2].assign(order_id) for n in range(50)))
    assert len({answer.delivery_id for answer in answers}) == 1
    assert len({answer.courier.courier_id for answer in answers}) == 1
    assert Counter(answer.replayed for answer in answers) == {True: 49, False: 1}
    states = (await both[0].couriers()).values()
    assert [list(one.active_order_ids) for one in states if one.active_order_ids] == [[order_id]]


async def test_orders_are_spread_until_nobody_has_a_hand_free(start: StartService) -> None:
    one, other = [(await start(time_scale=0.01, orders_per_courier=2))[1] for _ in range(2)]
    orders = [fresh_order() for _ in range(40)]
    await asyncio.gather(
        *((one, other)[n % 2].assign(order_id) for n, order_id in enumerate(orders))
    )
    queues = [list(state.active_order_ids) for state in (await one.couriers()).values()]
    assert [len(queue) for queue in queues] == [2] * 20
    assert sorted(one for queue in queues for one in queue) == sorted(orders)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await one.assign(fresh_order())
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert code_of(caught.value) == "no-courier-available"
    # An order that has its courier is still answered.
    assert (await one.assign(orders[0])).replayed


async def test_the_same_order_with_another_address_is_a_conflict(slow: Calls) -> None:
    order_id = fresh_order()
    await slow.assign(order_id)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.assign(order_id, address=pb.Address(house="8"))
    assert code_of(caught.value) == "assignment-conflict"


async def test_the_store_that_was_asked_for_packs_the_order(slow: Calls) -> None:
    order_id = fresh_order()
    assert (await slow.assign(order_id, store_id="sto_rechnaya")).store_id == "sto_rechnaya"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.assign(fresh_order(), store_id="sto_nowhere")
    assert code_of(caught.value) == "store-unknown"


async def test_a_cancelled_order_frees_its_courier_and_stays_cancelled(slow: Calls) -> None:
    order_id = fresh_order()
    await slow.assign(order_id)
    cancelled = await slow.cancel(order_id, "changed his mind")
    assert cancelled.status == SD.DELIVERY_STATUS_CANCELLED
    assert await slow.cancel(order_id, "again") == cancelled
    assert cancelled.reason == "changed his mind"
    assert all(not one.active_order_ids for one in (await slow.couriers()).values())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.assign(order_id)
    assert code_of(caught.value) == "delivery-state-forbidden"


async def test_a_cancellation_that_came_first_blocks_the_assignment(slow: Calls) -> None:
    order_id = fresh_order()
    buried = await slow.cancel(order_id, "no money")
    assert (buried.status, buried.HasField("courier")) == (SD.DELIVERY_STATUS_CANCELLED, False)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.assign(order_id)
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert code_of(caught.value) == "delivery-state-forbidden"
    assert await slow.cancel(order_id) == buried
    assert await slow.get(order_id) == buried


async def test_assignment_and_cancellation_at_once_leave_a_cancelled_order(slow: Calls) -> None:
    orders = [fresh_order() for _ in range(20)]
    pairs = [work for one in orders for work in (slow.assign(one), slow.cancel(one))]
    await asyncio.gather(*pairs, return_exceptions=True)
    statuses = [(await slow.get(order_id)).status for order_id in orders]
    assert set(statuses) == {SD.DELIVERY_STATUS_CANCELLED}
    assert all(not one.active_order_ids for one in (await slow.couriers()).values())


async def test_a_delivered_order_cannot_be_cancelled(calls: Calls) -> None:
    order_id = fresh_order()
    await calls.assign(order_id)
    await until_final(calls, order_id)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await calls.cancel(order_id)
    assert code_of(caught.value) == "delivery-state-forbidden"
    assert (await calls.assign(order_id)).status == SD.DELIVERY_STATUS_DELIVERED


async def test_pages_hold_every_delivery_once(slow: Calls) -> None:
    orders = [fresh_order() for _ in range(7)]
    for order_id in orders:
        await slow.assign(order_id)
    seen, after = [], None
    while True:
        page = await slow.list_page(after=after, limit=3)
        seen += [one.order_id for one in page.deliveries]
        if not page.HasField("next_after"):
            break
        after = page.next_after
    assert seen == orders


async def test_an_order_that_nobody_knows_is_not_found(slow: Calls) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.get(UNKNOWN)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert code_of(caught.value) == "delivery-not-found"


async def test_only_so_many_ended_deliveries_are_kept(start: StartService) -> None:
    _, calls = await start(keep_deliveries=3)
    orders = [fresh_order() for _ in range(5)]
    for order_id in orders:
        await calls.cancel(order_id)
    page = await calls.list_page()
    kept = [one.order_id for one in page.deliveries]
    assert len(kept) == 3
    assert set(kept) < set(orders)
    # What is missing from the list is told from what never was.
    oldest = min(one.updated_at.ToDatetime() for one in page.deliveries)
    assert page.HasField("forgotten_until")
    assert page.forgotten_until.ToDatetime() <= oldest


async def test_nothing_is_forgotten_while_there_is_room(start: StartService) -> None:
    _, calls = await start(keep_deliveries=3)
    for _ in range(3):
        await calls.cancel(fresh_order())
    assert not (await calls.list_page()).HasField("forgotten_until")
